"""--json of check, compare, digest and sweep says what their texts say; a command that fails prints
its errors as JSON, with the file, line and key that they are about."""
import csv
import json
import re
import subprocess
import time

import h5py
import pytest

from megalif import PROGRAM, population, section, simulation


def megalif(*arguments, cwd=None, stdin=None, code=0):
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, cwd=cwd,
                          input=stdin, timeout=120)
    assert done.returncode == code, done.stderr
    return done


def document(*arguments, **more):
    """The one document on standard output, and the text on standard error."""
    done = megalif(*arguments, "--json", **more)
    return json.loads(done.stdout), done.stderr


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a.ini").write_text(
        simulation(duration="100 ms") + population("exc", 20, I_e="uniform(380 pA, 500 pA)") +
        population("inh", 5, tau_m="8 ms"))
    for name, current in (("a", "uniform(380 pA, 500 pA)"), ("b", "420 pA")):
        megalif("run", "a.ini", "-qo", f"{name}.h5", "--set", f"population.exc.I_e={current}",
                cwd=tmp_path)
    return tmp_path


def number(pattern, text):
    return float(re.search(pattern, text)[1])


# ---- check ---------------------------------------------------------------------------------------


def test_check_says_what_its_text_says(folder):
    text = megalif("check", "a.ini", "-t", 1, "-o", "new.h5", cwd=folder).stdout
    said, _ = document("check", "a.ini", "-t", 1, "-o", "new.h5", cwd=folder)
    assert text.startswith(said["resolved"])
    assert (said["config"], said["output"], said["refusal"]) == ("a.ini", "new.h5", None)
    assert (said["neurons"], said["steps"], said["dt_ms"]) == (25, 1000, 0.1)
    exc, inh = said["populations"]
    assert exc["C_m_pF"] == [250, 250] and inh["tau_m_ms"] == [8, 8]
    for p in (exc, inh):
        rate = number(rf"# {p['name']} +([\d.e+]+) Hz", text)
        assert p["rate_Hz"] == pytest.approx(rate, rel=1e-3)
    assert exc["rate_Hz"] > 1 and inh["rate_Hz"] == 0
    assert said["memory_bytes"] == sum(each["bytes"] for each in said["memory"])
    total = number(r"total +([\d.]+) MB", text)
    assert said["memory_bytes"] == pytest.approx(1e6 * total, rel=1e-5)
    assert said["spikes"] == pytest.approx(number(r"# spikes +([\d.e+]+)", text), rel=1e-3)
    assert said["slurm"]["cpus_per_task"] == 1 and said["run_s"] > 0
    assert f"--mem={said['slurm']['memory_MB']}M --time=" in text
    assert re.fullmatch(r"\d\d:\d\d:00", said["slurm"]["time"])
    assert (said["exit_code"], said["errors"], said["warnings"]) == (0, [], [])


def test_check_of_an_output_that_is_there(folder):
    said, stderr = document("check", "a.ini", "-o", "a.h5", cwd=folder)
    assert "a.h5" in said["refusal"]
    assert f"warning: {said['warnings'][0]}\n" in stderr and said["exit_code"] == 0


def test_check_of_a_sweep_is_of_its_first_point(folder):
    (folder / "s.ini").write_text((folder / "a.ini").read_text() +
                                  section("sweep", **{"population.inh.I_e": "values(1 pA; 2 pA)"}))
    said, _ = document("check", "s.ini", cwd=folder)
    assert (said["points"], said["point"]) == (2, "I_e=1pA")
    assert "I_e           = 1 pA" in said["resolved"]
    assert said["points_seen"] == 2 and said["longest_point"] in ("I_e=1pA", "I_e=2pA")
    assert said["run_s"] <= said["longest_s"] < said["points_s"] <= 2 * said["longest_s"]
    alone, _ = document("check", "a.ini", cwd=folder)
    assert {alone[key] for key in ("points", "point", "points_seen", "points_s", "longest_point",
                                   "longest_s")} == {None}


# ---- digest and compare --------------------------------------------------------------------------


def test_digest(folder):
    text = megalif("digest", "a.h5", cwd=folder).stdout
    said, _ = document("digest", "a.h5", cwd=folder)
    assert text.startswith(f"{said['digest']}  {said['file']}\n{said['spikes']} spikes; equal")
    assert said["equal"] is True and said["computed"] == said["stored"] == said["digest"]
    with h5py.File(folder / "a.h5") as file:
        assert said["recorded_spikes"] == len(file["spikes/exc/timestamps"]) > 0


def test_digest_of_a_damaged_file(folder):
    with h5py.File(folder / "a.h5", "a") as file:
        file["megalif"].attrs["digest"] = "0" * 32
    said, stderr = document("digest", "a.h5", cwd=folder, code=3)
    assert said["equal"] is False and said["stored"] == "0" * 32 != said["computed"]
    assert said["exit_code"] == 3 and said["errors"][0]["text"] in stderr
    assert "is damaged" in said["errors"][0]["message"]


def test_compare(folder):
    said, _ = document("compare", "a.h5", "a.h5", cwd=folder)
    assert said["equal"] is True and said["first_difference"] is None
    said, _ = document("compare", "a.h5", "b.h5", cwd=folder, code=1)
    text = megalif("compare", "a.h5", "b.h5", cwd=folder, code=1).stdout
    first = said["first_difference"]
    assert f"different: population {first['population']}, row {first['row']}\n" in text
    for spike in first["spikes"]:
        assert (f"  {spike['file']}: neuron {spike['node_id']} at {spike['timestamp_ms']} ms "
                f"(step {spike['step']})\n") in text
    for f, name in enumerate("ab"):
        with h5py.File(folder / f"{name}.h5") as file:
            assert said["populations"][0]["recorded_spikes"][f] == len(file["spikes/exc/node_ids"])
    assert said["exit_code"] == 1 and said["errors"] == [] and said["digests_differ"] is True


# ---- sweep ---------------------------------------------------------------------------------------


def test_sweep_is_its_table(folder):
    said, stderr = document("sweep", "a.ini", "-o", "s", "-v",
                            "population.exc.I_e=values(400 pA; 500 pA)", cwd=folder)
    assert (said["points"], said["done"], said["failed"], said["missing"]) == (2, 2, 0, 0)
    assert said["table"] == "s/table.csv" in stderr
    with open(folder / "s/table.csv", newline="", encoding="utf-8") as file:
        head, *rows = csv.reader(file)
    for c, (column, title) in enumerate(zip(said["columns"], head, strict=True)):
        units = column["units"]
        assert title == column["name"] + (f" ({units})" if units else "")
        for row, cells in zip(said["rows"], rows, strict=True):
            value = row[column["name"]]
            text = cells[c]
            if value is None:
                assert text in ("", "nan")
            else:
                assert text == value if isinstance(value, str) else float(text) == value
    assert [row["state"] for row in said["rows"]] == ["done", "done"]
    assert said["rows"][1]["rate.exc"] > said["rows"][0]["rate.exc"] > 0


def test_sweep_with_points_that_fail_or_are_missing(folder):
    vary = ["-v", "simulation.max_rate=values(1 Hz; 100 kHz)", "-o", "s"]
    said, stderr = document("sweep", "a.ini", *vary, cwd=folder, code=1)
    failed, done = said["rows"]
    assert (failed["state"], failed["exit_code"], done["state"]) == ("failed", 7, "done")
    assert said["errors"][0]["text"] in stderr
    assert said["errors"][0]["text"].startswith("max_rate=1Hz")
    said, _ = document("sweep", "a.ini", *vary, cwd=folder, code=1)
    assert (said["done"], said["done_before"], said["failed"]) == (1, 1, 1)
    megalif("sweep", "a.ini", *vary[:2], "-o", "t", "--task", "1/2", cwd=folder)
    said, _ = document("sweep", "a.ini", *vary[:2], "-o", "t", "--collect", cwd=folder, code=1)
    assert (said["tasks"], said["incomplete_tasks"], said["missing"]) == (2, [0], 1)
    assert said["rows"][0]["state"] == "missing" and said["rows"][0]["spikes"] is None


# ---- errors --------------------------------------------------------------------------------------

WRONG = """[simulation]
duration = 20*ms
dt = 0.1 ms

[population.exc]
size = 10
v_treset = -70 mV
tau_m = 20 mV
"""


@pytest.mark.parametrize("command", ["run", "check", "sweep"])
def test_all_errors_of_a_config(tmp_path, command):
    (tmp_path / "w.ini").write_text(WRONG)
    said, stderr = document(command, "w.ini", "--set", "population.exc.size=x", cwd=tmp_path,
                            code=2)
    errors = said["errors"]
    assert said["exit_code"] == 2
    assert stderr == "".join(f"megalif: error: {error['text']}\n" for error in errors)
    where = [(e["file"], e["line"], e["section"], e["key"], e["option"]) for e in errors]
    assert where == [(None, None, "population.exc", "size", "--set"),
                     ("w.ini", 2, "simulation", "duration", None),
                     ("w.ini", 7, "population.exc", "v_treset", None),
                     ("w.ini", 8, "population.exc", "tau_m", None)]
    assert errors[2]["message"] == "unknown key" and errors[2]["hint"] == "did you mean V_reset?"
    assert errors[3]["message"] == "'20 mV' is a voltage, where a time is wanted"
    for error in errors:
        hint = f"; {error['hint']}" if error["hint"] else ""
        assert error["text"].endswith(f": {error['message']}{hint}")


def test_a_value_of_a_sweep_is_blamed_where_it_stands(tmp_path):
    (tmp_path / "a.ini").write_text(simulation() + population("a", 1) +
                                    section("sweep",
                                            **{"population.a.tau_m": "values(5 ms; 3 mV)"}))
    said, _ = document("sweep", "a.ini", cwd=tmp_path, code=2)
    lines = (tmp_path / "a.ini").read_text().splitlines()
    error = said["errors"][0]
    assert error["key"] == "population.a.tau_m" and error["section"] == "sweep"
    assert lines[error["line"] - 1].startswith("population.a.tau_m")
    said, _ = document("sweep", "a.ini", "-v", "population.a.t_ref=values(1 pA; 2 pA)", "--set",
                       "sweep.population.a.tau_m=values(5 ms; 6 ms)", cwd=tmp_path, code=2)
    assert "--vary" in {error["option"] for error in said["errors"]}


@pytest.mark.parametrize("sweep, hint", [
    ({"population.a.tau_m": "values(5 ms, 3 ms)"},
     "units of a time are s, ms, us, ns; several values have a ; between them: values(a; b)"),
    ({"simulation.seed": "values(1, 2)"},
     "several values have a ; between them: values(a; b)"),
    ({"input.x.type": "values(dc; step)"}, "did you mean amplitude?")])
def test_the_hint_for_a_point_is_the_cure_alone(tmp_path, sweep, hint):
    (tmp_path / "a.ini").write_text(simulation() + population("a", 1) +
                                    section("input.x", target="a", type="dc", amplitud="1 pA") +
                                    section("sweep", **sweep))
    said, stderr = document("sweep", "a.ini", cwd=tmp_path, code=2)
    assert hint in [error["hint"] for error in said["errors"]], said["errors"]
    for error in said["errors"]:
        assert f"megalif: error: {error['text']}\n" in stderr
        assert "point" not in error["message"] + (error["hint"] or "")


@pytest.mark.parametrize("arguments, code, option, words", [
    (["run", "a.ini", "--ouput", "x"], 2, "--ouput", "did you mean --output?"),
    (["run", "a.ini", "--threads", "x"], 2, "--threads", "whole number"),
    (["info", "nothing.h5"], 3, None, "nothing.h5"),
    (["digest", "nothing.h5"], 3, None, "nothing.h5"),
    (["compare", "a.h5", "nothing.h5"], 3, None, "nothing.h5"),
    (["run", "nothing.ini"], 2, None, "nothing.ini"),
    (["run", "a.ini", "-o", "no/where.h5"], 3, None, "no/where.h5"),
    (["run", "a.ini", "-o", "c.h5", "--set", "population.exc.size=100000000000"], 4, None,
     "memory"),
    (["sweep", "a.ini"], 2, None, "nothing to sweep"),
    (["convert", "a.h5"], 2, "--json", "--json"),
])
def test_every_command_that_fails(folder, arguments, code, option, words):
    said, stderr = document(*arguments, cwd=folder, code=code)
    assert (said["exit_code"], said["command"]) == (code, arguments[0])
    assert any(words in error["text"] for error in said["errors"])
    assert all(error["text"] in stderr for error in said["errors"])
    assert option in [error["option"] for error in said["errors"]]


def test_a_run_with_a_report_has_no_other_document(folder):
    said, _ = document("run", "a.ini", "-o", "c.h5", "--set", "simulation.max_rate=1 Hz",
                       cwd=folder, code=7)
    assert "max_rate" in said["ended_early"]


def test_a_run_that_is_stopped(folder):
    config = (folder / "a.ini").read_text()
    config = config.replace("100 ms", "10000 s").replace("size = 20", "size = 50000")
    (folder / "long.ini").write_text(config)
    with subprocess.Popen([PROGRAM, "run", "long.ini", "-o", "long.h5", "--json", "-c"], cwd=folder,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while not (folder / "long.h5.checkpoint").exists() and process.poll() is None:
            time.sleep(0.01)
        time.sleep(0.3)
        process.terminate()
        stdout, _ = process.communicate(timeout=60)
    said = json.loads(stdout)
    assert process.returncode == said["exit_code"] == 75
    assert "--resume" in said["errors"][0]["hint"]


def test_several_configs_have_a_document_each(folder):
    config = (folder / "a.ini").read_text()
    for name in ("b.h5", "new.h5"): # the first is there, of another config
        (folder / f"{name}.ini").write_text(config + section("output", file=name))
    done = megalif("run", "b.h5.ini", "new.h5.ini", "--json", cwd=folder, code=1)
    first, end = json.JSONDecoder().raw_decode(done.stdout)
    second = json.loads(done.stdout[end:])
    assert (first["exit_code"], first["errors"][0]["text"][:11]) == (3, "b.h5 exists")
    assert second["output"] == "new.h5"


def test_a_damaged_name_is_text_that_python_takes(tmp_path):
    name = b"no\xff.ini"
    done = subprocess.run([PROGRAM, "check", name, "--json"], cwd=tmp_path, capture_output=True,
                          timeout=60, check=False)
    said = json.loads(done.stdout)
    assert name.decode("utf-8", "surrogateescape") in said["errors"][0]["text"]
