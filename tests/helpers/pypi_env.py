"""Python environments below build/ with what tests/interop/requirements*.txt pin, made once and
re-used.

usage: pypi_env.py [requirements.txt | requirements-newest.txt]   prints the environment's Python
"""
import fcntl
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Unavailable(Exception):
    """The environment cannot be made; the text says why."""


def run(*command):
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        errors = [line for line in done.stdout.splitlines() if "error" in line.lower()]
        raise Unavailable((errors or done.stdout.splitlines() or ["no reason given"])[-1])


def make(folder, requirements):
    shutil.rmtree(folder, ignore_errors=True)
    run(sys.executable, "-m", "venv", str(folder))
    run(str(folder / "bin/python"), "-m", "pip", "install", "--quiet", "--timeout", "20",
        "--retries", "2", "--only-binary", ":all:", "-r", str(requirements))


def python(requirements="requirements.txt"):
    """Path of the environment's Python; raises Unavailable, for example without a network."""
    pins = ROOT / "tests/interop" / requirements
    folder = ROOT / "build" / pins.stem.replace("requirements", "pypi-env")
    stamp = folder / "complete"
    folder.parent.mkdir(exist_ok=True)
    with open(f"{folder}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != pins.read_text():
            make(folder, pins)
            stamp.write_text(pins.read_text())
    return str(folder / "bin/python")


if __name__ == "__main__":
    try:
        print(python(*sys.argv[1:]))
    except Unavailable as reason:
        sys.exit(f"cannot be installed: {reason}")
