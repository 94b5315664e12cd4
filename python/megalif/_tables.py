"""Results as other packages have them: pandas, xarray, Neo."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, Iterable, Optional

import numpy as np

from ._optional import needed
from ._spikes import Trace

if TYPE_CHECKING:
    from ._result import Result


def chosen(result: "Result", populations: Optional[Iterable[str]]) -> "list[str]":
    """Names of recorded populations, all where none is given."""
    if isinstance(populations, str):
        populations = [populations]
    names = list(result.spikes) if populations is None else list(populations)
    for name in names:
        if name not in result.spikes:
            raise KeyError(f"no recorded population {name}; there are {', '.join(result.spikes)}")
    return names


def to_pandas(result: "Result", populations: Optional[Iterable[str]], start: Optional[float],
              stop: Optional[float]) -> Any:
    pandas = needed("pandas")
    names = chosen(result, populations)
    parts = [result.spikes[name].window(start, stop) for name in names]
    codes = np.repeat(np.arange(len(names)), [len(part) for part in parts])
    none = [np.empty(0)]
    return pandas.DataFrame({
        "population": pandas.Categorical.from_codes(codes, names),
        "timestamps": np.concatenate(none + [part.times for part in parts]),
        "node_ids": np.concatenate([np.empty(0, np.uint64), *(part.ids for part in parts)])})


def trace_of(result: "Result", recorder: Optional[str], population: Optional[str]) -> Trace:
    """The trace that is meant, where names may be left out that leave no choice."""
    if recorder is None:
        recorder = only(result.traces, "recorder")
    if recorder not in result.traces:
        raise KeyError(f"no recorder {recorder}; there are {', '.join(result.traces) or 'none'}")
    traces = result.traces[recorder]
    return traces[only(traces, "population") if population is None else population]


def only(names, what: str) -> str:
    if len(names) != 1:
        raise ValueError(f"name the {what}: {', '.join(names) or 'there is none'}")
    return next(iter(names))


def to_xarray(result: "Result", recorder: Optional[str], population: Optional[str]) -> Any:
    xarray = needed("xarray")
    trace = trace_of(result, recorder, population)
    return xarray.DataArray(
        trace.values, dims=("time", "neuron"), name=trace.variable,
        coords={"time": ("time", trace.times, {"units": "ms"}), "neuron": trace.ids.astype(int)},
        attrs={"units": trace.units, "population": trace.name})


def to_neo(result: "Result", populations: Optional[Iterable[str]]) -> Any:
    neo = needed("neo")
    ms = needed("quantities").ms
    block = neo.Block(name="megalif", digest=result.digest, config=result.config)
    segment = neo.Segment(name="run")
    block.segments.append(segment)
    end = result.duration
    for name in chosen(result, populations):
        spikes, group = result.spikes[name], neo.Group(name=name)
        stop = end if end is not None else (float(spikes.times[-1]) if len(spikes) else 0.0)
        for number, times in enumerate(spikes.by_neuron()):
            train = neo.SpikeTrain(times, units="ms", t_start=0 * ms, t_stop=stop * ms,
                                   population=name, node_id=number)
            segment.spiketrains.append(train)
            group.add(train)
        block.groups.append(group)
    for recorder, traces in result.traces.items():
        for name, trace in traces.items():
            segment.analogsignals.append(signal(neo, ms, recorder, trace))
    return block


def signal(neo, ms, recorder: str, trace: Trace) -> Any:
    step = trace.times[1] - trace.times[0] if len(trace.times) > 1 else 1.0
    return neo.AnalogSignal(
        trace.values, units=trace.units, t_start=trace.times[0] * ms, sampling_period=step * ms,
        name=f"{recorder}.{trace.name}", variable=trace.variable,
        array_annotations={"node_id": trace.ids.astype(np.int64)})
