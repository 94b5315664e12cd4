"""Two runs at one place, the first of which stops at the moments when its temporary file could be
taken for one that a killed run has left."""
import os
import signal
import subprocess
import time

import pytest

from faults import environment, left_in
from megalif import PROGRAM, section, simulation

MODEL = simulation(duration="20 ms") + section("population.exc", size=10, I_e="700 pA")


def begin(folder, env=None):
    return subprocess.Popen([PROGRAM, "run", "c.ini", "-o", "x.h5", "-q"], cwd=folder, env=env,
                            stderr=subprocess.PIPE, text=True)


def begin_and_stop(folder, call, at):
    """A run that has stopped before its `at`-th call."""
    first = begin(folder, environment(folder, call, at, "stop"))
    _, status = os.waitpid(first.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    return first


def end(run):
    _, stderr = run.communicate(timeout=100)
    return run.returncode, stderr


# HDF5 opens the new file after us; it is brought to disk after HDF5 has closed it.
@pytest.mark.parametrize("call,at", [("open", 2), ("fsync", 1)])
def test_the_second_is_told_to_wait(tmp_path, call, at):
    (tmp_path / "c.ini").write_text(MODEL)
    first = begin_and_stop(tmp_path, call, at)
    try:
        second = begin(tmp_path)
        time.sleep(0.5)  # it waits two seconds for one that begins at the same moment
    finally:
        first.send_signal(signal.SIGCONT)
    assert end(first) == (0, "")
    code, stderr = end(second)
    told = {6: "another run is writing x.h5.part", 3: "x.h5 exists"}  # 3: slow to begin
    assert told.get(code, "none") in stderr
    assert left_in(tmp_path) == ["c.ini", "x.h5"]
