"""`megalif plot` of a sweep's table: maps, more than 8 series, logarithmic axes, any column, theory
at dt; against the table, closed forms and the words that gnuplot gets."""
import numpy as np
import pytest

from megalif import counts_only, population, section, simulation
from spike_files import megalif
from test_plot import Svg, plot, words_for
from test_plot_charts import siegert, table

X, Y = "population.a.I_e (pA)", "input.n.sigma_V (mV)"


def write_table(path, x, y, results=("rate.a (Hz)",), missing=()):
    """One row for each pair, in an order of its own; result i of a point is its number + 1000 i."""
    rows = [(i, a, b) for i, (a, b) in enumerate((a, b) for a in x for b in y)]
    rng = np.random.default_rng(3)
    with open(path, "w") as file:
        print("point", "name", X, Y, *results, "digest", sep=",", file=file)
        for i, a, b in rng.permutation(rows):
            values = ["" if i in missing else f"{i + 1000 * k:.17g}" for k in range(len(results))]
            print(int(i), f"p{int(i)}", f"{a:.17g}", f"{b:.17g}", *values, "0f1e", sep=",",
                  file=file)
    return path


def block(words, name):
    """The numbers of a data block."""
    return np.array([[float(x) for x in line.split()] for line in
                     words.split(f"${name} << EOD\n")[1].split("EOD")[0].splitlines()])


def test_two_keys_are_a_map(tmp_path):
    """Boxes meet half way between neighbours, in logarithms where the key is even in them."""
    x, y = np.linspace(100, 400, 12), np.geomspace(0.5, 20, 10)
    path = write_table(tmp_path / "t.csv", x, y, missing=[17])
    words = words_for(tmp_path, path)
    boxes = block(words, "map")
    boxes = boxes[np.lexsort((boxes[:, 1], boxes[:, 0]))]
    assert len(boxes) == 120 and "set logscale y" in words and "unset logscale x" in words
    half = (x[1] - x[0]) / 2
    assert np.allclose(boxes[:, 2], np.repeat(x - half, 10))
    assert np.allclose(boxes[:, 3], np.repeat(x + half, 10))
    factor = (y[1] / y[0])**0.5
    assert np.allclose(boxes[:, 4], np.tile(y / factor, 12), rtol=1e-6)
    assert np.allclose(boxes[:, 5], np.tile(y * factor, 12), rtol=1e-6)
    assert boxes[0, 6] == 0x440154 and boxes[-1, 6] == 0xfde725 and boxes[17, 6] == 0xdddddd
    assert abs(boxes[60, 6] // 65536 - 0x21) < 3  # viridis' middle; 59.5 is half of 119
    svg = Svg(plot(path, tmp_path / "x.svg"))
    assert {"rate (Hz)", X, Y, "0", "119"} <= set(svg.texts)
    assert "a sweep of 120 points; grey: no number" in svg.texts
    done = megalif("plot", path, "--csv", "-")
    header, *rows = [line.split(",") for line in done.stdout.splitlines()]
    assert header == ["series", X, Y, "rate (Hz)"] and len(rows) == 119
    for _, a, b, rate in rows:
        i, j = np.abs(x - float(a)).argmin(), np.abs(y - float(b)).argmin()
        assert float(rate) == 10 * i + j and np.allclose((x[i], y[j]), (float(a), float(b)))


def test_the_ends_of_a_maps_colours_are_three_digits(tmp_path):
    """Without an exponent where it would be no shorter; one value has no colours to tell apart."""
    x, y = np.arange(60.0), np.arange(1, 61.0)
    path = write_table(tmp_path / "t.csv", x, y, ["rate.a (Hz)"])
    words = words_for(tmp_path, path)
    assert "'3600'" in words and "e+03" not in words and words.count("object rectangle") > 40
    text = path.read_text().splitlines()
    same = [",".join([*row[:-2], "1e7", row[-1]]) for row in (line.split(",") for line in text[1:])]
    path.write_text("\n".join([text[0], *same]) + "\n")
    words = words_for(tmp_path, path)
    assert "'1e+07'" in words and words.count("object rectangle") == 0


def test_a_map_is_drawn_where_lines_would_be_more_than_colours(tmp_path):
    """And lines or a map when asked for; the colours of many lines are those of their numbers."""
    few = write_table(tmp_path / "few.csv", np.arange(20.0), np.arange(1, 9.0))
    many = write_table(tmp_path / "many.csv", np.arange(20.0), 1 + np.arange(9.0)**2 / 7)
    assert "$map" not in words_for(tmp_path, few) and "$map" in words_for(tmp_path, many)
    assert "$map" in words_for(tmp_path, few, "--what", "map")
    words = words_for(tmp_path, many, "--what", "f-I")
    assert "$map" not in words
    lines = [line.split("#")[1][:6] for line in words.replace(", $", "\n$").splitlines()
             if line.startswith("$series") and "lc rgb" in line]
    names = list(table(many, "--what", "f-I", picture=tmp_path / "x.svg")[1])
    green = {float(name.split()[2]): int(colour[2:4], 16) for name, colour in zip(names, lines)}
    value, green = np.array(sorted(green.items())).T
    assert len(value) == 9 and "440154" in lines
    share = 0.88 * np.log(value) / np.log(value[-1])  # they are more even so than linearly
    anchors = [0x01, 0x2d, 0x52, 0x72, 0x91, 0xae, 0xc9, 0xdc, 0xe7]  # viridis'
    assert np.allclose(green, np.interp(share, np.arange(9) / 8, anchors), atol=0.6)
    texts = Svg(tmp_path / "x.svg").texts
    assert "sigma_V = 1 mV" in texts and "sigma_V = 10.143 mV" in texts  # 1 + 64 / 7


def test_labels_are_rounded_and_tell_values_apart(tmp_path):
    path = write_table(tmp_path / "t.csv", np.arange(5.0), [203.57142857142858, 203.5714, 4])
    series = table(path)[1]
    assert set(series) == {"sigma_V = 203.57143 mV", "sigma_V = 203.5714 mV", "sigma_V = 4 mV"}
    path = write_table(tmp_path / "u.csv", np.arange(5.0), [203.57142857142858, 71429.0])
    assert set(table(path)[1]) == {"sigma_V = 203.57 mV", "sigma_V = 71429 mV"}


@pytest.mark.parametrize("x, log", [(np.geomspace(0.1, 100, 7), True), ([1, 2, 5, 10, 20], True),
                                    (np.linspace(1, 100, 12), False), ([1, 2, 4], False),
                                    (np.linspace(-5, 100, 7), False),
                                    (np.geomspace(0.1, 100, 2), False)])
def test_axes_are_logarithmic_where_values_are(tmp_path, x, log):
    words = words_for(tmp_path, write_table(tmp_path / "t.csv", x, [1]))
    assert ("\nset logscale x" in words) == log
    if log:
        marks = words.split("set xtics nomirror out (")[1].split(")")[0]
        assert {"1", "10"} <= set(marks.split(", "))
        low, high = words.split("set xrange [")[1].split("]")[0].split(":")
        assert 0.9 < float(low) / x[0] < 1 < float(high) / x[-1] < 1.2


@pytest.mark.parametrize("missing, low, high", [([0, 1, 2, 3, 4], 1, 10),
                                                ([0, 1, 3, 4], 100 / 1.5, 150)])
def test_a_logarithmic_axis_of_no_rate_and_of_one(tmp_path, missing, low, high):
    path = write_table(tmp_path / "t.csv", np.geomspace(1, 1e4, 5), [1], missing=missing)
    words = words_for(tmp_path, path)
    x = words.split("set xrange [")[1].split("]")[0].split(":")
    assert "\nset logscale x" in words and np.allclose([float(end) for end in x], (low, high))
    plot(path, tmp_path / "x.svg")


def test_all_of_many_values_and_populations_are_shown(tmp_path):
    x = np.arange(1200.0)
    boxes = block(words_for(tmp_path, write_table(tmp_path / "map.csv", x, np.arange(1, 11.0))),
                  "map")
    boxes = boxes[np.lexsort((boxes[:, 1], boxes[:, 0]))]
    assert len(boxes) == 12000 and np.array_equal(boxes[::10, 0], x)
    assert np.allclose(boxes[:, 2], np.repeat(x - 0.5, 10))
    assert np.allclose(boxes[:, 3], np.repeat(x + 0.5, 10))
    path = write_table(tmp_path / "many.csv", [1, 2], [1],
                       results=[f"rate.p{i} (Hz)" for i in range(100)])
    series = table(path)[1]
    assert {name.split(",")[0] for name in series} == {f"p{i}" for i in range(100)}


def test_any_column_by_its_name(tmp_path):
    path = write_table(tmp_path / "t.csv", np.arange(6.0), [1, 2], missing=[3],
                       results=("rate.a (Hz)", "rate.b (Hz)", "cv.a", "cv.b", "spikes"))
    for name, quantity, offsets in (("cv.b", "cv", {"": 3000}), ("rate.b", "rate (Hz)", {"": 1000}),
                                    ("cv", "cv", {"a, ": 2000, "b, ": 3000}),
                                    ("rate.a (Hz)", "rate (Hz)", {"": 0}),
                                    ("spikes", "spikes", {"": 4000})):
        header, series = table(path, "--column", name, picture=tmp_path / "x.svg")
        assert header[2] == quantity and quantity in Svg(tmp_path / "x.svg").texts
        points = {key: values for key, values in series.items() if "theory" not in key}
        assert set(points) == {f"{key}sigma_V = {n} mV" for key in offsets for n in (1, 2)}
        for key, offset in offsets.items():
            assert np.allclose(points[f"{key}sigma_V = 1 mV"][:, 1], offset + 2 * np.arange(6))
            assert np.allclose(points[f"{key}sigma_V = 2 mV"][:, 1],
                               offset + np.delete(1 + 2 * np.arange(6), 1))


@pytest.mark.parametrize("options, message", [
    (["--column", "cv.a"], "has no column cv.a; numbers are in rate.a"),
    (["--column", "digest"], "has no numbers in its column digest; numbers are in rate.a"),
    (["--what", "map"], "t.csv: a map takes two swept keys with different numbers, and only "
     "population.a.I_e (pA) has any; --what f-I draws lines over it"),
    (["--what", "raster", "--column", "cv"], "--column goes with the table.csv of a sweep")])
def test_what_a_table_does_not_have_is_told(tmp_path, options, message):
    write_table(tmp_path / "t.csv", np.arange(6.0), [1])
    done = megalif("plot", tmp_path / "t.csv", "-o", tmp_path / "x.png", *options)
    assert done.returncode == 2 and message in done.stderr, done.stderr
    assert not (tmp_path / "x.png").exists()


def test_maps_go_with_tables(tmp_path):
    done = megalif("plot", "run.h5", "-w", "map", "-o", tmp_path / "x.png")
    assert done.returncode == 2 and "--what map goes with the table.csv of a sweep" in done.stderr


def test_theory_at_dt_of_a_sweep_under_noise(tmp_path):
    """Beside Siegert's; the panel below has what is left of the rates without it."""
    (tmp_path / "s.ini").write_text(simulation(duration="600 ms", warmup="100 ms")
                                    + population("a", 400) + counts_only("a")
                                    + section("input.n", target="a", type="white_noise",
                                              sigma_V="3 mV")
                                    + "[sweep]\npopulation.a.I_e = grid(150 pA, 250 pA, 3)\n"
                                    "input.n.sigma_V = values(3 mV; 10 mV)\nfiles = all\n")
    assert megalif("sweep", "s.ini", "-o", "s", "-q", cwd=tmp_path).returncode == 0
    _, series = table(tmp_path / "s/table.csv", picture=tmp_path / "x.svg")
    texts = Svg(tmp_path / "x.svg").texts
    assert {"- - theory", "- - theory at dt", "Siegert", "rate - theory (Hz)"} <= set(texts)
    for name, shift in (("theory", 0), ("theory at dt", 0.5826 * (2 * 0.1 / 20)**0.5)):
        lines = series[name].reshape(2, -1, 3)
        for sigma, line in zip((3, 10), lines):
            assert line[0, 0] == 150 and line[-1, 0] == 250 and len(line) > 900
            for current, rate, _ in line[::200]:
                assert rate == pytest.approx(siegert(-65 + 0.08 * current, sigma,
                                                     -50 + shift * sigma), rel=1e-6)
    for sigma in (3, 10):
        points = series[f"sigma_V = {sigma} mV"]
        less = series[f"sigma_V = {sigma} mV, less theory at dt"]
        at_dt = [siegert(-65 + 0.08 * current, sigma, -50 + 0.05826 * sigma)
                 for current in points[:, 0]]
        assert np.allclose(less[:, 1], points[:, 1] - at_dt, atol=1e-5)
        assert np.abs(less[:, 1]).max() < 1.5 and less[:, 1].std() > 0
