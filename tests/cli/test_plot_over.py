"""`megalif plot` of two files: the rates of both over each other."""
import h5py
import numpy as np
import pytest

from megalif import population, run, simulation
from spike_files import megalif
from test_plot import COLOURS, Svg
from test_plot_charts import table


def test_two_files_over_each_other(tmp_path):
    """Rates as the files have them, in wider bins; a population of one alone; both after warmup."""
    text = (simulation(duration="400 ms", warmup="100 ms")
            + population("a", 500, I_e="normal(240 pA, 30 pA)") + population("b", 40, I_e="230 pA"))
    run(tmp_path, text, name="one")
    run(tmp_path, text.replace("population.b", "population.c"), name="two",
        sets=["population.a.I_e=normal(260 pA, 30 pA)"])
    one, two, picture = tmp_path / "one.h5", tmp_path / "two.h5", tmp_path / "p.svg"
    header, series = table(one, two, picture=picture)
    assert header == ["series", "time (ms)", "rate (Hz)", "standard error"]
    assert set(series) == {f"a, {one}", f"b, {one}", f"a, {two}", f"c, {two}"}
    for path in one, two:
        rows = series[f"a, {path}"]
        width = round(rows[1, 0] - rows[0, 0])
        with h5py.File(path) as file:
            counts = file["megalif/rates/a"][()].reshape(-1, width).sum(axis=1)
        np.testing.assert_allclose(rows[:, 1], counts / 500 / (width * 1e-3), rtol=1e-9)
        np.testing.assert_allclose(rows[:, 0], width * (np.arange(len(counts)) + 0.5), rtol=1e-12)
    svg = Svg(picture)
    told = " ".join(svg.texts)
    for words in ("one.h5 and two.h5", "different spikes; rates in bins of", "not in it", "warmup"):
        assert words in told
    assert {stroke for stroke, _ in svg.paths} >= set(COLOURS[:2])
    for stroke, path in zip(COLOURS, (one, two)):  # from the first bin's begin to the last's end
        line = next(line for colour, line in svg.paths if colour == stroke and len(line) > 40)
        steps = np.array([svg.relative(0, x, y) for _, x, y in line])
        rates = series[f"a, {path}"][:, 1]
        high = 1.07 * max(rows[:, 1].max() for rows in series.values())
        np.testing.assert_allclose(steps[0], (0, rates[0] / high), atol=2e-3)
        np.testing.assert_allclose(steps[-1], (1, rates[-1] / high), atol=2e-3)
    table(one, one, picture=picture)
    assert "the same spikes, drawn over each other" in picture.read_text()


@pytest.mark.parametrize("words, code, said", [
    (["one.h5", "x.h5", "y.h5"], 2, "one file too many: y.h5"),
    (["one.h5", "one.h5", "--what", "raster"], 2, "--what goes with one file; of two the rates"),
    (["one.h5", "one.h5", "--neurons", "3"], 2, "--neurons goes with one file"),
    (["one.h5", "x.h5"], 3, "cannot read x.h5"),
    (["x.h5", "one.h5"], 3, "cannot read x.h5"),
    (["copy.h5", "one.h5", "--csv", "one.h5", "-f"], 3, "would replace one.h5, which is read")])
def test_what_two_files_cannot_be_asked_for(tmp_path, words, code, said):
    run(tmp_path, simulation(duration="20 ms") + population("a", 5), name="one")
    (tmp_path / "copy.h5").write_bytes((tmp_path / "one.h5").read_bytes())
    done = megalif("plot", *words, "-o", "p.png", cwd=tmp_path)
    assert done.returncode == code and said in done.stderr, done.stderr
    assert not (tmp_path / "p.png").exists()
