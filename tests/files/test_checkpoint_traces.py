"""Checkpoints with everything else that has a place in time: traces, counts, rates, limits, input
files, copies with common noise, crossings within a step. A run that was interrupted leaves the
files of an undisturbed one."""
import re
import shutil

import faults
import h5py
import numpy as np
import pytest

from megalif import section, simulation
from spike_files import foreign, spikes
from test_checkpoint import (WAYS, assert_same_file, folder_of, megalif, part, resume,
                             stop_at_checkpoints)

DURATION = 300
TRACES = {"v": {"exc": 17, "fed": 60}, "all": {"exc": 2000}, "i": {"fed": 60}, "none": {"edge": 0},
          "j": {"fed": 30}}

MODEL = (section("population.exc", size=2000, I_e="normal(420 pA, 15 pA)",
                 t_ref="uniform(1 ms, 4 ms)", V_m="uniform(-70, -55)")
         + section("population.cells", size=1200, copies=4, I_e="levels(380 pA, 460 pA)")
         + section("population.edge", size=500, crossing="bridge", t_ref="0 ms")
         + section("population.fed", size=60, I_e="normal(380 pA, 20 pA)",
                   V_m="uniform(-70, -55)")
         + section("input.ou", target="exc[100:900], fed", type="ou_noise", mean="20 pA",
                   std="200 pA", tau="5 ms", start="120 ms")
         + section("input.frozen", target="cells", type="white_noise", std="300 pA", hold="0.7 ms",
                   common="copies")
         + section("input.slow", target="cells", type="ou_noise", std="100 pA", tau="20 ms",
                   common="copies", correlation=0.3)
         + section("input.wide", target="edge", type="white_noise", mean_V="12 mV", sigma_V="5 mV")
         + section("input.p", target="exc[0:700]", type="poisson", rate="5 kHz", weight="0.2 mV")
         + section("input.tone", target="fed", type="file", file="tone.h5", dataset="pA",
                   start="10 ms")
         + section("input.one", target="exc[5:25]", type="file", file="one.csv", column="b")
         + section("input.replay", target="fed", type="spikes", file="replay.h5", weight="1.5 mV",
                   delay="12.3 ms")
         + section("record.v", population="fed, exc", what="V_m", neurons="0:60:1",
                   interval="0.7 ms",
                   start="13.3 ms", stop="277.7 ms").replace("0:60:1", "sample(17)")
         + section("record.all", population="exc", what="V_m", interval="37 ms")
         + section("record.i", population="fed", what="I", interval="0.3 ms")
         + section("record.j", population="fed", what="jumps", neurons="0:60:2", interval="0.1 ms")
         + section("record.none", population="edge", what="V_m", neurons="none")
         + section("record.rate", population="all", what="rate", bin_width="7 ms", start="33 ms")
         + section("record.counts", population="exc, cells", what="counts", stop="250 ms")
         + section("record.some", population="cells", what="spikes", neurons="sample(300)",
                   start="20 ms"))


def config(**more):
    return simulation(duration=f"{DURATION} ms", warmup="40 ms", max_rate="900 Hz",
                      stop_after_spikes=10**9, **more) + MODEL


def write_inputs(folder):
    rng = np.random.default_rng(5)
    steps = 10 * DURATION
    with h5py.File(folder / "tone.h5", "w") as file:
        file["pA"] = rng.normal(0, 60, (steps, 60))
    (folder / "one.csv").write_text("a b\n"
                                    + "\n".join(f"0 {x:.3f}" for x in rng.normal(0, 50, steps)))
    foreign(folder / "replay.h5", {"source": spikes(4000, 60, steps)})


def trace_path(out, recorder):
    return out.with_name(f"{out.stem}.{recorder}.h5")


def assert_same_run(out, expected, but=()):
    assert_same_file(out, expected, but)
    for recorder in TRACES:
        a, b = trace_path(out, recorder), trace_path(expected, recorder)
        assert_same_file(a, b, but)
        with h5py.File(a) as file:
            assert file["megalif"].attrs["recorder"].decode() == recorder


def place_in(folder, text=None):
    write_inputs(folder)
    (folder / "c.ini").write_text(text or config())
    return folder / "c.ini", folder / "x.h5"


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    ini, out = place_in(tmp_path_factory.mktemp("undisturbed"))
    done = megalif("run", ini, "-o", out, "-q")
    assert done.returncode == 0, done.stderr
    with h5py.File(out) as file:
        assert file["megalif/populations/fed"].attrs["spikes"] > 100
    for recorder in TRACES:
        with h5py.File(trace_path(out, recorder)) as file:
            assert all(file[f"report/{p}/data"].shape[0] > 8 for p in file["report"])
    return out


@pytest.fixture
def place(tmp_path):
    return place_in(tmp_path)


def test_stopped_and_resumed_in_other_ways_equals_undisturbed(place, undisturbed):
    """Parts that end between two rows of every trace, inside bins, held values and delays."""
    ini, out = place
    for i, until in enumerate(("93.7 ms", "171.1 ms", f"{DURATION} ms")):
        part(ini, out, until, "-t", 1 + i % 2, way=WAYS[i])
    assert_same_run(out, undisturbed)


def test_many_checkpoints_change_nothing(place, undisturbed):
    """Often enough that a recorder may have no row, and no segment, in between."""
    ini, out = place
    done = megalif("run", ini, "-o", out, "-q", "--set", "checkpoint.every_model=23.9 ms",
                   way=WAYS[2])
    assert done.returncode == 0, done.stderr
    assert_same_run(out, undisturbed)
    assert sorted(p.name for p in folder_of(out).iterdir()) == ["checkpoint", "lock"]


def test_killed_and_resumed_equals_undisturbed(place, undisturbed):
    ini, out = place
    for i in range(3):
        stop_at_checkpoints(ini, out, 3, every="21.3 ms", way=WAYS[i])
        assert not out.exists() and not trace_path(out, "v").exists()
    rows, names = 0, sorted(folder_of(out).glob("segment-*.v.h5"))
    assert len(names) > 2
    with h5py.File(trace_path(undisturbed, "v")) as whole:
        for name in names:  # readable, and the rows say when they are
            with h5py.File(name) as piece:
                data, time = piece["report/exc/data"][()], piece["report/exc/mapping/time"][()]
                assert np.array_equal(data, whole["report/exc/data"][rows:rows + len(data)])
                assert abs(time[0] - (13.3 + rows * 0.7)) < 1e-9
                rows += len(data)
    done = megalif("run", ini, "-o", out, "--resume", "-q", way=WAYS[3])
    assert done.returncode == 0, done.stderr
    assert_same_run(out, undisturbed)


def test_join_and_on(place, undisturbed, tmp_path):
    ini, out = place
    stop_at_checkpoints(ini, out, 4, every="25.3 ms")
    done = megalif("join", out, "-q")
    assert done.returncode == 0, done.stderr
    with h5py.File(out) as file:
        until = file["megalif"].attrs["duration_ms"]
    assert 0 < until < DURATION
    short = tmp_path / "short.h5"
    done = megalif("run", ini, "-o", short, "-q", "--set", f"simulation.duration={until!r} ms")
    assert done.returncode == 0, done.stderr
    assert_same_run(out, short, but=("ended_early",))
    stop_at_checkpoints(ini, out, 2, every="25.3 ms")
    assert out.exists() and trace_path(out, "v").exists()  # still those of the shorter run
    assert resume(ini, out).returncode == 0
    assert_same_run(out, undisturbed)


@pytest.mark.parametrize("limit", ["stop_after_spikes=9000", "max_rate=120 Hz"])
def test_a_limit_ends_a_resumed_run_where_it_would(place, tmp_path, limit):
    ini, out = place
    plain = tmp_path / "plain.h5"
    limited = ("--set", f"simulation.{limit}")
    before = megalif("run", ini, "-o", plain, "-q", *limited)
    with h5py.File(plain) as file:
        end = file["megalif"].attrs["duration_ms"]
    assert 40 < end < DURATION and end % 1 > 0.15  # inside a rate bin
    stop_at_checkpoints(ini, out, 2, every="20 ms", more=limited)
    part(ini, out, f"{end - 0.1:.1f} ms", *limited)
    done = megalif("run", ini, "-o", out, "--resume", "-q", *limited, way=WAYS[3])
    assert done.returncode == before.returncode == (7 if "max" in limit else 0), done.stderr
    assert_same_run(out, plain)
    done = megalif("run", ini, "-o", out, "--resume", "-q", *limited)
    assert done.returncode == before.returncode
    assert_same_run(out, plain)


def test_a_run_without_raster_has_its_traces(place, undisturbed):
    ini, out = place
    done = megalif("run", ini, "-o", out, "-q", "--no-raster",
                   "--set", "checkpoint.every_model=50 ms")
    assert done.returncode == 0, done.stderr
    for recorder in TRACES:
        assert_same_file(trace_path(out, recorder), trace_path(undisturbed, recorder),
                         but=("complete_raster",))


# ---- refusals


@pytest.fixture
def stopped(place):
    ini, out = place
    stop_at_checkpoints(ini, out, 4, every="20 ms")
    return ini, out


@pytest.mark.parametrize("name", ["tone.h5", "one.csv", "replay.h5"])
def test_a_changed_input_file_is_refused_by_its_name(stopped, undisturbed, name):
    ini, out = stopped
    path = ini.with_name(name)
    before = path.read_bytes()
    if name == "one.csv":
        path.write_bytes(before.replace(b"\n0 ", b"\n1 ", 1))
    else:
        with h5py.File(path, "r+") as file:
            if name == "tone.h5":
                file["pA"][2999, 3] += 1
            else:
                file["spikes/source/node_ids"][-1] = 0 if file["spikes/source/node_ids"][-1] else 1
    done = resume(ini, out)
    assert done.returncode == 2 and f"{name} is not what it was" in done.stderr, done.stderr
    path.write_bytes(before)
    assert resume(ini, out).returncode == 0
    assert_same_run(out, undisturbed)


@pytest.mark.parametrize("name", ["tone.h5", "one.csv", "replay.h5"])
def test_an_input_file_may_have_another_name(stopped, undisturbed, name):
    """Its content is what counts, and what is read from it."""
    ini, out = stopped
    text = ini.read_text()
    ini.with_name(name).rename(ini.with_name("moved"))
    ini.write_text(text.replace(name, "moved"))
    assert text != ini.read_text() and resume(ini, out).returncode == 0
    with h5py.File(out) as file, h5py.File(undisturbed) as whole:
        assert file["megalif"].attrs["digest"] == whole["megalif"].attrs["digest"]


@pytest.mark.parametrize("change", ["removed", "cut", "flipped", "replaced"])
def test_an_altered_segment_is_named(stopped, change):
    ini, out = stopped
    first, second = sorted(folder_of(out).glob("segment-*.i.h5"))[:2]
    if change == "removed":
        first.unlink()
    elif change == "cut":
        first.write_bytes(first.read_bytes()[:-1])
    elif change == "replaced":
        first.write_bytes(second.read_bytes())
    else:
        with h5py.File(first, "r+") as file:
            file["report/fed/data"][3, 7] += 1
    done = resume(ini, out)
    assert done.returncode == 5 and first.name in done.stderr, done.stderr


def test_a_foreign_report_is_not_replaced(stopped):
    ini, out = stopped
    trace_path(out, "v").write_text("precious")
    done = resume(ini, out)
    assert done.returncode == 3 and re.search(r"x\.v\.h5 exists", done.stderr), done.stderr
    assert trace_path(out, "v").read_text() == "precious"


def test_a_run_is_not_started_over_a_report(place):
    ini, out = place
    trace_path(out, "v").write_text("precious")
    for how in ("--resume", "--checkpoint"):
        done = megalif("run", ini, "-o", out, how, "-q")
        assert done.returncode == 3 and trace_path(out, "v").read_text() == "precious", done.stderr


# ---- killed at any moment of the end

SMALL = (section("population.exc", size=3000, I_e="normal(600 pA, 10 pA)", V_m="uniform(-70, -55)")
         + section("record.v", population="exc", what="V_m", neurons="0:10", interval="0.5 ms")
         + section("record.w", population="exc", what="I", neurons="3, 5", start="1 ms"))


def small(folder, duration, *more, **fault):
    return faults.megalif(folder, "run", "c.ini", "-o", "x.h5", "-q", "--resume", "--set",
                          f"simulation.duration={duration} ms", *more, **fault)


def small_contents(folder):
    return [faults.contents(folder / name) for name in ("x.h5", "x.v.h5", "x.w.h5")]


def test_killed_while_the_files_of_a_longer_run_get_their_names(tmp_path):
    kill_at_each_call(tmp_path, 9, ("rename", "link"))


def kill_at_each_call(tmp_path, first, names):
    """Before each call of these names the process is killed. What stands under the names of the
    outputs is always whole, and the run goes on. first: ms that were run and finished before."""
    begun, work = tmp_path / "begun", tmp_path / "work"
    begun.mkdir()
    (begun / "c.ini").write_text(simulation(duration="20 ms") + SMALL
                                 + section("checkpoint", every_wall="inf", every_model="6 ms"))
    shorter = []
    if first:
        assert small(begun, first).returncode == 0
        shorter = small_contents(begun)

    def anew():
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(begun, work)

    anew()
    assert small(work, 20, log=tmp_path / "log").returncode == 0
    calls = [line.split(" ")[0] for line in (tmp_path / "log").read_text().splitlines()]
    complete, left = small_contents(work), faults.left_in(work)
    killed = 0
    for at, call in enumerate(calls, 1):
        if call not in names:
            continue
        anew()
        done = small(work, 20, call="any", at=at, kind="kill")
        assert done.returncode == -9, (at, done.stderr)
        for i, name in enumerate(("x.h5", "x.v.h5", "x.w.h5")):
            if (work / name).exists():
                assert faults.contents(work / name) in [complete[i], *shorter[i:i + 1]], (at, name)
        assert first == 0 or (work / "x.h5").exists()
        done = small(work, 20)
        assert done.returncode == 0, (at, call, done.stderr)
        assert small_contents(work) == complete, (at, call)
        assert [f for f in faults.left_in(work) if not f.endswith(".prev")] == left, (at, call)
        killed += 1
    assert killed > 10
