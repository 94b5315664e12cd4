"""What becomes of checkpoints and outputs where a run is joined, refused, begun anew over an
earlier one, or stopped twice: nothing that could still be gone on from is lost."""
import os
import signal
import subprocess
import time

import pytest

import faults
from megalif import PROGRAM, section, simulation
from test_checkpoint import (assert_same_file, folder_of, megalif, place, stop_at_checkpoints,
                             # noqa: F401
                             undisturbed)


def go_on(ini, out, *more):
    return megalif("run", ini, "-o", out, "--resume", "-q", *more)


def test_joined_before_its_end_it_still_goes_on(place, undisturbed):  # noqa: F811
    """Also where a finished run would keep no checkpoint."""
    ini, out = place
    stop_at_checkpoints(ini, out, 2, more=["--set", "checkpoint.keep=no"])
    assert megalif("join", out).returncode == 0
    assert out.exists() and (folder_of(out) / "checkpoint").exists()
    done = go_on(ini, out, "--set", "checkpoint.keep=no")
    assert done.returncode == 0, done.stderr
    assert_same_file(out, undisturbed)
    assert not folder_of(out).exists()


def test_a_run_without_a_raster_can_be_joined(place):  # noqa: F811
    ini, out = place
    stop_at_checkpoints(ini, out, 2, more=["--no-raster"])
    done = megalif("join", out)
    assert done.returncode == 0, done.stderr
    assert out.exists()


def test_a_finished_run_whose_output_was_removed_says_what_to_do(place, undisturbed):  # noqa: F811
    ini, out = place
    assert megalif("run", ini, "-o", out, "-q", "--checkpoint").returncode == 0
    out.rename(out.parent / "elsewhere.h5")
    done = go_on(ini, out)
    assert done.returncode == 5 and f"{out}, a part of the run, cannot be read" in done.stderr
    cure = "put back what is missing, or start anew with --force in place of --resume"
    assert cure in done.stderr
    (out.parent / "elsewhere.h5").rename(out)
    assert go_on(ini, out).returncode == 0
    out.unlink()
    assert megalif("run", ini, "-o", out, "-q", "--checkpoint", "--force").returncode == 0
    assert_same_file(out, undisturbed)


@pytest.mark.parametrize("setting, code", [("population.exc.size=1e12", 4),
                                           ("population.exc.tau_m=normal(10 ms, 5 ms)", 2)])
def test_what_is_refused_with_force_has_removed_nothing(place, undisturbed, setting,
                                                        code):  # noqa: F811
    ini, out = place
    stop_at_checkpoints(ini, out, 2)
    before = sorted(path.name for path in folder_of(out).iterdir())
    done = megalif("run", ini, "-o", out, "-q", "--checkpoint", "--force", "--set", setting)
    assert done.returncode == code, done.stderr
    assert sorted(path.name for path in folder_of(out).iterdir()) == before
    assert go_on(ini, out).returncode == 0
    assert_same_file(out, undisturbed)


def test_begun_anew_over_a_file_it_goes_on_without_force(place, undisturbed):  # noqa: F811
    ini, out = place
    out.write_text("of an earlier run")
    stop_at_checkpoints(ini, out, 2, begin=["--checkpoint", "--force"])
    assert out.read_text() == "of an earlier run"
    stop_at_checkpoints(ini, out, 1)
    done = go_on(ini, out)
    assert done.returncode == 0, done.stderr
    assert_same_file(out, undisturbed)


def test_killed_after_joining_it_goes_on_again_and_again(place, undisturbed):  # noqa: F811
    """Killed when the joined file has its name and the checkpoint does not know it yet."""
    ini, out = place
    stop_at_checkpoints(ini, out, 2)
    for at in range(1, 9):
        killed = faults.megalif(out.parent, "join", out, call="rename", at=at, kind="kill")
        if out.exists():
            break
    assert killed.returncode == -signal.SIGKILL and out.exists()
    stop_at_checkpoints(ini, out, 2)  # the first is that of before
    done = go_on(ini, out)
    assert done.returncode == 0, done.stderr
    assert_same_file(out, undisturbed)


@pytest.mark.parametrize("has_previous", [True, False])
def test_a_checkpoint_that_cannot_be_opened_is_not_passed_over(place, undisturbed,  # noqa: F811
                                                               has_previous):
    """It may be whole: going on from the one before it, or anew, would lose it."""
    ini, out = place
    stop_at_checkpoints(ini, out, 3)
    if not has_previous:
        (folder_of(out) / "checkpoint.prev").unlink(missing_ok=True)
    newest, hidden = folder_of(out) / "checkpoint", folder_of(out).parent / "hidden"
    newest.rename(hidden)
    newest.symlink_to("checkpoint")  # ELOOP
    done = go_on(ini, out)
    assert done.returncode == 3 and f"cannot open {newest}" in done.stderr
    assert newest.is_symlink()
    hidden.rename(newest)
    assert go_on(ini, out).returncode == 0
    assert_same_file(out, undisturbed)


@pytest.mark.parametrize("options, kept",
                         [(["-cfq"], "-q"), (["-c", "-f", "-q"], "-q"), (["-fct1", "-q"], "-t1 -q"),
                          (["--checkpoint", "--force", "-qf", "-t", "1"], "-q -t 1")])
def test_the_command_that_goes_on_is_told(place, undisturbed, options, kept):  # noqa: F811
    ini, out = place
    done = megalif("run", ini, "-o", out, *options, "--max-wall", "0.02 s")
    assert done.returncode == 75, done.stderr
    told = f"megalif run {ini} -o {out} {kept} --max-wall '0.02 s' --resume"
    assert f"go on with: {told}" in done.stderr, done.stderr
    assert go_on(ini, out).returncode == 0
    assert_same_file(out, undisturbed)


LONG = (simulation(duration="24 s", seed=7) + section("population.a", size=3000, I_e="600 pA")
        + section("input.noise", target="a", type="white_noise", std="50 pA")
        + "[sweep]\npopulation.a.I_e = grid(600 pA, 620 pA, 2)\n[checkpoint]\nevery_wall = 50 ms\n")


def test_a_sweep_takes_no_part_of_a_run_for_the_whole_and_no_second_signal_kills(tmp_path):
    """Stopped by one SIGTERM after another until it ends, each point has its checkpoint; one that
    is then joined as it stands is still to be done."""
    (tmp_path / "s.ini").write_text(LONG)
    process = subprocess.Popen([PROGRAM, "sweep", "s.ini", "-j", "2"], cwd=tmp_path,
                               stderr=subprocess.DEVNULL)
    folder = tmp_path / "s.sweep"
    end = time.monotonic() + 60
    while len(list(folder.glob("*.checkpoint/checkpoint"))) < 2 and time.monotonic() < end:
        time.sleep(0.005)
    while process.poll() is None and time.monotonic() < end:
        process.send_signal(signal.SIGTERM)
        time.sleep(0.0005)
    assert process.wait(0) == 75
    assert (not list(folder.glob("*.part"))
            and len(list(folder.glob("*.checkpoint/checkpoint"))) == 2)
    done = megalif("sweep", "s.ini", "--set", "simulation.seed=8", cwd=tmp_path)
    assert (done.returncode == 1
            and "seed: 7 before, 8 now; s.ini: the run in " in done.stderr), done.stderr
    assert megalif("join", folder / "I_e=600pA.h5").returncode == 0
    done = megalif("sweep", "s.ini", "-j", 2, cwd=tmp_path)
    assert done.returncode == 0 and "had been before" not in done.stderr, done.stderr
    assert megalif("sweep", "s.ini", "-o", "whole", "-j", 2, cwd=tmp_path).returncode == 0
    rows = [[line.split(",")[:-1]
             for line in (tmp_path / name / "table.csv").read_text().splitlines()]
            for name in ("s.sweep", "whole")]
    digest = rows[0][0].index("digest")
    assert [row[digest] for row in rows[0]] == [row[digest] for row in rows[1]]
    assert os.path.exists(folder / "I_e=600pA.h5")
