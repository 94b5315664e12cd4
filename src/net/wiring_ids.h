/* From ids in a file of edges to places in a projection's lists of sources and targets. */
#ifndef MEGALIF_NET_WIRING_IDS_H
#define MEGALIF_NET_WIRING_IDS_H

#include "config/config.h"

/* The ids of one end. */
struct wiring_ids {
    const struct config *config;
    const struct target *list;
    size_t count;
    size_t population; /* in the config, that ids are of; SIZE_MAX: they count through the
                          populations of the list, one after the other */
};

enum wiring_end { WIRING_SOURCE, WIRING_TARGET };

/* Ids of the population that a file names (NULL: none). One that the config does not have says
 * nothing; STATUS_CONFIG where it has it, but the list not. */
enum status wiring_ids_open(struct wiring_ids *ids, const struct config *config,
                            const struct projection_config *projection, enum wiring_end end,
                            const char *population, struct error *err);

/* The place of an id; UINT64_MAX: it is not in the list. */
uint64_t wiring_ids_place(const struct wiring_ids *ids, uint64_t id);

/* What is wrong with an id that is not in the list: "source 400: ...". */
void wiring_ids_refuse(const struct wiring_ids *ids, enum wiring_end end, uint64_t id, char *text,
                       size_t size);

#endif
