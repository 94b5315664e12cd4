"""Runs megalif as ranks of an MPI on this machine, for the tests."""
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest

from megalif import PROGRAM

# As root, on fewer cores than ranks, without ssh or network.
OPEN_MPI = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
            "OMPI_MCA_rmaps_base_oversubscribe": "1", "OMPI_MCA_hwloc_base_binding_policy": "none",
            "OMPI_MCA_btl": "self,vader", "OMPI_MCA_plm": "isolated"}
LAUNCHERS = {"openmpi": "mpirun.openmpi", "mpich": "mpirun.mpich"}


def mpis():
    """Those that the program was built with and that can launch it."""
    folder = Path(PROGRAM).parent
    return [mpi for mpi, launcher in LAUNCHERS.items()
            if shutil.which(launcher) and (folder / f"libmegalif-{mpi}.so").exists()]


def need_mpi(mpi="openmpi"):
    """Skips the test where ranks cannot be launched."""
    if mpi not in mpis():
        pytest.skip(f"{LAUNCHERS[mpi]} is not installed, or megalif was built without it")


def command(ranks, *arguments, mpi="openmpi"):
    return [LAUNCHERS[mpi], "-n", str(ranks), PROGRAM, *map(str, arguments)]


def start(folder, ranks, *arguments, mpi="openmpi", stdin=subprocess.DEVNULL, **environment):
    apart = tempfile.TemporaryDirectory(prefix="mpi")  # two launches would race in one
    process = subprocess.Popen(command(ranks, *arguments, mpi=mpi), cwd=folder, text=True,
                               stdin=stdin, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, start_new_session=True,
                               env={**os.environ, **OPEN_MPI, "TMPDIR": apart.name, **environment})
    process.apart = apart  # as long as the launch
    return process


def finish(process, timeout=120):
    """(exit code, stdout, stderr); a launch that hangs is killed, and fails the test."""
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        pytest.fail(f"the ranks hang\n{out}\n{err}")
    return process.returncode, out, err


def run(folder, ranks, *arguments, **more):
    return finish(start(folder, ranks, *arguments, **more))


def pids(process):
    """Of the ranks that mpirun has started, in their order."""
    found = {}
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "environ").read_bytes().split(b"\0")
            if os.readlink(entry / "exe") == os.path.realpath(PROGRAM) and \
                    os.getpgid(int(entry.name)) and os.getsid(int(entry.name)) == process.pid:
                rank = dict(word.split(b"=", 1) for word in words if b"=" in word)
                found[int(rank[b"OMPI_COMM_WORLD_RANK"])] = int(entry.name)
        except (OSError, ValueError, KeyError):
            pass
    return [found[rank] for rank in sorted(found)]
