"""Where results lie: a file, and for a temporary one its folder, which lives as long as anything
that reads in it."""
from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator, Optional, Union

import h5py

from .errors import OutputError


class Store:
    def __init__(self, path: Path, folder: Optional[tempfile.TemporaryDirectory] = None):
        self.path, self.folder = path, folder

    @classmethod
    def for_run(cls, output: Union[str, "os.PathLike[str]", None]) -> "Store":
        if output is not None:
            return cls(Path(os.path.abspath(output)))
        folder = tempfile.TemporaryDirectory(prefix="megalif-")
        return cls(Path(folder.name) / "run.h5", folder)

    def remove(self) -> None:
        """A temporary file, when nobody will read it."""
        if self.folder:
            self.folder.cleanup()

    @contextmanager
    def read(self) -> Iterator[h5py.File]:
        try:
            file = h5py.File(self.path, "r")
        except OSError as error:
            raise OutputError([f"{self.path}: cannot be read: {error}"]) from None
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
