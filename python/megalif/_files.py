"""Digests and comparisons of spike files."""
from __future__ import annotations

import ctypes
import os
from typing import Optional

from . import _native
from ._arguments import duration, path as path_of
from ._native import library
from ._report import Report
from ._run import Path_
from ._session import Messages
from .errors import of_status

NONE = ctypes.c_size_t(-1).value


def digest(path: Path_, dt: Optional[float] = None) -> str:
    """The digest of a spike file's rows, SONATA's format, ours or another's: 32 digits. dt: the
    time step (ms) of a file that does not say it. OutputError: it cannot be read, or is damaged, as
    when it is not the digest that it holds itself; ConfigError: dt is missing or wrong."""
    report = _native.DigestReport()
    with Messages() as errors:
        status = library.mlif_file_digest(os.fsencode(path_of("path", path)),
                                          duration("dt", dt, "ms"), ctypes.byref(report),
                                          errors.pointer, None)
        if status != _native.OK:
            raise of_status(status, errors.lines())
    return report.computed.decode()


def compare(first: Path_, second: Path_) -> Report:
    """Compares two spike files row by row. The report has `equal`; where they are not,
    `population`, `row`, `node_ids` and `timestamps` (ms) of the earliest row that differs (None:
    the file has no such row), and the `digests` of all spikes, recorded or not, in the files.
    OutputError: one cannot be read."""
    names = [os.fsencode(path_of("a file to compare", each)) for each in (first, second)]
    found = _native.Comparison()
    try:
        with Messages() as errors:
            status = library.mlif_file_compare(*names, ctypes.byref(found), errors.pointer)
            if status != _native.OK:
                raise of_status(status, errors.lines())
        fields = found.plain()
    finally:
        library.mlif_comparison_free(ctypes.byref(found))
    where, differs = fields["differs_in"], fields["differs_in"] != NONE
    there = [differs and not ended for ended in fields["ended"]]
    return Report(equal=bool(fields["equal"]),
                  population=fields["population"][where]["name"] if differs else None,
                  row=fields["row"] if differs else None,
                  node_ids=[each if has else None
                            for each, has in zip(fields["node_id"], there)],
                  timestamps=[each if has else None
                              for each, has in zip(fields["timestamp_ms"], there)],
                  digests=[each or None for each in fields["digest"]])
