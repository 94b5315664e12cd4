"""Random networks keep what megalif promises (network_promises.py): some here, many in
long_random_networks.py; and all that the manual offers is among what is drawn."""
import re

import pytest

import ranks
from megalif import ROOT
from network_promises import Held, isas
from random_networks import Network
from random_values import DISTRIBUTIONS

MANUAL = (ROOT / "docs/configuration.md").read_text()
TICKED = re.compile(r"`([^`]*)`")
# Networks in which much happens in little time; of these some that Python begins, or ranks share.
SHORT, BY_RANKS = (15, 18, 36, 45, 81, 98, 109, 128), (18, 98)
STEPPED = (15, 18, 45, 109)


@pytest.fixture(scope="module")
def every_isa():
    return isas()


@pytest.mark.parametrize("number", SHORT)
def test_the_same_whatever_computes_it(tmp_path, every_isa, number):
    held = Held(tmp_path, number)
    held.threads_tiles_and_isas(every_isa)
    held.storages()
    if number in STEPPED:
        held.cut()


def test_the_same_in_pieces(tmp_path):
    Held(tmp_path, SHORT[0]).pieces()


@pytest.mark.parametrize("number", BY_RANKS)
def test_the_same_by_ranks(tmp_path, number):
    ranks.need_mpi()
    Held(tmp_path, number).ranks(2)


def tables(heading):
    """Those below a heading of the manual: lists of rows, which are lists of cells."""
    text = re.split(r"\n##", MANUAL.split(f"\n{heading}\n")[1])[0]
    blocks = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    return [[[cell.strip() for cell in line.strip("|\n").split("|")] for line in
             block.splitlines()] for block in blocks]


def names(heading, first):
    """What stands in quotes in the first column of the table whose column has this heading."""
    return {name.split("(")[0] for table in tables(heading) if table[0][0] == first
            for row in table[2:] for name in TICKED.findall(row[0])}


def keys(heading):
    """(owner, key, words that are its values) of tables of keys; owner: the type or model in the
    column before, "" where there is none or it is for all."""
    for table in tables(heading):
        if "key" in table[0]:
            at, owner = table[0].index("key"), ""
            for row in table[2:]:
                if at and row[0]:
                    owner = (TICKED.findall(row[0]) or [""])[0].split(" = ")[-1]
                words = re.fullmatch(r"[a-z0-9]+(, [a-z0-9]+)+", row[at + 2])
                yield owner, TICKED.findall(row[at])[0], words[0].split(", ") if words else []


SECTIONS = {"## [simulation]": "simulation", "## [population.NAME]": "population",
            "### Sources: `model = poisson`, `model = spikes`, `model = external`": "population",
            "## [input.NAME]": "input", "## [projection.NAME]": "projection",
            "## [record.NAME]": "record", "## [output]": "output", "## [checkpoint]": "checkpoint"}


def of_network(number):
    """What `offered` is, of a network: (section, owner or "", key) and so on."""
    found = set()
    for header, entries in Network(number).sections.items():
        section, owner = header.split(".")[0], entries.get("type", entries.get("model", ""))
        for key, value in entries.items():
            found |= {(section, one, key, *more) for one in ("", owner)
                      for more in ((), (str(value),))}
    return found


def test_all_that_the_manual_offers_is_drawn():
    """Every key of every type, every word that is a value, model, rule and distribution."""
    offered, drawn = set(), set()
    for heading, section in SECTIONS.items():
        for owner, key, words in keys(heading):
            offered |= {(section, owner, key)} | {(section, owner, key, word) for word in words}
    for section, heading, key in (("population", "## [population.NAME]", "model"),
                                  ("projection", "## [projection.NAME]", "rule"),
                                  ("record", "## [record.NAME]", "what")):
        offered |= {(section, "", key, name) for name in names(heading, f"`{key}`")}
    assert len(offered) > 150
    for number in range(3000):  # rarely more than 500 are needed
        drawn |= of_network(number)
        if offered <= drawn:
            break
    assert offered <= drawn, sorted(offered - drawn)
    assert names("## Distributions", "") == DISTRIBUTIONS.keys()


@pytest.mark.parametrize("scale", ["small", "large", "nest"])
def test_a_number_is_a_network(scale):
    """Its text says all, and is the same each time; others are others."""
    texts = [Network(number, scale).text for number in range(20)]
    assert texts == [Network(number, scale).text for number in range(20)]
    assert len(set(texts)) == 20
