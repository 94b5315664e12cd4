"""`megalif connections`: what it writes is read by h5py, and by itself."""
import os
import signal
import subprocess
import time

import h5py
import numpy as np
import pytest

from edge_files import connections, digest_of, edges_of, network, read_edges
from megalif import PROGRAM, run, section, simulation

DRAWN = (simulation(duration="100 ms") + section("population.a", size=300) +
         section("population.b", size=9000) +
         section("projection.ab", source="a", target="b[10:8500]", rule="fixed_indegree",
                 indegree=20, weight="uniform(0.1 mV, 0.5 mV)", delay="uniform(0.5 ms, 3 ms)") +
         section("projection.all", source="a, b[0:100]", target="a[50:], b[8900:]",
                 rule="pairwise_bernoulli", p=0.1, weight="-1 mV", delay="1.5 ms"))
LISTS = {"ab": ("a", "b"), "all.a.a": ("a", "a"), "all.a.b": ("a", "b"), "all.b.a": ("b", "a"),
         "all.b.b": ("b", "b")}
SIZES = {"a": 300, "b": 9000}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("connections")
    (folder / "drawn.ini").write_text(DRAWN)
    out, _ = connections(folder, "drawn.ini", "-o", "edges.h5")
    return folder, out


def test_layout_is_sonata(made):
    with h5py.File(made[0] / "edges.h5") as file:
        assert file.attrs["magic"] == 0x0A7A and list(file.attrs["version"]) == [0, 1]
        assert set(file["edges"]) == set(LISTS)
        for name, (source, target) in LISTS.items():
            group = file[f"edges/{name}"]
            count = len(group["source_node_id"])
            assert count > 0
            assert group["source_node_id"].attrs["node_population"] == source
            assert group["target_node_id"].attrs["node_population"] == target
            for column, kind in (("source_node_id", "<u8"), ("target_node_id", "<u8"),
                                 ("edge_type_id", "<u4"), ("edge_group_id", "<u4"),
                                 ("edge_group_index", "<u8"), ("0/syn_weight", "<f8"),
                                 ("0/delay", "<f8")):
                assert group[column].dtype == kind and group[column].shape == (count,)
            assert not group["edge_type_id"][:].any() and not group["edge_group_id"][:].any()
            assert np.array_equal(group["edge_group_index"][:], np.arange(count))
            order = np.lexsort((group["source_node_id"][:], group["target_node_id"][:]))
            assert np.array_equal(order, np.arange(count))


def test_counts_and_values_are_those_of_the_config(made):
    source, target, weight, delay = read_edges(made[0] / "edges.h5", "ab")
    assert np.array_equal(np.bincount(target.astype(int), minlength=9000),
                          np.where((np.arange(9000) >= 10) & (np.arange(9000) < 8500), 20, 0))
    assert weight.min() >= 0.1 and weight.max() <= 0.5 and weight.std() > 0.1
    steps = delay / 0.1
    assert np.abs(steps - np.rint(steps)).max() < 1e-9
    assert np.array_equal(np.unique(np.rint(steps)), np.arange(5, 31))
    for name, (_, end) in LISTS.items():
        if name != "ab":
            source, target, weight, delay = read_edges(made[0] / "edges.h5", name)
            assert set(weight) == {-1.0} and set(delay) == {1.5}
            assert target.min() >= (50 if end == "a" else 8900)


@pytest.mark.parametrize("name", LISTS)
def test_indices_lead_to_all_edges(made, name):
    source, target, _, _ = read_edges(made[0] / "edges.h5", name)
    with h5py.File(made[0] / "edges.h5") as file:
        for index, ends, size in (("source_to_target", source, SIZES[LISTS[name][0]]),
                                  ("target_to_source", target, SIZES[LISTS[name][1]])):
            group = file[f"edges/{name}/indices/{index}"]
            nodes, ranges = group["node_id_to_ranges"][:].astype(int), group["range_to_edge_id"][:]
            assert np.array_equal(nodes, group["node_id_to_range"][:])
            assert nodes.shape == (size, 2) and ranges.dtype == "<u8"
            for node in range(0, size, 7):
                found = [edge for begin, end in ranges[nodes[node, 0]:nodes[node, 1]].astype(int)
                         for edge in range(begin, end)]
                assert found == np.flatnonzero(ends == node).tolist()


def test_what_was_written_reads_back_to_the_same_digest(made):
    folder, out = made
    again = DRAWN
    for name in ("ab", "all"):
        begin = again.index(f"[projection.{name}]")
        end = again.index("rule", begin)
        stop = again.find("[", again.index("delay", end))
        again = (again[:end] + f"rule = file\nfile = edges.h5\npopulation = {name}\n\n" +
                 ("" if stop < 0 else again[stop:]))
    (folder / "again.ini").write_text(again)
    read, _ = connections(folder, "again.ini", "-o", "again.h5")
    assert digest_of(read) == digest_of(out)
    for name in LISTS:
        for one, two in zip(read_edges(folder / "edges.h5", name),
                            read_edges(folder / "again.h5", name)):
            assert np.array_equal(one, two)
    with h5py.File(folder / "again.h5") as file:
        assert file["megalif"].attrs["connectivity"].decode() == digest_of(out)


def test_weights_are_those_that_a_run_uses(made):
    """Single precision rounds drawn weights to 2^-15 of the projection's largest; double keeps
    them to 2^-40 of the unit."""
    folder, _ = made
    weight = read_edges(folder / "edges.h5", "ab")[2]
    assert np.array_equal(weight * 2**15, np.rint(weight * 2**15)) and weight.max() <= 0.5
    assert len(np.unique(weight)) > 1000
    connections(folder, "drawn.ini", "-p", "ab", "--set", "simulation.precision=double", "-o",
                "double.h5")
    exact = read_edges(folder / "double.h5", "ab")[2]
    assert np.abs(exact - weight).max() <= 2**-16 and np.abs(exact - weight).max() > 2**-18
    assert np.mean(exact * 2**15 == np.rint(exact * 2**15)) < 0.01


FIRING = (simulation(duration="200 ms") +
          "".join(section(f"population.{name}", size=size, I_e="uniform(370 pA, 400 pA)",
                          V_m="uniform(-70 mV, -55 mV)") for name, size in zip("ab", (300, 5000))))
PROJECTIONS = {
    "ab": {"source": "a", "target": "b[10:4500]", "rule": "fixed_indegree", "indegree": 20,
           "weight": "uniform(0.1 mV, 0.5 mV)", "delay": "uniform(0.5 ms, 3 ms)"},
    "all": {"source": "a, b[0:100]", "target": "a[50:], b[4900:]", "rule": "pairwise_bernoulli",
            "p": 0.1, "weight": "-0.7 mV", "delay": "1.5 ms"},
}


def from_files(suffix, change=lambda name, keys: keys):
    return FIRING + "".join(
        section(f"projection.{name}", **change(name, {
            "source": keys["source"], "target": keys["target"], "rule": "file",
            "file": f"{name}{suffix}"})) for name, keys in PROJECTIONS.items())


@pytest.mark.parametrize("precision", ["single", "double"])
def test_a_run_from_files_has_the_same_spikes(tmp_path, precision):
    """Also where the lines of a table are in another order, and not where a weight differs."""
    def spikes(text):
        done = run(tmp_path, text.replace('precision = single', f"precision = {precision}"))
        return done.digest, int(done.attribute("megalif", "spikes"))

    drawn = FIRING + "".join(section(f"projection.{name}", **keys)
                             for name, keys in PROJECTIONS.items())
    (tmp_path / "drawn.ini").write_text(drawn)
    for name in PROJECTIONS:
        for suffix in ("h5", "csv"):
            connections(tmp_path, "drawn.ini", "-s", f"simulation.precision={precision}",
                        "-p", name, "-o", f"{name}.{suffix}")
    expected = spikes(drawn)
    assert expected[1] > 10000 and expected != spikes(FIRING)
    populations = from_files(".h5", lambda name, keys: {**keys, "population": name})
    assert spikes(populations) == expected
    assert spikes(from_files(".csv")) == expected
    for name in PROJECTIONS:
        header, *lines = (tmp_path / f"{name}.csv").read_text().splitlines()
        np.random.default_rng(1).shuffle(lines)
        (tmp_path / f"{name}_shuffled.csv").write_text("\n".join([header, *lines]) + "\n")
    assert spikes(from_files("_shuffled.csv")) == expected
    header, *lines = (tmp_path / "ab.csv").read_text().splitlines()
    source, target, weight, delay = lines[1234].split(",")
    lines[1234] = f"{source},{target},20,{delay}"
    (tmp_path / "ab.csv").write_text("\n".join([header, *lines]) + "\n")
    assert spikes(from_files(".csv")) != expected


def test_csv_reads_back_to_the_same_digest(made):
    folder, _ = made
    for name in ("ab", "all"):
        out, _ = connections(folder, "drawn.ini", "--projection", name, "-o", f"{name}.csv")
        text = DRAWN[:DRAWN.index("[projection.ab]")]
        part = DRAWN[DRAWN.index(f"[projection.{name}]"):]
        text += part[:part.index("rule")] + f"rule = file\nfile = {name}.csv\n"
        (folder / f"csv_{name}.ini").write_text(text)
        read, _ = connections(folder, f"csv_{name}.ini")
        assert digest_of(read) == digest_of(out)


def test_the_digest_says_what_is_connected_and_nothing_else(tmp_path):
    def digest(text, *options):
        (tmp_path / "config.ini").write_text(text)
        return digest_of(connections(tmp_path, "config.ini", *options)[0])

    text = network(rule="fixed_indegree", indegree=5, weight="0.5 mV", delay="1 ms")
    text = text.replace("file = edges.h5\n", "")
    whole = digest(text)
    assert digest(text, "-t", "1") == whole == digest(text, "-t", "3")
    rest = text.split("[projection.p]")[0]
    by_hand = edges_of(tmp_path, text)
    for change in ({}, {"name": "q"}, {"weight": 1}, {"delay": 1.1}, {"drop": True}):
        rows = [(s, t, change.get("weight", w) if i == 7 else w,
                 change.get("delay", d) if i == 7 else d)
                for i, (s, t, w, d) in enumerate(by_hand) if not (change.get("drop") and i == 7)]
        (tmp_path / "rows.csv").write_text(
            "source,target,weight,delay\n" + "".join("%d,%d,%r,%r\n" % row for row in rows[::-1]))
        config = rest + section(f"projection.{change.get('name', 'p')}", source="a", target="b",
                                rule="file", file="rows.csv")
        assert (digest(config) == whole) == (change in ({}, {"name": "q"})), change


def test_ends_can_be_chosen(made):
    folder, _ = made
    out, _ = connections(folder, "drawn.ini", "-p", "ab", "--source", "10:20", "--target",
                         "4000:5000", "-o", "some.h5", "--force")
    source, target, weight, delay = read_edges(folder / "edges.h5", "ab")
    chosen = (source >= 10) & (source < 20) & (target >= 4000) & (target < 5000)
    for part, all_of in zip(read_edges(folder / "some.h5", "ab"), (source, target, weight, delay)):
        assert np.array_equal(part, all_of[chosen])
    assert f"{chosen.sum()} synapses in some.h5" in out
    open_ended, _ = connections(folder, "drawn.ini", "-p", "ab", "--source", ":20")
    assert f"{(source < 20).sum()} synapses\n" in open_ended


def test_files_are_the_same_bytes_for_any_threads(made):
    folder, _ = made
    for threads in (1, 3):
        connections(folder, "drawn.ini", "-o", f"t{threads}.h5", "-t", threads)
    assert (folder / "t1.h5").read_bytes() == (folder / "t3.h5").read_bytes()


def test_a_wide_tile_with_many_synapses_comes_in_slices(tmp_path):
    """More than 2^22 onto 60,000 targets, which are one canonical tile: two slices, of which no
    synapse is missing or comes twice."""
    (tmp_path / "c.ini").write_text(
        simulation(duration="1 ms") + section("population.a", size=50000)
        + section("population.b", size=60000)
        + section("projection.ab", source="a", target="b", rule="fixed_outdegree", outdegree=100,
                  weight="0.1 mV", delay="1.5 ms"))
    connections(tmp_path, "c.ini", "-o", "e.h5")
    with h5py.File(tmp_path / "e.h5") as file:
        source = file["edges/ab/source_node_id"][()].astype(np.int64)
        target = file["edges/ab/target_node_id"][()].astype(np.int64)
    assert (np.bincount(source, minlength=50000) == 100).all()  # as the rule wants
    assert (np.diff(target) >= 0).all() and target[-1] > 59000


def test_nothing_is_replaced_without_force(made):
    folder, _ = made
    before = (folder / "edges.h5").read_bytes()
    _, err = connections(folder, "drawn.ini", "-o", "edges.h5", code=3)
    assert "edges.h5" in err and "--force" in err
    assert (folder / "edges.h5").read_bytes() == before
    _, err = connections(folder, "drawn.ini", "-o", "drawn.ini", "--force", code=2)
    _, err = connections(folder, "drawn.ini", "-o", "missing/edges.h5", code=3)
    assert not list(folder.glob("*.part"))


def test_a_file_is_not_written_over_what_is_read(made):
    folder, _ = made
    text = DRAWN[:DRAWN.index("[projection.ab]")] + section(
        "projection.ab", source="a", target="b", rule="file", file="own.h5", population="ab")
    (folder / "own.h5").write_bytes((folder / "edges.h5").read_bytes())
    (folder / "own.ini").write_text(text)
    _, err = connections(folder, "own.ini", "-o", "own.h5", "--force", code=3)
    assert "own.h5" in err


@pytest.mark.parametrize("arguments, message", [
    (["-p", "ac"], "drawn.ini has no projection ac"),
    (["-o", "edges.txt"], "edges.txt ends with neither .h5, .hdf5 nor .csv"),
    (["-o", "edges.csv"], "a table holds one projection, and there are 2"),
    (["--source", "3"], "--source and --target take ids such as 0:100"),
    (["--target", "7:7"], "--source and --target take ids such as 0:100"),
])
def test_wrong_usage(made, arguments, message):
    _, err = connections(made[0], "drawn.ini", *arguments, code=2)
    assert message in err and err.count("\n") == 1


def test_a_config_without_projections_has_no_connections(tmp_path):
    (tmp_path / "none.ini").write_text(simulation() + section("population.a", size=3))
    _, err = connections(tmp_path, "none.ini", code=2)
    assert "none.ini has no projections; nothing is connected" in err


def test_an_interrupted_file_is_removed(tmp_path):
    (tmp_path / "long.ini").write_text(
        simulation() + section("population.a", size=10**6) +
        section("projection.p", source="a", target="a", rule="fixed_indegree", indegree=1000,
                weight="0.1 mV", delay="1 ms"))
    process = subprocess.Popen([PROGRAM, "connections", "long.ini", "-o", "long.h5"], cwd=tmp_path,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not (tmp_path / "long.h5.part").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.2)
    os.kill(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130 and "interrupted; nothing is written" in err
    assert [p.name for p in tmp_path.iterdir()] == ["long.ini"]


@pytest.mark.parametrize("beside", [False, True])
@pytest.mark.parametrize("model, unit", [("lif", "mV"), ("iaf_psc_exp", "pA"),
                                         ("iaf_cond_exp", "nS")])
def test_synapses_of_weight_0_are_synapses_that_do_nothing(tmp_path, model, unit, beside):
    """A run counts what `connections` lists, drawn or from a file, and spikes as without them."""
    text = FIRING.replace("size =", f"model = {model}\nsize =")
    keys = {"source": "a", "target": "b[10:4500]", "rule": "fixed_indegree", "indegree": 3,
            "weight": f"0 {unit}", "delay": "uniform(0.5 ms, 3 ms)"}
    if beside:
        text += section("projection.q", **PROJECTIONS["ab"]).replace(" mV", f" {unit}")
    drawn = text + section("projection.p", **keys)
    (tmp_path / "drawn.ini").write_text(drawn)
    out, _ = connections(tmp_path, "drawn.ini", "-o", "edges.h5")
    source, _, weight, _ = read_edges(tmp_path / "edges.h5", "p")
    assert len(source) == 3 * 4490 and not weight.any()
    from_file = text + section("projection.p", source="a", target="b[10:4500]", rule="file",
                               file="edges.h5", population="p")
    without = run(tmp_path, text)
    for config in (drawn, from_file):
        result = run(tmp_path, config)
        with h5py.File(result.path) as file:
            assert file["megalif"].attrs["connectivity"].decode() == digest_of(out)
            assert file["megalif/projections/p"].attrs["synapses"] == len(source)
        assert result.digest == without.digest
