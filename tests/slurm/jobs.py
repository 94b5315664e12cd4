"""The job scripts of configs/slurm in a real Slurm. `make test-slurm` runs them."""
import csv
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import h5py
import pytest

from cluster import Cluster, missing, wait_for
from faults import contents, differ
from megalif import PROGRAM, ROOT, section, simulation

SCRIPTS = ROOT / "configs/slurm"


@pytest.fixture(scope="module")
def slurm():
    if missing():
        pytest.skip(f"no Slurm here: {', '.join(missing())} not found")
    os.environ["MEGALIF"] = PROGRAM
    os.environ["OMPI_MCA_mpi_yield_when_idle"] = "1"  # both nodes have the same few cores
    with Cluster(nodes=3, cpus=4) as cluster:
        yield cluster


def megalif(*arguments, cwd):
    done = subprocess.run([PROGRAM, *map(str, arguments)], cwd=cwd, capture_output=True, text=True,
                          timeout=300)
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
    assert run["threads"] == 4  # all cores of a node
    assert run["slurm_job_id"].decode() == job
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
    assert attributes(tmp_path / "long.h5")["spikes"] > 0, logs(tmp_path)
    assert len(table(tmp_path / "sweep_fi/table.csv")) == 51, logs(tmp_path)
    assert len(list((tmp_path / "sweep_fi").glob("table-task-*-of-8.csv"))) == 8


NEEDS_MPI = pytest.mark.skipif(not list(Path(PROGRAM).parent.glob("libmegalif-openmpi.so")),
                               reason="megalif was built without Open MPI")
BRUNEL = ("--set", "simulation.duration=300 ms")


@pytest.fixture(scope="module")
def brunel(tmp_path_factory):
    """A folder with Brunel's network, and what one process makes of it."""
    folder = tmp_path_factory.mktemp("brunel")
    shutil.copy(ROOT / "configs/brunel.ini", folder / "b.ini")
    megalif("run", "b.ini", "-o", "here.h5", "-q", "-t", "1", *BRUNEL, cwd=folder)
    return folder


def assert_two_ranks_wrote(folder, name, threads):
    assert (folder / name).exists(), logs(folder)
    assert differ(folder / name, contents(folder / "here.h5")) == []
    run = attributes(folder / name, "megalif/run")
    assert (run["ranks"], run["threads"]) == (2, threads)


@NEEDS_MPI
def test_one_run_on_two_nodes(slurm, brunel):
    """Two ranks with all cores of a node; the file is that of one process."""
    job = slurm.submit(SCRIPTS / "mpi.sbatch", "b.ini", "-o", "job.h5", *BRUNEL, cwd=brunel)
    slurm.wait(job, "COMPLETED", "FAILED", seconds=300)
    assert_two_ranks_wrote(brunel, "job.h5", 4)


@NEEDS_MPI
def test_several_ranks_on_a_node(slurm, brunel):
    job = slurm.submit("--nodes=1", "--ntasks-per-node=2", SCRIPTS / "mpi.sbatch", "b.ini", "-o",
                       "node.h5", *BRUNEL, cwd=brunel)
    slurm.wait(job, "COMPLETED", "FAILED", seconds=300)
    assert_two_ranks_wrote(brunel, "node.h5", 2)


@NEEDS_MPI
def test_mpirun_within_an_allocation(slurm, brunel):
    """Open MPI's mpirun asks Slurm where to start how many ranks."""
    def allocated(*command):
        return slurm.run("env", "OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1",
                         "salloc", "--nodes=2", "--ntasks-per-node=1", "mpirun.openmpi", *command,
                         cwd=brunel, timeout=300)
    assert sorted(allocated("printenv", "SLURMD_NODENAME").split()) == slurm.names[:2]
    allocated(PROGRAM, "run", "b.ini", "-q", "-o", "within.h5", "-t", "1", *BRUNEL)
    assert_two_ranks_wrote(brunel, "within.h5", 1)


def test_tasks_without_an_mpi_are_refused(slurm, brunel):
    done = subprocess.run(["srun", "--nodes=2", PROGRAM, "run", "b.ini", "-o", "none.h5"],
                          cwd=brunel, env=os.environ | slurm.environment, capture_output=True,
                          text=True, timeout=60)
    assert done.returncode == 2 and "use srun --mpi=pmix for one run" in done.stderr
    assert not (brunel / "none.h5").exists()


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


# ---- long jobs: warned, cancelled, preempted, on a node that fails

LONG = (simulation(dt="0.1 ms", duration="{duration}", seed=11)
        + section("population.a", size=20000, tau_m="20 ms", I_e="normal(300 pA, 30 pA)")
        + section("input.noise", target="a", type="white_noise", sigma_V="2 mV"))


@pytest.fixture(scope="module")
def long_job(tmp_path_factory):
    """A config whose run takes some seconds, and the digest of an undisturbed run."""
    folder = tmp_path_factory.mktemp("long")

    def run(duration):
        (folder / "s.ini").write_text(LONG.replace("{duration}", f"{duration} ms"))
        before = os.times().children_user
        megalif("run", "s.ini", "-o", "here.h5", "-q", "-f", "-t", "2", cwd=folder)
        return os.times().children_user - before

    run(int(1000 * 14 / run(1000)))  # 14 s of processor time, as fast as this machine is
    return (folder / "s.ini").read_text(), attributes(folder / "here.h5")["digest"]


@pytest.fixture(params=["long.sbatch", pytest.param("mpi.sbatch", marks=NEEDS_MPI)])
def submitted(slurm, long_job, tmp_path, request):
    """A long job that computes: has written its first checkpoint."""
    (tmp_path / "s.ini").write_text(long_job[0])

    class Job:
        folder, digest = tmp_path, long_job[1]
        nodes = 2 if request.param == "mpi.sbatch" else 1

        def submit(self, *options):
            self.number = slurm.submit(*options, SCRIPTS / request.param, "s.ini", "-o", "out.h5",
                                       "--set", "checkpoint.every_wall=300 ms", cwd=tmp_path)
            slurm.wait(self.number, "RUNNING")
            self.wait_for_checkpoint()

        def wait_for_checkpoint(self):
            before = self.checkpoint()
            wait_for(lambda: self.checkpoint() not in (None, before),
                     lambda: f"no checkpoint\n{logs(tmp_path)}")
            assert not (tmp_path / "out.h5").exists(), "the run is too short for this test"

        def checkpoint(self):
            try:
                return (tmp_path / "out.h5.checkpoint/checkpoint").stat().st_mtime_ns
            except FileNotFoundError:
                return None

        def start_again(self):
            """A requeued job would wait for two minutes. Each update puts it off a little, too; and
            a job that starts within a second of its last end is taken for one that was killed,
            and cannot be launched on a node that still has a step of its."""
            wait_for(slurm.is_empty, "the last start does not end")
            time.sleep(2)

            def started():
                if slurm.state(self.number) == "PENDING":
                    slurm.run("scontrol", "update", f"JobId={self.number}", "StartTime=now",
                              check=False)
                    for _ in range(80):
                        if slurm.state(self.number) != "PENDING":
                            break
                        time.sleep(0.1)
                return slurm.state(self.number) in ("RUNNING", "COMPLETED")
            wait_for(started, lambda: f"{slurm.run('scontrol', 'show', 'job', self.number)}\n"
                     f"{logs(tmp_path)}{slurm.log()}")

        def restarts(self):
            return int(re.search(r"Restarts=(\d+)", slurm.run("scontrol", "show", "job",
                                                              self.number))[1])

        def finish(self):
            slurm.wait(self.number, "COMPLETED", "FAILED", "CANCELLED", seconds=300)
            assert slurm.state(self.number) == "COMPLETED", logs(tmp_path)
            assert attributes(tmp_path / "out.h5")["digest"] == self.digest
            assert "went on from" in logs(tmp_path)
            assert attributes(tmp_path / "out.h5", "megalif/run")["ranks"] == self.nodes
            with h5py.File(tmp_path / "out.h5") as file:
                assert len(file["spikes/a/node_ids"]) == file["megalif"].attrs["spikes"] > 0

    return Job()


def test_a_warned_job_is_requeued_until_it_is_done(slurm, submitted):
    submitted.submit()
    for start in (1, 2):
        slurm.run("scancel", "--batch", "--signal=USR1", submitted.number)  # the limit is near
        wait_for(lambda: submitted.restarts() == start, "not requeued")
        submitted.start_again()
        submitted.wait_for_checkpoint()
    submitted.finish()
    assert logs(submitted.folder).count("back to the queue") == 2


def test_a_cancelled_job_goes_on_when_submitted_again(slurm, submitted):
    submitted.submit()
    slurm.run("scancel", submitted.number)
    slurm.wait(submitted.number, "CANCELLED")
    assert not (submitted.folder / "out.h5").exists() and submitted.restarts() == 0
    first = submitted.number
    submitted.submit()
    assert submitted.number != first
    submitted.finish()


def test_a_preempted_job_goes_on(slurm, submitted):
    submitted.submit()
    urgent = slurm.submit("-p", "urgent", "--exclusive", "-N", "3", "--wrap", "sleep 1",
                          cwd=submitted.folder)  # needs all nodes
    slurm.wait(urgent, "COMPLETED", "FAILED")
    wait_for(lambda: submitted.restarts() == 1, "not requeued")
    submitted.start_again()
    submitted.finish()


@pytest.mark.parametrize("submitted, place", [
    ("long.sbatch", 0), pytest.param("mpi.sbatch", 0, marks=NEEDS_MPI),
    pytest.param("mpi.sbatch", 1, marks=NEEDS_MPI)], indirect=["submitted"])
def test_a_job_whose_node_fails_goes_on_elsewhere(slurm, submitted, place):
    """Of several nodes the one where the script and rank 0 are, or another."""
    submitted.submit()
    nodes = slurm.nodes_of(submitted.number)
    failed = nodes[place]
    slurm.switch_off(failed)
    try:
        wait_for(lambda: submitted.restarts() == 1, "not requeued")
        submitted.start_again()
        now = slurm.nodes_of(submitted.number)
        assert failed not in now and len(now) == len(nodes) == submitted.nodes
        submitted.finish()
    finally:
        slurm.switch_on(failed)


@NEEDS_MPI
@pytest.mark.parametrize("submitted", ["mpi.sbatch"], indirect=True)
def test_a_job_ends_in_time_for_its_limit(slurm, submitted):
    """Its minute is over for the run after 4 s."""
    os.environ["MARGIN"] = "56"
    try:
        submitted.submit("--time=00:01:00")
    finally:
        del os.environ["MARGIN"]
    wait_for(lambda: submitted.restarts() == 1, lambda: logs(submitted.folder))
    assert "ends with a checkpoint; back to the queue" in logs(submitted.folder)
    slurm.run("scontrol", "update", f"JobId={submitted.number}", "TimeLimit=00:10:00")
    submitted.start_again()
    submitted.finish()
