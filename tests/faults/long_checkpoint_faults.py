"""A checkpointed run, with every call failing in every way, killed at every call, and the same
while it is being resumed; each time it must come to the file of an undisturbed run."""
import shutil

import pytest

import checkpoint_faults
import faults


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return checkpoint_faults.Run(tmp_path_factory.mktemp("run"))


@pytest.mark.parametrize("kind, stays", [("ENOSPC", False), ("EIO", False), ("EFBIG", False),
                                         ("torn", False), ("ENOSPC", True), ("EIO", True)])
def test_every_call_fails(run, kind, stays):
    tally = faults.Tally()
    for call, at, _ in faults.faults_of(run.calls, [kind]):
        tally.add(call, kind, run.fail(call, at, kind, stays), at)
    tally.close()


@pytest.mark.parametrize("kind", ["kill", "torn_kill"])
def test_killed_at_every_call(run, kind):
    tally = faults.Tally()
    for at in range(1, len(run.calls) + 1):
        tally.add("any", kind, run.kill(at, kind), at)
    tally.close()


@pytest.mark.parametrize("kind", ["ENOSPC", "kill", "torn_kill"])
def test_while_it_is_being_resumed(run, tmp_path, kind):
    """Killed in the middle, where two checkpoints and segments are; then the resumed run's
    calls."""
    run.clear()
    middle = len(run.calls) * 2 // 3
    assert run.start(call="any", at=middle, kind="kill").returncode == -9
    names = faults.left_in(run.folder)
    assert any("segment" in name for name in names) and checkpoint_faults.PREVIOUS in names
    stopped = tmp_path / "stopped"
    shutil.copytree(run.folder, stopped)
    done = run.start("--resume", log=tmp_path / "log")
    assert done.returncode == 0
    calls = [line.split()[0] for line in (tmp_path / "log").read_text().splitlines()]
    tally = faults.Tally()
    for at in range(1, len(calls) + 1):
        shutil.rmtree(run.folder)
        shutil.copytree(stopped, run.folder)
        done = run.start("--resume", call="any", at=at, kind=kind)
        ended = done.returncode == (3 if kind == "ENOSPC" else -9)
        if kind == "ENOSPC" and done.returncode == 0 and calls[at - 1] == "close":
            ended = True  # of the lock
        wrong = None if ended else f"exit code {done.returncode}: {done.stderr}"
        tally.add(calls[at - 1], kind, wrong or run.incomplete() or run.resumed(), at)
    tally.close()
