"""25 runs, killed at least 100 times at random moments."""
from test_kill_loop import Loop


def test_25_runs_with_100_kills(tmp_path):
    loop, runs = Loop(tmp_path, seed=2), 0
    while runs < 25 or loop.kills < 100:
        loop.run(runs, 6)
        runs += 1
    print(f"{runs} runs, {loop.kills} kills, all with the file of an undisturbed one")
