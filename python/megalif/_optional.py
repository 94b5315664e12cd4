"""Packages that only some methods need, imported when one is called."""
from __future__ import annotations

import importlib
from types import ModuleType


def needed(module: str, package: str = "") -> ModuleType:
    """The module; ImportError says what to install."""
    package = package or module.split(".")[0]
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(f"this needs {package} ({error}): pip install {package}, or in Debian "
                          f"apt install python3-{package}") from None
