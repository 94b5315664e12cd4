"""What networks of random connections do, in numbers, and NEST's: tests/data/statistics.

Two networks of one law do not fire the same spikes, but their rates, intervals and synchrony spread
in the same way over seeds. `observe` is the estimator that the reference was made with.
"""
import csv

import numpy as np

import megalif

DATA = megalif.ROOT / "tests/data/statistics"
# ISIs a neuron needs for its CV; bins of 1 ms for synchrony, of 0.5 ms in windows of 250 ms for
# the spectrum, in steps of 0.1 ms.
LEAST_INTERVALS, BIN, FINE, WINDOW, LEAST_FREQUENCY = 5, 10, 5, 500, 8
# Those whose spread over seeds says something; the others are told with them.
COMPARED = ["rate_Hz", "rate_sd_over_neurons_Hz", "cv_isi", "cv2_isi", "synchrony_var_over_mean"]


def intervals(neuron, step):
    """All interspike intervals in steps, and whose they are, neuron by neuron."""
    order = np.lexsort((step, neuron))
    neuron, step = neuron[order], step[order]
    same = neuron[1:] == neuron[:-1]
    return np.diff(step)[same].astype(float), neuron[1:][same]


def cv_of(interval, whose, size):
    """The mean CV of neurons with enough intervals."""
    count = np.bincount(whose, minlength=size)
    enough = count >= LEAST_INTERVALS
    mean = np.bincount(whose, interval, size)[enough] / count[enough]
    square = np.bincount(whose, interval ** 2, size)[enough] / count[enough]
    return float((np.sqrt(np.maximum(square - mean ** 2, 0)) / mean).mean())


def cv2_of(interval, whose):
    both = whose[1:] == whose[:-1]
    a, b = interval[:-1][both], interval[1:][both]
    return float((2 * np.abs(a - b) / (a + b)).mean())


def counts_in_bins(step, begin, end, width):
    return np.bincount((step - begin - 1) // width, minlength=(end - begin) // width)


def peak_frequency(step, begin, end, dt):
    """Hz at which the population's rate has most power."""
    count = counts_in_bins(step, begin, end, FINE).astype(float)
    frequency = np.fft.rfftfreq(WINDOW, FINE * dt * 1e-3)
    window, power = np.hanning(WINDOW), np.zeros(WINDOW // 2 + 1)
    for first in range(0, len(count) - WINDOW + 1, WINDOW // 2):
        part = count[first:first + WINDOW] - count.mean()
        power += np.abs(np.fft.rfft(part * window)) ** 2
    power[frequency < LEAST_FREQUENCY] = 0
    return float(frequency[power.argmax()])


def observe(neuron, step, size, begin, end, dt=0.1):
    """Of one population's spikes with begin < step <= end; neurons 0 ... size - 1."""
    within = (step > begin) & (step <= end)
    neuron, step = neuron[within], step[within]
    seconds = (end - begin) * dt * 1e-3
    rate = np.bincount(neuron, minlength=size) / seconds
    interval, whose = intervals(neuron, step)
    bins = counts_in_bins(step, begin, end, BIN)
    return {"rate_Hz": float(rate.mean()), "rate_sd_over_neurons_Hz": float(rate.std()),
            "cv_isi": cv_of(interval, whose, size), "cv2_isi": cv2_of(interval, whose),
            "synchrony_var_over_mean": float(bins.var() / bins.mean()),
            "peak_frequency_Hz": peak_frequency(step, begin, end, dt)}


def measure(result, names=None):
    """{population: observables} of an output, and of `all`; names: those of the reference."""
    begin, end = (round(result.attribute("megalif", key) / result.dt)
                  for key in ("warmup_ms", "duration_ms"))
    neurons, steps, first, found = [], [], 0, {}
    for population in result.populations():
        size = int(result.attribute(f"megalif/populations/{population}", "size"))
        step, neuron = result.spikes(population)
        name = (names or {}).get(population, population)
        found[name] = observe(neuron, step, size, begin, end, result.dt)
        neurons.append(neuron + first)
        steps.append(step)
        first += size
    found["all"] = observe(np.concatenate(neurons), np.concatenate(steps), first, begin, end,
                           result.dt)
    return found


def reference(condition):
    """{population: {observable: values over seeds}}, of all simulators that have made any."""
    found = {}
    with (DATA / "statistics.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            if row["condition"] == condition:
                values = [float(value) for value in row["values"].split()]
                population = found.setdefault(row["population"], {})
                population.setdefault(row["observable"], []).extend(values)
    return found


def compare(found, condition, observables=COMPARED):
    """One run against the seeds of the reference: within 4 standard deviations of the difference,
    and 1 %, as the few seeds say little about the spread."""
    for population, theirs in reference(condition).items():
        for name in observables:
            mean, sd, count = np.mean(theirs[name]), np.std(theirs[name], ddof=1), len(theirs[name])
            allowed = 4 * sd * np.sqrt(1 + 1 / count) + 0.01 * abs(mean)
            ours = found[population][name]
            assert abs(ours - mean) < allowed, (f"{condition}, {population}: {name} {ours:.5g}, "
                                                f"reference {mean:.5g} +- {allowed:.2g}")


def compare_seeds(runs, condition, observables=COMPARED):
    """Runs of several seeds against those of the reference: means within 5 standard errors (the
    spread is that of both together), and 0.3 %."""
    for population, theirs in reference(condition).items():
        for name in observables:
            a, b = np.array([run[population][name] for run in runs]), np.array(theirs[name])
            squares = a.var() * len(a) + b.var() * len(b)
            error = np.sqrt(squares / (len(a) + len(b) - 2) * (1 / len(a) + 1 / len(b)))
            allowed = 5 * error + 0.003 * abs(b.mean())
            assert abs(a.mean() - b.mean()) < allowed, (
                f"{condition}, {population}: {name} {a.mean():.5g}, reference {b.mean():.5g} +- "
                f"{allowed:.2g}")


# ---- the networks

EXC_INH = {"exc": "E", "inh": "I"}
REGULAR = ["projection.inh.weight=-0.3 mV"]
FAST = ["projection.inh.weight=-0.6 mV", "input.external.rate=40 kHz"]
SLOW = ["projection.inh.weight=-0.45 mV", "input.external.rate=9 kHz"]


def run_config(folder, name, sets=(), seed=None):
    text = (megalif.ROOT / "configs" / name).read_text()
    sets = [*sets, *([f"simulation.seed={seed}"] if seed else [])]
    return megalif.run(folder, text, sets=sets)


def brunel(folder, sets=(), seed=None):
    return measure(run_config(folder, "brunel.ini", sets, seed), EXC_INH)


def balanced(folder, seed=None):
    return measure(run_config(folder, "balanced.ini", (), seed), EXC_INH)


def table(name):
    with (DATA / name).open(newline="") as file:
        return list(csv.DictReader(file))


def clipped(mean, sd, lo, hi, unit):
    return f"normal_clipped({mean} {unit}, {sd} {unit}, {lo} {unit}, {hi} {unit})"


def column_projection(row):
    mean = float(row["weight_mean_pA"])
    lo, hi = (0, 2 * mean) if mean > 0 else (2 * mean, 0)
    longest = 5 * float(row["delay_mean_ms"])
    return megalif.section(
        f"projection.{row['target']}_{row['source']}", source=row["source"], target=row["target"],
        rule="fixed_total_number", N=row["synapses"],
        weight=clipped(row["weight_mean_pA"], row["weight_sd_pA"], lo, hi, "pA"),
        delay=clipped(row["delay_mean_ms"], row["delay_sd_ms"], 0.05, longest, "ms"))


def column_population(row):
    name = row["population"]
    return megalif.section(
        f"population.{name}", size=row["neurons"], model="iaf_psc_exp", tau_syn_ex="0.5 ms",
        tau_syn_in="0.5 ms", E_L="-65 mV", V_th="-50 mV", V_reset="-65 mV", I_e=row["I_e_pA"],
        V_m=f"normal({row['V0_mean_mV']} mV, {row['V0_sd_mV']} mV)") + megalif.section(
            f"input.{name}", target=name, type="poisson", rate=row["poisson_rate_Hz"],
            weight=row["poisson_weight_pA"])


def column_text(seed=42, **keys):
    """The config of a tenth of the column of Potjans and Diesmann (2014), with a tenth of the
    synapses each."""
    text = megalif.simulation(seed=seed, **keys)
    text += "".join(column_population(row) for row in table("column_populations.csv"))
    return text + "".join(column_projection(row) for row in table("column_projections.csv"))


def column(folder, seed=42):
    text = column_text(seed, duration="5500 ms", warmup="500 ms")
    return measure(megalif.run(folder, text))
