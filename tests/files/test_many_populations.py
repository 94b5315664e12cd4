"""A file of many populations: each stands in it as in a file of its own."""
import h5py
import numpy as np
import pytest

from megalif import run, section, simulation

# Names that begin alike; sizes and durations on both sides of what lies in a dataset's header (256
# numbers); drawn and constant parameters, some of them equal to a neighbour's.
NAMES = [f"p{i}" for i in range(23)] + ["p", "p1_p", "other"]
SIZES = {"p3": 256, "p4": 257, "p5": 700}


def population(name):
    i = NAMES.index(name)
    drawn = {"V_m": "uniform(-70 mV, -50 mV)"} if i % 5 == 4 else {"tau_m": f"{10 + i % 3} ms"}
    return (section(f"population.{name}", size=SIZES.get(name, 1 + i % 2), I_e="500 pA", **drawn)
            + section(f"input.noise{i}", target=name, type="white_noise", std="100 pA",
                      mean="normal(20 pA, 5 pA)" if i % 4 == 3 else "20 pA"))


def config(names):
    return (simulation(duration="300 ms") + "".join(map(population, names))
            + section("record.counts", population=", ".join(names), what="counts")
            + section("record.slow", population=", ".join(names), what="rate", bin_width="7 ms"))


def stored(thing):
    """All that a reader sees of a group or dataset, with the types and the first chunk as they are
    in the file: its end, which no reader sees, is zeros in every file."""
    attributes = [(key, thing.attrs.get_id(key).get_type().encode(), str(thing.attrs[key]))
                  for key in thing.attrs]
    if isinstance(thing, h5py.Group):
        return attributes, list(thing)
    chunks = [thing.id.read_direct_chunk((0,))] if thing.chunks and thing.shape[0] else []
    return (attributes, thing.id.get_type().encode(), thing.shape, thing.maxshape, thing.chunks,
            thing[()].tobytes(), chunks)


def places(file, name):
    """Everything in a file that is one population's."""
    roots = [f"spikes/{name}", *(f"megalif/{kind}/{name}" for kind in
                                 ("populations", "rates", "recorders/slow", "counts",
                                  "parameters"))]
    found = {}
    for root in roots:
        found[root] = stored(file[root])
        if isinstance(file[root], h5py.Group):
            file[root].visititems(lambda path, thing: found.__setitem__(f"{root}/{path}",
                                                                        stored(thing)))
    return found


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    return run(tmp_path_factory.mktemp("many"), config(NAMES)).path


@pytest.mark.parametrize("name", ["p0", "p1", "p3", "p4", "p5", "p14", "p19", "p22", "p", "other"])
def test_a_population_stands_as_in_a_file_of_its_own(many, tmp_path, name):
    alone = run(tmp_path, config([name])).path
    with h5py.File(many) as all_of_them, h5py.File(alone) as one:
        assert places(all_of_them, name) == places(one, name)
        assert one[f"megalif/populations/{name}"].attrs["spikes"] > 0


def test_every_population_is_there_once(many):
    with h5py.File(many) as file:
        for group in ("spikes", *(f"megalif/{kind}" for kind in
                                  ("populations", "rates", "recorders/slow", "counts",
                                   "parameters"))):
            assert list(file[group]) == sorted(NAMES), group
        objects = []
        file.visit(objects.append)
        assert len(objects) == len(set(objects))
        for name in NAMES:
            assert len(file[f"megalif/parameters/{name}"]) >= 7, name
            assert len(file[f"megalif/counts/{name}"]) == 5, name


def test_few_numbers_lie_in_their_header(many):
    """Each would take an index of chunks of 2 KiB."""
    compact = h5py.h5d.COMPACT
    with h5py.File(many) as file:
        layout = {name: file[f"megalif/counts/{name}/spikes"].id.get_create_plist().get_layout()
                  for name in NAMES}
        assert {name for name in NAMES if layout[name] != compact} == {"p4", "p5"}
        assert np.all(file["megalif/parameters/p0/tau_m"][()] == 10.0)
