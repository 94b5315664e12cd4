"""libsonata, BMTK, Neo and Elephant read what `megalif run` leaves, and agree with it and with
`megalif info` on counts, times, rates, CVs, potentials: in ordinary and in extreme files."""
import json
import subprocess

import h5py
import numpy as np
import pytest

import pypi_env
from megalif import ROOT, population, run, section, simulation
from spike_files import megalif

READER = ROOT / "tests/tools/read_field.py"
NOISE = section("input.noise", target="all", type="white_noise", mean_V="14 mV", sigma_V="4 mV")
COUNTS = section("record.c", population="all", what="counts")
OUTPUT = section("output", compression="none")  # libsonata's newer wheels cannot unpack


def trace(name, what="V_m", **keys):
    return section(f"record.{name}", population="all", what=what, **keys)


TWO = population("exc", 60) + population("inh", 20, tau_m="10 ms",
                                         V_th="-54 mV") + NOISE + COUNTS + OUTPUT
RUNS = {
    "two": simulation(warmup="100 ms") + TWO + trace("v", neurons="sample(5)", interval="0.1 ms")
    + trace("i", "I", neurons="0:7:3", interval="1 ms", start="10 ms", stop="90 ms"),
    "coarse": simulation(dt="0.3 ms", duration="900 ms")
    + TWO.replace("t_ref = 2 ms", "t_ref = 1.8 ms") + trace("v", interval="0.9 ms"),
    "early": simulation(stop_after_spikes=500) + TWO
    + trace("v", neurons="3, 9", interval="0.1 ms"),
    "silent": simulation(duration="50 ms") + population("exc", 5) + COUNTS + OUTPUT + trace("v"),
    "one": simulation() + population("exc", 1, I_e="300 pA") + COUNTS + OUTPUT
    + trace("v", interval="0.1 ms"),
    "none": simulation(duration="50 ms") + population("exc", 50, I_e="300 pA") + COUNTS + OUTPUT
    + section("record.s", population="exc", what="spikes", neurons="none")
    + trace("v", neurons="none"),
}
TRACES = [(name, recorder) for name in RUNS for recorder in "vi"
          if f"[record.{recorder}]" in RUNS[name]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("interop")
    for name, config in RUNS.items():
        run(path, config, name=name)
    return path


@pytest.fixture(scope="module")
def seen(folder):
    try:
        python = pypi_env.python("requirements-interop.txt")
    except pypi_env.Unavailable as reason:
        pytest.skip(f"libsonata, BMTK, Neo, Elephant cannot be installed from PyPI: {reason}")
    files = [*(folder / f"{name}.h5" for name in RUNS),
             *(folder / f"{name}.{recorder}.h5" for name, recorder in TRACES)]
    done = subprocess.run([python, READER, folder / "seen.npz", *files], capture_output=True,
                          text=True,
                          timeout=300)
    assert done.returncode == 0, done.stderr
    with np.load(folder / "seen.npz") as arrays:
        return dict(arrays)


def info(path):
    return {p["name"]: p for p in json.loads(megalif("info", "--json", path).stdout)["populations"]}


@pytest.mark.parametrize("name", RUNS)
def test_spikes(folder, seen, name):
    with h5py.File(folder / f"{name}.h5") as file:
        populations = list(file["spikes"])
        for p in populations:
            times, ids = file[f"spikes/{p}/timestamps"][:], file[f"spikes/{p}/node_ids"][:]
            for tool in ("libsonata", "bmtk"):
                assert np.array_equal(seen[f"{name}.h5/{p}/{tool}/times"], times)
                assert np.array_equal(seen[f"{name}.h5/{p}/{tool}/ids"], ids)
            assert seen[f"{name}.h5/{p}/bmtk/count"] == len(times)
    assert len(populations) == {"two": 2, "coarse": 2, "early": 2, "none": 0}.get(name, 1)


@pytest.mark.parametrize("name", [name for name in RUNS if name != "none"])
def test_rates_and_cvs(folder, seen, name):
    for p, facts in info(folder / f"{name}.h5").items():
        key = f"{name}.h5/{p}"
        assert seen[f"{key}/elephant/rate"] == pytest.approx(facts["mean_rate_Hz"], rel=1e-12)
        assert seen[f"{key}/elephant/cv neurons"] == (facts["cv_neurons"] or 0)
        if facts["cv_neurons"]:
            assert seen[f"{key}/elephant/cv"] == pytest.approx(facts["mean_cv"], abs=1e-9)
        elif facts["spikes"] == 0:
            assert seen[f"{key}/neo/count"] == 0 and facts["mean_cv"] is None
    if name == "two":
        assert facts["cv_neurons"] > 15 and 0.1 < facts["mean_cv"] < 1


@pytest.mark.parametrize("name, recorder", TRACES)
def test_traces(folder, seen, name, recorder):
    with h5py.File(folder / f"{name}.{recorder}.h5") as file:
        for p, group in file["report"].items():
            key, data, ids = f"{name}.{recorder}.h5/{p}", group["data"][:], group[
                "mapping/node_ids"][:]
            start, stop, interval = group["mapping/time"][:]
            grid = start + interval * np.arange(len(data))
            assert len(data) == np.ceil(round((stop - start) / interval, 6)) > 9
            for tool in ("libsonata", "bmtk"):
                assert np.array_equal(seen[f"{key}/{tool}/ids"], ids)
                assert np.array_equal(seen[f"{key}/{tool}/grid"], [start, stop, interval])
                if len(ids):
                    assert np.array_equal(seen[f"{key}/{tool}/data"], data)
            assert seen[f"{key}/bmtk/rows"] == len(data)
            assert (len(ids) == 0
                    or np.allclose(seen[f"{key}/libsonata/times"], grid, rtol=0, atol=1e-6))
            assert str(seen[f"{key}/libsonata/units"]) == ("mV ms" if recorder == "v" else "pA ms")
    with h5py.File(folder / f"{name}.h5") as file:
        end = file["megalif"].attrs["duration_ms"]
    assert stop == pytest.approx(90 if recorder == "i"
                                 else np.ceil(end / interval - 1e-9) * interval)
