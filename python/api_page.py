"""Prints docs/python-api.md: what the docstrings of the package say.

usage: PYTHONPATH=python python3 python/api_page.py > docs/python-api.md
"""
import inspect
import sys

import megalif

FUNCTIONS = ["run", "open", "check", "sweep", "compare", "digest"]
CLASSES = ["Simulation", "Result", "Spikes", "Rates", "Trace", "Connections", "Picture", "Report",
           "Progress"]
ERRORS = ["MegalifError", "ConfigError", "OutputError", "NotEnoughMemory", "RangeError",
          "Interrupted", "Stopped", "BusyError", "CheckpointError", "MegalifWarning"]
SONATA = ["run", "config"]


def attributes(thing):
    """(name, what its source says of it): members that __init__ or the class sets, with `#:`."""
    lines, found, above = inspect.getsource(thing).splitlines(), [], ""
    for line in lines:
        code, mark, words = line.partition("#:")
        code = code.strip()
        if mark and not code:
            above = words.strip()
            continue
        name = code.removeprefix("self.").split(":")[0].split(" ")[0].split(",")[0]
        if (mark or above) and name.isidentifier():
            found.append((name, words.strip() or above))
        above = ""
    return found


def plain(hint):
    return str(hint).strip("'\"")


def parameter(each):
    hint = "" if each.annotation is each.empty else f": {plain(each.annotation)}"
    default = "" if each.default is each.empty else f" = {each.default!r}"
    return f"{each.name}{hint}{default}"


def signature(name, thing):
    """As it is called, in lines of up to 96 columns."""
    found = inspect.signature(thing)
    words, named = [], False
    for each in found.parameters.values():
        if each.kind is each.KEYWORD_ONLY and not named:
            words.append("*")
            named = True
        if each.name not in ("self", "cls"):
            words.append(parameter(each))
    lines, line = [], f"{name}("
    for word in [f"{each}, " for each in words[:-1]] + words[-1:]:
        if len(line + word) > 96:
            lines.append(line.rstrip())
            line = "    "
        line += word
    return "\n".join([*lines, f"{line}) -> {plain(found.return_annotation)}"])


def block(text):
    return f"```text\n{text}\n```\n"


def entry(name, thing, level):
    """A heading, the signature and the docstring of a function, method or property."""
    head = signature(name, thing) if callable(thing) else name
    return f"{'#' * level} {name}\n\n" + block(f"{head}\n\n{inspect.getdoc(thing)}")


def of_class(name):
    thing = getattr(megalif, name)
    text = f"## {name}\n\n" + block(inspect.getdoc(thing))
    known = attributes(thing)
    if known:
        text += "\n| | |\n|---|---|\n" + "".join(
            f"| `{own}` | {words.replace('|', chr(92) + '|')} |\n" for own, words in known)
    for own, value in vars(thing).items():
        if not own.startswith("_") and (inspect.isfunction(value) or isinstance(value, property)):
            text += "\n" + entry(f"{name}.{own}", value, 3)
    return text


def page():
    parts = ["# The Python package, name by name\n\nMade from the docstrings by "
             "python/api_page.py; [python.md](python.md) explains and shows.\n"]
    parts += [entry(f"megalif.{name}", getattr(megalif, name), 2) for name in FUNCTIONS]
    parts += [of_class(name) for name in CLASSES]
    parts += ["## megalif.sonata\n\n" + block(inspect.getdoc(megalif.sonata))]
    parts += [entry(f"megalif.sonata.{name}", getattr(megalif.sonata, name), 3) for name in SONATA]
    parts += ["## Exceptions\n\n| | |\n|---|---|\n" + "".join(
        f"| `{name}` | {' '.join(inspect.getdoc(getattr(megalif, name)).split())} |\n"
        for name in ERRORS)]
    parts += ["## megalif.errors.Problem\n\n" + block(inspect.getdoc(megalif.errors.Problem))
              + "\n| | |\n|---|---|\n" + "".join(
                  f"| `{own}` | {words} |\n" for own, words in attributes(megalif.errors.Problem))]
    return "\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(page())
