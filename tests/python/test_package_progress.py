"""The progress bar: what it says, that it goes away, where it is shown."""
import io
import sys
import types

import pytest

import megalif
from megalif import _progress
from package_runs import DICT

HALF = megalif.Progress(model_ms=50.0, duration_ms=200.0, elapsed_s=4.0, neurons=10,
                        steps_done=500, spikes=1234, synapses=100, synapses_made=100)


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def soon(monkeypatch):
    """Bars appear at once, and are drawn each time."""
    monkeypatch.setattr(_progress, "SHOW_AFTER_S", 0)
    monkeypatch.setattr("megalif._session.EVERY_S", 0)


def test_a_line_says_how_far_and_how_long():
    assert HALF.fraction == 0.25
    assert str(HALF) == "50 of 200 ms, 1,234 spikes, 0:12 left"
    making = HALF._replace(steps_done=0, synapses_made=25, model_ms=0)
    assert making.fraction == 0.25 and str(making) == "25 of 100 synapses"
    assert "? left" in str(HALF._replace(model_ms=0))


def test_a_terminal_shows_it_and_is_left_clean(monkeypatch, soon):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    megalif.run(DICT)
    lines = terminal.getvalue().split("\r\033[K")
    assert lines[0] == "" and lines[-1] == "" and len(lines) > 5
    assert "200 of 200 ms" in lines[-2] and lines[-2].startswith("[####################]")


@pytest.mark.parametrize("progress", [False, "auto"])
def test_nothing_is_shown_where_nobody_looks(monkeypatch, soon, progress):
    for stream in (io.StringIO(), *([Terminal()] if progress is False else [None])):
        monkeypatch.setattr(sys, "stderr", stream)
        megalif.run(DICT, progress=progress)
        assert stream is None or stream.getvalue() == ""


def test_short_runs_show_nothing(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    megalif.run(DICT, set={"simulation.duration": 1})
    assert terminal.getvalue() == ""


def test_an_exception_leaves_a_clean_terminal(monkeypatch, soon):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)

    def bad(*_):
        raise LookupError
    with pytest.raises(LookupError):
        megalif.run(DICT, on_spikes=bad)
    assert terminal.getvalue().endswith("\r\033[K")


def test_a_notebook_shows_one_bar_and_takes_it_away(monkeypatch, soon):
    shown = []
    handle = types.SimpleNamespace(update=lambda content, raw: shown.append(content))

    def display(content, raw, display_id):
        shown.append(content)
        return handle
    python = types.ModuleType("IPython")
    python.get_ipython = lambda: types.SimpleNamespace(kernel=1)
    python.display = types.ModuleType("IPython.display")
    python.display.display = display
    monkeypatch.setitem(sys.modules, "IPython", python)
    monkeypatch.setitem(sys.modules, "IPython.display", python.display)
    megalif.run(DICT)
    assert '<progress max="1" value="1.000">' in shown[-2]["text/html"]
    assert shown[-1] == {"text/html": "", "text/plain": ""}


def test_another_word_is_refused():
    with pytest.raises(ValueError, match='"auto", True, False or a function'):
        megalif.run(DICT, progress="maybe")
