"""Results as a file of Neurodata Without Borders, by pynwb."""
from __future__ import annotations

import json
import os
import tempfile
import uuid
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Iterable, Optional

import numpy as np

from ._optional import needed
from ._spikes import Trace
from ._tables import chosen

if TYPE_CHECKING:
    from ._result import Result

SI = {"mV": ("volts", 1e-3), "pA": ("amperes", 1e-12), "nS": ("siemens", 1e-9)}


def to_nwb(result: "Result", path, populations: Optional[Iterable[str]], force: bool,
           about: "dict[str, Any]") -> Path:
    """Writes beside `path` and renames, so that there is a whole file or none."""
    pynwb, to = needed("pynwb"), Path(path)
    if to.exists() and not force:
        raise FileExistsError(f"{to} exists; force=True replaces it")
    names = chosen(result, populations)
    session = pynwb.NWBFile(**described(result, about))
    if names:
        session.units = units(pynwb, result, names)
    for recorder, traces in result.traces.items():
        for name in traces:
            if populations is None or name in names:
                add_trace(pynwb, session, f"{recorder}.{name}", traces[name])
    with tempfile.TemporaryDirectory(dir=to.parent, prefix=f".{to.name}.part-") as folder:
        part = Path(folder, "run.nwb")
        with pynwb.NWBHDF5IO(part, "w") as file:
            file.write(session)
        os.replace(part, to)
    return to


def described(result: "Result", about: "dict[str, Any]") -> "dict[str, Any]":
    """The session: what the caller says of it, and where it comes from."""
    run = result._provenance
    fields = {"session_description": "spiking neurons simulated by megalif"
              if result.version else f"spikes of {result.path.name}",
              "identifier": str(uuid.uuid4()),
              "notes": json.dumps({key: value for key, value in run.items() if value is not None},
                                  indent=1)}
    if "started" in run:
        fields["session_start_time"] = datetime.fromisoformat(run["started"].replace("Z", "+00:00"))
    if result.config is not None:
        fields.update(source_script=result.config, source_script_file_name="config.ini")
    fields.update(about)
    if "session_start_time" not in fields:
        raise ValueError(f"{result.path} does not say when it was made, which NWB wants to know: "
                         "give session_start_time=datetime(...)")
    return fields


def units(pynwb, result: "Result", names: "list[str]") -> Any:
    """A row for each neuron, silent ones too, population by population; times in s."""
    common = needed("hdmf.common", "pynwb")
    trains = [by_id(result.spikes[name]) for name in names]
    sizes = [len(counts) for counts, _ in trains]
    times = common.VectorData(name="spike_times", description="when it fired, in s",
                              data=np.concatenate([each for _, each in trains]))
    ends = common.VectorIndex(name="spike_times_index", target=times, data=np.cumsum(
        np.concatenate([counts for counts, _ in trains])).astype(np.uint64))
    population = common.VectorData(name="population", description="population of the neuron",
                                   data=np.repeat(np.array(names, object), sizes))
    node_id = common.VectorData(
        name="node_id", description="number of the neuron in its population, from 0",
        data=np.concatenate([np.arange(size, dtype=np.uint64) for size in sizes]))
    return pynwb.misc.Units(
        name="units", description="simulated neurons", columns=[times, ends, population, node_id],
        colnames=["spike_times", "population", "node_id"],
        **({} if result.dt is None else {"resolution": result.dt / 1000}))


def by_id(spikes) -> "tuple[np.ndarray, np.ndarray]":
    """(how many each neuron has, their times in s, neuron by neuron)."""
    return spikes.counts(), spikes.times[np.argsort(spikes.ids, kind="stable")] / 1000


def add_trace(pynwb, session, name: str, trace: Trace) -> None:
    """A time series of rows by neurons, and a table of which neurons they are."""
    unit, conversion = SI.get(trace.units, (trace.units or "unknown", 1.0))
    if len(trace.times) > 1:
        when = {"starting_time": trace.times[0] / 1000,
                "rate": 1000 * (len(trace.times) - 1) / (trace.times[-1] - trace.times[0])}
    else:
        when = {"timestamps": trace.times / 1000}
    session.add_acquisition(pynwb.TimeSeries(
        name=name, data=trace.values, unit=unit, conversion=conversion,
        description=f"{trace.variable} of neurons of {trace.name}; a column for each row of the "
        f"table {name}.neurons", **when))
    common = needed("hdmf.common", "pynwb")
    session.add_acquisition(common.DynamicTable(
        name=f"{name}.neurons", description=f"which neurons the columns of {name} are", columns=[
            common.VectorData(name="node_id", data=trace.ids,
                              description=f"number of the neuron in {trace.name}, from 0")]))
