"""How a peer's program takes a network and reports what it did with it.

Units: ms, mV, pA, pF, Hz. A network is what networks.py reads from a config: `populations`,
`projections` and `inputs`, with distributions as [name, numbers...]. A program is called with one
JSON object and prints one as its last line.
"""
import json
import resource
import sys
import time

import numpy as np

DT = 0.1


def given():
    """network, warmup, duration, threads, seed, folder, options."""
    what = json.loads(sys.argv[1])
    with open(what["network"]) as file:
        what["network"] = json.load(file)
    return what


def seconds():
    """Wall-clock and CPU seconds of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return time.perf_counter(), used.ru_utime + used.ru_stime


def resident():
    """Bytes of memory that this process holds now."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def peak():
    """The most that this program has held. (getrusage tells of its parent where that had more.)"""
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM:"))


def draw(random, distribution, count):
    """So many numbers; those of a clipped normal distribution are drawn until they are within."""
    name, *numbers = distribution
    if name == "constant":
        return np.full(count, numbers[0])
    if name == "uniform":
        return random.uniform(*numbers, count)
    values = random.normal(numbers[0], numbers[1], count)
    low, high = numbers[2:] or (-np.inf, np.inf)
    while (outside := (values < low) | (values > high)).any():
        values[outside] = random.normal(numbers[0], numbers[1], int(outside.sum()))
    return values


def report(**figures):
    """version; build_s; wall_s and cpu_s of the timed part; network_bytes: by how much the process
    grew for the network; peak_bytes; spikes: of each population in the timed part."""
    print(json.dumps({"peak_bytes": peak(), **figures}))
