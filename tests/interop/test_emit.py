"""`megalif check --emit`: the script is whole and says what megalif has drawn; NEST, and for two
models Brian2, give our spikes with it (long_emit.py has the others)."""
import py_compile
import runpy

import h5py
import numpy as np
import pytest

from emit_models import FILES, NETWORKS, RANDOM, REALISED, model, projection, write_files
from emitted import emit, play, python_with, same_spikes, same_statistics
from megalif import population, run, section, simulation
from spike_files import megalif

FOR_BRIAN2 = ["currents that change", "Poisson input"]


@pytest.mark.parametrize("name", REALISED)
def test_nest_gives_our_spikes(tmp_path, name):
    same_spikes(tmp_path, "nest", REALISED[name])


def test_nest_gives_our_spikes_of_a_network(tmp_path):
    """Four populations, drawn synapses of two signs; long_emit.py has the other models."""
    write_files(tmp_path)
    same_spikes(tmp_path, "nest", NETWORKS["exp"])


@pytest.mark.parametrize("dt", ["0.35 ms", "0.7 ms"])
def test_nest_gives_our_spikes_where_its_step_is_another_double(tmp_path, dt):
    """NEST's resolution is then 1000 tics of 0.001 ms, above the double of the config."""
    same_spikes(tmp_path, "nest", model(
        population("cells", 9, t_ref=dt, I_e="linspace(300 pA, 500 pA)"),
        projection("p", "cells", "cells", rule="all_to_all", weight="0.3 mV", delay=dt),
        dt=dt, duration="140 ms"))


@pytest.mark.parametrize("name", FOR_BRIAN2)
def test_brian2_gives_our_spikes(tmp_path, name):
    same_spikes(tmp_path, "brian2", REALISED[name])


@pytest.mark.parametrize("precision", ["double", "single"])
def test_nest_gives_our_spikes_where_inputs_read_files(tmp_path, precision):
    """Single precision rounds currents of a file to floats; no spike of these is that near."""
    write_files(tmp_path)
    same_spikes(tmp_path, "nest", FILES.replace("= double", f"= {precision}"))


def test_nests_own_noise_gives_our_rates_and_cvs(tmp_path):
    same_statistics(tmp_path, "nest", RANDOM)


def test_a_difference_is_told(tmp_path):
    """A spike moved by a step in our file; in another, the rate of the Poisson input."""
    python = python_with("nest")
    result = run(tmp_path, REALISED["Poisson input"], name="model")
    emit(tmp_path, "nest")
    with h5py.File(result.path, "r+") as file:
        file["spikes/more/timestamps"][100] += 0.1
    done = play(python, tmp_path, "--compare", result.path)
    assert done.returncode == 1 and done.stdout.endswith("THEY DIFFER\n")
    assert "the first that is not: step " in done.stdout
    result = run(tmp_path, RANDOM.replace("8 kHz", "8.3 kHz"), name="other")
    (tmp_path / "model.ini").write_text(RANDOM)
    emit(tmp_path, "nest", "--random", "--force")
    done = play(python, tmp_path, "--compare", result.path)
    assert done.returncode == 1 and done.stdout.endswith("THEY DIFFER\n")


def test_a_silent_population_is_no_difference(tmp_path):
    python = python_with("nest")
    silent = section("population.silent", size=3)
    result = run(tmp_path, REALISED["Poisson input"] + silent, name="model")
    emit(tmp_path, "nest")
    done = play(python, tmp_path, "--compare", result.path)
    assert done.returncode == 0 and done.stdout.endswith("they agree\n"), done.stdout + done.stderr
    assert "silent: silent, here and in the file" in done.stdout


def test_files_that_hold_some_neurons_are_compared_in_these(tmp_path):
    python = python_with("nest")
    config = (REALISED["Poisson input"].replace("dt = ",
                                                "warmup = 50 ms\nrecord_warmup = no\ndt = ", 1)
              + section("record.some", population="more", what="spikes", neurons="sample(20)"))
    result = run(tmp_path, config, name="model")
    emit(tmp_path, "nest")
    done = play(python, tmp_path, "--compare", result.path)
    assert done.returncode == 0 and done.stdout.endswith("they agree\n"), done.stdout + done.stderr
    steps, ids = result.spikes("more")
    assert steps.min() > 500 and len(set(ids)) <= 20
    assert f"more: {len(steps)} spikes in the file, all on the same steps here" in done.stdout
    with h5py.File(result.path, "r+") as file:
        file["spikes/more/node_ids"][3] = (set(range(140)) - set(ids)).pop()
    assert play(python, tmp_path, "--compare", result.path).returncode == 1
    result = run(tmp_path,
                 config.replace("sample(20)", "none").replace("[record.some]\npopulation = more",
                                                              "[record.some]\npopulation = all"))
    done = play(python, tmp_path, "--compare", result.path)
    assert done.returncode == 2 and done.stdout.endswith("no spikes recorded\n")


def test_files_that_hold_some_time_are_compared_in_it(tmp_path):
    """A recorder's start and stop, each population its own."""
    python = python_with("nest")
    config = (REALISED["Poisson input"] + "".join(
        section(f"record.{name}", population=name, what="spikes", **keys) for name, keys in
        (("cells", {"start": "50 ms"}), ("more", {"start": "30 ms", "stop": "120.3 ms"}))))
    result = run(tmp_path, config, name="model")
    emit(tmp_path, "nest")
    done = play(python, tmp_path, "--compare", result.path)
    assert done.returncode == 0 and done.stdout.endswith("they agree\n"), done.stdout + done.stderr
    steps, _ = result.spikes("more")
    assert steps.min() > 300 and steps.max() <= 1203
    assert f"more: {len(steps)} spikes in the file, all on the same steps here" in done.stdout


def test_noise_is_compared_by_counts_where_only_some_neurons_are_recorded(tmp_path):
    """Counts are of all neurons; without them nothing can be said, which is not a difference."""
    python = python_with("nest")
    some = section("record.some", population="all", what="spikes", neurons="0:5")
    counts = section("record.counts", population="all", what="counts")
    config = RANDOM.replace("dt = ", "warmup = 50 ms\nrecord_warmup = no\ndt = ", 1) + some
    (tmp_path / "model.ini").write_text(config)
    emit(tmp_path, "nest", "--random")
    for text, code, said in ((config, 2, "NOTHING COULD BE COMPARED\n"),
                             (config + counts, 0, "they agree\n"),
                             (config.replace("8 kHz", "8.3 kHz") + counts, 1, "THEY DIFFER\n")):
        result = run(tmp_path, text, name="other")
        done = play(python, tmp_path, "--compare", result.path)
        assert done.returncode == code and done.stdout.endswith(said), done.stdout + done.stderr


class Script(dict):
    """What a script defines, without running the model: the simulator's import is left out."""

    def __init__(self, path):
        py_compile.compile(str(path), cfile=str(path.with_suffix(".pyc")), doraise=True)
        text = path.read_text()
        assert max(map(len, text.splitlines())) < 121
        parts = text.split("# ---- ")
        body = path.with_name("only_" + path.name)
        body.write_text(parts[0].replace("__file__", repr(str(path))))
        super().__init__(runpy.run_path(str(body)))


@pytest.fixture
def drawn(tmp_path):
    """A model with some of everything, as run, and the script for each simulator."""
    config = REALISED["constant currents, everything drawn"] + section(
        "input.noise", target="drawn[3:5]", type="white_noise", mean="5 pA", std="7 pA",
        start="2 ms",
        stop="2.3 ms")
    return tmp_path, run(tmp_path, config, name="model")


@pytest.mark.parametrize("simulator", ["nest", "brian2"])
def test_the_script_holds_what_was_drawn(drawn, simulator):
    folder, result = drawn
    assert emit(folder, simulator).returncode == 0
    script = Script(folder / "model.py")
    assert ("'numpy<2.3'" in (folder / "model.py").read_text()) == (simulator == "brian2")
    assert not (folder / "model.numbers.h5").exists()
    assert (script["DT"], script["STEPS"], script["SEED"]) == (0.1, 4000, 42)
    cells = script["CELLS"]
    assert {name: cell["size"] for name, cell in cells.items()} == {"drawn": 40, "fast": 5,
                                                                    "pacemaker": 3}
    for key in ("tau_m", "E_L", "V_th", "V_reset", "I_e", "V_m"):
        assert np.array_equal(cells["drawn"][key], result.parameter("drawn", key))
    assert np.allclose(cells["drawn"]["C_m"], result.parameter("drawn", "C_m"), rtol=1e-15, atol=0)
    t_ref = result.parameter("drawn", "t_ref")
    assert np.array_equal(cells["drawn"]["t_ref_steps"], np.floor(t_ref / 0.1 + 0.5))
    assert cells["pacemaker"]["V_m"] == -65 and cells["pacemaker"]["E_L"] == -48
    current, = script["CURRENTS"]
    assert (current["begin"], current["end"], current["scale"]) == (3, 5, 1)
    assert list(current["steps"]) == [20, 23] and list(current["values"]) == [5, 0]
    noise, = script["REALISED"]
    assert noise["first_step"] == 20 and noise["values"].shape == (3, 2)
    assert noise["scale"] == pytest.approx(7, rel=1e-14) and script["RANDOM"] == []
    assert "# I_e           = uniform(190 pA, 400 pA)\n" in (folder / "model.py").read_text()


def test_many_numbers_lie_in_a_file_beside_the_script(tmp_path):
    (tmp_path / "model.ini").write_text(simulation(duration="1 s") + population(
        "p", 1001, I_e="linspace(100 pA, 300 pA)", V_m="uniform(-65, -50)"))
    done = emit(tmp_path, "nest", script="it.py")
    assert done.stdout.startswith("it.py, it.numbers.h5: the same spikes, step by step")
    assert done.stdout.endswith("python it.py --compare FILE   # an output of megalif run\n")
    with h5py.File(tmp_path / "it.numbers.h5") as numbers:
        assert list(numbers["p"]) == ["I_e", "V_m"] and len(numbers) == 1
        assert np.allclose(numbers["p/I_e"], np.linspace(100, 300, 1001))
    assert np.allclose(Script(tmp_path / "it.py")["CELLS"]["p"]["I_e"], np.linspace(100, 300, 1001))
    assert "; if the file comes from a run in single precision" in (tmp_path / "it.py").read_text()
    done = emit(tmp_path, "nest", script="-")
    assert done.returncode == 2 and "the model has 2002 numbers, which need a file" in done.stderr


def test_a_script_is_not_replaced_unless_asked(drawn):
    folder, _ = drawn
    (folder / "model_nest.py").write_text("mine")
    done = megalif("check", "model.ini", "--emit", "nest", cwd=folder)
    assert done.returncode == 3 and "model_nest.py exists; " in done.stderr
    assert (folder / "model_nest.py").read_text() == "mine"
    done = megalif("check", "model.ini", "--emit", "nest", "--force", cwd=folder)
    assert done.returncode == 0 and (folder / "model_nest.py").read_text() != "mine"
    printed = megalif("check", "model.ini", "--emit", "nest", "-o", "-", cwd=folder)
    assert printed.stdout == (folder / "model_nest.py").read_text()


def test_large_inputs_are_drawn_there(tmp_path):
    """10,000,001 numbers are too many, 10,000,000 are not."""
    keys = {"type": "poisson", "rate": "1 kHz", "weight": "0.1 mV"}
    config = simulation(duration="100 ms") + population("p", 10_000) + section("input.x",
                                                                               target="p", **keys)
    (tmp_path / "model.ini").write_text(config + section("input.y", target="p[0:1]", **keys,
                                                         stop="0.1 ms"))
    assert "its own random numbers" in emit(tmp_path, "nest").stdout
    script = Script(tmp_path / "model.py")
    assert script["REALISED"] == [] and len(script["RANDOM"]) == 2
    assert script["RANDOM"][0]["scale"] == 0.1 and list(script["RANDOM"][0]["rates"]) == [1000]
    (tmp_path / "model.ini").write_text(config)
    assert "the same spikes" in emit(tmp_path, "nest", "--force").stdout


@pytest.mark.parametrize("more, options, code, message", [
    ("", ["--emit", "neuron"], 2, "--emit takes nest or brian2, not neuron"),
    ("", ["--random"], 2, "--random and --force go with --emit"),
    (section("input.x", target="p", type="ou_noise", std="9 pA", tau="5 ms"),
     ["--emit", "nest", "--random"], 2, "--emit nest: input x (ou_noise) has no counterpart there"),
    (section("input.x", target="p", type="white_noise", std="9 pA", correlation="0.5"),
     ["--emit", "brian2", "--random"], 2, "input x (white_noise) has no counterpart there"),
    ("", ["--emit", "nest", "--set", "population.p.size=1e8"], 2,
     "100000000 neurons are more than such a script can hold (10000000)"),
    ("", ["--emit", "nest", "--set", "population.p.V_th=uniform(-80, 0)"], 2,
     "V_reset: is not below V_th"),
    ("", ["--emit", "nest", "--set", "simulation.method=euler"], 2,
     "NEST's neuron has no forward Euler"),
    (section("projection.x", source="p", target="p", rule="all_to_all", weight="1 mV",
             delay="1 ms"), ["--emit", "nest", "-o", "-"], 2, "whose synapses need a file beside"),
    (population("q", 1_000_000)
     + section("projection.x", source="p", target="q", rule="fixed_indegree", indegree=101,
               weight="1 mV", delay="1 ms"), ["--emit", "nest"], 2,
     "the projections have more than 100000000 synapses"),
    ("", ["--emit", "brian2", "--set", "population.p.model=iaf_cond_exp"], 2,
     "[population.p] --emit brian2: model = iaf_cond_exp cannot be written out"),
    ("", ["--emit", "brian2", "--set", "population.p.model=iaf_psc_exp", "--set",
          "population.p.tau_syn_in=uniform(15 ms, 25 ms)"], 2,
     "[population.p] --emit brian2: tau_syn_in of neuron "),
    ("", ["--emit", "nest", "--set", "population.p.model=iaf_psc_exp", "--set",
          "population.p.V_min=-80"], 2,
     "[population.p] --emit nest: NEST's iaf_psc_exp has no V_min"),
    (section("population.s", size=10_001, model="poisson", rate="10 kHz"), ["--emit", "nest"], 2,
     "[population.s] --emit nest: the populations that are only sources have more than 10000000"),
    ("", ["--emit", "nest", "-o", "nowhere/x.py"], 3,
     "cannot write nowhere/x.py: directory nowhere: No such file"),
])
def test_refusals(tmp_path, more, options, code, message):
    (tmp_path / "model.ini").write_text(simulation() + population("p", 100) + more)
    done = megalif("check", "model.ini", *options, cwd=tmp_path)
    assert done.returncode == code and message in done.stderr, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["model.ini"]
