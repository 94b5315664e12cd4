"""Checkpoints of several ranks: the files of one process, which any number of ranks goes on from,
to what an undisturbed run writes."""
import os
import shutil
import struct
import subprocess

import pytest

import ranks
from faults import left_in
from megalif import PROGRAM, section
from rank_models import NEURONS, RECORDERS, SYNAPSES, assert_same_files, config

EVERY = section("checkpoint", every_model="7.3 ms")


@pytest.fixture(autouse=True)
def mpi():
    ranks.need_mpi()


def run(folder, count, *arguments, mpi="openmpi", **environment):
    """(exit code, standard error) of so many ranks; 1: of a plain process."""
    if count > 1:
        code, _, err = ranks.run(folder, count, "run", "run.ini", "-q", *arguments, mpi=mpi,
                                 **environment)
        return code, err
    done = subprocess.run([PROGRAM, "run", "run.ini", "-q", *map(str, arguments)], cwd=folder,
                          capture_output=True, text=True, env={**os.environ, **environment})
    return done.returncode, done.stderr


def until(folder, count, ms, *arguments, output="many.h5", **more):
    """The run up to so many ms, the last of which has a checkpoint."""
    code, err = run(folder, count, "-o", output, "--resume", "-t", "1",
                    "--set", f"simulation.duration={ms} ms", *arguments, **more)
    assert code == 0, err


def state(folder, name):
    """The sections of a checkpoint, but for the lengths of the output's files."""
    data = (folder / f"{name}.h5.checkpoint/checkpoint").read_bytes()
    count, table = struct.unpack_from("=QQ", data, 24)
    found, at = {}, 64
    for i in range(count):
        section_name, length = struct.unpack_from("=192sQ", data, table + 200 * i)
        found[section_name.rstrip(b"\0").decode()] = data[at:at + length]
        at += length
    return {key: value for key, value in found.items() if not key.endswith("segments")}


@pytest.mark.parametrize("synapses", ["", SYNAPSES], ids=["neurons", "network"])
@pytest.mark.parametrize("counts", [(2, 1), (1, 3), (3, 2), (2, 7)])
def test_another_number_of_ranks_goes_on(tmp_path, synapses, counts):
    """What stays in the checkpoint is the state that one process has, too."""
    config(tmp_path, NEURONS, synapses, RECORDERS, EVERY)
    for output, parts in (("one.h5", (1, 1)), ("many.h5", counts)):
        for count, ms in zip(parts, (31.7, 60)):
            until(tmp_path, count, ms, output=output)
        saved = tmp_path / f"{output}.checkpoint"
        assert left_in(saved) == ["checkpoint", "lock"]
    assert state(tmp_path, "one") == state(tmp_path, "many")
    shutil.rmtree(tmp_path / "one.h5.checkpoint")
    shutil.rmtree(tmp_path / "many.h5.checkpoint")
    assert_same_files(tmp_path)


def test_fields_longer_than_a_piece(tmp_path):
    """A MiB is gathered at a time: here a rank's part begins and ends within one."""
    config(tmp_path, section("population.a", size=400001, I_e="normal(390 pA, 30 pA)",
                             V_m="uniform(-70 mV, -55 mV)"), EVERY)
    for output, parts in (("one.h5", (1, 1)), ("many.h5", (3, 2))):
        for count, ms in zip(parts, (12, 20)):
            until(tmp_path, count, ms, output=output)
    assert state(tmp_path, "one") == state(tmp_path, "many")
