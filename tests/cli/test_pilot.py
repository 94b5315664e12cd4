"""`check` tells what a run will bring from a sample of its neurons: the sample stands for all of
them, however they differ."""
import json
import re
import subprocess

import h5py
import numpy as np
import pytest

from megalif import PROGRAM, section, simulation

POISSON = {"type": "poisson", "weight": "uniform(0 mV, 1 mV)"}
START = "uniform(-70 mV, -55 mV)"
WIDE = 20000  # neurons: the pilot has 2,048
# Sections beside [simulation], by what makes the neurons differ. A pilot that took each 10th neuron
# of 100 cells would meet 10 of them; one of 100 copies would meet the ends of `levels` alone, or
# neither.
MODELS = {
    "law": section("population.a", size=WIDE, I_e="normal(450 pA, 50 pA)", V_m=START),
    "line": section("population.a", size=WIDE, I_e="linspace(300 pA, 900 pA)", V_m=START),
    "list": section("population.a", size=WIDE, I_e="file(rows.h5, currents)", V_m=START),
    "levels": section("population.a", size=WIDE, copies=20, I_e="levels(300 pA, 900 pA)",
                      V_m=START),
    "cells": section("population.a", size=204800, copies=2048, I_e="linspace(300 pA, 900 pA)",
                     V_m=START),
    "few cells": section("population.a", size=WIDE, copies=5000, I_e="linspace(300 pA, 900 pA)")
    + section("input.p", target="a", rate="2000 Hz", common="copies", **POISSON),
    "slices": section("population.a", size=WIDE, I_e="300 pA", V_m=START)
    + section("input.x", target="a[0:3000], a[9000:9300]", type="dc",
              amplitude="linspace(0 pA, 500 pA)"),
    "rates": section("population.a", size=WIDE, I_e="200 pA", V_m=START)
    + section("input.p", target="a[10000:20000]", rate="linspace(0 Hz, 8000 Hz)", **POISSON),
    "columns": section("population.a", size=3000, V_m=START)
    + section("population.b", size=2000, V_m=START)
    + section("input.x", target="a, b[500:1500]", type="file", file="rows.h5", dataset="columns"),
}


def check_and_run(folder, model, **settings):
    """The spikes that check expects, the milliseconds of its pilot, and the spikes that come."""
    text = simulation(duration="200 ms", **settings) + model
    checked, ran = (subprocess.run([PROGRAM, command, "-", *options], input=text, cwd=folder,
                                   timeout=120, capture_output=True, text=True)
                    for command, options in (("check", []),
                                             ("run", ["-o", "x.h5", "-f", "-q", "--json"])))
    assert checked.returncode == 0 and ran.returncode == 0, checked.stderr + ran.stderr
    expected = re.search(r"^# spikes +(\S+) +.*recorded", checked.stdout, re.MULTILINE).group(1)
    pilot = re.search(r"pilot of (\S+) ms", checked.stdout).group(1)
    return float(expected), float(pilot), json.loads(ran.stdout)["spikes"]


@pytest.fixture
def files(tmp_path):
    currents = np.linspace(300, 900, WIDE)
    with h5py.File(tmp_path / "rows.h5", "w") as file:
        file["currents"] = currents
        file["columns"] = np.tile(np.linspace(300, 900, 4000, dtype="f4"), (2000, 1))
    return tmp_path


@pytest.mark.parametrize("name,precision",
                         [(name, "single") for name in MODELS] + [("columns", "double")])
def test_the_sample_stands_for_all_neurons(name, precision, files):
    expected, pilot, spikes = check_and_run(files, MODELS[name], precision=precision)
    if pilot < 100:
        pytest.skip("the machine was too busy for most of the pilot")
    assert expected == pytest.approx(spikes, rel=0.08) and spikes > 1000


def test_populations_that_fit_are_run_as_they_are(tmp_path):
    """Copies that share their input, drawn numbers and slices included: then each spike is the
    run's."""
    model = (section("population.a", size=2000, copies=50, I_e="linspace(300 pA, 900 pA)",
                     V_m=START)
             + section("input.p", target="a[100:1500]", rate="2000 Hz", common="copies", **POISSON))
    expected, pilot, spikes = check_and_run(tmp_path, model)
    if pilot < 200:
        pytest.skip("the machine was too busy for all of the pilot")
    assert expected == float(f"{spikes:.4g}")


# ---- how long it takes ---------------------------------------------------------------------------


def foreseen(folder, text, *more):
    done = subprocess.run([PROGRAM, "check", "-", *more], input=text, cwd=folder, timeout=120,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    seconds = re.search(r"^# about +(\S+) s$", done.stdout, re.MULTILINE)
    return float(seconds.group(1)) if seconds else None, done.stdout


TIMED = {
    "constant": section("population.a", size=400000, I_e="normal(380 pA, 20 pA)"),
    "noise": section("population.a", size=40000, I_e="300 pA")
    + section("input.w", target="a", type="white_noise", std="50 pA"),
    "many spikes": section("population.a", size=100000, I_e="900 pA", V_m=START),
}


@pytest.mark.parametrize("model", TIMED)
def test_the_time_of_a_run_is_foreseen(tmp_path, model):
    """Within a factor of 1.5 where cores are one's own; here other jobs may come and go."""
    text = simulation(duration="500 ms") + TIMED[model]
    ratios = []
    while len(ratios) < 8 and not any(1 / 2 < r < 2 for r in ratios):
        ran = subprocess.run([PROGRAM, "run", "-", "-o", "x.h5", "-f", "-q", "--json", "-t", "2"],
                             input=text, cwd=tmp_path, capture_output=True, text=True)
        ratios.append(foreseen(tmp_path, text, "-t", "2")[0] / json.loads(ran.stdout)["wall_s"])
    assert any(1 / 2 < r < 2 for r in ratios), ratios


def test_a_line_for_slurm(tmp_path):
    """Twice the time and a minute, rounded up; a fifth more memory, and 100 MB."""
    text = simulation(duration="30000 s") + section("population.a", size=100000, I_e="380 pA")
    seconds, said = foreseen(tmp_path, text, "-t", "3")
    cpus, memory, hours, minutes = map(int, re.search(
        r"^#SBATCH --cpus-per-task=(\d+) --mem=(\d+)M --time=(\d+):(\d\d):00$", said,
        re.MULTILINE).groups())
    assert cpus == 3 and minutes < 60
    exact = seconds / 30 + 1  # of seconds that are told with three digits
    assert 0.99 * exact <= 60 * hours + minutes <= 1.01 * exact + 1
    total = float(re.search(r"^# total +(\S+) MB$", said, re.MULTILINE).group(1))
    assert memory == pytest.approx(1.2 * total + 100, abs=1)


def points(text):
    """Of all, how many were looked at, and of the longest with its name."""
    all_s, some = re.search(r"^# all points +(\S+) s, one after the other(?:, by (\d+) of them)?$",
                            text, re.MULTILINE).groups()
    longest = re.search(r"^# the longest(?: of these)? +(\S+) s, (\S+)$", text, re.MULTILINE)
    return float(all_s), some and int(some), float(longest[1]), longest[2]


def test_a_sweep_takes_as_long_as_all_its_points(tmp_path):
    """From one of 10 ms to one of 1000 s, in no order; the line for Slurm is for that one."""
    text = simulation() + section("population.a", size=100000, I_e="380 pA")
    text += section("sweep", **{"simulation.duration": "values(10 ms; 1000 s; 100 ms; 100 s)"})
    first, said = foreseen(tmp_path, text, "-t", "1")
    total, some, longest, name = points(said)
    assert some is None and name == "duration=1000s"
    assert longest > 1000 * first
    assert longest < total < 2 * longest  # exactly 1.1, where the machine is quiet
    hours, minutes = map(int, re.search(r"--time=(\d+):(\d\d):00$", said, re.MULTILINE).groups())
    assert 60 * hours + minutes == pytest.approx(longest / 30 + 1.5, abs=0.51 + 0.01 * longest / 30)


@pytest.mark.parametrize("count, threads, jobs", [(3, 1, 1), (17, 2, 5), (200, 1, 8)])
def test_a_line_for_an_array(tmp_path, count, threads, jobs):
    """A core and the memory for each point; a job has the time of its share, and of the longest."""
    text = simulation() + section("population.a", size=100000, I_e="380 pA")
    text += section("sweep", **{"simulation.duration": f"grid(100 s, {count}00 s, {count})"})
    _, said = foreseen(tmp_path, text, "-t", str(threads))
    total, _, longest, _ = points(said)
    last, cores, memory, hours, minutes = map(int, re.search(
        r"^# sbatch --array=0-(\d+) --cpus-per-task=(\d+) --mem-per-cpu=(\d+)M "
        r"--time=(\d+):(\d\d):00 configs/slurm/array.sbatch \.\.\.$", said, re.MULTILINE).groups())
    assert (last + 1, cores) == (jobs, 4)
    alone = int(re.search(r"^#SBATCH .*--mem=(\d+)M", said, re.MULTILINE)[1])
    assert memory == alone
    seconds = threads * (total / (4 * jobs) + longest)
    assert 60 * hours + minutes == pytest.approx(seconds / 30 + 1.5, abs=0.51 + 0.02 * seconds / 30)


def test_a_long_sweep_is_looked_at_here_and_there(tmp_path):
    text = simulation() + section("population.a", size=100000, I_e="normal(380 pA, 20 pA)")
    text += section("sweep", **{"simulation.duration": "grid(0.2 s, 200 s, 1000)"})
    _, said = foreseen(tmp_path, text, "-t", "1")
    total, some, longest, name = points(said)
    assert 2 <= some < 1000 and float(re.fullmatch(r"duration=(\S+)s", name)[1]) > 20
    assert 20 * longest < total < 1001 * longest  # exactly 500, where the machine is quiet


def test_a_point_that_cannot_be_run_is_told(tmp_path):
    text = simulation() + section("population.a", size=10)
    text += section("sweep", **{"population.a.size": "values(10; 20; 1e13)"})
    (tmp_path / "s.ini").write_text(text)
    done = subprocess.run([PROGRAM, "check", "s.ini"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 4 and "not enough memory" in done.stderr
    assert "error: the point size=1e13 cannot be run\n" in done.stderr
