/* The groups 0, 1, ... of a population of edges in a SONATA file: each has values of its own, and
 * an edge says in which group and at which place there its values stand. Private to sonata; calls
 * are bracketed by hdf5_quiet. One thread at a time. */
#ifndef MEGALIF_SONATA_EDGE_GROUPS_H
#define MEGALIF_SONATA_EDGE_GROUPS_H

#include "base/error.h"
#include "sonata/file_column.h"

#include <stddef.h>
#include <stdint.h>

enum edge_value { EDGE_WEIGHT, EDGE_DELAY, EDGE_SYNAPSES, EDGE_VALUES };

/* A column of a group, of which a piece is in memory. */
struct edge_column {
    struct file_column file;
    uint64_t begin; /* of the piece */
    size_t held;
    double *value; /* NULL: none yet */
    size_t room;
};

struct edge_groups {
    struct edge_group {
        uint64_t id;
        struct edge_column column[EDGE_VALUES];
    } * group;
    size_t count;
};

/* Opens the groups of a population, whose own group this is; `where` ("FILE: /edges/NAME") is for
 * messages. Closed by edge_groups_close, also on error. */
enum status edge_groups_open(struct edge_groups *groups, hid_t population, const char *where,
                             struct error *err);
void edge_groups_close(struct edge_groups *groups);

/* The place of a group in the list; SIZE_MAX: there is none of this id. */
size_t edge_groups_find(const struct edge_groups *groups, uint64_t id);

/* A value at a place of a group; NaN where the group has no such column. Walks forwards piece by
 * piece; where places go back the column is read whole. STATUS_OUTPUT with what is wrong;
 * STATUS_MEMORY. */
enum status edge_groups_value(struct edge_groups *groups, size_t group, enum edge_value which,
                              uint64_t place, double *value, struct error *err);

#endif
