"""What happens in which step: refractoriness, starts and stops, and what may not matter at all."""
import numpy as np
import pytest
from scipy import stats

from megalif import counts_only, population, run, section, simulation

STRONG = "1e6 pA"  # lifts V by 400 mV in a step: whoever may fire does


def assert_equal_spikes(a, b, name, below=None):
    """The same spikes of a population, of ids below `below` only if given."""
    found = []
    for steps, ids in (a.spikes(name), b.spikes(name)):
        keep = ids < (below or np.inf)
        found.append(np.stack([steps[keep], ids[keep]]))
    np.testing.assert_array_equal(*found)


# ---- refractoriness ------------------------------------------------------------------------------


@pytest.mark.parametrize("precision", ["single", "double"])
@pytest.mark.parametrize("r", [0, 1, 2, 20])
def test_shortest_interval_is_one_more_than_the_refractory_steps(tmp_path, r, precision):
    result = run(tmp_path, simulation(duration="50 ms", precision=precision)
                 + population("n", 200, t_ref=f"{r / 10} ms", I_e=STRONG))
    for train in result.trains("n", 200):
        np.testing.assert_array_equal(train, np.arange(1, 501, r + 1))


def test_every_neuron_has_its_own_refractory_period(tmp_path):
    """A drawn t_ref is rounded to the nearest step, halves up."""
    result = run(tmp_path, simulation(duration="100 ms")
                 + population("n", 3000, t_ref="uniform(0 ms, 3 ms)", I_e=STRONG))
    steps = np.floor(result.parameter("n", "t_ref") / 0.1 + 0.5).astype(int)
    assert steps.min() == 0 and steps.max() == 30
    for r, train in zip(steps, result.trains("n", 3000)):
        np.testing.assert_array_equal(train, np.arange(1, 1001, r + 1))


def test_jumps_are_dropped_in_refractoriness(tmp_path):
    """Each event fires a neuron that is not refractory: intervals are r + 1 steps and then
    geometric, with p = 1 - exp(-rate dt). Chi-squared over them: fails below a probability of
    1e-6."""
    result = run(tmp_path, simulation(duration="500 ms") + population("n", 5000)
                 + section("input.e", target="n", type="poisson", rate="1 kHz", weight="30 mV"))
    # Long intervals are cut off by the end of the run: take those that begin well before it.
    intervals = np.concatenate([np.diff(t)[t[:-1] < 4500] for t in result.trains("n", 5000)])
    assert intervals.min() == 21
    p = 1 - np.exp(-0.1)
    waits = np.bincount(np.minimum(intervals - 21, 40), minlength=41)
    expected = np.append(p * (1 - p) ** np.arange(40), (1 - p) ** 40) * waits.sum()
    assert stats.chisquare(waits, expected).pvalue > 1e-6


# ---- starts and stops ----------------------------------------------------------------------------


DRIVES = {
    "dc": {"type": "dc", "amplitude": STRONG},
    "step": {"type": "step", "times": "0 ms", "amplitudes": STRONG},
    "mean": {"type": "white_noise", "mean": STRONG, "std": "0 pA"},
    "mean_V": {"type": "white_noise", "mean_V": "1e5 mV", "std": "0 pA"},
    "poisson": {"type": "poisson", "rate": "1 MHz", "weight": "100 mV"},  # 100 events a step
}


@pytest.mark.parametrize("drive", DRIVES.values(), ids=DRIVES.keys())
@pytest.mark.parametrize("start, stop", [(0, None), (1, 2), (37, 103), (64, 128), (150, None)])
def test_inputs_act_from_start_until_before_stop(tmp_path, drive, start, stop):
    """Active in step k when start <= k dt < stop: without refractoriness spikes at k + 1, all of
    them and no other (after a spike V is V_reset, and nothing lifts it without drive)."""
    when = {"start": f"{start / 10} ms", **({"stop": f"{stop / 10} ms"} if stop else {})}
    result = run(tmp_path, simulation(duration="20 ms") + population("n", 300, t_ref="0 ms")
                 + section("input.x", target="n[50:251]", **when, **drive))
    expected = np.arange(start + 1, (stop or 200) + 1)
    for neuron, train in enumerate(result.trains("n", 300)):
        driven = 50 <= neuron < 251
        np.testing.assert_array_equal(train, expected if driven else [], err_msg=f"neuron {neuron}")


def test_noise_acts_from_start_until_before_stop(tmp_path):
    """Huge numbers: half of the neurons fire in the first active step, and some in every other."""
    result = run(tmp_path, simulation(duration="20 ms") + population("n", 1000, t_ref="0 ms")
                 + section("input.x", target="n", type="white_noise", sigma_V="1e5 mV",
                           start="3.7 ms", stop="10.3 ms"))
    steps, _ = result.spikes("n")
    fired = np.bincount(steps, minlength=201)
    assert not fired[:38].any() and not fired[104:].any()
    assert 400 < fired[38] < 600 and fired[38:104].min() > 20


def test_times_of_a_step_input_are_absolute(tmp_path):
    """Whatever its start; each amplitude holds from its time on, and 0 before the first."""
    result = run(tmp_path, simulation(duration="20 ms") + population("n", 130, t_ref="0 ms")
                 + section("input.x", target="n", type="step", times="2, 5, 9, 15 ms",
                           amplitudes="1e6, 0, 1e6, -1e6 pA", start="3 ms", stop="12.5 ms"))
    expected = [*range(31, 51), *range(91, 126)]
    for train in result.trains("n", 130):
        np.testing.assert_array_equal(train, expected)


def test_a_held_number_acts_for_its_whole_hold(tmp_path):
    """A huge number held for 8 steps: a neuron fires in all of them or in none, on a grid that
    starts at step 0 even where the input starts within a hold."""
    result = run(tmp_path, simulation(duration="20 ms") + population("n", 1000, t_ref="0 ms")
                 + section("input.x", target="n", type="white_noise", std="1e9 pA", hold="0.8 ms",
                           start="2 ms"))
    fired = np.zeros((1000, 200), dtype=bool)
    steps, ids = result.spikes("n")
    fired[ids, steps - 1] = True
    assert not fired[:, :20].any()
    # A neuron that went far down in one hold may need the next one to come back: look where the
    # first step of the hold has a spike, and at the first hold, which V enters at rest.
    assert np.all(fired[:, 20:24] == fired[:, 20:21])
    holds = fired[:, 24:].reshape(1000, 22, 8)
    assert np.all(holds[:, :, 1:][holds[:, :, 0]])
    changes = np.count_nonzero(fired[:, 21:] != fired[:, 20:-1], axis=0)
    at_a_border = (np.arange(21, 200) % 8) == 0
    assert changes[at_a_border].min() > 0


# ---- the start -----------------------------------------------------------------------------------


def test_starting_above_threshold_fires_at_step_1_if_still_there(tmp_path):
    """V is propagated first: -49.9 mV decays below -50 mV in a step, -49.8 mV does not."""
    result = run(tmp_path, simulation(duration="10 ms") + population("falls", 150, V_m="-49.95 mV")
                 + population("stays", 150, V_m="-49.8 mV") + population("at", 150, V_m="-50 mV"))
    assert len(result.spikes("falls")[0]) == 0 and len(result.spikes("at")[0]) == 0
    steps, ids = result.spikes("stays")
    assert np.all(steps == 1) and np.array_equal(ids, np.arange(150))
    assert "150 of 150 neurons start at or above V_th" in result.stderr


def test_nobody_starts_refractory(tmp_path):
    result = run(tmp_path,
                 simulation(duration="1 ms") + population("n", 10, t_ref="5 ms", I_e=STRONG))
    assert np.all(result.spikes("n")[0] == 1)


# ---- warmup --------------------------------------------------------------------------------------


NOISY = (population("n", 500, V_m="uniform(-65 mV, -50 mV)", I_e="normal(190 pA, 10 pA)")
         + section("input.x", target="n", type="white_noise", sigma_V="3 mV"))


def test_warmup_is_left_out_of_statistics_only(tmp_path):
    counts = section("record.c", population="n", what="counts")
    plain = run(tmp_path, simulation(duration="400 ms") + NOISY, name="plain")
    warm = run(tmp_path, simulation(duration="400 ms", warmup="100 ms") + NOISY + counts,
               name="warm")
    cut = run(tmp_path, simulation(duration="400 ms", warmup="100 ms", record_warmup="no") + NOISY,
              name="cut")
    assert_equal_spikes(plain, warm, "n")
    assert plain.digest == warm.digest == cut.digest
    steps, ids = plain.spikes("n")
    late = steps > 1000
    assert late.sum() > 100 and (~late).sum() > 100
    np.testing.assert_array_equal(cut.spikes("n")[0], steps[late])
    np.testing.assert_array_equal(cut.spikes("n")[1], ids[late])
    found = warm.counts("n")
    np.testing.assert_array_equal(found["spikes"], np.bincount(ids[late], minlength=500))
    for neuron, train in enumerate(plain.trains("n", 500)):
        train = train[train > 1000]
        intervals = np.diff(train)
        assert found["interval_sum"][neuron] == intervals.sum()
        assert found["interval_square_sum"][neuron] == (intervals**2).sum()
    rate = warm.attribute("megalif/populations/n", "mean_rate_Hz")
    assert rate == pytest.approx(late.sum() / 500 / 0.3, rel=1e-12)
    bins = np.bincount((steps - 1) // 10, minlength=400)
    np.testing.assert_array_equal(warm.read("megalif/rates/n"), bins)


# ---- what may not matter -------------------------------------------------------------------------


A = population("a", 700, V_m="uniform(-65 mV, -50 mV)", I_e="normal(180 pA, 15 pA)",
               t_ref="uniform(1 ms, 3 ms)")
B = population("b", 300, I_e="normal(200 pA, 15 pA)")
X = section("input.x", target="a", type="white_noise", sigma_V="2 mV")
Y = section("input.y", target="a, b", type="poisson", rate="1 kHz", weight="0.3 mV")
Z = section("input.z", target="a[10:500]", type="dc", amplitude="20 pA", start="50 ms")
HEAD = simulation(duration="300 ms")


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    result = run(tmp_path_factory.mktemp("reference"), HEAD + A + B + X + Y + Z)
    assert len(result.spikes("a")[0]) > 2000 and len(result.spikes("b")[0]) > 1000
    return result


VARIANTS = {
    "sections in another order": Z + B + Y + HEAD + X + A,
    "another population": HEAD + A + B + X + Y + Z + population("c", 900, I_e="300 pA"),
    "an input to another population": (HEAD + population("aa", 64) + A + B + X + Y + Z + section(
        "input.w", target="aa", type="white_noise", sigma_V="5 mV")),
    "an input that never acts": HEAD + A + B + X + Y + Z + section(
        "input.w", target="a", type="white_noise", sigma_V="5 mV", start="300 ms"),
    "another duration": simulation(duration="301.3 ms") + A + B + X + Y + Z,
    "a recorder": HEAD + A + B + X + Y + Z + section("record.c", population="a, b", what="counts"),
}


@pytest.mark.parametrize("config", VARIANTS.values(), ids=VARIANTS.keys())
def test_unrelated_changes_change_no_spike(tmp_path, reference, config):
    result = run(tmp_path, config)
    for name in ("a", "b"):
        steps, ids = result.spikes(name)
        inside = steps <= 3000
        np.testing.assert_array_equal(steps[inside], reference.spikes(name)[0])
        np.testing.assert_array_equal(ids[inside], reference.spikes(name)[1])


@pytest.mark.parametrize("size", [501, 699, 701, 5000])
def test_the_size_of_a_population_changes_no_other_neuron(tmp_path, reference, size):
    result = run(tmp_path, HEAD + A.replace("size = 700", f"size = {size}") + B + X + Y + Z)
    assert_equal_spikes(result, reference, "a", below=min(size, 700))
    assert_equal_spikes(result, reference, "b")


def test_a_slice_only_changes_its_targets(tmp_path, reference):
    """Neurons 10 to 499 get the current; the others fire as without it, bit for bit, and these as
    when the whole population gets it."""
    without = run(tmp_path, HEAD + A + B + X + Y, name="without")
    whole = run(tmp_path, HEAD + A + B + X + Y + Z.replace("a[10:500]", "a"), name="whole")
    trains = [r.trains("a", 700) for r in (reference, without, whole)]
    different = 0
    for neuron, (mine, bare, full) in enumerate(zip(*trains)):
        np.testing.assert_array_equal(mine, full if 10 <= neuron < 500 else bare)
        different += not np.array_equal(bare, full)
    assert different > 600


def test_two_currents_are_their_sum(tmp_path):
    """dc and step, whole populations and slices, one or several inputs: the same spikes, where the
    sums are exact."""
    a = A.replace("normal(180 pA, 15 pA)", "180 pA")

    def with_currents(name, *inputs):
        return run(tmp_path, HEAD + a + "".join(inputs), name=name)

    def dc(name, target, amplitude, **when):
        return section(f"input.{name}", target=target, type="dc", amplitude=f"{amplitude} pA",
                       **when)

    one = with_currents("one", dc("p", "a", 48, start="20 ms", stop="200 ms"))
    assert len(one.spikes("a")[0]) > 2000
    when = {"start": "20 ms", "stop": "200 ms"}
    for name, other in {
        "two": (dc("p", "a", 32, **when), dc("q", "a", 16, **when)),
        "slices": (dc("p", "a[0:130]", 48, **when), dc("q", "a[130:700]", 48, **when)),
        "step": (section("input.p", target="a", type="step", times="20, 200 ms",
                         amplitudes="48, 0 pA"),),
        "in turn": (dc("p", "a", 48, start="20 ms", stop="77.7 ms"),
                    dc("q", "a", 48, start="77.7 ms", stop="200 ms")),
    }.items():
        assert_equal_spikes(one, with_currents(name, *other), "a")


def test_seeds_change_the_spikes(tmp_path, reference):
    other = run(tmp_path, HEAD.replace("seed = 42", "seed = 43") + A + B + X + Y + Z)
    assert other.digest != reference.digest
    own = run(tmp_path, HEAD + A + B + X + Y.replace("rate", "seed = 43\nrate") + Z)
    assert own.digest != reference.digest
