"""How pip builds the package: the library by the Makefile, and setuptools for the rest.

One wheel serves all versions of Python, as nothing is compiled against it; an editable install
finds the library in build/."""
import subprocess
from pathlib import Path

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
