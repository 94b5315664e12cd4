"""Statistics from the raster: the numbers that `megalif info` has, and closed forms."""
import json
import math

import numpy as np
import pytest

import megalif
from megalif import _statistics
from package_runs import DICT
from package_runs import megalif as command

LONG = {**DICT, "simulation": {"dt": 0.1, "duration": "1.0057 s", "warmup": "100 ms", "seed": 3},
        "record": {"n": {"population": "exc", "what": "counts"}}}
NONE = {**LONG, "record": {}}


def by_command(path):
    done = command("info", "--json", path)
    assert done.returncode == 0, done.stderr
    return {each["name"]: each for each in json.loads(done.stdout)["populations"]}


@pytest.mark.parametrize("config", [LONG, NONE], ids=["counted", "raster"])
def test_they_are_those_of_info(config, tmp_path, monkeypatch):
    monkeypatch.setattr(_statistics, "BINS_AT_ONCE", 100)
    result = megalif.run(config, output=tmp_path / "run.h5")
    for name, wanted in by_command(tmp_path / "run.h5").items():
        found = result.statistics[name]
        for key in (*_statistics.COUNTED, *_statistics.OWN):
            assert key in found and found[key] == pytest.approx(wanted[key], rel=1e-11), key
        assert found["mean_cv"] > 0 and found["correlation_pairs"] > 100
        assert json.loads(json.dumps(dict(found))) == dict(found)


@pytest.mark.parametrize("part", [{"neurons": "0:20"}, {"start": 150}, {"stop": "500 ms"}])
def test_a_part_of_the_spikes_tells_nothing(part, tmp_path):
    config = {**NONE, "record": {"s": {"population": "exc", "what": "spikes", **part}}}
    result = megalif.run(config, output=tmp_path / "run.h5")
    wanted, found = by_command(tmp_path / "run.h5")["exc"], result.statistics["exc"]
    assert 0 < len(result.spikes["exc"]) < wanted["spikes"]
    for key in (*_statistics.COUNTED, *_statistics.OWN):
        assert key not in found and not wanted[key], key
    with pytest.raises(KeyError, match="with all its spikes, or a recorder with what = counts"):
        found["chi"]


def test_counted_and_from_the_raster_agree():
    counted, raster = megalif.run(LONG).statistics["exc"], megalif.run(NONE).statistics["exc"]
    for key in _statistics.COUNTED:
        assert raster[key] == pytest.approx(counted[key], rel=1e-11), key


def trains(times, size, duration=1000.0):
    """Spikes of which the statistics are known."""
    ids, at = np.concatenate([[np.full(len(each), row), each] for row, each in enumerate(times)],
                             axis=1)
    order = np.lexsort((ids, at))
    rows = at[order], ids[order].astype(np.uint64)
    spikes = megalif._result.Spikes("cells", size, 0.1, lambda start, stop: rows)
    return _statistics.of_spikes(spikes, 0.0, duration)


def test_regular_alternating_and_silent_trains():
    """Intervals a, b in turn: CV = |a - b| / (a + b), CV2 = 2 |a - b| / (a + b)."""
    regular = 10.0 * np.arange(1, 100)
    turns = np.cumsum([5.0, 15.0] * 24 + [5.0])
    assert trains([regular], 1)["mean_cv"] == trains([regular], 1)["mean_cv2"] == 0
    found = trains([turns, []], 2)
    assert found["mean_cv"] == pytest.approx(0.5) and found["mean_cv2"] == pytest.approx(1)
    assert found["cv_neurons"] == 1 and found["silent_fraction"] == 0.5


def test_trains_that_are_one_and_trains_that_take_turns():
    one = 20.0 * np.arange(1, 50)
    together = trains([one] * 5, 5)
    assert together["chi"] == pytest.approx(1) and together["mean_correlation"] == pytest.approx(1)
    assert together["correlation_pairs"] == 10 and together["fano_factor"] == 0
    apart = trains([2.0 * np.arange(1, 500, 2), 2.0 * np.arange(2, 501, 2)], 2)
    assert apart["chi"] == 0 and apart["mean_correlation"] == pytest.approx(-1)


def test_nothing_to_tell_is_nan():
    quiet = trains([[]], 1)
    for key in ("mean_cv", "mean_cv2", "chi", "mean_correlation", "fano_factor"):
        assert math.isnan(quiet[key]), key
    assert quiet["silent_fraction"] == 1 and quiet["correlation_pairs"] == 0


def test_of_many_neurons_some_are_looked_at(tmp_path, monkeypatch):
    """As info, for which 2^20 are many; here with less, beside a reading of those alone."""
    result = megalif.run(NONE)
    whole = result.spikes["exc"]
    monkeypatch.setattr(_statistics, "MOST_TRAINS", 150)   # every third of 400
    some = result.statistics["exc"]
    counts = np.array([(train > 100.04).sum() for train in whole.by_neuron()])[::3]
    assert some["fano_factor"] == pytest.approx(counts.var() / counts.mean())
    assert some["rate_standard_error_Hz"] == pytest.approx(
        counts.std(ddof=1) / math.sqrt(400) / 0.9057)


def test_a_temporary_file_stays_as_long_as_they_do():
    result = megalif.run(NONE)
    found, path = result.statistics["exc"], result.path
    del result
    assert found["chi"] > 0
    del found
    assert not path.exists()


def test_without_spikes_the_cure_is_told():
    result = megalif.run(NONE, raster=False)
    with pytest.raises(KeyError, match="what = counts, there are mean_cv"):
        result.statistics["exc"]["mean_cv"]
