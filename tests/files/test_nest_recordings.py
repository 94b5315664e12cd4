"""Files of NEST's recorders (record_to = "ascii"), in the bytes that NEST 3.10 and 2.20 write: two
lines with #, then the columns, with tabs; spikes in the order of their delivery, senders counted
from 1."""
import h5py
import numpy as np
import pytest

from megalif import population, run, section, simulation
from spike_files import foreign, megalif, spikes
from test_input_files import refused
from test_input_spikes import config, found, jumps

VERSION = "# NEST version: 3.10.0\n# RecordingBackendASCII version: 2\n"
TRAIN = spikes(3000, 50, 2000)  # (step, neuron from 0)


def delivered(train):
    """Within 15 steps, NEST's least delay, threads deliver as they come."""
    return sorted(train, key=lambda s: (s[0] // 15, s[1] % 2, s[1]))


def recorded(train, first=1, header="sender\ttime_ms", steps=False, tab="\t"):
    lines = [VERSION + header + "\n"]
    for step, neuron in delivered(train):
        time = f"{step}{tab}0.000" if steps else f"{step / 10:.3f}"
        lines.append(f"{neuron + first}{tab}{time}\n")
    return "".join(lines)


STEPS = "sender\ttime_step\ttime_offset"
FILES = {
    "3.10": (recorded(TRAIN), {}),
    "3.10 in steps": (recorded(TRAIN, header=STEPS, steps=True), {"dt": "0.1 ms"}),
    "2.20": (recorded(TRAIN, header="# sender\ttime_ms"), {}),
    "2.20 in steps": (recorded(TRAIN, header="# " + STEPS, steps=True), {"dt": "100 us"}),
    "blanks": (recorded(TRAIN, header="sender time_ms", tab="  "), {}),
    "another population": (recorded(TRAIN, first=8001), {"first_id": 8001}),
}


@pytest.mark.parametrize("name", FILES)
def test_replayed_and_converted(tmp_path, name):
    text, keys = FILES[name]
    path = tmp_path / "r-52-0.dat"
    path.write_text(text)
    keys = {"first_id": 1, **keys}
    assert found(run(tmp_path, config(file=path.name, **keys))) == jumps(TRAIN)
    options = [f"--{key.replace('_', '-')}={value}" for key, value in keys.items()]
    done = megalif("convert", path, tmp_path / "n.h5", "-p", "exc", *options)
    assert done.returncode == 0, done.stderr
    numbers = np.loadtxt(path, skiprows=3)  # numpy's reader
    times = numbers[:, 1] / 10 if "in steps" in name else numbers[:, 1]
    order = np.lexsort((numbers[:, 0], times))
    with h5py.File(tmp_path / "n.h5") as file:
        assert np.array_equal(file["spikes/exc/timestamps"], times[order])
        assert np.array_equal(file["spikes/exc/node_ids"], numbers[order, 0] - keys["first_id"])


def test_offsets_come_off(tmp_path):
    """Of precise neurons: a spike lies `offset` before the end of its step."""
    (tmp_path / "r.dat").write_text(VERSION + STEPS + "\n1\t10\t0.025\n2\t12\t0.000\n")
    done = megalif("convert", tmp_path / "r.dat", tmp_path / "r.csv", "-p", "x", "--first-id", 1,
                   "--dt", 0.1)
    assert done.returncode == 0, done.stderr
    lines = (tmp_path / "r.csv").read_text().splitlines()
    assert lines == ["population,timestamps,node_ids", "x,0.975,0", "x,1.2,1"]


def test_first_id_is_for_every_file(tmp_path):
    foreign(tmp_path / "s.h5", {"a": [(s, i + 7) for s, i in TRAIN]})
    assert found(run(tmp_path, config(file="s.h5", first_id=7))) == jumps(TRAIN)


FIRST = {"first_id": 1}
BOTH = {"first_id": 1, "dt": 0.1}


@pytest.mark.parametrize("text, keys, words", [
    (recorded(TRAIN), {}, "r.dat has NEST's senders, which count from 1 and through all"),
    (recorded(TRAIN, header=STEPS, steps=True), {"first_id": 1}, "counts time in NEST's steps and"),
    (VERSION + "sender\ttime_step\n1\t2\n", BOTH, "there is no column time_offset"),
    (VERSION + "sender\tV_m\n1\t-70.000\n", FIRST, "r.dat:3: there is no column time_step"),
    (VERSION + "sender\ttime_ms\n0\t0.100\n", FIRST,
     "r.dat:4:3: '0.100' has id 0, which is below first_id = 1"),
    (VERSION + "sender\ttime_ms\n6\t0.100\n", FIRST, "has id 5, but the input has 5 target"),
    (VERSION + STEPS + "\n1\t1.5\t0.000\n", BOTH, "'1.5' is no whole number"),
    (VERSION + STEPS + "\n1\t1\t0.200\n", BOTH, "'1' is no time from 0 to 1e18 ms"),
    (recorded([(1, 0), (2, 1)]) + recorded([(3, 2)]), FIRST, "r.dat:6:1: a line with # stands")],
    ids=range(9))
def test_strange_ones_are_refused(tmp_path, text, keys, words):
    (tmp_path / "r.dat").write_text(text)
    refused(tmp_path, simulation(duration="1 ms") + population("p", 5) + section(
        "input.m", target="p", type="spikes", file="r.dat", weight="1 mV", **keys), words)
