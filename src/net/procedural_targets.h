/* From numbers that are drawn in a canonical tile to targets of a rule (net/synapses.h): the same
 * when procedural synapses are made and whenever their source spikes. */
#ifndef MEGALIF_NET_PROCEDURAL_TARGETS_H
#define MEGALIF_NET_PROCEDURAL_TARGETS_H

#include "net/synapses.h"
#include "net/wiring_lists.h"

/* The place of a source in the tile, if it must not connect to itself; or WIRING_NONE. */
static inline uint64_t procedural_self(const struct synapse_rule *rule, uint64_t source)
{
    if (rule->wiring->overlap_count == 0)
        return WIRING_NONE;
    const uint64_t first = wiring_first_target(rule->wiring, rule->tile);
    const uint64_t self = wiring_target_of(rule->wiring, source) - first;
    return self < rule->all ? self : WIRING_NONE;
}

/* Numbers of a source at this place are drawn below one less than there are targets: those from its
 * own on are moved up by one. */
static inline void procedural_move_up(uint16_t *number, size_t count, uint64_t self)
{
    for (size_t i = 0; i < count && self != WIRING_NONE; i++)
        number[i] = (uint16_t)(number[i] + (number[i] >= self));
}

/* Keeps those that are the rule's, counted from its first target on, and what stands beside them
 * (NULL: nothing); returns how many. */
static inline size_t procedural_clip(const struct synapse_rule *rule, uint16_t *number,
                                     uint64_t *beside, size_t count)
{
    const uint32_t begin = rule->begin, width = rule->end - begin;
    size_t kept = 0;
    if (width == rule->all)
        return count;
    for (size_t i = 0; i < count; i++) {
        const uint32_t place = number[i] - begin;
        number[kept] = (uint16_t)place;
        if (beside)
            beside[kept] = beside[i];
        kept += place < width;
    }
    return kept;
}

#endif
