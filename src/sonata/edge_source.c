#include "sonata/edge_source.h"

#include "io/hdf5_input.h"
#include "sonata/edge_types.h"
#include "sonata/edges_csv.h"
#include "sonata/edges_reader.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 65536 };

struct edge_source {
    char *path, *types_path;
    struct edge_types types;

    struct edges_reader *reader; /* SONATA; else NULL */
    size_t *part;                /* its populations that are read */
    size_t part_count;
    size_t at;      /* in part[] */
    uint64_t next;  /* edge of that one */
    uint64_t first; /* edge of the batch */

    struct edges_csv *csv; /* CSV; else NULL */

    struct edges_columns columns; /* [PIECE] each */
    void *memory;
};

/* ---- opening */

/* NAME, or NAME.SOURCE.TARGET. */
static bool is_meant(const char *wanted, const char *name)
{
    size_t length = strlen(wanted);
    return strncmp(wanted, name, length) == 0 && (name[length] == '\0' || name[length] == '.');
}

static enum status ask_for_one(const struct edge_source *source, struct error *err)
{
    size_t count, used = 0;
    const struct edges_population *list = edges_reader_populations(source->reader, &count);
    char names[200] = "";
    if (count == 0)
        return error_set(err, STATUS_CONFIG, "%s has no population of edges", source->path);
    for (size_t i = 0; i < count && used < sizeof names; i++)
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", i > 0 ? ", " : "",
                                 list[i].name);
    if (used >= sizeof names)
        memcpy(names + sizeof names - 4, "...", 4);
    return error_set(err, STATUS_CONFIG,
                     "%s has %zu populations of edges; name one of them by population = NAME: %s",
                     source->path, count, names);
}

static enum status choose_all(struct edge_source *source, const char *wanted, struct error *err)
{
    size_t count;
    const struct edges_population *list = edges_reader_populations(source->reader, &count);
    source->part = calloc(count + 1, sizeof *source->part);
    if (!source->part)
        return error_no_memory(err, "to read edges");
    for (size_t i = 0; i < count; i++)
        if (!wanted || is_meant(wanted, list[i].name))
            source->part[source->part_count++] = i;
    if (wanted && source->part_count == 0)
        return error_set(err, STATUS_CONFIG, "%s has no population of edges %s%s%s", source->path,
                         wanted, count > 0 ? "; it has " : "", count > 0 ? list[0].name : "");
    if (wanted || count == 1)
        return STATUS_OK;
    return ask_for_one(source, err);
}

static enum status open_sonata(struct edge_source *source, const struct edge_reading *reading,
                               struct error *err)
{
    enum status status = edges_reader_open(&source->reader, source->path, err);
    if (!status)
        status = choose_all(source, reading->population, err);
    if (!status && source->types_path)
        status = edge_types_read(&source->types, source->types_path, err);
    return status;
}

static enum status open_csv(struct edge_source *source, const struct edge_reading *reading,
                            struct error *err)
{
    if (reading->population || reading->types)
        return error_set(err, STATUS_CONFIG,
                         "%s is a CSV file of edges, which has no populations and no types; leave "
                         "out %s",
                         source->path, reading->population ? "population" : "edge_types");
    return edges_csv_open(&source->csv, source->path, reading->dt, err);
}

static bool make_room(struct edge_source *source)
{
    char *memory = source->memory = malloc(6 * PIECE * sizeof(double));
    if (!memory)
        return false;
    const size_t column = PIECE * sizeof(double);
    source->columns = (struct edges_columns){
        (uint64_t *)memory,
        (uint64_t *)(memory + column),
        (uint64_t *)(memory + 2 * column),
        (double *)(memory + 3 * column),
        (double *)(memory + 4 * column),
        (double *)(memory + 5 * column),
    };
    return true;
}

static enum status open_any(struct edge_source *source, const struct edge_reading *reading,
                            struct error *err)
{
    source->path = strdup(reading->path);
    source->types_path = reading->types ? strdup(reading->types) : NULL;
    if (!source->path || (reading->types && !source->types_path) || !make_room(source))
        return error_no_memory(err, "to read edges");
    return hdf5_input_is_hdf5(source->path) ? open_sonata(source, reading, err)
                                            : open_csv(source, reading, err);
}

enum status edge_source_open(struct edge_source **out, const struct edge_reading *reading,
                             struct error *err)
{
    *out = NULL;
    struct edge_source *source = calloc(1, sizeof *source);
    if (!source)
        return error_no_memory(err, "to read edges");
    enum status status = open_any(source, reading, err);
    if (status)
        edge_source_close(source);
    else
        *out = source;
    return status;
}

void edge_source_close(struct edge_source *source)
{
    if (!source)
        return;
    edges_reader_close(source->reader);
    edges_csv_close(source->csv);
    edge_types_free(&source->types);
    free(source->part);
    free(source->memory);
    free(source->path);
    free(source->types_path);
    free(source);
}

/* ---- reading */

static const struct edges_population *population_at(const struct edge_source *source, size_t at)
{
    return &edges_reader_populations(source->reader, &(size_t){0})[source->part[at]];
}

uint64_t edge_source_count(const struct edge_source *source)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < source->part_count; i++)
        sum += population_at(source, i)->edges;
    return source->csv ? UINT64_MAX : sum;
}

enum status edge_source_refuse(const struct edge_source *source, size_t i, struct error *err,
                               const char *what)
{
    if (source->csv)
        return error_set(err, STATUS_OUTPUT, "%s:%" PRIu64 ": %s", source->path,
                         edges_csv_line(source->csv) + i, what);
    return error_set(err, STATUS_OUTPUT, "%s: edge %" PRIu64 " of /edges/%s: %s", source->path,
                     source->first + i, population_at(source, source->at)->name, what);
}

/* What the edge's own group does not say, its type may. */
static enum status take_type(const struct edge_source *source, size_t i, struct error *err)
{
    const struct edges_columns *c = &source->columns;
    const struct edge_type *type = edge_types_find(&source->types, c->type[i]);
    if (!type) {
        char what[600];
        snprintf(what, sizeof what, "%.400s has no edge_type_id %" PRIu64, source->types_path,
                 c->type[i]);
        return edge_source_refuse(source, i, err, what);
    }
    c->weight[i] = isnan(c->weight[i]) ? type->weight : c->weight[i];
    c->delay[i] = isnan(c->delay[i]) ? type->delay : c->delay[i];
    c->synapses[i] = isnan(c->synapses[i]) ? type->synapses : c->synapses[i];
    return STATUS_OK;
}

static enum status take_types(const struct edge_source *source, size_t count, struct error *err)
{
    const struct edges_columns *c = &source->columns;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < count && !status && source->types_path; i++)
        status = take_type(source, i, err);
    for (size_t i = 0; i < count; i++)
        c->synapses[i] = isnan(c->synapses[i]) ? 1 : c->synapses[i];
    return status;
}

static enum status next_of_sonata(struct edge_source *source, struct edge_batch *batch,
                                  struct error *err)
{
    while (source->at < source->part_count &&
           source->next == population_at(source, source->at)->edges) {
        source->at++;
        source->next = 0;
    }
    if (source->at == source->part_count)
        return STATUS_OK;
    const struct edges_population *population = population_at(source, source->at);
    uint64_t left = population->edges - source->next;
    batch->count = left < PIECE ? (size_t)left : PIECE;
    batch->source_population = population->source;
    batch->target_population = population->target;
    source->first = source->next;
    source->next += batch->count;
    return edges_reader_read(source->reader, source->part[source->at], source->first, batch->count,
                             &source->columns, err);
}

enum status edge_source_next(struct edge_source *source, struct edge_batch *batch,
                             struct error *err)
{
    const struct edges_columns *c = &source->columns;
    *batch =
        (struct edge_batch){NULL, NULL, 0, c->source, c->target, c->weight, c->synapses, c->delay};
    enum status status = source->csv ? edges_csv_read(source->csv, PIECE, c, &batch->count, err)
                                     : next_of_sonata(source, batch, err);
    return status ? status : take_types(source, batch->count, err);
}

enum status edge_source_rewind(struct edge_source *source, struct error *err)
{
    source->at = 0;
    source->next = 0;
    return source->csv ? edges_csv_rewind(source->csv, err) : STATUS_OK;
}
