"""What test_random_networks.py has no time for: many random networks, and some large ones."""
import pytest

import ranks
from network_promises import Held, isas


@pytest.fixture(scope="module")
def every_isa():
    return isas()


@pytest.mark.parametrize("number", range(1000, 1060))
def test_the_same_whatever_computes_it(tmp_path, every_isa, number):
    held = Held(tmp_path, number)
    held.threads_tiles_and_isas(every_isa)
    held.storages()
    held.cut()
    held.pieces()
    mpis = ranks.mpis()
    if not mpis:
        pytest.skip("all but ranks: there is no MPI, or megalif was built without it")
    held.ranks(2 + number % 2, mpis[number // 2 % len(mpis)])


@pytest.mark.parametrize("number", range(6))
def test_large_ones(tmp_path, every_isa, number):
    """And what `check` foresees of memory is half of what is needed, or more."""
    held = Held(tmp_path, number, "large")
    held.threads_tiles_and_isas(every_isa)
    held.storages()
    held.cut()
    foreseen, most = held.memory()
    assert foreseen > most / 2, held.why("memory", f"{foreseen} bytes foreseen, {most} used")
