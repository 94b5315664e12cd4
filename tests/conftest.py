"""Lets every test import what tests/helpers/ holds."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "helpers"))
