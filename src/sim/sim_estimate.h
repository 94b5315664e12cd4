/* What a run will need, before it is begun: memory, threads, and room on the disk. */
#ifndef MEGALIF_SIM_ESTIMATE_H
#define MEGALIF_SIM_ESTIMATE_H

#include "base/memory_plan.h"
#include "setup/setup.h"

/* The memory that a run of this setup will take; and whether there is so much, before anything is
 * allocated: STATUS_MEMORY when there is not. */
void sim_plan_memory(const struct setup *setup, struct memory_plan *plan);
enum status sim_check_memory(const struct setup *setup, struct error *err);

/* Starts the threads of a run, before anything else is allocated; STATUS_MEMORY when the system
 * refuses a thread. */
enum status sim_start_threads(const struct setup *setup, struct error *err);

/* What the whole run will bring at the rates of a pilot (sim/sim_pilot.h). Where there are
 * projections nobody knows the rates before: neurons are taken to fire at this one. */
#define SIM_NETWORK_RATE 10.0 /* Hz */

struct sim_expected {
    double model_ms; /* of the pilot */
    double *rate_Hz; /* [population_count] */
    double spikes;   /* in all, over the whole run */
    double recorded; /* of these, in the raster */
    double bytes;    /* of the output, uncompressed */
};

/* Runs a pilot; its errors are sim_pilot_run's. sim_expected_free in any case. */
enum status sim_expect(const struct setup *setup, struct sim_expected *out, struct error *err);
void sim_expected_free(struct sim_expected *expected);

/* Warns when the disk has less room than is to be expected; runs a pilot only where even the
 * highest possible rate could fill the disk. */
void sim_warn_disk(const struct setup *setup, struct messages *warnings);

/* Free bytes where a file of this path would lie; UINT64_MAX: unknown. */
uint64_t sim_free_disk(const char *path);

#endif
