"""megalif.sonata: a circuit of ours against NEST 3.10, spike by spike and potential by potential;
circuits of others, where they are; what is not supported, all of it told at once."""
import itertools
import json
import os
from pathlib import Path

import h5py
import numpy as np
import pytest

import megalif
import small_circuit

pytestmark = pytest.mark.filterwarnings("ignore::megalif.MegalifWarning")

# Of small_circuit.py, run in NEST 3.10 as PointNet does: generators by spike_train_injector with
# spikes rounded up, the IClamp a step_current_generator, both connections of the least delay.
NEST_SPIKES, NEST_DIGEST = 1872, "63a58f386571793c6457a67b43294735"
NEST_V = {  # mV at 0.1, 100, 250.1 and 499.9 ms
    0: [-69.99093, -63.117206, -61.501126, -69.385954],
    1: [-69.99093, -62.01291, -55.539465, -65.732515],
    2: [-69.99093, -53.590355, -60.0, -63.151176],
    50: [-69.914885, -58.0124, -56.466407, -58.867009]}


@pytest.fixture
def circuit(tmp_path):
    return small_circuit.write(tmp_path / "circuit")


def changed(path, change):
    """The simulation's config after `change` of its dict, written again."""
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))
    return path


def test_every_spike_and_potential_is_nests(circuit):
    result = megalif.sonata.run(circuit)
    assert len(result.spikes["cortex"]) == NEST_SPIKES
    assert result.statistics["cortex"]["digest"] == NEST_DIGEST
    trace = result.traces["potential"]["cortex"]
    assert trace.ids.tolist() == [0, 1, 2, 50]
    assert trace.times[0] == 0.1 and len(trace.times) == 4999  # as a multimeter's
    for number, values in NEST_V.items():
        assert np.allclose(trace.neuron(number)[[0, 999, 2500, 4998]], values, atol=1e-5)


def test_files_lie_where_the_config_says(circuit):
    result = megalif.sonata.run(circuit)
    folder = circuit.parent / "output"
    assert {path.name for path in folder.iterdir()} == {"spikes.h5", "spikes.csv", "potential.h5"}
    with h5py.File(folder / "spikes.h5") as file:
        assert set(file["spikes"]) == {"cortex"}  # virtual nodes are not PointNet's to write
    head, *rows = (folder / "spikes.csv").read_text().splitlines()
    assert head == "timestamps population node_ids"
    times, ids = result.spikes["cortex"]
    assert rows == [f"{t!r} cortex {i}" for t, i in zip(times.tolist(), ids.tolist())]
    again = megalif.open(folder / "potential.h5")
    assert np.array_equal(again.traces["potential"]["cortex"].values,
                          result.traces["potential"]["cortex"].values)
    megalif.sonata.run(circuit)  # replaces them, unless:
    changed(circuit, lambda all: all["output"].update(overwrite_output_dir=False))
    with pytest.raises(megalif.OutputError, match="potential.h5"):
        megalif.sonata.run(circuit)


def test_an_output_of_ones_own_leaves_the_circuit_alone(circuit, tmp_path):
    result = megalif.sonata.run(circuit, output=tmp_path / "out.h5", dt=0.05)
    assert result.dt == 0.05 and len(result.traces["potential"]["cortex"].times) == 9999
    assert not (circuit.parent / "output").exists()
    assert not megalif.sonata.run(circuit, output=tmp_path / "b.h5", reports=False).traces


def test_a_config_steps_and_is_checked_like_any_other(circuit):
    config = megalif.sonata.config(circuit)
    assert config["population.cortex"]["C_m"].shape == (60,)
    assert config["population.cortex"]["V_m"] == -70.0
    assert megalif.check(config).populations["cortex"].size == 60
    simulation = megalif.Simulation(config)
    simulation.advance()
    assert simulation.report.populations["cortex"].spikes == NEST_SPIKES


def test_single_precision_is_near(circuit):
    result = megalif.sonata.run(circuit, precision="single")
    assert abs(len(result.spikes["cortex"]) / NEST_SPIKES - 1) < 0.02


def all_in_one(content, folder):
    """The circuit in the simulation's config, the node sets in a file."""
    (folder / "sets.json").write_text(json.dumps(content.pop("node_sets")))
    content["node_sets_file"] = "sets.json"
    del content["network"]
    manifest = {**content["manifest"], **small_circuit.circuit()["manifest"]}
    content.update(small_circuit.circuit(), manifest=manifest)


def test_other_ways_to_say_the_same(circuit, tmp_path):
    changed(circuit, lambda all: all_in_one(all, circuit.parent))
    changed(circuit, lambda all: all["inputs"]["clamp"].update(node_set={
        "population": "cortex", "node_id": list(range(40, 55))}))
    top = circuit.parent / "config.json"
    top.write_text(json.dumps({"manifest": {"$HERE": "${configdir}"},
                               "simulation": "$HERE/simulation_config.json",
                               "network": "$HERE/circuit_config.json"}))
    for path in (circuit, top):
        result = megalif.sonata.run(path, output=tmp_path / "out.h5", force=True)
        assert result.statistics["cortex"]["digest"] == NEST_DIGEST


def test_virtual_nodes_without_spikes_are_left_out(circuit, tmp_path):
    changed(circuit, lambda all: all["inputs"].pop("spikes"))
    result = megalif.sonata.run(circuit, output=tmp_path / "out.h5")
    assert list(result.populations) == ["cortex"] and set(result.projections) == {
        "cortex_to_cortex"}


def test_the_older_layout_of_spikes(circuit, tmp_path):
    path = circuit.parent / "network/lgn_spikes.h5"
    with h5py.File(path, "a") as file:
        for old, new in (("timestamps", "timestamps"), ("node_ids", "gids")):
            file.move(f"spikes/lgn/{old}", f"spikes/{new}")
        del file["spikes/lgn"]
    result = megalif.sonata.run(circuit, output=tmp_path / "out.h5")
    assert result.statistics["cortex"]["digest"] == NEST_DIGEST


def spikes_elsewhere(circuit):
    """Takes the spikes out of their file: (times, ids)."""
    path = circuit.parent / "network/lgn_spikes.h5"
    with h5py.File(path) as file:
        rows = file["spikes/lgn/timestamps"][:], file["spikes/lgn/node_ids"][:]
    path.unlink()
    return rows


def nwb_1(path, times, ids, trial="trial_0"):
    """As BMTK's NWBSTReader has it."""
    with h5py.File(path, "a") as file:
        for id in range(20):
            file[f"processing/{trial}/spike_train/{id}/data"] = times[ids == id]


@pytest.mark.parametrize("header", ["timestamps population node_ids", "node_ids timestamps"])
def test_spikes_in_csv(circuit, tmp_path, header):
    """With blanks, as BMTK writes them; rows of another population are left alone."""
    times, ids = spikes_elsewhere(circuit)
    named = "population" in header
    rows = [f"{time!r} lgn {id}" if named else f"{id} {time!r}" for time, id in zip(times.tolist(),
                                                                                    ids.tolist())]
    rows += ["1.5 other 0"] if named else []
    (circuit.parent / "network/lgn.csv").write_text("\n".join([header, *rows]) + "\n")
    changed(circuit, lambda all: all["inputs"]["spikes"].update(
        module="csv", input_file="network/lgn.csv"))
    result = megalif.sonata.run(circuit, output=tmp_path / "out.h5")
    assert result.statistics["cortex"]["digest"] == NEST_DIGEST


def test_spikes_in_nwb(circuit, tmp_path):
    times, ids = spikes_elsewhere(circuit)
    path = circuit.parent / "network/lgn.nwb"
    nwb_1(path, times, ids)
    changed(circuit, lambda all: all["inputs"]["spikes"].update(
        module="nwb", input_file="network/lgn.nwb"))
    result = megalif.sonata.run(circuit, output=tmp_path / "out.h5")
    assert result.statistics["cortex"]["digest"] == NEST_DIGEST
    nwb_1(path, times + 1, ids, "trial_1")
    with pytest.raises(megalif.ConfigError, match="inputs.spikes.trial names one of them"):
        megalif.sonata.config(circuit)
    changed(circuit, lambda all: all["inputs"]["spikes"].update(trial="trial_0"))
    assert megalif.sonata.run(circuit, output=tmp_path / "again.h5").digest == result.digest


def nwb_2(path, times, ids, **columns):
    """Units as pynwb writes them: s, and where each row ends."""
    order, (rows, counts) = np.argsort(ids, kind="stable"), np.unique(ids, return_counts=True)
    with h5py.File(path, "w") as file:
        file["units/spike_times"] = times[order] / 1000
        file["units/spike_times_index"], file["units/id"] = np.cumsum(counts), rows
        for name, values in columns.items():
            file[f"units/{name}"] = values(rows)


@pytest.mark.parametrize("columns", [{}, {
    "node_id": lambda rows: rows, "population": lambda rows: ["lgn"] * len(rows)}])
def test_spikes_in_units_of_nwb_2(circuit, tmp_path, columns):
    path = circuit.parent / "network/lgn.nwb"
    nwb_2(path, *spikes_elsewhere(circuit), **columns)
    changed(circuit, lambda all: all["inputs"]["spikes"].update(
        module="nwb", input_file="network/lgn.nwb"))
    result = megalif.sonata.run(circuit, output=tmp_path / "out.h5")
    assert result.statistics["cortex"]["digest"] == NEST_DIGEST


@pytest.mark.parametrize("change, words", [
    (lambda units: units.pop("spike_times_index"), "has no spike_times_index, id or node_id"),
    (lambda units: units["spike_times_index"].write_direct(np.zeros(20, int)), "fits its spike_t"),
    (lambda units: units["id"].write_direct(np.full(20, 20)), "has no rows of lgn, or others than"),
    (lambda units: units.update(population=["v1"] * 20), "has no rows of lgn")],
    ids=itertools.count())
def test_damaged_units_of_nwb_2_are_told(circuit, change, words):
    path = circuit.parent / "network/lgn.nwb"
    times, ids = spikes_elsewhere(circuit)
    nwb_2(path, np.append(times, np.arange(20) + 1.0), np.append(ids, np.arange(20)))
    changed(circuit, lambda all: all["inputs"]["spikes"].update(
        module="nwb", input_file="network/lgn.nwb"))
    with h5py.File(path, "a") as file:
        change(file["units"])
    with pytest.raises(megalif.ConfigError, match=words) as caught:
        megalif.sonata.config(circuit)
    assert [(each.file, each.key) for each in caught.value.problems] == [(str(path), "units")]


def test_nwb_of_another_layout_is_told_with_all_else(circuit):
    path = circuit.parent / "network/lgn_spikes.h5"
    changed(circuit, lambda all: (all["inputs"]["spikes"].update(module="nwb"),
                                  all["run"].update(dtt=1)))
    with pytest.raises(megalif.ConfigError) as caught:
        megalif.sonata.run(circuit)
    assert [(each.file, each.key) for each in caught.value.problems] == [
        (str(circuit), "run.dtt"), (str(path), "processing")]
    with h5py.File(path, "a") as file:
        file["processing/t/spike_train/20/data"] = [1.0]
    changed(circuit, lambda all: all["run"].pop("dtt"))
    with pytest.raises(megalif.ConfigError, match="spike_train: 20 is no node from 0 to 19"):
        megalif.sonata.run(circuit)


@pytest.mark.parametrize("name, words", [
    ("processing", "has no TRIAL/spike_train"), ("processing/trial_0", "has no TRIAL/spike_train"),
    ("processing/trial_0/spike_train", "has no TRIAL/spike_train"),
    ("processing/trial_0/spike_train/3", "3 is no node from 0 to 19, or has no times in data"),
    ("processing/trial_0/spike_train/3/data", "3 is no node .*, or has no times in data"),
    ("processing/trial_0/spike_train/3/data/what", "3 is no node .*, or has no times in data")])
def test_a_damaged_nwb_file_is_told(circuit, name, words):
    path = circuit.parent / "network/lgn.nwb"
    nwb_1(path, *spikes_elsewhere(circuit))
    changed(circuit, lambda all: all["inputs"]["spikes"].update(
        module="nwb", input_file="network/lgn.nwb"))
    with h5py.File(path, "a") as file:
        del file[name.removesuffix("/what")]
        file[name] = 1.0
    with pytest.raises(megalif.ConfigError, match=words) as caught:
        megalif.sonata.config(circuit)
    assert [each.file for each in caught.value.problems] == [str(path)]


@pytest.mark.parametrize("module", ["csv", "nwb", "h5"])
def test_a_file_of_spikes_that_is_not_there(circuit, module):
    changed(circuit, lambda all: all["inputs"]["spikes"].update(
        module=module, input_file="network/none"))
    with pytest.raises(megalif.ConfigError) as caught:
        megalif.sonata.run(circuit)
    problem, = caught.value.problems
    assert problem.key == "inputs.spikes.input_file" and problem.file.endswith("network/none")


def test_groups_of_nodes_say_more_than_their_types(circuit, tmp_path):
    """Two groups, the second in reverse; what stands in neither file nor types is left out."""
    types = circuit.parent / "network/cortex_node_types.csv"
    types.write_text(types.read_text().replace("101 i", "101 NULL"))
    with h5py.File(circuit.parent / "network/cortex_nodes.h5", "a") as file:
        group = file["nodes/cortex"]
        group["node_group_id"][40:] = 1
        group["node_group_index"][40:] = np.arange(20)[::-1]
        group["1/ei"] = ["e"] * 5 + ["i"] * 15
    result = megalif.sonata.run(circuit, output=tmp_path / "out.h5")
    assert result.statistics["cortex"]["digest"] == NEST_DIGEST


UNSUPPORTED = {
    "mistyped": lambda all: all.update(inptus={}),
    "run.tstart": lambda all: all["run"].update(tstart=10),
    "run.dtt": lambda all: all["run"].update(dtt=1),
    "target_simulator": lambda all: all.update(target_simulator="NEURON"),
    "inputs.spikes.module": lambda all: all["inputs"]["spikes"].update(module="function"),
    "inputs.clamp.module": lambda all: all["inputs"]["clamp"].update(module="xstim"),
    "inputs.clamp.amp": lambda all: all["inputs"]["clamp"].pop("amp"),
    "inputs.clamp": lambda all: all["inputs"]["clamp"].update(delay=[1]),
    "inputs.clamp.node_set": lambda all: all["inputs"]["clamp"].update(node_set="exc"),
    "inputs.clamp.section": lambda all: all["inputs"]["clamp"].update(section="soma"),
    "reports.potential.variable_name": lambda all: all["reports"]["potential"].update(
        variable_name="Ca"),
    "reports.potential.module": lambda all: all["reports"]["potential"].update(
        module="extracellular"),
    "reports.potential.cells": lambda all: all["reports"]["potential"].update(
        cells={"population": "cortex", "node_id": [60]}),
    "output.spikes_file_nwb": lambda all: all["output"].update(spikes_file_nwb="a.nwb"),
    "output.spikes_sort_order": lambda all: all["output"].update(spikes_sort_order="by_id"),
}


@pytest.mark.parametrize("key", UNSUPPORTED)
def test_what_is_not_supported_is_told_with_file_and_key(circuit, key):
    changed(circuit, UNSUPPORTED[key])
    with pytest.raises(megalif.ConfigError) as caught:
        megalif.sonata.run(circuit)
    problem, = caught.value.problems
    assert problem.key == key.replace("mistyped", "inptus") and problem.file == str(circuit)
    assert problem.message.startswith(f"{circuit}: {problem.key}: ")
    assert not (circuit.parent / "output").exists()


def test_all_that_is_wrong_is_told_at_once(circuit):
    folder = circuit.parent
    types = folder / "network/cortex_node_types.csv"
    types.write_text(types.read_text().replace("101 i point_process nest:iaf_psc_alpha",
                                               "101 i point_process nest:glif_psc"))
    edges = folder / "network/cortex_cortex_edge_types.csv"
    edges.write_text(edges.read_text().replace("NULL static_synapse", "NULL stdp_synapse"))
    (folder / "models/static.json").write_text('{"tau": 3}')
    (folder / "network/lgn_cortex_edges.h5").unlink()
    changed(circuit, lambda all: all["inputs"]["spikes"].update(input_file="none.h5"))
    with pytest.raises(megalif.ConfigError) as caught:
        megalif.sonata.run(circuit)
    told = {(Path(each.file).name, each.key) for each in caught.value.problems}
    assert told == {("cortex_nodes.h5", "nodes/cortex/model_template"),
                    ("cortex_cortex_edge_types.csv", "edge_type_id 11: model_template"),
                    ("static.json", "tau"),
                    ("lgn_cortex_edges.h5", "networks.edges[1].edges_file"),
                    ("none.h5", "inputs.spikes.input_file")}


@pytest.mark.parametrize("text, words", [
    ('{"E_K": -90}', "E_K: is no parameter here"), ('{"C_m": "big"}', "C_m: 'big' is no number"),
    ("nonsense", "is no JSON"), ("[]", "is no JSON object")])
def test_parameters_that_cannot_be(circuit, text, words):
    (circuit.parent / "models/exc.json").write_text(text)
    with pytest.raises(megalif.ConfigError, match=words):
        megalif.sonata.config(circuit)


def test_files_that_are_not_there(circuit, tmp_path):
    with pytest.raises(megalif.ConfigError, match="none.json: file: cannot be read"):
        megalif.sonata.run(tmp_path / "none.json")
    (circuit.parent / "circuit_config.json").unlink()
    with pytest.raises(megalif.ConfigError, match="circuit_config.json"):
        megalif.sonata.run(circuit)


def test_what_has_no_effect_is_warned_of(circuit, tmp_path):
    changed(circuit, lambda all: all.update(conditions={"celsius": 34, "v_init": -80}))
    changed(circuit, lambda all: all["inputs"]["clamp"].update(delay=0.1, amp=1, duration=5))
    with pytest.warns(megalif.MegalifWarning) as told:
        megalif.sonata.run(circuit, output=tmp_path / "out.h5")
    said = "\n".join(str(each.message) for each in told)
    assert "conditions: have no effect" in said and "inputs.clamp: does nothing" in said
    assert {each.filename for each in told} == {__file__}


# ---- circuits of others ----

FOLDER = os.environ.get("MEGALIF_SONATA_CIRCUITS")
OTHERS = [("300_pointneurons/simulation_config.json", "internal", "0.1", 18788),
          ("300_pointneurons/simulation_config.json", "internal", "0.01", 18828),
          ("point_120cells/config.simulation.json", "cortex", "0.1", 1176)]


@pytest.mark.parametrize("path, population, dt, count", OTHERS)
def test_every_spike_of_circuits_of_others_is_nests(path, population, dt, count, tmp_path):
    if not FOLDER or not (Path(FOLDER) / path).exists():
        pytest.skip("MEGALIF_SONATA_CIRCUITS names no folder with the examples of BMTK and SONATA")
    result = megalif.sonata.run(Path(FOLDER) / path, dt=float(dt), reports=False,
                                output=tmp_path / "out.h5")
    with h5py.File(Path(FOLDER) / f"{path.split('/')[0]}.dt{dt}.h5") as file:
        steps = np.rint(file[f"spikes/{population}/timestamps"][:] / float(dt))
        ids = file[f"spikes/{population}/node_ids"][:]
    spikes = result.spikes[population]
    assert len(spikes) == count
    assert np.array_equal(spikes.steps, steps) and np.array_equal(spikes.ids, ids)
