"""NWB files: pynwb reads what was simulated, and its own validators find nothing wrong."""
import json
import os
import warnings
from datetime import datetime, timezone

import h5py
import numpy as np
import pytest

import megalif
import small_circuit
from package_runs import DICT

pynwb = pytest.importorskip("pynwb")
LAZY = {**DICT, "population": {**DICT["population"], "silent": {"size": 3, "I_e": 0}}}


@pytest.fixture(scope="module")
def result():
    return megalif.run(LAZY)


def test_units_are_the_spike_trains(result, tmp_path):
    path = result.to_nwb(tmp_path / "run.nwb")
    with pynwb.NWBHDF5IO(path, "r") as file:
        units = file.read().units
        assert len(units) == 503 and units.resolution == 1e-4
        names, ids = units["population"][:], units["node_id"][:]
        row = 0
        for name, spikes in result.spikes.items():
            for number, times in enumerate(spikes.by_neuron()):
                assert names[row] == name and ids[row] == number
                seen = units["spike_times"][row]
                assert np.array_equal(np.rint(seen * 1e4), np.rint(times * 10))
                assert np.allclose(seen * 1000, times, rtol=1e-15, atol=0)
                row += 1
        assert row == 503 and sum(map(len, units["spike_times"][:])) == result.report.spikes


def test_traces_are_in_si_units_with_their_rate(result, tmp_path):
    trace = result.traces["v"]["exc"]
    with pynwb.NWBHDF5IO(result.to_nwb(tmp_path / "run.nwb"), "r") as file:
        session = file.read()
        series, table = session.acquisition["v.exc"], session.acquisition["v.exc.neurons"]
        assert np.array_equal(series.data[:], trace.values) and series.data.shape == (200, 3)
        assert (series.unit, series.conversion, series.rate) == ("volts", 1e-3, 1000)
        assert series.starting_time * 1000 == trace.times[0]
        assert table["node_id"][:].tolist() == [0, 1, 2]


def test_the_session_tells_where_it_comes_from(result, tmp_path):
    path = result.to_nwb(tmp_path / "run.nwb", experimenter=["Lapicque, L."], lab="a lab")
    with pynwb.NWBHDF5IO(path, "r") as file:
        session = file.read()
        notes = json.loads(session.notes)
        assert session.source_script == result.config and notes["digest"] == result.digest
        assert notes["seed"] == 7 and notes["threads"] >= 1 and notes["dt_ms"] == 0.1
        assert session.experimenter == ("Lapicque, L.",) and session.lab == "a lab"
        assert abs((datetime.now(timezone.utc) - session.session_start_time).total_seconds()) < 600


def test_the_schema_is_kept(result, tmp_path):
    path = result.to_nwb(tmp_path / "run.nwb")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = pynwb.validate(path=str(path))
    assert not (found[0] if isinstance(found, tuple) else found)


def test_the_inspector_finds_nothing_critical(result, tmp_path):
    inspector = pytest.importorskip("nwbinspector")
    path = result.to_nwb(tmp_path / "run.nwb")
    found = list(inspector.inspect_nwbfile(
        nwbfile_path=str(path), importance_threshold=inspector.Importance.BEST_PRACTICE_VIOLATION))
    # What only the caller knows.
    told = {"check_subject_exists", "check_experimenter_exists", "check_institution"}
    assert not [each for each in found if each.check_function_name not in told], found


def test_some_populations_only(result, tmp_path):
    with pynwb.NWBHDF5IO(result.to_nwb(tmp_path / "inh.nwb", ["inh"]), "r") as file:
        session = file.read()
        assert set(session.units["population"][:]) == {"inh"} and not session.acquisition
    with pytest.raises(KeyError, match="there are exc, inh, silent"):
        result.to_nwb(tmp_path / "other.nwb", ["other"])


def test_a_file_is_whole_or_is_not_there(result, tmp_path, monkeypatch):
    path = tmp_path / "run.nwb"
    path.write_text("mine")
    with pytest.raises(FileExistsError, match="force=True"):
        result.to_nwb(path)
    with monkeypatch.context() as broken:
        def full(self, *arguments, **named):
            raise OSError(28, "No space left on device")
        broken.setattr(pynwb.NWBHDF5IO, "write", full)
        with pytest.raises(OSError, match="No space left"):
            result.to_nwb(path, force=True)
    assert path.read_text() == "mine" and list(tmp_path.iterdir()) == [path]
    mode = path.stat().st_mode
    with monkeypatch.context() as threads:  # which share one umask
        threads.delattr(os, "umask")
        result.to_nwb(path, force=True)
    assert list(tmp_path.iterdir()) == [path] and path.stat().st_mode == mode
    with pynwb.NWBHDF5IO(path, "r") as file:
        assert len(file.read().units) == 503


def test_spikes_of_others_need_a_time_of_the_session(result, tmp_path):
    import h5py
    path = tmp_path / "spikes.h5"
    with h5py.File(path, "w") as file:
        file["spikes/cells/timestamps"] = [3.0, 1.0, 2.5]
        file["spikes/cells/node_ids"] = [1, 0, 1]
    theirs = megalif.open(path)
    with pytest.raises(ValueError, match="session_start_time="):
        theirs.to_nwb(tmp_path / "theirs.nwb")
    when = datetime(2020, 1, 2, tzinfo=timezone.utc)
    with pynwb.NWBHDF5IO(theirs.to_nwb(tmp_path / "theirs.nwb", session_start_time=when),
                         "r") as file:
        session = file.read()
        assert session.session_start_time == when
        assert [each.tolist() for each in session.units["spike_times"][:]] == [[0.001],
                                                                                [0.0025, 0.003]]


@pytest.mark.filterwarnings("ignore::megalif.MegalifWarning")
def test_units_by_pynwb_are_spikes_of_a_sonata_circuit(tmp_path):
    """The same run as with the spikes that SONATA's own file has."""
    circuit = small_circuit.write(tmp_path / "circuit")
    expected = megalif.sonata.run(circuit, output=tmp_path / "a.h5").digest
    session = pynwb.NWBFile("spikes of lgn", "lgn", datetime(2026, 1, 1, tzinfo=timezone.utc))
    with h5py.File(circuit.parent / "network/lgn_spikes.h5") as file:
        times, ids = file["spikes/lgn/timestamps"][:], file["spikes/lgn/node_ids"][:]
    for number in range(small_circuit.VIRTUAL):
        session.add_unit(id=number, spike_times=np.sort(times[ids == number]) / 1000)
    with pynwb.NWBHDF5IO(circuit.parent / "network/lgn.nwb", "w") as file:
        file.write(session)
    content = json.loads(circuit.read_text())
    content["inputs"]["spikes"].update(module="nwb", input_file="network/lgn.nwb")
    circuit.write_text(json.dumps(content))
    (circuit.parent / "network/lgn_spikes.h5").unlink()
    assert megalif.sonata.run(circuit, output=tmp_path / "b.h5").digest == expected
