"""The sections of random networks: for each key with what chance it stands there, and how its
value is drawn. An entry of a table is (keys, chance, draw): draw gets the section and returns a
text, or as many as there are keys, None for a key that is left out; or it is one_of(tables)."""
from decimal import Decimal

import random_files as files
from random_values import OF_SYNAPSES, Draw


class one_of:
    """An entry in place of which one of these tables is taken."""
    def __init__(self, *tables):
        self.tables = tables


# What a model gets: the unit of weights, keys of its own, what recorders can see.
MODELS = {
    "lif": {"unit": "mV", "keys": [], "traces": []},
    "iaf_psc_delta": {"unit": "mV", "keys": [], "traces": []},
    "iaf_psc_exp": {"unit": "pA", "traces": ["I_syn", "I_syn_ex", "I_syn_in"], "keys": [
        ("tau_syn_ex", 0.5, lambda p: p.values(0.3, 8, "ms")),
        ("tau_syn_in", 0.5, lambda p: p.values(0.3, 8, "ms"))]},
    "iaf_psc_alpha": {"unit": "pA", "traces": ["I_syn", "I_syn_ex", "I_syn_in"], "keys": [
        ("tau_syn_ex", 0.5, lambda p: p.values(0.3, 8, "ms")),
        ("tau_syn_in", 0.5, lambda p: p.values(0.3, 8, "ms"))]},
    "iaf_cond_exp": {"unit": "nS", "traces": ["g_ex", "g_in"], "keys": [
        ("tau_syn_ex", 1, lambda p: p.values(*p.slow(0.2), "ms")),
        ("tau_syn_in", 1, lambda p: p.values(*p.slow(1), "ms")),
        ("E_ex", 0.3, lambda p: p.values(-20, 20, "mV")),
        ("E_in", 0.3, lambda p: p.values(-95, -80, "mV"))]},
    "iaf_cond_alpha": {"unit": "nS", "traces": ["g_ex", "g_in"], "keys": [
        ("tau_syn_ex", 1, lambda p: p.values(*p.slow(0.2), "ms")),
        ("tau_syn_in", 1, lambda p: p.values(*p.slow(1), "ms")),
        ("E_ex", 0.3, lambda p: p.values(-20, 20, "mV")),
        ("E_in", 0.3, lambda p: p.values(-95, -80, "mV"))]},
}
# Of each unit: what excites and what inhibits noticeably but does not overwhelm.
WEIGHTS = {"mV": ((0.02, 1.5), (-1.5, -0.02)), "pA": ((2, 150), (-150, -2)),
           "nS": ((0.05, 3), (-6, -0.05))}
# Conductances beside NEST: where few nS meet a membrane in a coarse step it takes several steps for
# our one (docs/numerics.md). So there dt is at most this, weights are a tenth of those above, and
# tau_syn is five steps or more.
COARSE = Decimal("0.2")

POPULATION = [
    one_of([("C_m", 0.4, lambda p: p.values(100, 400, "pF")),
            ("tau_m", 0.6, lambda p: p.values(*p.membrane(), "ms"))],
           [("C_m", 0.4, lambda p: p.values(100, 400, "pF")),
            one_of([("g_L", 1, lambda p: p.values(8, 20, "nS"))],
                   [("R_m", 1, lambda p: p.values(50, 120, "MOhm"))])],
           [("tau_m", 1, lambda p: p.values(*p.membrane(), "ms")),
            one_of([("g_L", 1, lambda p: p.values(8, 20, "nS"))],
                   [("R_m", 1, lambda p: p.values(50, 120, "MOhm"))])]),
    ("E_L", 0.3, lambda p: p.values(-75, -63, "mV")),
    ("V_th", 0.3, lambda p: p.values(-58, -48, "mV")),
    ("V_reset", 0.3, lambda p: p.values(-78, -62, "mV")),
    ("V_min", 0.2, lambda p: p.bound()),
    ("V_m", 0.6, lambda p: p.values(-75, -47, "mV")),
    ("I_e", 0.8, lambda p: p.values(200, 1000, "pA")),
    ("crossing", 0.1, lambda p: None if p.net.nest else p.pick(["grid", "bridge"])),
    ("seed", 0.1, lambda p: p.seed()),
]
DEFAULTS = ["model", "E_L", "V_m", "I_e", "t_ref"]  # that may stand in [defaults]

SOURCES = {
    "poisson": [one_of([("rate", 1, lambda p: p.values(0, 300, "Hz"))],
                       [("times, rates", 1, lambda p: p.changes(0, 300, "Hz"))],
                       [("rate, rate_most", 1, lambda p: p.most_rate(300))])],
    "spikes": [("file, population, first_id, dt", 1, lambda p: files.spikes(p, p.size, True))],
    "external": [("spikes_most", 0.5, lambda p: p.pick(["1", "3", "255"]))],
}
ACTIVE = [("start", 0.2, lambda s: s.time(0, s.net.steps + 1)),
          ("stop", 0.2, lambda s: s.later())]

INPUT = [*ACTIVE, ("seed", 0.1, lambda i: i.seed())]
SHARED = [one_of([], [("correlation", 1, lambda i: i.pick(["0", "0.3", "1"]))],
                 [("common", 1, lambda i: i.pick(["none", "copies", "copies"][:i.copies]))])]
INPUTS = {
    "dc": [("amplitude", 1, lambda i: i.values(-100, 400, "pA"))],
    "step": [("times, amplitudes", 1, lambda i: i.changes(-200, 500, "pA"))],
    "ramp": [("first", 1, lambda i: i.one(i.number(-100, 400), "pA")),
             ("last", 1, lambda i: i.one(i.number(-100, 700), "pA")),
             ("start", 0.5, lambda i: i.time(0, i.net.steps)), ("stop", 1, lambda i: i.later())],
    "sine": [("amplitude", 1, lambda i: i.values(0, 300, "pA")),
             ("frequency", 1, lambda i: i.frequency()),
             ("phase", 0.5, lambda i: i.one(i.number(-360, 360), ""))],
    "pulses": [("amplitude", 1, lambda i: i.values(100, 1500, "pA")),
               ("period, width", 1, lambda i: i.period()),
               ("delay", 0.5, lambda i: i.time(0, 90))],
    "file": [("file, dataset, column", 1, lambda i: files.current(i, i.count))],
    "external": [("amplitude", 0.7, lambda i: i.values(-100, 400, "pA"))],
    "white_noise": [
        one_of([], [("mean", 1, lambda i: i.values(0, 200, "pA"))],
               [("mean_V", 1, lambda i: i.values(0, 5, "mV"))]),
        one_of([("std", 1, lambda i: i.values(0, 900, "pA")),
                ("hold", 0.4, lambda i: i.time(1, 12))],
               [("sigma_V", 1, lambda i: i.values(0, 5, "mV"))],
               [("sigma_I", 1, lambda i: i.values(0, 500, "pA ms^1/2"))]), *SHARED],
    "ou_noise": [("mean", 0.5, lambda i: i.values(0, 200, "pA")),
                 ("std", 1, lambda i: i.values(0, 300, "pA")),
                 ("tau", 1, lambda i: i.one(i.number(0.5, 30), "ms")), *SHARED],
    "poisson": [
        one_of([("rate", 1, lambda i: i.one(i.number(0, 4000), "Hz")), *SHARED],
               [("rate", 1, lambda i: i.one(i.number(0, 4000), "Hz")), *SHARED],
               [("rate", 1, lambda i: i.values(0, 4000, "Hz"))],
               [("times, rates", 1, lambda i: i.changes(0, 4000, "Hz")), *SHARED],
               [("rate", 1, lambda i: i.values(0, 4000, "Hz")),
                ("modulation", 1, lambda i: i.one(i.number(0, 1), "")),
                ("frequency", 1, lambda i: i.frequency()),
                ("phase", 0.5, lambda i: i.one(i.number(-360, 360), ""))],
               [("rate, rate_most", 1, lambda i: i.most_rate(4000))]),
        ("weight", 1, lambda i: i.weight(0.3))],
    "spikes": [("file, population, first_id, dt", 1, lambda i: files.spikes(i, i.count, False)),
               ("weight", 1, lambda i: i.weight(5)),
               ("delay", 0.5, lambda i: i.time(1, 60))],
}

PROJECTION = [
    ("weight, allow_both_signs", 1, lambda p: p.weights()),
    ("delay", 1, lambda p: p.delay()),
    ("weight_bits", 0.2, lambda p: p.pick(["16", "32"])),
    ("seed", 0.1, lambda p: p.seed()),
]
AUTAPSES = ("allow_autapses", 0.3, lambda p: p.pick(["yes", "no"]))
RULES = {
    "one_to_one": [],
    "all_to_all": [AUTAPSES],
    "fixed_indegree": [AUTAPSES, ("indegree, allow_multapses", 1, lambda p: p.degree(
        p.sources, p.targets))],
    "fixed_outdegree": [AUTAPSES, ("outdegree, allow_multapses", 1, lambda p: p.degree(
        p.targets, p.sources))],
    "fixed_total_number": [AUTAPSES, ("N, allow_multapses", 1, lambda p: p.total())],
    "pairwise_bernoulli": [AUTAPSES, ("p", 1, lambda p: p.density(1))],
    "pairwise_poisson": [AUTAPSES, ("pairwise_avg_num_conns", 1, lambda p: p.density(3))],
    "file": [("file, population, edge_types, weight, allow_both_signs, delay", 1, files.edges)],
}

TRACE = [("interval", 0.6, lambda r: r.time(1, 40)),
         ("neurons", 0.8, lambda r: r.neurons(20))]
RECORDS = {
    "spikes": [("neurons", 0.7, lambda r: r.neurons(10**6))],
    "counts": [],
    "rate": [("bin_width", 1, lambda r: r.time(1, 100))],
    "V_m": TRACE, "I": TRACE, "jumps": TRACE, "I_syn": TRACE, "I_syn_ex": TRACE,
    "I_syn_in": TRACE, "g_ex": TRACE, "g_in": TRACE,
}
RECORD = [("start", 0.2, lambda r: r.time(0, r.net.steps - 1)),
          ("stop", 0.2, lambda r: r.later()),
          ("seed", 0.1, lambda r: r.seed())]

SIMULATION = [
    ("dt", 1, lambda s: f"{s.net.dt} ms"),
    ("duration", 1, lambda s: s.time(s.net.steps, s.net.steps)),
    ("seed", 0.9, lambda s: s.seed()),
    ("precision", 1, lambda s: s.net.precision),
    ("method", 0.5, lambda s: "euler" if s.net.euler else "exact"),
    ("warmup", 0.3, lambda s: s.time(0, s.net.steps)),
    ("record_warmup", 0.3, lambda s: s.pick(["yes", "no"])),
    ("max_rate, on_max_rate", 0.1, lambda s: s.rate_limit()),
    ("stop_after_spikes", 0.05, lambda s: None if s.net.nest else str(s.spread(1, 20000))),
]
OUTPUT = [("file", 0.1, lambda s: "another.h5"),
          ("compression", 0.3, lambda s: s.pick(["deflate", "none"])),
          ("parameters", 0.3, lambda s: s.pick(["drawn", "none"]))]
CHECKPOINT = [one_of([], [], [("every_model", 1, lambda s: s.pick(["inf", s.time(5, 400)])),
                              ("every_wall", 0.5, lambda s: s.pick(["inf", "10 min", "1h30m"])),
                              ("keep", 0.5, lambda s: s.pick(["yes", "no"]))])]

# What is legal, but hardly meant; in place of what the tables say. NEST is spared these: what is
# that far off shows rounding.
EXTREMES = {
    "C_m": ["1e-6 pF", "1e9 pF"], "E_L": ["-48 mV", "-10000 mV", "10000 mV"],
    "V_th": ["10000 mV", "-61.999 mV"], "V_reset": ["-10000 mV"], "V_m": ["-10000 mV", "10000 mV"],
    "I_e": ["1e9 pA", "-1e9 pA", "0 pA"], "tau_syn_ex": ["1e6 ms"], "tau_syn_in": ["1e6 ms"],
    "E_ex": ["-10000 mV"], "amplitude": ["1e9 pA", "-1e9 pA", "0 pA"], "tau_m": ["1e9 ms"],
    "std": ["0 pA", "1e9 pA"], "sigma_V": ["1e6 mV"], "indegree": ["0"], "outdegree": ["0"],
    "N": ["0"], "p": ["0", "1"], "pairwise_avg_num_conns": ["0"], "rate": ["0 Hz"],
    "seed": ["0", "18446744073709551615"],
}

NOT_WITH = {"C_m": ("g_L", "R_m"), "V_reset": ("V_min",)}  # of an exaggerated one


class Section(Draw):
    """A section that is drawn; `net`: the network it belongs to."""

    def __init__(self, net, header):
        super().__init__(f"{net.label} {header}")
        self.net, self.header, self.keys = net, header, {}

    def take(self, table):
        for entry in table:
            if isinstance(entry, one_of):
                self.take(self.pick(entry.tables))
                continue
            names, chance, draw = entry
            if self.chance(chance):
                texts = draw(self)
                texts = texts if isinstance(texts, tuple) else (texts,)
                self.keys.update({name: text for name, text in zip(names.split(", "), texts)
                                  if text is not None})

    def exaggerate(self):
        for key in list(self.keys):
            if key in self.keys and key in EXTREMES and not self.net.nest and self.chance(0.03):
                self.keys[key] = self.pick(EXTREMES[key])
                for other in NOT_WITH.get(key, ()):
                    self.keys.pop(other, None)

    def weight_range(self):
        """Excitation, inhibition, or both."""
        excites, inhibits = WEIGHTS[self.unit]
        low, high = self.pick([excites, inhibits, (inhibits[0], excites[1])])
        small = 0.1 if self.net.nest and self.unit == "nS" else 1
        return small * low, small * high

    def seed(self):
        return str(self.whole(0, 2**53))

    def time(self, least, most):
        """A multiple of dt."""
        return self.one(self.net.dt * self.whole(least, most), "ms")

    def later(self):
        """A `stop` after the `start` that has been drawn."""
        start = self.keys.get("start", "0 ms")
        first = self.steps_of(start)
        return self.time(first + 1, first + self.net.steps)

    def steps_of(self, text):
        number, unit = text.split()
        return int(Decimal(number).scaleb({"ms": 0, "us": -3, "s": 3}[unit]) / self.net.dt)

    def rate_limit(self):
        """Not for NEST, whose runs are not ended early."""
        if self.net.nest:
            return None, None
        return self.one(self.number(20, 3000), "Hz"), self.pick([None, "stop", "warn"])

    def changes(self, lo, hi, unit):
        """Increasing times, and a number for each."""
        places = sorted({self.whole(0, self.net.steps) for _ in range(self.whole(1, 5))})
        times = self.many_exact([self.net.dt * place for place in places])
        return times, self.many([self.number(lo, hi) for _ in places], unit)

    def many_exact(self, times):
        return ", ".join(f"{time:f}" for time in times) + " ms"

    def most_rate(self, most):
        return self.values(0, most, "Hz"), self.one(most, "Hz")

    def frequency(self):
        """That repeats to the step within 10,000 steps: a multiple of 1 / (10000 dt)."""
        least = (Decimal("0.1") / self.net.dt).as_integer_ratio()[0]
        if self.net.dt in (Decimal("0.3"), Decimal("0.7")):
            least = 1000  # 0.1 / dt is no decimal; any whole number of kHz times 0.1 ms will do
            return f"{0 if 2 * least * self.net.dt > 1000 else least} Hz"
        return f"{least * self.whole(0, int(500 / float(self.net.dt) / least / 4))} Hz"

    def period(self):
        period = self.whole(1, 200)
        return tuple(self.one(self.net.dt * n, "ms") for n in (period, self.whole(1, period)))

    def ends(self, suits, most):
        """Of populations that suit, some ranges that do not overlap, at most so many neurons:
        text, count, [(population, begin, end)]; or none."""
        suiting = [p for p in self.net.populations if suits(p)]
        if not suiting:
            return "", 0, []
        chosen = self.sample(suiting, self.pick([1, 1, 1, min(2, len(suiting)), len(suiting)]))
        ranges = [part for p in chosen for part in self.ranges(p, max(1, most // len(chosen)))]
        if all(p.size <= most // len(chosen) for p in chosen) and self.chance(0.4):
            ranges = [(p, 0, p.size) for p in chosen]
            if len(chosen) == len(self.net.populations) and self.chance(0.8):
                return "all", sum(p.size for p in chosen), ranges
        text = ", ".join(self.slice(*part) for part in ranges)
        return text, sum(end - begin for _, begin, end in ranges), ranges

    def ranges(self, p, most):
        begin = self.whole(0, p.size - 1) if self.chance(0.5) else 0
        end = min(p.size, begin + self.spread(1, most) if self.chance(0.5) else begin + most)
        if end - begin < 3 or self.chance(0.7):
            return [(p, begin, end)]
        cut = self.whole(begin + 1, end - 2)
        return [(p, cut + 1, end), (p, begin, cut)]

    def slice(self, p, begin, end):
        if (begin, end) == (0, p.size) and self.chance(0.7):
            return p.name
        first = "" if begin == 0 and self.chance(0.5) else begin
        return f"{p.name}[{first}:{'' if end == p.size and self.chance(0.5) else end}]"


class Population(Section):
    def __init__(self, net, header, source):
        super().__init__(net, header)
        self.name, self.source, self.unit = header.split(".")[1], source, None
        self.size, self.copies = self.draw_size()
        self.kinds = self.kinds + ("levels",) * (self.copies > 1) + ("file",) * (self.copies == 1)
        self.model = self.pick(list(SOURCES if source else MODELS))
        if self.model.startswith("iaf_cond") and (net.euler or net.nest and net.dt > COARSE):
            self.model = "lif"
        self.keys.update(size=self.size, model=self.model)
        if self.copies > 1 or self.chance(0.1):
            self.keys["copies"] = self.copies
        self.draw_source() if source else self.draw_neurons()
        self.exaggerate()

    def draw_size(self):
        most = min(self.net.most["size"], max(4, self.net.most["work"] // self.net.steps))
        near = self.pick([128, 256, 640, 4096]) + self.whole(-1, 1)
        size = self.pick([self.spread(10, min(most, 400)), self.spread(10, most),
                          self.whole(1, 5), near if near <= most else self.whole(1, most),
                          *[self.spread(max(1, most // 8), most)] * self.net.most["full"]])
        copies = self.whole(2, 12) if self.chance(self.net.copies) else 1
        return max(1, size // copies) * copies, copies

    def draw_neurons(self):
        self.unit = MODELS[self.model]["unit"]
        self.take(POPULATION)
        self.take(MODELS[self.model]["keys"])
        if self.chance(0.5) or Decimal(2) % self.net.dt:
            self.keys["t_ref"] = (self.time(0, self.whole(0, 60)) if self.chance(0.6) else
                                  self.values(0, 4, "ms"))
            self.keys["t_ref"] = self.whole_steps(self.keys["t_ref"])

    def whole_steps(self, text):
        """A constant t_ref is a multiple of dt, a drawn one is rounded."""
        if "(" in text or self.steps_of(text) * self.net.dt == 0:
            return text if "(" in text else "0 ms"
        return self.one(self.net.dt * self.steps_of(text), "ms")

    def draw_source(self):
        self.kinds = tuple(kind for kind in self.kinds if kind != "file")
        self.take(ACTIVE)
        self.take(SOURCES[self.model])
        if self.chance(0.1):
            self.keys["seed"] = self.seed()

    def membrane(self):
        """tau_m: not below dt, and mostly well above it."""
        least = float(self.net.dt) * self.pick([1, 5, 20, 20, 20])
        return max(least, 2), max(2 * least, 30)

    def slow(self, least):
        """tau_syn of conductances: not below dt."""
        least = max(least, float(self.net.dt) * (5 if self.net.nest else 1))
        return least, least * 5

    def bound(self):
        if self.net.nest and self.model not in ("lif", "iaf_psc_delta", "iaf_psc_alpha"):
            return None  # NEST has it in these alone
        return self.values(-90, -79, "mV")

    def values_file(self, lo, hi):
        return files.values(self, self.size, lo, hi)

    def is_common(self, text):
        """Whether another population may have this value, too."""
        return not any(f"{kind}(" in str(text) for kind in ("levels", "file"))


class Input(Section):
    def __init__(self, net, header):
        super().__init__(net, header)
        kind = self.pick(list(INPUTS))
        unit = self.pick([p.unit for p in net.populations if p.unit])
        weighs = kind in ("poisson", "spikes")
        text, self.count, self.parts = self.ends(
            lambda p: p.unit == unit if weighs else p.unit, 10**9)
        self.unit, self.keys = unit, {"target": text, "type": kind}
        self.copies = min(p.copies for p, _, _ in self.parts)
        if self.copies > 1:
            self.kinds = (*self.kinds, "levels")
        if kind != "ramp":
            self.take(INPUT)
        self.take(INPUTS[kind])
        self.exaggerate()

    def weight(self, scale):
        low, high = self.weight_range()
        return self.values(scale * low, scale * high, self.unit)


class Projection(Section):
    kinds = OF_SYNAPSES

    def __init__(self, net, header):
        super().__init__(net, header)
        rule = self.pick(list(RULES))
        self.unit = self.pick([p.unit for p in net.populations if p.unit])
        source, self.sources, self.source_parts = self.ends(lambda p: True, self.most_ends(rule))
        target, self.targets, self.target_parts = self.ends(lambda p: p.unit == self.unit,
                                                            self.most_ends(rule))
        if rule == "one_to_one":
            source, target = self.equally_long()
        self.keys = {"source": source, "target": target, "rule": rule}
        if rule != "file":
            self.take(PROJECTION)
        self.take(RULES[rule])
        self.exaggerate()
        self.keep_legal()
        if self.chance(0.5):
            self.keys["storage"] = self.pick(self.storages())

    def most_ends(self, rule):
        """All pairs of all_to_all have to be few enough."""
        return int(self.net.most["synapses"]**0.5) if rule == "all_to_all" else 10**9

    def equally_long(self):
        """One range on both sides."""
        (p, a, b), (q, c, d) = self.source_parts[0], self.target_parts[0]
        count = min(b - a, d - c)
        self.source_parts, self.target_parts = [(p, a, a + count)], [(q, c, c + count)]
        self.sources = self.targets = count
        return self.slice(p, a, a + count), self.slice(q, c, c + count)

    def no_autapses(self):
        return self.keys.get("allow_autapses") == "no"

    def degree(self, others, ends):
        """Synapses of each of `ends`, drawn from `others`, and whether twice the same."""
        most = max(1, self.net.most["synapses"] // ends)
        multapses = self.pick([None, None, "yes", "no"])
        there = others - (1 if self.no_autapses() else 0)
        if multapses == "no":
            most = min(most, there)
        return str(self.whole(0, min(most, 2 * others)) if there > 0 else 0), multapses

    def total(self):
        pairs = self.sources * self.targets - (
            min(self.sources, self.targets) if self.no_autapses() else 0)
        multapses = self.pick([None, None, "yes", "no"])
        most = min(self.net.most["synapses"], pairs if multapses == "no" else 10 * pairs)
        return str(self.whole(0, most)), multapses

    def density(self, most):
        most = min(most, self.net.most["synapses"] / (self.sources * self.targets))
        return self.one(self.number(0, most), "")

    def weights(self):
        low, high = self.weight_range()
        text = self.values(low, high, self.unit)
        both = text.startswith("normal(") or low < 0 < high and "(" in text
        return text, "yes" if both else self.pick([None, None, "yes", "no"])

    def delay(self):
        """Mostly some steps, at times the least or the largest there is."""
        dt = float(self.net.dt)
        if self.chance(0.1):
            return self.time(1, 1) if self.chance(0.7) else self.time(65535, 65535)
        first = dt * self.pick([1, 1, 2, 5, 20])
        bounded = [kind for kind in self.kinds if kind != "normal"]  # whose draws go below 0
        return self.values(first, first + max(dt, self.pick([0.5, 2, 10])), "ms", bounded)

    def keep_legal(self):
        """Of exaggerated numbers those that cannot be had here."""
        if self.keys.get("p") == "1" and self.sources * self.targets > self.net.most["synapses"]:
            self.keys["p"] = "0"

    def storages(self):
        """How its synapses may be kept."""
        drawn = any("(" in self.keys.get(key, "(") for key in ("weight", "delay"))
        kinds = ["automatic", "lists"]
        if not drawn and self.keys["rule"] != "file":
            kinds.append("bitmaps")
            if (self.keys["rule"] == "fixed_outdegree"
                    and self.keys.get("allow_multapses") != "no"):
                kinds.append("procedural")
        return kinds


class Record(Section):
    def __init__(self, net, header):
        super().__init__(net, header)
        what = self.pick(list(RECORDS))
        chosen = [p for p in net.populations if self.may_see(p, what)]
        if what == "jumps":  # whose unit is one
            chosen = [p for p in chosen if p.unit == chosen[0].unit]
        if chosen:
            self.parts = self.sample(chosen, self.whole(1, len(chosen)))
            self.keys = {"population": ", ".join(p.name for p in self.parts), "what": what}
            self.take(RECORD)
            self.take(RECORDS[what])

    def may_see(self, p, what):
        if what in ("spikes", "counts"):  # one of each for a population
            return not any(keys.get("what") == what and p.name in keys["population"].split(", ")
                           for keys in self.net.sections.values())
        if what in ("V_m", "I", "jumps"):
            return not p.source
        return what == "rate" or not p.source and what in MODELS[p.model]["traces"]

    def neurons(self, most):
        size = min(p.size for p in self.parts)
        begin = self.whole(0, size - 1)
        end = min(size, begin + self.whole(1, most))
        ids = sorted({self.whole(0, size - 1) for _ in range(self.whole(1, min(most, 6)))})
        return self.pick([
            "all" if size <= most else "0:1", "none" if most > 1000 else f"{begin}:{begin + 1}",
            f"{begin}:{end}", f"{begin}:{end}:{self.whole(1, 7)}", ", ".join(map(str, ids)),
            f"sample({self.whole(1, min(size, most))})"])

