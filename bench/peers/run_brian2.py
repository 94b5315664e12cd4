"""Brian2, C++ standalone with its own compiler flags: built once for each work, then only run."""
import os
import subprocess
import sys

import brian2 as b
import brian2_program
import numpy as np
import work


def create(given):
    kind, decay = given["workload"], np.exp(-work.DT / work.TAU_M)
    names = {"threshold": work.V_TH * b.mV, "reset": work.V_RESET * b.mV, "tau": work.TAU_M * b.ms}
    noise = ""
    if kind == "W2":
        # Noise makes Brian2 take Euler's method. With this tau that is the exact step, and xi (of
        # variance 1/dt) the current that is held in it: the same coefficients as everywhere else.
        names["tau"] = work.DT / (1 - decay) * b.ms
        names["sigma"] = (work.R_M * work.NOISE_STD * (1 - decay) / np.sqrt(work.DT)
                          * b.mV / b.ms**0.5)
        noise = " + sigma*xi"
    if kind == "W3":
        names["rest"] = work.E_L * b.mV
        target = ""
    else:
        target = "\nrest : volt (constant)"
    # A step more than t_ref: Brian2 counts the step of the spike itself.
    cells = b.NeuronGroup(given["neurons"],
                          f"dv/dt = (rest - v)/tau{noise} : volt (unless refractory){target}",
                          method="euler" if noise else "exact", threshold="v >= threshold",
                          reset="v = reset", refractory=(work.T_REF + work.DT) * b.ms,
                          namespace=names)
    cells.v = given["V_m"] * b.mV
    if target:
        cells.rest = (work.E_L + work.R_M * given["I_e"]) * b.mV
    return cells


def build(given, folder):
    brian2_program.begin(given, folder, work.DT)
    cells = create(given)
    objects = [cells]
    if given["workload"] == "W3":
        # A thousand sources each make the binomial numbers all but Poisson's, and it is faster than
        # Brian2's poisson(). Acts between the step and the threshold, as elsewhere.
        objects.append(b.PoissonInput(cells, "v", N=1000, rate=work.POISSON_RATE / 1000 * b.Hz,
                                      weight=work.POISSON_WEIGHT * b.mV, when="groups", order=1))
    # The second adds up how many spike, once a step.
    objects.append(b.SpikeMonitor(cells, name="spikes") if given["record"] else
                   b.PopulationRateMonitor(cells, name="rates"))
    brian2_program.print_clocks("before_network_run", "after_network_run")
    network = b.Network(objects)
    network.run(work.WARMUP * b.ms)
    network.run(given["duration"] * b.ms)
    b.device.build(directory=str(folder), compile=True, run=False)


def count(given, results):
    if given["record"]:
        return int(np.fromfile(next(results.glob("_array_spikes_N_*")), dtype=np.int32)[0])
    rates = np.fromfile(next(results.glob("_dynamic_array_rates_rate_*")))
    return int(np.rint(rates * given["neurons"] * work.DT * 1e-3).sum())


def main():
    given = work.given()
    folder, _ = brian2_program.built(given, build, __file__, work.__file__)
    program = subprocess.Popen(["./main"], cwd=folder, text=True, stdout=subprocess.PIPE)
    lines = program.stdout.read().split("\n")
    _, status, used = os.wait4(program.pid, 0)
    if status:
        sys.exit(f"Brian2's program ended with {status}")
    clocks = [tuple(map(float, line.split())) for line in lines if line]
    work.report(clocks[-2], clocks[-1], b.__version__, count(given, folder / "results"),
                peak=used.ru_maxrss * 1024)


main()
