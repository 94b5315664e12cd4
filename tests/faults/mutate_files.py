"""Damages files that megalif reads, in thousands of ways, and has every command read them: no
crash, no hang, an exit code that the command's help names.

    python3 tests/faults/mutate_files.py [--seconds N | --number N] [--seed N] [--only I]

The files are real ones: rasters, reports and a table of ours, of this version and with texts as
earlier ones wrote them; SONATA files as h5py writes them; CSV. The environment variable MEGALIF
names the program; best one built with `make CONFIG=asan`. A finding is printed with seed and
number: --seed S --only I repeats it, and leaves its files in ./mutation/out."""
import argparse
import collections
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "helpers"))
import h5py
import numpy as np

from edge_files import write_edges
from megalif import PROGRAM, section, simulation
from spike_files import write_raster

LIMIT = 20  # seconds for one command, a hundred times what it takes on an idle machine
CRASH = 99  # the address sanitizer's exit code, here
SANITIZER = f"exitcode={CRASH}:detect_leaks=0:allocator_may_return_null=1"
ENVIRONMENT = {**os.environ, "ASAN_OPTIONS": SANITIZER, "OMP_NUM_THREADS": "1"}

# what a command may say: its help's exit codes
SPIKES = {"info": (0, 2, 3), "info --json": (0, 2, 3), "info --config": (0, 2, 3),
          "digest": (0, 2, 3), "compare": (0, 1, 2, 3),
          "convert .csv": (0, 2, 3, 4), "convert .h5": (0, 2, 3, 4),
          "plot": (0, 2, 3), "run spikes": (0, 2, 3, 4), "run file": (0, 2, 3, 4)}
REPORT = {"info": (0, 2, 3), "info --json": (0, 2, 3), "digest": (0, 2, 3),
          "compare": (0, 1, 2, 3), "plot": (0, 2, 3)}
EDGES = {"info": (0, 2, 3), "info --json": (0, 2, 3), "digest": (0, 2, 3),
         "run edges": (0, 2, 3, 4)}
NUMBERS = {"run file": (0, 2, 3, 4), "info": (0, 2, 3)}

MODEL = (simulation(duration="60 ms", seed=7)
         + section("population.a", size=40, I_e="normal(500 pA, 50 pA)")
         + section("population.b", size=3)
         + section("record.c", population="a", what="counts")
         + section("record.v", population="a", what="V_m", neurons="0:4"))
EDGED = (simulation(duration="20 ms") + section("population.a", size=40, I_e="500 pA")
         + section("population.b", size=3)
         + section("projection.p", source="a", target="b", rule="fixed_indegree", indegree=30,
                   weight="uniform(1 mV, 2 mV)", delay="uniform(1 ms, 3 ms)"))
SWEEP = (simulation(duration="20 ms") + section("population.a", size=5, I_e="500 pA")
         + "[sweep]\npopulation.a.I_e = values(500 pA; normal(510, 5))\nfiles = none\n")


def megalif(folder, *arguments):
    return subprocess.run([PROGRAM, *map(str, arguments)], cwd=folder, capture_output=True,
                          text=True, errors="replace", timeout=LIMIT, env=ENVIRONMENT)


def older(path, to):
    """A copy with all texts of variable length, as earlier versions wrote them."""
    shutil.copy(path, to)
    with h5py.File(to, "r+") as file:
        def change(name, thing):
            for key, value in list(thing.attrs.items()):
                if isinstance(value, bytes):
                    thing.attrs[key] = value.decode()
        change("", file)
        file.visititems(change)
        text = file["megalif/config"].asstr()[()]
        del file["megalif/config"]
        file["megalif/config"] = text


def make_files(folder):
    """{name: its commands}"""
    (folder / "m.ini").write_text(MODEL)
    (folder / "s.ini").write_text(SWEEP)
    stored = ("--set", "output.compression=none")
    for name, arguments in (("packed.h5", ()), ("stored.h5", stored)):
        done = megalif(folder, "run", "m.ini", "-o", name, "-q", *arguments)
        assert done.returncode == 0, done.stderr
    assert megalif(folder, "sweep", "s.ini", "-q").returncode == 0
    shutil.copy(folder / "s.sweep/table.h5", folder / "table.h5")
    shutil.copy(folder / "s.sweep/table.csv", folder / "table.csv")
    older(folder / "stored.h5", folder / "older.h5")
    older(folder / "packed.v.h5", folder / "older.v.h5")
    spikes = {"exc": [(step, step % 7) for step in range(1, 200)], "inh": [(9, 3)]}
    with h5py.File(folder / "foreign.h5", "w") as file:
        write_raster(file, spikes)
    with h5py.File(folder / "unsorted.h5", "w", libver="latest") as file:
        write_raster(file, {"exc": spikes["exc"][::-1]}, sorting="none")
    with h5py.File(folder / "numbers.h5", "w") as file:
        file.create_dataset("currents", data=np.arange(4000.0).reshape(1000, 4),
                            chunks=(100, 4), compression="gzip")
    assert megalif(folder, "convert", "foreign.h5", "spikes.csv").returncode == 0
    (folder / "e.ini").write_text(EDGED)
    assert megalif(folder, "connections", "e.ini", "-o", "edges.h5").returncode == 0
    assert megalif(folder, "connections", "e.ini", "-o", "edges.csv").returncode == 0
    write_edges(folder / "bmtk.h5", [3, 1, 2, 0] * 50, [1, 2, 0, 0] * 50, group_id=[0, 1] * 100,
                group_index=np.arange(200) // 2, name="p",
                groups={0: {"syn_weight": [1.0] * 100}, 1: {"nsyns": [2] * 100}}, types=3)
    (folder / "types.csv").write_text("edge_type_id syn_weight delay\n3 0.5 1.5\n")
    (folder / "numbers.csv").write_text("pA,other\n"
                                        + "".join(f"{i},{i / 7}\n" for i in range(300)))
    return {"packed.h5": SPIKES, "stored.h5": SPIKES, "older.h5": SPIKES, "foreign.h5": SPIKES,
            "unsorted.h5": SPIKES, "packed.v.h5": REPORT, "older.v.h5": REPORT, "table.h5": REPORT,
            "numbers.h5": NUMBERS, "table.csv": {"plot": (0, 2, 3)}, "numbers.csv": NUMBERS,
            "edges.h5": EDGES, "bmtk.h5": EDGES, "edges.csv": {"run edges": EDGES["run edges"]},
            "types.csv": {"run types": EDGES["run edges"]},
            "spikes.csv": {name: SPIKES[name]
                           for name in ("convert .h5", "run spikes", "run file")}}


def data_of(path):
    """The places of the datasets' values in a file: what HDF5 believes stands elsewhere."""
    places = []
    if path.suffix != ".h5":
        return places
    with h5py.File(path) as file:
        def visit(name, thing):
            if not isinstance(thing, h5py.Dataset) or thing.dtype.kind not in "uif":
                return
            if thing.chunks:
                for i in range(thing.id.get_num_chunks()):
                    chunk = thing.id.get_chunk_info(i)
                    places.append((chunk.byte_offset, chunk.byte_offset + chunk.size))
            elif thing.id.get_offset() is not None:
                places.append((thing.id.get_offset(), thing.id.get_offset() + thing.nbytes))
        file.visititems(visit)
    return places


class Material:
    """One file, and where damage to it is likely to be felt."""

    def __init__(self, path, commands):
        self.name, self.commands, self.bytes = path.name, list(commands.items()), path.read_bytes()
        structure = bytearray(b"\1" * len(self.bytes))
        for begin, end in data_of(path):
            structure[begin:end] = bytes(end - begin)
        self.places = [i for i in range(len(self.bytes)) if structure[i] and self.bytes[i]]

    def place(self, chance):
        """Mostly a byte of the structure that is not 0, or close to one."""
        if chance.random() < 0.1:
            return chance.randrange(len(self.bytes))
        near = chance.choice((0, 0, 0, 0, 1, 2, 7))
        return min(len(self.bytes) - 1, chance.choice(self.places) + near)


def damage(material, chance):
    """(what was done, the bytes)"""
    data, size = bytearray(material.bytes), len(material.bytes)
    how = chance.choices(("byte", "bytes", "word", "run", "swap", "cut"),
                         (50, 15, 15, 8, 6, 6))[0]
    at = material.place(chance)
    if how in ("byte", "bytes"):
        for _ in range(1 if how == "byte" else chance.randrange(2, 9)):
            at = material.place(chance)
            data[at] = chance.choice((0, 1, 0x7f, 0x80, 0xff, data[at] ^ 1 << chance.randrange(8),
                                      (data[at] + 1) % 256, chance.randrange(256)))
    elif how == "word":
        width = chance.choice((2, 4, 8))
        value = chance.choice((0, 1, -1, size, size - 1, 1 << 31, 1 << 63, 1 << 40, at,
                               chance.randrange(size)))
        data[at:at + width] = (value % (1 << 8 * width)).to_bytes(width, "little")
    elif how == "run":
        width = chance.randrange(2, 64)
        data[at:at + width] = chance.choice((bytes(width), b"\xff" * width,
                                             chance.randbytes(width)))
    elif how == "swap":
        width, other = chance.choice((8, 16, 64, 512)), material.place(chance)
        first, second = data[at:at + width], data[other:other + width]
        data[at:at + width], data[other:other + width] = second, first
    else:
        del data[at:]
    return f"{material.name}: {how} at {at} of {size}", bytes(data)


def config_of_input(kind, name, original):
    """A config with an input from the damaged file."""
    foreign = original in ("foreign.h5", "unsorted.h5", "spikes.csv")
    place = {"numbers.h5": {"dataset": "currents"}, "numbers.csv": {"column": "pA"},
             "spikes.csv": {"column": "timestamps"}}.get(original, {"dataset": "megalif/rates/a"})
    keys = ({"weight": "1 mV", "population": "exc" if foreign else "a"} if kind == "spikes"
            else place)
    return (simulation(duration="20 ms") + section("population.n", size=8)
            + section("input.x", target="n", type=kind, file=name, **keys))


def config_of_edges(kind, name, original):
    """A config with a projection from the damaged file, or from one with its types."""
    keys = {"file": "../bmtk.h5", "edge_types": name} if kind == "types" else {"file": name}
    if original == "bmtk.h5":
        keys["edge_types"] = "../types.csv"
    return (EDGED.split("[projection")[0]
            + section("projection.p", source="a", target="b", rule="file", **keys))


def call(folder, name, command, original):
    """Runs a command on a damaged file."""
    first, _, more = command.partition(" ")
    path = f"out/{name}"
    if first == "run":
        make = config_of_edges if more in ("edges", "types") else config_of_input
        (folder / "out/r.ini").write_text(make(more, name, original))
        return megalif(folder, "run", "out/r.ini", "-o", "out/r.h5", "-q", "--force")
    if first == "convert":
        return megalif(folder, "convert", path, "out/c" + more, "--force")
    if first == "compare":
        return megalif(folder, "compare", path, original)
    if first == "plot":
        return megalif(folder, "plot", path, "--csv", "-")
    foreign = first == "digest" and original in ("foreign.h5", "unsorted.h5")
    return megalif(folder, first, path, *more.split(), *(("--dt", "0.1") if foreign else ()))


def fault_of(done, codes):
    """What is wrong with the end of a command; None: nothing."""
    if done is None:
        return f"no end within {LIMIT} s"
    if done.returncode not in codes:
        return f"exit code {done.returncode}: {done.stderr[-3000:]}"
    if done.returncode > 1 and not done.stderr.strip():
        return f"exit code {done.returncode} without a word"
    return None


class Mutations:
    def __init__(self, folder, seed):
        self.folder, self.seed = Path(folder), seed
        (self.folder / "out").mkdir()
        files = make_files(self.folder)
        self.materials = [Material(self.folder / name, commands)
                          for name, commands in files.items()]
        self.codes = collections.Counter()

    def attempt(self, number):
        """Mutation `number` of this seed; what was found, or None."""
        chance = random.Random(f"{self.seed} {number}")
        material = chance.choice(self.materials)
        what, data = damage(material, chance)
        command, codes = chance.choice(material.commands)
        name = "x" + Path(material.name).suffix
        (self.folder / "out" / name).write_bytes(data)
        try:
            done = call(self.folder, name, command, material.name)
        except subprocess.TimeoutExpired:
            done = None
        self.codes[None if done is None else done.returncode] += 1
        fault = fault_of(done, codes)
        return fault and f"seed {self.seed}, number {number}: {command} of {what}: {fault}"


def attempt_all(seed, seconds=None, number=None):
    """Tries mutations for a time, or so many; the findings and how often which exit code came."""
    findings, end, i = [], time.monotonic() + (seconds or 1e9), 0
    with tempfile.TemporaryDirectory(prefix="megalif-mutations-") as folder:
        mutations = Mutations(folder, seed)
        while time.monotonic() < end and (number is None or i < number):
            found = mutations.attempt(i)
            if found:
                findings.append(found)
                print(found, flush=True)
            i += 1
    print(f"seed {seed}: {i} mutations, {len(findings)} findings;"
          f" exit codes {dict(mutations.codes)}")
    return findings, mutations.codes


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--number", type=int)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--only", type=int, metavar="I",
                        help="this one alone; its files stay in ./mutation")
    options = parser.parse_args()
    if options.only is None:
        return 1 if attempt_all(options.seed, options.seconds, options.number)[0] else 0
    Path("mutation").mkdir()
    found = Mutations(Path("mutation").resolve(), options.seed).attempt(options.only)
    print(found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
