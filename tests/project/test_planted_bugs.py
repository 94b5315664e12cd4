"""The planted bugs still fit the sources: a bug whose text is gone would quietly test nothing, and
`make test-long`, which plants them, is run less often than the sources change."""
import pytest

from planted_bugs import BUGS, ROOT


@pytest.mark.parametrize("name", BUGS)
def test_a_bug_replaces_text_that_stands_once(name):
    replacements, tests = BUGS[name]
    assert tests, "names no test that must fail"
    for file, old, new in replacements:
        assert old != new
        assert (ROOT / file).read_text().count(old) == 1, f"{file}: {old}"
