"""libFuzzer under address and undefined behaviour sanitizers on everything that reads foreign
bytes; seconds here, ten minutes each in long_fuzz.py."""
import os
import shutil
import subprocess

import pytest

from megalif import ROOT


def fuzz(seconds):
    if not shutil.which("clang"):
        pytest.skip("libFuzzer comes with clang, which is missing")
    # A make of its own: what the calling make was told (CONFIG, BUILD) does not concern it.
    environment = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "CC")}
    jobs = f"-j{len(os.sched_getaffinity(0))}"
    done = subprocess.run(["make", jobs, "--no-print-directory", "fuzz",
                           f"FUZZ_SECONDS={seconds}"],
                          cwd=ROOT, env=environment, capture_output=True, text=True,
                          timeout=seconds * 4 + 300)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    executed = [int(line.split()[-1]) for line in (done.stdout + done.stderr).splitlines()
                if line.startswith("stat::number_of_executed_units")]
    assert executed and min(executed) > 100 * seconds  # on the busiest machine


def test_nothing_is_found_in_seconds():
    fuzz(5)
