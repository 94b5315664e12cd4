"""What a run, a sweep, a conversion must never write over: what it reads, and an earlier run's
checkpoints; and the one way that all outputs go."""
import fcntl
import json
import os
import re
import shutil
import subprocess
import time

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


def refused(done, *words, code=3):
    assert done.returncode == code, done.stderr
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
DATA = {"file": "i\n" + "0\n" * 500, "spikes": "timestamps,node_ids\n1,0\n",
        "values": "v\n-60\n-61\n"}


@pytest.mark.parametrize("kind", READS)
def test_a_file_that_the_config_reads_is_never_written(tmp_path, kind):
    data = write(tmp_path / "data.csv", DATA[kind])
    ini = write(tmp_path / "reads.ini", SMALL + READS[kind])
    refused(megalif("run", ini, "-f", "-o", data), "a file that the config reads")
    ini.write_text(SMALL + READS[kind] + section("record.v", population="a", what="V_m"))
    (tmp_path / "x.v.h5").symlink_to(data)
    refused(megalif("run", ini, "-f", "-o", tmp_path / "x.h5"),
            "x.v.h5 is a file that the config reads")
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


# ---- every output of every command goes one way --------------------------------------------------

CSV = "population,timestamps,node_ids\na,1,0\na,2,1\na,3,0\n"
TABLE = ("point,name,population.a.I_e (pA),rate.a (Hz)\n"
         "0,p0,400,10\n1,p1,500,20\n")


@pytest.fixture
def ran(tmp_path):
    """A folder with a config, its output and trace, a CSV file of spikes, a sweep's table."""
    write(tmp_path / "a.ini", SMALL + section("record.v", population="a", what="V_m"))
    assert megalif("run", "a.ini", "-q", "-o", "a.h5", cwd=tmp_path).returncode == 0
    write(tmp_path / "s.csv", CSV)
    write(tmp_path / "t.csv", TABLE)
    for point in ("p0", "p1"):
        write(tmp_path / f"{point}.h5", "read")
    return tmp_path


READ = {  # commands, and the file that each reads and is told to write
    "its own input": (["plot", "a.h5", "--csv"], "a.h5"),
    "a table": (["plot", "t.csv", "--csv"], "t.csv"),
    "a file beside the table": (["plot", "t.csv", "--csv"], "p1.h5"),
    "a trace": (["plot", "a.v.h5", "--csv"], "a.v.h5"),
    "the raster beside a trace": (["plot", "a.v.h5", "--csv"], "a.h5"),
    "a conversion": (["convert", "s.csv"], "s.csv"),
    "a config": (["run", "a.ini", "-o"], "a.ini"),
    "an emission": (["check", "a.ini", "--emit", "nest", "-o"], "a.ini"),
}


@pytest.mark.parametrize("force", [[], ["--force"]])
@pytest.mark.parametrize("how", ["itself", "link", "hard link"])
@pytest.mark.parametrize("what", READ)
def test_what_a_command_reads_is_never_written(ran, what, how, force):
    command, read = READ[what]
    before = {path.name: path.read_bytes() for path in ran.iterdir()}
    out = read if how == "itself" else "out" + (ran / read).suffix
    if how == "link":
        (ran / out).symlink_to(read)
    elif how == "hard link":
        os.link(ran / read, ran / out)
    done = megalif(*command, out, *force, cwd=ran)
    refused(done)
    assert done.stdout == "" and not (how == "itself" and "--force" in done.stderr)
    for name, content in before.items():
        assert (ran / name).read_bytes() == content


@pytest.mark.parametrize("what", ["its own input", "a conversion", "a config"])
def test_what_a_command_reads_is_not_its_temporary_file(ran, what):
    command, read = READ[what]
    content = (ran / read).read_bytes()
    (ran / "out.csv.part").write_bytes(content)
    done = megalif(*["out.csv.part" if word == read else word for word in command], "out.csv",
                   cwd=ran)
    refused(done)
    assert (ran / "out.csv.part").read_bytes() == content and not (ran / "out.csv").exists()


WRITERS = {  # commands before the name of what they write
    "run": (["run", "a.ini", "-q", "-o"], "o.h5"),
    "trace": (["run", "a.ini", "-q", "-f", "-o", "o.h5"], "o.v.h5"),
    "csv": (["plot", "a.h5", "--csv"], "o.csv"),
    "curve": (["plot", "t.csv", "--csv"], "o.csv"),
    "picture": (["plot", "a.h5", "-o"], "o.svg"),
    "to csv": (["convert", "a.h5"], "o.csv"),
    "to sonata": (["convert", "a.h5"], "o.h5"),
    "script": (["check", "a.ini", "--emit", "nest", "-o"], "o.py"),
}


def writing(what, out):
    command, _ = WRITERS[what]
    return command if what == "trace" else command + [out]


@pytest.mark.parametrize("what", WRITERS)
def test_an_existing_file_takes_force(ran, what):
    out = WRITERS[what][1]
    write(ran / out, "mine")
    command = writing(what, out)
    refused(megalif(*[word for word in command if word != "-f"], cwd=ran),
            f"{out} exists; choose another")
    assert (ran / out).read_text() == "mine"
    done = megalif(*command, "-f", cwd=ran)
    assert done.returncode == 0, done.stderr
    assert (ran / out).read_bytes() not in (b"mine", b"") and not list(ran.glob("*.part"))


@pytest.mark.parametrize("force", [[], ["-f"]])
@pytest.mark.parametrize("to", ["file", "device", "pipe", "nothing", "folder"])
@pytest.mark.parametrize("what", WRITERS)
def test_a_link_is_never_an_output(ran, what, to, force):
    out = WRITERS[what][1]
    target = {"file": ran / "target", "device": "/dev/full", "pipe": "/proc/self/fd/1",
              "nothing": ran / "nowhere", "folder": ran}[to]
    write(ran / "target", "mine")
    (ran / out).symlink_to(target)
    done = megalif(*writing(what, out), *force, cwd=ran)
    refused(done, f"{out} is a link to {target}, ",
            "no regular file" if to in ("device", "pipe", "folder") else "name the file itself")
    assert os.readlink(ran / out) == str(target) and "--force" not in done.stderr
    assert (ran / "target").read_text() == "mine" and not (ran / "nowhere").exists()


@pytest.mark.parametrize("what", ["csv", "script"])
def test_a_device_is_never_an_output(ran, what):
    for device in ("/dev/full", "/dev/null"):
        refused(megalif(*writing(what, device), "-f", cwd=ran),
                f"{device} exists and is no regular file")
        assert os.path.exists(device)


@pytest.mark.parametrize("name", ["-", "/dev/stdout", "/proc/self/fd/1"])
def test_standard_output_is_printed_to(ran, name):
    before = os.stat("/dev/stdout", follow_symlinks=False)
    numbers = megalif("plot", "a.h5", "--csv", name, cwd=ran)
    assert numbers.returncode == 0 and numbers.stdout.startswith("panel,population,time (ms)")
    script = megalif("check", "a.ini", "--emit", "nest", "-o", name, cwd=ran)
    assert script.returncode == 0 and script.stdout.startswith("#!/usr/bin/env python3")
    assert os.stat("/dev/stdout", follow_symlinks=False) == before
    with open(ran / "all", "w") as out:
        subprocess.run([PROGRAM, "plot", "a.h5", "--csv", name], stdout=out, cwd=ran, check=True)
    assert (ran / "all").read_text() == numbers.stdout


@pytest.mark.parametrize("force", [[], ["-f"]])
def test_a_picture_and_its_numbers_are_two_files(ran, force):
    for numbers in ("z.svg", "./z.svg", str(ran / "z.svg")):
        refused(megalif("plot", "a.h5", "-o", "z.svg", "--csv", numbers, *force, cwd=ran),
                "z.svg would be one file")
    assert not (ran / "z.svg").exists()


def test_the_file_beside_a_script_is_not_what_the_config_reads(ran):
    values = "v\n" + "\n".join(f"-{60 + i / 1000}" for i in range(3000)) + "\n"
    write(ran / "s.numbers.h5", values)
    write(ran / "b.ini",
          simulation(duration="5 ms")
          + section("population.a", size=3000, V_m="file(s.numbers.h5, v)"))
    refused(megalif("check", "b.ini", "--emit", "nest", "-o", "s.py", "-f", cwd=ran),
            "s.numbers.h5 is a file that the config reads")
    assert (ran / "s.numbers.h5").read_text() == values and not (ran / "s.py").exists()


def test_the_tables_of_a_sweep_go_the_same_way(tmp_path):
    ini = write(tmp_path / "a.ini", SMALL)
    sweep = ["sweep", ini, "-q", "--vary", "simulation.seed=range(1:3)", "-o"]
    for name in ("table.csv", "table.h5"):
        folder = tmp_path / f"of {name}"
        folder.mkdir()
        (folder / name).symlink_to(tmp_path / "elsewhere")
        refused(megalif(*sweep, folder, "-f"), f"{name} is a link to ")
        assert (folder / name).is_symlink() and not list(folder.glob("*.part"))
    folder = tmp_path / "mine"
    folder.mkdir()
    write(folder / "table.h5", "mine")  # no table.csv: not a sweep's
    refused(megalif(*sweep, folder),
            "table.h5 exists; choose another name, or replace it with --force")
    assert (folder / "table.h5").read_text() == "mine"
    assert megalif(*sweep, folder, "-f").returncode == 0
    assert megalif(*sweep, folder).returncode == 0  # goes on: both tables are its own
    assert h5py.is_hdf5(folder / "table.h5")


def test_two_that_write_one_file_do_not_mix(ran):
    """The lock of one that is at work, by its temporary file."""
    with open(ran / "o.csv.part", "w") as part:
        fcntl.flock(part, fcntl.LOCK_EX)
        for what in ("csv", "to csv"):
            done = megalif(*writing(what, "o.csv"), cwd=ran)
            assert done.returncode == 6 and "another run is writing o.csv.part" in done.stderr
    assert megalif(*writing("csv", "o.csv"), cwd=ran).returncode == 0


def test_a_plot_at_work_is_not_disturbed(ran):
    """The first waits for its gnuplot; the second is refused, and the first's picture is whole."""
    fake = ran / "bin" / "gnuplot"
    fake.parent.mkdir()
    fake.write_text("#!/bin/sh\ncat >/dev/null\n"
                    "while [ ! -e go ]; do sleep 0.05; done\necho IEND\n")
    fake.chmod(0o755)
    environment = dict(os.environ, PATH=f"{fake.parent}:{os.environ['PATH']}")
    first = subprocess.Popen([PROGRAM, "plot", "a.h5", "-o", "z.png"], cwd=ran, env=environment)
    until = time.monotonic() + 30
    while not (ran / "z.png.part").exists() and time.monotonic() < until:
        time.sleep(0.01)
    try:
        second = subprocess.run([PROGRAM, "plot", "a.h5", "-o", "z.png"], cwd=ran, env=environment,
                                capture_output=True, text=True, timeout=60)
    finally:
        write(ran / "go", "")
        assert first.wait(60) == 0
    assert second.returncode == 6 and "another run is writing z.png.part" in second.stderr
    assert (ran / "z.png").read_text() == "IEND\n" and not list(ran.glob("*.part"))


# ---- an earlier run's checkpoints ----------------------------------------------------------------


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
    refused(megalif("run", ini, "-o", out), "holds checkpoints of an earlier run", "--resume",
            "--force")
    assert not out.exists() and (out.parent / "long.h5.checkpoint" / "checkpoint").exists()


def test_force_starts_anew_and_leaves_no_checkpoints(stopped):
    ini, out = stopped
    assert megalif("run", ini, "-o", out, "--force", "-q").returncode == 0
    assert not (out.parent / "long.h5.checkpoint").exists()
    with h5py.File(out) as file:
        assert file["megalif"].attrs["duration_ms"] == 50


KEEP_NO = ("--checkpoint", "--set", "checkpoint.keep=no")


def resumed_as_complete(ini, out, *more):
    """Nothing is computed, written or left."""
    before, folder = out.stat().st_mtime_ns, out.with_name(out.name + ".checkpoint")
    done = megalif("run", ini, "-o", out, "--resume", *more)
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith(f"{out} is complete already, with the results of this config; ")
    assert done.stderr.count("\n") == 1 and done.stdout == "" and not folder.exists()
    assert out.stat().st_mtime_ns == before


def recorder(**keys):
    return [word for key, value in {"what": "spikes", "population": "a", **keys}.items()
            for word in ("--set", f"record.r.{key}={value}")]


@pytest.mark.parametrize("how", [(), KEEP_NO, ("--no-raster",), recorder(neurons="none"),
                                 recorder(start="49.9 ms"), recorder(what="V_m")])
def test_a_complete_run_without_a_checkpoint_says_so(tmp_path, how):
    """Also one that was to record no spike, or recorded at a time when there were none."""
    ini, out = write(tmp_path / "a.ini", SMALL), tmp_path / "a.h5"
    assert megalif("run", ini, "-o", out, "-q", *how).returncode == 0
    resumed_as_complete(ini, out, *how)
    quiet = megalif("run", ini, "-o", out, "--resume", "-q", *how)
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")
    said = json.loads(megalif("run", ini, "-o", out, "--resume", "--json", *how).stdout)
    assert said == {"output": str(out), "done_before": True}


def test_a_file_of_another_run_is_no_complete_one(tmp_path):
    """Of another config or length, without its spikes, or of inputs that have changed: it stays as
    it is, and the message says what can be done."""
    text = SMALL + section("input.x", target="a", type="file", file="data.csv")
    ini, out = write(tmp_path / "a.ini", text), tmp_path / "a.h5"
    data = write(tmp_path / "data.csv", "i\n" + "600\n" * 600)
    def refuse(*more):
        before = out.read_bytes()
        done = megalif("run", ini, "-o", out, "--resume", *more)
        refused(done, "a.h5 is there already, without a checkpoint to go on from", "-o", "--force")
        assert done.stderr.count("\n") == 1 and out.read_bytes() == before
        assert not (tmp_path / "a.h5.checkpoint").exists()
    assert megalif("run", ini, "-o", out, "-q", "--no-raster").returncode == 0
    refuse()
    assert megalif("run", ini, "-o", out, "-f", "-q", *KEEP_NO).returncode == 0
    resumed_as_complete(ini, out)
    for change in ("simulation.seed=5", "simulation.duration=60 ms", "population.a.size=3"):
        refuse("--set", change)
    data.write_text("i\n" + "601\n" * 600)
    refuse()


@pytest.mark.parametrize("how", [(), ("--resume",), ("-q",), ("--json",)])
def test_a_complete_run_that_failed_says_why_again(tmp_path, how):
    ini, out = write(tmp_path / "a.ini", SMALL), tmp_path / "a.h5"
    first, again = (megalif("run", ini, "-o", out, *more, "--set", "simulation.max_rate=10 Hz")
                    for more in (("-q",), how))
    assert first.returncode == again.returncode == 7
    assert "max_rate = 10 Hz allows" in first.stderr and again.stderr.startswith(first.stderr)


def test_a_run_whose_trace_is_gone_is_no_complete_one(tmp_path):
    ini, out = write(tmp_path / "a.ini", SMALL), tmp_path / "a.h5"
    assert megalif("run", ini, "-o", out, "-q", *recorder(what="V_m")).returncode == 0
    (tmp_path / "a.r.h5").unlink()
    refused(megalif("run", ini, "-o", out, *recorder(what="V_m")), "a.h5 exists", "--force")


def test_a_joined_part_of_a_run_is_no_complete_one(stopped):
    ini, out = stopped
    assert megalif("join", out, "-q").returncode == 0
    shutil.rmtree(out.parent / "long.h5.checkpoint")
    refused(megalif("run", ini, "-o", out, "--resume", "--set", "simulation.duration=20 s"),
            "long.h5 is there already, without a checkpoint to go on from")


def test_what_a_killed_run_has_left_of_its_checkpoints_goes(tmp_path):
    """A run that keeps none was killed between its last checkpoint's end and its segments'."""
    ini, out = write(tmp_path / "a.ini", SMALL), tmp_path / "a.h5"
    assert megalif("run", ini, "-o", out, "-q", *KEEP_NO).returncode == 0
    folder = tmp_path / "a.h5.checkpoint"
    folder.mkdir()
    for name in ("lock", "segment-000001.h5", "segment-000002.h5.part"):
        write(folder / name, "")
    with open(folder / "lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        refused(megalif("run", ini, "-o", out, "--resume"), code=6)
        assert len(list(folder.iterdir())) == 3
    resumed_as_complete(ini, out)


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
