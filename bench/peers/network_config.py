"""A network as its config says it, for simulators that do not read configs: constants and drawn
values, fixed_indegree and fixed_total_number, Poisson input, iaf_psc_delta and iaf_psc_exp."""
import configparser
import re

UNITS = {"": 1, "ms": 1, "mV": 1, "pA": 1, "pF": 1, "Hz": 1, "kHz": 1000}
MODELS = {"lif": "iaf_psc_delta", "iaf_psc_delta": "iaf_psc_delta", "iaf_psc_exp": "iaf_psc_exp"}
# What a population has that does not say otherwise (docs/configuration.md).
PARAMETERS = {"C_m": "250 pF", "tau_m": "10 ms", "E_L": "-70 mV", "V_th": "-55 mV",
              "V_reset": "-70 mV", "t_ref": "2 ms", "I_e": "0 pA"}
SYNAPTIC = {"tau_syn_ex": "2 ms", "tau_syn_in": "2 ms"}


def number(text):
    value, unit = re.fullmatch(r"\s*(\S+?)\s*([a-zA-Z]*)\s*", text).groups()
    return float(value) * UNITS[unit]


def distribution(text):
    """[name, numbers...]"""
    drawn = re.fullmatch(r"(\w+)\((.*)\)", text)
    if not drawn:
        return ["constant", number(text)]
    return [drawn[1], *map(number, drawn[2].split(","))]


def population(name, keys):
    model = MODELS[keys.get("model", "lif")]
    wanted = {**PARAMETERS, **(SYNAPTIC if model == "iaf_psc_exp" else {})}
    return {"name": name, "size": int(keys["size"]), "model": model,
            "parameters": {key: number(keys.get(key, value)) for key, value in wanted.items()},
            "V_m": distribution(keys["V_m"])}


def projection(keys, target):
    amount = "indegree" if keys["rule"] == "fixed_indegree" else "N"
    return {"source": keys["source"], "target": target, "rule": keys["rule"],
            "count": int(keys[amount]), "weight": distribution(keys["weight"]),
            "delay": distribution(keys["delay"])}


def read(text):
    file = configparser.ConfigParser(inline_comment_prefixes=(";",), interpolation=None)
    file.optionxform = str
    file.read_string(text)
    defaults = dict(file["defaults"]) if "defaults" in file else {}
    kinds = {"population": [], "projection": [], "input": []}
    for section in file.sections():
        kind, _, name = section.partition(".")
        kinds.get(kind, []).append((name, dict(file[section])))
    populations = [population(name, {**defaults, **keys}) for name, keys in kinds["population"]]

    def targets(keys):
        names = [p["name"] for p in populations]
        return names if keys["target"] == "all" else [keys["target"]]

    return {"config": text, "populations": populations,
            "projections": [projection(keys, target) for _, keys in kinds["projection"]
                            for target in targets(keys)],
            "inputs": [{"target": target, "rate": number(keys["rate"]),
                        "weight": number(keys["weight"])} for _, keys in kinds["input"]
                       for target in targets(keys)]}


def sizes(network):
    return {p["name"]: p["size"] for p in network["populations"]}


def synapses_of(network, projection):
    per_target = projection["rule"] == "fixed_indegree"
    return projection["count"] * (sizes(network)[projection["target"]] if per_target else 1)


def synapses(network):
    return sum(synapses_of(network, p) for p in network["projections"])


def events(network, spikes):
    """Arrivals of these spikes at synapses: each comes over as many as its population's neurons
    have in the mean."""
    return sum(spikes[p["source"]] * synapses_of(network, p) / sizes(network)[p["source"]]
               for p in network["projections"])
