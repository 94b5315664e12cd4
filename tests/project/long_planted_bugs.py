"""Every bug that planted_bugs.py can plant is caught by each of the tests named for it."""
import pytest

from planted_bugs import BUGS, Tree, all_tests, possible


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    copy = Tree(tmp_path_factory.mktemp("planted"))
    copy.make(all_tests(possible()))
    return copy


@pytest.mark.parametrize("name", possible())
def test_bug_is_caught(tree, name):
    assert tree.survivors(*BUGS[name]) == []


@pytest.mark.parametrize("test", all_tests(possible()))
def test_passes_without_a_bug(tree, test):
    """After the bugs, so that it also shows that none stays behind."""
    tree.make([test])
    assert tree.passes(test)
