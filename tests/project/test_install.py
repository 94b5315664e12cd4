"""What `make install` puts where, and programs that use it: built through pkg-config alone."""
import ctypes
import os
import re
import shlex
import shutil
import subprocess
import sys
import types
from pathlib import Path
from unittest import mock

import h5py
import numpy as np
import pytest

from pages import block

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("MEGALIF_BUILD", ROOT / "build"))
VERSION = re.search(r"^VERSION := (\S+)", (ROOT / "Makefile").read_text(), re.MULTILINE)[1]
HEADERS = sorted((ROOT / "include/megalif").glob("*.h"))
# The compiler and flags that the build has, so that nothing is built again.
CLANG = BUILD.name.startswith("clang")
CC, CXX = ("clang", "clang++") if CLANG else ("gcc", "g++")
SAME_BUILD = ([f"CC={CC}"] if CLANG else []) + (
    ["WERROR=1"] if (BUILD / "flags").exists() and "-Werror" in (BUILD / "flags").read_text()
    else [])


def run(*command, **keywords):
    keywords = {"cwd": ROOT, "stdin": subprocess.DEVNULL, **keywords}
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          **keywords)
    said = done.stdout + done.stderr
    assert done.returncode == 0, f"{command}\nexit code {done.returncode}\n{said}"
    return done.stdout


def files_below(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


EXPECTED = {"bin/megalif", "lib/libmegalif.a", "lib/libmegalif.so",
            f"lib/libmegalif.so.{VERSION}", f"lib/libmegalif.so.{VERSION.rsplit('.', 1)[0]}",
            "lib/pkgconfig/megalif.pc", "share/man/man1/megalif.1",
            "share/bash-completion/completions/megalif"}
EXPECTED |= {f"include/megalif/{header.name}" for header in HEADERS}
EXPECTED |= {f"lib/megalif/{path.name}" for path in
             BUILD.glob("libmegalif-*.so")}  # of each MPI that is here
EXPECTED |= {f"share/doc/megalif/{path.relative_to(ROOT)}" for pattern in
             ("README.md", "CHANGELOG.md", "LICENSE", "bench/peers/README.md", "docs/*.md",
              "docs/examples/*.c", "docs/notebooks/*.ipynb", "docs/pictures/*.png",
              "configs/*.ini", "configs/slurm/*", "data/*")
             for path in ROOT.glob(pattern)}


class Installed:
    def __init__(self, root):
        self.root, self.prefix = root, root / "opt/lif"
        run("make", "install", f"DESTDIR={root}", "PREFIX=/opt/lif", *SAME_BUILD)
        self.env = dict(os.environ, PKG_CONFIG_LIBDIR=os.pathsep.join(
            [str(self.prefix / "lib/pkgconfig"), run("pkg-config", "--variable=pc_path",
                                                     "pkg-config").strip()]),
            LD_LIBRARY_PATH=str(self.prefix / "lib"))

    def pkg_config(self, *options):
        """The flags, with the prefix that DESTDIR has moved."""
        flags = run("pkg-config", f"--define-variable=prefix={self.prefix}",
                    f"--define-variable=libdir={self.prefix}/lib",
                    f"--define-variable=includedir={self.prefix}/include", *options, "megalif",
                    env=self.env)
        return flags.split()

    def compile(self, source, program, static=False):
        flags = self.pkg_config("--cflags", "--libs", *(["--static"] if static else []))
        if static:  # libmegalif.a beside shared libraries of the system
            flags = [f"{self.prefix}/lib/libmegalif.a" if flag == "-lmegalif" else flag
                     for flag in flags]
        run(CC, "-Wall", "-Wextra", "-Werror", source, *flags, "-o", program)
        return program


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    return Installed(tmp_path_factory.mktemp("destdir"))


def test_install_and_uninstall(installed, tmp_path):
    assert files_below(installed.prefix) == EXPECTED
    assert files_below(installed.root) == {f"opt/lif/{name}" for name in EXPECTED}
    copy = shutil.copytree(installed.root, tmp_path / "copy", symlinks=True)
    run("make", "uninstall", f"DESTDIR={copy}", "PREFIX=/opt/lif")
    assert files_below(copy) == set()
    assert not (copy / "opt/lif/include/megalif").exists()
    assert not (copy / "opt/lif/share/doc/megalif").exists()
    assert VERSION in run(installed.prefix / "bin/megalif", "--version")
    assert "libdir=/opt/lif/lib\n" in (installed.prefix / "lib/pkgconfig/megalif.pc").read_text()


def test_install_says_what_is_left_to_do(tmp_path):
    """Its words, typed in, are enough to compile and to start a program elsewhere."""
    prefix = tmp_path / "a b"
    said = run("make", "install", f"PREFIX={prefix}", *SAME_BUILD)
    words = said[said.index("megalif is installed"):]
    exports = re.findall(r"export \S+=\".*\"", words)
    assert len(words.splitlines()) <= 8 and len(exports) == 3
    rpath = re.search(r"-Wl,-rpath,'.*'", words)[0]
    compile_ = (f"{CC} {ROOT}/docs/examples/spikes.c $(pkg-config --cflags --libs megalif) "
                f"-o {shlex.quote(str(tmp_path))}/")
    clean = {key: value for key, value in os.environ.items()
             if key not in ("PKG_CONFIG_PATH", "LD_LIBRARY_PATH")}
    for setup, name, flags in ((exports, "spikes", ""), (exports[:2], "rpath", rpath)):
        script = "; ".join(setup) + f"; eval \"{compile_}{name} \"{shlex.quote(flags)}"
        run("sh", "-c", f"{script} && cd {shlex.quote(str(tmp_path))} && ldd ./{name} && "
            f"! ldd ./{name} | grep -q 'not found' && megalif --version", env=clean)
    (tmp_path / "top/docs").mkdir(parents=True)
    (tmp_path / "top/docs/examples").symlink_to(ROOT / "docs/examples")
    (tmp_path / "top/configs").symlink_to(ROOT / "configs")
    for page in ("README.md", "docs/library.md"):  # as they stand there, but for blanks in PREFIX
        typed = "\n".join([*exports, f"cc() {{ eval \"'{CC}' $*\"; }}", block(page, "cc ")])
        assert run("sh", "-ec", typed, cwd=tmp_path / "top", env=clean).count("\n") >= 200


@pytest.mark.skipif(not shutil.which("cmake"), reason="no CMake")
def test_cmake_finds_the_library_by_pkg_config(tmp_path):
    """By what docs/library.md says; the program starts without LD_LIBRARY_PATH."""
    said = re.findall(r"`((?:find_package|pkg_check_modules|target_link_libraries)\(.*?\))`",
                      (ROOT / "docs/library.md").read_text())
    assert len(said) == 3
    prefix = tmp_path / "lif"
    run("make", "install", f"PREFIX={prefix}", *SAME_BUILD)
    (tmp_path / "CMakeLists.txt").write_text("\n".join([
        "cmake_minimum_required(VERSION 3.18)", "project(program C)", *said[:2],
        f"add_executable(program {ROOT}/docs/examples/spikes.c)", said[2]]))
    env = {key: value for key, value in os.environ.items() if key != "LD_LIBRARY_PATH"}
    run("cmake", "-S", tmp_path, "-B", tmp_path / "made",
        env={**env, "PKG_CONFIG_PATH": str(prefix / "lib/pkgconfig")})
    run("cmake", "--build", tmp_path / "made")
    (tmp_path / "model.ini").write_text(CONFIG)
    assert "exc" in run(tmp_path / "made/program", tmp_path / "model.ini", tmp_path / "x.h5",
                        env=env)


def test_folders_may_have_blanks_and_quotes(tmp_path):
    """Installed, found through pkg-config, removed."""
    root = tmp_path / "a b's & c"
    folders = [f"DESTDIR={root}", "PREFIX=/my lif's & more"]
    run("make", "install", *folders, *SAME_BUILD)
    assert files_below(root) == {f"my lif's & more/{name}" for name in EXPECTED}
    env = dict(os.environ, PKG_CONFIG_PATH=str(root / "my lif's & more/lib/pkgconfig"))
    flags = run("pkg-config", "--cflags", "megalif", env=env)
    assert shlex.split(flags)[0] == "-I/my lif's & more/include"
    run("make", "uninstall", *folders)
    assert files_below(root) == set()


@pytest.mark.parametrize("words, environment, jobs", [
    ([], {}, len(os.sched_getaffinity(0))), (["-j1"], {}, 1), (["-j7"], {}, 7),
    ([], {"MAKEFLAGS": "-j5"}, 5), (["clean"], {}, None), ([], {"MAKELEVEL": "1"}, None)])
def test_make_takes_all_cores_where_nobody_says_how_many(words, environment, jobs):
    """Neither a user, nor another make, nor a clean."""
    clean = {key: value for key, value in os.environ.items() if key[:4] not in ("MAKE", "OMP_")}
    said = run("make", "-pn", "help", *words, env={**clean, **environment})
    found = re.search(r"^MAKEFLAGS = .*?-j(\d+)", said, re.MULTILINE)
    assert (int(found[1]) if found else None) == jobs


def test_a_clone_may_lie_in_a_folder_with_blanks(tmp_path):
    clone = tmp_path / "a b's & c"
    for name in ("src", "include", "docs", ".ci"):
        shutil.copytree(ROOT / name, clone / name)
    shutil.copy(ROOT / "Makefile", clone)
    made = ["build/obj/src/base/version.o", "build/obj/src/emit/emit_script.o",
            "build/install/megalif.pc"]
    run("make", *made, *SAME_BUILD, cwd=clone)
    assert all((clone / name).exists() for name in made)
    said = run("make", "-n", "all", "install", "test-slurm", *SAME_BUILD, cwd=clone)
    assert "megalif.1" in said


def test_a_build_without_an_mpi_says_so():
    for mpis, times in (("", 1), ("openmpi", 0)):
        said = run("make", "-n", "-B", "all", f"mpis={mpis}", *SAME_BUILD)
        assert said.count("no runs on several processes") == times


def test_installed_documents_have_what_they_speak_of(installed):
    folder = installed.prefix / "share/doc/megalif"
    run(installed.prefix / "bin/megalif", "check", folder / "configs/annotated.ini")
    missing = {link for page in folder.rglob("*.md")
               for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
               if not (page.parent / link).exists()}
    assert missing == {"include/megalif/megalif.h"}  # which stands in include/


def functions_of_header():
    text = "".join(header.read_text() for header in HEADERS)
    return set(re.findall(r"^MLIF_API [^;(]*?(mlif_\w+)\(", text, re.MULTILINE))


def test_libraries_export_the_header_and_nothing_else(installed):
    library = installed.prefix / "lib" / f"libmegalif.so.{VERSION}"
    names = {line.split()[-1].split("@")[0]
             for line in run("nm", "-D", "--defined-only", library).splitlines()}
    assert len(functions_of_header()) > 15
    assert names - {f"LIBMEGALIF_{VERSION.rsplit('.', 1)[0]}"} == functions_of_header()
    symbols = run("nm", "-g", "--defined-only", installed.prefix / "lib/libmegalif.a").split("\n")
    names = {line.split()[-1] for line in symbols if len(line.split()) == 3}
    # OpenMP's named locks are shared by design; no C name can be one.
    assert {n for n in names if not n.startswith(".gomp_critical_")} == functions_of_header()
    dynamic = run("readelf", "-d", library)
    assert f"soname: [libmegalif.so.{VERSION.rsplit('.', 1)[0]}]" in dynamic


def test_the_library_knows_the_size_of_every_struct(installed):
    library = ctypes.CDLL(installed.prefix / f"lib/libmegalif.so.{VERSION}")
    size_of = library.mlif_struct_size
    size_of.restype, size_of.argtypes = ctypes.c_size_t, [ctypes.c_char_p]
    names = re.findall(r"^struct (mlif_\w+) {", "".join(h.read_text() for h in HEADERS),
                       re.MULTILINE)
    assert len(names) > 15
    assert [name for name in names if size_of(name.encode()) == 0] == []


@pytest.mark.parametrize("compiler, standard", [(CC, "c11"), (CXX, "c++17")])
def test_headers_compile_alone(compiler, standard, tmp_path):
    if not shutil.which(compiler):
        pytest.skip(f"no {compiler}")
    source = tmp_path / ("alone.c" if standard == "c11" else "alone.cc")
    for header in HEADERS:
        source.write_text(f"#include <megalif/{header.name}>\n" * 2)
        run(compiler, f"-std={standard}", "-pedantic", "-Wall", "-Wextra", "-Wshadow",
            "-Wconversion", "-Werror", "-fsyntax-only", f"-I{ROOT}/include", source)


def test_header_is_documented_without_a_warning():
    """Doxygen takes each warning for an error: an undocumented function, member or value, too."""
    if not shutil.which("doxygen"):
        pytest.skip("no doxygen")
    run("make", "docs", *SAME_BUILD)
    page = "".join((BUILD / f"docs/html/{header.stem}_8h.html").read_text() for header in HEADERS)
    assert all(f">{name}" in page for name in functions_of_header())


CONFIG = """
[simulation]
duration = 300 ms
[population.exc]
size = 2000
I_e = normal(450 pA, 20 pA)
[population.inh]
size = 300
I_e = 500 pA
V_m = uniform(-70 mV, -56 mV)
[record.some]
population = inh
neurons = sample(100)
what = spikes
"""


@pytest.mark.parametrize("static", [False, True])
def test_callback_receives_the_rows_of_the_file(installed, tmp_path, static):
    """docs/examples/spikes.c, linked to the shared library, and to the static one."""
    source = ROOT / "docs/examples/spikes.c"
    assert len(source.read_text().splitlines()) < 40
    program = installed.compile(source, tmp_path / "spikes", static)
    assert ("libmegalif.so" in run("readelf", "-d", program)) != static
    (tmp_path / "model.ini").write_text(CONFIG)
    rows = run(program, tmp_path / "model.ini", tmp_path / "out.h5", env=installed.env).split("\n")
    rows = [line.split() for line in rows if line]
    with h5py.File(tmp_path / "out.h5") as file:
        assert set(file["spikes"]) == {"exc", "inh"}
        for name in file["spikes"]:
            ids = np.array([int(row[1]) for row in rows if row[0] == name], dtype=np.uint64)
            times = np.array([float(row[2]) for row in rows if row[0] == name])
            assert len(ids) > 500
            np.testing.assert_array_equal(file[f"spikes/{name}/node_ids"][()], ids)
            np.testing.assert_array_equal(file[f"spikes/{name}/timestamps"][()], times)


def test_example_tells_errors(installed, tmp_path):
    program = installed.compile(ROOT / "docs/examples/spikes.c", tmp_path / "spikes")
    (tmp_path / "model.ini").write_text("[simulation]\nduration = 1 furlong\n")
    done = subprocess.run([program, tmp_path / "model.ini", tmp_path / "out.h5"], text=True,
                          capture_output=True, env=installed.env)
    assert done.returncode == 2
    assert f"{tmp_path}/model.ini:2: [simulation] duration" in done.stderr
    assert not (tmp_path / "out.h5").exists()


def test_stepping_and_looking(installed, tmp_path):
    """docs/examples/stepwise.c: V = E_L + R I (1 - exp(-t / tau_m)), R = tau_m / C_m. A C_m of 250
    pF makes R 20/250 mV per pA."""
    program = installed.compile(ROOT / "docs/examples/stepwise.c", tmp_path / "stepwise")
    table = np.loadtxt(run(program, env=installed.env).splitlines())
    assert table.shape == (100, 6)
    t, V = table[:, :1], table[:, 1:]
    np.testing.assert_allclose(t[:, 0], np.arange(1, 101), rtol=1e-12)
    expected = -70 - 20 / 250 * np.linspace(0, 180, 5) * np.expm1(-t / 20)
    np.testing.assert_allclose(V, expected, rtol=0, atol=1e-11)


def test_a_closed_loop_holds_its_rate(installed, tmp_path):
    """docs/examples/closed_loop.c: 20 Hz, at a current below rheobase (375 pA), as noise fires
    them. 40,000 spikes in the last second make 0.1 Hz; what the controller adds is less."""
    program = installed.compile(ROOT / "docs/examples/closed_loop.c", tmp_path / "closed_loop")
    t, rate, current = np.loadtxt(run(program, env=installed.env).splitlines()).T
    assert len(t) == 200 and t[-1] == 2000
    assert abs(rate[100:].mean() - 20) < 0.5
    assert 200 < current[100:].min() and current[100:].max() < 375
    assert rate[0] == 0 and np.ptp(current[100:]) < 10


def commands_and_options(program):
    """{command: [options]} as --help has them, long and short."""
    listed = run(program, "--help").split("commands", 1)[1].split("\n\n")[0].splitlines()[1:]
    commands = [line.split()[0] for line in listed]
    assert "run" in commands and len(commands) >= 6
    return {command: re.findall(r"(?:(?<=^  )|(?<=^      )|(?<=, ))--?[a-z-]+",
                                run(program, command, "--help"), re.MULTILINE)
            for command in commands}


def test_manual_has_every_command_option_and_exit_code(installed):
    page = installed.prefix / "share/man/man1/megalif.1"
    if not shutil.which("groff"):
        pytest.skip("no groff")
    done = subprocess.run(["groff", "-man", "-ww", "-Tascii", "-P-cbou", "-rLL=200n", page],
                          capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == ""
    commands = commands_and_options(installed.prefix / "bin/megalif")
    for command, options in commands.items():
        section = re.search(rf"^ +megalif {command}\b.*?(?=^ ? ? ?\w)", done.stdout[:],
                            re.MULTILINE | re.DOTALL)
        assert section, f"no section for {command}"
        assert "--help" in options
        for option in options:
            assert re.search(rf"^ +(-\w, )?{option}\b", section[0],
                             re.MULTILINE), f"{command} {option}"
    header = (ROOT / "include/megalif/megalif.h").read_text()
    codes = re.findall(r"MLIF_\w+ = (\d+)", header.split("enum mlif_status", 1)[1].split("}")[0])
    status = done.stdout.split("EXIT STATUS", 1)[1].split("ENVIRONMENT")[0]
    assert len(codes) > 5
    for code in codes:
        assert re.search(rf"^ +{code}\s", status,
                         re.MULTILINE), f"exit code {code} is not explained"


def complete(installed, *words):
    """What bash offers for the last of the words, which may be empty."""
    script = installed.prefix / "share/bash-completion/completions/megalif"
    program = installed.prefix / "bin/megalif"
    quoted = " ".join(f"'{word}'" for word in (program, *words))
    before = words[-2] if len(words) > 1 else program
    return run("bash", "-c", f"""source '{script}'
        COMP_WORDS=({quoted}); COMP_CWORD={len(words)}
        _megalif '{program}' '{words[-1]}' '{before}'
        printf '%s\\n' "${{COMPREPLY[@]}}" """, cwd=ROOT / "configs").splitlines()


def test_completion_offers_what_help_lists(installed):
    commands = commands_and_options(installed.prefix / "bin/megalif")
    assert set(complete(installed, "")) == set(commands) | {"--help", "--version"}
    assert complete(installed, "ru") == ["run"]
    for command, options in commands.items():
        long = sorted(option for option in options if option.startswith("--"))
        assert sorted(complete(installed, command, "--")) == long
    assert complete(installed, "run", "--thr") == ["--threads"]
    assert complete(installed, "run", "dem") == ["demo.ini"]
    assert complete(installed, "run", "demo.ini", "-o", "dem") == ["demo.ini"]
    assert complete(installed, "run", "demo.ini", "--isa", "avx") == ["avx2", "avx512"]
    assert complete(installed, "check", "demo.ini", "--emit", "b") == ["brian2"]
    assert complete(installed, "run", "demo.ini", "-t", "") in ([], [""])
    assert "demo.ini" in complete(installed, "run", "demo.ini", "--force", "")


def test_static_program_needs_no_library(tmp_path):
    """The same digest as the dynamic one; where a library has no archive, there is none."""
    made = subprocess.run(["make", "static", *SAME_BUILD], cwd=ROOT, capture_output=True, text=True)
    missing = re.search(r"cannot find -l\S+", made.stderr)
    if made.returncode and missing:
        pytest.skip(f"no static build: {missing[0]}")
    assert made.returncode == 0, made.stderr
    program = BUILD / "megalif-static"
    assert "NEEDED" not in run("readelf", "-d", program)
    assert "INTERP" not in run("readelf", "-l", program)
    (tmp_path / "model.ini").write_text(CONFIG)
    digests = set()
    for megalif in (program, BUILD / "megalif"):
        out = tmp_path / f"{megalif.name}.h5"
        run(megalif, "run", tmp_path / "model.ini", "--quiet", "-o", out)
        digests.add(run(BUILD / "megalif", "digest", out).split()[0])
    assert len(digests) == 1


class SpackPackage:
    """What Spack's MakefilePackage would know of docs/spack/packages/megalif/package.py."""
    prefix = "/prefix"


def test_spack_package_names_what_the_build_needs():
    """Spack itself cannot be had from a package registry: its words are played here."""
    depends, versions = {}, []
    module = types.ModuleType("spack.package")
    module.MakefilePackage = SpackPackage
    module.license = lambda name: versions.append(name)
    module.version = lambda name, **where: versions.append(name)
    module.depends_on = lambda spec, type=("build", "link"): depends.update(
        {re.match(r"[a-z0-9-]+", spec)[0]: type})
    package = ROOT / "docs/spack/packages/megalif/package.py"
    scope = {"__file__": str(package)}
    with mock.patch.dict(sys.modules, {"spack": types.ModuleType("spack"),
                                       "spack.package": module}):
        exec(compile(package.read_text(), package, "exec"), scope)
    assert scope["Megalif"].git == f"file://{ROOT}"
    assert versions == ["BSD-3-Clause", "main"]
    assert scope["Megalif"]().install_targets == ["install", "PREFIX=/prefix"]
    table = (ROOT / ".ci/install-deps").read_text().split("table='")[1].split("'")[0]
    rows = [line.split(";") for line in table.splitlines() if line]
    for group, kind in (("build", ("build", "link")), ("test", "test")):
        wanted = {name for row in rows if row[:2] == [group, "must"] for name in row[-1].split()}
        # Languages and make come with MakefilePackage; pkgconf provides pkgconfig.
        wanted = {{"gcc": "c", "pkgconf": "pkgconfig"}.get(name, name) for name in wanted}
        assert wanted - {"gmake"} <= set(depends), group
    assert depends["gnuplot"] == ("build", "run")


def test_conda_recipe_builds_in_an_empty_prefix(tmp_path):
    """Its script and its tests, played with the system's libraries: conda-build is not here."""
    recipe = (ROOT / "docs/conda/meta.yaml").read_text()
    assert f'version: "{VERSION}"' in recipe
    line = re.search(r"conda install -c conda-forge (.*)", (ROOT / "README.md").read_text())[1]
    for name in line.split():  # which names what the Makefile looks for
        name = name.split("::")[-1]
        assert re.search(rf"^    - {name}\b", recipe, re.MULTILINE) or name == "c-compiler", name
    hdf5 = [name for name in ("hdf5-serial", "hdf5")
            if not subprocess.run(["pkg-config", "--exists", name]).returncode]
    # As the Makefile has them, to the last blank: else all that runs now would be linked again.
    found = ({key: run("pkg-config", flag, hdf5[0]).rstrip("\n")
              for key, flag in (("HDF5_CFLAGS", "--cflags"), ("HDF5_LIBS", "--libs"))}
             if hdf5 else {"HDF5_CFLAGS": "", "HDF5_LIBS": "-lhdf5"})
    env = {**found, **os.environ, "PREFIX": str(tmp_path / "prefix"), "CC": CC, "CPU_COUNT": "2"}
    if "WERROR=1" in SAME_BUILD:
        env["WERROR"] = "1"
    run("bash", "docs/conda/build.sh", env=env)
    assert files_below(tmp_path / "prefix") == EXPECTED
    commands = re.search(r"^  commands:\n((?:    - .*\n)+)", recipe, re.MULTILINE)[1]
    typed = "\n".join(line[6:] for line in commands.splitlines())
    env["PATH"] = f"{tmp_path}/prefix/bin:{os.environ['PATH']}"
    assert f"{VERSION}" in run("bash", "-euc", typed, cwd=tmp_path, env=env)


@pytest.mark.skipif(os.geteuid() != 0, reason="chroot is root's")
@pytest.mark.skipif(CLANG, reason="its OpenMP has no archive")
def test_the_static_program_needs_nothing_beside_it(tmp_path):
    """Where there is nothing but what docs/containers/Dockerfile copies."""
    recipe = (ROOT / "docs/containers/Dockerfile").read_text()
    source, target = re.search(r"^COPY (\S+) (\S+)$", recipe, re.MULTILINE).groups()
    assert target in re.search(r"^ENTRYPOINT (.*)$", recipe, re.MULTILINE)[1]
    run("make", "static", *SAME_BUILD)
    root = tmp_path / "root"
    (root / target[1:]).parent.mkdir(parents=True)
    shutil.copy(BUILD / Path(source).name, root / target[1:])
    (root / "a.ini").write_text("[simulation]\nduration = 50 ms\ndt = 0.1 ms\n"
                                "[population.a]\nsize = 9\nI_e = 500 pA\n")
    run("chroot", root, target, "run", "a.ini", "-qo", "a.h5")
    run(BUILD / "megalif", "run", root / "a.ini", "-qo", tmp_path / "a.h5")
    said = run(BUILD / "megalif", "compare", root / "a.h5", tmp_path / "a.h5")
    assert said.startswith("equal: ") and said != "equal: 0 spikes\n"
