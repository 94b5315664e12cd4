"""Networks that run.py gives to megalif and its peers: which, for how long, what comes out."""
import json
import os
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path

import network_config
import turns
from turns import spread

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "tests/helpers"))
import network_statistics  # noqa: E402

# name: (config, ms before the clock starts, ms of megalif's timed part, and of each peer's)
WORK = {
    "brunel": ("brunel.ini", 200, 3000, {"nest": 300, "brian2": 300}),
    "balanced": ("balanced.ini", 200, 10000, {"nest": 1000, "brian2": 2000}),
    "microcircuit_tenth": (None, 200, 5000, {"nest": 500, "brian2": 1000}),
    "microcircuit": ("microcircuit.ini", 200, 500, {"nest": 200, "brian2": 100}),
}
# name: (requirements, program, precision, options)
PEERS = {
    "NEST": ("nest", "run_nest_network.py", "double", {}),
    "Brian2": ("brian2", "run_brian2_network.py", "double", {"dtype": "float64"}),
    "Brian2, float32": ("brian2", "run_brian2_network.py", "single", {"dtype": "float32"}),
}
# Bytes a synapse at the peak, of the program or of what makes it, of large networks.
NEEDS = {"nest": 55, "brian2": 70}
SEEDS_FOR_CHECK = {"microcircuit": 3}  # else 8


@dataclass
class Case:
    """A network for megalif and all peers."""

    name: str
    threads: int
    folder: Path

    def __post_init__(self):
        config, self.warmup, self.own, self.spans = WORK[self.name]
        text = ((ROOT / "configs" / config).read_text() if config else
                network_statistics.column_text(duration="1 s"))
        self.network = network_config.read(text)
        self.synapses = network_config.synapses(self.network)
        self.cpus = set(sorted(os.sched_getaffinity(0))[-self.threads:])
        self.path = self.folder / f"{self.name}.json"
        self.path.write_text(json.dumps(self.network))

    def __str__(self):
        return (f"{self.name}: {sum(network_config.sizes(self.network).values()):,} neurons, "
                f"{self.synapses:,} synapses")

    def needs(self, requirements):
        return NEEDS[requirements] * self.synapses

    def measure(self, call, python, program, duration, options=None, seed=1):
        """The report of one run, with its speeds."""
        given = {"network": str(self.path), "warmup": self.warmup, "duration": duration,
                 "threads": self.threads, "seed": seed, "folder": str(self.folder),
                 "options": options or {}}
        said, _ = call([python, str(HERE / program), json.dumps(given)], self.cpus)
        run = json.loads(said.strip().splitlines()[-1])
        run["events"] = network_config.events(self.network, run["spikes"])
        return {**run, "duration": duration, "events_per_cpu_s": run["events"] / run["cpu_s"],
                "realtime_factor": run["wall_s"] / (duration * 1e-3),
                "bytes_per_synapse": run["network_bytes"] / self.synapses}

    def measure_megalif(self, call, duration=None, seed=1):
        return self.measure(call, sys.executable, "run_megalif_network.py", duration or self.own,
                            seed=seed)

    def measure_peer(self, call, name, python):
        requirements, program, _, options = PEERS[name]
        return self.measure(call, python, program, self.spans[requirements], options)

    def check(self, call, run):
        """A peer's rates against ours over the same span. By chance alone they differ by more than
        six standard deviations of that difference hardly ever; 1 % more, as some seeds say little
        about the spread."""
        seeds = range(1, SEEDS_FOR_CHECK.get(self.name, 8) + 1)
        ours = [self.measure_megalif(call, run["duration"], seed)["spikes"] for seed in seeds]
        found = {}
        for name, theirs in run["spikes"].items():
            counts = [spikes[name] for spikes in ours]
            mean = statistics.mean(counts)
            allowed = 6 * statistics.stdev(counts) * (1 + 1 / len(counts)) ** 0.5 + 0.01 * mean
            found[name] = {"theirs": theirs, "ours": mean, "allowed": allowed,
                           "agree": abs(theirs - mean) <= allowed}
        return {"populations": found, "span_ms": run["duration"],
                "ours": statistics.mean(sum(spikes.values()) for spikes in ours),
                "theirs": sum(run["spikes"].values()),
                "agree": all(one["agree"] for one in found.values())}


def run_case(case, pythons, repeat, call, failures, plan):
    """All runs of one case, interleaved: {name: [runs]}, {name: reason}, {name: check}."""
    reasons, checks = {}, {}
    runs = turns.in_turns(case.name, ["megalif", *pythons],
                          lambda name: case.measure_megalif(call) if name == "megalif" else
                          case.measure_peer(call, name, pythons[name]), repeat, failures, reasons,
                          plan)
    for name in pythons:
        if name not in reasons:
            with plan.measuring(case.name, turns.spikes_of(name)):
                checks[name] = case.check(call, runs[name][0])
    return runs, reasons, checks


def summary(case, name, runs, ours, check):
    """One line of the table; ratios are between runs of the same turn."""
    line = {"work": str(case), "name": name, "version": runs[0]["version"],
            "threads": case.threads, "duration_ms": runs[0]["duration"],
            "peak_bytes": max(run["peak_bytes"] for run in runs), "check": check,
            "ratio_cpu": spread(a["events_per_cpu_s"] / b["events_per_cpu_s"]
                                for a, b in zip(ours, runs))}
    for key in ("events_per_cpu_s", "realtime_factor", "build_s", "bytes_per_synapse"):
        line[key] = spread(run[key] for run in runs)
    return line


def of(numbers, form):
    text = f"{numbers['median']:{form}}"
    if numbers["min"] == numbers["max"]:
        return text
    return f"{text} ({numbers['min']:{form}}..{numbers['max']:{form}})"


def table(lines):
    text = [f"**{lines[0]['work']}**", "",
            "| simulator | version | threads | synaptic events per CPU second | megalif/it | "
            "real-time factor | build (s) | bytes a synapse | peak memory | "
            "spikes: its / megalif's, same span |", "|" + "---|" * 10]
    for line in lines:
        check = line["check"]
        said = check and (f"{check['theirs']:,} / {check['ours']:,.0f} "
                          f"{'agree' if check['agree'] else 'DIFFER'}")
        text.append(f"| {line['name']} | {line['version']} | {line['threads']} | "
                    f"{of(line['events_per_cpu_s'], '.3g')} | {of(line['ratio_cpu'], '.3g')} | "
                    f"{of(line['realtime_factor'], '.3g')} | {of(line['build_s'], '.2g')} | "
                    f"{of(line['bytes_per_synapse'], '.3g')} | "
                    f"{line['peak_bytes'] / 1e6:,.0f} MB | {said or ''} |")
    return "\n".join([*text, ""])
