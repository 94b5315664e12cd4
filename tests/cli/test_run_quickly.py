"""What saves a first hour: recorders and inputs from the command line, and runs that were done
before."""
import json
import subprocess

import h5py
import numpy as np
import pytest

from megalif import PROGRAM, population, section, simulation


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "small.ini"
    path.write_text(simulation(duration="20 ms") + population("a", 50, I_e="400 pA"))
    return path


def megalif(*arguments, cwd=None, stdin=None):
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, cwd=cwd,
                          input=stdin, timeout=120)


# ---- a recorder without a section ----------------------------------------------------------------


def test_a_recorder_from_the_command_line(tmp_path):
    text = simulation(duration="20 ms") + population("exc", 7, I_e="300 pA") + population("inh", 3)
    written = text + section("record.V_m_exc", what="V_m", population="exc", neurons="0:5")
    for name, config, more in (("a", text, ["--record", "V_m:exc:0:5", "--record", "counts:inh"]),
                               ("b", written, [])):
        done = megalif("run", "-", "-o", f"{name}.h5", *more, cwd=tmp_path, stdin=config)
        assert done.returncode == 0, done.stderr
    with h5py.File(tmp_path / "a.V_m_exc.h5") as a, h5py.File(tmp_path / "b.V_m_exc.h5") as b:
        assert np.array_equal(a["report/exc/data"][:], b["report/exc/data"][:])
        assert a["report/exc/data"].shape[1] == 5
    assert "[record.counts_inh]\n" in megalif("info", tmp_path / "a.h5", "--config").stdout


@pytest.mark.parametrize("text", ["V_m", "V_m:", ":exc", "V_m:exc:"])
def test_a_recorder_that_is_none_is_refused(config, tmp_path, text):
    done = megalif("run", config, "--record", text, cwd=tmp_path)
    assert done.returncode == 2 and "as in V_m:exc:0:5, not " + text in done.stderr


def test_sections_are_begun_by_what_they_are(tmp_path):
    text = simulation(duration="20 ms") + population("exc", 7)
    def run_with(*sets):
        more = [part for one in sets for part in ("--set", one)]
        return megalif("run", "-", "-f", "-q", "--json", "-o", "x.h5", *more, cwd=tmp_path,
                       stdin=text)
    fired = run_with("input.i.type=dc", "input.i.target=exc", "input.i.amplitude=1 nA")
    assert json.loads(fired.stdout)["spikes"] > 0
    again = run_with("input.i.target=exc", "input.i.amplitude=1 nA", "input.i.type=dc")
    assert json.loads(again.stdout)["digest"] == json.loads(fired.stdout)["digest"]
    for wrong in ("input.i.target=exc", "population.b.size=3", "population.b.what=V_m"):
        done = run_with(wrong)
        assert done.returncode == 2 and "the config has no section" in done.stderr


# ---- a run that was done before ------------------------------------------------------------------


def test_a_finished_run_is_not_run_again(config, tmp_path):
    """The same config and output: nothing to do. Another config, or a raster that is missing: the
    file is kept, and the run refused."""
    def again(*more):
        return megalif("run", config, "-o", "x.h5", *more, cwd=tmp_path)
    assert again("--no-raster", "-q").returncode == 0
    assert "exists; choose another name" in again().stderr
    assert again("-f", "-q").returncode == 0
    before = (tmp_path / "x.h5").stat().st_mtime_ns
    done = again()
    assert done.returncode == 0 and done.stdout == ""
    assert done.stderr == ("x.h5 holds the results of this config already; --force runs it "
                           "again\n")
    assert again("-q").stderr == ""
    assert json.loads(again("--json").stdout) == {"output": "x.h5", "done_before": True}
    assert (tmp_path / "x.h5").stat().st_mtime_ns == before
    other = again("--set", "simulation.seed=77")
    assert other.returncode == 3 and "exists; choose another name" in other.stderr


def test_a_run_whose_files_have_changed_is_not_taken_for_done(tmp_path):
    (tmp_path / "i.csv").write_text("pA\n" + 200 * "1000\n")
    text = (simulation(duration="20 ms") + population("a", 3)
            + section("input.f", target="a", type="file", file="i.csv"))
    (tmp_path / "x.ini").write_text(text)
    for code, value in ((0, 1000), (0, 1000), (3, 1001), (0, 1000)):
        (tmp_path / "i.csv").write_text("pA\n" + 200 * f"{value}\n")
        assert megalif("run", "x.ini", "-q", "-o", "x.h5", cwd=tmp_path).returncode == code


# ---- what populations have in common -------------------------------------------------------------


def test_defaults_hold_for_all_populations(tmp_path):
    """But for what they say themselves; a source, which has no membrane, is left alone."""
    def of(text, *more):
        return megalif("check", "-", *more, cwd=tmp_path, stdin=simulation(duration="5 ms") + text)
    defaults = section("defaults", tau_m="10 ms", t_ref="3 ms", size=4)
    shared = of(defaults + section("population.a", I_e="1 nA")
                + section("population.b", tau_m="5 ms")
                + section("population.p", model="poisson", rate="5 Hz"))
    written = of(section("population.a", size=4, I_e="1 nA", tau_m="10 ms", t_ref="3 ms")
                 + section("population.b", size=4, tau_m="5 ms", t_ref="3 ms")
                 + section("population.p", model="poisson", rate="5 Hz", size=4))
    assert shared.returncode == 0, shared.stderr
    resolved = [done.stdout[:done.stdout.index("# population")] for done in (shared, written)]
    assert resolved[0] == resolved[1]
    changed = of(defaults + section("population.a"), "--set", "defaults.tau_m=7 ms")
    assert "tau_m = 7 ms" in changed.stdout


def test_a_run_without_a_raster_says_nothing_of_writing_one(config):
    for more, told in ((["--no-raster"], False), ([], True)):
        done = megalif("run", config, "-o", "x.h5", "--force", *more, cwd=config.parent)
        assert done.returncode == 0 and ("MB of spikes" in done.stderr) == told
        assert ("stalls" in done.stderr) == told
