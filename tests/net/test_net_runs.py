"""Runs of a network that are cut, made longer, limited, swept, killed: as one undisturbed run."""
import csv
import os
import subprocess

import h5py
import numpy as np
import pytest

import faults
from megalif import PROGRAM, section, simulation

NETWORK = (
    section("population.exc", size=1500, model="iaf_psc_exp", I_e="normal(420 pA, 30 pA)",
            V_m="uniform(-65 mV, -50 mV)", t_ref="uniform(0 ms, 2 ms)")
    + section("population.inh", size=400, V_m="uniform(-65 mV, -50 mV)", I_e="200 pA")
    + section("population.noise", size=60, model="poisson", rate="2 kHz")
    + section("projection.ee", source="exc", target="exc", rule="fixed_indegree", indegree=40,
              weight="normal(30 pA, 60 pA)", delay="uniform(0.3 ms, 25 ms)",
              allow_both_signs="yes")
    + section("projection.ei", source="exc, noise", target="inh", rule="pairwise_bernoulli",
              p=0.05, weight="0.3 mV", delay="0.6 ms")
    + section("projection.ie", source="inh[50:]", target="exc", rule="file", file="edges.csv"))
DURATION = 60


def config(duration=DURATION, more="", **keys):
    return simulation(duration=f"{duration} ms", seed=3, **keys) + NETWORK + more


def write_edges(folder, seed=1):
    draw = np.random.default_rng(seed)
    lines = [f"{source},{target},-{weight},{delay}" for source, target, weight, delay in
             zip(draw.integers(50, 400, 8000), draw.integers(1500, size=8000),
                 draw.integers(10, 90, 8000), draw.integers(3, 90, 8000) / 10)]
    (folder / "edges.csv").write_text("\n".join(["source,target,weight,delay", *lines, ""]))


def megalif(folder, *arguments, **more):
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True,
                          cwd=folder, timeout=120, **more)


def run(folder, text, name, *arguments, code=0, **environment):
    (folder / "c.ini").write_text(text)
    done = megalif(folder, "run", "c.ini", "-o", name, "-q", *arguments,
                   env={**os.environ, **environment})
    assert done.returncode == code, done.stderr
    return done


def spikes(path):
    """{population: (steps, ids)}"""
    with h5py.File(path) as file:
        return {name: (np.rint(group["timestamps"][()] / 0.1).astype(int).tolist(),
                       group["node_ids"][()].tolist()) for name, group in file["spikes"].items()}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    write_edges(folder)
    run(folder, config(), "x.h5")
    assert all(len(steps) > 1000 for steps, _ in spikes(folder / "x.h5").values())
    return folder / "x.h5"


@pytest.fixture
def folder(tmp_path):
    write_edges(tmp_path)
    return tmp_path


WAYS = [("1", "128", "1"), ("2", "640", "3"), ("3", "2048", "2"), ("2", "256", "1")]


@pytest.mark.parametrize("stops", [(0.1, 3.7, 41.3), (24.9, 25.0, 25.1)])
def test_cut_and_resumed_in_other_ways(folder, undisturbed, stops):
    """With other threads, tiles and blocks after each cut; the longest delay is 25 ms."""
    for until, (threads, tile, block) in zip((*stops, DURATION), WAYS):
        run(folder, config(until), "x.h5", "--resume", "-t", threads, MEGALIF_TILE=tile,
            MEGALIF_BLOCK=block)
    assert not faults.differ(folder / "x.h5", faults.contents(undisturbed))


def test_checkpoints_change_nothing(folder, undisturbed):
    run(folder, config(), "x.h5", "--set", "checkpoint.every_model=7 ms")
    assert faults.contents(folder / "x.h5")[("megalif", "digest")] == \
        faults.contents(undisturbed)[("megalif", "digest")]
    assert spikes(folder / "x.h5") == spikes(undisturbed)


@pytest.mark.parametrize("change, said", [
    (("indegree = 40", "indegree = 41"), "[projection.ee] indegree: 40 before, 41 now"),
    (("[projection.ie]", "[projection.none]"), "[projection."),
    (("p = 0.05", "p = 0.06"), "[projection.ei] p: 0.05 before, 0.06 now")])
def test_other_synapses_are_refused(folder, change, said):
    run(folder, config(20), "x.h5", "--resume")
    done = run(folder, config(30).replace(*change), "x.h5", "--resume", code=2)
    assert said in done.stderr


def test_another_file_of_edges_is_refused(folder):
    run(folder, config(20), "x.h5", "--resume")
    write_edges(folder, 2)
    done = run(folder, config(30), "x.h5", "--resume", code=2)
    assert "edges.csv" in done.stderr


# ---- limits

@pytest.mark.parametrize("limit, code", [({"stop_after_spikes": 5000}, 0),
                                         ({"max_rate": "90 Hz"}, 7)])
def test_a_limit_leaves_the_raster_of_a_run_of_that_duration(folder, limit, code):
    """The block with the step that meets it is stepped again."""
    digests = set()
    for threads, tile, block in WAYS[1:]:
        done = run(folder, config(**limit), "x.h5", "--force", "-t", threads, code=code,
                   MEGALIF_TILE=tile, MEGALIF_BLOCK=block)
        with h5py.File(folder / "x.h5") as file:
            duration = round(file["megalif"].attrs["duration_ms"], 1)
            digests.add(file["megalif"].attrs["digest"])
        assert 0 < duration < DURATION, done.stderr
        run(folder, config(duration), "plain.h5", "--force")
        assert spikes(folder / "x.h5") == spikes(folder / "plain.h5")
    assert len(digests) == 1


# ---- sweeps

def rows_of_sweep(folder, *vary):
    (folder / "c.ini").write_text(config(20))
    done = megalif(folder, "sweep", "c.ini", "-j", "2", *(word for line in vary
                                                          for word in ("--vary", line)))
    assert done.returncode == 0, done.stderr
    with open(folder / "c.sweep/table.csv", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("key, values", [("ee.indegree", ("10", "40", "80")),
                                         ("ei.weight", ("0.1 mV", "0.3 mV", "-0.2 mV")),
                                         ("ei.delay", ("0.6 ms", "1 ms", "12 ms"))])
def test_keys_of_projections_are_swept(folder, key, values):
    rows = rows_of_sweep(folder, f"projection.{key}=values({'; '.join(values)})")
    for row, value in zip(rows, values, strict=True):
        run(folder, config(20), "one.h5", "--force", "--set", f"projection.{key}={value}")
        with h5py.File(folder / "one.h5") as file:
            assert file["megalif"].attrs["digest"].decode() == row["digest"]
    assert len({row["digest"] for row in rows}) == 3
