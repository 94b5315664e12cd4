/* A network: the projections of a config, made ready to deliver spikes to the tiles of an engine's
 * populations. Who steps a tile asks for what arrives there; what was spiked is told between two
 * blocks (net_history). Results depend on no tile, block or thread. */
#ifndef MEGALIF_NET_H
#define MEGALIF_NET_H

#include "base/memory_plan.h"
#include "net/history.h"
#include "net/net_cell.h"
#include "net/net_facts.h"
#include "net/net_settings.h"
#include "population/arrivals.h"
#include "population/population.h"

struct net;

/* The least and the greatest delay of all projections, in steps; false: there are none. */
struct net_delays {
    uint32_t least, greatest;
};
bool net_delays(const struct config *config, struct net_delays *delays);

/* Steps whose sums for a cell are worth keeping in cache. */
size_t net_block_most(const struct config *config, struct part part, int threads);

/* What net_open will allocate, and what it needs meanwhile. */
void net_plan(struct memory_plan *plan, const struct config *config,
              const struct net_settings *settings);

/* Makes all synapses, by all threads. STATUS_MEMORY; STATUS_CONFIG where sums do not fit their
 * bits; STATUS_INTERRUPTED where settings->watch says so. Keeps `config`. *out is NULL where the
 * config has no projections. */
enum status net_open(struct net **out, const struct config *config,
                     const struct net_settings *settings, struct error *err);
void net_close(struct net *net);

/* The spikes of the last steps. Whoever owns the network adds each block's. */
struct history *net_history(struct net *net);

/* Does any projection come from the population? */
bool net_is_source(const struct config *config, size_t population);

/* Wall time on making all synapses. */
double net_build_seconds(const struct net *net);

struct net_facts net_projection(const struct net *net, size_t projection);

/* Working space of a thread that delivers. */
struct net_scratch {
    void *sum; /* of arrivals */
    bool *any;
    uint8_t *count; /* of arrivals at each target, 0 in between; NULL: not wanted */
    uint64_t bytes, count_bytes;
    uint64_t events; /* synapses over which something arrived, since the caller set it to 0 */
};
enum status net_scratch_open(struct net_scratch *scratch, const struct net *net, struct error *err);
void net_scratch_close(struct net_scratch *scratch);

/* The cells of a network, which are delivered to one by one, and their tiles. */
size_t net_cells(const struct net *net);
const struct net_cell *net_cell_at(const struct net *net, size_t cell);

/* Makes what arrives in a cell in the steps [first, first + steps), from all spikes before `first`,
 * in the scratch. Different cells at once by any threads. Without memory for spikes under way the
 * network has failed (net_failure). */
void net_deliver(struct net *net, size_t cell, uint64_t first, size_t steps,
                 struct net_scratch *scratch);

/* Of that, what arrives at a tile of a member. Valid until the scratch is used again. */
struct arrivals net_arrivals(const struct net *net, size_t cell, const struct net_member *member,
                             uint64_t tile, const struct net_scratch *scratch);

/* STATUS_OK, or what went wrong while it delivered. */
enum status net_failure(const struct net *net, struct error *err);

#endif
