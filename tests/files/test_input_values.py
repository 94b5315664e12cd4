"""`file(path, dataset)` in place of a distribution: parameters from HDF5 and CSV files."""
import subprocess

import h5py
import numpy as np
import pytest

from megalif import PROGRAM, population, run, section, simulation

DRAWN = {"I_e": "normal(210, 15)", "V_m": "uniform(-65, -50)", "t_ref": "uniform(0.4, 4)",
         "tau_m": "uniform(15, 25)", "E_L": "normal(-65, 0.5)", "V_th": "normal(-50, 0.5)",
         "V_reset": "linspace(-70, -60)", "C_m": "lognormal(250, 0.05)",
         "V_min": "linspace(-80, -71)"}


def cells(**keys):
    return (simulation(duration="300 ms") + population("p", 500, **keys)
            + section("input.n", target="p", type="white_noise", std="150 pA"))


def refused(folder, value, *said, key="I_e", size=5):
    (folder / "r.ini").write_text(simulation(duration="1 ms")
                                  + population("p", size, **{key: value}))
    for command in (["run", "r.ini", "-o", "r.h5"], ["check", "r.ini"]):
        done = subprocess.run([PROGRAM, *command], capture_output=True, text=True, cwd=folder)
        assert done.returncode == 2, done.stderr
        assert f"[population.p] {key}: " in done.stderr
        for words in said:
            assert words in done.stderr, done.stderr
    assert not list(folder.glob("r.h5*"))


def test_drawn_values_read_back_give_the_same_run(tmp_path):
    """Everything that one run drew and wrote, read by another: HDF5, and CSV as Python prints
    it."""
    first = run(tmp_path, cells(**DRAWN), name="first")
    values = {key: first.parameter("p", key) for key in DRAWN}
    lines = [" ".join(values)] + [" ".join(map(repr, row))
                                  for row in zip(*(v.tolist() for v in values.values()))]
    (tmp_path / "values.csv").write_text("\n".join(lines))
    for path, part in (("first.h5", "megalif/parameters/p/{}"), ("values.csv", "{}")):
        again = run(tmp_path, cells(**{key: f"file({path}, {part.format(key)})" for key in DRAWN}),
                    threads=2)
        assert again.digest == first.digest
        for key in DRAWN:
            assert np.array_equal(again.parameter("p", key), values[key])
        assert (again.attribute("megalif/populations/p", "parameters_digest")
                == first.attribute("megalif/populations/p", "parameters_digest"))
    assert again.attribute("megalif/files/population.p/I_e", "name") == "values.csv"
    # As one column the file needs no name of it; and the config of the output runs again.
    (tmp_path / "one.csv").write_text("I\n" + "\n".join(map(repr, values["I_e"].tolist())))
    one = run(tmp_path, cells(**{**DRAWN, "I_e": "file(one.csv)"}))
    assert one.digest == first.digest
    assert run(tmp_path, one.read("megalif/config").decode(), name="again").digest == first.digest


def test_integers_are_numbers_and_one_column_is_a_list(tmp_path):
    with h5py.File(tmp_path / "v.h5", "w") as file:
        file["I"] = np.arange(200, 205, dtype="i2")
        file["column"] = np.arange(200, 205, dtype="i2")[:, None]
    for name in "I", "column":
        result = run(tmp_path, simulation(duration="1 ms")
                     + population("p", 5, I_e=f"file(v.h5, {name})"), name=name)
        assert result.parameter("p", "I_e").tolist() == [200, 201, 202, 203, 204]


def test_what_does_not_fit_is_refused(tmp_path):
    with h5py.File(tmp_path / "v.h5", "w") as file:
        file["six"], file["table"], file["one"] = np.zeros(6), np.zeros((5, 2)), 1.0
        file["nan"] = [0, 1, np.nan, 3, 4]
        file["large"] = [0, 1, 2, 2e9, 4]
        file["out"] = h5py.ExternalLink("other.h5", "/x")
    (tmp_path / "v.csv").write_text("a,b\n1,2\n3,x\n1,2\n1,2\n1,2\n")
    refused(tmp_path, "file(v.h5, six)", "v.h5 has 6 values, but there are 5 neurons")
    refused(tmp_path, "file(v.h5, table)", "v.h5 has 2 columns, where a list is wanted")
    refused(tmp_path, "file(v.h5, one)", "has neither one dimension")
    refused(tmp_path, "file(v.h5, nan)", "dataset nan, row 2: nan is out of range")
    refused(tmp_path, "file(v.h5, out)", "links are not followed")
    refused(tmp_path, "file(v.h5)", "name the dataset")
    refused(tmp_path, "file(none.h5, a)", "cannot read none.h5: No such file")
    (tmp_path / "two.csv").write_text("a,b\n" + "1,2\n" * 5)
    refused(tmp_path, "file(two.csv)", "has 2 columns, where a list is wanted")
    refused(tmp_path, "file(v.csv, b)", "v.csv:3:3: 'x' is no number")
    refused(tmp_path, "file(v.csv, c)", "there is no column c")
    refused(tmp_path, "file(v.h5, large)", "1 of 5 drawn values are out of range",
            "the first in neuron 3: 2e+09 pA; mend the file")
    refused(tmp_path, "file()", "a name is missing; write file(path, dataset)")
    refused(tmp_path, "file(v.h5, )", "a name is missing; write file(path, dataset)")
    refused(tmp_path, "file v.h5", "'file v.h5' is neither a number nor a distribution")
    with h5py.File(tmp_path / "v.h5", "r+") as file:
        file["below"] = [2.0, 2.0, 2.0, 2.0, -0.1]
    refused(tmp_path, "file(v.h5, below)", "1 of 5 drawn values are out of range", key="t_ref")


def test_check_shows_the_memory(tmp_path):
    with h5py.File(tmp_path / "v.h5", "w") as file:
        file.create_dataset("I", (1_000_000,), "f4")
    (tmp_path / "c.ini").write_text(simulation(duration="1 ms")
                                    + population("p", 1_000_000, I_e="file(v.h5, I)"))
    done = subprocess.run([PROGRAM, "check", "c.ini"], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    line = next(line for line in done.stdout.splitlines() if "parameters from files" in line)
    assert float(line.split()[-2]) == 8.0
    assert "I_e           = file(v.h5, I)" in done.stdout
