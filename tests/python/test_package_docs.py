"""Docstrings: each public thing has one, and what they show is so; hints for type checkers."""
import doctest
import importlib
import inspect
import itertools
import pkgutil
import re

import pytest

import megalif
from package_runs import ROOT, in_python

MODULES = ["megalif", *(f"megalif.{each.name}" for each in pkgutil.iter_modules(megalif.__path__))]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def public():
    for name in megalif.__all__:
        thing = getattr(megalif, name)
        if not callable(thing):
            continue
        yield name, thing
        if inspect.isclass(thing) and not issubclass(thing, BaseException):
            for own, value in vars(thing).items():
                if not own.startswith("_") and (callable(value) or isinstance(value, property)):
                    yield f"{name}.{own}", value


@pytest.mark.parametrize("name, thing", list(public()), ids=lambda value: str(value)[:40])
def test_what_is_public_is_described_and_has_hints(name, thing):
    assert inspect.getdoc(thing), name
    function = thing.fget if isinstance(thing, property) else getattr(thing, "__func__", thing)
    if inspect.isfunction(function):
        assert "return" in function.__annotations__, name
        arguments = [each for each in inspect.signature(function).parameters
                     if each not in ("self", "cls")]
        assert set(arguments) <= set(function.__annotations__), name


def blocks():
    """Python of the pages; each block is a program of its own."""
    for page in ("README.md", "docs/python.md"):
        text = (ROOT / page).read_text()
        for code in re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
            if code.startswith("import megalif\n"):
                yield page, code


NEEDED = {"to_pandas": "pandas", "sweep(": "pandas", "plot(": "matplotlib"}


@pytest.mark.parametrize("page, code", list(blocks()), ids=itertools.count())
def test_what_pages_show_runs(page, code, tmp_path):
    for words, package in NEEDED.items():
        if words in code:
            pytest.importorskip(package)
    (tmp_path / "configs").symlink_to(ROOT / "configs")
    said = in_python(tmp_path, code, MPLBACKEND="agg")
    for promised in re.findall(r"^prints `(.*?)`", (ROOT / page).read_text().split(code)[1][:200],
                               re.MULTILINE):
        assert promised in said.splitlines()


def test_the_page_of_names_is_what_the_docstrings_say(tmp_path):
    made = in_python(tmp_path, f"import runpy; runpy.run_path({str(ROOT / 'python/api_page.py')!r},"
                     " run_name='__main__')")
    assert made == (ROOT / "docs/python-api.md").read_text(), (
        "PYTHONPATH=python python3 python/api_page.py > docs/python-api.md makes it new")
