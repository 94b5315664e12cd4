"""ANNarchy: C++ generated for each work, with its own compiler flags and, for two threads or more,
OpenMP."""
import os
import sys
from pathlib import Path

# Its build finds CMake and nanobind through the environment's programs.
os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"

import ANNarchy as ann  # noqa: E402
import numpy as np  # noqa: E402
import work  # noqa: E402


def equation(kind):
    """`exponential` holds all but v over a step: exact, and what is added there acts as held."""
    step = -np.expm1(-work.DT / work.TAU_M)
    drive = {"W1": "",
             "W2": f" + {work.R_M * work.NOISE_STD!r}*Normal(0.0, 1.0)",
             # A thousand sources make the binomial numbers all but Poisson's. The whole jump comes
             # in its step, after v has decayed.
             "W3": f" + {float(work.POISSON_WEIGHT / step)!r}"
                   f"*Binomial(1000, {work.POISSON_RATE * work.DT * 1e-6!r})"}[kind]
    return f"{work.TAU_M!r}*dv/dt = rest{drive} - v : exponential"


def main():
    given = work.given()
    ann.setup(num_threads=given["threads"])
    network = ann.Network(dt=work.DT, seed=given["seed"])
    cell = ann.Neuron(parameters=f"rest = {work.E_L!r}", equations=equation(given["workload"]),
                      spike=f"v >= {work.V_TH!r}", reset=f"v = {work.V_RESET!r}",
                      refractory=work.T_REF)
    cells = network.create(geometry=given["neurons"], neuron=cell)
    spikes = network.monitor(cells, "spike") if given["record"] else None
    folder = Path(given["folder"]) / f"annarchy-{given['workload']}-{given['threads']}"
    network.compile(directory=str(folder))
    cells.rest = work.E_L + work.R_M * given["I_e"]
    cells.v = given["V_m"]
    network.simulate(work.WARMUP)
    begin = work.seconds()
    network.simulate(given["duration"])
    end = work.seconds()
    count = sum(len(times) for times in spikes.get("spike").values()) if spikes else None
    work.report(begin, end, "5.0.4.1", count)


main()
