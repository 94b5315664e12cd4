"""docs/reliability.md names a test for every promise: they are there."""
import re

from megalif import ROOT

TESTS = ROOT / "tests"


def named():
    text = (ROOT / "docs/reliability.md").read_text()
    return re.findall(r"`((?:test|long)_\w+(?:\.py(?:::\w+)?|/\w+))`", text)


def exists(name):
    if "/" in name:
        program, case = name.split("/")
        source = TESTS / "unit" / f"{program}.c"
        return source.exists() and f"cmocka_unit_test({case})" in source.read_text()
    file, _, case = name.partition("::")
    found = list(TESTS.glob(f"*/{file}"))
    return len(found) == 1 and (not case or f"\ndef {case}(" in found[0].read_text())


def test_the_tests_of_the_promises_exist():
    names = named()
    assert len(names) > 40
    assert [name for name in names if not exists(name)] == []
