"""The portable wheel: every library but the C library's own is inside, with its licence; only mlif_
names are seen; its spikes are the clone's."""
import os
import re
import subprocess
import sys
import zipfile

import pytest

import megalif
from package_runs import BUILD, BY_GCC, DICT, ROOT

sys.path.insert(0, str(ROOT / "tests/helpers"))
import pypi_env  # noqa: E402

C_LIBRARY = re.compile(r"(ld-linux|lib(c|m|dl|rt|pthread)\.so)")
USE = f"""
import ctypes, h5py, json, multiprocessing, numpy, shutil, sys, tempfile
def mapped():
    with open("/proc/self/maps") as file:
        return {{line.split()[-1] for line in file if ".so" in line}}
before = mapped()
import megalif
print(megalif.run({DICT!r}).digest)
print(*sorted(mapped() - before), sep="\\n")
"""


@pytest.fixture(scope="module")
def python():
    if not BY_GCC:
        pytest.skip("the wheel is built with gcc, and this is a build by another compiler")
    try:
        return pypi_env.python("requirements-wheel.txt")
    except pypi_env.Unavailable as reason:
        pytest.skip(f"auditwheel and others cannot be installed from PyPI: {reason}")


def done(*words, **options):
    result = subprocess.run(list(map(str, words)), capture_output=True, text=True, **options)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def site(python, tmp_path_factory):
    """Where the wheel is installed."""
    folder = tmp_path_factory.mktemp("wheel")
    flags = BUILD / "flags"
    same = {"WERROR": "1"} if flags.exists() and "-Werror" in flags.read_text() else {}
    done(python, "-m", "build", "--wheel", "--no-isolation", "-C", "portable=yes", "--outdir",
         folder, ROOT, env={**os.environ, **same})
    wheel, = folder.glob("*.whl")
    assert re.fullmatch(r"megalif-[\d.]+-py3-none-manylinux_\d+_\d+_\w+\.whl", wheel.name)
    done(python, "-m", "pip", "install", "--no-index", "--no-deps", "--target", folder / "site",
         wheel)
    return folder / "site"


def test_all_libraries_but_the_c_librarys_are_inside(python, site, tmp_path):
    env = {key: value for key, value in os.environ.items() if key != "MEGALIF_LIBRARY"}
    digest, *libraries = done(python, "-c", USE, cwd=tmp_path,
                              env={**env, "PYTHONPATH": str(site)}).splitlines()
    assert digest == megalif.run(DICT).digest
    of_machine = [each for each in libraries if not each.startswith(str(site))
                  and not C_LIBRARY.match(os.path.basename(each))]
    inside = " ".join(path.name for path in site.glob("megalif*/*.so*"))
    for each in of_machine:  # Python's own, and theirs
        stem = os.path.basename(each).split(".")[0]
        assert "lib-dynload" in each or f"{stem}-" not in inside, each
    assert len(libraries) - len(of_machine) > 5
    for name in ("libmegalif.so", "libhdf5", "libinih", "libdeflate", "libcrypto", "libgomp"):
        assert name in inside


def test_only_our_names_are_seen(site):
    names = done("nm", "-D", "--defined-only", site / "megalif/libmegalif.so").split("\n")
    names = [line.split()[-1] for line in names if line]
    assert len(names) > 30
    assert [name for name in names if not name.startswith(("mlif_", "LIBMEGALIF_"))] == []


def test_licences_are_those_of_what_is_inside(site):
    about, = site.glob("megalif-*.dist-info")
    licences = " ".join(path.name for path in (about / "licenses").iterdir())
    for name in ("LICENSE", "hdf5", "inih", "deflate", "gomp"):
        assert name in licences
    assert len(licences.split()) > len(list((site / "megalif.libs").iterdir())) / 2


def test_a_wheel_as_it_is_built_has_none_of_them(python, tmp_path):
    """portable=no, which pip install does, leaves them to the machine."""
    done(python, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path, ROOT)
    wheel, = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as content:
        assert not [name for name in content.namelist() if ".libs/" in name]
