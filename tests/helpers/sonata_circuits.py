"""SONATA circuits of point neurons as configs: what BMTK's PointNet makes of them with NEST. One
population for each of the circuit's, so that ids stay; parameters that differ between its types
go to a file. What cannot be said in a config is an error."""
import json
from decimal import Decimal
from pathlib import Path

import h5py
import numpy as np

from megalif import section, simulation

MODELS = {"nest:iaf_psc_alpha", "nest:iaf_psc_delta", "nest:iaf_psc_exp"}
DEFAULTS = {"C_m": 250.0, "tau_m": 10.0, "E_L": -70.0, "V_th": -55.0, "V_reset": -70.0,
            "t_ref": 2.0, "I_e": 0.0, "tau_syn_ex": 2.0, "tau_syn_in": 2.0}  # of these models
V_M = -70.0  # NEST's state at the start, whatever E_L is


def resolved(path):
    """A JSON file and the function that makes paths of its words, by its manifest."""
    content = json.loads(path.read_text())
    variables = {"${configdir}": ".", **content.get("manifest", {})}

    def place(words):
        while any(name in words for name in variables):
            for name in sorted(variables, key=len, reverse=True):
                words = words.replace(name, variables[name])
        return path.parent / words
    return content, place


def table(path):
    """Rows of a types file, by their id, which is the column called *_type_id."""
    header, *rows = (line.split() for line in path.read_text().splitlines() if line.strip())
    (key,) = (name for name in header if name in ("node_type_id", "edge_type_id"))
    rows = (dict(zip(header, row)) for row in rows)
    return {int(row[key]): row for row in rows}


def only(values, what):
    found = set(values)
    assert len(found) == 1, f"{what}: {sorted(found)}; one is needed"
    return found.pop()


def parameters(kinds, folder):
    """{key: value of each node}, from what the types say."""
    sets = {kind["dynamics_params"]: json.loads((folder / kind["dynamics_params"]).read_text())
            for kind in kinds}
    nodes = [sets[kind["dynamics_params"]] for kind in kinds]
    values = {key: np.array([float(node[key] if key in node else DEFAULTS[key]) for node in nodes])
              for key in sorted(set().union(*nodes))}
    return {"V_m": np.full(len(kinds), V_M), **values}


def keys_of(name, values, store):
    """A value that all nodes share stands in the config, others in `store`."""
    keys = {}
    for key, column in values.items():
        keys[key] = float(column[0])
        if np.ptp(column):
            store[f"{name}/{key}"] = column
            keys[key] = f"file({Path(store.filename).name}, {name}/{key})"
    return keys


def cells(name, kinds, folder, store):
    model = only((kind["model_template"] for kind in kinds), f"models of {name}")
    assert model in MODELS, f"{name}: {model} is not among {sorted(MODELS)}"
    return section(f"population.{name}", size=len(kinds), model=model.removeprefix("nest:"),
                   **keys_of(name, parameters(kinds, folder), store))


def source(name, size, file):
    """A virtual population; the layout before SONATA's groups has no names."""
    with h5py.File(file) as content:
        named = {"population": name} if name in content["spikes"] else {}
    return section(f"population.{name}", size=size, model="spikes", file=file, **named)


def nodes(files, place):
    """(population, the type of each of its nodes)"""
    types = table(place(files["node_types_file"]))
    with h5py.File(place(files["nodes_file"])) as content:
        for name, group in content["nodes"].items():
            kinds = [types[k] for k in group["node_type_id"][:]]
            assert np.array_equal(group["node_id"][:], np.arange(len(kinds))), f"{name}: ids"
            yield name, kinds


def populations(circuit, place, spikes, store):
    text = ""
    for name, kinds in (each for files in circuit["networks"]["nodes"]
                        for each in nodes(files, place)):
        if only((kind["model_type"] for kind in kinds), f"types of {name}") == "virtual":
            text += source(name, len(kinds), spikes[name])
        else:
            text += cells(name, kinds, place(circuit["components"]["point_neuron_models_dir"]),
                          store)
    return text


def projections(circuit, place):
    text = ""
    for files in circuit["networks"]["edges"]:
        with h5py.File(place(files["edges_file"])) as content:
            for name, group in content["edges"].items():
                ends = {end: group[f"{end}_node_id"].attrs["node_population"]
                        for end in ("source", "target")}
                text += section(f"projection.{name}", **ends, rule="file", population=name,
                                file=place(files["edges_file"]),
                                edge_types=place(files["edge_types_file"]))
    return text


def clamped(node_set):
    """A target: the whole population or some of its nodes."""
    name = node_set["population"]
    if "node_ids" not in node_set:
        return name
    return ", ".join(f"{name}[{i}:{i + 1}]" for i in node_set["node_ids"])


def changes(clamp, dt):
    """[(time, pA)]: an IClamp's, with the words of PointNet's generator. One that begins within the
    first step is left out, as there; another one that begins earlier ends the one before."""
    amps, begins, lengths = ([Decimal(str(value)) for value in np.atleast_1d(clamp[key])]
                             for key in ("amp", "delay", "duration"))
    found = []
    for amp, begin, end, after in zip(amps, begins, map(sum, zip(begins, lengths)),
                                      [*begins[1:], Decimal("inf")]):
        if begin > dt:
            found += [(begin, amp)] + [(end, 0)] * (end <= after)
    return found


def current(name, clamp, dt):
    """An IClamp. NEST's generators act a step late, as what they send has a delay of dt."""
    times, amps = zip(*((time + dt, amp) for time, amp in changes(clamp, dt)))
    return section(f"input.{name}", target=clamped(clamp["node_set"]), type="step",
                   times=", ".join(map(str, times)), amplitudes=", ".join(map(str, amps)))


def config(circuit_file, simulation_file, folder, dt):
    """The config of a circuit, to be run in `folder`, where a file of parameters goes."""
    circuit, place = resolved(Path(circuit_file))
    experiment, input_place = resolved(Path(simulation_file))
    inputs = experiment["inputs"]
    spikes = {each["node_set"]: input_place(each["input_file"]) for each in inputs.values()
              if each["input_type"] == "spikes"}
    clamps = {name: each for name, each in inputs.items() if each["input_type"] == "current_clamp"}
    assert len(spikes) + len(clamps) == len(inputs), "inputs of other types"
    with h5py.File(Path(folder) / "parameters.h5", "w") as store:
        cells_and_sources = populations(circuit, place, spikes, store)
    return (simulation(dt=f"{dt} ms", duration=f"{experiment['run']['tstop']} ms",
                       precision="double")
            + cells_and_sources + projections(circuit, place)
            + "".join(current(name, clamp, Decimal(dt)) for name, clamp in clamps.items()))
