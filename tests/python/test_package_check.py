"""megalif.check, digest and compare: the command line's words and numbers."""
import re

import numpy as np
import pytest

import megalif
from package_runs import DICT, NETWORK, by_command_line
from package_runs import megalif as command


def test_a_check_tells_what_the_command_line_does(tmp_path, capfd):
    (tmp_path / "a.ini").write_text(NETWORK)
    said = command("check", "a.ini", cwd=tmp_path).stdout
    report = megalif.check(tmp_path / "a.ini")
    assert capfd.readouterr() == ("", "")
    config = [line for line in said.splitlines() if line and not line.startswith("#")]
    assert [line for line in report.config.splitlines() if line] == config
    total = float(re.search(r"# total +([\d.]+) MB", said)[1])
    assert report.memory_bytes / 1e6 == pytest.approx(total, rel=1e-4)
    assert report.memory_bytes == sum(report.memory.values())
    exc = report.populations["exc"]
    assert exc.size == 400 and exc.rheobase_pA == [187.5, 187.5] and exc.C_m_pF == [250, 250]
    assert report.projections["ei"].synapses == 2000 and report.projections["ei"].exact == 1
    assert report.projections["i"].delay_ms == [1, 1]
    assert report.block_ms == 0.5


def test_a_check_finds_all_that_is_wrong():
    with pytest.raises(megalif.ConfigError) as caught:
        megalif.check(DICT, set={"population.exc.tau_m": -1, "simulation.x": 2})
    assert len(caught.value.problems) == 2


def test_a_check_warns():
    with pytest.warns(megalif.MegalifWarning) as told:
        megalif.check(DICT, set={"population.exc.V_m": -50})
    assert told[0].filename == __file__


def test_digests_and_comparisons_of_files(tmp_path):
    report = by_command_line(tmp_path)
    again = megalif.run(NETWORK, output=tmp_path / "same.h5")
    assert megalif.digest(tmp_path / "cli.h5") == report["digest"]
    assert megalif.compare(tmp_path / "cli.h5", again.path).equal is True
    other = megalif.run(NETWORK, set={"simulation.seed": 8}, output=tmp_path / "other.h5")
    found = megalif.compare(again.path, other.path)
    assert found.equal is False and found.digests == [again.digest, other.digest]
    first, second = again.spikes[found.population], other.spikes[found.population]
    differs = (first.times[:500] != second.times[:500]) | (first.ids[:500] != second.ids[:500])
    row = int(np.argmax(differs))
    assert found.row == row
    assert found.timestamps == [first.times[row], second.times[row]]
    assert found.node_ids == [first.ids[row], second.ids[row]]
    with pytest.raises(megalif.OutputError, match="none.h5"):
        megalif.digest(tmp_path / "none.h5")
    with pytest.raises(megalif.OutputError, match="none.h5"):
        megalif.compare(tmp_path / "none.h5", tmp_path / "cli.h5")
