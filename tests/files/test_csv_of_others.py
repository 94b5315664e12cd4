"""CSV files in the bytes that other programs write, checked against these programs' own readers;
what is no CSV is refused as what it is."""
import bz2
import csv
import gzip
import io
import lzma
import zipfile

import h5py
import numpy as np
import pytest

from megalif import population, run, section, simulation
from spike_files import megalif
from test_input_files import refused

SPIKES = [(0.5, 3), (1.25, 0), (1.25, 4), (7.0, 3)]


def converted(path, *options):
    """What `convert` makes of a file: (times, ids) of each population, by h5py."""
    out = path.parent / "out.h5"
    done = megalif("convert", path, out, "--force", *options)
    assert done.returncode == 0, done.stderr
    with h5py.File(out) as file:
        return {name: list(zip(group["timestamps"][:].tolist(), group["node_ids"][:].tolist()))
                for name, group in file["spikes"].items()}


def said(path, *options, code=3):
    done = megalif("convert", path, path.parent / "out.h5", *options)
    assert done.returncode == code and done.stderr.count("\n") == 1, done.stderr
    assert not (path.parent / "out.h5").exists()
    return done.stderr


def by_csv(rows, **how):
    text = io.StringIO(newline="")
    csv.writer(text, **how).writerows(rows)
    return text.getvalue().encode()


# ---- what is read

ROWS = [["population", "timestamps", "node_ids"], *(["a, \"b\"", t, i] for t, i in SPIKES)]


@pytest.mark.parametrize("quoting", [csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC])
@pytest.mark.parametrize("how", [{}, {"delimiter": ";"}, {"delimiter": "\t"}, {"delimiter": " "},
                                 {"lineterminator": "\n"}], ids=str)
def test_python_csv(tmp_path, quoting, how):
    path = tmp_path / "s.csv"
    path.write_bytes(by_csv(ROWS, quoting=quoting, **how))
    again = list(csv.reader(io.StringIO(path.read_text()), delimiter=how.get("delimiter", ",")))[1:]
    assert {row[0] for row in again} == {'a, "b"'}
    assert (converted(path) == {'a, "b"': [(float(t), int(i)) for _, t, i in again]}
            == {'a, "b"': SPIKES})


@pytest.mark.parametrize("text", [
    # R: write.csv(d), write.csv(d, row.names = FALSE), write.table(d, row.names = FALSE, sep =
    # "\t")
    '"","timestamps","node_ids"\n"1",0.5,3\n"2",1.25,0\n"3",1.25,4\n"4",7,3\n',
    '"timestamps","node_ids"\n0.5,3\n1.25,0\n1.25,4\n7,3\n',
    '"timestamps"\t"node_ids"\n0.5\t3\n1.25\t0\n1.25\t4\n7\t3\n',
    # pandas: to_csv, to_csv(sep=" ", index=False), to_string(index=False)
    ",timestamps,node_ids\n0,0.5,3\n1,1.25,0\n2,1.25,4\n3,7.0,3\n",
    "timestamps node_ids\n0.5 3\n1.25 0\n1.25 4\n7.0 3\n",
    " timestamps  node_ids\n       0.50         3\n       1.25         0\n       1.25         4\n"
    "       7.00         3",
    # numbers in quotes, blanks around them, a mark and comments in front, an empty line at the end
    '\ufeff# made by hand\n#\n "timestamps" , "node_ids" \r\n"0.5", "3"\r\n"1.25" '
    ',0\r\n1.25,4\r\n7,3\r\n\r\n',
], ids=range(7))
def test_texts_of_others(tmp_path, text):
    path = tmp_path / "s.csv"
    path.write_text(text, newline="")
    assert converted(path, "-p", "x") == {"x": SPIKES}


@pytest.mark.parametrize("how",
                         [{"delimiter": ",", "header": "timestamps,node_ids", "comments": ""},
                          {"delimiter": ",", "header": "timestamps,node_ids"},
                          {"header": "written by us\n\ntimestamps node_ids"},
                          {"header": "timestamps node_ids", "fmt": ["%.3f", "%d"]},
                          {"header": "timestamps, node_ids", "delimiter": "\t"}], ids=str)
def test_numpy_savetxt(tmp_path, how):
    path = tmp_path / "s.csv"
    np.savetxt(path, np.array(SPIKES), **how)
    again = np.loadtxt(path, delimiter=how.get("delimiter"), skiprows=int("comments" in how))
    assert [tuple(row) for row in again] == SPIKES
    assert converted(path, "-p", "x") == {"x": SPIKES}


def test_currents_and_parameters_in_quotes(tmp_path):
    """The same run as without quotes, comments and numpy's header."""
    current = np.round(np.random.default_rng(1).uniform(150, 500, 200), 3)
    levels = [240, 260.5, 300]
    plain, quoted, comment = tmp_path / "plain", tmp_path / "quoted", tmp_path / "comment"
    for folder in (plain, quoted, comment):
        folder.mkdir()
    (plain / "I.csv").write_bytes(by_csv([["k", "amp"], *enumerate(current)]))
    (plain / "p.csv").write_bytes(by_csv([["id", "I_e"], *enumerate(levels)]))
    (quoted / "I.csv").write_bytes(by_csv([["k", "amp"], *enumerate(current)],
                                          quoting=csv.QUOTE_ALL))
    (quoted / "p.csv").write_bytes(by_csv([["id", "I_e"], *enumerate(levels)],
                                          quoting=csv.QUOTE_ALL))
    np.savetxt(comment / "I.csv", np.column_stack([range(200), current]), header="k amp")
    np.savetxt(comment / "p.csv", np.column_stack([range(3), levels]), header="id I_e")
    text = (simulation(duration="20 ms") + population("p", 3, I_e="file(p.csv, I_e)")
            + section("input.m", target="p", type="file", file="I.csv", column="amp"))
    digests = {run(folder, text).digest for folder in (plain, quoted, comment)}
    assert len(digests) == 1


# ---- what is wrong

@pytest.mark.parametrize("text, words", [
    ('"timestamps","node_ids"\n"0.5","3\n1,2\n',
     "s.csv:2:7: a quote begins here and is not closed"),
    ('"timestamps","node_ids\n0.5,3\n', "s.csv:1:14: a quote begins here and is not closed"),
    ('"timestamps","node_ids"\n"0.5"x,3\n',
     "s.csv:2:6: a separator is missing behind a closing quote"),
    ('"timestamps","node_ids"\n"0.5""","3"\n', "s.csv:2:2: '0.5\"' is no number"),
    ('"timestamps","node_ids"\n"0.5"\n', "s.csv:2:1: 1 field, where the header has 2"),
    ('"timestamps","node_ids"\n0.5,3,\n', "s.csv:2:1: 3 fields, where the header has 2"),
    ('"timestamps","ids"\n0.5,3\n',
     "s.csv:1: there is no column node_ids; the header is '\"timestamps\""),
    ('# x\n"timestamps","timestamps"\n', "s.csv:2: there is more than one column timestamps"),
    ('"timestamps","node_ids"\n0.5,"18446744073709551616"\n',
     "is no whole number from 0 to 2^64 - 1"),
    ("timestamps,node_ids\n0.5,3\n# the second part\n1,2\n",
     "s.csv:3:1: a line with # stands among"),
    ('"1","2"\n"3","4"\n', "s.csv:1:1: there are only numbers; the first line must name"),
    ("# spikes\n0.5,3\n",
     "s.csv:2:1: there are only numbers, 2 in a line; the # line before them has 1"),
    ("# only\n# comments\n", "s.csv:3:1: a line with the names of the columns is missing"),
    ("#", "s.csv:2:1: a line with the names of the columns is missing"),
    ('"timestamps";"node_ids"\n0,5;3\n', "'0,5' is no number; decimals have a point, not a comma"),
    ("timestamps\tnode_ids\n0,5\t3\n", "'0,5' is no number; decimals have a point, not a comma"),
    ("timestamps,node_ids\n0.5\u00a0,3\n", "there is a no-break space (U+00A0); write a blank"),
    ("timestamps,node_ids\n0.5,\u22123\n", "there is a minus sign (U+2212); write a hyphen, -"),
    ("timestamps\u00a0,node_ids\n0.5,3\n", "in which there is a no-break space (U+00A0)"),
    ("timestamps,node_ids\n0.5,3\x00\n", "s.csv:2:6: there is a NUL; this is no text"),
    ("<!DOCTYPE html>\n<html>", "s.csv:1:1: it is a web page")])
def test_strange_texts_are_refused(tmp_path, text, words):
    path = tmp_path / "s.csv"
    path.write_text(text, newline="")
    message = said(path, "-p", "x")
    assert words in message and "\n" not in message[:-1]


def member(name):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr(name, "x")
    return data.getvalue()


def by_numpy(save, *what, **named):
    data = io.BytesIO()
    save(data, *what, **named)
    return data.getvalue()


TEXT = b"timestamps,node_ids\n0.5,3\n"
KINDS = {
    "a gzip file; unpack it first (gunzip)": gzip.compress(TEXT),
    "a bzip2 file": bz2.compress(TEXT),
    "an xz file": lzma.compress(TEXT),
    "a zstd file": b"\x28\xb5\x2f\xfd\x24\x1a" + TEXT,
    "a zip file": member("spikes.csv"),
    "an Excel or other Office file; save it as CSV": member("[Content_Types].xml"),
    "a NumPy archive (.npz)": by_numpy(np.savez, times=np.arange(3)),
    "a NumPy array (.npy)": by_numpy(np.save, np.arange(3)),
    "text in UTF-16; save it as UTF-8 (iconv -f": TEXT.decode().encode("utf-16"),
    "text in UTF-16; save it as UTF-8 (iconv -t": TEXT.decode().encode("utf-16-be"),
    "a MATLAB file of version 5 to 7": b"MATLAB 5.0 MAT-file, Platform: GLNXA64".ljust(124)
    + b"\0\1IM", "a Parquet file": b"PAR1\x15\x04\x15\x20",
    "a PDF document": b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n",
    "a PNG picture": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_csv_is_named(tmp_path, kind):
    """Where CSV may be given, and where only HDF5 is."""
    path = tmp_path / "s.csv"
    path.write_bytes(KINDS[kind])
    assert f"s.csv:1:1: it is {kind}" in said(path, "-p", "x")
    text = simulation(duration="1 ms") + population("p", 5)
    for keys in ({"type": "spikes", "weight": "1 mV"}, {"type": "file"},
                 {"type": "file", "dataset": "x"}):
        refused(tmp_path, text + section("input.m", target="p", file="s.csv", **keys),
                f"it is {kind}")
    for command in (["info"], ["digest", "--dt", "0.1"],
                    ["plot", "--what", "raster", "-o", "x.png"],
                    ["plot", "--what", "traces", "-o", "x.png"]):
        done = megalif(*command, path)
        assert (done.returncode == 3
                and f"cannot read {path}: it is {kind}" in done.stderr), done.stderr


def test_columns_may_be_called_as_files_begin(tmp_path):
    for name in ("PAR1", "BZh", "ARROW1", "MATLAB 5.0", "II"):
        path = tmp_path / "s.csv"
        path.write_text(f"{name},timestamps,node_ids\n"
                        + "".join(f"0,{t},{i}\n" for t, i in SPIKES))
        assert converted(path, "-p", "x") == {"x": SPIKES}


def test_hdf5_and_csv_in_each_others_place(tmp_path):
    with h5py.File(tmp_path / "c.h5", "w") as file:
        file["amp"] = np.zeros(10)
    (tmp_path / "c.csv").write_text("amp\n" + "0\n" * 10)
    text = simulation(duration="1 ms") + population("p", 5)
    for keys, words in (({"file": "c.h5", "column": "amp"},
                         "c.h5 is an HDF5 file, which has no columns"),
                        ({"file": "c.csv", "dataset": "amp"},
                         "c.csv is no HDF5 file, so it has no dataset")):
        refused(tmp_path, text + section("input.m", target="p", type="file", **keys), words)
    done = megalif("info", tmp_path / "c.csv")
    assert done.returncode == 3 and "it is no HDF5 file; a SONATA spike file " in done.stderr
    assert "(megalif convert makes one of CSV) is needed" in done.stderr


def test_row_numbers_are_no_current(tmp_path):
    """R's write.csv and pandas' to_csv put them in front, without a name."""
    for text in ('"","a","b"\n"1",5,6\n', ",a,b\n0,5,6\n"):
        (tmp_path / "c.csv").write_text(text)
        refused(tmp_path, simulation(duration="0.1 ms") + population("p", 3)
                + section("input.m", target="p", type="file", file="c.csv"),
                "c.csv: column 1 of 3 has no name, as row numbers have none", "row.names = FALSE")
