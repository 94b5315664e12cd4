"""Every call to the system on an output fails, with every reason, once or from then on."""
import pytest

import faults
from megalif import section
from test_faults import CONFIG, Sweep

KINDS = ["ENOSPC", "EIO", "EFBIG", "EROFS", "torn"]
CONFIGS = {
    "deflate": CONFIG,
    "stored": CONFIG + section("output", compression="none", parameters="none"),
}


@pytest.mark.parametrize("stays", [False, True])
@pytest.mark.parametrize("name", CONFIGS)
def test_every_call_fails(tmp_path, name, stays):
    tally = faults.Tally()
    Sweep(tmp_path, CONFIGS[name]).run(KINDS, tally, stays)
    tally.close()
