"""The power fails after every single change to the disk."""
import pytest

from test_power_loss import recorded  # noqa: F401 (a fixture)


@pytest.mark.parametrize("in_order", [True, False])
def test_power_fails_at_every_moment(recorded, tmp_path, in_order):  # noqa: F811
    recorded.check(range(len(recorded.entries) + 1), tmp_path / "found", in_order)
