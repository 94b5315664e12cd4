"""`megalif plot`'s traces, against numpy and the reports they come from, and what charts have in
common with them; what the SVG draws are the CSV's numbers."""
import numpy as np
import pytest

from megalif import population, run, section, simulation
from report_files import membrane, report
from spike_files import megalif
from test_plot import COLOURS, Svg
from test_plot_charts import drawn, spoil, table


@pytest.fixture
def traced(tmp_path):
    """A run of two populations, and their V_m as numpy has it, beside it."""
    text = simulation(duration="200 ms", precision="double", warmup="30 ms")
    text += population("exc", 7, I_e="linspace(150 pA, 270 pA)")
    text += population("inh", 2, I_e="linspace(180 pA, 300 pA)", V_th="-52 mV", t_ref="5 ms")
    run(tmp_path, text, name="out")
    exc, exc_spikes = membrane(np.tile(np.linspace(150, 270, 7), (2000, 1)))
    inh, _ = membrane(np.tile(np.linspace(180, 300, 2), (2000, 1)), V_th=-52, t_ref=5)
    path = report(tmp_path / "out.v.h5", {"exc": (range(7), exc[:-1]), "inh": (range(2), inh[:-1])})
    return path, exc, inh, [[s for s, i in exc_spikes if i == n] for n in range(7)]


def test_traces_are_the_report_and_the_spikes(traced, tmp_path):
    path, exc, inh, trains = traced
    header, series = table(path, picture=tmp_path / "x.svg")
    assert header == ["series", "time (ms)", "V_m (mV)", "standard error"]
    assert list(series) == ["exc 0", "exc 2", "exc 4", "inh 0", "inh 1"]
    assert sum(map(len, trains)) > 10 and not trains[0]
    for n in (0, 2, 4):
        time, V = series[f"exc {n}"][:, 0], series[f"exc {n}"][:, 1]
        assert (np.diff(time) >= 0).all()
        tops = time[V == -50]
        assert np.allclose(tops, np.array(trains[n]) / 10)
        rows = ~np.isin(time, tops)
        steps = np.rint(10 * time[rows]).astype(int)
        assert np.allclose(V[rows], exc[np.minimum(steps, 1999), n].astype("f4"), atol=1e-5)
        assert len(np.unique(steps)) > 2000 - 21 * (len(tops) + 1)  # refractory rows are one line
    svg = Svg(tmp_path / "x.svg")
    assert any(text.endswith("; spikes drawn to V_th, refractory periods shaded")
               for text in svg.texts)
    assert svg.texts.count("V_th") == 5 and "exc 2" in svg.texts and "warmup" in svg.texts
    assert "V_m (mV)" in svg.texts and len(svg.panels) == 5
    line = drawn(svg, 1, COLOURS[0], 0, 200)
    x, y = line[:, 0], line[:, 1]
    here = (x > 60) & (x < 61) & (y > 0) & (y < 1)  # the second panel's own
    V = exc[np.rint(10 * x[here]).astype(int), 2]
    low, high = -65 - 0.07 * 15, -50 + 0.07 * 15
    assert here.sum() >= 9 and np.allclose(low + y[here] * (high - low), V, atol=0.05)


def test_a_window_and_a_number_of_neurons(traced, tmp_path):
    path, exc, _, _ = traced
    _, series = table(path, "--neurons", "2", "--from", "50", "--to", "60")
    assert list(series) == ["exc 0", "exc 3", "inh 0", "inh 1"]
    _, series = table(path, "--neurons", "1", "--from", "50", "--to", "60")
    assert list(series) == ["exc 0", "inh 0"]
    time, V = series["exc 0"][:, 0], series["exc 0"][:, 1]
    assert np.allclose(time, np.arange(500, 601) / 10)
    assert np.allclose(V, exc[500:601, 0].astype("f4"), atol=1e-5)


def test_one_neuron_is_one_of_each_population(tmp_path):
    """In traces as in a raster."""
    text = simulation(duration="20 ms") + section("record.v", population="all", what="V_m")
    for name in "abcdefgh":
        text += population(name, 3, I_e="600 pA")
    run(tmp_path, text, name="out")
    _, series = table(tmp_path / "out.v.h5", "--neurons", "1")
    assert list(series) == [f"{name} 0" for name in "abcdefgh"]
    done = megalif("plot", tmp_path / "out.h5", "--csv", "-", "--neurons", "1")
    spikes = [line.split(",") for line in done.stdout.splitlines()]
    assert {(row[1], row[3]) for row in spikes if row[0] == "spike"} == \
        {(name, "0") for name in "abcdefgh"}


def test_traces_of_neurons_whose_spikes_are_not_recorded_say_so(traced, tmp_path):
    table(traced[0], "--neurons", "1", picture=tmp_path / "x.svg")  # exc 0 is silent, inh 0 is not
    assert "refractory periods shaded" in (tmp_path / "x.svg").read_text()
    quiet = report(traced[0].with_name("out.w.h5"), {"exc": ([0], np.zeros((2000, 1)))})
    table(quiet, picture=tmp_path / "x.svg")
    assert "; no spikes of these neurons in out.h5" in (tmp_path / "x.svg").read_text()


@pytest.mark.parametrize("neurons, record_warmup, said", [
    ("0, 3, 4", "yes",
     "; spikes drawn to V_th, refractory periods shaded; spikes of exc 1, 2 not recorded"),
    ("3:5", "yes",
     "; spikes drawn to V_th, refractory periods shaded; spikes of exc 0, 1, 2 not recorded"),
    ("5", "yes", "; spikes of these neurons not recorded"),
    ("all", "no", "; spikes drawn to V_th, refractory periods shaded; recorded from 30 ms on")])
def test_traces_say_whose_spikes_they_lack(tmp_path, neurons, record_warmup, said):
    text = simulation(duration="100 ms", warmup="30 ms", record_warmup=record_warmup)
    text += population("exc", 6, I_e="400 pA") + section(
        "record.s", population="exc", what="spikes", neurons=neurons)
    text += section("record.v", population="exc", what="V_m", neurons="0:5")
    run(tmp_path, text, name="out")
    table(tmp_path / "out.v.h5", picture=tmp_path / "x.svg")
    assert "V_m of 5 neurons every 1 ms" + said in Svg(tmp_path / "x.svg").texts
    table(tmp_path / "out.v.h5", "--neurons", "2", picture=tmp_path / "x.svg")
    assert any(text.startswith("V_m of 2 of 5 neurons every")
               for text in Svg(tmp_path / "x.svg").texts)
    (tmp_path / "out.h5").unlink()
    table(tmp_path / "out.v.h5", picture=tmp_path / "x.svg")
    assert any(text.endswith("without the file of the run's spikes")
               for text in Svg(tmp_path / "x.svg").texts)


def test_long_names_are_shortened_in_the_middle(tmp_path):
    """Alike in all pictures; an id stays whole, and the CSV has the name whole."""
    name = "excitatory_pyramidal_layer5"
    text = simulation(duration="50 ms") + population(name, 1_234_568, I_e="400 pA")
    text += section("record.s", population=name, what="spikes", neurons="0, 1, 2")
    text += section("record.v", population=name, what="V_m", neurons="0, 1234567")
    path = run(tmp_path, text, name="out").path
    _, series = table(tmp_path / "out.v.h5", picture=tmp_path / "x.svg")
    assert list(series) == [f"{name} 0", f"{name} 1,234,567"]
    assert {"excitato…_layer5 0", "exci…er5 1,234,567"} <= set(Svg(tmp_path / "x.svg").texts)
    for what in ("raster", "intervals"):
        megalif("plot", path, "-w", what, "-f", "-o", tmp_path / "x.svg")
        assert "excitator…l_layer5" in Svg(tmp_path / "x.svg").texts


def test_all_pictures_have_the_order_and_the_colours_of_the_config(tmp_path):
    """Traces of one population only; and info's table."""
    text = simulation(duration="100 ms")
    for name, current in (("zeta", "linspace(400 pA, 420 pA)"),
                          ("alpha", "linspace(500 pA, 530 pA)")):
        text += population(name, 3, I_e=current)
    text += section("record.v", population="alpha", what="V_m", neurons="all")
    text += section("record.w", population="alpha, zeta", what="V_m", neurons="all")
    path = run(tmp_path, text, name="out").path
    numbers = [line.split(",")[1]
               for line in megalif("plot", path, "--csv", "-").stdout.splitlines()]
    assert list(dict.fromkeys(numbers[1:])) == ["zeta", "alpha"]
    for what, colour in (("intervals", {"zeta", "alpha"}), ("f-I", {"zeta", "alpha"})):
        series = table(path, "-w", what, picture=tmp_path / "x.svg")[1]
        assert [name for name in series if name in colour] == ["zeta", "alpha"]
    assert list(table(tmp_path / "out.w.h5")[1])[::3] == ["zeta 0", "alpha 0"]
    table(tmp_path / "out.v.h5", picture=tmp_path / "x.svg")
    lines = [stroke for stroke, points in Svg(tmp_path / "x.svg").paths if len(points) > 50]
    assert set(lines) == {COLOURS[1]}
    listed = [line.split()[0] for line in megalif("info", path).stdout.splitlines()
              if " 3 " in line]
    assert listed[:2] == ["zeta", "alpha"]


def test_long_traces_keep_their_extremes(tmp_path):
    values = np.random.default_rng(1).normal(size=(100_000, 1)).cumsum(0)
    path = report(tmp_path / "i.h5", {"p": ([42], values)}, "I", "pA")
    header, series = table(path, picture=tmp_path / "x.svg")
    x, y = series["p 42"][:, 0], series["p 42"][:, 1]
    assert header[2] == "I (pA)" and len(x) <= 12_000 and (np.diff(x) > 0).all()
    stored = values.astype("f4").astype(float)[:, 0]
    assert np.allclose(y, stored[np.rint(10 * x).astype(int)], rtol=1e-10)
    assert (y.min(), y.max()) == pytest.approx((stored.min(), stored.max()), rel=1e-10)
    assert ("time (s)" in Svg(tmp_path / "x.svg").texts
            and "V_th" not in Svg(tmp_path / "x.svg").texts)


@pytest.mark.parametrize("value", [500, -3e-4, 0])
def test_a_constant_is_in_the_middle(tmp_path, value):
    path = report(tmp_path / "i.h5", {"p": ([0], np.full((100, 1), value))}, "I", "pA")
    table(path, picture=tmp_path / "x.svg")
    svg = Svg(tmp_path / "x.svg")
    assert np.allclose(drawn(svg, 0, COLOURS[0], 0, 10)[:, 1], 0.5, atol=0.01)


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
@pytest.mark.parametrize("what", ["traces", "intervals", "f-I"])
def test_charts_are_pictures_of_their_kind(traced, tmp_path, kind, what):
    path = traced[0] if what == "traces" else tmp_path / "out.h5"
    picture = tmp_path / f"x.{kind}"
    done = megalif("plot", path, "-w", what, "-o", picture)
    assert done.returncode == 0 and done.stderr == "" and len(picture.read_bytes()) > 5000
    assert picture.read_bytes()[:5] in (b"\x89PNG\r", b"<?xml", b"%PDF-")


@pytest.mark.parametrize("change", [
    lambda f: f.__delitem__("report/exc/mapping/time"),
    lambda f: f.__delitem__("report/exc/data"),
    lambda f: f["report/exc/mapping/time"].__setitem__(2, 0.0),
    lambda f: f["report/exc/mapping/time"].__setitem__(2, np.nan),
    lambda f: f["report/exc/mapping/index_pointers"].__setitem__(3, 7),
    lambda f: f["report"].__setitem__("stray", np.zeros(3)),
], ids=["no time", "no data", "no interval", "nan", "beyond the data", "stray dataset"])
def test_damaged_reports_are_named(traced, tmp_path, change):
    spoil(traced[0], change)
    done = megalif("plot", traced[0], "-o", tmp_path / "x.png")
    assert done.returncode == 3 and "out.v.h5 is damaged: its report of population" in done.stderr


@pytest.mark.parametrize("options, message", [
    (["-w", "curve"], "--what takes raster, traces, intervals, f-I, map or connections, not curve"),
    (["--from", "300"], "nothing to show from 300 to 200 ms; "),
    (["-w", "raster"], "it is no SONATA spike file"),
])
def test_wrong_options_for_traces(traced, tmp_path, options, message):
    done = megalif("plot", traced[0], "-o", tmp_path / "x.png", *options)
    assert done.returncode in (2, 3) and message in done.stderr, done.stderr


def test_who_asks_a_spike_file_for_traces_is_told_where_they_are(traced):
    done = megalif("plot", traced[0].with_name("out.h5"), "-w", "traces", "--csv", "-")
    assert done.returncode == 3 and "beside the spikes, such as out.NAME.h5" in done.stderr


def test_reports_without_neurons(tmp_path):
    path = report(tmp_path / "none.h5", {"p": ([], np.zeros((5, 0)))})
    done = megalif("plot", path, "-o", tmp_path / "x.png")
    assert done.returncode == 2 and "none.h5 holds no neurons" in done.stderr
    path = report(tmp_path / "short.h5", {"p": ([3], np.zeros((1, 1)))})
    assert list(table(path)[1]) == ["p 3"]
