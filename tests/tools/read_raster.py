"""Reads a raster with h5py and libsonata and leaves what they saw in a .npz file.

usage: read_raster.py RASTER OUT.npz (with the Python of tests/helpers/pypi_env.py)
"""
import sys

import h5py
import libsonata
import numpy as np

raster, out = sys.argv[1:]
seen = {}

with h5py.File(raster) as file:
    seen["h5py/populations"] = sorted(file["spikes"])
    for name, group in file["spikes"].items():
        seen[f"h5py/{name}/ids"] = group["node_ids"][:]
        seen[f"h5py/{name}/times"] = group["timestamps"][:]

reader = libsonata.SpikeReader(raster)
seen["libsonata/populations"] = sorted(reader.get_population_names())
for name in reader.get_population_names():
    population = reader[name]
    spikes = np.array(population.get(), float).reshape(-1, 2)  # get_dict of 0.1.25 is broken
    seen[f"libsonata/{name}/ids"] = spikes[:, 0]
    seen[f"libsonata/{name}/times"] = spikes[:, 1]
    seen[f"libsonata/{name}/sorting"] = population.sorting
    if hasattr(population, "time_units"):  # newer versions
        seen[f"libsonata/{name}/units"] = population.time_units
    # The file says it is sorted by time, so libsonata searches these by bisection.
    for first, last in ((0.0, 0.05), (0.3, 0.3), (1000.05, 1000.95), (2857.2, 1e9)):
        window = population.get(tstart=first, tstop=last)
        seen[f"libsonata/{name}/window {first} {last}"] = np.array(window, float).reshape(-1, 2)
    chosen = population.get(node_ids=[3, 2004], tstart=0.0, tstop=200.0)
    seen[f"libsonata/{name}/chosen"] = np.array(chosen, float).reshape(-1, 2)

np.savez(out, **seen)
