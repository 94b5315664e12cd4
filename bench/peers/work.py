"""The work that every simulator is given, and how a peer's program takes and reports it.

Units: ms, mV, pA, pF. A peer's program is called with one JSON object and prints one as its last
line.
"""
import json
import resource
import sys
import time

import numpy as np

DT, TAU_M, C_M, E_L, V_TH, V_RESET, T_REF = 0.1, 20.0, 250.0, -65.0, -50.0, -65.0, 2.0
R_M = TAU_M / C_M  # GOhm: times pA is mV
NOISE_STD = 500.0  # pA, held for a step
POISSON_RATE, POISSON_WEIGHT = 5000.0, 0.15  # Hz, mV
WARMUP = 10.0  # simulated before the clock starts: a peer allocates and touches what it needs


def given():
    """workload, neurons, duration (after the warmup), record, threads, seed, folder, options, and
    I_e and V_m: arrays over the neurons that megalif has drawn."""
    what = json.loads(sys.argv[1])
    for name in ("I_e", "V_m"):
        what[name] = np.load(what[name])
    return what


def seconds():
    """Wall-clock and CPU seconds of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return time.perf_counter(), used.ru_utime + used.ru_stime


def report(begin, end, version, spikes, peak=None, input_start=0.0, missing=0.0):
    """`begin`, `end`: what seconds() said around the timed part; `spikes`: of warmup and timed
    part, or None; `peak`: bytes, default this process's; `input_start`: the time of megalif's at
    which its input would have to set in to do the same; `missing`: time at the end whose spikes are
    not yet out."""
    peak = peak or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"wall_s": end[0] - begin[0], "cpu_s": end[1] - begin[1], "version": version,
                      "spikes": spikes, "peak_bytes": peak, "input_start": input_start,
                      "missing": missing}))
