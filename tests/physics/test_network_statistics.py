"""Networks against NEST, by what their seeds have in common (long_network_statistics.py: more)."""
import re
import subprocess
import sys

import network_statistics as networks
from megalif import ROOT


def test_asynchronous_irregular_state_is_nests(tmp_path):
    networks.compare(networks.brunel(tmp_path), "brunel_ai_g5_eta2")


def test_synchronous_regular_state_is_nests(tmp_path):
    """All neurons lock to twice the delay: 3 ms; how many volleys the window has is chance."""
    short = ["simulation.duration=200 ms", "simulation.warmup=100 ms"]
    found = networks.brunel(tmp_path, [*networks.REGULAR, *short])
    networks.compare(found, "brunel_sr_g3_eta2_short", ["rate_Hz", "synchrony_var_over_mean"])
    assert found["all"]["cv_isi"] < 0.005


def test_balanced_network_is_nests(tmp_path):
    networks.compare(networks.balanced(tmp_path), "balanced_exp_1")


def test_a_tenth_of_the_column_is_nests(tmp_path):
    networks.compare(networks.column(tmp_path), "potjans_10pct_poisson")


def test_the_microcircuit_is_what_its_tables_say():
    script = ROOT / "tests/tools/write_microcircuit.py"
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60)
    assert done.stdout == (ROOT / "configs/microcircuit.ini").read_text()
    assert sum(map(int, re.findall(r"^N +=\s*(\d+)", done.stdout, re.MULTILINE))) == 298880970


def test_the_microcircuit_scales_to_nests_tenth():
    """The oracle's tenth was derived by other code: N and weights of the full column follow."""
    text = (ROOT / "configs/microcircuit.ini").read_text()
    sections = dict(re.findall(r"^\[projection\.(\w+)\]\n(.*?)\n\n", text, re.M | re.S))
    rows = networks.table("column_projections.csv")
    assert len(sections) == len(rows) == 55
    for row in rows:
        section = sections[f"{row['target']}_{row['source']}"]
        N = int(re.search(r"^N +=\s*(\d+)", section, re.M)[1])
        weight, sd = re.search(r"weight = normal_clipped\((\S+) pA, (\S+) pA", section).groups()
        delay = re.search(r"delay  = normal_clipped\((\S+) ms, (\S+) ms", section).groups()
        assert abs(N * 0.01 - int(row["synapses"])) <= 0.51
        assert abs(float(weight) / 0.1 ** 0.5 / float(row["weight_mean_pA"]) - 1) < 1e-5
        assert abs(float(sd) / 0.1 ** 0.5 / float(row["weight_sd_pA"]) - 1) < 1e-5
        assert [float(d) for d in delay] == [float(row["delay_mean_ms"]), float(row["delay_sd_ms"])]
