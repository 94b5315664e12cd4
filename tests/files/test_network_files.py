"""What a run with projections says of them: synapses, digests, events; in its report, its file, its
checkpoint; and what happens when it is stopped while it makes synapses."""
import json
import os
import signal
import struct
import subprocess
import time

import h5py
import numpy as np
import pytest

from checkpoint_files import MASK, Checkpoint, mix64
from megalif import PROGRAM, section, simulation

# exc fires by itself; every kind of rule and of storage.
NETWORK = (section("population.exc", size=400, I_e="uniform(400 pA, 500 pA)")
           + section("population.inh", size=100, I_e="450 pA")
           + section("projection.ee", source="exc", target="exc, inh", rule="fixed_indegree",
                     indegree=40, weight="normal_clipped(0.1 mV, 0.01 mV, 0 mV, 1 mV)",
                     delay="uniform(1 ms, 3 ms)")
           + section("projection.ie", source="inh", target="exc", rule="pairwise_bernoulli",
                     p=0.1, weight="-0.3 mV", delay="1.5 ms")
           + section("projection.one", source="exc[0:100]", target="inh", rule="one_to_one",
                     weight="0.5 mV", delay="1.2 ms"))


def megalif(*arguments, code=0, **more):
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True,
                          timeout=120, **more)
    assert done.returncode == code, (done.returncode, done.stderr)
    return done


def report(folder, config, *more, name="net", **environment):
    ini, out = folder / f"{name}.ini", folder / f"{name}.h5"
    ini.write_text(config)
    done = megalif("run", ini, "-o", out, "--force", "--quiet", "--json", *more,
                   env={**os.environ, **environment})
    return json.loads(done.stdout), out


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return report(tmp_path_factory.mktemp("whole"), simulation(duration="200 ms") + NETWORK)


def fnv1a(text):
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001B3 & MASK
    return value


def bits(number):
    return struct.unpack("<Q", struct.pack("<d", number))[0]


def digest_of(synapses, source, target):
    """By its definition in docs/format.md, in Python's integers."""
    key, sums = mix64(fnv1a(source) ^ mix64(fnv1a(target))), [0, 0]
    for pre, post, delay, weight in synapses:
        pair = mix64(key ^ mix64(post)) ^ mix64(bits(delay))
        h = ((mix64(pair) ^ mix64(bits(weight))) + pre) * 0x9E3779B97F4A7C15 & MASK
        a = (h ^ h >> 32) * 0xFF51AFD7ED558CCD & MASK
        b = (h ^ h >> 29) * 0xC4CEB9FE1A85EC53 & MASK
        sums = [sums[0] + (a ^ a >> 32) & MASK, sums[1] + (b ^ b >> 31) & MASK]
    return f"{sums[0]:016x}{sums[1]:016x}"


def test_projections_are_reported(whole):
    told, _ = whole
    ee, ie, one = told["projections"]
    assert [p["name"] for p in (ee, ie, one)] == ["ee", "ie", "one"]
    assert [p["rule"] for p in (ee, ie, one)] == ["fixed_indegree", "pairwise_bernoulli",
                                                  "one_to_one"]
    assert ee["synapses"] == 500 * 40 and one["synapses"] == 100
    assert abs(ie["synapses"] - 4000) < 6 * np.sqrt(4000 * 0.9)
    assert told["synapses"] == ee["synapses"] + ie["synapses"] + one["synapses"]
    assert told["synapse_bytes"] == ee["bytes"] + ie["bytes"] + one["bytes"]
    assert one["bytes"] >= 2 * one["synapses"] and ee["bytes"] >= 4 * ee["synapses"]
    assert 0 < told["synapses_s"] <= told["build_s"]


def test_a_digest_is_that_of_the_definition(whole):
    told, _ = whole
    weight = np.rint(0.5 * 2.0 ** 31) / 2.0 ** 31  # 0.5 is on any grid
    one = digest_of([(i, i, 1.2, weight) for i in range(100)], "exc", "inh")
    assert told["projections"][2]["digest"] == one
    halves = [[int(p["digest"][k:k + 16], 16) for k in (0, 16)] for p in told["projections"]]
    assert told["connectivity"] == "".join(f"{sum(h[k] for h in halves) & MASK:016x}"
                                           for k in (0, 1))


@pytest.mark.parametrize("precision", ["single", "double"])
def test_connections_has_the_same_digest(tmp_path, precision):
    told, out = report(tmp_path, simulation(duration="1 ms", precision=precision) + NETWORK)
    (line,) = [line for line in megalif("connections", out.with_suffix(".ini")).stdout.splitlines()
               if line.startswith("digest ")]
    assert line.split()[1] == told["connectivity"]


@pytest.mark.parametrize("weight", ["choice(0 pA, 1 pA)", "choice(-1 pA, 0 pA, 1 pA)",
                                    "choice(-1 pA, 0 pA)"])
def test_weights_of_zero_are_counted_once(tmp_path, weight):
    """Whichever receptor they would go to; they need not be stored."""
    told, out = report(tmp_path, simulation(duration="1 ms")
                       + section("population.a", size=50, model="iaf_psc_exp")
                       + section("projection.p", source="a", target="a", rule="all_to_all",
                                 delay="1 ms", weight=weight, allow_both_signs="yes"))
    assert told["synapses"] == 2500
    (line,) = [line for line in megalif("connections", out.with_suffix(".ini")).stdout.splitlines()
               if line.startswith("digest ")]
    assert line.split()[1] == told["connectivity"]


@pytest.mark.parametrize("way", [("-t", "1"), ("-t", "2", {"MEGALIF_TILE": "64"}),
                                 ("-t", "3", {"MEGALIF_TILE": "128", "MEGALIF_BLOCK": "3"})])
def test_threads_tiles_and_blocks_change_nothing(whole, tmp_path, way):
    told, _ = whole
    environment = way[2] if len(way) > 2 else {}
    again, _ = report(tmp_path, simulation(duration="200 ms") + NETWORK, *way[:2], **environment)
    for key in ("digest", "connectivity", "events", "synapses"):
        assert again[key] == told[key], key
    assert [p["digest"] for p in again["projections"]] == [p["digest"] for p in
                                                          told["projections"]]


@pytest.mark.parametrize("change", [("simulation.seed", 43), ("projection.one.weight", "0.6 mV"),
                                    ("projection.one.delay", "1.3 ms"),
                                    ("projection.ee.indegree", 41)])
def test_another_connectivity_has_another_digest(whole, tmp_path, change):
    told, _ = whole
    again, _ = report(tmp_path, simulation(duration="1 ms") + NETWORK, "--set",
                      "=".join(map(str, change)))
    assert again["connectivity"] != told["connectivity"]


def events_of(spikes, degree, delay, steps):
    """Arrivals at or before the last step, of (steps, ids) over out-degrees."""
    when, who = spikes
    return int(degree[who[when + delay <= steps]].sum())


@pytest.mark.parametrize("limit", [None, 300])
def test_events_are_what_arrives(tmp_path, limit):
    """Also where a limit ends the run within a block, which is then stepped twice."""
    config = (simulation(duration="150 ms", dt="0.1 ms",
                         **({"stop_after_spikes": limit} if limit else {}))
              + section("population.a", size=60, I_e="uniform(400 pA, 600 pA)")
              + section("population.b", size=50)
              + section("projection.all", source="a", target="b", rule="all_to_all",
                        weight="0.01 mV", delay="2 ms")
              + section("projection.some", source="a[10:20]", target="b", rule="fixed_outdegree",
                        outdegree=7, weight="0.01 mV", delay="uniform(3 ms, 3.04 ms)"))
    told, out = report(tmp_path, config)
    with h5py.File(out) as file:
        when = np.rint(file["spikes/a/timestamps"][:] / 0.1).astype(int)
        who = file["spikes/a/node_ids"][:].astype(int)
    some = np.where((np.arange(60) >= 10) & (np.arange(60) < 20), 7, 0)
    expected = (events_of((when, who), np.full(60, 50), 20, told["steps"])
                + events_of((when, who), some, 30, told["steps"]))
    assert told["events"] == expected > 0
    assert (told["steps"] < 1500) == bool(limit)
    assert told["events_per_s"] == pytest.approx(told["events"] / told["simulate_s"])


def test_the_file_says_it(whole):
    told, out = whole
    with h5py.File(out) as file:
        attributes = file["megalif"].attrs
        assert attributes["connectivity"].decode() == told["connectivity"]
        for key in ("synapses", "events"):
            assert attributes[key] == told[key]
        for p in told["projections"]:
            of_it = file[f"megalif/projections/{p['name']}"].attrs
            assert (of_it["rule"].decode(), of_it["digest"].decode(), of_it["synapses"]) == (
                p["rule"], p["digest"], p["synapses"])
        assert file["megalif/run"].attrs["synapse_bytes"] == told["synapse_bytes"]


def test_info_shows_it(whole):
    told, out = whole
    shown = json.loads(megalif("info", out, "--json").stdout)
    for key in ("connectivity", "synapses", "events"):
        assert shown[key] == told[key], key
    assert shown["projections"] == [{key: p[key] for key in ("name", "rule", "synapses", "storage",
                                                            "digest")}
                                    for p in told["projections"]]
    text = megalif("info", out).stdout
    assert f"connectivity {told['connectivity']}  ({told['synapses']} synapses, " in text
    for p in told["projections"]:
        assert (f"projection   {p['name']}: {p['rule']}, {p['synapses']} synapses in "
                f"{p['storage']}, digest {p['digest']}") in text


def test_without_projections_nothing_is_said(tmp_path):
    told, out = report(tmp_path, simulation(duration="1 ms") + section("population.a", size=3))
    assert told["projections"] == [] and told["connectivity"] is None and told["synapses"] == 0
    assert "connectivity" not in megalif("info", out).stdout
    shown = json.loads(megalif("info", out, "--json").stdout)
    assert shown["connectivity"] is None and shown["projections"] == []
    with h5py.File(out) as file:
        assert "connectivity" not in file["megalif"].attrs and "projections" not in file["megalif"]


def started(folder, *more):
    """A run that has a checkpoint at 100 of 200 ms."""
    ini, out = folder / "part.ini", folder / "part.h5"
    ini.write_text(simulation(duration="200 ms") + NETWORK)
    megalif("run", ini, "-o", out, "--quiet", "--checkpoint", "--set", "simulation.duration=100ms",
            *more)
    return ini, out


def test_a_resumed_run_has_the_same_numbers(whole, tmp_path):
    told, _ = whole
    ini, out = started(tmp_path)
    again = json.loads(megalif("run", ini, "-o", out, "--resume", "-q", "--json").stdout)
    for key in ("digest", "connectivity", "events", "synapses"):
        assert again[key] == told[key], key
    rate = again["events_per_s"] * again["simulate_s"]
    assert 0 < rate < 0.7 * told["events"]  # this process has delivered half of them


@pytest.mark.parametrize("damage", ["another", "missing"])
def test_another_connectivity_is_not_gone_on_with(tmp_path, damage):
    ini, out = started(tmp_path)
    path = out.parent / "part.h5.checkpoint" / "checkpoint"
    checkpoint = Checkpoint(path)
    checkpoint.write()
    again = megalif("run", ini, "-o", out, "-r", "-q", "--set", "simulation.duration=101ms")
    assert again.stderr == ""  # what this test writes is sound
    checkpoint = Checkpoint(path)
    if damage == "another":
        old = checkpoint.sections["connectivity"]
        checkpoint.sections["connectivity"] = bytes([old[0] ^ 1]) + old[1:]
    else:
        del checkpoint.sections["connectivity"]
    checkpoint.write()
    (path.parent / "checkpoint.prev").unlink(missing_ok=True)
    done = megalif("run", ini, "-o", out, "--resume", "-q", code=5)
    assert "connectivity" in done.stderr or "synapses that this program makes" in done.stderr


LARGE = (section("population.a", size=20000)
         + section("projection.p", source="a", target="a", rule="fixed_indegree", indegree=2000,
                   weight="normal_clipped(0.1 mV, 0.01 mV, 0 mV, 1 mV)",
                   delay="uniform(1 ms, 5 ms)"))


def test_a_sweep_goes_over_keys_of_projections(tmp_path):
    """Each point makes the synapses that its key asks for; the table names it."""
    ini = tmp_path / "sweep.ini"
    ini.write_text(simulation(duration="5 ms") + NETWORK)
    megalif("sweep", ini, "-o", tmp_path / "points", "-q",
            "--vary", "projection.ee.indegree=values(10; 20; 30)")
    points = sorted((tmp_path / "points").glob("indegree=*.h5"))
    with_degree = [json.loads(megalif("info", p, "--json").stdout)["projections"][0]["synapses"]
                   for p in points]
    assert sorted(with_degree) == [5000, 10000, 15000]
    (table,) = (tmp_path / "points").glob("table.csv")
    assert "projection.ee.indegree" in table.read_text().splitlines()[0]


@pytest.mark.parametrize("with_checkpoint", [False, True])
def test_a_signal_ends_the_making_of_synapses(tmp_path, with_checkpoint):
    ini, out = tmp_path / "large.ini", tmp_path / "large.h5"
    ini.write_text(simulation(duration="10 s") + LARGE)
    if with_checkpoint:
        megalif("run", ini, "-o", out, "-q", "-c", "--set", "simulation.duration=1ms")
    before = sorted(os.listdir(tmp_path))
    run = subprocess.Popen([PROGRAM, "run", ini, "-o", out, "-t", "1",
                            *(["-r"] if with_checkpoint else [])],
                           stderr=subprocess.PIPE, text=True)
    time.sleep(0.5)
    run.send_signal(signal.SIGINT)
    begun = time.monotonic()
    _, told = run.communicate(timeout=60)
    assert run.returncode == (75 if with_checkpoint else 130), told
    assert "while synapses were made" in told
    assert ("go on with: megalif run" in told) == with_checkpoint
    assert time.monotonic() - begun < 20
    assert sorted(os.listdir(tmp_path)) == before
