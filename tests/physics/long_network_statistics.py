"""Networks against NEST over several seeds; the microcircuit at full scale."""
import network_statistics as networks

# NEST's spontaneous rates, by the model's authors (the example that NEST comes with).
MICROCIRCUIT_RATES = {"L23E": 0.903, "L23I": 2.965, "L4E": 4.414, "L4I": 5.876, "L5E": 7.569,
                      "L5I": 8.633, "L6E": 1.105, "L6I": 7.829}


def test_asynchronous_irregular_state_is_nests(tmp_path):
    runs = [networks.brunel(tmp_path, seed=seed) for seed in range(1, 9)]
    networks.compare_seeds(runs, "brunel_ai_g5_eta2")


def test_synchronous_regular_state_is_nests(tmp_path):
    runs = [networks.brunel(tmp_path, networks.REGULAR, seed) for seed in range(1, 4)]
    networks.compare_seeds(runs, "brunel_sr_g3_eta2", ["rate_Hz", "synchrony_var_over_mean"])
    assert {run["all"]["peak_frequency_Hz"] for run in runs} == {668}  # 2 / 3 ms, in steps of 4 Hz


def test_fast_oscillation_is_the_references(tmp_path):
    runs = [networks.brunel(tmp_path, networks.FAST, seed) for seed in range(1, 5)]
    networks.compare_seeds(runs, "brunel_si_g6_eta4")


def test_slow_oscillation_is_the_references(tmp_path):
    runs = [networks.brunel(tmp_path, networks.SLOW, seed) for seed in range(1, 5)]
    networks.compare_seeds(runs, "brunel_si_g4.5_eta0.9")


def test_balanced_network_is_nests(tmp_path):
    runs = [networks.balanced(tmp_path, seed=seed) for seed in range(1, 13)]
    networks.compare_seeds(runs, "balanced_exp_1")


def test_a_tenth_of_the_column_is_nests(tmp_path):
    runs = [networks.column(tmp_path, seed) for seed in range(1, 9)]
    networks.compare_seeds(runs, "potjans_10pct_poisson")


def test_the_microcircuits_rates_are_nests(tmp_path):
    found = networks.measure(networks.run_config(tmp_path, "microcircuit.ini",
                                                 ["simulation.duration=10500 ms"]))
    for population, rate in MICROCIRCUIT_RATES.items():
        ours = found[population]["rate_Hz"]
        assert abs(ours / rate - 1) < 0.05, f"{population}: {ours} Hz, NEST {rate} Hz"
