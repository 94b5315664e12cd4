"""Runs what `megalif check --emit` writes in the simulator it is for, from PyPI; for test_emit.py
and long_emit.py."""
import os
import subprocess

import numpy as np
import pytest

import pypi_env
from megalif import run
from spike_files import megalif


def python_with(simulator):
    try:
        return pypi_env.python(pypi_env.ROOT / f"bench/peers/requirements-{simulator}.txt")
    except pypi_env.Unavailable as reason:
        pytest.skip(f"{simulator} cannot be installed from PyPI: {reason}")


def emit(folder, simulator, *options, config="model.ini", script="model.py"):
    return megalif("check", config, "--emit", simulator, "-o", script, *options, cwd=folder)


def play(python, folder, *options, script="model.py"):
    """The script's run; PATH and no more, as a user's own Python would have it."""
    return subprocess.run([python, script, *map(str, options)], cwd=folder, capture_output=True,
                          text=True,
                          timeout=300, env={**os.environ, "PYNEST_QUIET": "1"})


def read_csv(path):
    """{population: {(step, id), ...}}, from rows that must be sorted by step and id."""
    rows = [line.split(",") for line in path.read_text().splitlines()]
    assert rows[0] == ["population", "step", "id"]
    found = {}
    for name, step, neuron in rows[1:]:
        found.setdefault(name, []).append((int(step), int(neuron)))
    assert all(spikes == sorted(spikes) for spikes in found.values())
    return {name: set(spikes) for name, spikes in found.items()}


def same_spikes(folder, simulator, config):
    """Runs a config here and there and demands every spike on its step."""
    python = python_with(simulator)
    result = run(folder, config, name="model")
    done = emit(folder, simulator)
    assert done.returncode == 0 and "the same spikes, step by step" in done.stdout, done.stderr
    there = play(python, folder, "-o", "spikes.csv", "--compare", result.path)
    assert there.returncode == 0, there.stdout + there.stderr
    assert there.stdout.endswith("they agree\n")
    found = read_csv(folder / "spikes.csv")
    here = {name: set(zip(*map(np.ndarray.tolist, result.spikes(name))))
            for name in sorted(result.populations())}
    assert found == here and min(map(len, here.values())) > 20


def same_statistics(folder, simulator, config):
    """With --random rates and CVs agree, and the spikes do not."""
    python = python_with(simulator)
    result = run(folder, config, name="model")
    done = emit(folder, simulator, "--random")
    assert done.returncode == 0 and "its own random numbers" in done.stdout, done.stderr
    there = play(python, folder, "-o", "spikes.csv", "--compare", result.path)
    assert there.returncode == 0, there.stdout + there.stderr
    for name, spikes in read_csv(folder / "spikes.csv").items():
        here = set(zip(*map(np.ndarray.tolist, result.spikes(name))))
        assert len(spikes & here) < 0.1 * len(here)
        assert abs(len(spikes) - len(here)) < 5 * (len(here) + len(spikes))**0.5  # CV below 1
        assert f"{name}: rate (Hz) " in there.stdout and "; CV " in there.stdout
