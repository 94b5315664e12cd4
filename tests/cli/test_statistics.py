"""The statistics that a file holds and `megalif info` shows, against numpy on its raster."""
import json
import re
import subprocess

import numpy as np
import pytest

from megalif import PROGRAM, population, run, section, simulation

COUNTS = section("record.c", population="all", what="counts")
NOISY = (population("n", 800, I_e="normal(130, 50)", V_m="uniform(-65, -50)")
         + population("quiet", 7)
         + section("input.noise", target="n", type="white_noise", sigma_V="4 mV")
         + section("input.wave", target="n", type="sine", amplitude="50 pA", frequency="8 Hz"))
QUANTILES = {"rate_q05_Hz": 0.05, "rate_q25_Hz": 0.25, "rate_median_Hz": 0.5, "rate_q75_Hz": 0.75,
             "rate_q95_Hz": 0.95}


def expected(steps, ids, size, first, end, dt_s=1e-4):
    """Of the spikes in (first, end] steps."""
    inside = (steps > first) & (steps <= end)
    counts = np.bincount(ids[inside], minlength=size)
    rates = counts / ((end - first) * dt_s)
    cvs = []
    for neuron in range(size):
        intervals = np.diff(steps[inside & (ids == neuron)])
        if len(intervals) >= 10:
            cvs.append(intervals.std() / intervals.mean())
    return {"rate_standard_error_Hz": rates.std(ddof=1) / np.sqrt(size),
            "silent_fraction": np.mean(counts == 0), "fano_factor": counts.var() / counts.mean(),
            "mean_cv": np.mean(cvs), "cv_neurons": len(cvs),
            **{name: np.quantile(rates, q) for name, q in QUANTILES.items()}}


def synchrony(steps, first, end, width=10):
    bins = np.bincount((steps[(steps > first) & (steps <= end)] - 1) // width)[-(-first // width):]
    bins = np.pad(bins, (0, end // width - first // width - len(bins)))
    return bins.var() / bins.mean()


def info(result):
    done = subprocess.run([PROGRAM, "info", "--json", str(result.path)], capture_output=True,
                          text=True)
    return {p["name"]: p for p in json.loads(done.stdout)["populations"]}


@pytest.mark.parametrize("window", [{}, {"start": "250 ms", "stop": "900 ms"}])
def test_statistics_equal_numpys(tmp_path, window):
    recorder = section("record.c", population="all", what="counts", **window)
    result = run(tmp_path, simulation(duration="1 s", warmup="100 ms") + NOISY + recorder,
                 threads=2)
    steps, ids = result.spikes("n")
    first, end = (2500, 9000) if window else (1000, 10000)
    shown = info(result)["n"]
    for name, value in expected(steps, ids, 800, first, end).items():
        assert result.attribute("megalif/populations/n", name) == pytest.approx(value,
                                                                                rel=1e-12), name
        assert shown[name] == pytest.approx(value, rel=1e-12), name
    assert 0 < shown["silent_fraction"] < 0.5 and shown["cv_neurons"] > 100
    value = synchrony(steps, 1000, 10000)
    assert value > 2  # the common wave
    assert result.attribute("megalif/populations/n", "synchrony") == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("warmup, window", [("100 ms", {"start": "20 ms", "stop": "60 ms"}),
                                            ("200 ms", {}), ("100 ms", {"stop": "100 ms"})])
def test_where_nothing_was_counted_all_is_there_and_nan(tmp_path, warmup, window):
    recorder = section("record.c", population="all", what="counts", **window)
    result = run(tmp_path, simulation(duration="200 ms", warmup=warmup) + NOISY + recorder)
    for name in ("rate_standard_error_Hz", "silent_fraction", "fano_factor", "mean_cv", *QUANTILES):
        assert np.isnan(result.attribute("megalif/populations/n", name)), name
    assert result.attribute("megalif/populations/n", "cv_neurons") == 0
    shown = info(result)["n"]
    assert all(shown[name] is None for name in ("silent_fraction", "fano_factor", "mean_cv",
                                                *QUANTILES))


def test_synchrony_is_one_for_independent_poisson_trains_and_n_for_equal_ones(tmp_path):
    """A huge weight makes every event a spike: t_ref = 0, at most one a step. Var / mean of a bin's
    counts over 1,000 bins has standard deviation sqrt(2 / 1000)."""
    cells = population("n", 200, t_ref="0 ms")
    for correlation, value in ((0, 1), (1, 200)):
        result = run(tmp_path, simulation(duration="1 s") + cells
                     + section("input.p", target="n", type="poisson", rate="20 Hz", weight="100 mV",
                               correlation=correlation) + COUNTS)
        attributes = [result.attribute("megalif/populations/n", name)
                      for name in ("synchrony", "fano_factor")]
        assert abs(attributes[0] / value - 1) < 5 * np.sqrt(2 / 1000)
        assert (abs(attributes[1] - 1) < 5 * np.sqrt(2 / 200) if correlation == 0
                else attributes[1] == 0)


def test_statistics_without_spikes_or_neurons_to_compare(tmp_path):
    result = run(tmp_path, simulation(duration="50 ms") + population("one", 1, I_e="300 pA")
                 + population("none", 5) + COUNTS)
    shown = info(result)
    assert shown["none"]["silent_fraction"] == 1 and shown["none"]["rate_median_Hz"] == 0
    assert shown["none"]["fano_factor"] is None and shown["none"]["synchrony"] is None
    assert shown["one"]["rate_standard_error_Hz"] is None and shown["one"]["fano_factor"] == 0
    rate = 20 * len(result.spikes("one")[0])
    assert all(shown["one"][name] == pytest.approx(rate) for name in QUANTILES)


def test_info_shows_them_in_a_table(tmp_path):
    result = run(tmp_path, simulation(duration="200 ms") + NOISY + COUNTS)
    text = subprocess.run([PROGRAM, "info", str(result.path)], capture_output=True,
                          text=True).stdout
    assert re.search(
        r"^statistics +s\.e\. \(Hz\) +5 % +25 % +median +75 % +95 % +silent +Fano +synchrony$",
                     text, re.MULTILINE)
    assert "(s.e.: of the mean rate; " in text and "1 for independent neurons)" in text
    line, = re.findall(r"^n +((?:[\d.]+ +){8}[\d.]+)$", text, re.MULTILINE)
    steps, ids = result.spikes("n")
    value = expected(steps, ids, 800, 0, 2000)
    names = ["rate_standard_error_Hz", *QUANTILES, "silent_fraction", "fano_factor"]
    assert line.split() == [f"{x:.4g}"
                            for x in [*(value[n] for n in names), synchrony(steps, 0, 2000)]]
    assert re.search(r"^quiet +- .* 1 +- +-$|^quiet +0 +0 +0 +0 +0 +0 +1 +- +-$", text,
                     re.MULTILINE)
