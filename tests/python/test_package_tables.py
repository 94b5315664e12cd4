"""Results as pandas, xarray, Neo and matplotlib have them, and sweeps; each test is skipped where
its package is not there (tests/interop/test_package_interop.py runs them where all are)."""
import numpy as np
import pytest

import megalif
from package_runs import DICT, in_python


@pytest.fixture(scope="module")
def result():
    return megalif.run(DICT)


def test_pandas_has_every_spike(result):
    pytest.importorskip("pandas")
    table = result.to_pandas()
    assert list(table.columns) == ["population", "timestamps", "node_ids"]
    for name, part in table.groupby("population", observed=True):
        assert np.array_equal(part["timestamps"], result.spikes[name].times)
        assert np.array_equal(part["node_ids"], result.spikes[name].ids)
    assert len(table) == result.report.spikes
    part = result.to_pandas("inh", 50, 60)
    assert len(part) == len(result.spikes["inh"].window(50, 60)) > 0
    assert (part["population"] == "inh").all()
    with pytest.raises(KeyError, match="there are exc, inh"):
        result.to_pandas(["inhibitory"])


def test_pandas_of_no_spikes():
    pytest.importorskip("pandas")
    silent = megalif.run(DICT, set={"population.exc.I_e": 0, "population.inh.I_e": 0,
                                    "input.noise.std": 0})
    assert len(silent.to_pandas()) == 0


def test_synapses_as_a_table(result):
    pytest.importorskip("pandas")
    table = result.connections("ei").to_pandas()
    assert (table.groupby("target").size() == 20).all() and len(table) == 2000


def test_xarray_has_the_trace_with_its_times(result):
    pytest.importorskip("xarray")
    array = result.to_xarray()
    trace = result.traces["v"]["exc"]
    assert array.name == "V_m" and array.attrs == {"units": "mV", "population": "exc"}
    assert np.array_equal(array.values, trace.values)
    assert array.sel(time=50.0, neuron=2).item() == trace.values[50, 2]
    with pytest.raises(KeyError, match="no recorder w; there are v"):
        result.to_xarray("w")


def test_neo_has_every_train(result):
    pytest.importorskip("neo")
    block = result.to_neo()
    segment, = block.segments
    assert len(segment.spiketrains) == 500
    assert [group.name for group in block.groups] == ["exc", "inh"]
    trains = {(train.annotations["population"], train.annotations["node_id"]): train
              for train in segment.spiketrains}
    for name, spikes in result.spikes.items():
        for number, times in enumerate(spikes.by_neuron()):
            train = trains[name, number]
            assert np.array_equal(train.rescale("ms").magnitude, times)
            assert float(train.t_stop.rescale("ms")) == 200
    signal, = segment.analogsignals
    assert np.allclose(signal.magnitude, result.traces["v"]["exc"].values)
    assert signal.units.dimensionality.string == "mV"
    assert float(signal.sampling_period.rescale("ms")) == 1


@pytest.mark.parametrize("what", ["raster", "rates", "traces", "intervals"])
def test_pictures_show_the_data(result, what, tmp_path):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    axes = result.plot(what, start=50, stop=150)
    figure = axes[0].figure
    figure.savefig(tmp_path / "figure.png")
    assert (tmp_path / "figure.png").stat().st_size > 5000
    lines = axes[0].get_lines()
    if what == "raster":
        part = result.spikes["exc"].window(50, 150)
        times = part.times[part.ids < 100]
        assert np.array_equal(lines[0].get_xdata(), times)
        assert len(axes) == 2 and len(axes[1].get_lines()) == 2
    if what == "rates":
        assert np.array_equal(lines[1].get_ydata(), result.rates["inh"].Hz[50:150])
    if what == "traces":
        assert np.array_equal(lines[2].get_ydata(),
                              result.traces["v"]["exc"].values[50:150, 2])
    if what == "intervals":
        wanted = sum(max(0, len(train) - 1)
                     for train in result.spikes["exc"].window(50, 150).by_neuron())
        heights = axes[0].patches[0].get_xy()[:, 1]
        assert heights[1:-1:2].sum() == wanted > 100
    import matplotlib.pyplot
    matplotlib.pyplot.close(figure)


def test_rasters_tell_of_how_many_they_show_some(result):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    axes = result.plot()
    labels = [label.get_text() for label in axes[0].get_yticklabels()]
    assert labels == ["exc\n(100 of 400)", "inh\n(100)"]


@pytest.mark.parametrize("other, wanted", [(500, [110]), (460, [110] + 29 * [0] + [90])])
def test_bins_of_intervals_are_whole_steps(other, wanted):
    """Intervals of 15.9 ms, and of 18.9 for 460 pA, by the closed form; a bin for each step."""
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    currents = [500] * 10 + ([other] * 10 if other != 500 else [])
    axes = megalif.run({"simulation": {"dt": 0.1, "duration": 200}, "population": {
        "a": {"size": len(currents), "I_e": currents}}}).plot("intervals")
    heights = axes[0].patches[0].get_xy()[1:-1:2, 1].tolist()
    assert heights[:len(wanted)] == wanted and not any(heights[len(wanted):])


def heights(patch):
    """(edges, counts) of a histogram's outline."""
    points = patch.get_xy()
    return points[1:-1:2, 0], points[1:-1:2, 1]


def test_histograms_of_neurons_and_values(result):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    rates, = result.plot("neuron_rates", start=50, stop=150)
    counts = np.bincount(result.spikes["exc"].window(50, 150).ids.astype(int), minlength=400)
    first, seen = heights(rates.patches[0])  # in 0.1 s a spike is 10 Hz, which has a bin
    least, most = counts.min(), counts.max()
    assert np.array_equal(seen[:most + 1 - least], np.bincount(counts)[least:]) and len(seen) > 2
    assert first[:2] == pytest.approx([10 * least - 5, 10 * least + 5])
    values, = result.plot("values", neurons=2, stop=100)
    assert heights(values.patches[0])[1].sum() == 2 * 100  # at 0, 1, ... 99 ms
    assert values.get_xlabel() == "exc V_m (mV)"


def test_rates_of_neurons_between_bounds_beyond_the_run(result):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    whole, = result.plot("neuron_rates")
    wider, = result.plot("neuron_rates", start=-50, stop=1000)
    for one, other in zip(whole.patches, wider.patches):
        assert np.array_equal(one.get_xy(), other.get_xy())
    for start, stop in ((150, 50), (100, 100), (200, None), (300, 400)):
        with pytest.raises(ValueError, match="nothing to show between start and stop"):
            result.plot("neuron_rates", start=start, stop=stop)


def test_cv_of_neurons():
    """With noise as `statistics` has the mean of it."""
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    long = megalif.run(DICT, set={"simulation.duration": "1 s"})
    axes, = long.plot("cv", "exc")
    found = megalif._plot.cv_of_neurons(long.spikes["exc"])
    assert found.mean() == pytest.approx(long.statistics["exc"]["mean_cv"], rel=1e-9)
    assert heights(axes.patches[0])[1].sum() == len(found) == long.statistics["exc"]["cv_neurons"]


def test_spectra_of_known_trains():
    """Independent Poisson neurons: their rate, at all frequencies. All as one every 10 ms: the
    lines of 100 Hz and its multiples, of N rate^2 T each; nothing between."""
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    both = megalif.run({"simulation": {"dt": 0.1, "duration": "20 s", "seed": 1}, "population": {
        "p": {"size": 500, "model": "poisson", "rate": 20},
        "one": {"size": 5, "model": "spikes", "file": (
            np.repeat(np.arange(10.0, 20001, 10), 5), np.tile(np.arange(5), 2000))}}})
    axes, = both.plot("spectrum")
    one, poisson = sorted(axes.get_lines(), key=lambda line: line.get_label())
    assert np.array_equal(poisson.get_xdata(), np.arange(1.0, 501))
    assert poisson.get_ydata().mean() == pytest.approx(20, rel=0.03)
    line = np.arange(1, 501) % 100 == 0
    assert one.get_ydata()[line] == pytest.approx(5 * 100 ** 2 * 1.0)
    assert one.get_ydata()[~line].max() < 1e-6


def test_a_picture_of_another_kind_is_refused(result):
    with pytest.raises(ValueError, match="it may be raster, rates, traces, intervals, neu"):
        result.plot("histogram")


FI = {"simulation": {"dt": 0.1, "duration": "1 s", "precision": "double"},
      "population": {"cell": {"size": 3, "tau_m": 20, "E_L": -65, "V_th": -50, "V_reset": -65}},
      "record": {"c": {"population": "cell", "what": "counts"}}}


def test_a_sweep_is_the_f_I_curve():
    """Intervals of the closed form: r + ceil(tau_m/dt ln(R I / (R I - 15 mV))) steps."""
    pytest.importorskip("pandas")
    currents, delays = [150.0, 200.0, 300.0], ["0.5 ms", "2 ms"]
    seen = []
    table = megalif.sweep(FI, {"population.cell.I_e": currents, "population.cell.t_ref": delays},
                          measure=lambda result: {"first": result.counts["cell"]["first"][0]},
                          progress=lambda progress: seen.append(progress.fraction))
    assert list(table["population.cell.I_e"]) == np.repeat(currents, 2).tolist()
    assert list(table["population.cell.t_ref"]) == delays * 3
    for current, delay, rate, first in zip(
            table["population.cell.I_e"], [5, 20] * 3, table["rate.cell (Hz)"], table["first"]):
        R_I = current * 20 / 250
        rise = np.ceil(200 * np.log(R_I / (R_I - 15))) if R_I > 15 else np.inf
        wanted = 0 if np.isinf(rise) else 1 + (10000 - rise) // (rise + delay)
        assert rate == wanted
        assert np.isinf(rise) or first == rise
    assert set(table) >= {"spikes.cell", "cv.cell", "fano.cell", "digest", "seconds"}
    assert seen == sorted(seen) and seen[-1] <= 1


def test_a_sweep_looks_at_no_spikes(monkeypatch):
    pytest.importorskip("pandas")
    monkeypatch.setattr(megalif._result, "of_spikes", None)
    table = megalif.sweep({**FI, "record": {}}, {"population.cell.I_e": [300.0]})
    assert set(table) == {"population.cell.I_e", "rate.cell (Hz)", "spikes.cell", "digest",
                          "seconds"}


@pytest.mark.parametrize("vary, words", [
    ({"population.cell.I_e": 200}, "population.cell.I_e: an int; give a list of values"),
    ({"population.cell.I_e": "values(1; 2)"}, "population.cell.I_e: a str; give a list"),
    ([("population.cell.I_e", [1, 2])], "vary is a list; give a dict")])
def test_what_is_no_sweep_is_told(vary, words):
    pytest.importorskip("pandas")
    with pytest.raises(TypeError, match=words):
        megalif.sweep(FI, vary)


def test_points_may_vary_together_and_have_seeds():
    pytest.importorskip("pandas")
    noise = {**FI, "input": {"n": {"target": "cell", "type": "white_noise", "std": 3000}}}
    both = ("population.cell.V_th", "population.cell.V_reset")
    table = megalif.sweep(noise, {both: [(-50, -65), (-50, -65)]}, seed="point",
                          set={"simulation.seed": 7})
    for number, digest in enumerate(table["digest"]):
        assert digest == megalif.run(noise, set={"simulation.seed": 7 + number}).digest
    assert len(set(table["digest"])) == 2
    with pytest.raises(ValueError, match="2 values for each point"):
        megalif.sweep(noise, {both: [(-50,)]})


def test_what_is_missing_is_told_with_its_cure(tmp_path):
    said = in_python(tmp_path, f"""
import sys, megalif
for name in ("pandas", "xarray", "neo", "pynwb", "matplotlib", "scipy", "quantities"):
    sys.modules[name] = None
result = megalif.run({DICT!r})
for use in (result.to_pandas, result.to_xarray, result.to_neo, result.plot,
            lambda: result.to_nwb("a.nwb"),
            result.connections("ei").to_scipy, lambda: megalif.sweep({DICT!r}, {{}})):
    try: use()
    except ImportError as error: print(error)
""")
    for name in ("pandas", "xarray", "neo", "pynwb", "matplotlib", "scipy"):
        assert f"this needs {name} (" in said and f"pip install {name}" in said
    assert said.count("\n") == 7 and not list(tmp_path.iterdir())
