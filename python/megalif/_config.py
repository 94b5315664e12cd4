"""What users give as a config (a path, INI text, a nested dict) as the library takes it."""
from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from numbers import Integral, Real
from typing import Any, Optional, Union

import h5py
import numpy as np

from ._arguments import a, path, whole_text
from ._store import Folder
from .errors import ConfigError, OutputError

Config = Union[str, "os.PathLike[str]", Mapping]
Overrides = Union[Mapping, Iterable, None]
SLACK = 1 << 16  # bytes that HDF5 adds to an array, and more
SECTIONS = ("simulation", "defaults", "output", "checkpoint", "sweep")
SECTIONS_OF_NAMES = ("population", "input", "projection", "record")
EDGES = {"source": "source_node_id", "target": "target_node_id", "weight": "0/syn_weight",
         "delay": "0/delay"}  # columns, and what SONATA calls them
LISTS = ("times", "amplitudes", "rates")
NO_LISTS = {"input": "for a current of each neuron's own take I_e of the population, or type = "
                     "file",
            "projection": "what single synapses have comes in a table, with rule = file"}


class Source:
    """A config for the library: its name, its text unless that is a file's, its overrides."""

    def __init__(self, config: Config, overrides: Overrides = None):
        self._folder: Optional[Folder] = None
        self.text: Optional[str] = None
        self.named = not isinstance(config, Mapping)  # messages tell its lines to users
        self.name = "config"
        if isinstance(config, Mapping):
            self.text = self.ini(config)
        elif isinstance(config, str) and ("\n" in config or config.lstrip().startswith("[")):
            self.text = config
        elif isinstance(config, (str, os.PathLike)):
            self.name = path("config", config)
            if self.name == "-":
                raise ConfigError(["config: standard input is the command line's; give a path, "
                                   "INI text or a dict"])
        else:
            raise TypeError(f"config is {a(config)}; give a path, INI text or a dict")
        if self.text is not None and "\0" in self.text:
            line = self.text.count("\n", 0, self.text.index("\0")) + 1
            raise ConfigError([f"config:{line}: a NUL byte; a config is plain text"])
        self.overrides = self.lines_of(overrides)

    def remove(self) -> None:
        """Arrays' files, when nobody will read them; they go with this object anyway."""
        if self._folder:
            self._folder.remove()

    def told(self, messages: list[str]) -> list[str]:
        """Messages without the names of arrays' files, which users have never seen."""
        if not self._folder:
            return messages
        folder = str(self._folder.path)
        ours = re.compile(re.escape(folder) + r"/[\w.]+\.h5(: dataset [^\s,:]+)?")
        value = re.compile(r"'file\(" + re.escape(folder[:20]) + "[^']*'")  # quotes are cut
        return [ours.sub("the array", value.sub("an array", each)) for each in messages]

    def ini(self, config: Mapping) -> str:
        """A nested dict as INI text."""
        lines = []
        for header, keys in sections(config):
            lines += [f"[{header}]"] + [f"{key} = {self.value(header, key, value)}"
                                        for key, value in keys.items() if value is not None]
        return "\n".join(lines) + "\n"

    def lines_of(self, overrides: Overrides) -> list[str]:
        if overrides is None:
            return []
        if not isinstance(overrides, Mapping):
            if isinstance(overrides, (str, bytes)) or not isinstance(overrides, Iterable):
                raise TypeError(f"set is {a(overrides)}; give a dict, as "
                                "{'simulation.dt': '0.1 ms'}")
            return [whole_text("set", str(each)) for each in overrides]
        return [f"{header}.{key}={self.value(header, key, value)}"
                for header, keys in sections(overrides, flat=True) for key, value in keys.items()]

    def value(self, header: str, key: str, value: Any) -> str:
        """A value as INI text. Arrays go to a file where a key wants one for each neuron."""
        where = f"[{header}] {key}"
        if isinstance(value, np.ndarray) and not value.ndim:
            value = value.item()
        if header.startswith("projection.") and key == "file" and not isinstance(
                value, (str, os.PathLike)):
            return self.edges(where, header, value)
        if isinstance(value, (np.ndarray, list, tuple, range)):
            return self.of_many(where, header, key, value)
        if isinstance(value, (bool, np.bool_)):
            return "yes" if value else "no"
        if isinstance(value, (Integral, Decimal)):
            return str(value)
        if isinstance(value, Real):
            return repr(float(value))
        if not isinstance(value, (str, os.PathLike)):
            raise TypeError(f"{where}: {a(value)}; give a number, a text with a unit, a list or an "
                            "array")
        words = path(where, value)
        if "\n" in words or "\r" in words or " ;" in words or " #" in words:
            raise ConfigError([f"{where}: {words!r} has a line's end, or a blank before ; or #, "
                               "which would begin a comment"])
        return words

    def of_many(self, where: str, header: str, key: str, values) -> str:
        if header.startswith("input.") and key == "file":
            return self.stored(where, "values", values, f"{header}.h5")
        if header.startswith("population.") and key == "file":
            return self.spikes(where, header, values)
        if np.ndim(values) != 1:
            raise ConfigError([f"{where}: {np.ndim(values)} dimensions; one is wanted"])
        words = any(isinstance(each, str) for each in values)
        if header.startswith("population.") and key not in ("times", "rates") and not words:
            return f"file({self.stored(where, f'{header}/{key}', values)}, {header}/{key})"
        kind = header.partition(".")[0]
        if kind in NO_LISTS and key not in LISTS and not words and len(values):
            raise ConfigError([f"{where}: {len(values)} values, where a number or a distribution "
                               f"is wanted; {NO_LISTS[kind]}"])
        return ", ".join(self.value(header, key, each) for each in values)

    def spikes(self, where: str, header: str, values) -> str:
        """(times in ms, ids), what a population of model = spikes has."""
        times, ids = map(np.asarray, values) if len(values) == 2 else (np.empty(0), np.empty(()))
        if times.ndim != 1 or times.shape != ids.shape:
            raise ConfigError([f"{where}: give (times, ids), two arrays of one length"])
        if len(ids) and (ids.dtype.kind not in "iu" or ids.min() < 0):
            raise ConfigError([f"{where}: the ids are no whole numbers from 0"])
        name, file = f"spikes/{header.partition('.')[2]}", f"{header}.spikes.h5"
        self.stored(where, f"{name}/node_ids", ids, file, np.uint64)
        return self.stored(where, f"{name}/timestamps", times, file)

    def edges(self, where: str, header: str, given: Any) -> str:
        """A table with a row for each synapse, what a projection of rule = file has."""
        columns = ({name: np.asarray(given[name]) for name in given} if hasattr(given, "keys")
                   else {})
        if not {"source", "target"} <= set(columns) <= set(EDGES):
            found = f"the columns {', '.join(map(str, columns))}" if columns else a(given)
            raise ConfigError([f"{where}: {found}; give a dict or a DataFrame with source, target "
                               "and, where they are not the same for all, weight, delay"])
        shapes = {each.shape for each in columns.values()}
        if len(shapes) > 1 or len(shapes.pop()) != 1:
            raise ConfigError([f"{where}: the columns are no lists of one length; what is the same "
                               "for all synapses is a key of its own beside file"])
        file = f"{header}.edges.h5"
        if self._folder:
            (self._folder.path / file).unlink(missing_ok=True)  # of a config with an override
        for name, values in columns.items():
            ids = name in ("source", "target")
            if ids and len(values) and (values.dtype.kind not in "iu" or values.min() < 0):
                raise ConfigError([f"{where}: {name}: the ids are no whole numbers from 0"])
            place = self.stored(f"{where}: {name}", f"edges/edges/{EDGES[name]}", values, file,
                                np.uint64 if ids else float)
        return place

    def stored(self, where: str, name: str, values, file: str = "parameters.h5",
               kind: type = float) -> str:
        """Writes an array to a file of its own folder; its path."""
        numbers = np.asarray(values)
        if numbers.dtype.kind not in "iuf":
            raise ConfigError([f"{where}: an array of {numbers.dtype}; numbers are wanted"])
        if self._folder is None:
            self._folder = Folder()
        place = self._folder.path / file
        try:
            claim(self._folder.path / "space", 8 * numbers.size + SLACK)
            with h5py.File(place, "a") as store:
                if name in store:
                    del store[name]  # the config's, which an override replaces
                store[name] = numbers.astype(kind)
        except OSError as error:
            self.remove()
            why = os.strerror(error.errno) if error.errno else str(error)
            raise OutputError([f"{where}: the array cannot be put into a temporary file "
                               f"({place.parent}): {why}"]) from None
        return str(place)


def claim(path: "os.PathLike[str]", count: int) -> None:
    """OSError where so many bytes cannot be written: HDF5 1.10 crashes when it finds that out."""
    with open(path, "wb") as file:
        os.posix_fallocate(file.fileno(), 0, count)
    os.unlink(path)


def sections(config: Mapping, flat: bool = False):
    """(header, keys) of a dict whose sections are nested, {"population": {"exc": {...}}}, or named,
    {"population.exc": {...}}; `flat`: also {"population.exc.size": 10}."""
    for name, keys in config.items():
        if not isinstance(name, str):
            raise TypeError(f"a section is called {name!r}; its name is a str")
        table = name.startswith("projection.") and name.count(".") == 2  # of synapses, as a dict
        if flat and (table or not isinstance(keys, Mapping)):
            header, dot, key = name.rpartition(".")
            if not dot:
                raise ConfigError([f"{name}: no section; write it as section.key"])
            yield checked(header), {checked(key): keys}
        elif not isinstance(keys, Mapping):
            raise TypeError(f"[{name}] is {a(keys)}; a dict of its keys is wanted")
        elif name in SECTIONS_OF_NAMES:
            for own, inner in keys.items():
                if not isinstance(own, str):
                    raise TypeError(f"[{name}] has a section called {own!r}; its name is a str")
                if not isinstance(inner, Mapping):
                    raise TypeError(f"[{name}.{own}] is {a(inner)}; a dict of its keys is wanted, "
                                    f"as {{'{name}': {{'a_name': {{'{own}': ...}}}}}}")
                yield checked(f"{name}.{own}"), {checked(key): each for key, each in inner.items()}
        else:
            meant = difflib.get_close_matches(name, SECTIONS_OF_NAMES + SECTIONS, 1)
            nested = "." not in name and [each for each in keys.values()
                                          if isinstance(each, Mapping)]
            if nested and meant and meant[0] in SECTIONS_OF_NAMES:
                raise ConfigError([f"{name}: unknown section; did you mean {meant[0]}?"])
            if nested and not meant and len(nested) == len(keys):  # the library may know the word
                for own, inner in keys.items():
                    yield checked(f"{name}.{own}"), {checked(key): inner[key] for key in inner}
                continue
            yield checked(name), {checked(key): each for key, each in keys.items()}


def checked(word: str) -> str:
    if not isinstance(word, str) or not word or set(word) & set("[]\n\r=;#\0"):
        raise ConfigError([f"{word!r} is no name of a section or key"])
    return word
