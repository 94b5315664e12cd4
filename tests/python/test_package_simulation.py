"""megalif.Simulation: stepped as one likes, the same spikes; what is set between two steps, against
closed forms and whole runs; callbacks, garbage, forks and threads do no harm."""
import gc
import itertools
import threading
import weakref

import numpy as np
import pytest

import megalif
from package_runs import DICT, in_python

CELLS = {"simulation": {"dt": 0.1, "duration": "200 ms", "precision": "double"},
         "population": {"a": {"size": 4, "tau_m": 20, "E_L": -65, "V_th": -50, "V_reset": -65}},
         "input": {"clamp": {"target": "a", "type": "external"}}}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return megalif.run(DICT, output=tmp_path_factory.mktemp("whole") / "whole.h5")


def joined(calls, name):
    return tuple(map(np.concatenate, zip(*(spikes[name] for spikes in calls))))


@pytest.mark.parametrize("duration", [0.1, 3.7, 50, 1000, None])
def test_pieces_give_the_whole_runs_spikes(whole, duration):
    with megalif.Simulation(DICT) as simulation:
        calls = list(simulation.blocks(duration) if duration else [simulation.advance()])
        assert simulation.done and simulation.time == 200 and simulation.digest == whole.digest
    for name in ("exc", "inh"):
        for mine, theirs in zip(joined(calls, name), whole.spikes[name]):
            assert np.array_equal(mine, theirs)
    assert all(spikes["exc"].size == 400 for spikes in calls)


def test_a_file_is_that_of_a_whole_run(whole, tmp_path):
    with megalif.Simulation(DICT, output=tmp_path / "out.h5") as simulation:
        simulation.advance(120)
        simulation.advance()
        result = simulation.finish()
        assert simulation.V_m("exc").shape == (400,)
        with pytest.raises(megalif.ConfigError):
            simulation.advance()
    assert result.digest == whole.digest and result.report.spikes == whole.report.spikes
    assert np.array_equal(result.traces["v"]["exc"].values, whole.traces["v"]["exc"].values)


def test_potentials_are_those_of_a_recorder(whole):
    simulation = megalif.Simulation(DICT, collect=False)
    for row in range(200):
        assert np.allclose(simulation.V_m("exc", 0, 3), whole.traces["v"]["exc"].values[row],
                           atol=1e-5)
        assert simulation.advance(1) == {}


def test_what_is_read_on_the_way_is_what_the_file_will_have(whole):
    simulation = megalif.Simulation(DICT)
    spikes = simulation.advance(100)
    assert np.array_equal(simulation.counts("exc")["spikes"], spikes["exc"].counts())
    assert simulation.statistics("inh").spikes == len(spikes["inh"])
    simulation.advance()
    for key, values in simulation.counts("exc").items():
        assert np.array_equal(values, whole.counts["exc"][key])
    for mine, theirs in ((simulation.rates("inh"), whole.rates["inh"]),
                         (simulation.rates("exc", "fine"), whole.recorders["fine"]["exc"])):
        assert np.array_equal(mine.counts, theirs.counts) and mine.width == theirs.width
        assert np.array_equal(mine.times, theirs.times)
    for key in ("mean_rate_Hz", "synchrony", "digest", "mean_cv", "fano_factor"):
        assert repr(simulation.statistics("exc")[key]) == repr(whole.statistics["exc"][key])  # NaN
    assert np.array_equal(simulation.parameter("exc", "I_e"), whole.parameters["exc"]["I_e"])
    assert (simulation.parameter("exc", "tau_m") == 20).all()
    for wrong in (lambda: simulation.counts("inh"), lambda: simulation.rates("exc", "coarse"),
                  lambda: simulation.parameter("exc", "tau")):
        with pytest.raises(megalif.ConfigError):
            wrong()


def test_traces_come_by_callback(whole):
    rows = []
    simulation = megalif.Simulation(DICT, on_trace=lambda *what: rows.append(what))
    simulation.advance()
    assert {row[:2] for row in rows} == {("v", "exc")}
    assert np.allclose(np.concatenate([times for *_, times, _ in rows]), np.arange(200))
    values = np.concatenate([values for *_, values in rows])
    assert np.array_equal(values.astype(np.float32), whole.traces["v"]["exc"].values)


def test_potentials_that_are_set_decay_as_the_membrane_does():
    """V = E_L + (V0 - E_L) exp(-t / tau_m)."""
    simulation = megalif.Simulation(CELLS)
    simulation.advance(1)
    simulation.set_V_m("a", [-60, -55, -70], start=1)
    assert np.allclose(simulation.V_m("a"), [-65, -60, -55, -70])
    simulation.advance(10)
    assert np.allclose(simulation.V_m("a"),
                       -65 + np.array([0, 5, 10, -5]) * np.exp(-0.5), atol=1e-10)
    simulation.set_V_m("a", -49, stop=2)
    assert list(simulation.advance(steps=1)["a"].ids) == [0, 1]


def test_currents_that_are_set_are_those_of_a_file(tmp_path):
    rng = np.random.default_rng(1)
    current = np.repeat(rng.uniform(100, 900, (20, 4)), 100, axis=0)
    simulation = megalif.Simulation(CELLS)
    for row in current[::100]:
        simulation.set_current("clamp", row)
        simulation.advance(10)
    from_file = {**CELLS, "input": {"clamp": {"target": "a", "type": "file", "file": current,
                                              "dataset": "values"}}}
    expected = megalif.run(from_file)
    assert simulation.digest == expected.digest and expected.report.spikes > 20
    digests = set()
    for each in (1.0, np.ones(4)):
        simulation = megalif.Simulation(CELLS)
        for pA in (700, 333.3, 0, 912.7):
            simulation.set_current("clamp", pA * each)
            simulation.advance(17.3)
        digests.add(simulation.digest)
    assert len(digests) == 1 and simulation.report.spikes > 5
    simulation = megalif.Simulation(CELLS, set={"population.a.size": 9,
                                                "input.clamp.target": "all"})
    simulation.set_current("clamp", 400.0, "a", 3, 5)
    assert set(simulation.advance()["a"].ids) == {3, 4}


def test_rates_that_are_set_are_those_of_a_distribution():
    def config(**keys):
        return {**CELLS, "input": {"clamp": {"target": "a", "type": "poisson", "weight": 1.0,
                                             **keys}}}
    simulation = megalif.Simulation(config(rate=0, rate_most=5000))
    simulation.set_rate("clamp", np.linspace(500, 3500, 4))
    spikes = simulation.advance()["a"]
    expected = megalif.run(config(rate="linspace(500 Hz, 3500 Hz)"))
    assert simulation.digest == expected.digest and len(spikes) > 10
    with pytest.raises(megalif.ConfigError, match="5000"):
        megalif.Simulation(config(rate=0, rate_most=5000)).set_rate("clamp", 5001)


def test_rates_of_sources_are_set_between_two_steps():
    """Counts are Poisson's, 5 standard errors wide; without an input the population is named."""
    config = {"simulation": {"dt": 0.1, "duration": 300},
              "population": {"s": {"size": 4000, "model": "poisson", "rate": 20,
                                   "rate_most": 600}}}
    simulation = megalif.Simulation(config)
    for rates in (20, 500, np.linspace(0, 600, 4000)):
        simulation.set_rate(None, rates, "s")
        ids = simulation.advance(100)["s"].ids.astype(int)
        counts = np.bincount(ids, minlength=4000)
        expected = np.broadcast_to(rates, 4000) * 0.1
        assert abs(counts.sum() - expected.sum()) < 5 * expected.sum()**0.5
        assert abs(((counts - expected)**2).sum() - expected.sum()) \
            < 5 * (2 * expected**2 + expected).sum()**0.5
    with pytest.raises(ValueError, match="a population is wanted, of model = poisson"):
        simulation.set_rate(None, 30)
    with pytest.raises(megalif.ConfigError, match="601; 0 to 600 Hz can"):
        simulation.set_rate(None, 601, "s")


def test_injected_spikes_arrive_after_their_delay():
    """At t + d V_m has the jump, which decays with tau_m."""
    config = {**CELLS, "projection": {"aa": {"source": "a", "target": "a", "rule": "one_to_one",
                                             "weight": 2.0, "delay": 1.5}}}
    simulation = megalif.Simulation(config)
    simulation.advance(3)
    simulation.inject("a", [2, 0])
    simulation.advance(1.4)
    assert np.allclose(simulation.V_m("a"), -65)
    simulation.advance(0.1)
    assert np.allclose(simulation.V_m("a"), [-63, -65, -63, -65], atol=1e-6)
    simulation.advance(10)
    assert np.allclose(simulation.V_m("a")[[0, 2]], -65 + 2 * np.exp(-0.5), atol=1e-6)
    assert simulation.report.events == 2 and simulation.report.spikes == 0


def test_a_closed_loop_holds_a_rate():
    """A controller that integrates the error finds the current of the rate it is to hold: that of
    the closed form, 1 / (t_ref + tau_m ln((R I) / (R I - (V_th - E_L))))."""
    simulation = megalif.Simulation(CELLS, set={
        "simulation.duration": "6 s", "population.a.size": 500,
        "population.a.V_m": "uniform(-65 mV, -50 mV)"}, threads=2)
    currents = [200.0]
    for spikes in simulation.blocks(50):
        currents.append(currents[-1] + 0.3 * (30 - len(spikes["a"]) / 500 / 0.05))
        simulation.set_current("clamp", currents[-1])
    R_I = np.mean(currents[-40:]) * 20 / 250
    assert 1000 / (2 + 20 * np.log(R_I / (R_I - 15))) == pytest.approx(30, rel=0.02)


def test_an_input_of_one_population_needs_no_name_of_it():
    """As if it had been named; one of several must say which."""
    config = {"simulation": {"dt": 0.1, "duration": 60},
              "population": {name: {"size": 4, "tau_m": 10.0} for name in "abc"},
              "input": {"clamp": {"target": "b", "type": "external"},
                        "both": {"target": "a, c", "type": "external"},
                        "rain": {"target": "c", "type": "poisson", "rate": 1000, "weight": 0.5,
                                 "rate_most": 9000}}}
    told, left_out = megalif.Simulation(config), megalif.Simulation(config)
    told.set_current("clamp", 900, "b")
    left_out.set_current("clamp", 900)
    told.set_rate("rain", 8000, "c")
    left_out.set_rate("rain", 8000)
    spikes, same = told.advance(50), left_out.advance(50)
    assert told.digest == left_out.digest and len(spikes["b"]) == len(same["b"]) > 0
    assert len(spikes["c"]) > len(spikes["a"]) == 0
    with pytest.raises(ValueError, match="both acts on a, c; say on which it is to, as popul"):
        left_out.set_current("both", 900)
    with pytest.raises(megalif.ConfigError, match="there is no input clmap"):
        left_out.set_current("clmap", 900)
    with pytest.raises(megalif.ConfigError, match="rain is of type poisson; a program can set"):
        left_out.set_current("rain", 900)


BAD = [
    (KeyError, "no population b; there are a", lambda s: s.V_m("b")),
    (IndexError, "a has neurons 0 to 3, not 2 to 4", lambda s: s.V_m("a", 2, 5)),
    (IndexError, "not -1 to 3", lambda s: s.V_m("a", -1)),
    (ValueError, "multiple of dt", lambda s: s.advance(0.15)),
    (TypeError, "'1 ms'; give a number of ms", lambda s: s.advance("1 ms")),
    (ValueError, "no end", lambda s: next(s.blocks(0))),
    (KeyError, "no population b; there are a", lambda s: s.advance(0)["b"]),
    (ValueError, "back", lambda s: s.advance(-1)),
    (ValueError, "not both", lambda s: s.advance(1, steps=3)),
    (ValueError, "shape", lambda s: s.set_V_m("a", [1, 2], 0, 4)),
    (ValueError, "shape", lambda s: s.set_V_m("a", np.zeros((2, 2)), 0, 2)),
    (megalif.ConfigError, "-10000 to 10000 mV", lambda s: s.set_V_m("a", 1e9)),
    (megalif.ConfigError, "neuron 1 of population a",
     lambda s: s.set_V_m("a", [0, float("nan"), 0, 0])),
    (megalif.ConfigError, "clamps", lambda s: s.set_current("clamps", 3)),
    (IndexError, "neurons", lambda s: s.set_current("clamp", np.zeros(9))),
    (megalif.ConfigError, "projection", lambda s: s.inject("a", [1])),
    (ValueError, "from 0", lambda s: s.inject("a", [-1])),
    (TypeError, "whole numbers", lambda s: s.inject("a", [1.5])),
    (ValueError, "no output", lambda s: s.finish()),
    (megalif.ConfigError, "checkpoint", lambda s: s.checkpoint()),
    (KeyError, "no projection is called p", lambda s: s.connections("p")),
]


@pytest.mark.parametrize("kind, words, act", BAD, ids=itertools.count())
def test_what_cannot_be_is_told_and_changes_nothing(kind, words, act):
    simulation = megalif.Simulation(CELLS)
    simulation.advance(1)
    with pytest.raises(kind, match=words):
        act(simulation)
    assert simulation.time == 1.0 and np.allclose(simulation.V_m("a"), -65)


def test_a_callback_that_stops_or_fails_leaves_a_simulation_that_goes_on(whole):
    stop, fail = [], []

    def watch(*_):
        if stop:
            return stop.pop()
        if fail:
            raise fail.pop()
    simulation = megalif.Simulation(DICT, on_spikes=watch, collect=False)
    stop.append(True)
    simulation.advance(100)
    assert 0 < simulation.time < 100
    for kind in (LookupError, KeyboardInterrupt, SystemExit):
        fail.append(kind("mine"))
        with pytest.raises(kind, match="mine"):
            simulation.advance(100)
    assert simulation.time < 200
    simulation.advance()
    assert simulation.digest == whole.digest


def test_a_callback_cannot_use_its_simulation():
    told = []

    def inside(*_):
        for use in (lambda: simulation.V_m("exc"), lambda: simulation.advance(1),
                    simulation.close, lambda: simulation.report):
            with pytest.raises(RuntimeError, match="a callback must not use"):
                use()
            told.append(1)
        return True
    simulation = megalif.Simulation(DICT, on_spikes=inside)
    simulation.advance()
    assert len(told) >= 4 and simulation.V_m("exc").shape == (400,)


def test_a_closed_simulation_says_so():
    with megalif.Simulation(CELLS) as simulation:
        simulation.advance(1)
    for use in (simulation.advance, lambda: simulation.V_m("a"), lambda: simulation.time,
                lambda: simulation.report):
        with pytest.raises(ValueError, match="closed"):
            use()
    simulation.close()
    assert "closed" in repr(simulation)


def test_simulations_go_with_their_last_reference(tmp_path):
    """Also when a callback refers to the simulation; the unfinished file is removed."""
    def made(name):
        simulation = megalif.Simulation(DICT, output=tmp_path / name,
                                        on_spikes=lambda *_: simulation and None)
        simulation.advance(10)
        return weakref.ref(simulation)
    gone = [made("a.h5"), made("b.h5")]
    gc.collect()
    assert [each() for each in gone] == [None, None] and list(tmp_path.iterdir()) == []


def test_threads_wait_for_each_other(whole):
    simulation = megalif.Simulation(DICT, threads=1, collect=False)
    seen = []

    def read():
        while not simulation.done:
            seen.append(simulation.V_m("exc").shape)
    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for _ in range(200):
        simulation.advance(1)
    for reader in readers:
        reader.join()
    assert simulation.digest == whole.digest and set(seen) == {(400,)}


ENDS = {
    "at the end of Python": "import sys; sys.kept = simulation",
    "in a cycle": "simulation.me = simulation; del simulation; gc.collect()",
    "in a callback of another": "other = megalif.Simulation(config, on_spikes=lambda *_: "
                                "pool.clear()); pool = [simulation]; del simulation; "
                                "other.advance(50)",
    "after an exception": "raising()",
    "in another thread": "t = threading.Thread(target=lambda s: s.advance(5), args=(simulation,));"
                         " t.start(); del simulation; t.join()",
    "while its reading goes on": "from megalif._connections import Reading\n"
                                 "reading = Reading(simulation._session, 0)\n"
                                 "with reading: next(iter(reading)); del simulation; gc.collect()",
    "in a child": "import os\npid = os.fork()\nif pid == 0:\n    try: simulation.advance(1)\n"
                  "    except RuntimeError: del simulation; gc.collect(); sys.exit(0)\n"
                  "assert os.waitpid(pid, 0)[1] == 0; simulation.advance(5); simulation.finish()",
}


@pytest.mark.parametrize("how", ENDS)
def test_no_end_crashes(how, tmp_path):
    in_python(tmp_path, f"""
import gc, sys, threading, megalif
config = {DICT!r}
simulation = megalif.Simulation(config, output="out.h5", on_spikes=lambda *_: None)
simulation.advance(20)
def raising():
    def bad(*_): raise ValueError
    other = megalif.Simulation(config, on_spikes=bad)
    try: other.advance()
    except ValueError: pass
{ENDS[how]}
""")


def test_results_survive_a_child(tmp_path):
    in_python(tmp_path, f"""
import os, sys, megalif
result = megalif.run({DICT!r})
pid = os.fork()
if pid == 0:
    sys.exit(0)
assert os.waitpid(pid, 0)[1] == 0
assert len(result.spikes["exc"]) > 1000
""")


def test_it_goes_on_with_arrays(tmp_path):
    """Which a second call puts into files of other names: what counts is what is in them."""
    def config(I_e=500.0, edge=3):
        return {"simulation": {"dt": 0.1, "duration": "50 ms"},
                "population": {"a": {"size": 4, "I_e": np.full(4, I_e)}},
                "input": {"x": {"target": "a", "type": "file", "dataset": "values",
                                "file": np.full(500, 20.0)}},
                "projection": {"p": {"source": "a", "target": "a", "rule": "file", "delay": 1.5,
                                     "file": {"source": [0, 1], "target": [2, edge],
                                              "weight": [1.0, 9.0]}}}}
    whole = megalif.run(config())
    with megalif.Simulation(config(), output=tmp_path / "out.h5", checkpoint=True) as simulation:
        simulation.advance(20)
        simulation.checkpoint()
    for other, place in ((config(I_e=501.0), r"\[population.a\] I_e"),
                         (config(edge=0), r"\[projection.p\] file")):
        with pytest.raises(megalif.ConfigError, match=place + ": the array is not what it was"):
            megalif.Simulation(other, output=tmp_path / "out.h5", resume=True)
    resumed = megalif.run(config(), output=tmp_path / "out.h5", resume=True)
    assert resumed.report.resumed_ms == 20 and resumed.digest == whole.digest


def test_it_goes_on_from_a_checkpoint(whole, tmp_path):
    with megalif.Simulation(DICT, output=tmp_path / "out.h5", checkpoint=True) as simulation:
        simulation.advance(60)
        simulation.checkpoint()
        simulation.advance(10)
    with megalif.Simulation(DICT, output=tmp_path / "out.h5", resume=True) as simulation:
        assert simulation.time == 60
        simulation.advance()
        assert simulation.finish().digest == whole.digest
