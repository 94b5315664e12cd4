"""Networks that NEST ran (tests/data/net), as configs for the tests."""
import csv
import io
import lzma

import numpy as np

from megalif import ROOT, section, simulation

DATA = ROOT / "tests" / "data" / "net"
MICRO = ["micro_delta", "micro_exp", "micro_alpha", "micro_cond_exp", "micro_cond_alpha"]
SMALL = ["delta_tref", "delta_refractory", "delta_hetero", "exp_refractory", "exp_singular",
         "alpha_singular"]
LARGE = ["delta", "exp", "alpha", "cond_exp", "cond_alpha"]
ALL = MICRO + SMALL + LARGE
MODELS = {"delta": "iaf_psc_delta", "exp": "iaf_psc_exp", "alpha": "iaf_psc_alpha",
          "cond_exp": "iaf_cond_exp", "cond_alpha": "iaf_cond_alpha"}


def rows(name, table):
    """The rows of a network's edges, neurons, spikes or trace, as text by column."""
    path = DATA / name / f"{table}.csv"
    text = path.read_text() if path.exists() else lzma.open(f"{path}.xz", "rt").read()
    return list(csv.DictReader(io.StringIO(text)))


def model(name):
    kind = name.replace("micro_", "")
    return MODELS.get(kind) or MODELS[kind.split("_")[0]]


def duration_ms(name):
    """All of NEST's run."""
    return 100 if name in MICRO else 500 if name in SMALL else 1000


def spikes(name):
    """NEST's: steps, ids; by step, then id."""
    table = rows(name, "spikes")
    return (np.array([int(row["step"]) for row in table]),
            np.array([int(row["neuron"]) for row in table]))


def traces(name):
    """{variable: (steps, neurons, values)}"""
    table = rows(name, "trace")
    steps = np.array([int(row["step"]) for row in table])
    neurons = np.array([int(row["neuron"]) for row in table])
    return {key: (steps, neurons, np.array([float(row[key]) for row in table]))
            for key in table[0] if key not in ("step", "neuron")}


def write_edges(path, edges):
    lines = [f"{row['source']},{row['target']},{row['weight']},{int(row['delay_steps']) / 10}"
             for row in edges]
    path.write_text("\n".join(["source,target,weight,delay", *lines, ""]))


def config(folder, name, shuffled=None, weight_bits=None, **keys):
    """A config, and its files below `folder`: one population with a value for each neuron."""
    neurons = rows(name, "neurons")
    edges = rows(name, "edges")
    if shuffled is not None:
        edges = [edges[i] for i in np.random.default_rng(shuffled).permutation(len(edges))]
    write_edges(folder / "edges.csv", edges)
    columns = [key for key in neurons[0] if key not in ("neuron", "population")]
    lines = [",".join(row[key] for key in columns) for row in neurons]
    (folder / "neurons.csv").write_text("\n".join([",".join(columns), *lines, ""]))
    values = {key: f"file(neurons.csv, {key})" for key in columns}
    more = {"weight_bits": weight_bits} if weight_bits else {}
    keys.setdefault("duration", f"{duration_ms(name)} ms")
    return (simulation(**keys) + section("population.n", size=len(neurons), model=model(name),
                                         **values)
            + section("projection.edges", source="n", target="n", rule="file", file="edges.csv",
                      **more))
