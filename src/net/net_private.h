/* What a network holds. Private to net/: net_cells.c and net_build.c make it, net.c delivers. */
#ifndef MEGALIF_NET_PRIVATE_H
#define MEGALIF_NET_PRIVATE_H

#include "net/deliver.h"
#include "net/net_cell.h"
#include "net/net_facts.h"
#include "net/net_progress.h"
#include "net/net_settings.h"
#include "net/procedural_counts.h"
#include "net/synapses.h"
#include "net/weight_grid.h"
#include "net/wiring.h"

/* A cell, and what reaches it. */
struct net_target {
    struct net_cell cell;
    size_t first, tables; /* its tables in net.table */
    uint64_t
        *most; /* [receptors][targets]: the largest sums there can be in a step; until checked */
    struct flights flights;
};

/* Some synapses of a projection into a cell. */
struct net_part {
    size_t cell, population; /* of the sources */
    enum receptor receptor;
    double cost; /* synapses to expect */
    struct synapses_part synapses;
    struct synapse_form form;
};

struct net {
    const struct config *config;
    struct net_settings settings;
    struct weight_grid grid;
    struct wiring **wiring;           /* [config->projection_count] */
    struct procedural_counts *counts; /* likewise: of those that are procedural */
    struct net_target *target;
    size_t cells;
    struct net_part *part; /* by table */
    size_t parts;
    struct delivery_table *table; /* by cell */
    size_t *first_part;           /* [tables + 1] */
    size_t tables;
    struct net_facts *made; /* [config->projection_count] */
    struct net_progress progress;
    double build_s;
    struct history history;
    int sum_bytes;
    _Atomic int failed; /* enum status */
};

#endif
