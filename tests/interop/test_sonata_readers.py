"""What the writers of rasters and reports leave is read by the field's own readers: h5py (Debian's
and PyPI's), libsonata, BMTK, h5dump. The known raster is that of tests/tools/write_raster.c."""
import os
import re
import shutil
import subprocess
from pathlib import Path

import h5py
import numpy as np
import pytest

import pypi_env
from megalif import population, run, section, simulation

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("MEGALIF_BUILD", ROOT / "build"))
COUNTS = {"exc": 200003, "silent": 0, "inh": 1000}


def h5tool(name):
    return shutil.which(name) or pytest.skip(f"{name} is not installed (package hdf5-tools)")


def expected(name):
    row = np.arange(COUNTS[name])
    step = 1 + row // 7
    return (1000 * (row % 7) + step % 1000).astype("u8"), step / 10


@pytest.fixture(scope="module", params=["deflate", "none"])
def raster(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("raster") / f"{request.param}.h5"
    subprocess.run([BUILD / "tests/tools/write_raster", path, request.param], check=True)
    return path


@pytest.fixture(scope="session", params=["requirements.txt", "requirements-newest.txt"])
def environment(request):
    """(pins, the Python that has them)"""
    try:
        return request.param, pypi_env.python(request.param)
    except pypi_env.Unavailable as reason:
        pytest.skip(f"libsonata cannot be installed from PyPI: {reason}")


@pytest.fixture(scope="module")
def seen(environment, raster):
    """What PyPI's h5py and libsonata read. The newest wheels of libsonata have no deflate: they get
    the file without compression, as docs/format.md tells users to make it."""
    pins, python = environment
    if raster.stem == "deflate" and pins == "requirements-newest.txt":
        packed, raster = raster, raster.with_name("repacked.h5")
        subprocess.run([h5tool("h5repack"), "-f", "NONE", packed, raster], check=True)
    out = raster.with_suffix(".npz")
    subprocess.run([python, ROOT / "tests/tools/read_raster.py", raster, out], check=True)
    with np.load(out) as arrays:
        return dict(arrays)


def test_debian_h5py_reads_rows(raster):
    with h5py.File(raster) as file:
        assert set(file["spikes"]) == set(COUNTS)
        for name in COUNTS:
            ids, times = expected(name)
            assert file[f"spikes/{name}/node_ids"].dtype == "u8"
            assert file[f"spikes/{name}/timestamps"].dtype == "f8"
            assert np.array_equal(file[f"spikes/{name}/node_ids"][:], ids)
            assert np.array_equal(file[f"spikes/{name}/timestamps"][:], times)


def test_debian_h5py_reads_attributes(raster):
    with h5py.File(raster) as file:
        assert file.attrs["magic"] == 0x0A7A and file.attrs["magic"].dtype == "u4"
        assert list(file.attrs["version"]) == [0, 1] and file.attrs["version"].dtype == "u4"
        for name in COUNTS:
            kind = file[f"spikes/{name}"].attrs.get_id("sorting").dtype
            assert h5py.check_enum_dtype(kind) == {"none": 0, "by_id": 1, "by_time": 2}
            assert kind == np.dtype("u1")
            assert file[f"spikes/{name}"].attrs["sorting"] == 2
            times = file[f"spikes/{name}/timestamps"]
            assert times.attrs["units"] == "ms"
            text = h5py.check_string_dtype(times.attrs.get_id("units").dtype)
            assert text.encoding == "utf-8" and text.length is None
            assert times.maxshape == (None,) and times.chunks == (65536,)


def test_debian_h5py_reads_provenance(raster):
    with h5py.File(raster) as file:
        megalif = file["megalif"]
        assert megalif.attrs["seed"] == 2**64 - 1
        assert megalif.attrs["dt_ms"] == 0.1
        assert megalif.attrs["complete_raster"] == 1
        assert megalif.attrs["complete_raster"].dtype == "u1"
        assert megalif["run"].attrs["host"].decode() == "nötig"
        assert megalif["config"].asstr()[()] == "[simulation]\ndt = 0.1 ms\n"
        assert list(megalif["rates/exc"]) == [70, 70, 63]
        assert megalif["rates/exc"].attrs["units"] == b"1"


def test_h5dump_shows_the_filters(raster):
    text = subprocess.run([h5tool("h5dump"), "-p", "-H", "-d", "/spikes/exc/node_ids", raster],
                          check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    filters = re.search(r"FILTERS \{(.*?)\n\s*FILLVALUE", text, re.DOTALL)[1]
    if raster.stem == "deflate":
        assert re.search(r"PREPROCESSING SHUFFLE\s+COMPRESSION DEFLATE \{ LEVEL 1 \}", filters)
    else:
        assert "NONE" in filters


def test_compression_saves_space(raster):
    """Times all but vanish, ids keep their noise: here below a fifth of 16 bytes a spike."""
    size = raster.stat().st_size / (16 * sum(COUNTS.values()))
    assert size < 0.2 if raster.stem == "deflate" else 1.0 <= size < 1.7


@pytest.mark.parametrize("reader", ["h5py", "libsonata"])
def test_pypi_reads_rows(seen, reader):
    assert list(seen[f"{reader}/populations"]) == sorted(COUNTS)
    for name in COUNTS:
        ids, times = expected(name)
        assert np.array_equal(seen[f"{reader}/{name}/ids"], ids)
        assert np.array_equal(seen[f"{reader}/{name}/times"], times)


def test_libsonata_reads_sorting_and_units(seen):
    for name in COUNTS:
        assert seen[f"libsonata/{name}/sorting"] == "by_time"
        assert seen.get(f"libsonata/{name}/units", "ms") == "ms"


def test_libsonata_finds_time_windows(seen):
    windows = 0
    for key, found in seen.items():
        match = re.fullmatch(r"libsonata/(\w+)/window (\S+) (\S+)", key)
        if not match:
            continue
        windows += 1
        ids, times = expected(match[1])
        inside = (times >= float(match[2])) & (times <= float(match[3]))
        assert np.array_equal(found, np.column_stack((ids[inside], times[inside])))
    assert windows == 4 * len(COUNTS)


def test_libsonata_selects_ids(seen):
    for name in COUNTS:
        ids, times = expected(name)
        inside = np.isin(ids, [3, 2004]) & (times <= 200)
        assert np.array_equal(seen[f"libsonata/{name}/chosen"],
                              np.column_stack((ids[inside], times[inside])))


# ---- reports: what the program's V_m, I and jumps recorders leave ----

DRIVES = (section("input.noise", target="exc", type="white_noise", std="100 pA")
          + section("input.events", target="exc, inh", type="poisson", rate="2 kHz",
                    weight="0.2 mV"))
SPIKING = population("exc", 300, I_e="normal(220, 15)") + population("inh", 40,
                                                                     I_e="210 pA") + DRIVES
SILENT = population("exc", 300) + population("inh", 40)
V = section("record.v", population="all", what="V_m", neurons="3:40:4", interval="0.1 ms")
REPORTS = {  # run: config; its reports are RUN.RECORDER.h5
    "usual": simulation(duration="60 ms") + SPIKING + V
    + section("record.i", population="exc", what="I", neurons="sample(7)", interval="0.3 ms",
              start="10.1 ms", stop="40.1 ms"),
    "early": simulation(duration="60 ms", stop_after_spikes=200) + SPIKING + V
    + section("record.never", population="exc", what="V_m", start="59 ms"),
    "silent": simulation(duration="7 ms") + SILENT + V
    + section("record.one", population="inh", what="jumps", neurons="39"),
    "nobody": simulation(duration="7 ms") + SPIKING
    + section("record.v", population="all", what="V_m", neurons="none")
    + section("record.spikes", population="exc", what="spikes", neurons="none"),
}


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """The paths of all reports, and of the rasters beside them."""
    folder = tmp_path_factory.mktemp("reports")
    rasters = [run(folder, text + section("output", compression="none"), name=name).path
               for name, text in REPORTS.items()]
    return sorted(set(folder.glob("*.h5")) - set(rasters)), rasters


@pytest.fixture(scope="session", params=["requirements-newest.txt", "requirements-bmtk.txt"])
def report_reader(request):
    try:
        return request.param, pypi_env.python(request.param)
    except pypi_env.Unavailable as reason:
        pytest.skip(f"{request.param} cannot be installed from PyPI: {reason}")


def expected_report(path, name):
    with h5py.File(path) as file:
        group = file[f"report/{name}"]
        return (group["mapping/node_ids"][:], group["data"][:], group["mapping/time"][:],
                group["data"].attrs["units"], group["data"].attrs["variable"])


def test_h5py_reads_reports(reports):
    assert [path.name for path in reports[0]] == ["early.never.h5", "early.v.h5", "nobody.v.h5",
                                                  "silent.one.h5", "silent.v.h5", "usual.i.h5",
                                                  "usual.v.h5"]
    for path in reports[0]:
        with h5py.File(path) as file:
            assert file.attrs["magic"] == 0x0A7A and list(file.attrs["version"]) == [0, 1]
            for group in file["report"].values():
                rows, count = group["data"].shape
                mapping = group["mapping"]
                assert group["data"].dtype == "f4" and mapping["node_ids"].dtype == "u8"
                assert mapping["element_ids"].dtype == "u4" and mapping["element_pos"].dtype == "f4"
                assert mapping["node_ids"].attrs["sorted"] == 1
                assert mapping["time"].attrs["units"] == "ms" and mapping["time"].dtype == "f8"
                assert (mapping["index_pointer"].id.get_offset()
                        == mapping["index_pointers"].id.get_offset())
                assert np.array_equal(mapping["index_pointers"], np.arange(count + 1))
                assert not mapping["element_ids"][:].any() and not mapping["element_pos"][:].any()
                start, stop, interval = mapping["time"]
                assert round((stop - start) / interval) == rows
    assert expected_report(reports[0][0], "exc")[1].shape == (0, 300)  # the run ended before
    assert expected_report(reports[0][2], "inh")[1].shape == (7, 0)
    assert expected_report(reports[0][3], "inh")[1].shape == (7, 1)


def test_others_read_reports(report_reader, reports, tmp_path):
    pins, python = report_reader
    subprocess.run([python, ROOT / "tests/tools/read_report.py", tmp_path / "seen.npz",
                    *reports[0]],
                   check=True)
    with np.load(tmp_path / "seen.npz") as arrays:
        seen = dict(arrays)
    readers = ["SomaReportReader", "ElementReportReader"] + ["bmtk"] * ("bmtk" in pins)
    read = 0
    for path in reports[0]:
        with h5py.File(path) as file:
            names = sorted(file["report"])
        for reader in readers:
            assert sorted({key.split("/")[2] for key in seen
                           if key.startswith(f"{reader}/{path.stem}/")}) == names
            for name in names:
                ids, data, time, units, variable = expected_report(path, name)
                key = f"{reader}/{path.stem}/{name}"
                assert np.array_equal(seen[f"{key}/ids"], ids)
                assert np.array_equal(seen[f"{key}/time"], time)
                if data.size or reader == "bmtk":
                    assert np.array_equal(seen[f"{key}/data"], data)
                    read += 1
                elif len(data) == 0:
                    assert f"{key}/data" not in seen
                    continue
                if reader == "bmtk":
                    assert list(seen[f"{key}/units"]) == [units, variable]
                    if len(ids):
                        assert np.array_equal(seen[f"{key}/last"].reshape(-1), data[:, -1])
                    continue
                assert list(seen[f"{key}/units"]) == ["ms", units, "True"]
                assert seen[f"{key}/rows"] == (len(data) if data.size else 0)
                if f"{key}/window" in seen:
                    assert np.array_equal(seen[f"{key}/window"].reshape(-1), data[2:6, -1])
    assert read >= 7 * 2


def test_rasters_beside_reports_are_read(report_reader, reports, tmp_path):
    """An early stop, no spikes, nobody recorded."""
    for path in reports[1]:
        out = tmp_path / f"{path.stem}.npz"
        subprocess.run([report_reader[1], ROOT / "tests/tools/read_raster.py", path, out],
                       check=True)
        with np.load(out) as seen, h5py.File(path) as file:
            assert list(seen["libsonata/populations"]) == sorted(file["spikes"])
            for name, group in file["spikes"].items():
                assert np.array_equal(seen[f"libsonata/{name}/ids"], group["node_ids"])
                assert np.array_equal(seen[f"libsonata/{name}/times"], group["timestamps"])
                assert (path.stem in ("usual", "early")) == (len(group["node_ids"]) > 0)
