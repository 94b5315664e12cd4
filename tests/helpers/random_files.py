"""The files that random networks read: each function notes in the network how to write one, and
returns what the config says of it."""
from decimal import Decimal

import h5py
import numpy as np

from edge_files import write_edges

NUMBERS = 200_000  # most in a file


def numbers(count, seed, lo, hi):
    """So many of lo ... hi, with five digits, the same with any NumPy."""
    spread = (np.arange(count, dtype=np.uint64) + np.uint64(seed)) * np.uint64(2654435761)
    return np.round(lo + (hi - lo) * (spread % np.uint64(2**32)) / 2.0**32, 5)


def note(section, ending, write):
    name = f"{section.header.replace('.', '_')}_{len(section.net.files)}.{ending}"
    section.net.files[name] = write
    return name


def csv(header, rows, separator=","):
    text = "\n".join([separator.join(header), *(separator.join(map(str, row)) for row in rows)])
    return lambda path: path.write_text(text + "\n")


def hdf5(**datasets):
    def write(path):
        with h5py.File(path, "w") as file:
            for name, values in datasets.items():
                file[name.replace("__", "/")] = values
    return write


def values(section, size, lo, hi):
    """A parameter's value of each neuron, as the distribution `file`."""
    listed = numbers(size, section.whole(0, 10**6), float(lo), float(hi))
    if section.chance(0.5):
        return f"file({note(section, 'h5', hdf5(values=listed))}, values)"
    return f"file({note(section, 'csv', csv(['value'], [[v] for v in listed]))}, value)"


def current(section, count):
    """file, dataset, column of a current."""
    rows = section.net.steps + section.pick([0, 3])
    columns = count if section.chance(0.5) and rows * count <= NUMBERS else 1
    table = numbers(rows * columns, section.whole(0, 10**6), -200, 600).reshape(rows, columns)
    if section.chance(0.5):
        return note(section, "h5", hdf5(I=table if columns > 1 else table[:, 0])), "I", None
    names = [f"c{i}" for i in range(columns)]
    column = "c0" if columns == 1 and section.chance(0.5) else None
    return note(section, "csv", csv(names, table.tolist())), None, column


def spikes(section, count, of_source):
    """file, population, first_id, dt of spikes of so many neurons."""
    net, first = section.net, section.pick([0, 0, 7])
    drawn = sorted({(section.whole(1, net.steps), section.whole(0, count - 1))
                    for _ in range(min(500, 1 + net.steps * count // 40))})
    if section.chance(0.2):  # several of a neuron in a step
        drawn = sorted(drawn + drawn[:9])
    kind = section.pick(["csv", "named", "sonata", "senders", "steps"])
    if kind in ("senders", "steps"):
        return of_nest(section, drawn, first, kind)
    times, ids = [net.dt * step for step, _ in drawn], [first + i for _, i in drawn]
    first_id = str(first) if first else None
    if kind == "sonata":
        return note(section, "h5", hdf5(spikes__other__timestamps=[float(t) for t in times],
                                        spikes__other__node_ids=np.array(ids, np.uint64))), \
            section.pick([None, "other"]), first_id, None
    rows = list(zip(times, ids))
    if kind == "csv":
        return note(section, "csv", csv(["timestamps", "node_ids"], rows)), None, first_id, None
    rows += [(net.dt, 10**6, "others")]
    rows = [(*row, "it")[:3] for row in rows]
    return (note(section, "csv", csv(["timestamps", "node_ids", "population"], rows)), "it",
            first_id, None)


def of_nest(section, drawn, first, kind):
    """As NEST's recorders write them; its ids count from 1."""
    dt = section.net.dt
    if kind == "senders":
        rows = [(first + 1 + i, dt * step) for step, i in drawn]
        return note(section, "dat", csv(["sender", "time_ms"], rows, "\t")), None, \
            str(first + 1), None
    rows = [(first + 1 + i, step, "0.0") for step, i in drawn]
    return note(section, "dat", csv(["sender", "time_step", "time_offset"], rows, "\t")), None, \
        str(first + 1), f"{dt} ms"


def places(section, parts):
    """Ids of neurons in these ranges, counted through the populations that they are of."""
    owners = [p for p in section.net.populations if any(p is q for q, _, _ in parts)]
    first = {p.name: sum(q.size for q in owners[:i]) for i, p in enumerate(owners)}
    return [(first[p.name] + begin, first[p.name] + end) for p, begin, end in parts]


def edges(section):
    """file, population, edge_types, weight, allow_both_signs, delay of edges."""
    count = section.whole(0, min(1000, section.net.most["synapses"]))
    ends = []
    for parts in (places(section, section.source_parts), places(section, section.target_parts)):
        ends.append([section.whole(begin, end - 1) for begin, end in
                     (section.pick(parts) for _ in range(count))])
    dt, weights = section.net.dt, [float(section.number(-1, 1)) for _ in range(count)]
    scale = max(map(abs, section.weight_range()))
    columns = {"source": ends[0], "target": ends[1], "weight": [w * scale for w in weights],
               "steps": [section.whole(1, 40) for _ in range(count)]}
    given = (*(section.weights() if section.chance(0.2) else (None, None)),
             section.delay() if section.chance(0.2) else None)
    if count and section.chance(0.5):
        return (*sonata_edges(section, columns), *given)
    header, rows = ["source", "target", "weight"], [columns[k] for k in
                                                    ("source", "target", "weight")]
    if section.chance(0.5):
        header, rows = header + ["delay_steps"], rows + [columns["steps"]]
    elif section.chance(0.8):
        header, rows = header + ["delay"], rows + [[dt * n for n in columns["steps"]]]
    elif dt > 2:
        header, rows = header + ["nsyns"], rows + [[1 + n % 3 for n in columns["steps"]]]
    return (note(section, "csv", csv(header, zip(*rows))), None, None, *given)


def sonata_edges(section, columns):
    """file, population, edge_types: weights stand with the edges, or with their two types."""
    delays, ends = [float(section.net.dt * Decimal(n)) for n in columns["steps"]], (None, None)
    typed, types = section.chance(0.5), np.arange(len(delays)) % 2

    def write(path):
        path.unlink(missing_ok=True)
        more = {} if typed else {"syn_weight": columns["weight"]}
        write_edges(path, columns["source"], columns["target"], name="net", ends=ends,
                    types=types, groups={0: {"delay": delays, **more}})

    table = csv(["edge_type_id", "syn_weight"], enumerate(sorted(columns["weight"])[:1] * 2), " ")
    return (note(section, "h5", write), section.pick([None, "net"]),
            note(section, "csv", table) if typed else None)
