"""Spikes, rates and traces as arrays, read from their file when they are asked for."""
from __future__ import annotations

from typing import Callable, Iterator, Optional

import numpy as np

Rows = Callable[[Optional[float], Optional[float]], "tuple[np.ndarray, np.ndarray]"]


class Spikes:
    """The spikes of a population, sorted by time, then id. `times, ids = spikes` gives both
    arrays; they are read once and cannot be written to."""

    def __init__(self, name: str, size: Optional[int], dt: Optional[float], rows: Rows,
                 window: "tuple[Optional[float], Optional[float]]" = (None, None)):
        self.name = name     #: of the population
        self.size = size     #: its neurons; None: the file does not say
        self.dt = dt         #: the time step in ms; None: the file does not say
        self._rows, self._window = rows, window
        self._read: "Optional[tuple[np.ndarray, np.ndarray]]" = None

    def _arrays(self) -> "tuple[np.ndarray, np.ndarray]":
        if self._read is None:
            self._read = self._rows(*self._window)
            for array in self._read:
                array.flags.writeable = False
        return self._read

    @property
    def times(self) -> np.ndarray:
        """float64[n], in ms: the end of the step in which it fired."""
        return self._arrays()[0]

    @property
    def ids(self) -> np.ndarray:
        """uint64[n]: the neuron, from 0 within the population."""
        return self._arrays()[1]

    @property
    def steps(self) -> np.ndarray:
        """int64[n]: times in time steps."""
        if self.dt is None:
            raise ValueError("the file does not say its time step")
        return np.rint(self.times / self.dt).astype(np.int64)

    def __len__(self) -> int:
        return len(self.times)

    def __iter__(self) -> Iterator[np.ndarray]:
        return iter(self._arrays())

    def window(self, start: Optional[float] = None, stop: Optional[float] = None) -> "Spikes":
        """Those with start <= time < stop (ms; None: no bound). Before the whole has been read,
        only these rows are."""
        begin, end = self._window
        bounds = (start if begin is None else begin if start is None else max(start, begin),
                  stop if end is None else end if stop is None else min(stop, end))
        part = Spikes(self.name, self.size, self.dt, self._rows, bounds)
        if self._read is not None:
            rows = slice(*bounds_of(self.times, *bounds))
            part._read = self.times[rows], self.ids[rows]
        return part

    def neuron(self, id: int) -> np.ndarray:
        """The times of one neuron: float64[], in ms."""
        return self.times[self.ids == id]

    def by_neuron(self) -> "list[np.ndarray]":
        """The times of each neuron, by id: a list of float64[], in ms."""
        order = np.argsort(self.ids, kind="stable")
        ends = np.cumsum(self.counts())
        return np.split(self.times[order], ends[:-1]) if len(ends) else []

    def counts(self) -> np.ndarray:
        """int64[size]: the spikes of each neuron."""
        return counted(self.ids, self.size or 0)

    def __reduce__(self):
        """Pickled are the arrays: the file may be gone where they come to."""
        return with_arrays, (self.name, self.size, self.dt, *self._arrays())

    def __repr__(self) -> str:
        return f"<{len(self):,} spikes of {self.name}>"


def with_arrays(name: str, size: Optional[int], dt: Optional[float], times: np.ndarray,
                ids: np.ndarray) -> Spikes:
    spikes = Spikes(name, size, dt, lambda start, stop: (times, ids))
    spikes._arrays()
    return spikes


def counted(ids: np.ndarray, size: int) -> np.ndarray:
    """int64[size]: how often each of the numbers 0 ... size - 1 (and above, if there are more) is
    among ids, a uint64[]. Some at a time, as bincount makes a copy of them."""
    most = max(size, int(ids.max()) + 1 if len(ids) else 0)
    together = max(most, 1 << 20)
    counts = np.zeros(most, np.int64)
    for begin in range(0, len(ids), together):
        counts += np.bincount(ids[begin:begin + together].view(np.int64), minlength=most)
    return counts


def bounds_of(times, start: Optional[float], stop: Optional[float]) -> "tuple[int, int]":
    """The rows of sorted times with start <= time < stop. `times` may lie in a file: some 30 of
    them are looked at."""
    begin = 0 if start is None else bisect(times, start)
    return begin, max(begin, len(times) if stop is None else bisect(times, stop))


def bisect(times, bound: float) -> int:
    below, above = 0, len(times)
    while below < above:
        middle = (below + above) // 2
        if times[middle] < bound:
            below = middle + 1
        else:
            above = middle
    return below


class Rates:
    """A population's spikes in bins: bin i covers (start + i width, start + (i + 1) width]."""

    def __init__(self, name: str, size: int, counts: np.ndarray, start: float, width: float,
                 trials: int = 1):
        self.name = name       #: of the population
        self.size = size       #: its neurons
        self.counts = counts   #: uint64[bins]: spikes
        self.start = start     #: of the first bin, ms
        self.width = width     #: of a bin, ms
        self.trials = trials   #: events that a PSTH adds up; else 1

    @property
    def times(self) -> np.ndarray:
        """float64[bins], in ms: where each bin starts."""
        return self.start + self.width * np.arange(len(self.counts))

    @property
    def Hz(self) -> np.ndarray:
        """float64[bins]: the mean rate of a neuron."""
        return self.counts / (self.size * self.trials * self.width / 1000)

    def window(self, start: Optional[float] = None, stop: Optional[float] = None) -> "Rates":
        """The bins that begin at start <= time < stop (ms; None: no bound)."""
        times = self.times
        rows = slice(*bounds_of(times, start, stop))
        first = float(times[rows][0]) if len(times[rows]) else self.start
        return Rates(self.name, self.size, self.counts[rows], first, self.width, self.trials)

    def binned(self, width: float) -> "Rates":
        """The same spikes in wider bins, of `width` ms, a multiple of what these are; a rest at the
        end that fills none is left out.

        >>> Rates("exc", 10, np.array([1, 2, 3, 4, 5]), 0.0, 1.0).binned(2).Hz
        array([150., 350.])
        """
        together = round(width / self.width) if np.isfinite(width) else 0
        if together < 1 or abs(together * self.width - width) > 1e-6 * self.width:
            raise ValueError(f"bins of {width:g} ms: give a multiple of {self.width:g} ms")
        whole = len(self.counts) // together
        counts = self.counts[:whole * together].reshape(-1, together).sum(axis=1)
        return Rates(self.name, self.size, counts, self.start, together * self.width, self.trials)

    def __len__(self) -> int:
        return len(self.counts)

    def __repr__(self) -> str:
        return f"<rates of {self.name} in {len(self)} bins of {self.width:g} ms>"


def for_a_curve(rates: Rates, points: int) -> Rates:
    """In bins as wide as it takes for a curve of so many points that can be read."""
    return rates.binned(rates.width * max(1, -(-len(rates) // points)))


class Trace:
    """What a recorder of V_m, I or another variable has of a population."""

    def __init__(self, name: str, variable: str, units: str, ids: np.ndarray,
                 times: np.ndarray, values: np.ndarray):
        self.name = name           #: of the population
        self.variable = variable   #: "V_m", "I", ...
        self.units = units         #: "mV", "pA", ...
        self.ids = ids             #: uint64[neurons], ascending
        self.times = times         #: float64[rows], in ms
        self.values = values       #: float32[rows, neurons]

    def neuron(self, id: int) -> np.ndarray:
        """float32[rows]: the values of one neuron; KeyError: it was not recorded."""
        found, = np.nonzero(self.ids == id)
        if not len(found):
            raise KeyError(f"neuron {id} of {self.name} was not recorded")
        return self.values[:, found[0]]

    def __repr__(self) -> str:
        return (f"<{self.variable} ({self.units}) of {len(self.ids)} neurons of {self.name} at "
                f"{len(self.times)} times>")
