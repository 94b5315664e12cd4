"""Where results lie: a file, and for a temporary one its folder, which lives as long as anything
that reads in it; and names with what is read for them."""
from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Callable, Iterable, Iterator, Optional, Union

import h5py

from ._arguments import path
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


def missing(what: str, name: str, there: Iterable[str], cure: str = "") -> KeyError:
    return KeyError(f"no {what} {name}; there are {', '.join(there) or 'none'}{cure}")


class Named(dict):
    """A dict that tells what there is when a name is missing."""

    def __init__(self, what: str, items: dict):
        super().__init__(items)
        self._what = what

    def __missing__(self, name: str):
        raise missing(self._what, name, self)


class Table(Mapping):
    """Names and what is read for them when it is asked for, once; where one is missing, `cure`
    tells what would bring it."""

    def __init__(self, what: str, names, read: Callable[[str], Any], cure: str = ""):
        self._what, self._names, self._read, self._cure = what, list(names), read, cure
        self._known: "dict[str, Any]" = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._names:
            raise missing(self._what, name, self._names, self._cure)
        if name not in self._known:
            self._known[name] = self._read(name)
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __reduce__(self):
        """Pickled is what is read: the file may be gone where it comes to."""
        return with_items, (self._what, dict(self), self._cure)

    def __repr__(self) -> str:
        return f"<{self._what}: {', '.join(self._names) or 'none'}>"


def with_items(what: str, items: "dict[str, Any]", cure: str) -> Table:
    return Table(what, items, items.__getitem__, cure)


class Store:
    def __init__(self, path: Path, folder: Optional[Folder] = None):
        self.path, self.folder = path, folder

    @classmethod
    def for_run(cls, output: Union[str, "os.PathLike[str]", None]) -> "Store":
        if output is not None:
            return cls(Path(os.path.abspath(path("output", output))))
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
            why = error
            if isinstance(error, (FileNotFoundError, PermissionError, IsADirectoryError)):
                why = os.strerror(error.errno)
            elif not error.errno and not h5py.is_hdf5(self.path):
                why = "it is no HDF5 file"
            raise OutputError([f"{self.path}: cannot be read: {why}"]) from None
        with file:
            yield file


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """Another name to write to, which gets this one when all is there; else nothing is left."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")  # NAME.part is a run's own
    try:
        yield part
        os.replace(part, path)
    except OSError as error:
        read = error.filename if error.filename2 is None else None  # else of a copy, both names
        where = path if read in (None, str(part)) else read
        why = os.strerror(error.errno) if error.errno else str(error)
        raise OutputError([f"{where}: {why}"]) from None
    finally:
        with suppress(OSError):
            part.unlink()


def words(value) -> str:
    """A text of a file, of fixed or variable length."""
    return value.decode(errors="surrogateescape") if isinstance(value, bytes) else str(value)


def plain(value):
    """An attribute as Python's own value."""
    if isinstance(value, bytes):
        return words(value)
    return value.item() if hasattr(value, "item") and getattr(value, "ndim", 0) == 0 else value
