"""Networks that megalif draws, run again by a few lines of numpy from the synapses that `megalif
connections` writes: the same spikes. And the synapses read back with rule = file, in any order:
the same digest."""
import math
import subprocess

import h5py
import numpy as np
import pytest

from megalif import PROGRAM, run, section, simulation

DT, STEPS = 0.1, 2000
CELL = {"tau_m": 20.0, "C_m": 250.0, "E_L": -65.0, "V_th": -50.0, "V_reset": -60.0, "t_ref": 1.5}
TAU_EX, TAU_IN = 2.0, 5.0
SIZES = {"exc": 400, "inh": 100, "jumps": 100}

# Populations and what projects between them; noise is a source of which only the spikes are known.
PROJECTIONS = (
    section("projection.ee", source="exc", target="exc", rule="fixed_indegree", indegree=30,
            weight="normal_clipped(25 pA, 8 pA, 0 pA, 60 pA)",
            delay="normal_clipped(1.5 ms, 0.75 ms, 0.1 ms, 6 ms)")
    + section("projection.both", source="exc[50:300], inh", target="inh, exc[10:200]",
              rule="fixed_total_number", N=6000, weight="normal(10 pA, 40 pA)",
              delay="uniform(0.2 ms, 9 ms)", allow_both_signs="yes")
    + section("projection.ie", source="inh", target="exc", rule="fixed_outdegree", outdegree=60,
              weight="-12 pA", delay="lognormal(0.8 ms, 0.4)")
    + section("projection.ej", source="exc, noise", target="jumps", rule="pairwise_poisson",
              pairwise_avg_num_conns=0.1, weight="uniform(0.2 mV, 1.5 mV)", delay="1.2 ms")
    + section("projection.jj", source="jumps", target="jumps", rule="pairwise_bernoulli", p=0.1,
              weight="-0.8 mV", delay="uniform(0.1 ms, 2 ms)", allow_autapses="no")
    + section("projection.ni", source="noise", target="inh[50:]", rule="one_to_one",
              weight="120 pA", delay="0.14 ms")
    + section("projection.je", source="jumps", target="exc[380:]", rule="all_to_all",
              weight="uniform(-30 pA, -10 pA)", delay="3 ms"))


def start_values(size, seed):
    draw = np.random.default_rng(seed)
    return np.round(draw.uniform(-65, -50, size), 3), np.round(draw.uniform(250, 450, size), 2)


def populations(folder):
    text = ""
    for i, (name, size) in enumerate(SIZES.items()):
        V, current = start_values(size, i)
        lines = [f"{v},{c}" for v, c in zip(V, current)]
        (folder / f"{name}.csv").write_text("\n".join(["V,I", *lines, ""]))
        synaptic = {} if name == "jumps" else {"model": "iaf_psc_exp", "tau_syn_ex": TAU_EX,
                                               "tau_syn_in": TAU_IN}
        text += section(f"population.{name}", size=size, **CELL, **synaptic,
                        V_m=f"file({name}.csv, V)", I_e=f"file({name}.csv, I)")
    return text + section("population.noise", size=50, model="poisson", rate="400 Hz")


def config(folder, precision):
    return (simulation(duration=f"{STEPS * DT:g} ms", seed=11, precision=precision)
            + populations(folder) + PROJECTIONS)


def connections(folder, text):
    """[(name, source population, target population, sources, targets, weights, delays in ms)]"""
    (folder / "drawn.ini").write_text(text)
    done = subprocess.run([PROGRAM, "connections", "drawn.ini", "-o", "edges.h5", "-f", "-q"],
                          cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with h5py.File(folder / "edges.h5") as file:
        return [(name, *(edges[f"{end}_node_id"].attrs["node_population"]
                         for end in ("source", "target")),
                 edges["source_node_id"][()].astype(int), edges["target_node_id"][()].astype(int),
                 edges["0/syn_weight"][()], edges["0/delay"][()])
                for name, edges in file["edges"].items()]


class Population:
    """iaf_psc_exp or iaf_psc_delta in NEST's order of operations, for all neurons at once."""

    def __init__(self, name, size, seed):
        self.V, self.current = start_values(size, seed)
        self.exponential = name != "jumps"
        self.left = np.zeros(size, int)  # refractory steps
        self.I = np.zeros((2, size))
        self.arrivals = np.zeros((2, STEPS + 200, size))  # [receptor][step number]
        self.rows = []  # of synaptic currents, after each step

    def step(self, number):
        """The neurons that spike in the step that ends at number dt."""
        decay = math.exp(-DT / CELL["tau_m"])
        gain = CELL["tau_m"] / CELL["C_m"]
        V = CELL["E_L"] + decay * (self.V - CELL["E_L"]) + gain * (1 - decay) * self.current
        arrived = self.arrivals[:, number]
        if self.exponential:
            for I, tau in zip(self.I, (TAU_EX, TAU_IN)):
                share = tau / (tau - CELL["tau_m"])
                V += gain * share * (math.exp(-DT / tau) - decay) * I
            self.I *= np.exp(-DT / np.array([[TAU_EX], [TAU_IN]]))
            self.I += arrived
            self.rows.append(self.I.copy())
        else:
            V += arrived.sum(axis=0)
        free = self.left == 0
        self.left[~free] -= 1
        self.V = np.where(free, V, self.V)
        spiked = free & (self.V >= CELL["V_th"])
        self.V[spiked] = CELL["V_reset"]
        self.left[spiked] = round(CELL["t_ref"] / DT)
        return np.flatnonzero(spiked)


def numpy_run(synapses, noise):
    """The populations after the run, and {population: [(step, id), ...]}, given noise's spikes."""
    cells = {name: Population(name, size, i) for i, (name, size) in enumerate(SIZES.items())}
    by_source = {}
    for _, source, target, *columns in synapses:
        for s, t, weight, delay in zip(*columns):
            by_source.setdefault((source, s), []).append((target, t, weight, round(delay / DT)))
    found = {name: [] for name in cells}
    for number in range(1, STEPS + 1):
        spiked = {name: cell.step(number) for name, cell in cells.items()}
        spiked["noise"] = noise[1][noise[0] == number]
        for name, ids in spiked.items():
            for i in ids:
                if name in found:
                    found[name].append((number, int(i)))
                for target, t, weight, delay in by_source.get((name, i), ()):
                    cells[target].arrivals[int(weight < 0), number + delay, t] += weight
    return cells, found


def test_numpy_has_the_same_spikes(tmp_path):
    text = config(tmp_path, "double")
    result = run(tmp_path, text)
    synapses = connections(tmp_path, text)
    assert sum(len(columns[3]) for columns in synapses) > 25000
    _, expected = numpy_run(synapses, result.spikes("noise"))
    for name, spikes in expected.items():
        steps, ids = result.spikes(name)
        print(f"{name}: {len(spikes)} spikes")
        assert len(spikes) > 4 * SIZES[name]
        assert list(zip(steps.tolist(), ids.tolist())) == spikes


RECORDERS = "".join(section(f"record.{what}", what=what, population=population, interval="0.1 ms")
                    for what, population in (("jumps", "jumps"), ("I_syn", "exc"),
                                             ("I_syn_ex", "exc"), ("I_syn_in", "exc")))


def rows_of(folder, what, population):
    with h5py.File(folder / f"run.{what}.h5") as file:
        data = file[f"report/{population}/data"]
        return data.attrs["units"], data.attrs["variable"], data[()].astype(float)


def test_what_arrives_is_recorded(tmp_path):
    """Jumps of the step that begins at a row's time, currents at that time, as numpy adds them."""
    text = config(tmp_path, "double") + RECORDERS
    noise = run(tmp_path, text).spikes("noise")
    cells, _ = numpy_run(connections(tmp_path, config(tmp_path, "double")), noise)
    units, variable, jumps = rows_of(tmp_path, "jumps", "jumps")
    assert (units, variable) == ("mV", "jumps")
    expected = cells["jumps"].arrivals.sum(axis=0)[1:STEPS + 1]
    assert np.abs(expected).max() > 1
    np.testing.assert_allclose(jumps, expected, rtol=1e-6, atol=1e-6)
    currents = np.array([np.zeros((2, SIZES["exc"])), *cells["exc"].rows])[:STEPS]
    for what, expected in (("I_syn_ex", currents[:, 0]), ("I_syn_in", currents[:, 1]),
                           ("I_syn", currents.sum(axis=1))):
        units, variable, rows = rows_of(tmp_path, what, "exc")
        assert (units, variable) == ("pA", what) and np.abs(expected).max() > 10
        np.testing.assert_allclose(rows, expected, rtol=1e-6, atol=1e-4)


def of_files(synapses):
    """Projections that read what `connections` wrote."""
    return "".join(section(f"projection.{name.replace('.', '_')}", source=source, target=target,
                           rule="file", file="edges.h5", population=name)
                   for name, source, target, *_ in synapses)


def of_tables(folder, synapses, seed):
    """The same from tables in another order."""
    text = ""
    for name, source, target, *columns in synapses:
        order = np.random.default_rng(seed).permutation(len(columns[0]))
        lines = [f"{s},{t},{w!r},{d!r}" for s, t, w, d in
                 zip(*(column[order].tolist() for column in columns))]
        (folder / f"{name}.csv").write_text("\n".join(["source,target,weight,delay", *lines, ""]))
        text += section(f"projection.{name.replace('.', '_')}", source=source, target=target,
                        rule="file", file=f"{name}.csv")
    return text


@pytest.mark.parametrize("precision", ["single", "double"])
def test_synapses_read_back_give_the_same_digest(tmp_path, precision):
    drawn = config(tmp_path, precision)
    expected = run(tmp_path, drawn).digest
    synapses = connections(tmp_path, drawn)
    without = drawn.replace(PROJECTIONS, "")
    assert run(tmp_path, without + of_files(synapses)).digest == expected
    assert run(tmp_path, without + of_tables(tmp_path, synapses, 3)).digest == expected
