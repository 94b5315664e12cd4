"""`megalif run A B C`: several configs in a row, what is done already, what fails, what stops
them."""
import os
import re
import shlex
import signal
import subprocess

import h5py
import pytest

from megalif import PROGRAM, section, simulation
from test_sweep import wait_for, work  # noqa: F401


def three_configs(work, **keys):  # noqa: F811
    for name, I_e in (("a", "600 pA"), ("b", "normal(600 pA, 5 pA)"), ("c", "700 pA")):
        work.write(simulation(duration="20 ms") + section("population.p", size=10, I_e=I_e, **keys),
                   f"{name}.ini")
    return ["a.ini", "b.ini", "c.ini"]


def test_several_configs_in_a_row(work):  # noqa: F811
    configs = three_configs(work)
    first = work("run", *configs[:2], "-q", "--set", "simulation.seed=4")
    assert "2 configs: 2 done" in first.stderr
    before = os.stat(work.folder / "a.h5").st_mtime_ns
    second = work("run", *configs, "--set", "simulation.seed=4", "-t", "1")
    assert "3 configs: 3 done (2 had been before)" in second.stderr
    assert os.stat(work.folder / "a.h5").st_mtime_ns == before
    for config in configs:
        alone = work("run", config, "--set", "simulation.seed=4", "-o", "x.h5", "-f", "-q",
                     "--json")
        with h5py.File(work.folder / config.replace(".ini", ".h5")) as file:
            assert file["megalif"].attrs["digest"].decode() in alone.stdout
    other = work("run", *configs, "--set", "simulation.seed=5", "-q", code=1)
    assert "a.h5 exists" in other.stderr and "3 configs: 0 done, 3 failed" in other.stderr
    assert "3 done" in work("run", *configs, "--set", "simulation.seed=5", "-q", "-f").stderr


def test_what_was_done_with_other_files_is_not_done(work):  # noqa: F811
    """Nor where the spikes that are wanted now were left out."""
    configs = three_configs(work, V_m="file(values.csv, v)")
    before = {False: "3 configs: 0 done, 3 failed", True: "3 configs: 3 done (3 had been before)"}
    work.write("v\n" + 10 * "-60\n", "values.csv")
    work("run", *configs, "-q", "--no-raster")
    for same, value, *more in ((True, -60, "--no-raster"), (False, -60),
                               (False, -61, "--no-raster")):
        work.write("v\n" + 10 * f"{value}\n", "values.csv")
        done = work("run", *configs, "-q", *more, code=0 if same else 1)
        assert before[same] in done.stderr


def test_a_config_above_max_rate_is_remembered(work):  # noqa: F811
    """Its file is there, so that it is not run again; the exit code still tells."""
    configs = three_configs(work)
    options = ["-q", "--set", "simulation.max_rate=10 Hz"]
    for _ in range(2):
        done = work("run", *configs[:2], *options, code=1)
        assert "2 configs: 0 done" in done.stderr and "2 failed" in done.stderr
        assert done.stderr.count("spikes in the rate bin") == 2
    assert "(2 had been before)" in done.stderr


def test_one_of_several_configs_fails(work):  # noqa: F811
    configs = three_configs(work)
    done = work("run", *configs, "-q", "--set", "population.p.tau_m=normal(5 ms, 3 ms)", code=1)
    assert "a.ini ended with exit code 2" in done.stderr and "0 done, 3 failed" in done.stderr
    work.write((work.folder / "b.ini").read_text() + "tau_m = normal(5 ms, 3 ms)\n", "b.ini")
    done = work("run", *configs, "-q", code=1)
    assert "b.ini ended with exit code 2" in done.stderr and "2 done, 1 failed" in done.stderr


def test_several_configs_are_checked_first(work):  # noqa: F811
    configs = three_configs(work)
    work.write("nonsense\n", "b.ini")
    assert "b.ini:1: neither a [section]" in work("run", *configs, "-q", code=2).stderr
    work.write(section("output", file="a.h5") + (work.folder / "c.ini").read_text(), "b.ini")
    assert "a.ini and b.ini would both write a.h5" in work("run", *configs, "-q", code=2).stderr
    assert not list(work.folder.glob("*.h5"))


def test_several_configs_stop_at_a_signal(work):  # noqa: F811
    configs = three_configs(work, tau_m="20 ms")
    process = subprocess.Popen([PROGRAM, "run", *configs, "-q",
                                "--set", "simulation.duration=1e4 s",
                                "--set", "population.p.size=1e5"], cwd=work.folder,
                               stderr=subprocess.PIPE, text=True)
    wait_for(lambda: (work.folder / "a.h5.part").exists())
    process.send_signal(signal.SIGTERM)
    _, stderr = process.communicate(timeout=30)
    assert process.returncode == 75 and "3 configs: 0 done, 3 still to do" in stderr
    assert not list(work.folder.glob("*.h5*"))


# More than can be done in the time that is given.
SLOW = ["-q", "--set", "simulation.duration=1e4 s", "--set", "population.p.size=2e4"]


def resume_line(stderr):
    """The options of the command that goes on with all."""
    line = next(line for line in stderr.splitlines()
                if "still to do; go on with: megalif run " in line)
    return shlex.split(line.split("megalif run ")[-1])


def reached(stderr):
    return float(re.search(r"stopped: at ([0-9.e+]+) ms", stderr)[1])


@pytest.mark.parametrize("option",
                         [["--max-wall", "0.5 s"], ["--max-wall=500ms"], ["--max", "0.5s", "--"]])
def test_the_time_of_several_configs_is_that_of_all_together(work, option):  # noqa: F811
    configs = three_configs(work)
    done = work("run", *SLOW, "--checkpoint", *option, *configs, code=75)
    assert "3 configs: 0 done, 3 still to do; go on with" in done.stderr
    assert [path.name for path in work.folder.glob("*.checkpoint")] == ["a.h5.checkpoint"]


def test_several_configs_that_were_stopped_go_on_by_the_command_that_is_told(work):  # noqa: F811
    """Begun with --force, or by [checkpoint]: the same line again would begin anew, or be
    refused."""
    configs = three_configs(work)
    for begin in (["-cf"], ["-f", "--set", "checkpoint.keep=yes"]):
        done = work("run", *configs, *SLOW, *begin, "--max-wall", "0.2 s", code=75)
        options = resume_line(done.stderr)
        assert ("--resume" in options and "--force" not in options
                and options.count("--max-wall") == 1)
        before = reached(done.stderr)
        again = work("run", *options, code=75)
        assert reached(again.stderr) > before
        work("run", *configs, "-q", "--force")  # without checkpoints, for the next turn
