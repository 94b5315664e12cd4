"""megalif watch: a run at work, one that was killed, one that has ended, and what is no run."""
import contextlib
import json
import os
import signal
import subprocess
import time

import pytest

from megalif import PROGRAM, population, simulation


def watch(*arguments, cwd, code=0):
    done = subprocess.run([PROGRAM, "watch", *map(str, arguments)], cwd=cwd, capture_output=True,
                          text=True, timeout=60, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout


def document(*arguments, **more):
    return json.loads(watch(*arguments, "--json", **more))


def await_status(folder, name, process):
    for _ in range(3000):
        if (folder / f"{name}.status").exists():
            return
        assert process.poll() is None
        time.sleep(0.01)
    raise AssertionError("no status came")


@pytest.fixture
def config(tmp_path):
    text = (simulation(duration="10000 s") + population("exc", 20000, I_e="500 pA") +
            population("inh", 10000))
    (tmp_path / "long.ini").write_text(text)
    return tmp_path


@contextlib.contextmanager
def running(folder, output):
    with subprocess.Popen([PROGRAM, "run", "long.ini", "-qo", output], cwd=folder,
                          stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.terminate()


@pytest.fixture
def run(config):
    with running(config, "o.h5") as process:
        await_status(config, "o.h5", process)
        yield process
        process.kill()


def test_a_run_at_work_and_its_end(config, run):
    said = document("o.h5", cwd=config)
    shown, = said["runs"]
    assert (shown["state"], shown["output"], shown["pid"]) == ("at work", "o.h5", run.pid)
    assert 0 < shown["model_ms"] < shown["duration_ms"] == 1e7 and shown["left_s"] > 0
    exc, inh = shown["populations"]
    assert shown["spikes"] == exc["spikes"] > 0 == inh["spikes"]
    # R = 80 MOhm: tau_m log(40 / 25) = 9.40007 ms to V_th, 9.5 on the grid, and t_ref = 2 ms
    steps = round(10 * shown["model_ms"])
    assert exc["spikes"] == 20000 * ((steps - 95) // 115 + 1)
    text = watch("o.h5", cwd=config)
    assert text.startswith("o.h5: at work, ") and f"process {run.pid} on " in text
    assert "at work" in watch(config, cwd=config)
    run.terminate()
    run.wait(timeout=60)
    assert not list(config.glob("o.h5.status*"))
    watch("o.h5", cwd=config, code=3)


def test_a_run_that_was_killed(config, run):
    run.send_signal(signal.SIGKILL)
    os.waitid(os.P_PID, run.pid, os.WEXITED | os.WNOWAIT)  # a zombie now
    said = document("o.h5", cwd=config, code=1)
    assert said["runs"][0]["state"] == "gone" and said["exit_code"] == 1
    run.wait()
    assert "1 gone" in watch(".", cwd=config, code=1)
    left = (config / "o.h5.status").read_bytes()
    short = ["--set", "simulation.duration=1 ms"]
    subprocess.run([PROGRAM, "run", "long.ini", "-qfo", "o.h5", *short], cwd=config, check=True)
    assert not (config / "o.h5.status").exists()  # though that run was too short for one
    (config / "o.h5.status").write_bytes(left)  # as if it had been killed at its very end
    assert "finished" in watch("o.h5", cwd=config) and "0 gone" in watch(".", cwd=config)


def test_another_machine_is_judged_by_its_last_word(config, run):
    run.send_signal(signal.SIGSTOP)
    path = config / "o.h5.status"
    lines = path.read_text().splitlines()
    lines[2] = "host elsewhere"
    for age, state in ((5, "at work"), (100, "silent")):
        lines[4] = f"updated {time.time() - age:.3f}"
        (config / "other.h5.status").write_text("\n".join(lines) + "\n")
        shown, = document("other.h5", cwd=config, code=state == "silent")["runs"]
        assert (shown["state"], shown["host"]) == (state, "elsewhere")
        assert shown["age_s"] == pytest.approx(age, abs=3)


def test_rates_of_bins_that_are_over(config):
    bins = [100, 200] + 46 * [0]
    (config / "x.h5.status").write_text(
        "megalif status 1\npid 1 0\nhost elsewhere\nstarted 1\nupdated 1\nms 25 480 0 0\n"
        f"elapsed 2\nneurons 10\nspikes 350\nsynapses 0 0\npopulations 1\n"
        f"a 10 350 {' '.join(map(str, bins))}\nend\n")
    shown, = document("x.h5", cwd=config, code=1)["runs"]
    # bins of 10 ms, of which two are over
    assert shown["populations"][0]["rates_Hz"] == [1000, 2000] + 46 * [None]
    assert shown["populations"][0]["mean_rate_Hz"] == 1400
    assert shown["left_s"] == pytest.approx(2 * (480 - 25) / 25)


@pytest.mark.parametrize("model_ms, shown", [(9, False), (11, True)])
def test_no_picture_before_its_first_bin_is_over(config, model_ms, shown):
    (config / "x.h5.status").write_text(
        f"megalif status 1\npid 1 0\nhost elsewhere\nstarted 1\nupdated 1\nms {model_ms} 480 0 0\n"
        f"elapsed 2\nneurons 10\nspikes 90\nsynapses 0 0\npopulations 1\n"
        f"a 10 90 {' '.join(['90'] + 47 * ['0'])}\nend\n")
    assert ("up to 900 Hz" in watch("x.h5", cwd=config, code=1)) == shown
    assert ("up to" in watch("x.h5", cwd=config, code=1)) == shown


def test_a_run_that_was_stopped_has_a_checkpoint_to_go_on_from(config):
    """Where its output is asked for, it is told; not once the output is there."""
    stopped = ["--checkpoint", "--max-wall", "1 s"]
    subprocess.run([PROGRAM, "run", "long.ini", "-qo", "o.h5", *stopped], cwd=config, timeout=60)
    for command in (["watch", "o.h5"], ["info", "o.h5"], ["plot", "o.h5", "-o", "o.png"]):
        done = subprocess.run([PROGRAM, *command], cwd=config, capture_output=True, text=True,
                              timeout=60, check=False)
        assert done.returncode == 3 and "o.h5.checkpoint" in done.stderr, command
        assert "--resume goes on, unless it is still at work (megalif watch o.h5)" in done.stderr
    (config / "o.h5").write_text("something else\n")
    assert "checkpoint" not in subprocess.run([PROGRAM, "info", "o.h5"], cwd=config, text=True,
                                              capture_output=True, check=False).stderr


def test_what_is_finished_and_what_is_no_run(config):
    subprocess.run([PROGRAM, "run", "long.ini", "-qo", "short.h5", "--set",
                    "simulation.duration=10 ms"], cwd=config, check=True)
    assert document("short.h5", cwd=config)["finished"] is True
    assert "finished" in watch("short.h5", cwd=config)
    assert not list(config.glob("*.status"))
    (config / "none.h5.status").write_text("megalif status 1\npid 1 2\n")
    assert document("none.h5", cwd=config, code=3)["errors"][0]["text"].startswith("no run writes")
    watch("nothing.h5", cwd=config, code=3)
    watch("long.ini", cwd=config, code=3)
    assert document(".", cwd=config)["runs"] == []


def test_nobody_elses_file_is_replaced(config):
    """The other run begins later: when it has a status, this one has tried to write its own."""
    (config / "o.h5.status").write_text("mine\n")
    with running(config, "o.h5"), running(config, "other.h5") as other:
        await_status(config, "other.h5", other)
        time.sleep(1)
    assert (config / "o.h5.status").read_text() == "mine\n"
    assert sorted(path.name for path in config.iterdir()) == ["long.ini", "o.h5.status"]
