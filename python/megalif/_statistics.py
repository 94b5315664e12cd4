"""Statistics of spike trains, as `megalif info` has them: what the file says, and from the raster
what it does not."""
from __future__ import annotations

import functools
import math
from typing import Any, Callable, Optional

import numpy as np

from ._spikes import Spikes
from ._store import Table

BIN_MS = 2.0                # of chi and correlations
MOST_TRAINS = 1 << 20       # of N neurons more than that every k-th, k = ceil(N / most)
MOST_CORRELATED = 200       # likewise, for pairs
LEAST_INTERVALS = 10        # of a neuron, for CV and CV2
BINS_AT_ONCE = 1 << 16
QUANTILES = {"rate_q05_Hz": 0.05, "rate_q25_Hz": 0.25, "rate_median_Hz": 0.5, "rate_q75_Hz": 0.75,
             "rate_q95_Hz": 0.95}
COUNTED = ("mean_cv", "cv_neurons", "rate_standard_error_Hz", *QUANTILES, "silent_fraction",
           "fano_factor")   # a recorder of counts has them, too
OWN = ("mean_cv2", "chi", "mean_correlation", "correlation_pairs", "bin_ms", "statistics_stop_ms")


class Statistics(Table):
    """A population's numbers by name. Those that its file lacks are worked out from its spikes when
    one of them is first asked for."""

    def __init__(self, in_file: "dict[str, Any]",
                 from_spikes: "Optional[Callable[[], dict[str, Any]]]"):
        names = list(dict.fromkeys([*in_file, *((*COUNTED, *OWN) if from_spikes else ())]))
        worked_out = functools.lru_cache(from_spikes or dict)  # once, for all of them
        super().__init__(
            "statistic", names,
            lambda name: in_file[name] if name in in_file else worked_out()[name],
            "" if "mean_cv" in names else "; with all its spikes, or a recorder with what = "
            "counts, there are mean_cv and others")

    def __reduce__(self):
        return Statistics, (dict(self), None)

    def __repr__(self) -> str:
        return repr(dict(self))


def of_spikes(spikes: Spikes, warmup: float, duration: float) -> "dict[str, Any]":
    """Of the steps after warmup (ms) and up to duration; NaN: has no value."""
    begin, end = (round(each / spikes.dt) for each in (warmup, duration))
    width = max(1, math.floor(BIN_MS / spikes.dt + 0.5))
    steps, ids = spikes.steps, spikes.ids.astype(np.int64)
    inside = (steps > begin) & (steps <= end)
    steps, ids = steps[inside] - begin, ids[inside]
    bins = max(0, end - begin) // width
    every = -(-spikes.size // MOST_TRAINS)
    rows = -(-spikes.size // every)
    kept = ids % every == 0
    rows_of, at = ids[kept] // every, steps[kept]
    order = np.argsort(rows_of, kind="stable")
    rows_of, at = rows_of[order], at[order]
    counts = np.bincount(rows_of, minlength=rows)
    seconds = max(0, end - begin) * spikes.dt * 1e-3
    correlation, pairs = mean_correlation(steps, ids, spikes.size, bins, width)
    return {**of_intervals(rows_of, at, counts), **of_counts(counts, spikes.size, seconds),
            "chi": chi(steps, rows_of, at, spikes.size, rows, bins, width),
            "mean_correlation": correlation, "correlation_pairs": pairs,
            "bin_ms": width * spikes.dt, "statistics_stop_ms": end * spikes.dt}


def of_intervals(rows_of: np.ndarray, at: np.ndarray, counts: np.ndarray) -> "dict[str, Any]":
    """CV, and CV2 (Holt et al. 1996), means over neurons with enough intervals."""
    rows, same = len(counts), rows_of[1:] == rows_of[:-1]
    interval, owner = np.diff(at), rows_of[1:]
    pair = same[1:] & same[:-1]
    before, after, of_pair = interval[:-1][pair], interval[1:][pair], owner[1:][pair]
    some = before + after > 0
    before, after, of_pair = before[some], after[some], of_pair[some]
    interval, owner = interval[same], owner[same]
    enough = counts > LEAST_INTERVALS
    n = counts[enough] - 1.0
    mean = np.bincount(owner, interval, rows)[enough] / n
    variance = np.bincount(owner, interval.astype(float) ** 2, rows)[enough] / n - mean * mean
    cv = np.sqrt(np.maximum(variance, 0)) / mean
    sums = np.bincount(of_pair, 2 * np.abs(after - before) / (after + before), rows)
    pairs = np.bincount(of_pair, minlength=rows)
    cv2 = sums[enough & (pairs > 0)] / pairs[enough & (pairs > 0)]
    return {"mean_cv": cv.mean() if len(cv) else math.nan, "cv_neurons": len(cv),
            "mean_cv2": cv2.mean() if len(cv2) else math.nan}


def of_counts(counts: np.ndarray, size: int, seconds: float) -> "dict[str, Any]":
    """Of how many spikes each has; the spread of a subset tells that of all `size`."""
    names = ["rate_standard_error_Hz", *QUANTILES, "silent_fraction", "fano_factor"]
    if seconds <= 0:
        return dict.fromkeys(names, math.nan)
    n, total = len(counts), int(counts.sum())
    spread = n * int((counts * counts).sum()) - total * total  # n^2 times the variance
    error = (math.sqrt(spread / n / (n - 1) / n) / seconds * math.sqrt(n / size)
             if n > 1 else math.nan)
    quantiles = np.quantile(counts, list(QUANTILES.values())) / seconds
    return dict(zip(names, [error, *quantiles.tolist(), float(np.mean(counts == 0)),
                            spread / (n * total) if total else math.nan]))


def chi(steps: np.ndarray, rows_of: np.ndarray, at: np.ndarray, size: int, rows: int, bins: int,
        width: int) -> float:
    """Golomb and Rinzel 1993, with counts in whole bins in place of potentials."""
    whole = np.bincount((steps - 1) // width, minlength=bins)[:bins]
    of_all = bins * sum_of_squares(whole) - int(whole.sum()) ** 2
    inside = at <= bins * width
    rows_of = rows_of[inside]
    key = rows_of * max(1, bins) + (at[inside] - 1) // width  # ascending
    starts = np.flatnonzero(np.diff(key, prepend=-1))
    each = np.diff(starts, append=len(key))
    own = (bins * sum_of_squares(each)
           - sum_of_squares(np.bincount(rows_of, minlength=rows)))
    return math.sqrt(of_all / own * rows) / size if bins > 1 and own > 0 else math.nan


def sum_of_squares(counts: np.ndarray) -> int:
    return int((counts.astype(np.int64) ** 2).sum())


def mean_correlation(steps: np.ndarray, ids: np.ndarray, size: int, bins: int,
                     width: int) -> "tuple[float, int]":
    """Of the counts in bins of every k-th neuron that has spikes; and of how many pairs. Sums are
    of whole numbers, so that blocks of bins change nothing."""
    every = -(-size // MOST_CORRELATED)
    m = -(-size // every)
    kept = (ids % every == 0) & (steps <= bins * width)
    rows_of, bin_of = ids[kept] // every, (steps[kept] - 1) // width
    products, sums = np.zeros((m, m)), np.bincount(rows_of, minlength=m).astype(float)
    for first in range(0, bins, BINS_AT_ONCE):
        block = slice(*np.searchsorted(bin_of, [first, first + BINS_AT_ONCE]))
        key = rows_of[block] * BINS_AT_ONCE + bin_of[block] - first
        counts = np.bincount(key, minlength=m * BINS_AT_ONCE).reshape(m, -1).astype(float)
        products += counts @ counts.T
    covariance = bins * products - np.outer(sums, sums)
    spread = np.sqrt(np.diag(covariance))
    covariance, spread = (covariance[spread > 0][:, spread > 0], spread[spread > 0])
    above = np.triu_indices(len(spread), 1)
    pairs = len(above[0])
    if not pairs:
        return math.nan, 0
    return float((covariance / np.outer(spread, spread))[above].mean()), pairs
