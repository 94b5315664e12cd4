"""The Python package beside pandas, xarray, Neo, pynwb, matplotlib, scipy and an h5py with an HDF5
of its own, all from PyPI: its tests of tables and results, none of which is skipped there, and the
notebooks, two of them with NEST and Brian2."""
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

import pypi_env
from emitted import python_with

NOTEBOOKS = pypi_env.ROOT / "docs/notebooks"
BUILD = Path(os.environ.get("MEGALIF_BUILD", pypi_env.ROOT / "build"))
OF_SIMULATORS = {"beside_nest.ipynb": "nest", "beside_brian2.ipynb": "brian2"}
# Prints what each cell prints; the names of a notebook are its own.
PLAYED = """
import contextlib, io, json, sys
names, said = {"__name__": "__main__"}, []
for cell in json.load(open(sys.argv[1]))["cells"]:
    if cell["cell_type"] == "code":
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(compile("".join(cell["source"]), sys.argv[1], "exec"), names)
        said.append(printed.getvalue())
print(json.dumps(said))
"""
MACHINE = re.compile(r"/(?:home|root|tmp|Users|work)/|Traceback|Warning: ")


@pytest.fixture(scope="module")
def python():
    try:
        return pypi_env.python("requirements-python.txt")
    except pypi_env.Unavailable as reason:
        pytest.skip(f"pandas, xarray, Neo, matplotlib cannot be installed from PyPI: {reason}")


def test_results_go_into_the_fields_packages(python):
    tests = pypi_env.ROOT / "tests/python"
    done = subprocess.run([python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull,
                           "--rootdir", pypi_env.ROOT, *(tests / f"test_package_{name}.py" for name
                                                         in ("tables", "nwb", "statistics",
                                                             "results", "simulation", "pictures",
                                                             "docs"))],
                          capture_output=True, text=True, cwd=pypi_env.ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^\d+ passed in [^,]*$", done.stdout, re.MULTILINE), done.stdout


def cells_of(name):
    """Of code."""
    cells = json.loads((NOTEBOOKS / name).read_text())["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def printed(cell):
    return "".join("".join(each["text"]) for each in cell["outputs"]
                   if each["output_type"] == "stream" and each["name"] == "stdout")


NAMES = sorted(path.name for path in NOTEBOOKS.glob("*.ipynb"))


@pytest.mark.parametrize("name", NAMES)
def test_notebooks_run_from_the_first_cell_to_the_last(request, name):
    """And print what they show as printed."""
    python = (python_with(OF_SIMULATORS[name]) if name in OF_SIMULATORS
              else request.getfixturevalue("python"))
    library, = (BUILD / "install").glob("libmegalif.so.*")
    env = {**os.environ, "PYTHONPATH": str(pypi_env.ROOT / "python"), "MPLBACKEND": "agg",
           "MEGALIF_LIBRARY": str(library), "MEGALIF": str(BUILD / "megalif"), "PYNEST_QUIET": "1"}
    done = subprocess.run([python, "-c", PLAYED, name], cwd=NOTEBOOKS, env=env, text=True,
                          capture_output=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == [printed(cell) for cell in cells_of(name)]


@pytest.mark.parametrize("name", NAMES)
def test_notebooks_are_stored_as_they_were_executed(name):
    """All cells in order, no errors, nothing of the machine that they were executed on; small."""
    cells = cells_of(name)
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell["outputs"]]
    assert not any(output["output_type"] == "error" for output in outputs)
    pictures = [output.get("data", {}).pop("image/png", "") for output in outputs]
    assert sum(map(len, pictures)) * 3 / 4 < 300_000
    assert (NOTEBOOKS / name).stat().st_size < 400_000
    assert not MACHINE.search(json.dumps(outputs))
