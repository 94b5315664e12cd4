"""What a program sets and reads between two steps is the same by any number of ranks."""
import os
import subprocess
from pathlib import Path

import pytest

import ranks
from megalif import PROGRAM, section, simulation
from rank_models import assert_same_files

TOOL = Path(PROGRAM).parent / "tests/tools/step_ranks"
CONFIG = (simulation(duration="60 ms", seed=3)
          + section("population.a", size=1500, model="iaf_psc_exp", t_ref="uniform(1 ms, 4 ms)",
                    V_th="uniform(-56 mV, -54 mV)")
          + section("population.source", size=300, model="poisson", rate="20 Hz",
                    rate_most="1 kHz")
          + section("input.stimulus", target="a[100:1400]", type="external")
          + section("input.background", target="a", type="poisson", rate="500 Hz",
                    rate_most="2 kHz", weight="30 pA")
          + section("projection.p", source="source", target="a", rule="fixed_indegree",
                    indegree=10, weight="50 pA", delay="1.5 ms")
          + section("record.v", population="a", what="V_m", neurons="all", interval="1 ms")
          + section("record.counts", population="all", what="counts"))


@pytest.fixture(autouse=True)
def mpi():
    ranks.need_mpi()


def step(folder, count, *arguments):
    """Exit code, and the lines of each rank."""
    (folder / "run.ini").write_text(CONFIG)
    launcher = ["mpirun.openmpi", "-n", str(count)] if count > 1 else []
    done = subprocess.run([*launcher, TOOL, "run.ini", *arguments], cwd=folder, timeout=120,
                          capture_output=True, text=True,
                          env={**os.environ, **ranks.OPEN_MPI, "TMPDIR": str(folder),
                               "MEGALIF_MPI": str(Path(PROGRAM).parent / "libmegalif-openmpi.so")
                               if count > 1 else "no"})
    return done.returncode, done.stdout.splitlines(), done.stderr


@pytest.mark.parametrize("count", [2, 3, 4])
def test_what_is_set_and_read(tmp_path, count):
    code, alone, err = step(tmp_path, 1, "one.h5")
    assert code == 0 and len(set(alone)) == len(alone) == 12, err
    code, shared, err = step(tmp_path, count, "many.h5")
    assert code == 0, err
    assert sorted(shared) == sorted(count * alone)
    assert_same_files(tmp_path)


def test_ranks_that_do_not_set_the_same_are_refused(tmp_path):
    code, _, err = step(tmp_path, 2, "many.h5", "apart")
    assert code == 2 and "the ranks do not set the same" in err, err


def test_a_rank_that_reads_what_there_is_not_is_not_waited_for(tmp_path):
    assert step(tmp_path, 2, "many.h5", "read")[0] == 2
