"""What docs/getting-started.md tells to type works as it stands there (long_docs.py: the gallery);
links and pictures are there; all configs are good ones."""
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from megalif import PROGRAM, ROOT
from pages import place, play

DOCS = ROOT / "docs"
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = ["README.md", "CONTRIBUTING.md", "data/README.md"]
LARGE = {"billion.ini", "demo.ini", "million.ini"}  # checked with fewer neurons


def play_page(page, folder, leave_out=None):
    """Types all blocks of a page but the lines that hold some word; returns what was said."""
    env, said = place(folder), ""
    for kind, text in BLOCK.findall((DOCS / page).read_text()):
        lines = [line for line in text.splitlines(True) if not leave_out
                 or not re.search(leave_out, line)]
        done = play(kind, "".join(lines), folder, env)
        assert done.returncode == 0, f"{text}\n{done.stdout}{done.stderr}"
        said += done.stdout + done.stderr
    return said


def test_what_getting_started_tells_to_type_works(tmp_path):
    said = play_page("getting-started.md", tmp_path)
    assert "megalif: error: --set population.exc.tau_m: '20 mV' is a voltage, where a time" in said
    for name in ("first.png", "traces.png", "intervals.svg", "sweep.png"):
        assert (tmp_path / "out" / name).stat().st_size > 5000


NEO = {  # what format.md's block asks of the packages that it is for
    "quantities.py": "ms = 1.0\n",
    "neo.py": "def SpikeTrain(times, t_stop, t_start):\n"
              "    assert t_start == 0 and ((times > t_start) & (times <= t_stop)).all()\n"
              "    return times\n",
    "elephant/__init__.py": "",
    "elephant/statistics.py": "import numpy as np\n"
                              "isi = np.diff\n"
                              "def cv(intervals): return intervals.std() / intervals.mean()\n"
                              "def mean_firing_rate(train): return len(train) / 500\n",
}


def test_the_blocks_for_neo_and_the_config_work(tmp_path):
    env = place(tmp_path)
    (tmp_path / "out").mkdir()
    (tmp_path / "bin/megalif").symlink_to(PROGRAM)
    done = play("sh", "megalif run configs/demo.ini -q -o out/demo.h5 "
                "--set simulation.duration=500ms", tmp_path, env)
    assert done.returncode == 0, done.stderr
    for name, text in NEO.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    blocks = BLOCK.findall((DOCS / "format.md").read_text())
    neo, = [text for _, text in blocks if "import h5py, neo" in text]
    config, = [text for _, text in blocks if "again.ini" in text and "info" in text]
    done = play("python", neo, tmp_path, dict(env, PYTHONPATH=str(tmp_path)))
    assert done.returncode == 0, done.stderr
    rate, cv = map(float, done.stdout.split())
    assert rate > 0 and cv > 0
    numbers, = [text for _, text in blocks if "np.corrcoef" in text]
    done = play("python", numbers + "print(chi, correlation)\n", tmp_path, env)
    assert done.returncode == 0, done.stderr
    shown = json.loads(play("sh", "megalif info --json out/demo.h5\n", tmp_path, env).stdout)
    exc, = [p for p in shown["populations"] if p["name"] == "exc"]
    assert list(map(float, done.stdout.split())) == pytest.approx(
        [exc["chi"], exc["mean_correlation"]], rel=1e-9)
    done = play("sh", config + "megalif run again.ini -q -o again.h5\n"
                "megalif compare out/demo.h5 again.h5\n", tmp_path, env)
    assert done.returncode == 0, done.stdout + done.stderr


def test_pages_show_pictures_that_are_there_and_small():
    shown = set()
    for page in DOCS.glob("*.md"):
        for name in re.findall(r"\]\((pictures/[^)]+)\)", page.read_text()):
            shown.add(name)
            assert 3000 < (DOCS / name).stat().st_size < 100_000, f"{page.name}: {name}"
    assert shown == {f"pictures/{path.name}" for path in (DOCS / "pictures").iterdir()}


def test_links_between_pages_hold():
    for page in [*DOCS.glob("*.md"), *(ROOT / name for name in PAGES)]:
        for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
            if "://" not in link:
                assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_the_gallery_shows_every_config():
    page = (DOCS / "gallery.md").read_text()
    for config in (ROOT / "configs").glob("*.ini"):
        assert f"(../configs/{config.name})" in page, config.name
        assert config.read_text()[:2] in ("# ",
                                          "; "), f"{config.name} should open with what it shows"


@pytest.mark.parametrize("config", sorted(path.name for path in (ROOT / "configs").glob("*.ini")))
def test_every_config_is_a_good_one(config, tmp_path):
    sections = re.findall(r"^\[(population\.\w+)\]", (ROOT / "configs" / config).read_text(),
                          re.MULTILINE)
    fewer = [word for name in sections
             for word in ("--set", f"{name}.size=1000")] if config in LARGE else []
    for name in ("configs", "data"):
        shutil.copytree(ROOT / name, tmp_path / name)
    copy = tmp_path / "configs" / config
    done = subprocess.run([PROGRAM, "check", copy, *fewer], capture_output=True, text=True,
                          cwd=tmp_path,
                          timeout=300)
    assert done.returncode == 0, done.stderr


def test_the_source_of_every_file_of_data_is_told():
    told = re.findall(r"^\| `(.+?)` \|", (ROOT / "data/README.md").read_text(), re.MULTILINE)
    assert sorted([*told, "README.md"]) == sorted(path.name for path in (ROOT / "data").iterdir())


def indented(page, heading):
    """The commands of a section, which are indented by four blanks."""
    text = (ROOT / page).read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    text = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    return "".join(line[4:] + "\n" for line in text.splitlines() if line.startswith("    "))


def test_what_readme_tells_to_use_works(tmp_path):
    env = place(tmp_path)
    commands = indented("README.md", "Use")
    assert commands.count("build/megalif ") >= 13
    done = play("sh", re.sub("^build/megalif compare.*$", r"! \g<0>", commands, flags=re.MULTILINE),
                tmp_path, env)  # which finds what it should: the two rasters part
    assert done.returncode == 0, done.stderr
    done = play("sh", "build/megalif run configs/demo.ini -q -o out/demo.h5 "
                "--set simulation.duration=20ms --set population.exc.size=1000\n", tmp_path, env)
    assert done.returncode == 0, done.stderr
    read, = [text for kind, text in BLOCK.findall((ROOT / "README.md").read_text())
             if kind == "python" and "h5py" in text]
    done = play("python", read, tmp_path, env)
    assert done.returncode == 0 and re.match(r"\d+ spikes; in the first bins", done.stdout), done
    config = re.search(r"^```ini\n(.*?)^```$", (ROOT / "README.md").read_text(),
                       re.MULTILINE | re.DOTALL)[1]
    (tmp_path / "readme.ini").write_text(config)
    done = play("sh", "build/megalif check readme.ini\n", tmp_path, env)
    assert done.returncode == 0, done.stderr


def test_other_blocks_about_files_work(tmp_path):
    """Spikes by h5py, CSV and back, mistakes as JSON, the table of a sweep by pandas."""
    env = place(tmp_path)
    (tmp_path / "bin/megalif").symlink_to(PROGRAM)
    made = play("sh", "mkdir out; megalif run configs/demo.ini -q -o out/demo.h5 "
                "--set simulation.duration=300ms --set population.exc.size=2000\n"
                "megalif sweep configs/sweep_fi.ini -q -o sweep_fi\n"
                "(cat configs/demo.ini; echo; echo '[population.more]') > demo.ini\n",
                tmp_path, env)
    assert made.returncode == 0, made.stderr
    blocks = BLOCK.findall((DOCS / "format.md").read_text())
    for kind, first, needs in (("python", "import h5py\n", None),
                               ("sh", "megalif convert ", None),
                               ("python", "import json, subprocess\n", None),
                               ("python", "import pandas ", "pandas")):
        text, = [text for is_kind, text in blocks if is_kind == kind and text.startswith(first)]
        if needs and play("python", f"import {needs}\n", tmp_path, env).returncode:
            continue
        done = play(kind, text, tmp_path, env)
        assert done.returncode == 0, f"{text}\n{done.stderr}"
        assert "json.loads" not in text or "demo.ini | " in done.stdout
    same = play("sh", "megalif compare out/demo.h5 again.h5\n", tmp_path, env)
    assert same.returncode == 0, same.stdout


def test_the_commands_and_the_block_about_transfer_work(tmp_path):
    """That of the bridge: with each numbers of 100 points by 200 cells."""
    env, page = place(tmp_path), (DOCS / "transfer.md").read_text()
    (tmp_path / "bin/megalif").symlink_to(PROGRAM)
    command = re.search(r"^ +(megalif run .* -o bridge.h5 (?:.*\\\n)*.*\n)", page, re.MULTILINE)[1]
    assert command.count("crossing=bridge") == 4
    done = play("sh", command, tmp_path, env)
    assert done.returncode == 0, done.stderr
    (_, text), = BLOCK.findall(page)
    done = play("python", text + "print(len(mean), (error[rate > 5] / rate[rate > 5]).max())\n",
                tmp_path, env)
    assert done.returncode == 0, done.stderr
    means, relative = map(float, done.stdout.split())
    assert means == 25 and 0 < relative < 0.05
