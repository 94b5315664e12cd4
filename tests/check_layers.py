#!/usr/bin/env python3
"""Checks what the compiler does not (`make lint`): who may include whom, what the library must not
do, how long a file may be, and that the version is the same wherever it is written.

base < kernel, config < model < engine < io < sim < command line: a file includes only downward.
"""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MAX_LINES = 600

# layer: the layers it may include beside itself
LAYERS = {
    "base": set(),
    "kernel": {"base"},
    "config": {"base"},
    "model": {"base", "kernel", "config"},
    "engine": {"base", "kernel", "config", "model"},
    "io": {"base", "config"},
    "sim": {"base", "kernel", "config", "model", "engine", "io"},
    "command line": {"base", "kernel", "config", "model", "engine", "io", "sim"},
}
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')
# Only the command line prints or ends the process.
FORBIDDEN = re.compile(r"(?<![\w.>])(?:printf|vprintf|puts|putchar|perror|exit|_exit|_Exit|quick_exit"
                       r"|abort|assert)\s*\(|\b(?:stdout|stderr)\b")
COMMENT_OR_STRING = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', re.DOTALL)


# room: the layer it is part of, where their names differ
LAYER_OF_ROOM = {
    "sonata": "io",
    "neuron": "model", "drive": "model", "population": "model",
    "setup": "sim", "output": "sim", "checkpoint": "sim",
    "cli": "command line", "plot": "command line", "sweep": "command line", "emit": "command line",
    "commands": "command line",
}


def layer_of(path):
    """Layer of a file, by its path below src/."""
    if len(path.parts) > 1:
        return LAYER_OF_ROOM.get(path.parts[0], path.parts[0])
    if path.stem == "version":
        return "base"
    return "command line" if path.stem == "main" or path.stem.startswith("cmd_") else "sim"


def check_includes(path, text, problems):
    layer = layer_of(path.relative_to(ROOT / "src"))
    if layer not in LAYERS:
        problems.append(f"{path.relative_to(ROOT)}:1: layer `{layer}` is unknown to check_layers.py")
        return
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        where = f"{path.relative_to(ROOT)}:{number}"
        if not (ROOT / "src" / match[1]).is_file():
            problems.append(f"{where}: \"{match[1]}\" is not a file below src/; paths start there")
            continue
        below = layer_of(Path(match[1]))
        if below != layer and below not in LAYERS[layer]:
            problems.append(f"{where}: {layer} must not include {below} ({match[1]})")


def check_library(path, text, problems):
    if layer_of(path.relative_to(ROOT / "src")) == "command line":
        return
    bare = COMMENT_OR_STRING.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    for match in FORBIDDEN.finditer(bare):
        number = bare.count("\n", 0, match.start()) + 1
        problems.append(f"{path.relative_to(ROOT)}:{number}: `{match[0].rstrip('( ')}` in the library,"
                        " which returns errors as values")


def check_version(problems):
    version = re.search(r"^VERSION := (\S+)", (ROOT / "Makefile").read_text(), re.MULTILINE)[1]
    for name, form in (("CITATION.cff", f"\nversion: {version}\n"), ("CHANGELOG.md", f"\n## {version}")):
        if form not in (ROOT / name).read_text():
            problems.append(f"{name}:1: the version is not the Makefile's, {version}")


def main():
    problems = []
    for path in sorted((ROOT / "src").rglob("*.[ch]")):
        text = path.read_text()
        check_includes(path, text, problems)
        check_library(path, text, problems)
    for folder in ("src", "include", "tests", "bench"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".c", ".h", ".cc", ".py") or path == ROOT / "tests/run":
                length = len(path.read_text().splitlines())
                if length > MAX_LINES:
                    problems.append(f"{path.relative_to(ROOT)}:{length}: longer than {MAX_LINES} lines")
    check_version(problems)
    print("\n".join(problems) or "lint: layers, library and file lengths are fine")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
