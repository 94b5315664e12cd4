"""Arguments of the wrong kind, told by name before anything is done: what C would take them for,
nobody wants to know."""
from __future__ import annotations

import math
import os
from numbers import Integral, Real
from typing import Any, Optional

import numpy as np

from .errors import ConfigError


def a(value: Any) -> str:
    """
    >>> a(3), a({}), a(None)
    ('an int', 'a dict', 'None')
    """
    if value is None:
        return "None"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def wrong(name: str, value: Any, wanted: str) -> TypeError:
    return TypeError(f"{name} is {a(value)}; give {wanted}")


def whole_text(name: str, text: str) -> str:
    """C's texts end at a NUL byte."""
    if "\0" in text:
        raise ConfigError([f"{name}: {text!r} has a NUL byte"])
    return text


def encoded(name: str, text: Any) -> bytes:
    """A name for the library.

    >>> encoded("recorder", 3)
    Traceback (most recent call last):
        ...
    TypeError: recorder is an int; give a str
    """
    if not isinstance(text, str):
        raise wrong(name, text, "a str")
    return whole_text(name, text).encode(errors="surrogateescape")


def path(name: str, value: Any) -> str:
    """
    >>> path("output", 3.0)
    Traceback (most recent call last):
        ...
    TypeError: output is a float; give a path
    """
    if not isinstance(value, (str, bytes, os.PathLike)):
        raise wrong(name, value, "a path")
    return whole_text(name, os.fsdecode(value))


def flag(name: str, value: Any) -> bool:
    """
    >>> flag("force", "no")
    Traceback (most recent call last):
        ...
    TypeError: force is a str; give True or False
    """
    if not isinstance(value, (bool, np.bool_)):
        raise wrong(name, value, "True or False")
    return bool(value)


def function(name: str, value: Any) -> Any:
    if value is not None and not callable(value):
        raise wrong(name, value, "a function, or None")
    return value


def whole(name: str, value: Any, least: int, most: Optional[int] = None) -> int:
    """
    >>> whole("threads", 0, 1, 4096)
    Traceback (most recent call last):
        ...
    ValueError: threads=0; give a whole number from 1 to 4096
    """
    wanted = f"a whole number from {least}" + (f" to {most}" if most is not None else "")
    if not isinstance(value, Integral) or isinstance(value, bool):
        raise wrong(name, value, wanted)
    if not least <= value <= (value if most is None else most):
        raise ValueError(f"{name}={value!r}; give {wanted}")
    return int(value)


def duration(name: str, value: Any, unit: str) -> float:
    """0.0 of None.

    >>> duration("max_wall", -1, "seconds")
    Traceback (most recent call last):
        ...
    ValueError: max_wall=-1; give seconds above 0, or None
    """
    if value is None:
        return 0.0
    if not isinstance(value, Real) or isinstance(value, bool):
        raise wrong(name, value, f"{unit}, or None")
    if not 0 < value < math.inf:
        raise ValueError(f"{name}={value!r}; give {unit} above 0, or None")
    return float(value)
