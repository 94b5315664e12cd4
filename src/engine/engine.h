/* Steps all populations, block by block: a block is a few dozen steps through which each thread
 * takes its tiles one by one while they stay in cache, with one barrier at its end. Then the
 * block's spikes can be read in the order (step, neuron), whatever the threads did.
 *
 * One thread owns an engine and calls it; the engine uses `threads` OpenMP threads inside. It knows
 * nothing of files. Results do not depend on threads, tile, block or instruction set. */
#ifndef MEGALIF_ENGINE_ENGINE_H
#define MEGALIF_ENGINE_ENGINE_H

#include "base/digest.h"
#include "engine/limits.h"
#include "engine/neuron_counts.h"
#include "engine/rate_bins.h"
#include "base/memory_plan.h"
#include "population/population.h"

enum { ENGINE_BLOCK_MOST = 65536 }; /* steps: a tile's spikes in a block are counted in 32 bits */

struct engine_settings {
    enum isa isa;       /* must be available (kernels_for) */
    int threads;        /* at most so many, >= 1 */
    size_t tile;        /* neurons; 0: chosen; else rounded up to TILE_ALIGN, at most TILE_MOST */
    size_t block;       /* steps; 0: chosen; at most ENGINE_BLOCK_MOST */
    bool record;        /* keep what is needed to read the recorded spikes */
    size_t trace_bytes; /* of a value in the traces of V_m, I and jumps recorders: 4 (float, as in
                           files), 8 (double); 0: no traces */
    const struct input_rows *rows; /* [config->input_count], or NULL: what inputs get from outside;
                                      the caller sets them anew before each engine_advance */
};

/* What is known of a population so far. Owned by the engine. */
struct engine_totals {
    struct digest digest;         /* of all spikes, recorded or not; digest.spikes counts them */
    uint64_t after_warmup;        /* spikes in the steps after warmup */
    uint64_t recorded;            /* spikes selected by its recorder */
    bool records_all;             /* no spike is left out of the raster */
    uint64_t parameters_digest;   /* of all values drawn for its neurons */
    const struct rate_bins *bins; /* of 1 ms, from step 0 on */
    const struct neuron_counts *counts; /* NULL without a counts recorder */
    uint64_t counts_start, counts_stop; /* steps whose spikes they count: warmup is left out */
};

struct engine;

/* The memory engine_open will take, line by line. */
void engine_plan(struct memory_plan *plan, const struct config *config,
                 const struct engine_settings *settings);

/* Builds all populations. STATUS_CONFIG: drawn values out of range, lines in `errors`;
 * STATUS_MEMORY. Warnings are added to `warnings`. The config must outlive the engine. */
enum status engine_open(struct engine **out, const struct config *config,
                        const struct engine_settings *settings, struct messages *errors,
                        struct messages *warnings, struct error *err);
void engine_close(struct engine *engine);

/* Steps through the next block, at most `most` steps (>= 1); returns how many. The block ends with
 * the step that meets a limit of the config; after that it returns 0.
 * The rows of all inputs that are fed cover these steps. */
size_t engine_advance(struct engine *engine, uint64_t most);

/* The limit that has ended the run, if any. */
struct limit_met engine_limit_met(const struct engine *engine);

/* Recorded spikes of one population in the last block. */
uint64_t engine_block_rows(const struct engine *engine, size_t population);

/* Rows [first, first + rows) of them in the order (step, neuron): ids within the population, and
 * times in ms of the end of the step. Any number of threads may call at once. */
void engine_read_rows(const struct engine *engine, size_t population, uint64_t first, size_t rows,
                      uint64_t *node_ids, double *timestamps);

/* The trace of a V_m, I or jumps recorder (index in config->record) in one of its populations, and
 * how many rows its values have in the last block: values[rows][count], of the looks first_row ...
 * Valid until the engine advances. NULL: that recorder has none there. */
struct trace;
const struct trace *engine_trace(const struct engine *engine, size_t record, size_t population,
                                 size_t *rows);

/* The bins of a rate recorder in one of its populations; NULL: it has none there. */
const struct rate_bins *engine_rate(const struct engine *engine, size_t record, size_t population);

uint64_t engine_steps_done(const struct engine *engine);
const struct engine_totals *engine_totals(const struct engine *engine, size_t population);
struct digest engine_digest(const struct engine *engine); /* of all populations together */

/* Has this population a counts recorder? */
bool engine_has_counts(const struct config *config, size_t population);

/* What the engine chose: threads (no more than have work), neurons in a tile, steps in a block. */
int engine_threads(const struct engine *engine);
size_t engine_tile(const struct engine *engine);
size_t engine_block(const struct engine *engine);

/* The populations, for tests and checkpoints. */
struct population *engine_population(struct engine *engine, size_t population);

#endif
