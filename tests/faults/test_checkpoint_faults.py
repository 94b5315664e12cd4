"""Checkpointed runs under failing calls, and killed at calls: some here, all in
long_checkpoint_faults.py."""
import pytest

import checkpoint_faults
import faults

# What every kind of fault meets in a short test: the calls of these numbers modulo 37.
EVERY = 37


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return checkpoint_faults.Run(tmp_path_factory.mktemp("run"))


def test_calls_that_fail(run):
    tally = faults.Tally()
    assert {"open", "pwrite", "fsync", "close", "rename", "link"} <= {name for name, _ in run.calls}
    for number, (call, at, kind) in enumerate(faults.faults_of(run.calls, ["ENOSPC", "torn"])):
        if number % EVERY == 0 or (kind == "ENOSPC" and call in ("rename", "link") and at == 2):
            tally.add(call, kind, run.fail(call, at, kind), at)
    tally.close()


def test_killed_at_calls(run):
    tally = faults.Tally()
    for at in range(5, len(run.calls) + 1, EVERY):
        tally.add("any", "torn_kill", run.kill(at, "torn_kill"), at)
    tally.close()
