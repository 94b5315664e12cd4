"""`type = file`: currents from HDF5 and CSV files, written by h5py and Python alone."""
import hashlib
import os
import subprocess

import h5py
import numpy as np
import pytest

from megalif import PROGRAM, population, run, section, simulation

STEPS = 1500


def stairs(seed=3, hold=20, steps=STEPS):
    """A current that changes every `hold` steps: as rows, and as the keys of `type = step`."""
    amplitudes = np.random.default_rng(seed).uniform(-100, 500, steps // hold)
    keys = {"times": ", ".join(f"{k * hold / 10:g}" for k in range(len(amplitudes))),
            "amplitudes": ", ".join(repr(a) for a in amplitudes.tolist())}
    return np.repeat(amplitudes, hold), keys


def config(precision="single", duration="150 ms"):
    """Two populations, with a current before and one behind `input.m` in the order of names."""
    return (simulation(duration=duration, precision=precision)
            + population("p", 700, I_e="normal(170, 30)", V_m="uniform(-65, -50)",
                         tau_m="uniform(15 ms, 25 ms)")
            + population("q", 33, I_e="linspace(100, 250)")
            + section("input.b", target="all", type="sine", amplitude="31.7", frequency="40 Hz")
            + section("input.x", target="p[0:300]", type="ramp", first=0, last=100,
                      stop="150 ms"))


def write_csv(path, columns, separator=","):
    lines = [separator.join(columns)]
    lines += [separator.join(repr(v) for v in row) for row in zip(*(c.tolist()
                                                                   for c in columns.values()))]
    path.write_text("\n".join(lines) + "\n")


def check(folder, text):
    (folder / "c.ini").write_text(text)
    return subprocess.run([PROGRAM, "check", "c.ini"], capture_output=True, text=True, cwd=folder)


def refused(folder, text, *said):
    """Config errors name the place in the config, and no output is begun."""
    (folder / "r.ini").write_text(text)
    done = subprocess.run([PROGRAM, "run", "r.ini", "-o", "r.h5"], capture_output=True, text=True,
                          cwd=folder)
    assert done.returncode == 2, done.stderr
    assert "r.ini:" in done.stderr and "[input.m] file: " in done.stderr
    for words in said:
        assert words in done.stderr, done.stderr
    assert not list(folder.glob("r.h5*"))


@pytest.mark.parametrize("precision", ["single", "double"])
@pytest.mark.parametrize("target", ["p", "all", "p[77:613], q[1:20]"])
def test_a_file_equals_the_same_steps(tmp_path, target, precision):
    rows, keys = stairs()
    with h5py.File(tmp_path / "c.h5", "w") as file:
        file.create_dataset("stim/amp", data=rows, chunks=(100,), compression="gzip")
        file["column"] = rows[:, None]
    write_csv(tmp_path / "c.csv", {"time": np.arange(STEPS) / 10, "amp": rows})
    start = {"target": target, "start": "3.3 ms", "stop": "140 ms"}
    digests = {run(tmp_path, config(precision) + section("input.m", **start, **more),
                   threads=threads).digest
               for more, threads in (({"type": "step", **keys}, 1),
                                     ({"type": "file", "file": "c.h5", "dataset": "stim/amp"}, 2),
                                     ({"type": "file", "file": "c.h5", "dataset": "column"}, 2),
                                     ({"type": "file", "file": "c.csv", "column": "amp"}, 1))}
    assert len(digests) == 1


@pytest.mark.parametrize("precision", ["single", "double"])
def test_equal_columns_equal_the_same_steps(tmp_path, precision):
    """On slices, where both kinds are added neuron by neuron."""
    rows, keys = stairs()
    with h5py.File(tmp_path / "c.h5", "w") as file:
        file["m"] = np.repeat(rows[:, None], 555, axis=1)
    target = "p[77:613], q[1:20]"
    steps = run(tmp_path,
                config(precision) + section("input.m", target=target, type="step", **keys))
    columns = run(tmp_path, config(precision) + section("input.m", target=target, type="file",
                                                        file="c.h5", dataset="m"), threads=2)
    assert steps.digest == columns.digest


def lif(currents, dt=0.1):
    """Spikes of cells like population() makes, in double: (step, id) by time."""
    steps, size = currents.shape
    e, resistance, u = -np.expm1(-dt / 20), 20 / 250, np.full(size, -15.0)
    free_at, spikes = np.zeros(size), []
    for k in range(steps):
        free = k >= free_at
        u = np.where(free, u + e * (-15 + resistance * currents[k] - u), u)
        fired = np.flatnonzero(free & (u >= 0))
        u[fired] = -15
        free_at[fired] = k + 21
        spikes += [(k + 1, i) for i in fired]
    return spikes


@pytest.mark.parametrize("kind", ["f8", "f4", "i2", "u8", ">f8", "csv"])
def test_a_column_for_each_neuron(tmp_path, kind):
    """Against a loop in numpy; columns in the order of populations and ids."""
    size = 40
    currents = np.random.default_rng(5).integers(0, 800, (STEPS, size)).astype(
        "f8" if kind == "csv" else kind)
    if kind == "csv":
        write_csv(tmp_path / "c.csv", {f"n{i}": currents[:, i] for i in range(size)}, "\t")
        names = {"file": "c.csv"}
    else:
        with h5py.File(tmp_path / "c.h5", "w") as file:
            file.create_dataset("m", data=currents, chunks=(7, 9), shuffle=True)
        names = {"file": str(tmp_path / "c.h5"), "dataset": "/m"}
    # The first 10 columns go to b, which comes first in the file, the others to a.
    text = (simulation(duration="150 ms", precision="double") + population("b", 12)
            + population("a", 30) + section("input.m", target="a, b[2:12]", type="file", **names))
    result = run(tmp_path, text, threads=2)
    expected = lif(currents.astype("f8"))
    assert len(expected) > 100
    for name, found in (("b", [(s, i + 2) for s, i in expected if i < 10]),
                        ("a", [(s, i - 10) for s, i in expected if i >= 10])):
        steps, ids = result.spikes(name)
        assert list(zip(steps.tolist(), ids.tolist())) == found


def test_rows_of_a_slice_that_spans_tiles(tmp_path):
    """Each column is 0.1 pA more than the one before, and the first spike comes when it must."""
    size, begin, end = 9000, 300, 8700
    currents = 600 + 0.1 * np.arange(end - begin)
    with h5py.File(tmp_path / "c.h5", "w") as file:
        file["m"] = np.tile(currents, (80, 1))
    result = run(tmp_path, simulation(duration="8 ms", precision="double") + population("p", size)
                 + section("input.m", target=f"p[{begin}:{end}]", type="file", file="c.h5",
                           dataset="m"), threads=2)
    steps = np.ceil(200 * np.log(currents * 0.08 / (currents * 0.08 - 15)))
    expected = sorted((int(t), begin + i) for i, s in enumerate(steps)
                      for t in range(int(s), 81, int(s) + 20))
    found_steps, ids = result.spikes("p")
    assert len(expected) > 1000
    assert list(zip(found_steps.tolist(), ids.tolist())) == expected


def test_rows_of_many_blocks_and_a_longer_file(tmp_path):
    """A few neurons take long blocks, many short ones; what is behind the end is not read."""
    rows, keys = stairs(steps=6000)
    extended = np.concatenate([rows, [np.nan] * 7])
    with h5py.File(tmp_path / "c.h5", "w") as file:
        file["amp"] = extended
        file["m"] = np.repeat(extended[:, None], 3, axis=1)
    text = simulation(duration="600 ms") + population("p", 3, I_e="linspace(100, 180)")
    digests = {run(tmp_path, text + section("input.m", target="p[0:3]", **more)).digest
               for more in ({"type": "step", **keys},
                            {"type": "file", "file": "c.h5", "dataset": "m"})}
    assert len(digests) == 1
    refused(tmp_path, text.replace("600 ms", "600.5 ms")
            + section("input.m", target="p", type="file", file="c.h5", dataset="amp"),
            "row 6000: nan is out of range")


def test_a_limit_ends_a_run_with_a_file_where_it_would_with_steps(tmp_path):
    """Limits step a block again; its rows must still be there."""
    rows, keys = stairs(steps=6000)
    write_csv(tmp_path / "c.csv", {"a": rows, "b": rows, "c": rows})
    text = (simulation(duration="600 ms", stop_after_spikes=60)
            + population("p", 3, I_e="linspace(100, 180)"))
    found = [run(tmp_path, text + section("input.m", target="p[0:3]", **more))
             for more in ({"type": "step", **keys}, {"type": "file", "file": "c.csv"})]
    assert found[0].digest == found[1].digest
    assert len(found[0].spikes("p")[0]) >= 60


def test_lengths_are_checked_before_the_run(tmp_path):
    write_csv(tmp_path / "c.csv", {"amp": np.arange(100.0)})
    text = simulation(duration="12 ms") + population("p", 5)
    short = {"target": "p", "type": "file", "file": "c.csv"}
    refused(tmp_path, text + section("input.m", **short),
            "c.csv has 100 rows", "up to step 120 (12 ms)", "stop = 10 ms")
    run(tmp_path, text + section("input.m", stop="10 ms", **short))
    run(tmp_path, text.replace("12 ms", "10 ms") + section("input.m", **short))


def write_strange(folder):
    """An HDF5 file with whatever must be refused."""
    raw = np.zeros((120, 5))
    raw.tofile(folder / "raw")
    with h5py.File(folder / "other.h5", "w") as file:
        file["m"] = raw
    with h5py.File(folder / "c.h5", "w") as file:
        file["m"] = raw
        file["group/x"] = raw[:, 0]
        file["link"] = h5py.SoftLink("/m")
        file["out"] = h5py.ExternalLink("other.h5", "/m")
        file["way"] = h5py.ExternalLink("other.h5", "/")
        file.create_dataset("outside", (120, 5), "f8", external=[("raw", 0, 4800)])
        layout = h5py.VirtualLayout((120, 5), "f8")
        layout[:] = h5py.VirtualSource("other.h5", "m", (120, 5))
        file.create_virtual_dataset("virtual", layout)
        file["scalar"] = 1.0
        file["cube"] = np.zeros((120, 5, 1))
        file["text"] = "0 0 0"
        file["flags"] = np.zeros(120, bool)
        file["complex"] = np.zeros(120, complex)
        file["wide"] = np.zeros((120, 6))
        file["empty"] = np.zeros((120, 0))
        for name, value in (("nan", np.nan), ("inf", np.inf), ("huge", 2e9)):
            file[name] = raw[:, 0]
            file[name][17] = value


@pytest.mark.parametrize("dataset, said", [
    ("nothing", "is not there"), ("m/x", "is not there"), ("group", "is no dataset"),
    ("link", "links are not followed"), ("out", "links are not followed"),
    ("way/m", "links are not followed"), ("outside", "has its values in other files"),
    ("virtual", "has its values in other files"), ("scalar", "has neither one dimension"),
    ("cube", "has neither one dimension"), ("text", "holds neither integers nor"),
    ("flags", "holds neither integers nor"), ("complex", "holds neither integers nor"),
    ("wide", "6 columns, but the input has 5 target neurons"),
    ("empty", "has rows without numbers"), ("nan", "dataset nan, row 17: nan is out of range"),
    ("inf", "row 17: inf is out of range (-1e+09 .. 1e+09)"), ("huge", "row 17: 2000000000 is out"),
    (None, "name the dataset")])
def test_strange_datasets_are_refused(tmp_path, dataset, said):
    write_strange(tmp_path)
    keys = {"dataset": dataset} if dataset else {}
    refused(tmp_path, simulation(duration="12 ms") + population("p", 5)
            + section("input.m", target="p", type="file", file="c.h5", **keys), "c.h5", said)


@pytest.mark.parametrize("text, keys, said", [
    ("", {}, "c.csv:1:1: a line with the names of the columns is missing"),
    ("1.5\n2\n", {}, "c.csv:1:1: there are only numbers; the first line must name the columns"),
    ("a,b\n1,2\n", {"column": "c"}, "c.csv:1: there is no column c; the header is 'a,b'"),
    ("a,a\n1,2\n", {"column": "a"}, "c.csv:1: there is more than one column a"),
    ("a,b\n1,2\n3\n", {"column": "b"}, "c.csv:3:1: 1 field, where the header has 2"),
    ("a,b\n1,2\n3,4,5\n", {"column": "b"}, "c.csv:3:1: 3 fields, where the header has 2"),
    ("a;b\n1;2\n3; nan\n", {"column": "b"}, "c.csv:3:4: 'nan' is no number"),
    ("a;b\n1;2\n3;inf\n", {"column": "b"}, "c.csv:3:3: 'inf' is no number"),
    ("a b\n1 2\n3 0x10\n", {"column": "b"}, "c.csv:3:3: '0x10' is no number"),
    ("a\n1\n2,5\n", {}, "c.csv:3:1: '2,5' is no number"),
    ("a\n1\n\n2\n", {}, "c.csv:3:1: the line is empty"),
    ("a\n1\n2 pA\n", {}, "c.csv:3:1: '2 pA' is no number"),
    ("a\n1\n3e9\n", {}, "c.csv:3:1: '3e9' is out of range (-1e+09 .. 1e+09) (column a)"),
    ("a\n1\n2\0\n", {}, "c.csv:3:2: there is a NUL"),
    ("a\r1\r2\r", {},
     "c.csv:1:2: there is a carriage return within the line; end lines with a newline"),
    ("a,b\n1,\n", {"column": "b"}, "c.csv:2:3: '' is no number"),
    ("a,b\n1,2\n", {}, "2 columns, but the input has 5 target neurons"),
    ("a\n1\n", {"dataset": "m"}, "is no HDF5 file, so it has no dataset")])
def test_strange_csv_files_are_refused(tmp_path, text, keys, said):
    (tmp_path / "c.csv").write_bytes(text.encode())
    refused(tmp_path, simulation(duration="1 ms") + population("p", 5)
            + section("input.m", target="p", type="file", file="c.csv", **keys), said)


def test_unusual_but_good_csv(tmp_path):
    """Windows line ends, a byte order mark, blanks, no newline at the end, empty lines behind."""
    text = simulation(duration="0.3 ms") + population("p", 1, V_m=-50.001)
    for content in ("a,b\n1,300\n1,-5e2\n1,7\n", "\ufeffa,b\r\n1,300\r\n1,-5e2\r\n1,+7\r\n\r\n\r\n",
                    "b \n300\n-500.0\n007", "a ; b\n1; 300\n1;\t-5e2 \n1;7.0\n"):
        (tmp_path / "c.csv").write_bytes(content.encode())
        result = run(tmp_path, text + section("input.m", target="p", type="file", file="c.csv",
                                              column="b"))
        assert result.spikes("p")[0].tolist() == [1], content


def test_what_is_wrong_with_keys_and_files(tmp_path):
    text = simulation(duration="1 ms") + population("p", 5)
    (tmp_path / "c.csv").write_text("a\n1\n")
    with h5py.File(tmp_path / "c.h5", "w") as file:
        file["m"] = np.zeros(10)
    refused(tmp_path, text + section("input.m", target="p", type="file", file="none.csv"),
            "cannot read none.csv: No such file")
    refused(tmp_path, text + section("input.m", target="p", type="file", file="."), "directory")
    refused(tmp_path, text + section("input.m", target="p", type="file", file="c.h5", column="m"),
            "has no columns; name a dataset")
    done = check(tmp_path, text + section("input.m", target="p", type="file", file="c.h5",
                                          column="m", dataset="m"))
    assert done.returncode == 2 and "dataset and column exclude each other" in done.stderr


def test_a_bad_number_in_a_matrix_ends_the_run(tmp_path):
    currents = np.zeros((STEPS, 5))
    currents[1400, 3] = np.nan
    with h5py.File(tmp_path / "c.h5", "w") as file:
        file["m"] = currents
    (tmp_path / "r.ini").write_text(simulation(duration="150 ms") + population("p", 5)
                                    + section("input.m", target="p", type="file", file="c.h5",
                                              dataset="m"))
    done = subprocess.run([PROGRAM, "run", "r.ini", "-o", "r.h5"], capture_output=True, text=True,
                          cwd=tmp_path)
    assert done.returncode == 3
    assert "c.h5: dataset m, row 1400, column 3: nan is out of range" in done.stderr
    assert not list(tmp_path.glob("r.h5*"))


def test_the_output_names_the_files(tmp_path):
    (tmp_path / "in").mkdir()
    write_csv(tmp_path / "in" / "c.csv", {"amp": np.arange(10.0)})
    result = run(tmp_path, simulation(duration="1 ms") + population("p", 5)
                 + section("input.m", target="p", type="file", file="in/c.csv"))
    content = (tmp_path / "in" / "c.csv").read_bytes()
    with h5py.File(result.path) as file:
        found = dict(file["megalif/files/input.m/file"].attrs)
    assert found == {"name": b"in/c.csv", "bytes": len(content),
                     "sha256": hashlib.sha256(content).hexdigest().encode()}
    shown = subprocess.run([PROGRAM, "info", result.path], capture_output=True, text=True).stdout
    assert "in/c.csv" in shown and found["sha256"].decode() in shown
    # The config that the file holds runs again where the first one lay.
    again = run(tmp_path, result.read("megalif/config").decode(), name="again")
    assert again.digest == result.digest


def test_paths_start_at_the_config(tmp_path):
    (tmp_path / "sub").mkdir()
    write_csv(tmp_path / "sub" / "c.csv", {"amp": np.arange(10.0)})
    (tmp_path / "sub" / "r.ini").write_text(
        simulation(duration="1 ms") + population("p", 5)
        + section("input.m", target="p", type="file", file="c.csv"))
    done = subprocess.run([PROGRAM, "run", "sub/r.ini", "-o", "r.h5", "-q"], capture_output=True,
                          text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_a_german_locale_changes_nothing(tmp_path):
    write_csv(tmp_path / "c.csv", {"amp": np.full(10, 0.5)})
    (tmp_path / "r.ini").write_text(simulation(duration="1 ms") + population("p", 5)
                                    + section("input.m", target="p", type="file", file="c.csv"))
    for locale in ("C", "de_DE.UTF-8"):
        done = subprocess.run([PROGRAM, "run", "r.ini", "-o", f"{locale}.h5", "-q"],
                              capture_output=True, text=True, cwd=tmp_path,
                              env=dict(os.environ, LC_ALL=locale))
        assert done.returncode == 0, done.stderr


def test_check_shows_the_memory(tmp_path):
    """Two blocks of rows of at most 64 MiB, however long the file is."""
    size, steps = 200_000, 300
    with h5py.File(tmp_path / "c.h5", "w") as file:
        file.create_dataset("m", (steps, size), "f4", chunks=(1, size))  # zeros: takes no room
    done = check(tmp_path, simulation(duration="30 ms") + population("p", size)
                 + section("input.m", target="p", type="file", file="c.h5", dataset="m"))
    assert done.returncode == 0, done.stderr
    line = next(line for line in done.stdout.splitlines() if "rows of files" in line)
    assert 2 * 60 < float(line.split()[-2]) < 2 * 68
    result = run(tmp_path, simulation(duration="30 ms") + population("p", size)
                 + section("input.m", target="p", type="file", file="c.h5", dataset="m"))
    assert result.attribute("megalif/run", "peak_rss_bytes") < 300e6
