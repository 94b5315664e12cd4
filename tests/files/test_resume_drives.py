"""A run that is cut and resumed, and one of plain C in other tiles: the spikes of an undisturbed
one, with shared noise, levels, drawn inputs, a bridge and a lower bound."""
import os
import subprocess

from megalif import PROGRAM, section, simulation

SYNAPSES = {"iaf_psc_exp": "normal(60 pA, 90 pA)", "iaf_psc_alpha": "normal(40 pA, 60 pA)",
            "iaf_cond_exp": "uniform(-3 nS, 6 nS)", "iaf_cond_alpha": "uniform(-2 nS, 4 nS)"}

MODEL = (section("population.a", size=3000, copies=5, tau_m="uniform(15, 25)", crossing="bridge",
                 V_min="-75 mV", V_reset="-71 mV", I_e="levels(250, 330 pA)")
         + section("input.w", target="a", type="white_noise", sigma_V="uniform(1, 3)",
                   common="copies")
         + section("input.o", target="a[100:2500]", type="ou_noise", std="uniform(20, 60)",
                   tau="5 ms", common="copies")
         + section("input.p", target="a", type="poisson", rate="lognormal(2 kHz, 0.4)",
                   weight="normal(0.1, 0.02)"))


def digest(folder, *arguments, **environment):
    command = [PROGRAM, "run", "model.ini", "--quiet", *arguments]
    subprocess.run(command, cwd=folder, check=True, env={**os.environ, **environment})
    done = subprocess.run([PROGRAM, "digest", arguments[1]], cwd=folder, check=True,
                          capture_output=True, text=True)
    value, spikes = done.stdout.split()[0], int(done.stdout.splitlines()[1].split()[0])
    return value, spikes


def test_cut_and_resumed_runs_and_other_kernels_give_the_same_spikes(tmp_path):
    (tmp_path / "model.ini").write_text(simulation(duration="150 ms") + MODEL)
    whole = digest(tmp_path, "-o", "whole.h5")
    digest(tmp_path, "-o", "cut.h5", "--checkpoint", "--set", "simulation.duration=63.7 ms")
    assert digest(tmp_path, "-o", "cut.h5", "--checkpoint", "--resume") == whole
    assert digest(tmp_path, "-o", "c.h5", MEGALIF_ISA="scalar", MEGALIF_TILE="384") == whole
    assert whole[1] > 10000


def test_synapses_are_saved_and_resumed(tmp_path):
    """A checkpoint in the middle of currents and conductances that go on."""
    text = simulation(duration="100 ms")
    for model, weight in SYNAPSES.items():
        text += section(f"population.{model}", size=700, model=model, tau_syn_in="5 ms",
                        tau_syn_ex="uniform(1, 4)", I_e="300 pA", V_m="uniform(-70, -60)")
        text += section(f"input.{model}", target=model, type="poisson", rate="2 kHz",
                        weight=weight)
    (tmp_path / "model.ini").write_text(text)
    whole = digest(tmp_path, "-o", "whole.h5")
    digest(tmp_path, "-o", "cut.h5", "--checkpoint", "--set", "simulation.duration=43.7 ms")
    assert digest(tmp_path, "-o", "cut.h5", "--checkpoint", "--resume") == whole
    assert digest(tmp_path, "-o", "c.h5", MEGALIF_ISA="scalar", MEGALIF_TILE="384") == whole
    assert whole[1] > 10000
