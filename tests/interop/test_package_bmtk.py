"""A circuit by BMTK's builder through megalif.sonata: NEST's spikes, and BMTK reads them."""
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import pypi_env

ROOT = pypi_env.ROOT
BUILD = Path(os.environ.get("MEGALIF_BUILD", ROOT / "build"))
# What NEST 3.10 makes of it, as PointNet has it: generators whose spikes are rounded up.
NEST_SPIKES, NEST_DIGEST = 2739, "b0b854a757f77ea39e786f5739e001d5"
MODELS = {"exc": {"tau_m": 20.0, "C_m": 200.0, "V_th": -52.0, "I_e": 50.0},
          "inh": {"tau_m": 10.0, "C_m": 100.0}, "static": {}}
CONFIG = {
    "manifest": {"$BASE": "${configdir}"},
    "run": {"tstop": 1000.0, "dt": 0.1},
    "inputs": {"lgn": {"input_type": "spikes", "module": "sonata", "node_set": "lgn",
                       "input_file": "$BASE/lgn_spikes.h5"}},
    "output": {"output_dir": "$BASE/output", "spikes_file": "spikes.h5", "log_file": "log.txt"},
    "components": {"point_neuron_models_dir": "$BASE", "synaptic_models_dir": "$BASE"},
    "networks": {kind: [{f"{kind}_file": f"$BASE/{name}_{kind}.h5",
                         f"{kind[:-1]}_types_file": f"$BASE/{name}_{kind[:-1]}_types.csv"}
                        for name in names]
                 for kind, names in (("nodes", ("cortex", "lgn")),
                                     ("edges", ("cortex_cortex", "lgn_cortex")))}}
RUN = """
import warnings, megalif
warnings.simplefilter("ignore", megalif.MegalifWarning)
print(megalif.sonata.run("simulation_config.json").statistics["cortex"]["digest"])
"""
# BMTK's own writer of CSV; and NWB 1, which it only reads: neuron by neuron as in its HDF5.
OTHERS = """
import h5py
from bmtk.utils.reports.spike_trains import SpikeTrains
spikes = SpikeTrains.load("lgn_spikes.h5")
spikes.to_csv("lgn.csv")
table = spikes.to_dataframe()
with h5py.File("lgn.nwb", "w") as file:
    for id, part in table.groupby("node_ids"):
        file[f"processing/trial_0/spike_train/{id}/data"] = part["timestamps"].to_numpy()
read = SpikeTrains.load("lgn.nwb", file_type="nwb", population="lgn")
for id, part in table.groupby("node_ids"):
    assert sorted(read.get_times(id, "lgn")) == sorted(part["timestamps"])
"""
READ = """
from bmtk.utils.reports.spike_trains import SpikeTrains
print(len(SpikeTrains.load("output/spikes.h5").to_dataframe()))
"""


def said(python, folder, *words, **env):
    done = subprocess.run([python, *words], cwd=folder, env={**os.environ, **env}, text=True,
                          capture_output=True, timeout=200)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.split()


def test_a_circuit_by_bmtk_gives_nests_spikes_for_bmtk(tmp_path):
    try:
        bmtk = pypi_env.python("requirements-bmtk.txt")
    except pypi_env.Unavailable as reason:
        pytest.skip(f"BMTK cannot be installed from PyPI: {reason}")
    said(bmtk, tmp_path, ROOT / "tests/helpers/bmtk_circuit.py", tmp_path)
    for name, values in MODELS.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(values))
    (tmp_path / "simulation_config.json").write_text(json.dumps(CONFIG))
    library, = (BUILD / "install").glob("libmegalif.so.*")
    assert said(sys.executable, tmp_path, "-c", RUN, PYTHONPATH=str(ROOT / "python"),
                MEGALIF_LIBRARY=str(library)) == [NEST_DIGEST]
    assert int(said(bmtk, tmp_path, "-c", READ)[-1]) == NEST_SPIKES
    said(bmtk, tmp_path, "-c", OTHERS)
    (tmp_path / "lgn_spikes.h5").unlink()
    for module in ("csv", "nwb"):
        CONFIG["inputs"]["lgn"].update(module=module, input_file=f"$BASE/lgn.{module}")
        (tmp_path / "simulation_config.json").write_text(json.dumps(CONFIG))
        assert said(sys.executable, tmp_path, "-c", RUN, PYTHONPATH=str(ROOT / "python"),
                    MEGALIF_LIBRARY=str(library)) == [NEST_DIGEST], module
