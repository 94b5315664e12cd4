"""A config with all that ranks must agree on, and what their files are compared with."""
import numpy as np

from faults import contents, differ, left_in
from megalif import section, simulation

# All that knows ids, or is counted, or recorded: drawn parameters, noises, inputs of slices, copies
# of cells, sources, populations smaller than the number of ranks, delays that differ.
NEURONS = (
    section("population.a", size=3001, C_m="uniform(200 pF, 300 pF)",
            V_m="uniform(-70 mV, -55 mV)", t_ref="uniform(1 ms, 3 ms)", crossing="bridge")
    + section("population.b", size=400, model="iaf_psc_exp", tau_syn_ex="uniform(1, 4)",
              I_e="normal(390 pA, 30 pA)")
    + section("population.copies", size=1100, copies=11, I_e="levels(300 pA, 500 pA)")
    + section("population.few", size=5, I_e="400 pA")
    + section("population.noise", size=700, model="poisson", rate="uniform(3 Hz, 40 Hz)")
    + section("input.poisson", target="a", type="poisson", rate="uniform(500 Hz, 2 kHz)",
              weight="uniform(0.5 mV, 1 mV)")
    + section("input.slice", target="a[300:1100]", type="dc", amplitude="normal(350 pA, 50 pA)")
    + section("input.ou", target="a[200:900], few", type="ou_noise", std="100 pA", tau="5 ms")
    + section("input.white", target="a, few", type="white_noise", sigma_V="3 mV")
    + section("input.frozen", target="copies", type="white_noise", sigma_V="2 mV", common="copies"))
RECORDERS = (
    section("record.v", population="a, b, few", what="V_m", neurons="sample(5)",
            interval="0.7 ms")
    + section("record.i", population="a", what="I", neurons="120:140", interval="1 ms",
              start="5 ms")
    + section("record.some", population="a", what="spikes", neurons="sample(1500)", start="10 ms")
    + section("record.counts", population="all", what="counts")
    + section("record.rate", population="a, noise", what="rate", bin_width="2 ms"))
SYNAPSES = (
    section("projection.bernoulli", source="noise", target="a[100:2500]",
            rule="pairwise_bernoulli", p=0.1, weight="0.2 mV", delay="uniform(0.5 ms, 4 ms)")
    + section("projection.total", source="a, b", target="few", rule="fixed_total_number", N=700,
              weight="-0.1 mV", delay="1 ms")
    + section("projection.indegree", source="a, b[17:300]", target="b", rule="fixed_indegree",
              indegree=40, weight="normal(0 pA, 30 pA)", allow_both_signs="yes", delay="1.5 ms")
    + section("projection.outdegree", source="few, b", target="copies", rule="fixed_outdegree",
              outdegree=7, weight="0.1 mV", delay="0.9 ms")
    + section("projection.file", source="few", target="a", rule="file", file="edges.csv"))


def config(folder, *parts, **keys):
    path = folder / "run.ini"
    path.write_text(simulation(**{"duration": "60 ms", "warmup": "7 ms", "seed": 3, **keys})
                    + "".join(parts))
    draw = np.random.default_rng(1)
    rows = [f"{draw.integers(5)},{draw.integers(3001)},{draw.integers(1, 9) / 8},{d / 10}"
            for d in draw.integers(5, 50, 300)]
    (folder / "edges.csv").write_text("\n".join(["source,target,weight,delay", *rows, ""]))
    return path


def assert_same_files(folder):
    """What the ranks wrote, many.h5 and many.NAME.h5, is what one process wrote."""
    ones = sorted(folder.glob("one*.h5"))
    for one in ones:
        many = folder / one.name.replace("one", "many", 1)
        assert differ(many, contents(one)) == [], one.name
    assert len(sorted(folder.glob("many*"))) == len(ones), left_in(folder)
