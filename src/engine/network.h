/* Between engine and network: the spikes of each accepted block, and their place in a checkpoint.
 */
#ifndef MEGALIF_ENGINE_NETWORK_H
#define MEGALIF_ENGINE_NETWORK_H

#include "base/error.h"
#include "engine/block.h"

#include <stdbool.h>
#include <stdint.h>

struct engine;

/* The ids of step k of a block to `to` (uint32_t, ascending); returns where they end. */
char *network_copy_ids(const struct block *block, size_t k, char *to);

/* Tells the network the spikes of the present block, which begins at steps_done. STATUS_MEMORY,
 * also where a thread had none while it delivered. */
enum status network_take(struct engine *engine, struct error *err);

/* Puts spikes of the last step done into what the network was told, as if the population had had
 * them, too: ids[count], ascending, a neuron as often as it is to spike. STATUS_CONFIG, and nothing
 * is changed, where that cannot be; STATUS_MEMORY. */
enum status network_inject(struct engine *engine, size_t population, const uint64_t *ids,
                           size_t count, struct error *err);

/* The spikes under way of one population, as a checkpoint has them: how many in each of the last
 * steps, as many as the greatest delay has (uint64_t); and their ids, step after step (uint32_t).
 */
enum under_way { UNDER_WAY_NOT, UNDER_WAY_COUNTS, UNDER_WAY_IDS };

/* How many elements there are of either. Of ids it is known once the counts are restored. */
uint64_t network_under_way(const struct engine *engine, size_t population, enum under_way what);

/* Elements [first, first + count) to out, and back: STATUS_CHECKPOINT where they cannot be,
 * STATUS_MEMORY. */
void network_save(const struct engine *engine, size_t population, enum under_way what,
                  uint64_t first, uint64_t count, void *out);
enum status network_restore(struct engine *engine, size_t population, enum under_way what,
                            uint64_t first, uint64_t count, const void *in);

#endif
