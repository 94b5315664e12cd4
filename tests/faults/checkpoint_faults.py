"""A checkpointed run whose calls to the system fail, or in which it is killed, one by one; each
time it is resumed, and must come to the file of an undisturbed run."""
import shutil

import faults
from megalif import section, simulation

# Whole chunks in several segments, a population with less than one, noise with a memory, counts.
CONFIG = (simulation(duration="24 ms", seed=7)
          + section("population.exc", size=20000, I_e="2 nA", V_m="uniform(-70 mV, -56 mV)")
          + section("population.inh", size=1000, I_e="normal(600 pA, 10 pA)")
          + section("input.ou", target="inh", type="ou_noise", mean="0 pA", std="50 pA", tau="5 ms")
          + section("record.c", population="inh", what="counts")
          + section("checkpoint", every_wall="inf", every_model="8 ms"))


PREVIOUS = "x.h5.checkpoint/checkpoint.prev"  # may stay where it could not be removed


class Run:
    """The config in a folder, what an undisturbed run leaves there, and the calls it makes."""

    def __init__(self, folder, config=CONFIG, *arguments):
        self.folder, self.ini = folder / "out", folder / "run.ini"
        self.ini.write_text(config)
        self.arguments = ["run", self.ini, "-o", "x.h5", "-q", "-t", "2", *arguments]
        self.clear()
        self.calls = faults.calls_of(self.folder, folder / "log", *self.arguments)
        self.complete = faults.contents(self.folder / "x.h5")
        self.left = faults.left_in(self.folder)

    def clear(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()

    def start(self, *more, **fault):
        return faults.megalif(self.folder, *self.arguments, *more, **fault)

    def incomplete(self):
        """What is wrong with an x.h5 that is there; None when it is complete, or not there."""
        if (self.folder / "x.h5").exists() and faults.differ(self.folder / "x.h5", self.complete):
            return "x.h5 is there and not complete"
        return None

    def resumed(self):
        """What is wrong after resuming until the end; None when nothing is."""
        done = self.start("--resume")
        if done.returncode != 0:
            return f"not resumed, exit code {done.returncode}: {done.stderr}"
        anew = "no checkpoint yet; the run starts from the beginning"
        if done.stderr and anew not in done.stderr:
            return f"resumed with: {done.stderr}"
        if not (self.folder / "x.h5").exists():
            return "no output after resuming"
        left = [name for name in faults.left_in(self.folder) if name != PREVIOUS]
        if left != self.left:
            return f"left after resuming: {left}"
        return self.incomplete()

    def harmless(self, done, call, at):
        """Closing the lock, into which nothing is written, tells nothing."""
        paths = [path for name, path in self.calls if name == "close"]
        return call == "close" and done.returncode == 0 and paths[at - 1].endswith("/lock")

    def fail(self, call, at, kind, stays=False):
        """Fails one call, resumes; what was wrong."""
        self.clear()
        done = self.start(call=call, at=at, kind=kind, stays=stays)
        said = done.stderr.replace("could not", "cannot")
        if self.harmless(done, call, at):
            return self.incomplete()
        if done.returncode != 3:
            return f"exit code {done.returncode}: {done.stderr}"
        if "cannot" not in said or "x.h5" not in said or faults.REASONS[kind] not in said:
            return f"not clear: {done.stderr}"
        return self.incomplete() or self.resumed()

    def kill(self, at, kind):
        self.clear()
        done = self.start(call="any", at=at, kind=kind)
        if done.returncode != -9:
            return f"exit code {done.returncode}, not killed: {done.stderr}"
        return self.incomplete() or self.resumed()
