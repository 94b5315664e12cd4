"""A SONATA circuit of point neurons, small and made by us: its files, for test_package_sonata.py.

usage: small_circuit.py FOLDER        writes them, for NEST to run
"""
import json
import sys
from pathlib import Path

import h5py
import numpy as np

SIZE, VIRTUAL = 60, 20
MODEL = {"exc.json": {"C_m": 239.0, "tau_m": 22.0, "E_L": -68.0, "V_th": -52.0, "V_reset": -60.0,
                      "t_ref": 3.0, "tau_syn_ex": 1.5},
         "inh.json": {"C_m": 117.0, "tau_m": 12.0, "E_L": -70.0, "V_th": -54.0, "V_reset": -62.0,
                      "t_ref": 1.0, "I_e": 100.0},
         "plain.json": {}}


def node_file(path, name, kinds):
    with h5py.File(path, "w") as file:
        group = file.create_group(f"nodes/{name}")
        group["node_type_id"], group["node_id"] = kinds, np.arange(len(kinds))
        group["node_group_id"] = np.zeros(len(kinds), np.uint16)
        group["node_group_index"] = np.arange(len(kinds))
        group.create_group("0")


def edge_file(path, ends, sources, targets, types, **columns):
    with h5py.File(path, "w") as file:
        group = file.create_group(f"edges/{ends[0]}_to_{ends[1]}")
        for end, name, ids in zip(("source", "target"), ends, (sources, targets)):
            group[f"{end}_node_id"] = ids.astype(np.uint64)
            group[f"{end}_node_id"].attrs["node_population"] = name
        group["edge_type_id"] = types.astype(np.uint32)
        group["edge_group_id"] = np.zeros(len(sources), np.uint16)
        group["edge_group_index"] = np.arange(len(sources), dtype=np.uint32)
        for name, values in columns.items():
            group[f"0/{name}"] = values
        group.require_group("0")


def network(folder):
    rng = np.random.RandomState(5)
    kinds = np.repeat([100, 101, 102], [40, 15, 5])
    node_file(folder / "cortex_nodes.h5", "cortex", kinds)
    (folder / "cortex_node_types.csv").write_text(
        "node_type_id ei model_type model_template dynamics_params pop_name\n"
        "100 e point_neuron nest:iaf_psc_alpha exc.json 'one cell'\n"
        "101 i point_process nest:iaf_psc_alpha inh.json NULL\n"
        '102 e point_neuron nest:iaf_psc_alpha plain.json "another cell"\n'.replace("'", '"'))
    node_file(folder / "lgn_nodes.h5", "lgn", np.full(VIRTUAL, 7))
    (folder / "lgn_node_types.csv").write_text("node_type_id model_type\n7 virtual\n")
    sources, targets = rng.randint(0, SIZE, 900), rng.randint(0, SIZE, 900)
    edge_file(folder / "cortex_cortex_edges.h5", ("cortex", "cortex"), sources, targets,
              np.where(kinds[sources] == 101, 11, 10), nsyns=rng.randint(1, 4, 900))
    (folder / "cortex_cortex_edge_types.csv").write_text(
        "edge_type_id syn_weight delay dynamics_params model_template\n"
        "10 4.0 1.5 static.json static_synapse\n11 -30.0 0.8 NULL static_synapse\n")
    edge_file(folder / "lgn_cortex_edges.h5", ("lgn", "cortex"), rng.randint(0, VIRTUAL, 300),
              rng.randint(0, SIZE, 300), np.full(300, 3), syn_weight=rng.uniform(40, 160, 300))
    (folder / "lgn_cortex_edge_types.csv").write_text("edge_type_id model_template\n"
                                                      "3 static_synapse\n")
    times = rng.uniform(0.5, 480, 1500)
    with h5py.File(folder / "lgn_spikes.h5", "w") as file:
        file["spikes/lgn/timestamps"], file["spikes/lgn/node_ids"] = (
            times, rng.randint(0, VIRTUAL, 1500).astype(np.uint64))


def circuit():
    return {
        "manifest": {"$BASE": "${configdir}", "$NETWORK": "$BASE/network"},
        "components": {"point_neuron_models_dir": "$BASE/models",
                       "synaptic_models_dir": "$BASE/models"},
        "networks": {
            "nodes": [{"nodes_file": f"$NETWORK/{name}_nodes.h5",
                       "node_types_file": f"$NETWORK/{name}_node_types.csv"}
                      for name in ("cortex", "lgn")],
            "edges": [{"edges_file": f"$NETWORK/{name}_edges.h5",
                       "edge_types_file": f"$NETWORK/{name}_edge_types.csv"}
                      for name in ("cortex_cortex", "lgn_cortex")]}}


def simulation():
    return {
        "manifest": {"$OUTPUT": "./output"},
        "run": {"tstop": 500.0, "dt": 0.1},
        "target_simulator": "NEST",
        "node_sets": {"some": {"population": "cortex", "node_id": [0, 1, 2, 50]},
                      "inhibitory": {"population": "cortex", "ei": "i"}},
        "inputs": {"spikes": {"input_type": "spikes", "module": "sonata", "node_set": "lgn",
                              "input_file": "network/lgn_spikes.h5"},
                   "clamp": {"input_type": "current_clamp", "module": "IClamp",
                             "node_set": "inhibitory", "amp": [150.0, -100.0],
                             "delay": [100.0, 300.0], "duration": [50.0, 100.0]}},
        "reports": {"potential": {"cells": "some", "variable_name": "V_m",
                                  "module": "multimeter_report", "sections": "soma"}},
        "output": {"output_dir": "$OUTPUT", "spikes_file": "spikes.h5",
                   "spikes_file_csv": "spikes.csv", "log_file": "log.txt"},
        "network": "circuit_config.json"}


def write(folder):
    """All files; returns the path of the simulation's config."""
    (folder / "network").mkdir(parents=True)
    (folder / "models").mkdir()
    network(folder / "network")
    for name, values in {**MODEL, "static.json": {}}.items():
        (folder / "models" / name).write_text(json.dumps(values))
    (folder / "circuit_config.json").write_text(json.dumps(circuit(), indent=1))
    path = folder / "simulation_config.json"
    path.write_text(json.dumps(simulation(), indent=1))
    return path


if __name__ == "__main__":
    write(Path(sys.argv[1]))
