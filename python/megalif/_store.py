"""Where results lie: a file, and for a temporary one its folder, which lives as long as anything
that reads in it."""
from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator, Optional, Union

import h5py

from .errors import OutputError


class Folder:
    """A temporary folder, which goes with this object; not in a forked child, which has a copy of
    the object but not its own folder."""

    def __init__(self):
        self.path = Path(tempfile.mkdtemp(prefix="megalif-"))
        self.remove = weakref.finalize(self, removed, self.path, os.getpid())


def removed(path: Path, process: int) -> None:
    if os.getpid() == process:
        shutil.rmtree(path, ignore_errors=True)


class Named(dict):
    """A dict that tells what there is when a name is missing, and perhaps what would bring it."""

    def __init__(self, what: str, items: dict, cure: str = ""):
        super().__init__(items)
        self._what, self._cure = what, cure

    def __missing__(self, name: str):
        raise KeyError(f"no {self._what} {name}; there are {', '.join(self) or 'none'}{self._cure}")


class Store:
    def __init__(self, path: Path, folder: Optional[Folder] = None):
        self.path, self.folder = path, folder

    @classmethod
    def for_run(cls, output: Union[str, "os.PathLike[str]", None]) -> "Store":
        if output is not None:
            return cls(Path(os.path.abspath(output)))
        folder = Folder()
        return cls(folder.path / "run.h5", folder)

    def remove(self) -> None:
        """A temporary file, when nobody will read it."""
        if self.folder:
            self.folder.remove()

    @contextmanager
    def read(self) -> Iterator[h5py.File]:
        try:
            file = h5py.File(self.path, "r")
        except OSError as error:
            why = os.strerror(error.errno) if isinstance(error, FileNotFoundError) else error
            raise OutputError([f"{self.path}: cannot be read: {why}"]) from None
        with file:
            yield file


def words(value) -> str:
    """A text of a file, of fixed or variable length."""
    return value.decode(errors="surrogateescape") if isinstance(value, bytes) else str(value)


def plain(value):
    """An attribute as Python's own value."""
    if isinstance(value, bytes):
        return words(value)
    return value.item() if hasattr(value, "item") and getattr(value, "ndim", 0) == 0 else value
