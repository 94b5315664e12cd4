"""What a run left: one of ours, or a file of others in SONATA's layout."""
from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Callable, Iterable, Optional, Union

import h5py
import numpy as np

from . import _nwb, _plot, _tables
from ._arguments import path as path_of
from ._config import Source
from ._connections import Connections, connections
from ._picture import Picture, picture
from ._psth import psth
from ._report import Report
from ._session import Session, Watch
from ._spikes import Rates, Spikes, Trace, bounds_of
from ._statistics import Statistics, of_spikes
from ._store import Named, Store, Table, plain, words, written
from .errors import Problem

UNNAMED = "(unnamed)"  # the population of a file in the layout before SONATA named them


class Reader:
    """Reads pieces of a file. It knows nothing of the Result that it is for, so that temporary
    files go when the last of those who read them does."""

    def __init__(self, store: Store, file: h5py.File):
        self.store = store
        ours, spikes = file.get("megalif/populations", {}), file.get("spikes", {})
        older = {"timestamps", "gids"} <= set(spikes) or {"timestamps", "node_ids"} <= set(spikes)
        self.recorded = [UNNAMED] if older else list(spikes)
        self.about = {name: attributes(group) for name, group in ours.items()}
        self.sizes = {name: self.about.get(name, {}).get("size")
                      for name in [*ours, *self.recorded]}
        self.dt = attributes(file["megalif"]).get("dt_ms") if "megalif" in file else None

    def spikes(self, name: str) -> Spikes:
        store, path = self.store, "spikes" if name == UNNAMED else f"spikes/{name}"

        def rows(start, stop):
            with store.read() as file:
                return spike_rows(file[path], start, stop)
        return Spikes(name, self.sizes[name], self.dt, rows)

    def from_spikes(self, name: str, result: "Result") -> "Optional[Callable[[], dict]]":
        """What works out the statistics of a population that has all its spikes in the file."""
        warmup, duration = result.warmup or 0.0, result.duration
        whole = name in self.recorded and self.about.get(name, {}).get("recorded")
        if not whole or not self.sizes[name] or not self.dt or duration is None:
            return None
        return lambda: of_spikes(self.spikes(name), warmup, duration)

    def rates(self, path: str, name: str) -> Rates:
        with self.store.read() as file:
            data = file[path]
            return Rates(name, self.sizes[name], data[:], float(data.attrs["start_ms"]),
                         float(data.attrs["bin_width_ms"]))

    def counts(self, name: str) -> "dict[str, np.ndarray]":
        with self.store.read() as file:
            return {key: data[:] for key, data in file[f"megalif/counts/{name}"].items()}

    def parameter(self, path: str) -> Any:
        with self.store.read() as file:
            value = file[path][()]
        return value if np.ndim(value) else float(value)


def attributes(group: h5py.Group) -> "dict[str, Any]":
    return {key: plain(value) for key, value in group.attrs.items()}


class Result:
    """What a run left. Everything is read from its file when it is asked for; arrays belong to the
    caller. Files of others have spikes or traces and no more; what they lack is empty or None."""

    def __init__(self, store: Store, report: Optional[Report] = None,
                 source: Optional[Source] = None):
        self._store, self._source = store, source
        self.path: Path = store.path     #: the file; a temporary one goes with this object
        self.report: Optional[Report] = report  #: of a run by this process (docs/format.md)
        with store.read() as file:
            self._read_header(file)
            if source and not source.named:  # lines of a text that the user has not seen
                self.warnings = [Problem.of(each, False).message for each in self.warnings]
            reader = Reader(store, file)
            self._read_tables(file, reader)
        self._about = reader.about  # of populations, as the file has it
        #: {recorder: {population: Trace}}
        self.traces: "dict[str, Mapping[str, Trace]]" = self._find_traces()

    def _read_header(self, file: h5py.File) -> None:
        group = file.get("megalif", {})
        about = attributes(group) if group else {}
        self.digest: Optional[str] = about.get("digest")        #: of all spikes, recorded or not
        self.dt: Optional[float] = about.get("dt_ms")           #: time step, ms
        self.duration: Optional[float] = about.get("duration_ms")  #: simulated, ms
        self.warmup: Optional[float] = about.get("warmup_ms")   #: left out of statistics, ms
        self.seed: Optional[int] = about.get("seed")
        self.precision: Optional[str] = about.get("precision")  #: "single" or "double"
        self.numerics: Optional[int] = about.get("numerics")    #: of the arithmetic
        self.version: Optional[str] = about.get("version")      #: of megalif
        self.ended_early: Optional[str] = about.get("ended_early")  #: why; None: it did not
        self._provenance = {**about, **attributes(group.get("run"))} if "run" in group else about
        self.config: Optional[str] = None                       #: resolved, as INI text
        self.warnings: "list[str]" = []                         #: shown when it was run
        if "config" in group:
            self.config = words(group["config"][()])
        if "run/warnings" in group:
            said = words(group["run/warnings"][()])
            self.warnings = said.splitlines()

    def _read_tables(self, file: h5py.File, reader: Reader) -> None:
        #: {population: its neurons; None: the file does not say}
        self.populations: "dict[str, Optional[int]]" = reader.sizes
        #: {population: Spikes}
        self.spikes: "Mapping[str, Spikes]" = Table("recorded population", reader.recorded,
                                                    reader.spikes)
        #: {population: Rates}
        self.rates: "Mapping[str, Rates]" = Table(
            "rates of", file.get("megalif/rates", {}),
            lambda name: reader.rates(f"megalif/rates/{name}", name))
        #: {rate recorder: {population: Rates}}
        self.recorders: "Mapping[str, Mapping[str, Rates]]" = {
            recorder: Table("rates of", group, lambda name, recorder=recorder: reader.rates(
                f"megalif/recorders/{recorder}/{name}", name))
            for recorder, group in file.get("megalif/recorders", {}).items()}
        #: {population: {"spikes", "first", "last", "interval_sum", ...: uint64[size]}}
        self.counts: "Mapping[str, dict[str, np.ndarray]]" = Table(
            "counts of", file.get("megalif/counts", {}), reader.counts)
        # What a file does not say is worked out from its spikes, as `megalif info` does.
        #: {population: {"mean_rate_Hz", "mean_cv", "chi", ...: number}}, by the file or its spikes
        self.statistics: "dict[str, Mapping[str, Any]]" = Named("population", {
            name: Statistics(values, reader.from_spikes(name, self))
            for name, values in reader.about.items()})
        #: {population: {parameter: float64[size], or one float for all}}
        self.parameters: "dict[str, Mapping[str, Any]]" = Named("parameters of", {
            name: Table(f"parameter of {name}", group, lambda key, name=name: reader.parameter(
                f"megalif/parameters/{name}/{key}"))
            for name, group in file.get("megalif/parameters", {}).items()})
        #: {projection: {"rule", "synapses", "digest", "seed"}}
        self.projections: "dict[str, dict[str, Any]]" = Named("projection", {
            name: attributes(group) for name, group in file.get("megalif/projections", {}).items()})

    def _find_traces(self) -> "dict[str, Mapping[str, Trace]]":
        """A recorder's file stands beside the output; a report of others is its own."""
        found, self._trace_files = {}, {}
        beside = self.path.parent.glob(f"{glob_escaped(self.path.stem)}.*.h5")
        for path in [*sorted(beside), self.path]:
            store = Store(path, self._store.folder)
            with store.read() as file:
                if "report" not in file:
                    continue
                header = file["megalif"].attrs if "megalif" in file else {}
                name = words(header.get("recorder", path.stem))
                found[name] = traces_of(store, file["report"])
                self._trace_files[name] = path
        return Named("recorder of traces", found)

    def _move_traces(self, recorder: str, path: Path) -> None:
        """Gives a recorder's file another place."""
        path.parent.mkdir(parents=True, exist_ok=True)
        os.replace(self.path.with_name(f"{self.path.stem}.{recorder}.h5"), path)
        self.traces[recorder] = traces_of(Store(path), list(self.traces[recorder]))
        self._trace_files[recorder] = path

    def connections(self, projection: str, source: Optional[str] = None,
                    target: Optional[str] = None) -> Connections:
        """The synapses of a projection, drawn again as the run used them. Where it connects several
        populations, `source` and `target` name a pair. KeyError: no such projection."""
        with self._network() as session:
            return connections(session, projection, source, target)

    def _network(self) -> Session:
        """Opened anew from the config, to read synapses."""
        return Session(self._config_as_source(), Watch(lambda _: None), file=False)

    def _config_as_source(self) -> Source:
        if self.config is None:
            raise ValueError(f"{self.path} has no config to draw synapses from")
        config = Source(self.config)
        config.name = self._source.name if self._source else str(self.path)  # files stand beside it
        return config

    def to_pandas(self, populations: Optional[Iterable[str]] = None,
                  start: Optional[float] = None, stop: Optional[float] = None) -> Any:
        """The spikes as a pandas.DataFrame: population (categories), timestamps (ms), node_ids; of
        some populations, with start <= time < stop, where that is asked for."""
        return _tables.to_pandas(self, populations, start, stop)

    def to_xarray(self, recorder: Optional[str] = None, population: Optional[str] = None) -> Any:
        """A trace as an xarray.DataArray of time (ms) and neuron, with its units. Names may be left
        out that leave no choice."""
        return _tables.to_xarray(self, recorder, population)

    def to_neo(self, populations: Optional[Iterable[str]] = None) -> Any:
        """A neo.Block: one segment with a SpikeTrain for each neuron, silent ones too, annotated
        with population and node_id, and an AnalogSignal for each trace; a group for each
        population. For a thousand neurons, not for a million: each train is an object."""
        return _tables.to_neo(self, populations)

    def to_nwb(self, path: "Union[str, os.PathLike[str]]",
               populations: Optional[Iterable[str]] = None, force: bool = False,
               **about: Any) -> Path:
        """Writes an NWB file and returns its path: `units` with a row for each neuron, silent ones
        too (spike_times in s, population, node_id), a TimeSeries for each trace (rows, neurons),
        the config as source_script, digest, seed, versions and the run as JSON in notes. `about`
        goes to pynwb.NWBFile (experimenter, institution, subject, session_start_time, ...).
        FileExistsError where a file is there, without force; after an error none is left. Needs
        pynwb."""
        return _nwb.to_nwb(self, path, populations, force, about)

    def psth(self, population: str, events: Iterable[float],
             window: "tuple[float, float]" = (-50.0, 200.0), bin: float = 5.0,
             neurons: Optional[int] = None) -> Rates:
        """The mean rate of a population around events, a peristimulus time histogram: a Rates with
        times from window[0] to window[1] (ms) relative to the events, in bins of `bin` ms, whole
        time steps. events: their times, ms; each window must lie within the run. neurons: how many
        the spikes are of, where the file has those of some only.

        >>> import megalif
        >>> result = megalif.run({"simulation": {"dt": 0.1, "duration": "100 ms"}, "population": {
        ...     "exc": {"size": 10, "tau_m": "20 ms", "I_e": "400 pA"}}})   # all at 12.7, 27.4, ...
        >>> result.psth("exc", events=[10, 60], window=(0, 20), bin=5).Hz
        array([100.,   0., 100., 100.])
        """
        return psth(self, population, events, window, bin, neurons)

    def plot(self, what: str = "raster", populations: Optional[Iterable[str]] = None,
             start: Optional[float] = None, stop: Optional[float] = None, neurons: int = 100, *,
             projections: Optional[Iterable[str]] = None,
             events: Optional[Iterable[float]] = None,
             window: "Optional[tuple[float, float]]" = None,
             bin: Optional[float] = None) -> np.ndarray:
        """A picture by matplotlib: "raster" (with rates below), "rates", "traces", "intervals";
        histograms of "neuron_rates", "cv" (of neurons with more than 10 spikes) and recorded
        "values" as of V_m; the "spectrum" of a population's spikes, in Hz a neuron. Of some
        populations, between start and stop (ms), of the first `neurons` of each in rasters,
        traces and values. Rates are in bins of `bin` ms; None: as wide as it takes to read them.

        "psth": mean rates around `events` (ms), with window and bin as Result.psth has them.
        "connections": in- and out-degrees, delays and weights of some projections, a row for each;
        their synapses are drawn again, one projection at a time, 32 bytes each.

        Returns an array of matplotlib.axes.Axes."""
        return _plot.plot(self, what, _plot.View(populations, start, stop, neurons, projections,
                                                 events, window, bin))

    def picture(self, what: Optional[str] = None, *, format: str = "png",
                recorder: Optional[str] = None, start: Optional[float] = None,
                stop: Optional[float] = None, neurons: Optional[int] = None,
                projection: Optional[str] = None, title: Optional[str] = None,
                width: Union[str, int, None] = None, height: Union[str, int, None] = None,
                dpi: Optional[int] = None, font: Union[str, int, None] = None) -> Picture:
        """A picture as `megalif plot` draws it, by gnuplot; it shows itself in a notebook. what:
        "raster" (None: this), "intervals", "f-I", "connections", or "traces" of a recorder, whose
        name may be left out where there is one. format: "png", "svg" or "pdf". The others are the
        options of the command line: start and stop in ms (--from, --to), width as 1200 (pixels) or
        "8.5cm", ...

        It is made now, from the result's file, a temporary one too; of a simulation without output
        there is no result, so finish one with output. Above it stands the file's name, or of a
        temporary one that of its config.

        Errors have the command line's words: ConfigError where it shows its usage, or the file has
        nothing of the kind; OutputError where the file cannot be read, or there is no gnuplot.
        ImportError: the program megalif is not there."""
        return picture(self, what, format, recorder, {
            "from": start, "to": stop, "neurons": neurons, "projection": projection,
            "title": title, "width": width, "height": height, "dpi": dpi, "font": font})

    def save(self, path: "Union[str, os.PathLike[str]]", force: bool = False) -> Path:
        """Copies the file, and those of its traces, to `path`; returns it. FileExistsError where
        one is there, without force; OutputError: it cannot be written, and is not there."""
        to = Path(path_of("path", path))
        pairs = [(self.path, to)] + [
            (each, to.with_name(f"{to.stem}{each.name[len(self.path.stem):]}"))
            for each in self.path.parent.glob(f"{glob_escaped(self.path.stem)}.*.h5")]
        taken = [str(new) for _, new in pairs if os.path.exists(new)]
        if taken and not force:
            raise FileExistsError(f"{', '.join(taken)} exists; force=True replaces it")
        for old, new in pairs:
            with written(new) as part:
                shutil.copyfile(old, part)
        return to

    def __reduce__(self):
        """Pickled is where the file is; a temporary one, which goes with its process, as it is."""
        files = {each.name: each.read_bytes() for each in self.path.parent.glob("*.h5")
                 } if self._store.folder else None
        return restored, (str(self.path), files, self.report, self.warnings,
                          self._source.name if self._source else None)

    def __repr__(self) -> str:
        sizes = ", ".join(f"{name} ({size:,})" if size else name
                          for name, size in self.populations.items())
        length = f"{self.duration:g} ms, " if self.duration is not None else ""
        return f"<megalif result: {length}{sizes or ', '.join(self.traces)}>"

    def _repr_html_(self) -> str:
        from ._html import page
        return page(self)


def restored(path: str, files: "Optional[dict[str, bytes]]", report: Optional[Report],
             warnings: "list[str]", config_name: Optional[str]) -> Result:
    """A Result that was pickled."""
    store = Store(Path(path)) if files is None else Store.for_run(None)
    for name, content in (files or {}).items():
        store.path.with_name(name).write_bytes(content)
    result = Result(store, report)
    result.warnings = warnings
    if config_name and result.config:
        result._source = Source(result.config)
        result._source.name = config_name
    return result


def glob_escaped(name: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)


def spike_rows(group: h5py.Group, start: Optional[float], stop: Optional[float]):
    """(times, ids) with start <= time < stop, sorted. Unless the file says that it is sorted by
    time, all is read first."""
    times, ids = group["timestamps"], group["node_ids" if "node_ids" in group else "gids"]
    kind = group.attrs.get("sorting")
    names = h5py.check_enum_dtype(group.attrs.get_id("sorting").dtype) if kind is not None else None
    if not np.ndim(kind) and (kind == (names or {}).get("by_time", "by_time")
                              or kind == b"by_time"):
        begin, end = bounds_of(times, start, stop)
        return times[begin:end], ids[begin:end].astype(np.uint64, copy=False)
    times, ids = times[:], ids[:].astype(np.uint64, copy=False)
    order = np.lexsort((ids, times))
    begin, end = bounds_of(times[order], start, stop)
    return times[order][begin:end], ids[order][begin:end]


def traces_of(store: Store, populations) -> "Mapping[str, Trace]":
    return Table("trace of", populations, lambda population: trace(store, population))


def trace(store: Store, population: str) -> Trace:
    with store.read() as file:
        group = file[f"report/{population}"]
        data, mapping = group["data"], group["mapping"]
        start, _, interval = mapping["time"][:]
        return Trace(population, words(data.attrs.get("variable", "")),
                     words(data.attrs.get("units", "")), mapping["node_ids"][:],
                     start + interval * np.arange(len(data)), data[:])


def open(path: "Union[str, os.PathLike[str]]") -> Result:
    """The results in a file: of a run by the command line or by Python, or anybody's SONATA spikes
    or reports. OutputError: it cannot be read, or has neither."""
    from .errors import OutputError
    result = Result(Store(Path(path_of("path", path))))
    if not result.spikes and not result.traces and not result.populations:
        raise OutputError([f"{path}: has neither /spikes nor /report; a SONATA file has one of "
                           "them"])
    return result
