/* Where the list of each source begins, in elements. While synapses are made these are counters,
 * one for each source; afterwards they are packed where lists are short, as places then take more
 * memory than what they point to: a network of many cells has a table of them for each. */
#ifndef MEGALIF_SYNAPSE_PLACES_H
#define MEGALIF_SYNAPSE_PLACES_H

#include <stdbool.h>
#include <stdint.h>

enum { SYNAPSE_NEAR = 32 /* sources whose places are told from the first one's */ };

struct synapse_places {
    uint64_t sources;
    uint32_t *first;  /* [sources + 2]: the last but one is the end of all; or NULL, and a list
                         begins  at near[source / SYNAPSE_NEAR] + behind[source] */
    uint32_t *near;   /* [sources / SYNAPSE_NEAR + 1] */
    uint16_t *behind; /* [sources + 1] */
};

/* Where the list of a source begins; where it ends the next one does. */
static inline uint32_t synapse_places_begin(const struct synapse_places *places, uint64_t source)
{
    return places->first ? places->first[source]
                         : places->near[source / SYNAPSE_NEAR] + places->behind[source];
}

/* What that reads, to ask for it ahead. */
static inline const void *synapse_places_of(const struct synapse_places *places, uint64_t source)
{
    return places->first ? (const void *)&places->first[source] : &places->behind[source];
}

/* `first`, all 0. False without memory; synapse_places_close in any case. */
bool synapse_places_open(struct synapse_places *places, uint64_t sources);
void synapse_places_close(struct synapse_places *places);

/* Once `first` is right: the others in its place, where that is worth it. False without memory. */
bool synapse_places_pack(struct synapse_places *places);

/* Of what is there; while it is made; and what to expect, at the most, with so many elements in the
 * lists of so many senders among the sources. */
uint64_t synapse_places_bytes(const struct synapse_places *places);
double synapse_places_making_bytes(double sources);
double synapse_places_expected(double sources, double senders, double elements);

#endif
