"""The Python package beside pandas, xarray, Neo, pynwb, matplotlib, scipy and an h5py with an HDF5
of its own, all from PyPI: its tests of tables and results, none of which is skipped there, and the
notebooks."""
import os
import re
import subprocess
from pathlib import Path

import pytest

import pypi_env

NOTEBOOKS = pypi_env.ROOT / "docs/notebooks"
BUILD = Path(os.environ.get("MEGALIF_BUILD", pypi_env.ROOT / "build"))
PLAYED = """
import json, sys
for cell in json.load(open(sys.argv[1]))["cells"]:
    if cell["cell_type"] == "code":
        exec(compile("".join(cell["source"]), sys.argv[1], "exec"))
"""


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


@pytest.mark.parametrize("name", sorted(path.name for path in NOTEBOOKS.glob("*.ipynb")))
def test_notebooks_run_from_the_first_cell_to_the_last(python, name):
    library, = (BUILD / "install").glob("libmegalif.so.*")
    env = {**os.environ, "PYTHONPATH": str(pypi_env.ROOT / "python"), "MPLBACKEND": "agg",
           "MEGALIF_LIBRARY": str(library)}
    done = subprocess.run([python, "-c", PLAYED, name], cwd=NOTEBOOKS, env=env, text=True,
                          capture_output=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (NOTEBOOKS / name).stat().st_size < 400_000
