"""The synapses of a projection as arrays."""
from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any, Optional

import numpy as np

from . import _native
from ._native import library
from ._optional import needed
from ._spikes import counted

if TYPE_CHECKING:
    from ._session import Session

COLUMNS = {"sources": "source_ids", "targets": "target_ids", "weights": "weights",
           "delays": "delays_ms"}


class Connections:
    """Synapses from one population onto another: each is a row of four arrays."""

    def __init__(self, source: str, target: str, shape: "tuple[int, int]", columns: dict):
        self.source, self.target = source, target   #: names of the populations
        self.shape = shape                           #: (neurons of source, of target)
        self.sources: np.ndarray = columns["sources"]  #: uint64[n]: ids within the population
        self.targets: np.ndarray = columns["targets"]  #: uint64[n]
        self.weights: np.ndarray = columns["weights"]  #: float64[n]: mV, pA or nS, as used
        self.delays: np.ndarray = columns["delays"]    #: float64[n]: ms, multiples of dt

    def __len__(self) -> int:
        return len(self.sources)

    def indegrees(self) -> np.ndarray:
        """int64[neurons of target]: synapses onto each."""
        return counted(self.targets, self.shape[1])

    def outdegrees(self) -> np.ndarray:
        """int64[neurons of source]: synapses of each."""
        return counted(self.sources, self.shape[0])

    def to_scipy(self, values: str = "weights") -> Any:
        """A scipy.sparse.csr_array, [source, target], of weights or delays; those of several
        synapses of a pair add up."""
        sparse = needed("scipy.sparse", "scipy")
        ends = self.sources.astype(np.int64), self.targets.astype(np.int64)
        return sparse.coo_array((getattr(self, values), ends), shape=self.shape).tocsr()

    def to_pandas(self) -> Any:
        """A pandas.DataFrame with a row for each synapse: source, target, weight, delay."""
        pandas = needed("pandas")
        return pandas.DataFrame({"source": self.sources, "target": self.targets,
                                 "weight": self.weights, "delay": self.delays})

    def __repr__(self) -> str:
        return f"<{len(self):,} synapses from {self.source} to {self.target}>"


class Reading:
    """The library's reading of a projection, piece by piece."""

    def __init__(self, session: "Session", number: int):
        self.session, self.number, self.handle = session, number, ctypes.c_void_p()

    def __enter__(self) -> "Reading":
        self.session.call(lambda errors: library.mlif_connections_open(
            ctypes.byref(self.handle), self.session.opened(), self.number, errors))
        return self

    def __exit__(self, *_) -> None:
        library.mlif_connections_close(ctypes.byref(self.handle))

    def __iter__(self):
        piece = _native.Synapses()
        while True:
            self.session.call(lambda errors: library.mlif_connections_next(
                self.handle, ctypes.byref(piece), errors))
            if not piece.count:
                return
            yield piece


def view(address: int, count: int, kind) -> np.ndarray:
    """Of memory that lives until the next piece."""
    return np.frombuffer((ctypes.c_char * (8 * count)).from_address(address), kind)


class Table:
    """Rows of a projection as they come; filled in place, so that they are there once."""

    def __init__(self, rows: int):
        self.columns = {name: np.empty(rows, float if name in ("weights", "delays") else np.uint64)
                        for name in COLUMNS}
        self.pieces: "list[tuple[tuple[int, int], slice]]" = []
        self.rows = 0

    def add(self, piece: _native.Synapses) -> None:
        rows = slice(self.rows, self.rows + piece.count)
        for name, column in self.columns.items():
            column[rows] = view(getattr(piece, COLUMNS[name]), piece.count, column.dtype)
        self.pieces.append(((piece.source_population, piece.target_population), rows))
        self.rows += piece.count

    def pairs(self) -> "list[tuple[int, int]]":
        """(source, target), numbers of populations."""
        return sorted({pair for pair, _ in self.pieces})

    def of_pair(self, pair: "tuple[int, int]") -> dict:
        mine = [rows for each, rows in self.pieces if each == pair]
        if len(mine) == len(self.pieces):
            return self.columns
        return {name: np.concatenate([column[:0], *(column[rows] for rows in mine)])
                for name, column in self.columns.items()}


def table_of(session: "Session", name: str) -> Table:
    """All synapses of the projection `name`."""
    names = [library.mlif_projection_name(session.opened(), i).decode()
             for i in range(library.mlif_projection_count(session.opened()))]
    if name not in names:
        raise KeyError(f"no projection is called {name}; there are {', '.join(names) or 'none'}")
    number = names.index(name)
    table = Table(session.report()["projections"][number]["synapses"])
    with Reading(session, number) as reading:
        for piece in reading:
            table.add(piece)
    return table


def of_pair(session: "Session", table: Table, pair: "tuple[int, int]") -> Connections:
    sizes = tuple(int(library.mlif_population_size(session.opened(), i)) for i in pair)
    source, target = (session.names[i] for i in pair)
    return Connections(source, target, sizes, table.of_pair(pair))


def of_all_pairs(session: "Session", name: str) -> "list[Connections]":
    """Those of the projection `name`, for each pair of its populations."""
    table = table_of(session, name)
    return [of_pair(session, table, pair) for pair in table.pairs()]


def connections(session: "Session", name: str, source: Optional[str],
                target: Optional[str]) -> Connections:
    """Those of the projection `name`, between two of its populations where it has several."""
    table = table_of(session, name)
    pairs = table.pairs()
    chosen = [pair for pair in pairs if source in (None, session.names[pair[0]])
              and target in (None, session.names[pair[1]])]
    if not pairs:
        raise ValueError(f"{name} has no synapses")
    if len(chosen) != 1:
        ways = ", ".join(f"{session.names[a]} to {session.names[b]}" for a, b in pairs)
        raise ValueError(f"{name} connects {ways}; name one of them with source= and target=")
    return of_pair(session, table, chosen[0])
