"""Ranks that are killed, told to stop, or without room on the disk, while spikes overflow what an
exchange has room for; long_disturbed.py does the same a hundred times."""
import re

import pytest

import disturbed_ranks
import ranks


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    ranks.need_mpi()
    folder = tmp_path_factory.mktemp("whole")
    disturbed_ranks.undisturbed(folder)
    return folder


@pytest.mark.parametrize("seed", range(6))
def test_ends_clearly_and_goes_on_to_the_same_files(tmp_path, whole, seed):
    kind, code, err = disturbed_ranks.check(tmp_path, whole, seed)
    words, codes = disturbed_ranks.KINDS[kind]
    assert code == 0 or (code in codes and re.search(words, err)), (code, err)


@pytest.mark.parametrize("delay", [0, 0.2])
def test_a_rank_that_is_killed_early_ends_them_all(tmp_path, whole, delay):
    """Those above may be over before anything is done to them; these are not."""
    kind, code, err = disturbed_ranks.check(tmp_path, whole, seed=0, delay=delay)
    words, codes = disturbed_ranks.KINDS[kind]
    assert kind == "kill" and code in codes and re.search(words, err), (code, err)
