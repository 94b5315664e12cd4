"""A sweep takes the SHA-256 of what its points read once for all of them, and none but of the file
as it is."""
import hashlib
import os
import subprocess
from pathlib import Path

import h5py
import pytest

from megalif import PROGRAM, section, simulation

COUNTS = Path(PROGRAM).resolve().parent / "tests/preload/digests.so"


def model(folder, **sweep):
    """Points that read in.csv, and others that read more."""
    for name in ("in", "more"):
        (folder / f"{name}.csv").write_text(f"{name}\n" + "0.5\n" * 50)
    (folder / "s.ini").write_text(
        simulation(duration="5 ms") + section("population.a", size=3, I_e="200 pA")
        + section("input.x", target="a", type="file", file="in.csv")
        + "[sweep]\n" + "".join(f"{key} = {value}\n" for key, value in sweep.items()))


def sweep(folder, *arguments, **environment):
    """How many digests the sweep itself took, and how many its points."""
    log = folder / "log"
    log.unlink(missing_ok=True)
    done = subprocess.Popen([PROGRAM, "sweep", "s.ini", "-q", "-t1", *arguments], cwd=folder,
                            stderr=subprocess.PIPE, text=True,
                            env=dict(os.environ, LD_PRELOAD=str(COUNTS), DIGESTS_LOG=str(log),
                                     **environment))
    stderr = done.communicate()[1]
    assert done.returncode == 0, stderr
    processes = log.read_text().split() if log.exists() else []
    own = processes.count(str(done.pid))
    return own, len(processes) - own


def told(path):
    with h5py.File(path) as file:
        return file["megalif/files/input.x/file"].attrs["sha256"].decode()


def of(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(autouse=True)
def dynamic():
    if "libcrypto" not in subprocess.run(["readelf", "-d", PROGRAM], capture_output=True,
                                         text=True).stdout:
        pytest.skip("libcrypto is in the program: its calls cannot be counted")


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_file_is_hashed_once_for_all_points(tmp_path, jobs):
    model(tmp_path, **{"population.a.I_e": "grid(200 pA, 300 pA, 7)"})
    assert sweep(tmp_path, "-j", str(jobs)) == (1, 0)
    for path in (tmp_path / "s.sweep").glob("I_e*.h5"):
        assert told(path) == of(tmp_path / "in.csv")


def test_files_that_differ_between_points_are_hashed_once_each(tmp_path):
    model(tmp_path, **{"input.x.file": "values(in.csv; more.csv)",
                       "simulation.seed": "range(1:5)"})
    assert sweep(tmp_path) == (2, 0)
    for path in (tmp_path / "s.sweep").glob("file*.h5"):
        assert told(path) == of(tmp_path / ("in.csv" if "in.csv" in path.name else "more.csv"))


def test_a_file_of_one_point_is_left_to_it(tmp_path):
    """The first point would wait for the digests of all others."""
    model(tmp_path, **{"input.x.file": "values(in.csv; more.csv)"})
    assert sweep(tmp_path) == (0, 2)


def test_no_more_files_are_hashed_than_are_remembered(tmp_path):
    model(tmp_path, **{"population.a.I_e": "values(200 pA; 300 pA)"})
    text = (tmp_path / "s.ini").read_text()
    for i in range(299):
        (tmp_path / f"{i}.csv").write_text(f"x\n{i}\n")
        text = section(f"input.i{i}", target="a", type="file", file=f"{i}.csv",
                       stop="0.1 ms") + text
    (tmp_path / "s.ini").write_text(text)
    assert sweep(tmp_path) == (256, 2 * 44)


def test_points_that_are_done_need_no_digest(tmp_path):
    model(tmp_path, **{"population.a.I_e": "grid(200 pA, 300 pA, 3)"})
    assert sweep(tmp_path) == (1, 0)
    assert sweep(tmp_path) == (0, 0)


def test_a_run_looks_whether_it_is_the_same_file(tmp_path):
    """Digests that some other process has left, be they wrong, of files that were others."""
    model(tmp_path)
    stat = (tmp_path / "in.csv").stat()
    seconds = [f"{ns // 10**9}.{ns % 10**9:09}" for ns in (stat.st_mtime_ns, stat.st_ctime_ns)]
    for name, size, used in (("same", stat.st_size, True), ("other", stat.st_size + 1, False)):
        line = f"{'ab' * 32} {stat.st_dev} {stat.st_ino} {size} {' '.join(seconds)}\n"
        subprocess.run([PROGRAM, "run", "s.ini", "-q", "-o", f"{name}.h5", "--set",
                        "population.a.size=4"], cwd=tmp_path, check=True,
                       env=dict(os.environ, MEGALIF_FILE_DIGESTS=line))
        assert told(tmp_path / f"{name}.h5") == ("ab" * 32 if used else of(tmp_path / "in.csv"))
