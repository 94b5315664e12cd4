"""The job scripts of configs/slurm without Slurm: srun only prints what it would start. In a real
Slurm they are tried by tests/slurm."""
import os
import subprocess

import pytest

from megalif import ROOT


def run_array(folder, array, **more):
    """The array's first job: (exit code, the words after the program, what it says)."""
    (folder / "srun").write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    (folder / "srun").chmod(0o755)
    numbers = {"MIN": array[0], "MAX": array[-1], "COUNT": len(array), "ID": array[0]}
    slurm = {f"SLURM_ARRAY_TASK_{key}": str(value) for key, value in numbers.items()}
    done = subprocess.run(["bash", ROOT / "configs/slurm/array.sbatch", "my config.ini",
                           "-o", "out"],
                          capture_output=True, text=True, env={
                              "PATH": f"{folder}:{os.environ['PATH']}", "MEGALIF": "megalif",
                              "SLURM_CPUS_PER_TASK": "4", **slurm, **more})
    words = done.stdout.splitlines()
    return done.returncode, words[words.index("megalif") + 1:] if words else [], done.stderr


@pytest.mark.parametrize("array, more, task", [
    (range(8), {}, "0/8"), ([0], {}, "0/1"), ([3, 5], {"TASKS": "8"}, "3/8")])
def test_a_job_of_an_array_has_its_share(tmp_path, array, more, task):
    code, words, _ = run_array(tmp_path, list(array), **more)
    assert code == 0 and words == ["sweep", "my config.ini", "-o", "out", "--task", task, "--jobs",
                                   "4",
                                   "--threads", "4"]


@pytest.mark.parametrize("array, right", [(range(1, 9), "--array=0-7"), ([3, 5], "TASKS=N")])
def test_an_array_with_shares_that_nobody_runs_is_refused(tmp_path, array, right):
    code, words, said = run_array(tmp_path, list(array))
    assert code == 2 and not words and right in said
