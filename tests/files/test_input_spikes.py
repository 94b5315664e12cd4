"""`type = spikes`: spikes of SONATA and CSV files, replayed as jumps of V."""
import resource
import subprocess

import h5py
import numpy as np
import pytest

from megalif import PROGRAM, counts_only, population, run, section, simulation
from spike_files import foreign, spikes
from test_input_files import refused

STEPS = 2000
WEIGHT, DELAY = 4.5, 7  # mV, steps


def write_csv(path, rows, names=("timestamps", "population", "node_ids"), separator=","):
    lines = [separator.join(names)]
    lines += [separator.join(map(str, row)) for row in rows]
    path.write_text("\n".join(lines) + "\n")


def config(**keys):
    """Cells like those of jumps(), in double."""
    return (simulation(duration=f"{STEPS // 10} ms", precision="double")
            + population("target", 50)
            + section("input.m", **{"target": "target", "type": "spikes", "weight": f"{WEIGHT} mV",
                                    "delay": f"{DELAY / 10} ms", **keys}))


def jumps(train, size=50, weight=WEIGHT, delay=DELAY, active=range(STEPS)):
    """Spikes (step, id) of cells that get a jump at the end of the step that ends `delay` after
    each spike of train, (step number, id)."""
    counts = np.zeros((STEPS, size))
    for step, i in train:
        if 0 <= step + delay - 1 < STEPS and step + delay - 1 in active:
            counts[step + delay - 1, i] += 1
    e, u, free_at, found = -np.expm1(-0.1 / 20), np.full(size, -15.0), np.zeros(size), []
    for k in range(STEPS):
        free = k >= free_at
        u = np.where(free, u + e * (-15 - u) + weight * counts[k], u)
        fired = np.flatnonzero(free & (u >= 0))
        u[fired] = -15
        free_at[fired] = k + 21
        found += [(k + 1, i) for i in fired]
    return found


def found(result, name="target"):
    steps, ids = result.spikes(name)
    return list(zip(steps.tolist(), ids.tolist()))


def test_replayed_spikes_against_a_loop(tmp_path):
    """Several spikes of a neuron in a step count as often; those of step 0 and late ones, too."""
    train = spikes(9000, 50, STEPS)
    train = sorted(train + train[1::3] + train[1::6] + [(0, 3)] * 4)
    foreign(tmp_path / "s.h5", {"source": train})
    write_csv(tmp_path / "s.csv", [(f"{s / 10}", "source", i) for s, i in train])
    expected = jumps(train)
    assert len(expected) > 200
    digests = set()
    for keys in ({"file": "s.h5"}, {"file": "s.csv", "population": "source"}):
        result = run(tmp_path, config(**keys), threads=2)
        assert found(result) == expected
        digests.add(result.digest)
    assert len(digests) == 1


def test_a_run_replays_its_own_spikes(tmp_path):
    """The raster of one population into another, which a loop steps; and again from a CSV file."""
    first = run(tmp_path, simulation(duration="200 ms") + population("source", 50)
                + section("input.noise", target="source", type="white_noise", mean="220 pA",
                          sigma_V="5 mV"), name="first")
    train = found(first, "source")
    assert len(train) > 100
    result = run(tmp_path, config(file="first.h5", population="source", weight="11 mV"))
    assert found(result) == jumps(train, weight=11.0)


@pytest.mark.parametrize("delay", [None, 1, 2, 30])
def test_a_jump_comes_delay_after_its_spike(tmp_path, delay):
    """One spike at 5 ms, to a cell just below threshold: the step of its own spike is the
    jump's."""
    foreign(tmp_path / "s.h5", {"source": [(50, 0)]})
    keys = {"delay": f"{delay / 10} ms"} if delay else {}
    result = run(tmp_path, simulation(duration="20 ms") + population("p", 1, E_L="-51 mV")
                 + section("input.m", target="p", type="spikes", file="s.h5", weight="2 mV",
                           **keys))
    assert found(result, "p") == [(50 + (delay or 1), 0)]


def test_start_and_stop_are_about_the_jump(tmp_path):
    train = spikes(9000, 50, STEPS)
    foreign(tmp_path / "s.h5", {"source": train})
    result = run(tmp_path, config(file="s.h5", start="50 ms", stop="150 ms"))
    assert found(result) == jumps(train, active=range(500, 1500))


def test_slices_count_their_neurons_from_0(tmp_path):
    train = spikes(900, 5, STEPS)
    foreign(tmp_path / "s.h5", {"source": train})
    text = (simulation(duration="200 ms", precision="double") + population("b", 9)
            + population("a", 4)
            + section("input.m", target="a[1:3], b[6:9]", type="spikes", file="s.h5",
                      weight=f"{WEIGHT} mV", delay="0.7 ms"))
    result = run(tmp_path, text)
    expected = jumps(train, size=5)
    assert found(result, "b") == [(s, i + 6) for s, i in expected if i < 3]
    assert found(result, "a") == [(s, i - 3 + 1) for s, i in expected if i >= 3]


def test_times_between_steps_count_for_the_next(tmp_path):
    rows = [(1.00004, 0), (1.05, 1), (1.098, 2), (1.10001, 3), (1.9, 4)]
    write_csv(tmp_path / "s.csv", rows, ("timestamps", "node_ids"), " ")
    text = (simulation(duration="5 ms") + population("p", 5, E_L="-51 mV")
            + section("input.m", target="p", type="spikes", file="s.csv", weight="2 mV"))
    result = run(tmp_path, text)
    assert found(result, "p") == [(11, 0), (12, 1), (12, 2), (12, 3), (20, 4)]
    assert "2 of 5 spikes of" in result.stderr and "at no multiple of dt" in result.stderr


@pytest.mark.parametrize("precision", ["single", "double"])
def test_any_order_is_the_same_input(tmp_path, precision):
    """By time, by id, in none; in SONATA, whatever its attribute claims, and CSV. Jumps are
    counted, so the order of equal times does not matter."""
    train = spikes(9000, 50, STEPS)
    train = sorted(train + train[1::3] + [(0, 3)] * 4)
    by_id = sorted(train, key=lambda s: s[1])
    mixed = [train[i] for i in np.random.default_rng(5).permutation(len(train))]
    digests = set()
    for order, sorting in ((train, "by_time"), (by_id, "by_id"), (mixed, "none"),
                           (mixed, "by_time")):
        foreign(tmp_path / "s.h5", {"source": order, "other": train[:5]}, sorting=sorting)
        write_csv(tmp_path / "s.csv", [(f"{s / 10}", "source", i) for s, i in order])
        for file in ("s.h5", "s.csv"):
            text = config(file=file, population="source").replace("double", precision)
            digests.add(run(tmp_path, text, threads=2).digest)
    assert len(digests) == 1
    if precision == "double":
        assert found(run(tmp_path, config(file="s.csv", population="source"))) == jumps(train)


def test_what_is_wrong_is_told_of_unsorted_files_too(tmp_path):
    """By its place in the file."""
    write_csv(tmp_path / "s.csv", [(2, "a", 1), (1, "a", 1), (0.5, "a", 7)])
    refused(tmp_path, simulation(duration="1 ms") + population("p", 5)
            + section("input.m", target="p", type="spikes", file="s.csv", weight="1 mV"),
            "s.csv:4:1: '0.5' has id 7, but the input has 5 target neurons")


def test_spikes_that_do_not_fit_into_memory_are_refused_before_they_are_sorted(tmp_path):
    count = 4_000_000
    with h5py.File(tmp_path / "s.h5", "w") as file:
        file["spikes/a/timestamps"] = np.arange(count, 0, -1) / 10
        file.create_dataset("spikes/a/node_ids", data=np.zeros(count, dtype="u1"))
    (tmp_path / "c.ini").write_text(simulation(duration="1 ms") + population("p", 5) + section(
        "input.m", target="p", type="spikes", file="s.h5", weight="1 mV"))
    limit = 100_000_000
    done = subprocess.run([PROGRAM, "run", "c.ini"], capture_output=True, text=True, cwd=tmp_path,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))
    assert done.returncode == 4, done.stderr
    assert f"s.h5: to sort the {count} spikes takes 128 MB, but" in done.stderr
    assert subprocess.run([PROGRAM, "run", "c.ini"], cwd=tmp_path).returncode == 0


@pytest.mark.parametrize("late", ["1e15", "1e18"])
def test_spikes_far_beyond_the_run_never_come(tmp_path, late):
    """Their steps would be more than fit a 64-bit number."""
    write_csv(tmp_path / "s.csv", [("50", "source", 3), (late, "source", 4)])
    result = run(tmp_path, config(file="s.csv", weight="40 mV").replace("dt = 0.1", "dt = 0.05"))
    assert [i for _, i in found(result)] == [3]


def test_poisson_spikes_of_a_file_act_as_the_poisson_drive(tmp_path):
    """Free V has the drive's mean and variance, at the same steps of delay."""
    rate, size, rng = 2000, 400, np.random.default_rng(11)
    counts = rng.poisson(rate * 1e-4, (STEPS, size))
    steps, ids = np.nonzero(counts)
    train = [(int(s), int(i)) for s, i in zip(np.repeat(steps, counts[steps, ids]),
                                              np.repeat(ids, counts[steps, ids]))]
    foreign(tmp_path / "s.h5", {"source": train})
    cells = population("p", size, V_m="uniform(-65, -50)", I_e="100 pA")
    text = simulation(duration="200 ms", warmup="50 ms") + cells + counts_only("p")
    rates = []
    for more in ({"type": "spikes", "file": "s.h5"}, {"type": "poisson", "rate": f"{rate} Hz"}):
        result = run(tmp_path, text + section("input.m", target="p", weight="0.3 mV", **more))
        spikes_of = result.counts("p")["spikes"]
        rates.append((spikes_of.mean(), spikes_of.std() / np.sqrt(size)))
    (a, sa), (b, sb) = rates
    assert a > 1 and abs(a - b) < 5 * np.hypot(sa, sb)


@pytest.mark.parametrize("rows, keys, said", [
    ([(2, "a", 5)], {}, "has id 5, but the input has 5 target neurons"),
    ([(-1, "a", 1)], {}, "s.csv:2:1: '-1' is no time from 0 to"),
    ([("nan", "a", 1)], {}, "'nan' is no number"),
    ([(1, "a", -1)], {}, "s.csv:2:5: '-1' is no whole number"),
    ([(1, "a", 1.5)], {}, "'1.5' is no whole number"),
    ([(1, "a", "")], {}, "'' is no whole number"),
    ([(1, "a", 2**64)], {}, "'18446744073709551616' is no whole number"),
    ([(1, "a", "9007199254740992.0")], {}, "'9007199254740992.0' is no whole number"),
    ([(1, "a", "1e99")], {}, "'1e99' is no whole number"),
    ([(1, "a", "-1.0")], {}, "'-1.0' is no whole number"),
    ([(1, "a", 1), (1, "b", 1)], {}, "s.csv:3:3: 'b' is a second population; name the one"),
    ([(1, "a", 1)], {"population": "b"}, "has no spikes of a population b")])
def test_strange_csv_files_are_refused(tmp_path, rows, keys, said):
    write_csv(tmp_path / "s.csv", rows)
    refused(tmp_path, simulation(duration="1 ms") + population("p", 5)
            + section("input.m", target="p", type="spikes", file="s.csv", weight="1 mV", **keys),
            said)


def test_strange_sonata_files_are_refused(tmp_path):
    text = simulation(duration="1 ms") + population("p", 5)

    def expect(said, **keys):
        refused(tmp_path, text + section("input.m", target="p", type="spikes", file="s.h5",
                                         weight="1 mV", **keys), said)

    foreign(tmp_path / "s.h5", {"a": [(1, 1)], "b": [(1, 1)]})
    expect("has 2 populations; name one of them")
    expect("has no population c", population="c")
    foreign(tmp_path / "s.h5", {"a": [(2, 1), (3, 7)]})
    expect("row 1 of /spikes/a: has id 7")
    with h5py.File(tmp_path / "s.h5", "r+") as file:
        file["spikes/a/timestamps"][0] = np.nan
    expect("row 0 of /spikes/a: the time is negative, too large, or no number")
    with h5py.File(tmp_path / "s.h5", "r+") as file:
        del file["spikes/a/timestamps"]
        file["spikes/a/timestamps"] = h5py.ExternalLink("other.h5", "/x")
    expect("both in the file itself")
    (tmp_path / "bad.ini").write_text(text + section(
        "input.m", target="p", type="spikes", file="s.h5", weight="1 mV", delay="0 ms"))
    done = subprocess.run([PROGRAM, "check", "bad.ini"], capture_output=True, text=True,
                          cwd=tmp_path)
    assert done.returncode == 2 and "delay must be above 0" in done.stderr


def test_a_file_without_spikes(tmp_path):
    foreign(tmp_path / "s.h5", {"a": []})
    write_csv(tmp_path / "s.csv", [])
    for name in ("s.h5", "s.csv"):
        assert found(run(tmp_path, config(file=name))) == []
