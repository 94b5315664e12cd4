"""What can go wrong, as exceptions: their words are those of the command line."""
from __future__ import annotations

import os
import re
import sys
import warnings
from typing import TYPE_CHECKING, NamedTuple, Optional

from . import _native

if TYPE_CHECKING:
    from ._result import Result

PLACE = re.compile(r"(?:(?P<file>.*?):(?P<line>\d+): )?"
                   r"(?:\[(?P<section>[^\]]+)\] (?P<key>[\w., ]+): )?(?P<text>.*)", re.DOTALL)
OPTION = re.compile(r"--(force|resume)\b")
OVERRIDE = re.compile(r"--set (?P<section>\w+(?:\.\w+)?)\.(?P<key>\w+): (?P<text>.*)", re.DOTALL)


class Problem(NamedTuple):
    """One thing that is wrong, and what would be right.

    >>> Problem.of("a.ini:6: [population.exc] tau_mm: unknown key; did you mean tau_m?").key
    'tau_mm'
    """
    message: str               #: the whole line
    text: str                  #: what is wrong and what would be right
    file: Optional[str]        #: of the config; None: an override, a dict, something else
    line: Optional[int]        #: in it, from 1
    section: Optional[str]     #: as "population.exc"
    key: Optional[str]         #: as "tau_m"

    @classmethod
    def of(cls, message: str, named: bool = True) -> "Problem":
        """Reads a message; without `named`, file and line are the library's own and are dropped."""
        message = OPTION.sub(r"\1=True", message)
        match = OVERRIDE.fullmatch(message)
        found = dict(file=None, line=None)
        if not match:
            match = PLACE.fullmatch(message)
        found.update({key: value for key, value in match.groupdict().items()})
        line = found.pop("line")
        if not named and line:
            message, found["file"], line = message.split(f":{line}: ", 1)[1], None, None
        return cls(message=message, line=int(line) if line else None, **found)


class MegalifError(Exception):
    """Anything that the library refuses. `problems` has each thing that is wrong, `status` the
    number that the command line would exit with."""
    status = 1

    def __init__(self, messages, named: bool = True, result: "Optional[Result]" = None):
        self.problems: list[Problem] = [each if isinstance(each, Problem)
                                        else Problem.of(each, named) for each in messages]
        self.result = result  #: what there is all the same; None: nothing
        super().__init__("\n".join(each.message for each in self.problems) or "no reason given")


class ConfigError(MegalifError, ValueError):
    """The config or an argument is wrong. All that is wrong with a config is told in one go."""
    status = _native.CONFIG


class OutputError(MegalifError, OSError):
    """The output exists and `force` was not given, or a file cannot be read or written."""
    status = _native.OUTPUT


class NotEnoughMemory(MegalifError, MemoryError):
    """It does not fit."""
    status = _native.MEMORY


class CheckpointError(MegalifError):
    """A checkpoint is damaged, missing or foreign."""
    status = _native.CHECKPOINT


class BusyError(MegalifError):
    """Another run is writing this output."""
    status = _native.BUSY


class RangeError(MegalifError, ArithmeticError):
    """A population fired above max_rate; `result` is what was simulated up to there."""
    status = _native.RANGE


class Stopped(MegalifError):
    """Stopped early, by max_wall for instance, after a checkpoint, and resume=True goes on; or by a
    progress function while synapses were made, and nothing is left."""
    status = _native.STOPPED


class Interrupted(KeyboardInterrupt):
    """Ctrl-C. `result` is what was simulated up to then; None: nothing, or a checkpoint."""
    status = _native.INTERRUPTED

    def __init__(self, message: str = "", result: "Optional[Result]" = None):
        self.result = result
        super().__init__(message)


class MegalifWarning(UserWarning):
    """What the command line warns of, such as neurons above threshold at the start."""


def warn(messages: "list[str]", named: bool = True) -> None:
    """As if from the line that called the package; `named` as of Problem.of."""
    level, frame = 2, sys._getframe(1)
    while frame and os.path.dirname(frame.f_code.co_filename) == os.path.dirname(__file__):
        level, frame = level + 1, frame.f_back
    for message in messages:
        warnings.warn(Problem.of(message, named).message, MegalifWarning, stacklevel=level)


BY_STATUS = {each.status: each for each in (ConfigError, OutputError, NotEnoughMemory,
                                            CheckpointError, BusyError, RangeError, Stopped)}


def of_status(status: int, messages, named: bool = True) -> MegalifError:
    return BY_STATUS.get(status, MegalifError)(messages, named)
