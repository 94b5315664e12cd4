"""Rates around events: peristimulus time histograms."""
from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING, Any, Optional

import numpy as np

from ._arguments import whole, wrong
from ._spikes import Rates

if TYPE_CHECKING:
    from ._result import Result

STEP = 1e-3   # of dt: what adding up times may be off


def psth(result: "Result", population: str, events: Any, window: "tuple[float, float]", bin: float,
         neurons: Optional[int]) -> Rates:
    spikes = result.spikes[population]
    times = times_of(events)
    size = size_of(result, population) if neurons is None else whole("neurons", neurons, 1)
    low, bins = bins_of(window, bin, spikes.dt)
    outside = times[(times + low < 0) | (times + low + bins * bin > (result.duration or np.inf)
                                         + STEP * bin)]
    if len(outside):
        raise ValueError(f"a window of {low:g} to {low + bins * bin:g} ms does not lie within the "
                         f"run around {len(outside)} of {len(times)} events, such as the one at "
                         f"{outside[0]:g} ms; leave them out")
    bounds = times[:, None] + low + bin * np.arange(bins + 1) + STEP * (spikes.dt or 0)
    before = np.searchsorted(spikes.times, bounds, side="right")
    counts = np.diff(before, axis=1).sum(axis=0, dtype=np.uint64)
    return Rates(population, size, counts, low, bin, len(times))


def times_of(events: Any) -> np.ndarray:
    try:
        times = np.asarray(events, float)
    except (TypeError, ValueError):
        raise wrong("events", events, "times in ms") from None
    if times.ndim != 1 or not len(times) or not np.isfinite(times).all():
        raise ValueError("events are times in ms, one or more, in a list or an array")
    return times


def size_of(result: "Result", population: str) -> int:
    """Of a population whose spikes are all in the file."""
    size = result.populations[population]
    if size and result._about.get(population, {}).get("recorded", 1):
        return size
    why = ("has the spikes of some neurons or of some of the time only" if size
           else "does not say how many neurons there are")
    raise ValueError(f"{population}: the file {why}; neurons= tells how many they are")


def bins_of(window: "tuple[float, float]", bin: float,
            dt: Optional[float]) -> "tuple[float, int]":
    """(start, number of bins), of bins that are all alike."""
    if not isinstance(bin, Real):
        raise wrong("bin", bin, "its width in ms")
    try:
        low, high = map(float, window)
    except (TypeError, ValueError):
        raise wrong("window", window, "where it begins and ends, as (-50, 200)") from None
    if not np.isfinite([low, high, bin]).all():
        raise ValueError(f"window={low:g}, {high:g}, bin={bin:g}: give times in ms")
    bins, steps = round((high - low) / bin) if bin > 0 else 0, bin / dt if dt else 1.0
    if bins < 1 or abs(bins * bin - (high - low)) > STEP * bin:
        raise ValueError(f"bin={bin:g}: a window of {low:g} to {high:g} ms has no whole number of "
                         "such bins")
    if steps < 1 - STEP or abs(steps - round(steps)) > STEP:
        raise ValueError(f"bin={bin:g}: give whole time steps of {dt:g} ms, or some bins would "
                         "have more of them than others")
    return low, bins
