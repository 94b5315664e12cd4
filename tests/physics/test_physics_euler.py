"""`method = euler` against forward Euler loops written here, in V and with numpy: to the spike."""
import numpy as np

from megalif import run, section, simulation

SIZE, STEPS = 300, 4000
DRAWN = {"tau_m": "uniform(8 ms, 30 ms)", "C_m": "uniform(200 pF, 300 pF)",
         "E_L": "uniform(-66 mV, -64 mV)", "V_th": "normal(-50 mV, 1 mV)", "V_reset": "-66 mV",
         "V_m": "uniform(-65 mV, -52 mV)", "I_e": "uniform(150 pA, 600 pA)"}


def euler(cells, currents, dt, r):
    """Steps (n, id) of the spikes of dV/dt = (E_L - V + R I) / tau_m, V += dt dV/dt."""
    tau, C, E_L, V_th, V, I_e = (cells[key]
                                 for key in ("tau_m", "C_m", "E_L", "V_th", "V_m", "I_e"))
    V, rest, spikes = V.copy(), np.zeros(SIZE, dtype=int), []
    for step, current in enumerate(currents):
        free = rest == 0
        V = np.where(free, V + dt / tau * (E_L - V + tau / C * (I_e + current)), V)
        rest[~free] -= 1
        fired = free & (V >= V_th)
        V[fired], rest[fired] = -66, r
        spikes += [(step + 1, i) for i in np.flatnonzero(fired)]
    return np.array(spikes)


def sine_and_step(dt):
    """pA in each step: held at its value at k dt."""
    t = np.arange(STEPS) * dt
    return 80 * np.sin(2 * np.pi * 25e-3 * t) + np.where(t >= 50, 100.0, 0.0)


def compare(tmp_path, dt):
    config = simulation(dt=f"{dt} ms", duration=f"{STEPS * dt:g} ms", precision="double",
                        method="euler")
    config += section("population.n", size=SIZE, t_ref=f"{20 * dt:g} ms", **DRAWN)
    config += section("input.sine", target="n", type="sine", amplitude="80 pA", frequency="25 Hz")
    config += section("input.step", target="n", type="step", times="50 ms", amplitudes="100 pA")
    result = run(tmp_path, config)
    cells = {key: result.parameter("n", key) for key in DRAWN}
    theirs = euler(cells, sine_and_step(dt), dt, 20)
    steps, ids = result.spikes("n")
    print(f"dt {dt} ms: {len(steps)} spikes")
    assert len(theirs) > 3000
    assert np.array_equal(np.column_stack([steps, ids]), theirs)
    return steps, ids


def test_spikes_of_eulers_method(tmp_path):
    for dt in (0.05, 0.1, 0.5):
        compare(tmp_path, dt)


def test_eulers_method_is_not_the_exact_one(tmp_path):
    """The rate of a cell under constant current, by both methods: (1 - h)^n against exp(-n h)."""
    intervals = {}
    for method in ("exact", "euler"):
        config = simulation(dt="1 ms", duration="2 s", precision="double", method=method)
        config += section("population.n", size=1, tau_m="10 ms", t_ref="0 ms", V_reset="-70 mV",
                          I_e="380 pA")
        steps = run(tmp_path, config).spikes("n")[0]
        intervals[method] = np.unique(np.diff(steps))
    share = np.log(1 - 15 / 15.2)
    assert intervals["exact"].tolist() == [np.ceil(-share / 0.1)]
    assert intervals["euler"].tolist() == [np.ceil(share / np.log1p(-0.1))]
    assert intervals["exact"] != intervals["euler"]
