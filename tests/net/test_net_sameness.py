"""One raster of a network, whatever computes it: threads, tiles, blocks, instruction sets,
compilers, parts of a run; and the digests, pinned."""
import numpy as np
import pytest

from megalif import section, simulation
from sameness import PRECISIONS, Run, assert_same, program_of_the_other_compiler

# Every rule; models with one receptor and with two; sources that are no neurons and may spike
# several times a step; constant and drawn weights and delays, weights of both signs; lists of
# several ranges, some of one population, that begin inside tiles; more targets than a canonical
# tile has. exc fires by its current, the rest by what arrives.
LEAST_DELAY = 4
NETWORK = (
    section("population.exc", size=4700, model="iaf_psc_exp", tau_syn_ex="uniform(1 ms, 3 ms)",
            tau_syn_in="3 ms", I_e="normal(380 pA, 30 pA)", V_m="uniform(-65 mV, -50 mV)",
            t_ref="uniform(0 ms, 3 ms)")
    + section("population.inh", size=1100, model="iaf_psc_alpha", V_m="uniform(-65 mV, -50 mV)")
    + section("population.jumps", size=900, t_ref="1 ms", V_m="uniform(-65 mV, -50 mV)")
    + section("population.conductances", size=300, model="iaf_cond_exp", I_e="255 pA")
    + section("population.noise", size=300, model="poisson", rate="3 kHz")
    + section("projection.indegree", source="exc", target="exc, inh[100:1000]",
              rule="fixed_indegree", indegree=30,
              weight="normal_clipped(60 pA, 20 pA, 0 pA, 200 pA)",
              delay="normal_clipped(1.5 ms, 0.75 ms, 0.4 ms, 5 ms)")
    + section("projection.outdegree", source="inh", target="exc[50:]", rule="fixed_outdegree",
              outdegree=40, weight="uniform(-90 pA, -20 pA)", delay="0.8 ms")
    + section("projection.total", source="exc[0:1000], inh, exc[2000:2100]",
              target="exc[100:4600], exc[0:50]", rule="fixed_total_number", N=30000,
              weight="normal(5 pA, 20 pA)", delay="uniform(0.5 ms, 3 ms)",
              allow_both_signs="yes")
    + section("projection.bernoulli", source="inh", target="inh", rule="pairwise_bernoulli",
              p=0.01, weight="-30 pA", delay="1 ms", allow_autapses="no")
    + section("projection.poisson", source="exc, noise", target="jumps", rule="pairwise_poisson",
              pairwise_avg_num_conns=0.006, weight="lognormal(0.8 mV, 0.5)",
              delay="uniform(0.4 ms, 9 ms)", weight_bits=32)
    + section("projection.one", source="noise", target="exc[200:500]", rule="one_to_one",
              weight="20 pA", delay="0.7 ms")
    + section("projection.all", source="noise[0:20], jumps[0:9]", target="inh",
              rule="all_to_all", weight="25 pA", delay="uniform(1 ms, 2 ms)")
    + section("projection.unique", source="jumps", target="jumps", rule="fixed_indegree",
              indegree=100, weight="normal(-0.05 mV, 0.2 mV)", delay="1.2 ms",
              allow_both_signs="yes", allow_multapses="no", allow_autapses="no")
    + section("projection.nS", source="exc, inh", target="conductances", rule="fixed_indegree",
              indegree=50, weight="normal(1 nS, 2 nS)", delay="uniform(0.5 ms, 1.5 ms)",
              allow_both_signs="yes")
    + section("projection.file", source="jumps", target="exc", rule="file", file="edges.csv"))

# Digests of numerics = 2, as in tests/physics/test_sameness.py.
PINNED = {"single": "b7cf8ccc9a98fdb37c19746d38fa0082",
          "double": "310dec3bd00bb9e29fc84a9f04f38f4b"}


def config(duration="40 ms", **keys):
    return simulation(duration=duration, seed=7, **keys) + NETWORK


def network(folder, *arguments, text=None, **more):
    """A run of the config above, or another; in a folder with its edges."""
    draw = np.random.default_rng(1)
    edges = zip(draw.integers(900, size=5000), draw.integers(4700, size=5000),
                draw.uniform(-100, 100, size=5000), draw.integers(LEAST_DELAY, 60, size=5000) / 10)
    lines = [f"{source},{target},{weight:.3f},{delay}" for source, target, weight, delay in edges]
    (folder / "edges.csv").write_text("\n".join(["source,target,weight,delay", *lines, ""]))
    return Run(folder, text or config(), *arguments, **more)


def sections_of(text):
    return ["[" + part + "\n" for part in ("\n" + text).split("\n[")[1:]]


@pytest.fixture(scope="module", params=PRECISIONS)
def reference(request, tmp_path_factory):
    run = network(tmp_path_factory.mktemp("reference"), "-t", "1",
                  precision=request.param).ended()
    run.precision = request.param
    return run


def test_everything_is_at_work(reference, tmp_path):
    """Each projection matters."""
    assert reference.report["spikes"] > 10000
    if reference.precision == "double":
        return
    sections = sections_of(config())
    for i, part in enumerate(sections):
        if part.startswith("[projection."):
            without = "".join(sections[:i] + sections[i + 1:])
            assert network(tmp_path, text=without).ended().digest != reference.digest, part


@pytest.mark.parametrize("threads", [2, 3, 7])
def test_threads(reference, tmp_path, threads):
    run = network(tmp_path, "-t", str(threads), precision=reference.precision)
    assert_same(reference, run)
    assert run.report["threads"] == threads


@pytest.mark.parametrize("tile, block", [(128, 1), (640, 3), (1024, 4), (4096, 2), (32768, 2)])
def test_tiles_and_blocks(reference, tmp_path, tile, block):
    run = network(tmp_path, "-t", "2", precision=reference.precision, MEGALIF_TILE=str(tile),
                  MEGALIF_BLOCK=str(block))
    assert_same(reference, run)
    assert (run.report["tile"], run.report["block"]) == (tile, block)


def test_a_block_is_no_longer_than_the_least_delay(reference, tmp_path):
    run = network(tmp_path, precision=reference.precision, MEGALIF_BLOCK="100")
    assert_same(reference, run)
    assert run.report["block"] == LEAST_DELAY


@pytest.mark.parametrize("threads", ["2", "3"])
def test_tiles_that_another_thread_steps(reference, tmp_path, threads):
    """One thread does the work of several, one after the other."""
    run = network(tmp_path, "-t", threads, precision=reference.precision, MEGALIF_TILE="128",
                  OMP_THREAD_LIMIT="1")
    assert_same(reference, run)


@pytest.mark.parametrize("isa", ["scalar", "avx2", "avx512"])
def test_instruction_sets(reference, tmp_path, isa):
    run = network(tmp_path, "--isa", isa, "-t", "2", precision=reference.precision)
    if run.code == 2 and ("does not have it" in run.stderr or "not built in" in run.stderr):
        pytest.skip(run.stderr.strip())
    assert_same(reference, run)


def test_order_of_sections(reference, tmp_path):
    first, *sections = sections_of(config())
    populations = [part for part in sections if part.startswith("[population.")]
    projections = [part for part in sections if part.startswith("[projection.")]
    shuffled = "".join([first, *reversed(projections), *populations])
    assert_same(reference, network(tmp_path, text=shuffled, precision=reference.precision))


def test_other_compiler(reference, tmp_path):
    program = program_of_the_other_compiler()
    for isa in ("scalar", "avx2", "avx512"):
        run = network(tmp_path, "--isa", isa, "-t", "2", precision=reference.precision,
                      program=[program])
        if run.code == 0:
            assert_same(reference, run)


def test_pinned(reference):
    assert reference.digest == PINNED[reference.precision]
