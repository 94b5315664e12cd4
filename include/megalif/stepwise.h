/* megalif: what a program does to a simulation between two calls of mlif_advance, for closed loops
 * and stimulation. megalif.h includes this file.
 *
 * All of it takes place at the model time of the call, mlif_steps_done * mlif_dt_ms: what is set
 * acts from the next step on. Results depend on what is set at which step, on nothing else: not on
 * threads, blocks, or calls of mlif_advance between. Everything set is state: a checkpoint has it,
 * and a run that goes on from one goes on with it.
 *
 * A call that returns an error has changed nothing. Each may return MLIF_CONFIG when the simulation
 * is finished or has no such population, neurons or numbers, MLIF_MEMORY, and what made it fail
 * before. Ranks (mlif_options.ranks) each make the same call with the numbers of all neurons, of
 * which they take their own: MLIF_CONFIG where they differ, and after MLIF_MEMORY the simulation
 * can only be closed. errors may be NULL. One thread at a time, and none that reads the simulation
 * meanwhile; not from within a callback. */
#ifndef MLIF_API
#include <megalif/megalif.h>
#elif !defined MEGALIF_STEPWISE_H
#define MEGALIF_STEPWISE_H

#ifdef __cplusplus
extern "C" {
#endif

/* Spikes from outside: projections deliver them as if these neurons had spiked in the last step
 * done, that is at the model time t of the call. One with a delay d reaches its target at t + d,
 * NEST's convention: V_m, or the synaptic current or conductance, has the jump at that time.
 *
 * node_ids[count]: within the population, in any order, a neuron as often as it is to spike. Calls
 * between the same two steps add up. They are spikes of an outer source, not of the neurons: no
 * V_m, refractoriness, count, rate, raster, callback or digest of the population changes, only what
 * reaches its targets; mlif_report.events counts the arrivals.
 *
 * MLIF_CONFIG: before the first step; the population is the source of no projection; it is only a
 * source, and t is not between its start and stop; a neuron would have more spikes in the step, its
 * own counted, than its model can have, for which sums of weights have room: one, or as many as the
 * spikes_most of model = external says, or the file or rate of another source make possible. */
MLIF_API enum mlif_status mlif_inject_spikes(struct mlif_simulation *simulation, size_t population,
                                             const uint64_t *node_ids, size_t count,
                                             struct mlif_messages *errors);

/* Sets membrane potentials (mV, -1e4 to 1e4): V_m[end - begin] of neurons begin ... end - 1 of a
 * population. Refractory neurons keep V_reset until their time is over. At V_th or above a neuron
 * spikes in the next step, unless it falls below in it. A V_m recorder's row of this time shows
 * what was before.
 *
 * MLIF_CONFIG also when the population has no membranes. */
MLIF_API enum mlif_status mlif_set_V_m(struct mlif_simulation *simulation, size_t population,
                                       uint64_t begin, uint64_t end, const double *V_m,
                                       struct mlif_messages *errors);

/* Sets the currents (pA, -1e9 to 1e9) that an input of type external brings: current[end - begin]
 * for neurons begin ... end - 1 of a population. They hold until they are set again, and act where
 * the input does: between its start and stop. So a run with
 *     [input.clamp]
 *     target = exc
 *     type   = external
 * has I_e + current for each neuron of exc, the same bits as if a file brought them (type = file).
 * Time and memory are those of a constant current drawn for each neuron.
 *
 * MLIF_CONFIG: there is no such input, it is of another type, or it does not act on all of these
 * neurons. */
MLIF_API enum mlif_status mlif_set_current(struct mlif_simulation *simulation, const char *input,
                                           size_t population, uint64_t begin, uint64_t end,
                                           const double *current, struct mlif_messages *errors);

/* The same with one current for all of these neurons, which takes less time: where they are all
 * that the input acts on, next to none in each later call of mlif_advance. The same bits. */
MLIF_API enum mlif_status mlif_set_same_current(struct mlif_simulation *simulation,
                                                const char *input, size_t population,
                                                uint64_t begin, uint64_t end, double current,
                                                struct mlif_messages *errors);

/* Sets the rates (Hz, 0 to its rate_most) of the Poisson events that an input of type poisson with
 * a key rate_most brings to neurons begin ... end - 1 of a population: rate[end - begin]. They hold
 * until they are set again. The events are those of a config that gives each neuron its rate by a
 * distribution or a file, with the same seed; docs/numerics.md has how they are drawn.
 *
 * input NULL: the rates of the neurons themselves, of a population of model = poisson with a key
 * rate_most, likewise.
 *
 * MLIF_CONFIG: there is no such input, it or the population has no rate_most, or it does not act
 * on all of these neurons. */
MLIF_API enum mlif_status mlif_set_rate(struct mlif_simulation *simulation, const char *input,
                                        size_t population, uint64_t begin, uint64_t end,
                                        const double *rate, struct mlif_messages *errors);

#ifdef __cplusplus
}
#endif

#endif
