/* Steps all populations, block by block: a block is a few dozen steps through which each thread
 * takes its tiles one by one while they stay in cache, with one barrier at its end. Then the
 * block's spikes can be read in the order (step, neuron), whatever the threads did.
 *
 * A block may be stepped twice, and blocks before it again: where a limit ends the run within a
 * block, its state must be that of the step that met the limit. So what arrives at neurons in a
 * block (settings.rows) is only read while they are stepped. It is cleared, and what the block's
 * spikes bring is delivered, when engine_advance has returned: then the block is accepted.
 *
 * Of several ranks (settings.comm) each has an engine with a part of the neurons, and all of these
 * functions but those that only read are called by all ranks at once. Totals are those of all ranks
 * in each of them; rows of spikes and traces, and counts for each neuron, are in rank 0's alone.
 *
 * One thread owns an engine and calls it; the engine has `threads` threads inside (base/team.h). It
 * knows nothing of files. Results do not depend on threads, tile, block or instruction set. */
#ifndef MEGALIF_ENGINE_ENGINE_H
#define MEGALIF_ENGINE_ENGINE_H

#include "engine/block.h"
#include "engine/engine_settings.h"
#include "engine/engine_totals.h"
#include "engine/limits.h"
#include "net/net_facts.h"
#include "population/population.h"

struct engine;

/* Builds all populations. STATUS_CONFIG: drawn values out of range, lines in `errors`;
 * STATUS_MEMORY. Warnings are added to `warnings`. The config must outlive the engine. */
enum status engine_open(struct engine **out, const struct config *config,
                        const struct engine_settings *settings, struct messages *errors,
                        struct messages *warnings, struct error *err);
void engine_close(struct engine *engine);

/* Steps through the next block, at most as many steps as are allowed (>= 1); returns how many. The
 * block ends with the step that meets a limit of the config; after that it returns 0.
 * settings.rows must cover these steps for every input that is fed. */
size_t engine_advance(struct engine *engine, uint64_t allowed);

/* STATUS_OK, or what made the last engine_advance fail: memory for spikes under way. Then the
 * engine can only be closed. */
enum status engine_failure(const struct engine *engine, struct error *err);

/* Of several ranks. All ranks have failed, with the same error: no more is to be said. A rank that
 * fails alone, in whatever it does between two blocks, calls engine_give_up in place of
 * engine_advance: then all have failed, with the error of the first rank that has one, which
 * becomes *err. A rank that wants to stop asks; with the next block all are stopped. */
bool engine_has_failed_together(const struct engine *engine);
enum status engine_give_up(struct engine *engine, struct error *err);
void engine_ask_stop(struct engine *engine);
bool engine_is_stopped(const struct engine *engine);

/* Likewise, for a checkpoint after that block. */
void engine_ask_checkpoint(struct engine *engine);
bool engine_is_to_be_saved(const struct engine *engine);

double engine_exchange_seconds(const struct engine *engine); /* wall time on that; or 0 */

/* Before the results are read: rank 0 gets what the others have counted for each neuron.
 * STATUS_MEMORY, of this rank alone. Nothing to do for one process. */
enum status engine_complete(struct engine *engine, struct error *err);

/* The limit that has ended the run, if any. */
struct limit_met engine_limit_met(const struct engine *engine);

/* All spikes of one population in the last block, recorded or not: block.h says how they lie. The
 * block stays the same one while the engine is open; what is in it is valid until the engine
 * advances, and nobody but the engine may change it. Any number of threads may read it. NULL where
 * spikes are not kept, since neither a recorder nor a limit asks for them. */
const struct block *engine_spikes(const struct engine *engine, size_t population);

/* Recorded spikes of one population in the last block: a part of engine_spikes. */
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

/* Of a config with projections: how many synapses a spike has arrived over so far; what there is of
 * a projection; the digest of all their synapses. */
uint64_t engine_events(const struct engine *engine);
struct net_facts engine_projection(const struct engine *engine, size_t projection);
double engine_synapses_seconds(const struct engine *engine); /* wall time on making them; or 0 */
struct digest engine_connectivity(const struct engine *engine);

/* What the engine chose: threads (no more than have work), neurons in a tile, steps in a block. */
int engine_threads(const struct engine *engine);
size_t engine_tile(const struct engine *engine);
size_t engine_block(const struct engine *engine);

/* Membrane potentials (mV) of the neurons begin ... end - 1 of a population. Ranks call it
 * together, alike, and get those of all. */
void engine_read_V(struct engine *engine, size_t population, uint64_t begin, uint64_t end,
                   double *V);

/* The populations, for tests and checkpoints. */
struct population *engine_population(struct engine *engine, size_t population);

#endif
