"""Models whose spikes other simulators must give, step by step: for test_emit.py and
long_emit.py."""
import h5py
import numpy as np

from megalif import population, section, simulation

CELLS = population("cells", 30)


def model(*sections, **keys):
    return "".join([simulation(**{"precision": "double", "duration": "400 ms", **keys}), *sections])


REALISED = {
    "constant currents, everything drawn": model(
        population("drawn", 40, C_m="uniform(200 pF, 300 pF)",
                   tau_m="normal_clipped(20, 3, 10, 30)",
                   E_L="normal(-66, 1)", V_th="uniform(-52, -48)", V_reset="uniform(-70, -60)",
                   t_ref="uniform(0 ms, 4 ms)", I_e="uniform(190 pA, 400 pA)",
                   V_m="uniform(-65, -49)")
        + population("fast", 5, t_ref="0 ms", I_e="linspace(2 nA, 200 nA)", tau_m="3 ms")
        + population("pacemaker", 3, E_L="-48 mV", V_m="-65 mV")),
    "currents that change": model(
        CELLS, population("more", 20, C_m="uniform(220 pF, 280 pF)"),
        section("input.a_constant", target="cells[3:20]", type="dc", amplitude="230 pA",
                start="20 ms", stop="300 ms"),
        section("input.steps", target="cells, more", type="step", times="0, 33.3, 150",
                amplitudes="190, 260, 195 pA"),
        section("input.ramp", target="more[5:15]", type="ramp", first="0 pA", last="120 pA",
                start="50 ms", stop="350 ms"),
        section("input.wave", target="cells", type="sine", amplitude="80 pA", frequency="17 Hz",
                phase="30"),
        section("input.pulses", target="more", type="pulses", amplitude="900 pA", period="40 ms",
                width="3 ms", delay="0.4 ms"), dt="0.05 ms"),
    "white noise": model(
        CELLS.replace("20 ms", "uniform(15 ms, 25 ms)", 1),
        section("input.n1", target="cells", type="white_noise", mean="180 pA", std="500 pA"),
        section("input.n2", target="cells[7:22]", type="white_noise", mean_V="2 mV", sigma_V="3 mV",
                start="40 ms", stop="333 ms"),
        section("input.n3", target="cells[20:30]", type="white_noise", std="150 pA", hold="1 ms",
                correlation="0.4")),
    "Poisson input": model(
        population("cells", 30, V_min="uniform(-65.3 mV, -65 mV)"),
        population("more", 140, t_ref="0 ms"),
        section("input.p1", target="cells, more[10:137]", type="poisson", rate="9 kHz",
                weight="0.15 mV"),
        section("input.p2", target="cells", type="poisson", times="5, 200", rates="500, 3000 Hz",
                weight="-0.2 mV", correlation="0.3"),
        section("input.p3", target="more", type="poisson", rate="2 kHz", weight="0.3 mV",
                modulation="0.8", frequency="20 Hz", start="10 ms", stop="390 ms"),
        duration="200 ms"),
    "OU noise": model(
        population("cells", 60, C_m="uniform(200 pF, 300 pF)"),
        section("input.slow", target="cells", type="ou_noise", mean="190 pA", std="80 pA",
                tau="15 ms", correlation="0.5"),
        section("input.late", target="cells[30:50]", type="ou_noise", std="200 pA", tau="2 ms",
                start="100.2 ms"), dt="0.0125 ms", duration="150 ms"),
    "copies that share their noise": model(
        population("cells", 60, copies=3, V_th="normal(-50, 1)", I_e="levels(100 pA, 200 pA)"),
        section("input.a", target="cells", type="white_noise", sigma_V="uniform(2, 4)",
                common="copies"),
        section("input.b", target="cells[7:50]", type="poisson", rate="uniform(1, 4 kHz)",
                weight="levels(-0.1, 0.3)", common="copies"),
        section("input.c", target="cells", type="ou_noise", std="100 pA", tau="5 ms",
                common="copies"), duration="200 ms"),
    "inputs that draw their numbers": model(
        population("cells", 60, C_m="choice(200, 250, 300 pF)"),
        section("input.a", target="cells[3:55]", type="dc", amplitude="linspace(50 pA, 250 pA)"),
        section("input.b", target="cells", type="poisson", rate="lognormal(4 kHz, 0.6)",
                weight="uniform(0.1, 0.3)"),
        section("input.c", target="cells", type="white_noise", mean_V="uniform(0 mV, 3 mV)",
                sigma_V="choice(1, 4 mV)", start="50 ms"),
        section("input.d", target="cells[0:20]", type="sine", amplitude="normal(60, 20)",
                frequency="25 Hz"),
        section("input.e", target="cells[20:60]", type="ou_noise", mean="normal(0, 20)",
                std="uniform(0, 100)", tau="5 ms"), duration="200 ms"),
}

# Reads current.h5 and spikes.csv, which write_files leaves.
FILES = model(
    population("cells", 30), population("more", 20),
    section("input.all", target="cells, more", type="file", file="current.h5", dataset="common"),
    section("input.each", target="cells[3:20], more[2:9]", type="file", file="current.h5",
            dataset="each", start="10 ms", stop="150 ms"),
    section("input.replayed", target="more", type="spikes", file="spikes.csv", weight="2 mV",
            delay="1.5 ms"),
    duration="200 ms")


def write_files(folder):
    rng = np.random.default_rng(4)
    with h5py.File(folder / "current.h5", "w") as file:
        file["common"] = np.repeat(rng.uniform(150, 350, 100), 20)
        file["each"] = rng.normal(40, 200, (2000, 17 + 7))
    spikes = sorted((round(t, 1), int(i))
                    for t, i in zip(rng.uniform(0.1, 199, 800), rng.integers(0, 20, 800)))
    rows = "".join(f"{t},{i}\n" for t, i in spikes)
    (folder / "spikes.csv").write_text("timestamps,node_ids\n" + rows)



def projection(name, source, target, **keys):
    return section(f"projection.{name}", source=source, target=target, **keys)


def network(kind, exc, inh, ext, signs, **keys):
    """Populations of a model and two that are only sources, drawn synapses, and inputs; reads
    spikes.csv, which write_files leaves."""
    return model(
        section("population.exc", size=80, model=kind, I_e="uniform(200 pA, 390 pA)",
                V_m="uniform(-65 mV, -56 mV)", t_ref="uniform(0.5 ms, 3 ms)",
                C_m="uniform(220 pF, 280 pF)", **keys),
        section("population.inh", size=20, model=kind, I_e="350 pA", tau_m="12 ms", **keys),
        section("population.ext", size=150, model="poisson", rate="uniform(100 Hz, 4 kHz)",
                start="20 ms"),
        section("population.trains", size=20, model="spikes", file="spikes.csv"),
        projection("ee", "exc", "exc", rule="fixed_indegree", indegree=8, weight=exc,
                   delay="uniform(0.1 ms, 3 ms)"),
        projection("ei", "exc", "inh", rule="pairwise_bernoulli", p=0.2, weight=exc,
                   delay="1.5 ms"),
        projection("i", "inh", "exc, inh[2:]", rule="fixed_total_number", N=700, weight=inh,
                   delay="normal_clipped(1.5 ms, 0.7 ms, 0.3 ms, 4 ms)"),
        projection("x", "ext, trains", "exc, inh", rule="fixed_outdegree", outdegree=5, weight=ext,
                   delay="0.1 ms"),
        section("input.noise", target="exc[10:60]", type="white_noise", std="300 pA"),
        section("input.drawn", target="inh", type="poisson", rate="2 kHz", weight=ext),
        section("input.signs", target="exc[5:70]", type="poisson", rate="1 kHz", weight=signs),
        duration="200 ms")


PSC = {"exc": "uniform(40 pA, 90 pA)", "inh": "-300 pA", "ext": "9 pA",
       "signs": "uniform(-60 pA, 60 pA)",
       "tau_syn_ex": "uniform(1 ms, 3 ms)", "tau_syn_in": "4 ms"}
COND = {"exc": "uniform(1 nS, 3 nS)", "inh": "-8 nS", "ext": "0.3 nS",
        "signs": "uniform(-3 nS, 3 nS)"}
NETWORKS = {
    "delta": network("iaf_psc_delta", "0.4 mV", "-1.1 mV", "0.05 mV", "uniform(-0.3 mV, 0.3 mV)",
                     V_min="-72 mV"),
    "exp": network("iaf_psc_exp", **PSC),
    "alpha": network("iaf_psc_alpha", **PSC, V_min="-72 mV"),
    "cond_exp": network("iaf_cond_exp", **COND, E_in="uniform(-85 mV, -75 mV)"),
    "cond_alpha": network("iaf_cond_alpha", **COND, tau_syn_in="uniform(1 ms, 4 ms)"),
}

# Brian2 only.
EULER = model(
    population("cells", 40, tau_m="uniform(4 ms, 20 ms)", V_m="uniform(-65, -50)"),
    section("input.slow", target="cells", type="ou_noise", mean="190 pA", std="80 pA", tau="5 ms"),
    section("input.white", target="cells", type="white_noise", mean_V="6 mV", sigma_V="4 mV"),
    dt="0.2 ms", method="euler")

# With --random: the simulators draw; enough spikes for a mean and a CV each.
RANDOM = model(
    population("noise", 200, tau_m="uniform(15 ms, 25 ms)"), population("events", 200),
    section("input.a", target="noise", type="white_noise", mean="190 pA", sigma_V="4 mV"),
    section("input.b", target="events", type="poisson", times="0, 1000", rates="6, 8 kHz",
            weight="0.15 mV"),
    section("input.c", target="events[50:200]", type="white_noise", std="100 pA", hold="1 ms"),
    duration="2 s")
