/* A simulation between mlif_open and mlif_close. Private to src/sim. */
#ifndef MEGALIF_SIM_HANDLE_H
#define MEGALIF_SIM_HANDLE_H

#include "checkpoint/checkpoint_handle.h"
#include "output/output_spikes.h"
#include "output/output_traces.h"

struct mlif_simulation {
    struct setup setup;
    struct engine *engine;
    struct output_spikes record;
    struct output_traces traces;
    struct checkpoint checkpoint; /* .on where the run has them */
    bool complete_before;         /* the run was resumed, and nothing was left to do */
    uint64_t first_step;          /* where this process took the simulation up */
    int (*progress)(const struct mlif_progress *progress, void *context);
    void *context;
    struct mlif_population_progress *told; /* [populations] for the callback; NULL: there is none */
    struct float_env *env;                 /* of the caller: callbacks find it again */
    struct net_watch watch;                /* on synapses that are made */
    uint64_t first_events;                 /* as first_step */
    struct messages warnings;              /* of mlif_open: the file holds them, too */
    char started[32];                      /* ISO 8601 */

    uint64_t largest_rss;   /* of all ranks, once it is finished; 0: of this process */
    uint64_t rank_steps[2]; /* likewise: ns that the fastest and the slowest stepped */
    struct error pending;   /* of this rank: the others hear of it with the next block */

    enum { SIM_STEPPING, SIM_FINISHED, SIM_FAILED } state;
    enum status failure; /* what SIM_FAILED failed with */

    double opened_at; /* clock_seconds() */
    double build_s, simulate_s, record_s, finish_s, wall_s;
    double wait_s; /* of its threads, for each other */
    struct raster_statistics written;
};

#endif
