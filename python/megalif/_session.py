"""A simulation of the library: its handle, its callbacks, and what keeps both from harm."""
from __future__ import annotations

import _signal
import ctypes
import os
import shlex
import sys
import threading
import time
import weakref
from typing import Any, Callable, Optional

import numpy as np

from . import _native
from ._arguments import duration, encoded, flag, whole
from ._config import Source
from ._native import library
from ._progress import EVERY_S, Progress
from .errors import Problem, Stopped, of_status

OnSpikes = Callable[[str, np.ndarray, np.ndarray], Any]
OnTrace = Callable[[str, str, np.ndarray, np.ndarray], Any]

THREADS_MOST = 4096  # of --threads, too

threads_were_used = False  # by this process: OpenMP's are not there in a child that it forks
forked = False


def note_fork() -> None:
    global forked
    forked = threads_were_used


os.register_at_fork(after_in_child=note_fork)


def threads_to_use(threads: Optional[int]) -> int:
    """The library's number; in a forked child, where OpenMP would wait for threads that are not
    there, one."""
    global threads_were_used
    if threads is not None:
        threads = whole("threads", threads, 1, THREADS_MOST)
    if forked and threads is not None and threads > 1:
        raise RuntimeError("this process was forked from one that had run megalif, and OpenMP's "
                           "threads were left behind: use threads=1, or multiprocessing's spawn")
    if forked:
        return 1
    threads_were_used = threads_were_used or threads != 1
    return threads or 0


class Messages:
    """A list of the library's, freed after the block."""

    def __init__(self):
        self.list = _native.Messages()
        self.pointer = ctypes.byref(self.list)

    def __enter__(self) -> "Messages":
        return self

    def __exit__(self, *_) -> None:
        library.mlif_messages_free(self.pointer)

    def lines(self) -> list[str]:
        return [self.list.line[i].decode(errors="surrogateescape")
                for i in range(self.list.count)]


class Interrupts:
    """Notes Ctrl-C, so that the library ends its block in order and no exception comes in between.
    Where others have a handler, or in another thread than the main one, theirs is left. By what is
    below the module signal, whose look for the names of handlers would take longer than all else
    that a short call does here."""
    asked = False

    def __enter__(self) -> "Interrupts":
        self.asked, self.before = False, None
        if (threading.current_thread() is threading.main_thread()
                and _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler):
            self.before = _signal.signal(_signal.SIGINT, self.note)
        return self

    def note(self, *_) -> None:
        self.asked = True

    def __exit__(self, *_) -> None:
        if self.before:
            _signal.signal(_signal.SIGINT, self.before)


def copied(address: int, count: int, kind: type) -> np.ndarray:
    """An array of 64-bit numbers of the library's, in memory of its own; not to be written to."""
    array = np.empty(count, kind)
    ctypes.memmove(array.ctypes.data, address, array.nbytes)
    array.flags.writeable = False
    return array


def copied_piece(address: int, count: int, kind: type) -> np.ndarray:
    """The same in half the time, below 2 GiB, as the pieces of spikes are (MLIF_SPIKES_MOST)."""
    return np.ndarray(count, kind, ctypes.string_at(address, 8 * count))


class Watch:
    """The library's callbacks. An exception in one is kept, ends the call, and is raised after it;
    none gets into C."""

    def __init__(self, show: Callable[[Progress], Any], on_spikes: Optional[OnSpikes] = None,
                 on_trace: Optional[OnTrace] = None):
        self.show, self.on_spikes, self.on_trace = show, on_spikes, on_trace
        self.interrupts = Interrupts()
        self.failure: Optional[BaseException] = None
        self.due = 0.0
        self.progress = _native.on_progress(self.tell_progress)
        self.spikes = _native.on_spikes(self.tell_spikes)
        self.traces = _native.on_traces(self.tell_trace)

    def kept(self, function: Callable, *arguments) -> int:
        if self.failure is not None:
            return 1
        try:
            return 1 if function(*arguments) is True else 0
        except BaseException as failure:  # KeyboardInterrupt as well: raised when C is left
            self.failure = failure
            return 1

    def tell_progress(self, pointer, _) -> int:
        if self.interrupts.asked or self.failure is not None:
            return 1
        now = time.monotonic()
        if now < self.due:
            return 0
        self.due = now + EVERY_S
        seen = pointer[0]
        return self.kept(self.show, Progress(*(getattr(seen, name) for name in Progress._fields)))

    def tell_spikes(self, pointer, _) -> int:
        seen = pointer[0]
        return self.kept(self.on_spikes, seen.name.decode(),
                         copied_piece(seen.timestamps_ms, seen.count, float),
                         copied_piece(seen.node_ids, seen.count, np.uint64))

    def tell_trace(self, pointer, _) -> int:
        seen = pointer[0]
        times = seen.start_ms + seen.interval_ms * (seen.first_row + np.arange(seen.rows))
        values = copied(seen.values, seen.rows * seen.count, float)
        return self.kept(self.on_trace, seen.recorder.decode(), seen.name.decode(), times,
                         values.reshape(seen.rows, seen.count))


def close(handle: ctypes.c_void_p, process: int) -> None:
    """Not in a forked child, where the thread that writes the file is not there."""
    if handle.value and os.getpid() == process:
        library.mlif_close(ctypes.byref(handle))


class Session:
    """An open simulation. Calls on it wait for each other; one from its own callback is an error.
    """

    def __init__(self, source: Source, watch: Watch, **options):
        self.source, self.watch = source, watch
        self.process, self.handle = os.getpid(), ctypes.c_void_p()
        self.lock, self.inside = threading.Lock(), None
        self.finalizer = weakref.finalize(self, close, self.handle, self.process)
        self.max_wall = options.get("max_wall")
        made = self.made(options)
        self.call(lambda errors: library.mlif_open(ctypes.byref(self.handle), ctypes.byref(made),
                                                   errors, None))
        if not self.handle.value:
            raise Stopped(["stopped while synapses were made; nothing is left"])
        self.names = [library.mlif_population_name(self.handle, i).decode()
                      for i in range(library.mlif_population_count(self.handle))]
        self.dt = library.mlif_dt_ms(self.handle)

    def made(self, options: dict) -> _native.Options:
        made = options_of(self.source, **options)
        made.progress = self.watch.progress
        if self.watch.on_spikes:
            made.spikes = self.watch.spikes
        if self.watch.on_trace:
            made.traces = self.watch.traces
        return made

    def enter(self) -> None:
        if self.inside == threading.get_ident():
            raise RuntimeError("a callback must not use the simulation that calls it")
        if os.getpid() != self.process:
            raise RuntimeError("this simulation belongs to the process that this one was forked "
                               "from; open one here")
        self.lock.acquire()
        self.inside = threading.get_ident()

    def leave(self) -> None:
        self.inside = None
        self.lock.release()

    def call(self, function: Callable[[Any], int]) -> int:
        """Calls with a list of errors. Returns OK or INTERRUPTED (a callback asked to stop); what
        a callback raised, Ctrl-C and other statuses are exceptions."""
        self.enter()
        try:
            self.watch.failure = None
            with Messages() as errors:
                with self.watch.interrupts as interrupts:
                    status = function(errors.pointer)
                failure, self.watch.failure = self.watch.failure, None
                if failure is not None:
                    try:
                        raise failure
                    finally:
                        del failure  # it holds this frame
                if interrupts.asked:
                    raise KeyboardInterrupt
                if status not in (_native.OK, _native.INTERRUPTED):
                    raise of_status(status, self.source.told(errors.lines()), self.source.named)
                return status
        finally:
            self.leave()

    def advance(self, steps: int = _native.TO_THE_END) -> int:
        return self.call(lambda errors: library.mlif_advance(self.opened(), steps, errors))

    def checkpoint(self) -> None:
        self.call(lambda errors: library.mlif_checkpoint(self.opened(), errors))

    def finish(self) -> None:
        self.call(lambda errors: library.mlif_finish(self.opened(), errors))

    def opened(self) -> ctypes.c_void_p:
        if not self.handle.value:
            raise ValueError("the simulation is closed")
        return self.handle

    def read(self, function: Callable, *arguments):
        """Calls what only reads."""
        self.enter()
        try:
            return function(self.opened(), *arguments)
        finally:
            self.leave()

    def report(self) -> dict:
        report = _native.Report()
        self.call(lambda errors: library.mlif_read_report(self.opened(), ctypes.byref(report),
                                                          errors))
        try:
            return report.plain()
        finally:
            library.mlif_report_free(ctypes.byref(report))

    def warnings(self) -> list[str]:
        with Messages() as warnings:
            self.read(library.mlif_read_warnings, warnings.pointer)
            told = self.source.told(warnings.lines())
        return [Problem.of(each, self.source.named).message for each in told]

    @property
    def steps_done(self) -> int:
        return self.read(library.mlif_steps_done)

    @property
    def time(self) -> float:
        """Model time, ms."""
        return self.steps_done * self.dt

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        self.enter()
        try:
            self.finalizer()
        finally:
            self.leave()


def options_of(source: Source, *, output: Optional[str] = None, file: bool = True,
               raster: bool = True, threads: Optional[int] = None, isa: Optional[str] = None,
               force: bool = False, checkpoint: bool = False, resume: bool = False,
               max_wall: Optional[float] = None) -> _native.Options:
    """What the library is told; it copies strings and lists."""
    made = _native.default_options()
    made.config = os.fsencode(source.name)
    if source.text is not None:
        made.config_text = source.text.encode(errors="surrogateescape")
    overrides = [os.fsencode(each) for each in source.overrides]
    made.overrides = (ctypes.c_char_p * len(overrides))(*overrides)
    made.override_count = len(overrides)
    made.output = os.fsencode(output) if output else None
    made.no_file, made.no_raster = not file, not flag("raster", raster)
    made.threads = threads_to_use(threads)
    made.isa = encoded("isa", isa) if isa is not None else None
    made.command_line = os.fsencode("python " + shlex.join(sys.argv))
    made.force, made.checkpoint = flag("force", force), flag("checkpoint", checkpoint)
    made.resume, made.max_wall_s = flag("resume", resume), duration("max_wall", max_wall, "seconds")
    made.resume_command = b"resume=True"
    return made
