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
        """It is time when the run is held, too: not while it replaces what is asked for."""
        while True:
            while not is_time():
                assert self.process.poll() is None, self.process.stderr.read()
                time.sleep(0.001)
            time.sleep(0.05)  # HDF5 opens a new file twice
            self.process.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
            if is_time():
                return
            self.process.send_signal(signal.SIGCONT)

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


def has(folder, name):
    """A callable for hold_when: there is such a file in the checkpoint folder."""
    return lambda: bool(list(folder.glob("x.h5.checkpoint/" + name)))


def checkpointed(tmp_path, *more):
    return Run(tmp_path / "gone", "--checkpoint", "--set", "checkpoint.every_model=300 ms", *more)


@pytest.mark.parametrize("remove, missing", [("", ""), ("x.h5.checkpoint", ""),
                                             ("x.h5.checkpoint/segment-000001.h5", "segment-")])
def test_nothing_of_what_is_gone_is_safe(tmp_path, remove, missing):
    run = checkpointed(tmp_path)
    run.hold_when(has(run.folder, "checkpoint.prev"))
    path = run.folder / remove
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    code, stderr = run.end()
    assert code == 3, stderr
    assert missing in stderr and "nothing is saved" in stderr
    assert "safe" not in stderr and "another run" not in stderr


def test_a_run_that_is_stopped_does_not_point_to_what_is_gone(tmp_path):
    run = checkpointed(tmp_path)
    run.hold_when(has(run.folder, "checkpoint.prev"))
    for path in run.folder.glob("x.h5.checkpoint/segment-*.h5"):
        path.unlink()
    run.process.send_signal(signal.SIGTERM)
    code, stderr = run.end()
    assert code == 3 and "go on" not in stderr, stderr


def test_a_removed_checkpoint_is_written_anew(tmp_path):
    """All it speaks of is there: nothing is lost."""
    run = checkpointed(tmp_path)
    run.hold_when(has(run.folder, "checkpoint.prev"))
    for name in ("checkpoint", "checkpoint.prev"):
        (run.folder / "x.h5.checkpoint" / name).unlink(missing_ok=True)
    code, stderr = run.end()
    assert code == 0, stderr
    assert (run.folder / "x.h5.checkpoint" / "checkpoint").exists()


def test_a_run_whose_folder_is_removed_leaves_its_successor_alone(tmp_path):
    first = checkpointed(tmp_path)
    first.hold_when(has(first.folder, "checkpoint.prev"))
    shutil.rmtree(first.folder)
    second = checkpointed(tmp_path)
    written, part = (has(second.folder, "checkpoint" + end) for end in (".prev", ".part"))
    second.hold_when(lambda: written() and not part())  # not amid a checkpoint: both are held
    code, stderr = first.end()
    assert code in (3, 6) and "safe" not in stderr, stderr  # 3 if it was held amid a checkpoint
    code, stderr = second.end()
    assert code == 0, stderr
