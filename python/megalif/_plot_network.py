"""Histograms of a network's degrees, delays and weights, by matplotlib."""
from __future__ import annotations

import re
from typing import TYPE_CHECKING, Optional

import numpy as np

from ._connections import Connections, of_all_pairs
from ._store import missing

if TYPE_CHECKING:
    from ._result import Result

COLUMNS = ("in-degree", "out-degree", "delay (ms)", "weight")
MOST_ROWS, BINS = 12, 60
UNITS = {"lif": "mV", "iaf_psc_delta": "mV", "iaf_psc_exp": "pA", "iaf_psc_alpha": "pA",
         "iaf_cond_exp": "nS", "iaf_cond_alpha": "nS"}  # of weights, by the target's model


def connections(pyplot, result, view):
    """A row for each projection, with an outline for each pair of populations that it connects."""
    names = chosen(result, view.projections)
    figure, axes = pyplot.subplots(len(names), len(COLUMNS), squeeze=False,
                                   figsize=(11, 0.6 + 1.9 * len(names)))
    models = models_of(result.config or "")
    with result._network() as session:
        for row, name in zip(axes, names):
            draw_row(row, name, of_all_pairs(session, name), models, session.dt)
    for axis, title in zip(axes[0], COLUMNS):
        axis.set_title(title, fontsize="medium")
    figure.tight_layout()
    return axes


def chosen(result: "Result", projections) -> "list[str]":
    if isinstance(projections, str):
        projections = [projections]
    names = list(result.projections) if projections is None else list(projections)
    for name in names:
        if name not in result.projections:
            raise missing("projection", name, result.projections)
    if not names:
        raise ValueError("the result has no projections")
    if len(names) > MOST_ROWS:
        raise ValueError(f"{len(names)} projections are more than a picture can show ({MOST_ROWS});"
                         " choose some with projections=")
    return names


def models_of(config: str) -> "dict[str, str]":
    """
    >>> models_of("[population.exc]\\nsize = 3\\nmodel = lif\\n[record.n]\\nwhat = counts\\n")
    {'exc': 'lif'}
    """
    return dict(re.findall(r"^\[population\.(\w+)\]\n(?:[^\[].*\n)*?model += (\w+)$", config,
                           re.MULTILINE))


def draw_row(row, name: str, pairs: "list[Connections]", models: "dict[str, str]",
             dt: float) -> None:
    found = [(f"{each.source} \u2192 {each.target}",
              (each.indegrees(), each.outdegrees(), each.delays, each.weights)) for each in pairs]
    for column, (axis, quantum) in enumerate(zip(row, (1, 1, dt, None))):
        values = [of_pair[column] for _, of_pair in found]
        draw_histograms(axis, values, [label for label, _ in found], quantum)
    units = {UNITS.get(models.get(each.target, ""), "") for each in pairs}
    row[3].set_xlabel(units.pop() if len(units) == 1 else "")
    ways = f"\n{found[0][0]}" if len(pairs) == 1 else ""
    row[0].set_ylabel(f"{name}{ways}\n{sum(map(len, pairs)):,}\nsynapses")
    if len(pairs) > 1:
        row[1].legend(fontsize="x-small")


def draw_histograms(axis, values: "list[np.ndarray]", labels: "list[str]",
                    quantum: Optional[float]) -> None:
    axis.set_yticks([])
    together = np.concatenate([*values, np.empty(0)])
    if not len(together):
        return
    low, high = together.min(), together.max()
    edges = edges_of(low, high, quantum)
    for label, each in zip(labels, values):
        axis.hist(each, edges, histtype="step", label=label)
    if low == high:  # a bar in the middle
        axis.set_xticks([low])
        axis.set_xlim(low - 10 * (edges[1] - edges[0]), low + 10 * (edges[1] - edges[0]))


def edges_of(low: float, high: float, quantum: Optional[float]) -> np.ndarray:
    """Of some 60 bins at most; of values that are multiples of `quantum` each bin has as many of
    them as any other, with edges between."""
    if low == high or quantum:
        quantum = quantum or abs(low) / 10 or 1.0
        width = max(1, int(np.ceil((high - low) / quantum / BINS - 1e-6))) * quantum
        return np.arange(low - quantum / 2, high + width, width)
    return np.linspace(low, high, BINS + 1)
