"""Many runs of a config, one table."""
from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import Any, Callable, Optional, Union

from ._arguments import a
from ._config import Config, Overrides, Source
from ._optional import needed
from ._progress import Progress, Show, shower
from ._result import Result
from ._run import run

Measure = Callable[[Result], "Mapping[str, Any]"]


def sweep(config: Config, vary: Mapping, *, set: Overrides = None, seed: str = "same",
          measure: Optional[Measure] = None, threads: Optional[int] = None,
          progress: Union[bool, str, Show] = "auto") -> Any:
    """Runs a config at many points; returns a pandas.DataFrame with a row for each.

    vary: {"population.exc.I_e": [200, 250, 300], "simulation.dt": ["0.1 ms", "0.05 ms"]}: keys
        multiply, the last varies fastest. Keys that vary together share a tuple:
        {("population.exc.V_th", "population.exc.V_reset"): [(-50, -65), (-48, -63)]}.
    seed: "same" for all points, or "point": each adds its number to the config's seed.
    measure: a function of the Result, whose dict makes further columns.

    Columns: the keys of `vary`, and for each population rate.POP (Hz) and spikes.POP, with a counts
    recorder also cv.POP and fano.POP, and `digest` and `seconds`. No file is left. Other arguments
    and errors are those of megalif.run; a point that fails ends the sweep. Jobs on many machines,
    and sweeps that go on where they were stopped, are the command line's: megalif sweep.
    """
    pandas = needed("pandas")
    if seed not in ("same", "point"):
        raise ValueError(f'seed={seed!r}; it may be "same" or "point"')
    points, rows = points_of(vary), []
    fixed = Source({}, set).overrides
    show = shower(progress)
    try:
        for number, point in enumerate(points):
            sets = [*fixed, *Source({}, point).overrides]
            sets += [f"simulation.seed={seed_of(config, fixed) + number}"] * (seed == "point")
            result = run(config, set=sets, threads=threads,
                         progress=lambda seen: show(part(seen, number, len(points))))
            rows.append({**point, **measured(result), **(measure(result) if measure else {})})
    finally:
        getattr(show, "close", lambda: None)()
    return pandas.DataFrame(rows)


def points_of(vary: Mapping) -> "list[dict[str, Any]]":
    """
    >>> points_of({"a.b": [1, 2], ("c.d", "c.e"): [(3, 4)]})
    [{'a.b': 1, 'c.d': 3, 'c.e': 4}, {'a.b': 2, 'c.d': 3, 'c.e': 4}]
    """
    if not isinstance(vary, Mapping):
        raise TypeError(f"vary is {a(vary)}; give a dict, as {{'population.exc.I_e': [200, 250]}}")
    axes = []
    for keys, values in vary.items():
        if isinstance(values, str) or not isinstance(values, Iterable):
            raise TypeError(f"{keys}: {a(values)}; give a list of values")
        if not isinstance(keys, tuple):
            keys, values = (keys,), [(value,) for value in values]
        if any(len(value) != len(keys) for value in values):
            raise ValueError(f"{', '.join(keys)}: {len(keys)} values for each point are wanted")
        axes.append([dict(zip(keys, value)) for value in values])
    return [{key: value for each in point for key, value in each.items()}
            for point in itertools.product(*axes)]


def seed_of(config: Config, overrides: "list[str]") -> int:
    from ._check import check
    text = check(config, set=overrides).config
    return int(next(line.split("=")[1] for line in text.splitlines() if line.startswith("seed")))


def part(seen: Progress, number: int, points: int) -> Progress:
    """A run's progress as that of the whole sweep."""
    return seen._replace(model_ms=number * seen.duration_ms + seen.model_ms,
                         duration_ms=points * seen.duration_ms)


NAMES = {"mean_rate_Hz": "rate.{} (Hz)", "spikes": "spikes.{}", "mean_cv": "cv.{}",
         "fano_factor": "fano.{}"}


def measured(result: Result) -> "dict[str, Any]":
    about = {name.format(population): values[key]
             for population, values in result._about.items()  # not from spikes, which takes long
             for key, name in NAMES.items() if key in values}
    return {**about, "digest": result.digest, "seconds": result.report.wall_s}
