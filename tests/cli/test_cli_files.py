"""The command line itself, and the commands that read files: info, digest, compare."""
import json
import os
import re
import shutil
import subprocess

import h5py
import numpy as np
import pytest

from megalif import PROGRAM, section, simulation
from spike_files import digest, foreign, megalif, ours, spikes

COMMANDS = ("run", "check", "info", "digest", "compare", "plot")
RASTER = {"exc": spikes(300, 50, 1000), "inh": spikes(100, 20, 1000, seed=2)}
SIZES = {"exc": 50, "inh": 20}


@pytest.fixture
def small(tmp_path):
    return ours(tmp_path / "small.h5", RASTER, SIZES, 100)


def change(path, what, row, value):
    with h5py.File(path, "r+") as file:
        file[f"spikes/exc/{what}"][row] = value


# ---- the command line ----------------------------------------------------------------------------


def test_help_names_every_command_and_the_docs():
    done = megalif("--help")
    assert done.returncode == 0 and done.stderr == ""
    for command in COMMANDS:
        assert re.search(rf"^  {command} +\w", done.stdout, re.MULTILINE)
    assert "docs/configuration.md" in done.stdout and "megalif run configs/demo.ini" in done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_all_its_options(command):
    done = megalif(command, "--help")
    assert done.returncode == 0 and done.stdout.startswith(f"usage: megalif {command} ")
    options = re.findall(r"^  (?:-\w,|   ) --\w+.*$", done.stdout, re.MULTILINE)
    assert options and all(len(line) > 28 for line in options)
    assert megalif(command, "-h").stdout == done.stdout


def test_version_says_what_was_built():
    done = megalif("--version")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert re.fullmatch(r"megalif \d+\.\d+\.\d+", lines[0])
    for pattern in (r"git commit +\w+", r"compiler +(gcc|clang) \d+", r"built: scalar",
                    r"this CPU: scalar",
                    r"chosen: (scalar|avx2|avx512)", r"HDF5 +1\.\d+\.\d+", r"OpenMP +\d\.\d"):
        assert re.search(pattern, done.stdout), pattern


@pytest.mark.parametrize("arguments, message", [
    ([], "megalif: no command given; see megalif --help"),
    (["plott"], "megalif: unknown command plott; did you mean plot?"),
    (["xyzzy"], "megalif: unknown command xyzzy; the commands are: run, sweep, check"),
    (["--jsno"], "megalif: unknown option --jsno; see megalif --help"),
    (["info", "--jsno", "x"],
     "megalif info: unknown option --jsno (did you mean --json?); see megalif info"),
    (["info", "-x", "x"], "megalif info: unknown option -x; see megalif info --help"),
    (["info", "--json=1", "x"], "megalif info: option --json takes no value; see"),
    (["digest", "x", "--dt"], "megalif digest: option --dt needs a value; see"),
    (["digest"], "megalif digest: no file given; see megalif digest --help"),
    (["digest", "a", "b"], "megalif digest: one file too many: b; see"),
    (["compare", "a"], "megalif compare: two files needed; see megalif compare --help"),
    (["info", "x", "--json", "--config"], "megalif info: --json and --config exclude each other"),
])
def test_wrong_usage_is_named(arguments, message):
    done = megalif(*arguments)
    assert done.returncode == 2
    assert done.stderr.startswith(message), done.stderr
    if "--json" in arguments:
        assert json.loads(done.stdout)["exit_code"] == 2
    else:
        assert done.stdout == ""


def test_an_option_may_stand_behind_the_file(small):
    assert json.loads(megalif("info", small, "--json").stdout)["spikes"] == 400


@pytest.mark.parametrize("arguments, words", [
    (["run", "x.ini", "--ouput", "y.h5"],
     "megalif run: unknown option --ouput (did you mean --output?); "),
    (["run", "x.ini", "--seed", "5"],
     "unknown option --seed (it is a key: --set simulation.seed=5); "),
    (["sweep", "x.ini", "--duration=2s"], "(it is a key: --set simulation.duration=2s); "),
    (["run", "x.ini", "--seed"], "(it is a key: --set simulation.seed=VALUE); "),
    (["info", "x.h5", "--seed", "5"], "megalif info: unknown option --seed; "),
    (["run", "x.ini", "--elephant=3"], "megalif run: unknown option --elephant=3; ")])
def test_unknown_options_get_a_hint(arguments, words):
    done = megalif(*arguments)
    assert done.returncode == 2 and words in done.stderr and done.stderr.count("\n") == 1


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_in_either_order(command):
    assert megalif("help", command).stdout == megalif(command, "--help").stdout != ""
    assert megalif("help", "rum").returncode == 2


def test_output_that_cannot_be_written_is_an_error(small):
    with open("/dev/full", "w") as full:
        done = subprocess.run([PROGRAM, "info", str(small)], stdout=full, stderr=subprocess.PIPE,
                              text=True, timeout=60)
    assert done.returncode == 3 and "standard output cannot be written" in done.stderr


@pytest.mark.parametrize("command", ["info", "digest", "compare", "plot"])
@pytest.mark.parametrize("content", [None, b"", b"no HDF5 file at all" * 100])
def test_unreadable_files_end_with_3_and_their_name(tmp_path, command, content):
    path = tmp_path / "bad.h5"
    if content is not None:
        path.write_bytes(content)
    more = {"compare": [path], "plot": ["-o", tmp_path / "x.png"]}.get(command, [])
    done = megalif(command, path, *more)
    assert done.returncode == 3 and done.stdout == ""
    assert done.stderr.startswith(f"megalif {command}: cannot read {path}: ")
    assert not (tmp_path / "x.png").exists()


READERS = {"info": [], "digest": [], "compare": ["other.h5"], "plot": ["-o", "x.png"],
           "convert": ["x.csv"]}


@pytest.mark.parametrize("command", READERS)
def test_a_directory_is_called_one(tmp_path, command):
    done = megalif(command, tmp_path, *READERS[command])
    assert done.returncode == 3 and f"cannot read {tmp_path}: it is a directory" in done.stderr


@pytest.mark.parametrize("command", READERS)
def test_missing_rights_are_called_so(tmp_path, command, small):
    path = tmp_path / "mine.h5"
    shutil.copy(small, path)
    path.chmod(0)
    tmp_path.chmod(0o777)
    for folder in (path, *path.parents):
        if os.getuid() == 0 and folder != path and not folder.stat().st_mode & 1:
            folder.chmod(folder.stat().st_mode | 0o111)
    user = {"user": 65534, "group": 65534} if os.getuid() == 0 else {}
    try:
        done = subprocess.run([PROGRAM, command, path, *READERS[command]], capture_output=True,
                              text=True, timeout=60, cwd=tmp_path, **user)
    except PermissionError:
        pytest.skip("another user cannot start the program")
    assert done.returncode == 3
    assert f"cannot read {path}: Permission denied" in done.stderr


# ---- digest --------------------------------------------------------------------------------------


def test_digest_is_the_one_defined(small):
    done = megalif("digest", small)
    assert done.returncode == 0 and done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines == [f"{digest(RASTER)}  {small}",
                     "400 spikes; equal to the digest stored in the file"]


def test_digest_of_several_pieces_and_any_order(tmp_path):
    raster = {"p": spikes(150_000, 1000, 5000)}
    expected = digest(raster)
    one = ours(tmp_path / "one.h5", raster, {"p": 1000}, 500)
    assert megalif("digest", one).stdout.startswith(expected)
    shuffled = list(raster["p"])
    np.random.default_rng(3).shuffle(shuffled)
    other = foreign(tmp_path / "other.h5", {"p": [tuple(map(int, s)) for s in shuffled]}, "none")
    done = megalif("digest", "--dt", "100us", other)
    assert done.returncode == 0 and done.stdout.startswith(f"{expected}  {other}\n")
    assert "population p is not sorted by (time, id): first at row 1\n" in done.stderr


@pytest.mark.parametrize("row", [0, 150, 299])
def test_one_changed_id_is_caught(small, row):
    step, neuron = RASTER["exc"][row]
    wrong = neuron + 1000
    change(small, "node_ids", row, wrong)
    changed = list(RASTER["exc"])
    changed[row] = (step, wrong)
    done = megalif("digest", small)
    assert done.returncode == 3
    assert done.stdout == f"{digest({**RASTER, 'exc': changed})}  {small}\n"
    assert f"is damaged: the digest stored in it is {digest(RASTER)}" in done.stderr


def test_one_changed_time_is_caught(small):
    change(small, "timestamps", 7, RASTER["exc"][7][0] / 10 + 0.1)
    assert megalif("digest", small).returncode == 3


def test_a_time_that_is_no_step_is_named(small):
    wrong = float(np.nextafter(RASTER["exc"][7][0] / 10, np.inf))
    change(small, "timestamps", 7, wrong)
    done = megalif("digest", small)
    assert done.returncode == 3 and done.stdout == ""
    said = f"population exc, row 7: time {wrong:.17g} ms is no multiple of dt = 0.1 ms"
    assert said in done.stderr


@pytest.mark.parametrize("time", [np.nan, np.inf, -0.1, 1e300])
def test_times_out_of_range_are_named(small, time):
    change(small, "timestamps", 0, time)
    done = megalif("digest", small)
    assert done.returncode == 3 and "population exc, row 0: time" in done.stderr


def test_swapped_rows_break_the_order_but_not_the_digest(tmp_path):
    swapped = list(RASTER["exc"])
    swapped[10], swapped[11] = swapped[11], swapped[10]
    path = ours(tmp_path / "swapped.h5", {**RASTER, "exc": swapped}, SIZES, 100)
    done = megalif("digest", path)
    assert done.returncode == 3 and done.stdout.startswith(digest(RASTER))
    assert "population exc is not sorted by (time, id): first at row 11, though" in done.stderr


def test_a_spike_that_stands_twice_is_damage_of_a_run_but_no_disorder(tmp_path):
    twice = RASTER["exc"][:5] + RASTER["exc"][4:]
    done = megalif("digest", ours(tmp_path / "twice.h5", {"exc": twice}, SIZES, 100))
    assert done.returncode == 3 and "sorted" not in done.stderr
    said = "twice.h5 is damaged: population exc has a spike twice, the second time at row 5\n"
    assert said in done.stderr
    both = foreign(tmp_path / "foreign.h5", {"exc": twice})
    again = tmp_path / "converted.h5"
    assert megalif("convert", both, again).returncode == 0
    for path in (both, again):
        done = megalif("digest", "--dt", "0.1", path)
        assert done.returncode == 0 and done.stderr == "", done.stderr
        assert done.stdout.startswith(digest({"exc": twice}))


def test_an_incomplete_raster_shows_the_stored_digest(tmp_path):
    path = ours(tmp_path / "part.h5", {"exc": RASTER["exc"]}, SIZES, 100,
                hidden={"inh": RASTER["inh"]})
    done = megalif("digest", path)
    assert done.returncode == 0
    first, second = done.stdout.splitlines()
    assert first == f"{digest(RASTER)}  {path}"
    assert "all 400 spikes" in second and "only 300 are in the file" in second


def test_a_foreign_file_needs_dt(tmp_path):
    path = foreign(tmp_path / "foreign.h5", RASTER)
    done = megalif("digest", path)
    assert done.returncode == 2 and "--dt 0.1" in done.stderr and done.stdout == ""
    done = megalif("digest", path, "--dt", "0.1")
    assert done.returncode == 0 and done.stdout.startswith(f"{digest(RASTER)}  {path}\n")
    assert "stores no digest" in done.stdout
    done = megalif("digest", path, "--dt", "0.3")
    assert done.returncode == 3 and "is no multiple of dt = 0.3 ms" in done.stderr


def test_dt_must_be_a_time_and_not_contradict_the_file(small):
    for dt in ("0", "-1", "fast", "1 mV", "nan", ""):
        done = megalif("digest", small, f"--dt={dt}")
        assert done.returncode == 2 and "--dt takes a time" in done.stderr
    done = megalif("digest", small, "--dt", "0.2")
    assert done.returncode == 2 and "says itself that its dt is 0.1 ms" in done.stderr
    assert megalif("digest", small, "--dt", "0.1ms").returncode == 0


def test_a_real_run_agrees_with_the_definition(tmp_path):
    (tmp_path / "x.ini").write_text(simulation(duration="100 ms", precision="double")
                                    + section("population.a", size=70, I_e="600 pA")
                                    + section("population.b", size=30,
                                              I_e="linspace(400 pA, 900 pA)"))
    assert megalif("run", "x.ini", "-q", cwd=tmp_path).returncode == 0
    with h5py.File(tmp_path / "x.h5") as file:
        raster = {name: list(zip(np.rint(group["timestamps"][:] / 0.1).astype(int),
                                 group["node_ids"][:])) for name, group in file["spikes"].items()}
    assert len(raster["a"]) > 100 and len(raster["b"]) > 100
    done = megalif("digest", "x.h5", cwd=tmp_path)
    assert done.returncode == 0 and done.stdout.startswith(f"{digest(raster)}  x.h5\n")


# ---- compare -------------------------------------------------------------------------------------


def test_equal_files_are_equal(small, tmp_path):
    other = foreign(tmp_path / "other.h5", RASTER)
    done = megalif("compare", small, other)
    assert (done.returncode, done.stdout, done.stderr) == (0, "equal: 400 spikes\n", "")


def test_the_first_difference_in_time_is_shown(small, tmp_path):
    changed = {name: list(rows) for name, rows in RASTER.items()}
    changed["exc"][200] = (changed["exc"][200][0], 777)
    changed["inh"][20] = (changed["inh"][20][0], 888)
    step, neuron = RASTER["inh"][20]
    assert step < RASTER["exc"][200][0]
    other = ours(tmp_path / "other.h5", changed, SIZES, 100)
    done = megalif("compare", small, other)
    assert done.returncode == 1
    assert done.stdout.splitlines()[:3] == [
        "different: population inh, row 20",
        f"  {small}: neuron {neuron} at {step / 10:.15g} ms (step {step})",
        f"  {other}: neuron 888 at {step / 10:.15g} ms (step {step})"]
    assert re.search(r"^exc +300 +300$", done.stdout, re.MULTILINE)
    assert re.search(r"^inh +100 +100$", done.stdout, re.MULTILINE)


@pytest.mark.parametrize("row", [65535, 65536, 100_000])
def test_differences_are_found_in_any_piece(tmp_path, row):
    rows = spikes(140_000, 1000, 5000)
    a = foreign(tmp_path / "a.h5", {"p": rows})
    b = foreign(tmp_path / "b.h5", {"p": rows[:row] + rows[row + 1:]})
    done = megalif("compare", a, b)
    assert done.returncode == 1
    assert done.stdout.splitlines()[0] == f"different: population p, row {row}"
    assert f"{a}: neuron {rows[row][1]} at" in done.stdout
    assert f"{b}: neuron {rows[row + 1][1]} at" in done.stdout
    assert re.search(r"^p +140000 +139999$", done.stdout, re.MULTILINE)


@pytest.mark.parametrize("length", [0, 299, 65536])
def test_a_missing_end_is_a_difference(tmp_path, length):
    rows = spikes(66_000, 1000, 5000)
    a = foreign(tmp_path / "a.h5", {"p": rows[:length]})
    b = foreign(tmp_path / "b.h5", {"p": rows})
    done = megalif("compare", a, b)
    assert done.returncode == 1
    assert done.stdout.splitlines()[:2] == [f"different: population p, row {length}",
                                            f"  {a}: no more spikes"]


def test_populations_of_one_file_only_are_named(small, tmp_path):
    other = foreign(tmp_path / "other.h5", {"exc": RASTER["exc"], "new": []})
    done = megalif("compare", small, other)
    assert done.returncode == 1
    assert f"{other} has no population inh" in done.stdout
    assert f"{small} has no population new" in done.stdout
    assert re.search(r"^inh +100 +-$", done.stdout, re.MULTILINE)


def test_unrecorded_spikes_count_through_the_digests(tmp_path):
    recorded = {"exc": RASTER["exc"]}
    a = ours(tmp_path / "a.h5", recorded, SIZES, 100, hidden={"inh": RASTER["inh"]})
    b = ours(tmp_path / "b.h5", recorded, SIZES, 100, hidden={"inh": RASTER["inh"][:-1]})
    done = megalif("compare", a, b)
    assert done.returncode == 1 and "the digests over all spikes are not" in done.stdout
    assert megalif("compare", a, a).returncode == 0


# ---- info ----------------------------------------------------------------------------------------


def test_info_as_json(tmp_path):
    path = ours(tmp_path / "part.h5", {"exc": RASTER["exc"]}, SIZES, 100, warmup_ms=20,
                hidden={"inh": RASTER["inh"]})
    with h5py.File(path, "r+") as file:
        file["megalif/populations/inh"].attrs["mean_cv"] = 0.75
        file["megalif/populations/inh"].attrs["cv_neurons"] = np.uint64(9)
    found = json.loads(megalif("info", path, "--json").stdout)
    late = sum(step > 200 for step, _ in RASTER["exc"])
    exc, inh = found["populations"]
    absent = dict.fromkeys(("mean_cv", "cv_neurons", "rate_standard_error_Hz", "rate_q05_Hz",
                            "rate_q25_Hz", "rate_median_Hz", "rate_q75_Hz", "rate_q95_Hz",
                            "silent_fraction", "fano_factor", "synchrony", "mean_cv2", "chi",
                            "mean_correlation", "bin_ms", "statistics_stop_ms"))
    wanted = {"name": "exc", "size": 50, "spikes": 300, "recorded_spikes": 300,
              "mean_rate_Hz": pytest.approx(late / 50 / 0.08, rel=1e-15), "sorted_by_time": True}
    assert {name: exc[name] for name in wanted} == wanted
    assert set(exc) == {*wanted, *absent, "correlation_pairs"}
    rates = np.bincount([i for step, i in RASTER["exc"] if step > 200], minlength=50) / 0.08
    assert exc["rate_median_Hz"] == pytest.approx(np.median(rates))
    assert (exc["bin_ms"], exc["statistics_stop_ms"], exc["synchrony"]) == (2, 100, None)
    assert inh == {"name": "inh", "size": 20, "spikes": 100, "recorded_spikes": 0,
                   "mean_rate_Hz": inh["mean_rate_Hz"], "sorted_by_time": inh["sorted_by_time"],
                   **absent, "mean_cv": 0.75, "cv_neurons": 9, "correlation_pairs": 0}
    expected = {"dt_ms": 0.1, "duration_ms": 100, "warmup_ms": 20, "seed": 42, "numerics": 2,
                "precision": "single", "digest": digest(RASTER), "spikes": 400, "version": "0.1.0",
                "recorded_spikes": 300, "complete_raster": False, "git_commit": "abc",
                "warnings": ["first warning", "second warning"]}
    assert {key: found[key] for key in expected} == expected
    assert found["run"]["threads"] == 3 and found["run"]["wall_s"] == 2.0
    assert found["run"]["slurm_job_id"] is None


@pytest.mark.parametrize("name", [
    b"\xff.h5", "µ€😀.h5".encode(), b"\xc0\xaf \xed\xa0\x80 \xf4\x90\x80\x80 \xe2\x82.h5",
    b"a\"b\\\x01\xe0\x80\x80\xf0\x80\x80\x80\xc3", "\ud7ff\ue000\U0010ffff".encode()])
def test_json_is_valid_whatever_the_name(tmp_path, name):
    """Bytes that are no UTF-8 come as Python itself has them in names of files."""
    path = os.fsencode(tmp_path) + b"/" + name
    ours(os.fsdecode(path), RASTER, SIZES, 100)
    done = subprocess.run([os.fsencode(PROGRAM), b"info", b"--json", path], capture_output=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.decode("utf-8", errors="strict"))
    assert os.fsencode(found["file"]) == path


def test_info_for_people(small):
    text = megalif("info", small).stdout
    for part in ("megalif run x.ini", digest(RASTER), "seed         42", "first warning",
                 "second warning", "all in the file", "avx2, 3 threads"):
        assert part in text
    assert re.search(r"^exc +50 +300 +300 +60 +-$", text, re.MULTILINE)


def test_info_of_a_foreign_file_says_what_is_not_there(tmp_path):
    path = foreign(tmp_path / "foreign.h5", {"V1": RASTER["exc"]}, "by_id")
    done = megalif("info", path)
    assert done.returncode == 0 and "Not in this file: /megalif" in done.stdout
    assert re.search(r"^V1 +- +300 +300 +- +-$", done.stdout, re.MULTILINE)
    found = json.loads(megalif("info", path, "--json").stdout)
    assert found["dt_ms"] is None and found["digest"] is None and found["spikes"] is None
    assert found["populations"][0]["sorted_by_time"] is False
    done = megalif("info", path, "--config")
    assert done.returncode == 3 and "holds no config" in done.stderr


def test_odd_names_are_valid_json(tmp_path):
    name = 'quote " backslash \\ tab \t ünïcode'
    path = foreign(tmp_path / "odd.h5", {name: RASTER["exc"]})
    assert json.loads(megalif("info", path, "--json").stdout)["populations"][0]["name"] == name


def test_the_config_runs_again(tmp_path):
    (tmp_path / "x.ini").write_text(simulation(duration="50 ms")
                                    + section("population.a", size=100,
                                              I_e="normal(600 pA, 50 pA)"))
    assert megalif("run", "x.ini", "-q", "--set", "simulation.seed=7", cwd=tmp_path).returncode == 0
    config = megalif("info", "--config", "x.h5", cwd=tmp_path).stdout
    assert "seed          = 7" in config
    done = megalif("run", "-", "-q", "-o", "y.h5", cwd=tmp_path, stdin=config)
    assert done.returncode == 0, done.stderr
    done = megalif("compare", "x.h5", "y.h5", cwd=tmp_path)
    assert done.returncode == 0 and int(done.stdout.split()[1]) > 100


@pytest.mark.parametrize("mu", ["\u00b5", "\u03bc"])
def test_both_letters_mu_are_micro(tmp_path, mu):
    """U+00B5, as keyboards have it, and U+03BC, the Greek letter."""
    said = []
    for unit in ("u", mu):
        (tmp_path / "c.ini").write_text(f"[simulation]\ndt = 100 {unit}s\nduration = 1 ms\n"
                                        f"[population.p]\nsize = 2\nC_m = 2e-4 {unit}F\n")
        done = megalif("check", "c.ini", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        said.append([line for line in done.stdout.split("\n# time of a run")[0].splitlines()
                     if "free on" not in line])  # others write to that disk, too
    assert said[0] == said[1] and "dt            = 0.1 ms" in said[0]
