"""docs/from-brian2-or-nest.md: what stands there side by side runs, and gives the same rates.
Blocks of other pages that need what PyPI has."""
import json
import re
import subprocess
import sys

import pytest

import pypi_env
from emitted import python_with
from megalif import PROGRAM, ROOT
from pages import block, blocks, place

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


def test_comparing_with_nest_as_the_page_does(tmp_path):
    """And each command says what stands there."""
    env = place(tmp_path)
    (tmp_path / "bin/megalif").symlink_to(PROGRAM)
    page = block("docs/comparing.md", "$ export SIZE").splitlines()
    script = [line[2:] if line.startswith("$ ") else f": {json.dumps(line)}" for line in page]
    python = f"python() {{ '{python_with('nest')}' \"$@\"; }}\n"
    done = subprocess.run(["bash", "-euc", python + "\n".join(script)], cwd=tmp_path, text=True,
                          env={**env, "PYNEST_QUIET": "1"}, capture_output=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    said = [line for line in page if not line.startswith("$ ")]
    assert [line for line in done.stdout.splitlines() if line in said] == said, done.stdout


@pytest.mark.parametrize("pins", ["requirements.txt", "requirements-newest.txt"])
def test_libsonata_reads_as_the_page_says(pins, tmp_path):
    """Newer wheels only what is not compressed."""
    try:
        python = pypi_env.python(pins)
    except pypi_env.Unavailable as reason:
        pytest.skip(f"libsonata cannot be installed from PyPI: {reason}")
    place(tmp_path)
    (tmp_path / "out").mkdir()
    options = ("--set simulation.duration=300ms --set population.exc.size=2000 --set "
               "record.v.what=V_m --set record.v.population=exc --set record.v.neurons=0:5")
    plain = ["--compression", "none"] if "newest" in pins else []
    subprocess.run([PROGRAM, "run", "configs/demo.ini", "-o", "out/demo.h5", "-q", *plain,
                    *options.split()], check=True, cwd=tmp_path)
    texts = [text for kind, text in blocks("docs/format.md") if "libsonata" in text]
    assert len(texts) == 2
    for text, told in zip(texts, ("len(spikes)", "frame.data.shape")):
        done = subprocess.run([python, "-c", f"{text}print({told})"], cwd=tmp_path, text=True,
                              capture_output=True, timeout=100)
        assert done.returncode == 0, done.stderr
        assert re.match(r"\(?[1-9]\d*", done.stdout), done.stdout
