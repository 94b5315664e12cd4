"""Models of which ranks must give the files of one process, and the comparison: a large form of
each for long_table.py, a small one for test_table.py."""
import re
import subprocess

import h5py
import numpy as np

import ranks
from edge_files import write_edges
from faults import contents, differ
from megalif import PROGRAM, ROOT, section, simulation

TRACES = (section("record.v", population="cells", what="V_m", neurons="sample(7)",
                  interval="0.7 ms")
          + section("record.rate", population="cells", what="rate", bin_width="5 ms")
          + section("checkpoint", every_model="9 ms"))


def shipped(name, *overrides, more=""):
    """A config of configs/ and what of it is overridden."""
    text = (ROOT / f"configs/{name}.ini").read_text() + "\n" + more
    return text, [word for override in overrides for word in ("--set", override)]


def demo(folder, large):
    sizes = (200000, 50000) if large else (8000, 2000)
    return shipped("demo", f"population.exc.size={sizes[0]}", f"population.inh.size={sizes[1]}",
                   "simulation.duration=150 ms", "input.stimulus.start=50 ms",
                   "input.stimulus.stop=100 ms")


def noise(folder, large):
    """With checkpoints, traces and counts (which the config has)."""
    return shipped("noise", f"population.cells.size={20000 if large else 5000}",
                   "simulation.duration=100 ms", "simulation.warmup=20 ms", more=TRACES)


def brunel(folder, large):
    small = ("population.exc.size=4000", "population.inh.size=1000",
             "projection.exc.indegree=200", "projection.inh.indegree=50",
             "projection.exc.weight=0.5 mV", "projection.inh.weight=-2.5 mV")
    return shipped("brunel", "simulation.duration=60 ms", "simulation.warmup=20 ms",
                   *(() if large else small))


def microcircuit(folder, large):
    """A small column: fewer neurons, and synapses as there are pairs of them."""
    text, overrides = shipped("microcircuit", "simulation.duration=60 ms",
                              "simulation.warmup=20 ms")
    scale = 0.1 if large else 0.06
    for key, power in (("size", 1), ("N", 2)):
        text = re.sub(rf"^({key} += *)(\d+)",
                      lambda found, power=power: f"{found[1]}{round(int(found[2]) * scale**power)}",
                      text, flags=re.MULTILINE)
    return text, overrides


def edges(folder, large):
    """A file of edges, in no order, with delays and weights of their own."""
    draw, size = np.random.default_rng(5), 8000 if large else 5000
    count = 20 * size
    write_edges(folder / "edges.h5", draw.integers(0, size, count), draw.integers(0, size, count),
                name="net", ends=("a", "a"),
                groups={0: {"syn_weight": draw.normal(0, 0.3, count).tolist(),
                            "delay": draw.uniform(0.5, 6, count).tolist()}})
    return (simulation(duration="100 ms", warmup="10 ms")
            + section("population.a", size=size, V_m="uniform(-70 mV, -56 mV)",
                      I_e="normal(390 pA, 30 pA)")
            + section("projection.net", source="a", target="a", rule="file", file="edges.h5")
            + section("record.counts", population="a", what="counts"), [])


MODELS = {function.__name__: function for function in (demo, noise, brunel, microcircuit, edges)}


class Model:
    """A config in a folder of its own, and what one process with one thread, which no MPI has
    launched, makes of it."""

    def __init__(self, folder, name, large):
        self.folder, self.checkpoints = folder, name == "noise"
        text, overrides = MODELS[name](folder, large)
        (folder / "run.ini").write_text(text)
        self.command = ["run", "run.ini", "-q", "--force", *overrides]
        subprocess.run([PROGRAM, *self.command, "-o", "one.h5", "-t", "1"], check=True, cwd=folder)
        self.expected = {path.name.replace("one", "many"): contents(path)
                         for path in folder.glob("one*.h5")}
        self.digest = self.attributes("one.h5", 1, 1)

    def attributes(self, name, count, threads):
        """The digest of a file that so many ranks with so many threads each have written."""
        with h5py.File(self.folder / name) as file:
            run = file["megalif/run"].attrs
            assert (run["ranks"], run["threads"]) == (count, threads), name
            assert file["megalif"].attrs["spikes"] > 1000
            return file["megalif"].attrs["digest"]

    def compare(self, mpi, count, threads, **environment):
        """One digest, and every dataset and attribute the same, but how this run of it went."""
        for path in self.folder.glob("many*.h5"):
            path.unlink()
        code, _, err = ranks.run(self.folder, count, *self.command, "-o", "many.h5", "-t", threads,
                                 mpi=mpi, **environment)
        assert code == 0, err
        assert self.attributes("many.h5", count, threads) == self.digest
        assert {path.name for path in self.folder.glob("many*.h5")} == self.expected.keys()
        for name, expected in self.expected.items():
            assert differ(self.folder / name, expected) == [], name
        assert (self.folder / "many.h5.checkpoint").exists() == self.checkpoints
