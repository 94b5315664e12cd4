"""configs/transfer.ini: transfer functions against Siegert's formula. Prints the figures of
docs/transfer.md when run with pytest -s."""
import re

import numpy as np
import pytest

from megalif import ROOT, run
from test_physics_rates import siegert

SIGMAS = (1, 2, 3, 5)


def transfer(tmp_path, dt, crossing, cells=200, duration=5500):
    """By sigma: mean_V (mV), rates and their standard errors (Hz), each of 25."""
    text = (ROOT / "configs" / "transfer.ini").read_text()
    for key, value in {"dt": f"{dt} ms", "duration": f"{duration} ms", "size": 25 * cells,
                       "crossing": crossing}.items():
        text, count = re.subn(rf"(?m)^{key}( *)= .*$", rf"{key}\1= {value}", text)
        assert count in (1, 4)
    (tmp_path / "out").mkdir(exist_ok=True)
    result = run(tmp_path, text, name=crossing, threads=2)
    for sigma in SIGMAS:
        rates = result.counts(f"s{sigma}")["spikes"].reshape(25, cells) / (duration - 500) * 1e3
        means = result.parameter(f"s{sigma}", f"input.noise{sigma}.mean_V")
        assert np.array_equal(means, np.repeat(np.linspace(5, 20, 25), cells))
        yield sigma, means[::cells], rates.mean(axis=1), rates.std(axis=1, ddof=1) / np.sqrt(cells)


def told(rate, dt):
    """A crossing within a step is told at its end: every interval is longer by dt / 2."""
    return 1e3 / (1e3 / rate + dt / 2)


def compare(tmp_path, dt, crossing, **size):
    """The largest deviation from theory where a neuron fires at 1 Hz or more: relative, and in
    standard errors."""
    worst, surprise = 0.0, 0.0
    for sigma, means, rates, errors in transfer(tmp_path, dt, crossing, **size):
        theory = np.array([told(siegert(mean, sigma), dt) if crossing == "bridge"
                           else siegert(mean, sigma) for mean in means])
        seen = theory >= 1
        worst = max(worst, np.max(np.abs(rates / theory - 1)[seen]))
        surprise = max(surprise, np.max((np.abs(rates - theory) / np.maximum(errors, 1e-9))[seen]))
        for row in zip(means[::6], rates[::6], errors[::6], theory[::6]):
            print(f"{crossing} dt {dt} sigma {sigma}: mean %.2f mV %8.3f +- %.3f Hz, theory %8.3f"
                  % row)
    print(f"{crossing} dt {dt}: at most {100 * worst:.2f} % and {surprise:.1f} standard errors off")
    return worst, surprise


def test_transfer_functions_are_siegerts(tmp_path):
    """100 points: 5 standard errors; the grid's error is seen."""
    assert compare(tmp_path, 0.1, "bridge", cells=100, duration=3500)[1] < 5
    assert compare(tmp_path, 0.1, "grid", cells=100, duration=3500)[1] > 6
