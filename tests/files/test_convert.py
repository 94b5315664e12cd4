"""`megalif convert` against h5py, Python's csv and float, and numpy's lexsort."""
import csv
import os
import resource
import subprocess

import h5py
import numpy as np
import pytest

import faults
from megalif import PROGRAM, population, run, section, simulation
from spike_files import SORTING, foreign, megalif, spikes

HEADER = "population,timestamps,node_ids\n"


def convert(*arguments, code=0):
    done = megalif("convert", *arguments)
    assert done.returncode == code, done.stderr
    assert done.stderr.count("\n") == (1 if code else 0)
    return done.stderr if code else done.stdout


def write(path, populations, sorting="none", id_type=np.uint64, **how):
    """populations: {name: (times, ids)}, by h5py in the order given."""
    with h5py.File(path, "w") as file:
        for name, (times, ids) in populations.items():
            group = file.create_group(f"spikes/{name}")
            group.attrs.create("sorting", {"none": 0, "by_id": 1, "by_time": 2}[sorting],
                               dtype=SORTING)
            group.create_dataset("timestamps", data=np.asarray(times, dtype=np.float64), **how)
            group.create_dataset("node_ids", data=np.asarray(ids).astype(id_type), **how)


def read(path):
    """{name: (bytes of the times, bytes of the ids)}"""
    with h5py.File(path) as file:
        for group in file["spikes"].values():
            assert group["timestamps"].dtype == "<f8" and group["node_ids"].dtype == "<u8"
            assert group["timestamps"].attrs["units"] == "ms"
            kind = h5py.check_enum_dtype(group.attrs.get_id("sorting").dtype)
            assert kind["by_time"] == group.attrs["sorting"]
        return {name: (group["timestamps"][:].tobytes(), group["node_ids"][:].tobytes())
                for name, group in file["spikes"].items()}


def expected(populations):
    result = {}
    for name, (times, ids) in populations.items():
        times, ids = np.asarray(times, dtype=np.float64), np.asarray(ids, dtype=np.uint64)
        order = np.lexsort((ids, times))
        result[name] = times[order].tobytes(), ids[order].tobytes()
    return result


def awkward(count, seed, size=1000):
    """Times of all magnitudes that need up to 17 digits, many of them equal; ids in no order."""
    rng = np.random.default_rng(seed)
    times = np.concatenate([rng.integers(0, 10000, count // 2) / 10, rng.random(count // 4) * 1e3,
                            10 ** rng.uniform(-300, 18, count // 4)])
    ids = rng.integers(0, size, len(times)).astype(np.uint64)
    ids[:2] = 0, 2**64 - 1
    order = rng.permutation(len(times))
    return times[order], ids[order]


POPULATIONS = {"exc": awkward(200_000, 1), "inh": awkward(4000, 2), "one": ([0.0], [0])}


@pytest.mark.parametrize("sorting", ["none", "by_id"])
def test_unsorted_files_by_h5py_are_sorted_by_time_then_id(tmp_path, sorting):
    populations = POPULATIONS
    if sorting == "by_id":
        populations = {name: (np.asarray(t)[np.argsort(i, kind="stable")], np.sort(i))
                       for name, (t, i) in POPULATIONS.items()}
    write(tmp_path / "in.h5", populations, sorting, compression="gzip")
    said = convert(tmp_path / "in.h5", tmp_path / "out.h5")
    assert read(tmp_path / "out.h5") == expected(POPULATIONS)
    assert said == (f"{tmp_path}/out.h5: 3 populations, 204001 spikes, 204000 of which had to be"
                    " sorted\n")
    assert sorted(os.listdir(tmp_path)) == ["in.h5", "out.h5"]


def test_through_csv_and_back_every_bit_stays(tmp_path):
    write(tmp_path / "in.h5", POPULATIONS)
    convert(tmp_path / "in.h5", tmp_path / "x.csv")
    convert(tmp_path / "x.csv", tmp_path / "back.h5")
    assert read(tmp_path / "back.h5") == expected(POPULATIONS)
    with open(tmp_path / "x.csv", newline="") as file:
        lines = list(csv.reader(file))
    assert lines[0] == ["population", "timestamps", "node_ids"]
    names = [line[0] for line in lines[1:]]
    seen = {name: ([], []) for name in POPULATIONS}
    for name, time, neuron in lines[1:]:
        seen[name][0].append(float(time))
        seen[name][1].append(int(neuron))
        assert len(time.lower().split("e")[0].replace(".", "").lstrip("0").rstrip("0")) <= max(
            1, len(repr(float(time)).split("e")[0].replace(".", "").lstrip("0").rstrip("0")))
    assert names == sorted(names)
    assert {name: (np.array(t).tobytes(), np.array(i, dtype=np.uint64).tobytes())
            for name, (t, i) in seen.items()} == expected(POPULATIONS)


def test_what_run_wrote_comes_back_with_its_digest(tmp_path):
    """Streamed, not sorted; the CSV is replayed as the raster is."""
    text = (simulation(duration="300 ms") + population("a", 300) + population("b", 50)
            + section("input.n", target="all", type="white_noise", mean="230 pA", sigma_V="5 mV"))
    run(tmp_path, text, name="first")
    first, table, again = tmp_path / "first.h5", tmp_path / "t.csv", tmp_path / "again.h5"
    assert "sorted" not in convert(first, table)
    assert convert(table, again, "--compression", "none").endswith(" spikes\n")
    assert read(first) == read(again)
    stored = subprocess.run([PROGRAM, "compare", first, again], capture_output=True, text=True)
    assert stored.returncode == 0, stored.stdout + stored.stderr
    with h5py.File(again) as file:
        assert file["spikes/a/node_ids"].compression is None
    replay = (simulation(duration="300 ms") + population("p", 300)
              + section("input.m", target="p", type="spikes", weight="16 mV", population="a"))
    digests = {run(tmp_path, replay + f"file = {name}\n", name=f"r{i}").digest
               for i, name in enumerate(["first.h5", "t.csv", "again.h5"])}
    assert len(digests) == 1


def test_what_a_run_wrote_beside_its_spikes_goes_over_with_all_of_them(tmp_path):
    text = (simulation(duration="300 ms") + population("a", 300, I_e="normal(380 pA, 20 pA)")
            + population("b", 50) + section("record.n", population="a", what="counts"))
    run(tmp_path, text, name="first")
    first = tmp_path / "first.h5"
    said = convert(first, tmp_path / "plain.h5", "--compression", "none")
    assert said.endswith(" spikes; what the run wrote beside them, too\n")
    assert faults.differ(tmp_path / "plain.h5", faults.contents(first)) == []
    with h5py.File(first) as here, h5py.File(tmp_path / "plain.h5") as there:
        for name in ("megalif/run", "megalif"):
            assert ({key: str(value) for key, value in here[name].attrs.items()}
                    == {key: str(value) for key, value in there[name].attrs.items()})
        assert there["megalif/run/warnings"][()] == here["megalif/run/warnings"][()]
        assert there["spikes/a/node_ids"].compression is None
    for command in (["digest"], ["compare", first], ["info", "--config"]):
        done = subprocess.run([PROGRAM, *command, tmp_path / "plain.h5"], capture_output=True,
                              text=True)
        assert done.returncode == 0, done.stderr
    for name, options in (("part", ["--population", "a"]), ("shifted", ["--first-id", "0"])):
        assert "; what" not in convert(first, tmp_path / f"{name}.h5", *options)
        with h5py.File(tmp_path / f"{name}.h5") as file:
            assert set(file) == {"spikes"}


def test_csv_as_numpy_writes_it(tmp_path):
    """Ids are floating-point numbers there."""
    table = np.array([[0.1, 0], [2.5, 85], [1e5, 2**53 - 1]])
    for form in "%.18e", "%.1f":
        np.savetxt(tmp_path / "in.csv", table, form, ",", header="timestamps,node_ids", comments="")
        convert(tmp_path / "in.csv", tmp_path / "out.h5", "-p", "a", "--force")
        assert read(tmp_path / "out.h5") == expected({"a": (table[:, 0], table[:, 1])})


def test_lines_that_end_with_carriage_returns_alone_are_no_empty_file(tmp_path):
    (tmp_path / "in.csv").write_bytes(HEADER.encode().replace(b"\n", b"\r") + b"a,1.5,3\r")
    said = convert(tmp_path / "in.csv", tmp_path / "out.h5", code=3)
    assert "in.csv:1:31: there is a carriage return within the line" in said
    assert os.listdir(tmp_path) == ["in.csv"]


def test_unsorted_csv_of_mixed_populations(tmp_path):
    (tmp_path / "in.csv").write_text("node_ids;population;timestamps;note\r\n"
                                     "3; b b ;2.5e0;x\r\n1;a;7;y\r\n2;b b;0.1;\r\n0;a;7;\r\n")
    convert(tmp_path / "in.csv", tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == HEADER + "b b,0.1,2\nb b,2.5,3\na,7,0\na,7,1\n"
    convert(tmp_path / "in.csv", tmp_path / "out.hdf5", "--population", "a")
    assert read(tmp_path / "out.hdf5") == expected({"a": ([7, 7], [0, 1])})


def test_populations_chosen_and_named(tmp_path):
    write(tmp_path / "in.h5", POPULATIONS)
    convert(tmp_path / "in.h5", tmp_path / "o.h5", "-p", "one", "--population=inh")
    assert set(read(tmp_path / "o.h5")) == {"one", "inh"}
    (tmp_path / "n.csv").write_text("timestamps node_ids\n2 1\n1 2\n")
    convert(tmp_path / "n.csv", tmp_path / "n.h5", "--population", "x")
    assert read(tmp_path / "n.h5") == expected({"x": ([2, 1], [1, 2])})
    said = convert(tmp_path / "n.csv", tmp_path / "m.h5", code=2)
    assert "n.csv does not name its population; say its name with --population" in said
    said = convert(tmp_path / "in.h5", tmp_path / "m.h5", "-p", "two", code=3)
    assert f"in.h5 has no population two; it has {', '.join(sorted(POPULATIONS))}\n" in said
    (tmp_path / "n.csv").write_text("t,id\n2,1\n")
    assert ("n.csv:1: there is no column timestamps; the header is 't,id'; nor is there a column "
            "node_ids; nor is there a column population: say its name with --population") in \
        convert(tmp_path / "n.csv", tmp_path / "m.h5", code=3)
    assert "choose another name, or" in convert(tmp_path / "in.h5", tmp_path / "o.h5", code=3)


def test_empty_files(tmp_path):
    write(tmp_path / "in.h5", {"none": ([], [])}, chunks=(1,), maxshape=(None,))
    convert(tmp_path / "in.h5", tmp_path / "o.h5")
    assert read(tmp_path / "o.h5") == {"none": (b"", b"")}
    convert(tmp_path / "in.h5", tmp_path / "o.csv")
    assert (tmp_path / "o.csv").read_text() == HEADER
    convert(tmp_path / "o.csv", tmp_path / "p.h5")
    assert read(tmp_path / "p.h5") == {}


def test_integer_ids_and_single_times_of_others(tmp_path):
    with h5py.File(tmp_path / "in.h5", "w") as file:
        file["spikes/p/timestamps"] = np.array([0.1, 0.05], dtype=np.float32)
        file["spikes/p/node_ids"] = np.array([5, 6], dtype=np.int32)
    convert(tmp_path / "in.h5", tmp_path / "o.h5")
    assert read(tmp_path / "o.h5") == expected(
        {"p": (np.array([0.1, 0.05], dtype=np.float32), [5, 6])})


@pytest.mark.parametrize("line, said", [
    ("p,1,-1", "in.csv:3:5: '-1' is no whole number from 0 to 2^64 - 1 (column node_ids)"),
    ("p,1,1.5", "in.csv:3:5: '1.5' is no whole number"),
    ("p,1,18446744073709551616", "in.csv:3:5: '18446744073709551616' is no whole number"),
    ("p,nan,1", "in.csv:3:3: 'nan' is no number"),
    ("p,inf,1", "in.csv:3:3: 'inf' is no number"),
    ("p,-1,1", "in.csv:3:3: '-1' is no time from 0 to 1e18 ms"),
    ("p,1", "in.csv:3:1: 2 fields, where the header has 3"),
    ("p,,1", "in.csv:3:3: '' is no number"),
    (",1,1", "a population named '' cannot stand in"),
    ("a/b,1,1", "a population named 'a/b' cannot stand in"),
    ("\np,1,1", "in.csv:3:1: the line is empty"),
])
def test_bad_lines(tmp_path, line, said):
    (tmp_path / "in.csv").write_text(HEADER + "p,1,1\n" + line + "\n")
    assert said in convert(tmp_path / "in.csv", tmp_path / "o.h5", code=3)
    assert os.listdir(tmp_path) == ["in.csv"]


@pytest.mark.parametrize("time, neuron, said", [
    (np.nan, 1, "row 70000 of /spikes/p: the time is negative, too large, or no number"),
    (-1, 1, "row 70000 of /spikes/p: the time is negative"),
    (np.inf, 1, "row 70000 of /spikes/p: the time is negative, too large"),
    (1, -3, "row 70000 of /spikes/p: the id is negative (-3)"),
])
def test_bad_rows_of_hdf5(tmp_path, time, neuron, said):
    times, ids = np.zeros(70001), np.zeros(70001, dtype=np.int64)
    times[-1], ids[-1] = time, neuron
    write(tmp_path / "in.h5", {"p": (times, ids)}, id_type=np.int64)
    for name in "o.h5", "o.csv":
        assert said in convert(tmp_path / "in.h5", tmp_path / name, code=3)
    assert os.listdir(tmp_path) == ["in.h5"]


def test_what_cannot_be_asked_for(tmp_path):
    foreign(tmp_path / "in.h5", {"p": spikes(10, 5, 100)})
    source, out = tmp_path / "in.h5", tmp_path / "o.h5"
    (tmp_path / "bad.csv").write_text("population,time,node_ids\np,1,1\n")
    assert "there is no column timestamps" in convert(tmp_path / "bad.csv", out, code=3)
    assert "has no population q; it has p" in convert(source, out, "-p", "q", code=3)
    assert "--population p is given twice" in convert(source, out, "-p", "p", "-p", "p", code=2)
    assert "ends with neither .h5, .hdf5 nor .csv" in convert(source, tmp_path / "o.txt", code=2)
    assert "takes deflate or none" in convert(source, out, "--compression", "lzf", code=2)
    assert "is for SONATA files" in convert(source, tmp_path / "o.csv", "--compression", "none",
                                            code=2)
    assert "cannot read" in convert(tmp_path / "gone.h5", out, code=3)
    assert "gone" in convert(source, tmp_path / "gone/o.h5", code=3)
    convert(tmp_path, out, code=3)
    with h5py.File(tmp_path / "comma.h5", "w") as file:
        file["spikes/a,b/timestamps"], file["spikes/a,b/node_ids"] = [1.0], [1]
    assert "'a,b' cannot stand in" in convert(tmp_path / "comma.h5", tmp_path / "o.csv", code=3)
    convert(tmp_path / "comma.h5", tmp_path / "fine.h5")
    assert sorted(os.listdir(tmp_path)) == ["bad.csv", "comma.h5", "fine.h5", "in.h5"]


def test_units_of_times(tmp_path):
    for units, fine in (("ms", True), ("milliseconds", True), (np.bytes_("ms"), True), (7, True),
                        (np.bytes_("ms   "), True), ("s", False), (np.bytes_("seconds"), False)):
        write(tmp_path / "in.h5", {"a": ([1.0], [2])})
        with h5py.File(tmp_path / "in.h5", "r+") as file:
            file["spikes/a/timestamps"].attrs["units"] = units
        if fine:
            convert(tmp_path / "in.h5", tmp_path / "out.h5", "--force")
            assert read(tmp_path / "out.h5") == expected({"a": ([1.0], [2])})
        else:
            said = convert(tmp_path / "in.h5", tmp_path / "out.h5", "--force", code=3)
            name = units if isinstance(units, str) else units.decode()
            wrong = f"/spikes/a/timestamps has units = '{name}', where times in ms are wanted"
            assert wrong in said


def test_a_compression_of_h5pys_own_is_named(tmp_path):
    write(tmp_path / "in.h5", {"a": ([1.0] * 10, [2] * 10)}, compression="lzf")
    said = convert(tmp_path / "in.h5", tmp_path / "out.h5", code=3)
    assert "a filter that HDF5 does not have here (lzf); write it with gzip, or none" in said
    assert os.listdir(tmp_path) == ["in.h5"]


def test_a_file_that_another_program_writes(tmp_path):
    with h5py.File(tmp_path / "in.h5", "w") as file:
        file["spikes/a/timestamps"], file["spikes/a/node_ids"] = [1.0], [2]
        said = convert(tmp_path / "in.h5", tmp_path / "out.h5", code=3)
        assert "in.h5: another program has it open for writing" in said
    convert(tmp_path / "in.h5", tmp_path / "out.h5")


@pytest.mark.parametrize("name", ["o.h5", "o.csv"])
def test_an_existing_output_needs_force(tmp_path, name):
    foreign(tmp_path / "in.h5", {"p": spikes(10, 5, 100)})
    (tmp_path / name).write_text("mine")
    convert(tmp_path / "in.h5", tmp_path / name, code=3)
    assert (tmp_path / name).read_text() == "mine"
    convert(tmp_path / "in.h5", tmp_path / name, "--force")
    convert(tmp_path / name, tmp_path / "b.h5")
    assert read(tmp_path / "b.h5") == read(tmp_path / "in.h5")


def test_sorting_asks_for_memory_first_and_a_full_disk_leaves_nothing(tmp_path):
    rows = 4_000_000
    with h5py.File(tmp_path / "in.h5", "w") as file:
        times = np.ones(rows)
        times[-1] = 0
        file.create_dataset("spikes/p/timestamps", data=times, compression=1)
        file.create_dataset("spikes/p/node_ids", data=np.zeros(rows, dtype=np.int64), compression=1)
    done = subprocess.run([PROGRAM, "convert", tmp_path / "in.h5", tmp_path / "o.h5"],
                          capture_output=True, text=True, timeout=60,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS,
                                                                (160 << 20,) * 2))
    assert done.returncode == 4
    assert "to sort the 4000000 spikes of p takes 128 MB, but" in done.stderr
    for name in "o.h5", "o.csv":
        done = subprocess.run([PROGRAM, "convert", tmp_path / "in.h5", tmp_path / name,
                               *(["--compression=none"] if name == "o.h5" else [])],
                              capture_output=True, text=True, timeout=60,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE,
                                                                    (1 << 20,) * 2))
        assert done.returncode == 3 and "File too large" in done.stderr, done.stderr
    assert os.listdir(tmp_path) == ["in.h5"]


def bytes_read(function):
    """What this process and its children have read meanwhile."""
    def so_far():
        with open("/proc/self/io") as file:
            return int(file.readline().split()[1])
    before = so_far()
    function()
    return so_far() - before


def test_a_file_is_opened_once_for_all_populations(tmp_path):
    """Opened for each, a file of 500 populations took minutes."""
    def of_many(count):
        path = tmp_path / f"{count}.h5"
        write(path, {f"p{i}": ([1.0, 2.0], [i, 1]) for i in range(count)})
        return bytes_read(lambda: convert(path, tmp_path / f"{count}.csv"))
    few, many = of_many(40), of_many(160)
    assert many < 6 * few  # 4 times as many populations
