"""Writes configs/microcircuit.ini from the tables data/microcircuit_*.csv, to standard output.

The numbers of synapses and the weights follow from the tables as in Potjans & Diesmann (2014).
"""
import csv
import math
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "data"
TAU_M, TAU_SYN, C_M = 10.0, 0.5, 250.0  # ms, ms, pF
PSP = 0.15                              # mV: the peak that one excitatory spike makes
BACKGROUND = 8                          # Hz of each outer source

HEAD = """\
; The cortical microcircuit of Potjans and Diesmann (2014) at full scale: the 77,169 neurons below
; a square millimetre of cortex in eight populations, excitatory (E) and inhibitory (I) in layers
; 2/3, 4, 5 and 6, and their {synapses} synapses. Nothing but their numbers differs between
; layers; that makes rates as different as in the animal, low in L23E and L6E, high in layer 5:
;
;   population    L23E  L23I   L4E   L4I   L5E   L5I   L6E   L6I
;   rate (Hz)   {rates}    (NEST)
;
;   megalif check configs/microcircuit.ini          # memory
;   megalif run configs/microcircuit.ini
;   megalif info out/microcircuit.h5
;   megalif plot out/microcircuit.h5 --from 500ms -o out/microcircuit.png
;
; Written by tests/tools/write_microcircuit.py from the tables data/microcircuit_*.csv, of which
; data/README.md says where they are from. A smaller column is not just smaller: with fewer
; synapses, weights and inputs change.

[simulation]
dt       = 0.1 ms
duration = 1500 ms
warmup   = 500 ms
seed     = 42

; ---- Neurons: alike. C_m = 250 pF, tau_m = 10 ms and t_ref = 2 ms are what megalif takes by
; itself. V_m begins near where it will be, and below threshold, so that the network does not begin
; with a volley.

[defaults]
model      = iaf_psc_exp
tau_syn_ex = 0.5 ms
tau_syn_in = 0.5 ms
E_L        = -65 mV
V_th       = -50 mV
V_reset    = -65 mV
"""

POPULATION = """
[population.{name}]
size = {neurons}
V_m  = normal_clipped({mean} mV, {sd} mV, -100 mV, -50.01 mV)
"""

INPUT_HEAD = """
; ---- From outside: each neuron has K_ext sources elsewhere, which fire as Poisson processes of
; {rate} Hz. A weight is a current here; {weight} pA moves V by {psp} mV at its peak.
"""

INPUT = """
[input.{name}]
target = {name}
type   = poisson
rate   = {rate} kHz{space} ; K_ext = {K}
weight = {weight} pA
"""

PROJECTION_HEAD = """
; ---- Synapses, by target: {count} of the 64 pairs of populations are connected. The paper gives
; the probability p that a neuron of the source and one of the target are connected, by one
; synapse or more. From it follows the number of synapses N = log(1 - p) / log(1 - 1 / (N_source
; N_target)); they are drawn from all pairs, so that some have several. Weights spread by 10 %;
; those of I are {g} times as strong, and those of L4E onto L23E twice as strong as the others;
; none has the wrong sign. Delays spread by half their mean. The upper ends, at 8 or more standard
; deviations, are hardly ever met.
"""

PROJECTION = """
[projection.{target}_{source}]
source = {source}
target = {target}
rule   = fixed_total_number
N      = {N}{space} ; p = {p}, {indegree} for each target
weight = normal_clipped({weight} pA, {weight_sd} pA, {lo}, {hi})
delay  = normal_clipped({delay} ms, {delay_sd} ms, 0.05 ms, {longest} ms)
"""

TAIL = """
[record.counts]
population = all
what       = counts

[output]
file = out/microcircuit.h5
"""


def rows(name):
    with (DATA / name).open(newline="") as file:
        return list(csv.DictReader(file))


def psc():
    """The current in pA whose exponential moves V by PSP at its peak."""
    peak = math.log(TAU_M / TAU_SYN) / (1 / TAU_SYN - 1 / TAU_M)
    unit = TAU_M * TAU_SYN / (C_M * (TAU_M - TAU_SYN))
    return PSP / (unit * (math.exp(-peak / TAU_M) - math.exp(-peak / TAU_SYN)))


def number(value, digits=6):
    return f"{value:.{digits}g}"


def synapses(p, sources, targets):
    return round(math.log(1 - p) / math.log1p(-1 / (sources * targets)))


def projection(target, source, p, size):
    excitatory = source.endswith("E")
    N = synapses(p, size[source], size[target])
    strength = psc() * (1 if excitatory else -4) * (2 if (target, source) == ("L23E", "L4E") else 1)
    delay = 1.5 if excitatory else 0.75
    bounds = ["0 pA", f"{number(2 * strength)} pA"]
    lo, hi = bounds if excitatory else bounds[::-1]
    return N, PROJECTION.format(
        target=target, source=source, N=N, space=" " * (8 - len(str(N))), p=number(p),
        indegree=number(N / size[target], 4 if N > 1000 * size[target] else 3),
        weight=number(strength), weight_sd=number(abs(strength) / 10), lo=lo, hi=hi,
        delay=number(delay), delay_sd=number(delay / 2), longest=number(5 * delay))


def inputs(populations):
    text = INPUT_HEAD.format(rate=BACKGROUND, weight=number(psc()), psp=PSP)
    for row in populations:
        rate = number(BACKGROUND * int(row["K_ext"]) / 1000)
        text += INPUT.format(name=row["population"], rate=rate, space=" " * (4 - len(rate)),
                             K=row["K_ext"], weight=number(psc()))
    return text


def microcircuit():
    """The config's text."""
    populations = rows("microcircuit_populations.csv")
    size = {row["population"]: int(row["neurons"]) for row in populations}
    total, text, count = 0, "", 0
    for row in rows("microcircuit_probabilities.csv"):
        for source in size:
            p = float(row[source])
            if p > 0:
                N, section = projection(row["target"], source, p, size)
                total, text, count = total + N, text + section, count + 1
    rates = "".join(f"{float(row['rate_Hz']):6.2f}" for row in populations)
    head = HEAD.format(synapses=f"{total:,}", rates=rates)
    neurons = "".join(POPULATION.format(name=row["population"], neurons=row["neurons"],
                                        mean=row["V0_mean_mV"], sd=row["V0_sd_mV"])
                      for row in populations)
    connected = PROJECTION_HEAD.format(count=count, g=4)
    return head + neurons + inputs(populations) + connected + text + TAIL


if __name__ == "__main__":
    print(microcircuit(), end="")
