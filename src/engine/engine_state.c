#include "engine/engine_state.h"

#include "engine/engine_private.h"
#include "engine/rate_bins.h"
#include "population/population_plan.h"
#include "population/release_queue.h"

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

static void add_array(struct engine_state *state, const struct member *m, void *data, size_t bytes,
                      uint64_t count, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* Adds "population.NAME." (without, where there is no member) and what the format says. */
static void add_array(struct engine_state *state, const struct member *m, void *data, size_t bytes,
                      uint64_t count, const char *format, ...)
{
    struct engine_field *field = add(state);
    if (!field)
        return;
    field->data = data;
    field->bytes = bytes;
    field->count = count;
    int length = 0;
    if (m)
        length = snprintf(field->name, sizeof field->name, "population.%s.",
                          m->population.description->name);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(field->name + length, sizeof field->name - (size_t)length, format, arguments);
    va_end(arguments);
}

/* Neurons that are refractory: kept in lists by tile, so it has no array. */
static void add_releases(struct engine_state *state, const struct member *m, size_t i)
{
    size_t bytes = release_queue_bytes(&m->population);
    if (bytes == 0)
        return;
    add_array(state, m, NULL, bytes, m->population.size, "releases");
    if (state->field)
        state->field[state->count - 1].population = i;
}

/* A drive that remembers has a memory from its first step on, for its targets. */
static void add_memories(struct engine_state *state, const struct member *m, uint64_t step)
{
    const struct population *p = &m->population;
    for (size_t d = 0; d < p->drive_count; d++) {
        const struct drive *drive = &p->drives[d];
        if (!drive->z || step <= drive->input->start_step)
            continue;
        add_array(state, m, (char *)drive->z + drive->begin * p->real_bytes, p->real_bytes,
                  drive->end - drive->begin, "input.%s.%llu.z", drive->input->name,
                  (unsigned long long)drive->begin);
    }
}

static void add_counts(struct engine_state *state, struct member *m)
{
    struct neuron_counts *counts = &m->counts;
    if (!m->totals.counts)
        return;
    add_array(state, m, counts->spikes, sizeof(uint64_t), counts->size, "counts.spikes");
    add_array(state, m, counts->first, sizeof(uint64_t), counts->size, "counts.first");
    add_array(state, m, counts->last, sizeof(uint64_t), counts->size, "counts.last");
    add_array(state, m, counts->square_sum, sizeof(uint64_t), counts->size, "counts.square_sum");
}

/* Rate bins that have begun, of the whole run and of each rate recorder: the rest are zero. */
static void add_rates(struct engine_state *state, const struct engine *e, const struct member *m)
{
    for (size_t r = 0; r <= e->config->record_count; r++) {
        const struct rate_bins *bins = &m->rates[r];
        const char *name = r > 0 ? e->config->record[r - 1].name : "";
        if (bins->spikes)
            add_array(state, m, bins->spikes, sizeof(uint64_t),
                      rate_bins_begun(bins, e->steps_done), "rates%s%s", r > 0 ? "." : "", name);
    }
}

static void add_member(struct engine_state *state, struct engine *e, size_t i)
{
    struct member *m = &e->member[i];
    struct population *p = &m->population;
    struct digest *digest = &m->totals.digest;
    add_array(state, m, digest->sum, sizeof(uint64_t), 2, "digest");
    add_array(state, m, &digest->spikes, sizeof(uint64_t), 1, "spikes");
    add_array(state, m, &m->totals.after_warmup, sizeof(uint64_t), 1, "after_warmup");
    add_array(state, m, &m->totals.recorded, sizeof(uint64_t), 1, "recorded");
    add_rates(state, e, m);
    add_array(state, m, p->u, p->real_bytes, p->size, "u");
    add_releases(state, m, i);
    add_memories(state, m, e->steps_done);
    add_counts(state, m);
}

/* A limit that ended the run ends it again, not a step later. */
static void add_limit(struct engine_state *state, struct limit_met *met)
{
    const struct member *none = NULL;
    add_array(state, none, &met->limit, sizeof met->limit, 1, "limit.kind");
    add_array(state, none, &met->population, sizeof met->population, 1, "limit.population");
    add_array(state, none, &met->bin, sizeof met->bin, 1, "limit.bin");
    add_array(state, none, &met->spikes, sizeof met->spikes, 1, "limit.spikes");
}

enum status engine_state_open(struct engine_state *out, struct engine *engine, struct error *err)
{
    *out = (struct engine_state){NULL, 0};
    for (size_t i = 0; i < engine->config->population_count; i++)
        add_member(out, engine, i);
    if (engine->limited)
        add_limit(out, &engine->met);
    if (out->field)
        return STATUS_OK;
    return error_set(err, STATUS_MEMORY, "no memory for the list of what a checkpoint holds");
}

void engine_state_close(struct engine_state *state)
{
    free(state->field);
    *state = (struct engine_state){NULL, 0};
}

void engine_state_save(const struct engine *engine, const struct engine_field *field,
                       uint64_t first, uint64_t count, void *out)
{
    if (field->data)
        memcpy(out, (const char *)field->data + first * field->bytes, count * field->bytes);
    else
        release_queue_save(&engine->member[field->population].population, engine->steps_done, first,
                           count, out);
}

bool engine_state_restore(struct engine *engine, const struct engine_field *field, uint64_t first,
                          uint64_t count, const void *in)
{
    if (!field->data)
        return release_queue_restore(&engine->member[field->population].population,
                                     engine->steps_done, first, count, in);
    memcpy((char *)field->data + first * field->bytes, in, count * field->bytes);
    return true;
}

void engine_state_set_step(struct engine *engine, uint64_t step)
{
    engine->steps_done = step;
    /* A memory is saved for the drive's targets; the rest of their tiles has none. */
    for (size_t i = 0; i < engine->config->population_count; i++) {
        const struct population *p = &engine->member[i].population;
        for (size_t d = 0; d < p->drive_count; d++)
            if (p->drives[d].z)
                memset(p->drives[d].z, 0, p->padded * p->real_bytes);
    }
}

uint64_t engine_state_bytes(const struct config *config)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < config->population_count; i++) {
        uint64_t size = config->population[i].size, each, shortest, longest;
        each = config->precision == PRECISION_DOUBLE ? sizeof(double) : sizeof(float);
        each *= 1 + drives_arrays(config, i, false).memories;
        population_refractory_bounds(config, i, &shortest, &longest);
        const struct population queue = {.longest = longest};
        each += release_queue_bytes(&queue);
        each += engine_has_counts(config, i) ? NEURON_COUNTS_BYTES : 0;
        bytes += size * each + rate_bins_of(config, NULL).count * sizeof(uint64_t);
        for (size_t r = 0; r < config->record_count; r++)
            if (rate_bins_wanted(&config->record[r], i))
                bytes += rate_bins_of(config, &config->record[r]).count * sizeof(uint64_t);
    }
    return bytes;
}
