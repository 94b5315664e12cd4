"""What a random network must keep, however it is computed: one digest, and files that say the same
in every dataset and attribute but those about how the run went."""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import ranks
from faults import contents
from megalif import PROGRAM, ROOT, section, simulation
from random_networks import Network
from random_values import Draw

BUILD = Path(os.environ.get("MEGALIF_BUILD", ROOT / "build"))
STEPPED = Path(__file__).with_name("stepped.py")
ISAS = ("scalar", "avx2", "avx512")
# How synapses are kept is told, and stands in the config that is.
OF_STORAGE = ("config", "storage", "bytes")


def isas():
    """The instruction sets that this machine and this build have."""
    config = simulation(duration="1 ms") + section("population.p", size=1)
    with tempfile.TemporaryDirectory() as folder:
        return [isa for isa in ISAS if subprocess.run(
            [PROGRAM, "run", "-", "-q", "-o", f"{folder}/{isa}.h5", "--isa", isa], input=config,
            text=True, capture_output=True).returncode == 0]


def leaf(key):
    """The name of an attribute or dataset, of those that faults.contents gives."""
    return key[1] if isinstance(key, tuple) else key.split("/")[-1]


class Held:
    """A network and what one thread makes of it in a plain run, with which others are compared."""

    def __init__(self, folder, number, scale="small"):
        self.folder, self.network = Path(folder), Network(number, scale)
        self.draw = Draw(f"ways {scale} {number}")
        self.network.write(folder)
        self.code, self.report = 0, None
        self.expected = self.files(self.run("-t", "1"))

    def why(self, way, what):
        """What a failure says: how to have this network, and its config."""
        return (f"random network {self.network.label}, {way}: {what}\n"
                f"write it with tests/helpers/random_networks.py {self.network.number} FOLDER "
                f"{self.network.label.split()[0]}\n{self.network.text}")

    def environment(self, more):
        library = sorted((BUILD / "install").glob("libmegalif.so.*"))
        return {**os.environ, "PYTHONPATH": str(ROOT / "python"),
                **({"MEGALIF_LIBRARY": str(library[-1])} if library else {}), **more}

    def call(self, *words, codes=(0,), **environment):
        done = subprocess.run(list(map(str, words)), cwd=self.folder, text=True, timeout=600,
                              capture_output=True, env=self.environment(environment))
        assert done.returncode in codes, self.why(words[1:], done.stderr)
        return done

    def run(self, *options, **environment):
        """Writes out*.h5; the way's name. The first run of all says how others must end."""
        first = self.report is None
        done = self.call(PROGRAM, "run", "run.ini", "-o", "out.h5", "--force", "--json", *options,
                         codes=(0, 7) if first else (self.code,), **environment)
        if first:
            self.code, self.report = done.returncode, json.loads(done.stdout)
        return " ".join(map(str, [*options, *(f"{k}={v}" for k, v in environment.items())]))

    def files(self, way):
        """{file: what it says}; they are removed."""
        found = {path.name: contents(path) for path in self.folder.glob("out*.h5")}
        assert found, self.why(way, "there is no file")
        for path in self.folder.glob("out*.h5"):
            path.unlink()
        for path in self.folder.glob("out.h5.checkpoint/*"):
            path.unlink()
        return found

    def same(self, way, without=()):
        """Demands that the files are those of the first run, but for what has such a name."""
        found = self.files(way)
        assert found.keys() == self.expected.keys(), self.why(way, sorted(found))
        for name, expected in self.expected.items():
            told = found[name]
            differ = [str(key) for key in expected.keys() | told.keys()
                      if expected.get(key) != told.get(key) and leaf(key) not in without]
            assert not differ, self.why(way, f"{name} differs in {sorted(differ)}")

    def threads_tiles_and_isas(self, every_isa):
        """Two threads with each instruction set, and with tiles and blocks of any size."""
        for isa in every_isa:
            self.same(self.run("-t", "2", "--isa", isa))
        tile, block = self.draw.pick([128, 256, 1024, 32768]), self.draw.whole(1, 50)
        self.same(self.run("-t", self.draw.whole(1, 3), MEGALIF_TILE=str(tile),
                           MEGALIF_BLOCK=str(block)))

    def storages(self):
        """Each projection kept in each way that it allows."""
        allowed = self.network.storages()
        for i in range(1, max(map(len, allowed.values()), default=0)):
            sets = [word for name, kinds in allowed.items()
                    for word in ("--set", f"{name}.storage={kinds[min(i, len(kinds) - 1)]}")]
            self.same(self.run("-t", "2", *sets), without=OF_STORAGE)

    def cut(self):
        """Stopped by a program at any step, and taken up by another with other threads."""
        step = self.draw.whole(0, self.network.steps)
        self.call(sys.executable, STEPPED, "run.ini", "out.h5", self.draw.whole(1, 2), "cut", step)
        if not (self.folder / "out.h5").exists():
            self.call(PROGRAM, "run", "run.ini", "-o", "out.h5", "--resume", "-q", "-t",
                      self.draw.whole(1, 3), codes=(self.code,),
                      MEGALIF_TILE=str(self.draw.pick([128, 4096])))
        self.same(f"cut at step {step}")

    def pieces(self):
        """Stepped by Python in pieces of any length."""
        pieces = [self.draw.spread(1, self.network.steps) for _ in range(self.draw.whole(1, 6))]
        self.call(sys.executable, STEPPED, "run.ini", "out.h5", "2", "whole", *pieces)
        self.same(f"pieces of {pieces} steps")

    def ranks(self, count, mpi="openmpi"):
        code, _, err = ranks.run(self.folder, count, "run", "run.ini", "-o", "out.h5", "--force",
                                 "-q", "-t", self.draw.whole(1, 2), mpi=mpi)
        assert code == self.code, self.why(f"{count} ranks of {mpi}", err)
        self.same(f"{count} ranks of {mpi}")

    def memory(self):
        """What `check` foresees, and what a run's process had at most, in bytes."""
        done = self.call(PROGRAM, "check", "run.ini", "--json")
        return json.loads(done.stdout)["memory_bytes"], self.report["peak_rss_bytes"]
