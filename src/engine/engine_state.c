/* Lists what a checkpoint holds of an engine: digests, rates, counts, a limit that was met, and
 * what the populations themselves list (population_state.c). */
#include "engine/engine_state.h"

#include "engine/engine_plan.h"
#include "engine/engine_private.h"
#include "engine/rate_bins.h"
#include "population/population_plan.h"
#include "population/population_set.h"
#include "population/population_state.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A list that grows; `field` is NULL once there was no memory. */
static struct engine_field *add(struct engine_state *state)
{
    size_t size = (state->count + 1) * sizeof *state->field;
    struct engine_field *grown =
        state->field || state->count == 0 ? realloc(state->field, size) : NULL;
    if (!grown)
        free(state->field);
    state->field = grown;
    state->count++;
    return grown ? memset(&grown[state->count - 1], 0, sizeof *grown) : NULL;
}

static void add_array(struct engine_state *state, const struct engine_population *p, void *data,
                      size_t bytes, uint64_t count, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* Adds "population.NAME." (without, where there is no population) and what the format says. */
static void add_array(struct engine_state *state, const struct engine_population *p, void *data,
                      size_t bytes, uint64_t count, const char *format, ...)
{
    struct engine_field *field = add(state);
    if (!field)
        return;
    field->data = data;
    field->bytes = bytes;
    field->count = field->whole = count;
    int length = 0;
    if (p)
        length = snprintf(field->name, sizeof field->name, "population.%s.",
                          p->neurons.description->name);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(field->name + length, sizeof field->name - (size_t)length, format, arguments);
    va_end(arguments);
}

/* The field that was added last is this rank's part of `whole` elements. */
static void part_last(struct engine_state *state, uint64_t first, uint64_t whole)
{
    struct engine_field *field = state->field ? &state->field[state->count - 1] : NULL;
    if (!field)
        return;
    field->parted = true;
    field->first = first;
    field->whole = whole;
}

/* What stepping changes in the population. */
static void add_state(struct engine_state *state, struct engine_population *p, uint64_t step)
{
    struct population *neurons = &p->neurons;
    population_settle_drives(neurons);
    for (size_t i = 0; i < population_state_count(neurons); i++) {
        const struct state_piece piece = population_state(neurons, i, step);
        if (piece.whole == 0)
            continue;
        add_array(state, p, piece.data, piece.bytes, piece.count, "%s", piece.name);
        part_last(state, piece.first, piece.whole);
        if (!state->field)
            return;
        struct engine_field *field = &state->field[state->count - 1];
        field->population = neurons;
        field->save = piece.save;
        field->restore = piece.restore;
    }
}

static void add_counts(struct engine_state *state, struct engine_population *p)
{
    struct neuron_counts *counts = &p->counts;
    if (!p->totals.counts)
        return;
    uint64_t *const array[] = {counts->spikes, counts->first, counts->last, counts->square_sum};
    static const char *const name[] = {"spikes", "first", "last", "square_sum"};
    for (size_t k = 0; k < sizeof array / sizeof *array; k++) {
        add_array(state, p, array[k], sizeof(uint64_t), counts->size, "counts.%s", name[k]);
        part_last(state, p->neurons.first_id, p->neurons.description->size);
    }
}

/* Rate bins that have begun, of the whole run and of each rate recorder: the rest are zero. */
static void add_rates(struct engine_state *state, const struct engine *e,
                      const struct engine_population *p)
{
    for (size_t r = 0; r <= e->config->record_count; r++) {
        const struct rate_bins *bins = &p->rates[r];
        const char *name = r > 0 ? e->config->record[r - 1].name : "";
        if (bins->spikes)
            add_array(state, p, bins->spikes, sizeof(uint64_t),
                      rate_bins_begun(bins, e->steps_done), "rates%s%s", r > 0 ? "." : "", name);
    }
}

/* Spikes that have not arrived yet. */
static void add_under_way(struct engine_state *state, struct engine *e, size_t i,
                          enum under_way under_way, const char *name)
{
    bool ids = under_way == UNDER_WAY_IDS;
    add_array(state, &e->population[i], NULL, ids ? sizeof(uint32_t) : sizeof(uint64_t),
              network_under_way(e, i, under_way), "%s", name);
    if (!state->field)
        return;
    state->field[state->count - 1].under_way = under_way;
    state->field[state->count - 1].index = i;
}

static void add_population(struct engine_state *state, struct engine *e, size_t i)
{
    struct engine_population *p = &e->population[i];
    struct digest *digest = &p->totals.digest;
    add_array(state, p, digest->sum, sizeof(uint64_t), 2, "digest");
    add_array(state, p, &digest->spikes, sizeof(uint64_t), 1, "spikes");
    add_array(state, p, &p->totals.after_warmup, sizeof(uint64_t), 1, "after_warmup");
    add_array(state, p, &p->totals.recorded, sizeof(uint64_t), 1, "recorded");
    add_rates(state, e, p);
    add_state(state, p, e->steps_done);
    if (e->net && net_is_source(e->config, i)) {
        add_under_way(state, e, i, UNDER_WAY_COUNTS, "under_way.counts");
        add_under_way(state, e, i, UNDER_WAY_IDS, "under_way.ids");
    }
    add_counts(state, p);
}

static void add_changes(struct engine_state *state, struct engine_changes *changes)
{
    add_array(state, NULL, changes, sizeof(uint64_t), sizeof *changes / sizeof(uint64_t),
              "changes");
    if (state->field)
        state->field[state->count - 1].young = true;
}

/* A limit that ended the run ends it again, not a step later. */
static void add_limit(struct engine_state *state, struct limit_met *met)
{
    const struct engine_population *none = NULL;
    add_array(state, none, &met->limit, sizeof met->limit, 1, "limit.kind");
    add_array(state, none, &met->population, sizeof met->population, 1, "limit.population");
    add_array(state, none, &met->bin, sizeof met->bin, 1, "limit.bin");
    add_array(state, none, &met->spikes, sizeof met->spikes, 1, "limit.spikes");
}

enum status engine_state_open(struct engine_state *out, struct engine *engine, struct error *err)
{
    *out = (struct engine_state){NULL, 0};
    for (size_t i = 0; i < engine->config->population_count; i++)
        add_population(out, engine, i);
    if (engine->net)
        add_array(out, NULL, &engine->events, sizeof engine->events, 1, "events");
    add_changes(out, &engine->changes);
    if (engine->limited)
        add_limit(out, &engine->met);
    if (out->field)
        return STATUS_OK;
    return error_no_memory(err, "for the list of what a checkpoint holds");
}

void engine_state_close(struct engine_state *state)
{
    free(state->field);
    *state = (struct engine_state){NULL, 0};
}

void engine_state_recount(const struct engine *engine, struct engine_field *field)
{
    if (field->under_way == UNDER_WAY_IDS)
        field->count = field->whole = network_under_way(engine, field->index, field->under_way);
}

void engine_state_save(const struct engine *engine, const struct engine_field *field,
                       uint64_t first, uint64_t count, void *out)
{
    if (field->under_way)
        network_save(engine, field->index, field->under_way, first, count, out);
    else if (field->data)
        memcpy(out, (const char *)field->data + first * field->bytes, count * field->bytes);
    else
        field->save(field->population, engine->steps_done, first, count, out);
}

enum status engine_state_restore(struct engine *engine, const struct engine_field *field,
                                 uint64_t first, uint64_t count, const void *in)
{
    if (field->under_way)
        return network_restore(engine, field->index, field->under_way, first, count, in);
    if (field->data)
        memcpy((char *)field->data + first * field->bytes, in, count * field->bytes);
    else if (!field->restore(field->population, engine->steps_done, first, count, in))
        return STATUS_CHECKPOINT;
    return STATUS_OK;
}

void engine_state_set_step(struct engine *engine, uint64_t step)
{
    engine->steps_done = step;
    /* A memory is saved for the drive's targets; the rest of their tiles has none. */
    for (size_t i = 0; i < engine->config->population_count; i++) {
        struct population *p = &engine->population[i].neurons;
        p->set_step = step; /* as far as is known */
        for (size_t d = 0; d < p->drive_count; d++)
            if (p->drives[d].z)
                memset(p->drives[d].z, 0, p->padded * p->real_bytes);
    }
}

/* A neuron spikes at most once in its refractory period and a step. */
static uint64_t under_way_bytes(const struct config *config, size_t i)
{
    struct net_delays delays;
    uint64_t shortest, longest;
    if (!net_delays(config, &delays))
        return 0;
    population_refractory_bounds(config, i, &shortest, &longest);
    return delays.greatest * sizeof(uint64_t) +
           config->population[i].size * sizeof(uint32_t) * (delays.greatest / (shortest + 1) + 1);
}

uint64_t engine_state_bytes(const struct config *config)
{
    uint64_t bytes = sizeof(struct engine_changes);
    bytes += config->projection_count > 0 ? sizeof(uint64_t) : 0;
    for (size_t i = 0; i < config->population_count; i++) {
        uint64_t size = config->population[i].size;
        bytes += population_state_bytes(config, i, TILE_MOST).saved;
        bytes += net_is_source(config, i) ? under_way_bytes(config, i) : 0;
        bytes += engine_has_counts(config, i) ? size * NEURON_COUNTS_BYTES : 0;
        bytes += rate_bins_of(config, NULL).count * sizeof(uint64_t);
        for (size_t r = 0; r < config->record_count; r++)
            if (rate_bins_wanted(&config->record[r], i))
                bytes += rate_bins_of(config, &config->record[r]).count * sizeof(uint64_t);
    }
    return bytes;
}
