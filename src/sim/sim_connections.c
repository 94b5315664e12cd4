/* The synapses of a simulation, for a host program. */
#include "base/float_env.h"
#include "net/connections.h"
#include "sim/sim_handle.h"
#include "sim/sim_messages.h"

#include <stdlib.h>

/* A projection's synapses between one pair of populations after the other. */
struct mlif_connections {
    const struct mlif_simulation *simulation;
    size_t projection, pair; /* the pair that comes next */
    struct connections *now; /* NULL: none is open */
    size_t source, target;   /* populations of `now` */
};

size_t mlif_projection_count(const struct mlif_simulation *simulation)
{
    return simulation->setup.config->projection_count;
}

const char *mlif_projection_name(const struct mlif_simulation *simulation, size_t projection)
{
    const struct config *config = simulation->setup.config;
    return projection < config->projection_count ? config->projection[projection].name : NULL;
}

enum mlif_status mlif_connections_open(struct mlif_connections **connections,
                                       const struct mlif_simulation *simulation, size_t projection,
                                       struct mlif_messages *errors)
{
    struct error err;
    *connections = NULL;
    if (projection >= mlif_projection_count(simulation)) {
        error_set(&err, STATUS_CONFIG, "there is no projection %zu; there are %zu", projection,
                  mlif_projection_count(simulation));
        return sim_tell_error(errors, &err);
    }
    struct mlif_connections *c = *connections = calloc(1, sizeof *c);
    if (!c) {
        error_no_memory(&err, "for synapses");
        return sim_tell_error(errors, &err);
    }
    c->simulation = simulation;
    c->projection = projection;
    return MLIF_OK;
}

static enum status open_pair(struct mlif_connections *c, struct error *err)
{
    const struct setup *setup = &c->simulation->setup;
    connections_pair(setup->config, c->projection, c->pair, &c->source, &c->target);
    const struct connections_choice choice = {
        c->projection, c->source, c->target, {0, UINT64_MAX}, {0, UINT64_MAX}};
    c->pair++;
    return connections_open(&c->now, setup->config, &choice, kernels_for(setup->settings.isa, 32),
                            setup->settings.threads, err);
}

static void close_pair(struct mlif_connections *c)
{
    connections_close(c->now);
    c->now = NULL;
}

/* The next piece that has synapses; count 0: there is none. */
static enum status next_piece(struct mlif_connections *c, struct connections_piece *piece,
                              struct error *err)
{
    size_t pairs = connections_pairs(c->simulation->setup.config, c->projection);
    enum status status = STATUS_OK;
    piece->count = 0;
    while (!status && piece->count == 0 && (c->now || c->pair < pairs)) {
        if (!c->now)
            status = open_pair(c, err);
        if (!status)
            status = connections_next(c->now, piece, err);
        if (piece->count == 0)
            close_pair(c);
    }
    return status;
}

enum mlif_status mlif_connections_next(struct mlif_connections *connections,
                                       struct mlif_synapses *synapses, struct mlif_messages *errors)
{
    WITH_OWN_FLOAT_ENV(env);
    struct error err;
    struct connections_piece piece;
    enum status status = next_piece(connections, &piece, &err);
    *synapses = (struct mlif_synapses){.count = 0};
    if (status)
        return sim_tell_error(errors, &err);
    if (piece.count > 0)
        *synapses = (struct mlif_synapses){connections->source, connections->target, piece.count,
                                           piece.source,        piece.target,        piece.weight,
                                           piece.delay};
    return MLIF_OK;
}

void mlif_connections_close(struct mlif_connections **connections)
{
    if (!*connections)
        return;
    close_pair(*connections);
    free(*connections);
    *connections = NULL;
}
