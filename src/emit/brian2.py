# ---- Brian2 ---------------------------------------------------------------------------------------
# Brian2 stamps a spike with the beginning of its step, and counts that step to the refractory period:
# step numbers get 1 more, refractory periods a step more. What acts in a step is set at its beginning.
# Synapses act before thresholds are looked at, so a spike of step s, which they see a step later, arrives
# at s + d with a delay of d - 1 steps.
import brian2 as b2
from brian2 import mV, ms, pA, pF

SCHEDULE = ["start", "groups", "synapses", "thresholds", "resets", "end"]
EQUATIONS = """
dv/dt = (E_L - v + tau_m / C_m * (I_e + I{currents})) / tau_m : volt (unless refractory)
I : amp
I_e : amp (constant)
C_m : farad (constant)
tau_m : second (constant)
E_L : volt (constant)
V_th : volt (constant)
V_reset : volt (constant)
t_ref : second (constant)
"""
SYNAPTIC = {  # of each receptor, ex and in
    "iaf_psc_delta": "",
    "iaf_psc_exp": """
dI_{}/dt = -I_{} / tau_syn_{} : amp
tau_syn_{} : second (constant)
""",
    "iaf_psc_alpha": """
dI_{}/dt = D_{} - I_{} / tau_syn_{} : amp
dD_{}/dt = -D_{} / tau_syn_{} : amp / second
tau_syn_{} : second (constant)
"""}
ON_PRE = {  # a spike of weight w arrives
    "iaf_psc_delta": "v_post += w * mV * int(not_refractory_post)",
    "iaf_psc_exp": "I_{}_post += w * pA",
    "iaf_psc_alpha": "D_{}_post += w * pA * exp(1) / tau_syn_{}_post"}
UNITS = {"C_m": pF, "tau_m": ms, "E_L": mV, "V_th": mV, "V_reset": mV, "I_e": pA, "tau_syn_ex": ms,
         "tau_syn_in": ms}


def create(cell):
    synaptic = SYNAPTIC[cell["model"]]
    equations = EQUATIONS.format(currents=" + I_ex + I_in" if synaptic else "")
    for receptor in ("ex", "in"):
        equations += synaptic.replace("{}", receptor)
    cells = b2.NeuronGroup(cell["size"], equations, method=METHOD, threshold="v >= V_th",
                           reset="v = V_reset", refractory="t_ref", dt=DT * ms)
    for key in UNITS.keys() & cell.keys():
        setattr(cells, key, cell[key] * UNITS[key])
    cells.v = cell["V_m"] * mV
    cells.t_ref = (numpy.asarray(cell["t_ref_steps"]) + 1) * DT * ms
    return cells


def value_at(step, steps, values):
    """The value of the last change up to a step; 0 before the first."""
    passed = numpy.searchsorted(steps, step, side="right")
    return values[passed - 1] if passed else 0.0


def row_at(row, step):
    """What a realised input gives its neurons in a step; nothing outside its time."""
    index = step - row["first_step"]
    return row["scale"] * row["values"][index] if 0 <= index < len(row["values"]) else 0.0


def random_at(source, step, generator):
    """Numbers of another generator, of the same distribution."""
    count = source["end"] - source["begin"]
    if not source["start_step"] <= step < source["stop_step"]:
        return 0.0
    if source["kind"] == "poisson":
        rate = value_at(step, source["steps"], source["rates"])
        return source["scale"] * generator.poisson(rate * DT * 1e-3, count)
    if step % source["hold"] == 0 or "held" not in source:
        source["held"] = generator.standard_normal(count)
    return source["scale"] * source["held"]


def currents(population, step, generator):
    total = numpy.zeros(CELLS[population]["size"])
    for current in CURRENTS:
        if current["population"] == population:
            value = value_at(step, current["steps"], current["values"])
            total[current["begin"]:current["end"]] += current["scale"] * value
    for row in REALISED:
        if (row["population"], row["kind"]) == (population, "current"):
            total[row["begin"]:row["begin"] + row["values"].shape[1]] += row_at(row, step)
    for source in RANDOM:
        if (source["population"], source["kind"]) == (population, "white_noise"):
            total[source["begin"]:source["end"]] += random_at(source, step, generator)
    return total


def jumps(population, step, generator):
    """Sums of weights at the two receptors: above and below 0."""
    total = numpy.zeros((2, CELLS[population]["size"]))

    def add(begin, end, weights):
        total[0, begin:end] += numpy.maximum(weights, 0.0)
        total[1, begin:end] += numpy.minimum(weights, 0.0)

    for row in REALISED:
        if (row["population"], row["kind"]) == (population, "jump"):
            add(row["begin"], row["begin"] + row["values"].shape[1], row_at(row, step))
    for source in RANDOM:
        if (source["population"], source["kind"]) == (population, "poisson"):
            add(source["begin"], source["end"], random_at(source, step, generator))
    return total


def operations(population, cells, generator):
    """Currents before the neurons propagate, jumps after; refractory neurons take no jumps."""
    def set_current(t):
        cells.I = currents(population, round(float(t / ms) / DT), generator) * pA

    def add_jumps(t):
        ex, inh = jumps(population, round(float(t / ms) / DT), generator)
        if model == "iaf_psc_delta":
            cells.v = cells.v + cells.not_refractory[:] * (ex + inh) * mV
        elif model == "iaf_psc_exp":
            cells.I_ex, cells.I_in = cells.I_ex + ex * pA, cells.I_in + inh * pA
        else:
            cells.D_ex = cells.D_ex + numpy.e * ex * pA / cells.tau_syn_ex
            cells.D_in = cells.D_in + numpy.e * inh * pA / cells.tau_syn_in
        cells.v = numpy.maximum(cells.v / mV, V_min) * mV

    model = CELLS[population]["model"]
    V_min = CELLS[population].get("V_min", -numpy.inf)

    def acts(kind, random):
        return (any(row["population"] == population and row["kind"] == kind for row in REALISED)
                or any(row["population"] == population and row["kind"] == random for row in RANDOM))

    found = []
    if acts("current", "white_noise") or any(c["population"] == population for c in CURRENTS):
        found.append(b2.NetworkOperation(set_current, when="start", dt=DT * ms))
    if acts("jump", "poisson") or "V_min" in CELLS[population]:
        found.append(b2.NetworkOperation(add_jumps, when="before_thresholds", dt=DT * ms))
    return found


def create_sources():
    """Of each population that is only a source a group, and more for further spikes of one step."""
    sources = {}
    for name, (steps, ids) in replayed().items():
        order = numpy.lexsort((ids, steps))
        steps, ids = steps[order], ids[order]
        place = numpy.arange(len(steps))
        first = numpy.append(True, (numpy.diff(steps) != 0) | (numpy.diff(ids) != 0))[:len(steps)]
        rank = place - numpy.maximum.accumulate(numpy.where(first, place, 0))
        sources[name] = [
            b2.SpikeGeneratorGroup(SOURCES[name]["size"], ids[rank == k], (steps[rank == k] - 1) * DT * ms,
                                   dt=DT * ms) for k in range(int(rank.max(initial=0)) + 1)]
    return sources


def create_synapses(groups):
    found = []
    for source, target, pre, post, weight, delay in edges():
        act = ON_PRE[CELLS[target]["model"]]
        for receptor, chosen in (("ex", weight > 0), ("in", weight <= 0)):
            for group in groups[source] if chosen.any() else []:
                synapses = b2.Synapses(group, groups[target][0], "w : 1", on_pre=act.replace("{}", receptor),
                                       dt=DT * ms)
                synapses.connect(i=pre[chosen], j=post[chosen])
                synapses.w = weight[chosen]
                synapses.delay = (delay[chosen] - 1) * DT * ms
                found.append(synapses)
    return found


def simulate():
    b2.prefs.codegen.target = "numpy"  # needs no compiler; "cython" is faster
    generator = numpy.random.default_rng(SEED)
    network, monitors, groups = b2.Network(), {}, create_sources()
    network.schedule = SCHEDULE
    for name, cell in CELLS.items():
        cells = create(cell)
        groups[name] = [cells]
        monitors[name] = b2.SpikeMonitor(cells)
        network.add(cells, monitors[name], *operations(name, cells, generator))
    network.add(*(group for name in SOURCES for group in groups[name]), *create_synapses(groups))
    network.run(STEPS * DT * ms)
    return replayed() | {name: (numpy.rint(numpy.asarray(monitor.t / ms) / DT).astype(int) + 1,
                   numpy.asarray(monitor.i)) for name, monitor in monitors.items()}


