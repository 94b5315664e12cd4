/* What an engine holds. Private to engine/: engine.c opens it and goes from block to block,
 * worker.c steps, engine_state.c saves and restores it. */
#ifndef MEGALIF_ENGINE_ENGINE_PRIVATE_H
#define MEGALIF_ENGINE_ENGINE_PRIVATE_H

#include "comm/comm.h"
#include "engine/engine_totals.h"
#include "engine/gathered_rows.h"
#include "engine/limits.h"
#include "engine/recorded.h"
#include "engine/state_copy.h"
#include "net/net.h"

struct worker;
struct exchange;
struct gathering;

/* A population, and what the engine keeps beside its neurons. */
struct engine_population {
    struct population neurons;
    struct block block;
    bool keeps;   /* its spikes stay until the block's end; else only until their tile's */
    bool records; /* some of its spikes go to a file or a callback */
    struct recorded recorded;          /* of one process */
    struct gathered_rows gathered;     /* of several, where this is rank 0 */
    struct trace *whole_traces;        /* [neurons.trace_count], likewise: of all ranks; or NULL */
    struct neuron_counts counts;       /* of this process's neurons */
    struct neuron_counts whole_counts; /* of all, once they are gathered */
    struct engine_totals totals;
    struct rate_bins *rates; /* [1 + records]: of 1 ms, then one per rate recorder (or empty) */
    struct state_copy copy;  /* where there are limits */
};

struct engine {
    const struct config *config;
    struct net *net;     /* NULL: no projections */
    struct error failed; /* STATUS_OK: it can be stepped */
    int threads;
    size_t tile, block;
    uint64_t steps_done;
    uint64_t events; /* so far: synapses over which a spike has arrived */
    uint64_t events_of_block;
    const struct comm *comm;   /* NULL: one process */
    struct exchange *exchange; /* NULL likewise */
    struct gathering *gathering;
    double exchange_s;
    struct net_facts *facts;              /* [projections], of all ranks; NULL likewise */
    struct engine_population *population; /* [config->population_count] */
    struct worker *worker;                /* [threads] */
    double *time;                         /* [block] ms, of the present block */
    struct engine_changes changes;

    /* Where the config has limits: the state at copy_step, to go back to. */
    bool limited;
    struct limits limits;
    struct limit_met met;
    uint64_t copy_step;
    int copy_blocks; /* between two copies */
    int copy_age;    /* blocks begun since the engine was opened, modulo copy_blocks */
};

#endif
