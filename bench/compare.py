#!/usr/bin/env python3
"""Compares two JSON files of `make bench` (build/bench.json), benchmark by benchmark.

    bench/compare.py OLD.json NEW.json [--filter REGEX]

Speeds are medians over the repetitions in a file, each with its spread, (greatest - least) / median.
`new/old` above 1 is faster. A change is marked only where it is beyond both spreads and 5 %. The exit
code is 0 whatever the figures say; 2 when a file cannot be read.
"""
import argparse
import json
import re
import statistics
import sys

LEAST_CHANGE = 0.05


def speed(run):
    """Work per second where the benchmark counts it, else runs per unit of time."""
    for key in ("items_per_second", "bytes_per_second"):
        if key in run:
            return run[key]
    return 1.0 / run["real_time"]


def read(path):
    """Speeds of every repetition by benchmark, in the order of the file."""
    try:
        with open(path) as file:
            runs = json.load(file)["benchmarks"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"{path}: not a file of benchmark results: {error}", file=sys.stderr)
        sys.exit(2)
    speeds = {}
    for run in runs:
        if run.get("run_type", "iteration") == "iteration" and not run.get("error_occurred"):
            name = run.get("run_name", run["name"]).replace("/manual_time", "")
            speeds.setdefault(name, []).append(speed(run))
    return speeds


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


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("--filter", default="", help="only benchmarks whose name matches REGEX")
    arguments = parser.parse_args()
    old, new = read(arguments.old), read(arguments.new)
    names = [name for name in old if name in new and re.search(arguments.filter, name)]
    if not names:
        print("the files have no benchmark in common", file=sys.stderr)
        return
    width = max(map(len, names))
    print(f"{'':{width}} {'old/s':>8} {'±':>5} {'new/s':>8} {'±':>5} {'new/old':>8}")
    marks = []
    for name in names:
        line, mark = row(name, width, old[name], new[name])
        marks.append(mark)
        print(line)
    print(f"{len(names)} compared, {marks.count('slower')} slower, {marks.count('faster')} faster; "
          f"{len(old.keys() ^ new.keys())} in one file only")


if __name__ == "__main__":
    main()
