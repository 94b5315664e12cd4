"""25 runs, killed at least 100 times at random moments."""
import pytest

from test_kill_loop import CONFIG, NETWORK, Loop


@pytest.mark.parametrize("config", [CONFIG, NETWORK], ids=["inputs", "network"])
def test_25_runs_with_100_kills(tmp_path, config):
    loop, runs = Loop(tmp_path, 2, config), 0
    while runs < 25 or loop.kills < 100:
        loop.run(runs, 6)
        runs += 1
    print(f"{runs} runs, {loop.kills} kills, all with the file of an undisturbed one")
