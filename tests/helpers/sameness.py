"""Runs of which every bit is compared, however they are computed, for the tests."""
import json
import os
import shutil
import subprocess
from pathlib import Path

import h5py
import pytest

from megalif import PROGRAM, ROOT

BUILD = Path(os.environ.get("MEGALIF_BUILD", ROOT / "build"))
PRECISIONS = ["single", "double"]


class Run:
    """A finished run: its report, and the datasets below /spikes as bytes."""

    def __init__(self, folder, config, *arguments, program=(PROGRAM,), precision="single",
                 **environment):
        ini, out = Path(folder) / "run.ini", Path(folder) / "run.h5"
        ini.write_text(config)
        command = [*program, "run", str(ini), "-o", str(out), "--force", "--json", "--set",
                   f"simulation.precision={precision}", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, cwd=folder,
                              env={**os.environ, **environment})
        self.code, self.stderr = done.returncode, done.stderr
        if self.code == 0:
            self.report = json.loads(done.stdout)
            self.digest = self.report["digest"]
            self.spikes = {}
            with h5py.File(out) as file:
                for population in file["spikes"].values():
                    for dataset in population.values():
                        self.spikes[dataset.name] = (dataset.dtype, dataset[()].tobytes())

    def ended(self):
        assert self.code == 0, f"exit code {self.code}\n{self.stderr}"
        return self


def assert_same(reference, run):
    run.ended()
    assert run.digest == reference.digest
    assert run.report["spikes"] == reference.report["spikes"]
    assert run.spikes == reference.spikes


def compiler(program):
    """"gcc" or "clang"."""
    text = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    return "clang" if "clang" in text.lower() else "gcc"


def program_of_the_other_compiler():
    """The program made by the other one of gcc and clang; skips the test where there is none."""
    other = "clang" if compiler(PROGRAM) == "gcc" else "gcc"
    if not shutil.which(other):
        pytest.skip(f"{other} is not installed")
    folder = BUILD / f"sameness-{other}"
    environment = {key: value for key, value in os.environ.items()
                   if key not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "CC", "CXX", "CONFIG")}
    done = subprocess.run(["make", "-j2", f"CC={other}", f"BUILD={folder}",
                           str(folder / "megalif")],
                          cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode != 0 and "omp.h" in done.stderr:
        pytest.skip(f"{other} has no OpenMP here (package libomp-dev)")
    assert done.returncode == 0, done.stderr
    assert compiler(folder / "megalif") == other
    return str(folder / "megalif")
