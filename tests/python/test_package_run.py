"""megalif.run: the command line's spikes, files and words; what stops it, and what it leaves."""
import itertools
import os
import tempfile
from pathlib import Path

import numpy as np
import pytest

import megalif
from package_runs import DICT, NETWORK, by_command_line, in_python
from package_runs import megalif as command


@pytest.fixture(scope="module")
def cli(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli")
    return folder, by_command_line(folder)


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path_factory, monkeypatch):
    """What a test leaves in the folder for temporary files is its own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("temporary")))


def left():
    return os.listdir(tempfile.gettempdir())


def test_text_path_and_dict_give_the_command_lines_digest(cli, capfd):
    folder, report = cli
    for config in (NETWORK, folder / "cli.ini", str(folder / "cli.ini"), DICT):
        for threads in (1, 2):
            result = megalif.run(config, threads=threads)
            assert result.digest == report["digest"] == result.report.digest
            assert result.report.connectivity == report["connectivity"]
    assert report["spikes"] > 1000
    assert capfd.readouterr() == ("", "")


def test_the_file_is_the_command_lines(cli, tmp_path):
    folder, report = cli
    result = megalif.run(folder / "cli.ini", output=tmp_path / "python.h5")
    assert command("compare", folder / "cli.h5", tmp_path / "python.h5").returncode == 0
    assert result.config == megalif.open(folder / "cli.h5").config
    assert (tmp_path / "python.v.h5").exists()
    assert set(result.report) | {"warnings"} == set(report) | {"complete_before", "warmup_ms"}
    assert result.warnings == report["warnings"]
    for key in ("spikes", "recorded", "digest", "neurons", "steps", "events", "synapses"):
        assert result.report[key] == report[key]
    for each in report["populations"]:
        about = result.report.populations[each["name"]]  # without statistics of the raster
        assert about and about.items() <= each.items()
    for each in report["projections"]:
        assert result.report.projections[each.pop("name")] == each


def test_overrides_are_those_of_the_command_line(tmp_path):
    report = by_command_line(tmp_path, NETWORK, "--set", "simulation.seed=9", "--set",
                             "population.exc.I_e=normal(240 pA, 5 pA)")
    for sets in ({"simulation.seed": 9, "population.exc.I_e": "normal(240 pA, 5 pA)"},
                 {"simulation": {"seed": 9}, "population": {"exc": {"I_e": "normal(240, 5)"}}},
                 ["simulation.seed=9", "population.exc.I_e=normal(240 pA, 5 pA)"]):
        assert megalif.run(NETWORK, set=sets).digest == report["digest"]


def test_arrays_are_parameters_of_each_neuron():
    """Interval of constant drive: r + ceil(tau_m/dt ln((V_inf - V_reset)/(V_inf - V_th)))."""
    currents = np.linspace(390.0, 700.0, 50)
    result = megalif.run({"simulation": {"dt": 0.1, "duration": "1 s", "precision": "double"},
                          "population": {"exc": {"size": 50, "I_e": currents,
                                                 "V_m": [-70.0] * 50}}})
    assert np.array_equal(result.parameters["exc"]["I_e"], currents)
    V_inf = -70 + currents * 10 / 250
    steps = 20 + np.ceil(100 * np.log((V_inf + 70) / (V_inf + 55)))
    for train, wanted in zip(result.spikes["exc"].by_neuron(), steps):
        assert (np.diff(np.rint(train / 0.1)) == wanted).all() and len(train) > 5


def test_numbers_keep_all_their_digits():
    current = 400 / 3
    result = megalif.run(ALONE, set={"population.a.I_e": current, "population.a.tau_m": 10 / 3})
    assert result.parameters["a"]["I_e"] == current
    assert result.parameters["a"]["tau_m"] == 10 / 3


def test_spikes_may_be_arrays():
    times, ids = [7.0, 2.05, 2.0], [2, 0, 1]
    config = {"simulation": {"dt": 0.1, "duration": "10 ms"},
              "population": {"p": {"size": 3, "model": "spikes", "file": (times, ids)}}}
    with pytest.warns(megalif.MegalifWarning, match="1 of 3 spikes of the array are at no"):
        seen = megalif.run(config).spikes["p"]
    assert seen.steps.tolist() == [20, 21, 70] and seen.ids.tolist() == [1, 0, 2]
    for given, words in (((times, ids[:2]), r"\[population.p\] file: give \(times, ids\)"),
                         ((times,), "give .times, ids., two arrays"),
                         ((times, [0.5, 1, 2]), "no whole numbers from 0"),
                         ((times, [0, -1, 2]), "no whole numbers from 0"),
                         ((times, [0, 1, 3]), r"\[population.p\] file: .*3")):
        config["population"]["p"]["file"] = given
        with pytest.raises(megalif.ConfigError, match=words):
            megalif.run(config)


def kicked(table):
    """Ten spikes at 1, 2 ... 10 ms, each of a source of its own; every arrival fires its target."""
    return {"simulation": {"dt": 0.1, "duration": "20 ms"},
            "population": {"a": {"size": 20, "t_ref": 0},
                           "s": {"size": 10, "model": "spikes",
                                 "file": (np.arange(1.0, 11.0), np.arange(10))}},
            "projection": {"p": {"source": "s", "target": "a", "rule": "file", "file": table}}}


@pytest.mark.filterwarnings("ignore:.* have no delay and take NEST's 1 ms")
@pytest.mark.parametrize("kind", [dict, "pandas"])
def test_synapses_may_be_a_table(kind):
    random = np.random.default_rng(1)
    pairs = random.permutation(200)[:40]
    source, target, delay = pairs // 20, pairs % 20, random.integers(1, 60, 40)
    table = {"source": source, "target": target, "weight": np.full(40, 16.0), "delay": delay / 10}
    given = table if kind is dict else pytest.importorskip("pandas").DataFrame(table)
    result = megalif.run(kicked(given))
    seen = result.spikes["a"]
    arrivals = set(zip(10 * (source + 1) + delay, target))
    assert set(zip(seen.steps.tolist(), seen.ids.tolist())) == arrivals
    again = {name: getattr(result.connections("p"), name + "s") for name in table}
    assert megalif.run(kicked(again)).digest == result.digest
    weaker = {"projection.p.file": {**table, "weight": table["weight"] / 16}}
    assert len(megalif.run(kicked(given), set=weaker).spikes["a"]) == 0
    longer = {name: np.tile(column, 2) for name, column in table.items() if name != "delay"}
    assert len(megalif.run(kicked(given), set={"projection.p.file": longer}).connections("p")) == 80


@pytest.mark.parametrize("change, words", [
    ({"weigth": [1.0]}, "the columns source, target, weight, weigth; give a dict or a DataFrame"),
    ({"target": [1, 2]}, "the columns are no lists of one length"),
    ({"weight": 1.0}, "; what is the same for all synapses is a key of its own beside file"),
    ({"target": [-1]}, "target: the ids are no whole numbers from 0"),
    ({"source": [0.5]}, "source: the ids are no whole numbers from 0"),
    ({"weight": ["1 mV"]}, "weight: an array of <U4; numbers are wanted"),
    ({"target": [20]}, "target 20 is not there; the largest id .* is 19")])
def test_tables_of_synapses_that_are_wrong(change, words):
    with pytest.raises(megalif.MegalifError, match=rf"^\[projection.p\] file: .*{words}"):
        megalif.run(kicked({"source": [0], "target": [1], "weight": [1.0], **change}))
    with pytest.raises(megalif.ConfigError, match="a tuple; give a dict or a DataFrame"):
        megalif.run(kicked(([0], [1])))


def test_an_override_replaces_an_array():
    config = {"simulation": {"dt": 0.1, "duration": 1},
              "population": {"a": {"size": 3, "I_e": np.array([1.0, 2.0, 3.0])}}}
    result = megalif.run(config, set={"population.a.I_e": np.array([4.0, 5.0, 6.0])})
    assert result.parameters["a"]["I_e"].tolist() == [4, 5, 6]


def test_a_current_may_be_an_array():
    current = np.where(np.arange(1000) < 500, 0.0, 400.0)
    config = {"simulation": {"dt": 0.1, "duration": "100 ms"}, "population": {"a": {"size": 3}},
              "input": {"i": {"target": "a", "type": "file", "file": current,
                              "dataset": "values"}}}
    steps = {**config, "input": {"i": {"target": "a", "type": "step", "times": [0, 50.0],
                                       "amplitudes": np.array([0, 400])}}}
    first, second = megalif.run(config), megalif.run(steps)
    assert first.digest == second.digest and first.report.spikes > 0


def test_temporary_files_live_as_long_as_what_reads_them():
    result = megalif.run(DICT)
    spikes, path = result.spikes["exc"], result.path
    del result
    assert path.exists() and len(left()) == 1
    assert len(spikes.times) > 0
    del spikes
    assert left() == []


WRONG = NETWORK.replace("tau_m = 10 ms", "tau_mm = 10 ms").replace("300 pA", "300 mV")


def test_errors_have_the_command_lines_words(tmp_path, capfd):
    (tmp_path / "wrong.ini").write_text(WRONG)
    done = command("check", tmp_path / "wrong.ini", "--set", "simulation.x=3")
    said = [line.removeprefix("megalif: error: ") for line in done.stderr.splitlines()]
    with pytest.raises(megalif.ConfigError) as caught:
        megalif.run(tmp_path / "wrong.ini", set={"simulation.x": 3},
                    output=tmp_path / "out.h5")
    problems = caught.value.problems
    assert [each.message for each in problems] == said and len(said) == 3
    assert str(caught.value) == "\n".join(said)
    assert isinstance(caught.value, ValueError) and caught.value.status == done.returncode == 2
    where = {(each.file, each.line, each.section, each.key) for each in problems}
    line = WRONG.splitlines().index("tau_mm = 10 ms") + 1
    assert (str(tmp_path / "wrong.ini"), line, "population.inh", "tau_mm") in where
    assert (None, None, "simulation", "x") in where
    assert any("did you mean tau_m" in each.text for each in problems)
    assert os.listdir(tmp_path) == ["wrong.ini"] and left() == []
    assert capfd.readouterr() == ("", "")


def test_errors_of_a_dict_tell_no_lines():
    with pytest.raises(megalif.ConfigError) as caught:
        megalif.run({"simulation": {"dt": 0.1}, "population": {"exc": {"tau_mm": 3}}})
    assert {(each.section, each.key, each.line) for each in caught.value.problems} >= {
        ("population.exc", "tau_mm", None)}
    assert "config:" not in str(caught.value)


@pytest.mark.parametrize("section, wrong, words", [
    ("population", {"a": {"size": 5, "I_e": [1.0, 2.0]}},
     "[population.a] I_e: the array has 2 values, but there are 5 neurons; give one value for "
     "each"),
    ("population", {"a": {"size": 5, "I_e": np.full(5, np.nan)}},
     "[population.a] I_e: the array, row 0: nan is out of range"),
    ("population", {"a": {"size": 5, "I_e": np.ones((5, 2))}},
     "[population.a] I_e: 2 dimensions; one is wanted"),
    ("population", {"a": {"size": np.array([5])}}, "[population.a] size: an array is no whole"),
    ("populations", {"a": {"size": 5}}, "populations: unknown section; did you mean population?"),
    ("input", {"a": {"type": "dc", "target": "b", "amplitude": np.ones(5)}},
     "[input.a] amplitude: 5 values, where a number or a distribution is wanted"),
    ("projection", {"a": {"source": "b", "target": "b", "weight": np.ones(5)}},
     "[projection.a] weight: 5 values, where a number or a distribution is wanted; what single "
     "synapses have comes in a table"),
    ("population", {"size": 5}, "[population.size] is an int; a dict of its keys is wanted, as "
                                "{'population': {'a_name': {'size': ...}}}")],
    ids=itertools.count())
@pytest.mark.parametrize("use", [megalif.run, megalif.check])
def test_errors_speak_of_what_was_given(use, section, wrong, words):
    """Not of the file that an array goes through, nor of another mistake than was made."""
    with pytest.raises((megalif.ConfigError, TypeError)) as caught:
        use({"simulation": {"dt": 0.1, "duration": 10}, section: wrong})
    assert str(caught.value).startswith(words)


def test_sections_of_other_simulators_are_known():
    with pytest.raises(megalif.ConfigError) as caught:
        megalif.check({**ALONE, "synapses": {"e": {"source": "a"}}})
    assert str(caught.value) == "[synapses.e]: unknown section; did you mean [projection.e]?"


def test_numbers_and_ranges_of_numpy_and_python():
    config = {"simulation": {"dt": 0.1, "duration": 5},
              "population": {"a": {"size": 5, "I_e": np.array(400)}},
              "record": {"v": {"population": "a", "what": "V_m", "neurons": range(1, 4)}}}
    result = megalif.run(config)
    assert result.parameters["a"]["I_e"] == 400.0
    assert result.traces["v"]["a"].ids.tolist() == [1, 2, 3]


ALONE = {"simulation": {"dt": 0.1, "duration": 10}, "population": {"a": {"size": 5}}}


@pytest.mark.parametrize("config, sets, kind", [
    ("not-there.ini", None, megalif.ConfigError),
    (3, None, TypeError),
    (None, None, TypeError),
    ("-", None, megalif.ConfigError),
    (NETWORK, {"population.exc.size": 1e30}, megalif.ConfigError),
    (ALONE, {"population.a.size": 10**13}, megalif.NotEnoughMemory),
    (NETWORK, {"population.exc.tau_m": -1}, megalif.ConfigError),
    (NETWORK, {"population.exc.tau_m": float("nan")}, megalif.ConfigError),
    (NETWORK, {"population.exc.tau_m": object()}, TypeError),
    (NETWORK, {"population.exc.tau_m": [1.0, 2.0]}, megalif.ConfigError),
    (NETWORK, {"population.exc.tau_m": np.array(["a"], object)}, megalif.ConfigError),
    (NETWORK, {"size": 3}, megalif.ConfigError),
    (NETWORK, "population.exc.size=3", TypeError),
    ({"population": {"exc": 3}}, None, TypeError),
    ({"population": 3}, None, TypeError),
    ({3: {}}, None, TypeError),
    ({"simulation": {"dt": "0.1 ms\n[population.x]"}}, None, megalif.ConfigError),
    ({"simulation]\n[a": {"dt": 1}}, None, megalif.ConfigError)],
    ids=itertools.count())
def test_bad_input_is_an_exception_and_leaves_nothing(config, sets, kind):
    with pytest.raises(kind) as caught:
        megalif.run(config, set=sets)
    assert left() == [] and caught.value.args  # also while the exception is kept


def test_outputs_are_kept_without_force(tmp_path):
    path = tmp_path / "out.h5"
    path.write_text("precious")
    with pytest.raises(megalif.OutputError, match="out.h5"):
        megalif.run(DICT, output=path)
    assert path.read_text() == "precious"
    with pytest.raises(OSError):
        megalif.run(DICT, output=tmp_path / "no/folder/out.h5")
    assert megalif.run(DICT, output=path, force=True).path == path
    assert megalif.open(path).duration == 200


def test_a_runaway_has_its_result(tmp_path):
    with pytest.raises(megalif.RangeError) as caught:
        megalif.run(NETWORK, set={"simulation.max_rate": 30}, output=tmp_path / "out.h5")
    assert caught.value.status == 7 and caught.value.result.duration < 200
    assert "max_rate" in caught.value.result.ended_early
    (tmp_path / "a.ini").write_text(NETWORK)
    done = command("run", tmp_path / "a.ini", "--set", "simulation.max_rate=30", "-o",
                   tmp_path / "cli.h5")
    assert done.returncode == 7 and caught.value.problems[0].message in done.stderr
    assert megalif.open(tmp_path / "cli.h5").digest == caught.value.result.digest


def test_callbacks_bring_all_spikes_and_stop_a_run():
    pieces, seen = {}, []
    result = megalif.run(DICT, on_spikes=lambda name, times, ids: pieces.setdefault(
        name, []).append((times, ids)), progress=seen.append)
    for name in ("exc", "inh"):
        for mine, theirs in zip(zip(*pieces[name]), result.spikes[name]):
            assert np.array_equal(np.concatenate(mine), theirs)
    assert seen[0].duration_ms == 200 and seen[0].neurons == 500
    few = megalif.run(DICT, on_spikes=lambda name, times, ids: True)
    assert 0 < few.duration < 200
    again = megalif.run(DICT, set={"simulation.duration": few.duration})
    assert again.digest == few.digest
    assert megalif.run(ALONE, progress=lambda seen: True).duration == 0
    with pytest.raises(megalif.Stopped, match="while synapses were made"):
        megalif.run(DICT, progress=lambda seen: True)


def test_exceptions_in_callbacks_come_out_and_leave_nothing():
    def bad(*_):
        raise LookupError("mine")
    for function in ("progress", "on_spikes"):
        with pytest.raises(LookupError, match="mine"):
            megalif.run(DICT, **{function: bad})
    assert left() == []


INTERRUPTED = """
import os, signal, sys, threading, megalif
folder = sys.argv[0]
signal.signal(signal.SIGINT, signal.default_int_handler)  # which jobs in the background ignore
begun = threading.Event()
def press():
    begun.wait(60)
    os.kill(os.getpid(), signal.SIGINT)
threading.Thread(target=press, daemon=True).start()
try:
    megalif.run({config!r}, output={output!r}, set={{"simulation.duration": "1000 s"}},
                checkpoint={checkpoint},
                progress=lambda seen: begun.set() if seen.steps_done else None)
except megalif.Interrupted as stopped:
    print(stopped.result.duration, stopped.result.digest)
except megalif.Stopped as stopped:
    print(stopped)
"""


def test_ctrl_c_keeps_what_was_simulated(tmp_path):
    said = in_python(tmp_path, INTERRUPTED.format(config=DICT, output="out.h5", checkpoint=False))
    duration, digest = said.split()
    assert 0 < float(duration) < 1e6
    again = megalif.run(DICT, set={"simulation.duration": f"{float(duration):.10g} ms"})
    assert again.digest == digest == megalif.open(tmp_path / "out.h5").digest


def test_ctrl_c_with_checkpoints_lets_it_go_on(tmp_path):
    said = in_python(tmp_path, INTERRUPTED.format(config=DICT, output="out.h5", checkpoint=True))
    assert "resume=True goes on" in said and not (tmp_path / "out.h5").exists()
    at = float(said.split()[2])
    sets = {"simulation.duration": f"{at + 200:.10g} ms"}
    resumed = megalif.run(DICT, output=tmp_path / "out.h5", resume=True, set=sets)
    assert resumed.report.resumed_ms == at
    assert resumed.digest == megalif.run(DICT, set=sets).digest


def test_warnings_are_pythons():
    with pytest.warns(megalif.MegalifWarning, match="above|V_th") as told:
        result = megalif.run({"simulation": {"dt": 0.1, "duration": 10},
                              "population": {"a": {"size": 5, "V_m": -50.0}}})
    assert [str(each.message) for each in told] == result.warnings
    assert result.warnings[0].startswith("[population.a] V_m: 5 of 5 neurons start at")
    assert told[0].filename == __file__


THREADS = """
import megalif, threading
config = {config!r}
def digest(found, seed):
    found[seed] = megalif.run(config, set={{"simulation.seed": seed}}, threads=2).digest
apart, together = {{}}, {{}}
for seed in range(4):
    digest(apart, seed)
threads = [threading.Thread(target=digest, args=(together, seed)) for seed in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert together == apart and len(set(apart.values())) == 4
"""


def test_runs_at_once_in_threads(tmp_path):
    in_python(tmp_path, THREADS.format(config=DICT))


FORKS = """
import megalif, multiprocessing
config = {{"simulation": {{"dt": 0.1, "duration": 20}},
          "population": {{"a": {{"size": 30000, "I_e": 500}}}},  # enough for two threads
          "projection": {{"p": {{"source": "a", "target": "a", "rule": "fixed_indegree",
                                "indegree": 30, "weight": 0.01, "delay": 1.5}}}}}}
def digest(threads): return megalif.run(config, threads=threads).digest
def refused(threads):
    try: digest(threads)
    except RuntimeError as error: return str(error)
if __name__ == "__main__":
    mine = digest(2)
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map(digest, [None, 1, None]) == [mine] * 3
        assert "forked" in pool.map(refused, [2])[0]
"""


def test_forked_children_run_with_one_thread(tmp_path):
    in_python(tmp_path, FORKS.format(), timeout=60)


TEXTS = """
import h5py, megalif
with h5py.File("spikes.h5", "w") as file:
    file["spikes/a/timestamps"], file["spikes/a/node_ids"] = [1.0, 2.0], [0, 1]
    file["spikes/a/timestamps"].attrs["units"] = "ms"  # of variable length
megalif.run({{"simulation": {{"dt": 0.1, "duration": 5}}, "population": {{"a": {{"size": 2,
              "model": "spikes", "file": "spikes.h5"}}}}}}, output="out.h5")
with h5py.File("spikes.h5") as file:
    print(file["spikes/a/timestamps"].attrs["units"])
"""


def test_h5py_reads_texts_after_the_library_has(tmp_path):
    """Both may share one HDF5, whose conversions are the process's."""
    assert in_python(tmp_path, TEXTS.format()) == "ms\n"


def test_nothing_is_left_when_python_ends(tmp_path):
    said = in_python(tmp_path, f"import megalif; r = megalif.run({DICT!r}); print(r.path)",
                     TMPDIR=str(tmp_path))
    assert str(tmp_path) in said and not Path(said.strip()).parent.exists()
