"""Which processes take themselves for ranks, and what they say where they cannot be. Needs no
MPI."""
import os
import re
import subprocess
from pathlib import Path

import pytest

from megalif import PROGRAM, section, simulation

CONFIG = simulation(duration="10 ms") + section("population.a", size=100, I_e="400 pA")
MPI_WORDS = ("OMPI_", "PMIX_", "PMI_", "SLURM_", "MEGALIF_MPI")


def run(folder, program=PROGRAM, *arguments, **environment):
    (folder / "run.ini").write_text(CONFIG)
    plain = {key: value for key, value in os.environ.items() if not key.startswith(MPI_WORDS)}
    return subprocess.run([program, "run", "run.ini", "-o", "run.h5", "--force", *arguments],
                          capture_output=True, text=True, cwd=folder, timeout=60,
                          env={**plain, **environment})


def test_a_plain_run_loads_no_mpi(tmp_path):
    done = run(tmp_path, LD_DEBUG="files")
    assert done.returncode == 0
    loaded = [line for line in done.stderr.splitlines() if "calling init:" in line]
    assert any("libhdf5" in line for line in loaded)
    assert not any("libmpi" in line or "libmegalif-" in line for line in loaded)


STEP = {"SLURM_STEP_NUM_TASKS": "2", "SLURM_PROCID": "0"}


def test_tasks_of_srun_that_know_nothing_of_each_other(tmp_path):
    done = run(tmp_path, **STEP)
    assert done.returncode == 2
    assert "srun --mpi=pmix" in done.stderr and "MEGALIF_MPI=no" in done.stderr
    assert not (tmp_path / "run.h5").exists()


@pytest.mark.parametrize("environment", [
    {**STEP, "MEGALIF_MPI": "no"},
    {"SLURM_STEP_NUM_TASKS": "1", "SLURM_PROCID": "0", "PMIX_RANK": "0"},
    {"OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_SIZE": "1", "PMIX_RANK": "0"},
    {"PMI_RANK": "0", "PMI_SIZE": "1"},
    {"OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_SIZE": "2", "MEGALIF_MPI": "no"}])
def test_one_process(tmp_path, environment):
    done = run(tmp_path, **environment)
    assert done.returncode == 0, done.stderr


def test_no_library_for_the_mpi(tmp_path):
    """A copy of the program stands alone."""
    program = tmp_path / "megalif"
    program.write_bytes(Path(PROGRAM).read_bytes())
    program.chmod(0o755)
    done = run(tmp_path, program, OMPI_COMM_WORLD_RANK="0", OMPI_COMM_WORLD_SIZE="2")
    assert done.returncode == 2
    assert "libmegalif-openmpi.so" in done.stderr and "MEGALIF_MPI=no" in done.stderr


def test_a_library_that_is_none(tmp_path):
    done = run(tmp_path, MEGALIF_MPI="./none.so")
    assert done.returncode == 2 and "MPI cannot be used: ./none.so" in done.stderr


@pytest.mark.parametrize("spikes", ["0", "-1", "3x", "1048577", "99999999999999999999"])
def test_no_room_for_an_exchange(tmp_path, spikes):
    done = run(tmp_path, MEGALIF_MPI="./none.so", MEGALIF_EXCHANGE=spikes)
    assert done.returncode == 2
    assert f"MEGALIF_EXCHANGE takes a whole number from 1 to 1048576, not {spikes}" in done.stderr


def test_a_sweep_in_a_job_has_runs_of_its_own(tmp_path):
    (tmp_path / "run.ini").write_text(CONFIG + section("sweep", **{"population.a.I_e":
                                                                   "values(400 pA; 420 pA)"}))
    done = subprocess.run([PROGRAM, "sweep", "run.ini", "-o", "out"], capture_output=True,
                          text=True, cwd=tmp_path, env={**os.environ, **STEP}, timeout=60)
    assert done.returncode == 0, done.stderr


def megabytes(said, line):
    return float(re.search(rf"^# {line} +([0-9.e+]+) MB$", said, re.MULTILINE)[1])


def test_check_tells_the_memory_of_a_rank(tmp_path):
    """A part of the neurons and synapses, and what rank 0 has of all."""
    (tmp_path / "run.ini").write_text(
        simulation(duration="10 ms")
        + section("population.a", size=80000, I_e="normal(400 pA, 9 pA)")
        + section("projection.a", source="a", target="a", rule="fixed_indegree", indegree=500,
                  weight="normal(0 mV, 1 mV)", allow_both_signs="yes", delay="1 ms")
        + section("record.counts", population="a", what="counts"))
    said = {}
    for count in ("1", "4"):
        done = subprocess.run([PROGRAM, "check", "run.ini", "-n", count, "-t", "1"], cwd=tmp_path,
                              capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        said[count] = done.stdout
    assert "memory of the largest of 4 ranks with 1 thread\n" in said["4"]
    for line in ("membrane potential u", "synapses"):
        quarter = megabytes(said["1"], line) / 4
        assert megabytes(said["4"], line) == pytest.approx(quarter, rel=0.06)
    assert megabytes(said["4"], "counts and spikes of all ranks") > 80000 * 32e-6
    assert "all ranks" not in said["1"]
    assert megabytes(said["4"], "total") < 0.5 * megabytes(said["1"], "total")
    wrong = subprocess.run([PROGRAM, "check", "run.ini", "-n", "0"], cwd=tmp_path,
                           capture_output=True, text=True)
    assert wrong.returncode == 2 and "--ranks takes" in wrong.stderr
