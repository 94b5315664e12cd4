"""Runs megalif with a call to the system that fails (tests/preload/faults.c), for every call in
turn."""
import collections
import os
import subprocess
from pathlib import Path

import h5py
import numpy as np

from megalif import PROGRAM, ROOT

BUILD = Path(os.environ.get("MEGALIF_BUILD", ROOT / "build"))
LIBRARY = BUILD / "tests/preload/faults.so"
WRITES = ("write", "pwrite")
REASONS = {"ENOSPC": "No space left on device", "EIO": "Input/output error",
           "EFBIG": "File too large", "EROFS": "Read-only file system",
           "torn": "No space left on device"}


def environment(folder, call="none", at=0, kind="ENOSPC", stays=False, log=None):
    """`at`: which of the calls on files below `folder` fails; 0: none."""
    env = {**os.environ, "LD_PRELOAD": str(LIBRARY), "FAULT_FOLDER": str(folder),
           "FAULT_CALL": call, "FAULT_AT": str(at), "FAULT_KIND": kind,
           "FAULT_STAYS": str(int(stays))}
    return {**env, "FAULT_LOG": str(log)} if log else env


def megalif(folder, *arguments, call="none", at=0, kind="ENOSPC", stays=False, log=None, **more):
    env = environment(folder, call, at, kind, stays, log)
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True,
                          cwd=folder, env=env, timeout=120, **more)


def calls_of(folder, log, *arguments):
    """The calls that an undisturbed run makes: a list of (name, path below folder)."""
    done = megalif(folder, *arguments, log=log)
    assert done.returncode == 0, done.stderr
    lines = [line.split(" ", 1) for line in log.read_text().splitlines()]
    return [(name, os.path.relpath(path, folder)) for name, path in lines]


def contents(path):
    """All that a file says but how this run of it went: attributes and datasets by name."""
    found = {}

    def visit(name, thing):
        if name == "megalif/run" or name.startswith("megalif/run/"):
            return
        found.update({(name, key): value if isinstance(value, str) else np.asarray(value).tobytes()
                      for key, value in thing.attrs.items()})
        if isinstance(thing, h5py.Dataset):
            value = thing[()]
            found[name] = value if isinstance(value, bytes) else np.asarray(value).tobytes()

    with h5py.File(path) as file:
        visit("", file)
        file.visititems(visit)
    return found


def differ(path, expected):
    """The names under which a file says something else than `expected`."""
    found = contents(path)
    return sorted(str(name) for name in found.keys() | expected.keys()
                  if found.get(name) != expected.get(name))


def left_in(folder):
    return sorted(str(p.relative_to(folder)) for p in Path(folder).rglob("*") if not p.is_dir())


class Tally:
    """Counts by call and kind; prints a table."""

    def __init__(self):
        self.runs, self.wrong = collections.Counter(), []

    def add(self, call, kind, wrong, about):
        self.runs[call, kind] += 1
        if wrong:
            self.wrong.append(f"{call} {kind} {about}: {wrong}")

    def close(self):
        kinds = sorted({kind for _, kind in self.runs})
        print(f"\n{'call':10}" + "".join(f"{kind:>10}" for kind in kinds))
        for call in sorted({call for call, _ in self.runs}):
            print(f"{call:10}" + "".join(f"{self.runs[call, kind]:10}" for kind in kinds))
        print(f"{sum(self.runs.values())} faults, {len(self.wrong)} of them not as they should be")
        assert not self.wrong, "\n".join(self.wrong)


def faults_of(calls, kinds):
    """(call, which of that name, kind): every call with every kind that it can have."""
    for name, number in collections.Counter(name for name, _ in calls).items():
        for kind in kinds:
            if kind not in ("torn", "short", "torn_kill") or name in WRITES:
                for at in range(1, number + 1):
                    yield name, at, kind
