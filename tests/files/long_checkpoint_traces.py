"""A run with traces, killed before each call to the system; seconds of it in
test_checkpoint_traces.py."""
import pytest

from test_checkpoint_traces import kill_at_each_call

CALLS = ("open", "write", "pwrite", "ftruncate", "fsync", "rename", "link", "unlink", "mkdir",
         "rmdir")


@pytest.mark.parametrize("first", [0, 9], ids=["from the start", "a finished run made longer"])
def test_killed_at_any_call(tmp_path, first):
    kill_at_each_call(tmp_path, first, CALLS)
