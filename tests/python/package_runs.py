"""What the tests of the package share: small configs, and the command line's word for them."""
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("MEGALIF", str(ROOT / "build" / "megalif"))

NETWORK = """[simulation]
dt = 0.1 ms
duration = 200 ms
seed = 7
[population.exc]
size = 400
tau_m = 20 ms
E_L = -65 mV
V_th = -50 mV
V_reset = -65 mV
V_m = uniform(-65 mV, -50 mV)
I_e = normal(230 pA, 10 pA)
[population.inh]
size = 100
tau_m = 10 ms
I_e = normal(420 pA, 20 pA)
[input.noise]
target = exc
type = white_noise
std = 300 pA
[projection.ei]
source = exc
target = inh
rule = fixed_indegree
indegree = 20
weight = uniform(0.1 mV, 0.3 mV)
delay = uniform(0.5 ms, 2 ms)
[projection.i]
source = inh
target = exc, inh
rule = pairwise_bernoulli
p = 0.1
weight = -0.4 mV
delay = 1 ms
[record.v]
population = exc
what = V_m
neurons = 0:3
interval = 1 ms
[record.n]
population = exc
what = counts
[record.fine]
population = all
what = rate
bin_width = 2 ms
"""
FORK_IS_MEANT = "ignore:This process:DeprecationWarning"  # from Python 3.12 on
# The same as Python has it.
DICT = {
    "simulation": {"dt": 0.1, "duration": "200 ms", "seed": 7},
    "population": {"exc": {"size": 400, "tau_m": 20, "E_L": -65.0, "V_th": -50, "V_reset": -65,
                           "V_m": "uniform(-65 mV, -50 mV)", "I_e": "normal(230 pA, 10 pA)"},
                   "inh": {"size": 100, "tau_m": 10.0, "I_e": "normal(420 pA, 20 pA)"}},
    "input.noise": {"target": "exc", "type": "white_noise", "std": 300},
    "projection": {"ei": {"source": "exc", "target": "inh", "rule": "fixed_indegree",
                          "indegree": 20, "weight": "uniform(0.1, 0.3)",
                          "delay": "uniform(0.5, 2)"},
                   "i": {"source": "inh", "target": "exc, inh", "rule": "pairwise_bernoulli",
                         "p": 0.1, "weight": -0.4, "delay": 1}},
    "record": {"v": {"population": "exc", "what": "V_m", "neurons": "0:3", "interval": 1.0},
               "n": {"population": "exc", "what": "counts"},
               "fine": {"population": "all", "what": "rate", "bin_width": 2}},
}


def megalif(*words, cwd=None):
    return subprocess.run([PROGRAM, *map(str, words)], cwd=cwd, capture_output=True, text=True)


def by_command_line(folder, config=NETWORK, *options, name="cli"):
    """The report of `megalif run` of a text; its file is folder/NAME.h5."""
    (folder / f"{name}.ini").write_text(config)
    done = megalif("run", f"{name}.ini", "-o", f"{name}.h5", "--json", "--quiet", *options,
                   cwd=folder)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def in_python(folder, text, timeout=120, **env):
    """Runs a text in a Python of its own, for what may crash or hang; its standard output."""
    done = subprocess.run([sys.executable, "-X", "faulthandler", "-W", FORK_IS_MEANT, "-c", text],
                          cwd=folder, timeout=timeout, capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": str(ROOT / "python"), **env})
    assert done.returncode == 0, f"exit code {done.returncode}\n{done.stdout}{done.stderr}"
    assert done.stderr == "", done.stderr
    return done.stdout


BUILD = Path(os.environ.get("MEGALIF_BUILD", ROOT / "build"))
BY_GCC = not BUILD.name.startswith("clang")
