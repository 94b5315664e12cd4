"""What test_emit.py has no time for: every model in Brian2, and its own noise."""
import pytest

from emit_models import EULER, FILES, RANDOM, REALISED, write_files
from emitted import same_spikes, same_statistics


@pytest.mark.parametrize("name", REALISED)
def test_brian2_gives_our_spikes(tmp_path, name):
    same_spikes(tmp_path, "brian2", REALISED[name])


def test_brian2_gives_our_spikes_where_inputs_read_files(tmp_path):
    write_files(tmp_path)
    same_spikes(tmp_path, "brian2", FILES)


def test_brian2_gives_our_spikes_by_eulers_method(tmp_path):
    same_spikes(tmp_path, "brian2", EULER)


def test_brian2s_own_noise_gives_our_rates_and_cvs(tmp_path):
    same_statistics(tmp_path, "brian2", RANDOM)
