"""Random numbers, and the words that a config has for them: for random_networks.py.

All comes from random.Random.random(), which Python promises to keep from version to version."""
import math
import random
from decimal import Decimal

# The own unit of a key: others of its dimension, and how many powers of ten larger their numbers
# are.
UNITS = {"ms": {"ms": 0, "us": 3, "s": -3}, "mV": {"mV": 0, "V": -3, "uV": 3},
         "pF": {"pF": 0, "nF": -3}, "nS": {"nS": 0, "pS": 3, "uS": -3},
         "MOhm": {"MOhm": 0, "GOhm": -3, "kOhm": 3}, "pA": {"pA": 0, "nA": -3, "uA": -6},
         "Hz": {"Hz": 0, "1/s": 0, "kHz": -3, "1/ms": -3, "mHz": 3},
         "pA ms^1/2": {"pA ms^1/2": 0, "nA ms^1/2": -3}, "": {"": 0}}

# How each distribution is drawn that stays between two numbers; what has no ends stays there all
# the same, as no normal of ours is beyond 9 standard deviations.
DISTRIBUTIONS = {
    "uniform": lambda d, lo, hi, unit: d.call("uniform", unit, *d.ordered(lo, hi)),
    "normal": lambda d, lo, hi, unit: d.call("normal", unit, (lo + hi) / 2,
                                             (hi - lo) / float(d.number(20, 60))),
    "normal_clipped": lambda d, lo, hi, unit: d.call("normal_clipped", unit, d.number(lo, hi),
                                                     (hi - lo) / 2, lo, hi),
    "lognormal": lambda d, lo, hi, unit: d.lognormal(lo, hi, unit),
    "linspace": lambda d, lo, hi, unit: d.call("linspace", unit, d.number(lo, hi),
                                               d.number(lo, hi)),
    "levels": lambda d, lo, hi, unit: d.call("levels", unit, d.number(lo, hi), d.number(lo, hi)),
    "choice": lambda d, lo, hi, unit: d.call("choice", unit, *(
        d.number(lo, hi) for _ in range(d.whole(1, 5)))),
    "file": lambda d, lo, hi, unit: d.values_file(lo, hi),
}
OF_SYNAPSES = ("uniform", "normal", "normal_clipped", "lognormal", "choice")
OF_INPUTS = (*OF_SYNAPSES, "linspace")


def plain(number):
    """A short decimal."""
    return Decimal(f"{number:.5g}")


class Draw:
    """What is drawn under a name; `kinds`: the distributions that `values` may take."""
    kinds = OF_INPUTS

    def __init__(self, name):
        self._random = random.Random(name).random

    def chance(self, p):
        return self._random() < p

    def whole(self, least, most):
        """Each of least ... most as likely."""
        return least + int(self._random() * (most - least + 1))

    def spread(self, least, most):
        """From least to most, each order of magnitude as likely; both above 0."""
        return min(most, round(least * (most / least)**self._random()))

    def pick(self, things):
        return things[self.whole(0, len(things) - 1)]

    def sample(self, things, count):
        things = list(things)
        return [things.pop(self.whole(0, len(things) - 1)) for _ in range(count)]

    def number(self, lo, hi):
        return plain(lo + (hi - lo) * self._random())

    def ordered(self, lo, hi):
        """Two different numbers between them, the smaller one first."""
        step = (hi - lo) / 3
        return self.number(lo, lo + step), self.number(hi - step, hi)

    def any_unit(self, unit):
        return self.pick(list(UNITS[unit].items())) if self.chance(0.3) else (unit, 0)

    def one(self, number, unit):
        """A number of that unit, in any of its dimension."""
        name, power = self.any_unit(unit)
        number = number if isinstance(number, Decimal) else plain(number)
        return f"{number.scaleb(power):f} {name}".strip()

    def many(self, numbers, unit):
        """A list: each has its unit, or the last one, for all."""
        if self.chance(0.5):
            return ", ".join(self.one(number, unit) for number in numbers)
        name, power = self.any_unit(unit)
        return ", ".join(f"{plain(number).scaleb(power):f}" for number in numbers) + " " + name

    def call(self, function, unit, *numbers):
        return f"{function}({self.many(numbers, unit).strip()})"

    def lognormal(self, lo, hi, unit):
        """Within lo ... hi, where both are above 0; elsewhere there is none."""
        if lo <= 0:
            return self.one(self.number(lo, hi), unit)
        sigma = plain(math.log(hi / lo) / 2 / float(self.number(9, 20)))
        return f"lognormal({self.one(math.sqrt(lo * hi), unit)}, {sigma:f})"

    def values(self, lo, hi, unit, kinds=None):
        """A number between lo and hi, or a distribution that stays between them."""
        if self.chance(0.45):
            return self.one(self.number(lo, hi), unit)
        return DISTRIBUTIONS[self.pick(kinds or self.kinds)](self, lo, hi, unit)
