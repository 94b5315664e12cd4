"""`make lint`: each rule, broken on purpose in a small tree that keeps them all."""
import subprocess
import sys
from unittest import mock

import pytest

from megalif import ROOT

SMALL = {
    "Makefile": "VERSION := 1.2.3\n",
    "CITATION.cff": "title: t\nversion: 1.2.3\n",
    "CHANGELOG.md": "# Changes\n\n## 1.2.3\n",
    "src/base/low.h": "/* Low. */\nint low(int a);\n",
    "src/base/low.c": '/* Low. */\n#include "base/low.h"\n\nint low(int a)\n{\n    return a;\n}\n',
    "src/base/high.h": "/* High. */\nint high(void);\n",
    "src/base/high.c": ('/* High. */\n#include "base/high.h"\n#include "base/low.h"\n\n'
                        "int high(void)\n{\n    return low(1);\n}\n"),
    "src/config/keys.h": ('/* Keys. */\n#include "base/high.h"\n\n'
                          "static inline int keys(void)\n{\n    return high();\n}\n"),
    "src/cli/tell.c": ('/* Tells. */\n#include "config/keys.h"\n\n#include <stdio.h>\n\n'
                       'static void tell(void)\n{\n    printf("%d", keys());\n}\n'),
    "python/megalif/_version.py": '"""The version."""\nversion = "1.2.3"\n',
    "tests/run": "print('tests')\n",
}


def function(lines, name="f"):
    return f"\nstatic void {name}(void)\n{{\n" + "    work();\n" * (lines - 3) + "}\n"


def lint(folder, **added):
    """Exit code and lines of lint in the small tree, with text added to some of its files."""
    for name, text in SMALL.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for name, text in added.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "a") as file:
            file.write(text)
    done = subprocess.run([sys.executable, ROOT / ".ci/lint", folder], capture_output=True,
                          text=True)
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


def test_a_tree_that_keeps_the_rules(tmp_path):
    assert lint(tmp_path) == (0, ["lint: 3 rooms, 6 files, 0 circles; 4 functions: median 4 lines,"
                                  " 90th percentile 4, longest 4"])


FAULTS = {  # name: file, what is added to it, what lint says first of it
    "a use upward": ("src/base/low.h", '#include "config/keys.h"\n',
                     "src/base/low.h:3: base must not use config (config/keys.h)"),
    "an include of nothing": ("src/config/keys.h", '#include "keys.h"\n',
                              "src/config/keys.h:8: keys.h is no file below src/"),
    "a new room": ("src/attic/old.c", "/* Old. */\n",
                   "src/attic/old.c:1: is in no room that .ci/lint knows"),
    "no room": ("src/flat.c", "/* Flat. */\n",
                "src/flat.c:1: is in no room that .ci/lint knows"),
    "a circle by include": ("src/base/low.h", '#include "base/high.h"\n',
                            "src/base/high.c:1: circle of 2 files: base/high base/low"),
    "a circle by call": ("src/base/low.c", function(4).replace("work()", "high()"),
                         "src/base/high.c:1: circle of 2 files: base/high base/low"),
    "a circle by pointer": ("src/base/low.c", "\nint (*up)(void) = high;\n",
                            "src/base/high.c:1: circle of 2 files: base/high base/low"),
    "another's header": (
        "src/base/high.h", "int other(void);\nint low(int\n    a);\n",
        "src/base/high.h:4: low() of src/base/low.c is declared here, not in low.h"),
    "a function declared in a source": (
        "src/config/keys.c", "/* Keys. */\nextern int low(int a);\n",
        "src/config/keys.c:2: low() of src/base/low.c is declared here, not in low.h"),
    "two files of one name": ("src/cli/low.h", "/* Low. */\n",
                              "src/cli:1: `low` is the name of files in src/base and src/cli"),
    "no opening comment": ("src/config/names.c", "int names;\n",
                           "src/config/names.c:1: neither source nor header say what they are for"),
    "a long function": ("src/base/low.c", function(61),
                        "src/base/low.c:9: f() has 61 lines, more than 60"),
    "a high median": ("src/base/low.c", "".join(function(12, f"f{k}") for k in range(6)),
                      "src:1: functions have a median of 12 and a 90th percentile of 12 lines"),
    "a high percentile": ("src/base/low.c", function(4) * 4 + function(25, "g") * 2,
                          "src:1: functions have a median of 4 and a 90th percentile of 25 lines"),
    "a long file": ("src/config/keys.h", "\n" * 594,
                    "src/config/keys.h:601: longer than 600 lines"),
    "a long program": ("tests/run", "#\n" * 600, "tests/run:601: longer than 600 lines"),
    "a long line": ("tests/cli/test_x.py", "#" * 101 + "\n",
                    "tests/cli/test_x.py:1: longer than 100 columns"),
    "a long line of make": ("Makefile", "x = " + "#" * 97 + "\n",
                            "Makefile:2: longer than 100 columns"),
    "an exit": ("src/base/low.c", function(4).replace("work()", "exit(1)"),
                "src/base/low.c:11: `exit` in the library, which returns errors as values"),
    "a print": ("src/config/keys.h", function(4).replace("work()", 'fputs("", stderr)'),
                "src/config/keys.h:11: `stderr` in the library, which returns errors as values"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told(tmp_path, name):
    file, text, complaint = FAULTS[name]
    code, said = lint(tmp_path, **{file: text})
    assert code == 1 and any(line.startswith(complaint) for line in said[:-1]), said


@pytest.mark.parametrize("name", ["CITATION.cff", "CHANGELOG.md"])
def test_another_version_is_told(tmp_path, name):
    lint(tmp_path)
    text = SMALL[name].replace("1.2.3", "1.2.4")
    with mock.patch.dict(SMALL, {name: text}):
        code, said = lint(tmp_path)
    assert code == 1 and said[0] == f"{name}:1: the version is not the Makefile's, 1.2.3"


def test_words_are_no_code(tmp_path):
    """What comments, strings, members, tags and directives name is neither used nor called."""
    words = ("/* exit(1) high() */\n#define UP high\n"
             'static const char *s = "exit(1) high()";\n'
             "struct high n = s->high + s.exit(1);\n")
    code, said = lint(tmp_path, **{"src/base/low.c": words})
    assert code == 0, said
