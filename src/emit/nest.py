# ---- NEST -----------------------------------------------------------------------------------------
# A NEST device acts late: a spike generator's spike at time T lands in the step that begins at T, a
# current set at T acts in the step that begins at T + dt, and no device has a time 0. So two steps
# run before the model's first; only then do the neurons get their parameters and their V_m.
import nest

EARLY = 2  # steps


def per_neuron(value, count):
    """A number that holds for all, or one number each, as an array."""
    return numpy.broadcast_to(numpy.asarray(value, float), (count,))


def at(step):
    """NEST's time at which step `step` of the model begins."""
    return (numpy.asarray(step) + EARLY) * DT


def prepare():
    nest.verbosity = nest.VerbosityLevel.ERROR
    digits = -decimal.Decimal(repr(DT)).normalize().as_tuple().exponent
    if digits > 3:  # NEST counts time in microseconds if not told otherwise
        nest.set(tics_per_ms=10**digits, resolution=DT)
    else:
        nest.set(resolution=DT)
    longest = max((int(delay.max()) for *_, delay in edges()), default=1)
    # its own step, as it takes 0.7, say, for a little less than that, and so for none
    nest.set(min_delay=nest.resolution, max_delay=longest * DT, rng_seed=SEED % (2**31 - 2) + 1)


def connect(device, cells, weight=1.0):
    rule = "one_to_one" if len(device) == len(cells) else "all_to_all"
    nest.Connect(device, cells, rule, {"weight": weight, "delay": DT})


def add_currents(cells):
    """Currents that are the same for all their targets but for a scale: NEST gets their changes."""
    for current in CURRENTS:
        targets = cells[current["population"]][current["begin"]:current["end"]]
        times = at(numpy.asarray(current["steps"]) - 1)
        for group, scale in groups(targets, current["scale"]):
            connect(nest.Create("step_current_generator", params={
                "amplitude_times": times,
                "amplitude_values": numpy.asarray(current["values"], float) * scale}), group)


def groups(targets, scale):
    """All targets at once where they have one scale, else one by one."""
    if numpy.ndim(scale) == 0:
        return [(targets, scale)]
    return [(targets[i:i + 1], value) for i, value in enumerate(scale)]


def add_realised(cells):
    """What megalif has drawn: a current, or a jump of V, for every neuron and step."""
    for row in REALISED:
        values = numpy.asarray(row["values"], float)  # [step][neuron]
        values = values * per_neuron(row["scale"], values.shape[1])
        steps = row["first_step"] + numpy.arange(len(values))
        targets = cells[row["population"]][row["begin"]:row["begin"] + values.shape[1]]
        if row["kind"] == "current":
            stop = steps[-1] + 1
            params = [{"amplitude_times": at(numpy.append(steps, stop) - 1),
                       "amplitude_values": numpy.append(one, 0.0)} for one in values.T]
            connect(nest.Create("step_current_generator", len(params), params), targets)
        else:
            params = [{"spike_times": at(steps[one != 0]), "spike_weights": one[one != 0]}
                      for one in values.T]
            connect(nest.Create("spike_generator", len(params), params), targets)


def add_random(cells):
    """NEST's own noise and Poisson generators: other numbers, the same distribution."""
    for source in RANDOM:
        targets = cells[source["population"]][source["begin"]:source["end"]]
        # one step earlier for a current, as above; NEST takes no time before 0
        active = {"start": at(source["start_step"] - 1), "stop": at(source["stop_step"] - 1)}
        for group, scale in groups(targets, source["scale"]):
            if source["kind"] == "white_noise":
                connect(nest.Create("noise_generator", params={
                    "std": scale, "dt": source["hold"] * DT, **active}), group)
            else:
                connect(nest.Create("inhomogeneous_poisson_generator", params={
                    "rate_times": at(numpy.asarray(source["steps"]) - 1),
                    "rate_values": numpy.asarray(source["rates"], float), **active}), group, scale)


def create_sources():
    """Spike generators for populations that are only sources: a spike of step s has the time s dt."""
    sources = {}
    for name, (steps, ids) in replayed().items():
        order = numpy.lexsort((steps, ids))
        trains = numpy.split(at(steps[order]), numpy.searchsorted(ids[order], range(1, SOURCES[name]["size"])))
        sources[name] = nest.Create("spike_generator", len(trains), [{"spike_times": t} for t in trains])
    return sources


def add_synapses(cells):
    for source, target, pre, post, weight, delay in edges():
        nest.Connect(cells[source][0].global_id + pre, cells[target][0].global_id + post, "one_to_one",
                     {"weight": weight, "delay": delay * DT})


def parameters(cell):
    """Of each neuron, in the words of its model."""
    count = cell["size"]
    values = {key: per_neuron(value, count) for key, value in cell.items()
              if key not in ("model", "size", "t_ref_steps")}
    values["t_ref"] = per_neuron(cell["t_ref_steps"], count) * DT
    if cell["model"].startswith("iaf_cond"):
        values["g_L"] = values["C_m"] / values.pop("tau_m")
    return [{key: value[i] for key, value in values.items()} for i in range(count)]


def simulate():
    prepare()
    cells = {name: nest.Create(cell["model"], cell["size"]) for name, cell in CELLS.items()}
    recorders = {name: nest.Create("spike_recorder") for name in CELLS}
    for name in CELLS:
        nest.Connect(cells[name], recorders[name], syn_spec={"delay": DT})
    add_currents(cells)
    add_realised(cells)
    add_random(cells)
    add_synapses({**cells, **create_sources()})
    nest.Simulate(EARLY * DT)
    for name, cell in CELLS.items():
        cells[name].set(parameters(cell))
    nest.Simulate(STEPS * DT)
    spikes = replayed()
    for name in CELLS:
        events = recorders[name].events
        steps = numpy.rint(events["times"] / DT).astype(int) - EARLY
        spikes[name] = steps, events["senders"] - cells[name][0].global_id
    return spikes


