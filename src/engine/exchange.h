/* What ranks (comm/comm.h) tell each other of each block: how many spikes in each step, digests,
 * the spikes that a network delivers; whether one has failed, or wants to stop. So all ranks know
 * the totals of the whole, and decide alike, at the same step. Recorded spikes and traces go to
 * rank 0 alone (gathered.h). */
#ifndef MEGALIF_ENGINE_EXCHANGE_H
#define MEGALIF_ENGINE_EXCHANGE_H

#include "engine/engine_settings.h"
#include "neuron/neuron_findings.h"

struct engine;
struct exchange;

/* For an engine whose populations are open. *out is NULL where there is one process. STATUS_MEMORY;
 * exchange_close in any case. */
enum status exchange_open(struct exchange **out, struct engine *engine, struct error *err);
void exchange_close(struct exchange *exchange);

/* While populations are opened: has every rank drawn its part? Then the findings become those of
 * all neurons. */
enum status exchange_findings(const struct comm *comm, enum status status,
                              struct findings *findings, struct error *err);

/* Before a block that a limit may cut short is settled: its spikes in each step, of all ranks. */
void exchange_counts(struct engine *engine);
uint64_t exchange_count(const struct exchange *exchange, size_t population, size_t step);

/* The block, whose sums are the first worker's (add_up): they become those of all ranks, and the
 * network's history gets the spikes of all. `status`: of this rank. Returns the first rank's that
 * is none of STATUS_OK, for all of them, with exchange_has_failed; or STATUS_MEMORY of this rank
 * alone. */
enum status exchange_block(struct engine *engine, size_t steps, enum status status,
                           struct error *err);

/* All ranks know of the failure: no further exchange follows. */
bool exchange_has_failed(const struct exchange *exchange);

/* What a rank asks for it says with the next block; after that all know. To stop is asked for once
 * and for all, to save the state for that block. */
enum exchange_asked { EXCHANGE_STOP = 1, EXCHANGE_SAVE = 2 };
void exchange_ask(struct exchange *exchange, enum exchange_asked what);
bool exchange_is_asked(const struct exchange *exchange, enum exchange_asked what);

#endif
