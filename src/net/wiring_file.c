/* A file is read twice: first to see that all of it is right and how many edges each tile has, then
 * to put them where they belong. */
#include "net/wiring_file.h"

#include "base/memory.h"
#include "net/wiring_batch.h"
#include "net/wiring_ids.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { STEPS_MOST = 65535 };
static const double weight_most = 1e9; /* as in a config */

/* A file on its way into memory. */
struct loading {
    const struct config *config;
    const struct projection_config *projection;
    struct edge_source *source;
    struct wiring_file *file;
    struct edge_batch batch;
    struct wiring_ids ids[2];
    bool own_weight, own_delay; /* the file's are used */
    uint64_t *next;             /* [tiles]: where its next edge goes; NULL: edges are counted */
    uint64_t without_delay;     /* edges */
};

uint64_t wiring_file_steps(double delay, double dt)
{
    double steps = delay / dt;
    return (uint64_t)(steps + 0.5 + steps * 0x1p-50);
}

/* ---- one edge */

static enum status take_end(const struct loading *l, size_t i, enum wiring_end end, uint64_t *place,
                            struct error *err)
{
    char text[200];
    uint64_t id = end == WIRING_SOURCE ? l->batch.source[i] : l->batch.target[i];
    *place = wiring_ids_place(&l->ids[end], id);
    if (*place != UINT64_MAX)
        return STATUS_OK;
    wiring_ids_refuse(&l->ids[end], end, id, text, sizeof text);
    return edge_source_refuse(l->source, i, err, text);
}

static enum status take_weight(const struct loading *l, size_t i, double *weight, struct error *err)
{
    char text[200];
    const double synapses = l->batch.synapses[i], own = l->own_weight ? l->batch.weight[i] : 1;
    *weight = own * synapses + 0.0; /* no negative zero */
    if (isnan(*weight))
        return edge_source_refuse(l->source, i, err,
                                  "there is no weight; a file says it in syn_weight (CSV: weight) "
                                  "or in its edge_types, the config in the key weight");
    if (fabs(*weight) <= weight_most)
        return STATUS_OK;
    snprintf(text, sizeof text, "the weight is %g; it may be -1e9 to 1e9", *weight);
    return edge_source_refuse(l->source, i, err, text);
}

static enum status take_delay(struct loading *l, size_t i, uint64_t *steps, struct error *err)
{
    char text[200];
    const double dt = l->config->dt_ms;
    double delay = l->batch.delay[i];
    *steps = 1;
    if (!l->own_delay)
        return STATUS_OK;
    l->without_delay += isnan(delay) ? 1 : 0;
    delay = isnan(delay) ? 1 : delay; /* NEST's */
    bool fits = delay >= 0 && delay / dt < STEPS_MOST;
    *steps = fits ? wiring_file_steps(delay, dt) : 0;
    if (*steps >= 1)
        return STATUS_OK;
    snprintf(text, sizeof text, "the delay is %g ms; it may be dt / 2 = %g to %d dt = %g ms", delay,
             dt / 2, STEPS_MOST - 1, (STEPS_MOST - 1) * dt);
    return edge_source_refuse(l->source, i, err, text);
}

static void note_edge(struct wiring_file *file, uint64_t steps, double weight)
{
    bool first = file->edges++ == 0;
    file->least_weight = first || weight < file->least_weight ? weight : file->least_weight;
    file->greatest_weight =
        first || weight > file->greatest_weight ? weight : file->greatest_weight;
    file->least_delay = first || steps < file->least_delay ? (uint32_t)steps : file->least_delay;
    file->greatest_delay = steps > file->greatest_delay ? (uint32_t)steps : file->greatest_delay;
}

static enum status take_edge(struct loading *l, size_t i, struct error *err)
{
    uint64_t source, target, steps;
    double weight;
    enum status status = take_end(l, i, WIRING_SOURCE, &source, err);
    if (!status)
        status = take_end(l, i, WIRING_TARGET, &target, err);
    if (!status)
        status = take_weight(l, i, &weight, err);
    if (!status)
        status = take_delay(l, i, &steps, err);
    if (status)
        return status;
    uint64_t tile = target / WIRING_TILE;
    if (!l->next) {
        l->file->first[tile + 1]++;
        note_edge(l->file, steps, weight);
    } else if (l->next[tile] < l->file->first[tile + 1])
        l->file->edge[l->next[tile]++] =
            (struct wiring_edge){target % WIRING_TILE << 48 | source << 16 | steps, weight};
    else
        return edge_source_refuse(l->source, i, err, "the file was changed while it was read");
    return STATUS_OK;
}

/* ---- all */

static enum status open_ids(struct loading *l, struct error *err)
{
    enum status status = wiring_ids_open(&l->ids[WIRING_SOURCE], l->config, l->projection,
                                         WIRING_SOURCE, l->batch.source_population, err);
    return status ? status
                  : wiring_ids_open(&l->ids[WIRING_TARGET], l->config, l->projection, WIRING_TARGET,
                                    l->batch.target_population, err);
}

static enum status walk(struct loading *l, struct error *err)
{
    enum status status;
    while (!(status = edge_source_next(l->source, &l->batch, err)) && l->batch.count > 0) {
        status = open_ids(l, err);
        for (size_t i = 0; i < l->batch.count && !status; i++)
            status = take_edge(l, i, err);
        if (status)
            return status;
    }
    return status;
}

static enum status check_memory(uint64_t edges, struct error *err)
{
    char limit[40];
    uint64_t available = memory_available(limit, sizeof limit);
    if (edges <= available / sizeof(struct wiring_edge))
        return STATUS_OK;
    return error_set(err, STATUS_MEMORY,
                     "its %" PRIu64 " edges take %.4g MB of memory, but %.4g MB are available (%s)",
                     edges, (double)edges * sizeof(struct wiring_edge) * 1e-6,
                     (double)available * 1e-6, limit);
}

static enum status allocate(struct loading *l, struct error *err)
{
    struct wiring_file *file = l->file;
    enum status status = check_memory(file->edges, err);
    if (status)
        return status;
    file->edge = memory_alloc((file->edges + 1) * sizeof *file->edge);
    l->next = malloc((file->tiles + 1) * sizeof *l->next);
    if (!file->edge || !l->next)
        return error_no_memory(err, "for the edges of a file");
    for (uint64_t t = 0; t < file->tiles; t++) {
        file->first[t + 1] += file->first[t];
        l->next[t] = file->first[t];
    }
    return STATUS_OK;
}

static int compare(const void *a, const void *b)
{
    const struct wiring_edge *s = a, *t = b;
    if (s->key != t->key)
        return s->key < t->key ? -1 : 1;
    return s->weight < t->weight ? -1 : s->weight > t->weight;
}

static void sort(struct wiring_file *file)
{
    for (uint64_t t = 0; t < file->tiles; t++) {
        uint64_t run = 0;
        qsort(file->edge + file->first[t], file->first[t + 1] - file->first[t], sizeof *file->edge,
              compare);
        for (uint64_t e = file->first[t]; e < file->first[t + 1]; e++) {
            bool same = e > file->first[t] && wiring_edge_target(&file->edge[e]) ==
                                                  wiring_edge_target(&file->edge[e - 1]);
            run = same ? run + 1 : 1;
            file->greatest_indegree = run > file->greatest_indegree ? run : file->greatest_indegree;
        }
    }
}

static enum status read_twice(struct loading *l, struct error *err)
{
    uint64_t edges = edge_source_count(l->source);
    enum status status = edges == UINT64_MAX ? STATUS_OK : check_memory(edges, err);
    if (!status)
        status = walk(l, err);
    if (!status)
        status = allocate(l, err);
    if (!status)
        status = edge_source_rewind(l->source, err);
    if (!status)
        status = walk(l, err);
    for (uint64_t t = 0; t < l->file->tiles && !status; t++)
        if (l->next[t] != l->file->first[t + 1])
            status = error_set(err, STATUS_OUTPUT, "the file was changed while it was read");
    return status;
}

static enum status check_sizes(const struct loading *l, struct error *err)
{
    if (l->projection->sources <= UINT32_MAX)
        return STATUS_OK;
    return error_set(err, STATUS_CONFIG,
                     "rule = file is for at most 2^32 - 1 sources, and there are %" PRIu64,
                     l->projection->sources);
}

static enum status begin(struct loading *l, struct error *err)
{
    enum status status = check_sizes(l, err);
    struct wiring_file *file = l->file = status ? NULL : calloc(1, sizeof *file);
    if (status)
        return status;
    if (!file)
        return error_no_memory(err, "for the edges of a file");
    file->tiles = (l->projection->targets + WIRING_TILE - 1) / WIRING_TILE;
    file->least_delay = file->greatest_delay = 1;
    file->first = calloc(file->tiles + 1, sizeof *file->first);
    return file->first ? STATUS_OK : error_no_memory(err, "for the edges of a file");
}

/* Edges were counted twice. */
static void warn(const struct loading *l, const char *path, struct messages *warnings)
{
    char section[128], where[600];
    if (l->without_delay == 0)
        return;
    snprintf(section, sizeof section, "projection.%s", l->projection->name);
    config_where(l->config, section, "file", &l->projection->value[PROJECTION_FILE], where,
                 sizeof where);
    messages_add(warnings,
                 "%s: %" PRIu64 " of the %" PRIu64
                 " edges of %s have no delay and take NEST's 1 ms; the key delay would say it",
                 where, l->without_delay / 2, l->file->edges, path);
}

enum status wiring_file_read(struct wiring_file **out, const struct config *config,
                             const struct projection_config *projection,
                             const struct edge_reading *reading, struct messages *warnings,
                             struct error *err)
{
    struct loading l = {.config = config, .projection = projection};
    l.own_weight = !projection->value[PROJECTION_WEIGHT].present;
    l.own_delay = !projection->value[PROJECTION_DELAY].present;
    *out = NULL;
    enum status status = begin(&l, err);
    if (!status)
        status = edge_source_open(&l.source, reading, err);
    if (!status)
        status = read_twice(&l, err);
    if (!status) {
        sort(l.file);
        warn(&l, reading->path, warnings);
        *out = l.file;
    } else
        wiring_file_free(l.file);
    edge_source_close(l.source);
    free(l.next);
    return status;
}

void wiring_file_free(struct wiring_file *file)
{
    if (!file)
        return;
    memory_free(file->edge, (file->edges + 1) * sizeof *file->edge);
    free(file->first);
    free(file);
}

void wiring_file_delays(const struct wiring_file *file, uint64_t tile, uint64_t first, size_t count,
                        uint32_t *delay)
{
    const struct wiring_edge *edge = &file->edge[file->first[tile] + first];
    for (size_t i = 0; i < count; i++)
        delay[i] = wiring_edge_delay(&edge[i]);
}

void wiring_file_weights(const struct wiring_file *file, uint64_t tile, uint64_t first,
                         size_t count, bool scale, double *weight)
{
    const struct wiring_edge *edge = &file->edge[file->first[tile] + first];
    for (size_t i = 0; i < count; i++)
        weight[i] = scale ? weight[i] * edge[i].weight : edge[i].weight;
}

uint64_t wiring_file_bytes(const struct wiring_file *file)
{
    return file->edges * sizeof *file->edge + (file->tiles + 1) * sizeof *file->first;
}
