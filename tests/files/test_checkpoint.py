"""Checkpoints: a run that was interrupted goes on to the file of an undisturbed one; what must be
refused is refused."""
import os
import re
import shutil
import signal
import subprocess
import time

import h5py
import numpy as np
import pytest

from megalif import PROGRAM, section, simulation

# Every kind of state: drawn refractory times, coloured noise on a slice, held noise, counts.
MODEL = (section("population.exc", size=8000, I_e="normal(420 pA, 15 pA)",
                 t_ref="uniform(1 ms, 4 ms)", V_m="uniform(-70, -55)")
         + section("population.inh", size=700, I_e="500 pA")
         + section("population.none", size=300, I_e="500 pA")
         + section("input.ou", target="exc[100:3000], inh", type="ou_noise", mean="20 pA",
                   std="200 pA", tau="5 ms", start="150 ms")
         + section("input.held", target="all", type="white_noise", std="400 pA", hold="0.7 ms")
         + section("input.p", target="exc[0:1000], inh", type="poisson", rate="5 kHz",
                   weight="0.2 mV")
         + section("record.counts", population="inh, exc", what="counts")
         + section("record.off", population="none", what="spikes", neurons="none"))
DURATION = 400
WAYS = [{"MEGALIF_ISA": "scalar", "MEGALIF_TILE": "128", "MEGALIF_BLOCK": "7"}, {},
        {"MEGALIF_ISA": "avx2", "MEGALIF_TILE": "640", "MEGALIF_BLOCK": "33"},
        {"MEGALIF_TILE": "4096", "MEGALIF_BLOCK": "100"}]


def config(duration=DURATION, **checkpoint):
    return (simulation(duration=f"{duration} ms", warmup="50 ms") + MODEL
            + (section("checkpoint", **checkpoint) if checkpoint else ""))


def megalif(*arguments, way=None, **more):
    environment = {**os.environ, **(way or {})}
    if environment.get("MEGALIF_ISA") == "avx2" and not can("avx2"):
        del environment["MEGALIF_ISA"]
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True,
                          timeout=120,
                          env=environment, **more)


def can(isa):
    line = next(line
                for line in subprocess.run([PROGRAM, "--version"], capture_output=True, text=True)
                .stdout.splitlines() if "this CPU" in line)
    return isa in line


def part(ini, out, until, *more, way=None):
    """Goes on up to `until`."""
    done = megalif("run", ini, "-o", out, "--resume", "--quiet",
                   "--set", f"simulation.duration={until}",
                   *more, way=way)
    assert done.returncode == 0, done.stderr


def raw_chunks(dataset):
    """As they lie in the file; of traces, whose last chunk may end in anything, the values."""
    if dataset.chunks and len(dataset.shape) > 1:
        return dataset[()].tobytes()
    return [dataset.id.read_direct_chunk((i * dataset.chunks[0],))
            for i in range(dataset.id.get_num_chunks())] if dataset.chunks else dataset[
                    ()].tobytes()


def attributes(thing, but=()):
    return {key: str(value) for key, value in thing.attrs.items() if key not in but}


def assert_same_file(a, b, but=()):
    """Everything but what varies from run to run, and the resolved config's [output],
    [checkpoint]."""
    with h5py.File(a) as one, h5py.File(b) as two:
        names = [[], []]
        for file, seen in zip((one, two), names):
            file.visit(seen.append)
        assert names[0] == names[1]
        for name in names[0]:
            if name.startswith("megalif/run") or name == "megalif/config":
                continue
            x, y = one[name], two[name]
            assert attributes(x, but) == attributes(y, but), name
            if isinstance(x, h5py.Dataset):
                assert x.shape == y.shape and x.dtype == y.dtype and x.chunks == y.chunks, name
                assert raw_chunks(x) == raw_chunks(y), name


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The file of a run without checkpoints, in one go."""
    folder = tmp_path_factory.mktemp("undisturbed")
    (folder / "c.ini").write_text(config())
    assert megalif("run", folder / "c.ini", "-o", folder / "plain.h5", "-q").returncode == 0
    with h5py.File(folder / "plain.h5") as file:
        assert file["spikes/exc/node_ids"].shape[0] > 2 * 65536  # several whole chunks
        assert 0 < file["spikes/inh/node_ids"].shape[0] < 65536  # and none
    return folder / "plain.h5"


@pytest.fixture
def place(tmp_path):
    (tmp_path / "c.ini").write_text(config())
    return tmp_path / "c.ini", tmp_path / "x.h5"


def folder_of(out):
    return out.with_name(out.name + ".checkpoint")


def stop_at_checkpoints(ini, out, count, every="60 ms", way=None, more=(), begin=("--resume",)):
    """Kills a run with SIGKILL once it has written so many checkpoints."""
    process = subprocess.Popen([PROGRAM, "run", str(ini), "-o", str(out), *begin, "-q", "-t", "1",
                                "--set", f"checkpoint.every_model={every}", *more],
                               stderr=subprocess.PIPE, env={**os.environ, "MEGALIF_BLOCK": "10",
                                                            **(way or {})})
    seen, last = 0, None
    while seen < count and process.poll() is None:
        try:
            now = os.stat(folder_of(out) / "checkpoint").st_ino
        except FileNotFoundError:
            now = None
        seen, last = seen + (now is not None and now != last), now
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait()


def test_checkpoints_change_nothing(place, undisturbed):
    ini, out = place
    done = megalif("run", ini, "-o", out, "-q", "--set", "checkpoint.every_model=30 ms")
    assert done.returncode == 0, done.stderr
    assert_same_file(out, undisturbed)
    assert sorted(p.name for p in folder_of(out).iterdir()) == ["checkpoint", "lock"]


def test_stopped_and_resumed_in_other_ways_equals_undisturbed(place, undisturbed):
    """Stops at steps that divide neither tiles nor blocks, inside a held value, before the coloured
    noise begins; goes on with other threads, tiles, blocks and instruction sets."""
    ini, out = place
    for i, until in enumerate(("93.7 ms", "171.1 ms", "233.3 ms", f"{DURATION} ms")):
        part(ini, out, until, "-t", 1 + i % 2, way=WAYS[i])
    assert_same_file(out, undisturbed)


def test_killed_and_resumed_equals_undisturbed(place, undisturbed):
    ini, out = place
    for i in range(3):
        stop_at_checkpoints(ini, out, 2, way=WAYS[i])
        assert not out.exists()
    done = megalif("run", ini, "-o", out, "--resume", "-q", way=WAYS[3])
    assert done.returncode == 0, done.stderr
    assert_same_file(out, undisturbed)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGHUP])
def test_signals_end_with_a_checkpoint(place, undisturbed, number):
    ini, out = place
    process = subprocess.Popen([PROGRAM, "run", str(ini), "-o", str(out), "--checkpoint", "-t",
                                "1"],
                               stderr=subprocess.PIPE, text=True,
                               env={**os.environ, "MEGALIF_BLOCK": "1", "MEGALIF_ISA": "scalar"},
                               preexec_fn=lambda: signal.signal(number, signal.SIG_DFL))
    while not (folder_of(out) / "lock").exists():
        time.sleep(0.001)
    time.sleep(0.1)
    process.send_signal(number)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 75, stderr
    assert "--resume" in stderr and "with a checkpoint" in stderr and not out.exists()
    command = stderr.split("go on with: megalif ")[1].split()
    assert megalif(*command).returncode == 0
    assert_same_file(out, undisturbed)


def test_max_wall_stops_with_a_checkpoint(place, undisturbed):
    ini, out = place
    slow = {"MEGALIF_BLOCK": "1", "MEGALIF_ISA": "scalar"}
    done = megalif("run", ini, "-o", out, "--max-wall", "0.3 s", "-q", "-t", "1", way=slow)
    assert done.returncode == 75, done.stderr
    assert megalif("run", ini, "-o", out, "--resume", "-q").returncode == 0
    assert_same_file(out, undisturbed)


def test_a_finished_run_can_be_made_longer(place, undisturbed):
    ini, out = place
    part(ini, out, "200 ms")
    with h5py.File(out) as file:
        assert file["megalif"].attrs["duration_ms"] == 200
    part(ini, out, f"{DURATION} ms", "--set", "output.parameters=drawn")
    assert_same_file(out, undisturbed)
    done = megalif("run", ini, "-o", out, "--resume")
    assert done.returncode == 0 and not re.search(r"\bnan", done.stderr)
    assert_same_file(out, undisturbed)


def test_compression_may_change(place, undisturbed):
    ini, out = place
    part(ini, out, "200 ms", "--set", "output.compression=none")
    part(ini, out, f"{DURATION} ms")
    assert_same_file(out, undisturbed)


def test_keep_no_leaves_only_the_file(place, undisturbed):
    ini, out = place
    done = megalif("run", ini, "-o", out, "-q", "--set", "checkpoint.every_model=50 ms", "--set",
                   "checkpoint.keep=no")
    assert done.returncode == 0
    assert sorted(p.name for p in out.parent.iterdir()) == ["c.ini", "x.h5"]
    assert_same_file(out, undisturbed)


def test_join_by_hand(place, undisturbed, tmp_path):
    ini, out = place
    stop_at_checkpoints(ini, out, 4)
    done = megalif("join", out, "-q")
    assert done.returncode == 0, done.stderr
    with h5py.File(out) as file:
        until = file["megalif"].attrs["duration_ms"]
    assert 0 < until < DURATION and until % 60 == 0
    short = tmp_path / "short.h5"
    done = megalif("run", ini, "-o", short, "-q", "--set", f"simulation.duration={until!r} ms")
    assert done.returncode == 0, done.stderr
    assert_same_file(out, short, but=("ended_early",))
    part(ini, out, f"{DURATION} ms")
    assert_same_file(out, undisturbed)


def test_segments_can_be_read_while_the_run_goes_on(place, undisturbed):
    ini, out = place
    stop_at_checkpoints(ini, out, 5)
    segments = sorted(folder_of(out).glob("segment-*.h5"))
    assert segments
    with h5py.File(undisturbed) as whole:
        row = 0
        for path in segments:
            with h5py.File(path) as piece:
                ids = piece["spikes/exc/node_ids"][()]
                assert len(ids) > 0 and len(ids) % 65536 == 0
                assert np.array_equal(ids, whole["spikes/exc/node_ids"][row:row + len(ids)])
                row += len(ids)


# ---- refusals


@pytest.fixture
def stopped(place):
    """A run with segments that has been killed."""
    ini, out = place
    stop_at_checkpoints(ini, out, 5)
    assert list(folder_of(out).glob("segment-*.h5"))
    return ini, out


def resume(ini, out, *more):
    return megalif("run", ini, "-o", out, "--resume", "-q", *more)


def test_another_config_is_refused_by_its_keys(stopped):
    ini, out = stopped
    ini.write_text(config().replace("I_e = 500 pA", "I_e = 501 pA")
                   + section("input.more", target="all",
                           type="dc", amplitude="1 pA"))
    done = resume(ini, out, "--set", "simulation.seed=7")
    assert done.returncode == 2
    for text in ("[simulation] seed: 42 before, 7 now",
                 "[population.inh] I_e: 500 pA before, 501 pA now",
                 "[input.more] amplitude: not there before, 1 pA now"):
        assert text in done.stderr
    assert "population.exc" not in done.stderr
    ini.write_text(config())
    assert resume(ini, out).returncode == 0


def test_a_shorter_duration_is_refused(stopped):
    ini, out = stopped
    done = resume(ini, out, "--set", "simulation.duration=60 ms")
    assert done.returncode == 2 and "duration" in done.stderr and "less than" in done.stderr


@pytest.mark.parametrize("change", ["removed", "cut", "flipped"])
def test_an_altered_segment_is_named(stopped, change):
    ini, out = stopped
    segment = sorted(folder_of(out).glob("segment-*.h5"))[0]
    bytes_ = bytearray(segment.read_bytes())
    if change == "removed":
        segment.unlink()
    elif change == "cut":
        segment.write_bytes(bytes_[:-1])
    else:
        with h5py.File(segment) as file:
            place = file["spikes/exc/node_ids"].id.get_chunk_info(0)
        bytes_[place.byte_offset + place.size // 2] ^= 1
        segment.write_bytes(bytes_)
    done = resume(ini, out)
    assert done.returncode == 5 and segment.name in done.stderr, done.stderr


def test_a_damaged_checkpoint_gives_way_to_the_one_before(stopped, undisturbed):
    ini, out = stopped
    checkpoint = folder_of(out) / "checkpoint"
    bytes_ = bytearray(checkpoint.read_bytes())
    bytes_[len(bytes_) // 2] ^= 4
    checkpoint.write_bytes(bytes_)
    done = resume(ini, out)
    assert done.returncode == 0 and "damaged" in done.stderr and "warning" in done.stderr
    assert_same_file(out, undisturbed)


def test_two_damaged_checkpoints_are_refused(stopped):
    ini, out = stopped
    for name in ("checkpoint", "checkpoint.prev"):
        path = folder_of(out) / name
        path.write_bytes(path.read_bytes()[:1000])
    done = resume(ini, out)
    assert done.returncode == 5 and done.stderr.count(" is damaged: ") == 2
    assert "error" in done.stderr and not out.exists()


def test_a_second_run_in_the_same_place_ends_at_once(place):
    ini, out = place
    process = subprocess.Popen([PROGRAM, "run", str(ini), "-o", str(out), "--checkpoint", "-q",
                                "-t", "1",
                                "--set", "simulation.duration=1000 s"])
    try:
        while not (folder_of(out) / "lock").exists():
            time.sleep(0.01)
        time.sleep(0.1)
        for arguments in (["run", ini, "-o", out, "--resume"],
                          ["run", ini, "-o", out, "--checkpoint"]):
            done = megalif(*arguments, "-q")
            assert done.returncode == 6 and "another run" in done.stderr
    finally:
        process.kill()
        process.wait()
    assert resume(ini, out).returncode == 0


@pytest.mark.parametrize("option", ["--checkpoint", "--resume"])
def test_a_run_with_checkpoints_is_refused_where_one_without_is_at_work(place, option):
    """At once, and not when all is computed and is to be joined."""
    ini, out = place
    process = subprocess.Popen([PROGRAM, "run", str(ini), "-o", str(out), "-q", "-t", "1",
                                "--set", "simulation.duration=1000 s"])
    try:
        while not os.path.exists(f"{out}.part") or not os.path.getsize(f"{out}.part"):
            time.sleep(0.01)
        done = megalif("run", ini, "-o", out, option, "-q")
        assert done.returncode == 6 and f"another run is writing {out}.part" in done.stderr
        assert "is safe" not in done.stderr and not list(out.parent.glob("*.checkpoint/segment*"))
    finally:
        process.kill()
        process.wait()


def test_a_run_is_not_started_over_an_earlier_one(stopped):
    ini, out = stopped
    before = {p.name: p.read_bytes() for p in folder_of(out).iterdir()}
    done = megalif("run", ini, "-o", out, "--checkpoint", "-q")
    assert done.returncode == 3 and "--resume" in done.stderr and "--force" in done.stderr
    assert {p.name: p.read_bytes() for p in folder_of(out).iterdir()} == before
    assert megalif("run", ini, "-o", out, "--checkpoint", "-q", "--force").returncode == 0
    assert megalif("run", ini, "-o", out, "--resume", "--force").returncode == 2


def test_a_foreign_output_is_not_replaced(stopped):
    ini, out = stopped
    out.write_text("precious")
    done = resume(ini, out)
    assert done.returncode == 3 and out.read_text() == "precious"


def test_killed_between_output_and_last_checkpoint(place, undisturbed):
    """The output has its name, but the checkpoint does not know it yet."""
    ini, out = place
    stop_at_checkpoints(ini, out, 3)
    saved = out.parent / "saved"
    assert megalif("run", ini, "-o", out, "--max-wall", "1 ms", "--resume", "-q").returncode in (0,
                                                                                                 75)
    shutil.rmtree(saved, ignore_errors=True)
    part(ini, out, f"{DURATION} ms")
    assert_same_file(out, undisturbed)


def test_an_unwritable_folder_names_what_is_safe(stopped, undisturbed):
    """A limit on file sizes: the error names file, reason, what is safe and the command."""
    ini, out = stopped
    script = f"ulimit -f 40; exec '{PROGRAM}' run '{ini}' -o '{out}' --resume -q"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True)
    assert done.returncode == 3, done.stderr
    assert re.search(r"File too large.*all up to .* ms of 400 ms is safe in .*--resume",
                     done.stderr)
    assert not out.exists()
    assert resume(ini, out).returncode == 0
    assert_same_file(out, undisturbed)


def test_a_changed_input_file_is_refused(tmp_path):
    ini, out, csv = tmp_path / "f.ini", tmp_path / "f.h5", tmp_path / "current.csv"
    csv.write_text("current\n" + "".join(f"{i % 7}\n" for i in range(100)))
    ini.write_text(simulation(duration="10 ms") + section("population.a", size=10, I_e="600 pA")
                   + section("input.tone", target="a", type="file", file="current.csv",
                             column="current"))
    assert megalif("run", ini, "-o", out, "--checkpoint", "-q", "--set",
                   "simulation.duration=5 ms").returncode == 0
    csv.write_text(csv.read_text().replace("6\n", "5\n", 1))
    done = resume(ini, out)
    assert done.returncode == 2 and "[input.tone] file" in done.stderr, done.stderr
    csv.write_text("current\n" + "".join(f"{i % 7}\n" for i in range(100)))
    done = resume(ini, out)
    assert done.returncode == 0, done.stderr


def test_without_a_raster(place, undisturbed):
    ini, out = place
    part(ini, out, "200 ms", "--no-raster")
    done = resume(ini, out)
    assert done.returncode == 2 and "without the raster of population exc" in done.stderr
    part(ini, out, f"{DURATION} ms", "--no-raster")
    with h5py.File(out) as file, h5py.File(undisturbed) as whole:
        assert file["megalif"].attrs["digest"] == whole["megalif"].attrs["digest"]
        assert len(file["spikes"]) == 0


def test_check_tells_size_and_time_of_a_checkpoint(place):
    ini, out = place
    done = megalif("check", ini, "-o", out, "--set", "checkpoint.keep=no")
    said = re.search(r"a checkpoint +(\S+) MB at most, about (\S+) s at (\S+) MB/s", done.stdout)
    assert done.returncode == 0 and said and "KillWait" in done.stdout
    # u, releases, ou_noise's memory on a slice (of all at most), counts; a chunk a population
    least = 9000 * 4 + 8000 + 2900 * 4 + 8700 * 32
    assert least < float(said[1]) * 1e6 < 2 * least + 3 * 65536 * 16
    assert sorted(p.name for p in out.parent.iterdir()) == ["c.ini"]
    assert "about" not in [line for line in megalif("check", ini).stdout.splitlines()
                           if "a checkpoint" in line][0]
