"""What inputs have drawn stands in the output, is in its digest, and is what acted."""
import numpy as np

from megalif import population, run, section, simulation


def config(seed=42, amplitude="uniform(300 pA, 900 pA)"):
    return (simulation(duration="200 ms", seed=seed, precision="double")
            + population("n", 300, t_ref="2 ms")
            + section("input.x", target="n[0:100], n[150:300]", type="dc", amplitude=amplitude))


def test_drawn_amplitudes_are_written_and_act(tmp_path):
    result = run(tmp_path, config())
    drawn = result.parameter("n", "input.x.amplitude")
    inside = np.r_[0:100, 150:300]
    assert result.attribute("megalif/parameters/n/input.x.amplitude", "units") == "pA"
    assert np.array_equal(np.flatnonzero(~np.isnan(drawn)), inside)
    assert 300 <= drawn[inside].min() < 310 and 890 < drawn[inside].max() < 900
    lift = drawn * 20 / 250  # R = tau_m / C_m; V_reset = E_L, the threshold is 15 mV above
    steps = 20 + np.ceil(200 * np.log(lift / (lift - 15)))
    for neuron, train in enumerate(result.trains("n", 300)):
        assert np.all(np.diff(train) == steps[neuron]) and (len(train) > 3) == (neuron in inside)


def test_what_is_drawn_is_in_the_digest(tmp_path):
    digests = [run(tmp_path, text).attribute("megalif/populations/n", "parameters_digest")
               for text in (config(), config(), config(seed=43), config(amplitude="600 pA"))]
    assert digests[0] == digests[1] and len(set(digests)) == 3
