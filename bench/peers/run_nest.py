"""NEST: iaf_psc_delta, one device for everybody's noise or Poisson input, one spike recorder."""
import nest
import work


def create(given):
    parameters = {"C_m": work.C_M, "tau_m": work.TAU_M, "E_L": work.E_L, "V_th": work.V_TH,
                  "V_reset": work.V_RESET, "t_ref": work.T_REF, "V_m": given["V_m"]}
    if given["workload"] != "W3":
        parameters["I_e"] = given["I_e"]
    return nest.Create("iaf_psc_delta", given["neurons"], params=parameters)


def connect_input(given, cells, delay):
    """Each target of one of these devices gets numbers of its own."""
    if given["workload"] == "W2":
        device = nest.Create("noise_generator", params={"std": work.NOISE_STD, "dt": work.DT})
        nest.Connect(device, cells, syn_spec={"delay": delay})
    if given["workload"] == "W3":
        device = nest.Create("poisson_generator", params={"rate": work.POISSON_RATE})
        nest.Connect(device, cells, syn_spec={"weight": work.POISSON_WEIGHT, "delay": delay})


def main():
    given = work.given()
    nest.verbosity = nest.VerbosityLevel.ERROR
    # NEST updates a neuron for as many steps at once as its shortest connection delay; one step
    # where nothing says otherwise.
    delay = given["options"].get("delay", work.DT)
    nest.set(resolution=work.DT, local_num_threads=given["threads"], rng_seed=given["seed"])
    nest.set(min_delay=delay, max_delay=delay)
    cells = create(given)
    connect_input(given, cells, delay)
    if given["record"]:
        recorder = nest.Create("spike_recorder", params={"record_to": "memory"})
        nest.Connect(cells, recorder, syn_spec={"delay": delay})
    nest.Simulate(work.WARMUP)
    spikes = nest.local_spike_counter
    begin = work.seconds()
    nest.Simulate(given["duration"])
    end = work.seconds()
    # A device that starts at 0 is first felt in the step that begins at delay + dt.
    work.report(begin, end, nest.__version__, spikes + nest.local_spike_counter,
                input_start=0.0 if given["workload"] == "W1" else delay + work.DT)


main()
