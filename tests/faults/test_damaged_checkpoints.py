"""Checkpoints with flipped bits and cut short: the one before is used with a warning, or the run is
refused with exit code 5; never a crash, never another raster."""
import random
import shutil
import subprocess

import pytest

import faults
from megalif import PROGRAM, section, simulation

CONFIG = (simulation(duration="24 ms", seed=7)
          + section("population.exc", size=2000, I_e="3 nA", t_ref="0 ms",
                    tau_m="normal(20 ms, 1 ms)")
          + section("input.ou", target="all", type="ou_noise", mean="0 pA", std="50 pA", tau="5 ms")
          + section("record.c", population="exc", what="counts")
          + section("checkpoint", every_wall="inf", every_model="8 ms"))
NAMES = ("checkpoint", "checkpoint.prev")


def tells_damage(said):
    return said.count("is damaged") + said.count("is no checkpoint of megalif")


class Stopped:
    """A run that was killed when it had two checkpoints."""

    def __init__(self, folder, program=PROGRAM):
        self.program, self.ini, self.kept = program, folder / "x.ini", folder / "kept"
        self.out, self.random = folder / "out", random.Random(5)
        self.ini.write_text(CONFIG)
        self.kept.mkdir()
        whole = folder / "whole"
        whole.mkdir()
        calls = faults.calls_of(whole, folder / "log", "run", self.ini, "-o", "x.h5", "-q")
        self.complete = faults.contents(whole / "x.h5")
        renames = [number for number, call in enumerate(calls, 1)
                   if call == ("rename", "x.h5.checkpoint/checkpoint")]
        done = faults.megalif(self.kept, "run", self.ini, "-o", "x.h5", "-q", call="any",
                              at=renames[1] + 2, kind="kill")
        assert done.returncode == -9
        assert all((self.kept / "x.h5.checkpoint" / name).exists() for name in NAMES)

    def damage(self, name, how):
        path = self.out / "x.h5.checkpoint" / name
        bytes_ = bytearray(path.read_bytes())
        at = self.random.randrange(len(bytes_))
        if self.random.random() < 0.3:  # where the header, the names and the checksums are
            at = self.random.choice((at % 64, len(bytes_) - 1 - at % 3000))
        if how == "flip":
            bytes_[at] ^= 1 << self.random.randrange(8)
        else:
            del bytes_[at:]
        path.write_bytes(bytes_)
        return f"{name}: {how} at {at} of {len(bytes_)}"

    def resume(self):
        return subprocess.run([self.program, "run", self.ini, "-o", "x.h5", "--resume", "-q", "-t",
                               "2"],
                              cwd=self.out, capture_output=True, text=True, timeout=120)

    def check(self, names, how):
        """Damages these checkpoints; what is wrong with what the program makes of it."""
        shutil.rmtree(self.out, ignore_errors=True)
        shutil.copytree(self.kept, self.out)
        about = "; ".join(self.damage(name, how) for name in names)
        done = self.resume()
        said = done.stderr
        if len(names) == 2:
            good = done.returncode == 5 and tells_damage(said) == 2
            good = good and not (self.out / "x.h5").exists()
        else:
            good = done.returncode == 0 and not faults.differ(self.out / "x.h5", self.complete)
            good = good and (names[0] != "checkpoint" or "warning" in said and tells_damage(said))
        return None if good else f"{about}: exit code {done.returncode}: {said}"


def check_all(stopped, times):
    tally = faults.Tally()
    for _ in range(times):
        for how in ("flip", "cut"):
            for names in (("checkpoint",), NAMES):
                tally.add("both" if len(names) == 2 else "one", how, stopped.check(names, how), "")
    tally.close()


def test_flipped_and_cut(tmp_path):
    check_all(Stopped(tmp_path), 5)


NONSENSE = {"nothing": b"", "zeros": b"\0" * 64, "magic": b"MEGALIF\x1a",
            "random": random.Random(1).randbytes(5000)}


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense(tmp_path, name):
    stopped = Stopped(tmp_path)
    shutil.copytree(stopped.kept, stopped.out)
    for file in NAMES:
        (stopped.out / "x.h5.checkpoint" / file).write_bytes(NONSENSE[name])
    done = stopped.resume()
    assert done.returncode == 5 and tells_damage(done.stderr) == 2, done.stderr
