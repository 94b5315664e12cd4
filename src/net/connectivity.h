/* The digest of a network's synapses: a sum of keyed mixes of (populations, ids, delay, weight) of
 * each, so that neither their order nor which projection or file they come from matters. All but
 * opening is pure. */
#ifndef MEGALIF_NET_CONNECTIVITY_H
#define MEGALIF_NET_CONNECTIVITY_H

#include "base/digest.h"
#include "config/config.h"
#include "net/wiring_batch.h"

#include <string.h>

/* Key of all synapses between two populations, by their names. */
static inline uint64_t connectivity_key(const char *source, const char *target)
{
    return digest_key(fnv1a64(source), fnv1a64(target));
}

static inline uint64_t connectivity_bits(double number)
{
    uint64_t bits;
    number += 0.0; /* one zero */
    memcpy(&bits, &number, sizeof bits);
    return bits;
}

/* Adds one synapse: ids within the populations, the delay in ms as the double nearest to a whole
 * number of steps, the weight in the model's unit as a run uses it. */
static inline void connectivity_add(struct digest *digest, uint64_t key, uint64_t source,
                                    uint64_t target, double delay, double weight)
{
    uint64_t pair = mix64(key ^ mix64(target)) ^ mix64(connectivity_bits(delay));
    digest_add(digest, mix64(pair) ^ mix64(connectivity_bits(weight)), source);
}

/* What synapses from one range of a projection's sources onto a canonical tile have in common: of
 * connectivity_add what depends on the target, and on the delay. */
struct connectivity {
    uint64_t key;
    uint64_t *target; /* [WIRING_TILE_MOST] */
    uint64_t *delay;  /* [steps], from the least delay on */
    uint32_t least;
};

/* Of the range that begins at place `source` in the list. STATUS_MEMORY; connectivity_close in any
 * case. */
enum status connectivity_open(struct connectivity *out, const struct config *config,
                              size_t projection, uint64_t source, size_t target, struct error *err);
void connectivity_close(struct connectivity *connectivity);

/* Goes on to another tile: target `first` of it has this id, as do those behind it theirs. */
void connectivity_tile(struct connectivity *connectivity, uint64_t first, uint64_t end,
                       uint64_t id);

/* What target and delay make of a synapse's key: the target's number in the tile, steps. */
static inline uint64_t connectivity_pair(const struct connectivity *c, uint32_t target,
                                         uint32_t delay)
{
    return c->target[target] ^ c->delay[delay - c->least];
}

/* The key of a synapse (digest_add). */
static inline uint64_t connectivity_of(const struct connectivity *c, uint32_t target,
                                       uint32_t delay, double weight)
{
    return mix64(connectivity_pair(c, target, delay)) ^ mix64(connectivity_bits(weight));
}

#endif
