"""`megalif plot`'s charts (intervals, f-I curves) and the numbers it writes as CSV, against
numpy, scipy and the files they come from; what the SVG draws are the CSV's numbers."""
import csv
import re

import h5py
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import erfcx

from megalif import counts_only, population, run, section, simulation
from spike_files import foreign, megalif, ours, spikes
from test_plot import COLOURS, Svg, words_for


def spoil(path, change):
    with h5py.File(path, "r+") as file:
        change(file)


def table(path, *options, picture=None):
    """The rows of the CSV by series: {name: array of x, y, standard error}."""
    numbers = path.with_suffix(".numbers")
    done = megalif("plot", path, *options, "-f", "--csv", numbers,
                   *(["-o", picture] if picture else []))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), done.stderr
    with open(numbers, newline="") as file:
        header, *rows = csv.reader(file)
    found = {}
    for row in rows:
        found.setdefault(row[0], []).append([float(x) if x else np.nan for x in row[1:]])
    return header, {name: np.array(values) for name, values in found.items()}


def drawn(svg, panel, colour, low_x, high_x):
    """x in data units and relative heights of a coloured line's vertices."""
    points = [p for stroke, path in svg.paths if stroke == colour for p in path]
    relative = np.array([svg.relative(panel, x, y) for _, x, y in points])
    return np.column_stack([low_x + relative[:, 0] * (high_x - low_x), relative[:, 1]])


# ---- raster and rates --------------------------------------------------------------------------

def test_numbers_of_a_raster(tmp_path):
    rows = spikes(300, 30, 2000)
    path = ours(tmp_path / "x.h5", {"exc": rows}, {"exc": 30}, 200)
    done = megalif("plot", path, "--csv", "-", "--from", "50", "--neurons", "6")
    assert done.returncode == 0 and list(tmp_path.iterdir()) == [path]
    lines = [line.split(",") for line in done.stdout.splitlines()]
    assert lines[0] == ["panel", "population", "time (ms)", "neuron", "rate (Hz)"]
    found = {(round(10 * float(time)), int(neuron)) for panel, name, time, neuron, _ in lines[1:]
             if (panel, name) == ("spike", "exc")}
    assert found == {(step, i) for step, i in rows if step > 500 and i % 5 == 0}
    rates = np.array([[float(time), float(rate)] for panel, _, time, _, rate in lines[1:]
                      if panel == "rate"])
    counts = np.histogram([step / 10 - 0.05 for step, _ in rows], np.append(rates[:, 0], 200))[0]
    assert np.allclose(rates[:, 1], counts / 30 / (rates[1, 0] - rates[0, 0]) * 1e3)


@pytest.mark.parametrize("neurons, ids",
                         [("7, 20, 33, 199", [7, 20, 33, 199]), ("20:80:15", [20, 35, 50, 65]),
                          ("sample(4)", None)])
def test_silent_neurons_that_are_recorded_have_their_rows(tmp_path, neurons, ids):
    """Rows are the recorder's neurons; all below id 100 are silent."""
    text = simulation(duration="100 ms") + population("p", 200, I_e="linspace(100 pA, 275 pA)")
    text += section("record.s", population="p", what="spikes", neurons=neurons)
    result = run(tmp_path, text, name="out")
    done = megalif("plot", result.path, "--csv", "-", "-o", tmp_path / "x.svg")
    svg = Svg(tmp_path / "x.svg")
    assert done.returncode == 0 and "4 of 200" in svg.texts
    steps, neuron = result.spikes("p")
    if not ids:  # the silent ones are those with low currents, below
        ids = [-1] * (4 - len(set(neuron))) + sorted(set(neuron))
        assert -1 in ids and len(steps)
    rows = sorted((np.searchsorted(ids, neuron) + 0.5) / 4)
    assert np.allclose(np.sort(svg.strokes(COLOURS[0])[:, 1] if len(steps) else []), rows,
                       atol=1e-3)
    found = [line.split(",")[3] for line in done.stdout.splitlines() if line.startswith("spike,")]
    assert sorted(map(int, found)) == sorted(neuron)


def test_numbers_of_a_density(tmp_path):
    """Cells add up to all spikes."""
    rows = spikes(60_000, 2000, 2000)
    path = ours(tmp_path / "x.h5", {"p": rows}, {"p": 2000}, 200)
    done = megalif("plot", path, "--csv", "-", "--neurons", "2000")
    cells = np.array([[float(x) for x in line.split(",")[2:]] for line in done.stdout.splitlines()
                      if line.startswith("density,p,")])
    times, neurons = np.unique(cells[:, 0]), np.append(np.unique(cells[:, 1]), 2000)
    widths = dict(zip(times, np.diff(np.append(times, 200))))
    heights = dict(zip(neurons, np.diff(neurons)))
    expected = np.histogram2d([s / 10 - 0.05 for s, _ in rows], [i for _, i in rows],
                              [np.append(times, 200), neurons])[0]
    for time, neuron, rate in cells:
        x, y = np.searchsorted(times, time), np.searchsorted(neurons, neuron)
        assert rate * widths[time] * 1e-3 * heights[neuron] == pytest.approx(expected[x, y],
                                                                             rel=1e-9)
    assert len(cells) == (expected > 0).sum()


# ---- intervals ---------------------------------------------------------------------------------

def intervals_of(rows, after=0):
    trains = {}
    for step, neuron in rows:
        trains.setdefault(neuron, []).append(step)
    return np.concatenate([np.diff([s for s in train if s > after]) for train in trains.values()])


def test_histogram_of_intervals(tmp_path):
    raster = {"exc": spikes(6000, 100, 20_000), "inh": spikes(900, 30, 20_000, seed=2)}
    path = ours(tmp_path / "x.h5", raster, {"exc": 100, "inh": 30}, 2000, warmup_ms=300)
    picture = tmp_path / "x.svg"
    header, series = table(path, "--what", "intervals", picture=picture)
    assert header == ["series", "interval (ms)", "share of intervals (% per ms)", "standard error"]
    svg = Svg(picture)
    for (name, rows), colour in zip(raster.items(), COLOURS):
        expected = intervals_of(rows, 3000)
        x, share = series[name][:, 0], series[name][:, 1]
        width = x[1] - x[0]
        edges = 10 * np.append(x - width / 2, x[-1] + width / 2)  # between steps
        counts = np.histogram(expected, edges)[0]
        assert np.allclose(share, 100 * counts / len(expected) / width, rtol=1e-9)
        assert 0.97 < counts.sum() / len(expected) <= 1
        assert f"mean {expected.mean() / 10:.3g} ms" in svg.texts
        assert f"CV of all intervals {expected.std() / expected.mean():.2f}" in svg.texts
        assert drawn(svg, 0, colour, 0, 1)[:, 1].max() > 0.3
    longest = series["Poisson"][200, 0]
    beyond, every = (sum((intervals_of(rows, 3000) > limit).sum() for rows in raster.values())
                     for limit in (10 * longest, 0))
    assert beyond > 0 and f"{every:,} interspike intervals from 300 to 2000 ms; the axis is cut: " \
        f"{beyond:,} ({100 * beyond / every:.2g} %) are longer" in svg.texts
    poisson = series["Poisson"]
    mean = intervals_of(raster["exc"], 3000).mean() / 10
    law = 100 / mean * np.exp(-poisson[:, 0] / mean)
    assert poisson[0, 1] == pytest.approx(100 / mean)
    assert np.isclose(poisson[:, 1], law).sum() >= 201


def test_intervals_of_a_foreign_file(tmp_path):
    rows = spikes(400, 20, 5000)
    _, series = table(foreign(tmp_path / "f.h5", {"V1, left": rows}), "-w", "intervals")
    assert set(series) == {"V1, left", "Poisson"}
    mixed = foreign(tmp_path / "g.h5", {"p": rows[::-1]}, sorting="none")
    done = megalif("plot", mixed, "-w", "intervals", "-o", tmp_path / "g.png")
    assert done.returncode == 3 and "do not come in order of time" in done.stderr


@pytest.mark.parametrize("far", [4_000_000_007, 2**50])
def test_intervals_need_no_memory_for_ids_that_do_not_spike(tmp_path, far):
    """The same numbers wherever the ids lie; 5,000 of them make the table of ids grow."""
    rows = spikes(20000, 5000, 5000)
    _, expected = table(foreign(tmp_path / "near.h5", {"p": rows}), "-w", "intervals")
    distant = foreign(tmp_path / "far.h5", {"p": [(step, far * id) for step, id in rows]})
    _, series = table(distant, "-w", "intervals")
    assert series.keys() == expected.keys()
    for name in series:
        assert np.array_equal(series[name], expected[name], equal_nan=True)


def test_no_intervals_are_drawn_as_none(tmp_path):
    path = ours(tmp_path / "x.h5", {"p": [(5, 1), (9, 2)]}, {"p": 3}, 200)
    header, series = table(path, "-w", "intervals", picture=tmp_path / "x.svg")
    assert (series == {}
            and "0 interspike intervals from 0 to 200 ms" in Svg(tmp_path / "x.svg").texts)


def test_without_recorded_spikes_there_are_no_intervals(tmp_path):
    """Nor a raster where there are no rates either; recorders that saw no spike are no such
    case."""
    text = simulation(duration="100 ms") + population("p", 3, I_e="400 pA") + population("q", 2)
    for neurons, code in (("none", 2), ("0, 1", 0)):
        path = run(tmp_path, text
                   + section("record.s", population="p, q", what="spikes", neurons=neurons)).path
        done = megalif("plot", path, "-w", "intervals", "-o", tmp_path / f"{code}.png")
        assert (done.returncode == code
                and (tmp_path / f"{code}.png").exists() == (code == 0)), done.stderr
        assert ("holds no spikes of any population" in done.stderr
                and "neurons = all" in done.stderr) == (code == 2)
    path = run(tmp_path,
               text + section("record.s", population="p, q", what="spikes", neurons="none")).path
    assert megalif("plot", path, "--csv", "-").stdout.count("rate,p,") > 10
    spoil(path, lambda file: file.__delitem__("megalif/rates"))
    done = megalif("plot", path, "-o", tmp_path / "y.png")
    assert done.returncode == 2 and "holds neither spikes nor rates" in done.stderr


# ---- f-I curves --------------------------------------------------------------------------------

def siegert(free, sigma, V_th, V_reset=-65.0, tau=20.0, t_ref=2.0):
    """Hz; e^(x^2) (1 + erf x) is erfcx(-x)."""
    low, high = (V_reset - free) / sigma / 2**0.5, (V_th - free) / sigma / 2**0.5
    return 1e3 / (t_ref + tau * np.pi**0.5 * quad(lambda x: erfcx(-x), low, high, epsabs=0,
                                                  epsrel=1e-10)[0])


def test_f_I_curve_without_noise(tmp_path):
    """Each neuron has its own current: points are its rate, theory is the closed form."""
    result = run(tmp_path, simulation(duration="1.5 s", warmup="500 ms") + population(
        "cells", 60, I_e="40 pA") + counts_only("cells") + section(
            "input.x", target="cells", type="dc", amplitude="linspace(110 pA, 360 pA)"))
    header, series = table(result.path, "-w", "f-I", picture=tmp_path / "x.svg")
    assert header == ["series", "mean current (pA)", "rate (Hz)", "standard error"]
    points, theory = series["cells"], series["cells, theory"]
    assert np.allclose(points[:, 0], np.linspace(150, 400, 60))
    assert np.allclose(points[:, 1], result.counts("cells")["spikes"])
    assert np.isnan(points[:, 2]).all()
    V = 0.08 * theory[:, 0]
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = np.where(V > 15, 1e3 / (2 + 0.05 + 20 * np.log(V / (V - 15))), 0)  # and dt / 2
    assert np.allclose(theory[:, 1], expected, rtol=1e-8) and len(theory) > 300
    assert (np.abs(points[:, 1] - np.interp(points[:, 0], theory[:, 0], theory[:, 1]))[20:].max()
            < 1.5)
    less = series["cells, less theory"]
    V = 0.08 * points[:, 0]
    with np.errstate(invalid="ignore", divide="ignore"):
        exact = np.where(V > 15, 1e3 / (2 + 0.05 + 20 * np.log(V / (V - 15))), 0)
    assert (np.allclose(less[:, 1], points[:, 1] - exact, atol=1e-9)
            and np.abs(less[:, 1]).max() < 1.5)
    svg = Svg(tmp_path / "x.svg")
    assert ("closed form" in svg.texts and "- - theory" in svg.texts
            and "mean current (pA)" in svg.texts)
    assert "rate - theory (Hz)" in svg.texts and "rates from 500 to 1500 ms, dt 0.1 ms" in svg.texts
    words = words_for(tmp_path, result.path, "-w", "f-I")
    assert "with points" in words and "yerror" not in words  # caps of bars that there are not
    words = words_for(tmp_path, result.path, "-w", "f-I", "--width", "8.5cm")
    left, right = (float(re.search(rf"set {side}margin at screen ([\d.]+)", words)[1]) * 1004
                   for side in "lr")
    size = float(re.search(r" ps ([\d.]+)", words)[1])
    assert 7.3 * size < (right - left) / 60  # gnuplot's points of size 1 are 7.3 pixels wide
    assert "'residual (Hz)'" in words and "'rate - theory (Hz)'" not in words


def test_f_I_curves_under_noise(tmp_path):
    """Groups of equal current get a standard error; two populations with different noise; rates
    from the raster where there are no counts."""
    text = simulation(duration="1.2 s", warmup="200 ms")
    for name, levels in (("low", "linspace(100 pA, 200 pA)"), ("high", "linspace(20 pA, 240 pA)")):
        text += population(name, 4000, I_e=levels)
    text += section("input.a", target="low", type="white_noise", mean_V="1 mV", sigma_V="2 mV")
    text += section("input.b", target="high", type="white_noise", std="500 pA")
    text += section("input.c", target="high", type="dc", amplitude="-7 pA") + counts_only("low")
    result = run(tmp_path, text)
    _, series = table(result.path, "-w", "f-I", picture=tmp_path / "x.svg")
    texts = Svg(tmp_path / "x.svg").texts
    assert any(text.endswith("; bars: standard errors of means over neurons") for text in texts)
    assert "theory at dt" in texts  # beside the line of the residuals
    steps, ids = result.spikes("high")
    rates = {"low": result.counts("low")["spikes"],
             "high": np.bincount(ids[steps > 2000], minlength=4000)}
    free = {"low": -65 + 1 + 0.08 * np.linspace(100, 200, 4000),
            "high": -65 + 0.08 * np.linspace(20 - 7, 240 - 7, 4000)}
    sigma = {"low": 2.0, "high": 0.08 * 500 * np.tanh(0.1 / 40)**0.5}
    for name in rates:
        points = series[name]
        rate, V = rates[name].reshape(100, 40), free[name].reshape(100, 40)
        assert np.allclose(points[:, 0], (V.mean(1) + 65) / 0.08)
        assert np.allclose(points[:, 1], rate.mean(1))
        assert np.allclose(points[:, 2], rate.std(1, ddof=1) / 40**0.5)
    for name in rates:
        points, theory, grid = (series[name + more] for more in ("", ", theory", ", theory at dt"))
        for line, shift in ((theory, 0), (grid, 0.5826 * sigma[name] * (2 * 0.1 / 20)**0.5)):
            assert len(line) == 2001
            for current, rate, _ in line[::200]:
                assert rate == pytest.approx(siegert(-65 + 0.08 * current, sigma[name],
                                                     -50 + shift), rel=1e-6)
        error = np.maximum(points[:, 2], 0.2)
        z = (points[:, 1] - np.interp(points[:, 0], grid[:, 0], grid[:, 1])) / error
        assert np.abs(z).max() < 5
        less = series[name + ", less theory at dt"]
        expected = rates[name] - np.interp(free[name] / 0.08 + 65 / 0.08, grid[:, 0], grid[:, 1])
        assert np.allclose(less[:, 1], expected.reshape(100, 40).mean(1), atol=1e-3)


def test_rates_with_crossings_within_a_step_have_siegerts(tmp_path):
    """crossing = bridge: no other line but Siegert's, with dt / 2 more to each interval."""
    text = (simulation(duration="1.1 s", warmup="100 ms", dt="0.5 ms")
            + population("p", 1000, copies=5, I_e="levels(100 pA, 250 pA)", crossing="bridge")
            + counts_only("p") + section("input.a", target="p", type="white_noise", sigma_V="3 mV"))
    _, series = table(run(tmp_path, text).path, "-w", "f-I")
    assert set(series) == {"p", "p, theory", "p, less theory"}
    for current, rate, _ in series["p, theory"][::250]:
        exact = 1e3 / (1e3 / siegert(-65 + 0.08 * current, 3.0, -50) + 0.25)
        assert rate == pytest.approx(exact, rel=1e-6)
    less = series["p, less theory"]
    assert len(less) == 5 and (np.abs(less[:, 1]) < 5 * less[:, 2]).all() and less[:, 2].max() < 0.4


def test_theory_is_left_out_where_it_is_not_known(tmp_path):
    text = simulation(duration="300 ms") + population("p", 20, I_e="linspace(200, 300)",
                                                      V_th="uniform(-51, -49)")
    _, series = table(run(tmp_path, text).path, "-w", "f-I")
    assert set(series) == {"p"}


@pytest.mark.parametrize("more", [
    "", section("record.none", population="p", what="spikes", neurons="none"),
    section("input.x", target="p", type="poisson", rate="10 Hz", weight="1 mV"),
    section("input.x", target="p[3:5]", type="dc", amplitude="3 pA")])
def test_files_without_a_curve_say_so(tmp_path, more):
    I_e = "200 pA" if not more else "linspace(200, 300)"
    result = run(tmp_path, simulation(duration="50 ms") + population("p", 20, I_e=I_e) + more)
    done = megalif("plot", result.path, "-w", "f-I", "-o", tmp_path / "x.png")
    assert done.returncode == 2 and "run.h5 has no f-I curve: it takes a population" in done.stderr
    done = megalif("plot", foreign(tmp_path / "f.h5", {"p": spikes(9, 9, 99)}), "-w", "f-I",
                   "--csv", "-")
    assert done.returncode == 2 and "f.h5 has no config of megalif" in done.stderr


def test_rates_of_a_sweep(tmp_path):
    """x is the key with the most values; the others make series; theory where the files are
    kept."""
    (tmp_path / "s.ini").write_text(simulation(duration="1 s") + population("a", 1)
                                    + population("b", 1, t_ref="0 ms", I_e="300 pA")
                                    + "[sweep]\npopulation.a.I_e = grid(190 pA, 250 pA, 5)\n"
        "population.a.t_ref = values(1 ms; 4 ms)\nfiles = all\n")
    done = megalif("sweep", "s.ini", "-o", "points", "-q", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    header, series = table(tmp_path / "points/table.csv", picture=tmp_path / "x.svg")
    assert header[:3] == ["series", "population.a.I_e (pA)", "rate (Hz)"]
    rows = list(csv.reader((tmp_path / "points/table.csv").open(newline="")))
    names = rows[0]
    for t_ref in (1, 4):
        expected = sorted((float(row[2]), float(row[names.index("rate.a (Hz)")]))
                          for row in rows[1:]
                          if float(row[3]) == t_ref)
        points = series[f"a, t_ref = {t_ref} ms"]
        assert len(points) == 5 and np.allclose(points[:, :2], expected)
        V = 0.08 * points[:, 0]
        theory = 1e3 / (t_ref + 0.05 + 20 * np.log(V / (V - 15)))
        assert all(np.isclose(series["theory"][:, 1], rate, rtol=1e-9).any() for rate in theory)
    assert (series["b, t_ref = 1 ms"][:, 1] == rates_of_b(rows)).all()
    texts = Svg(tmp_path / "x.svg").texts
    assert "points/table.csv" in texts and "a, t_ref = 4 ms" in texts and "closed form" in texts
    for text, message in (("a,b\n1,2\n", "is no table of a sweep"),
                          ("", "bad.csv:1:1: a line with the names of the columns is missing"),
                          ("point,name,k.x,rate.p (Hz)\n0,a,1,2\n",
                           "no swept key has two different")):
        (tmp_path / "bad.csv").write_text(text)
        done = megalif("plot", tmp_path / "bad.csv", "-o", tmp_path / "y.png")
        assert done.returncode in (2, 3) and message in done.stderr, done.stderr


def test_a_table_that_others_wrote_again_is_the_same_picture(tmp_path):
    """All in quotes, as csv.QUOTE_ALL and R's write.csv have it; with semicolons; with tabs."""
    (tmp_path / "s.ini").write_text(simulation(duration="100 ms") + population("a", 1) + (
        "[sweep]\npopulation.a.I_e, population.a.t_ref = "
        "zip(values(300 pA; 400 pA; 500 pA), values(1 ms; 2 ms; 1 ms))\nfiles = none\n"))
    assert megalif("sweep", "s.ini", "-o", "s", cwd=tmp_path).returncode == 0
    original = tmp_path / "s/table.csv"
    with open(original, newline="") as file:
        rows = list(csv.reader(file))
    expected = megalif("plot", original, "--csv", "-")
    assert expected.returncode == 0 and expected.stdout.count("\n") > 3
    for quoting, delimiter in ((csv.QUOTE_ALL, ","), (csv.QUOTE_NONNUMERIC, ";"),
                               (csv.QUOTE_ALL, "\t")):
        with open(tmp_path / "again.csv", "w", newline="") as file:
            csv.writer(file, quoting=quoting, delimiter=delimiter).writerows(rows)
        done = megalif("plot", tmp_path / "again.csv", "--csv", "-")
        assert done.returncode == 0, done.stderr
        assert done.stdout == expected.stdout


def test_theory_of_a_sweep_is_a_curve(tmp_path):
    """Between the points, too: silent up to rheobase, which lies between two of them."""
    sweep = simulation(duration="300 ms") + population("a", 1, t_ref="1 ms") + (
        "[sweep]\npopulation.a.I_e = values(400 pA; 150 pA; 200 pA)\n")
    (tmp_path / "s.ini").write_text(sweep)
    for files in ("all", "none"):
        done = megalif("sweep", "s.ini", "-o", files, "-q", "--set", f"sweep.files={files}",
                       cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    _, series = table(tmp_path / "all/table.csv", picture=tmp_path / "x.svg")
    x, rate = series["theory"][:, 0], series["theory"][:, 1]
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = np.where(x > 187.5, 1e3 / (1.05 + 20 * np.log(0.08 * x / (0.08 * x - 15))), 0)
    assert np.allclose(rate, expected, rtol=1e-6) and {150, 200, 400} <= set(x)
    assert 0 < np.diff(x).max() < 0.3 and "a sweep of 3 points" in Svg(tmp_path / "x.svg").texts
    _, series = table(tmp_path / "none/table.csv", picture=tmp_path / "x.svg")
    assert set(series) == {"a"}
    assert any("theory needs the points' files" in text for text in Svg(tmp_path / "x.svg").texts)


@pytest.mark.parametrize("seeds, note", [("1; 2", ["also seed = 2"]),
                                         ("1; 2; 3", ["also seed = 2", "also seed = 3"]),
                                         ("1; 2; 3; 4", ["and 3 that are the same"])])
def test_series_on_each_other_are_drawn_once(tmp_path, seeds, note):
    """Named for all; the CSV has all."""
    (tmp_path / "s.ini").write_text(simulation(duration="300 ms") + population("a", 1) + (
        f"[sweep]\npopulation.a.I_e = grid(200 pA, 400 pA, 7)\nsimulation.seed = "
        f"values({seeds})\nfiles = all\n"))
    assert megalif("sweep", "s.ini", "-o", "points", "-q", cwd=tmp_path).returncode == 0
    _, series = table(tmp_path / "points/table.csv", picture=tmp_path / "x.svg")
    assert set(series) == {"theory", *(f"seed = {seed}{less}" for seed in seeds.split("; ")
                                       for less in ("", ", less theory"))}
    svg = Svg(tmp_path / "x.svg")
    assert "seed = 1" in svg.texts and "seed = 2" not in svg.texts and set(note) <= set(svg.texts)
    assert {stroke for stroke, _ in svg.paths} & set(COLOURS) == {COLOURS[0]}


def test_a_sweep_without_theory_says_so(tmp_path):
    (tmp_path / "s.ini").write_text(simulation(duration="50 ms") + population("a", 1) + section(
        "input.x", target="a", type="poisson", rate="10 Hz", weight="1 mV")
        + "[sweep]\ninput.x.rate = values(5 Hz; 10 Hz)\nfiles = all\n")
    assert megalif("sweep", "s.ini", "-o", "points", "-q", cwd=tmp_path).returncode == 0
    assert set(table(tmp_path / "points/table.csv", picture=tmp_path / "x.svg")[1]) == {"a"}
    assert any("theory: it is not known" in text for text in Svg(tmp_path / "x.svg").texts)


def rates_of_b(rows):
    column = rows[0].index("rate.b (Hz)")
    return float(rows[1][column])
