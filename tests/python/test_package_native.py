"""The structs and functions of megalif._native against megalif.h, by a C compiler."""
import ctypes
import re
import shutil
import subprocess

import pytest

from megalif import _native
from package_runs import ROOT

CODE = re.sub(r"/\*.*?\*/", "", "".join(
    header.read_text() for header in sorted((ROOT / "include/megalif").glob("*.h"))),
              flags=re.DOTALL)
PRINTED = r"""#include <megalif/megalif.h>
#include <stdio.h>
int main(void)
{
%s    return 0;
}
"""


def structs():
    """{name: its members} as the header declares them."""
    found = re.findall(r"struct (mlif_\w+)\s*\{(.*?)\n\};", CODE, re.DOTALL)
    return {name: [re.search(r"(?:\(\*(\w+)\)\(.*|(\w+)(?:\[\w+\])*)$", line.strip(),
                             re.DOTALL).group(1, 2) for line in body.split(";") if line.strip()]
            for name, body in found}


def test_structs_have_the_members_of_the_header_at_their_places(tmp_path):
    if not shutil.which("cc"):
        pytest.skip("no C compiler called cc")
    declared = structs()
    lines = ""
    for struct in _native.STRUCTS:
        members = [a or b for a, b in declared[struct.c_name]]
        assert [name for name, *_ in struct._fields_] == members, struct.c_name
        lines += f'    printf("%zu\\n", sizeof(struct {struct.c_name}));\n'
        lines += "".join(f'    printf("%zu %zu\\n", offsetof(struct {struct.c_name}, {name}), '
                         f'sizeof ((struct {struct.c_name} *)0)->{name});\n' for name in members)
    (tmp_path / "layout.c").write_text(PRINTED % lines)
    subprocess.run(["cc", f"-I{ROOT / 'include'}", "layout.c", "-o", "layout"], cwd=tmp_path,
                   check=True)
    printed = subprocess.run([tmp_path / "layout"], capture_output=True, text=True).stdout
    ours = "".join(f"{ctypes.sizeof(struct)}\n" + "".join(
        f"{getattr(struct, name).offset} {getattr(struct, name).size}\n"
        for name, *_ in struct._fields_) for struct in _native.STRUCTS)
    assert printed == ours
    assert printed.count("\n") > 150


KINDS = {"double": ctypes.c_double, "int": ctypes.c_int, "uint64_t": ctypes.c_uint64,
         "size_t": ctypes.c_size_t, "enum mlif_status": ctypes.c_int, "void": None}


def kind(words):
    """What ctypes should call a C type; pointers: any pointer will do."""
    words = re.sub(r"\bconst\b", "", words).strip()
    if "*" in words or "[" in words:
        return "pointer"
    name = " ".join(words.split())
    return KINDS.get(name, name)


def is_pointer(type_):
    return type_ in (ctypes.c_void_p, ctypes.c_char_p) or issubclass(type_, ctypes._Pointer)


def test_functions_take_and_return_what_the_header_says():
    prototypes = {name: (result, arguments) for result, name, arguments in re.findall(
        r"MLIF_API\s+([\w\s\*]+?)(mlif_\w+)\(([^;]*)\);", CODE)}
    for name, (result, *arguments) in _native.FUNCTIONS.items():
        c_result, c_arguments = prototypes[name]
        wanted = [kind(re.sub(r"\w+$", "", each.strip()) if "[" not in each else each)
                  for each in c_arguments.split(",") if each.strip() != "void"]
        assert len(arguments) == len(wanted), name
        for ours, theirs in zip([result, *arguments], [kind(c_result), *wanted]):
            if theirs == "pointer":
                assert is_pointer(ours), f"{name}: {ours}"
            elif theirs == "struct mlif_options":
                assert ours is _native.Options
            else:
                assert ours is theirs, f"{name}: {ours} where the header has {theirs}"


def test_a_library_that_is_not_there_is_told_with_its_places(tmp_path):
    from package_runs import in_python
    said = in_python(tmp_path, "try:\n    import megalif\nexcept ImportError as e: print(e)",
                     MEGALIF_LIBRARY=str(tmp_path / "none.so"))
    assert str(tmp_path / "none.so") in said and "make shared" in said


def test_a_library_of_another_version_is_refused(tmp_path):
    from package_runs import in_python
    said = in_python(tmp_path, "import sys, types\n"
                     "m = types.ModuleType('megalif._version'); m.version = '99.0'\n"
                     "sys.modules['megalif._version'] = m\n"
                     "try:\n    import megalif\nexcept ImportError as e: print(e)")
    assert "is of megalif 0." in said and "this package of 99.0" in said
