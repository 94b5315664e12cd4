"""Ten minutes of libFuzzer for each reader of foreign bytes."""
from test_fuzz import fuzz


def test_nothing_is_found_in_ten_minutes():
    fuzz(600)
