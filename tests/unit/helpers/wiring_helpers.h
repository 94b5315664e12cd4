/* Synapses of projections in tests: all that a config makes, as a list. */
#ifndef MEGALIF_TESTS_WIRING_HELPERS_H
#define MEGALIF_TESTS_WIRING_HELPERS_H

#include "net/wiring.h"
#include "read_config.h"

struct synapse {
    uint64_t source, target; /* places */
    double weight;
    uint32_t delay;
};

struct synapses {
    size_t count, room;
    uint64_t tile_first;
    struct synapse *of;
};

static inline void append(void *context, const struct wiring_batch *batch)
{
    struct synapses *s = context;
    if (s->count + batch->count > s->room) {
        s->room = 2 * (s->count + batch->count);
        s->of = realloc(s->of, s->room * sizeof *s->of);
        assert_non_null(s->of);
    }
    for (size_t i = 0; i < batch->count; i++)
        s->of[s->count++] = (struct synapse){batch->source[i], s->tile_first + batch->target[i],
                                             batch->weight[i], batch->delay[i]};
}

static inline struct wiring *open_wiring(const struct config *config, size_t projection,
                                         enum isa isa)
{
    struct wiring *wiring;
    struct error err = {0};
    enum status status = wiring_open(&wiring, config, projection, kernels_for(isa, 32), &err);
    if (status != STATUS_OK)
        fprintf(stderr, "%s\n", err.text);
    assert_int_equal(status, STATUS_OK);
    return wiring;
}

/* Adds a tile's synapses to a list, and compares their number with wiring_tile_count. */
static inline void add_tile(struct synapses *s, const struct wiring *wiring, uint64_t tile)
{
    size_t before = s->count;
    struct error err;
    s->tile_first = wiring_first_target(wiring, tile);
    assert_int_equal(wiring_draw(wiring, tile, WIRING_ALL, append, s, &err), STATUS_OK);
    assert_int_equal(s->count - before, wiring_tile_count(wiring, tile));
}

/* All of one projection, tile after tile. */
static inline struct synapses synapses_of(const struct config *config, size_t projection)
{
    struct synapses s = {0};
    struct wiring *wiring = open_wiring(config, projection, kernels_best_isa());
    for (uint64_t tile = 0; tile < wiring_tiles(wiring); tile++)
        add_tile(&s, wiring, tile);
    wiring_close(wiring);
    return s;
}

/* Of the only projection of a config's text. */
static inline struct synapses all_synapses(const char *text)
{
    struct config *config = read_text(text);
    struct synapses s = synapses_of(config, 0);
    config_free(config);
    return s;
}

static inline void free_synapses(struct synapses *s)
{
    free(s->of);
    *s = (struct synapses){0};
}

#endif
