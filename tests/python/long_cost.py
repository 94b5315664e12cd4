"""What Python costs: memory for two arrays of 2e7 spikes and no second copy of them, a callback
beside a run of 1e6 neurons, a controller beside the run that it holds."""
import sys
import time

import pytest

import megalif
from package_runs import in_python

MEMORY = """
import megalif
config = {config!r}

def megabytes(name):
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) / 1e3 for line in file if line.startswith(name))

def most_while(act):
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")  # the peak is now
    before = megabytes("VmRSS")
    spikes = act()["exc"]
    times, ids = spikes
    print(len(times), (megabytes("VmHWM") - before) / (16e-6 * len(times)))

simulation = megalif.Simulation(config)
simulation.advance(1)  # its threads and buffers are there
most_while(simulation.advance)
del simulation
result = megalif.run(config)
most_while(lambda: result.spikes)
spikes = result.spikes["exc"]
len(spikes)  # they are read
most_while(lambda: {{"exc": spikes if len(spikes.counts()) else None}})
"""
MANY = {"simulation": {"dt": 0.1, "duration": 360},
        "population": {"exc": {"size": 10**6, "tau_m": 20, "I_e": "normal(380 pA, 20 pA)",
                               "V_m": "uniform(-70 mV, -55 mV)"}}}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="peaks are Linux's to tell")
def test_2e7_spikes_are_there_once(tmp_path):
    said = in_python(tmp_path, MEMORY.format(config=MANY)).split()
    for count, part in zip(said[:4:2], said[1:4:2]):
        assert int(count) > 2e7 and 0.95 < float(part) < 1.15, said
    assert float(said[5]) < 0.2, said  # counts of 1e6 neurons, 16 bytes each: no copy of the ids
    assert len(said) == 6


def simulate(config, each=None, block=None, **options):
    """Seconds of CPU of a run, cut into blocks or not; the spikes of its last 100 ms."""
    simulation = megalif.Simulation(config, threads=1, **options)
    start = time.process_time()
    if block is None:
        simulation.advance()
    else:
        for spikes in simulation.blocks(block):
            each(simulation, len(spikes["exc"]))
    took = time.process_time() - start
    counts = simulation.rates("exc").counts
    return took, counts[-100:].sum()


def ratio(first, second, rounds=9):
    """Of the least of each, which is what others on the machine disturb least; in turns."""
    first(), second()
    turns = [(first()[0], second()[0]) for _ in range(rounds)]
    return min(b for _, b in turns) / min(a for a, _ in turns)


def test_a_callback_costs_little_at_10_Hz():
    """Beside a run whose spikes go into its file only."""
    config = {**MANY, "simulation": {"dt": 0.1, "duration": 300}, "population": {"exc": {
        **MANY["population"]["exc"], "I_e": "normal(180 pA, 35 pA)"}}}

    def run(on_spikes=None):
        start = time.process_time()
        result = megalif.run(config, threads=1, on_spikes=on_spikes)
        return time.process_time() - start, result.report.spikes
    assert 8 < run()[1] / 1e6 / 0.3 < 12
    cost = ratio(run, lambda: run(lambda *_: None))
    print(f"callback: {cost:.3f}")
    assert cost < 1.05


@pytest.mark.parametrize("block, gain, std, most", [(1, 0.1, 200, 2), (10, 1.0, 200, 2),
                                                    (1, 0.1, 0, 3), (10, 1.0, 0, 2)])
def test_a_controller_costs_no_more_than_this(block, gain, std, most):
    """It holds 10 Hz, which the open run is far from: below with noise, above without (std = 0).
    There the open run takes many steps at once, and each ms costs some more than twice as much."""
    size = 10**5
    noise = {"noise": {"target": "exc", "type": "white_noise", "std": std}} if std else {}
    config = {"simulation": {"dt": 0.1, "duration": 400},
              "population": {"exc": {"size": size, "tau_m": 20,
                                     "I_e": "155 pA" if std else "normal(200 pA, 20 pA)",
                                     "V_m": "uniform(-70 mV, -55 mV)"}},
              "input": {**noise, "clamp": {"target": "exc", "type": "external"}}}
    current = [0.0]

    def control(simulation, spikes):
        current[0] += gain * (10 - spikes / size / (block / 1000))
        simulation.set_current("clamp", current[0])

    def closed():
        current[0] = 0.0
        return simulate(config, control, block)
    held, left = closed()[1] / size / 0.1, simulate(config, collect=False)[1] / size / 0.1
    assert (left < 2 if std else left > 12) and abs(held - 10) < 1, (left, held)
    cost = ratio(lambda: simulate(config, collect=False), closed, 5)
    print(f"controller each {block} ms, std {std} pA: {cost:.2f}")
    assert cost < most
