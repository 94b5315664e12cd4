"""Arbor: LIF cells. They know events only, and look at the threshold only when one comes: a
constant current is a shifted E_L and an event of weight 0 in every step, Poisson input is events at
any time."""
import arbor as A
from arbor import units as U
import work


class Recipe(A.recipe):
    def __init__(self, given):
        A.recipe.__init__(self)
        self.given = given
        self.target = A.cell_local_label("in")

    def num_cells(self):
        return self.given["neurons"]

    def cell_kind(self, gid):
        return A.cell_kind.lif

    def cell_description(self, gid):
        drift = work.R_M * self.given["I_e"][gid] if self.given["workload"] == "W1" else 0.0
        return A.lif_cell("out", "in", tau_m=work.TAU_M * U.ms, C_m=work.C_M * U.pF,
                          E_L=(work.E_L + drift) * U.mV, V_th=work.V_TH * U.mV,
                          E_R=work.V_RESET * U.mV, V_m=float(self.given["V_m"][gid]) * U.mV,
                          t_ref=work.T_REF * U.ms)

    def event_generators(self, gid):
        if self.given["workload"] == "W1":
            steps = A.regular_schedule(work.DT * U.ms, work.DT * U.ms)
            return [A.event_generator(self.target, 0.0, steps)]
        arrivals = A.poisson_schedule(work.POISSON_RATE * U.Hz,
                                      seed=gid + self.given["seed"] * self.given["neurons"])
        return [A.event_generator(self.target, work.POISSON_WEIGHT * work.C_M, arrivals)]


def advance(sim, now, end):
    """In pieces of 10 ms, as the shortest delay in a network would make them: Arbor first makes all
    events of a piece, and with longer ones memory grows while it gets slower."""
    while now < end:
        now = min(now + 10.0, end)
        sim.run(now * U.ms, work.DT * U.ms)


def main():
    given = work.given()
    recipe = Recipe(given)
    context = A.context(threads=given["threads"])
    hints = {A.cell_kind.lif: A.partition_hint(cpu_group_size=1000)}
    sim = A.simulation(recipe, context, A.partition_load_balance(recipe, context, hints))
    sim.record(A.spike_recording.local if given["record"] else A.spike_recording.off)
    advance(sim, 0.0, work.WARMUP)
    begin = work.seconds()
    advance(sim, work.WARMUP, work.WARMUP + given["duration"])
    end = work.seconds()
    work.report(begin, end, A.__version__, len(sim.spikes()) if given["record"] else None,
                missing=work.DT if given["workload"] == "W1" else 0.0)


main()
