"""Every config of configs/ run through Python and by the command line: the same digests."""
import pytest

import megalif
from package_runs import ROOT, megalif as command_line

BRIEF = {"simulation.duration": "50 ms"}
SHORT = {"demo": BRIEF, "noise": {**BRIEF, "simulation.warmup": "0 ms"},
         "procedural": {"simulation.duration": "20 ms"}}
NOT = {"billion": "a billion neurons", "million": "a billion synapses",
       "microcircuit": "0.3e9 synapses, made twice",
       "sweep_fi": "a sweep, which is no run"}


@pytest.mark.parametrize("name", sorted(path.stem for path in (ROOT / "configs").glob("*.ini")))
def test_digests_are_the_command_lines(tmp_path, name):
    if name in NOT:
        pytest.skip(NOT[name])
    path, changed = ROOT / "configs" / f"{name}.ini", SHORT.get(name, {})
    report = megalif.run(path, set=changed).report
    options = [word for key, value in changed.items() for word in ("--set", f"{key}={value}")]
    done = command_line("run", path, "-o", tmp_path / "run.h5", "--quiet", *options)
    assert done.returncode == 0, done.stderr
    assert command_line("digest", tmp_path / "run.h5").stdout.split()[0] == report.digest
    assert report.spikes > 0
