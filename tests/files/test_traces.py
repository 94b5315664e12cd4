"""V_m, I, jumps and rate recorders through the program: what their files hold, against NEST, numpy
and the raster. In double, through the library: unit/test_traces.c; other readers:
test_sonata_readers.py."""
import csv
import json
import signal
import subprocess
import time

import h5py
import numpy as np
import pytest

from megalif import PROGRAM, ROOT, population, run, section, simulation

FLOAT = 4e-6  # mV, below 64 mV: half the distance of two floats
CELLS = population("n", 600, I_e="normal(150, 10)", V_m="uniform(-65, -50)")
DRIVES = (section("input.common", target="n", type="sine", amplitude="40 pA", frequency="20 Hz")
          + section("input.noise", target="n[100:500]", type="white_noise", sigma_V="3 mV")
          + section("input.events", target="n", type="poisson", rate="3 kHz", weight="0.2 mV"))


def trace(result, recorder, name="n"):
    """(ids, rows, time) of a recorder's file."""
    path = result.path.with_name(f"{result.path.stem}.{recorder}.h5")
    with h5py.File(path) as file:
        group = file[f"report/{name}"]
        return group["mapping/node_ids"][:], group["data"][:], group["mapping/time"][:]


def recorder(name, what, **keys):
    return section(f"record.{name}", **{"population": "n", "what": what, **keys})


def test_a_trace_equals_nests(tmp_path):
    with open(ROOT / "tests/data/nest/nest_trace.csv") as file:
        expected = [float(row["V_m_mV"]) for row in csv.DictReader(file)]
    result = run(tmp_path, simulation(duration="400 ms", precision="double") + population("n", 1)
                 + section("input.generator", target="n", type="step",
                           times="50.1, 150.1, 250.1, 300.1 ms", amplitudes="150, 300, 0, -100 pA")
                 + recorder("v", "V_m", interval="0.1 ms"))
    ids, V, (start, stop, interval) = trace(result, "v")
    assert list(ids) == [0] and V.shape == (4000, 1) and V.dtype == "f4"
    assert (start, interval) == (0, 0.1) and abs(stop - 400) < 1e-9
    assert V[0, 0] == -65
    assert np.abs(V[1:, 0].astype(float) - expected).max() < FLOAT


def test_numpy_makes_V_and_the_spikes_from_I_and_jumps(tmp_path):
    """I and jumps come as floats here: I to 1e-5 pA, so V to a few 1e-6 mV."""
    chosen = {"neurons": "0:600:7", "interval": "0.1 ms"}
    result = run(tmp_path, simulation(duration="200 ms", precision="double") + CELLS + DRIVES
                 + recorder("v", "V_m", **chosen) + recorder("i", "I", **chosen)
                 + recorder("j", "jumps", **chosen))
    ids, V, _ = trace(result, "v")
    I, jumps = trace(result, "i")[1].astype(float), trace(result, "j")[1].astype(float)
    assert np.array_equal(ids, np.arange(0, 600, 7)) and len(V) == len(I) == len(jumps) == 2000
    P, R = np.exp(-0.1 / 20), 20 / 250
    own, rest, trains = V[0].astype(float), np.zeros(len(ids), int), [[] for _ in ids]
    for k in range(2000):
        assert np.abs(own - V[k]).max() < 2 * FLOAT
        free = -65 + (own + 65) * P + R * I[k] * (1 - P) + jumps[k]
        own = np.where(rest > 0, own, free)
        rest = np.maximum(rest - 1, 0)
        for n in np.flatnonzero(own >= -50):
            trains[n].append(k + 1)
            own[n], rest[n] = -65, 20
    ours = result.trains("n", 600)
    assert sum(map(len, trains)) > 500
    for n, train in zip(ids, trains):
        assert np.array_equal(train, ours[n])


def test_I_is_the_sum_of_the_currents_there_are(tmp_path):
    """Without noise: I_e, the sine, and a step on a slice, in both precisions; jumps come in
    weights."""
    for precision, error in (("single", 1e-4), ("double", 2e-5)):
        result = run(tmp_path, simulation(duration="50 ms", precision=precision)
                     + population("n", 300, I_e="linspace(100, 200)")
                     + section("input.s", target="n", type="sine", amplitude="40 pA",
                               frequency="50 Hz", start="10 ms")
                     + section("input.t", target="n[100:200]", type="step", times="0, 20 ms",
                               amplitudes="7, -30 pA")
                     + section("input.u", target="n[:150]", type="poisson", rate="2 kHz",
                               weight="0.25 mV")
                     + recorder("i", "I", interval="0.1 ms")
                     + recorder("j", "jumps", interval="0.1 ms"))
        t = np.arange(500) * 0.1
        expected = (np.linspace(100, 200, 300)
                    + (40 * np.sin(2 * np.pi * 0.05 * t) * (t > 9.95))[:, None])
        expected[:, 100:200] += np.where(t < 19.95, 7, -30)[:, None]
        assert np.abs(trace(result, "i")[1] - expected).max() < error
        counts = trace(result, "j")[1] / 0.25
        assert np.array_equal(counts, np.rint(counts)) and not counts[:, 150:].any()
        assert abs(counts[:, :150].mean() - 0.2) < 5 * np.sqrt(0.2 / (500 * 150))


def test_rows_of_windows_are_rows_of_all(tmp_path):
    windows = {"a": ("0.3 ms", "10.1 ms", "50.1 ms", 101, 3, 134),
               "b": ("7 ms", "0 ms", "inf", 0, 70, 15),
               "c": ("0.1 ms", "99.9 ms", "1 s", 999, 1, 1),
               "d": ("1 s", "5 ms", "inf", 50, 10000, 1)}
    config = simulation(duration="100 ms") + CELLS + DRIVES
    config += recorder("all", "V_m", neurons="sample(30)", interval="0.1 ms", seed=9)
    for name, (interval, start, stop, *_) in windows.items():
        config += recorder(name, "V_m", interval=interval, start=start, stop=stop)
    result = run(tmp_path, config, threads=2)
    ids, V, _ = trace(result, "all")
    assert len(ids) == 30 and np.all(np.diff(ids.astype(int)) > 0)
    for name, (*_, first, every, rows) in windows.items():
        own_ids, own, time = trace(result, name)
        assert len(own_ids) == 600 and own.shape == (rows, 600)
        assert np.array_equal(own[:, ids], V[first::every][:rows])
        assert np.allclose(time, [first / 10, (first + rows * every) / 10, every / 10], rtol=1e-12)


def test_wide_rows_of_several_populations(tmp_path):
    """A row of 300,000 values is more than a chunk. Row 0 holds the initial potentials."""
    result = run(tmp_path,
                 simulation(duration="3 ms") + population("n", 300_000, V_m="uniform(-70, -51)")
                 + population("m", 10, V_m="linspace(-60, -51)")
                 + section("record.v", population="all", what="V_m"), threads=2)
    for name, size in (("n", 300_000), ("m", 10)):
        ids, V, _ = trace(result, "v", name)
        assert np.array_equal(ids, np.arange(size)) and V.shape == (3, size)
        assert np.abs(V[0] - result.parameter(name, "V_m")).max() < 2 * FLOAT
        decay = np.exp(-1 / 20)
        assert np.abs(V[1] - (-65 + (V[0] + 65) * decay)).max() < 1e-4
    path = tmp_path / "run.v.h5"
    assert path.stat().st_size < 3 * 4 * 300_010 + 5 * 8 * 300_010  # rows, ids and elements


def test_rates_and_windows_are_of_the_raster(tmp_path):
    config = simulation(duration="99.7 ms", warmup="20 ms") + CELLS + DRIVES
    whole = run(tmp_path, config, name="whole")
    steps, ids = whole.spikes("n")
    part = run(tmp_path,
               config + recorder("s", "spikes", start="10 ms", stop="60 ms", neurons="50:90")
               + recorder("c", "counts", start="10 ms", stop="60 ms")
               + recorder("r", "rate", bin_width="15 ms", start="20 ms")
               + recorder("q", "rate", bin_width="0.3 ms", stop="60.1 ms"))
    assert part.digest == whole.digest
    inside = (steps > 100) & (steps <= 600) & (ids >= 50) & (ids < 90)
    assert np.array_equal(part.spikes("n"), [steps[inside], ids[inside]])
    assert part.attribute("megalif", "complete_raster") == 0
    counted = (steps > 200) & (steps <= 600)  # warmup goes until 20 ms
    assert np.array_equal(part.counts("n")["spikes"], np.bincount(ids[counted], minlength=600))
    for name, start, width, end in (("r", 200, 150, 997), ("q", 0, 3, 601)):
        path = f"megalif/recorders/{name}/n"
        seen = steps[(steps > start) & (steps <= end)] - 1
        bins = -(-(end - start) // width)
        assert np.array_equal(part.read(path), np.bincount((seen - start) // width, minlength=bins))
        assert part.attribute(path, "bin_width_ms") == pytest.approx(width / 10)
        assert part.attribute(path, "start_ms") == start / 10
    half = run(tmp_path, config + recorder("s", "spikes", start="10 ms"))
    assert np.array_equal(half.spikes("n")[0], steps[steps > 100])
    assert half.attribute("megalif/populations/n", "recorded") == 0


def test_a_run_that_ends_early_has_the_rows_it_had(tmp_path):
    config = CELLS + DRIVES + recorder("v", "V_m", interval="0.3 ms", neurons="0:50", start="1 ms")
    late = recorder("late", "V_m", start="90 ms")
    early = run(tmp_path, simulation(duration="100 ms", stop_after_spikes=500) + config + late)
    steps = round(early.attribute("megalif", "duration_ms") / 0.1)
    whole = run(tmp_path, simulation(duration="100 ms") + config, name="whole")
    assert 100 < steps < 900
    rows = -(-(steps - 10) // 3)
    _, V, time = trace(early, "v")
    assert np.array_equal(V, trace(whole, "v")[1][:rows]) and len(V) == rows
    assert np.allclose(time, [1, 1 + 0.3 * rows, 0.3], rtol=1e-12)
    assert trace(early, "late")[1].shape == (0, 600)
    assert np.array_equal(trace(early, "late")[2], [90, 90, 1])


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "small.ini"
    path.write_text(simulation(duration="20 ms") + CELLS + recorder("v", "V_m", neurons="0:5"))
    return path


def left_over(folder):
    return sorted(p.name for p in folder.iterdir() if p.suffix != ".ini")


def megalif(*arguments, cwd):
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, cwd=cwd)


def test_an_existing_trace_is_kept_without_force(config, tmp_path):
    (tmp_path / "small.v.h5").write_text("mine")
    # Before all else.
    done = megalif("run", config, "--set", "simulation.duration=1e6 s", cwd=tmp_path)
    assert done.returncode == 3 and "small.v.h5 exists" in done.stderr
    assert left_over(tmp_path) == ["small.v.h5"]
    assert megalif("run", config, "--force", cwd=tmp_path).returncode == 0
    assert (left_over(tmp_path) == ["small.h5", "small.v.h5"]
            and h5py.is_hdf5(tmp_path / "small.v.h5"))


def test_the_report_names_the_traces(config, tmp_path):
    done = megalif("run", config, "--json", cwd=tmp_path)
    assert json.loads(done.stdout)["traces"] == [{"file": "small.v.h5", "rows": 20}]
    done = megalif("run", config, "--force", "--set", "simulation.duration=3 s", cwd=tmp_path)
    assert "small.v.h5: 3,000 rows" in done.stderr
    done = megalif("digest", "small.v.h5", cwd=tmp_path)
    assert done.returncode == 3 and "the traces of a run, whose spikes lie beside it" in done.stderr
    assert "megalif plot shows them" in done.stderr


def test_info_of_a_report_shows_what_was_recorded(config, tmp_path):
    assert megalif("run", config, "-q", cwd=tmp_path).returncode == 0
    done = megalif("info", "small.v.h5", cwd=tmp_path)
    assert done.returncode == 0 and done.stderr == ""
    assert done.stdout.startswith(
        "small.v.h5: SONATA report of V_m (megalif plot shows its traces)\n")
    told = json.loads(megalif("info", "small.v.h5", "--json", cwd=tmp_path).stdout)
    assert (told["file"], told["variable"]) == ("small.v.h5", "V_m")
    with h5py.File(tmp_path / "small.v.h5") as file:
        assert (megalif("info", "small.v.h5", "--config", cwd=tmp_path).stdout
                == file["megalif/config"].asstr()[()])
        assert [p["name"] for p in told["populations"]] == list(file["report"])
        for name, group in file["report"].items():
            ids, (rows, neurons) = group["mapping/node_ids"][()], group["data"].shape
            start, _, interval = group["mapping/time"][()]
            line, = [line.split() for line in done.stdout.splitlines()
                     if line.startswith(name + " ")]
            assert line == [name, str(neurons), str(ids[0]), "..", str(ids[-1]), str(rows),
                            f"{start:g}", f"{interval:g}", "mV"]
            in_json, = [p for p in told["populations"] if p["name"] == name]
            assert in_json == {"name": name, "neurons": neurons, "first_id": ids[0],
                               "last_id": ids[-1], "rows": rows, "start_ms": start,
                               "interval_ms": interval, "units": "mV"}


def test_names_follow_the_output(config, tmp_path):
    assert megalif("run", config, "-o", "x.dat", cwd=tmp_path).returncode == 0
    assert left_over(tmp_path) == ["x.dat", "x.dat.v.h5"]


def test_an_interrupted_run_leaves_no_trace(config, tmp_path):
    process = subprocess.Popen([PROGRAM, "run", str(config), "--set", "simulation.duration=1e4 s",
                                "-t", "1"], cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    for _ in range(500):
        if "small.v.h5.part" in left_over(tmp_path):
            break
        time.sleep(0.02)
    assert left_over(tmp_path) == ["small.h5.part", "small.v.h5.part"]
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130 and "interrupted" in stderr
    assert left_over(tmp_path) == []


def test_a_full_disk_leaves_nothing(config, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "none", str(disk)],
                      capture_output=True).returncode:
        pytest.skip("a small file system can only be mounted as root")
    try:
        done = megalif("run", config, "--set", "simulation.duration=10 s", "--set",
                       "record.v.interval=0.1 ms", "--set", "record.v.neurons=0:50",
                       "-o", disk / "x.h5",
                       cwd=tmp_path)
        assert done.returncode == 3 and "No space left on device" in done.stderr
        # Warned of before, too.
        assert "x.v.h5.part" in done.stderr and "GB are free there" in done.stderr
        assert left_over(disk) == []
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_check_tells_the_memory_of_traces(config, tmp_path):
    """A block of 1e6 neurons' values at every step would take 1 GB; blocks shrink to 256 MiB."""
    done = megalif("check", config, "--set", "population.n.size=1e6",
                   "--set", "record.v.neurons=all",
                   "--set", "record.v.interval=0.1 ms", cwd=tmp_path)
    line, = [line for line in done.stdout.splitlines() if "traces of a block" in line]
    assert 50 < float(line.split()[-2]) < 400
    assert done.returncode == 0 and "traces on their way to files" in done.stdout
