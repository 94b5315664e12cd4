/* What an engine holds. Private to engine/: engine.c steps it, engine_state.c saves and restores
 * it. */
#ifndef MEGALIF_ENGINE_ENGINE_PRIVATE_H
#define MEGALIF_ENGINE_ENGINE_PRIVATE_H

#include "engine/block.h"
#include "engine/engine.h"
#include "engine/selection.h"
#include "engine/state_copy.h"
#include "population/tile.h"

/* A thread's tiles of one population. */
struct share {
    uint64_t begin, end;
    _Atomic uint64_t next; /* of them that no thread has begun in this block */
};

/* What one thread works with. */
struct lane {
    struct share *share; /* [populations] */
    struct tile_scratch scratch;
    uint16_t *ids; /* spikes of the tiles it has stepped in this block, one behind the other */
    uint64_t capacity;
    struct digest *digest; /* [populations], of this block */
    uint64_t *spikes;      /* [populations][block]: all spikes of these tiles in each step */
};

struct member {
    struct population population;
    struct block block;
    struct selected selected;
    struct neuron_counts counts;
    struct engine_totals totals;
    uint64_t record_start, record_stop; /* steps whose spikes are recorded */
    struct rate_bins *rates; /* [1 + records]: of 1 ms, then one per rate recorder (or empty) */
    uint64_t *digest_key;    /* [block], of the present block */
    struct state_copy copy;  /* where there are limits */
};

struct engine {
    const struct config *config;
    int threads;
    size_t tile, block;
    bool record;
    uint64_t steps_done;
    struct member *member; /* [config->population_count] */
    struct lane *lane;     /* [threads] */
    double *time;          /* [block] ms, of the present block */
    uint64_t *spikes;      /* [block]: of one population, by all threads, in each step */

    /* Where the config has limits: the state at copy_step, to go back to. */
    bool limited;
    struct limits limits;
    struct limit_met met;
    uint64_t copy_step;
    int copy_blocks; /* between two copies */
    int copy_age;    /* blocks begun since the engine was opened, modulo copy_blocks */
};

#endif
