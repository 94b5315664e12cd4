#!/usr/bin/env python3
"""Compares two JSON files of `make bench` (build/bench.json), benchmark by benchmark.

    bench/compare.py OLD.json NEW.json [--filter REGEX]

Speeds are medians over the repetitions in a file, each with its spread, (greatest - least) /
median. `new/old` above 1 is faster. A change is marked only where it is beyond both spreads and 5
%. Where the files say that machine or settings differ, a line on standard error tells how. The exit
code is 0 whatever the figures say; 2 when a file cannot be read or the two have no benchmark in
common.
"""
import argparse
import json
import re
import statistics
import sys

LEAST_CHANGE = 0.05


def fail(text):
    print(text, file=sys.stderr)
    sys.exit(2)


def speed(run):
    """Work per second where the benchmark counts it, else runs per unit of time."""
    for key in ("items_per_second", "bytes_per_second"):
        if key in run:
            return run[key]
    return 1.0 / run["real_time"]


def speeds_of(runs):
    """Speeds of every repetition by benchmark, in the order of the file."""
    speeds = {}
    for run in runs:
        if run.get("run_type", "iteration") == "iteration" and not run.get("error_occurred"):
            name = run.get("run_name", run["name"]).replace("/manual_time", "")
            speeds.setdefault(name, []).append(speed(run))
    return speeds


def read(path):
    """Speeds by benchmark, and what the file says of machine and settings."""
    try:
        with open(path) as file:
            found = json.load(file)
        return speeds_of(found["benchmarks"]), dict(found.get("context", {}))
    except KeyError as error:
        reason = f"no {error} in it"
    except (OSError, ValueError, TypeError, AttributeError, ZeroDivisionError) as error:
        reason = error
    fail(f"{path}: not a file of benchmark results: {reason}")


def differences(old, new):
    """What makes figures of two files incomparable, as far as Google Benchmark and we note it."""
    return [f"{key} {old.get(key)} / {new.get(key)}" if key != "caches" else "caches"
            for key in ("host_name", "num_cpus", "caches", "isa", "threads", "MEGALIF_TILE",
                        "MEGALIF_BLOCK")
            if old.get(key) != new.get(key)]


def spread(values):
    return (max(values) - min(values)) / statistics.median(values)


def short(value):
    for factor, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= factor:
            return f"{value / factor:.3g} {unit}"
    return f"{value:.3g}  "


def row(name, width, old, new):
    ratio = statistics.median(new) / statistics.median(old)
    noise = max(spread(old), spread(new), LEAST_CHANGE)
    mark = "slower" if ratio < 1 - noise else "faster" if ratio > 1 + noise else ""
    line = (f"{name:{width}} {short(statistics.median(old)):>8} {spread(old):5.0%} "
            f"{short(statistics.median(new)):>8} {spread(new):5.0%} {ratio:8.3f}  {mark}")
    return line.rstrip(), mark


def pattern(text):
    try:
        return re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"{text}: {error}") from None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("--filter", default="", type=pattern, metavar="REGEX",
                        help="only benchmarks whose name matches REGEX")
    arguments = parser.parse_args()
    (old, old_context), (new, new_context) = read(arguments.old), read(arguments.new)
    if differ := differences(old_context, new_context):
        print(f"not of the same machine and settings: {', '.join(differ)}", file=sys.stderr)
    wanted = [name for name in [*old, *(new.keys() - old.keys())] if arguments.filter.search(name)]
    names = [name for name in wanted if name in old and name in new]
    if not names:
        fail("the files have no benchmark in common"
             + (" that --filter takes" if arguments.filter.pattern
                else ""))
    width = max(map(len, names))
    print(f"{'':{width}} {'old/s':>8} {'±':>5} {'new/s':>8} {'±':>5} {'new/old':>8}")
    marks = []
    for name in names:
        line, mark = row(name, width, old[name], new[name])
        marks.append(mark)
        print(line)
    print(f"{len(names)} compared, {marks.count('slower')} slower, {marks.count('faster')} faster; "
          f"{len(wanted) - len(names)} in one file only")


if __name__ == "__main__":
    main()
