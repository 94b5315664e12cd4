"""The files of one process, from ranks with threads, for small forms of what configs/ has: of
long_table.py's table each model twice with Open MPI and once with MPICH."""
import pytest

import ranks
from rank_table import Model


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    made = {}

    def get(name):
        if name not in made:
            made[name] = Model(tmp_path_factory.mktemp(name), name, large=False)
        return made[name]
    return get


@pytest.mark.parametrize("name, mpi, count, threads", [
    ("demo", "openmpi", 1, 2), ("demo", "openmpi", 3, 1), ("demo", "mpich", 2, 2),
    ("noise", "openmpi", 2, 1), ("noise", "openmpi", 4, 2), ("noise", "mpich", 2, 1),
    ("brunel", "openmpi", 2, 2), ("brunel", "openmpi", 4, 1), ("brunel", "mpich", 2, 2),
    ("microcircuit", "openmpi", 3, 2), ("microcircuit", "openmpi", 2, 1),
    ("microcircuit", "mpich", 2, 1),
    ("edges", "openmpi", 4, 2), ("edges", "openmpi", 3, 1), ("edges", "mpich", 3, 1)])
def test_the_files_of_one_process(model, name, mpi, count, threads):
    """Tiles so small that there is work for all threads."""
    ranks.need_mpi(mpi)
    model(name).compare(mpi, count, threads, MEGALIF_TILE="128")


@pytest.mark.parametrize("name, mpi, count, spikes", [
    ("brunel", "openmpi", 3, "1"), ("edges", "openmpi", 2, "7"), ("edges", "mpich", 2, "1")])
def test_a_first_exchange_with_room_for_one_spike(model, name, mpi, count, spikes):
    """All others of nearly every block go in a second one."""
    ranks.need_mpi(mpi)
    model(name).compare(mpi, count, 1, MEGALIF_EXCHANGE=spikes)
