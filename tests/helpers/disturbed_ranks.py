"""Runs of several ranks that something ends before their time, and goes on from with others."""
import os
import random
import shutil
import signal
import subprocess
import time

import ranks
from faults import LIBRARY
from megalif import PROGRAM, section
from rank_models import NEURONS, RECORDERS, SYNAPSES, assert_same_files, config

# Thousands of spikes in a block after none: more than the first exchange has room for.
MANY = (section("population.many", size=3000, model="poisson", rate="4 kHz", start="20 ms",
                stop="120 ms")
        + section("projection.many", source="many", target="copies", rule="fixed_indegree",
                  indegree=20, weight="0.01 mV", delay="1 ms"))
# A run that is killed as its files have just got their names is complete: the checkpoint that it
# keeps says so.
CHECKPOINTS = section("checkpoint", every_model="4 ms")
COMMAND = ["run", "run.ini", "-q", "-o", "many.h5", "--resume", "-t", "1"]
HANGS = -signal.SIGKILL  # of mpirun: end_launcher
# What is said, and the exit codes: a signal may come before megalif listens, and ends it like any
# program, or while synapses are made; of a rank that MPI does not know yet mpirun says less.
KINDS = {"kill": ("Killed|the job has been aborted", (137, HANGS)),
         "signal": (r"stopped: .*go on with|interrupted|signal 1[05] ", (75, 130, 138, 143)),
         "disk": ("No space left on device", (3,))}
CALLS = ("pwrite", "fsync", "rename")


def undisturbed(folder):
    """The files of one process, which the disturbed runs are to give."""
    config(folder, NEURONS, SYNAPSES, RECORDERS, MANY, CHECKPOINTS, duration="150 ms")
    subprocess.run([PROGRAM, "run", "run.ini", "-q", "-o", "one.h5"], check=True, cwd=folder)
    shutil.rmtree(folder / "one.h5.checkpoint")


def act(process, kind, draw, delay):
    """On any one rank, `delay` seconds after their start; None: at any moment."""
    while kind != "disk" and process.poll() is None:
        found = ranks.pids(process)
        if found:
            time.sleep(draw.uniform(0, 1.5) if delay is None else delay)
            number = signal.SIGKILL if kind == "kill" else draw.choice((signal.SIGTERM,
                                                                        signal.SIGUSR1))
            try:
                os.kill(draw.choice(found), number)
            except ProcessLookupError:
                pass
            return


def end_launcher(process):
    """mpirun of Open MPI 4.1 may wait for ever once a rank was killed while it was connecting to
    it, though all others are ended, and it has said so."""
    end = time.monotonic() + 60
    while ranks.pids(process) and time.monotonic() < end:
        time.sleep(0.1)
    assert not ranks.pids(process), "a rank goes on, or hangs, when another was killed"
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()


def disturb(folder, seed, delay):
    """(kind, exit code, standard error) of the run that was ended."""
    draw = random.Random(seed)
    kind = list(KINDS)[seed % len(KINDS)]
    fault = {} if kind != "disk" else {
        "LD_PRELOAD": str(LIBRARY), "FAULT_FOLDER": str(folder), "FAULT_CALL": draw.choice(CALLS),
        "FAULT_AT": str(draw.randint(1, 60)), "FAULT_KIND": "ENOSPC", "FAULT_STAYS": "1"}
    fault["MEGALIF_EXCHANGE"] = draw.choice(("1", ""))  # with 1 no block's spikes go at once
    process = ranks.start(folder, draw.choice((2, 3)), *COMMAND, **fault)
    act(process, kind, draw, delay)
    if kind == "kill":
        end_launcher(process)
    code, _, err = ranks.finish(process)
    return kind, code, err


def go_on(folder, count):
    """(exit code, standard error) of the rest of the run on so many ranks."""
    if count > 1:
        code, _, err = ranks.run(folder, count, *COMMAND)
        return code, err
    done = subprocess.run([PROGRAM, *COMMAND], cwd=folder, capture_output=True, text=True)
    return done.returncode, done.stderr


def check(folder, whole, seed, delay=None):
    """Ended or not, the run goes on to the files of the undisturbed one in `whole`."""
    for path in whole.iterdir():
        shutil.copy(path, folder)
    kind, code, err = disturb(folder, seed, delay)
    again = 1 + seed % 3
    if code:
        after, more = go_on(folder, again)
        assert after == 0, f"{kind}: {err}\n{more}"
    shutil.rmtree(folder / "many.h5.checkpoint")
    (folder / "many.h5.status").unlink(missing_ok=True)  # of a run that was killed when complete
    assert_same_files(folder)
    return kind, code, err
