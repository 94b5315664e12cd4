"""Spack package: `spack repo add docs/spack && spack install megalif` (Spack 0.23 or newer) builds the
commit at the tip of this repository's branch main."""
from pathlib import Path

from spack.package import *

try:
    from spack_repo.builtin.build_systems.makefile import MakefilePackage  # Spack 1.0 and newer
except ImportError:
    pass  # comes with spack.package


class Megalif(MakefilePackage):
    """Simulates very large populations of leaky integrate-and-fire neurons on CPUs."""

    git = f"file://{Path(__file__).resolve().parents[4]}"

    license("BSD-3-Clause")

    version("main", branch="main")

    depends_on("c", type="build")
    depends_on("pkgconfig", type="build")
    depends_on("hdf5@1.10:~mpi")
    depends_on("libinih")
    depends_on("libdeflate")
    depends_on("openssl@1.1.1:")
    depends_on("gnuplot", type=("build", "run"))  # megalif plot runs it; the Makefile looks for it

    depends_on("cmocka", type="test")
    depends_on("mpfr", type="test")
    depends_on("py-pytest", type="test")
    depends_on("py-numpy", type="test")
    depends_on("py-scipy", type="test")
    depends_on("py-h5py", type="test")

    @property
    def install_targets(self):
        return ["install", f"PREFIX={self.prefix}"]
