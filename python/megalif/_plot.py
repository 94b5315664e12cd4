"""Pictures by matplotlib."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, Iterable, NamedTuple, Optional

import numpy as np

from ._optional import needed
from ._plot_network import connections
from ._spikes import Spikes, Trace, bounds_of, for_a_curve
from ._statistics import LEAST_INTERVALS
from ._tables import chosen

if TYPE_CHECKING:
    from ._result import Result

DOTS = 200_000  # of a raster: more cannot be told apart
POINTS = 200    # of rates, likewise


class View(NamedTuple):
    """What is shown of a result, as Result.plot says."""
    populations: Optional[Iterable[str]]
    start: Optional[float]
    stop: Optional[float]
    neurons: int
    projections: Optional[Iterable[str]]
    events: Any
    window: "Optional[tuple[float, float]]"
    bin: Optional[float]

    def inside(self, times: np.ndarray) -> np.ndarray:
        return ((times >= (-np.inf if self.start is None else self.start))
                & (times < (np.inf if self.stop is None else self.stop)))


# What goes with some kinds of pictures only.
TAKES = {"events": ("psth",), "window": ("psth",), "bin": ("raster", "rates", "psth"),
         "projections": ("connections",)}


def plot(result: "Result", what: str, view: View) -> Any:
    kinds = {"raster": raster, "rates": rates, "traces": traces, "intervals": intervals,
             "neuron_rates": neuron_rates, "cv": cvs, "spectrum": spectrum,
             "values": values, "psth": psth, "connections": connections}
    if what not in kinds:
        raise ValueError(f"what={what!r}; it may be {', '.join(kinds)}")
    for name, with_these in TAKES.items():
        if getattr(view, name) is not None and what not in with_these:
            raise ValueError(f"{name}= goes with {', '.join(with_these)}; not with {what}")
    pyplot = needed("matplotlib.pyplot", "matplotlib")
    return kinds[what](pyplot, result, view)


def raster(pyplot, result, view):
    """Dots above, rates below, where the file has them."""
    below = bool(result.rates)
    _, axes = pyplot.subplots(2 if below else 1, 1, sharex=True, squeeze=False,
                              height_ratios=[3, 1] if below else None, layout="constrained")
    axes, base, ticks = axes[:, 0], 0, []
    for index, name in enumerate(chosen(result, view.populations)):
        spikes = spikes_in(result, name, view)
        size = result.populations[name]
        shown = min(view.neurons, size or view.neurons)
        few = spikes.ids < shown
        times, ids = spikes.times[few], spikes.ids[few]
        every = -(-len(times) // DOTS) or 1
        axes[0].plot(times[::every], base + ids[::every], ".", markersize=2, color=f"C{index}",
                     rasterized=True)
        ticks.append((base + shown / 2, f"{name}\n({of_all(shown, size)})"))
        base += shown
    axes[0].set_yticks(*zip(*ticks))
    axes[0].set_ylim(base - 0.5, -0.5)
    if below:
        draw_rates(axes[1], result, view)
    axes[-1].set_xlabel("time (ms)")
    return axes


def spikes_in(result, name, view) -> "Spikes":
    return result.spikes[name].window(view.start, view.stop)


def of_all(shown: int, size: Optional[int]) -> str:
    return f"{shown:,} of {size:,}" if size and shown < size else f"{shown:,}"


def draw_rates(axes, result, view):
    """In bins that a picture can show, unless told which."""
    width = None
    for index, name in enumerate(chosen(result, view.populations)):
        if name in result.rates:
            bins = result.rates[name].window(view.start, view.stop)
            bins = bins.binned(view.bin) if view.bin else for_a_curve(bins, POINTS)
            width = bins.width
            axes.plot(bins.times, bins.Hz, linewidth=0.8, color=f"C{index}", label=name)
    axes.set_ylabel("rate (Hz)" + (f"\nbins of {width:g} ms" if width else ""))


def rates(pyplot, result, view):
    _, axes = pyplot.subplots()
    draw_rates(axes, result, view)
    axes.set_xlabel("time (ms)")
    axes.legend()
    return np.array([axes])


def recorded(result, populations) -> "list[Trace]":
    shown = [trace for kinds in result.traces.values() for trace in kinds.values()
             if populations is None or trace.name in populations]
    if not shown:
        raise ValueError("no traces were recorded; a [record.NAME] with what = V_m does")
    return shown


def traces(pyplot, result, view):
    """An axis for each recorder and population."""
    shown = recorded(result, view.populations)
    _, axes = pyplot.subplots(len(shown), 1, sharex=True, squeeze=False)
    for axis, trace in zip(axes[:, 0], shown):
        inside = view.inside(trace.times)
        axis.plot(trace.times[inside], trace.values[inside, :view.neurons], linewidth=0.8)
        axis.set_ylabel(f"{trace.name} {trace.variable} ({trace.units})")
    axes[-1, 0].set_xlabel("time (ms)")
    return axes[:, 0]


def intervals(pyplot, result, view):
    """Histograms of the intervals between a neuron's spikes."""
    _, axes = pyplot.subplots()
    for index, name in enumerate(chosen(result, view.populations)):
        found = intervals_of(spikes_in(result, name, view))
        if len(found):
            axes.hist(found, bins=edges(found, result.dt), histtype="step", color=f"C{index}",
                      label=name)
    axes.set_xlabel("interval (ms)")
    axes.set_ylabel("intervals")
    axes.legend()
    return np.array([axes])


def histograms(pyplot, result, view, find, across: str, up: str, bins_of=None):
    """Of what find(name) has of each population."""
    _, axes = pyplot.subplots()
    for index, name in enumerate(chosen(result, view.populations)):
        found = find(name)
        if len(found):
            axes.hist(found, bins=bins_of(found) if bins_of else "auto", histtype="step",
                      color=f"C{index}", label=name)
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    if axes.patches:
        axes.legend()
    return np.array([axes])


def neuron_rates(pyplot, result, view):
    """Histograms of the neurons' rates, silent ones too."""
    ends = [each for each in (view.stop, result.duration) if each is not None]
    if not ends:
        raise ValueError("the file does not say how long it is; give stop=")
    seconds = (min(ends) - max(view.start or 0, 0)) / 1000
    if seconds <= 0:
        raise ValueError("nothing to show between start and stop")
    return histograms(pyplot, result, view,
                      lambda name: spikes_in(result, name, view).counts() / seconds,
                      "rate of a neuron (Hz)", "neurons", lambda found: whole_bins(found, seconds))


def whole_bins(found: np.ndarray, seconds: float) -> np.ndarray:
    """Edges between rates that neurons can have, each bin as many spikes wide."""
    counts = np.rint(found * seconds)
    some = np.histogram_bin_edges(counts, "auto")
    width = max(1, round(some[1] - some[0]))
    return np.arange(counts.min() - 0.5, counts.max() + width, width) / seconds


def cvs(pyplot, result, view):
    """Histograms of the neurons' CV, of those with intervals enough."""
    return histograms(pyplot, result, view,
                      lambda name: cv_of_neurons(spikes_in(result, name, view)),
                      "CV of a neuron's intervals", "neurons")


def cv_of_neurons(spikes) -> np.ndarray:
    trains = (np.diff(train) for train in spikes.by_neuron() if len(train) > LEAST_INTERVALS)
    return np.array([each.std() / each.mean() for each in trains])


def spectrum(pyplot, result, view):
    """Power spectra of the populations' spikes, a neuron: independent Poisson neurons have their
    rate, at all frequencies. A mean over pieces of 1 s, if there is more than one."""
    _, axes = pyplot.subplots()
    for index, name in enumerate(chosen(result, view.populations)):
        if name in result.rates:
            frequencies, power = spectrum_of(result.rates[name], view.start, view.stop)
            axes.loglog(frequencies, power, color=f"C{index}", label=name)
    axes.set_xlabel("frequency (Hz)")
    axes.set_ylabel("power a neuron (Hz)")
    if axes.lines:
        axes.legend()
    return np.array([axes])


def spectrum_of(bins, start: Optional[float],
                stop: Optional[float]) -> "tuple[np.ndarray, np.ndarray]":
    counts = bins.counts[slice(*bounds_of(bins.times, start, stop))].astype(float)
    length = min(len(counts), max(1, round(1000 / bins.width)))
    pieces = counts[:len(counts) // max(1, length) * length].reshape(-1, max(1, length))
    seconds = length * bins.width / 1000
    waves = np.fft.rfft(pieces - pieces.mean(axis=1, keepdims=True), axis=1)[:, 1:]
    power = (np.abs(waves) ** 2).mean(axis=0) / (seconds * bins.size)
    return np.arange(1, 1 + len(power)) / seconds, power


def values(pyplot, result, view):
    """Histograms of recorded values, as of V_m: an axis for each recorder and population."""
    shown = recorded(result, view.populations)
    _, axes = pyplot.subplots(len(shown), 1, squeeze=False)
    for axis, trace in zip(axes[:, 0], shown):
        rows = slice(*bounds_of(trace.times, view.start, view.stop))
        axis.hist(trace.values[rows, :view.neurons].ravel(), bins=100, histtype="step")
        axis.set_xlabel(f"{trace.name} {trace.variable} ({trace.units})")
        axis.set_ylabel("samples")
    axes[0, 0].figure.tight_layout()
    return axes[:, 0]


def psth(pyplot, result, view):
    """The populations' mean rates around events."""
    given = {name: getattr(view, name) for name in ("window", "bin")
             if getattr(view, name) is not None}
    if view.events is None:
        raise ValueError('"psth" needs events=, the times (ms) that it is aligned to')
    _, axes = pyplot.subplots()
    for index, name in enumerate(chosen(result, view.populations)):
        around = result.psth(name, view.events, **given)
        axes.stairs(around.Hz, np.append(around.times, around.times[-1] + around.width),
                    baseline=None, color=f"C{index}", label=name)
    axes.axvline(0, color="k", linewidth=0.5)
    axes.set_xlabel(f"time after event (ms), mean of {around.trials:,}")
    axes.set_ylabel("rate (Hz)")
    axes.legend()
    return np.array([axes])


def edges(found: np.ndarray, dt: Optional[float]) -> np.ndarray:
    """Of some hundred bins at most, each as many steps wide, with edges between the steps: others
    would have one step here and two there, which looks like structure."""
    low, high = float(found.min()), float(found.max())
    dt = dt or max((high - low) / 100, 1e-3)
    width = max(1, int(np.ceil((high - low) / dt / 100 - 1e-6))) * dt
    return np.arange(low - dt / 2, high + width, width)


def intervals_of(spikes) -> np.ndarray:
    order = np.argsort(spikes.ids, kind="stable")
    times, ids = spikes.times[order], spikes.ids[order]
    return np.diff(times)[ids[1:] == ids[:-1]]
