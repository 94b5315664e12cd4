"""What a config would take, before it is run."""
from __future__ import annotations

import ctypes
import math
import os
import tempfile
from typing import Optional

from . import _native
from ._arguments import path
from ._config import Config, Overrides, Source
from ._native import library
from ._report import Report, by_name
from ._run import Path_
from ._session import Interrupts, Messages, options_of
from .errors import of_status, warn


def check(config: Config, *, set: Overrides = None, output: Optional[Path_] = None,
          threads: Optional[int] = None) -> Report:
    """Checks a config, draws all parameters, and runs a pilot of some neurons for 0.3 s: what
    `megalif check` tells. Writes no file, but looks how fast the disk is where a run would write
    `output` (None: a temporary file). Errors and warnings are those of megalif.run.

    >>> report = check({"simulation": {"dt": 0.1, "duration": 100},
    ...                 "population": {"exc": {"size": 1000, "I_e": 400}}})
    >>> report.populations["exc"].rheobase_pA
    [375.0, 375.0]
    >>> report.memory_bytes == sum(report.memory.values())
    True

    The report has `config` (resolved, as INI text), `memory` {what: bytes} and `memory_bytes`,
    `populations` (size; least and greatest C_m_pF, tau_m_ms, g_L_nS, R_m_MOhm, rheobase_pA of a
    sample; rate_Hz of the pilot), `projections` (rule, synapses to expect, bytes, degrees,
    delay_ms, rounding of weights), `spikes` and `output_bytes` to expect, `run_s` (None: not
    known), `block_ms`, `threads` and others, as struct mlif_check_report of megalif.h has them.
    """
    place = os.path.join(tempfile.gettempdir(), "run.h5") if output is None else path("output",
                                                                                     output)
    source, found = Source(config, set), _native.CheckReport()
    try:
        options = options_of(source, threads=threads, output=place)
        with Messages() as errors, Messages() as warnings:
            with Interrupts() as interrupts:
                status = library.mlif_check(ctypes.byref(options), ctypes.byref(found),
                                            errors.pointer, warnings.pointer)
            if interrupts.asked:
                raise KeyboardInterrupt
            if status != _native.OK:
                raise of_status(status, source.told(errors.lines()), source.named)
            warn(source.told(warnings.lines()), source.named)
        return shaped(found.plain())
    finally:
        library.mlif_check_report_free(ctypes.byref(found))
        source.remove()


def shaped(fields: dict) -> Report:
    fields["populations"] = by_name(fields.pop("population"))
    fields["projections"] = by_name(fields["projections"])
    fields["memory"] = {each["what"]: each["bytes"] for each in fields["memory"]}
    for key in ("run_s", "disk_bytes_per_s"):
        fields[key] = None if math.isnan(fields[key]) else fields[key]
    fields["free_bytes"] = None if fields["free_bytes"] == 2**64 - 1 else fields["free_bytes"]
    return Report(fields)
