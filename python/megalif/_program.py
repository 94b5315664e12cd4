"""The command line, for what it does in a process of its own."""
from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Optional, Union


def program(what: str) -> str:
    """Its path: as MEGALIF says, of the clone that the package is of, or on PATH."""
    of_clone = Path(__file__).resolve().parent.parent.parent / "build" / "megalif"
    for place in (os.environ.get("MEGALIF"), of_clone, shutil.which("megalif")):
        if place and os.access(place, os.X_OK):
            return os.path.abspath(place)
    raise ImportError(f"{what} by the program megalif, which is not on PATH: `make install` "
                      "puts it there, and MEGALIF names another one")


def launched(command: "list[str]", text: Optional[str] = None,
             folder: Union[str, Path, None] = None) -> "tuple[int, str, str]":
    """(exit code, standard output, standard error), with `text` as standard input, in a folder;
    Ctrl-C ends it, too."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL if text is None
                               else subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True, errors="surrogateescape",
                               cwd=folder)
    with process:
        try:
            out, err = process.communicate(text)
        except BaseException:
            process.terminate()
            process.communicate()
            raise
    return process.returncode, out, err
