"""The C library: its structs and functions as include/megalif/megalif.h declares them."""
from __future__ import annotations

import ctypes as c
import os
import sys
from pathlib import Path

from ._version import version

OK, CONFIG, OUTPUT, MEMORY, CHECKPOINT, BUSY, RANGE = 0, 2, 3, 4, 5, 6, 7
STOPPED, INTERRUPTED = 75, 130
TO_THE_END = 2**64 - 1

text, real, count, size_t, flag = c.c_char_p, c.c_double, c.c_uint64, c.c_size_t, c.c_int
owned_text = c.c_char_p  # of a struct that a *_free function frees
digest_text = c.c_char * 33


class Struct(c.Structure):
    """A struct of megalif.h, called mlif_ and its name in lower case with underscores."""
    c_name = ""

    def plain(self) -> dict:
        """Its members as Python's own values; lists as lists, without their counts."""
        lists = getattr(self, "lists", {})
        found = {}
        for name, *_ in self._fields_:
            if name in lists.values():
                continue
            value = getattr(self, name)
            if name in lists:
                value = [value[i] for i in range(getattr(self, lists[name]))]
            found[name] = plain_value(value)
        return found


def plain_value(value):
    if isinstance(value, Struct):
        return value.plain()
    if isinstance(value, digest_text):
        value = value.value
    if isinstance(value, bytes):
        return value.decode(errors="surrogateescape")
    if isinstance(value, (list, c.Array)):
        return [plain_value(each) for each in value]
    return value


class Progress(Struct):
    c_name = "mlif_progress"
    _fields_ = [("model_ms", real), ("duration_ms", real), ("elapsed_s", real),
                ("neurons", count), ("steps_done", count), ("spikes", count),
                ("first_step", count), ("checkpoints", count), ("checkpoint_ms", real),
                ("synapses", count), ("synapses_made", count), ("output", text),
                ("population", c.c_void_p), ("population_count", size_t)]


class Spikes(Struct):
    c_name = "mlif_spikes"
    _fields_ = [("population", size_t), ("name", text), ("count", size_t),
                ("node_ids", c.c_void_p), ("timestamps_ms", c.c_void_p)]


class Trace(Struct):
    c_name = "mlif_trace"
    _fields_ = [("recorder", text), ("what", text), ("units", text), ("population", size_t),
                ("name", text), ("count", size_t), ("node_ids", c.c_void_p), ("start_ms", real),
                ("interval_ms", real), ("first_row", count), ("rows", size_t),
                ("values", c.c_void_p)]


on_progress = c.CFUNCTYPE(c.c_int, c.POINTER(Progress), c.c_void_p)
on_spikes = c.CFUNCTYPE(c.c_int, c.POINTER(Spikes), c.c_void_p)
on_traces = c.CFUNCTYPE(c.c_int, c.POINTER(Trace), c.c_void_p)


class Options(Struct):
    c_name = "mlif_options"
    _fields_ = [("size", size_t), ("layout", size_t), ("config", text), ("config_text", text),
                ("overrides", c.POINTER(text)),
                ("override_count", size_t), ("output", text), ("no_file", flag),
                ("no_raster", flag), ("isa", text), ("command_line", text), ("threads", flag),
                ("force", flag), ("tile", size_t), ("block", size_t), ("progress", on_progress),
                ("spikes", on_spikes), ("traces", on_traces), ("context", c.c_void_p),
                ("checkpoint", flag), ("resume", flag), ("max_wall_s", real),
                ("resume_command", text), ("ranks", c.c_void_p),
                ("planned_ranks", flag)]


class TraceReport(Struct):
    c_name = "mlif_trace_report"
    _fields_ = [("path", owned_text), ("rows", count)]


class PopulationReport(Struct):
    c_name = "mlif_population_report"
    _fields_ = [("name", text), ("size", count), ("spikes", count), ("recorded", count),
                ("mean_rate_Hz", real), ("rheobase_pA", real * 2)]


class ProjectionReport(Struct):
    c_name = "mlif_projection_report"
    _fields_ = [("name", text), ("rule", text), ("synapses", count), ("bytes", count),
                ("storage", text), ("digest", digest_text)]


class Report(Struct):
    c_name = "mlif_report"
    lists = {"population": "population_count", "traces": "trace_count",
             "projections": "projection_count"}
    _fields_ = [("output", owned_text), ("digest", digest_text), ("isa", text),
                ("precision", text), ("neurons", count), ("steps", count), ("spikes", count),
                ("recorded", count), ("threads", flag), ("tile", size_t), ("block", size_t),
                ("build_s", real), ("simulate_s", real), ("record_s", real), ("finish_s", real),
                ("wall_s", real), ("duration_ms", real), ("warmup_ms", real),
                ("neuron_steps_per_s", real), ("realtime_factor", real), ("raw_bytes", count),
                ("stored_bytes", count), ("write_s", real), ("stalls", count), ("stall_s", real),
                ("wait_s", real), ("peak_rss_bytes", count),
                ("population", c.POINTER(PopulationReport)), ("population_count", size_t),
                ("ended_early", c.c_char * 320), ("traces", c.POINTER(TraceReport)),
                ("trace_count", size_t), ("resumed_ms", real), ("complete_before", flag),
                ("checkpoints", count), ("checkpoint_s", real), ("checkpoint_bytes", count),
                ("projections", c.POINTER(ProjectionReport)), ("projection_count", size_t),
                ("synapses", count), ("synapse_bytes", count), ("synapses_s", real),
                ("events", count), ("events_per_s", real), ("connectivity", digest_text),
                ("ranks", flag), ("exchange_s", real), ("rank_step_s", real * 2)]


class Memory(Struct):
    c_name = "mlif_memory"
    _fields_ = [("what", text), ("bytes", count)]


class PopulationCheck(Struct):
    c_name = "mlif_population_check"
    _fields_ = [("name", text), ("size", count), ("C_m_pF", real * 2), ("tau_m_ms", real * 2),
                ("g_L_nS", real * 2), ("R_m_MOhm", real * 2), ("rheobase_pA", real * 2),
                ("rate_Hz", real)]


class ProjectionCheck(Struct):
    c_name = "mlif_projection_check"
    _fields_ = [("name", text), ("rule", text), ("storage", text), ("target_bits", flag),
                ("weight_bits", flag), ("synapses", real),
                ("exact", flag), ("bytes", real), ("delay_ms", real * 2), ("indegree", real),
                ("indegree_most", real), ("outdegree", real), ("rounding", real * 2)]


class CheckReport(Struct):
    c_name = "mlif_check_report"
    lists = {"memory": "memory_count", "population": "population_count",
             "projections": "projection_count"}
    _fields_ = [("config", owned_text), ("output", owned_text), ("refusal", owned_text),
                ("threads", flag), ("memory", c.POINTER(Memory)), ("memory_count", size_t),
                ("memory_bytes", count), ("population", c.POINTER(PopulationCheck)),
                ("population_count", size_t), ("pilot_ms", real), ("spikes", real),
                ("recorded", real), ("output_bytes", real), ("free_bytes", count),
                ("checkpoint_bytes", count), ("run_s", real), ("disk_bytes_per_s", real),
                ("projections", c.POINTER(ProjectionCheck)), ("projection_count", size_t),
                ("synapses_s", real), ("block_ms", real), ("events_per_model_s", real),
                ("dt_ms", real), ("steps", count), ("neurons", count), ("synapses", real),
                ("synapse_bytes", real), ("arrivals_s", real), ("ranks", flag)]


class Messages(Struct):
    c_name = "mlif_messages"
    _fields_ = [("line", c.POINTER(text)), ("count", size_t)]


class Synapses(Struct):
    c_name = "mlif_synapses"
    _fields_ = [("source_population", size_t), ("target_population", size_t), ("count", size_t),
                ("source_ids", c.c_void_p), ("target_ids", c.c_void_p), ("weights", c.c_void_p),
                ("delays_ms", c.c_void_p)]


class DigestReport(Struct):
    c_name = "mlif_digest_report"
    _fields_ = [("computed", digest_text), ("stored", digest_text), ("comparable", flag),
                ("rows", count), ("spikes", count), ("dt_ms", real)]


class ComparedPopulation(Struct):
    c_name = "mlif_compared_population"
    _fields_ = [("name", text), ("in", flag * 2), ("rows", count * 2)]


class Comparison(Struct):
    c_name = "mlif_comparison"
    lists = {"population": "population_count"}
    _fields_ = [("equal", flag), ("differs_in", size_t), ("row", count), ("ended", flag * 2),
                ("node_id", count * 2), ("timestamp_ms", real * 2), ("digests_differ", flag),
                ("digest", digest_text * 2), ("dt_ms", real * 2),
                ("population", c.POINTER(ComparedPopulation)), ("population_count", size_t)]


class PopulationStatistics(Struct):
    c_name = "mlif_population_statistics"
    _fields_ = [("spikes", count), ("after_warmup", count), ("mean_rate_Hz", real),
                ("synchrony", real), ("digest", digest_text), ("counted", flag),
                ("rate_standard_error_Hz", real), ("rate_quantile_Hz", real * 5),
                ("silent_fraction", real), ("fano_factor", real), ("mean_cv", real),
                ("cv_neurons", count)]


STRUCTS = (Progress, Spikes, Trace, Options, TraceReport, PopulationReport, ProjectionReport,
           Report, Memory, PopulationCheck, ProjectionCheck, CheckReport, Messages, Synapses,
           DigestReport, ComparedPopulation, Comparison,
           PopulationStatistics)

LAYOUT = sum(factor * c.sizeof(struct) for factor, struct in (
    (1, Report), (3, PopulationReport), (5, ProjectionReport), (7, TraceReport),
    (11, CheckReport), (13, PopulationCheck), (17, ProjectionCheck), (19, Memory),
    (23, Messages), (29, Synapses),
    (31, PopulationStatistics)))  # MLIF_LAYOUT of megalif/layout.h


def default_options() -> Options:
    """As the function of that name in megalif/layout.h."""
    return Options(size=c.sizeof(Options), layout=LAYOUT)


handle = c.c_void_p
status = c.c_int
messages = c.POINTER(Messages)
FUNCTIONS = {  # name: (what it returns, its arguments)
    "mlif_struct_size": (size_t, text),
    "mlif_version": (text,),
    "mlif_numerics": (c.c_int,),
    "mlif_open": (status, c.POINTER(handle), c.POINTER(Options), messages, messages),
    "mlif_advance": (status, handle, count, messages),
    "mlif_checkpoint": (status, handle, messages),
    "mlif_finish": (status, handle, messages),
    "mlif_close": (None, c.POINTER(handle)),
    "mlif_dt_ms": (real, handle),
    "mlif_steps": (count, handle),
    "mlif_steps_done": (count, handle),
    "mlif_digest": (None, handle, c.POINTER(digest_text)),
    "mlif_population_count": (size_t, handle),
    "mlif_population_name": (text, handle, size_t),
    "mlif_population_size": (count, handle, size_t),
    "mlif_read_V_m": (status, handle, size_t, count, count, c.c_void_p),
    "mlif_read_report": (status, handle, c.POINTER(Report), messages),
    "mlif_read_warnings": (None, handle, messages),
    "mlif_projection_count": (size_t, handle),
    "mlif_projection_name": (text, handle, size_t),
    "mlif_connections_open": (status, c.POINTER(handle), handle, size_t, messages),
    "mlif_connections_next": (status, handle, c.POINTER(Synapses), messages),
    "mlif_connections_close": (None, c.POINTER(handle)),
    "mlif_inject_spikes": (status, handle, size_t, c.c_void_p, size_t, messages),
    "mlif_set_V_m": (status, handle, size_t, count, count, c.c_void_p, messages),
    "mlif_set_current": (status, handle, text, size_t, count, count, c.c_void_p, messages),
    "mlif_set_same_current": (status, handle, text, size_t, count, count, real, messages),
    "mlif_set_rate": (status, handle, text, size_t, count, count, c.c_void_p, messages),
    "mlif_read_statistics": (status, handle, size_t, c.POINTER(PopulationStatistics), messages),
    "mlif_read_counts": (status, handle, size_t, count, count, c.c_void_p, c.c_void_p,
                         c.c_void_p, c.c_void_p, messages),
    "mlif_rate_bins": (status, handle, text, size_t, c.POINTER(real), c.POINTER(real),
                       c.POINTER(count), messages),
    "mlif_read_rates": (status, handle, text, size_t, count, count, c.c_void_p, messages),
    "mlif_read_parameter": (status, handle, size_t, text, count, count, c.c_void_p, messages),
    "mlif_check": (status, c.POINTER(Options), c.POINTER(CheckReport), messages, messages),
    "mlif_check_report_free": (None, c.POINTER(CheckReport)),
    "mlif_file_digest": (status, text, real, c.POINTER(DigestReport), messages, messages),
    "mlif_file_compare": (status, text, text, c.POINTER(Comparison), messages),
    "mlif_comparison_free": (None, c.POINTER(Comparison)),
    "mlif_report_free": (None, c.POINTER(Report)),
    "mlif_messages_free": (None, messages),
}


def places() -> list[Path]:
    """Where the library may be: as told, in the package, in the clone that the package is of."""
    package = Path(__file__).resolve().parent
    told = os.environ.get("MEGALIF_LIBRARY")
    if told:
        return [Path(told)]
    return [package / "libmegalif.so",
            package.parent.parent / "build" / "install" / f"libmegalif.so.{version}"]


def load() -> c.CDLL:
    """The library, of this package's version; ImportError says where it was looked for."""
    tried = places()
    found = next((path for path in tried if path.exists()), None)
    if found is None:
        raise ImportError(f"the library of megalif {version} is not there; looked for "
                          f"{', '.join(map(str, tried))}. `pip install .` or `make shared` in a "
                          "clone make it; MEGALIF_LIBRARY names another one")
    library = c.CDLL(str(found))
    for name, (result, *arguments) in FUNCTIONS.items():
        function = getattr(library, name, None)
        if function is None:
            raise ImportError(f"{found} is not the library of megalif {version}: it has no {name}")
        function.restype, function.argtypes = result, arguments
    if library.mlif_version().decode() != version:
        raise ImportError(f"{found} is of megalif {library.mlif_version().decode()}, this package "
                          f"of {version}; `make shared` or `pip install .` make them one")
    for struct in STRUCTS:
        if library.mlif_struct_size(struct.c_name.encode()) != c.sizeof(struct):
            raise ImportError(f"{found} has another struct {struct.c_name} than this package; "
                              "`make shared` or `pip install .` make them one")
    return library


if sys.byteorder != "little" or c.sizeof(c.c_void_p) != 8:
    raise ImportError("megalif runs on 64-bit little-endian machines only")

library = load()
