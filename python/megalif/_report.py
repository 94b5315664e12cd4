"""What a run did, with the names that `megalif run --json` has for it (docs/format.md)."""
from __future__ import annotations

from textwrap import indent
from typing import Any

from . import _native
from ._native import library


class Report(dict):
    """A dict whose keys are attributes, too: report["spikes"] is report.spikes. Lists of
    populations and projections are dicts by name."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"the report has no {name}; it has {', '.join(self)}") from None

    def __dir__(self):
        return [*super().__dir__(), *self]

    def __repr__(self) -> str:
        return "\n".join(shown(key, value) for key, value in self.items())

    @classmethod
    def of(cls, fields: dict) -> "Report":
        """Of the library's struct."""
        fields = dict(fields, version=library.mlif_version().decode(),
                      numerics=library.mlif_numerics())
        populations = by_name(fields.pop("population"))
        for each in populations.values():
            least = each["rheobase_pA"][0]
            each["rheobase_pA"] = None if least != least else least
        fields["populations"] = populations
        fields["projections"] = by_name(fields["projections"])
        fields["traces"] = [Report(file=each["path"], rows=each["rows"])
                            for each in fields["traces"]]
        for key in ("ended_early", "connectivity"):
            fields[key] = fields[key] or None
        fields["complete_before"] = bool(fields["complete_before"])
        return cls(fields)


def shown(key: str, value: Any) -> str:
    """A line; what has several stands below its name, indented."""
    many = bool(value) and isinstance(value, dict)
    text = repr(Report(value)) if many else str(value).strip("\n")
    return f"{key}\n{indent(text, '    ')}" if many or "\n" in text else f"{key:20} {text}"


def by_name(items: list) -> dict:
    return {each["name"]: Report((key, value) for key, value in each.items() if key != "name")
            for each in items}
