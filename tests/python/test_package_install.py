"""`pip install` in a fresh environment beside Debian's packages, without an index."""
import os
import re
import subprocess
import sys

import pytest

from package_runs import BUILD, BY_GCC, DICT, ROOT


def pip(python, *words):
    """With the flags that the build has, so that nothing is built again."""
    flags = BUILD / "flags"
    same = {"WERROR": "1"} if flags.exists() and "-Werror" in flags.read_text() else {}
    return subprocess.run([python, "-m", "pip", "install", "--no-index", "--no-deps",
                           "--no-build-isolation", *words], capture_output=True, text=True,
                          env={**os.environ, **same})


@pytest.mark.parametrize("options", [[], ["--editable"]])
def test_pip_install_builds_a_package_that_runs(tmp_path, options):
    if not BY_GCC:
        pytest.skip("pip builds with gcc, and this is a build by another compiler")
    done = subprocess.run([sys.executable, "-m", "venv", "--system-site-packages",
                           tmp_path / "env"], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no environment can be made: {(done.stdout + done.stderr).strip()[-200:]}")
    python = tmp_path / "env/bin/python"
    if subprocess.run([python, "-c", "import setuptools, wheel"], capture_output=True).returncode:
        pytest.skip("setuptools or wheel is missing (python3-setuptools, python3-wheel)")
    done = pip(python, *options, str(ROOT))
    assert done.returncode == 0, done.stdout + done.stderr
    env = {key: value for key, value in os.environ.items()
           if key not in ("PYTHONPATH", "MEGALIF_LIBRARY")}
    said = subprocess.run([python, "-c", f"import megalif; print(megalif.__file__); "
                           f"print(megalif.run({DICT!r}).report.spikes)"], cwd=tmp_path, env=env,
                          capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    place, spikes = said.stdout.split()
    assert place.startswith(str(ROOT if options else tmp_path)) and int(spikes) > 1000
    if not options:
        packages, = (tmp_path / "env").glob("lib/python3*/site-packages")
        wheel = next(packages.glob("megalif-*.dist-info/WHEEL")).read_text()
        assert re.search(r"^Tag: py3-none-linux_\w+$", wheel, re.MULTILINE)
        assert (packages / "megalif/py.typed").exists()
