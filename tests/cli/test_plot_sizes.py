"""Sizes, fonts and titles of `megalif plot`, by the pictures and by the words that gnuplot gets."""
import re
import struct

import numpy as np
import pytest

from spike_files import megalif, ours, spikes
from test_plot import Svg, plot, words_for


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    raster = {"exc": spikes(300, 30, 2000), "inh_2": spikes(100, 10, 2000, seed=2)}
    path = tmp_path_factory.mktemp("two") / "two.h5"
    return ours(path, raster, {"exc": 30, "inh_2": 10}, 200, warmup_ms=40)


def font_of(words):
    return float(re.search(r"font 'sans-serif,([\d.]+)' fontscale", words)[1])


@pytest.mark.parametrize("options, size", [
    (["--width", "8.5cm"], (1004, 753)),  # 300 pixels an inch, three quarters
    (["--width", "85 mm", "--height", "2in", "--dpi", "600"], (2008, 1200)),
    (["--width", "640px", "--height", "360"], (640, 360)), (["--width", "640"], (640, 800)),
    (["--width", "640 px"], (640, 800))])
@pytest.mark.parametrize("what", ["raster", "intervals"])
def test_pixels_of_a_png(two, tmp_path, what, options, size):
    data = plot(two, tmp_path / "x.png", "-w", what, *options).read_bytes()
    assert struct.unpack(">II", data[16:24]) == size


def test_inches_of_svg_and_pdf(two, tmp_path):
    svg = plot(two, tmp_path / "x.svg", "--width", "5in", "--height", "4in").read_text()
    assert 'width="480" height="384"' in svg
    pdf = plot(two, tmp_path / "x.pdf", "--width", "5in", "--height", "4in").read_bytes()
    box = re.search(rb"MediaBox \[ ?0 0 ([\d.]+) ([\d.]+)", pdf)
    assert np.allclose((float(box[1]), float(box[2])), (360, 288), atol=1)


def test_text_is_read_at_any_size(two, tmp_path):
    """8 points in a paper whatever its dots; in pixels it shrinks less than the picture."""
    for dpi in (150, 600):
        words = words_for(tmp_path, two, "--width", "17cm", "--dpi", str(dpi))
        assert font_of(words) == pytest.approx(8 / 72 * dpi, abs=0.06)
    assert font_of(words_for(tmp_path, two)) == pytest.approx(16.2, abs=0.1)
    assert font_of(words_for(tmp_path, two, "--width", "600", "--height", "400")) > 11
    words = words_for(tmp_path, two, "--width", "17cm", "--font", "10")
    assert font_of(words) == pytest.approx(10 / 72 * 300, abs=0.06)
    words = words_for(tmp_path, two, "--font", "Helvetica Neue,9")
    assert "font 'Helvetica Neue,12.0' fontscale" in words and "sans-serif" not in words


def test_a_column_leaves_room_for_what_is_drawn(two, tmp_path):
    """Panels are more than half as wide as the picture, where names stand above or left of them."""
    for what in ("raster", "intervals"):
        words = words_for(tmp_path, two, "--width", "8.5cm", "-w", what)
        left, right = (float(re.search(rf"set {side}margin at screen ([\d.]+)", words)[1])
                       for side in "lr")
        assert right - left > 0.6 and "'{/:Bold exc}'" in words


def test_titles(two, tmp_path):
    texts = Svg(plot(two, tmp_path / "x.svg", "--title", "It's {mine}")).texts
    assert "It's {mine}" in texts and "two.h5" not in texts
    assert any(text.startswith("40 neurons, 400 spikes") for text in texts)
    texts = Svg(plot(two, tmp_path / "x.svg", "--title", "")).texts
    assert not any("two.h5" in text or "spikes" in text for text in texts) and "exc" in texts


def test_facts_are_broken_where_there_is_no_room(two, tmp_path):
    for width, whole in (("6cm", False), ("17cm", True)):
        words = words_for(tmp_path, two, "--width", width)
        assert ("'40 neurons, 400 spikes in 200 ms, dt 0.1 ms; digest" in words) == whole
        assert "'40 neurons, 400 spikes in 200 ms," in words and "digest" in words


@pytest.mark.parametrize("options, message", [
    (["--width", "8.5cm", "--height", "300"],
     "--width 8.5cm and --height 300: give both in pixels"),
    (["--height", "5cm"], "--height 5cm goes with a --width in cm, mm or in"),
    (["--width", "12"], "--width takes from 200 to 10000 pixels, and these are 12"),
    (["--width", "9m"],
     "--width takes a length such as 1200 (pixels), 8.5cm, 85mm or 3.3in, not 9m"),
    (["--height", "1e3"], "--height takes a length such as 1200"),
    (["--width", "90cm", "--dpi", "600"], "pixels, and these are 21260"),
    (["--dpi", "200"], "--dpi goes with a --width in cm, mm or in, such as 8.5cm"),
    (["--dpi", "0", "--width", "8cm"], "--dpi takes a whole number from 30 to 2400, not 0"),
    (["--font", "x'; exit"], "--font takes a size of 3 to 72 points, a typeface, or both"),
    (["--font", "200"], "--font takes a size of 3 to 72 points")])
def test_impossible_sizes_are_named(two, tmp_path, options, message):
    done = megalif("plot", two, "-o", tmp_path / "x.png", *options)
    assert done.returncode == 2 and message in done.stderr, done.stderr
    assert list(tmp_path.iterdir()) == []


def test_dots_an_inch_are_of_a_png(two, tmp_path):
    done = megalif("plot", two, "-o", tmp_path / "x.pdf", "--width", "8cm", "--dpi", "200")
    assert done.returncode == 2 and "--dpi goes with a .png; a .svg or .pdf has" in done.stderr
