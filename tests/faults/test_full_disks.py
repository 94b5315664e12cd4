"""Disks that are full sooner or later, limits on the size of a file, folders that are missing or
cannot be written: a run is complete, or ends with a clear message and leaves nothing."""
import contextlib
import resource
import shutil
import subprocess

import pytest

import faults
from megalif import PROGRAM, section
from test_faults import CONFIG

STORED = CONFIG + section("output", compression="none")


def megalif(folder, *arguments, **more):
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True,
                          cwd=folder, timeout=120, **more)


@contextlib.contextmanager
def disk(folder, size):
    """A file system of so many KiB, empty."""
    folder.mkdir(exist_ok=True)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}k", "none", str(folder)],
                          capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"a small file system cannot be mounted: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture(scope="module")
def complete(tmp_path_factory):
    """The config's path, and what an undisturbed run writes."""
    folder = tmp_path_factory.mktemp("complete")
    ini = folder / "x.ini"
    ini.write_text(STORED)
    assert megalif(folder, "run", ini, "-o", "x.h5", "-q").returncode == 0
    return ini, faults.contents(folder / "x.h5"), (folder / "x.h5").stat().st_size


def judge(done, folder, expected, reason):
    """True: complete; False: failed as it should."""
    if done.returncode == 0:
        assert not faults.differ(folder / "x.h5", expected)
        return True
    assert done.returncode == 3 and reason in done.stderr and "x.h5" in done.stderr, done.stderr
    assert faults.left_in(folder) == []
    return False


def test_a_sweep_warns_of_its_disk_once(complete, tmp_path):
    """Each point's warning names another file, and other sizes."""
    with disk(tmp_path / "disk", 64) as small:
        done = megalif(tmp_path, "sweep", complete[0], "-o", small / "s",
                       "--vary", "simulation.seed=range(1:5)")
        assert (done.returncode == 1
                and done.stderr.count("No space left on device") == 4), done.stderr
        assert done.stderr.count("are free there") == 1 and "(in seed=1)" in done.stderr


def test_disks_of_all_sizes(complete, tmp_path):
    ini, expected, size = complete
    outcomes = []
    for share in (0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97, 1, 1.2):
        with disk(tmp_path / "disk", max(4, int(share * size / 1024))) as small:
            done = megalif(small, "run", ini, "-o", "x.h5", "-q")
            outcomes.append(judge(done, small, expected, "No space left on device"))
    assert outcomes == sorted(outcomes) and {True, False} == set(outcomes)


def test_limits_on_the_size_of_a_file(complete, tmp_path):
    ini, expected, size = complete
    outcomes = []
    for share in (0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97, 0.99, 1, 1.2):
        most = int(share * size)
        done = megalif(tmp_path, "run", ini, "-o", "x.h5", "-q", "-f",
                       preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)))
        outcomes.append(judge(done, tmp_path, expected, "File too large"))
    assert outcomes == sorted(outcomes) and {True, False} == set(outcomes)


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_a_plot_on_a_full_disk(complete, tmp_path, ending):
    """gnuplot itself says nothing."""
    if not shutil.which("gnuplot"):
        pytest.skip("gnuplot is not installed")
    assert megalif(tmp_path, "run", complete[0], "-o", "x.h5", "-q").returncode == 0
    with disk(tmp_path / "disk", 4) as small:
        done = megalif(tmp_path, "plot", "x.h5", "-o", small / f"x.{ending}")
        assert done.returncode == 3 and f"cannot write {small}/x.{ending}: gnuplot" in done.stderr
        assert faults.left_in(small) == []
    assert megalif(tmp_path, "plot", "x.h5", "-o", f"x.{ending}").returncode == 0


def test_a_missing_folder(complete, tmp_path):
    done = megalif(tmp_path, "run", complete[0], "-o", "no/such/x.h5")
    assert done.returncode == 3
    assert done.stderr == (
        "megalif: error: cannot write no/such/x.h5: directory no/such: No such file "
                           "or directory; create it, or choose another name\n")


def test_a_folder_that_is_a_file(complete, tmp_path):
    (tmp_path / "file").write_text("")
    done = megalif(tmp_path, "run", complete[0], "-o", "file/x.h5")
    assert done.returncode == 3 and "cannot write file/x.h5" in done.stderr


def test_a_read_only_file_system(complete, tmp_path):
    with disk(tmp_path / "disk", 1000) as small:
        subprocess.run(["mount", "-o", "remount,ro", str(small)], check=True)
        done = megalif(small, "run", complete[0], "-o", "x.h5")
        assert done.returncode == 3 and "x.h5" in done.stderr
        assert "Read-only file system" in done.stderr
        assert faults.left_in(small) == []
