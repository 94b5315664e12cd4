"""What test_emit.py has no time for: every input in Brian2, and its own noise; networks of all
models."""
import nest_networks
import pytest

from emit_models import EULER, FILES, NETWORKS, RANDOM, REALISED, write_files
from emitted import read_csv, same_spikes, same_statistics


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


@pytest.mark.parametrize("name", NETWORKS)
def test_nest_gives_our_spikes_of_networks(tmp_path, name):
    write_files(tmp_path)
    same_spikes(tmp_path, "nest", NETWORKS[name])


@pytest.mark.parametrize("name", ["delta", "exp", "alpha"])
def test_brian2_gives_our_spikes_of_networks(tmp_path, name):
    write_files(tmp_path)
    same_spikes(tmp_path, "brian2", NETWORKS[name])


@pytest.mark.parametrize("name", ["exp", "alpha"])
def test_brian2_gives_our_spikes_of_networks_by_eulers_method(tmp_path, name):
    write_files(tmp_path)
    same_spikes(tmp_path, "brian2",
                NETWORKS[name].replace("precision = double", "precision = double\nmethod = euler"))


@pytest.mark.parametrize("name", ["delta", "exp", "cond_exp", "cond_alpha"])
def test_nest_gives_the_spikes_that_it_gave_before(tmp_path, name):
    """Networks of tests/data/net, through our config and our script back to NEST."""
    same_spikes(tmp_path, "nest", nest_networks.config(tmp_path, name, precision="double"))
    ours = read_csv(tmp_path / "spikes.csv")["n"]
    assert ours == set(zip(*(column.tolist() for column in nest_networks.spikes(name))))
