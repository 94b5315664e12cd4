"""Public SONATA circuits against NEST, spike by spike. They are others' and not here: skipped where
MEGALIF_SONATA_CIRCUITS names no folder with them and with NEST's spikes."""
import json
import os
from pathlib import Path

import h5py
import numpy as np
import pytest

from megalif import run
from sonata_circuits import config
from spike_files import digest

FOLDER = os.environ.get("MEGALIF_SONATA_CIRCUITS")
POINTNEURONS = ("300_pointneurons", "circuit_config.json", "simulation_config.json", "internal")
CELLS = ("point_120cells", "config.circuit.json", "config.simulation.json", "cortex")


def present(name):
    """A file of the circuits; a test that misses it is skipped."""
    if not FOLDER:
        pytest.skip("MEGALIF_SONATA_CIRCUITS names no folder with the examples of BMTK and SONATA")
    path = Path(FOLDER) / name
    if not path.exists():
        pytest.skip(f"{FOLDER} has no {name}")
    return path


def nests(name, population, dt):
    with h5py.File(present(name)) as file:
        group = file[f"spikes/{population}"]
        return np.rint(group["timestamps"][:] / dt).astype(int), group["node_ids"][:].astype(int)


def simulated(folder, circuit, dt, precision):
    """Its spikes, step by step: (steps, ids)."""
    name, network, experiment, population = circuit
    files = present(name)
    return run(folder, config(files / network, files / experiment, folder, dt), threads=2,
               sets=[f"simulation.precision={precision}"]).spikes(population)


each_circuit = pytest.mark.parametrize("circuit, dt, count", [
    (POINTNEURONS, "0.1", 18788), (POINTNEURONS, "0.01", 18828), (CELLS, "0.1", 1176)])


@each_circuit
def test_every_spike_in_double_is_nests(tmp_path, circuit, dt, count):
    expected = nests(f"{circuit[0]}.dt{dt}.h5", circuit[-1], float(dt))
    assert len(expected[0]) == count
    for ours, theirs in zip(simulated(tmp_path, circuit, dt, "double"), expected):
        assert np.array_equal(ours, theirs)  # and in the same order


@each_circuit
def test_rates_in_single_are_nests(tmp_path, circuit, dt, count):
    """One spike in another step spreads, so no more is asked."""
    steps, _ = simulated(tmp_path, circuit, dt, "single")
    assert abs(len(steps) - count) <= 0.01 * count


CLAMPS = {
    "exc_perturbation": {"amp": [450, 230, -200], "delay": [1, 500, 1500],
                         "duration": [200, 1100, 600]},
    "inh_perturbation": {"amp": [150, 230, -200], "delay": [0.1, 500, 1500],
                         "duration": [200, 900, 600]},
}


def test_currents_into_parts_of_a_population(tmp_path):
    """BMTK's example of perturbations, with more of them, and with the spikes of the other example,
    as it has no file of its own. The raster's digest is that of NEST 3.10, whose
    step_current_generator has a connection of the least delay, as PointNet makes it: an amplitude
    ends the one before, and one that begins in the first step is left out."""
    folder = present("point_120cells")
    experiment = json.loads((folder / "config.simulation_perturbations.json").read_text())
    inputs = experiment["inputs"]
    inputs["LGN_spikes"]["input_file"] = str(folder / "inputs/thalamus_spikes.h5")
    for name, clamp in CLAMPS.items():
        inputs[name].update(clamp)
    (tmp_path / "experiment.json").write_text(json.dumps(experiment))
    result = run(tmp_path, config(folder / "config.circuit.json", tmp_path / "experiment.json",
                                  tmp_path, "0.1"))
    train = list(zip(*result.spikes("cortex")))
    assert len(train) == 3848
    assert digest({"cortex": train}) == "ca6b5e60e2faea371ed253c50a55773a"
