"""The Python package beside pandas, xarray, Neo, matplotlib, scipy and an h5py with an HDF5 of its
own, all from PyPI: its tests of tables and results, none of which is skipped there."""
import os
import re
import subprocess

import pytest

import pypi_env


def test_results_go_into_the_fields_packages():
    try:
        python = pypi_env.python("requirements-python.txt")
    except pypi_env.Unavailable as reason:
        pytest.skip(f"pandas, xarray, Neo, matplotlib cannot be installed from PyPI: {reason}")
    tests = pypi_env.ROOT / "tests/python"
    done = subprocess.run([python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull,
                           "--rootdir", pypi_env.ROOT, *(tests / f"test_package_{name}.py" for name
                                                         in ("tables", "results", "simulation",
                                                             "docs"))],
                          capture_output=True, text=True, cwd=pypi_env.ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^\d+ passed in [^,]*$", done.stdout, re.MULTILINE), done.stdout
