"""Arguments of wrong kinds and impossible values, whatever they are passed to: a told exception
before anything is done, and nothing left behind."""
import itertools

import numpy as np
import pytest

import megalif
from package_runs import in_python

CELLS = {"simulation": {"dt": 0.1, "duration": 20},
         "population": {"a": {"size": 5, "I_e": 400},
                        "s": {"size": 3, "model": "poisson", "rate": 10, "rate_most": 50}},
         "input": {"clamp": {"target": "a", "type": "external"}},
         "projection": {"p": {"source": "a", "target": "a", "rule": "one_to_one", "weight": 0.1,
                              "delay": 1}}}
ODD = [None, False, 0, -1, 2**31, 2**63, 2**64, -2**63, 0.5, float("nan"), float("inf"), 1e300,
       "", "x", "a\0b", "\udc80", b"x", [], ["x"], (1, 2), {"a": 1}, set(), object(),
       np.array([1.0, 2.0]), np.zeros((2, 2)), np.array("x"), 1j, range(3), lambda *_: None, int]
TOLD = (megalif.MegalifError, ValueError, TypeError, KeyError, IndexError)
WORDS_OF_OTHERS = ("has no attribute", "not supported between", "NoneType", "truth value",
                   "interpreted as", "object is not", "ufunc", "ctypes", "no reason given")


@pytest.fixture(scope="module")
def simulation():
    made = megalif.Simulation(CELLS)
    made.advance(3)
    return made


OPTIONS = [(megalif.run, each) for each in (
    "set", "output", "threads", "on_spikes", "force", "raster", "isa", "checkpoint", "resume",
    "max_wall")]
OPTIONS += [(megalif.Simulation, each) for each in ("collect", "on_trace", "isa", "set", "resume")]
OPTIONS += [(megalif.check, each) for each in ("set", "output", "threads")]
METHODS = [
    lambda s, odd: s.advance(odd), lambda s, odd: s.advance(steps=odd),
    lambda s, odd: s.V_m(odd), lambda s, odd: s.V_m("a", odd), lambda s, odd: s.V_m("a", 0, odd),
    lambda s, odd: s.set_V_m("a", -60, odd), lambda s, odd: s.set_V_m("a", [-60], odd),
    lambda s, odd: s.set_V_m("a", -60, 0, odd), lambda s, odd: s.set_V_m(odd, -60),
    lambda s, odd: s.set_current(odd, 1), lambda s, odd: s.set_current("clamp", 1, odd),
    lambda s, odd: s.set_rate(odd, 1, "s"), lambda s, odd: s.set_rate(None, 1, odd),
    lambda s, odd: s.inject(odd, [1]), lambda s, odd: s.inject("a", odd),
    lambda s, odd: s.parameter("a", odd), lambda s, odd: s.rates("a", odd),
    lambda s, odd: s.counts(odd), lambda s, odd: s.statistics(odd),
    lambda _, odd: megalif.digest(odd), lambda _, odd: megalif.compare(odd, odd),
    lambda _, odd: megalif.open(odd), lambda _, odd: megalif.run(odd),
    lambda _, odd: megalif.sonata.config(odd),
    lambda _, odd: megalif.run({**CELLS, "population": {odd if odd.__hash__ else 1: {"size": 5}}}),
]


def is_told(act, odd):
    """Either it is taken, or an exception of ours tells what was wrong."""
    try:
        act(odd)
    except TOLD as error:
        assert str(error) and not any(words in str(error) for words in WORDS_OF_OTHERS), repr(odd)
        return True
    return False


@pytest.mark.parametrize("function, name", OPTIONS)
def test_options_of_wrong_kinds(function, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = 0
    for odd in ODD:
        if name == "output" and isinstance(odd, (str, bytes)) and odd in ("x", "\udc80", b"x"):
            continue  # files may have these names
        told += is_told(lambda odd: function(CELLS, **{name: odd}), odd)
        assert list(tmp_path.iterdir()) == [], repr(odd)
    assert told > 12


@pytest.mark.parametrize("method", METHODS, ids=itertools.count())
def test_methods_with_arguments_of_wrong_kinds(method, simulation, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = sum(is_told(lambda odd: method(simulation, odd), odd) for odd in ODD
               if not (isinstance(odd, (float, int)) and odd >= 1e300))
    assert told > 12 and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("config, sets, words", [
    ("[simulation]\ndt = 0.1\n\0\n", None, "config:3: a NUL byte"),
    (CELLS, {"input.clamp.target": "a\0b"}, r"\[input.clamp\] target: 'a\\x00b' has a NUL byte"),
    (CELLS, ["simulation.seed=1\0"], "set: .* has a NUL byte"),
    ("a\0.ini", None, "config: 'a.x00.ini' has a NUL byte")], ids=itertools.count())
def test_texts_do_not_end_at_a_nul_byte(config, sets, words):
    with pytest.raises(megalif.ConfigError, match=words):
        megalif.run(config, set=sets)


@pytest.mark.parametrize("words, act", [
    ("threads=5000; give a whole number from 1 to 4096", lambda: megalif.run(CELLS, threads=5000)),
    ("max_wall=-1; give seconds above 0", lambda: megalif.run(CELLS, max_wall=-1)),
    ("force is a str; give True or False", lambda: megalif.run(CELLS, force="no")),
    ("no instruction set sse; choose", lambda: megalif.run(CELLS, isa="sse")),
    ("on_spikes is a str; give a function", lambda: megalif.run(CELLS, on_spikes="x")),
    ("inf ms is no multiple of dt", lambda: megalif.Simulation(CELLS).advance(float("inf"))),
    ("dt=0; give ms above 0", lambda: megalif.digest("x.h5", 0))], ids=itertools.count())
def test_words(words, act):
    with pytest.raises(TOLD, match=words):
        act()


def test_more_steps_than_there_are_end_where_the_duration_does():
    for many in (2**64, 10**30):  # not taken modulo 2**64
        simulation = megalif.Simulation(CELLS)
        simulation.advance(steps=many)
        assert simulation.done


LIMITED = """
import os, resource, sys, tempfile, warnings
import numpy as np
import megalif
warnings.simplefilter("ignore")
config = {{"simulation": {{"dt": 0.1, "duration": 200}},
          "population": {{"a": {{"size": 20000, "I_e": "normal(500 pA, 50 pA)"}}}},
          "output": {{"compression": "none"}}}}
result = megalif.run(config)
simulation = megalif.Simulation(config, output="b.h5")
resource.setrlimit(resource.RLIMIT_{limit}, ({bytes}, {bytes}))
def told(act):
    try:
        act()
    except megalif.{kind} as error:
        print(error)
{acts}
simulation.close()
del result
assert os.listdir() == os.listdir(tempfile.gettempdir()) == [], os.listdir()
sys.stdout.flush()
os._exit(0)  # HDF5 1.10 crashes where its clean-up cannot write, either (docs/python.md)
"""


def limited(folder, limit, most, kind, *acts):
    """What is told of acts where no file, or all memory, may be larger than that; both the working
    folder and that of temporary files are empty afterwards."""
    for name in ("work", "tmp"):
        (folder / name).mkdir()
    return in_python(folder / "work", LIMITED.format(
        limit=limit, bytes=most, kind=kind, acts="\n".join(f"told(lambda: {act})" for act in acts)),
        TMPDIR=str(folder / "tmp")).splitlines()


def test_a_full_disk_leaves_nothing(tmp_path):
    said = limited(tmp_path, "FSIZE", 10**6, "OutputError", "result.save('a.h5')",
                   "megalif.run(config, output='a.h5')", "megalif.run(config)",
                   "megalif.run(config, set={'population.a.I_e': np.ones(200000)})",
                   "simulation.advance() and simulation.finish()")
    assert len(said) == 5 and all(each.endswith(": File too large") for each in said), said
    assert said[0].startswith("a.h5: ") and "[population.a] I_e: the array " in said[3]


def test_too_little_memory_leaves_nothing(tmp_path):
    said, = limited(tmp_path, "AS", 2 * 10**9, "NotEnoughMemory",
                    "megalif.run(config, set={'population.a.size': 10**9}, threads=1)")
    assert "not enough memory" in said and "RLIMIT_AS" in said and "megalif check" in said


def test_a_file_that_vanished_is_told(tmp_path):
    result = megalif.run(CELLS, output=tmp_path / "a.h5")
    (tmp_path / "a.h5").unlink()
    for read in (lambda: result.spikes["a"].times, lambda: result.rates["a"],
                 lambda: result.parameters["a"]["I_e"], lambda: result.save(tmp_path / "b.h5"),
                 lambda: megalif.open(tmp_path / "a.h5"),
                 lambda: megalif.digest(tmp_path / "a.h5")):
        with pytest.raises(megalif.OutputError, match="a.h5.*No such file or directory"):
            read()
    assert list(tmp_path.iterdir()) == []
