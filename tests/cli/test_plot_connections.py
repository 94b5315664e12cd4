"""`megalif plot --what connections`: its numbers against closed forms and against the edges that
`megalif connections` writes, read with h5py."""
import csv
import io

import h5py
import numpy as np
import pytest
from scipy import stats

from edge_files import connections, read_edges, write_edges
from megalif import section, simulation
from spike_files import megalif, ours
from test_plot import Svg

CONFIG = (simulation(duration="100 ms") + section("population.a", size=300) +
          section("population.b", size=9000) +
          section("projection.ab", source="a[50:]", target="b[10:8500]", rule="fixed_indegree",
                  indegree=20, weight="normal_clipped(-0.3 mV, 0.05 mV, -0.5 mV, -0.1 mV)",
                  delay="uniform(0.5 ms, 30 ms)") +
          section("projection.ba", source="b", target="a", rule="pairwise_bernoulli", p=0.02,
                  weight="0.1 mV", delay="1.5 ms") +
          section("projection.one", source="a", target="a", rule="one_to_one", weight="7.5 mV",
                  delay="0.1 ms"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("connections")
    (folder / "net.ini").write_text(CONFIG)
    connections(folder, "net.ini", "-o", "edges.h5")
    return folder


def histograms(folder, path, *options):
    """{(projection, quantity): array of from, to, number}."""
    done = megalif("plot", path, "--what", "connections", "--csv", "-", *options, cwd=folder)
    said = [line for line in done.stderr.splitlines() if not line.startswith("megalif: [")]
    assert (done.returncode, said) == (0, [])  # progress where it takes seconds
    header, *rows = csv.reader(io.StringIO(done.stdout))
    assert header == ["projection", "quantity", "from", "to", "number"]
    found = {}
    for name, quantity, *numbers in rows:
        found.setdefault((name, quantity), []).append([float(x) for x in numbers])
    return {key: np.array(rows) for key, rows in found.items()}


def expected(values, bars):
    """How many of the values each bar should have; bars of one value have no width."""
    if bars[0, 0] == bars[0, 1]:
        assert len(bars) == 1 and np.allclose(values, bars[0, 0], rtol=1e-11)
        return [len(values)]
    assert np.allclose(bars[1:, 0], bars[:-1, 1], rtol=1e-11, atol=1e-11)
    return np.histogram(values, np.append(bars[:, 0], bars[-1, 1]))[0]


def values_of(folder):
    """{(projection, quantity): values}, from the edges file, of the neurons in the slices."""
    found = {}
    for name, sources, targets in (("ab", range(50, 300), range(10, 8500)),
                                   ("ba", range(9000), range(300)),
                                   ("one", range(300), range(300))):
        source, target, weight, delay = read_edges(folder / "edges.h5", name)
        found[name, "in-degree"] = np.bincount(target.astype(int), minlength=9000)[list(targets)]
        found[name, "out-degree"] = np.bincount(source.astype(int), minlength=9000)[list(sources)]
        found[name, "delay"], found[name, "weight"] = delay, weight
    return found


@pytest.mark.parametrize("path", ["net.ini", "edges.h5"])
def test_numbers_are_those_of_the_edges(folder, path):
    bars = histograms(folder, path)
    values = values_of(folder)
    assert set(bars) == set(values)
    for key, found in bars.items():
        assert np.array_equal(found[:, 2], expected(values[key], found)), key
        assert found[:, 2].sum() == len(values[key])
    assert len(bars["ab", "weight"]) > 20 and len(bars["ab", "delay"]) > 20
    assert len(bars["ba", "in-degree"]) > 20


def test_config_and_edges_show_the_same(folder):
    first, second = (histograms(folder, path) for path in ("net.ini", "edges.h5"))
    for key in first:
        assert np.array_equal(first[key], second[key])


@pytest.mark.parametrize("threads", [1, 2])
def test_threads_change_nothing(folder, threads):
    first, second = histograms(folder, "net.ini"), histograms(folder, "net.ini", "-t", threads)
    for key in first:
        assert np.array_equal(first[key], second[key])


def test_numbers_follow_the_rules(folder):
    """fixed_indegree gives all 20; Bernoulli's degrees are binomial, uniform delays even."""
    bars = histograms(folder, "net.ini")
    assert bars["ab", "in-degree"].tolist() == [[20, 20, 8490]]
    assert bars["one", "out-degree"].tolist() == [[1, 1, 300]]
    assert bars["ba", "delay"][:, :2].tolist() == [[1.5, 1.5]]
    degrees = bars["ba", "out-degree"]
    law = stats.binom(300, 0.02)
    share = law.cdf(degrees[:, 1]) - law.cdf(degrees[:, 0])
    kept = 9000 * share > 5
    assert stats.chisquare(degrees[kept, 2], degrees[kept, 2].sum() * share[kept] /
                           share[kept].sum()).pvalue > 1e-6
    delays = bars["ab", "delay"]
    inner = delays[2:-2]
    assert len(inner) > 20
    assert stats.chisquare(inner[:, 2]).pvalue > 1e-6  # no bar has more steps than another
    middle = (bars["ab", "weight"][:, :2].mean(axis=1) * bars["ab", "weight"][:, 2]).sum()
    assert middle / (8490 * 20) == pytest.approx(-0.3, abs=1e-3)


def test_picture_says_what_it_shows(folder):
    done = megalif("plot", "net.ini", "-o", "net.svg", "-f", cwd=folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    texts = Svg(folder / "net.svg").texts
    count = len(read_edges(folder / "edges.h5", "ba")[0])
    for text in ("net.ini", f"{8490 * 20 + count + 300:,} synapses", "169,800 synapses", "a → b",
                 "in-degree", "out-degree", "delay (ms)", "weight (mV)", "all 20", "all 1.5",
                 "all 0.1"):
        assert text in texts
    delay = read_edges(folder / "edges.h5", "ab")[3]
    assert f"{delay.mean():.4g} ± {delay.std():.3g}" in texts


def test_one_projection_with_values_set(folder):
    bars = histograms(folder, "net.ini", "-p", "ab", "--set", "projection.ab.indegree=7")
    assert {name for name, _ in bars} == {"ab"}
    assert bars["ab", "in-degree"].tolist() == [[7, 7, 8490]]
    assert {name for name, _ in histograms(folder, "edges.h5", "-p", "ba")} == {"ba"}


def test_several_populations_are_one_list(tmp_path):
    """In a config a row is a projection; a target's degree is over all its sources."""
    text = (simulation(duration="1 ms") + section("population.a", size=40) +
            section("population.b", size=60) +
            section("projection.all", source="a, b", target="a, b", rule="fixed_indegree",
                    indegree=30, weight="0.1 mV", delay="1 ms"))
    (tmp_path / "net.ini").write_text(text)
    assert histograms(tmp_path, "net.ini")["all", "in-degree"].tolist() == [[30, 30, 100]]


def test_edges_of_others(tmp_path):
    """Ids count up to the largest; nsyns multiplies; what the file does not say is not shown."""
    path = write_edges(tmp_path / "e.h5", [0, 0, 9], [3, 3, 5], syn_weight=[1., 2, 3],
                       nsyns=[1, 1, 4])
    bars = histograms(tmp_path, path)
    assert {quantity for _, quantity in bars} == {"in-degree", "out-degree", "weight"}
    assert expected([0, 0, 0, 2, 0, 1], bars["a_to_b", "in-degree"]).tolist() == \
        bars["a_to_b", "in-degree"][:, 2].tolist()
    assert bars["a_to_b", "out-degree"][:, 2].sum() == 10
    weights = bars["a_to_b", "weight"]
    assert np.array_equal(weights[:, 2], expected([1, 2, 12], weights))
    done = megalif("plot", path, "-o", "e.svg", cwd=tmp_path)
    assert done.returncode == 0 and "none" in Svg(tmp_path / "e.svg").texts


def test_far_ids_and_weights_are_counted_or_refused(tmp_path):
    """Any finite weights; degrees of ids that no memory holds are refused before it is taken."""
    weight = [-1e300, 1e-300, 0.25, 1e300]
    path = write_edges(tmp_path / "e.h5", [0, 1, 2, 3], [0, 1, 2, 3], syn_weight=weight)
    bars = histograms(tmp_path, path)["a_to_b", "weight"]
    assert bars[:, 2].tolist()[0] == 1 and bars[:, 2].sum() == 4 and max(bars[:, 2]) == 2
    path = write_edges(tmp_path / "f.h5", [2**60], [0], syn_weight=[1.])
    done = megalif("plot", path, "--csv", "-")
    assert done.returncode == 4 and "the degrees of" in done.stderr


@pytest.mark.parametrize("arguments, code, words", [
    (["net.ini", "-p", "bc"], 2, "net.ini has no projection bc; it has ab, ba, one"),
    (["edges.h5", "-p", "bc"], 2, "edges.h5 has no population of edges bc; it has ab, ba, one"),
    (["alone.ini"], 2, "alone.ini has no projections; nothing is connected"),
    (["wrong.ini"], 2, "[projection.ab] source: "),
    (["net.ini", "--set", "projection.ab.indegree=1.5"], 2, "indegree"),
    (["missing.ini"], 2, "missing.ini"),
    (["run.h5", "--what", "connections"], 2, "run.h5 holds no connections; they are drawn from a"),
    (["run.h5", "-p", "ab"], 2, "--projection goes with --what connections"),
    (["net.ini", "--what", "synapses"], 2, "--what takes raster, traces, intervals, f-I, map or"),
    (["net.ini", "-o", "net.ini.svg", "--csv", "net.ini", "-f"], 3, "net.ini"),
])
def test_what_cannot_be_shown_is_refused(folder, arguments, code, words):
    alone = simulation(duration="1 ms") + section("population.a", size=3)
    (folder / "alone.ini").write_text(alone)
    (folder / "wrong.ini").write_text(CONFIG.replace("source = a[50:]", "source = c"))
    if not (folder / "run.h5").exists():
        ours(folder / "run.h5", {"a": [(5, 1)]}, {"a": 3}, 10)
    before = sorted(folder.iterdir())
    done = megalif("plot", *arguments, *([] if "-o" in arguments else ["-o", "bad.svg"]),
                   cwd=folder)
    assert done.returncode == code and words in done.stderr and done.stdout == "", done.stderr
    assert sorted(folder.iterdir()) == before


def test_too_many_rows_for_a_picture_have_their_numbers(tmp_path):
    text = simulation(duration="1 ms") + section("population.a", size=3)
    for i in range(200):
        text += section(f"projection.p{i}", source="a", target="a", rule="one_to_one",
                        weight="1 mV", delay="1 ms")
    (tmp_path / "net.ini").write_text(text)
    done = megalif("plot", "net.ini", "-o", "net.png", cwd=tmp_path)
    assert done.returncode == 2 and "choose one by --projection" in done.stderr
    assert len(histograms(tmp_path, "net.ini")) == 800
