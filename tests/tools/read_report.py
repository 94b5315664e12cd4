"""Reads reports with libsonata, and with BMTK where it is installed, and leaves what they saw in a
.npz file: libsonata/FILE/POPULATION/{ids,data,times,units,window},
bmtk/FILE/POPULATION/{ids,data,...}.

usage: read_report.py OUT.npz REPORT ... (with the Python of tests/helpers/pypi_env.py)
"""
import sys
from pathlib import Path

import libsonata
import numpy as np

try:
    from bmtk.utils.reports.compartment import CompartmentReport
except ImportError:
    CompartmentReport = None

out, *reports = sys.argv[1:]
seen = {}

for path in reports:
    stem = Path(path).stem
    for reader in (libsonata.SomaReportReader, libsonata.ElementReportReader):
        report = reader(path)
        for name in report.get_population_names():
            population = report[name]
            key = f"{reader.__name__}/{stem}/{name}"
            start, stop, interval = population.times
            seen[f"{key}/ids"] = population.get_node_ids()
            seen[f"{key}/time"] = [start, stop, interval]
            seen[f"{key}/units"] = [population.time_units, population.data_units,
                                    str(population.sorted)]
            if stop == start:  # without rows libsonata has no frame to give: it raises an error
                continue
            frame = population.get()
            seen[f"{key}/data"] = np.array(frame.data)
            seen[f"{key}/rows"] = len(np.array(frame.times))
            if len(seen[f"{key}/ids"]) and stop > start + 6 * interval:
                window = population.get(node_ids=[int(seen[f"{key}/ids"][-1])],
                                        tstart=start + 2 * interval, tstop=start + 5 * interval)
                seen[f"{key}/window"] = np.array(window.data)
    if CompartmentReport is None:
        continue
    report = CompartmentReport(path)
    for name in report.populations:
        population, key = report[name], f"bmtk/{stem}/{name}"
        seen[f"{key}/ids"] = population.node_ids()
        seen[f"{key}/data"] = population.data()
        seen[f"{key}/time"] = [population.tstart(), population.tstop(), population.dt()]
        seen[f"{key}/units"] = [population.units(), population.variable()]
        if len(population.node_ids()):
            seen[f"{key}/last"] = population.data(node_id=population.node_ids()[-1])

np.savez(out, **seen)
