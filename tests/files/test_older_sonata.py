"""SONATA files as BMTK and the SONATA repository shipped them before populations had groups:
/spikes/gids and /spikes/timestamps, written and read again by h5py alone."""
import json
import os
from pathlib import Path

import h5py
import numpy as np
import pytest

from megalif import population, run, section, simulation
from spike_files import foreign, megalif, spikes
from test_input_spikes import config, found, jumps

TRAIN = sorted(spikes(2000, 50, 2000) + [(7, 3), (7, 3)])


def older(path, train, ids="gids", sorting="by_gid", units=None, where="", id_type="u8"):
    """`sorting` as text, of the group or of the ids: both have been written."""
    with h5py.File(path, "w") as file:
        group = file.create_group("spikes" + where)
        group.create_dataset("timestamps", data=np.array([s for s, _ in train]) / 10)
        group.create_dataset(ids, data=np.array([i for _, i in train], dtype=id_type))
        if sorting:
            (group[ids] if sorting == "time" else group).attrs["sorting"] = sorting
        if units:
            group["timestamps"].attrs["units"] = units
    return path


BY_ID = sorted(TRAIN, key=lambda s: s[1])
FILES = {
    "as shipped": dict(train=BY_ID),
    "no attribute": dict(train=BY_ID, sorting=None),
    "by time": dict(train=TRAIN, sorting="time"),
    "node_ids, units": dict(train=BY_ID, ids="node_ids", units="ms"),
    "no order, 32 bits": dict(train=TRAIN[::-1], id_type="i4"),
    "gids of a population": dict(train=BY_ID, where="/cells"),
}


@pytest.fixture(params=FILES)
def file(request, tmp_path):
    path = older(tmp_path / "old.h5", **FILES[request.param])
    return request.param == "gids of a population", path


def test_replayed(file, tmp_path):
    assert found(run(tmp_path, config(file="old.h5"))) == jumps(TRAIN)


def test_converted(file, tmp_path):
    named, path = file
    done = megalif("convert", path, tmp_path / "new.h5", *([] if named else ["-p", "cells"]))
    assert done.returncode == 0, done.stderr
    with h5py.File(tmp_path / "new.h5") as new:
        assert np.array_equal(new["spikes/cells/timestamps"], [s / 10 for s, _ in TRAIN])
        assert np.array_equal(new["spikes/cells/node_ids"], [i for _, i in TRAIN])
        assert new["spikes/cells"].attrs["sorting"] == 2


def test_shown(file, tmp_path):
    named, path = file
    name = "cells" if named else "(unnamed)"
    done = megalif("info", "--json", path)
    (shown,) = json.loads(done.stdout)["populations"]
    assert done.returncode == 0 and shown["name"] == name and shown["recorded_spikes"] == len(TRAIN)
    assert shown["sorted_by_time"] is False
    assert f"{name} " in megalif("info", path).stdout
    done = megalif("plot", path, "--what", "raster", "--csv", "-")
    assert done.returncode == 0, done.stderr
    dots = sorted((round(float(line.split(",")[2]) * 10), int(line.split(",")[3]))
                  for line in done.stdout.splitlines() if line.startswith("spike,"))
    assert dots == TRAIN


def test_compared_and_hashed(file, tmp_path):
    named, path = file
    equal = megalif("compare", path, path)
    assert equal.returncode == 0 and equal.stdout == f"equal: {len(TRAIN)} spikes\n"
    done = megalif("digest", "--dt", "0.1", path)
    assert done.returncode == 0, done.stderr
    same = foreign(tmp_path / "same.h5", {"cells" if named else "(unnamed)": TRAIN})
    assert megalif("digest", "--dt", "0.1", same).stdout.split()[0] == done.stdout.split()[0]


def test_a_population_must_be_named_where_there_is_none(tmp_path):
    older(tmp_path / "old.h5", TRAIN)
    done = megalif("convert", tmp_path / "old.h5", tmp_path / "new.h5")
    assert done.returncode == 2 and "does not name its population; say its name with" in done.stderr
    (tmp_path / "c.ini").write_text(config(file="old.h5", population="cells"))
    done = megalif("check", "c.ini", cwd=tmp_path)
    assert done.returncode == 2
    assert "one population without a name (SONATA's older layout); leave out" in done.stderr


def damaged(path, change):
    older(path, TRAIN)
    with h5py.File(path, "r+") as file:
        change(file)


def replace(name, values):
    def change(file):
        del file[name]
        file[name] = values
    return change


def add(name, values):
    return lambda file: file.create_dataset(name, data=values)


N = len(TRAIN)
SHORTER = np.zeros(N - 1, dtype=int)


@pytest.mark.parametrize("change, words", [
    (lambda file: file["spikes"].pop("timestamps"), "/spikes needs node_ids or gids (a list of"),
    (lambda file: file["spikes"].pop("gids"), "/spikes needs node_ids or gids (a list of"),
    (replace("spikes/gids", np.zeros(N)), "/spikes needs node_ids or gids (a list of integers)"),
    (replace("spikes/gids", np.zeros((N, 1), dtype=int)), "/spikes needs node_ids or gids"),
    (replace("spikes/gids", [b"a"] * N), "/spikes needs node_ids or gids (a list of integers)"),
    (replace("spikes/gids", h5py.ExternalLink("old.h5", "/x")), "in the file itself"),
    (replace("spikes/gids", SHORTER), f"/spikes has {N - 1} ids but {N} timestamps"),
    (add("spikes/node_ids", SHORTER), "both node_ids and gids, of different lengths"),
    (add("spikes/exc/timestamps", np.zeros(3)), "and beside them exc, which is none"),
    (lambda file: file["spikes/timestamps"].attrs.create("units", "s"), "has units = 's'"),
    (replace("spikes/gids", np.full(N, -1)), "row 0 of /spikes: the id is negative (-1)"),
    (replace("spikes/timestamps", np.full(N, np.nan)), "the time is negative, too large")],
    ids=range(12))
def test_strange_ones_are_refused(tmp_path, change, words):
    damaged(tmp_path / "old.h5", change)
    done = megalif("convert", tmp_path / "old.h5", tmp_path / "new.h5", "-p", "cells")
    assert done.returncode == 3 and words in done.stderr, done.stderr
    assert not (tmp_path / "new.h5").exists()


def test_node_ids_beside_equally_many_gids_are_taken(tmp_path):
    damaged(tmp_path / "old.h5", add("spikes/node_ids", [i for _, i in TRAIN]))
    with h5py.File(tmp_path / "old.h5", "r+") as file:
        file["spikes/gids"][:] = 99
    assert found(run(tmp_path, config(file="old.h5"))) == jumps(TRAIN)


def test_the_file_of_the_sonata_repository(tmp_path):
    """examples/300_pointneurons, whose files are not ours to ship."""
    folder = os.environ.get("MEGALIF_SONATA_CIRCUITS")
    if not folder:
        pytest.skip("MEGALIF_SONATA_CIRCUITS names no folder with 300_pointneurons")
    path = Path(folder) / "300_pointneurons/inputs/external_spike_trains.h5"
    with h5py.File(path) as file:
        times, ids = file["spikes/timestamps"][:], file["spikes/gids"][:]
    done = megalif("convert", path, tmp_path / "new.h5", "-p", "external")
    assert done.returncode == 0, done.stderr
    order = np.lexsort((ids, times))
    with h5py.File(tmp_path / "new.h5") as new:
        assert np.array_equal(new["spikes/external/timestamps"], times[order])
        assert np.array_equal(new["spikes/external/node_ids"], ids[order])
    result = run(tmp_path, simulation(duration="1500 ms") + population("p", 100) + section(
        "input.m", target="p", type="spikes", file=str(path), weight="40 mV"))
    steps = np.ceil(times / 0.1 - 1e-3)
    early = steps < 15000
    fired = np.bincount(result.spikes("p")[1], minlength=100)
    assert np.all(fired <= np.bincount(ids[early].astype(int), minlength=100))
    assert fired.sum() > 1500
