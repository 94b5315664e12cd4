"""Pictures by the command line's `megalif plot`, which draws with gnuplot."""
from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional, Union

from . import _native
from ._arguments import path as path_of
from ._program import launched, program
from ._store import Folder, missing, written
from .errors import of_status

if TYPE_CHECKING:
    from ._result import Result

FORMATS = ("png", "svg", "pdf")
MESSAGE = re.compile(r"^megalif(?: plot)?: (?:(error|warning): )?", re.MULTILINE)
USAGE = "; see megalif plot --help"


class Picture:
    """A picture, which shows itself in a notebook; a pdf is for `save`."""

    def __init__(self, format: str, data: bytes):
        self.format = format  #: "png", "svg" or "pdf"
        self.data = data      #: what its file would hold

    def save(self, path: "Union[str, os.PathLike[str]]", force: bool = False) -> Path:
        """Writes it to a file; returns its path. FileExistsError where one is there, without
        force; OutputError: it cannot be written, and is not there."""
        to = Path(path_of("path", path))
        if to.exists() and not force:
            raise FileExistsError(f"{to} exists; force=True replaces it")
        with written(to) as part:
            part.write_bytes(self.data)
        return to

    def _repr_png_(self) -> Optional[bytes]:
        return self.data if self.format == "png" else None

    def _repr_svg_(self) -> Optional[str]:
        return self.data.decode() if self.format == "svg" else None

    def __repr__(self) -> str:
        return f"<picture: {self.format}, {len(self.data):,} bytes>"


def picture(result: "Result", what: Optional[str], format: str, recorder: Optional[str],
            options: "dict[str, Any]") -> Picture:
    if format not in FORMATS:
        raise ValueError(f"format={format!r}; it may be {', '.join(FORMATS)}")
    what = what or ("raster" if result.spikes or result.populations else "traces")
    if recorder is not None and what != "traces":
        raise ValueError(f'recorder= goes with "traces", not "{what}"')
    if what == "connections" and not result.projections:
        raise ValueError("the result has no projections")
    if what == "connections" and options["projection"] not in (None, *result.projections):
        raise missing("projection", options["projection"], result.projections)
    path, text, folder = what_is_drawn(result, what, recorder)
    if options["title"] is None and (text is not None or result._store.folder):
        options["title"] = name_of(result)
    drawn = Folder()
    output = drawn.path / f"picture.{format}"
    command = [program("pictures are drawn"), "plot", path, "-o", str(output), "--what", what]
    command += [word for name, value in options.items() if value is not None
                for word in (f"--{name}", str(value))]
    status, _, err = launched(command, text, folder)
    if status != _native.OK:
        messages = told(err) or [f"{' '.join(command[:3])} ended with {status}: {err.strip()}"]
        if result._store.folder:  # users have never seen its name
            messages = [each.replace(str(result.path), "the result") for each in messages]
        raise of_status(status, [each.replace(USAGE, "") for each in messages])
    return Picture(format, output.read_bytes())


def what_is_drawn(result: "Result", what: str,
                  recorder: Optional[str]) -> "tuple[str, Optional[str], Optional[str]]":
    """(path, standard input, working folder) of the command."""
    if what == "connections":
        source = result._config_as_source()
        return "-", source.text, os.path.dirname(source.name) or None
    if what != "traces":
        return str(result.path), None, None
    files = result._trace_files
    if not files:
        raise ValueError("no traces were recorded; a [record.NAME] with what = V_m does")
    if recorder is None and len(files) > 1:
        raise ValueError(f"several recorders: {', '.join(files)}; name one with recorder=")
    if recorder is not None and recorder not in files:
        raise missing("recorder of traces", recorder, files)
    return str(files[recorder or next(iter(files))]), None, None


def name_of(result: "Result") -> str:
    """For a title: of the file that is kept, or of the config's."""
    name = result._source.name if result._store.folder and result._source else result.path
    return os.path.basename(name) if os.path.splitext(name)[1] else "megalif"


def told(text: str) -> "list[str]":
    """The errors among what the command line has said.

    >>> told("megalif: warning: odd\\nmegalif plot: no gnuplot:\\n  apt install it\\n")
    ['no gnuplot:\\n  apt install it']
    """
    parts = MESSAGE.split(text)[1:]
    return [words.rstrip("\n") for kind, words in zip(parts[::2], parts[1::2])
            if kind != "warning"]
