"""megalif.run by processes of MPI: the file and the report of one process, its words for errors."""
import os
import shutil

import numpy as np
import pytest

import megalif
from package_runs import BUILD, DICT, NETWORK

pytestmark = pytest.mark.skipif(
    not shutil.which("mpirun") or not list(BUILD.glob("libmegalif-*.so")),
    reason="no mpirun, or no library for MPI was built")


@pytest.fixture(autouse=True)
def mpirun_may_run_here(monkeypatch):
    """As root, with more ranks than cores."""
    for name in ("OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM",
                 "OMPI_MCA_rmaps_base_oversubscribe"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("OMPI_MCA_btl", "self,vader")
    monkeypatch.setenv("OMPI_MCA_plm", "isolated")
    monkeypatch.setenv("MEGALIF", os.environ.get("MEGALIF", str(BUILD / "megalif")))


def test_ranks_give_the_same_file(tmp_path):
    alone = megalif.run(DICT)
    (tmp_path / "a.ini").write_text(NETWORK)
    for config in (DICT, tmp_path / "a.ini"):
        shared = megalif.run(config, ranks=2, threads=1)
        assert shared.digest == alone.digest and shared.report.ranks == 2
        assert shared.report.populations["exc"].spikes == alone.report.populations["exc"].spikes
        assert set(alone.report) | {"warnings"} >= set(shared.report)
        assert np.array_equal(shared.traces["v"]["exc"].values, alone.traces["v"]["exc"].values)
        assert len(shared.connections("ei")) == 2000


def test_arrays_and_outputs(tmp_path):
    sets = {"population.exc.I_e": np.linspace(200, 250, 400)}
    shared = megalif.run(DICT, set=sets, ranks=2, threads=1, output=tmp_path / "out.h5")
    assert shared.digest == megalif.run(DICT, set=sets).digest
    with pytest.raises(megalif.OutputError, match="out.h5"):
        megalif.run(DICT, ranks=2, threads=1, output=tmp_path / "out.h5")


def test_errors_and_runaways():
    with pytest.raises(megalif.ConfigError) as caught:
        megalif.run(DICT, set={"population.exc.tau_mm": 3}, ranks=2)
    problem, = caught.value.problems
    assert problem.section == "population.exc" and "did you mean tau_m" in problem.text
    with pytest.raises(megalif.RangeError) as runaway:
        megalif.run(DICT, set={"simulation.max_rate": 30}, ranks=2, threads=1)
    assert runaway.value.result.duration < 200
    for wrong in ({"ranks": 0}, {"ranks": 2, "on_spikes": print}, {"ranks": 2, "resume": True}):
        with pytest.raises(ValueError):
            megalif.run(DICT, **wrong)
    for wrong in ({"force": "no"}, {"raster": "no"}, {"threads": "2"}, {"isa": 3}):
        with pytest.raises(TypeError, match=next(iter(wrong))):
            megalif.run(DICT, ranks=2, **wrong)
