"""Constant drive against theory: intervals, and the f-I curve on both sides of rheobase.

Exact: interval = r + ceil((tau_m/dt) ln((V_inf - V_reset)/(V_inf - V_th))) steps, evaluated in long
double (64 bits of mantissa on x86-64, 113 elsewhere) from the currents that the program drew.
"""
import numpy as np
import pytest

from megalif import counts_only, population, run, simulation

E_L, V_TH, C_M, R_STEPS = -65, -50, 250, 20
DECADES = [1e-4, 1e-3, 1e-2, 1e-1, 1, 10, 30]  # mV from rheobase


def exact_steps(tau, dt, I_e):
    """(tau_m/dt) ln(...) before it is rounded up, and the distance from rheobase, in long double.

    tau and dt are decimal texts, so that 0.1 is a tenth."""
    wide = np.longdouble
    drive = I_e.astype(wide) * wide(tau) / wide(C_M)  # V_inf - E_L = V_inf - V_reset
    distance = drive - wide(V_TH - E_L)
    return wide(tau) / wide(dt) * np.log(drive / distance), distance


def measure(tmp_path, precision, tau, dt, size):
    """Intervals (steps) of `size` neurons in each decade of distance from rheobase."""
    rheobase = C_M * (V_TH - E_L) / float(tau)
    per_mV = C_M / float(tau)
    duration = 2.2 * float(tau) * np.log(15 / DECADES[0]) + 10
    config = simulation(dt=f"{dt} ms", duration=f"{duration:.0f} ms", precision=precision)
    names = [f"d{i}" for i in range(len(DECADES) - 1)]
    for name, near, far in zip(names, DECADES, DECADES[1:]):
        config += population(name, size, tau_m=f"{tau} ms", t_ref=f"{R_STEPS * float(dt):g} ms",
                             I_e=f"linspace({rheobase + near * per_mV!r}, "
                                 f"{rheobase + far * per_mV!r})")
    result = run(tmp_path, config + counts_only(*names))
    I_e = np.concatenate([result.parameter(name, "I_e") for name in names])
    counts = [result.counts(name) for name in names]
    spikes, total, first = (np.concatenate([c[key] for c in counts])
                            for key in ("spikes", "interval_sum", "first"))
    assert spikes.min() >= 2
    assert np.all(total % (spikes - 1) == 0), "intervals of one neuron differ"
    interval = total // (spikes - 1)
    assert np.all(first == interval - R_STEPS), "starting at V_reset is like ending refractoriness"
    return I_e, interval


def check_double(tau, dt, I_e, interval):
    """Exact but for ties: where rounding in double can move the crossing over a step's end. Each of
    the tau_m/dt steps that V remembers rounds by up to 2^-52 15 mV; V crosses with e distance a
    step."""
    steps, distance = exact_steps(tau, dt, I_e)
    memory = float(tau) / float(dt)
    tie = np.abs(steps - np.rint(steps)) <= 15 * 2.0**-52 * memory**2 / distance
    error = interval - R_STEPS - np.ceil(steps).astype(np.int64)
    print(f"double, tau_m {tau} ms, dt {dt} ms: {np.count_nonzero(error)} of {len(error)} "
          f"intervals differ, {np.count_nonzero(tie)} could")
    assert np.all(error[~tie] == 0)
    assert np.abs(error).max() <= 1
    assert np.count_nonzero(tie) <= 0.01 * len(tie)


def check_single(tau, dt, I_e, interval):
    """The promise: from 1 mV above rheobase on within 1 step, at dt 0.1 ms 99.9 % of them equal;
    elsewhere within max(1 step, 0.1 %)."""
    steps, distance = exact_steps(tau, dt, I_e)
    expected = R_STEPS + np.ceil(steps).astype(np.int64)
    error = np.abs(interval - expected)
    far = distance >= 1
    equal = np.count_nonzero(error[far] == 0) / np.count_nonzero(far)
    print(f"single, tau_m {tau} ms, dt {dt} ms: {100 * equal:.3f} % equal from 1 mV on; largest "
          f"error "
          f"{error.max()} steps, {100 * (error / expected).max():.3f} %")
    assert error[far].max() <= 1
    assert dt != "0.1" or equal >= 0.999
    assert np.all(error <= np.maximum(1, 1e-3 * expected))


def compare(tmp_path, precision, tau, dt, size):
    I_e, interval = measure(tmp_path, precision, tau, dt, size)
    (check_double if precision == "double" else check_single)(tau, dt, I_e, interval)


@pytest.mark.parametrize("dt", ["0.1", "0.05", "0.02", "0.01"])
@pytest.mark.parametrize("tau", ["10", "20", "50", "100"])
@pytest.mark.parametrize("precision", ["double", "single"])
def test_intervals(tmp_path, precision, tau, dt):
    compare(tmp_path, precision, tau, dt, size=1000)


@pytest.mark.parametrize("precision", ["double", "single"])
def test_f_I_curve(tmp_path, precision):
    """Below rheobase (187.5 pA) silent; above, each neuron's spikes in 2 s are those of its
    interval, and the rate is that of continuous time, 1 / (t_ref + tau_m ln ...), to one step in
    the interval."""
    config = simulation(duration="2 s", precision=precision)
    config += population("below", 1000, I_e="linspace(-1000 pA, 187.4 pA)")
    config += population("above", 1000, I_e="linspace(188 pA, 3000 pA)")
    result = run(tmp_path, config + counts_only("below", "above"))
    assert result.counts("below")["spikes"].sum() == 0
    assert result.attribute("megalif/populations/below", "mean_rate_Hz") == 0
    steps, _ = exact_steps("20", "0.1", result.parameter("above", "I_e"))
    interval = R_STEPS + np.ceil(steps).astype(np.int64)
    counts = result.counts("above")
    spikes = 1 + (20000 - (interval - R_STEPS)) // interval
    wrong = np.count_nonzero(counts["spikes"] != spikes)
    assert wrong <= (0 if precision == "double" else 1)
    measured = counts["interval_sum"] / (counts["spikes"] - 1) * 0.1
    theory = 2 + 20 * np.log(1 + 15 / (result.parameter("above", "I_e") * 0.08 - 15))
    assert np.all((measured > theory - 1e-3) & (measured < theory + 0.1 + 1e-3))
    assert result.attribute("megalif/populations/above", "mean_rate_Hz") == pytest.approx(
        counts["spikes"].mean() / 2, rel=1e-12)
