"""The job scripts of configs/slurm in a real Slurm. `make test-slurm` runs them."""
import csv
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import h5py
import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent))
from cluster import Cluster, missing, wait_for
from megalif import PROGRAM, ROOT, section, simulation

SCRIPTS = ROOT / "configs/slurm"


@pytest.fixture(scope="module")
def slurm():
    if missing():
        pytest.skip(f"no Slurm here: {', '.join(missing())} not found")
    os.environ["MEGALIF"] = PROGRAM
    with Cluster(nodes=2, cpus=4) as cluster:
        yield cluster


def megalif(*arguments, cwd):
    done = subprocess.run([PROGRAM, *map(str, arguments)], cwd=cwd, capture_output=True, text=True,
                          timeout=100)
    assert done.returncode == 0, done.stderr


def attributes(path, group="megalif"):
    with h5py.File(path) as file:
        return dict(file[group].attrs)


def logs(folder):
    return "".join(f"--- {path.name}\n{path.read_text()}" for path in folder.glob("*.out"))


def test_one_run_on_one_node(slurm, tmp_path):
    (tmp_path / "s.ini").write_text(
        simulation(duration="200 ms")
        + section("population.a", size=20000, I_e="normal(600 pA, 50 pA)"))
    job = slurm.submit(SCRIPTS / "run.sbatch", "s.ini", "-o", "job.h5", "--set",
                       "population.a.tau_m=12 ms", cwd=tmp_path)
    slurm.wait(job, "COMPLETED", "FAILED")
    megalif("run", "s.ini", "-o", "here.h5", "--set", "population.a.tau_m=12 ms", cwd=tmp_path)
    assert (tmp_path / "job.h5").exists(), logs(tmp_path)
    assert attributes(tmp_path / "job.h5")["digest"] == attributes(tmp_path / "here.h5")["digest"]
    run = attributes(tmp_path / "job.h5", "megalif/run")
    assert run["threads"] == 4 and run["slurm_job_id"] == job  # all cores of a node
    assert f"megalif-{job}.out" in os.listdir(tmp_path)


def test_readme_works_as_written(slurm, tmp_path):
    text = (ROOT / "README.md").read_text().split("\n## Slurm\n")[1].split("\n## ")[0]
    commands = re.findall("^    (.*)", text, re.MULTILINE)
    (tmp_path / "configs").symlink_to(ROOT / "configs")
    (tmp_path / "build").mkdir()
    (tmp_path / "build/megalif").symlink_to(PROGRAM)
    del os.environ["MEGALIF"]
    try:
        slurm.run("bash", "-e", "-c", "\n".join(commands), cwd=tmp_path)
    finally:
        os.environ["MEGALIF"] = PROGRAM
    wait_for(lambda: not slurm.run("squeue", "-h"), lambda: logs(tmp_path), 150)
    assert attributes(tmp_path / "demo.h5")["spikes"] > 0, logs(tmp_path)
    assert len(table(tmp_path / "sweep_fi/table.csv")) == 51, logs(tmp_path)
    assert len(list((tmp_path / "sweep_fi").glob("table-task-*-of-8.csv"))) == 8


def test_a_run_that_fails_is_a_job_that_fails(slurm, tmp_path):
    job = slurm.submit(SCRIPTS / "run.sbatch", "nowhere.ini", cwd=tmp_path)
    slurm.wait(job, "FAILED")
    assert "nowhere.ini: cannot be read" in logs(tmp_path)


def table(path):
    with open(path, newline="") as file:
        return [{key: value for key, value in row.items() if key != "seconds (s)"}
                for row in csv.DictReader(file)]


def test_a_sweep_as_an_array(slurm, tmp_path):
    shutil.copy(ROOT / "configs/sweep_fi.ini", tmp_path)
    array = slurm.submit("--cpus-per-task=1", "--mem-per-cpu=0", "--array=0-2",
                         SCRIPTS / "array.sbatch", "sweep_fi.ini", "-o", "swept", cwd=tmp_path)
    after = slurm.submit(f"--dependency=afterany:{array}", "--wrap",
                         f"{PROGRAM} sweep sweep_fi.ini -o swept --collect", cwd=tmp_path)
    slurm.wait(after, "COMPLETED", "FAILED")
    megalif("sweep", "sweep_fi.ini", "-o", "here", cwd=tmp_path)
    assert (tmp_path / "swept/table.csv").exists(), logs(tmp_path)
    rows = table(tmp_path / "swept/table.csv")
    assert len(rows) == 51 and rows == table(tmp_path / "here/table.csv")
    parts = [table(tmp_path / f"swept/table-task-{task}-of-3.csv") for task in range(3)]
    assert [len(part) for part in parts] == [17, 17, 17]
    assert "51 points: 51 done" in logs(tmp_path)


def test_a_share_that_is_missing_is_run_again(slurm, tmp_path):
    shutil.copy(ROOT / "configs/sweep_fi.ini", tmp_path)
    options = ["--cpus-per-task=1", "--mem-per-cpu=0"]
    os.environ["TASKS"] = "3"
    try:
        for shares in ("0,2", "1"):
            job = slurm.submit(*options, f"--array={shares}", SCRIPTS / "array.sbatch",
                               "sweep_fi.ini", "-o", "swept", cwd=tmp_path)
            slurm.wait(job, "COMPLETED", "FAILED")
            done = subprocess.run([PROGRAM, "sweep", "sweep_fi.ini", "-o", "swept", "--collect"],
                                  cwd=tmp_path, capture_output=True, text=True, timeout=60)
            missed = re.findall(r"missing: point (\d+)", done.stderr)
            assert done.returncode == (shares != "1"), done.stderr + logs(tmp_path)
            assert missed == [str(point) for point in range(1, 51, 3) if shares != "1"]
    finally:
        del os.environ["TASKS"]
