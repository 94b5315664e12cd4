"""Pictures of a Result: by the command line's gnuplot, and by matplotlib around events and of
connections, against rasters made by hand, numpy and closed forms."""
import h5py
import numpy as np
import pytest

import megalif
from package_runs import BUILD, DICT, NETWORK
from package_runs import megalif as program

# Ten neurons, three events: all fire 2 ms after each, the first five again 7.5 ms after, and on the
# grid's own points, where a bin ends: 5 ms before and 10 ms after.
EVENTS = (20.0, 50.0, 80.0)
BY_HAND = [(event + delay, neuron) for event in EVENTS
           for delay, neurons in ((2, 10), (7.5, 5), (-5, 1), (10, 2)) for neuron in range(neurons)]


@pytest.fixture(scope="module")
def by_hand():
    times, ids = np.array(sorted(BY_HAND)).T
    return megalif.run({"simulation": {"dt": 0.1, "duration": 100}, "population": {
        "made": {"size": 10, "model": "spikes", "file": (times, ids.astype(int))}}})


@pytest.fixture(scope="module")
def result():
    return megalif.run(DICT)


@pytest.fixture
def figures():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    yield
    import matplotlib.pyplot
    matplotlib.pyplot.close("all")


@pytest.fixture(autouse=True)
def program_of_this_build(monkeypatch):
    monkeypatch.setenv("MEGALIF", str(BUILD / "megalif"))


def test_rates_around_events_are_those_counted_by_hand(by_hand):
    """A bin holds its end: -5 lies in (-10, -5], 10 in (5, 10]."""
    around = by_hand.psth("made", EVENTS, window=(-10, 15), bin=5)
    assert around.counts.tolist() == [3, 0, 30, 15 + 6, 0]
    assert around.times.tolist() == [-10, -5, 0, 5, 10] and around.trials == 3
    assert np.allclose(around.Hz, np.array([3, 0, 30, 21, 0]) / (10 * 3 * 0.005))
    fine = by_hand.psth("made", [20.0], window=(-5, 10), bin=0.1)
    assert fine.counts[[19, 20, 69, 70]].tolist() == [0, 0, 10, 0]
    assert fine.counts[[124, 149]].tolist() == [5, 2] and fine.counts.sum() == 17


def test_windows_may_overlap_and_events_lie_between_steps(by_hand):
    assert by_hand.psth("made", [20, 22], window=(0, 5), bin=5).counts.tolist() == [10]
    assert by_hand.psth("made", [20, 21], window=(0, 5), bin=5).counts.tolist() == [20]
    assert by_hand.psth("made", [21.96], window=(0, 1), bin=1).counts.tolist() == [10]
    assert by_hand.psth("made", [22.04], window=(0, 1), bin=1).counts.tolist() == [0]


def test_no_rounding_moves_a_spike_over_a_bins_end():
    """Spikes and bounds are added up from decimals that doubles do not have."""
    times = np.round(np.arange(1, 10000) * 0.1, 1)
    result = megalif.run({"simulation": {"dt": 0.1, "duration": 1000}, "population": {
        "a": {"size": 1, "model": "spikes", "file": (times, np.zeros(len(times), int))}}})
    for event in (0.3, 123.4, 777.7):
        assert set(result.psth("a", [event], window=(-0.2, 99.8), bin=0.1).counts) == {1}


@pytest.mark.parametrize("given, words", [
    ({"events": []}, "one or more"), ({"events": 20.0}, "in a list or an array"),
    ({"events": [20, np.nan]}, "events are times"),
    ({"events": [5, 50]}, "1 of 2 events, such as the one at 5 ms"),
    ({"events": [50, 90]}, "-10 to 15 ms does not .* such as the one at 90 ms"),
    ({"bin": 4}, "no whole number of such bins"), ({"bin": 0}, "no whole number"),
    ({"bin": 0.25}, r"whole time steps of 0\.1 ms"), ({"bin": 0.05}, "whole time steps"),
    ({"window": (15, -10)}, "15 to -10 ms"), ({"window": (0, np.inf)}, "give times in ms"),
    ({"window": (np.nan, 15)}, "give times in ms")])
def test_what_is_no_window_around_events_is_told(by_hand, given, words):
    with pytest.raises(ValueError, match=words):
        by_hand.psth("made", **{"events": EVENTS, "window": (-10, 15), "bin": 5, **given})


@pytest.mark.parametrize("given, words", [
    ({"events": "soon"}, "events is a str; give times in ms"),
    ({"window": 5}, r"window is an int; give where it begins and ends, as \(-50, 200\)"),
    ({"window": (1, 2, 3)}, "window is a tuple"), ({"bin": "5 ms"}, "bin is a str; give its width"),
    ({"neurons": "all"}, "neurons is a str; give a whole number from 1"),
    ({"neurons": 0}, "neurons=0; give a whole number from 1")])
def test_arguments_of_the_wrong_kind_are_told_by_name(by_hand, given, words):
    with pytest.raises((TypeError, ValueError), match=words):
        by_hand.psth("made", **{"events": EVENTS, "window": (-10, 15), "bin": 5, **given})


def test_windows_may_begin_and_end_with_the_run(by_hand):
    whole = by_hand.psth("made", [20], window=(-20, 80), bin=10)
    assert whole.counts.sum() == len(BY_HAND)


def test_neurons_are_told_where_the_file_has_some_only(tmp_path):
    config = {**DICT, "record": {"s": {"population": "exc", "what": "spikes", "neurons": "0:50"}}}
    some, whole = megalif.run(config), megalif.run(DICT)
    with pytest.raises(ValueError, match="exc: the file has the spikes of some neurons.*neurons="):
        some.psth("exc", [100])
    around = some.psth("exc", [100], window=(-50, 50), neurons=50)
    times, ids = whole.spikes["exc"]
    wanted, _ = np.histogram(times[ids < 50], np.arange(50.05, 155, 5))
    assert around.counts.tolist() == wanted.tolist() and wanted.sum() > 50
    assert np.allclose(around.Hz, wanted / (50 * 0.005))
    with h5py.File(tmp_path / "others.h5", "w") as file:
        file["spikes/a/timestamps"] = [1.0, 2.0]
        file["spikes/a/node_ids"] = np.array([0, 1], np.uint64)
    others = megalif.open(tmp_path / "others.h5")
    with pytest.raises(ValueError, match="does not say how many neurons"):
        others.psth("a", [1])
    assert others.psth("a", [1], window=(-1, 1), bin=1, neurons=2).Hz.tolist() == [500, 500]


def test_the_picture_around_events_shows_these_rates(by_hand, figures):
    axis, = by_hand.plot("psth", events=EVENTS, window=(-10, 15), bin=5)
    drawn = axis.patches[0].get_data()
    assert drawn.edges.tolist() == [-10, -5, 0, 5, 10, 15]
    assert np.allclose(drawn.values, np.array([3, 0, 30, 21, 0]) / 0.15)
    assert axis.get_xlabel() == "time after event (ms), mean of 3"
    axes = by_hand.plot("psth", events=EVENTS, window=(-20, 20))
    assert len(axes[0].patches[0].get_data().values) == 8  # of 5 ms


def outline(patch):
    points = patch.get_xy()
    return points[1:-1:2, 0], points[1:-1:2, 1]


def test_connections_are_drawn_as_they_are(result, figures):
    """In-degrees by the rule; the rest beside the synapses themselves."""
    axes = result.plot("connections")
    assert axes.shape == (2, 4)
    edges, counts = outline(axes[0, 0].patches[0])
    assert counts.tolist() == [100] and edges[0] == 19.5
    synapses = result.connections("ei")
    for axis, wanted, bins in ((axes[0, 1], synapses.outdegrees(), None),
                               (axes[0, 2], synapses.delays, 16),
                               (axes[0, 3], synapses.weights, 60)):
        edges, counts = outline(axis.patches[0])
        assert counts.sum() == len(wanted) and (not bins or len(counts) == bins)
        upper = np.append(edges[1:], np.inf)
        assert counts.tolist() == [((wanted >= a) & (wanted < b)).sum()
                                   for a, b in zip(edges, upper)]
    assert axes[0, 3].get_xlabel() == "mV" and axes[0, 0].get_ylabel().startswith("ei\nexc")
    assert [each.get_text() for each in axes[1, 1].get_legend().get_texts()] == [
        "inh \u2192 inh", "inh \u2192 exc"][::-1]
    sums = [outline(patch)[1].sum() for patch in axes[1, 2].patches]
    assert sums == [len(result.connections("i", target=name)) for name in ("exc", "inh")]


def test_connections_of_some_projections_and_of_none(result, figures):
    axes = result.plot("connections", projections="ei")
    assert axes.shape == (1, 4)
    with pytest.raises(KeyError, match="no projection ie; there are ei, i"):
        result.plot("connections", projections=["ie"])
    with pytest.raises(ValueError, match="has no projections"):
        megalif.run({**DICT, "projection": {}}).plot("connections")
    many = {f"p{i}": DICT["projection"]["i"] for i in range(13)}
    several = megalif.run({**DICT, "projection": many}, set={"simulation.duration": 1})
    with pytest.raises(ValueError, match="13 projections are more than a picture can show"):
        several.plot("connections")
    assert several.plot("connections", projections=["p12", "p0"]).shape == (2, 4)


@pytest.mark.parametrize("given, words", [
    ({"what": "raster", "events": [50]}, "events= goes with psth; not with raster"),
    ({"what": "cv", "bin": 5}, "bin= goes with raster, rates, psth; not with cv"),
    ({"what": "psth", "events": [50], "projections": "ei"}, "projections= goes with connections"),
    ({"what": "psth"}, '"psth" needs events='),
    ({"what": "pst"}, "spectrum, values, psth, connections")])
def test_what_goes_with_another_picture_is_told(result, figures, given, words):
    with pytest.raises(ValueError, match=words):
        result.plot(**given)


def test_rates_are_drawn_in_bins_that_can_be_read(figures):
    """200 points at most, of whole bins from the start of the view; or as asked."""
    result = megalif.run(DICT, set={"simulation.duration": 905})
    counts = np.histogram(result.spikes["inh"].times, np.arange(0.05, 906))[0]
    for options, width, first in (({}, 5, 0), ({"bin": 20}, 20, 0), ({"start": 101}, 5, 101),
                                  ({"start": 101, "stop": 301}, 1, 101)):
        line = result.plot("rates", **options)[0].get_lines()[1]
        wanted = counts[first:options.get("stop")]
        wanted = wanted[:len(wanted) // width * width].reshape(-1, width).sum(axis=1)
        assert np.allclose(line.get_ydata(), wanted / (100 * width / 1000))
        assert line.get_xdata()[:2].tolist() == [first, first + width]
        assert result.plot(**options)[1].get_ylabel() == f"rate (Hz)\nbins of {width} ms"
    with pytest.raises(ValueError, match="bins of 0.5 ms: give a multiple of 1 ms"):
        result.plot("rates", bin=0.5)


def test_rates_have_windows_and_wider_bins(by_hand):
    rates = by_hand.rates["made"]
    part = rates.window(15, 33)
    assert part.times[0] == 15 and len(part) == 18 and part.counts.sum() == 10 + 5 + 2
    wide = part.binned(5)
    assert wide.counts.tolist() == [0, 10, 7] and wide.times.tolist() == [15, 20, 25]
    assert np.allclose(wide.Hz, np.array([0, 10, 7]) / (10 * 0.005))
    for width in (np.inf, np.nan, 0):
        with pytest.raises(ValueError, match="give a multiple of 1 ms"):
            part.binned(width)
    assert len(rates.window(50, 50)) == 0 and rates.window().counts.sum() == len(BY_HAND)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A run with a file of its own, and the config that the command line reads."""
    folder = tmp_path_factory.mktemp("kept")
    (folder / "net.ini").write_text(NETWORK)
    return megalif.run(folder / "net.ini", output=folder / "out.h5")


@pytest.mark.parametrize("what, file, options", [
    (None, "out.h5", {}), ("raster", "out.h5", {"start": 50, "stop": "0.1 s", "neurons": 20}),
    ("intervals", "out.h5", {"width": 600, "height": 400, "title": "An example"}),
    ("traces", "out.v.h5", {"width": "8.5cm", "font": 9}),
    ("connections", "net.ini", {"projection": "i"})])
@pytest.mark.parametrize("format", ["png", "svg"])
def test_a_picture_is_the_command_lines(kept, tmp_path, what, file, options, format):
    drawn = kept.picture(what, format=format, **options)
    words = {"start": "from", "stop": "to"}
    given = [f"--{words.get(name, name)}={value}" for name, value in options.items()]
    given += ["--title=out.h5"] * (what == "connections")
    done = program("plot", kept.path.with_name(file), "-o", tmp_path / f"a.{format}", *given,
                   *(["--what", what] if what else []))
    assert done.returncode == 0, done.stderr
    assert drawn.data == (tmp_path / f"a.{format}").read_bytes()
    assert drawn.format == format and len(drawn.data) > 3000
    shown = {"png": drawn._repr_png_(), "svg": drawn._repr_svg_()}
    assert shown.pop(format) and list(shown.values()) == [None]


def test_pictures_of_temporary_results_are_named_by_their_config(kept, tmp_path):
    svg = megalif.run(tmp_path.parent / kept.path.with_name("net.ini")).picture(format="svg").data
    assert b"net.ini" in svg and b"run.h5" not in svg
    svg = megalif.run(DICT).picture(format="svg").data
    assert b"megalif" in svg and b"run.h5" not in svg
    assert b"400 neurons" in svg


def test_pictures_of_arrays_and_of_what_lies_beside_the_config(tmp_path, monkeypatch):
    """The command finds the files that a config names, from whatever folder."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/net.ini").write_text(
        NETWORK.replace("I_e = normal(230 pA, 10 pA)", "I_e = file(I_e.h5, I_e)"))
    with h5py.File(tmp_path / "folder/I_e.h5", "w") as file:
        file["I_e"] = np.linspace(220, 240, 400)
    monkeypatch.chdir(tmp_path)
    result = megalif.run("folder/net.ini")
    assert result.picture("connections").data == megalif.run(
        DICT, set={"population.exc.I_e": np.linspace(220, 240, 400)}).picture(
            "connections", title="net.ini").data
    assert sorted(each.name for each in tmp_path.rglob("*")) == ["I_e.h5", "folder", "net.ini"]


def test_pictures_are_saved(kept, tmp_path):
    drawn = kept.picture(format="pdf")
    assert drawn._repr_png_() is None and drawn._repr_svg_() is None
    assert drawn.save(tmp_path / "a.pdf").read_bytes() == drawn.data and drawn.data[:5] == b"%PDF-"
    with pytest.raises(FileExistsError, match="a.pdf exists; force=True replaces it"):
        drawn.save(tmp_path / "a.pdf")
    with pytest.raises(megalif.OutputError, match="nowhere/a.pdf: No such file"):
        drawn.save(tmp_path / "nowhere/a.pdf")
    with pytest.raises(TypeError, match="path is an int; give a path"):
        drawn.save(3)
    kept.picture(format="pdf", what="intervals").save(tmp_path / "a.pdf", force=True)
    assert (tmp_path / "a.pdf").read_bytes() != drawn.data


@pytest.mark.parametrize("options", [
    {"what": "waves"}, {"what": "map"}, {"neurons": 0}, {"width": "8 miles"},
    {"start": "soon"}, {"start": 300}, {"projection": "ei"}])
def test_errors_have_the_command_lines_words(kept, options):
    with pytest.raises(megalif.ConfigError) as caught:
        kept.picture(**options)
    words = {"start": "from"}
    done = program("plot", kept.path, "-o", "a.png",
                   *[f"--{words.get(name, name)}={value}" for name, value in options.items()])
    assert done.returncode == 2
    said = done.stderr.strip().removeprefix("megalif plot: ").replace("; see megalif plot --help",
                                                                      "")
    assert str(caught.value) == said


def test_what_python_knows_better_is_told_by_it(kept):
    for options, kind, words in (
            ({"format": "gif"}, ValueError, "format='gif'; it may be png, svg, pdf"),
            ({"recorder": "v"}, ValueError, 'recorder= goes with "traces", not "raster"'),
            ({"what": "traces", "recorder": "w"}, KeyError, "no recorder of traces w; there are v"),
            ({"what": "connections", "projection": "ie"}, KeyError, "there are ei, i")):
        with pytest.raises(kind, match=words):
            kept.picture(**options)
    with pytest.raises(ValueError, match="no traces were recorded"):
        megalif.run({**DICT, "record": {}}).picture("traces")
    with pytest.raises(ValueError, match="the result has no projections"):
        megalif.run({**DICT, "projection": {}}).picture("connections")
    no_curve = megalif.run({**DICT, "record": {"s": {"population": "all", "what": "spikes",
                                                     "neurons": "none"}}})
    with pytest.raises(megalif.ConfigError, match="^the result has no f-I curve: "):
        no_curve.picture("f-I")
    with pytest.raises(ValueError, match="several recorders: v, w; name one"):
        megalif.run({**DICT, "record": {**DICT["record"], "w": {
            "population": "inh", "what": "V_m"}}}).picture("traces")


def test_the_program_may_be_named_from_the_working_folder(kept, monkeypatch):
    monkeypatch.chdir(BUILD)
    monkeypatch.setenv("MEGALIF", "./megalif")
    assert kept.picture("connections").data


def test_what_draws_may_be_missing(kept, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(megalif.OutputError) as caught:
        kept.picture()
    assert "gnuplot, which draws the plots, is not on PATH" in str(caught.value)
    assert "\n  Debian, Ubuntu: sudo apt-get install gnuplot" in str(caught.value)
    monkeypatch.setattr(megalif._program.os, "access", lambda *_: False)
    with pytest.raises(ImportError, match="pictures are drawn by the program megalif, which is "):
        kept.picture()


def test_a_damaged_file_is_told_and_nothing_is_left(tmp_path, monkeypatch):
    result = megalif.run(DICT, output=tmp_path / "out.h5")
    (tmp_path / "out.h5").write_bytes(b"nothing")
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(megalif._store.tempfile, "tempdir", str(tmp_path / "temporary"))
    with pytest.raises(megalif.OutputError, match="cannot read .*out.h5"):
        result.picture()
    assert not list((tmp_path / "temporary").iterdir())
