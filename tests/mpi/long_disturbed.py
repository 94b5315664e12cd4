"""test_disturbed.py, 100 times; most of the runs must have been ended."""
import re

import disturbed_ranks
import ranks

RUNS = 100


def test_a_hundred_disturbed_runs(tmp_path):
    ranks.need_mpi()
    whole = tmp_path / "whole"
    whole.mkdir()
    disturbed_ranks.undisturbed(whole)
    ended = 0
    for seed in range(1000, 1000 + RUNS):
        folder = tmp_path / str(seed)
        folder.mkdir()
        kind, code, err = disturbed_ranks.check(folder, whole, seed)
        words, codes = disturbed_ranks.KINDS[kind]
        assert code == 0 or (code in codes and re.search(words, err)), (seed, code, err)
        ended += code != 0
        print(seed, kind, code, flush=True)
    assert ended > RUNS / 2
