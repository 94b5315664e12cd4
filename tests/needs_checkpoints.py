"""Importing this skips a test file where the program has no checkpoints."""
import subprocess

import pytest

from megalif import PROGRAM

HELP = subprocess.run([PROGRAM, "run", "--help"], capture_output=True, text=True).stdout
if "--checkpoint" not in HELP:
    pytest.skip("this megalif has no checkpoints", allow_module_level=True)
