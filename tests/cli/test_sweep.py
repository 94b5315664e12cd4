"""`megalif sweep`: the points against itertools and numpy, the table against single runs, kills and
restarts, shares of an array, failures."""
import contextlib
import csv
import itertools
import os
import re
import shutil
import signal
import subprocess
import time

import h5py
import numpy as np
import pytest

from megalif import PROGRAM, ROOT, section, simulation

BAD_HEAD = "[simulation]\nduration = 10 ms\n[population.a]\nsize = 2\n[sweep]\n"


def sweep_text(duration="20 ms", size=20, sweep="", **keys):
    return (simulation(duration=duration, seed=7)
            + section("population.a", size=size, **{"I_e": "normal(600 pA, 50 pA)", **keys})
            + section("population.b", size=5, I_e="700 pA")
            + section("record.c", population="a", what="counts")
            + f"[sweep]\n{sweep}\n")


@pytest.fixture
def work(tmp_path):
    """Runs megalif in a folder of its own; `write` puts a config there."""
    class Work:
        folder = tmp_path

        def write(self, text, name="s.ini"):
            (tmp_path / name).write_text(text)

        def __call__(self, *arguments, code=0, **more):
            done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True,
                                  cwd=tmp_path, timeout=100, **more)
            assert done.returncode == code, done.stderr
            return done

        def table(self, name="s.sweep/table.csv", drop=("seconds (s)",)):
            with open(tmp_path / name, newline="") as file:
                rows = list(csv.DictReader(file))
            return [{key: value for key, value in row.items() if key not in drop} for row in rows]

        def files(self, name="s.sweep"):
            return sorted(p.name for p in (tmp_path / name).iterdir()
                          if not p.name.startswith("."))

    return Work()


# ---- points

def test_points_are_the_product_of_the_lines(work):
    work.write(sweep_text(duration="1 ms", sweep="""
population.a.I_e = grid(0.2 nA, 300 pA, 5)
input.x.rate, input.x.weight = zip(values(1; 2 kHz), values(0.1 mV; -0.2 mV))
simulation.seed = range(3:9:3)
population.b.I_e = values(normal(210, 5); 3e2)
files = none""").replace("[sweep]", section("input.x", target="a", type="poisson", rate="5 Hz",
                                             weight=1) + "[sweep]"))
    work("sweep", "s.ini", "-j", 2)
    expected = list(itertools.product(np.linspace(200, 300, 5), [(1000, 0.1), (2000, -0.2)], [3, 6],
                                      ["normal(210, 5)", "3e2"]))
    rows = work.table()
    assert len(rows) == 40 == len({row["name"] for row in rows})
    for i, (row, (I_e, (rate, weight), seed, b)) in enumerate(zip(rows, expected, strict=True)):
        assert int(row["point"]) == i
        assert float(row["population.a.I_e (pA)"]) == I_e
        assert float(row["input.x.rate (Hz)"]) == rate
        assert float(row["input.x.weight (mV)"]) == weight
        assert int(row["simulation.seed"]) == seed
        assert row["population.b.I_e"] == b
    assert rows[-1]["name"] == "a.I_e=300pA,rate=2kHz,weight=-0.2mV,seed=6,b.I_e=3e2"
    assert rows[0]["name"].endswith("b.I_e=normal-210-5")


@pytest.mark.parametrize("inside, values", [
    ("-72:-69", [-72, -71, -70]), ("-72:-60:5", [-72, -67, -62]), ("-3:3:2", [-3, -1, 1]),
    ("-1:+2", [-1, 0, 1]), ("-1e2:-98", [-100, -99])])
def test_bounds_of_ranges_may_be_negative(work, inside, values):
    work.write(sweep_text(duration="1 ms",
                          sweep=f"population.b.I_e = range({inside})\nfiles = none"))
    work("sweep", "s.ini")
    assert [float(row["population.b.I_e (pA)"]) for row in work.table()] == values


@pytest.mark.parametrize("first, last, n", [
    ("0", "1", 11), ("-70", "-50", 7), ("1e-3", "2.5", 9), ("0.1", "0.7", 13), ("5", "-5", 4),
    ("123456.789", "123456.79", 3), ("0", "1e9", 8)])
def test_grid_is_linspace_in_decimals(work, first, last, n):
    from decimal import Decimal, localcontext
    work.write(sweep_text(duration="1 ms", sweep=f"population.b.I_e = grid({first}, {last}, {n})"
                                                 "\nfiles = none"))
    work("sweep", "s.ini", "-j", 2)
    rows = work.table()
    values = [float(row["population.b.I_e (pA)"]) for row in rows]
    np.testing.assert_allclose(values, np.linspace(float(first), float(last), n), rtol=1e-14,
                               atol=1e-12 * max(abs(float(first)), abs(float(last))) * 1e-2)
    with localcontext() as context:
        context.prec = 60
        low, high = Decimal(first), Decimal(last)
        for i, row in enumerate(rows):
            exact = low + (high - low) * i / (n - 1)
            written = Decimal(row["name"].split("=")[1])
            digits = len(exact.normalize().as_tuple().digits)
            if digits <= 15:
                assert written == exact
            else:
                assert abs(written - exact) <= abs(exact) * Decimal("0.5e-14")


def test_logspace_is_geomspace(work):
    work.write(sweep_text(duration="1 ms", sweep="population.a.tau_m = logspace(1, 1000 ms, 4)\n"
                                                 "population.b.tau_m = logspace(2 ms, 30 ms, 6)\n"
                                                 "files = none"))
    work("sweep", "s.ini", "-j", 2)
    rows = work.table()
    assert [row["population.a.tau_m (ms)"] for row in rows[::6]] == ["1", "10", "100", "1000"]
    np.testing.assert_allclose([float(row["population.b.tau_m (ms)"]) for row in rows[:6]],
                               np.geomspace(2, 30, 6), rtol=1e-11)


def fnv1a(text):
    value = 0xcbf29ce484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001b3 % 2**64
    return value


def test_seed_by_point_depends_on_the_name_alone(work):
    work.write(sweep_text(sweep="population.b.I_e = grid(200, 300, 3)\nseed = point"))
    work("sweep", "s.ini", "-j", 2)
    short = work.table()
    assert [int(row["simulation.seed"]) for row in short] == \
        [fnv1a(f"7 {row['name']}") for row in short]
    assert len({row["digest"] for row in short}) == 3
    done = work("sweep", "s.ini", "-j", 2, "--vary", "population.b.I_e=grid(100, 300, 5)")
    assert "5 points: 5 done (3 had been before)" in done.stderr
    longer = {row["name"]: row for row in work.table()}
    for row in short:
        assert {**longer[row["name"]], "point": row["point"]} == row


@pytest.mark.parametrize("record",
                         (ROOT / "tests/data/bad_sweeps.txt").read_text().split("\n=== ")[1:],
                         ids=lambda record: record.split("\n")[0])
def test_bad_sweeps(work, record):
    text, expected = record.partition("\n")[2].split("---\n")
    options = [word for line in text.splitlines() if line.startswith("--")
               for word in line.split(" ", 1)]
    work.write(BAD_HEAD + "".join(f"{line}\n" for line in text.splitlines()
                                  if not line.startswith("--")), "bad.ini")
    done = work("sweep", "bad.ini", *options, code=2)
    found = [line.removeprefix("megalif: error: ") for line in done.stderr.splitlines()]
    assert found == expected.splitlines()
    assert sorted(os.listdir(work.folder)) == ["bad.ini"]


# ---- results

def test_table_says_what_single_runs_say(work):
    work.write(sweep_text(sweep="population.b.I_e = values(650 pA; 700 pA)\n"
                                "simulation.seed = range(1:3)"))
    work("sweep", "s.ini", "--jobs", 2, "--set", "population.a.tau_m=12 ms")
    rows = work.table()
    assert work.files() == sorted([f"{row['name']}.h5" for row in rows] + ["table.csv", "table.h5"])
    for row in rows:
        work("run", "s.ini", "-o", "x.h5", "-f", "-q", "--set", "population.a.tau_m=12 ms", "--set",
             f"population.b.I_e={row['population.b.I_e (pA)']} pA", "--set",
             f"simulation.seed={row['simulation.seed']}")
        with h5py.File(work.folder / "x.h5") as run, \
                h5py.File(work.folder / f"s.sweep/{row['name']}.h5") as point:
            whole, a, b = (run["megalif"].attrs, run["megalif/populations/a"].attrs,
                           run["megalif/populations/b"].attrs)
            assert whole["digest"] == point["megalif"].attrs["digest"]
            assert row["digest"] == whole["digest"].decode()
            assert int(row["spikes"]) == whole["spikes"] > 0
            assert float(row["rate.a (Hz)"]) == a["mean_rate_Hz"] > 0
            assert float(row["rate.b (Hz)"]) == b["mean_rate_Hz"] > 0
            assert (float(row["cv.a"] or "nan") == a["mean_cv"] or
                    (row["cv.a"] == "" and np.isnan(a["mean_cv"])))
            assert row["cv.b"] == "" and row["exit_code"] == "0"
            assert run["megalif/config"][()] == point["megalif/config"][()]


def test_hdf5_table_is_the_csv_table(work):
    work.write(sweep_text(sweep="population.a.I_e = values(normal(500 pA, 5 pA); 600 pA)\n"
                                "population.b.tau_m = values(5; 7 ms)\nfiles = none"))
    work("sweep", "s.ini", "-j", 2)
    rows = work.table(drop=())
    done = work("plot", "s.sweep/table.h5", "-o", "x.png", code=3)
    assert "the table.csv beside it can be read and plotted" in done.stderr
    with h5py.File(work.folder / "s.sweep/table.h5") as file:
        table = file["table"]
        names = table.attrs["columns"].decode().split("\n")
        heads = [name + (f" ({table[name].attrs['units'].decode()})" if "units" in table[name].attrs
                         else "")
                 for name in names]
        assert heads == list(rows[0])
        for name, head in zip(names, heads):
            for value, row in zip(table[name][()], rows, strict=True):
                text = value.decode() if isinstance(value, bytes) else value
                if isinstance(text, np.floating):
                    assert text == float(row[head] or "nan") or (np.isnan(text) and row[head] == "")
                else:
                    assert str(text) == row[head]
        assert table["population.b.tau_m"].attrs["units"] == b"ms"
        assert table["rate.a"].attrs["units"] == b"Hz"


def test_f_I_curve_of_the_example(work):
    """configs/sweep_fi.ini, longer: the steps between spikes are r + ceil((tau_m/dt) ln ...), so
    the rate after warmup is theirs to one spike; below rheobase (187.5 pA) there is none."""
    shutil.copy(ROOT / "configs/sweep_fi.ini", work.folder)
    work("sweep", "sweep_fi.ini", "-j", 2, "--set", "simulation.duration=10.5 s")
    rows = work.table("sweep_fi.sweep/table.csv")
    I_e = np.array([float(row["population.cell.I_e (pA)"]) for row in rows])
    rate = np.array([float(row["rate.cell (Hz)"]) for row in rows])
    np.testing.assert_array_equal(I_e, np.arange(150, 401, 5))
    above = I_e > 187.5
    assert np.all(rate[~above] == 0) and above.sum() == 43
    drive = 0.08 * I_e[above]
    interval = 20 + np.ceil(200 * np.log(drive / (drive - 15)))
    assert np.all(np.abs(rate[above] - 1e4 / interval) <= 0.1 + 1e-9)
    assert work.files("sweep_fi.sweep") == ["table.csv", "table.h5"]  # files = none


# ---- stopping, killing, going on

# Noise makes a point take a tenth of a second or so: some are always running when a test looks.
LONG = (section("input.noise", target="a", type="white_noise", std="50 pA")
        + sweep_text(duration="1500 ms", size=3000,
                     sweep="population.b.I_e = grid(600 pA, 790 pA, 20)"))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The tables of LONG, with and without files, by one process at a time."""
    (folder := tmp_path_factory.mktemp("undisturbed")).joinpath("s.ini").write_text(LONG)
    for files in ("all", "none"):
        subprocess.run([PROGRAM, "sweep", "s.ini", "-qo", files, "-s", f"sweep.files={files}"],
                       cwd=folder, check=True, timeout=100)
    return {files: without_seconds(folder / files / "table.csv") for files in ("all", "none")}


def without_seconds(path):
    lines = path.read_text().splitlines()
    drop = lines[0].split(",").index("seconds (s)")
    return [",".join(field for i, field in enumerate(line.split(",")) if i != drop)
            for line in lines]


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def start(work, *arguments, **more):
    """A sweep in a process group of its own, stopped by the test when a few points are done."""
    process = subprocess.Popen([PROGRAM, "sweep", "s.ini", "-j", "2", *arguments], cwd=work.folder,
                               stderr=subprocess.PIPE, text=True, start_new_session=True, **more)
    folder = work.folder / "s.sweep"
    wait_for(lambda: folder.exists() and len(list(folder.glob("b.I_e=*.h5"))
                                              + list(folder.glob("I_e=*.h5"))) >= 3
             or (folder / "table.csv").exists())
    assert process.poll() is None
    return process


def children_of(pid):
    found = []
    for path in os.listdir("/proc"):
        try:
            if path.isdigit() and int(open(f"/proc/{path}/stat").read().rsplit(")")[1].split()[1]) \
                    == pid:
                found.append(int(path))
        except (FileNotFoundError, ProcessLookupError):
            pass
    return found


@pytest.mark.parametrize("files", ["all", "none"])
@pytest.mark.parametrize("whom", ["group", "parent"])
def test_killed_in_the_middle_and_started_again(work, undisturbed, whom, files):
    work.write(LONG)
    process = start(work, "--set", f"sweep.files={files}")
    children = children_of(process.pid)
    (os.killpg if whom == "group" else os.kill)(process.pid, signal.SIGKILL)
    process.wait()
    process.stderr.close()
    wait_for(lambda: not any(os.path.exists(f"/proc/{child}") for child in children))
    done = work("sweep", "s.ini", "--jobs", 2, "--set", f"sweep.files={files}")
    before = int(re.search(r"\((\d+) had been before\)", done.stderr)[1])
    assert 1 <= before < 20
    assert without_seconds(work.folder / "s.sweep/table.csv") == undisturbed[files]
    rasters = 0 if files == "none" else 20
    assert len(work.files()) == 2 + rasters


@pytest.mark.parametrize("number, whom", [(signal.SIGINT, "group"), (signal.SIGTERM, "group"),
                                          (signal.SIGTERM, "parent"), (signal.SIGUSR1, "parent"),
                                          (signal.SIGHUP, "group")])
def test_stops_at_a_signal_and_goes_on(work, undisturbed, number, whom):
    work.write(LONG)
    process = start(work, preexec_fn=lambda: signal.signal(number, signal.SIG_DFL))
    children = children_of(process.pid)
    (os.killpg if whom == "group" else os.kill)(process.pid, number)
    _, stderr = process.communicate(timeout=30)
    assert process.returncode == 75 and "missing" in stderr and "failed" not in stderr
    assert stderr.endswith("megalif sweep: it was stopped; start it again to go on\n")
    assert not any(os.path.exists(f"/proc/{child}") for child in children)
    assert not [name for name in work.files() if name.endswith(".part")]
    rows = work.table()
    assert 1 <= len(rows) < 20 and all(row["exit_code"] == "0" for row in rows)
    work("sweep", "s.ini", "--jobs", 2)
    assert without_seconds(work.folder / "s.sweep/table.csv") == undisturbed["all"]


def test_a_point_that_was_told_to_stop_is_still_to_be_done(work):
    """Even when the sweep was not: a signal to all processes may reach the points first."""
    work.write(sweep_text(sweep="simulation.duration = values(1e4 s; 20 ms)"))
    process = subprocess.Popen([PROGRAM, "sweep", "s.ini"], cwd=work.folder, stderr=subprocess.PIPE,
                               text=True)
    wait_for(lambda: list(work.folder.glob("s.sweep/duration=1e4s.h5.part")))
    for child in children_of(process.pid):
        os.kill(child, signal.SIGTERM)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 75 and "2 points: 1 done, 1 missing" in stderr, stderr
    assert [row["name"] for row in work.table()] == ["duration=20ms"]


@pytest.mark.parametrize("files", ["all", "none"])
def test_points_with_checkpoints_resume(work, files):
    """The first points are stopped in their middle; --resume takes them up there."""
    longer = LONG.replace("1500 ms", "12 s").replace("790 pA, 20", "790 pA, 4")  # a second or so
    work.write(longer)
    work("sweep", "s.ini", "--jobs", 2, "-o", "undisturbed", "--set", f"sweep.files={files}")
    work.write(longer + f"files = {files}\n[checkpoint]\nevery_wall = 20 ms\n")
    folder = work.folder / "s.sweep"
    process = subprocess.Popen([PROGRAM, "sweep", "s.ini", "-j", "2"], cwd=work.folder,
                               stderr=subprocess.DEVNULL)
    wait_for(lambda: list(folder.glob("I_e=*.checkpoint/checkpoint")))
    process.terminate()
    assert process.wait(30) == 75
    assert [path for path in folder.glob("I_e=*.checkpoint")
            if not path.with_suffix("").exists() and (path / "checkpoint").exists()]
    assert "warning" not in work("sweep", "s.ini", "--jobs", 2).stderr
    assert without_seconds(folder / "table.csv") == \
        without_seconds(work.folder / "undisturbed/table.csv")
    kept = [path for path in folder.iterdir() if path.name.endswith(".checkpoint")]
    assert len(kept) == (4 if files == "all" else 0)


def test_one_at_a_time_and_a_share_of_the_cores(work):
    work.write(LONG)
    busy = start(work)
    done = work("sweep", "s.ini", code=6)
    assert "another sweep is writing to s.sweep" in done.stderr
    jobs = []

    def job_seen():  # a child is still its parent's copy for a moment
        for child in children_of(busy.pid):
            try:
                words = open(f"/proc/{child}/cmdline").read().split("\0")
            except (FileNotFoundError, ProcessLookupError):
                continue
            if words[1:2] == ["run"]:
                jobs.append(words)
        return jobs

    wait_for(job_seen)
    assert jobs[0][jobs[0].index("-t") + 1] == str(max(1, len(os.sched_getaffinity(0)) // 2))
    busy.terminate()
    busy.communicate(timeout=30)


def test_bound_threads_get_processors_of_their_own(work):
    allowed = os.sched_getaffinity(0)
    if len(allowed) < 2:
        pytest.skip("one processor only")
    work.write(LONG)
    busy = start(work, env={**os.environ, "OMP_PROC_BIND": "true"})
    seen = set()

    def both_seen():
        for child in children_of(busy.pid):
            try:
                seen.add(frozenset().union(*(os.sched_getaffinity(int(thread)) for thread in
                                             os.listdir(f"/proc/{child}/task"))))
            except (FileNotFoundError, ProcessLookupError):
                pass
        shares = [share for share in seen if len(share) == len(allowed) // 2]
        return any(a.isdisjoint(b) for a in shares for b in shares)

    wait_for(both_seen)
    busy.terminate()
    busy.communicate(timeout=30)


# ---- shares

def test_tasks_and_collect(work, undisturbed):
    work.write(LONG)
    for task in (2, 0):
        work("sweep", "s.ini", "--task", f"{task}/3", "-j", 2)
    assert [int(row["point"]) for row in work.table("s.sweep/table-task-2-of-3.csv")] == \
        list(range(2, 20, 3))
    done = work("sweep", "s.ini", "--collect", code=1)
    missing = re.findall(r"missing: point (\d+), (\S+)", done.stderr)
    assert [int(point) for point, _ in missing] == list(range(1, 20, 3))
    assert missing[0][1] == "I_e=610pA" and "7 missing" in done.stderr
    assert "to be run again: --task I/N with I = 1 of N = 3\n" in done.stderr
    assert len(work.table()) == 13
    work("sweep", "s.ini", "--task", "1/3")
    done = work("sweep", "s.ini", "--collect")
    assert "20 done" in done.stderr and "again" not in done.stderr
    assert without_seconds(work.folder / "s.sweep/table.csv") == undisturbed["all"]
    with h5py.File(work.folder / "s.sweep/table.h5") as file:
        assert file["table/point"][()].tolist() == list(range(20))


def test_tasks_without_files(work, undisturbed):
    work.write(LONG + "files = none\n")
    for task in range(2):
        work("sweep", "s.ini", "--task", f"{task}/2", "-j", 2)
    work("sweep", "s.ini", "--collect")
    assert without_seconds(work.folder / "s.sweep/table.csv") == undisturbed["none"]
    assert work.files() == ["table-task-0-of-2.csv", "table-task-1-of-2.csv", "table.csv",
                            "table.h5"]
    done = work("sweep", "s.ini")  # all in one, now: nothing is left to do
    assert "20 had been before" in done.stderr


# ---- failures

def test_a_failing_point_stops_no_other(work):
    work.write(sweep_text(sweep="population.a.tau_m = values(10 ms; normal(5 ms, 3 ms); 12 ms)"))
    done = work("sweep", "s.ini", "-j", 2, code=1)
    name = "tau_m=normal-5ms-3ms"
    assert f"megalif sweep: {name} failed with exit code 2: " in done.stderr
    assert "drawn values are out of range" in done.stderr and "2 done, 1 failed" in done.stderr
    rows = work.table(drop=())
    assert [row["exit_code"] for row in rows] == ["0", "2", "0"]
    assert rows[1]["rate.a (Hz)"] == rows[1]["digest"] == rows[1]["spikes"] == ""
    command = re.search(r"one of them alone: megalif (.*)", done.stderr)[1]
    alone = subprocess.run(f"{PROGRAM} {command}", shell=True, cwd=work.folder, text=True,
                           capture_output=True, timeout=60)
    assert alone.returncode == 2 and "drawn values are out of range" in alone.stderr
    again = work("sweep", "s.ini", code=1)  # tried again; the others are not run
    assert "(2 had been before), 1 failed" in again.stderr
    mended = work("sweep", "s.ini", "--vary",
                  "population.a.tau_m=values(10 ms; normal_clipped(5 ms, 3 ms, 2 ms, 9 ms); 12 ms)")
    assert "3 done (2 had been before)" in mended.stderr


def stop_a_child(pid):
    """Holds one of a process's children; its pid, or None when it has ended meanwhile."""
    for child in children_of(pid):
        try:
            os.kill(child, signal.SIGSTOP)
            wait_for(lambda: open(f"/proc/{child}/stat").read().rsplit(")")[1].split()[0] in "TZ")
            if open(f"/proc/{child}/stat").read().rsplit(")")[1].split()[0] == "T":
                return child
        except (FileNotFoundError, ProcessLookupError):
            pass
    return None


@pytest.mark.parametrize("number, told", [
    (signal.SIGSEGV, "signal 11: "),
    (signal.SIGKILL, "signal 9: Killed, as where memory runs out")])
def test_a_crash_stops_no_other(work, undisturbed, number, told):
    work.write(LONG)
    process = start(work)
    held = []
    wait_for(lambda: held.append(stop_a_child(process.pid)) or held[-1])
    os.kill(held[-1], number)
    with contextlib.suppress(ProcessLookupError):  # SIGKILL does not wait for it
        os.kill(held[-1], signal.SIGCONT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 1 and f"failed with {told}" in stderr
    rows = work.table()
    assert sorted(row["exit_code"] for row in rows) == ["0"] * 19 + [str(128 + number)]
    work("sweep", "s.ini")
    assert without_seconds(work.folder / "s.sweep/table.csv") == undisturbed["all"]


def test_a_point_above_max_rate_keeps_its_results(work):
    """Its file holds what was simulated, so that it is not run again, and says so in the table."""
    for files in ("all", "none"):
        work.write(
            sweep_text(sweep=f"population.b.I_e = values(0; 2000; 4000 pA)\nfiles = {files}"))
        options = ["s.ini", "--set", "simulation.max_rate=900 Hz", "--set", "population.a.I_e=0"]
        done = work("sweep", *options, "-o", files, "-j", 2, code=1)
        assert "failed with exit code 7: " in done.stderr and "max_rate" in done.stderr
        rows = work.table(f"{files}/table.csv")
        assert {row["exit_code"] for row in rows} == {"0", "7"}
        assert all(float(row["rate.b (Hz)"]) >= 0 and row["digest"] for row in rows)
        again = work("sweep", *options, "-o", files, code=1)
        assert "1 done (1 had been before), 2 failed" in again.stderr
        assert work.table(f"{files}/table.csv") == rows


def test_outputs_of_another_config_are_not_taken(work):
    work.write(sweep_text(sweep="population.b.I_e = range(600:604)"))
    work("sweep", "s.ini", "-j", 2)
    first = work.table()
    (work.folder / "s.sweep/I_e=602.h5").unlink()
    done = work("sweep", "s.ini", "--set", "simulation.seed=8", code=3)
    assert (
        "I_e=600.h5 is of another config ([simulation] seed: 7 before, 8 now), and so are others"
            in done.stderr)
    assert "--force" in done.stderr and work.table() == first
    assert "I_e=602.h5" not in work.files()  # refused before anything is run
    work("sweep", "s.ini", "--set", "simulation.seed=8", "--force", "-j", 2)
    other = work.table()
    assert all(a["digest"] != b["digest"] and a["config"] != b["config"]
               for a, b in zip(first, other, strict=True))


def test_a_table_of_other_columns_is_not_overwritten(work):
    work.write(sweep_text(sweep="population.b.I_e = range(600:602)\nfiles = none"))
    work("sweep", "s.ini")
    done = work("sweep", "s.ini", "--vary", "population.b.tau_m=range(10:12)", code=3)
    assert "table.csv is not this sweep's table" in done.stderr and "by --force" in done.stderr
    work("sweep", "s.ini", "--vary", "population.b.tau_m=range(10:12)", "--force")
    assert len(work.table()) == 4


@pytest.mark.parametrize("other", [["--set", "simulation.seed=8"],
                                   ["--vary", "population.b.I_e=values(602)"],
                                   ["--vary", "population.b.I_e=values(602)", "--collect"]])
def test_a_table_that_has_the_only_results_is_not_overwritten(work, other):
    """With files = none nothing else has them: by another config, fewer points, or collecting."""
    work.write(sweep_text(sweep="population.b.I_e = range(600:604)\nfiles = none"))
    work("sweep", "s.ini")
    first = work.table()
    done = work("sweep", "s.ini", *other, code=3)
    assert re.search(r"table\.csv has the only results of [34] points .* config: I_e=600, \.\.\.; ",
                     done.stderr)
    assert work.table() == first and work.files() == ["table.csv", "table.h5"]
    work("sweep", "s.ini", "--vary", "population.b.I_e=range(599:605)")  # loses none
    assert [{**row, "point": ""} for row in work.table()[1:5]] == \
        [{**row, "point": ""} for row in first]
    work("sweep", "s.ini", *other, "--force")
    assert {row["name"] for row in work.table()} < {f"I_e={I_e}" for I_e in range(599, 605)}


def test_points_that_have_files_may_leave_the_table(work):
    """Also where a file was removed. A sweep with files does not replace a table without any."""
    work.write(sweep_text(sweep="population.b.I_e = range(600:604)"))
    work("sweep", "s.ini", "--set", "sweep.files=none")
    done = work("sweep", "s.ini", "--vary", "population.b.I_e=values(603)", code=3)
    assert "the only results of 3 points" in done.stderr
    work("sweep", "s.ini")
    (work.folder / "s.sweep/I_e=600.h5").unlink()
    work("sweep", "s.ini", "--vary", "population.b.I_e=range(602:605)")
    assert [row["name"] for row in work.table()] == ["I_e=602", "I_e=603", "I_e=604"]
    assert "4 done (3 had been before)" in work("sweep", "s.ini").stderr


def test_usage(work):
    work.write(sweep_text(sweep="population.b.I_e = range(600:602)"))
    for arguments, part in [(["--task", "2/2"], "--task takes I/N"), (["--task", "1"], "--task"),
                            (["--task", "0/2", "--collect"], "leave out --task"),
                            (["--jobs", "0"], "--jobs takes"), (["--bogus"], "unknown option")]:
        assert part in work("sweep", "s.ini", *arguments, code=2).stderr
    assert "a sweep needs a file" in work("sweep", "-", code=2).stderr
    assert "cannot make the directory" in work("sweep", "s.ini", "-o", "no/where", code=3).stderr
    assert os.listdir(work.folder) == ["s.ini"]


# ---- run and check of a config that is swept

def test_run_wants_one_point_and_check_counts_them(work):
    work.write(sweep_text(sweep="population.a.V_th, population.a.V_reset = "
                                "zip(values(-50; -48), values(-60; -58))\n"
                                "population.b.I_e = range(600:605)"))
    done = work("run", "s.ini", "--set", "population.a.V_th=-50", code=2)
    assert [line.split("megalif: error: ")[1] for line in done.stderr.splitlines()] == [
        "s.ini:20: [sweep] population.a.V_th, population.a.V_reset: this is a sweep, which megalif "
        "sweep runs; a single run needs --set population.a.V_reset=VALUE",
        "s.ini:21: [sweep] population.b.I_e: this is a sweep, which megalif sweep runs; a single "
        "run "
        "needs --set population.b.I_e=VALUE"]
    work("run", "s.ini", "--set", "population.a.V_th=-50", "--set", "population.a.V_reset=-60",
         "--set", "population.b.I_e=604", "-q")
    checked = work("check", "s.ini")
    assert checked.stdout.startswith("# sweep: 10 points; what follows is the first one, V_th=-50,"
                                     "V_reset=-60,I_e=600\n")
    with h5py.File(work.folder / "s.h5") as file:
        assert "sweep" not in file["megalif/config"].asstr()[()]
