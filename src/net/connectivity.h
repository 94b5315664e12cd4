/* The digest of a network's synapses: a sum of keyed mixes of (populations, ids, delay, weight) of
 * each, so that neither their order nor which projection or file they come from matters. All but
 * opening is pure. */
#ifndef MEGALIF_NET_CONNECTIVITY_H
#define MEGALIF_NET_CONNECTIVITY_H

#include "base/digest.h"
#include "config/config.h"

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

/* What the places and steps of one projection's synapses onto one population stand for. */
struct connectivity {
    struct connectivity_range {
        uint64_t place, id; /* of its first source */
        uint64_t key;
    } * range; /* [ranges], ascending */
    size_t ranges;
    double *delay; /* [steps]: ms, from the least delay on */
    uint32_t least;
};

/* STATUS_MEMORY; connectivity_close in any case. */
enum status connectivity_open(struct connectivity *out, const struct config *config,
                              size_t projection, size_t target, struct error *err);
void connectivity_close(struct connectivity *connectivity);

/* Adds one synapse: place of the source, id of the target, steps. */
static inline void connectivity_note(const struct connectivity *c, struct digest *digest,
                                     uint64_t source, uint64_t target, uint32_t delay,
                                     double weight)
{
    const struct connectivity_range *range = &c->range[c->ranges - 1];
    while (source < range->place)
        range--;
    connectivity_add(digest, range->key, range->id + (source - range->place), target,
                     c->delay[delay - c->least], weight);
}

#endif
