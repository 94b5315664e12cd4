"""The power fails at any moment: every checkpoint that was reported as saved is there, and the run
comes to the file of an undisturbed one."""
import os
import random
import re
import shutil
import subprocess

import pytest

import checkpoint_faults
import faults
import power_loss
from megalif import PROGRAM

LIBRARY = faults.BUILD / "tests/preload/record.so"


class Recorded:
    """A run's log, and the moments at which its checkpoints were safe."""

    def __init__(self, folder):
        self.folder, self.ini = folder / "out", folder / "run.ini"
        self.folder.mkdir()
        self.ini.write_text(checkpoint_faults.CONFIG)
        log = folder / "log"
        done = self.run(self.folder, "-q", LD_PRELOAD=str(LIBRARY), RECORD_LOG=str(log),
                        RECORD_FOLDER=os.path.realpath(self.folder))
        assert done.returncode == 0, done.stderr
        self.entries = power_loss.read_log(log)
        self.complete = faults.contents(self.folder / "x.h5")
        checkpoint = os.path.join(os.path.realpath(self.folder), "x.h5.checkpoint/checkpoint")
        self.saved = power_loss.saved_at(self.entries, checkpoint)
        self.step = [8.0, 16.0, 24.0]  # ms; the last is written again when the file is complete

    def run(self, folder, *arguments, **environment):
        return subprocess.run([PROGRAM, "run", self.ini, "-o", "x.h5", "-t", "2", *arguments],
                              cwd=folder, env={**os.environ, **environment}, capture_output=True,
                              text=True, timeout=120)

    def lose_power(self, moment, to, seed, in_order):
        """What is wrong when the power fails after so many entries; None when nothing is."""
        disk = power_loss.Disk(os.path.realpath(self.folder))
        for entry in self.entries[:moment]:
            disk.play(entry)
        shutil.rmtree(to, ignore_errors=True)
        disk.after_power_loss(to, random.Random(seed), in_order)
        if (to / "x.h5").exists() and faults.differ(to / "x.h5", self.complete):
            return "the output has its name and is not complete"
        safe = sum(number <= moment for number in self.saved)
        done = self.run(to, "--resume")
        if done.returncode != 0:
            return f"exit code {done.returncode}: {done.stderr[-500:]}"
        if faults.differ(to / "x.h5", self.complete):
            return "another raster"
        return self.too_early(done.stderr, safe)

    def too_early(self, said, safe):
        if safe == 0:
            return None
        if "starts from the beginning" in said:
            return f"started from the beginning with {safe} checkpoints"
        went_on = re.search(r"(?:went on from|is complete already,) ([0-9.]+) ms", said)
        if not went_on:
            return f"does not say from where it went on: {said[-500:]}"
        if float(went_on.group(1)) < self.step[min(safe, 3) - 1]:
            return f"went on from {went_on.group(1)} ms with {safe} checkpoints"
        return None

    def check(self, moments, to, in_order):
        tally = faults.Tally()
        for moment in moments:
            wrong = self.lose_power(moment, to, moment, in_order)
            tally.add("power", "in order" if in_order else "any", wrong, f"after {moment}")
        tally.close()


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    return Recorded(tmp_path_factory.mktemp("recorded"))


def test_the_log_is_whole(recorded, tmp_path):
    """Played to its end, it gives what the run has left."""
    disk = power_loss.Disk(os.path.realpath(recorded.folder))
    for entry in recorded.entries:
        disk.play(entry)
    for inode in set(disk.names.values()):
        disk.files[inode].sync()
    disk.syncdir("")
    disk.after_power_loss(tmp_path, random.Random(1), True)
    names = faults.left_in(recorded.folder)
    assert faults.left_in(tmp_path) == names and len(names) == 3
    for name in names:
        assert (tmp_path / name).read_bytes() == (recorded.folder / name).read_bytes()
    assert len(recorded.saved) >= 4


@pytest.mark.parametrize("in_order", [True, False])
def test_power_fails(recorded, tmp_path, in_order):
    """Right after each checkpoint, and at some other moments."""
    moments = recorded.saved + list(range(7, len(recorded.entries), 61))
    recorded.check(moments, tmp_path / "found", in_order)
