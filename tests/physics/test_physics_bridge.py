"""`crossing = bridge`: rates under white noise are Siegert's, at any dt, which a plain grid
misses."""
import numpy as np
import pytest

from megalif import counts_only, population, run, section, simulation
from test_physics_rates import siegert

POINTS = {
    "p0": ("12 mV", {"sigma_V": "5 mV"}, 12, 5),
    "p1": ("15 mV", {"sigma_V": "2 mV"}, 15, 2),
    "p2": ("18 mV", {"sigma_V": "uniform(1.999999 mV, 2.000001 mV)"}, 18, 2),
    # sigma_I^2 tau_m / (2 C_m^2) = 9 mV^2
    "p3": ("12 mV", {"sigma_I": f"{3 * 250 * np.sqrt(2 / 20)!r} pA ms^1/2"}, 12, 3),
}


def points(crossing):
    config = ""
    for name, (mean, noise, _, _) in POINTS.items():
        config += population(name, 4000, crossing=crossing)
        config += section(f"input.{name}", target=name, type="white_noise", mean_V=mean, **noise)
    # 3 mV and 4 mV are 5 mV; on a slice, where neurons differ in tau_m a little
    config += population("p4", 5000, crossing=crossing).replace("tau_m = 20 ms",
                                                                "tau_m = uniform(19.99999, "
                                                                "20.00001)")
    for name, sigma in (("x", 3), ("y", 4)):
        config += section(f"input.{name}", target="p4[500:4500]", type="white_noise",
                          sigma_V=f"{sigma} mV", mean_V="6 mV", seed=sigma)
    return config


def told(rate, dt):
    """A crossing within a step is told at its end: every interval is longer by dt / 2."""
    return 1e3 / (1e3 / rate + dt / 2)


def rates(tmp_path, crossing, dt, duration):
    config = simulation(dt=f"{dt} ms", duration=f"{duration} s", warmup="300 ms")
    config += points(crossing) + counts_only(*POINTS, "p4")
    result = run(tmp_path, config, threads=2)
    for name, theory in [*((n, siegert(p[2], p[3])) for n, p in POINTS.items()),
                         ("p4", siegert(12, 5))]:
        counts = result.counts(name)["spikes"]
        if name == "p4":
            assert counts[:500].max() == counts[4500:].max() == 0
            counts = counts[500:4500]
        rate = counts / (duration - 0.3)
        yield name, rate.mean(), rate.std(ddof=1) / np.sqrt(len(rate)), theory


@pytest.mark.parametrize("dt", [0.1, 0.5])
def test_rates_are_siegerts(tmp_path, dt):
    """Tolerance: 5 standard errors. Without the bridge rates are off by more than that."""
    for name, rate, error, theory in rates(tmp_path, "bridge", dt, 2.3 if dt < 0.2 else 5.3):
        print(f"dt {dt} {name}: {rate:.3f} +- {error:.3f} Hz, theory {told(theory, dt):.3f} Hz")
        assert abs(rate - told(theory, dt)) < 5 * error


def test_the_grid_misses_them(tmp_path):
    for name, rate, error, theory in rates(tmp_path, "grid", 0.5, 2.3):
        assert told(theory, 0.5) - rate > 10 * error, name


def test_only_white_noise_bridges(tmp_path):
    """Where there is none, or it is held, or over: the spikes of the grid."""
    config = simulation(duration="500 ms") + population("n", 500, I_e="uniform(100 pA, 300 pA)")
    for noise in ({}, {"type": "white_noise", "std": "300 pA", "hold": "0.3 ms"},
                  {"type": "ou_noise", "std": "100 pA", "tau": "1 ms"},
                  {"type": "white_noise", "sigma_V": "3 mV", "start": "499.9 ms"}):
        text = config + (section("input.x", target="n", **noise) if noise else "")
        plain = run(tmp_path, text)
        bridged = run(tmp_path, text.replace("size = 500", "size = 500\ncrossing = bridge"))
        assert plain.attribute("megalif", "spikes") > 1000
        assert ("bridge changes nothing" in bridged.stderr) == ("start" not in noise)
        assert "bridge" not in plain.stderr
        for a, b in zip(plain.spikes("n"), bridged.spikes("n")):
            some = slice(None, -20) if "start" in noise else slice(None)
            assert np.array_equal(a[some], b[some][:len(a[some])])
