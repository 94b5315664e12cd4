"""A whole run in one call."""
from __future__ import annotations

import os
from typing import Optional, Union

from . import _native
from ._arguments import function, path
from ._config import Config, Overrides, Source
from ._progress import Show, shower
from ._ranks import run_ranks
from ._report import Report
from ._result import Result
from ._session import OnSpikes, Session, Watch
from ._store import Store
from .errors import ConfigError, Interrupted, RangeError, Stopped, warn

Path_ = Union[str, "os.PathLike[str]"]


def run(config: Config, *, set: Overrides = None, output: Optional[Path_] = None,
        threads: Optional[int] = None, ranks: Optional[int] = None,
        progress: Union[bool, str, Show] = "auto", on_spikes: Optional[OnSpikes] = None,
        force: bool = False, raster: bool = True,
        isa: Optional[str] = None, checkpoint: bool = False, resume: bool = False,
        max_wall: Optional[float] = None) -> Result:
    """Runs a simulation to its end.

    >>> result = run({"simulation": {"dt": 0.1, "duration": "100 ms"},
    ...               "population": {"exc": {"size": 10, "tau_m": "20 ms", "I_e": "400 pA"}}})
    >>> times, ids = result.spikes["exc"]
    >>> len(times), float(times[0])
    (60, 12.7)

    config: the path of an INI file, INI text (with a line's end in it), or a nested dict, as
        {"population": {"exc": {"size": 10}}} or {"population.exc": {"size": 10}}. Numbers are in
        the units of their keys (ms, mV, pF, nS, pA, MOhm, Hz); texts may have units. An array as a
        population's parameter has one value for each neuron, as `V_m` in mV, shape (size,).
    set: what replaces or adds to the config, {"simulation.duration": "2 s"} or a list of
        "section.key=value"; as --set of the command line.
    output: path of the HDF5 file (docs/format.md), from the working folder. None: a temporary one,
        not compressed, which goes when the Result and what was got from it are gone;
        Result.save keeps it. What the config says under [output] file plays no part.
    threads: None: one for each core. Results do not depend on it.
    ranks: so many processes share the run, started by mpirun (docs/mpi.md); threads are of each.
        It is the program megalif that they run: there are no progress, on_spikes and checkpoints,
        and paths in a text or dict must be absolute. None: this process runs it alone.
    progress: "auto": a bar where somebody looks, on a terminal or in a notebook; True, False; or a
        function of a Progress, called some ten times a second, which stops the run by returning
        True.
    on_spikes: a function of (population, times, ids) for each piece of the recorded spikes, while
        they happen: float64[n] in ms, uint64[n]; copies. Returning True stops the run.
    force: replaces an existing output. raster: False leaves the spikes out of the file.
    isa: "scalar", "avx2", "avx512"; None: the widest there is.
    checkpoint, resume, max_wall: as --checkpoint, --resume, --max-wall (seconds); they need an
        output (docs/checkpoints.md).

    Raises ConfigError (all that is wrong, each with file, line and key), OutputError,
    NotEnoughMemory, BusyError, CheckpointError; RangeError and, after Ctrl-C, Interrupted, which
    have as `result` what was simulated up to then; Stopped, when checkpoints let it go on or there
    is nothing yet. What a function given here raises ends the run and is raised. Warnings of the
    model are MegalifWarning. Threads: any, and several runs at once. In a child that was forked
    after a run there is one thread (OpenMP's are left behind).
    """
    show, place = shower(progress), None if output is None else path("output", output)
    watch = Watch(show, function("on_spikes", on_spikes))
    source, store = Source(config, set), Store.for_run(place)
    if output is None:
        source.overrides.insert(0, "output.compression=none")
    try:
        if ranks is not None:
            if on_spikes or callable(progress) or checkpoint or resume or max_wall:
                raise ValueError("with ranks there are no functions and no checkpoints")
            return run_ranks(source, store, ranks, threads=threads, force=force, raster=raster,
                             isa=isa)
        with Session(source, watch, output=str(store.path), threads=threads, force=force,
                     raster=raster, isa=isa, checkpoint=checkpoint, resume=resume,
                     max_wall=max_wall) as session:
            warn(session.warnings(), source.named)
            return complete(session, store, resumable=output is not None)
    except BaseException as error:
        if getattr(error, "result", None) is None:
            store.remove()
            source.remove()
        if type(error) is KeyboardInterrupt:
            raise Interrupted("interrupted; nothing is left") from None
        raise
    finally:
        getattr(show, "close", lambda: None)()


def complete(session: Session, store: Store, resumable: bool) -> Result:
    """Steps an open session to its end and completes its file."""
    failure: Optional[BaseException] = None
    try:
        stopped = session.advance() == _native.INTERRUPTED
        if stopped and resumable and session.max_wall:
            checkpointed(session, "stopped early")
    except RangeError as error:
        failure = error
    except KeyboardInterrupt:
        at = f"interrupted at {session.time:.10g} ms"
        if resumable:
            checkpointed(session, at)
        failure = Interrupted(f"{at}; its .result has what was simulated up to then")
    told = len(session.warnings())
    session.finish()
    warn(session.warnings()[told:], session.source.named)
    result = Result(store, Report.of(session.report()), session.source)
    if failure is not None:
        failure.result = result
        raise failure
    return result


def checkpointed(session: Session, why: str) -> None:
    """Where there are checkpoints, one of now, and Stopped."""
    try:
        session.checkpoint()
    except ConfigError:  # it has none
        return
    raise Stopped([f"{why}, with a checkpoint; resume=True goes on"])
