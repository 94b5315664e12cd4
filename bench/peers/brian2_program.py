"""Brian2's C++ standalone mode, as all works use it: settings, clocks, and where programs are."""
import hashlib
import sys
from pathlib import Path

import brian2 as b
import numpy as np

PRINT_SECONDS = """{
    struct timespec wall, cpu;
    clock_gettime(CLOCK_MONOTONIC, &wall);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    printf("%.9f %.9f\\n", wall.tv_sec + 1e-9 * wall.tv_nsec, cpu.tv_sec + 1e-9 * cpu.tv_nsec);
}"""


def begin(given, folder, dt, *headers):
    """Settles how the program is made; what is created then belongs to it."""
    b.set_device("cpp_standalone", directory=str(folder), build_on_run=False)
    # 0: without OpenMP, which is faster than with one thread of it.
    b.prefs.devices.cpp_standalone.openmp_threads = given["threads"] if given["threads"] > 1 else 0
    b.prefs.core.default_float_dtype = np.dtype(given["options"]["dtype"]).type
    b.prefs.codegen.cpp.headers += ["<time.h>", *headers]
    b.defaultclock.dt = dt * b.ms
    b.seed(given["seed"])


def print_clocks(*places):
    for place in places:
        b.device.insert_code(place, PRINT_SECONDS)


def built(given, build, *modules, more=""):
    """The folder of the program for this work, with what build(given, folder) returned; made where
    it is not there yet, or by other modules."""
    digest = hashlib.sha256(sys.argv[1].encode() + more.encode())
    for module in (__file__, *modules):
        digest.update(Path(module).read_bytes())
    folder = Path(given["folder"]) / f"brian2-{digest.hexdigest()[:12]}"
    if not (folder / "complete").exists():
        (folder / "complete").write_text(str(build(given, folder)))
    return folder, (folder / "complete").read_text()
