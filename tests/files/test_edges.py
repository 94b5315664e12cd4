"""Edges by others: SONATA files in the layouts that are about, their types and damages."""
import json
import os
from pathlib import Path

import h5py
import numpy as np
import pytest

from edge_files import connections, digest, digest_of, edges_of, network, write_edges
from megalif import section, simulation
from spike_files import megalif

CIRCUITS_FOLDER = os.environ.get("MEGALIF_SONATA_CIRCUITS")  # 300_pointneurons, point_120cells
ENDS = {"source": [3, 0, 9, 3], "target": [19, 0, 5, 19]}
TYPES = "edge_type_id target_query source_query syn_weight delay dynamics_params\r\n"


def refusal(folder, config, code=3):
    (folder / "config.ini").write_text(config)
    _, err = connections(folder, "config.ini", code=code)
    assert err.startswith("megalif: error: config.ini:") and err.count("\n") == 1
    return err.split("[projection.p] ", 1)[1].strip()


def test_weights_and_delays_of_the_edges(tmp_path):
    write_edges(tmp_path / "edges.h5", **ENDS, syn_weight=[0.5, -2, 1, 0.25],
                delay=[1.5, 0.1, 2.04, 2])
    rows = edges_of(tmp_path, network())
    assert sorted(rows) == sorted([(0, 0, -2, 0.1), (9, 5, 1, 2.0), (3, 19, 0.5, 1.5),
                                   (3, 19, 0.25, 2)])


def test_types_say_what_edges_do_not(tmp_path):
    write_edges(tmp_path / "edges.h5", **ENDS, types=[100, 101, 101, 7], nsyns=[1, 2, 3, 4])
    (tmp_path / "types.csv").write_text(TYPES + "101 * ei=='i' -1.5 2.5 NULL\r\n"
                                        "7 * * 0.25 0.5 a.json\r\n100 * ei=='e' 2.0 1.5 NULL\r\n")
    assert sorted(edges_of(tmp_path, network(edge_types="types.csv"))) == sorted([
        (3, 19, 2, 1.5), (0, 0, -3, 2.5), (9, 5, -4.5, 2.5), (3, 19, 1, 0.5)])


def test_edges_win_over_types_and_the_config_over_both(tmp_path):
    write_edges(tmp_path / "edges.h5", **ENDS, types=100, syn_weight=[1, 2, 3, 4],
                nsyns=[1, 1, 1, 2])
    (tmp_path / "types.csv").write_text(TYPES + "100 * * 9.0 2.5 NULL\n")
    assert sorted(edges_of(tmp_path, network(edge_types="types.csv"))) == sorted([
        (3, 19, 1, 2.5), (0, 0, 2, 2.5), (9, 5, 3, 2.5), (3, 19, 8, 2.5)])
    assert sorted(edges_of(tmp_path, network(edge_types="types.csv", weight="-0.5 mV",
                                             delay="1 ms"))) == sorted([
        (3, 19, -0.5, 1), (0, 0, -0.5, 1), (9, 5, -0.5, 1), (3, 19, -1, 1)])


def test_groups_have_values_of_their_own(tmp_path):
    """In no order, and one group without delays."""
    write_edges(tmp_path / "edges.h5", **ENDS, types=5, group_id=[1, 0, 1, 0],
                group_index=[1, 1, 0, 0],
                groups={0: {"syn_weight": [1.0, 2.0]},
                        1: {"syn_weight": [3.0, 4.0], "delay": [0.5, 0.7]}})
    (tmp_path / "types.csv").write_text(TYPES + "5 * * NULL 9 NULL\n")
    assert sorted(edges_of(tmp_path, network(edge_types="types.csv"))) == sorted([
        (3, 19, 4, 0.7), (0, 0, 2, 9), (9, 5, 3, 0.5), (3, 19, 1, 9)])


def test_groups_of_many_edges_in_no_order(tmp_path):
    """More than is read at a time."""
    rng = np.random.default_rng(1)
    count = 200000
    order = rng.permutation(count)
    weight = np.arange(count) / 8
    source, target = rng.integers(0, 10, count), rng.integers(0, 20, count)
    write_edges(tmp_path / "edges.h5", source, target, group_index=order, syn_weight=weight,
                delay=np.ones(count))
    rows = edges_of(tmp_path, network())
    assert sorted(rows) == sorted(zip(source, target, weight[order], np.ones(count)))


def test_a_file_without_groups_and_types(tmp_path):
    write_edges(tmp_path / "edges.h5", **ENDS, syn_weight=[1, 2, 3, 4], delay=[1, 1, 1, 1])
    with h5py.File(tmp_path / "edges.h5", "a") as file:
        for name in ("edge_type_id", "edge_group_id", "edge_group_index"):
            del file[f"edges/a_to_b/{name}"]
    assert sorted(edges_of(tmp_path, network())) == sorted([
        (3, 19, 1, 1), (0, 0, 2, 1), (9, 5, 3, 1), (3, 19, 4, 1)])


def test_a_missing_delay_is_1_ms_with_a_warning(tmp_path):
    write_edges(tmp_path / "edges.h5", **ENDS, syn_weight=[1, 2, 3, 4])
    (tmp_path / "config.ini").write_text(network())
    _, err = connections(tmp_path, "config.ini", "-o", "made.h5")
    assert "4 of the 4 edges of edges.h5 have no delay and take NEST's 1 ms" in err
    with h5py.File(tmp_path / "made.h5") as file:
        assert set(file["edges/p/0/delay"][:]) == {1.0}


def test_the_order_of_edges_does_not_matter(tmp_path):
    rng = np.random.default_rng(3)
    rows = np.column_stack([rng.integers(0, 10, 500), rng.integers(0, 20, 500)])
    digests = set()
    for order in (np.arange(500), rng.permutation(500)):
        (tmp_path / "edges.h5").unlink(missing_ok=True)
        write_edges(tmp_path / "edges.h5", *rows[order].T, syn_weight=order / 4,
                    delay=1 + order % 7 / 10)
        for more in ({}, {"weight": "uniform(1 mV, 2 mV)", "delay": "uniform(1 ms, 5 ms)"}):
            (tmp_path / "config.ini").write_text(network(**more))
            digests.add((bool(more), digest_of(connections(tmp_path, "config.ini")[0])))
    assert len(digests) == 2


def test_population_names_choose_what_ids_are_of(tmp_path):
    """Names that the config has are its populations'; ids of others count through the lists."""
    values = {"syn_weight": [1, 2, 3, 4], "delay": [1, 1, 1, 1]}
    write_edges(tmp_path / "edges.h5", [0], [12], ends=("b", "b"), syn_weight=[1], delay=[1])
    config = network(source="a, b", target="a, b")
    (tmp_path / "config.ini").write_text(config)
    connections(tmp_path, "config.ini", "-o", "named.h5")
    with h5py.File(tmp_path / "named.h5") as file:
        assert {name: len(group["0/delay"]) for name, group in file["edges"].items()} == {
            "p.a.a": 0, "p.a.b": 0, "p.b.a": 0, "p.b.b": 1}
        assert file["edges/p.b.b/target_node_id"][0] == 12
    (tmp_path / "edges.h5").unlink()
    write_edges(tmp_path / "edges.h5", [0], [12], ends=("x", None), syn_weight=[1], delay=[1])
    connections(tmp_path, "config.ini", "-o", "through.h5")
    with h5py.File(tmp_path / "through.h5") as file:
        assert file["edges/p.a.b/target_node_id"][0] == 2
    (tmp_path / "edges.h5").unlink()
    write_edges(tmp_path / "edges.h5", **ENDS, ends=("b", "a"), **values)
    assert refusal(tmp_path, network(), code=2) == (
        "file: the sources of the edges are of population b (node_population), which is not among "
        "the sources of the projection")


def test_one_of_several_populations_is_named(tmp_path):
    for i, name in enumerate(("one", "two")):
        write_edges(tmp_path / "edges.h5", **ENDS, name=name, syn_weight=[i, i, i, i],
                    delay=[1, 1, 1, 1])
    assert {row[2] for row in edges_of(tmp_path, network(population="two"))} == {1}
    assert refusal(tmp_path, network(), code=2) == (
        "file: edges.h5 has 2 populations of edges; name one of them by population = NAME: "
        "one, two")
    assert refusal(tmp_path, network(population="three"), code=2) == (
        "file: edges.h5 has no population of edges three; it has one")


def alter(path, how):
    with h5py.File(path, "a") as file:
        how(file["edges/a_to_b"])


def replace(name, data):
    def how(group):
        if name in group:
            attributes = dict(group[name].attrs)
            del group[name]
        else:
            attributes = {}
        if data is not None:
            group[name] = data
            group[name].attrs.update(attributes)
    return how


def soft(name, to):
    def how(group):
        if name in group:
            del group[name]
        group[name] = to
    return how


BROKEN = {
    "a source too many": (
        replace("source_node_id", np.uint64([3, 0, 10, 3])),
        "edges.h5: edge 2 of /edges/a_to_b: source 10 is not there; the largest id that the "
        "projection's sources have is 9"),
    "a target too many": (
        replace("target_node_id", np.uint64([20, 0, 5, 19])),
        "edges.h5: edge 0 of /edges/a_to_b: target 20 is not there; the largest id that the "
        "projection's targets have is 19"),
    "a negative source": (
        replace("source_node_id", np.int64([3, 0, -1, 3])),
        "edges.h5: edge 2 of /edges/a_to_b: source_node_id is negative"),
    "fewer targets": (
        replace("target_node_id", np.uint64([19, 0, 5])),
        "cannot read edges.h5: /edges/a_to_b: it has 4 source_node_id but 3 target_node_id"),
    "no targets": (
        replace("target_node_id", None),
        "cannot read edges.h5: /edges/a_to_b: it needs target_node_id, a list of integers in the "
        "file itself"),
    "sources of fractions": (
        replace("source_node_id", [0.5, 1, 2, 3]),
        "cannot read edges.h5: /edges/a_to_b: it needs source_node_id, a list of integers in the "
        "file itself"),
    "targets elsewhere": (
        soft("target_node_id", h5py.ExternalLink("other.h5", "/x")),
        "cannot read edges.h5: /edges/a_to_b: it needs target_node_id, a list of integers in the "
        "file itself"),
    "groups elsewhere": (
        soft("edge_group_id", h5py.SoftLink("/edges/a_to_b/edge_type_id")),
        "cannot read edges.h5: /edges/a_to_b: it needs edge_group_id, a list of integers in the "
        "file itself"),
    "weights elsewhere": (
        soft("0/syn_weight", h5py.ExternalLink("other.h5", "/x")),
        "cannot read edges.h5: /edges/a_to_b/0/syn_weight: it is no list of numbers in the file "
        "itself"),
    "weights in words": (
        replace("0/syn_weight", [b"a", b"b", b"c", b"d"]),
        "cannot read edges.h5: /edges/a_to_b/0/syn_weight: it is no list of numbers in the file "
        "itself"),
    "a weight that is no number": (
        replace("0/syn_weight", [1, np.nan, 1, 1]),
        "edges.h5: edge 1 of /edges/a_to_b: syn_weight is nan, no finite number"),
    "an infinite delay": (
        replace("0/delay", [1, 1, 1, np.inf]),
        "edges.h5: edge 3 of /edges/a_to_b: delay is inf, no finite number"),
    "a negative delay": (
        replace("0/delay", [1, 1, -1, 1]),
        "edges.h5: edge 2 of /edges/a_to_b: the delay is -1 ms; it may be dt / 2 = 0.05 to 65534 "
        "dt = 6553.4 ms"),
    "a delay of nothing": (
        replace("0/delay", [1, 0, 1, 1]),
        "edges.h5: edge 1 of /edges/a_to_b: the delay is 0 ms; it may be dt / 2 = 0.05 to 65534 "
        "dt = 6553.4 ms"),
    "a negative nsyns": (
        replace("0/nsyns", np.int32([1, 1, -2, 1])),
        "edges.h5: edge 2 of /edges/a_to_b: nsyns is -2, which is negative"),
    "fewer weights": (
        replace("0/syn_weight", [1.0, 1, 1]),
        "edges.h5: edge 3 of /edges/a_to_b: edge_group_index is 3, and syn_weight of group 0 has "
        "3 values"),
    "a group that is not there": (
        replace("edge_group_id", np.uint16([0, 0, 1, 0])),
        "edges.h5: edge 2 of /edges/a_to_b: there is no group 1"),
    "a group that is a list": (
        replace("0", np.arange(4)),
        "cannot read edges.h5: /edges/a_to_b/0: it is no group of the file itself"),
    "no weights": (
        replace("0/syn_weight", None),
        "edges.h5: edge 0 of /edges/a_to_b: there is no weight; a file says it in syn_weight "
        "(CSV: weight) or in its edge_types, the config in the key weight"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_files_are_refused(tmp_path, name):
    how, message = BROKEN[name]
    write_edges(tmp_path / "edges.h5", **ENDS, syn_weight=[1.0, 2, 3, 4], delay=[1.0, 1, 1, 1])
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["x"] = np.arange(4)
    alter(tmp_path / "edges.h5", how)
    assert refusal(tmp_path, network()) == "file: " + message


@pytest.mark.parametrize("table, message", [
    ("edge_type_id syn_weight\n5 1\n", "edges.h5: edge 0 of /edges/a_to_b: types.csv has no "
     "edge_type_id 100"),
    ("edge_type_id syn_weight\n100 1\n100 2\n", "types.csv:3:1: '100' is there twice (column "
     "edge_type_id)"),
    ("edge_type_id syn_weight\n100 heavy\n", "types.csv:2:5: 'heavy' is no number, such as -0.25 "
     "or 1e3 (column syn_weight)"),
    ("type syn_weight\n100 1\n", "types.csv:1: there is no column edge_type_id; the header is "
     "'type syn_weight'"),
])
def test_broken_tables_of_types(tmp_path, table, message):
    write_edges(tmp_path / "edges.h5", **ENDS, types=100)
    (tmp_path / "types.csv").write_text(table)
    assert refusal(tmp_path, network(edge_types="types.csv")) == "file: " + message


def test_files_that_are_no_edges(tmp_path):
    assert refusal(tmp_path, network()).startswith("file: cannot")
    with h5py.File(tmp_path / "edges.h5", "w") as file:
        file["spikes/x"] = 1
    assert refusal(tmp_path, network()) == (
        "file: cannot read edges.h5: it is no SONATA edges file (there is no group /edges)")
    with h5py.File(tmp_path / "edges.h5", "a") as file:
        file["edges/x"] = 1
    assert refusal(tmp_path, network()) == (
        "file: cannot read edges.h5: /edges/x is no population of edges in the file itself")


def test_more_edges_than_memory_are_refused_before_they_are_read(tmp_path):
    """Lists of 10^13 values that take no room: nothing of them is in the file."""
    with h5py.File(tmp_path / "edges.h5", "w") as file:
        group = file.create_group("edges/a_to_b")
        for name in ("source_node_id", "target_node_id"):
            group.create_dataset(name, shape=(10**13,), dtype="u8", chunks=(65536,))
    assert "its 10000000000000 edges take 1.6e+08 MB of memory, but" in refusal(
        tmp_path, network(weight="1 mV", delay="1 ms"), code=4)


def test_info_tells_ends_degrees_weights_and_delays(tmp_path):
    write_edges(tmp_path / "edges.h5", **ENDS, syn_weight=[0.5, -2, 1, 0.25], nsyns=[1, 2, 1, 1],
                delay=[1.5, 0.1, 2, 2])
    write_edges(tmp_path / "edges.h5", [7], [10**12], name="far", ends=("a", None))
    told = megalif("info", "--json", "edges.h5", cwd=tmp_path)
    assert told.returncode == 0, told.stderr
    near, far = json.loads(told.stdout)["edges"]
    assert near == {"name": "a_to_b", "source": "a", "target": "b", "edges": 4,
                    "out_degree": {"ids": 10, "mean": 0.4, "greatest": 2},
                    "in_degree": {"ids": 20, "mean": 0.2, "greatest": 2},
                    "least_weight": -4, "greatest_weight": 1,
                    "least_delay_ms": 0.1, "greatest_delay_ms": 2}
    assert far["in_degree"] == {"ids": 10**12 + 1, "mean": 1 / (10**12 + 1), "greatest": None}
    assert far["target"] is None and far["least_weight"] is None
    text = megalif("info", "edges.h5", cwd=tmp_path).stdout
    for line in ("a_to_b: a -> b", "edges        4", "out-degree   0.4, at most 2",
                 "weights      -4 .. 1", "delays       0.1 .. 2 ms", "far: a -> (not named)",
                 "weights      - (not of all edges; types may say them)"):
        assert line in text


def test_the_digest_is_that_of_its_definition(tmp_path):
    rows = [(3, 19, 0.5, 1.5), (0, 0, -2.0, 0.1), (9, 5, 0.0, 2.0), (3, 19, 0.25, 2.0)]
    source, target, weight, delay = zip(*rows)
    write_edges(tmp_path / "edges.h5", source, target, syn_weight=weight, delay=delay)
    told = megalif("digest", "edges.h5", cwd=tmp_path)
    assert told.returncode == 0, told.stderr
    assert told.stdout == (f"{digest(rows)}  edges.h5\n4 edges; the file stores no digest to "
                           "compare with\n")
    (tmp_path / "config.ini").write_text(network())
    out, _ = connections(tmp_path, "config.ini", "-o", "ours.h5")
    assert digest_of(out) == digest(rows)
    told = megalif("digest", "ours.h5", cwd=tmp_path)
    assert told.stdout.splitlines()[1] == "4 edges; equal to the digest stored in the file"
    with h5py.File(tmp_path / "ours.h5", "a") as file:
        file["edges/p/0/syn_weight"][2] = 0.125
    told = megalif("digest", "ours.h5", cwd=tmp_path)
    assert told.returncode == 3 and "ours.h5 is damaged: the digest stored in it is" in told.stderr
    assert megalif("info", "--config", "ours.h5", cwd=tmp_path).stdout.startswith("[simulation]")


def test_edges_without_weights_have_no_digest(tmp_path):
    write_edges(tmp_path / "edges.h5", **ENDS, delay=[1, 1, 1, 1])
    told = megalif("digest", "edges.h5", cwd=tmp_path)
    assert told.returncode == 3 and "not all edges of /edges/a_to_b have a weight" in told.stderr


CIRCUITS = [
    ("300_pointneurons", "internal_internal", "internal", "internal", 300, 300, 27588),
    ("300_pointneurons", "external_internal", "external", "internal", 100, 300, 20844),
    ("point_120cells", "cortex_cortex", "cortex", "cortex", 120, 120, 1469),
    ("point_120cells", "thalamus_cortex", "thalamus", "cortex", 100, 120, 1192),
]


def as_pointnet(circuit, name):
    """Edges as PointNet sees them: weight x nsyns, a missing delay is 1 ms."""
    folder = Path(CIRCUITS_FOLDER) / circuit / "network"
    lines = [line.split() for line in (folder / f"{name}_edge_types.csv").read_text().splitlines()]
    types = {int(line[0]): dict(zip(lines[0], line)) for line in lines[1:]}
    with h5py.File(folder / f"{name}_edges.h5") as file:
        (group,) = file["edges"].values()
        kinds = [types[int(k)] for k in group["edge_type_id"][:]]
        count = len(kinds)
        inner = group["0"]
        weight = inner["syn_weight"][:] if "syn_weight" in inner else np.array(
            [float(kind["syn_weight"]) for kind in kinds])
        weight = weight * (inner["nsyns"][:] if "nsyns" in inner else np.ones(count))
        delay = [float(kind.get("delay", 1)) for kind in kinds]
        return sorted(zip(group["target_node_id"][:].tolist(), group["source_node_id"][:].tolist(),
                          delay, weight.tolist()))


@pytest.mark.skipif(not CIRCUITS_FOLDER, reason="MEGALIF_SONATA_CIRCUITS names no folder with the "
                    "examples of BMTK and SONATA")
@pytest.mark.parametrize("circuit, name, source, target, sources, targets, count", CIRCUITS)
def test_public_circuits(tmp_path, circuit, name, source, target, sources, targets, count):
    folder = Path(CIRCUITS_FOLDER) / circuit / "network"
    config = simulation(precision="double")
    for population, size in {source: sources, target: targets}.items():
        config += section(f"population.{population}", size=size)
    config += section("projection.p", source=source, target=target, rule="file",
                      file=folder / f"{name}_edges.h5",
                      edge_types=folder / f"{name}_edge_types.csv")
    rows = edges_of(tmp_path, config)
    assert len(rows) == count
    assert [(t, s, d, w) for s, t, w, d in rows] == as_pointnet(circuit, name)
