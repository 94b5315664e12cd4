"""What a Result reads, against h5py, numpy and the command line; files of others; the notebook."""
import multiprocessing
import os
import pickle
import shutil
import tempfile
import xml.etree.ElementTree as xml
from pathlib import Path

import h5py
import numpy as np
import pytest

import megalif
from package_runs import DICT, NETWORK, by_command_line
from package_runs import megalif as command


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A file by the command line, and its folder."""
    folder = tmp_path_factory.mktemp("results")
    by_command_line(folder)
    return folder


@pytest.fixture(scope="module")
def result(made):
    return megalif.open(made / "cli.h5")


def test_spikes_are_the_files(made, result):
    assert list(result.spikes) == ["exc", "inh"] and result.populations == {"exc": 400, "inh": 100}
    with h5py.File(made / "cli.h5") as file:
        for name, spikes in result.spikes.items():
            times, ids = spikes
            assert np.array_equal(times, file[f"spikes/{name}/timestamps"][:])
            assert np.array_equal(ids, file[f"spikes/{name}/node_ids"][:])
            assert times.dtype == float and ids.dtype == np.uint64 and len(spikes) == len(times)
    with pytest.raises(ValueError):
        result.spikes["exc"].times[0] = 3
    with pytest.raises(KeyError, match="no recorded population ex; there are exc, inh"):
        result.spikes["ex"]


def in_another_process(duration):
    return megalif.run(DICT, set={"simulation.duration": duration}, threads=1)


def test_results_come_from_other_processes():
    """Their temporary files go with these, and their content comes along."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        there = pool.map(in_another_process, [50])[0]
    here = in_another_process(50)
    assert there.digest == here.digest and there.path != here.path
    assert there.statistics["exc"]["spikes"] == here.statistics["exc"]["spikes"] > 0
    assert there.report.spikes == here.report.spikes
    for mine, other in zip(here.spikes["exc"], there.spikes["exc"]):
        assert np.array_equal(mine, other)


def test_what_is_pickled_needs_no_file(made, result):
    at = pickle.loads(pickle.dumps(result))
    assert at.path == made / "cli.h5" and at.digest == result.digest
    spikes = pickle.loads(pickle.dumps(result.spikes["exc"].window(50, 100)))
    with h5py.File(made / "cli.h5") as file:
        times = file["spikes/exc/timestamps"][:]
        assert np.array_equal(spikes.times, times[(times >= 50) & (times < 100)])
        assert np.array_equal(spikes.window(60, 70).times, times[(times >= 60) & (times < 70)])
        rate = file["megalif/populations/exc"].attrs["mean_rate_Hz"]
    temporary = in_another_process(20)
    tables = [temporary.statistics["exc"], temporary.rates, temporary.parameters["exc"]]
    wanted = [dict(each) for each in tables]
    pickled = pickle.dumps(tables)
    del temporary, tables
    statistics, rates, parameters = pickle.loads(pickled)
    assert str(dict(statistics)) == str(wanted[0])  # with NaN
    assert np.array_equal(rates["exc"].counts, wanted[1]["exc"].counts)
    assert list(parameters) == list(wanted[2])
    with pytest.raises(KeyError, match="no rates of x; there are exc, inh"):
        rates["x"]
    assert pickle.loads(pickle.dumps(result.statistics))["exc"]["mean_rate_Hz"] == rate
    with megalif.Simulation(DICT) as simulation, pytest.raises(TypeError, match="its process"):
        pickle.dumps(simulation)


@pytest.mark.parametrize("start, stop", [(None, None), (50, 100), (50.3, 50.4), (None, 20.1),
                                         (150, None), (90, 80), (300, 400), (-5, 0.05)])
@pytest.mark.parametrize("read_before", [False, True])
def test_windows(made, start, stop, read_before):
    spikes = megalif.open(made / "cli.h5").spikes["exc"]
    with h5py.File(made / "cli.h5") as file:
        times = file["spikes/exc/timestamps"][:]
        mask = (times >= (start or -1e9)) & (times < (1e9 if stop is None else stop))
        ids = file["spikes/exc/node_ids"][:][mask]
    if read_before:
        len(spikes)
    part = spikes.window(start, stop)
    assert np.array_equal(part.times, times[mask]) and np.array_equal(part.ids, ids)
    inner = part.window(60, 70)
    assert np.array_equal(inner.times, part.times[(part.times >= 60) & (part.times < 70)])


def test_a_window_reads_no_more_than_it_needs(made, monkeypatch):
    spikes = megalif.open(made / "cli.h5").spikes["exc"]
    read = []
    whole = h5py.Dataset.__getitem__

    def counted(self, key, *rest):
        found = whole(self, key, *rest)
        read.append(np.size(found))
        return found
    monkeypatch.setattr(h5py.Dataset, "__getitem__", counted)
    part = spikes.window(100, 101)
    rows = len(part)
    assert sum(read) < 2 * rows + 60


def test_trains_counts_and_rates(result):
    spikes, counts = result.spikes["exc"], result.counts["exc"]
    assert np.array_equal(spikes.counts(), counts["spikes"])
    trains = spikes.by_neuron()
    assert len(trains) == 400 and np.array_equal(trains[7], spikes.neuron(7))
    fired = counts["spikes"] > 0
    first = np.array([np.rint(train[0] / 0.1) for train in trains if len(train)])
    assert np.array_equal(first, counts["first"][fired])
    for rates, width in ((result.rates["exc"], 1), (result.recorders["fine"]["exc"], 2)):
        bins = np.bincount((spikes.steps - 1) // (10 * width), minlength=200 // width)
        assert rates.width == width and np.array_equal(rates.counts, bins)
        assert np.allclose(rates.Hz, bins / 400 / width * 1000)
        assert np.allclose(rates.times, np.arange(0, 200, width))
    assert result.statistics["exc"]["mean_rate_Hz"] == pytest.approx(len(spikes) / 400 / 0.2)


def test_traces_and_parameters(made, result):
    trace = result.traces["v"]["exc"]
    with h5py.File(made / "cli.v.h5") as file:
        assert np.array_equal(trace.values, file["report/exc/data"][:])
    assert (trace.variable, trace.units, list(trace.ids)) == ("V_m", "mV", [0, 1, 2])
    assert np.allclose(trace.times, np.arange(200)) and trace.values.shape == (200, 3)
    assert np.array_equal(trace.neuron(2), trace.values[:, 2])
    with pytest.raises(KeyError, match="neuron 3"):
        trace.neuron(3)
    initial = result.parameters["exc"]["V_m"]
    assert initial.shape == (400,) and np.allclose(trace.values[0], initial[:3])
    assert result.parameters["exc"]["tau_m"] == 20.0


def test_headers(result):
    assert (result.dt, result.duration, result.seed, result.precision) == (0.1, 200, 7, "single")
    assert result.numerics == megalif.numerics and result.version == megalif.__version__
    assert result.ended_early is None and "[population.exc]" in result.config
    assert result.projections["ei"]["synapses"] == 2000


def test_connections_are_those_of_the_command_line(made, result):
    assert command("connections", "cli.ini", "-o", "edges.h5", cwd=made).returncode == 0
    names = {("ei", None, None): "ei", ("i", "inh", "exc"): "i.inh.exc",
             ("i", None, "inh"): "i.inh.inh"}
    with h5py.File(made / "edges.h5") as file:
        for (name, source, target), group in names.items():
            found = result.connections(name, source, target)
            edges = file[f"edges/{group}"]
            assert np.array_equal(found.sources, edges["source_node_id"][:])
            assert np.array_equal(found.targets, edges["target_node_id"][:])
            assert np.array_equal(found.weights, edges["0/syn_weight"][:])
            assert np.array_equal(found.delays, edges["0/delay"][:])
            assert found.target == edges["target_node_id"].attrs["node_population"]
    ei = result.connections("ei")
    assert (ei.indegrees() == 20).all() and ei.outdegrees().sum() == len(ei) == 2000
    with pytest.raises(ValueError, match="inh to exc, inh to inh"):
        result.connections("i")
    with pytest.raises(KeyError, match="no projection is called e; there are ei, i"):
        result.connections("e")


def test_connections_as_a_sparse_matrix(result):
    pytest.importorskip("scipy.sparse")
    ei = result.connections("ei")
    dense = np.zeros((400, 100))
    np.add.at(dense, (ei.sources.astype(int), ei.targets.astype(int)), ei.weights)
    assert np.allclose(ei.to_scipy().toarray(), dense)


def test_files_beside_a_config_are_found_again(tmp_path):
    """Synapses of a file, whose path starts at the config's folder."""
    (tmp_path / "synapses.csv").write_text("source,target,weight,delay\n0,1,2.5,1.0\n2,0,1.5,2\n")
    (tmp_path / "a.ini").write_text("[simulation]\ndt = 0.1 ms\nduration = 10 ms\n[population.a]\n"
                                    "size = 3\n[projection.p]\nsource = a\ntarget = a\n"
                                    "rule = file\nfile = synapses.csv\n")
    for result in (megalif.run(tmp_path / "a.ini"),
                   megalif.run(tmp_path / "a.ini", output=tmp_path / "out.h5"),
                   megalif.open(tmp_path / "out.h5")):
        found = result.connections("p")
        assert list(zip(found.sources, found.targets, found.weights, found.delays)) == [
            (2, 0, 1.5, 2.0), (0, 1, 2.5, 1.0)]


def write_others(path, times, ids, group="spikes/cells", **attributes):
    with h5py.File(path, "w") as file:
        spikes = file.create_group(group)
        spikes["timestamps"], spikes["node_ids"] = times, ids
        spikes.attrs.update(attributes)


@pytest.mark.parametrize("group, name", [("spikes/cells", "cells"), ("spikes", "(unnamed)")])
@pytest.mark.parametrize("sorting", [None, "none", "by_id"])
def test_files_of_others_are_sorted(tmp_path, group, name, sorting):
    rng = np.random.default_rng(3)
    times, ids = rng.uniform(0, 100, 500).round(1), rng.integers(0, 20, 500).astype(np.uint32)
    write_others(tmp_path / "a.h5", times, ids, group, **({"sorting": sorting} if sorting else {}))
    result = megalif.open(tmp_path / "a.h5")
    order = np.lexsort((ids, times))
    assert np.array_equal(result.spikes[name].times, times[order])
    assert np.array_equal(result.spikes[name].ids, ids[order])
    inside = (times[order] >= 20) & (times[order] < 30)
    assert np.array_equal(result.spikes[name].window(20, 30).ids, ids[order][inside])
    assert sum(map(len, result.spikes[name].by_neuron())) == 500
    assert result.digest is None and result.duration is None and not result.rates
    assert name in result._repr_html_() and name in repr(result)


def test_files_that_are_none(tmp_path):
    with pytest.raises(megalif.OutputError, match="not-there.h5: cannot be read: No such file or"):
        megalif.open(tmp_path / "not-there.h5")
    (tmp_path / "text.h5").write_text("text")
    with pytest.raises(megalif.OutputError, match="text.h5: cannot be read: it is no HDF5 file$"):
        megalif.open(tmp_path / "text.h5")
    with pytest.raises(megalif.OutputError, match="cannot be read: Is a directory$"):
        megalif.open(tmp_path)
    with h5py.File(tmp_path / "empty.h5", "w") as file:
        file["something"] = 3
    with pytest.raises(megalif.OutputError, match="neither /spikes nor /report"):
        megalif.open(tmp_path / "empty.h5")


def test_missing_rights_are_called_so(result):
    """As another user, where this one may read everything."""
    with tempfile.TemporaryDirectory() as name:
        folder, user = Path(name), os.geteuid()
        folder.chmod(0o755)
        shutil.copy(result.path, folder / "mine.h5")
        (folder / "mine.h5").chmod(0)
        os.seteuid(user or 65534)
        try:
            with pytest.raises(megalif.OutputError, match="mine.h5: cannot be read: Permission de"):
                megalif.open(folder / "mine.h5")
        finally:
            os.seteuid(user)


def test_a_vanished_file_is_told(tmp_path):
    result = megalif.run(DICT, output=tmp_path / "out.h5")
    (tmp_path / "out.h5").unlink()
    with pytest.raises(megalif.OutputError, match="out.h5: cannot be read"):
        len(result.spikes["exc"])


def test_names_that_are_not_there_are_told(result):
    for kind, name, words in (
            (result.statistics, "ex", "no population ex; there are exc, inh"),
            (result.statistics["inh"], "cv", "no statistic cv; there are .*mean_cv, .*chi"),
            (result.traces, "w", "no recorder of traces w; there are v"),
            (result.parameters, "ex", "there are exc, inh"),
            (result.projections, "ie", "no projection ie; there are ei, i")):
        with pytest.raises(KeyError, match=words):
            kind[name]
    with pytest.raises(KeyError) as caught:
        result.statistics["exc"]["cv"]  # it has a recorder of counts
    assert "mean_cv" in str(caught.value) and "what = counts" not in str(caught.value)


def test_save_keeps_a_temporary_result(tmp_path):
    result = megalif.run(DICT)
    assert result.save(tmp_path / "kept.h5") == tmp_path / "kept.h5"
    again = megalif.open(tmp_path / "kept.h5")
    assert again.digest == result.digest
    assert np.array_equal(again.traces["v"]["exc"].values, result.traces["v"]["exc"].values)
    with pytest.raises(FileExistsError, match="kept.h5"):
        result.save(tmp_path / "kept.h5")
    (tmp_path / "kept.h5.part").write_text("of a run at work")
    result.save(tmp_path / "kept.h5", force=True)
    assert (tmp_path / "kept.h5.part").read_text() == "of a run at work"
    for name in ("kept.h5/below.h5", 254 * "a"):
        with pytest.raises(megalif.OutputError):
            result.save(tmp_path / name)


def test_the_notebooks_page_is_well_made(result):
    page = result._repr_html_()
    tree = xml.fromstring(page)
    cells = [cell.text for cell in tree.iter("td")]
    assert "exc" in cells and "400" in cells and f"{len(result.spikes['exc']):,}" in cells
    assert result.digest in page
    dots = sum(path.get("d").count("M") for path in tree.iter("path"))
    shown = sum((spikes.ids < 100).sum() for spikes in result.spikes.values())
    assert dots == shown if shown < 4000 else 2000 < dots <= 8000
    assert len(list(tree.iter("polyline"))) == 2


def test_a_result_without_raster_or_spikes_has_a_page():
    for result in (megalif.run(DICT, raster=False),
                   megalif.run(DICT, set={"population.exc.I_e": 0, "population.inh.I_e": 0,
                                          "input.noise.std": 0})):
        xml.fromstring(result._repr_html_())
    assert result.report.spikes == 0 and "400" in result._repr_html_()


def test_a_report_is_read_as_a_dict_or_by_attributes():
    report = megalif.run(NETWORK).report
    assert report["spikes"] == report.spikes
    assert report.populations["exc"].size == 400 and report.projections["ei"].rule
    with pytest.raises(AttributeError, match="no spike; it has"):
        report.spike
    lines = repr(report).splitlines()
    at = lines.index("populations")
    assert lines[at + 1:at + 3] == ["    exc", f"        {'size':20} 400"]
