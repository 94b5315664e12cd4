# ---- Brian2 ---------------------------------------------------------------------------------------
# Brian2 stamps a spike with the beginning of its step, and counts that step to the refractory period:
# step numbers get 1 more, refractory periods a step more. What acts in a step is set at its beginning.
import brian2 as b2
from brian2 import mV, ms, pA, pF

EQUATIONS = """
dv/dt = (E_L - v + tau_m / C_m * (I_e + I)) / tau_m : volt (unless refractory)
I : amp
I_e : amp (constant)
C_m : farad (constant)
tau_m : second (constant)
E_L : volt (constant)
V_th : volt (constant)
V_reset : volt (constant)
t_ref : second (constant)
"""
UNITS = {"C_m": pF, "tau_m": ms, "E_L": mV, "V_th": mV, "V_reset": mV, "I_e": pA}


def create(cell):
    cells = b2.NeuronGroup(cell["size"], EQUATIONS, method=METHOD, threshold="v >= V_th",
                           reset="v = V_reset", refractory="t_ref", dt=DT * ms)
    for key, unit in UNITS.items():
        setattr(cells, key, cell[key] * unit)
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
    total = numpy.zeros(CELLS[population]["size"])
    for row in REALISED:
        if (row["population"], row["kind"]) == (population, "jump"):
            total[row["begin"]:row["begin"] + row["values"].shape[1]] += row_at(row, step)
    for source in RANDOM:
        if (source["population"], source["kind"]) == (population, "poisson"):
            total[source["begin"]:source["end"]] += random_at(source, step, generator)
    return total


def operations(population, cells, generator):
    """Currents before the neurons propagate, jumps after; refractory neurons take no jumps."""
    def set_current(t):
        cells.I = currents(population, round(float(t / ms) / DT), generator) * pA

    def add_jumps(t):
        step = round(float(t / ms) / DT)
        v = cells.v / mV + cells.not_refractory[:] * jumps(population, step, generator)
        cells.v = numpy.maximum(v, V_min) * mV

    V_min = CELLS[population].get("V_min", -numpy.inf)

    def acts(kind, random):
        return (any(row["population"] == population and row["kind"] == kind for row in REALISED)
                or any(row["population"] == population and row["kind"] == random for row in RANDOM))

    found = []
    if acts("current", "white_noise") or any(c["population"] == population for c in CURRENTS):
        found.append(b2.NetworkOperation(set_current, when="start", dt=DT * ms))
    if acts("jump", "poisson") or "V_min" in CELLS[population]:
        found.append(b2.NetworkOperation(add_jumps, when="after_groups", dt=DT * ms))
    return found


def simulate():
    b2.prefs.codegen.target = "numpy"  # needs no compiler; "cython" is faster
    generator = numpy.random.default_rng(SEED)
    network, monitors = b2.Network(), {}
    for name, cell in CELLS.items():
        cells = create(cell)
        monitors[name] = b2.SpikeMonitor(cells)
        network.add(cells, monitors[name], *operations(name, cells, generator))
    network.run(STEPS * DT * ms)
    return replayed() | {name: (numpy.rint(numpy.asarray(monitor.t / ms) / DT).astype(int) + 1,
                   numpy.asarray(monitor.i)) for name, monitor in monitors.items()}


