#!/usr/bin/env python3
"""Makes nest_wiring.csv with NEST (pip install nest-simulator): histograms of the connections that
NEST's rules make between 500 sources and 400 targets, 400 of which are the same neurons, summed
over 30 seeds.

usage: nest_wiring.py nest_wiring.csv

columns: case, what, value, count. what: indegree (of targets), outdegree (of sources), multiplicity
(of pairs with at least one synapse), autapses (in a network), delay (steps of 0.1 ms, drawn).
"""
import sys
from collections import Counter

import nest
import numpy as np

SEEDS, SOURCES, FIRST_TARGET, TARGETS = 30, 500, 100, 400
RULES = {
    "fixed_indegree": {"indegree": 50},
    "fixed_outdegree": {"outdegree": 40},
    "fixed_total_number": {"N": 20000},
    "pairwise_bernoulli": {"p": 0.1},
    "pairwise_poisson": {"pairwise_avg_num_conns": 0.1},
}
# NEST has no fixed_total_number without multapses, and both pairwise rules leave no choice.
ALONE = {"fixed_total_number": [True], "pairwise_poisson": [True], "pairwise_bernoulli": [False]}
DELAY = "nest.math.redraw(nest.random.normal(mean=1.5, std=0.75), min=0.05, max=10.0)"


def connections(rule, autapses, multapses, seed):
    nest.ResetKernel()
    nest.set(rng_seed=seed, resolution=0.1)
    neurons = nest.Create("iaf_psc_delta", SOURCES)
    nest.Connect(neurons, neurons[FIRST_TARGET:FIRST_TARGET + TARGETS],
                 {"rule": rule, **RULES[rule], "allow_autapses": autapses,
                  "allow_multapses": multapses}, {"delay": eval(DELAY)})
    found = nest.GetConnections().get(["source", "target", "delay"])
    return (np.array(found[key]) for key in ("source", "target", "delay"))


def histograms(rule, autapses, multapses):
    counts = {}
    for seed in range(1, SEEDS + 1):
        source, target, delay = connections(rule, autapses, multapses, seed)
        pairs = Counter((source * 1000 + target).tolist())
        for what, values in {
                "indegree": np.bincount(target, minlength=SOURCES + 1)[FIRST_TARGET + 1:],
                "outdegree": np.bincount(source, minlength=SOURCES + 1)[1:],
                "multiplicity": np.array(list(pairs.values())),
                "autapses": np.array([(source == target).sum()]),
                "delay": np.rint(delay / 0.1).astype(int)}.items():
            counts.setdefault(what, Counter()).update(values.tolist())
    return counts


def main():
    nest.set_verbosity("M_ERROR")
    out = open(sys.argv[1], "w")
    print("case,what,value,count", file=out)
    for rule in RULES:
        for autapses in (True, False):
            for multapses in ALONE.get(rule, [True, False]):
                name = f"{rule}/{'yes' if autapses else 'no'}/{'yes' if multapses else 'no'}"
                for what, counter in histograms(rule, autapses, multapses).items():
                    for value in sorted(counter):
                        print(f"{name},{what},{value},{counter[value]}", file=out)


main()
