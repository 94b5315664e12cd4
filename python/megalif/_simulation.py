"""A simulation stepped piece by piece, looked at and acted on between the steps."""
from __future__ import annotations

import ctypes
import math
from numbers import Integral, Real
from typing import Any, Callable, Iterator, Optional, Union

import numpy as np

from . import _native
from ._arguments import encoded, flag, function, wrong
from ._config import Config, Overrides, Source
from ._connections import Connections, connections
from ._native import library
from ._report import Report
from ._result import Result
from ._run import Path_
from ._session import OnSpikes, OnTrace, Session, Watch
from ._spikes import Rates, Spikes
from ._store import Named, Store
from .errors import warn


class Column:
    """Numbers that come in pieces: one array, which grows in place, so that they are there once."""

    def __init__(self, kind: type):
        self.values, self.count = np.empty(0, kind), 0

    def add(self, piece: np.ndarray) -> None:
        end = self.count + len(piece)
        if not self.count:
            self.values = piece  # often the only one
        else:
            if not self.values.flags.writeable:
                self.values = self.values.copy()
            if end > len(self.values):
                self.values.resize(end + end // 8, refcheck=False)  # by realloc
            self.values[self.count:end] = piece
        self.count = end

    def whole(self) -> np.ndarray:
        if self.count < len(self.values):
            self.values.resize(self.count, refcheck=False)
        return self.values


class Collector:
    """What spikes a call of advance brings."""

    def __init__(self, collect: bool, on_spikes: Optional[OnSpikes]):
        self.collect, self.on_spikes = collect, on_spikes
        self.columns: "dict[str, tuple[Column, Column]]" = {}

    def __call__(self, name: str, times: np.ndarray, ids: np.ndarray) -> Any:
        if self.collect:
            if name not in self.columns:
                self.columns[name] = Column(float), Column(np.uint64)
            for column, piece in zip(self.columns[name], (times, ids)):
                column.add(piece)
        return self.on_spikes(name, times, ids) if self.on_spikes else None

    def taken(self, sizes: "dict[str, int]", dt: float) -> "dict[str, Spikes]":
        columns, self.columns = self.columns, {}
        none = Column(float), Column(np.uint64)
        return Named("population", {name: spikes_of(name, size, dt, columns.get(name, none))
                                    for name, size in sizes.items()})


def spikes_of(name: str, size: int, dt: float, columns: "tuple[Column, Column]") -> Spikes:
    whole = columns[0].whole(), columns[1].whole()

    def rows(start, stop):
        begin, end = (len(whole[0]) if bound is None else int(np.searchsorted(whole[0], bound))
                      for bound in (start, stop))
        return whole[0][0 if start is None else begin:end], whole[1][
            0 if start is None else begin:end]
    return Spikes(name, size, dt, rows)


class Simulation:
    """A simulation between its steps.

    >>> simulation = Simulation({"simulation": {"dt": 0.1, "duration": "1 s"},
    ...                          "population": {"exc": {"size": 3, "I_e": 400}},
    ...                          "input": {"clamp": {"target": "exc", "type": "external"}}})
    >>> spikes = simulation.advance(50)
    >>> len(spikes["exc"]), simulation.time
    (3, 50.0)
    >>> simulation.set_current("clamp", [-400, 0, 100])
    >>> [len(train) for train in simulation.advance(100)["exc"].by_neuron()]
    [0, 4, 7]
    >>> simulation.V_m("exc", 0, 1).round(3)
    array([-69.999])

    Config, set, threads, isa, force, checkpoint, resume and max_wall are those of megalif.run.

    output: path of the file that `finish` completes; None: none is written.
    collect: `advance` returns the recorded spikes that it brought. False: it returns none, which
        saves their memory.
    on_spikes: called with (population, times, ids), as in megalif.run.
    on_trace: called with (recorder, population, times, values) after each block of steps: float64
        [rows] in ms and float64[rows, neurons], of the recorders of V_m, I and the like.
        A callback that returns True ends the call of advance at the end of its block, and so does
        an exception, which advance raises; the simulation may go on. None may use the simulation.

    What is set between two steps acts from the next one on; results depend on what is set at which
    step and on nothing else. Errors are those of megalif.run, and KeyError for a name that is not
    there. Calls from several threads wait for each other. A simulation does not outlive a fork in
    the child. It is closed when it is no longer referred to, or at the end of a `with` block.
    """

    def __init__(self, config: Config, *, set: Overrides = None, output: Optional[Path_] = None,
                 threads: Optional[int] = None, collect: bool = True,
                 on_spikes: Optional[OnSpikes] = None, on_trace: Optional[OnTrace] = None,
                 force: bool = False, isa: Optional[str] = None, checkpoint: bool = False,
                 resume: bool = False, max_wall: Optional[float] = None):
        self._collector = Collector(flag("collect", collect), function("on_spikes", on_spikes))
        self._store = Store.for_run(output) if output is not None else None
        watch = Watch(lambda _: None, self._collector if collect or on_spikes else None,
                      function("on_trace", on_trace))
        source = Source(config, set)
        try:
            self._session = Session(
                source, watch, file=output is not None, threads=threads, isa=isa,
                output=str(self._store.path) if self._store else None, force=force,
                checkpoint=checkpoint, resume=resume, max_wall=max_wall)
        except BaseException:
            source.remove()
            raise
        #: {population: its neurons}
        self.populations: "dict[str, int]" = {
            name: int(library.mlif_population_size(self._session.handle, i))
            for i, name in enumerate(self._session.names)}
        self.dt: float = self._session.dt  #: time step, ms
        self._targets: "dict[bytes, str]" = {}
        self.steps: int = int(library.mlif_steps(self._session.handle))  #: of the whole
        warn(self.warnings, self._session.source.named)

    def advance(self, duration: Optional[float] = None, *,
                steps: Optional[int] = None) -> "dict[str, Spikes]":
        """Simulates `duration` ms, a multiple of dt, or so many steps, or all that is left; fewer
        where the config's duration ends. Returns {population: the spikes recorded in this call},
        of every population, when `collect` is on."""
        self._collector.columns = {}
        self._session.advance(self._steps_of(duration, steps))
        return self._collector.taken(self.populations, self.dt) if self._collector.collect else {}

    def _steps_of(self, duration: Optional[float], steps: Optional[int]) -> int:
        if duration is not None and steps is not None:
            raise ValueError("give a duration or steps, not both")
        if duration is None and steps is None:
            return _native.TO_THE_END
        if duration is not None:
            if not isinstance(duration, Real):
                raise TypeError(f"a duration of {duration!r}; give a number of ms")
            steps = round(duration / self.dt) if math.isfinite(duration) else 0
            if not math.isclose(steps * self.dt, duration, rel_tol=1e-9, abs_tol=1e-9 * self.dt):
                raise ValueError(f"{duration} ms is no multiple of dt, {self.dt:g} ms")
        if not isinstance(steps, Integral):
            raise wrong("steps", steps, "a whole number")
        if steps < 0:
            raise ValueError("time does not go back")
        return min(int(steps), _native.TO_THE_END)

    def blocks(self, duration: float) -> "Iterator[dict[str, Spikes]]":
        """What `advance(duration)` returns, again and again, up to the config's duration."""
        if duration == 0:
            raise ValueError("blocks of 0 ms come to no end")
        while not self.done:
            yield self.advance(duration)

    @property
    def steps_done(self) -> int:
        """Steps done."""
        return self._session.steps_done

    @property
    def time(self) -> float:
        """Model time, in ms: the end of the last step done."""
        return self._session.time

    @property
    def done(self) -> bool:
        """The config's duration is over."""
        return self.steps_done >= self.steps

    def V_m(self, population: str, start: int = 0, stop: Optional[int] = None) -> np.ndarray:
        """Membrane potentials of neurons start ... stop - 1 (None: to the last): float64[], in mV,
        at the end of the last step. Refractory neurons show V_reset."""
        number, stop = self._range(population, start, stop)
        values = np.empty(max(0, stop - start))
        status = self._session.read(library.mlif_read_V_m, number, start, stop, values.ctypes.data)
        if status != _native.OK:
            raise ValueError(f"{population} has no membranes of neurons {start} to {stop - 1}")
        return values

    def set_V_m(self, population: str, values: "Union[float, np.ndarray]", start: int = 0,
                stop: Optional[int] = None) -> None:
        """Sets the membrane potentials (mV) of neurons start ... stop - 1: one number for all, or
        one for each. A refractory neuron keeps V_reset until its time is over."""
        self._set(lambda *what: library.mlif_set_V_m(self._session.opened(), *what), population,
                  values, start, stop)

    def set_current(self, input: str, values: "Union[float, np.ndarray]",
                    population: Optional[str] = None, start: int = 0,
                    stop: Optional[int] = None) -> None:
        """Sets the currents (pA) of an input of `type = external` for neurons start ... stop - 1 of
        a population, which may be left out where the input acts on one only: one number for all,
        or one for each. They hold until they are set again."""
        if population is None:
            population = self._target(input, "amplitude")
        name = encoded("input", input)
        if np.ndim(values) == 0:
            number, stop = self._range(population, start, stop)
            self._session.call(lambda errors: library.mlif_set_same_current(
                self._session.opened(), name, number, start, stop, float(values), errors))
        else:
            self._set_input(library.mlif_set_current, name, values, population, start, stop)

    def set_rate(self, input: Optional[str], values: "Union[float, np.ndarray]",
                 population: Optional[str] = None, start: int = 0,
                 stop: Optional[int] = None) -> None:
        """Sets the rates (Hz) of an input of `type = poisson` that has a `rate_most`, which they
        must not exceed; otherwise as set_current. With None as input those of a population of
        `model = poisson` itself, which is named then."""
        if input is None and population is None:
            raise ValueError("without an input a population is wanted, of model = poisson")
        if population is None:
            population = self._target(input, "rate")
        self._set_input(library.mlif_set_rate, None if input is None else encoded("input", input),
                        values, population, start, stop)

    def _target(self, input: str, key: str) -> str:
        """The population that an input acts on. Of an input that is not there, or has no such key,
        any will do: the library tells."""
        name = b"input." + encoded("input", input) + b"." + key.encode()
        if name in self._targets:
            return self._targets[name]
        found = [population for number, population in enumerate(self._session.names)
                 if self._session.read(library.mlif_read_parameter, number, name, 0, 0, None,
                                       None) == _native.OK]
        if len(found) > 1:
            raise ValueError(f"input {input} acts on {', '.join(found)}; say on which it is to, "
                             f"as population={found[0]!r}")
        self._targets[name] = (found or self._session.names)[0]
        return self._targets[name]

    def _set_input(self, function: Callable, input: Optional[bytes], values, population: str,
                   start: int, stop: Optional[int]) -> None:
        self._set(lambda *what: function(self._session.opened(), input, *what), population,
                  values, start, stop)

    def _set(self, function: Callable, population: str, values, start: int,
             stop: Optional[int]) -> None:
        values = np.asarray(values, float)
        if values.ndim and stop is None and isinstance(start, Integral):
            stop = start + len(values)
        number, stop = self._range(population, start, stop)
        if values.ndim > 1 or (values.ndim and len(values) != stop - start):
            raise ValueError(f"values have the shape {values.shape}; one number or "
                             f"{stop - start} are wanted")
        each = np.ascontiguousarray(np.broadcast_to(values, max(0, stop - start)))
        self._session.call(lambda errors: function(number, start, stop, each.ctypes.data, errors))

    def inject(self, population: str, ids: "Union[list, np.ndarray]") -> None:
        """Spikes from outside: projections deliver them as if these neurons had spiked at the
        present time, so one with a delay d arrives d from now. ids: whole numbers, in any order.
        Counts, rates, rasters and digests of the population do not change."""
        given = np.asarray(ids)
        if given.size and given.dtype.kind not in "iu":
            raise TypeError(f"ids are of {given.dtype}; whole numbers are wanted")
        if given.size and (given.min() < 0 or given.ndim != 1):
            raise ValueError("ids are a list of numbers from 0")
        number = self._number(population)
        each = np.ascontiguousarray(given, np.uint64)
        self._session.call(lambda errors: library.mlif_inject_spikes(
            self._session.opened(), number, each.ctypes.data, len(each), errors))

    def counts(self, population: str) -> "dict[str, np.ndarray]":
        """What a counts recorder has up to now: uint64[size] of "spikes", "first", "last" (steps;
        0: none) and "interval_square_sum" (steps squared). ConfigError: it has none."""
        number, size = self._range(population, 0, None)
        found = {name: np.empty(size, np.uint64)
                 for name in ("spikes", "first", "last", "interval_square_sum")}
        self._session.call(lambda errors: library.mlif_read_counts(
            self._session.opened(), number, 0, size,
            *(each.ctypes.data for each in found.values()), errors))
        return found

    def rates(self, population: str, recorder: Optional[str] = None) -> Rates:
        """The spikes of a population up to now in bins of 1 ms, or in those of a rate recorder."""
        number = self._number(population)
        name = encoded("recorder", recorder) if recorder is not None else None
        start, width, bins = ctypes.c_double(), ctypes.c_double(), ctypes.c_uint64()
        self._session.call(lambda errors: library.mlif_rate_bins(
            self._session.opened(), name, number, ctypes.byref(start), ctypes.byref(width),
            ctypes.byref(bins), errors))
        found = np.empty(bins.value, np.uint64)
        self._session.call(lambda errors: library.mlif_read_rates(
            self._session.opened(), name, number, 0, len(found), found.ctypes.data, errors))
        return Rates(population, self.populations[population], found, start.value, width.value)

    def statistics(self, population: str) -> Report:
        """Of the spikes up to now: spikes, mean_rate_Hz, synchrony, digest, and with a counts
        recorder rate_quantile_Hz (5, 25, 50, 75, 95 %), fano_factor, mean_cv and others."""
        number, found = self._number(population), _native.PopulationStatistics()
        self._session.call(lambda errors: library.mlif_read_statistics(
            self._session.opened(), number, ctypes.byref(found), errors))
        return Report(found.plain())

    def parameter(self, population: str, name: str) -> np.ndarray:
        """float64[size]: a parameter of each neuron, "tau_m" or "input.NAME.KEY", as the config has
        it or as it was drawn, in the key's unit. ConfigError: there is none of this name."""
        (number, size), parameter = self._range(population, 0, None), encoded("name", name)
        values = np.empty(size)
        self._session.call(lambda errors: library.mlif_read_parameter(
            self._session.opened(), number, parameter, 0, size, values.ctypes.data, errors))
        return values

    def _number(self, population: str) -> int:
        if not isinstance(population, str):
            raise wrong("population", population, "its name")
        if population not in self.populations:
            raise KeyError(f"no population {population}; there are {', '.join(self.populations)}")
        return self._session.names.index(population)

    def _range(self, population: str, start: int, stop: Optional[int]) -> "tuple[int, int]":
        number, size = self._number(population), self.populations[population]
        stop = size if stop is None else stop
        for name, bound in (("start", start), ("stop", stop)):
            if not isinstance(bound, Integral):
                raise wrong(name, bound, "a whole number")
        if not 0 <= start <= stop <= size:
            raise IndexError(f"{population} has neurons 0 to {size - 1}, not {start} to {stop - 1}")
        return number, stop

    def connections(self, projection: str, source: Optional[str] = None,
                    target: Optional[str] = None) -> Connections:
        """The synapses of a projection, as Result.connections has them."""
        return connections(self._session, projection, source, target)

    @property
    def report(self) -> Report:
        """What it did up to now (docs/format.md)."""
        return Report.of(self._session.report())

    @property
    def digest(self) -> str:
        """Of all spikes so far, recorded or not."""
        return self.report.digest

    @property
    def warnings(self) -> "list[str]":
        """All up to now."""
        return self._session.warnings()

    def checkpoint(self) -> None:
        """Writes a checkpoint of the present step; ConfigError where there are none."""
        self._session.checkpoint()

    def finish(self) -> Result:
        """Completes the output, with what was simulated up to now, and returns it. The simulation
        can be read after that, but not go on. ValueError: it has no output."""
        if self._store is None:
            raise ValueError("this simulation has no output; give it one when it is made")
        self._session.finish()
        return Result(self._store, self.report, self._session.source)

    def close(self) -> None:
        """Frees everything; an output that is not finished is removed, checkpoints stay."""
        self._session.close()

    def __reduce__(self):
        raise TypeError("a simulation belongs to its process and cannot be pickled or copied; take "
                        "its result, or the arrays that you need")

    def __enter__(self) -> "Simulation":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def __repr__(self) -> str:
        if not self._session.handle.value:
            return "<megalif simulation, closed>"
        return (f"<megalif simulation at {self.time:.10g} of {self.steps * self.dt:.10g} ms: "
                + ", ".join(f"{name} ({size:,})" for name, size in self.populations.items()) + ">")
