"""What a run, a sweep, a conversion must never write over: what it reads, and an earlier run's
checkpoints."""
import os
import re
import subprocess

import h5py
import pytest

from megalif import PROGRAM, section, simulation

SMALL = simulation(duration="50 ms") + section("population.a", size=2, I_e="600 pA")


def megalif(*arguments, cwd=None):
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, cwd=cwd,
                          timeout=120)


def write(path, text):
    path.write_text(text)
    return path


def refused(done, *words):
    assert done.returncode == 3, done.stderr
    for word in words:
        assert word in done.stderr


@pytest.mark.parametrize("force", [[], ["--force"]])
@pytest.mark.parametrize("how", ["itself", "link", "hard link"])
def test_the_config_is_never_the_output(tmp_path, how, force):
    ini = write(tmp_path / "self.ini", SMALL)
    out = tmp_path / ("other.h5" if how != "itself" else "self.ini")
    if how == "link":
        out.symlink_to(ini)
    elif how == "hard link":
        os.link(ini, out)
    refused(megalif("run", ini, "-o", out, *force), "the config itself")
    refused(megalif("check", ini, "--emit", "nest", "-o", out, "--force"), "the config itself")
    assert ini.read_text() == SMALL and not list(tmp_path.glob("*.part"))


READS = {
    "file": section("input.x", target="a", type="file", file="data.csv"),
    "spikes": section("input.x", target="a", type="spikes", file="data.csv", weight="1 mV"),
    "values": section("population.b", size=2, V_m="file(data.csv, v)"),
}
DATA = {"file": "i\n" + "0\n" * 500, "spikes": "timestamps,node_ids\n1,0\n", "values": "v\n-60\n-61\n"}


@pytest.mark.parametrize("kind", READS)
def test_a_file_that_the_config_reads_is_never_written(tmp_path, kind):
    data = write(tmp_path / "data.csv", DATA[kind])
    ini = write(tmp_path / "reads.ini", SMALL + READS[kind])
    refused(megalif("run", ini, "-f", "-o", data), "a file that the config reads")
    ini.write_text(SMALL + READS[kind] + section("record.v", population="a", what="V_m"))
    (tmp_path / "x.v.h5").symlink_to(data)
    refused(megalif("run", ini, "-f", "-o", tmp_path / "x.h5"), "x.v.h5 is a file that the config reads")
    assert data.read_text() == DATA[kind]
    assert megalif("run", ini, "-o", tmp_path / "fine.h5", "-q").stderr == ""


def test_a_file_in_the_folder_of_checkpoints_is_not_read(tmp_path):
    folder = tmp_path / "x.h5.checkpoint"
    folder.mkdir()
    data = write(folder / "segment-000001.h5", DATA["file"])
    ini = write(tmp_path / "reads.ini",
                SMALL + READS["file"].replace("data.csv", "x.h5.checkpoint/segment-000001.h5"))
    refused(megalif("run", ini, "-f", "-o", tmp_path / "x.h5", "--checkpoint"), "lies in")
    assert data.read_text() == DATA["file"]


def test_the_table_of_a_sweep_is_not_what_its_points_read(tmp_path):
    data = write(tmp_path / "table.csv", DATA["values"])
    ini = write(tmp_path / "reads.ini", SMALL + READS["values"].replace("data.csv", "table.csv"))
    refused(megalif("sweep", ini, "-f", "-o", tmp_path, "--vary", "simulation.seed=range(1:3)"),
            "table.csv is a file that the config reads ([population.b] V_m)")
    assert data.read_text() == DATA["values"] and not list(tmp_path.glob("*.h5"))


def test_a_conversion_keeps_what_it_reads(tmp_path):
    text = "population,timestamps,node_ids\na,1,0\n"
    data = write(tmp_path / "data.csv", text)
    (tmp_path / "link.csv").symlink_to(data)
    refused(megalif("convert", data, tmp_path / "link.csv", "--force"), "are one file")
    assert data.read_text() == text


# ---- an earlier run's checkpoints ------------------------------------------------------------------


@pytest.fixture
def stopped(tmp_path):
    """A run that was stopped with a checkpoint: its config, its output."""
    ini, out = write(tmp_path / "long.ini", SMALL), tmp_path / "long.h5"
    done = megalif("run", ini, "-o", out, "--max-wall", "1 ms", "--set", "simulation.duration=20 s",
                   "--quiet")
    assert done.returncode == 75, done.stderr
    return ini, out


def test_checkpoints_of_an_earlier_run_are_not_forgotten(stopped):
    ini, out = stopped
    refused(megalif("run", ini, "-o", out), "holds checkpoints of an earlier run", "--resume", "--force")
    assert not out.exists() and (out.parent / "long.h5.checkpoint" / "checkpoint").exists()


def test_force_starts_anew_and_leaves_no_checkpoints(stopped):
    ini, out = stopped
    assert megalif("run", ini, "-o", out, "--force", "-q").returncode == 0
    assert not (out.parent / "long.h5.checkpoint").exists()
    with h5py.File(out) as file:
        assert file["megalif"].attrs["duration_ms"] == 50


def test_a_complete_run_without_checkpoints_has_none_to_go_on_from(tmp_path):
    ini, out = write(tmp_path / "a.ini", SMALL), tmp_path / "a.h5"
    assert megalif("run", ini, "-o", out, "-q").returncode == 0
    done = megalif("run", ini, "-o", out, "--resume")
    refused(done, "a.h5 is complete and has no checkpoint to go on from")
    assert done.stderr.count("\n") == 1 and not (tmp_path / "a.h5.checkpoint").exists()


def test_a_complete_run_with_checkpoints_says_so(tmp_path):
    ini, out = write(tmp_path / "a.ini", SMALL), tmp_path / "a.h5"
    assert megalif("run", ini, "-o", out, "--checkpoint", "-q").returncode == 0
    done = megalif("run", ini, "-o", out, "--resume")
    assert done.returncode == 0 and done.stderr.count("\n") == 1
    assert done.stderr.startswith(f"{out} is complete already, 50 ms; ")
    done = megalif("run", ini, "-o", out, "--resume", "--set", "simulation.duration=60 ms")
    assert "went on from 50 ms" in done.stderr


def test_the_report_says_which_rates_leave_the_warmup_out(tmp_path):
    ini = write(tmp_path / "a.ini", SMALL)
    said = [megalif("run", ini, "-f", *more, cwd=tmp_path).stderr
            for more in ([], ["--set", "simulation.warmup=20 ms"])]
    rates = [re.search(r"[0-9,]+ spikes, [0-9.e+]+ Hz(.*)$", text, re.M)[1] for text in said]
    assert rates == ["", " after the warmup"]
