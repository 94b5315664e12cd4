"""Every call to the system on an output fails once: the run ends with a code, a message that names
file and reason, and leaves nothing that looks complete and is not. All kinds of faults are in
long_faults.py."""

import faults
from megalif import section, simulation

# More than a chunk of rows and drawn values in one population, less in the other; counts, a trace.
CONFIG = (simulation(duration="20 ms", seed=7)
          + section("population.exc", size=66000, I_e="700 pA", V_m="uniform(-70 mV, -56 mV)")
          + section("population.inh", size=1000, I_e="normal(600 pA, 10 pA)")
          + section("record.c", population="inh", what="counts")
          + section("record.v", population="all", what="V_m", neurons="0:500"))


class Sweep:
    """One config in a folder: what an undisturbed run leaves, and whether a disturbed one is
    fine."""

    def __init__(self, folder, config, *arguments):
        self.folder, self.ini = folder / "out", folder / "sweep.ini"
        self.folder.mkdir()
        self.ini.write_text(config)
        self.arguments = ["run", self.ini, "-o", "x.h5", "-q", "-t", "2", *arguments]
        self.calls = faults.calls_of(self.folder, folder / "log", *self.arguments)
        self.complete = {name: faults.contents(self.folder / name)
                         for name in faults.left_in(self.folder)}
        assert "x.h5" in self.complete

    def clear(self):
        for name in faults.left_in(self.folder):
            (self.folder / name).unlink()

    def judge(self, done, call, kind):
        """What is wrong with a run in which one call failed; None when nothing is."""
        left = faults.left_in(self.folder)
        if done.returncode != 3:
            return f"exit code {done.returncode}: {done.stderr}"
        if "megalif: error: " not in done.stderr or faults.REASONS[kind] not in done.stderr:
            return f"no reason in: {done.stderr}"
        said = done.stderr.replace("could not", "cannot")
        if "cannot " not in said or not any(name in said for name in self.complete):
            return f"no file or no operation in: {done.stderr}"
        if "x.h5" in left and "is written, but" not in done.stderr:
            return f"x.h5 is left although: {done.stderr}"
        for name in left:
            if name not in self.complete and call != "unlink":
                return f"{name} is left: {done.stderr}"
            if name in self.complete and faults.differ(self.folder / name, self.complete[name]):
                return f"{name} is left and not complete: {done.stderr}"
        return None

    def run(self, kinds, tally, stays=False):
        for call, at, kind in faults.faults_of(self.calls, kinds):
            self.clear()
            done = faults.megalif(self.folder, *self.arguments, call=call, at=at, kind=kind,
                                  stays=stays)
            tally.add(call, kind, self.judge(done, call, kind), f"{at}{' and on' * stays}")


def test_every_call_fails_once(tmp_path):
    sweep, tally = Sweep(tmp_path, CONFIG), faults.Tally()
    assert len(sweep.calls) > 30 and {"fsync", "rename", "close", "pwrite"} <= {
        name for name, _ in sweep.calls}
    sweep.run(["ENOSPC"], tally)
    tally.close()


def test_short_writes_are_no_fault(tmp_path):
    """A write that says it did half of it is gone on with."""
    sweep = Sweep(tmp_path, CONFIG)
    writes = sum(name == "pwrite" for name, _ in sweep.calls)
    for at in range(1, writes + 1, 4):
        sweep.clear()
        done = faults.megalif(sweep.folder, *sweep.arguments, call="pwrite", at=at, kind="short")
        assert done.returncode == 0
        assert not faults.differ(sweep.folder / "x.h5", sweep.complete["x.h5"])


def test_the_fault_is_there(tmp_path):
    """The machinery itself: without a fault nothing changes, with one the log ends there."""
    sweep = Sweep(tmp_path, CONFIG)
    assert sweep.calls[-1][1] == "." and ("rename", "x.h5") in sweep.calls
    sweep.clear()
    log = tmp_path / "second"
    done = faults.megalif(sweep.folder, *sweep.arguments, call="any", at=10, kind="kill", log=log)
    assert done.returncode == -9 and len(log.read_text().splitlines()) == 10
