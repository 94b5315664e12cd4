#include "sonata/edges_csv.h"

#include "io/csv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct edges_csv {
    struct csv *csv;
    char *path;
    struct decimal dt;
    uint64_t line; /* of the first edge read last */
    struct csv_column source, target, weight, delay, steps, synapses;
};

static enum status refuse_both(const struct edges_csv *edges, const char *name, const char *also,
                               struct error *err)
{
    return error_set(err, STATUS_OUTPUT, "%s has both the columns %s and %s; leave the right one",
                     edges->path, name, also);
}

/* A column by one of two names. */
static enum status find(const struct edges_csv *edges, const char *name, const char *also,
                        struct csv_column *column, struct error *err)
{
    struct csv_column second = {0, false};
    enum status status = csv_find_optional(edges->csv, name, column, err);
    if (!status)
        status = csv_find_optional(edges->csv, also, &second, err);
    if (!status && column->there && second.there)
        return refuse_both(edges, name, also, err);
    if (second.there)
        *column = second;
    return status;
}

/* The ends have to be there. */
static enum status find_end(const struct edges_csv *edges, const char *name, const char *also,
                            struct csv_column *column, struct error *err)
{
    enum status status = find(edges, name, also, column, err);
    return status || column->there ? status : csv_find(edges->csv, name, &column->column, err);
}

static enum status find_delay(struct edges_csv *edges, struct error *err)
{
    enum status status = csv_find_optional(edges->csv, "delay", &edges->delay, err);
    if (!status)
        status = csv_find_optional(edges->csv, "delay_steps", &edges->steps, err);
    if (!status && edges->delay.there && edges->steps.there)
        return refuse_both(edges, "delay", "delay_steps", err);
    if (!status && edges->steps.there && edges->dt.mantissa == 0)
        return error_set(err, STATUS_OUTPUT,
                         "%s counts delays in steps and does not say how long they are: give "
                         "them in ms, in a column delay",
                         edges->path);
    return status;
}

static enum status find_columns(struct edges_csv *edges, struct error *err)
{
    enum status status = find_end(edges, "source", "source_node_id", &edges->source, err);
    if (!status)
        status = find_end(edges, "target", "target_node_id", &edges->target, err);
    if (!status)
        status = find(edges, "weight", "syn_weight", &edges->weight, err);
    if (!status)
        status = find_delay(edges, err);
    if (!status)
        status = csv_find_optional(edges->csv, "nsyns", &edges->synapses, err);
    return status;
}

enum status edges_csv_open(struct edges_csv **out, const char *path, struct decimal dt,
                           struct error *err)
{
    *out = NULL;
    struct edges_csv *edges = calloc(1, sizeof *edges);
    if (!edges)
        return error_no_memory(err, "to read edges");
    edges->dt = dt;
    edges->path = strdup(path);
    enum status status =
        edges->path ? csv_open(&edges->csv, path, err) : error_no_memory(err, "to read edges");
    if (!status)
        status = find_columns(edges, err);
    if (status)
        edges_csv_close(edges);
    else
        *out = edges;
    return status;
}

void edges_csv_close(struct edges_csv *edges)
{
    if (!edges)
        return;
    csv_close(edges->csv);
    free(edges->path);
    free(edges);
}

static enum status read_number(const struct edges_csv *edges, struct csv_column place,
                               double *value, struct error *err)
{
    *value = NAN;
    return place.there ? csv_number(edges->csv, place.column, value, err) : STATUS_OK;
}

static enum status read_delay(const struct edges_csv *edges, double *delay, struct error *err)
{
    uint64_t steps;
    if (!edges->steps.there)
        return read_number(edges, edges->delay, delay, err);
    enum status status = csv_whole(edges->csv, edges->steps.column, &steps, err);
    if (!status)
        *delay = decimal_times_steps(edges->dt, steps);
    return status;
}

static enum status read_id(const struct edges_csv *edges, struct csv_column place, uint64_t *id,
                           struct error *err)
{
    enum status status = csv_whole(edges->csv, place.column, id, err);
    if (!status && *id > INT64_MAX)
        status = csv_refuse(edges->csv, place.column, err, "is above 2^63 - 1");
    return status;
}

static enum status read_edge(const struct edges_csv *edges, const struct edges_columns *to,
                             size_t i, struct error *err)
{
    to->type[i] = 0;
    enum status status = read_id(edges, edges->source, &to->source[i], err);
    if (!status)
        status = read_id(edges, edges->target, &to->target[i], err);
    if (!status)
        status = read_number(edges, edges->weight, &to->weight[i], err);
    if (!status)
        status = read_delay(edges, &to->delay[i], err);
    if (!status)
        status = read_number(edges, edges->synapses, &to->synapses[i], err);
    if (!status && to->synapses[i] < 0)
        status = csv_refuse(edges->csv, edges->synapses.column, err, "is negative");
    return status;
}

enum status edges_csv_read(struct edges_csv *edges, size_t most,
                           const struct edges_columns *columns, size_t *count, struct error *err)
{
    enum status status = STATUS_OK;
    bool more = true;
    for (*count = 0; *count < most && more && !status; *count += more) {
        status = csv_next(edges->csv, &more, err);
        if (*count == 0)
            edges->line = csv_line(edges->csv);
        if (!status && more)
            status = read_edge(edges, columns, *count, err);
    }
    return status;
}

uint64_t edges_csv_line(const struct edges_csv *edges)
{
    return edges->line;
}

enum status edges_csv_rewind(struct edges_csv *edges, struct error *err)
{
    return csv_rewind(edges->csv, err);
}
