"""Statistics that `megalif info`, `run --json` and `sweep` work out from the raster: against numpy,
and against closed forms."""
import csv
import json
import subprocess

import h5py
import numpy as np
import pytest

from megalif import PROGRAM, population, run, section, simulation
from spike_files import megalif, ours

NOISY = (population("n", 450, I_e="normal(130, 50)", V_m="uniform(-65, -50)")
         + population("few", 7, I_e="normal(260, 30)")
         + section("input.noise", target="n", type="white_noise", sigma_V="4 mV")
         + section("input.wave", target="n", type="sine", amplitude="50 pA", frequency="8 Hz"))
SIMULATION = simulation(duration="1.0057 s", warmup="100 ms")
COUNTS = section("record.c", population="all", what="counts")
COUNTED = ["mean_cv", "cv_neurons", "fano_factor", "silent_fraction", "rate_standard_error_Hz",
           "rate_q05_Hz", "rate_q25_Hz", "rate_median_Hz", "rate_q75_Hz", "rate_q95_Hz"]
OWN = ["mean_cv2", "chi", "mean_correlation", "correlation_pairs"]


def info(path, *options, name="n"):
    done = megalif("info", "--json", path, *options)
    assert done.returncode == 0, done.stderr
    return {p["name"]: p for p in json.loads(done.stdout)["populations"]}[name]


def binned(steps, ids, size, first, end, width):
    """[neuron][bin], whole bins only."""
    bins = (end - first) // width
    counts = np.zeros((size, bins))
    inside = (steps > first) & (steps <= first + bins * width)
    np.add.at(counts, (ids[inside], (steps[inside] - first - 1) // width), 1)
    return counts


def expected(steps, ids, size, first, end, width=20):
    inside = (steps > first) & (steps <= end)
    cvs, cv2s = [], []
    for neuron in range(size):
        intervals = np.diff(steps[inside & (ids == neuron)])
        if len(intervals) >= 10:
            cvs.append(intervals.std() / intervals.mean())
            sums = intervals[1:] + intervals[:-1]
            cv2s.append(np.mean(2 * np.abs(np.diff(intervals))[sums > 0] / sums[sums > 0]))
    counts = binned(steps, ids, size, first, end, width)
    total = np.bincount(ids[inside], minlength=size)
    sample = counts[::-(-size // 200)]
    sample = sample[sample.var(axis=1) > 0]
    pairs = np.corrcoef(sample)[np.triu_indices(len(sample), 1)]
    return {"mean_cv": np.mean(cvs), "cv_neurons": len(cvs), "mean_cv2": np.mean(cv2s),
            "fano_factor": total.var() / total.mean(), "silent_fraction": np.mean(total == 0),
            "chi": np.sqrt(counts.mean(axis=0).var() / counts.var(axis=1).mean()),
            "mean_correlation": pairs.mean(), "correlation_pairs": len(pairs)}


def compare(shown, wanted, rel=1e-9):
    for name, value in wanted.items():
        assert shown[name] == pytest.approx(value, rel=rel, abs=1e-12), name


@pytest.mark.parametrize("width", [20, 1, 53])
def test_they_are_numpys(tmp_path, width):
    result = run(tmp_path, SIMULATION + NOISY, threads=2)
    for name, size in (("n", 450), ("few", 7)):
        shown = info(result.path, *(["--bin", f"{width / 10} ms"] if width != 20 else []),
                     name=name)
        compare(shown, expected(*result.spikes(name), size, 1000, 10057, width))
        assert shown["bin_ms"] == pytest.approx(width / 10)
        assert shown["statistics_stop_ms"] == pytest.approx(1005.7)
    assert info(result.path)["correlation_pairs"] > 5000  # 450 neurons: every third


def test_the_raster_says_what_a_counts_recorder_says(tmp_path):
    raster = info(run(tmp_path, SIMULATION + NOISY, name="raster").path)
    counted = info(run(tmp_path, SIMULATION + NOISY + COUNTS, name="counted").path)
    for name in COUNTED + OWN:
        assert raster[name] == counted[name] is not None, name
    assert counted["cv_neurons"] > 100


def test_the_window_of_a_counts_recorder_stays(tmp_path):
    """What it has counted is in the file; the raster only adds what it does not know."""
    window = section("record.c", population="all", what="counts", start="300 ms", stop="900 ms")
    result = run(tmp_path, SIMULATION + NOISY + window)
    steps, ids = result.spikes("n")
    shown = info(result.path)
    compare(shown, {name: expected(steps, ids, 450, 3000, 9000)[name]
                    for name in ("mean_cv", "cv_neurons", "fano_factor")})
    compare(shown, {name: expected(steps, ids, 450, 1000, 10057)[name] for name in OWN})


def regular(size, interval, end=10000):
    return sorted((step, neuron) for neuron in range(size)
                  for step in range(interval, end + 1, interval))


def test_regular_and_alternating_trains(tmp_path):
    """Intervals a, b, a, b: CV = |a - b| / (a + b) for as many of both, CV2 = twice that."""
    alternating = np.cumsum([30, 90] * 40 + [30])
    path = ours(tmp_path / "x.h5",
                {"n": regular(3, 100), "twos": [(int(step), 0) for step in alternating]},
                {"n": 3, "twos": 1}, 1000)
    shown = info(path)
    assert (shown["mean_cv"], shown["mean_cv2"], shown["cv_neurons"]) == (0, 0, 3)
    assert shown["chi"] == 1 and shown["mean_correlation"] == pytest.approx(1, rel=1e-14)
    assert shown["correlation_pairs"] == 3 and shown["fano_factor"] == 0
    twos = info(path, name="twos")
    assert (twos["mean_cv"], twos["mean_cv2"]) == (0.5, 1)
    assert twos["mean_correlation"] is None and twos["correlation_pairs"] == 0
    assert twos["chi"] == 1  # a single neuron fires as all


def test_two_groups_that_take_turns(tmp_path):
    """Every bin has the spikes of one group: the mean is constant, half the pairs are at -1."""
    spikes = sorted((step, neuron) for step in range(20, 10001, 20) for neuron in range(4)
                    if step // 20 % 2 == neuron % 2)
    shown = info(ours(tmp_path / "x.h5", {"n": spikes}, {"n": 4}, 1000))
    assert shown["chi"] == 0
    assert shown["mean_correlation"] == pytest.approx((2 - 4) / 6, rel=1e-12)


def test_poisson_trains(tmp_path):
    """n = 300 trains of 10 s at 60 Hz, intervals geometric with p = 0.006: CV = sqrt(1 - p) less
    about 1 / intervals; CV2 = 1 up to p; Fano factor 1, chi 1 / sqrt(n), correlation 0, with
    standard deviations sqrt(2 / n), of chi sqrt(1 / 2 / bins), and 1 / sqrt(bins pairs)."""
    text = simulation(duration="10 s") + section("population.n", model="poisson", size=300,
                                                 rate="60 Hz")
    shown = info(run(tmp_path, text).path)
    trains, bins = 300 * 600, 5000
    assert abs(shown["mean_cv"] - 0.997) < 1 / 600 + 5 / np.sqrt(trains)
    assert abs(shown["mean_cv2"] - 1) < 0.006 + 5 / np.sqrt(trains)
    assert abs(shown["fano_factor"] - 1) < 5 * np.sqrt(2 / 300)
    assert abs(shown["chi"] * np.sqrt(300) - 1) < 5 * np.sqrt(1 / 2 / bins)
    assert shown["correlation_pairs"] == 150 * 149 / 2
    assert abs(shown["mean_correlation"]) < 5 / np.sqrt(bins * shown["correlation_pairs"])


def test_common_input_correlates(tmp_path):
    """Poisson inputs of which a share c is common, each event a spike: correlation c."""
    text = (simulation(duration="20 s") + population("n", 50, t_ref="0 ms")
            + section("input.p", target="n", type="poisson", rate="20 Hz", weight="100 mV",
                      correlation=0.3))
    shown = info(run(tmp_path, text).path)
    assert shown["mean_correlation"] == pytest.approx(0.3, abs=0.02)
    chi = np.sqrt(0.3 + 0.7 / 50)
    assert shown["chi"] == pytest.approx(chi, abs=0.03)


def test_of_very_many_neurons_every_second_is_taken(tmp_path):
    """Above 2^20; the population's own variance is still that of all."""
    size = 2**20 + 6
    rng = np.random.default_rng(3)
    ids = np.array([0, 2, 5, 6, size - 2, size - 1])
    steps = np.concatenate([np.sort(rng.choice(9999, 60, replace=False)) + 1 for _ in ids])
    owner = np.repeat(ids, 60)
    order = np.lexsort((owner, steps))
    path = ours(tmp_path / "x.h5", {"n": list(zip(steps[order], owner[order]))}, {"n": size}, 1000)
    shown = info(path)
    kept = np.isin(owner, [0, 2, 6, size - 2])
    small = np.searchsorted(ids, owner)
    some = expected(steps[order], small[order], 6, 0, 10000)
    even = expected(steps[order][kept[order]], small[order][kept[order]], 6, 0, 10000)
    assert shown["cv_neurons"] == 4
    compare(shown, {name: even[name] for name in ("mean_cv", "mean_cv2")})
    counts = binned(steps, small, 6, 0, 10000, 20)
    of_all = counts.sum(axis=0).var() / size**2
    own = counts[[0, 1, 3, 4]].var(axis=1).sum() / (size / 2)
    assert shown["chi"] == pytest.approx(np.sqrt(of_all / own), rel=1e-9)
    assert some["mean_cv"] != pytest.approx(even["mean_cv"], rel=1e-6)


def test_spikes_in_any_order_of_ids(tmp_path):
    """Several of a neuron in a step, too, and more than are read at a time: moments are exact."""
    size, count = 450, 150000
    rng = np.random.default_rng(5)
    steps = np.sort(rng.integers(1, 10001, count))
    ids = rng.integers(0, size, count)
    ids[::7] = ids[1::7][:len(ids[::7])]
    path = ours(tmp_path / "x.h5", {"n": list(zip(steps, ids))}, {"n": size}, 1000, 50)
    for width in (20, 7):
        wanted = expected(steps, ids, size, 500, 10000, width)
        compare(info(path, "--bin", f"{width / 10} ms"), wanted, rel=1e-12)
    assert np.mean((np.diff(steps) == 0) & (np.diff(ids) == 0)) > 0.1


def test_a_window_of_more_steps_than_32_bits_have(tmp_path):
    """Intervals, too, of fewer and of more; the sum of their squares, which CV needs, is modulo
    2^64."""
    size, end = 30, 50 * 2**32 + 17
    rng = np.random.default_rng(6)
    ids = np.repeat(np.arange(size), 40)
    steps = rng.integers(1, end + 1, len(ids))
    steps[20:60] = 2**32 - 20 + np.arange(40)
    steps[60:80] = 2**33 + 5
    order = np.lexsort((ids, steps))
    steps, ids = steps[order], ids[order]
    path = ours(tmp_path / "x.h5", {"n": [(1, int(i)) for i in ids]}, {"n": size}, 100)
    with h5py.File(path, "r+") as file:
        file["spikes/n/timestamps"][:] = steps / 10
        file["megalif"].attrs["duration_ms"] = end / 10
    width = 2**31 + 3
    wanted = expected(steps, ids, size, 0, end, width)
    del wanted["mean_cv"]
    compare(info(path, "--bin", f"{width / 10} ms"), wanted, rel=1e-12)
    assert np.sum(np.diff(steps[ids == 7]) > 2**32) >= 5


def test_no_more_spikes_are_read_than_asked_for(tmp_path):
    """Up to the last step of which all spikes are among them."""
    result = run(tmp_path, SIMULATION + NOISY)
    steps, ids = result.spikes("n")
    most = len(steps) // 2
    end = steps[most] - 1
    shown = info(result.path, "--most-spikes", most)
    compare(shown, expected(steps, ids, 450, 1000, end))
    assert shown["statistics_stop_ms"] == pytest.approx(end / 10)
    assert f"n: from spikes up to {end / 10:.10g} ms, as more are not read without --most-spikes" \
        in megalif("info", result.path, "--most-spikes", most).stdout
    assert info(result.path, "--most-spikes", len(steps))["statistics_stop_ms"] == \
        pytest.approx(1005.7)
    none = info(result.path, "--most-spikes", 0)
    assert all(none[name] is None for name in COUNTED + OWN[:3] + ["statistics_stop_ms"])
    assert none["synchrony"] == shown["synchrony"] > 1


@pytest.mark.parametrize("options, part", [(["--most-spikes", "x"], "takes a whole number, not x"),
                                           (["--bin", "0"], "takes a time above 0"),
                                           (["--bin", "2 mV"], "takes a time above 0")])
def test_usage(tmp_path, options, part):
    path = ours(tmp_path / "x.h5", {"n": regular(3, 100)}, {"n": 3}, 1000)
    done = megalif("info", path, *options)
    assert done.returncode == 2 and part in done.stderr


def test_without_all_spikes_there_is_nothing(tmp_path):
    some = section("record.s", population="n", what="spikes", neurons="0:100")
    none = section("record.s", population="n", what="spikes", neurons="none")
    for recorder in (some, none):
        shown = info(run(tmp_path, SIMULATION + NOISY + recorder).path)
        assert all(shown[name] is None for name in COUNTED + OWN[:3])
        assert shown["synchrony"] > 1 and shown["correlation_pairs"] == 0
    shown = info(run(tmp_path, SIMULATION + population("n", 5)).path)  # nobody fires
    assert shown["silent_fraction"] == 1 and shown["rate_median_Hz"] == 0
    assert all(shown[name] is None for name in ["mean_cv", "fano_factor", *OWN[:3]])


@pytest.mark.parametrize("row, value, part", [
    ("node_ids", 3, "row 5: there is no neuron of that id"),
    ("timestamps", 0.1, "row 5: it is earlier than the row before"),
    ("timestamps", 20.05, "row 5: its time is no multiple of dt")])
def test_a_raster_that_cannot_be_is_refused(tmp_path, row, value, part):
    path = ours(tmp_path / "x.h5", {"n": regular(3, 100)}, {"n": 3}, 1000)
    with h5py.File(path, "r+") as file:
        file[f"spikes/n/{row}"][5] = value
    done = megalif("info", path)
    assert done.returncode == 3 and f"x.h5 is damaged: population n, {part}" in done.stderr
    assert megalif("info", path, "--most-spikes", 0).returncode == 0


def test_run_and_sweep_say_the_same(tmp_path):
    (tmp_path / "x.ini").write_text(SIMULATION + NOISY)
    done = subprocess.run([PROGRAM, "run", "x.ini", "-o", "x.h5", "--json", "-q"], cwd=tmp_path,
                          capture_output=True, text=True, check=True)
    report = json.loads(done.stdout)
    assert report["warnings"] == []
    for shown in report["populations"]:
        said = info(tmp_path / "x.h5", name=shown["name"])
        for name in [*COUNTED, *OWN, "synchrony", "bin_ms", "statistics_stop_ms"]:
            assert shown[name] == said[name], name
    subprocess.run([PROGRAM, "sweep", "x.ini", "-o", "s", "-q", "--vary",
                    "simulation.seed=range(42:44)"], cwd=tmp_path, check=True)
    with open(tmp_path / "s/table.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        for name in ("n", "few"):
            said = info(tmp_path / f"s/{row['name']}.h5", name=name)
            for column, key in [("cv", "mean_cv"), ("cv2", "mean_cv2"), ("fano", "fano_factor"),
                                ("synchrony", "synchrony"), ("chi", "chi"),
                                ("correlation", "mean_correlation")]:
                assert float(row[f"{column}.{name}"]) == said[key], (column, name)
    assert rows[0]["chi.n"] != rows[1]["chi.n"] and len(rows) == 2


def test_a_sweep_without_files_has_what_needs_no_raster(tmp_path):
    (tmp_path / "x.ini").write_text(SIMULATION + NOISY
                                    + section("record.c", population="n", what="counts")
                                    + "[sweep]\nsimulation.seed = range(42:44)\n")
    tables = []
    for files in ("all", "none"):
        subprocess.run([PROGRAM, "sweep", "x.ini", "-o", files, "-q", "--set",
                        f"sweep.files={files}"], cwd=tmp_path, check=True)
        with open(tmp_path / files / "table.csv", newline="") as file:
            tables.append(list(csv.DictReader(file)))
    for row, bare in zip(*tables, strict=True):
        del row["seconds (s)"]
        missing = {name for name in row if row[name] != bare[name]}
        assert all(bare[name] == "" for name in missing)
        assert missing == {"cv.few", "fano.few",
                           *(f"{column}.{name}" for column in ("cv2", "chi", "correlation")
                             for name in ("n", "few"))}


def test_warnings_are_in_the_report(tmp_path):
    (tmp_path / "x.ini").write_text(simulation(duration="1 ms") + population("n", 2))
    done = subprocess.run([PROGRAM, "run", "x.ini", "-o", "x.h5", "--json", "--resume"],
                          cwd=tmp_path, capture_output=True, text=True, check=True)
    told = [line.split("megalif: warning: ")[1] for line in done.stderr.splitlines()
            if "warning" in line]
    assert json.loads(done.stdout)["warnings"] == told and "no checkpoint yet" in told[0]
