"""Firing rates under noise: Siegert's formula, and Poisson drive against a simulation of our
own."""
import numpy as np
import pytest
from scipy import integrate, special

from megalif import counts_only, population, run, section, simulation

TAU, THRESHOLD, T_REF = 20.0, 15.0, 2.0  # ms, mV above E_L = V_reset, ms


def siegert(mean, sigma, threshold=THRESHOLD):
    """Hz, for white noise with free potential mean +- sigma (mV above E_L = V_reset): Siegert 1951.

    1/rate = t_ref + tau sqrt(pi) int exp(x^2) (1 + erf x) dx; the integrand is erfcx(-x)."""
    low, high = -mean / (np.sqrt(2) * sigma), (threshold - mean) / (np.sqrt(2) * sigma)
    integral, _ = integrate.quad(lambda x: special.erfcx(-x), low, high, epsabs=0, epsrel=1e-10)
    return 1e3 / (T_REF + TAU * np.sqrt(np.pi) * integral)


def shifted(mean, sigma, dt):
    """With the threshold where it seems to be for steps of dt: higher by -zeta(1/2)/sqrt(2 pi)
    times the noise of one step (Chernoff 1965; Broadie, Glasserman & Kou 1997)."""
    return siegert(mean, sigma, THRESHOLD + 0.5826 * sigma * np.sqrt(2 * dt / TAU))


def noisy_rates(tmp_path, points, dt, size, duration, seed=42):
    """Rates and their standard errors (Hz) of `size` neurons for each point (mean_V, sigma_V)."""
    names = [f"p{i}" for i in range(len(points))]
    config = simulation(dt=f"{dt} ms", duration=f"{duration} s", warmup="300 ms", seed=seed)
    for name, (mean, sigma) in zip(names, points):
        config += population(name, size)
        config += section(f"input.{name}", target=name, type="white_noise", mean_V=f"{mean} mV",
                          sigma_V=f"{sigma} mV")
    result = run(tmp_path, config + counts_only(*names), threads=2)
    rates = [result.counts(name)["spikes"] / (duration - 0.3) for name in names]
    return (np.array([r.mean() for r in rates]),
            np.array([r.std(ddof=1) / np.sqrt(size) for r in rates]))


POINTS = [(12, 2), (12, 3), (12, 5), (15, 2), (15, 5), (18, 2), (18, 5)]


def compare_with_shifted(tmp_path, dt, size, duration):
    """Tolerance: 5 standard errors, and 0.3 dt/tau_m of the rate for what the shift leaves over: it
    is the first of a series in sqrt(dt), so that the rest is of order dt (up to 0.19 dt/tau_m at
    these points, at dt 0.05, 0.1 and 0.2 ms alike). The plain formula is off by more: the shift
    shows."""
    rates, errors = noisy_rates(tmp_path, POINTS, dt, size, duration)
    plain = np.array([siegert(*point) for point in POINTS])
    theory = np.array([shifted(*point, dt) for point in POINTS])
    tolerance = 5 * errors + 0.3 * dt / TAU * theory
    for row in zip(POINTS, rates, errors, theory, plain):
        print("mean %g sigma %g: %.4f +- %.4f Hz, shifted %.4f, plain %.4f" % (*row[0], *row[1:]))
    assert np.all(np.abs(rates - theory) < tolerance)
    assert np.all(plain - rates > tolerance)


def test_siegert_with_shifted_threshold(tmp_path):
    compare_with_shifted(tmp_path, dt=0.1, size=10000, duration=5.3)


def compare_extrapolated(tmp_path, points, steps, size, duration):
    """rate = a + b sqrt(dt) + c dt, by weighted least squares: a is Siegert's rate at its own
    threshold.

    Tolerance: 5 standard errors of a, and (max dt/tau_m)^(3/2) of the rate for the order left
    out."""
    measured = [noisy_rates(tmp_path, points, dt, size, duration, seed=100 + i)
                for i, dt in enumerate(steps)]
    design = np.array([[1, np.sqrt(dt), dt] for dt in steps])
    for i, point in enumerate(points):
        rate, error = (np.array([m[which][i] for m in measured]) for which in (0, 1))
        covariance = np.linalg.inv(design.T @ (design / error[:, None]**2))
        a, b, _ = covariance @ (design.T @ (rate / error**2))
        theory, spread = siegert(*point), np.sqrt(covariance[0, 0])
        print(f"mean {point[0]} sigma {point[1]}: {rate.round(4)} Hz -> {a:.4f} +- {spread:.4f}, "
              f"theory {theory:.4f}")
        assert abs(a - theory) < 5 * spread + (max(steps) / TAU)**1.5 * theory
        assert b < 0 and theory - rate[0] > 5 * error[0], "the error of coarse steps must show"


def test_siegert_extrapolated_to_dt_0(tmp_path):
    compare_extrapolated(tmp_path, [(12, 5), (15, 3)], [0.4, 0.2, 0.1, 0.05], size=10000,
                         duration=5.3)


def poisson_simulation(rate, weight, inhibition, steps, size, seed):
    """Mean counts per neuron of LIF neurons with jumps, stepped in double with numpy's
    generator."""
    random = np.random.default_rng(seed)
    V, free_at, spikes = np.zeros(size), np.zeros(size, dtype=int), np.zeros(size)
    for step in range(steps):
        jumps = (weight * random.poisson(rate * 1e-4, size)
                 + inhibition[1] * random.poisson(inhibition[0] * 1e-4, size))
        V = np.where(step >= free_at, V * np.exp(-0.1 / TAU) + jumps, 0.0)
        fired = (step >= free_at) & (V >= THRESHOLD)
        spikes += fired
        V[fired] = 0.0
        free_at[fired] = step + 1 + 20
    return spikes


@pytest.mark.parametrize("rate, weight, inhibition", [(2000.0, 0.4, (200.0, -0.5)),
                                                      (100.0, 6.0, (50.0, -3.0))])
def test_poisson_rates_equal_an_independent_simulation(tmp_path, rate, weight, inhibition):
    """Many small events, and few large ones. Tolerance: 5 standard deviations of the difference."""
    theirs = poisson_simulation(rate, weight, inhibition, steps=10000, size=2000, seed=7)
    config = simulation() + population("n", 20000)
    config += section("input.e", target="n", type="poisson", rate=rate, weight=weight)
    config += section("input.i", target="n", type="poisson", rate=inhibition[0],
                      weight=inhibition[1])
    ours = run(tmp_path, config + counts_only("n"), threads=2).counts("n")["spikes"]
    error = np.hypot(ours.std() / np.sqrt(ours.size), theirs.std() / np.sqrt(theirs.size))
    print(f"{ours.mean():.4f} Hz, numpy {theirs.mean():.4f} Hz, +- {error:.4f} Hz")
    assert theirs.mean() > 3
    assert abs(ours.mean() - theirs.mean()) < 5 * error
