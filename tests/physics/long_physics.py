"""The physics tests with more neurons, points and steps."""
import pytest

import test_physics_constant as constant
import test_physics_nest as nest
import test_physics_rates as rates


@pytest.mark.parametrize("precision", ["double", "single"])
def test_all_spikes_equal_nests(tmp_path, precision):
    nest.compare_with_nest(tmp_path, precision, range(1000))


@pytest.mark.parametrize("dt", ["0.1", "0.05", "0.02", "0.01"])
@pytest.mark.parametrize("tau", ["10", "20", "50", "100"])
@pytest.mark.parametrize("precision", ["double", "single"])
def test_intervals(tmp_path, precision, tau, dt):
    constant.compare(tmp_path, precision, tau, dt, size=20000)


@pytest.mark.parametrize("dt", [0.05, 0.1, 0.2])
def test_siegert_with_shifted_threshold(tmp_path, dt):
    rates.compare_with_shifted(tmp_path, dt, size=40000, duration=10.3)


def test_siegert_extrapolated_to_dt_0(tmp_path):
    rates.compare_extrapolated(tmp_path, rates.POINTS, [0.4, 0.2, 0.1, 0.05], size=20000,
                               duration=10.3)
