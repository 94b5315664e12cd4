"""Spikes against NEST's iaf_psc_delta (data/nest/README.md), through the program.

Cells with a current and an initial potential of their own are populations of one here, so that the
numbers reach the program exactly as NEST had them. Every fifth of NEST's thousand; unit/
test_physics_nest.c compares all of them in one population, long_physics.py all of them like here.
"""
import csv

import numpy as np
import pytest

from megalif import ROOT, population, run, section, simulation

DATA = ROOT / "tests" / "data" / "nest"


def rows(name):
    with open(DATA / name) as file:
        return list(csv.DictReader(file))


def expected_trains():
    with open(DATA / "nest_w1_trains.txt") as file:
        trains = [np.array(line.split(), dtype=np.int64) for line in file]
    assert len(trains) == 1000 and sum(map(len, trains)) == 27478
    return trains


def cells_like_nests(tmp_path, precision, neurons):
    """The trains of some of the 1,000 cells, 200 populations to a run."""
    cells = rows("nest_w1_inputs.csv")
    trains = []
    for first in range(0, len(neurons), 200):
        some = neurons[first:first + 200]
        config = simulation(precision=precision)
        for i in some:
            config += population(f"n{i}", 1, I_e=float(cells[i]["I_e_pA"]),
                                 V_m=float(cells[i]["V0_mV"]))
        result = run(tmp_path, config)
        trains += [result.spikes(f"n{i}")[0] for i in some]
    return trains


def compare_with_nest(tmp_path, precision, neurons):
    """double: every spike in NEST's step; single: 99.9 % of them, and as many."""
    expected = expected_trains()
    equal = total = 0
    for i, train in zip(neurons, cells_like_nests(tmp_path, precision, neurons)):
        assert len(train) == len(expected[i]), f"neuron {i}"
        equal += np.count_nonzero(train == expected[i])
        total += len(train)
    print(f"{precision}: {equal} of {total} spikes in NEST's step")
    assert equal >= (1.0 if precision == "double" else 0.999) * total


@pytest.mark.parametrize("precision", ["double", "single"])
def test_spikes_equal_nests(tmp_path, precision):
    compare_with_nest(tmp_path, precision, range(0, 1000, 5))


@pytest.mark.parametrize("precision", ["double", "single"])
def test_spikes_under_a_changing_current_equal_nests(tmp_path, precision):
    """A NEST generator's current acts one step after the time at which it is set."""
    changes = rows("nest_trace_inputs.csv")
    times = ", ".join(f"{float(row['amplitude_time_ms']) + 0.1:.1f}" for row in changes)
    amplitudes = ", ".join(row["amplitude_pA"] for row in changes)
    result = run(tmp_path, simulation(duration="400 ms", precision=precision) + population("n", 1)
                 + section("input.generator", target="n", type="step", times=f"{times} ms",
                           amplitudes=f"{amplitudes} pA"))
    assert result.spikes("n")[0].tolist() == [int(r["step"]) for r in rows("nest_trace_spikes.csv")]
