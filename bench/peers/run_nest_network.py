"""NEST: its own connection rules, a Poisson generator for each input, all spikes in memory."""
import nest
import net_work


def parameter(distribution):
    name, *numbers = distribution
    if name == "constant":
        return numbers[0]
    if name == "uniform":
        return nest.random.uniform(*numbers)
    return nest.math.redraw(nest.random.normal(*numbers[:2]), min=numbers[2], max=numbers[3])


def create(network, seed):
    random = net_work.np.random.default_rng(seed)
    return {p["name"]: nest.Create(p["model"], p["size"], params={
        **p["parameters"], "V_m": net_work.draw(random, p["V_m"], p["size"])})
            for p in network["populations"]}


def connect(network, cells):
    for source in network["inputs"]:
        device = nest.Create("poisson_generator", params={"rate": source["rate"]})
        nest.Connect(device, cells[source["target"]],
                     syn_spec={"weight": source["weight"], "delay": net_work.DT})
    # A thread holds 134 million connections of a model at most: one model for each source.
    for name in cells:
        nest.CopyModel("static_synapse", f"from_{name}")
    for p in network["projections"]:
        amount = "indegree" if p["rule"] == "fixed_indegree" else "N"
        nest.Connect(cells[p["source"]], cells[p["target"]],
                     {"rule": p["rule"], amount: p["count"]},
                     {"synapse_model": f"from_{p['source']}", "weight": parameter(p["weight"]),
                      "delay": parameter(p["delay"])})


def main():
    given = net_work.given()
    network = given["network"]
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.set(resolution=net_work.DT, local_num_threads=given["threads"], rng_seed=given["seed"])
    before, begin = net_work.resident(), net_work.seconds()
    cells = create(network, given["seed"])
    connect(network, cells)
    recorder = nest.Create("spike_recorder", params={"start": given["warmup"]})
    for population in cells.values():
        nest.Connect(population, recorder)
    nest.Prepare()  # sorts the connections
    built, grown = net_work.seconds(), net_work.resident() - before
    nest.Run(given["warmup"])
    start = net_work.seconds()
    nest.Run(given["duration"])
    end = net_work.seconds()
    nest.Cleanup()
    senders = recorder.events["senders"]
    spikes = {name: int(((senders >= ids[0].global_id) & (senders <= ids[-1].global_id)).sum())
              for name, ids in cells.items()}
    net_work.report(version=nest.__version__, build_s=built[0] - begin[0], wall_s=end[0] - start[0],
                    cpu_s=end[1] - start[1], network_bytes=grown, spikes=spikes)


main()
