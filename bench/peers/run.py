"""megalif and its peers at the same work, in interleaved runs; `--help`, and README.md beside this
file."""
import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np

import networks
import turns
import work
from turns import spread

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "tests/helpers"))
import pypi_env  # noqa: E402

INPUT = {
    "W1": "",
    "W2": f"[input.x]\ntarget = n\ntype = white_noise\nmean = 0\nstd = {work.NOISE_STD} pA\n",
    "W3": f"[input.x]\ntarget = n\ntype = poisson\nrate = {work.POISSON_RATE} Hz\n"
          f"weight = {work.POISSON_WEIGHT} mV\n",
}
# name: (requirements, program, precision, options, neuron-steps of a run for each work). Runs of
# megalif and of its peers differ in model time so that each takes seconds.
PEERS = {
    "NEST": ("nest", "run_nest.py", "double", {}, {"W1": 5e7, "W2": 3e7, "W3": 3e7}),
    "NEST, delay 1.5 ms": ("nest", "run_nest.py", "double", {"delay": 1.5},
                           {"W1": 1e8, "W2": 3e7, "W3": 3e7}),
    "Brian2": ("brian2", "run_brian2.py", "double", {"dtype": "float64"},
               {"W1": 1.5e9, "W2": 1.5e8, "W3": 1.5e8}),
    "Brian2, float32": ("brian2", "run_brian2.py", "single", {"dtype": "float32"},
                        {"W1": 1.5e9, "W2": 1.5e8, "W3": 1.5e8}),
    "ANNarchy": ("annarchy", "run_annarchy.py", "double", {}, {"W1": 4e8, "W2": 6e7, "W3": 6e7}),
    "Arbor": ("arbor", "run_arbor.py", "double", {}, {"W1": 6e7, "W3": 6e7}),
}
MEGALIF = {"megalif": "single", "megalif, double": "double"}
MEGALIF_STEPS = {"W1": 1e10, "W2": 2e9, "W3": 2e9}
# Bytes a neuron at the peak, seen with 1e5 neurons: (none recorded, all recorded). What would not
# fit is not begun.
NEEDS = {"nest": (7e3, 40e3), "brian2": (1e3, 1e3), "annarchy": (1e3, 3e3), "arbor": (9e3, 9e3)}


class Failed(Exception):
    """A run that did not give a figure; the text says why."""


def call(command, cpus):
    """Runs a command bound to the given CPUs: (what it said on standard output, its CPU
    seconds)."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               env={**os.environ, "PYNEST_QUIET": "1",
                                    "OMP_NUM_THREADS": str(len(cpus))},
                               preexec_fn=lambda: os.sched_setaffinity(0, cpus))
    out, err = process.communicate(timeout=1800)
    if process.returncode:
        lines = err.strip().splitlines() or out.strip().splitlines() or ["no reason given"]
        raise Failed(lines[-1])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return out, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def must_fit(need):
    """Raises Failed where so many bytes are not free."""
    with open("/proc/meminfo") as file:
        free = next(int(line.split()[1]) * 1024 for line in file if line.startswith("MemAvailable"))
    if need > 0.8 * free:
        raise Failed(f"would take about {need / 1e9:.0f} GB, {free / 1e9:.0f} GB are free")


class Case:
    """One row of work: which input, how many neurons, spikes recorded or not."""

    def __init__(self, workload, neurons, record, threads, folder):
        self.workload, self.neurons, self.record = workload, neurons, record
        self.threads, self.folder = threads, folder
        self.cpus = set(sorted(os.sched_getaffinity(0))[-threads:])

    def __str__(self):
        what = "all spikes recorded" if self.record else "none recorded"
        return f"{self.workload}, {self.neurons:,} neurons, {what}"

    def duration(self, steps):
        """Model ms for that many neuron-steps: full tens."""
        return max(10.0, 10.0 * round(steps / (self.neurons / work.DT) / 10))

    def config(self, duration, precision, record, input_start=0.0, input_seed=1):
        text = (f"[simulation]\ndt = {work.DT}\nduration = {duration:.1f}\nseed = 1\n"
                f"precision = {precision}\n[population.n]\nsize = {self.neurons}\n"
                f"tau_m = {work.TAU_M}\nC_m = {work.C_M}\nE_L = {work.E_L}\nV_th = {work.V_TH}\n"
                f"V_reset = {work.V_RESET}\nt_ref = {work.T_REF}\n"
                f"V_m = uniform({work.E_L}, {work.V_TH})\n")
        if self.workload != "W3":
            text += "I_e = linspace(200 pA, 260 pA)\n"
        if self.workload != "W1":
            text += INPUT[self.workload] + f"start = {input_start:.1f}\nseed = {input_seed}\n"
        if not record:
            text += "[record.r]\npopulation = n\nwhat = spikes\nneurons = none\n"
        return text + "[output]\ncompression = none\n"

    def megalif(self, duration, precision, record, **more):
        """The report of one run of ours, and its output file."""
        ini, out = self.folder / "megalif.ini", self.folder / "megalif.h5"
        ini.write_text(self.config(duration, precision, record, **more))
        said, cpu = call([str(ROOT / "build/megalif"), "run", str(ini), "-o", str(out), "--force",
                          "--quiet",
                     "--json", "-t", str(self.threads)], self.cpus)
        return {**json.loads(said), "cpu_s": cpu}, out

    def draw(self):
        """Writes the arrays of currents and initial potentials that megalif takes, for the
        peers."""
        _, out = self.megalif(work.DT, "double", False)
        with h5py.File(out) as file:
            drawn = file["megalif/parameters/n"]
            for name in ("I_e", "V_m"):
                values = drawn[name][()] if name in drawn else np.zeros(self.neurons)
                np.save(self.folder / f"{name}.npy", np.asarray(values, dtype=float))

    def measure_megalif(self, precision):
        duration = self.duration(MEGALIF_STEPS[self.workload])
        said, out = self.megalif(duration, precision, self.record)
        out.unlink()
        # Wall: all but reading the config and building, so writing and closing the file, too. CPU:
        # all.
        return {**self.speeds(duration, said["wall_s"] - said["build_s"], said["cpu_s"]),
                "version": f"{said['version']} ({said['isa']})", "spikes": said["spikes"],
                "peak_bytes": said["peak_rss_bytes"]}

    def speeds(self, duration, wall, cpu):
        steps = self.neurons * duration / work.DT
        return {"duration": duration, "wall_s": wall, "cpu_s": cpu, "speed_wall": steps / wall,
                "speed_cpu": steps * self.threads / cpu}

    def measure_peer(self, name, python):
        _, program, _, options, steps = PEERS[name]
        duration = self.duration(steps[self.workload])
        given = {"workload": self.workload, "neurons": self.neurons, "duration": duration,
                 "record": self.record, "threads": self.threads, "seed": 1, "options": options,
                 "folder": str(self.folder), "I_e": str(self.folder / "I_e.npy"),
                 "V_m": str(self.folder / "V_m.npy")}
        must_fit(NEEDS[PEERS[name][0]][self.record] * self.neurons)
        said, _ = call([python, str(HERE / program), json.dumps(given)], self.cpus)
        said = json.loads(said.strip().splitlines()[-1])
        return {**said, **self.speeds(duration, said["wall_s"], said["cpu_s"])}

    def check(self, name, run):
        """A peer's spikes against ours over the same span and from the same potentials."""
        span = work.WARMUP + run["duration"] - run["missing"]
        seeds = [1] if self.workload == "W1" else range(1, 9)
        counts = []
        for seed in seeds:
            said, out = self.megalif(span, PEERS[name][2], False, input_start=run["input_start"],
                                     input_seed=seed)
            out.unlink()
            counts.append(said["spikes"])
        ours = statistics.mean(counts)
        # Without chance all but the same spikes; else six standard deviations of the difference
        # between one run and the mean of eight.
        allowed = 1e-4 * ours
        if self.workload != "W1":
            allowed = 6 * statistics.stdev(counts) * (1 + 1 / len(counts)) ** 0.5
        if (name, self.workload) == ("Arbor", "W3"):
            allowed += 0.01 * ours  # its input comes between the steps, too
        return {"ours": ours, "theirs": run["spikes"], "allowed": allowed, "span_ms": span,
                "agree": abs(run["spikes"] - ours) <= allowed}


def environments(names):
    """Python of each peer's environment, and the reasons of those that cannot be had."""
    pythons, reasons = {}, {}
    for name in names:
        turns.say(f"{name}: its environment below build/, from PyPI where it is not there yet")
        try:
            pythons[name] = pypi_env.python(HERE / f"requirements-{PEERS[name][0]}.txt")
        except pypi_env.Unavailable as reason:
            reasons[name] = f"cannot be installed: {reason}"
    turns.say("")
    return pythons, reasons


def run_case(case, pythons, repeat, plan):
    """All runs of one case, interleaved: {name: [runs]}, {name: reason}, {name: check}."""
    case.draw()
    reasons, checks = {}, {}
    for name in pythons:
        if case.workload not in PEERS[name][4]:
            reasons[name] = "has no such input for its LIF cells"
    runs = turns.in_turns(str(case), [*MEGALIF, *pythons],
                          lambda name: case.measure_megalif(MEGALIF[name]) if name in MEGALIF else
                          case.measure_peer(name, pythons[name]), repeat,
                          (Failed, subprocess.TimeoutExpired), reasons, plan)
    for name in pythons:
        if name not in reasons and runs[name][0]["spikes"] is not None:
            with plan.measuring(str(case), turns.spikes_of(name)):
                checks[name] = case.check(name, runs[name][0])
    return runs, reasons, checks


def summary(case, name, runs, ours, check):
    """One line of the table; ratios are between runs of the same turn."""
    run = runs[0]
    line = {"work": str(case), "name": name, "version": run["version"], "threads": case.threads,
            "precision": MEGALIF.get(name) or PEERS[name][2], "duration_ms": run["duration"],
            "peak_bytes": max(r["peak_bytes"] for r in runs), "spikes": run["spikes"],
            "check": check}
    for clock in ("cpu", "wall"):
        key = f"speed_{clock}"
        line[key] = spread(r[key] for r in runs)
        line[f"ratio_{clock}"] = spread(a[key] / b[key] for a, b in zip(ours, runs))
        line[f"seconds_{clock}"] = statistics.median(r[f"{clock}_s"] for r in runs)
    span_s = (run["duration"] + (0 if name in MEGALIF else work.WARMUP)) / 1e3
    line["rate_Hz"] = run["spikes"] and run["spikes"] / case.neurons / span_s
    return line


def verdict(line):
    check = line["check"]
    if line["name"] in MEGALIF:
        return ""
    if check is None:
        return "not counted"
    return (f"{check['theirs']:,} / {check['ours']:,.0f} (+-{check['allowed']:.0f}) "
            + ("agree" if check["agree"] else "DIFFER"))


def figure(values):
    return f"{values['median']:.3g} ({values['min']:.3g}..{values['max']:.3g})"


def table(lines):
    """Markdown, which reads well on a terminal, too."""
    titles = ["simulator", "version", "threads", "precision", "neuron-steps/s by CPU time",
              "megalif/it by CPU time", "by wall-clock", "peak memory", "rate",
              "spikes: its / megalif's, same span"]
    text = f"\n**{lines[0]['work']}**\n\n| {' | '.join(titles)} |\n{'|---' * len(titles)}|\n"
    for line in lines:
        rate = f"{line['rate_Hz']:.2f} Hz" if line["rate_Hz"] else ""
        cells = [line["name"], line["version"], str(line["threads"]), line["precision"],
                 figure(line["speed_cpu"]), figure(line["ratio_cpu"]), figure(line["ratio_wall"]),
                 f"{line['peak_bytes'] / 1e6:,.0f} MB", rate, verdict(line)]
        text += f"| {' | '.join(cells)} |\n"
    return text


def machine():
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")),
                     "")
    return {"cpu": model, "cpus": os.cpu_count(), "system": platform.platform(),
            "python": platform.python_version()}


def list_of(kinds):
    """Takes a comma-separated list of these words."""
    def take(text):
        words = [word.strip() for word in text.split(",")]
        if unknown := [word for word in words if word not in kinds]:
            raise argparse.ArgumentTypeError(
                f"no {' and no '.join(unknown)}; there are: {', '.join(kinds)}")
        return words
    return take


def sizes(text):
    try:
        numbers = [float(word) for word in text.split(",")]
    except ValueError:
        numbers = [0.0]
    if not all(number >= 1 and number.is_integer() for number in numbers):
        raise argparse.ArgumentTypeError(f"whole numbers of neurons such as 1e5,1e6, not {text}")
    return [int(number) for number in numbers]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1, help="of each simulator (1)")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each simulator (3)")
    parser.add_argument("--neurons", type=sizes, default="1e5,1e6",
                        help="sizes of W1,W2,W3 (1e5,1e6)")
    works = [*INPUT, *networks.WORK]
    parser.add_argument("--work", type=list_of(works), default=",".join(works),
                        help=f"of: {','.join(works)} (all)")
    parser.add_argument("--record", type=list_of(("none", "all")), default="none,all",
                        help="spikes recorded in W1,W2,W3 (none,all)")
    parser.add_argument("--peers", default=";".join(PEERS), help=f"of: {'; '.join(PEERS)}")
    parser.add_argument("--json", default=str(ROOT / "build/peers.json"),
                        help="every single run goes there")
    options = parser.parse_args()
    options.peers = [name.strip() for name in options.peers.split(";") if name.strip()]
    if unknown := [name for name in options.peers if name not in PEERS]:
        parser.error(f"no peer {', '.join(unknown)}; there are: {'; '.join(PEERS)}")
    if not 1 <= options.threads <= len(os.sched_getaffinity(0)):
        parser.error(f"--threads: 1 to {len(os.sched_getaffinity(0))}, the CPUs of this process")
    if options.repeat < 1:
        parser.error("--repeat: at least 1")
    if not Path(options.json).absolute().parent.is_dir():
        parser.error(f"--json: there is no folder {Path(options.json).parent}")
    return options


def cases_of(workload, options, folder):
    """Of neurons without connections."""
    return [Case(workload, neurons, record == "all", options.threads, folder)
            for neurons in options.neurons for record in options.record]


def plan_of(options, pythons, folder):
    """All that will be measured, as far as it is known before."""
    rows = []
    for name in options.work:
        network = name in networks.WORK
        peers = [peer for peer in pythons if not network or peer in networks.PEERS]
        for work in [name] if network else map(str, cases_of(name, options, folder)):
            rows += [(work, one, options.repeat)
                     for one in (["megalif"] if network else [*MEGALIF]) + peers]
            rows += [(work, turns.spikes_of(peer), 1) for peer in peers]
    return turns.Plan(rows)


def measure_neurons(workload, options, pythons, folder, plan):
    """Cases of neurons without connections, one after the other: as measure_network."""
    for case in cases_of(workload, options, folder):
        runs, why, checks = run_case(case, pythons, options.repeat, plan)
        plan.drop(str(case))
        lines = [summary(case, name, some, runs["megalif"], checks.get(name))
                 for name, some in runs.items()]
        yield str(case), lines, runs, why, table(lines)


def measure_network(name, options, pythons, folder, plan):
    """(work, lines of the table, runs, {name: reason of one left out}, table)"""
    case = networks.Case(name, options.threads, folder)
    able, why = {}, {}
    for peer, python in pythons.items():
        try:
            if peer not in networks.PEERS:
                raise Failed("is not given networks")
            must_fit(case.needs(networks.PEERS[peer][0]))
            able[peer] = python
        except Failed as reason:
            why[peer] = str(reason)
            plan.drop(name, peer, turns.spikes_of(peer))
    runs, more, checks = networks.run_case(case, able, options.repeat, call,
                                           (Failed, subprocess.TimeoutExpired), plan)
    plan.drop(name)
    lines = [networks.summary(case, peer, some, runs["megalif"], checks.get(peer))
             for peer, some in runs.items()]
    yield str(case), lines, runs, {**why, **more}, networks.table(lines)


def main():
    (ROOT / "build").mkdir(exist_ok=True)
    options = arguments()
    folder = ROOT / "build/peers"
    folder.mkdir(exist_ok=True)
    pythons, reasons = environments(options.peers)
    found = {"machine": machine(), "command": sys.argv, "load_before": os.getloadavg(), "lines": [],
             "left_out": [{"name": name, "reason": why} for name, why in reasons.items()],
             "runs": []}
    plan = plan_of(options, pythons, folder)
    for name in options.work:
        measure = measure_network if name in networks.WORK else measure_neurons
        for work_name, lines, runs, why, text in measure(name, options, pythons, folder, plan):
            turns.say("")
            found["lines"] += lines
            found["runs"].append({"work": work_name, "runs": runs})
            found["left_out"] += [{"work": work_name, "name": peer, "reason": reason}
                                  for peer, reason in why.items()]
            print(text, flush=True)
            found["load_after"] = os.getloadavg()
            Path(options.json).write_text(json.dumps(found, indent=1))
    for left in found["left_out"]:
        print(f"left out: {left['name']}, {left.get('work', 'everywhere')}: {left['reason']}")
    print(f"load average {found['load_before'][0]:.1f} before, {os.getloadavg()[0]:.1f} after")
    if any(line["check"] and not line["check"]["agree"] for line in found["lines"]):
        sys.exit("spike counts differ by more than chance allows")


if __name__ == "__main__":
    main()
