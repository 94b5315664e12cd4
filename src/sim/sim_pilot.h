/* A short run of a sample of the neurons, for rates to expect. */
#ifndef MEGALIF_SIM_PILOT_H
#define MEGALIF_SIM_PILOT_H

#include "base/error.h"

struct setup;

/* Runs at most 2,048 neurons of each population (sim/sim_sample.h) through at most 200 ms of the
 * run's time and about 0.3 s of the user's. Reads files with a reader of its own, so that the run's
 * is left where it stands.
 *   rate_Hz   [populations], mean rates of the neurons
 *   model_ms  how long was simulated
 * Uses the setup's threads. STATUS_MEMORY, STATUS_CONFIG of drawn values out of range (without a
 * text: the run tells them), or what reading a file returns. */
enum status sim_pilot_run(const struct setup *setup, double *rate_Hz, double *model_ms,
                          struct error *err);

/* Seconds that a step of the whole run takes with the setup's threads as things are, from some
 * 65,536 neurons for each of them, for 0.3 s at most; spikes are counted, not recorded. Errors as
 * above. */
enum status sim_pilot_time(const struct setup *setup, double *step_s, struct error *err);

#endif
