"""Populations that are only sources, `model = poisson` and `model = spikes`, through the commands:
what is written, replayed, counted, resumed, swept, plotted and refused."""
import subprocess

import h5py
import numpy as np
import pytest

from megalif import PROGRAM, population, run, section, simulation
from spike_files import digest, foreign, megalif, spikes
from test_input_spikes import found, write_csv

STEPS = 2000
TIME = simulation(duration=f"{STEPS // 10} ms", seed=7)


def source(name="src", size=50, model="spikes", **keys):
    return section(f"population.{name}", size=size, model=model, **keys)


def poisson(name="src", size=300, **keys):
    return source(name, size, "poisson", **keys)


def train_with_multiples():
    train = spikes(9000, 50, STEPS)
    return sorted(train + train[1::3] + train[1::6] + [(1, 3)] * 4 + [(STEPS, 0)] * 2)


def refused(folder, text, *said, code=2):
    (folder / "r.ini").write_text(text)
    done = megalif("run", "r.ini", "-o", "r.h5", cwd=folder)
    assert done.returncode == code, done.stderr
    for words in said:
        assert words in done.stderr, done.stderr
    assert not list(folder.glob("r.h5*"))


# ---- spikes of a file

@pytest.mark.parametrize("precision", ["single", "double"])
def test_the_raster_is_the_file(tmp_path, precision):
    """In any order of the file, with several spikes of a neuron in a step; those after the end
    never come."""
    train = train_with_multiples()
    late = [(STEPS + 1, 1), (STEPS + 700, 2)]
    mixed = [(train + late)[i] for i in np.random.default_rng(5).permutation(len(train) + 2)]
    for order in (train + late, mixed):
        foreign(tmp_path / "s.h5", {"a": order, "b": train[:5]}, sorting="none")
        write_csv(tmp_path / "s.csv", [(f"{s / 10}", "a", i) for s, i in order])
        for file in ("s.h5", "s.csv"):
            result = run(tmp_path, TIME.replace("single", precision)
                         + source(file=file, population="a"), threads=2)
            assert found(result, "src") == train
            assert result.digest == digest({"src": train})


def test_times_between_steps_count_for_the_next(tmp_path):
    """As those of an input, but for less than a tic of NEST's."""
    rows = [(1.00004, 0), (1.05, 1), (1.098, 2), (1.10001, 3), (1.9, 4)]
    write_csv(tmp_path / "s.csv", rows, ("timestamps", "node_ids"), " ")
    result = run(tmp_path, simulation(duration="5 ms") + source(size=5, file="s.csv"))
    assert found(result, "src") == [(10, 0), (11, 1), (11, 2), (11, 3), (19, 4)]
    assert "2 of 5 spikes of" in result.stderr and "at no multiple of dt" in result.stderr


TIMES = [2.9996, 3.0004, 3.0005, 3.0009, 3.0014, 39.8002883242475, 39.000219001144, 39.0006]


@pytest.mark.parametrize("dt, expected, beside", [
    ("0.1", [30, 30, 31, 31, 31, 398, 390, 391], 4),
    ("0.01", [300, 300, 301, 301, 301, 3980, 3900, 3901], 4),
    ("0.001", [3000, 3000, 3001, 3001, 3001, 39800, 39000, 39001], 0),
    ("1", [3, 3, 4, 4, 4, 40, 39, 40], 5),
])
def test_times_are_nests(tmp_path, dt, expected, beside):
    """NEST 3.10's spike_generator with allow_offgrid_times has these steps: times go to the nearest
    of its tics, 1 us, and from there up to a step."""
    write_csv(tmp_path / "s.csv", zip(TIMES, range(8)), ("timestamps", "node_ids"), " ")
    result = run(tmp_path, simulation(dt=f"{dt} ms", duration="50 ms")
                 + source(size=8, file="s.csv"))
    steps, ids = result.spikes("src")
    assert dict(zip(ids.tolist(), steps.tolist())) == dict(enumerate(expected))
    assert (f"{beside} of 8 spikes of" in result.stderr) == (beside > 0)


def test_steps_that_are_no_tics(tmp_path):
    """NEST has no such steps: a time goes up to the next one, if it is on none."""
    write_csv(tmp_path / "s.csv", [(2.9996, 0), (3.0004, 1), (3.00025, 2)],
              ("timestamps", "node_ids"), " ")
    result = run(tmp_path, simulation(dt="0.00025 ms", duration="4 ms")
                 + source(size=3, file="s.csv"))
    assert sorted(found(result, "src")) == [(11999, 0), (12001, 2), (12002, 1)]


def test_start_stop_and_first_id(tmp_path):
    """A spike of step number s is in step s - 1, which is active from start on, before stop."""
    train = spikes(9000, 50, STEPS)
    foreign(tmp_path / "s.h5", {"a": [(s, i + 1000) for s, i in train]})
    result = run(tmp_path, TIME + source(file="s.h5", first_id=1000, start="50 ms",
                                         stop="150 ms"))
    assert found(result, "src") == [(s, i) for s, i in train if 500 < s <= 1500]


def test_nests_recorder(tmp_path):
    """Steps of 0.2 ms and senders that count from 1."""
    lines = ["# NEST version: 3.9.0", "# RecordingBackendASCII version: 2",
             "sender\ttime_step\ttime_offset", "1\t5\t0.000", "3\t5\t0.000", "2\t80\t0.000"]
    (tmp_path / "n.dat").write_text("\n".join(lines) + "\n")
    result = run(tmp_path, TIME + source(size=3, file="n.dat", first_id=1, dt="0.2 ms"))
    assert found(result, "src") == [(10, 0), (10, 2), (160, 1)]


def test_a_poisson_population_is_replayed(tmp_path):
    """A file of ours into a population of the same name: the same digest."""
    first = run(tmp_path, TIME + poisson(rate="lognormal(300 Hz, 1.5)"), name="first", threads=2)
    again = run(tmp_path, TIME + source(size=300, file="first.h5"), name="again")
    assert again.digest == first.digest and found(again, "src") == found(first, "src")
    steps, ids = first.spikes("src")
    assert np.any((np.diff(steps) == 0) & (np.diff(ids) == 0))
    assert digest({"src": list(zip(steps, ids))}) == first.digest


@pytest.mark.parametrize("rows, said", [
    ([(2, "a", 5)], "s.csv:2:1: '2' has id 5, but the population has 5 neurons"),
    ([(1, "a", 1), (0, "a", 1)], "s.csv:3:1: '0' is at 0 ms, and the first spikes of a neuron are "
                                 "at dt"),
    ([(1, "a", 2)] * 256, "is one of more than 255 of neuron 2 in one step of 0.1 ms"),
    ([(3, "a", 2), (1, "a", 2)] * 256, "is one of more than 255 of neuron 2 in one step")])
def test_strange_files_are_refused(tmp_path, rows, said):
    write_csv(tmp_path / "s.csv", rows)
    refused(tmp_path, TIME + source(size=5, file="s.csv"),
            "r.ini:10: [population.src] file: ", said)


def test_255_spikes_in_a_step(tmp_path):
    write_csv(tmp_path / "s.csv", [(1, "a", 2)] * 255 + [(1.1, "a", 2)] * 255)
    result = run(tmp_path, TIME + source(size=5, file="s.csv"))
    assert found(result, "src") == [(10, 2)] * 255 + [(11, 2)] * 255
    assert result.attribute("megalif/populations/src", "most_spikes_in_step") == 255


def test_a_file_without_spikes(tmp_path):
    write_csv(tmp_path / "s.csv", [])
    assert found(run(tmp_path, TIME + source(file="s.csv")), "src") == []


def test_a_missing_file_is_named(tmp_path):
    refused(tmp_path, TIME + source(file="nowhere.h5"), "[population.src] file: ", "nowhere.h5")


# ---- what is counted

def test_counts_intervals_rates_and_limits(tmp_path):
    """Spikes of one step are intervals of 0."""
    train = train_with_multiples()
    foreign(tmp_path / "s.h5", {"a": train})
    result = run(tmp_path, TIME + source(file="s.h5")
                 + section("record.c", population="src", what="counts"))
    counts = result.counts("src")
    for i, own in enumerate(result.trains("src", 50)):
        own = np.sort(own)
        assert counts["spikes"][i] == len(own)
        assert (counts["first"][i], counts["last"][i]) == (own[0], own[-1])
        assert counts["interval_sum"][i] == np.diff(own).sum()
        assert counts["interval_square_sum"][i] == (np.diff(own)**2).sum()
    steps = np.array([s for s, _ in train])
    bins = np.bincount((steps - 1) // 10, minlength=STEPS // 10)
    assert np.array_equal(result.read("megalif/rates/src"), bins)
    limited = run(tmp_path, TIME.replace("[simulation]", "[simulation]\nstop_after_spikes = 5000")
                  + source(file="s.h5"), name="limited")
    assert found(limited, "src") == [s for s in train if s[0] <= steps[4999]]


def test_a_selection_and_a_window_are_recorded(tmp_path):
    whole = run(tmp_path, TIME + poisson(rate="4 kHz"))
    some = run(tmp_path, TIME + poisson(rate="4 kHz")
               + section("record.s", population="src", what="spikes", neurons="7:200:3",
                         start="30 ms", stop="90 ms"), name="some", threads=2)
    assert found(some, "src") == [(s, i) for s, i in found(whole, "src")
                                  if 300 < s <= 900 and 7 <= i < 200 and i % 3 == 1]
    assert some.digest == whole.digest
    assert megalif("digest", "some.h5", cwd=tmp_path).returncode == 0


def test_a_spike_too_many_is_damage(tmp_path):
    """The digest of a file of a selection tells nothing; but no neuron has more than it can."""
    text = TIME + poisson(size=5, rate="50 Hz") + section(
        "record.s", population="src", what="spikes", neurons="0:4")
    result = run(tmp_path, text)
    most = int(result.attribute("megalif/populations/src", "most_spikes_in_step"))
    assert 4 < most < 12
    for copies, code in ((most, 0), (most + 1, 3)):
        steps, ids = result.spikes("src")
        with h5py.File(result.path, "r+") as file:
            for name in ("timestamps", "node_ids"):
                values = file[f"spikes/src/{name}"][()]
                values[3:3 + copies] = values[3]
                file[f"spikes/src/{name}"][...] = values
        done = megalif("digest", "run.h5", cwd=tmp_path)
        assert done.returncode == code, done.stderr
        with h5py.File(result.path, "r+") as file:
            file["spikes/src/timestamps"][...] = steps / 10
            file["spikes/src/node_ids"][...] = ids
    assert f"has a spike more than {most} times" in done.stderr and "at row" in done.stderr


# ---- stopped, resumed, swept, shown

MIXED = (poisson("a", 3000, rate="lognormal(200 Hz, 1)", start="3 ms")
         + poisson("b", 200, times="0 ms, 70 ms", rates="8 kHz, 20 Hz")
         + source("f", 50, file="s.h5")
         + population("n", 500, V_m="uniform(-65, -50)", I_e="300 pA")
         + section("record.c", population="all", what="counts"))


@pytest.mark.parametrize("cut", ["0.1", "63.7", "128", "199.9"])
def test_a_resumed_run_has_the_same_spikes(tmp_path, cut):
    foreign(tmp_path / "s.h5", {"a": train_with_multiples()})
    whole = run(tmp_path, TIME + MIXED, name="whole", threads=2)
    (tmp_path / "m.ini").write_text(TIME + MIXED)
    for arguments in (["--set", f"simulation.duration={cut} ms"], ["--resume"]):
        done = megalif("run", "m.ini", "-o", "cut.h5", "--quiet", "--checkpoint", *arguments,
                       cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    done = megalif("compare", "whole.h5", "cut.h5", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    with h5py.File(whole.path) as a, h5py.File(tmp_path / "cut.h5") as b:
        for name in ("spikes", "first", "last", "interval_square_sum"):
            for group in "abfn":
                path = f"megalif/counts/{group}/{name}"
                assert np.array_equal(a[path][()], b[path][()])


def test_another_file_is_not_resumed(tmp_path):
    train = train_with_multiples()
    foreign(tmp_path / "s.h5", {"a": train})
    (tmp_path / "m.ini").write_text(TIME + source(file="s.h5"))
    megalif("run", "m.ini", "-o", "o.h5", "--checkpoint", "--set", "simulation.duration=50 ms",
            cwd=tmp_path)
    foreign(tmp_path / "s.h5", {"a": train[1:]})
    done = megalif("run", "m.ini", "-o", "o.h5", "--resume", cwd=tmp_path)
    assert done.returncode == 2 and "[population.src]" in done.stderr, done.stderr


def test_a_sweep_over_rates(tmp_path):
    (tmp_path / "w.ini").write_text(
        simulation(duration="1 s") + poisson(size=400, rate="10 Hz")
        + section("sweep", **{"population.src.rate": "grid(10 Hz, 40 Hz, 4)"}))
    done = megalif("sweep", "w.ini", "-o", "w", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = (tmp_path / "w/table.csv").read_text().splitlines()
    names = lines[0].split(",")
    column = names.index("rate.src (Hz)")
    for line, rate in zip(lines[1:], (10, 20, 30, 40)):
        assert abs(float(line.split(",")[column]) - rate) < 5 * np.sqrt(rate / 400)


def test_check_info_and_plots(tmp_path):
    foreign(tmp_path / "s.h5", {"a": train_with_multiples()})
    result = run(tmp_path, TIME + MIXED)
    said = megalif("check", "run.ini", cwd=tmp_path)
    assert said.returncode == 0, said.stderr
    assert "# population a: a source of spikes without a membrane" in said.stdout
    assert "nan" not in said.stdout
    rates = {line.split()[1]: float(line.split()[2]) for line in said.stdout.splitlines()
             if line.endswith(" Hz") and line.startswith("# ")}
    steps, _ = result.spikes("f")
    assert rates["f"] == pytest.approx(len(steps) / 50 / 0.2, rel=0.05)
    assert rates["a"] == pytest.approx(len(result.spikes("a")[0]) / 3000 / 0.2, rel=0.05)
    info = megalif("info", "run.h5", cwd=tmp_path)
    assert info.returncode == 0 and "nan" not in info.stdout
    for what in ("raster", "intervals"):
        done = megalif("plot", "run.h5", "-w", what, "--csv", f"{what}.csv", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    done = megalif("plot", "run.h5", "-w", "f-I", "--csv", "-", cwd=tmp_path)
    assert done.returncode == 2 and "has no f-I curve" in done.stderr


def test_the_pilot_tells_of_late_sources(tmp_path):
    (tmp_path / "c.ini").write_text(
        simulation(duration="2 s") + poisson("early", rate="10 Hz")
        + poisson("late", rate="10 Hz", start="1 s"))
    said = megalif("check", "c.ini", cwd=tmp_path)
    assert "population late begins at 1000 ms" in said.stderr and "early" not in said.stderr


def test_the_pilot_sees_all_neurons_of_a_file(tmp_path):
    """Those above the size of its sample are the only ones that spike."""
    train = spikes(2000, 100, STEPS)
    foreign(tmp_path / "s.h5", {"a": [(s, i + 4000) for s, i in train]})
    (tmp_path / "c.ini").write_text(TIME + source(size=5000, file="s.h5"))
    said = megalif("check", "c.ini", cwd=tmp_path).stdout
    rate = next(line.split()[2] for line in said.splitlines() if line.startswith("# src"))
    assert float(rate) == pytest.approx(2000 / 5000 / 0.2, rel=0.2)


@pytest.mark.parametrize("simulator", ["nest", "brian2"])
@pytest.mark.parametrize("precision", ["single", "double"])
def test_scripts_hold_the_spikes_of_sources(tmp_path, simulator, precision):
    """Steps and ids as in the run's file, several of a step, and those of drawn rates."""
    foreign(tmp_path / "s.h5", {"a": train_with_multiples()})
    config = MIXED + poisson("drawn", rate="uniform(10 Hz, 5 kHz)", start="1 ms")
    result = run(tmp_path, TIME.replace("single", precision) + config)
    done = megalif("check", "--emit", simulator, "run.ini", "-o", "s.py", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    with h5py.File(tmp_path / "s.numbers.h5") as file:
        data = {f"{name}/{key}": item[()] for name, group in file.items()
                for key, item in group.items()}
    for name in result.populations():
        if f"{name}/ids" in data:
            steps, ids = result.spikes(name)
            order = np.lexsort((data[f"{name}/ids"], data[f"{name}/steps"]))
            assert len(steps) > 0 and np.array_equal(data[f"{name}/steps"][order], steps)
            assert np.array_equal(data[f"{name}/ids"][order], ids)
    assert {"a/ids", "f/ids", "drawn/ids"} <= set(data)


def test_a_rate_of_a_million_neurons_takes_no_arrays(tmp_path):
    """Memory does not grow with neurons but for the spikes of a block."""
    (tmp_path / "c.ini").write_text(simulation(duration="1 ms")
                                    + poisson(size=10_000_000, rate="5 Hz"))
    lines = megalif("check", "c.ini", cwd=tmp_path).stdout.splitlines()
    names = [line.split()[1:4] for line in lines if line.endswith(" MB")]
    assert not [n for n in names if "potential" in n or "refractory" in n]


def test_all_targets_are_those_that_something_can_act_on(tmp_path):
    """Beside sources `all` is all others; as sources of a projection they are meant, too."""
    synapses = dict(rule="fixed_indegree", indegree=5, weight="0.5 mV", delay="1 ms")

    def network(all_targets):
        return (TIME + population("exc", 40) + poisson(rate="20 Hz") + population("inh", 10) +
                section("input.i", target=all_targets, type="dc", amplitude="400 pA") +
                section("projection.p", source="all", target=all_targets, **synapses))

    result = run(tmp_path, network("all"), name="all")
    named = run(tmp_path, network("exc, inh"), name="named")
    assert result.digest == named.digest and len(result.spikes("exc")[0]) > 0
    with h5py.File(result.path) as one, h5py.File(named.path) as two:
        assert one["megalif/config"][()] == two["megalif/config"][()].replace(b"named", b"all")
        assert one["megalif/projections/p"].attrs["synapses"] == 50 * 5
