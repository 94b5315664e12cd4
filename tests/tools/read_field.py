"""What the field's tools make of output files: libsonata, BMTK, Neo and Elephant, h5py.

usage: read_field.py OUT.npz FILE.h5 [FILE.RECORDER.h5 ...]     (the Python of
requirements-interop.txt)

Spike files, and reports of recorders (their names have two dots). Arrays are named
FILE/POPULATION/TOOL/WHAT.
"""
import sys
from pathlib import Path

import elephant.statistics
import h5py
import libsonata
import neo
import numpy as np
from bmtk.utils.reports.compartment import CompartmentReport
from bmtk.utils.reports.spike_trains import SpikeTrains
from quantities import Hz, ms


def trains(path, name):
    """Neo's spike trains of all neurons after warmup, from what h5py reads."""
    with h5py.File(path) as file:
        facts, size = file["megalif"].attrs, file[f"megalif/populations/{name}"].attrs["size"]
        start, stop = facts["warmup_ms"], facts["duration_ms"]
        times, ids = file[f"spikes/{name}/timestamps"][:], file[f"spikes/{name}/node_ids"][:]
    late = times > start
    return [neo.SpikeTrain(times[late & (ids == i)] * ms, t_start=start * ms, t_stop=stop * ms,
                           array_annotations=None) for i in range(int(size))]


def read_elephant(path, name, seen):
    found = trains(path, name)
    rates = [elephant.statistics.mean_firing_rate(train).rescale(Hz).magnitude for train in found]
    cvs = [elephant.statistics.cv(elephant.statistics.isi(train)) for train in found
           if len(train) > 10]
    segment = neo.Segment()
    segment.spiketrains.extend(found)
    seen[f"{path.name}/{name}/neo/count"] = sum(map(len, segment.spiketrains))
    seen[f"{path.name}/{name}/elephant/rate"] = np.mean(rates)
    seen[f"{path.name}/{name}/elephant/cv"] = np.mean(cvs) if cvs else np.nan
    seen[f"{path.name}/{name}/elephant/cv neurons"] = len(cvs)


def read_spikes(path, seen):
    sonata, bmtk = libsonata.SpikeReader(str(path)), SpikeTrains.load(str(path))
    with h5py.File(path) as file:
        names = sorted(file["spikes"])
    assert sorted(sonata.get_population_names()) == names == sorted(bmtk.populations)
    for name in names:
        key, pairs = f"{path.name}/{name}", np.array(sonata[name].get(), float).reshape(-1, 2)
        seen[f"{key}/libsonata/times"], seen[f"{key}/libsonata/ids"] = pairs[:, 1], pairs[:, 0]
        frame = bmtk.to_dataframe(populations=name)
        seen[f"{key}/bmtk/times"] = frame["timestamps"].to_numpy(float)
        seen[f"{key}/bmtk/ids"] = frame["node_ids"].to_numpy(float)
        seen[f"{key}/bmtk/count"] = bmtk.n_spikes(name)
        ids = np.unique(pairs[:, 0])[:3].astype(int)
        for i in ids:
            assert np.array_equal(bmtk.get_times(node_id=i, population=name),
                                  pairs[pairs[:, 0] == i, 1])
        read_elephant(path, name, seen)


def read_report(path, seen):
    sonata, bmtk = libsonata.SomaReportReader(str(path)), CompartmentReport.load(str(path))
    for name in sonata.get_population_names():
        key, population = f"{path.name}/{name}", sonata[name]
        frame = population.get()
        count = len(population.get_node_ids())
        seen[f"{key}/libsonata/data"] = np.array(frame.data).reshape(-1, count or 1)
        seen[f"{key}/libsonata/times"], seen[
            f"{key}/libsonata/ids"] = frame.times, population.get_node_ids()
        seen[f"{key}/libsonata/grid"] = population.times
        seen[f"{key}/libsonata/units"] = f"{population.data_units} {population.time_units}"
        theirs = bmtk[name]
        seen[f"{key}/bmtk/data"] = theirs.data() if count else np.zeros((theirs.n_steps(), 0))
        seen[f"{key}/bmtk/ids"] = theirs.node_ids()
        seen[f"{key}/bmtk/grid"] = [theirs.tstart(), theirs.tstop(), theirs.dt()]
        seen[f"{key}/bmtk/rows"], seen[f"{key}/bmtk/units"] = theirs.n_steps(), theirs.units()


def main():
    out, *paths = map(Path, sys.argv[1:])
    seen = {}
    for path in paths:
        (read_report if path.name.count(".") == 2 else read_spikes)(path, seen)
    np.savez(out, **seen)


main()
