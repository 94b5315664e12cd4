"""kill -9 at random moments, resumed until the end with other numbers of threads each time: the
file is that of an undisturbed run. A few runs here, 25 with at least 100 kills in
long_kill_loop.py."""
import random
import signal
import subprocess
import time

import pytest

import faults
from megalif import PROGRAM, section, simulation

CONFIG = (simulation(duration="90 ms", seed=3)
          + section("population.exc", size=20000, I_e="1 nA", V_m="uniform(-70 mV, -56 mV)")
          + section("population.inh", size=1000, I_e="normal(600 pA, 10 pA)", t_ref="uniform(1, 3)")
          + section("input.ou", target="all", type="ou_noise", mean="0 pA", std="50 pA", tau="5 ms")
          + section("record.c", population="inh", what="counts")
          + section("checkpoint", every_wall="inf", every_model="3 ms"))

# Spikes are under way at any moment.
NETWORK = (simulation(duration="60 ms", seed=4)
           + section("population.exc", size=6000, model="iaf_psc_exp", V_m="uniform(-70, -50)",
                     I_e="normal(600 pA, 20 pA)", t_ref="uniform(1, 3)")
           + section("population.inh", size=1500, I_e="300 pA", V_m="uniform(-70, -50)")
           + section("projection.ee", source="exc", target="exc", rule="fixed_indegree",
                     indegree=60, weight="normal(5 pA, 20 pA)", delay="uniform(0.3 ms, 20 ms)",
                     allow_both_signs="yes")
           + section("projection.ei", source="exc", target="inh", rule="fixed_total_number",
                     N=30000, weight="0.2 mV", delay="1 ms")
           + section("projection.ie", source="inh", target="exc", rule="pairwise_bernoulli",
                     p=0.02, weight="-30 pA", delay="uniform(0.3 ms, 5 ms)")
           + section("checkpoint", every_wall="inf", every_model="3 ms"))


class Loop:
    def __init__(self, folder, seed, config=CONFIG):
        self.folder, self.ini = folder, folder / "loop.ini"
        self.ini.write_text(config)
        self.random = random.Random(seed)
        self.kills = 0
        begin = time.monotonic()
        assert self.attempt("plain.h5", False)
        self.seconds = time.monotonic() - begin  # that a whole run may take
        self.complete = faults.contents(folder / "plain.h5")

    def start(self, output):
        return subprocess.Popen([PROGRAM, "run", self.ini, "-o", output, "--resume", "-q", "-t",
                                 str(self.random.choice((1, 2, 3, 8)))], cwd=self.folder,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def attempt(self, output, killed):
        """True when the run has come to its end."""
        process = self.start(output)
        if killed:
            time.sleep(self.random.uniform(0.0, 0.8 * self.seconds))
            process.send_signal(signal.SIGKILL)
        _, said = process.communicate(timeout=100)
        assert process.returncode in (0, -9), said
        self.kills += process.returncode == -9
        if killed and process.returncode == 0:
            self.seconds *= 0.7  # too late
        return process.returncode == 0

    def run(self, number, kills):
        """One run from the beginning, with so many attempts to kill it."""
        output = f"{number}.h5"
        for left in range(kills, -1, -1):
            if self.attempt(output, left > 0):
                break
            path = self.folder / output
            assert not path.exists() or not faults.differ(path, self.complete)
        assert not faults.differ(self.folder / output, self.complete)


@pytest.mark.parametrize("config", [CONFIG, NETWORK], ids=["inputs", "network"])
def test_killed_and_resumed(tmp_path, config):
    loop = Loop(tmp_path, 1, config)
    runs = 0
    while runs < 2 or loop.kills < 6:
        loop.run(runs, 4)
        runs += 1
    print(f"{runs} runs, {loop.kills} kills")
