"""Spike files made with h5py alone, and their digest computed from its definition, for the
tests."""
import os
import subprocess

import h5py
import numpy as np

from megalif import PROGRAM

MASK = 2**64 - 1
SORTING = h5py.enum_dtype({"none": 0, "by_id": 1, "by_time": 2}, basetype="u1")


def megalif(*arguments, cwd=None, stdin=None, **more):
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, cwd=cwd,
                          input=stdin, timeout=120, **more)


def fnv(text):
    """FNV-1a with 64 bits."""
    value = 0xcbf29ce484222325
    for byte in text.encode():
        value = ((value ^ byte) * 0x100000001b3) & MASK
    return value


def stream(population):
    return fnv(f"population.{population}")


def mix(x):
    x = ((x ^ (x >> 33)) * 0xff51afd7ed558ccd) & MASK
    x = ((x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53) & MASK
    return x ^ (x >> 33)


def digest(rasters):
    """rasters: {population: [(step, id), ...]}"""
    sums = [0, 0]
    for name, spikes in rasters.items():
        for step, neuron in spikes:
            h = ((mix(stream(name) ^ mix(int(step))) + int(neuron)) * 0x9e3779b97f4a7c15) & MASK
            a = ((h ^ (h >> 32)) * 0xff51afd7ed558ccd) & MASK
            b = ((h ^ (h >> 29)) * 0xc4ceb9fe1a85ec53) & MASK
            sums[0] += a ^ (a >> 32)
            sums[1] += b ^ (b >> 31)
    return "%016x%016x" % tuple(s & MASK for s in sums)


def write_raster(file, rasters, sorting="by_time"):
    """The SONATA part; dt is 0.1 ms."""
    file.attrs["magic"] = np.uint32(0x0A7A)
    file.attrs["version"] = np.array([0, 1], dtype=np.uint32)
    file.create_group("spikes")
    for name, spikes in rasters.items():
        group = file.create_group(f"spikes/{name}")
        group.attrs.create("sorting", {"none": 0, "by_id": 1, "by_time": 2}[sorting], dtype=SORTING)
        steps = np.array([s for s, _ in spikes], dtype=np.int64)
        # step / 10 is the double nearest to the exact decimal: division rounds correctly.
        times = group.create_dataset("timestamps", data=steps / 10)
        times.attrs["units"] = "ms"
        group.create_dataset("node_ids", data=np.array([i for _, i in spikes], dtype=np.uint64))


def foreign(path, rasters, sorting="by_time"):
    with h5py.File(path, "w") as file:
        write_raster(file, rasters, sorting)
    return path


def ours(path, rasters, sizes, duration_ms, warmup_ms=0.0, hidden=None):
    """As `megalif run` writes it. hidden: {population: spikes} that were not recorded."""
    hidden = hidden or {}
    everything = {**rasters, **hidden}
    with h5py.File(path, "w") as file:
        write_raster(file, rasters)
        top = file.create_group("megalif")
        top.attrs.update({"version": "0.1.0", "git_commit": "abc", "numerics": np.uint64(2),
                          "dt_ms": 0.1, "duration_ms": float(duration_ms),
                          "warmup_ms": float(warmup_ms), "seed": np.uint64(42),
                          "precision": "single", "digest": digest(everything),
                          "spikes": np.uint64(sum(map(len, everything.values()))),
                          "complete_raster": np.uint8(not hidden)})
        top.create_dataset("config", data="[simulation]\nduration = 1 ms\n")
        top.create_dataset("run/warnings", data="first warning\nsecond warning")
        for name, spikes in everything.items():
            late = [s for s, _ in spikes if s > 10 * warmup_ms]
            group = top.create_group(f"populations/{name}")
            group.attrs.update({"size": np.uint64(sizes[name]), "seed": np.uint64(42),
                                "spikes": np.uint64(len(spikes)),
                                "recorded": np.uint8(name in rasters),
                                "mean_rate_Hz": len(late) / sizes[name]
                                / (duration_ms - warmup_ms) * 1e3})
            bins = np.zeros(int(duration_ms), dtype=np.uint64)
            for step, _ in spikes:
                bins[(step - 1) // 10] += 1
            rates = top.create_dataset(f"rates/{name}", data=bins)
            rates.attrs.update({"bin_width_ms": 1.0, "start_ms": 0.0})
        top.require_group("run").attrs.update(
            {"command_line": "megalif run x.ini", "host": "nowhere", "isa": "avx2",
             "started": "2026-01-01T00:00:00Z", "compiler": "gcc", "hdf5": "1.10.8",
             "threads": np.uint64(3), "build_s": 0.5, "simulate_s": 1.5, "wall_s": 2.0,
             "peak_rss_bytes": np.uint64(12345678)})
    return path


def spikes(count, size, steps, seed=1):
    """`count` different spikes of `size` neurons in steps 1 .. steps, sorted by (step, id)."""
    rng = np.random.default_rng(seed)
    chosen = rng.choice(size * steps, count, replace=False)
    return sorted((int(c) // size + 1, int(c) % size) for c in chosen)


def only_from(path):
    """The environment with programs from this folder only."""
    return dict(os.environ, PATH=str(path))
