"""The package over a library with the address sanitizer: nothing of the library's is lost, whatever
order things go in. `make test-asan` runs it (test-package: the sanitizer is loaded beforehand)."""
import os
import re

import pytest

from package_runs import DICT, in_python

USE = """
import ctypes, gc, itertools, os, warnings
import megalif
from megalif import _native, _session
from megalif._config import Source
warnings.simplefilter("ignore")
config, leak = {config!r}, {leak}
config["simulation"]["duration"] = 30
config["input"] = {{"clamp": {{"target": "inh", "type": "external"}}}}

def failing(*_):
    raise LookupError("mine")

def told(act):
    try:
        act()
    except (megalif.MegalifError, LookupError, ValueError, TypeError) as error:
        return error
    raise AssertionError("no error")

def wrong():
    told(lambda: megalif.run(config, set={{"population.exc.tau_mm": 3, "simulation.dt": -1}}))
    told(lambda: megalif.check(config, set={{"population.exc.tau_mm": 3}}))
    told(lambda: megalif.run(config, set={{"simulation.max_rate": 3}}))
    told(lambda: megalif.run(config, on_spikes=failing))
    told(lambda: megalif.run(config, output="no/folder/x.h5"))
    told(lambda: megalif.digest("none.h5"))
    told(lambda: megalif.compare("none.h5", "a.h5"))
    told(lambda: megalif.Simulation(config, set={{"population.exc.size": 10**13}}))
    simulation = megalif.Simulation(config, on_trace=failing)
    for act in (lambda: simulation.set_V_m("exc", 1e9), lambda: simulation.set_current("no", 1),
                lambda: simulation.inject("inh", [10**6]), lambda: simulation.counts("inh"),
                simulation.advance):
        told(act)

def right():
    megalif.run(config, output="a.h5", force=True)
    megalif.run(config, set={{"simulation.seed": 2}}, output="b.h5", force=True, isa="scalar")
    assert not megalif.compare("a.h5", "b.h5").equal
    megalif.digest("a.h5"), megalif.check(config)
    simulation = megalif.Simulation(config, output="c.h5", checkpoint=True, force=True)
    simulation.advance(10)
    simulation.set_current("clamp", 100.0)
    simulation.set_V_m("exc", -60)
    simulation.inject("inh", [1, 2, 3])
    simulation.advance(5)
    simulation.checkpoint()
    simulation.close()
    with megalif.Simulation(config, output="c.h5", resume=True) as simulation:
        simulation.advance()
        simulation.statistics("exc"), simulation.rates("inh"), simulation.parameter("exc", "I_e")
        simulation.finish()

def in_any_order():
    for order in itertools.permutations(range(4)):
        simulation = megalif.Simulation(config, threads=1)
        blocks = simulation.blocks(1)
        kept = [simulation, next(blocks)["exc"], blocks, simulation.connections("ei")]
        simulation.cycle = kept
        del simulation, blocks
        for number in order:
            kept[number] = None
            gc.collect(0)

def lost():
    errors, handle = _native.Messages(), ctypes.c_void_p()
    options = _session.options_of(Source(config, {{"simulation.dt": -1}}), file=False)
    _native.library.mlif_open(ctypes.byref(handle), ctypes.byref(options), ctypes.byref(errors),
                              None)
    assert errors.count
    errors.line = None

lost() if leak else (wrong(), right(), in_any_order())
gc.collect()
os.write(1, b"done")
"""


@pytest.mark.parametrize("leak", [False, True])
def test_nothing_of_the_librarys_is_lost(tmp_path, leak):
    """Python, NumPy and HDF5 keep much to the end: only what the library asked for counts, and one
    list that is lost here on purpose is found."""
    assert "libasan" in os.environ.get("LD_PRELOAD", ""), "make test-asan runs this"
    log = tmp_path / "leaks"
    said = in_python(tmp_path, USE.format(config=DICT, leak=leak), PYTHONMALLOC="malloc",
                     ASAN_OPTIONS=f"detect_leaks=1:malloc_context_size=30:log_path={log}",
                     LSAN_OPTIONS="exitcode=0")
    assert said == "done"
    reports = "".join(path.read_text() for path in tmp_path.glob("leaks.*"))
    assert "LeakSanitizer" in reports
    lost = [each for each in re.split(r"\n\s*\n", reports) if re.search(r" in \w+ src/", each)]
    assert any("mlif_open" in each for each in lost) if leak else not lost, lost
