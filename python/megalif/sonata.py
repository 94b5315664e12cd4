"""SONATA circuits of point neurons, run as BMTK's PointNet runs them with NEST.

    result = megalif.sonata.run("simulation_config.json")

In double precision the spikes are NEST's, one for one, for its models iaf_psc_delta, iaf_psc_exp
and iaf_psc_alpha with static synapses; weights are syn_weight times nsyns, a missing delay is 1 ms,
potentials start at -70 mV whatever E_L is, spikes of virtual nodes (SONATA's HDF5, CSV, NWB 2, or
NWB 1 as BMTK reads it) off the grid are rounded up.
IClamp and reports of V_m are there. What is not supported is an error that names file and key, all
at once; nothing is left out silently.
"""
from __future__ import annotations

import os
import re
from decimal import ROUND_CEILING, Decimal
from pathlib import Path
from typing import Any, Optional, Union

import h5py
import numpy as np

from ._arguments import path as path_of
from ._config import Overrides
from ._progress import Show
from ._result import Result
from ._run import Path_
from ._run import run as run_config
from ._sonata_files import (Complaints, Edges, Json, Nodes, csv_columns, nwb_spikes, opened,
                            types_of)
from ._store import written
from .errors import OutputError, warn

__all__ = ["config", "run"]

V_M = -70.0  # NEST's potentials at the start, whatever E_L is
MEMBRANE = {"C_m": 250.0, "tau_m": 10.0, "E_L": -70.0, "V_th": -55.0, "V_reset": -70.0,
            "t_ref": 2.0, "I_e": 0.0}
SYNAPSES = {"tau_syn_ex": 2.0, "tau_syn_in": 2.0}
MODELS = {"nest:iaf_psc_delta": MEMBRANE, "nest:iaf_psc_exp": {**MEMBRANE, **SYNAPSES},
          "nest:iaf_psc_alpha": {**MEMBRANE, **SYNAPSES}}  # their parameters and NEST's defaults
POINTS = {"point_neuron", "point_process"}

SIMULATION = {"manifest", "run", "inputs", "reports", "output", "network", "networks", "components",
              "target_simulator", "conditions", "node_sets_file", "node_sets", "simulation",
              "config_path", "config_dir"}
# Of [run]; the second row is about how other simulators go about it.
RUN = {"tstop", "duration", "dt", "tstart",
       "nsteps_block", "block_run", "block_size", "overwrite_output_dir", "print_time", "n_thread",
       "precise_times", "allow_offgrid_spikes", "spike_threshold", "dL", "overlap", "calc_ecp"}
OUTPUT = {"output_dir", "spikes_file", "spikes_file_csv", "spikes_sort_order", "log_file",
          "log_level", "log_to_console", "overwrite_output_dir", "quiet_simulator"}
SPIKES = {"input_type", "module", "node_set", "input_file", "enabled"}
FILES = ("h5", "hdf5", "sonata", "csv", "nwb")  # modules of spikes
CLAMP = {"input_type", "module", "node_set", "amp", "delay", "duration", "enabled"}
REPORT = {"cells", "variable_name", "module", "sections", "enabled", "file_name", "interval", "dt",
          "tstart", "start_time", "tstop", "end_time", "buffer"}


class Experiment:
    """A simulation config and its circuit, as they become a config of ours."""

    def __init__(self, path: Path_, dt: Optional[float], reports: bool):
        self.complaints = Complaints()
        self.simulation = self.circuit = self.file(Path(os.path.abspath(path_of("path", path))))
        if self.simulation and isinstance(self.simulation.content.get("simulation"), str):
            top = self.simulation
            self.circuit = top
            self.simulation = self.file(top.place(top.content["simulation"]))
        if self.simulation is None:
            self.complaints.tell()
        content = self.simulation.content
        if isinstance(content.get("network"), str):
            self.circuit = self.file(self.simulation.place(content["network"]))
        elif self.circuit and isinstance(self.circuit.content.get("network"), str):
            self.circuit = self.file(self.circuit.place(self.circuit.content["network"]))
        self.tell_unknown(content)
        self.dt = self.time_step(content.get("run", {}), dt)
        self.duration = content.get("run", {}).get("duration", content.get("run", {}).get("tstop"))
        if self.duration is None:
            self.complaints.add(self.simulation.path, "run.tstop", "is missing")
        self.sections: "dict[str, dict[str, Any]]" = {}
        self.nodes: "dict[str, Nodes]" = {}
        self.files: "dict[str, Path]" = {}  # of reports, by the recorders' names
        self.build(reports)
        self.complaints.tell()

    def file(self, path: Path) -> Optional[Json]:
        return Json.read(path, self.complaints)

    def wrong(self, key: str, text: str) -> None:
        self.complaints.add(self.simulation.path, key, text)

    def tell_unknown(self, content: dict) -> None:
        for where, known in (("", SIMULATION), ("run", RUN), ("output", OUTPUT),
                             ("conditions", {"celsius", "v_init"})):
            part = content.get(where, {}) if where else content
            self.complaints.unknown(self.simulation.path, f"{where}." if where else "", part, known)
        if content.get("conditions"):
            warn([f"{self.simulation.path}: conditions: have no effect, as in PointNet; potentials "
                  "start at -70 mV"])
        if str(content.get("target_simulator", "NEST")).upper() not in ("NEST", "POINTNET"):
            self.wrong("target_simulator", f"{content['target_simulator']!r}; NEST is what this is "
                                           "for")
        if content.get("run", {}).get("tstart", 0):
            self.wrong("run.tstart", "is not 0; nothing else is supported")

    def time_step(self, run: dict, dt: Optional[float]) -> Decimal:
        if dt is None and "dt" not in run:
            self.wrong("run.dt", "is missing")
        return Decimal(repr(float(dt if dt is not None else run.get("dt", 0.1))))

    def build(self, reports: bool) -> None:
        content = self.simulation.content
        if self.circuit is None or self.duration is None:
            return
        networks = self.circuit.content.get("networks", {})
        if not networks.get("nodes"):
            self.complaints.add(self.circuit.path, "networks.nodes", "is missing")
        for number, files in enumerate(networks.get("nodes", [])):
            self.read_nodes(files, f"networks.nodes[{number}]")
        self.node_sets = self.read_node_sets(content)
        inputs = {name: each for name, each in content.get("inputs", {}).items()
                  if each.get("enabled", True)}
        self.virtual = self.read_spikes(inputs)
        for nodes in self.nodes.values():
            self.add_population(nodes)
        if self.virtual:  # PointNet writes no spikes of these
            self.add_section("record", "no_virtual", {"population": ", ".join(self.virtual),
                                                      "what": "spikes", "neurons": "none"})
        for number, files in enumerate(networks.get("edges", [])):
            if files.get("enabled", True):
                self.read_edges(files, f"networks.edges[{number}]")
        for name, each in inputs.items():
            if each.get("input_type") != "spikes":
                self.add_clamp(name, each)
        for name, each in content.get("reports", {}).items() if reports else ():
            if each.get("enabled", True):
                self.add_report(name, each)

    # ---- nodes ----

    def read_nodes(self, files: dict, key: str) -> None:
        types = (types_of(self.circuit.place(files["node_types_file"]), self.complaints,
                          f"{key}.node_types_file") if files.get("node_types_file") else {})
        if "nodes_file" not in files:
            self.complaints.add(self.circuit.path, f"{key}.nodes_file", "is missing")
            return
        path = self.circuit.place(files["nodes_file"])
        file = opened(path, self.complaints, f"{key}.nodes_file")
        if file is None:
            return
        with file:
            for name, group in file.get("nodes", {}).items():
                if not re.fullmatch(r"[A-Za-z_]\w*", name):
                    self.complaints.add(path, f"nodes/{name}", "its name has other signs than "
                                        "letters, digits and _")
                self.nodes[name] = Nodes(name, path, group, types, self.complaints)

    def is_virtual(self, nodes: Nodes) -> bool:
        return set(nodes.column("model_type")) == {"virtual"}

    def add_population(self, nodes: Nodes) -> None:
        if self.is_virtual(nodes):
            if nodes.name in self.virtual:  # others never fire, and are left out with their edges
                self.sections[f"population.{nodes.name}"] = {
                    "size": nodes.size, "model": "spikes", **self.virtual[nodes.name]}
            return
        kinds = {str(each) for each in nodes.column("model_type")}
        if not kinds <= POINTS:
            self.complaints.add(nodes.path, f"nodes/{nodes.name}/model_type",
                                f"{', '.join(sorted(kinds - POINTS))}; supported are "
                                f"{', '.join(sorted(POINTS))}, or a population of virtual ones")
            return
        model = nodes.only("model_template", self.complaints)
        if model not in MODELS:
            self.complaints.add(nodes.path, f"nodes/{nodes.name}/model_template",
                                f"{model}; supported are {', '.join(sorted(MODELS))}")
            return
        if any(each is not None for each in nodes.column("model_processing")):
            self.complaints.add(nodes.path, f"nodes/{nodes.name}/model_processing",
                                "functions of Python are not supported")
        self.sections[f"population.{nodes.name}"] = {
            "size": nodes.size, "model": model.split(":")[1],
            **self.parameters(nodes, MODELS[model])}

    def parameters(self, nodes: Nodes, defaults: dict) -> dict:
        """Values of all nodes' parameters: one number, or an array."""
        names, index = np.unique(nodes.column("dynamics_params").astype(str), return_inverse=True)
        sets = [self.parameter_set(name, defaults) for name in names]
        values = {}
        for key, default in {**defaults, "V_m": V_M}.items():
            each = np.array([found.get(key, default) for found in sets])[index]
            values[key] = each if np.ptp(each) else float(each[0])
        return values

    def parameter_set(self, name: str, defaults: dict) -> dict:
        """Those of a file of dynamics_params; t_ref goes up to the grid, as in NEST."""
        if name == "None":
            return {}
        components = self.circuit.content.get("components", {})
        if "point_neuron_models_dir" not in components:
            self.complaints.add(self.circuit.path, "components.point_neuron_models_dir",
                                f"is missing; {name} is to be found there")
            return {}
        path = self.circuit.place(components["point_neuron_models_dir"]) / name
        content = getattr(Json.read(path, self.complaints, "dynamics_params"), "content", {})
        found = {}
        for key, value in content.items():
            if key not in defaults and key != "V_m":
                self.complaints.add(path, key, f"is no parameter here; there are "
                                               f"{', '.join(defaults)}, V_m")
            elif isinstance(value, bool) or not isinstance(value, (int, float)):
                self.complaints.add(path, key, f"{value!r} is no number")
            else:
                found[key] = float(value)
        if "t_ref" in found:
            steps = (Decimal(repr(found["t_ref"])) / self.dt).to_integral_value(ROUND_CEILING)
            found["t_ref"] = float(steps * self.dt)
        return found

    # ---- edges ----

    def read_edges(self, files: dict, key: str) -> None:
        if "edges_file" not in files:
            self.complaints.add(self.circuit.path, f"{key}.edges_file", "is missing")
            return
        path = self.circuit.place(files["edges_file"])
        types_path = (self.circuit.place(files["edge_types_file"])
                      if files.get("edge_types_file") else None)
        file = opened(path, self.complaints, f"{key}.edges_file")
        if file is None:
            return
        types = types_of(types_path, self.complaints, f"{key}.edge_types_file") if types_path \
            else {}
        with file:
            for name, group in file.get("edges", {}).items():
                edges = Edges(name, path, types_path, group)
                self.check_types(edges, types)
                self.add_projection(edges)

    def check_types(self, edges: Edges, types: dict) -> None:
        for number in edges.used:
            row = types.get(number, {})
            where = f"edge_type_id {number}"
            model = row.get("model_template", "static_synapse").replace("nest:", "")
            if model != "static_synapse":
                self.complaints.add(edges.types_path, f"{where}: model_template",
                                    f"{model}; supported is static_synapse")
            if "weight_function" in row:
                self.complaints.add(edges.types_path, f"{where}: weight_function",
                                    f"{row['weight_function']}; functions of Python are not "
                                    "supported")
            if row.get("dynamics_params"):
                self.check_synapse(row["dynamics_params"])

    def check_synapse(self, name: str) -> None:
        components = self.circuit.content.get("components", {})
        folder = components.get("synaptic_models_dir")
        if folder is None:
            self.complaints.add(self.circuit.path, "components.synaptic_models_dir",
                                f"is missing; {name} is to be found there")
            return
        read = Json.read(self.circuit.place(folder) / name, self.complaints, "dynamics_params")
        for key, value in (read.content if read else {}).items():
            if (key, value) != ("receptor_type", 0):
                self.complaints.add(read.path, key, "parameters of synapses are not supported")

    def add_projection(self, edges: Edges) -> None:
        for end, name in (("source", edges.source), ("target", edges.target)):
            if name not in self.nodes:
                self.complaints.add(edges.path, f"edges/{edges.name}/{end}_node_id",
                                    f"node_population is {name!r}; there are "
                                    f"{', '.join(self.nodes)}")
                return
        if self.is_virtual(self.nodes[edges.target]):
            self.complaints.add(edges.path, f"edges/{edges.name}/target_node_id",
                                f"{edges.target} is virtual: nothing acts on it")
        if self.is_virtual(self.nodes[edges.source]) and edges.source not in self.virtual:
            return
        section = {"source": edges.source, "target": edges.target, "rule": "file",
                   "file": edges.path, "population": edges.name}
        if edges.types_path:
            section["edge_types"] = edges.types_path
        self.add_section("projection", edges.name, section)

    def add_section(self, kind: str, name: str, section: dict) -> str:
        """Under its name, or one with signs and a number that a config may have."""
        own = base = re.sub(r"\W", "_", name, flags=re.ASCII) or "_"
        own = base = own if not own[0].isdigit() else f"_{own}"
        number = 1
        while f"{kind}.{own}" in self.sections:
            number += 1
            own = f"{base}_{number}"
        self.sections[f"{kind}.{own}"] = section
        return own

    # ---- node sets ----

    def read_node_sets(self, content: dict) -> dict:
        sets = dict(content.get("node_sets", {}))
        if "node_sets_file" in content:
            path = self.simulation.place(content["node_sets_file"])
            if path.exists():
                read = Json.read(path, self.complaints, "node_sets_file")
                sets.update(read.content if read else {})
        return sets

    def members(self, node_set: Any, key: str) -> "dict[str, Optional[list[int]]]":
        """{population: its nodes; None: all}; what cannot be understood is a complaint."""
        if isinstance(node_set, str):
            if node_set in self.node_sets:
                return self.members(self.node_sets[node_set], f"{key} ({node_set})")
            if node_set in self.nodes:
                return {node_set: None}
            if node_set == "all":
                return {name: None for name, nodes in self.nodes.items()
                        if not self.is_virtual(nodes)}
            self.wrong(key, f"{node_set!r} is no node set and no population; there are "
                            f"{', '.join([*self.node_sets, *self.nodes])}")
        elif isinstance(node_set, list) and all(isinstance(each, str) for each in node_set):
            found: dict = {}
            for each in node_set:
                for name, ids in self.members(each, key).items():
                    old = found.get(name, [])
                    found[name] = None if ids is None or old is None else sorted({*old, *ids})
            return found
        elif isinstance(node_set, dict):
            return self.filtered(dict(node_set), key)
        else:
            self.wrong(key, "is neither a name, nor names, nor a population with node_id")
        return {}

    def filtered(self, node_set: dict, key: str) -> "dict[str, Optional[list[int]]]":
        names = node_set.pop("population", node_set.pop("populations", None))
        names = [name for name, nodes in self.nodes.items() if not self.is_virtual(nodes)] \
            if names is None else names if isinstance(names, list) else [names]
        ids = node_set.pop("node_id", node_set.pop("node_ids", None))
        found: "dict[str, Optional[list[int]]]" = {}
        for name in names:
            if name not in self.nodes:
                self.wrong(key, f"no population {name!r}; there are {', '.join(self.nodes)}")
                continue
            nodes, chosen = self.nodes[name], None
            if node_set:
                chosen = nodes.chosen(node_set).tolist()
            if ids is not None:
                given = sorted({int(each) for each in (ids if isinstance(ids, list) else [ids])})
                if given and not 0 <= given[0] <= given[-1] < nodes.size:
                    self.wrong(key, f"{name} has nodes 0 to {nodes.size - 1}, not "
                                    f"{given[0]} to {given[-1]}")
                chosen = given if chosen is None else sorted(set(given) & set(chosen))
            if chosen is None or chosen:
                found[name] = chosen
        return found

    # ---- inputs and reports ----

    def read_spikes(self, inputs: dict) -> dict:
        """{virtual population: what its section says of its spikes}"""
        found: dict = {}
        for name, each in inputs.items():
            if each.get("input_type") != "spikes":
                continue
            module = each.get("module", "sonata")
            self.complaints.unknown(self.simulation.path, f"inputs.{name}.", each,
                                    SPIKES | ({"trial"} if module == "nwb" else set()))
            if module not in FILES:
                self.wrong(f"inputs.{name}.module", f"{module}; supported are {', '.join(FILES)}")
                continue
            if "input_file" not in each:
                self.wrong(f"inputs.{name}.input_file", "is missing")
                continue
            path = self.simulation.place(each["input_file"])
            for population, ids in self.members(each.get("node_set", "all"),
                                                f"inputs.{name}.node_set").items():
                if not self.is_virtual(self.nodes[population]):
                    self.wrong(f"inputs.{name}.node_set", f"{population} is not virtual")
                elif population in found or ids is not None:
                    self.wrong(f"inputs.{name}.node_set", "several files, or a part, of the "
                                                          f"virtual population {population}")
                else:
                    found[population] = self.spikes_by(module, path, population, each,
                                                       f"inputs.{name}")
        return found

    def spikes_by(self, module: str, path: Path, population: str, told: dict, key: str) -> dict:
        if module == "nwb":
            return {"file": nwb_spikes(path, told.get("trial"), population,
                                       self.nodes[population].size, self.complaints, key)}
        if module != "csv":
            return self.spikes_of(path, population, key)
        columns = csv_columns(path, self.complaints, f"{key}.input_file")
        return {"file": path, **({"population": population} if "population" in columns else {})}

    def spikes_of(self, path: Path, population: str, key: str) -> dict:
        """The layout before SONATA's groups of populations has no names."""
        file = opened(path, self.complaints, f"{key}.input_file")
        if file is None:
            return {}
        with file:
            named = [name for name, each in file.get("spikes", {}).items()
                     if isinstance(each, h5py.Group)]
        if named and population not in named:
            self.complaints.add(path, "spikes", f"has no {population}, but {', '.join(named)}")
        return {"file": path, **({"population": population} if named else {})}

    def add_clamp(self, name: str, clamp: dict) -> None:
        where = f"inputs.{name}"
        if clamp.get("input_type") != "current_clamp" or clamp.get("module") != "IClamp":
            self.wrong(f"{where}.module", f"{clamp.get('input_type')} by {clamp.get('module')}; "
                       f"supported are spikes by {', '.join(FILES)}, and current_clamp by "
                       "IClamp")
            return
        self.complaints.unknown(self.simulation.path, f"{where}.", clamp, CLAMP)
        missing = [key for key in ("amp", "delay", "node_set") if key not in clamp]
        for key in missing:
            self.wrong(f"{where}.{key}", "is missing")
        if missing:
            return
        lists = [np.atleast_1d(clamp[key]) for key in ("amp", "delay", "duration") if key in clamp]
        if len({len(each) for each in lists}) > 1:
            self.wrong(where, "amp, delay and duration are lists of different lengths")
            return
        changes = self.changes(*lists)
        targets = ", ".join(part for population, ids in
                            self.members(clamp["node_set"], f"{where}.node_set").items()
                            for part in ranges(population, ids))
        if changes and targets:
            times, amps = zip(*((time + self.dt, amp) for time, amp in changes))
            self.add_section("input", name, {"target": targets, "type": "step",
                                             "times": ", ".join(map(str, times)),
                                             "amplitudes": ", ".join(map(str, amps))})
        elif not changes:
            warn([f"{self.simulation.path}: {where}: does nothing, as in PointNet: it begins "
                  "within the first step"])

    def changes(self, amps, begins, lengths=None) -> "list[tuple[Decimal, Decimal]]":
        """(time, pA) as PointNet gives them to NEST: what begins within the first step is left out;
        an end after the next one's beginning, too. NEST's generators act a step late, as what they
        send has a delay of dt: that is the caller's."""
        begins = [Decimal(str(each)) for each in begins]
        found = []
        for number, (amp, begin) in enumerate(zip(amps, begins)):
            if begin <= self.dt:
                continue
            found.append((begin, Decimal(str(amp))))
            after = begins[number + 1] if number + 1 < len(begins) else Decimal("inf")
            if lengths is not None and begin + Decimal(str(lengths[number])) < after:
                found.append((begin + Decimal(str(lengths[number])), Decimal(0)))
        return found

    def add_report(self, name: str, report: dict) -> None:
        where = f"reports.{name}"
        self.complaints.unknown(self.simulation.path, f"{where}.", report, REPORT)
        if report.get("module") not in ("membrane_report", "multimeter_report"):
            self.wrong(f"{where}.module", f"{report.get('module')}; supported are membrane_report "
                                          "and multimeter_report")
            return
        variables = report.get("variable_name")
        if variables not in ("V_m", ["V_m"]):
            self.wrong(f"{where}.variable_name", f"{variables}; supported is V_m")
            return
        interval = Decimal(str(report.get("interval", report.get("dt", self.dt))))
        start = Decimal(str(report.get("tstart", report.get("start_time", 0)) or 0))
        section = {"what": "V_m", "interval": interval, "start": start + interval}
        stop = report.get("tstop", report.get("end_time"))
        if stop is not None:
            section["stop"] = stop
        cells = self.members(report.get("cells", "all"), f"{where}.cells")
        for population in [each for each in cells if self.is_virtual(self.nodes[each])]:
            self.wrong(f"{where}.cells", f"{population} is virtual: it has no V_m")
        whole = [population for population, ids in cells.items() if ids is None]
        parts = {population: neurons(ids) for population, ids in cells.items() if ids is not None}
        for populations, chosen in [(", ".join(whole), "all")] * bool(whole) + list(parts.items()):
            own = self.add_section("record", name, {"population": populations, **section,
                                                    "neurons": chosen})
            self.files[own] = self.report_file(name, report)

    def report_file(self, name: str, report: dict) -> Path:
        """Of the parts of several populations each has a file: numbers follow its name."""
        file = path = self.output_dir() / report.get("file_name", f"{name}.h5")
        number = 1
        while path in self.files.values():
            number += 1
            path = file.with_name(f"{file.stem}_{number}{file.suffix}")
        return path

    def output_dir(self) -> Path:
        output = self.simulation.content.get("output", {})
        return self.simulation.place(output.get("output_dir", "."))

    def config(self, precision: str) -> dict:
        return {"simulation": {"dt": self.dt, "duration": self.duration, "precision": precision},
                **self.sections}


def ranges(population: str, ids: "Optional[list[int]]") -> "list[str]":
    """Slices of a population that are these neurons.

    >>> ranges("a", [0, 1, 2, 7])
    ['a[0:3]', 'a[7:8]']
    """
    if ids is None:
        return [population]
    parts = np.split(np.asarray(ids, int), np.flatnonzero(np.diff(ids) > 1) + 1)
    return [f"{population}[{part[0]}:{part[-1] + 1}]" for part in parts if len(part)]


def neurons(ids: "list[int]") -> str:
    """As a recorder has them.

    >>> neurons([3, 4, 5]), neurons([3, 5])
    ('3:6', '3, 5')
    """
    if ids[-1] - ids[0] == len(ids) - 1:
        return f"{ids[0]}:{ids[-1] + 1}"
    return ", ".join(map(str, ids))


def config(path: Path_, *, dt: Optional[float] = None, precision: str = "double",
           reports: bool = True) -> dict:
    """A SONATA simulation_config.json as a config for megalif.run, megalif.Simulation and
    megalif.check: a nested dict, with parameters that differ between nodes as arrays.

    dt: the time step (ms) in place of the file's. reports: False leaves them out.
    Raises ConfigError with all that is wrong or not supported, each with file and key.
    """
    return Experiment(path, dt, reports).config(precision)


def run(path: Path_, *, dt: Optional[float] = None, precision: str = "double",
        reports: bool = True, set: Overrides = None, output: Optional[Path_] = None,
        threads: Optional[int] = None, progress: Union[bool, str, Show] = "auto",
        force: bool = False) -> Result:
    """Runs a SONATA simulation_config.json, and writes what its "output" asks for: spikes (and as
    CSV, if it says so) and a file for each report in output_dir. These replace others unless
    overwrite_output_dir is false.

    output: path of the file of spikes in place of that; reports then stand beside it, as those of
    megalif.run, and `force` replaces what is there. Other arguments are those of `config` and of
    megalif.run, errors and warnings, too.
    """
    experiment = Experiment(path, dt, reports)
    told = experiment.simulation.content.get("output", {})
    check_output(experiment, told)
    if output is not None:
        return run_config(experiment.config(precision), set=set, output=output, threads=threads,
                          progress=progress, force=force)
    folder, force = experiment.output_dir(), bool(told.get("overwrite_output_dir", True))
    spikes = folder / told.get("spikes_file", "spikes.h5")
    table = folder / told["spikes_file_csv"] if told.get("spikes_file_csv") else None
    taken = [str(each) for each in (*experiment.files.values(), *([table] if table else []))
             if each.exists()]
    if taken and not force:
        raise OutputError([f"{', '.join(taken)}: there already; overwrite_output_dir or another "
                           "output_dir lets the run go on"])
    folder.mkdir(parents=True, exist_ok=True)
    result = run_config(experiment.config(precision), set=set, threads=threads, progress=progress,
                        output=spikes, force=force)
    for name, file in experiment.files.items():
        result._move_traces(name, file)
    if table:
        write_csv(result, table)
    return result


def check_output(experiment: Experiment, told: dict) -> None:
    order = told.get("spikes_sort_order", "time")
    if order not in (None, "none", "time", "by_time"):
        experiment.wrong("output.spikes_sort_order", f"{order}; spikes are sorted by time")
    experiment.complaints.tell()


def write_csv(result: Result, path: Path) -> None:
    """Spikes as BMTK writes them: timestamps, population, node_ids, with blanks between."""
    with written(path) as part, open(part, "w") as file:
        file.write("timestamps population node_ids\n")
        for name, (times, ids) in result.spikes.items():
            file.writelines(f"{time!r} {name} {id}\n"
                            for time, id in zip(times.tolist(), ids.tolist()))
