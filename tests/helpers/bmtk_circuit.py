"""A circuit by BMTK's own builder, for tests/interop/test_package_bmtk.py, in whose environment it
runs.

usage: bmtk_circuit.py FOLDER
"""
import sys
from pathlib import Path

import numpy as np
from bmtk.builder.networks import NetworkBuilder
from bmtk.utils.reports.spike_trains import PoissonSpikeGenerator

POINT = {"model_type": "point_neuron", "model_template": "nest:iaf_psc_alpha"}
STATIC = {"model_template": "static_synapse", "dynamics_params": "static.json"}


def cortex(folder):
    """Two node groups, as only the first has places; edges with numbers of synapses."""
    built = NetworkBuilder("cortex")
    built.add_nodes(N=40, ei="e", x=np.random.rand(40), dynamics_params="exc.json", **POINT)
    built.add_nodes(N=10, ei="i", dynamics_params="inh.json", **POINT)
    built.add_edges(source={"ei": "e"}, target={}, syn_weight=5.0, delay=1.5,
                    connection_rule=lambda source, target: np.random.randint(0, 3), **STATIC)
    built.add_edges(source={"ei": "i"}, target={"ei": "e"}, syn_weight=-20.0, delay=1.0,
                    connection_rule=lambda source, target: np.random.randint(0, 4), **STATIC)
    built.build()
    built.save(output_dir=folder)
    return built


def thalamus(folder, targets):
    """Virtual nodes, a weight for each edge, and their spikes."""
    built = NetworkBuilder("lgn")
    built.add_nodes(N=15, model_type="virtual")
    edges = built.add_edges(source=built.nodes(), target=targets, connection_rule=2, delay=2.0,
                            **STATIC)
    edges.add_properties("syn_weight", dtypes=float,
                         rule=lambda source, target: 20 + float(np.random.randint(0, 50)))
    built.build()
    built.save(output_dir=folder)
    spikes = PoissonSpikeGenerator(population="lgn", seed=4)
    spikes.add(node_ids=range(15), firing_rate=40.0, times=(0.0, 1.0))
    spikes.to_sonata(str(Path(folder) / "lgn_spikes.h5"))


if __name__ == "__main__":
    np.random.seed(3)
    thalamus(sys.argv[1], cortex(sys.argv[1]).nodes(ei="e"))
