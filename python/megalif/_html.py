"""A Result as a notebook shows it: what it is, a table of its populations, a raster, rates."""
from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np

from ._spikes import for_a_curve

if TYPE_CHECKING:
    from ._result import Result

COLOURS = ("#1f5fa8", "#c0392b", "#2e8b57", "#8e44ad", "#b8860b", "#008b8b", "#e377c2", "#7f7f7f",
           "#6b4c2a", "#4b6bd6")
DOTS, NEURONS = 4000, 100   # of a picture; of each population in it
POINTS = 200                # of a curve
WIDTH, ROWS_HEIGHT, RATES_HEIGHT = 720, 160, 70
COLUMNS = {"mean_rate_Hz": "rate (Hz)", "mean_cv": "CV", "synchrony": "synchrony",
           "fano_factor": "Fano factor", "silent_fraction": "silent"}


def page(result: "Result") -> str:
    return f"<div><b>{escape(headline(result))}</b>{table(result)}{picture(result)}</div>"


def headline(result: "Result") -> str:
    parts = ["megalif"]
    if result.duration is not None:
        parts.append(f"{result.duration:g} ms")
    if result.report:
        parts.append(f"{result.report.spikes:,} spikes")
        parts.append(f"in {result.report.wall_s:.3g} s")
    if result.digest:
        parts.append(f"digest {result.digest}")
    if result.ended_early:
        parts.append(result.ended_early)
    return " · ".join(parts)


def table(result: "Result") -> str:
    shown = [key for key in COLUMNS
             if any(known(each.get(key)) for each in result._about.values())]
    head = "".join(f"<th>{name}</th>" for name in
                   ["population", "neurons", "spikes", *(COLUMNS[key] for key in shown)])
    rows = ""
    for index, (name, size) in enumerate(result.populations.items()):
        about = result._about.get(name, {})
        cells = [f"{size:,}" if size else "", f"{about['spikes']:,}" if "spikes" in about else ""]
        cells += [f"{about[key]:.3g}" if known(about.get(key)) else "" for key in shown]
        colour = COLOURS[index % len(COLOURS)]
        rows += (f'<tr><td style="color:{colour}">{escape(name)}</td>'
                 + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    return f"<table><tr>{head}</tr>{rows}</table>"


def known(value) -> bool:
    return value is not None and value == value


def picture(result: "Result") -> str:
    """The last second at most: dots of the first neurons of each population, rates below."""
    if not result.spikes or result.duration is None or not result.duration:
        return ""
    start, stop = max(0.0, result.duration - 1000), result.duration
    height = ROWS_HEIGHT + RATES_HEIGHT
    inner = raster(result, start, stop) + rates(result, start, stop)
    return (f'<svg viewBox="0 0 {WIDTH} {height + 16}" width="{WIDTH}" '
            f'style="background:#fff;max-width:100%" role="img">{inner}'
            f'<text x="0" y="{height + 12}" font-size="11">{start:g} ms</text>'
            f'<text x="{WIDTH // 2}" y="{height + 12}" font-size="11" text-anchor="middle">'
            f"the first {NEURONS} neurons of each population, and rates of all</text>"
            f'<text x="{WIDTH}" y="{height + 12}" font-size="11" text-anchor="end">{stop:g} ms'
            "</text></svg>")


def raster(result: "Result", start: float, stop: float) -> str:
    shown = {name: min(NEURONS, result.populations[name] or NEURONS) for name in result.spikes}
    scale, base, dots = ROWS_HEIGHT / max(1, sum(shown.values())), 0, ""
    for index, name in enumerate(result.populations):
        if name not in shown:
            continue
        times, ids = result.spikes[name].window(start, np.nextafter(stop, np.inf))
        few = ids < shown[name]
        times, ids = times[few], ids[few]
        step = -(-len(times) // DOTS) or 1
        x = (times[::step] - start) / (stop - start) * WIDTH
        y = (base + ids[::step] + 0.5) * scale
        path = "".join(f"M{a:.1f} {b:.1f}h2" for a, b in zip(x, y))
        dots += (f'<path d="{path}" stroke="{COLOURS[index % len(COLOURS)]}" '
                 f'stroke-width="{max(1.6, min(3.0, scale)):.1f}"/>')
        base += shown[name]
    return dots


def rates(result: "Result", start: float, stop: float) -> str:
    curves = {}
    for name in result.rates:
        bins = result.rates[name].window(start, stop)
        if len(bins):
            bins = for_a_curve(bins, POINTS)
            curves[name] = bins.times, bins.Hz
    top = max((Hz.max() for _, Hz in curves.values()), default=0) or 1
    lines = ""
    for index, name in enumerate(result.populations):
        if name in curves:
            times, Hz = curves[name]
            x = (times - start) / (stop - start) * WIDTH
            y = ROWS_HEIGHT + RATES_HEIGHT - 2 - Hz / top * (RATES_HEIGHT - 16)
            points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y))
            lines += (f'<polyline points="{points}" fill="none" '
                      f'stroke="{COLOURS[index % len(COLOURS)]}"/>')
    return lines + f'<text x="0" y="{ROWS_HEIGHT + 12}" font-size="11">{top:.3g} Hz</text>'
