"""Lets the tests of the Python package import it from this clone, with the library that was built
(MEGALIF_BUILD; default: build/). It has the name of the helpers' module: these tests are run by a
pytest of their own."""
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("MEGALIF_BUILD", ROOT / "build"))
sys.path.insert(0, str(ROOT / "python"))
libraries = sorted((BUILD / "install").glob("libmegalif.so.*"))
if libraries:
    os.environ["MEGALIF_LIBRARY"] = str(libraries[-1])
