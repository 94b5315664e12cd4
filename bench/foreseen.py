"""How well `megalif check` foresees the time of a run: a table of both over ten configs, shortened.

usage: python3 bench/foreseen.py [--threads N] [--repeats N] [MEGALIF]

Each config is checked and run in turn, REPEATS times; the table has medians of `check`'s "about",
of the run's wall time (its whole process), and their ratio. Beside load give it a processor of its
own: chrt -f 50 taskset -c 0 python3 bench/foreseen.py --threads 1
"""
import argparse
import re
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MANY = "[simulation]\nduration = 1 s\n" + "".join(
    f"[population.p{i}]\nsize = 100\nI_e = normal(200 pA, 20 pA)\n" for i in range(200))
POISSON = ("[simulation]\nduration = 2 s\n[population.exc]\nsize = 20000\nI_e = 150 pA\n"
           "[input.p]\ntarget = exc\ntype = poisson\nrate = 5 kHz\nweight = 0.15 mV\n")
DC = "[simulation]\nduration = 2 s\n[population.exc]\nsize = 200000\nI_e = normal(210 pA, 15 pA)\n"
WORKS = {  # name: config (a file of configs/, or text), overrides
    "demo": ("demo.ini", ["population.exc.size=80000", "population.inh.size=20000"]),
    "dc": (DC, []),
    "white noise": ("noise.ini", ["simulation.duration=2 s"]),
    "OU noise": ("ou.ini", ["simulation.duration=1 s"]),
    "Poisson": (POISSON, []),
    "Brunel": ("brunel.ini", ["simulation.duration=0.5 s"]),
    "balanced": ("balanced.ini", ["simulation.duration=1 s"]),
    "microcircuit": ("microcircuit.ini", ["simulation.duration=50 ms", "simulation.warmup=0 ms"]),
    "million": ("million.ini", ["simulation.duration=20 ms"]),
    "200 populations": (MANY, []),
}


def foreseen(command):
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return float(re.search(r"^# about\D*?\s([\d.e+-]+) s", said, re.MULTILINE)[1])


def measured(command):
    start = time.monotonic()
    subprocess.run(command, check=True)
    return time.monotonic() - start


def compare(megalif, config, overrides, options, folder):
    sets = [word for each in overrides for word in ("--set", each)]
    sets += ["-t", str(options.threads)] if options.threads else []
    pairs = [(foreseen([megalif, "check", config, *sets]),
              measured([megalif, "run", config, *sets, "-q", "-f", "-o", folder / "out.h5"]))
             for _ in range(options.repeats)]
    return [statistics.median(column) for column in zip(*pairs)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", default="")
    parser.add_argument("megalif", nargs="?", default=ROOT / "build/megalif")
    options = parser.parse_args()
    print("| config | check's estimate | run | estimate / run |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for work, (config, overrides) in WORKS.items():
            if options.only not in work:
                continue
            path = ROOT / "configs" / config
            if "\n" in config:
                path = folder / "text.ini"
                path.write_text(config)
            estimate, run = compare(options.megalif, path, overrides, options, folder)
            print(f"| {work} | {estimate:.3g} s | {run:.3g} s | {estimate / run:.2f} |", flush=True)


if __name__ == "__main__":
    main()
