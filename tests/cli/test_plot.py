"""`megalif plot`: pictures of the right kind whose strokes, steps and shades lie where the spikes
are.

The numbers are read back from the SVG.
"""
import base64
import json
import re
import signal
import struct
import subprocess
import time
import zlib
from xml.etree import ElementTree

import h5py
import numpy as np
import pytest

from megalif import PROGRAM
from spike_files import foreign, megalif, only_from, ours, spikes

COLOURS = ["0,114,178", "213,94,0", "0,158,115", "204,121,167", "230,159,0"]
MAGIC = {"png": b"\x89PNG\r\n\x1a\n", "svg": b"<?xml", "pdf": b"%PDF-"}


def plot(path, picture, *options):
    done = megalif("plot", path, "-f", "-o", picture, *options)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "" and done.stderr == ""
    return picture


def words_for(tmp_path, file, *options):
    """What gnuplot is told for x.png, by a program of its name that keeps it."""
    fake = tmp_path / "bin" / "gnuplot"
    fake.parent.mkdir(exist_ok=True)
    fake.write_text("#!/bin/sh\n/bin/cat >words\necho IEND\n")
    fake.chmod(0o755)
    done = megalif("plot", file, "-f", "-o", "x.png", *options, cwd=tmp_path,
                   env=only_from(fake.parent))
    assert done.returncode == 0, done.stderr
    return (tmp_path / "words").read_bytes().decode(errors="replace")


class Svg:
    """Texts, panels and drawn lines of a picture, in data coordinates where they are asked for."""

    def __init__(self, path):
        self.root = ElementTree.parse(path).getroot()
        self.texts = [" ".join("".join(t.itertext()).split()) for t in self.find("text")]
        self.paths = [(p.get("stroke", "").replace(" ", "")[4:-1], self.points(p.get("d")))
                      for p in self.find("path")]
        # Each panel's axes: left top, left bottom, right bottom. (They are drawn twice.)
        axes = [tuple(points[:3]) for colour, points in self.paths
                if colour == "102,102,102" and len(points) >= 3 and points[0][1] == points[1][1]
                and points[1][2] == points[2][2] and points[2][2] - points[0][2] > 100]
        self.panels = list(dict.fromkeys(axes))

    def find(self, tag):
        return self.root.iter("{http://www.w3.org/2000/svg}" + tag)

    @staticmethod
    def points(d):
        return [(kind, float(x), float(y)) for kind, x, y in
                re.findall(r"([ML])\s*([-\d.]+),([-\d.]+)", d or "")]

    def relative(self, panel, x, y):
        """(0, 0) at the panel's lower left, (1, 1) at its upper right."""
        (_, left, top), (_, _, bottom), (_, right, _) = self.panels[panel]
        return (x - left) / (right - left), (bottom - y) / (bottom - top)

    def strokes(self, colour):
        """The raster's marks of a colour: (time, height) of their middles."""
        marks = []
        for stroke, points in self.paths:
            pairs = list(zip(points[::2], points[1::2]))
            if stroke == colour and all(a[0] == "M" and b[0] == "L" for a, b in pairs):
                marks += [self.relative(0, a[1], (a[2] + b[2]) / 2) for a, b in pairs]
        return np.array(sorted(marks))

    def steps(self, colour):
        """The vertices of a rate, relative to the last panel."""
        lines = [points for stroke, points in self.paths
                 if stroke == colour and [p[0] for p in points[:3]] == ["M", "L", "L"]]
        assert len(lines) == 1
        return np.array([self.relative(-1, x, y) for _, x, y in lines[0]])

    def rate_scale(self):
        """Hz of the last panel's whole height, from the marks of its axis."""
        bottom, left = self.panels[-1][1][2], self.panels[-1][0][1]
        marks = []
        for group in self.find("g"):
            place = re.match(r"translate\(([\d.]+),([\d.]+)\)", group.get("transform", ""))
            text = "".join(group.itertext()).strip()
            if place and re.fullmatch(r"[\d.]+", text) and group.get("text-anchor") == "end":
                if left - 40 < float(place[1]) < left and float(place[2]) > self.panels[-1][0][2]:
                    marks.append((float(text), float(place[2])))
        (low, y_low), (high, y_high) = min(marks), max(marks)
        return (high - low) / (y_low - y_high) * (bottom - self.panels[-1][0][2])

    def images(self):
        """Each image as (its y within the panel from .. to, rows from bottom to top of RGB)."""
        for image in self.find("image"):
            data = image.get("{http://www.w3.org/1999/xlink}href").split(",")[1]
            x, y, w, h = (float(image.get(key)) for key in ("x", "y", "width", "height"))
            yield (self.relative(0, x, y + h), self.relative(0, x + w, y),
                   decode_png(base64.b64decode(data))[::-1])


def decode_png(data):
    """Rows from top to bottom of an 8-bit RGB image."""
    at, packed = 8, b""
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        if kind == b"IHDR":
            width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", body)
            assert depth == 8 and colour in (2, 6) and not interlaced
        packed += body if kind == b"IDAT" else b""
        at += 12 + length
    channels = {2: 3, 6: 4}[colour]
    raw, line = zlib.decompress(packed), width * channels
    rows, above = [], [0] * line
    for y in range(height):
        filtered, kind = raw[y * (line + 1) + 1:(y + 1) * (line + 1)], raw[y * (line + 1)]
        row = []
        for i, value in enumerate(filtered):
            a, b = row[i - channels] if i >= channels else 0, above[i]
            c = above[i - channels] if i >= channels else 0
            nearest = min((abs(b - c), a), (abs(a - c), b), (abs(a + b - 2 * c), c),
                          key=lambda pair: pair[0])[1]
            row.append((value + (0, a, b, (a + b) // 2, nearest)[kind]) & 255)
        rows.append(row)
        above = row
    return np.array(rows).reshape(height, width, channels)[:, :, :3]


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """Two populations with few spikes, and warmup."""
    raster = {"exc": spikes(300, 30, 2000), "inh_2": spikes(100, 10, 2000, seed=2)}
    path = tmp_path_factory.mktemp("two") / "two.h5"
    return ours(path, raster, {"exc": 30, "inh_2": 10}, 200, warmup_ms=40), raster


def bands(sizes):
    """Lower and upper end of each population's band in the raster, the first on top."""
    gap = 0.012
    top, shares = 1.0, [max(size, 0.2 * max(sizes), 1) for size in sizes]
    for share in shares:
        low = top - share / sum(shares) * (1 - gap * (len(sizes) - 1))
        yield low, top
        top = low - gap


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_pictures_are_of_their_kind(two, tmp_path, kind):
    picture = tmp_path / f"x.{kind}"
    picture.write_text("in the way")
    mode = picture.stat().st_mode
    plot(two[0], picture)
    data = picture.read_bytes()
    assert data.startswith(MAGIC[kind]) and len(data) > 5000
    assert [p.name for p in tmp_path.iterdir()] == [picture.name]
    assert picture.stat().st_mode == mode


def test_size_is_as_asked(two, tmp_path):
    data = plot(two[0], tmp_path / "x.png", "--width", 640, "--height", 360).read_bytes()
    assert struct.unpack(">II", data[16:24]) == (640, 360)
    assert struct.unpack(">II", plot(two[0], tmp_path / "y.png").read_bytes()[16:24]) == (1200, 800)


def test_words_say_what_is_shown(two, tmp_path):
    texts = Svg(plot(two[0], tmp_path / "x.svg")).texts
    for text in ("two.h5", "time (ms)", "rate (Hz)", "warmup", "30 neurons", "10 neurons"):
        assert text in texts, text
    assert texts.count("exc") == texts.count("inh_2") == 2
    assert any(text.startswith("40 neurons, 400 spikes in 200 ms, dt 0.1 ms") for text in texts)
    late = [sum(step > 400 for step, _ in rows) / size / 0.16
            for rows, size in zip(two[1].values(), (30, 10))]
    for rate in late:
        assert f"mean {rate:.3g} Hz" in texts


def check_strokes(svg, raster, sizes, begin, end):
    for (rows, colour, size, (low, high)) in zip(raster, COLOURS, sizes, bands(sizes)):
        expected = sorted(((step / 10 - begin) / (end - begin),
                           low + (row + 0.5) / size * (high - low))
                          for step, row in rows)
        found = svg.strokes(colour)
        assert found.shape == (len(expected), 2)
        expected = np.array(expected)
        # coordinates have two digits; spikes of one step may come in another order
        assert np.abs(np.sort(found[:, 0]) - np.sort(expected[:, 0])).max() < 3e-5
        assert np.abs(np.sort(found[:, 1]) - np.sort(expected[:, 1])).max() < 1e-4
        assert abs(np.dot(found[:, 0], found[:, 1]) - np.dot(expected[:, 0], expected[:, 1])) < 0.02


def test_every_spike_has_its_stroke(two, tmp_path):
    svg = Svg(plot(two[0], tmp_path / "x.svg"))
    check_strokes(svg, two[1].values(), (30, 10), 0, 200)


def test_a_window_shows_its_spikes(two, tmp_path):
    svg = Svg(plot(two[0], tmp_path / "x.svg", "--from", "50ms", "--to", "0.12s"))
    part = [[s for s in rows if 500 < s[0] <= 1200] for rows in two[1].values()]
    assert 0 < len(part[0]) < 300
    check_strokes(svg, part, (30, 10), 50, 120)
    for rows, size in zip(part, (30, 10)):  # the bins are 1 ms wide here
        assert f"in view {len(rows) / size / 0.07:.3g} Hz" in svg.texts
    assert any(text.startswith("40 neurons, 400 spikes in all 200 ms, dt") for text in svg.texts)
    svg = Svg(plot(two[0], tmp_path / "x.svg", "--from", "20", "--to", "100"))  # warmup up to 40 ms
    for rows, size in zip(two[1].values(), (30, 10)):
        rate = sum(400 < step <= 1000 for step, _ in rows) / size / 0.06
        assert f"in view {rate:.3g} Hz" in svg.texts


def test_some_neurons_are_spread_over_the_ids(two, tmp_path):
    svg = Svg(plot(two[0], tmp_path / "x.svg", "--neurons", 6))
    part = [[(step, i // stride) for step, i in rows if i % stride == 0 and i // stride < 6]
            for rows, stride in zip(two[1].values(), (5, 1))]
    check_strokes(svg, part, (6, 6), 0, 200)
    assert "6 of 30" in svg.texts and "6 of 10" in svg.texts
    assert {"0", "25", "5"} <= set(svg.texts)  # the last rows are neurons 25 and 5


def check_rate(svg, rows, colour, size, duration, bin_ms):
    """The drawn steps' values at the middle of every bin against a histogram."""
    bins = round(duration / bin_ms)
    expected = np.zeros(bins)
    for step, _ in rows:
        expected[int((step - 1) // (10 * bin_ms))] += 1e3 / size / bin_ms
    vertices = svg.steps(colour)
    middles = (np.arange(bins) + 0.5) / bins
    drawn = [vertices[np.searchsorted(vertices[:, 0], x, side="right") - 1][1] for x in middles]
    assert np.abs(np.array(drawn) * svg.rate_scale() - expected).max() < 2e-3 * expected.max()


def test_rates_are_the_counts_in_the_bins(two, tmp_path):
    svg = Svg(plot(two[0], tmp_path / "x.svg"))
    assert "bins of 2 ms" in svg.texts
    for rows, colour, size in zip(two[1].values(), COLOURS, (30, 10)):
        check_rate(svg, rows, colour, size, 200, 2)


@pytest.mark.parametrize("count, panels", [(5, 1), (6, 6), (10, 10), (20, 1)])
def test_many_rates_have_panels_of_their_own(tmp_path, count, panels):
    """As long as these are high enough; each with its scale."""
    raster = {f"p{i}": spikes(200 * (i + 1), 50, 2000, seed=i) for i in range(count)}
    path = ours(tmp_path / "x.h5", raster, {name: 50 for name in raster}, 200)
    words = words_for(tmp_path, path, "--neurons", "10")
    assert words.count("with steps") == count and words.count("plot -1, $rate") == panels
    scales = [float(part.split("]")[0]) for part in words.split("set yrange [0:")[2:]]
    assert len(scales) == panels and (panels == 1 or scales[0] < scales[1] < scales[-1])


def test_without_a_raster_there_is_room_for_twice_as_many(tmp_path):
    hidden = {f"p{i}": spikes(200, 50, 2000, seed=i) for i in range(20)}
    path = ours(tmp_path / "x.h5", {}, {name: 50 for name in hidden}, 200, hidden=hidden)
    assert words_for(tmp_path, path).count("plot -1, $rate") == 20


def test_rates_of_a_file_without_them_come_from_the_raster(tmp_path):
    rows = spikes(20_000, 1000, 2000)
    rows = [s for s in rows
            if s != (2000, 999)] + [(2000, 999)]  # its end and size are known by these
    svg = Svg(plot(foreign(tmp_path / "f.h5", {"V1": rows}), tmp_path / "x.svg"))
    assert "bins of 2 ms" in svg.texts and "1,000 active" in svg.texts
    check_rate(svg, rows, COLOURS[0], 1000, 200, 2)


def test_long_files_get_seconds_and_wide_bins(tmp_path):
    rows = spikes(20_000, 100, 100_000)
    path = ours(tmp_path / "long.h5", {"p": rows}, {"p": 100}, 10_000)
    svg = Svg(plot(path, tmp_path / "x.svg"))
    assert "time (s)" in svg.texts and "bins of 100 ms" in svg.texts
    check_rate(svg, rows, COLOURS[0], 100, 10_000, 100)


def test_many_spikes_become_a_density(tmp_path):
    """The lower half of the ids fires in the first half of the time, the upper in the second, twice
    as much."""
    rng = np.random.default_rng(5)
    early = rng.choice(1000 * 1000, 20_000, replace=False)
    late = rng.choice(1000 * 1000, 40_000, replace=False)
    rows = sorted([(int(c) // 1000 + 1, int(c) % 1000) for c in early]
                  + [(int(c) // 1000 + 1001, int(c) % 1000 + 1000) for c in late])
    path = ours(tmp_path / "many.h5", {"p": rows}, {"p": 2000}, 200)
    svg = Svg(plot(path, tmp_path / "x.svg", "--neurons", 2000))
    (low, high, rgb), = svg.images()
    assert np.allclose((low, high), ((0, 0), (1, 1)), atol=0.02)
    dark = 255.0 - rgb[:, :, 0]
    middle_y, middle_x = np.array(dark.shape) // 2
    quarter = [[dark[:middle_y - 1, :middle_x - 1].mean(),
                dark[:middle_y - 1, middle_x + 1:].mean()],
               [dark[middle_y + 1:, :middle_x - 1].mean(),
                dark[middle_y + 1:, middle_x + 1:].mean()]]
    assert quarter[0][1] == quarter[1][0] == 0
    assert quarter[1][1] == pytest.approx(2 * quarter[0][0], rel=0.1) and quarter[0][0] > 20
    assert len(svg.strokes(COLOURS[0])) == 0
    assert "1,999" in svg.texts and "0 Hz" in svg.texts
    colour = r"colour: rate of a neuron \(Hz\) in cells of ([\d,]+) neurons × ([\d.]+) ms"
    neurons, = [re.fullmatch(colour, text) for text in svg.texts if text.startswith("colour")]
    assert (abs(2000 / len(rgb) - int(neurons[1])) < 1
            and rgb.shape[1] == np.ceil(200 / float(neurons[2])))
    check_rate(svg, rows, COLOURS[0], 2000, 200, 1)


def test_warmup_is_shaded_alike_everywhere(two, tmp_path):
    """Under dots, a density and rates. By the words that gnuplot gets."""
    many = ours(tmp_path / "many.h5", {"p": spikes(40_000, 1000, 2000)}, {"p": 1000}, 200,
                warmup_ms=40)
    for file, image in ((two[0], False), (many, True)):
        words = words_for(tmp_path, file, "--neurons", "1000")
        assert ("rgbimage" in words) == image
        grey = "set object rectangle from graph 0, graph 0 to 40, graph 1 front fc rgb 'black'"
        assert words.count(grey) == 2
        place = float(re.search(r"'warmup' at screen [\d.]+, screen ([\d.]+)", words)[1])
        top, bottom = (re.findall(rf"set {side}margin at screen ([\d.]+)", words) for side in "tb")
        assert float(top[1]) < place < float(bottom[0])  # between the panels, on neither's lines


def test_a_sample_of_the_rows_is_dots_where_all_would_be_too_many(tmp_path):
    """Up to 20 times as many spikes as there can be dots; small populations are whole."""
    raster = {"exc": spikes(60_000, 2000, 2000), "inh": spikes(1000, 50, 2000, seed=2)}
    path = ours(tmp_path / "x.h5", raster, {"exc": 2000, "inh": 50}, 200)
    svg = Svg(plot(path, tmp_path / "x.svg"))
    assert not list(svg.images()) and "666 of 2,000" in svg.texts and "50 neurons" in svg.texts
    sample = [(step, i // 3) for step, i in raster["exc"] if i % 3 == 0 and i < 1998]
    for rows, colour, size, (low, high) in zip((sample, raster["inh"]), COLOURS, (666, 50),
                                               bands((666, 50))):
        found = svg.strokes(colour)  # at the edges cut to half their height
        assert np.allclose(found[:, 0], sorted(step / 2000 for step, _ in rows), atol=1e-4)
        heights = sorted(low + (row + 0.5) / size * (high - low) for _, row in rows)
        assert np.allclose(np.sort(found[:, 1]), heights, atol=1e-3)


def test_a_small_population_keeps_its_dots_beside_a_density(tmp_path):
    raster = {"exc": spikes(660_000, 4000, 2000), "inh": spikes(1000, 50, 2000, seed=2)}
    path = ours(tmp_path / "x.h5", raster, {"exc": 4000, "inh": 50}, 200)
    svg = Svg(plot(path, tmp_path / "x.svg"))
    assert len(list(svg.images())) == 1 and len(svg.strokes(COLOURS[0])) == 0
    low, high = list(bands((4000, 50)))[1]
    marks = svg.strokes(COLOURS[1])
    assert len(marks) == 1000 and low < marks[:, 1].min() and marks[:, 1].max() < high
    lines = megalif("plot", path, "--csv", "-").stdout
    assert lines.count("spike,inh,") == 1000 and lines.count("spike,exc,") == 0
    assert lines.count("density,inh,") == 0 and lines.count("density,exc,") > 1000


def test_the_raster_may_hold_a_sample_of_the_neurons(tmp_path):
    rows = [(step, 1000 * i + 7) for step, i in spikes(200, 20, 1000)]
    path = ours(tmp_path / "sample.h5", {"p": rows}, {"p": 50_000}, 100)
    with h5py.File(path, "r+") as file:
        file["megalif/populations/p"].attrs["recorded"] = np.uint8(0)
    svg = Svg(plot(path, tmp_path / "x.svg"))
    assert "20 of 50,000" in svg.texts and "7" in svg.texts and "19,007" in svg.texts
    check_strokes(svg, [[(step, i // 1000) for step, i in rows]], (20,), 0, 100)


def test_a_file_without_a_raster_shows_rates(tmp_path):
    hidden = {"exc": spikes(3000, 30, 2000), "inh": spikes(1000, 10, 2000)}
    path = ours(tmp_path / "rates.h5", {}, {"exc": 30, "inh": 10}, 200, hidden=hidden)
    svg = Svg(plot(path, tmp_path / "x.svg"))
    assert len(svg.panels) == 1
    assert any("4,000 spikes (none recorded)" in text for text in svg.texts)
    assert "bins of 2 ms" in svg.texts
    for rows, colour, size in zip(hidden.values(), COLOURS, (30, 10)):
        check_rate(svg, rows, colour, size, 200, 2)


@pytest.mark.parametrize("raster, sizes", [
    ({"quiet": []}, {"quiet": 1000}),
    ({"one": [(17, 0), (500, 0)]}, {"one": 1}),
    ({f"p{i}": spikes(50, 10 ** (i % 5 + 1), 1000, seed=i) for i in range(20)},
     {f"p{i}": 10 ** (i % 5 + 1) for i in range(20)}),
], ids=["no spikes", "one neuron", "twenty populations"])
@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_extremes_are_drawn(tmp_path, raster, sizes, kind):
    path = ours(tmp_path / "x.h5", raster, sizes, 100)
    assert len(plot(path, tmp_path / f"x.{kind}").read_bytes()) > 3000
    if kind == "svg":
        texts = Svg(tmp_path / "x.svg").texts
        assert ("no spikes" in texts) == ("quiet" in raster)


def test_names_are_never_commands(tmp_path):
    name = "a_b^{c}@&~'`touch pwned`\\n\"$(touch pwned)"
    file = tmp_path / "it's `touch pwned`.h5"
    foreign(file, {name: spikes(20, 5, 100), "ünïcode": spikes(20, 5, 100)})
    picture = tmp_path / "the 'picture' `touch pwned`.svg"
    done = megalif("plot", file, "-o", picture, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    texts = Svg(picture).texts
    assert file.name in texts and "ünïcode" in texts and name[:9] + "…" + name[-8:] in texts
    assert sorted(tmp_path.iterdir()) == sorted([file, picture])


def test_without_gnuplot_the_message_says_how_to_get_it(two, tmp_path):
    done = megalif("plot", two[0], "-o", tmp_path / "x.png", env=only_from(tmp_path))
    assert done.returncode == 3
    assert "gnuplot" in done.stderr and "apt-get install gnuplot-nox" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_gnuplot_complains_of_is_passed_on(two, tmp_path):
    fake = tmp_path / "bin" / "gnuplot"
    fake.parent.mkdir()
    fake.write_text("#!/bin/sh\necho 'no such terminal' >&2\nexit 1\n")
    fake.chmod(0o755)
    done = megalif("plot", two[0], "-o", tmp_path / "x.png", env=only_from(fake.parent))
    assert (done.returncode, done.stderr) == (
        3, f"megalif plot: cannot write {tmp_path}/x.png: gnuplot failed: no such terminal\n")
    assert [p.name for p in tmp_path.iterdir()] == ["bin"]


BAD_TIMES = {"huge": 1e300, "infinite": np.inf, "minus infinite": -np.inf, "no number": np.nan,
             "negative": -1.0}


def spoiled(path, make, row, wrong, count=300):
    make(path, count)
    with h5py.File(path, "r+") as file:
        file["spikes/p/timestamps"][row] = wrong
    return path


def make_ours(path, count):
    ours(path, {"p": spikes(count, 1000, 2000)}, {"p": 1000}, 200)


@pytest.mark.parametrize("command", ["plot", "info", "info --json"])
@pytest.mark.parametrize("row", [0, 150, 299])
@pytest.mark.parametrize("wrong", BAD_TIMES.values(), ids=BAD_TIMES)
@pytest.mark.parametrize("make", [
    make_ours,
    lambda path, count: foreign(path, {"p": spikes(count, 1000, 2000)}),
    lambda path, count: foreign(path, {"p": spikes(count, 1000, 2000)}, sorting="none"),
], ids=["ours", "foreign", "unsorted"])
def test_times_that_cannot_be_are_damage(tmp_path, command, row, wrong, make):
    path = spoiled(tmp_path / "x.h5", make, row, wrong)
    options = ["-o", tmp_path / "x.png"] if command == "plot" else []
    done = megalif(*command.split(), path, *options)
    assert done.returncode == 3
    told = f"{path} is damaged: population p, row {row}: time {wrong:.10g} ms;"
    assert told in done.stderr
    if "--json" in command:
        assert told in json.loads(done.stdout)["errors"][0]["text"]
    else:
        assert done.stdout == ""
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("wrong", [np.nan, 1e300])
@pytest.mark.parametrize("row", [70_000, 75_000, 149_999])
def test_damage_is_seen_far_inside_a_long_raster(tmp_path, row, wrong):
    """Row 75,000 is the first that the search for the end of the view looks at."""
    path = spoiled(tmp_path / "x.h5", make_ours, row, wrong, count=150_000)
    done = megalif("plot", path, "-o", tmp_path / "x.png")
    assert done.returncode == 3
    assert f"is damaged: population p, row {row}: time {wrong:.10g} ms;" in done.stderr


@pytest.mark.parametrize("late", [3e15, 1e18])
def test_very_late_times_are_drawn(tmp_path, late):
    path = spoiled(tmp_path / "x.h5",
                   lambda path, count: foreign(path, {"p": spikes(count, 9, 999)}),
                   299, late)
    assert plot(path, tmp_path / "x.png").read_bytes().startswith(MAGIC["png"])


@pytest.mark.parametrize("name, value", [("duration_ms", 1e300), ("duration_ms", np.inf),
                                         ("duration_ms", np.nan), ("dt_ms", np.inf)])
def test_a_simulation_that_cannot_be_is_damage(tmp_path, name, value):
    make_ours(tmp_path / "x.h5", 300)
    with h5py.File(tmp_path / "x.h5", "r+") as file:
        file["megalif"].attrs[name] = value
    for command in (["plot", "-o", tmp_path / "x.png"], ["info"]):
        done = megalif(*command, tmp_path / "x.h5")
        assert done.returncode == 3 and "x.h5 is damaged: steps of " in done.stderr
        assert f"{value:.10g} ms" in done.stderr


@pytest.mark.parametrize("width", [1e-300, np.inf, np.nan, -1.0])
def test_stored_bins_that_cannot_be_are_left_out(tmp_path, width):
    rows = spikes(20_000, 1000, 2000)
    ours(tmp_path / "x.h5", {"p": rows}, {"p": 1000}, 200)
    with h5py.File(tmp_path / "x.h5", "r+") as file:
        file["megalif/rates/p"].attrs["bin_width_ms"] = width
    svg = Svg(plot(tmp_path / "x.h5", tmp_path / "x.svg"))
    check_rate(svg, rows, COLOURS[0], 1000, 200, 2)


def test_info_has_a_dash_for_a_rate_that_is_not_defined(tmp_path):
    """All of the run was warmup."""
    make_ours(tmp_path / "x.h5", 300)
    with h5py.File(tmp_path / "x.h5", "r+") as file:
        file["megalif"].attrs["warmup_ms"] = 200.0
        file["megalif/populations/p"].attrs["mean_rate_Hz"] = np.nan
    line, = [s.split() for s in megalif("info", tmp_path / "x.h5").stdout.splitlines()
             if s[:2] == "p "]
    assert line == ["p", "1000", "300", "300", "-", "-"]
    facts = json.loads(megalif("info", "--json", tmp_path / "x.h5").stdout)
    assert facts["populations"][0]["mean_rate_Hz"] is None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_nothing_behind(two, tmp_path, number):
    fake = tmp_path / "bin" / "gnuplot"
    fake.parent.mkdir()
    fake.write_text("#!/bin/sh\n/bin/cat >/dev/null\necho >started\nexec /bin/sleep 5\n")
    fake.chmod(0o755)
    work = tmp_path / "work"
    work.mkdir()
    run = subprocess.Popen([PROGRAM, "plot", two[0], "-o", work / "x.png"], cwd=tmp_path,
                           env=only_from(fake.parent),  # nohup and `&` leave signals ignored
                           preexec_fn=lambda: signal.signal(number, signal.SIG_DFL))
    for _ in range(1000):
        if (tmp_path / "started").exists():
            break
        time.sleep(0.01)
    assert [p.name[:6] for p in work.iterdir()] == ["x.png."]
    run.send_signal(number)
    assert run.wait(timeout=20) == -number
    assert list(work.iterdir()) == []


@pytest.mark.parametrize("options, code, message", [
    ([], 2, "no picture given: -o PICTURE.png"),
    (["-o", "x.jpg"], 2, "x.jpg: a picture's name ends in .png, .svg or .pdf"),
    (["-o", "png"], 2, "png: a picture's name ends in .png, .svg or .pdf"),
    (["-o", "x.png", "--from", "5 mV"], 2,
     "--from takes a time such as 250, 250ms or 1.5s, not 5 mV"),
    (["-o", "x.png", "--to=-1"], 2, "--to takes a time"),
    (["-o", "x.png", "--from", "300"], 2, "nothing to show from 300 to 200 ms"),
    (["-o", "x.png", "--from", "90", "--to", "90"], 2, "nothing to show from 90 to 90 ms"),
    (["-o", "x.png", "--neurons", "0"], 2, "--neurons takes a whole number from 1"),
    (["-o", "nowhere/x.png"], 3,
     "cannot write nowhere/x.png: directory nowhere: No such file or directory"),
])
def test_wrong_options_are_named(two, tmp_path, options, code, message):
    done = megalif("plot", two[0], *options, cwd=tmp_path)
    assert done.returncode == code and message in done.stderr, done.stderr
    assert list(tmp_path.iterdir()) == []
