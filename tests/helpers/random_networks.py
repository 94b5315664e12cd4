"""Configs at random, each from its number alone: for tests/fuzz and tests/interop.

usage: random_networks.py NUMBER FOLDER [small | large | nest]      writes one, with its files

What there is to draw from stands in the tables of random_sections.py, a line for a key: who adds a
key, a type, a model or a rule adds its line there, and tests/fuzz/test_random_networks.py fails
until it is there, as it compares what is drawn with the tables of docs/configuration.md."""
import sys
from decimal import Decimal
from pathlib import Path

from megalif import section
from random_sections import (CHECKPOINT, DEFAULTS, OUTPUT, SIMULATION, Input, Population,
                             Projection, Record, Section)
from random_values import Draw

# Largest population, how much more likely one is that comes near it, synapses of a projection,
# steps, and neurons times steps. `nest`: for a comparison with NEST, which has to be small, and
# leaves out what NEST has not.
SCALES = {"small": {"size": 5000, "full": 0, "synapses": 20000, "steps": 600, "work": 600_000},
          "large": {"size": 200_000, "full": 6, "synapses": 3_000_000, "steps": 300,
                    "work": 20_000_000},
          "nest": {"size": 60, "full": 3, "synapses": 2500, "steps": 800, "work": 48_000}}
# Most are as one would write them; the rest have remainders that binary fractions have not.
STEPS_MS = ["0.1"] * 6 + ["0.05", "0.2", "0.25", "0.5", "1", "0.3", "0.0125", "0.01", "0.7"]


class Network(Draw):
    """The config of a number: `text`, `files` that it reads, and what it was drawn with."""

    def __init__(self, number, scale="small"):
        super().__init__(f"megalif {scale} {number}")
        self.number, self.nest, self.most = number, scale == "nest", SCALES[scale]
        self.label = f"{scale} {number}"
        self.files, self.sections, self.populations, self.projections = {}, {}, [], []
        self.dt = Decimal(self.pick(STEPS_MS))
        self.steps = self.spread(60, self.most["steps"]) if self.chance(0.93) else self.whole(1, 9)
        self.precision = "double" if self.nest else self.pick(["single", "double"])
        self.copies = self.pick([0, 0, 0, 0.3, 1])  # how likely a population has some
        self.euler = not self.nest and self.chance(0.08)
        self.draw_populations()
        self.keys_of("simulation", SIMULATION)
        self.draw_sections("input", Input, self.whole(0, 3))
        self.draw_sections("projection", Projection, self.whole(1, 5))
        self.draw_sections("record", Record, self.whole(0, 4))
        self.keys_of("output", OUTPUT)
        self.keys_of("checkpoint", CHECKPOINT)
        self.draw_defaults()

    def draw_populations(self):
        """One to three of neurons and, at times, up to two that are only sources."""
        for i in range(self.whole(1, 3)):
            self.add(Population(self, f"population.{self.name('p', i)}", source=False))
        for i in range(self.pick([0, 0, 1, 1, 2])):
            self.add(Population(self, f"population.{self.name('s', i)}", source=True))

    def add(self, drawn):
        self.sections[drawn.header] = drawn.keys
        if isinstance(drawn, Population):
            self.populations.append(drawn)
        if isinstance(drawn, Projection):
            self.projections.append(drawn)

    def name(self, kind, i):
        return f"{kind}{i}" if self.chance(0.9) else f"{kind}{i}_" + "n" * self.whole(1, 60)

    def draw_sections(self, header, kind, count):
        """So many sections; those that cannot be, as no population suits them, are left out."""
        for i in range(count):
            drawn = kind(self, f"{header}.{self.name(header[0], i)}")
            if drawn.keys:
                self.add(drawn)

    def keys_of(self, header, table):
        """A section without a name; without a key it is not there."""
        drawn = Section(self, header)
        drawn.take(table)
        if drawn.keys:
            self.sections[header] = drawn.keys

    def draw_defaults(self):
        """Keys that go from a population to [defaults], where they suit all others, too."""
        for key in DEFAULTS:
            owner = next((p for p in self.populations if key in p.keys and not p.source), None)
            if owner and self.chance(0.1) and owner.is_common(owner.keys[key]):
                self.sections.setdefault("defaults", {})[key] = owner.keys.pop(key)

    @property
    def text(self):
        return "".join(section(header, **keys) for header, keys in self.sections.items())

    def storages(self):
        """{header of a projection: how its synapses may be kept}."""
        return {projection.header: projection.storages() for projection in self.projections}

    def write(self, folder, name="run.ini"):
        """The config and its files in this folder; the path of the config."""
        for file, write in self.files.items():
            write(Path(folder) / file)
        path = Path(folder) / name
        path.write_text(f"# random network {self.label}\n{self.text}")
        return path


if __name__ == "__main__":
    print(Network(int(sys.argv[1]), *sys.argv[3:]).write(sys.argv[2]))
