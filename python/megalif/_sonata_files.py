"""What a SONATA circuit consists of: JSON with a manifest, tables of types, populations of nodes
and edges. What is wrong is collected, so that all of it can be told at once."""
from __future__ import annotations

import csv
import json
import os
import re
from pathlib import Path
from typing import Any, Iterable, Optional

import h5py
import numpy as np

from .errors import ConfigError, Problem


class Complaints:
    """What is wrong or not supported, each with its file and key."""

    def __init__(self):
        self.problems: "list[Problem]" = []

    def add(self, file, key: str, text: str) -> None:
        self.problems.append(Problem(f"{file}: {key}: {text}", text, str(file), None, None, key))

    def tell(self) -> None:
        if self.problems:
            raise ConfigError(self.problems)

    def unknown(self, file, where: str, content: dict, known: Iterable[str]) -> None:
        """Keys that nothing here knows are told, not ignored."""
        for key in content:
            if key not in known:
                self.add(file, f"{where}{key}", "unknown here; what it asks for would be left out")


class Json:
    """A JSON file, and the paths in it, by its manifest."""

    def __init__(self, path: Path, content: dict):
        self.path, self.content = path, content
        self.variables = {"${configdir}": str(path.parent), "${workingdir}": os.getcwd(),
                          **content.get("manifest", {})}

    @classmethod
    def read(cls, path: Path, complaints: Complaints, key: str = "file") -> "Optional[Json]":
        try:
            content = json.loads(path.read_text())
        except OSError as error:
            complaints.add(path, key, f"cannot be read: {error.strerror}")
        except ValueError as error:
            complaints.add(path, key, f"is no JSON: {error}")
        else:
            if isinstance(content, dict):
                return cls(path, content)
            complaints.add(path, key, "is no JSON object")
        return None

    def place(self, words: str) -> Path:
        """A path as it is meant: variables replaced, relative to the file's folder."""
        for _ in self.variables:  # one may stand in another
            for name in sorted(self.variables, key=len, reverse=True):
                words = words.replace(name, self.variables[name])
        return (self.path.parent / words).resolve()


def types_of(path: Path, complaints: Complaints, key: str) -> "dict[int, dict[str, str]]":
    """Rows of a types file by their id, which is the column called *_type_id; NULL is left out."""
    try:
        lines = path.read_text().splitlines()
    except OSError as error:
        complaints.add(path, key, f"cannot be read: {error.strerror}")
        return {}
    split = ([word for word in row if word != ""] for row in
             csv.reader((line.replace("\t", " ") for line in lines if line.strip()),
                        delimiter=" "))
    header = next(split, [])
    ids = [name for name in header if name in ("node_type_id", "edge_type_id")]
    if len(ids) != 1:
        complaints.add(path, key, "has no column node_type_id or edge_type_id")
        return {}
    rows = (dict(zip(header, row)) for row in split)
    return {int(row[ids[0]]): {name: value for name, value in row.items() if value != "NULL"}
            for row in rows}


def opened(path: Path, complaints: Complaints, key: str) -> Optional[h5py.File]:
    try:
        return h5py.File(path, "r")
    except OSError:
        complaints.add(path, key, "cannot be read as HDF5")
        return None


def csv_columns(path: Path, complaints: Complaints, key: str) -> "list[str]":
    """Names in the first line of a table, whatever separates them."""
    try:
        with open(path, errors="replace") as file:
            return re.findall(r"[\w.]+", next((line for line in file if line[0] != "#"), ""))
    except OSError as error:
        complaints.add(path, key, f"cannot be read: {error.strerror}")
        return []


def is_train(trains: h5py.Group, name: str, size: int) -> bool:
    data = trains.get(f"{name}/data")
    return (name.isdecimal() and int(name) < size and isinstance(data, h5py.Dataset)
            and data.ndim > 0 and data.dtype.kind in "fiu")


NO_SPIKES = np.empty(0), np.empty(0, np.int64)


def nwb_spikes(path: Path, trial: Optional[str], population: str, size: int,
               complaints: Complaints, key: str) -> "tuple[np.ndarray, np.ndarray]":
    """(times in ms, ids) of a file of NWB 2, which has units, or of NWB 1."""
    file = opened(path, complaints, f"{key}.input_file")
    if file is None:
        return NO_SPIKES
    with file:
        if isinstance(file.get("units/spike_times"), h5py.Dataset):
            return unit_spikes(path, file["units"], population, size, complaints)
        return trial_spikes(path, file, trial, size, complaints, key)


def unit_spikes(path: Path, units: h5py.Group, population: str, size: int,
                complaints: Complaints) -> "tuple[np.ndarray, np.ndarray]":
    """NWB 2: a row for each neuron. Its number is in a column node_id, as megalif writes it beside
    one of populations, or else the row's id; times are in s."""
    try:
        ends = units["spike_times_index"][:].astype(np.int64)
        ids = units["node_id" if "node_id" in units else "id"][:].astype(np.int64)
        times = units["spike_times"][:].astype(float) * 1000
        mine = (units["population"].asstr()[:] == population if "population" in units
                else np.ones(len(ids), bool))
        counts = np.diff(ends, prepend=0)
        whole = len(mine) == len(counts) == len(ids) and counts.sum() == len(times)
    except (KeyError, TypeError, ValueError, AttributeError):
        whole = False
    if not whole or (counts < 0).any():
        complaints.add(path, "units", "has no spike_times_index, id or node_id for each row that "
                                      "fits its spike_times")
        return NO_SPIKES
    if not mine.any() or ids[mine].min() < 0 or ids[mine].max() >= size:
        complaints.add(path, "units", f"has no rows of {population}, or others than of nodes 0 to "
                                      f"{size - 1}")
        return NO_SPIKES
    return (np.round(times, 9)[np.repeat(mine, counts)],  # as they were in ms
            np.repeat(ids[mine], counts[mine]))


def trial_spikes(path: Path, file: h5py.File, trial: Optional[str], size: int,
                 complaints: Complaints, key: str) -> "tuple[np.ndarray, np.ndarray]":
    """NWB 1, as BMTK reads it: the spikes of a neuron in /processing/TRIAL/spike_train/ID/data."""
    processing = file.get("processing")
    trials = [name for name in (processing if isinstance(processing, h5py.Group) else ())
              if isinstance(file.get(f"processing/{name}/spike_train"), h5py.Group)]
    if not trials:
        complaints.add(path, "processing", "has no TRIAL/spike_train, nor the file units with "
                       "spike_times: spikes are read from NWB 1 as BMTK reads it, and NWB 2")
        return NO_SPIKES
    if trial not in trials and (trial is not None or len(trials) > 1):
        complaints.add(path, "processing", f"has {', '.join(trials)}; {key}.trial names one of "
                       f"them{f', not {trial}' if trial is not None else ''}")
        return NO_SPIKES
    trains = file[f"processing/{trial or trials[0]}/spike_train"]
    strange = [name for name in trains if not is_train(trains, name, size)]
    if strange:
        complaints.add(path, trains.name[1:], f"{strange[0]} is no node from 0 to {size - 1}, "
                       "or has no times in data")
        return NO_SPIKES
    times = [trains[name]["data"][:].ravel() for name in trains]
    ids = np.repeat(np.array([int(name) for name in trains], np.int64),
                    [len(each) for each in times])
    return np.concatenate([NO_SPIKES[0], *times]), ids


class Nodes:
    """A population of nodes: what its types and its file say of each."""

    def __init__(self, name: str, path: Path, group: h5py.Group, types: dict,
                 complaints: Complaints):
        self.name, self.path = name, path
        self.kinds = group["node_type_id"][:].astype(np.int64)
        self.size, self.types = len(self.kinds), types
        ids = group["node_id"][:].astype(np.int64) if "node_id" in group else np.arange(self.size)
        self.order = np.argsort(ids, kind="stable")
        if not np.array_equal(ids[self.order], np.arange(self.size)):
            complaints.add(path, f"nodes/{name}/node_id", "has not each number from 0 once")
        missing = sorted(set(self.kinds.tolist()) - set(types))
        if missing:
            complaints.add(path, f"nodes/{name}/node_type_id", f"types {missing} have no row")
        self.own = self.columns(group, complaints)
        self.kinds = self.kinds[self.order]

    def columns(self, population: h5py.Group, complaints: Complaints) -> "dict[str, np.ndarray]":
        """{name: object[size]} of what the file itself says; None where it does not. Nodes with
        the same columns are a group; node_group_id and node_group_index say where a node's are."""
        found: "dict[str, np.ndarray]" = {}
        groups = [key for key in population if isinstance(population[key], h5py.Group)]
        ids = population["node_group_id"][:] if "node_group_id" in population else np.zeros(
            self.size, int)
        rows = population["node_group_index"][:] if "node_group_index" in population else np.arange(
            self.size)
        for key in groups:
            if "dynamics_params" in population[key]:
                complaints.add(self.path, f"nodes/{self.name}/{key}/dynamics_params",
                               "parameters of single nodes are not supported; give them types")
            mine = ids == int(key)
            for name, data in population[key].items():
                if isinstance(data, h5py.Dataset) and data.ndim == 1:
                    values = np.array([each.decode() if isinstance(each, bytes) else each
                                       for each in data[:].tolist()], object)
                    whole = found.setdefault(name, np.full(self.size, None, object))
                    whole[mine] = values[rows[mine].astype(np.int64)]
        return {name: whole[self.order] for name, whole in found.items()}

    def column(self, name: str) -> np.ndarray:
        """object[size]: what is said of each node; None: nothing. The nodes' file goes before
        their types."""
        kinds, index = np.unique(self.kinds, return_inverse=True)
        values = np.empty(len(kinds), object)
        values[:] = [self.types.get(int(kind), {}).get(name) for kind in kinds]
        said = self.own.get(name, np.full(self.size, None, object))
        return np.where(said == None, values[index], said)  # noqa: E711: each of them

    def only(self, name: str, complaints: Complaints) -> Any:
        """What is the same for all nodes; else a complaint, and None."""
        found = sorted({str(each) for each in self.column(name)})
        if len(found) > 1:
            complaints.add(self.path, f"nodes/{self.name}/{name}",
                           f"{', '.join(found)} in one population; one is supported")
        return found[0] if len(found) == 1 and found[0] != "None" else None

    def chosen(self, filters: dict) -> np.ndarray:
        """Ids of nodes whose columns have the values, or one of the values, that are asked for."""
        mask = np.ones(self.size, bool)
        for name, wanted in filters.items():
            values = [str(each) for each in (wanted if isinstance(wanted, list) else [wanted])]
            mask &= np.isin(self.column(name).astype(str), values)
        return np.flatnonzero(mask)


class Edges:
    """A population of edges: its ends, and what its types say that a projection cannot."""

    def __init__(self, name: str, path: Path, types_path: Optional[Path], group: h5py.Group):
        self.name, self.path, self.types_path = name, path, types_path
        self.source, self.target = (self.end(group[f"{end}_node_id"])
                                    for end in ("source", "target"))
        self.used = (np.unique(group["edge_type_id"][:]).tolist()
                     if "edge_type_id" in group else [])

    @staticmethod
    def end(data: h5py.Dataset) -> str:
        name = data.attrs.get("node_population", "")
        return name.decode() if isinstance(name, bytes) else str(name)
