"""One raster, whatever computes it: instruction sets, threads, tiles, blocks, recording, compilers,
older processors; and the digests of this arithmetic, pinned."""
import shutil

import h5py
import pytest

from megalif import PROGRAM
from sameness import PRECISIONS, Run, assert_same, program_of_the_other_compiler

# Every type of drive, whole and sliced; every parameter with a distribution of each kind; both a
# population in which all differs between neurons and one in which as little as possible does.
ALL_DRIVES = """
[simulation]
dt = 0.1 ms
duration = 60 ms
seed = 42

[population.mixed]
size    = 2503
tau_m   = normal_clipped(18 ms, 3 ms, 8 ms, 30 ms)
C_m     = uniform(200 pF, 300 pF)
E_L     = uniform(-66 mV, -64 mV)
V_th    = normal(-50 mV, 0.5 mV)
V_reset = uniform(-66 mV, -60 mV)
t_ref   = uniform(0 ms, 3 ms)
V_m     = uniform(-65 mV, -52 mV)
I_e     = lognormal(200 pA, 0.2)

[population.equal]
size    = 3001
tau_m   = 20 ms
t_ref   = 0.3 ms
V_m     = linspace(-70 mV, -56 mV)
I_e     = 170 pA

[input.constant]
target = all
type = dc
amplitude = 30 pA
start = 5 ms
stop = 50 ms

[input.steps]
target = mixed[700:1900], equal
type = step
times = 2 ms, 20 ms, 40 ms
amplitudes = 60 pA, -40 pA, 90 pA

[input.white]
target = all
type = white_noise
sigma_V = 3 mV
mean_V = 1.5 mV

[input.held]
target = equal[100:2000]
type = white_noise
std = 250 pA
hold = 0.5 ms
mean = 20 pA

[input.few]
target = all
type = poisson
rate = 4 kHz
weight = 0.3 mV

[input.many]
target = mixed[0:1000]
type = poisson
rate = 400 kHz
weight = -0.02 mV
start = 10 ms
"""

# Constant currents and no random number.
CONSTANT = """
[simulation]
dt = 0.1 ms
duration = 100 ms

[population.p]
size  = 1000
tau_m = 15 ms
t_ref = 1 ms
I_e   = linspace(200 pA, 600 pA)
"""

NO_RECORDING = "\n[record.nothing]\npopulation = all\nwhat = spikes\nneurons = none\n"

# Digests of numerics = 2, the same as of 1. When one changes, every raster that users keep has
# changed with it: raise NUMERICS (src/base/version.h) and tell why in CHANGELOG.md, or mend what
# changed it.
PINNED = {
    ("all drives", "single"): "3e0992abd8d86e6841460d4646d7840f",
    ("all drives", "double"): "db06f53dd999c396b973c206b3dc0a69",
    ("constant", "single"): "f465879037ed073cb9f9e85c027d7d85",
    ("constant", "double"): "f465879037ed073cb9f9e85c027d7d85",
}


MASK = (1 << 64) - 1


def fnv1a64(text):
    value = 0xcbf29ce484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001b3 & MASK
    return value


def mix64(x):
    x = (x ^ x >> 33) * 0xff51afd7ed558ccd & MASK
    x = (x ^ x >> 33) * 0xc4ceb9fe1a85ec53 & MASK
    return x ^ x >> 33


def digest_of(path):
    """As src/base/digest.h defines it, from the rows of the file, in Python's integers."""
    sums = [0, 0]
    with h5py.File(path) as file:
        for name, population in file["spikes"].items():
            stream = fnv1a64(f"population.{name}")
            for time, neuron in zip(population["timestamps"][()], population["node_ids"][()]):
                key = mix64(stream ^ mix64(round(time / 0.1)))
                h = (key + int(neuron)) * 0x9e3779b97f4a7c15 & MASK
                a = (h ^ h >> 32) * 0xff51afd7ed558ccd & MASK
                b = (h ^ h >> 29) * 0xc4ceb9fe1a85ec53 & MASK
                sums = [sums[0] + (a ^ a >> 32), sums[1] + (b ^ b >> 31)]
    return "".join(f"{value & MASK:016x}" for value in sums)


@pytest.fixture(scope="module", params=PRECISIONS)
def reference(request, tmp_path_factory):
    """One thread, the program's own choices."""
    folder = tmp_path_factory.mktemp("reference")
    run = Run(folder, ALL_DRIVES, "-t", "1", precision=request.param).ended()
    run.precision = request.param
    assert run.report["spikes"] > 10000
    assert run.digest == digest_of(folder / "run.h5")
    return run


@pytest.mark.parametrize("isa", ["scalar", "avx2", "avx512"])
def test_instruction_sets(reference, tmp_path, isa):
    run = Run(tmp_path, ALL_DRIVES, "--isa", isa, precision=reference.precision)
    if run.code == 2 and ("does not have it" in run.stderr or "not built in" in run.stderr):
        pytest.skip(run.stderr.strip())
    assert_same(reference, run)
    assert run.report["isa"] == isa


@pytest.mark.parametrize("threads", [1, 2, 3, 7])
def test_threads(reference, tmp_path, threads):
    run = Run(tmp_path, ALL_DRIVES, "-t", str(threads), precision=reference.precision)
    assert_same(reference, run)
    assert run.report["threads"] == threads


@pytest.mark.parametrize("more", ["", "max_rate = 900 Hz\n"])
def test_tiles_that_another_thread_steps(reference, tmp_path, more):
    """Where one thread does the work of three, one after the other, the first finds none of the
    others' tiles begun, and takes them as long as their spikes may find room."""
    config = ALL_DRIVES.replace("seed = 42\n", "seed = 42\n" + more)
    run = Run(tmp_path, config, "-t", "3", precision=reference.precision, MEGALIF_TILE="128",
              OMP_THREAD_LIMIT="1")
    assert_same(reference, run)
    assert run.report["threads"] == 3


def test_tiles_are_left_to_their_thread_where_there_is_no_room(tmp_path):
    """All neurons spike in every step: each thread has room for the spikes of its own tiles
    only."""
    config = CONSTANT.replace("1000", "100000").replace("t_ref = 1 ms", "t_ref = 0 ms")
    config = config.replace("linspace(200 pA, 600 pA)", "1e6 pA").replace("100 ms", "13 ms")
    one = Run(tmp_path, config, "-t", "1").ended()
    three = Run(tmp_path, config, "-t", "3", OMP_THREAD_LIMIT="1")
    assert_same(one, three)
    assert one.report["spikes"] == 100000 * 130


@pytest.mark.parametrize("tile, block", [(128, 1), (640, 64), (1024, 7), (32768, 200), (128, 600)])
def test_tiles_and_blocks(reference, tmp_path, tile, block):
    run = Run(tmp_path, ALL_DRIVES, "-t", "2", precision=reference.precision,
              MEGALIF_TILE=str(tile), MEGALIF_BLOCK=str(block))
    assert_same(reference, run)
    assert (run.report["tile"], run.report["block"]) == (tile, block)


def test_without_recording(reference, tmp_path):
    run = Run(tmp_path, ALL_DRIVES + NO_RECORDING, precision=reference.precision).ended()
    assert run.digest == reference.digest
    assert run.report["spikes"] == reference.report["spikes"]
    assert run.report["recorded"] == 0
    assert run.spikes == {}


def test_order_of_sections_and_further_recorders(reference, tmp_path):
    """Nothing depends on where a section stands, nor on who watches."""
    sections = ALL_DRIVES.strip().split("\n\n")
    recorder = "[record.c]\npopulation = all\nwhat = counts"
    shuffled = "\n\n".join([sections[0], recorder, *reversed(sections[3:]), sections[1],
                            sections[2]])
    assert_same(reference, Run(tmp_path, shuffled, precision=reference.precision))


@pytest.mark.parametrize("name", ["all drives", "constant"])
@pytest.mark.parametrize("precision", PRECISIONS)
def test_pinned(tmp_path, name, precision):
    config = ALL_DRIVES if name == "all drives" else CONSTANT
    run = Run(tmp_path, config, precision=precision).ended()
    assert run.digest == PINNED[name, precision]


@pytest.fixture(scope="module")
def other_program():
    return program_of_the_other_compiler()


def test_other_compiler(reference, other_program, tmp_path):
    for isa in ("scalar", "avx2", "avx512"):
        run = Run(tmp_path, ALL_DRIVES, "--isa", isa, program=[other_program],
                  precision=reference.precision)
        if run.code == 0:
            assert_same(reference, run)
    assert_same(reference, Run(tmp_path, ALL_DRIVES, "-t", "3", program=[other_program],
                               precision=reference.precision))


# Haswell has AVX2 and FMA; Nehalem has neither, not even AVX: an instruction outside the scalar
# path's would end the program with "illegal instruction".
@pytest.mark.parametrize("cpu, isa", [("Haswell", "avx2"), ("Nehalem", "scalar")])
@pytest.mark.parametrize("precision", PRECISIONS)
def test_older_processors(tmp_path, cpu, isa, precision):
    if not shutil.which("qemu-x86_64"):
        pytest.skip("qemu-x86_64 is not installed (package qemu-user)")
    smaller = ["--set", "simulation.duration=20 ms", "-t", "1"]
    here = Run(tmp_path, ALL_DRIVES, *smaller, precision=precision).ended()
    there = Run(tmp_path, ALL_DRIVES, *smaller, precision=precision,
                program=["qemu-x86_64", "-cpu", cpu, PROGRAM])
    assert_same(here, there)
    assert there.report["isa"] == isa


def test_an_instruction_set_that_is_not_there_is_refused(tmp_path):
    if not shutil.which("qemu-x86_64"):
        pytest.skip("qemu-x86_64 is not installed (package qemu-user)")
    run = Run(tmp_path, CONSTANT, "--isa", "avx512", "-t", "1",
              program=["qemu-x86_64", "-cpu", "Haswell", PROGRAM])
    assert run.code == 2
    said = "instruction set avx512: this processor does not have it; the widest here is avx2"
    assert said in run.stderr
    assert not list(tmp_path.glob("*.h5*"))
