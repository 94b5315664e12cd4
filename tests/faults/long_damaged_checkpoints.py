"""100 flips and 100 cuts of one checkpoint, as many of both; and some of these under the address
sanitizer."""
import os
import subprocess

from megalif import ROOT
from test_damaged_checkpoints import Stopped, check_all


def test_100_flips_and_cuts(tmp_path):
    check_all(Stopped(tmp_path), 100)


def test_under_the_address_sanitizer(tmp_path):
    plain = {key: value for key, value in os.environ.items()
             if key not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "CC", "CXX", "CONFIG", "BUILD")}
    done = subprocess.run(["make", "-j2", "CONFIG=asan", "all"], cwd=ROOT, env=plain,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    stopped = Stopped(tmp_path)
    stopped.program = ROOT / "build/asan/megalif"
    check_all(stopped, 25)
