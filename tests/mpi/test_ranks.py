"""A run of several ranks: the same files to the last bit as from one process, and one clear end for
all of them, whatever happens to one."""
import json
import os
import re
import shutil
import signal
import subprocess
import time

import pytest

import ranks
from faults import LIBRARY, left_in
from megalif import PROGRAM, ROOT, population, section, simulation
from pages import block
from rank_models import NEURONS, RECORDERS, SYNAPSES, assert_same_files, config


def alone(folder, path, *arguments):
    done = subprocess.run([PROGRAM, "run", path, "-q", "-o", folder / "one.h5", *arguments],
                          capture_output=True, text=True, cwd=folder)
    assert done.returncode in (0, 7), done.stderr
    return done


@pytest.fixture(autouse=True)
def mpi():
    ranks.need_mpi()


@pytest.mark.parametrize("precision, count, threads",
                         [("single", 2, 1), ("double", 2, 2), ("single", 3, 2), ("single", 7, 1)])
def test_network(tmp_path, precision, count, threads):
    path = config(tmp_path, NEURONS, SYNAPSES, RECORDERS, precision=precision)
    one = alone(tmp_path, path, "-t", "1")
    code, _, err = ranks.run(tmp_path, count, "run", path, "-q", "-o", "many.h5", "-t", threads)
    assert (code, err) == (0, one.stderr)
    assert_same_files(tmp_path)


def test_more_spikes_than_an_exchange_has_room_for(tmp_path):
    """None for 20 ms, then thousands in a block, which go in a second exchange; then few again."""
    many = section("population.many", size=3000, model="poisson", rate="4 kHz", start="20 ms",
                   stop="40 ms")
    path = config(tmp_path, NEURONS, SYNAPSES, RECORDERS, many,
                  section("projection.many", source="many", target="copies",
                          rule="fixed_indegree", indegree=20, weight="0.01 mV", delay="1 ms"))
    alone(tmp_path, path)
    code, _, err = ranks.run(tmp_path, 3, "run", path, "-q", "-o", "many.h5")
    assert code == 0, err
    assert_same_files(tmp_path)


@pytest.mark.parametrize("count, threads", [(2, 2), (4, 1)])
def test_without_projections(tmp_path, count, threads):
    path = config(tmp_path, NEURONS, RECORDERS)
    one = alone(tmp_path, path, "-t", "1")
    code, _, err = ranks.run(tmp_path, count, "run", path, "-q", "-o", "many.h5", "-t", threads)
    assert (code, err) == (0, one.stderr)
    assert_same_files(tmp_path)


@pytest.mark.parametrize("count", [1, 2, 3, 4])
@pytest.mark.parametrize("copies", [2, 11])
def test_what_copies_share(tmp_path, count, copies):
    """Rates and weights drawn for cells, of which a rank may have no copy, or one and a half."""
    path = config(tmp_path, section("population.a", size=1100, copies=copies, I_e="350 pA"),
                  section("input.slice", target="a[30:900]", type="poisson",
                          rate="lognormal(500 Hz, 1)", weight="uniform(0.2 mV, 1 mV)",
                          common="copies"),
                  section("input.noise", target="a", type="ou_noise", tau="3 ms",
                          mean="normal(20 pA, 20 pA)", std="uniform(20 pA, 90 pA)",
                          common="copies"),
                  section("record.j", population="a", what="jumps", neurons="all",
                          interval="0.5 ms"))
    alone(tmp_path, path, "-t", "1")
    code, _, err = ranks.run(tmp_path, count, "run", path, "-q", "-o", "many.h5", "-t", "2")
    assert code == 0, err
    assert_same_files(tmp_path)


@pytest.mark.parametrize("limit, code", [("simulation.stop_after_spikes=2000", 0),
                                         ("simulation.max_rate=60 Hz", 7)])
@pytest.mark.parametrize("synapses", ["", SYNAPSES], ids=["neurons", "network"])
def test_limits(tmp_path, synapses, limit, code):
    """The run ends with the step in which all ranks together meet the limit."""
    path = config(tmp_path, NEURONS, synapses, RECORDERS)
    one = alone(tmp_path, path, "--set", limit)
    assert one.returncode == code
    done = ranks.run(tmp_path, 2, "run", path, "-q", "-o", "many.h5", "--set", limit)
    assert done[0] == code and one.stderr in done[2]
    assert_same_files(tmp_path)


def test_ranks_without_a_neuron(tmp_path):
    path = config(tmp_path, section("population.few", size=100, I_e="400 pA"),
                  section("projection.few", source="few", target="few", rule="fixed_indegree",
                          indegree=10, weight="0.2 mV", delay="1 ms"),
                  section("record.v", population="few", what="V_m", neurons="all",
                          interval="1 ms"),
                  section("record.counts", population="all", what="counts"))
    alone(tmp_path, path)
    code, _, err = ranks.run(tmp_path, 3, "run", path, "-q", "-o", "many.h5")
    assert code == 0, err
    assert_same_files(tmp_path)


def test_mpich(tmp_path):
    ranks.need_mpi("mpich")
    path = config(tmp_path, NEURONS, SYNAPSES, RECORDERS)
    alone(tmp_path, path)
    code, _, err = ranks.run(tmp_path, 2, "run", path, "-q", "-o", "many.h5", mpi="mpich")
    assert code == 0, err
    assert_same_files(tmp_path)


def test_drawn_values_out_of_range_are_told_once_for_all(tmp_path):
    path = config(tmp_path, NEURONS)
    bad = ("--set", "population.a.C_m=normal(10 pF, 10 pF)")
    one = subprocess.run([PROGRAM, "run", path, *bad], capture_output=True, text=True)
    code, _, err = ranks.run(tmp_path, 3, "run", path, *bad)
    assert code == one.returncode == 2
    assert err.startswith(one.stderr), err
    assert left_in(tmp_path) == ["edges.csv", "run.ini"]


LONG = ("--set", "simulation.duration=1000 s", "-o", "many.h5", "-q", "-t", "1")


def wait_for(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def long_run(folder, count, *parts):
    path = config(folder, NEURONS, *parts)
    process = ranks.start(folder, count, "run", path, *LONG)
    wait_for(lambda: (folder / "many.h5.part").exists() or process.poll() is not None)
    return process


@pytest.mark.parametrize("rank", [0, 1])
def test_a_rank_that_is_killed_ends_all(tmp_path, rank):
    process = long_run(tmp_path, 2, SYNAPSES)
    time.sleep(0.2)
    os.kill(ranks.pids(process)[rank], signal.SIGKILL)
    code, _, err = ranks.finish(process, timeout=30)
    assert code != 0 and f"rank {rank}" in err and "Killed" in err
    assert not (tmp_path / "many.h5").exists()


def watch(folder, what):
    done = subprocess.run([PROGRAM, "watch", what, "--json"], cwd=folder, capture_output=True,
                          text=True, timeout=60)
    shown, = json.loads(done.stdout)["runs"]
    assert done.returncode == (shown["state"] == "gone"), done.stderr
    return shown


def test_watch_shows_ranks_as_one_run(tmp_path):
    """With the spikes of all; of a rank that is killed the run is gone."""
    path = tmp_path / "run.ini"
    path.write_text(simulation() + population("exc", 3000, I_e="500 pA"))
    process = ranks.start(tmp_path, 3, "run", path, *LONG, "--set", "simulation.duration=10000 s")
    try:
        wait_for((tmp_path / "many.h5.status").exists)
        shown = watch(tmp_path, ".")
        assert (shown["state"], shown["pid"]) == ("at work", ranks.pids(process)[0])
        # as in test_watch.py: the first spike after 9.5 ms, one each 11.5 ms
        steps = round(10 * shown["model_ms"])
        assert shown["spikes"] == 3000 * ((steps - 95) // 115 + 1) > 0
        os.kill(ranks.pids(process)[2], signal.SIGKILL)
        ranks.finish(process, timeout=60)
    finally:
        for pid in ranks.pids(process):  # of a test that failed
            os.kill(pid, signal.SIGKILL)
        process.kill()
    wait_for(lambda: watch(tmp_path, "many.h5")["state"] == "gone")  # mpirun does not wait for it


@pytest.mark.parametrize("rank", [0, 1])
def test_a_signal_to_one_rank_stops_all(tmp_path, rank):
    process = long_run(tmp_path, 2)
    os.kill(ranks.pids(process)[rank], signal.SIGTERM)
    code, _, err = ranks.finish(process, timeout=30)
    assert code == 130 and "interrupted at" in err and err.count("megalif:") == 1, err
    assert left_in(tmp_path) == ["edges.csv", "run.ini"]


@pytest.mark.parametrize("at", [3, 40])
def test_full_disk(tmp_path, at):
    """Of rank 0, which writes; the others end with its error."""
    path = config(tmp_path, NEURONS, SYNAPSES, RECORDERS)
    code, _, err = ranks.run(tmp_path, 2, "run", path, "-q", "-o", "many.h5",
                             LD_PRELOAD=str(LIBRARY), FAULT_FOLDER=str(tmp_path),
                             FAULT_CALL="pwrite", FAULT_AT=str(at), FAULT_KIND="ENOSPC",
                             FAULT_STAYS="1")
    assert code == 3 and "No space left on device" in err, err
    assert err.count("megalif: error") == 1
    assert left_in(tmp_path) == ["edges.csv", "run.ini"]


def test_an_error_of_another_rank_is_told_by_rank_0(tmp_path):
    path = config(tmp_path, section("population.a", size=100000000))
    limit = 'if [ "$OMPI_COMM_WORLD_RANK" = 1 ]; then ulimit -v 900000; fi; exec "$@"'
    command = ranks.command(2, "run", path, "-o", "many.h5")
    command[3:3] = ["sh", "-c", limit, "sh"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=60,
                          env={**os.environ, **ranks.OPEN_MPI})
    assert done.returncode == 4
    assert "megalif: error: rank 1 on " in done.stderr and "RLIMIT_AS" in done.stderr


def test_several_configs_are_refused(tmp_path):
    path = config(tmp_path, NEURONS)
    code, _, err = ranks.run(tmp_path, 2, "run", path, "run.ini")
    assert code == 2 and "one config" in err and err.count("megalif") >= 1
    assert left_in(tmp_path) == ["edges.csv", "run.ini"]


def test_a_config_from_standard_input(tmp_path):
    path = config(tmp_path, NEURONS, SYNAPSES, RECORDERS)
    with open(path) as text:
        subprocess.run([PROGRAM, "run", "-", "-q", "-o", "one.h5"], stdin=text, check=True,
                       cwd=tmp_path)
    with open(path) as text:
        code, _, err = ranks.run(tmp_path, 3, "run", "-", "-q", "-o", "many.h5", stdin=text)
    assert code == 0, err
    assert_same_files(tmp_path)


def test_a_wrong_config_from_standard_input_is_told_once(tmp_path):
    path = config(tmp_path, "[population.a]\nsize = no\n")
    with open(path) as text:
        code, _, err = ranks.run(tmp_path, 2, "run", "-", stdin=text)
    assert code == 2 and err.count("stdin:") == 1, err
    code, _, err = ranks.run(tmp_path, 2, "run", "-")  # an empty one
    assert code == 2 and err.count("there is no population") == 1, err


def test_a_run_that_is_done_is_left_out(tmp_path):
    path = config(tmp_path, NEURONS)
    for said, *more in (("",), ("many.h5 holds the results of this config already",),
                        ("many.h5 is complete already", "--resume")):
        code, _, err = ranks.run(tmp_path, 2, "run", path, "-o", "many.h5", *more)
        assert code == 0 and said in err and err.count("already") == (said != ""), err
    before = (tmp_path / "many.h5").read_bytes()
    code, _, err = ranks.run(tmp_path, 2, "run", path, "-o", "many.h5", "--resume", "--set",
                             "simulation.seed=4")
    assert code == 3 and err.count("without a checkpoint to go on from") == 1, err
    assert (tmp_path / "many.h5").read_bytes() == before


@pytest.mark.parametrize("page", ["README.md", "docs/mpi.md"])
def test_the_commands_of_the_pages(tmp_path, page):
    """Of a smaller network; srun's is in tests/slurm/jobs.py."""
    ranks.need_mpi()
    line = block(page, "mpirun -n 4 megalif run").splitlines()[0].split(" #")[0]
    (tmp_path / "configs").mkdir()
    small = re.sub(r"(?m)^size .*", "size = 400", (ROOT / "configs/brunel.ini").read_text())
    small = re.sub(r"(?m)^(duration|warmup) .*", r"\1 = 50 ms", small)
    (tmp_path / "configs/brunel.ini").write_text(small.replace("warmup = 50", "warmup = 10"))
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/megalif").symlink_to(PROGRAM)
    (tmp_path / "bin/mpirun").symlink_to(shutil.which(ranks.LAUNCHERS["openmpi"]))
    env = {**os.environ, **ranks.OPEN_MPI, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
    for command in (line, "megalif run configs/brunel.ini -o one.h5",
                    "megalif compare brunel.h5 one.h5"):
        done = subprocess.run(command.split(), cwd=tmp_path, env=env, text=True, timeout=200,
                              capture_output=True)
        assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("equal: ") and "equal: 0 spikes" not in done.stdout
