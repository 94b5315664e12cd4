"""megalif: very large populations and networks of leaky integrate-and-fire neurons.

>>> import megalif
>>> result = megalif.run('''
... [simulation]
... dt = 0.1 ms
... duration = 200 ms
... [population.exc]
... size = 100
... tau_m = 20 ms
... I_e = normal(400 pA, 20 pA)
... ''')
>>> times, ids = result.spikes["exc"]
>>> times.dtype, ids.dtype, len(times) == result.report.spikes
(dtype('float64'), dtype('uint64'), True)

`run` takes a config (docs/configuration.md) as a path, INI text or a nested dict. `Simulation` is
stepped piece by piece. `open` reads files of other runs. docs/python.md has more. The library
prints nothing; what goes wrong is an exception of `megalif.errors`.
"""
from . import sonata
from ._check import check
from ._connections import Connections
from ._files import compare, digest
from ._native import library as _library
from ._picture import Picture
from ._progress import Progress
from ._report import Report
from ._result import Result, open
from ._run import run
from ._simulation import Simulation
from ._spikes import Rates, Spikes, Trace
from ._sweep import sweep
from ._version import version as __version__
from .errors import (BusyError, CheckpointError, ConfigError, Interrupted, MegalifError,
                     MegalifWarning, NotEnoughMemory, OutputError, RangeError, Stopped)

#: The number of the arithmetic: digests compare within one number only.
numerics: int = _library.mlif_numerics()

__all__ = ["BusyError", "CheckpointError", "ConfigError", "Connections", "Interrupted",
           "MegalifError", "MegalifWarning", "NotEnoughMemory", "OutputError", "Picture",
           "Progress", "RangeError", "Rates", "Report", "Result", "Simulation", "Spikes",
           "Stopped", "Trace", "check", "compare", "digest", "numerics", "open", "run", "sonata",
           "sweep"]
