"""docs/from-brian2-or-nest.md: what stands there side by side runs, and gives the same rates."""
import json
import re
import subprocess
import sys

import pytest

from emitted import python_with
from megalif import PROGRAM, ROOT

PAGE = (ROOT / "docs/from-brian2-or-nest.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
TELL = "\nimport json\nprint(json.dumps({name: float(rate) for name, rate in rates.items()}))\n"


def script(simulator):
    return "".join(text for kind, text in BLOCKS
                   if kind == "python" and text.startswith(f"# {simulator}\n"))


def rates_of(python, simulator, folder):
    done = subprocess.run([python, "-c", script(simulator) + TELL], cwd=folder, text=True,
                          capture_output=True, timeout=600)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    """Rates as the page reads them, of what its commands made."""
    folder = tmp_path_factory.mktemp("snippets")
    (folder / "megalif").symlink_to(PROGRAM)
    (folder / "network.ini").write_text("".join(text for kind, text in BLOCKS if kind == "ini"))
    (folder / "volley.csv").write_text("".join(text for kind, text in BLOCKS if kind == "text"))
    commands = "".join(text for kind, text in BLOCKS if kind == "sh")
    done = subprocess.run(["bash", "-euc", f"PATH=.:$PATH\n{commands}"], cwd=folder, text=True,
                          capture_output=True, timeout=200)
    assert done.returncode == 0 and "warning" not in done.stderr, done.stderr
    return rates_of(sys.executable, "megalif", folder)


def test_the_networks_rates_are_those_of_a_balanced_network(ours):
    assert 5 < ours["exc"] < 25 and 5 < ours["inh"] < 25


@pytest.mark.parametrize("simulator", ["NEST", "Brian2"])
def test_others_have_the_same_rates(simulator, ours, tmp_path):
    """The rates of such a small network spread by some per cent over seeds."""
    theirs = rates_of(python_with(simulator.lower()), simulator, tmp_path)
    for population, rate in ours.items():
        assert abs(theirs[population] / rate - 1) < 0.15, (theirs, ours)
