"""What a run says whose files are deleted or moved under its hands: what is gone, and of what is
gone never that it is safe or that waiting would help."""
import os
import shutil
import signal
import subprocess
import time

import pytest

from megalif import PROGRAM, section, simulation

MODEL = (simulation(duration="2 s")
         + section("population.exc", size=50000, C_m="250 pF", tau_m="10 ms", E_L="-65 mV",
                   V_th="-50 mV",
                   V_reset="-65 mV", t_ref="2 ms", I_e="linspace(400 pA, 600 pA)"))
TRACE = section("record.v", population="exc", what="V_m", neurons="0")


class Run:
    """A run in a folder of its own, which can be held while others work in it."""

    def __init__(self, folder, *more, model=MODEL):
        self.folder = folder
        folder.mkdir()
        (folder.parent / "c.ini").write_text(model)
        self.process = subprocess.Popen(
            [PROGRAM, "run", str(folder.parent / "c.ini"), "-o", str(folder / "x.h5"), "-q", "-t",
             "1", *more],
            stderr=subprocess.PIPE, text=True, env={**os.environ, "MEGALIF_BLOCK": "10"})

    def hold_when(self, is_time):
        while not is_time():
            assert self.process.poll() is None, self.process.stderr.read()
            time.sleep(0.001)
        time.sleep(0.05)  # HDF5 opens a new file twice
        self.process.send_signal(signal.SIGSTOP)

    def end(self):
        self.process.send_signal(signal.SIGCONT)
        _, stderr = self.process.communicate(timeout=100)
        return self.process.returncode, stderr


@pytest.mark.parametrize("name", ["x.h5.part", "x.v.h5.part"])
@pytest.mark.parametrize("remove", [lambda path: path.unlink(),
                                    lambda path: shutil.rmtree(path.parent),
                                    lambda path: path.parent.rename(
                                        path.parent.with_name("elsewhere"))],
                         ids=["file", "folder", "moved"])
def test_a_deleted_output_is_no_longer_there(tmp_path, name, remove):
    run = Run(tmp_path / "gone", model=MODEL + TRACE)
    run.hold_when((tmp_path / "gone" / "x.v.h5.part").exists)
    remove(tmp_path / "gone" / name)
    code, stderr = run.end()
    assert code == 3, stderr
    assert "x.h5.part is no longer there" in stderr or "x.v.h5.part is no longer there" in stderr
    assert "another run" not in stderr
    assert not list(tmp_path.rglob("*.h5"))
