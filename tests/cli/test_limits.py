"""max_rate and stop_after_spikes as a user meets them: exit codes, messages, the file that is left.
That the step is the right one is tested in tests/unit/test_limits.c."""
import json
import os
import subprocess

import h5py
import numpy as np
import pytest

import faults
from megalif import PROGRAM, section, simulation

DT, SIZE = 0.1, 1000
BASE = (section("population.p", size=SIZE, V_m="uniform(-70 mV, -56 mV)", t_ref="0.5 ms")
        + section("input.up", target="p", type="step", times="20 ms, 40 ms",
                  amplitudes="1 nA, 20 nA"))


def megalif(folder, *arguments, stdin=None):
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True,
                          cwd=folder, input=stdin, timeout=60)


def run(folder, name, *arguments, **more):
    text = simulation(duration="100 ms", **more) + BASE
    return megalif(folder, "run", "-", "-o", name, "--json", "-q", *arguments, stdin=text)


@pytest.fixture(scope="module")
def unlimited(tmp_path_factory):
    """Steps and ids of all spikes, and their number in each step."""
    folder = tmp_path_factory.mktemp("unlimited")
    assert run(folder, "all.h5").returncode == 0
    with h5py.File(folder / "all.h5") as file:
        steps = np.rint(file["spikes/p/timestamps"][()] / DT).astype(int)
        assert "ended_early" not in file["megalif"].attrs
        return steps, file["spikes/p/node_ids"][()], np.bincount(steps, minlength=1001)[1:]


def first_step_above(per_step, most):
    for k in range(len(per_step)):
        if per_step[k // 10 * 10:k + 1].sum() > most:
            return k + 1
    raise AssertionError("never above")


def assert_is_the_raster_until(path, unlimited, last):
    steps, ids, per_step = unlimited
    with h5py.File(path) as file:
        got = np.rint(file["spikes/p/timestamps"][()] / DT).astype(int)
        np.testing.assert_array_equal(got, steps[steps <= last])
        np.testing.assert_array_equal(file["spikes/p/node_ids"][()], ids[steps <= last])
        bins = file["megalif/rates/p"][()]
        assert len(bins) == -(-last // 10) and bins.sum() == len(got)
        assert file["megalif"].attrs["duration_ms"] == pytest.approx(last * DT, rel=1e-15)
        assert file["megalif"].attrs["spikes"] == len(got)
        assert file["megalif/populations/p"].attrs["mean_rate_Hz"] == pytest.approx(
            len(got) / SIZE / (last * DT * 1e-3))
        return file["megalif"].attrs["ended_early"].decode()


@pytest.mark.parametrize("rate", [60, 100, 400])
def test_above_max_rate(tmp_path, unlimited, rate):
    last = first_step_above(unlimited[2], rate * SIZE // 1000)
    assert 0 < last < 1000
    done = run(tmp_path, "x.h5", max_rate=f"{rate} Hz")
    assert done.returncode == 7
    in_bin = unlimited[2][(last - 1) // 10 * 10:last].sum()
    said = (f"population p has {in_bin} spikes in the rate bin ({(last - 1) // 10} ms, "
            f"{(last - 1) // 10 + 1} ms]; max_rate = {rate} Hz allows {rate}")
    assert done.stderr == f"megalif: error: {said}\n"
    report = json.loads(done.stdout)
    assert report["ended_early"] == said and report["steps"] == last
    assert assert_is_the_raster_until(tmp_path / "x.h5", unlimited, last) == said
    info = megalif(tmp_path, "info", "x.h5")
    assert f"ended early  {said}" in info.stdout and f"{last * DT:.10g} ms in steps" in info.stdout
    assert json.loads(megalif(tmp_path, "info", "x.h5", "--json").stdout)["ended_early"] == said
    assert megalif(tmp_path, "digest", "x.h5").returncode == 0


def test_enough_spikes(tmp_path, unlimited):
    last = 1 + int(np.argmax(np.cumsum(unlimited[2]) >= 5000))
    done = run(tmp_path, "x.h5", stop_after_spikes="5e3")
    assert done.returncode == 0 and done.stderr == ""
    spikes = unlimited[2][:last].sum()
    said = assert_is_the_raster_until(tmp_path / "x.h5", unlimited, last)
    assert said == f"{spikes} spikes; stop_after_spikes = 5000"
    assert json.loads(done.stdout)["ended_early"] == said


def test_the_same_file_however_it_is_computed(tmp_path, unlimited):
    digests = set()
    for threads in ("1", "2", "3"):
        run(tmp_path, f"{threads}.h5", "-t", threads, max_rate="100 Hz")
        digests.add(megalif(tmp_path, "digest", f"{threads}.h5").stdout.split()[0])
    assert len(digests) == 1
    assert megalif(tmp_path, "compare", "1.h5", "3.h5").returncode == 0


def test_warnings_tell_all_bins_above(tmp_path, unlimited):
    bins = unlimited[2].reshape(100, 10).sum(axis=1)
    above = np.flatnonzero(bins > 100)
    highest = int(np.argmax(bins))
    done = run(tmp_path, "x.h5", max_rate="100 Hz", on_max_rate="warn")
    assert done.returncode == 0
    said = (
        f"population p is above max_rate = 100 Hz (100 spikes in a rate bin) in {len(above)} of "
            f"100 bins; the first is ({above[0]} ms, {above[0] + 1} ms] with {bins[above[0]]} "
            f"spikes, the highest ({highest} ms, {highest + 1} ms] with {bins[highest]}")
    assert done.stderr == f"megalif: warning: {said}\n"
    with h5py.File(tmp_path / "x.h5") as file:
        assert file["megalif/run/warnings"][()].decode() == said
        assert "ended_early" not in file["megalif"].attrs
        assert file["spikes/p/node_ids"].shape == unlimited[1].shape


def test_check_shows_the_memory_and_its_pilot_goes_on(tmp_path):
    text = simulation(duration="100 ms", max_rate="1 Hz", stop_after_spikes=1) + BASE
    done = megalif(tmp_path, "check", "-", stdin=text)
    lines = {line[2:34].strip(): float(line[34:].split()[0])
             for line in done.stdout.splitlines() if line.endswith(" MB")}
    assert done.returncode == 0 and "max_rate      = 1 Hz" in done.stdout
    assert lines["copy of the state, for limits"] == pytest.approx(
        lines["membrane potential u"] + lines["queue of refractory neurons"], rel=1e-5)
    rate = next(line for line in done.stdout.splitlines() if line.endswith(" Hz")
                and line.startswith("# p "))
    assert float(rate.split()[2]) > 20  # it has not ended with its first spike


@pytest.mark.parametrize("limit", [{"max_rate": "100 Hz"}, {"stop_after_spikes": "5e3"}])
def test_resumed_runs_end_at_the_same_step(tmp_path, unlimited, limit):
    """Checkpoints stand in the middle of rate bins; the run is killed and goes on."""
    saved = section("checkpoint", every_wall="inf", every_model="0.7 ms")
    text = simulation(duration="100 ms", **limit) + BASE
    (tmp_path / "c.ini").write_text(text + saved)
    folder, arguments = tmp_path / "out", ["run", tmp_path / "c.ini", "-o", "x.h5", "-q"]
    folder.mkdir()
    plain = megalif(tmp_path, "run", "-", "-o", "plain.h5", "-q", stdin=text)
    assert plain.returncode == (7 if "max_rate" in limit else 0)
    for at in (150, 400):
        done = faults.megalif(folder, *arguments, "--resume", call="any", at=at, kind="kill")
        assert done.returncode == -9 and not (folder / "x.h5").exists()
    for _ in range(2):  # the second finds it complete
        done = megalif(folder, *arguments, "--resume")
        assert done.returncode == plain.returncode and done.stderr == plain.stderr
        with h5py.File(tmp_path / "plain.h5") as a, h5py.File(folder / "x.h5") as b:
            for name in ("spikes/p/node_ids", "spikes/p/timestamps", "megalif/rates/p"):
                np.testing.assert_array_equal(a[name][()], b[name][()])
            for name in ("ended_early", "duration_ms", "digest"):
                assert a["megalif"].attrs[name] == b["megalif"].attrs[name]


def test_inputs_from_files(tmp_path):
    """Their rows are there block by block; the last block is stepped again."""
    (tmp_path / "rising.csv").write_text("pA\n" + "\n".join(f"{5 * k}" for k in range(1000)) + "\n")
    text = (section("population.p", size=SIZE, V_m="uniform(-70 mV, -56 mV)")
            + section("input.f", target="p", type="file", file="rising.csv"))
    for block in ("1", "7", "64", "1000"):
        for name, more in (("limited", {"duration": "100 ms", "max_rate": "60 Hz"}),
                           ("shorter", {"duration": "1 ms"})):
            if name == "shorter":
                more["duration"] = f"{last:.10g} ms"
            done = subprocess.run([PROGRAM, "run", "-", "-o", f"{name}.h5", "-q", "-f"], text=True,
                                  cwd=tmp_path, env={**os.environ, "MEGALIF_BLOCK": block},
                                  input=simulation(**more) + text, capture_output=True)
            assert done.returncode == (7 if name == "limited" else 0), done.stderr
            with h5py.File(tmp_path / f"{name}.h5") as file:
                last = file["megalif"].attrs["duration_ms"]
        assert megalif(tmp_path, "compare", "limited.h5", "shorter.h5").returncode == 0


@pytest.mark.parametrize("interval", ["0.1 ms", "0.7 ms"])
@pytest.mark.parametrize("block", ["0", "7", "100"])
def test_traces_end_with_the_run(tmp_path, unlimited, interval, block):
    """A V_m report of a run that a limit ends is that of a run of this duration."""
    last = first_step_above(unlimited[2], 100)
    text = BASE + section("record.v", population="p", what="V_m", neurons="0:1000:100",
                          interval=interval)
    env = {**os.environ, **({"MEGALIF_BLOCK": block} if block != "0" else {})}
    for name, more in (("limited", {"duration": "100 ms", "max_rate": "100 Hz"}),
                       ("shorter", {"duration": f"{last * DT:.1f} ms"})):
        done = subprocess.run([PROGRAM, "run", "-", "-o", f"{name}.h5", "-q"], cwd=tmp_path,
                              env=env,
                              input=simulation(**more) + text, text=True, capture_output=True)
        assert done.returncode == (7 if name == "limited" else 0), done.stderr
    with h5py.File(tmp_path / "limited.v.h5") as a, h5py.File(tmp_path / "shorter.v.h5") as b:
        for name in ("data", "mapping/time", "mapping/node_ids"):
            np.testing.assert_array_equal(a[f"report/p/{name}"][()], b[f"report/p/{name}"][()])
        assert len(a["report/p/data"]) == -(-last // round(float(interval[:-3]) / DT))
