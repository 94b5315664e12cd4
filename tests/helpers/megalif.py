"""Runs megalif on a config given as text and reads what it wrote, for the tests.

MEGALIF names the program (default: build/megalif). Times of spikes are given as step numbers.
"""
import os
import subprocess
from pathlib import Path

import h5py
import numpy as np

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("MEGALIF", str(ROOT / "build" / "megalif"))


class Result:
    """An output file, read when asked."""

    def __init__(self, path, stderr):
        self.path, self.stderr = path, stderr
        with h5py.File(path) as file:
            self.dt = float(file["megalif"].attrs["dt_ms"])
            self.digest = file["megalif"].attrs["digest"].decode()

    def read(self, name):
        with h5py.File(self.path) as file:
            return file[name][()]

    def attribute(self, name, attribute):
        with h5py.File(self.path) as file:
            value = file[name].attrs[attribute]
            return value.decode() if isinstance(value, bytes) else value

    def populations(self):
        with h5py.File(self.path) as file:
            return list(file["spikes"])

    def spikes(self, population):
        """(steps, ids), as they stand in the file."""
        steps = np.rint(self.read(f"spikes/{population}/timestamps") / self.dt).astype(np.int64)
        return steps, self.read(f"spikes/{population}/node_ids").astype(np.int64)

    def trains(self, population, size):
        """The steps of each neuron's spikes: a list of `size` arrays."""
        steps, ids = self.spikes(population)
        order = np.argsort(ids, kind="stable")
        return np.split(steps[order], np.searchsorted(ids[order], np.arange(1, size)))

    def counts(self, population):
        """A counts recorder's arrays by name: spikes, first, last, interval_sum, ..."""
        with h5py.File(self.path) as file:
            return {key: value[()].astype(np.int64)
                    for key, value in file[f"megalif/counts/{population}"].items()}

    def parameter(self, population, key):
        return self.read(f"megalif/parameters/{population}/{key}")


def run(folder, config, *, name="run", threads=1, sets=()):
    """Runs a config (text) in `folder`, with overrides as of --set; returns its Result."""
    ini, out = Path(folder) / f"{name}.ini", Path(folder) / f"{name}.h5"
    ini.write_text(config)
    words = [word for override in sets for word in ("--set", override)]
    done = subprocess.run([PROGRAM, "run", str(ini), "-o", str(out), "--force", "--quiet",
                           "-t", str(threads), *words], capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0, f"exit code {done.returncode}\n{done.stderr}\n{config}"
    return Result(out, done.stderr)


def simulation(dt="0.1 ms", duration="1 s", seed=42, precision="single", **more):
    keys = {"dt": dt, "duration": duration, "seed": seed, "precision": precision, **more}
    return section("simulation", **keys)


def section(header, **keys):
    """INI text of a section; floats are written so that they read back to the same double."""
    lines = [f"{key} = {value!r}" if isinstance(value, float) else f"{key} = {value}"
             for key, value in keys.items()]
    return "\n".join([f"[{header}]", *lines, "", ""])


# The neuron of NEST's reference runs: rheobase 187.5 pA.
CELL = {"tau_m": "20 ms", "C_m": "250 pF", "E_L": "-65 mV", "V_th": "-50 mV", "V_reset": "-65 mV",
        "t_ref": "2 ms"}


def population(header, size, **keys):
    return section(f"population.{header}", size=size, **{**CELL, **keys})


def counts_only(*names):
    """Recorders for counts and no raster."""
    listed = ", ".join(names)
    return (section("record.counts", population=listed, what="counts")
            + section("record.no_spikes", population=listed, what="spikes", neurons="none"))
