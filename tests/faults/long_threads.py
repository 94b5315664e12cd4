"""No data race: the program under clang's thread sanitizer, with LLVM's OpenMP runtime and Archer,
which tells the sanitizer what OpenMP synchronises (with GCC's runtime it reports races that are
none)."""
import glob
import os
import re
import shutil
import subprocess

import pytest

from megalif import ROOT, section, simulation

EVERYTHING = (
    section("population.exc", size=66000, I_e="700 pA", V_m="uniform(-70 mV, -56 mV)")
    + section("population.inh", size=3000, I_e="normal(600 pA, 10 pA)", t_ref="uniform(1 ms, 3 ms)")
    + section("input.ou", target="all", type="ou_noise", mean="0 pA", std="10 pA", tau="5 ms")
    + section("input.p", target="inh", type="poisson", rate="1 kHz", weight="0.1 mV")
    + section("input.w", target="exc[10:9000]", type="white_noise", std="20 pA", hold="1 ms")
    + section("input.f", target="inh", type="file", file="currents.csv")
    + section("record.c", population="inh", what="counts")
    + section("projection.ee", source="exc", target="exc", rule="fixed_indegree", indegree=5,
              weight="normal(0.05 mV, 0.2 mV)", delay="uniform(1 ms, 9 ms)",
              allow_both_signs="yes")
    + section("projection.ei", source="exc", target="inh", rule="fixed_outdegree", outdegree=1,
              weight="0.1 mV", delay="1 ms"))
TRACE = section("record.v", population="all", what="V_m", neurons="0:500")

RACE = """
#include <stdio.h>
int main(void)
{
    int sum = 0;
#pragma omp parallel for num_threads(3)
    for (int i = 0; i < 1000; i++)
        sum += i;
    printf("%d\\n", sum);
    return 0;
}
"""


@pytest.fixture(scope="module")
def environment():
    """What makes the sanitizer understand OpenMP."""
    if not shutil.which("clang"):
        pytest.skip("clang is not installed")
    version = subprocess.run(["clang", "--version"], capture_output=True, text=True).stdout
    major = re.search(r"version (\d+)", version)
    archer = glob.glob(f"/usr/lib/llvm-{major.group(1)}/lib/libarcher.so")
    if not archer:
        pytest.skip(f"Archer is not installed (package libomp-{major.group(1)}-dev)")
    return {**os.environ, "OMP_TOOL_LIBRARIES": archer[0],
            "TSAN_OPTIONS": "ignore_noninstrumented_modules=1 exitcode=66"}


@pytest.fixture(scope="module")
def program(environment):
    plain = {key: value for key, value in os.environ.items()
             if key not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "CC", "CXX", "CONFIG", "BUILD")}
    done = subprocess.run(["make", "-j2", "CONFIG=tsan", "all"], cwd=ROOT, env=plain,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return ROOT / "build/tsan/megalif"


def test_a_race_is_found(environment, tmp_path):
    """The sanitizer at work: a sum without a reduction."""
    (tmp_path / "race.c").write_text(RACE)
    subprocess.run(["clang", "-g", "-fopenmp", "-fsanitize=thread", "race.c", "-o", "race"],
                   cwd=tmp_path, check=True)
    done = subprocess.run([tmp_path / "race"], env=environment, capture_output=True, text=True)
    assert done.returncode == 66 and "data race" in done.stderr
    (tmp_path / "race.c").write_text(RACE.replace("num_threads(3)",
                                                  "num_threads(3) reduction(+:sum)"))
    subprocess.run(["clang", "-g", "-fopenmp", "-fsanitize=thread", "race.c", "-o", "race"],
                   cwd=tmp_path, check=True)
    done = subprocess.run([tmp_path / "race"], env=environment, capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == ""


def run(program, environment, folder, *arguments, more=TRACE, **simulation_keys):
    (folder / "currents.csv").write_text("pA\n" + "\n".join(str(k % 7) for k in range(600)) + "\n")
    done = subprocess.run([program, "run", "-", "-o", "x.h5", "-q", "-t", "3", *arguments],
                          cwd=folder, env=environment, capture_output=True, text=True, timeout=600,
                          input=simulation(duration="60 ms", **simulation_keys) + EVERYTHING + more)
    assert "ThreadSanitizer" not in done.stderr, done.stderr[:4000]
    return done.returncode


@pytest.mark.parametrize("compression", ["deflate", "none"])
@pytest.mark.parametrize("precision", ["single", "double"])
def test_a_run_has_none(program, environment, tmp_path, compression, precision):
    assert run(program, environment, tmp_path, "--set", f"output.compression={compression}",
               precision=precision) == 0


def test_checkpoints_have_none(program, environment, tmp_path):
    """Stopped half-way, then resumed to the end."""
    saved = section("checkpoint", every_wall="inf", every_model="5 ms")
    half = ["--set", "simulation.duration=30 ms"]
    arguments = [program, environment, tmp_path]
    assert run(*arguments, *half, more=saved) == 0
    assert run(*arguments, "--resume", more=saved) == 0


def test_a_run_that_a_limit_ends_has_none(program, environment, tmp_path):
    assert run(program, environment, tmp_path, max_rate="120 Hz") == 7
