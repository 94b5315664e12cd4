"""A run shared by processes that MPI starts: the command line's, whose files are then read."""
from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Optional

from . import _native
from ._config import Source
from ._report import Report, by_name
from ._result import Result
from ._store import Folder, Store
from .errors import of_status, warn


def program() -> str:
    """The command line: as MEGALIF says, of the clone that the package is of, or on PATH."""
    of_clone = Path(__file__).resolve().parent.parent.parent / "build" / "megalif"
    for place in (os.environ.get("MEGALIF"), of_clone, shutil.which("megalif")):
        if place and os.access(place, os.X_OK):
            return str(place)
    raise ImportError("ranks are run by the program megalif, which is not on PATH: `make install` "
                      "puts it there, and MEGALIF names another one")


def launched(command: "list[str]") -> "tuple[int, str, str]":
    """(exit code, standard output, standard error); Ctrl-C ends the ranks, too."""
    try:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, errors="replace")
    except FileNotFoundError:
        raise ImportError(f"{command[0]} is not there: ranks are started by an MPI, such as "
                          "openmpi-bin (docs/mpi.md)") from None
    with process:
        try:
            out, err = process.communicate()
        except BaseException:
            process.terminate()
            process.communicate()
            raise
    return process.returncode, out, err


def told(text: str, kind: str) -> "list[str]":
    prefix = f"megalif: {kind}: "
    return [line[len(prefix):] for line in text.splitlines() if line.startswith(prefix)]


def run_ranks(source: Source, store: Store, ranks: int, *, threads: Optional[int], force: bool,
              raster: bool, isa: Optional[str]) -> Result:
    if not isinstance(ranks, int) or ranks < 1:
        raise ValueError(f"ranks={ranks!r}; give a whole number from 1")
    folder, path = Folder(), source.name
    if source.text is not None:
        path = str(folder.path / "config.ini")
        Path(path).write_text(source.text)
    command = ["mpirun", "-n", str(ranks), program(), "run", path, "-o", str(store.path), "--json",
               "--quiet"]
    command += [word for each in source.overrides for word in ("--set", each)]
    command += ["-t", str(threads)] * (threads is not None) + ["--force"] * force
    command += ["--no-raster"] * (not raster) + ["--isa", isa or ""] * (isa is not None)
    status, out, err = launched(command)
    folder.remove()
    if status not in (_native.OK, _native.RANGE):
        raise of_status(status, told(err, "error") or err.strip().splitlines() or [
            f"{' '.join(command[:3])} ended with {status}"], source.named)
    warn(told(err, "warning"), source.named)
    result = Result(store, shaped(json.loads(out)) if out.strip() else None, source)
    if status == _native.RANGE:
        failure = of_status(status, told(err, "error"), source.named)
        failure.result = result
        raise failure
    return result


def shaped(fields: dict) -> Report:
    for name in ("populations", "projections"):
        fields[name] = by_name(fields[name])
    fields["traces"] = [Report(each) for each in fields["traces"]]
    return Report(fields)
