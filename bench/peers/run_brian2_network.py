"""Brian2, C++ standalone with its own compiler flags: built once for each network, then only run.

All neurons are one group, and all excitatory and all inhibitory synapses one each, which is faster
than a group and a set of synapses for each of the config's.
"""
import subprocess
import sys

import brian2 as b
import brian2_program
import net_work
import network_config
import numpy as np

PRINT_PEAK = """{
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.rfind("VmHWM:", 0) == 0)
            std::cout << line << std::endl;
}"""
# Spikes are taken in the step after their own, so that a delay of one step is felt in it.
SCHEDULE = ["start", "groups", "synapses", "thresholds", "resets", "end"]
EQUATIONS = {
    "iaf_psc_delta": "dv/dt = (E_L - v)/tau_m + I_e/C_m : volt (unless refractory)",
    "iaf_psc_exp": """dv/dt = (E_L - v)/tau_m + (I_e + I_ex + I_in)/C_m : volt (unless refractory)
                      dI_ex/dt = -I_ex/tau_syn_ex : amp
                      dI_in/dt = -I_in/tau_syn_in : amp"""}
UNITS = {"C_m": b.pF, "tau_m": b.ms, "E_L": b.mV, "V_th": b.mV, "V_reset": b.mV, "t_ref": b.ms,
         "tau_syn_ex": b.ms, "tau_syn_in": b.ms}


def create(network, random):
    """The group of all neurons, and where each population begins in it."""
    populations = network["populations"]
    model, parameters = populations[0]["model"], populations[0]["parameters"]
    size = [p["size"] for p in populations]
    names = {key: value * UNITS[key] for key, value in parameters.items() if key in UNITS}
    # A step more than t_ref: Brian2 counts the step of the spike itself.
    cells = b.NeuronGroup(sum(size), EQUATIONS[model] + "\nI_e : amp (constant)", method="exact",
                          threshold="v >= V_th", reset="v = V_reset", namespace=names,
                          refractory=(parameters["t_ref"] + net_work.DT) * b.ms)
    cells.v = np.concatenate([net_work.draw(random, p["V_m"], p["size"])
                              for p in populations]) * b.mV
    cells.I_e = np.repeat([p["parameters"]["I_e"] for p in populations], size) * b.pA
    begins = np.concatenate([[0], np.cumsum(size)])
    return cells, {p["name"]: (int(a), int(z))
                   for p, a, z in zip(populations, begins, begins[1:])}


def ends(network, projection, places, random):
    """Sources and targets of a projection, in the group."""
    count = network_config.synapses_of(network, projection)
    source = random.integers(*places[projection["source"]], count, dtype=np.int32)
    begin, end = places[projection["target"]]
    if projection["rule"] == "fixed_indegree":
        return source, np.repeat(np.arange(begin, end, dtype=np.int32), projection["count"])
    return source, random.integers(begin, end, count, dtype=np.int32)


def column(network, projections, key, random):
    """A value for all of these projections' synapses, or one for each."""
    if len({tuple(p[key]) for p in projections}) == 1 and projections[0][key][0] == "constant":
        return projections[0][key][1]
    return np.concatenate([net_work.draw(random, p[key], network_config.synapses_of(network, p))
                           for p in projections])


def connect(network, cells, places, sign, random):
    """The synapses whose weights are of this sign."""
    projections = [p for p in network["projections"] if p["weight"][1] * sign > 0]
    delta = network["populations"][0]["model"] == "iaf_psc_delta"
    variable, unit = ("v", b.mV) if delta else ("I_ex" if sign > 0 else "I_in", b.pA)
    pairs = [ends(network, p, places, random) for p in projections]
    weight = column(network, projections, "weight", random)
    delay = np.rint(column(network, projections, "delay", random) / net_work.DT) - 1
    same = np.ndim(weight) == 0
    each = f"w : {'volt' if delta else 'amp'} (constant)"
    synapses = b.Synapses(cells, cells, "" if same else each, on_pre=f"{variable}_post += w",
                          namespace={"w": weight * unit} if same else {},
                          delay=delay * net_work.DT * b.ms if np.ndim(delay) == 0 else None)
    synapses.connect(i=np.concatenate([pre for pre, _ in pairs]),
                     j=np.concatenate([post for _, post in pairs]))
    if not same:
        synapses.w = weight * unit
    if np.ndim(delay):
        synapses.delay = delay * net_work.DT * b.ms
    return synapses


def drive(network, cells, places):
    """A thousand sources for each input: the binomial numbers are all but Poisson's."""
    delta = network["populations"][0]["model"] == "iaf_psc_delta"
    variable, unit = ("v", b.mV) if delta else ("I_ex", b.pA)
    return [b.PoissonInput(cells[slice(*places[i["target"]])], variable, N=1000,
                           rate=i["rate"] / 1000 * b.Hz, weight=i["weight"] * unit,
                           when="synapses", order=-1) for i in network["inputs"]]


def build(given, folder):
    """Compiles the program; returns the seconds that drawing the network took."""
    brian2_program.begin(given, folder, net_work.DT, "<fstream>", "<string>")
    network, random = given["network"], np.random.default_rng(given["seed"])
    begin = net_work.seconds()
    cells, places = create(network, random)
    synapses = [connect(network, cells, places, sign, random) for sign in (1, -1)]
    drawn = net_work.seconds()[0] - begin[0]
    brian2_program.print_clocks("before_start", "before_network_run", "after_network_run")
    b.device.insert_code("before_end", PRINT_PEAK)
    whole = b.Network(cells, *synapses, *drive(network, cells, places),
                      b.SpikeMonitor(cells, name="spikes"))
    whole.schedule = SCHEDULE
    whole.run(given["warmup"] * b.ms)
    whole.run(given["duration"] * b.ms)
    b.device.build(directory=str(folder), compile=True, run=False)
    return drawn


def spikes(given, results):
    """Of each population in the timed part."""
    ids = np.fromfile(next(results.glob("_dynamic_array_spikes_i_*")), dtype=np.int32)
    times = np.fromfile(next(results.glob("_dynamic_array_spikes_t_*"))) * 1e3
    ids = ids[times > given["warmup"] - net_work.DT / 2]
    sizes = network_config.sizes(given["network"])
    counts = np.bincount(ids, minlength=sum(sizes.values()))
    parts = np.split(counts, np.cumsum([*sizes.values()])[:-1])
    return {name: int(part.sum()) for name, part in zip(sizes, parts)}


def main():
    given = net_work.given()
    folder, drawn = brian2_program.built(given, build, __file__, net_work.__file__,
                                         network_config.__file__, more=str(given["network"]))
    program = subprocess.run(["./main"], cwd=folder, text=True, stdout=subprocess.PIPE)
    if program.returncode:
        sys.exit(f"Brian2's program ended with {program.returncode}")
    lines = [line.split() for line in program.stdout.splitlines() if line]
    peak = next(int(words[1]) * 1024 for words in lines if words[0] == "VmHWM:")
    clocks = [tuple(map(float, words)) for words in lines if words[0] != "VmHWM:"]
    begin, ready, start, end = clocks[0], clocks[1], clocks[-2], clocks[-1]
    net_work.report(version=b.__version__, build_s=float(drawn) + ready[0] - begin[0],
                    wall_s=end[0] - start[0], cpu_s=end[1] - start[1],
                    network_bytes=peak, peak_bytes=peak,
                    spikes=spikes(given, folder / "results"))


main()
