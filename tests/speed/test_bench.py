"""The benchmarks' tools refuse what they cannot take before they measure anything, and compare.py
says what two files of results have in common."""
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from megalif import PROGRAM, ROOT
from pages import blocks

sys.path.insert(0, str(ROOT / "bench/peers"))
import network_config  # noqa: E402
import turns  # noqa: E402

BENCH = Path(PROGRAM).with_name("megalif-bench")


def call(*command, **environment):
    return subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=60,
                          env={**os.environ, **environment})


def compare(*arguments):
    return call(sys.executable, ROOT / "bench/compare.py", *arguments)


def results(path, speeds, **context):
    runs = [{"name": f"{name}/manual_time", "run_name": f"{name}/manual_time",
             "run_type": "iteration", "real_time": 1.0, "items_per_second": value}
            for name, values in speeds.items() for value in values]
    path.write_text(json.dumps({"context": {"isa": "avx2", **context}, "benchmarks": runs}))
    return path


def test_compare_marks_what_is_beyond_the_spread(tmp_path):
    old = results(tmp_path / "old.json", {"a": [1e9, 1e9], "b": [1e9, 1.3e9], "c": [1e9], "d": [1]})
    new = results(tmp_path / "new.json",
                  {"a": [0.8e9, 0.8e9], "b": [0.9e9, 1e9], "c": [2e9], "e": [1]})
    done = compare(old, new)
    lines = [line.split() for line in done.stdout.splitlines()]
    assert [(line[0], line[-1]) for line in lines[1:4]] == [("a", "slower"), ("b", "0.826"),
                                                            ("c", "faster")]
    assert done.stdout.endswith("3 compared, 1 slower, 1 faster; 2 in one file only\n")
    assert done.returncode == 0 and done.stderr == ""
    assert "1 compared, 1 slower, 0 faster; 0 in one file only" in compare(old, new, "--filter",
                                                                           "a").stdout


def test_compare_tells_of_another_machine(tmp_path):
    old = results(tmp_path / "old.json", {"a": [1]}, host_name="x", num_cpus=2)
    new = results(tmp_path / "new.json", {"a": [1]}, host_name="y", num_cpus=2, MEGALIF_BLOCK="7")
    done = compare(old, new)
    assert done.returncode == 0
    assert done.stderr == ("not of the same machine and settings: host_name x / y,"
                           " MEGALIF_BLOCK None / 7\n")


@pytest.mark.parametrize("text", [
    "", "{", "[]", "{}", '{"benchmarks": 5}', '{"benchmarks": [3]}',
    '{"benchmarks": [{"name": "x"}]}',
    '{"benchmarks": [{"name": "x", "real_time": 0}]}'])
def test_compare_refuses_what_are_no_results(tmp_path, text):
    good, bad = results(tmp_path / "good.json", {"x": [1]}), tmp_path / "bad.json"
    bad.write_text(text)
    done = compare(good, bad)
    assert done.returncode == 2 and "bad.json: not a file of benchmark results" in done.stderr
    assert "Traceback" not in done.stderr


def test_compare_refuses_what_it_cannot_compare(tmp_path):
    a, b = results(tmp_path / "a.json", {"a": [1]}), results(tmp_path / "b.json", {"b": [1]})
    for arguments, part in (((a, b), "no benchmark in common"),
                            ((a, tmp_path / "c.json"), "c.json: not a file"),
                            ((a, a, "--filter", "["), "--filter: [: unterminated"),
                            ((a, a, "--filter", "z"), "in common that --filter takes")):
        done = compare(*arguments)
        assert done.returncode == 2 and part in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("option, text, part", [
    ("--work", "W1,W9", "no W9; there are: W1, W2, W3, brunel, balanced, "
                            "microcircuit_tenth, microcircuit"),
    ("--record", "some", "no some; there are: none, all"),
    ("--neurons", "many", "whole numbers of neurons such as 1e5,1e6, not many"),
    ("--neurons", "1e5,0", "not 1e5,0"),
    ("--neurons", "nan", "not nan"),
    ("--repeat", "0", "--repeat: at least 1"),
    ("--threads", "0", "--threads: 1 to"),
    ("--json", "/nowhere/x.json", "--json: there is no folder /nowhere"),
    ("--peers", "NEST; Brian", "no peer Brian; there are: NEST; NEST, delay 1.5 ms;"),
])
def test_peers_refuse_wrong_options_before_they_install_anything(option, text, part):
    done = call(sys.executable, ROOT / "bench/peers/run.py", "--peers", ";", option, text)
    assert done.returncode == 2 and part in done.stderr and "Traceback" not in done.stderr


def test_what_is_left_is_told_before_each_measurement(capsys):
    """Two turns of three at two works; one cannot do the first, one fails at the second."""
    names, now, took = ["a", "b", "c"], [0.0], {"a": 10, "b": 100, "c": 1000}
    rows = [(work, name, 2) for work in ("W1", "W2") for name in names]
    plan = turns.Plan([*rows, ("W1", turns.spikes_of("b"), 1), ("W2", turns.spikes_of("c"), 1)],
                      clock=lambda: now[0])

    def measure(name):
        now[0] += took[name]
        if name == "c":
            raise OSError("out of order")
        return name

    def told():
        return [line.split("; ")[1] for line in capsys.readouterr().err.splitlines()]

    reasons = {"c": "has no such input"}
    assert list(turns.in_turns("W1", names, measure, 2, OSError, reasons, plan)) == ["a", "b"]
    assert told() == [
        "14 measurements left", "13 measurements left, about 2 min",  # 10 s each
        # without c, which this work is not measured with; b has 100 s, c and checks the mean of 55
        "10 measurements left, about 9 min", "9 measurements left, about 8 min"]
    plan.drop("W1")
    assert list(turns.in_turns("W2", names, measure, 2, OSError, {}, plan)) == ["a", "b"]
    assert told() == [
        "7 measurements left, about 6 min", "6 measurements left, about 6 min",
        "5 measurements left, about 5 min", "2 measurements left, about 2 min",
        "1 measurement left, about 2 min"]


@pytest.mark.skipif(not BENCH.exists(), reason="no Google Benchmark (libbenchmark-dev)")
@pytest.mark.parametrize("name, text", [
    *(("MEGALIF_BENCH_NEURONS", text)
      for text in ("", "many", "1e4x", "999", "nan", "inf", "1e30")),
    ("MEGALIF_ISA", "mmx"), ("MEGALIF_TILE", "0"), ("MEGALIF_TILE", "-1"), ("MEGALIF_BLOCK", "7x"),
    ("MEGALIF_BLOCK", "65537")])
def test_benchmarks_refuse_what_a_run_refuses(name, text):
    """1e30 neurons had no end; the others measured something else than what was asked for."""
    done = call(BENCH, "--benchmark_list_tests", **{name: text})
    assert done.returncode == 2 and name in done.stderr and done.stdout == ""


@pytest.mark.skipif(not BENCH.exists(), reason="no Google Benchmark (libbenchmark-dev)")
def test_benchmarks_are_of_the_sizes_and_kernels_asked_for():
    names = call(BENCH, "--benchmark_list_tests", MEGALIF_BENCH_NEURONS="1e4",
                 MEGALIF_ISA="scalar").stdout
    assert "engine/dc/scalar/f32/neurons:10000/threads:1/" in names
    assert "engine/white_noise/scalar/f32/neurons:100000/" not in names
    assert "kernel/step/d/noise/scalar/f32" in names and "kernel/step/d/noise/z/scalar/f64" in names
    assert "engine/dc/scalar/f32/neurons:1000/threads:2/" not in names  # there is work for one


@pytest.mark.parametrize("name, model", [("brunel", "iaf_psc_delta"), ("balanced", "iaf_psc_exp")])
def test_peers_get_the_network_of_the_config(name, model, tmp_path):
    """As megalif itself says it to NEST, synapse by synapse."""
    config, script = ROOT / f"configs/{name}.ini", tmp_path / "model.py"
    done = call(PROGRAM, "check", config, "--emit", "nest", "--random", "-o", script)
    assert done.returncode == 0, done.stderr
    said = {"__file__": str(script)}
    exec(script.read_text().split("# ---- NEST")[0], said)  # its numbers, without NEST
    found = network_config.read(config.read_text())
    for population in found["populations"]:
        cell = said["CELLS"][population["name"]]
        assert (population["size"], population["model"]) == (cell["size"], cell["model"])
        assert cell["model"] == model
        theirs = {**cell, "t_ref": cell["t_ref_steps"] * said["DT"]}
        assert population["parameters"] == pytest.approx(
            {key: theirs[key] for key in population["parameters"]})
    with h5py.File(said["EDGES"]) as file:
        edges = {(group["source_node_id"].attrs["node_population"],
                  group["target_node_id"].attrs["node_population"]): group
                 for group in file["edges"].values()}
        assert len(edges) == len(found["projections"])
        for p in found["projections"]:
            group = edges[p["source"], p["target"]]
            delays = group["0/delay"][:]
            assert network_config.synapses_of(found, p) == len(delays)
            assert np.allclose(group["0/syn_weight"][:], p["weight"][1], rtol=1e-4)
            low, high = p["delay"][1], p["delay"][-1]
            assert max(abs(delays.min() - low), abs(delays.max() - high)) < 0.051
    assert [(i["target"], i["rate"], i["weight"]) for i in found["inputs"]] == [
        (row["population"], row["rates"][0], row["scale"]) for row in said["RANDOM"]]


def test_peers_get_the_whole_microcircuit():
    found = network_config.read((ROOT / "configs/microcircuit.ini").read_text())
    assert network_config.synapses(found) == 298880970 and len(found["projections"]) == 55
    assert sum(network_config.sizes(found).values()) == 77169
    one = {name: float(name == "L4E") for name in network_config.sizes(found)}
    assert network_config.events(found, one) == pytest.approx(
        sum(p["count"] for p in found["projections"] if p["source"] == "L4E") / 21915)


@pytest.mark.skipif(not BENCH.exists(), reason="no Google Benchmark (libbenchmark-dev)")
def test_figures_of_network_benchmarks_are_of_one_another():
    name = "^network/(barrier|(delivery/same|procedural)/segment:1000)"
    done = call(BENCH, f"--benchmark_filter={name}",
                "--benchmark_min_time=0.01", "--benchmark_repetitions=1", "--benchmark_format=json")
    runs = json.loads(done.stdout)["benchmarks"]
    assert len(runs) >= 3
    for run in runs:
        assert run["ns"] * 1e-9 * run["items_per_second"] == pytest.approx(1)
        if "barrier" not in run["name"]:
            beside = run["lists" if "procedural" in run["name"] else "stream"]
            assert run["ratio"] == pytest.approx(run["ns"] / run["limit"]) and beside > 0


@pytest.mark.skipif(not BENCH.exists(), reason="no Google Benchmark (libbenchmark-dev)")
@pytest.mark.parametrize("name", ["recorder/none", "kernel/step/scalar/f32",
                                  "engine/dc/scalar/f32/neurons:10000"])
def test_figures_of_a_benchmark_are_of_one_another(name, tmp_path):
    """The recorder's speed was a mean, beside a limit and a ratio of medians."""
    least = 0.2 if name.startswith("recorder") else 0.01
    done = call(BENCH, f"--benchmark_filter=^{name}/", f"--benchmark_min_time={least}",
                "--benchmark_repetitions=1", "--benchmark_format=json", MEGALIF_ISA="scalar",
                MEGALIF_BENCH_NEURONS="1e4", MEGALIF_BLOCK="16", TMPDIR=str(tmp_path))
    for run in json.loads(done.stdout)["benchmarks"]:
        if name.startswith("engine"):
            threads = int(run["name"].split("threads:")[1].split("/")[0])
            assert (run["ratio"]
                    == pytest.approx(run["cpu_ns" if threads == 1 else "ns"] / run["limit"]))
            assert run["ns"] * 1e-9 * run["items_per_second"] == pytest.approx(threads)
            assert 25 < run["Hz"] < 30
        else:
            speed = run.get("items_per_second", run.get("bytes_per_second"))
            assert run["ratio"] == pytest.approx(run["limit"] / speed)


@pytest.mark.skipif(not BENCH.exists(), reason="no Google Benchmark (libbenchmark-dev)")
def test_commands_of_the_page_name_benchmarks():
    typed = "".join(text for kind, text in blocks("docs/performance.md") if kind == "typed")
    filters = re.findall(r"""--benchmark_filter=['"]?([^'"\s]+)""", typed)
    assert len(filters) >= 6
    for name in filters:
        name = re.sub("avx2|[$]isa", "scalar", name)  # which every machine has
        done = call(BENCH, "--benchmark_list_tests=true", f"--benchmark_filter={name}",
                    MEGALIF_ISA="scalar")
        assert done.returncode == 0 and done.stdout, f"{name}: {done.stderr}"
    assert call(ROOT / "bench/compare.py", "--help").returncode == 0


def test_commands_about_peers_are_understood():
    """Not run: everything takes an hour."""
    typed = "".join(text for _, text in blocks("bench/peers/README.md"))
    lines = [line.split(" #")[0] for line in typed.splitlines()]
    assert len(lines) >= 10 and all(line.startswith("make bench-peers") for line in lines)
    for line in lines:
        words = [word for word in shlex.split(line) if word.startswith("PEERS_ARGS=")]
        told = shlex.split(words[0].split("=", 1)[1]) if words else []
        if "--threads" in told:
            told[told.index("--threads") + 1] = "1"  # a machine of the tests may have no more
        done = call(sys.executable, "-c", "import run; run.arguments()", *told,
                    PYTHONPATH=str(ROOT / "bench/peers"))
        assert done.returncode == 0, f"{line}: {done.stderr}"
