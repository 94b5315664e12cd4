"""How far a run is: a line on a terminal, a bar in a notebook, or what the user gives."""
from __future__ import annotations

import math
import sys
import time
from typing import Any, Callable, NamedTuple, Union

Show = Callable[["Progress"], Any]
SHOW_AFTER_S, EVERY_S = 0.5, 0.1


class Progress(NamedTuple):
    """A simulation on its way, as a `progress` function gets it."""
    model_ms: float       #: simulated so far
    duration_ms: float    #: of the whole
    elapsed_s: float      #: wall time spent stepping, or, before, on making synapses
    neurons: int          #: of all populations
    steps_done: int       #: so far
    spikes: int           #: so far, recorded or not
    synapses: int         #: of all projections; while they are made: to expect
    synapses_made: int    #: fewer while they are made

    @property
    def making_synapses(self) -> bool:
        """Before the first step, synapses are made."""
        return self.steps_done == 0 and self.synapses_made < self.synapses

    @property
    def fraction(self) -> float:
        """Of the synapses, while they are made, else of the steps: 0 ... 1."""
        done, whole = ((self.synapses_made, self.synapses) if self.making_synapses
                       else (self.model_ms, self.duration_ms))
        return min(1.0, done / whole) if whole and math.isfinite(whole) else 0.0

    def __str__(self) -> str:
        if self.making_synapses:
            return f"{self.synapses_made:,} of {self.synapses:,} synapses"
        left = self.elapsed_s * (1 / self.fraction - 1) if self.fraction else math.inf
        return (f"{self.model_ms:.10g} of {self.duration_ms:.10g} ms, {self.spikes:,} spikes, "
                f"{duration(left)} left")


def duration(seconds: float) -> str:
    """
    >>> duration(75)
    '1:15'
    """
    if not math.isfinite(seconds):
        return "?"
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


class Bar:
    """Draws; quiet for the first half second, so that short runs show nothing."""

    def __init__(self):
        self.begun, self.shown = time.monotonic(), False

    def __call__(self, progress: Progress) -> None:
        if time.monotonic() - self.begun >= SHOW_AFTER_S:
            self.draw(progress)
            self.shown = True

    def draw(self, progress: Progress) -> None:
        raise NotImplementedError

    def close(self) -> None:
        """Takes away what was drawn."""


class TerminalBar(Bar):
    def __init__(self, stream):
        super().__init__()
        self.stream = stream

    def draw(self, progress: Progress) -> None:
        filled = int(20 * progress.fraction)
        self.stream.write(f"\r\033[K[{'#' * filled}{' ' * (20 - filled)}] {progress}")
        self.stream.flush()

    def close(self) -> None:
        if self.shown:
            self.stream.write("\r\033[K")
            self.stream.flush()


class NotebookBar(Bar):
    def __init__(self, display):
        super().__init__()
        self.display, self.handle = display, None

    def draw(self, progress: Progress) -> None:
        content = {"text/html": f'<progress max="1" value="{progress.fraction:.3f}"></progress> '
                                f"{progress}", "text/plain": str(progress)}
        if self.handle:
            self.handle.update(content, raw=True)
        else:
            self.handle = self.display(content, raw=True, display_id=True)

    def close(self) -> None:
        if self.handle:
            self.handle.update({"text/html": "", "text/plain": ""}, raw=True)


def in_notebook() -> bool:
    """An IPython kernel is what runs us."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return shell is not None and hasattr(shell, "kernel")


def shower(progress: Union[bool, str, Show]) -> Show:
    """What draws: "auto": where somebody looks; True: always; False: nothing; or a function."""
    if callable(progress):
        return progress
    if progress not in ("auto", True, False):
        raise ValueError(f'progress={progress!r}; it may be "auto", True, False or a function')
    if progress and in_notebook():
        from IPython.display import display
        return NotebookBar(display)
    if progress is True or (progress and sys.stderr is not None and sys.stderr.isatty()):
        return TerminalBar(sys.stderr)
    return lambda _: None
