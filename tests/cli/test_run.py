"""`megalif run` and `check` as a user meets them: reports, refusals, interruptions, full disks."""
import json
import os
import re
import signal
import subprocess
import time

import h5py
import numpy as np
import pytest

from megalif import PROGRAM, ROOT, population, section, simulation

SMALL = simulation(duration="50 ms") + section("population.a", size=100, I_e="600 pA")


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "small.ini"
    path.write_text(SMALL)
    return path


def megalif(*arguments, cwd=None, stdin=None, **more):
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, cwd=cwd,
                          input=stdin, timeout=120, **more)


def left_over(folder):
    return sorted(p.name for p in folder.iterdir() if p.suffix != ".ini")


def test_the_json_report_is_documented(config, tmp_path):
    """Each field has its place in the table of docs/format.md, which names no other."""
    more = ("\n[record.v]\npopulation = a\nwhat = V_m\nneurons = 0\n"
            "[projection.p]\nsource = a\ntarget = a\nrule = one_to_one\nweight = 0.1\ndelay = 1\n")
    done = megalif("run", "-", "-o", "x.h5", "--json", "-q", cwd=tmp_path,
                   stdin=config.read_text() + more)
    report = json.loads(done.stdout)
    page = (ROOT / "docs/format.md").read_text()
    text = page.split("## The report of a run")[1].split("\n## ")[0]
    documented = set()
    for line in text.splitlines():
        if line.startswith("| `"):
            field, what = line.strip("| ").split(" | ", 1)
            documented |= set(re.findall(r"`(\w+)`", field))
            if what.startswith("a list: "):
                name, = re.findall(r"`(\w+)`", field)
                assert set(report[name][0]) == set(re.findall(r"`(\w+)`", what))
    assert documented == set(report)


def test_json_report_agrees_with_the_file(config, tmp_path):
    done = megalif("run", config, "-o", "x.h5", "--json", "--quiet", "-t", "1", cwd=tmp_path)
    assert done.returncode == 0 and done.stderr == ""
    report = json.loads(done.stdout)
    with h5py.File(tmp_path / "x.h5") as file:
        rows = file["spikes/a/node_ids"].shape[0]
        assert report["spikes"] == report["recorded"] == rows > 0
        assert report["digest"] == file["megalif"].attrs["digest"].decode()
        assert np.sum(file["megalif/rates/a"][()]) == rows
    assert (report["neurons"], report["steps"], report["threads"]) == (100, 500, 1)
    assert report["precision"] == "single" and report["isa"] in ("scalar", "avx2", "avx512")
    for key in ("build_s", "simulate_s", "wall_s", "neuron_steps_per_s", "realtime_factor",
                "peak_rss_bytes"):
        assert report[key] > 0
    assert report["populations"][0]["mean_rate_Hz"] == pytest.approx(rows / 100 / 0.05)


def test_default_output_stands_in_the_working_folder(config, tmp_path):
    work = tmp_path / "work"
    work.mkdir()
    assert megalif("run", config, cwd=work).returncode == 0
    assert left_over(work) == ["small.h5"]


def test_existing_output_is_refused_before_computing(config, tmp_path):
    out = tmp_path / "x.h5"
    out.write_text("precious")
    done = megalif("run", config, "-o", out)
    assert done.returncode == 3 and "exists" in done.stderr and "--force" in done.stderr
    assert out.read_text() == "precious"
    assert megalif("run", config, "-o", out, "--force").returncode == 0
    assert h5py.is_hdf5(out)


def test_resolved_config_runs_again_to_the_same_digest(tmp_path):
    text = (simulation(duration="100 ms", seed=9)
            + section("population.a", size=300, I_e="normal(600 pA, 50 pA)", tau_m="20 ms",
                      R_m="80 MOhm", t_ref="uniform(1 ms, 3 ms)", V_m="uniform(-70, -55)")
            + section("population.b", size=50, seed=3)
            + section("input.n", target="a[0:100], b", type="white_noise", std="900 pA",
                      mean="300 pA", hold="0.2 ms")
            + section("input.p", target="all", type="poisson", rate="3 kHz", weight="0.5 mV",
                      start="10 ms", stop="90 ms")
            + section("input.s", target="a", type="step", times="20 ms, 40 ms",
                      amplitudes="100 pA, 0 pA"))
    first = megalif("run", "-", "-o", "1.h5", "--json", "-q", cwd=tmp_path, stdin=text)
    with h5py.File(tmp_path / "1.h5") as file:
        resolved = file["megalif/config"][()].decode()
    second = megalif("run", "-", "-o", "2.h5", "--json", "-q", cwd=tmp_path, stdin=resolved)
    checked = megalif("check", "-", cwd=tmp_path, stdin=resolved)
    a, b = json.loads(first.stdout), json.loads(second.stdout)
    assert a["spikes"] > 1000 and (a["digest"], a["spikes"]) == (b["digest"], b["spikes"])
    assert resolved in checked.stdout


def test_broken_config_leaves_nothing(tmp_path):
    (tmp_path / "bad.ini").write_text(SMALL.replace("size", "sise"))
    done = megalif("run", "bad.ini", cwd=tmp_path)
    assert done.returncode == 2
    assert "bad.ini:" in done.stderr and "sise" in done.stderr and "size" in done.stderr
    assert left_over(tmp_path) == []


def test_drawn_values_out_of_range_name_neuron_value_and_mend(config, tmp_path):
    done = megalif("run", config, "--set", "population.a.tau_m=normal(5 ms, 3 ms)", cwd=tmp_path)
    assert done.returncode == 2 and left_over(tmp_path) == []
    assert "drawn values are out of range" in done.stderr
    assert "in neuron" in done.stderr and "normal_clipped(5 ms, 3 ms" in done.stderr


def test_reset_above_threshold_among_drawn_values(config, tmp_path):
    done = megalif("run", config, "--set", "population.a.V_th=uniform(-80, -50)", cwd=tmp_path)
    assert done.returncode == 2 and "V_reset" in done.stderr and "not below V_th" in done.stderr


def test_neurons_that_start_above_threshold_are_warned_of(config, tmp_path):
    done = megalif("check", config, "--set", "population.a.V_m=-50 mV")
    assert done.returncode == 0 and "100 of 100 neurons start at or above V_th" in done.stderr


def test_a_trillion_neurons_are_refused_at_once(config, tmp_path):
    start = time.monotonic()
    done = megalif("run", config, "--set", "population.a.size=1e12", cwd=tmp_path)
    assert time.monotonic() - start < 1.0  # a promise, not a benchmark
    assert done.returncode == 4 and left_over(tmp_path) == []
    needed, available = (int(word) for word in done.stderr.replace(":", " ").split()
                         if word.isdigit() and len(word) > 6)
    assert needed > 4e12 and available < 1e13


def test_an_address_space_limit_counts_as_memory(config, tmp_path):
    import resource
    done = megalif("run", config, "--set", "population.a.size=1e8", cwd=tmp_path,
                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (2**29, 2**29)))
    assert done.returncode == 4 and "RLIMIT_AS" in done.stderr


@pytest.mark.parametrize("command", ["run", "check"])
def test_threads_that_cannot_start_are_an_error(config, tmp_path, command):
    """OpenMP would end the program, with words and an exit code of its own."""
    import resource

    def limits():
        resource.setrlimit(resource.RLIMIT_STACK, (8 << 20, resource.RLIM_INFINITY))
        resource.setrlimit(resource.RLIMIT_AS, (2**29, 2**29))

    env = {name: value for name, value in os.environ.items()
           if not name.startswith(("OMP_", "GOMP_"))}
    done = megalif(command, config, "--set", "population.a.size=40000", "-t", "100", cwd=tmp_path,
                   preexec_fn=limits, env=env)
    assert done.returncode == 4 and left_over(tmp_path) == []
    assert "cannot start 100 threads: Resource temporarily unavailable" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupted_run_leaves_nothing(config, tmp_path, number):
    process = subprocess.Popen([PROGRAM, "run", str(config), "--set", "simulation.duration=1e3 s",
                                "--set", "population.a.size=1e6", "-t", "1"], cwd=tmp_path,
                               stderr=subprocess.PIPE, text=True,
                               preexec_fn=lambda: signal.signal(number, signal.SIG_DFL))
    for _ in range(200):
        if left_over(tmp_path):
            break
        time.sleep(0.02)
    assert left_over(tmp_path) == ["small.h5.part"]  # its name only once it is complete
    process.send_signal(number)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130 and "interrupted" in stderr
    assert left_over(tmp_path) == []


@pytest.mark.parametrize("command, begun", [
    (["run"], "*.part"),
    (["sweep", "--vary", "population.a.I_e=range(600:602)"], "small.sweep/*.part")])
def test_a_signal_that_nohup_ignores_stays_ignored(config, tmp_path, command, begun):
    process = subprocess.Popen([PROGRAM, *command, str(config), "-q",
                                "--set", "population.a.size=1e5", "--set",
                                "simulation.duration=1 s"], cwd=tmp_path, stderr=subprocess.PIPE,
                               text=True, start_new_session=True,
                               preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    while process.poll() is None and not list(tmp_path.glob(begun)):
        time.sleep(0.005)
    if process.returncode is None:
        os.killpg(process.pid, signal.SIGHUP)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 0, stderr


def until_it_writes(process, folder):
    for _ in range(500):
        if left_over(folder) or process.poll() is not None:
            break
        time.sleep(0.02)
    assert left_over(folder) == ["small.h5.part"]


def test_two_signals_of_one_press_are_one(config, tmp_path):
    """As `timeout -s INT` sends them, to its child and to the group."""
    process = subprocess.Popen([PROGRAM, "run", str(config), "--set", "simulation.duration=1e3 s",
                                "--set", "population.a.size=1e6", "-t", "1"], cwd=tmp_path,
                               stderr=subprocess.PIPE, text=True)
    until_it_writes(process, tmp_path)
    for _ in range(3):
        process.send_signal(signal.SIGINT)
        time.sleep(0.002)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130 and "interrupted" in stderr and left_over(tmp_path) == []


def test_a_second_press_ends_a_run_in_the_middle_of_a_block(config, tmp_path):
    process = subprocess.Popen([PROGRAM, "run", str(config), "--set", "simulation.duration=1e3 s",
                                "--set", "population.a.size=1e6", "--set", "population.a.I_e=0 pA",
                                "--set", "simulation.method=euler", "-t", "1"], cwd=tmp_path,
                               stderr=subprocess.PIPE, text=True,
                               env={**os.environ, "MEGALIF_BLOCK": "65536"})
    until_it_writes(process, tmp_path)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    time.sleep(0.8)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGINT and left_over(tmp_path) == []


def test_a_long_run_tells_a_log_how_far_it_is(config, tmp_path):
    long = ["run", config, "--set", "simulation.duration=1e3 s", "--set", "record.n.neurons=none",
            "--set", "population.a.size=1e6"]
    config.write_text(SMALL + section("record.n", population="a", what="spikes", neurons="all"))
    for more, lines in ([], 1), (["-q"], 0):
        done = megalif(*long, *more, "--force", "--max-wall", "6.5 s", cwd=tmp_path)
        assert done.returncode == 75
        told = [line for line in done.stderr.splitlines() if line.startswith("megalif: [")]
        assert len(told) == lines and all(" left" in line for line in told)


def test_full_disk_ends_with_a_clear_message(config, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "none", str(disk)],
                             capture_output=True)
    if mounted.returncode:
        pytest.skip("a small file system can only be mounted as root")
    try:
        done = megalif("run", config, "--set", "simulation.duration=20 s", "--set",
                       "population.a.size=20000", "--set", "output.compression=none", "-o",
                       disk / "x.h5")
        assert done.returncode == 3 and "No space left on device" in done.stderr
        assert "x.h5" in done.stderr and "GB are free there" in done.stderr  # warned of before, too
        assert list(disk.iterdir()) == []
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_file_size_limit_is_an_error_and_not_a_death(config, tmp_path):
    import resource
    done = megalif("run", config, "--set", "simulation.duration=10 s", "--set",
                   "population.a.size=20000", "--set", "output.compression=none", "-o", "x.h5",
                   cwd=tmp_path,
                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20)))
    assert done.returncode == 3 and "File too large" in done.stderr
    assert left_over(tmp_path) == []


def test_more_threads_than_there_are_is_warned_of(config, tmp_path):
    done = megalif("run", config, "-t", "4000", "-q", cwd=tmp_path)
    assert done.returncode == 0 and "4000 threads asked for" in done.stderr


@pytest.mark.parametrize("arguments, part", [
    (["run"], "no file given"),
    (["run", "a.ini", "b.ini"], "b.ini: cannot be read"),
    (["run", "a.ini", "b.ini", "-o", "x.h5"], "-o names one file, but there are several configs"),
    (["run", "a.ini", "--bogus"], "unknown option --bogus"),
    (["run", "a.ini", "-t", "0"], "--threads takes a whole number from 1 to 4096, not 0"),
    (["run", "a.ini", "--isa", "mmx"], "choose scalar, avx2 or avx512"),
    (["run", "nowhere.ini"], "nowhere.ini"),
    (["check", "nowhere.ini"], "nowhere.ini"),
])
def test_usage_errors(tmp_path, arguments, part):
    done = megalif(*arguments, cwd=tmp_path)
    assert done.returncode == 2 and part in done.stderr and left_over(tmp_path) == []


def test_check_estimates_what_run_writes(tmp_path):
    """The pilot's rate against the run's, for a population whose rates do not change in time."""
    text = (simulation(duration="1 s")
            + section("population.a", size=20000, I_e="linspace(300 pA, 900 pA)",
                      V_m="uniform(-70 mV, -55 mV)"))
    checked = megalif("check", "-", cwd=tmp_path, stdin=text)
    ran = megalif("run", "-", "-o", "x.h5", "--json", "-q", cwd=tmp_path, stdin=text)
    expected = float([line for line in checked.stdout.splitlines() if line.startswith("# spikes")
                      and "recorded" in line][0].split()[2])
    assert checked.returncode == 0
    assert expected == pytest.approx(json.loads(ran.stdout)["spikes"], rel=0.1)
    assert os.listdir(tmp_path) == ["x.h5"]  # check writes nothing


def test_check_is_of_the_tile_and_block_that_run_would_take(config, tmp_path):
    """docs/performance.md: check shows what MEGALIF_BLOCK takes. A neuron has 1 + (steps - 1) // 21
    spikes at most with t_ref = 2 ms, of 2 bytes each."""
    for block in (64, 1024):
        done = megalif("check", config, "-t", "1", "--set", "population.a.t_ref=2 ms", cwd=tmp_path,
                       env={**os.environ, "MEGALIF_BLOCK": str(block), "MEGALIF_TILE": "1"})
        lines = dict((line[2:34].strip(), float(line[34:].split()[0]))
                     for line in done.stdout.splitlines() if line.endswith(" MB"))
        most = (100 + 128) * 2 * (1 + (block - 1) // 21)
        assert lines["spikes of a block (at most)"] == pytest.approx(most * 1e-6), block
        assert "memory of a run with 1 thread\n" in done.stdout


def test_the_writer_is_as_fast_as_what_it_stored(tmp_path):
    """A compressed file is written by one thread, and compressed by all: only what is stored is its
    own."""
    text = simulation(duration="200 ms") + section("population.a", size=20000,
                                                   I_e="linspace(300 pA, 900 pA)")
    done = megalif("run", "-", "-o", "x.h5", cwd=tmp_path, stdin=text)
    stored, raw, seconds, speed = map(float, re.search(
        r"(\S+) MB of spikes \((\S+) MB raw\), writer (\S+) s at (\S+) MB/s", done.stderr).groups())
    assert stored < raw / 3 and speed == pytest.approx(stored / seconds, rel=0.01)


def test_who_does_not_fire_is_told_what_it_takes(tmp_path):
    """g_L (V_th - E_L): 12.5 nS times 15 mV, and 12 to 18 mV."""
    text = (simulation(duration="50 ms") + population("a", 5, I_e="187 pA")
            + population("b", 50, I_e="100 pA", V_th="linspace(-53 mV, -47 mV)")
            + population("c", 5, I_e="1 nA"))
    said = megalif("run", "-", "-o", "x.h5", stdin=text, cwd=tmp_path).stderr
    notes = re.findall(r"^  (\w) .* 0 spikes, 0 Hz; none fires: with nothing else it takes (.*) pA "
                       r"\(the rheobase\)$", said, re.MULTILINE)
    assert notes == [("a", "187.5"), ("b", "at least 150")] and said.count("rheobase") == 2
    done = megalif("run", "-", "-f", "-o", "x.h5", "--json", stdin=text, cwd=tmp_path)
    assert [p.get("rheobase_pA") for p in json.loads(done.stdout)["populations"]] \
        == [187.5, 150, None]


def test_how_long_threads_waited_is_told(tmp_path):
    text = simulation(duration="50 ms") + population("a", 40000)
    (tmp_path / "x.ini").write_text(text)

    def said(threads, *more):
        return megalif("run", "x.ini", "-f", "-t", threads, *more, cwd=tmp_path)
    assert json.loads(said("1", "--json").stdout)["wait_s"] == 0
    assert "waited" not in said("1").stderr
    two = json.loads(said("2", "--json").stdout)
    assert 0 < two["wait_s"] < two["simulate_s"]
    waited, = re.findall(r"all steps; threads waited (\S+) s for each other", said("2").stderr)
    assert float(waited) > 0


@pytest.mark.parametrize("command", ["run", "check"])
@pytest.mark.parametrize("name, text, part", [
    ("MEGALIF_TILE", "0", "MEGALIF_TILE takes a whole number from 1 to 32768, not 0"),
    ("MEGALIF_BLOCK", "1e3", "MEGALIF_BLOCK takes a whole number from 1 to 65536, not 1e3"),
    ("MEGALIF_ISA", "mmx", "no instruction set mmx"),
])
def test_what_the_environment_says_is_checked(config, tmp_path, command, name, text, part):
    done = megalif(command, config, cwd=tmp_path, env={**os.environ, name: text})
    assert done.returncode == 2 and part in done.stderr and left_over(tmp_path) == []


def test_constant_populations_take_few_bytes_a_neuron(tmp_path):
    """What README says: 8 bytes of fields (u and the drift of a per-neuron current) and 2.5 at most
    for the queue."""
    text = simulation() + section("population.a", size=1_000_000, I_e="linspace(200 pA, 260 pA)")
    done = megalif("check", "-", cwd=tmp_path, stdin=text)
    lines = dict((line[2:34].strip(), float(line[34:].split()[0]))
                 for line in done.stdout.splitlines() if line.endswith(" MB"))
    fields = [name for name in lines if name.startswith(("membrane", "drift", "decay", "gain",
                                                          "reset", "noise", "refractory"))]
    assert sum(lines[name] for name in fields) <= 8.01
    assert lines["queue of refractory neurons"] <= 2.5


def test_drawn_parameters_stand_in_the_file(tmp_path):
    text = (simulation(duration="1 ms")
            + section("population.a", size=150000, I_e="normal(200 pA, 15 pA)",
                      V_m="uniform(-70 mV, -60 mV)", tau_m="lognormal(20 ms, 0.2)",
                      E_L="linspace(-75 mV, -65 mV)",
                      t_ref="normal_clipped(2 ms, 1 ms, 1 ms, 4 ms)"))
    digests, stored = set(), set()
    for threads in ("1", "2"):
        out = tmp_path / f"{threads}.h5"
        assert megalif("run", "-", "-o", out, "-q", "-t", threads, stdin=text).returncode == 0
        with h5py.File(out) as file:
            drawn = {key: value[()] for key, value in file["megalif/parameters/a"].items()}
            digests.add(
                    file["megalif/populations/a"].attrs["parameters_digest"].decode())
            stored.add(tuple(chunks_of(file["megalif/parameters/a/I_e"])))
    n = 150000
    assert drawn["C_m"] == 250.0 and drawn["V_th"] == -55.0  # one number for all
    assert abs(drawn["I_e"].mean() - 200) < 5 * 15 / n**0.5
    assert abs(drawn["I_e"].std() - 15) < 5 * 15 / (2 * n)**0.5
    assert drawn["V_m"].min() >= -70 and drawn["V_m"].max() < -60
    assert abs(drawn["V_m"].mean() + 65) < 5 * 10 / (12 * n)**0.5
    assert abs(np.log(drawn["tau_m"] / 20).mean()) < 5 * 0.2 / n**0.5
    assert abs(np.log(drawn["tau_m"]).std() - 0.2) < 5 * 0.2 / (2 * n)**0.5
    np.testing.assert_allclose(drawn["E_L"], np.linspace(-75, -65, n), rtol=1e-15, atol=0)
    assert drawn["t_ref"].min() >= 1 and drawn["t_ref"].max() <= 4
    assert digests == {f"{parameters_digest(drawn, n):016x}"}
    assert len(stored) == 1 and len(stored.pop()) == 3


def chunks_of(dataset):
    """Where they stand in the file, and their bytes."""
    for i in range(dataset.id.get_num_chunks()):
        chunk = dataset.id.get_chunk_info(i)
        yield chunk.byte_offset, dataset.id.read_direct_chunk(chunk.chunk_offset)[1]


def parameters_digest(drawn, size):
    """docs/format.md's definition, written anew."""
    mask = np.uint64(2**64 - 1)

    def mix(x):
        x = (x ^ (x >> np.uint64(33))) * np.uint64(0xff51afd7ed558ccd)
        x = (x ^ (x >> np.uint64(33))) * np.uint64(0xc4ceb9fe1a85ec53)
        return x ^ (x >> np.uint64(33))

    total = 0
    for key, values in drawn.items():
        if values.ndim == 0:
            continue
        name = 0xcbf29ce484222325
        for c in key.encode():
            name = (name ^ c) * 0x100000001b3 & int(mask)
        ids = np.arange(size, dtype=np.uint64)
        total = (total
                 + int(np.sum(mix(values.view(np.uint64) ^ mix(ids ^ np.uint64(name)))))) % 2**64
    return total


def test_a_file_put_in_place_of_ours_is_not_published(config, tmp_path):
    """As a second run does it where locks do not work."""
    process = subprocess.Popen([PROGRAM, "run", str(config), "--set", "simulation.duration=3 s",
                                "--set", "population.a.size=1e5", "-t", "1"], cwd=tmp_path,
                               stderr=subprocess.PIPE, text=True)
    part = tmp_path / "small.h5.part"
    while process.poll() is None and not part.exists():
        time.sleep(0.01)
    other = tmp_path / "other"
    other.write_text("another run's")
    other.rename(part)
    _, stderr = process.communicate(timeout=100)
    assert process.returncode == 6 and "taken the place" in stderr
    assert left_over(tmp_path) == ["small.h5.part"] and part.read_text() == "another run's"


def test_parameters_that_do_not_fit_are_found_before_stepping(config, tmp_path):
    import resource
    done = megalif("run", config, "--set", "simulation.duration=1e4 s", "--set",
                   "population.a.size=1e6", "--set", "population.a.I_e=normal(0 pA, 1 pA)",
                   cwd=tmp_path,  # hours, if it began
                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20)))
    assert done.returncode == 3 and "small.h5.part" in done.stderr
    assert left_over(tmp_path) == []


def test_bound_threads_are_all_allowed(config, tmp_path):
    """With OMP_PROC_BIND the main thread's own affinity is one place; the process may use more."""
    allowed = len(os.sched_getaffinity(0))
    if allowed < 2:
        pytest.skip("one processor only")
    done = megalif("run", config, "--set", "population.a.size=1e4", "-q", "--json", cwd=tmp_path,
                   env={**os.environ, "OMP_PROC_BIND": "true", "OMP_PLACES": "threads"})
    assert json.loads(done.stdout)["threads"] > 1 and done.stderr == ""


def test_check_says_what_current_fires_a_neuron(tmp_path):
    text = simulation(duration="10 ms") + population("a", 5) + population("b", 5,
                                                                          V_th="uniform(-52, -48)")
    (tmp_path / "x.ini").write_text(text)
    said = megalif("check", tmp_path / "x.ini").stdout
    assert "rheobase = 187.5 pA, the least" in said and "C_m = 250 pF, tau_m = 20 ms" in said
    low, high = map(float, re.search(r"rheobase = ([\d.]+) .. ([\d.]+) pA", said).groups())
    assert 162.5 <= low < high <= 212.5


# ---- what check foresees -------------------------------------------------------------------------


def warnings_of(done):
    return [line.removeprefix("megalif: warning: ") for line in done.stderr.splitlines()]


def test_check_tells_what_stands_in_the_way_of_the_output(config, tmp_path):
    done = megalif("check", config, "-o", "nodir/x.h5", cwd=tmp_path)
    assert done.returncode == 0 and "free on that disk" not in done.stdout
    said, = warnings_of(done)
    assert said == (
        "a run would be refused: cannot write nodir/x.h5: directory nodir: No such file or "
                    "directory; create it, or choose another name")
    (tmp_path / "x.h5").write_text("precious")
    said, = warnings_of(megalif("check", config, "-o", "x.h5", cwd=tmp_path))
    assert said.startswith("a run would be refused: x.h5 exists")
    said, = warnings_of(megalif("check", config, "-o", config, cwd=tmp_path))
    assert "the config itself" in said
    assert megalif("check", config, "-o", "y.h5", cwd=tmp_path).stderr == ""


def test_check_counts_the_files_of_traces(config, tmp_path):
    config.write_text(SMALL + section("record.v", population="a", what="V_m", interval="0.1 ms"))
    with_traces = megalif("check", config, cwd=tmp_path).stdout
    config.write_text(SMALL)
    without = megalif("check", config, cwd=tmp_path).stdout
    size = [float(re.search(r"^# small.h5 +(\S+) MB before", text, re.M)[1])
            for text in (with_traces, without)]
    assert size[0] - size[1] == pytest.approx(100 * 500 * 4e-6, rel=0.01)


def test_check_names_inputs_that_begin_after_its_pilot(config, tmp_path):
    late = section("input.late", target="a", type="dc", amplitude="1 nA", start="900 ms")
    early = section("input.early", target="a", type="dc", amplitude="1 pA", start="10 ms")
    config.write_text(SMALL.replace("50 ms", "1 s", 1) + late + early)
    said, = warnings_of(megalif("check", config, cwd=tmp_path))
    assert re.fullmatch(
        r"input late begins at 900 ms, after the pilot's [0-9.]+ ms: the rates to expect "
                        r"are without it", said)


@pytest.mark.parametrize("values, words", [
    ({"E_L": "-0.07", "V_th": "-0.05", "V_reset": "-0.07"}, "are 0.02 mV apart"),
    ({"E_L": "-300 mV"}, "are 245 mV apart"),
    ({"E_L": "-50 mV", "V_m": "-60 mV"},
     "E_L = -50 mV is above V_th = -55 mV: the neurons fire without any input"),
    ({"E_L": "-55.6 mV"}, ""), ({"E_L": "-255 mV"}, ""),
    ({"E_L": "uniform(-51 mV, -50 mV)", "V_m": "-60 mV"}, "")])
def test_implausible_potentials_are_warned_of(config, tmp_path, values, words):
    config.write_text(simulation(duration="50 ms") + section("population.a", size=10, **values))
    for command in (["check", config], ["run", config, "-q"]):
        done = megalif(*command, cwd=tmp_path)
        said = warnings_of(done)
        assert done.returncode == 0 and len(said) == bool(words)
        assert all(words in line and "[population.a] E_L: " in line for line in said)


def test_the_output_is_compressed_as_asked(config, tmp_path):
    """h5py sees the filters; spikes are the same, and --set has the last word."""
    digests = set()
    for name, words, filtered in (("a", [], "gzip"), ("b", ["--compression", "none"], None),
                                  ("c", ["--compression=deflate"], "gzip"),
                                  ("d", ["--compression", "none", "--set",
                                         "output.compression=deflate"], "gzip")):
        done = megalif("run", config, "-q", "-o", f"{name}.h5", *words, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        with h5py.File(tmp_path / f"{name}.h5") as file:
            assert file["spikes/a/timestamps"].compression == filtered
        digests.add(megalif("digest", f"{name}.h5", cwd=tmp_path).stdout.split()[0])
    assert len(digests) == 1
    done = megalif("run", config, "-o", "e.h5", "--compression", "zip", cwd=tmp_path)
    assert done.returncode == 2 and "--compression takes deflate or none, not zip" in done.stderr
    assert not (tmp_path / "e.h5").exists()
