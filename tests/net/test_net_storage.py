"""One raster of a network, however its synapses are kept: storage, threads, tiles, instruction
sets, ranks, and parts of a run with different ones."""
import json
import re
import subprocess

import pytest

import faults
import ranks
from megalif import PROGRAM, section, simulation
from sameness import PRECISIONS, Run, assert_same

STORAGE = ["lists", "bitmaps", "automatic", "procedural"]

# Every rule that draws, with weights and delays that are the same; sources in part and of several
# populations, targets of several populations in one cell and far from each other in it, pairs of
# many synapses, neurons connected to themselves; all of `clock` fire in one step, then nobody.
NETWORK = (
    section("population.exc", size=1500, model="iaf_psc_exp", I_e="normal(390 pA, 30 pA)",
            V_m="uniform(-65 mV, -50 mV)")
    + section("population.inh", size=700, model="iaf_psc_alpha", V_m="uniform(-65 mV, -50 mV)")
    + section("population.jumps", size=900, V_m="uniform(-65 mV, -50 mV)", I_e="350 pA")
    + section("population.noise", size=300, model="poisson", rate="4 kHz")
    + section("population.clock", size=250, I_e="450 pA")
    + section("projection.indegree", source="exc", target="exc[10:], inh[100:400]",
              rule="fixed_indegree", indegree=200, weight="4 pA", delay="1.5 ms")
    + section("projection.outdegree", source="inh", target="exc[50:], inh", rule="fixed_outdegree",
              outdegree=300, weight="-20 pA", delay="0.8 ms")
    + section("projection.total", source="exc[0:100], inh[7:50], exc[1200:1300]",
              target="exc[0:20], inh[600:], exc[1400:]", rule="fixed_total_number", N=90000,
              weight="4 pA", delay="1.5 ms")
    + section("projection.bernoulli", source="inh", target="inh", rule="pairwise_bernoulli",
              p=0.1, weight="-30 pA", delay="1 ms", allow_autapses="no")
    + section("projection.poisson", source="exc, noise", target="jumps", rule="pairwise_poisson",
              pairwise_avg_num_conns=0.3, weight="0.002 mV", delay="0.4 ms")
    + section("projection.one", source="noise", target="exc[200:500]", rule="one_to_one",
              weight="20 pA", delay="0.7 ms")
    + section("projection.all", source="noise[0:20], clock", target="inh", rule="all_to_all",
              weight="2 pA", delay="2 ms")
    + section("projection.self", source="jumps", target="jumps", rule="fixed_indegree",
              indegree=100, weight="-0.05 mV", delay="1.2 ms", allow_multapses="no"))


def config(storage, duration="50 ms"):
    """Procedural synapses are fixed_outdegree's; all others are lists then."""
    def keep(section):
        can = storage != "procedural" or section[1] == "[projection.outdegree]"
        return f"{section[1]}\nstorage = {storage if can else 'lists'}"
    return simulation(duration=duration, seed=5) + re.sub(
        r"(?m)^(\[projection.*\])$", keep, NETWORK)


@pytest.fixture(scope="module", params=PRECISIONS)
def reference(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("reference")
    run = Run(folder, config("lists"), "-t", "1", "--isa", "scalar",
              precision=request.param).ended()
    run.precision = request.param
    assert run.report["spikes"] > 20000
    return run


@pytest.mark.parametrize("threads, tile, isa", [(1, 32768, "avx512"), (2, 128, "avx512"),
                                                (3, 640, "avx2"), (2, 1024, "scalar")])
@pytest.mark.parametrize("storage", STORAGE)
def test_one_digest(reference, tmp_path, storage, threads, tile, isa):
    run = Run(tmp_path, config(storage), "-t", str(threads), "--isa", isa,
              precision=reference.precision, MEGALIF_TILE=str(tile))
    if run.code == 2 and ("does not have it" in run.stderr or "not built in" in run.stderr):
        pytest.skip(run.stderr.strip())
    assert_same(reference, run)
    assert run.report["connectivity"] == reference.report["connectivity"]
    assert run.report["events"] == reference.report["events"]


@pytest.mark.parametrize("storage", STORAGE)
def test_a_file_says_how_synapses_were_kept(tmp_path, storage):
    """And check says it before, the report of a run after."""
    run = Run(tmp_path, config(storage), "-t", "1").ended()
    kept = {p["name"]: p["storage"] for p in run.report["projections"]}
    assert len(kept) == 8 and set(kept.values()) <= {"lists", "bitmaps", "procedural"}
    if storage == "automatic":
        assert kept["all"] == "bitmaps" and kept["one"] == "lists"
    elif storage == "procedural":
        assert [name for name in kept if kept[name] == storage] == ["outdegree"]
    else:
        assert set(kept.values()) == {storage}

    def said(*words):
        return subprocess.run([PROGRAM, *words], cwd=tmp_path, input=config(storage), text=True,
                              capture_output=True, check=True).stdout

    info = json.loads(said("info", "--json", "run.h5"))["projections"]
    check = json.loads(said("check", "--json", "-"))["projections"]
    assert {p["name"]: p["storage"] for p in info} == kept
    assert {p["name"]: p["storage"]["kind"] for p in check} == kept
    shown = said("info", "run.h5")
    for name, how in kept.items():
        assert re.search(rf"(?m)^projection +{name}: .* synapses in {how}, digest", shown)


def test_each_projection_is_kept_as_asked(tmp_path):
    """Dense ones take fewer bytes as bitmaps, sparse ones more; automatic takes bitmaps where they
    are not much larger."""
    kept = [{p["name"]: p["bytes"] / p["synapses"] for p in
             Run(tmp_path, config(storage), "-t", "1").ended().report["projections"]}
            for storage in STORAGE]
    every = {name: [k[name] for k in kept] for name in kept[0]}
    for name, (lists, bitmaps, automatic, procedural) in every.items():
        assert (procedural < 0.2) if name == "outdegree" else (procedural == lists), name
        assert bitmaps != lists, name
        assert automatic == (lists if name == "one" else bitmaps), name
    assert kept[1]["all"] < 0.3 and kept[1]["poisson"] < kept[0]["poisson"]
    assert kept[1]["one"] > 10 * kept[0]["one"]


def assert_ranks_are_one(tmp_path, text, alone):
    (tmp_path / "run.ini").write_text(text)
    code, stdout, stderr = ranks.run(tmp_path, 2, "run", "run.ini", "-o", "r.h5", "-t", "1",
                                     "--json")
    assert code == 0, stderr
    report = json.loads(stdout)
    for key in ("digest", "connectivity", "events", "spikes"):
        assert report[key] == alone.report[key], key


@pytest.mark.parametrize("storage", STORAGE)
def test_ranks(tmp_path, storage):
    ranks.need_mpi()
    alone = Run(tmp_path, config("lists"), "-t", "2").ended()
    assert_ranks_are_one(tmp_path, config(storage), alone)


def test_resumed_with_another_storage(tmp_path):
    """Cut within delays; the whole is the file of an undisturbed run but for the key itself."""
    def run(name, storage, duration, *more):
        (tmp_path / "net.ini").write_text(config(storage, duration))
        done = subprocess.run([PROGRAM, "run", "net.ini", "-o", name, "-t", "2", "-q",
                               *more], cwd=tmp_path, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr

    run("whole.h5", "lists", "30 ms")
    more = ("--resume",)
    for storage, duration in (("bitmaps", "10.3 ms"), ("lists", "11 ms"), ("procedural", "12 ms"),
                              ("automatic", "30 ms")):
        run("cut.h5", storage, duration, *more)
    whole = faults.contents(tmp_path / "whole.h5")
    assert faults.differ(tmp_path / "cut.h5", whole) == ["megalif/config"]
    text = subprocess.run([PROGRAM, "info", "--config", "cut.h5"], cwd=tmp_path,
                          capture_output=True, text=True, check=True).stdout
    assert text.count("storage       = automatic\n") == 8
    assert text.replace("= automatic\n", "= lists\n") == whole["megalif/config"].decode()


# Two canonical tiles of 65,536 and 14,464, sources of both; targets begin within a tile. A source
# of `dense` has more than 255 synapses into one.
WIDE = (section("population.p", size=80000, V_m="uniform(-65 mV, -50 mV)", I_e="300 pA")
        + "".join(section(f"projection.{name}", source=source, target=target,
                          rule="fixed_outdegree", weight="0.1 mV", delay="0.7 ms",
                          **{"outdegree": 40, **more}) # so many that they are counted (tally.h)
                  for name, source, target, more in (
                      ("all", "p", "p", {}), ("some", "p[60000:70000]", "p[100:]", {}),
                      ("others", "p[60000:70000]", "p", {"allow_autapses": "no"}),
                      ("dense", "p[:500]", "p", {"outdegree": 600}))))


def wide(storage):
    return simulation(duration="8 ms", seed=3) + re.sub(
        r"(?m)^(\[projection.*\])$", rf"\1\nstorage = {storage}", WIDE)


@pytest.mark.parametrize("precision", PRECISIONS)
def test_whole_tiles_drawn_anew(tmp_path, precision):
    """Cells that have a canonical tile, a part of one, or parts of two."""
    def run(storage, *more, **environment):
        return Run(tmp_path, wide(storage), *more, precision=precision, **environment).ended()
    lists = run("lists", "-t", "2")
    assert lists.report["events"] > 500000
    for more, tile in ((("-t", "1"), 4096), (("-t", "2"), 640), (("-t", "3"), 4096),
                       (("-t", "2", "--isa", "scalar"), 32768)):
        anew = run("procedural", *more, MEGALIF_TILE=str(tile))
        assert_same(lists, anew)
        for key in ("connectivity", "events"):
            assert anew.report[key] == lists.report[key], (key, more, tile)


def test_ranks_draw_their_own_tiles_anew(tmp_path):
    """The first rank has a part of one canonical tile, the other one the rest and all of the
    second."""
    ranks.need_mpi()
    alone = Run(tmp_path, wide("procedural"), "-t", "2").ended()
    assert_ranks_are_one(tmp_path, wide("procedural"), alone)
