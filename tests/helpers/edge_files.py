"""SONATA edges as others write them, made with h5py, and what `megalif connections` makes of a
config that reads them."""
import subprocess
from pathlib import Path

import h5py
import numpy as np

from megalif import PROGRAM, section, simulation
from spike_files import MASK, fnv, mix


def connections(folder, *arguments, code=0):
    """(standard output, standard error) of `megalif connections`."""
    done = subprocess.run([PROGRAM, "connections", *map(str, arguments)], capture_output=True,
                          text=True, cwd=folder, timeout=120)
    assert done.returncode == code, done.stderr
    return done.stdout, done.stderr


def digest_of(text):
    (line,) = [line for line in text.splitlines() if line.startswith("digest ")]
    return line.split()[1]


def digest(rows, ends=("a", "b")):
    """The digest of (source, target, weight, delay) rows, from its definition in docs/format.md."""
    def bits(number):
        return int(np.float64(number + 0.0).view(np.uint64))

    sums = [0, 0]
    key = mix(fnv(ends[0]) ^ mix(fnv(ends[1])))
    for source, target, weight, delay in rows:
        pair = mix(key ^ mix(int(target))) ^ mix(bits(delay))
        h = (((mix(pair) ^ mix(bits(weight))) + int(source)) * 0x9e3779b97f4a7c15) & MASK
        a = ((h ^ (h >> 32)) * 0xff51afd7ed558ccd) & MASK
        b = ((h ^ (h >> 29)) * 0xc4ceb9fe1a85ec53) & MASK
        sums[0] += a ^ (a >> 32)
        sums[1] += b ^ (b >> 31)
    return "%016x%016x" % tuple(s & MASK for s in sums)


def write_edges(path, source, target, name="a_to_b", ends=("a", "b"), types=0, groups=None,
                group_id=None, group_index=None, **values):
    """One population of edges in BMTK's layout; groups: {id: {column: list}}, default: 0 with
    `values`."""
    source, target = np.asarray(source, np.uint64), np.asarray(target, np.uint64)
    count = len(source)
    with h5py.File(path, "a") as file:
        file.attrs["magic"], file.attrs["version"] = np.uint32(0x0A7A), np.uint32([0, 1])
        group = file.create_group(f"edges/{name}")
        for end, ids, population in (("source", source, ends[0]), ("target", target, ends[1])):
            group[f"{end}_node_id"] = ids
            if population:
                group[f"{end}_node_id"].attrs["node_population"] = population
        group["edge_type_id"] = np.broadcast_to(np.uint32(types), count)
        group["edge_group_id"] = np.asarray(np.zeros(count) if group_id is None else group_id,
                                            np.uint16)
        group["edge_group_index"] = np.asarray(np.arange(count) if group_index is None
                                               else group_index, np.uint32)
        for number, columns in (groups or {0: values}).items():
            inner = group.create_group(str(number))
            for column, data in columns.items():
                inner[column] = data
    return Path(path)


def network(sizes=(10, 20), model="lif", **keys):
    """A config of populations a and b and a projection p from one to the other. In double
    precision all weights of these tests are used as they are."""
    keys = {"source": "a", "target": "b", "rule": "file", "file": "edges.h5", **keys}
    return (simulation(duration="100 ms", precision="double") +
            "".join(section(f"population.{name}", size=size, model=model)
                    for name, size in zip("ab", sizes)) + section("projection.p", **keys))


def read_edges(path, name="p"):
    """Columns of a file that `connections -o` wrote: source, target, weight, delay."""
    with h5py.File(path) as file:
        group = file[f"edges/{name}"]
        return [group[column][:] for column in
                ("source_node_id", "target_node_id", "0/syn_weight", "0/delay")]


def edges_of(folder, config, *options):
    """What a config makes, as (source, target, weight, delay) rows."""
    (Path(folder) / "config.ini").write_text(config)
    connections(folder, "config.ini", "-o", "made.h5", "--force", *options)
    return list(zip(*(column.tolist() for column in read_edges(Path(folder) / "made.h5"))))
