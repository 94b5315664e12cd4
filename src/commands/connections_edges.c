#include "commands/connections_edges.h"

#include "commands/connections_sink.h"
#include "net/connectivity.h"

#include <inttypes.h>

/* What is written so far. */
struct edges {
    const struct setup *setup;
    struct connections_sink *sink;
    struct digest digest;
    uint64_t total, most;
};

static enum status copy_list(struct edges *e, struct connections *from, uint64_t key,
                             struct error *err)
{
    struct connections_piece piece;
    enum status status;
    while (!(status = connections_next(from, &piece, err)) && piece.count > 0) {
        for (size_t i = 0; i < piece.count; i++)
            connectivity_add(&e->digest, key, piece.source[i], piece.target[i], piece.delay[i],
                             piece.weight[i]);
        status = connections_sink_put(e->sink, &piece, err);
        if (status)
            return status;
    }
    return status;
}

static enum status check_total(const struct edges *e, struct error *err)
{
    if (e->total <= e->most)
        return STATUS_OK;
    return error_set(err, STATUS_CONFIG,
                     "the projections have more than %" PRIu64
                     " synapses, too many for another simulator to be given one by one; use fewer "
                     "neurons (--set)",
                     e->most);
}

/* The synapses of one projection between two populations. */
static enum status write_list(struct edges *e, const struct connections_choice *choice,
                              struct connections *from, struct error *err)
{
    const struct config *config = e->setup->config;
    enum status status = connections_sink_begin(e->sink, choice, err);
    if (!status)
        status = copy_list(e, from,
                           connectivity_key(config->population[choice->source].name,
                                            config->population[choice->target].name),
                           err);
    return status ? status : connections_sink_end(e->sink, err);
}

static enum status write_pair(struct edges *e, size_t projection, size_t pair, struct error *err)
{
    const struct config *config = e->setup->config;
    const struct engine_settings *settings = &e->setup->settings;
    struct connections_choice choice = {projection, 0, 0, {0, UINT64_MAX}, {0, UINT64_MAX}};
    struct connections *from;
    connections_pair(config, projection, pair, &choice.source, &choice.target);
    enum status status = connections_open(&from, config, &choice, kernels_for(settings->isa, 32),
                                          settings->threads, err);
    if (!status && pair == 0) { /* all pairs share the projection's */
        e->total += connections_total(from);
        status = check_total(e, err);
    }
    if (!status)
        status = write_list(e, &choice, from, err);
    connections_close(from);
    return status;
}

enum status connections_edges_write(const struct setup *setup, const char *path, bool force,
                                    uint64_t most, struct error *err)
{
    struct edges e = {.setup = setup, .most = most};
    char digest[33];
    enum status status = connections_sink_open(&e.sink, path, force, setup, err);
    for (size_t i = 0; i < setup->config->projection_count && !status; i++)
        for (size_t pair = 0; pair < connections_pairs(setup->config, i) && !status; pair++)
            status = write_pair(&e, i, pair, err);
    digest_format(&e.digest, digest);
    return connections_sink_close(e.sink, digest, status, err);
}
