"""The blocks of README and docs that are to be typed: fenced ones, and indented ones that begin
with a command."""
import os
import re
import subprocess
import sys

from megalif import PROGRAM, ROOT

PAGES = ["README.md", "CONTRIBUTING.md", "data/README.md", "configs/slurm/README.md",
         "bench/peers/README.md",
         *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").glob("*.md")
                 if path.name != "python-api.md")]  # which is made of docstrings
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$\n?", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(
    r"\$ |--set |# Debian|(?:build/|MEGALIF_\w+=\S* )?megalif(?!:)|\[defaults\]|"
    r"(?:make|mkdir|python3|cc|sbatch|salloc|job=\S*|mpirun|for|chrt|bash)\b")


def blocks(page):
    """[(language, text)]; "" where a fence names none, "typed" of an indented block."""
    text = (ROOT / page).read_text()
    found = FENCED.findall(text)
    for lines in re.findall(r"(?:^(?! ).*\n|\A)((?:    .*\n)+)", FENCED.sub("\n", text), re.M):
        block = re.sub("^    ", "", lines, flags=re.MULTILINE)
        if COMMAND.match(block):
            found.append(("typed", block))
    return found


def block(page, first):
    """The block that begins so."""
    text, = [text for _, text in blocks(page) if text.startswith(first)]
    return text


def place(tmp_path):
    """A folder as the repository's top, with this program and this Python."""
    (tmp_path / "build").mkdir()
    (tmp_path / "build/megalif").symlink_to(PROGRAM)
    for name in ("configs", "data"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/python3").symlink_to(sys.executable)
    return dict(os.environ, PATH=f"{tmp_path / 'bin'}:{os.environ['PATH']}")


def play(kind, text, folder, env):
    command = ["bash", "-euo", "pipefail"] if kind == "sh" else [sys.executable]
    return subprocess.run([*command, "-"], input=text, cwd=folder, env=env, text=True,
                          capture_output=True,
                          timeout=200)
