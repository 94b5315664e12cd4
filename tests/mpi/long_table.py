"""The whole table: one digest and the same datasets from ranks 1, 2, 3, 4 with threads 1, 2, by
Open MPI and MPICH; also where nearly every block needs a second exchange."""
import itertools

import pytest

import ranks
from rank_table import MODELS, Model


@pytest.mark.parametrize("mpi", ranks.LAUNCHERS)
@pytest.mark.parametrize("name", MODELS)
def test_the_files_of_one_process(tmp_path, name, mpi):
    ranks.need_mpi(mpi)
    model = Model(tmp_path, name, large=True)
    for count, threads in itertools.product((1, 2, 3, 4), (1, 2)):
        model.compare(mpi, count, threads)
        model.compare(mpi, count, threads, MEGALIF_EXCHANGE="1")
        print(name, mpi, count, threads, model.digest.decode(), flush=True)
