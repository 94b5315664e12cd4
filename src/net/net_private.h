/* What a network holds. Private to net/: net_build.c makes it, net.c delivers. */
#ifndef MEGALIF_NET_PRIVATE_H
#define MEGALIF_NET_PRIVATE_H

#include "net/deliver.h"
#include "net/net_facts.h"
#include "net/net_settings.h"
#include "net/synapses.h"
#include "net/weight_grid.h"
#include "net/wiring.h"
#include "neuron/model.h"

/* A projection that is ready to be drawn, and where its sources are. */
struct net_projection {
    struct wiring *wiring;
    struct source_range *range; /* [source_count] */
    struct net_facts made;
};

/* The synapses of one range of a projection's targets onto one receptor of a tile. */
struct net_table {
    size_t projection, population;
    enum receptor receptor;
    uint64_t tile;
    struct synapses_part part;
    double cost; /* synapses to expect */
    struct synapses synapses;
    struct flights flights;
};

struct net {
    const struct config *config;
    struct net_settings settings;
    struct weight_grid grid;
    struct net_projection *projection; /* [config->projection_count] */
    struct net_table *table;           /* by population, then tile */
    size_t table_count;
    size_t **of_tile; /* [populations][tiles + 1]: the tile's tables begin there */
    struct net_progress progress;
    double build_s;
    struct history history;
    int sum_bytes;
    _Atomic int failed; /* enum status */
};

#endif
