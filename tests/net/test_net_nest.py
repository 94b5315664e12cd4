"""Networks against NEST, spike by spike (tests/data/net/README.md), through the program: edges with
a weight and a delay of their own, autapses, multapses, arrivals in refractoriness."""
import h5py
import numpy as np
import pytest

import nest_networks as networks
from megalif import run, section

FIRST_STEPS = 1000  # 100 ms


@pytest.mark.parametrize("name", networks.ALL)
def test_every_spike_in_double_is_nests(tmp_path, name):
    result = run(tmp_path, networks.config(tmp_path, name, precision="double"), threads=2)
    for ours, nests in zip(result.spikes("n"), networks.spikes(name)):
        assert np.array_equal(ours, nests)  # and in the same order


def recorders(name):
    table = networks.traces(name)
    followed = ", ".join(map(str, sorted(set(table["V_m"][1]))))
    return table, "".join(section(f"record.{key}", population="n", what=key, neurons=followed,
                                  interval="0.1 ms") for key in table)


def values_of(result, key, steps, neurons):
    """What a recorder's file has for these steps and neurons."""
    with h5py.File(result.path.with_name(f"{result.path.stem}.{key}.h5")) as file:
        report = file["report/n"]
        assert report["mapping/time"][()].tolist()[::2] == [0, 0.1]  # row k is step k
        places = np.searchsorted(report["mapping/node_ids"][()], neurons)
        return report["data"][()].astype(float)[steps, places]


@pytest.mark.parametrize("name", networks.ALL)
def test_traces_in_double_are_nests(tmp_path, name):
    """Reports have floats: NEST's values rounded to the nearest, but for 1e-9."""
    table, recorded = recorders(name)
    duration = max(table["V_m"][0]) / 10
    result = run(tmp_path, networks.config(tmp_path, name, precision="double",
                                           duration=f"{duration + 1} ms") + recorded)
    for key, (steps, neurons, values) in table.items():
        away = np.abs(values_of(result, key, steps, neurons) - values)
        half = np.spacing(np.abs(values).astype(np.float32)).astype(float) / 2
        assert np.all(away <= half + 1e-9), f"{key}: {np.max(away - half)} beyond rounding"


def spikes_in_common(ours, nests, until):
    """(NEST's spikes up to a step, those of them that are ours)"""
    ours, nests = ({(int(step), int(neuron)) for step, neuron in zip(*spikes) if step <= until}
                   for spikes in (ours, nests))
    return len(nests), len(ours & nests)


def assert_rate(ours, nests, within):
    count, expected = len(ours[0]), len(nests[0])
    assert abs(count - expected) <= within * expected, f"{count} spikes, NEST has {expected}"


@pytest.mark.parametrize("name", networks.ALL)
def test_single_with_weights_of_32_bits(tmp_path, name):
    """These networks are chaotic: where one spike differs, all do some 100 ms later."""
    result = run(tmp_path, networks.config(tmp_path, name, weight_bits=32))
    ours, nests = result.spikes("n"), networks.spikes(name)
    expected, found = spikes_in_common(ours, nests, FIRST_STEPS)
    print(f"{name}: {found} of {expected} spikes of the first 100 ms in NEST's step")
    assert found >= 0.99 * expected
    assert_rate(ours, nests, 0.01)


@pytest.mark.parametrize("name", networks.LARGE)
def test_single_with_weights_of_16_bits(tmp_path, name):
    """Weights within 2^-16 of the largest: the rate is the same, single spikes need not be. Most of
    the first 50 ms are."""
    result = run(tmp_path, networks.config(tmp_path, name, weight_bits=16))
    ours, nests = result.spikes("n"), networks.spikes(name)
    expected, found = spikes_in_common(ours, nests, FIRST_STEPS // 2)
    print(f"{name}: {found} of {expected} spikes of the first 50 ms in NEST's step; "
          f"{len(ours[0])} spikes, NEST has {len(nests[0])}")
    assert found >= 0.9 * expected
    assert_rate(ours, nests, 0.03)


@pytest.mark.parametrize("name", ["delta", "alpha_singular", "cond_exp"])
@pytest.mark.parametrize("precision", ["single", "double"])
def test_the_order_of_edges_does_not_matter(tmp_path, name, precision):
    digests = {run(tmp_path, networks.config(tmp_path, name, shuffled=shuffled, duration="150 ms",
                                             precision=precision)).digest
               for shuffled in (None, 1, 2)}
    assert len(digests) == 1
