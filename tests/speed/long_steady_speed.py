"""A potential that decays to nothing is no slower to step than one that stays: numbers become
denormal after some thousand steps, which slows down arithmetic by a hundred on some processors."""
import resource
import statistics
import subprocess

import pytest

from megalif import PROGRAM, section, simulation

ROUNDS = 3


def seconds(folder, size, E_L, isa, precision):
    """User time of 1e5 steps without input; u = V - V_th goes to E_L - V_th."""
    text = (simulation(duration="10 s", precision=precision)
            + section("population.p", size=size, E_L=E_L, V_th="-55 mV", V_m="-60 mV")
            + section("record.none", population="p", what="spikes", neurons="none"))
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    done = subprocess.run([PROGRAM, "run", "-", "-o", "x.h5", "-f", "-q", "-t", "1", "--isa", isa],
                          input=text, text=True, cwd=folder, capture_output=True)
    if done.returncode == 2 and ("does not have it" in done.stderr
                                 or "not built in" in done.stderr):
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stderr
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


@pytest.mark.parametrize("isa, size", [("scalar", 8192), ("avx2", 65536), ("avx512", 65536)])
@pytest.mark.parametrize("precision", ["single", "double"])
def test_decay_to_nothing(tmp_path, isa, size, precision):
    decays, stays = [], []
    for _ in range(ROUNDS):
        decays.append(seconds(tmp_path, size, "-55 mV", isa, precision))
        stays.append(seconds(tmp_path, size, "-60.1 mV", isa, precision))
    ratio = statistics.median(decays) / statistics.median(stays)
    print(f"{isa} {precision}: {ratio:.2f}")
    assert ratio < 1.5, (decays, stays)
