/* Which synapses a projection makes: a pure function of the config and a canonical tile, which is
 * some targets one after the other in the projection's list of targets. Nothing depends on
 * threads, ranks or an engine's tiles; docs/numerics.md (Connectivity) says it to the bit.
 *
 * A place is a number in the list of sources or targets: the ranges of the config one after the
 * other. With `rule = file` the synapses are those of the file, once it has been read
 * (wiring_file.h). */
#ifndef MEGALIF_NET_WIRING_H
#define MEGALIF_NET_WIRING_H

#include "config/config.h"
#include "kernel/kernel.h"
#include "net/wiring_batch.h"
#include "net/wiring_tiles.h"

struct wiring;

/* Makes ready to draw the synapses of config->projection[projection], with any kernels: all give
 * the same. Keeps `config`. STATUS_MEMORY, too, where a projection has more than 2^48 synapses. */
enum status wiring_open(struct wiring **out, const struct config *config, size_t projection,
                        const struct kernels *kernels, struct error *err);

/* Before many tiles are drawn: takes memory that makes each of them faster. Not while others use
 * it.
 */
void wiring_prepare(struct wiring *wiring);
void wiring_unprepare(struct wiring *wiring);

void wiring_close(struct wiring *wiring);

uint64_t wiring_sources(const struct wiring *wiring);
uint64_t wiring_targets(const struct wiring *wiring);

const struct kernels *wiring_kernels(const struct wiring *wiring);

/* Whether all weights, all delays are the same. */
bool wiring_weight_is_constant(const struct wiring *wiring, double *weight);
bool wiring_delay_is_constant(const struct wiring *wiring, uint32_t *steps);

/* Synapses into a tile: exactly as many as wiring_draw makes. Takes up to a microsecond a target,
 * or, for fixed_outdegree, a source. Any thread. */
uint64_t wiring_tile_count(const struct wiring *wiring, uint64_t tile);

/* Calls sink(context, batch) for all synapses of a tile in their canonical order. Any thread; needs
 * some 100 KB of stack and allocates working space: for each source 4 bytes (fixed_total_number),
 * or 32 for each synapse of a target or, without multapses, of a tile at most. Fails
 * with STATUS_MEMORY only. */
enum status wiring_draw(const struct wiring *wiring, uint64_t tile, enum wiring_what what,
                        wiring_sink *sink, void *context, struct error *err);

#endif
