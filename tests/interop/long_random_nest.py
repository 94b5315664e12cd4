"""NEST gives the spikes of random networks, step by step.

What is left out for it is said in tests/helpers/random_sections.py by `nest`, and never by a
tolerance: what NEST has not (forward Euler, bridge, V_min in some models, an end before its time),
conductances that are large or fast beside dt, where docs/numerics.md says how far NEST's several
steps are from our one, and numbers that are legal but hardly meant."""
import pytest

from emitted import emit, play, python_with
from megalif import run
from random_networks import Network


@pytest.mark.parametrize("number", range(30))
def test_nest_gives_our_spikes_of_random_networks(tmp_path, number):
    python = python_with("nest")
    network = Network(number, "nest")
    network.write(tmp_path, "model.ini")
    result = run(tmp_path, network.text, name="model")
    done = emit(tmp_path, "nest")
    assert done.returncode == 0 and "the same spikes, step by step" in done.stdout, done.stderr
    there = play(python, tmp_path, "--compare", result.path)
    if not any(len(result.spikes(name)[0]) for name in result.populations()):
        assert there.stdout.endswith("NOTHING COULD BE COMPARED\n")
        return
    assert there.returncode == 0, f"{there.stdout}{there.stderr}\n{network.text}"
    assert there.stdout.endswith("they agree\n")
