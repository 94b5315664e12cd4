"""Ten minutes of damaged files, others each time."""
import random

from mutate_files import attempt_all


def test_nothing_is_found_in_ten_minutes():
    findings, codes = attempt_all(seed=random.SystemRandom().randrange(10**6), seconds=600)
    assert not findings, "\n".join(findings)
    assert codes.total() > 1000
