/* Which neurons of a population are recorded: all, none, or a bit per neuron. */
#ifndef MEGALIF_ENGINE_SELECTION_H
#define MEGALIF_ENGINE_SELECTION_H

#include "config/config.h"
#include "kernel/kernel.h"

struct selected {
    enum { SELECTED_ALL, SELECTED_NONE, SELECTED_SOME } kind;
    uint64_t *bits; /* SELECTED_SOME: bit id % 64 of word id / 64 */
    uint64_t size;  /* of the population */
};

/* The recorder of a population's spikes, or counts: there is one at most. NULL: none. */
const struct record_config *selection_recorder(const struct config *config, enum record_what what,
                                               size_t population);

/* What a recorder selects in one population of so many neurons; record NULL: all.
 * sample(n): Floyd's algorithm (Bentley & Floyd 1987) on stream record.NAME, one Philox call a
 * draw. STATUS_MEMORY on failure; the caller passes the result to selection_close. */
enum status selection_open(struct selected *out, const struct record_config *record, uint64_t size,
                           struct error *err);
void selection_close(struct selected *selected);

/* How many neurons a recorder selects in a population of so many; record NULL: all. */
uint64_t selection_count(const struct record_config *record, uint64_t size);

/* Whether no spike of a population is recorded. */
bool selection_is_none(const struct config *config, size_t population);

/* Bytes of the bits that selection_open will allocate. */
uint64_t selection_bytes(const struct record_config *record, uint64_t size);

/* The selected ids, ascending: ids[selection_count]. */
void selection_list(const struct selected *selected, uint64_t *ids);

static inline bool selection_has(const struct selected *selected, uint64_t id)
{
    return selected->bits[id / 64] >> (id % 64) & 1;
}

#endif
