"""A run shared by processes that MPI starts: the command line's, whose files are then read."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Optional

from . import _native
from ._arguments import encoded, flag, whole
from ._config import Source
from ._program import launched, program
from ._report import Report, by_name
from ._result import Result
from ._session import THREADS_MOST
from ._store import Folder, Store
from .errors import of_status, warn


def told(text: str, kind: str) -> "list[str]":
    prefix = f"megalif: {kind}: "
    return [line[len(prefix):] for line in text.splitlines() if line.startswith(prefix)]


def run_ranks(source: Source, store: Store, ranks: int, *, threads: Optional[int], force: bool,
              raster: bool, isa: Optional[str]) -> Result:
    ranks, force, raster = whole("ranks", ranks, 1), flag("force", force), flag("raster", raster)
    threads = None if threads is None else whole("threads", threads, 1, THREADS_MOST)
    isa = None if isa is None else encoded("isa", isa).decode(errors="surrogateescape")
    folder, path = Folder(), source.name
    if source.text is not None:
        path = str(folder.path / "config.ini")
        Path(path).write_text(source.text)
    command = ["mpirun", "-n", str(ranks), program("ranks are run"), "run", path, "-o",
               str(store.path), "--json", "--quiet"]
    command += [word for each in source.overrides for word in ("--set", each)]
    command += ["-t", str(threads)] * (threads is not None) + ["--force"] * force
    command += ["--no-raster"] * (not raster) + ["--isa", isa or ""] * (isa is not None)
    try:
        status, out, err = launched(command)
    except FileNotFoundError:
        raise ImportError(f"{command[0]} is not there: ranks are started by an MPI, such as "
                          "openmpi-bin (docs/mpi.md)") from None
    finally:
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
