/* What is wrong or remarkable about drawn values: how many of them, and where first. */
#ifndef MEGALIF_FINDING_H
#define MEGALIF_FINDING_H

#include "config/config.h"

struct finding {
    uint64_t count;
    uint64_t first_id;
    double value; /* of the first */
};

/* Adds one; any order of ids gives the same finding. */
void finding_add(struct finding *finding, uint64_t id, double value);
void finding_merge(struct finding *into, const struct finding *part);

/* The key's range, or what is left of it where a drawn value has a further limit. */
struct finding_range {
    double least, most;
    bool positive; /* must be above 0 */
};
struct finding_range finding_range_of(const struct key *key);
static inline bool finding_in_range(struct finding_range range, double value)
{
    return value >= range.least && value <= range.most && (!range.positive || value > 0.0);
}

/* "N of SIZE drawn values are out of range (...), the first in neuron ID: VALUE; ... would do", as
 * an error at the place of [section] key. Nothing for a finding of none. */
void finding_report_range(const struct finding *finding, struct finding_range range,
                          const struct config *config, const char *section, const struct key *key,
                          const struct value *value, uint64_t size, struct messages *errors);

#endif
