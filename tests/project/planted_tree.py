"""Where planted_bugs.py plants its bugs."""
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("MEGALIF_BUILD", ROOT / "build"))
SHIMS = sorted(path.name for path in BUILD.glob("libmegalif-*.so"))  # of each MPI that is here


class Tree:
    """A copy of what is needed to build and test, built once and then bug by bug."""

    def __init__(self, folder):
        self.root, self.build = Path(folder) / "tree", Path(folder) / "build"
        self.root.mkdir()
        for name in ("src", "include", "tests", ".ci", "configs", "data"):
            shutil.copytree(ROOT / name, self.root / name,
                            ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "Makefile", self.root)
        self.env = dict(os.environ, MEGALIF=str(self.build / "megalif"),
                        MEGALIF_BUILD=str(self.build), MEGALIF_NO_INSTALL="1",
                        PYTHONDONTWRITEBYTECODE="1")
        for name in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MEGALIF_ISA"):
            self.env.pop(name, None)

    def run(self, command):
        return subprocess.run(command, cwd=self.root, env=self.env, text=True, errors="replace",
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)

    def make(self, tests):
        programs = {self.build / "tests" / t.split("/")[0] for t in tests if ".py::" not in t}
        programs |= {self.build / f"tests/preload/{source.stem}.so"
                     for source in (self.root / "tests/preload").glob("*.c")}
        programs |= {self.build / shim for shim in SHIMS}
        done = self.run(["make", "-j2", f"BUILD={self.build}", str(self.build / "megalif"),
                         *map(str, sorted(programs))])
        assert done.returncode == 0, f"does not build:\n{done.stdout}"

    def place(self, test):
        """tests/FOLDER/test_NAME.py::CASE of test_NAME.py::CASE."""
        file, case = test.split("::", 1)
        found, = self.root.glob(f"tests/*/{file}")
        return f"{found.relative_to(self.root)}::{case}"

    def passes(self, test):
        """True or False; anything but a test that ran and passed or failed is an error."""
        if ".py::" in test:
            done = self.run([sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider",
                             "-c", os.devnull, "--rootdir", str(self.root), self.place(test)])
            ran = done.returncode in (0, 1)
        else:
            program, case = test.split("/")
            done = self.run([str(self.build / "tests" / program), case])
            ran = ("[       OK ]" if done.returncode == 0 else "[  FAILED  ]") in done.stdout
        assert ran, f"{test} did not run:\n{done.stdout}"
        return done.returncode == 0

    def plant(self, replacements):
        """Returns what mends it again: (path, text) of every file touched."""
        before = {}
        for name, old, new in replacements:
            path = self.root / name
            text = path.read_text()
            before.setdefault(path, text)
            assert text.count(old) == 1, f"{name} has {text.count(old)} times: {old}"
            path.write_text(text.replace(old, new))
        return before

    def survivors(self, replacements, tests):
        """The tests that pass although the bug is there."""
        before = {}
        try:
            before = self.plant(replacements)
            self.make(tests)
            return [test for test in tests if self.passes(test)]
        finally:
            for path, text in before.items():
                path.write_text(text)
