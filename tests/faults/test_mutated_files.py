"""Damaged files of every kind, read by every command: no crash, no hang. Seconds here, ten minutes
in long_mutated_files.py."""
from mutate_files import attempt_all


def test_nothing_is_found_in_seconds():
    findings, codes = attempt_all(seed=1, number=120)
    assert not findings, "\n".join(findings)
    assert codes[0] > 10 and codes[3] > 10  # damage is felt, but not by every command
