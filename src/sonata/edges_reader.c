#include "sonata/edges_reader.h"

#include "io/hdf5_help.h"
#include "io/hdf5_input.h"
#include "io/hdf5_open.h"
#include "io/hdf5_text.h"
#include "sonata/edge_groups.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum end { SOURCE, TARGET, TYPE, GROUP, PLACE, WHOLE_COLUMNS };

static const char *const column_name[WHOLE_COLUMNS] = {
    "source_node_id", "target_node_id", "edge_type_id", "edge_group_id", "edge_group_index"};

/* What is open of a population. */
struct part {
    struct file_column whole[WHOLE_COLUMNS];
    struct edge_groups groups;
};

enum { PIECE = 65536 }; /* edges read at a time */

struct edges_reader {
    char *path;
    hid_t file;
    struct edges_population *population;
    struct part *part;
    size_t count;
    uint64_t *group, *place; /* [PIECE] */
};

/* ---- opening */

/* "FILE: /edges/NAME". */
static void say_where(const struct edges_reader *reader, size_t index, char *text, size_t size)
{
    snprintf(text, size, "%.400s: /edges/%.200s", reader->path, reader->population[index].name);
}

/* Files without groups' columns have all edges in group 0, in their order. */
static bool may_miss(enum end column)
{
    return column == TYPE || column == GROUP || column == PLACE;
}

static enum status open_column(struct edges_reader *reader, hid_t group, size_t index,
                               enum end which, struct error *err)
{
    struct file_column *column = &reader->part[index].whole[which];
    const uint64_t *edges = &reader->population[index].edges;
    const char *name = column_name[which];
    *column = file_column_open(group, name, COLUMN_INTEGERS);
    if (column->dataset < 0 && may_miss(which) && H5Lexists(group, name, H5P_DEFAULT) <= 0)
        return STATUS_OK;
    char where[640];
    say_where(reader, index, where, sizeof where);
    if (column->dataset < 0)
        return error_set(err, STATUS_OUTPUT,
                         "cannot read %s: it needs %s, a list of integers in the file itself",
                         where, name);
    if (which != SOURCE && column->rows != *edges)
        return error_set(err, STATUS_OUTPUT,
                         "cannot read %s: it has %" PRIu64 " source_node_id but %" PRIu64 " %s",
                         where, *edges, column->rows, name);
    reader->population[index].edges = column->rows;
    return STATUS_OK;
}

static enum status read_ends(struct edges_reader *reader, size_t index, struct error *err)
{
    struct edges_population *population = &reader->population[index];
    const struct file_column *whole = reader->part[index].whole;
    enum status status = hdf5_text_of_attribute(whole[SOURCE].dataset, ".", "node_population",
                                                &population->source, err);
    if (!status)
        status = hdf5_text_of_attribute(whole[TARGET].dataset, ".", "node_population",
                                        &population->target, err);
    return status;
}

static enum status open_part(struct edges_reader *reader, hid_t group, size_t index,
                             struct error *err)
{
    char where[640];
    enum status status = STATUS_OK;
    for (int i = 0; i < WHOLE_COLUMNS && !status; i++)
        status = open_column(reader, group, index, (enum end)i, err);
    if (!status)
        status = read_ends(reader, index, err);
    reader->population[index].typed = reader->part[index].whole[TYPE].dataset >= 0;
    say_where(reader, index, where, sizeof where);
    return status ? status : edge_groups_open(&reader->part[index].groups, group, where, err);
}

static enum status open_population(struct edges_reader *reader, hid_t edges, size_t index,
                                   struct error *err)
{
    struct part *part = &reader->part[index];
    for (int i = 0; i < WHOLE_COLUMNS; i++)
        part->whole[i].dataset = H5I_INVALID_HID;
    reader->count++;
    enum status status =
        file_column_child(edges, index, reader->path, &reader->population[index].name, err);
    if (status)
        return status;
    const char *name = reader->population[index].name;
    hid_t group = hdf5_input_is_own(edges, name) ? hdf5_open_group(edges, name) : H5I_INVALID_HID;
    if (group < 0)
        return error_set(err, STATUS_OUTPUT,
                         "cannot read %s: /edges/%s is no population of edges in the file itself",
                         reader->path, name);
    status = open_part(reader, group, index, err);
    H5Gclose(group);
    return status;
}

static enum status open_populations(struct edges_reader *reader, hid_t edges, struct error *err)
{
    H5G_info_t info;
    if (H5Gget_info(edges, &info) < 0)
        return hdf5_failed(err, "cannot read %s", reader->path);
    reader->population = calloc(info.nlinks + 1, sizeof *reader->population);
    reader->part = calloc(info.nlinks + 1, sizeof *reader->part);
    reader->group = malloc(PIECE * sizeof *reader->group);
    reader->place = malloc(PIECE * sizeof *reader->place);
    if (!reader->population || !reader->part || !reader->group || !reader->place)
        return error_no_memory(err, "to read edges");
    enum status status = STATUS_OK;
    for (size_t i = 0; i < info.nlinks && !status; i++)
        status = open_population(reader, edges, i, err);
    return status;
}

static enum status open_edges(struct edges_reader *reader, struct error *err)
{
    hid_t edges = hdf5_input_is_own(reader->file, "/edges")
                      ? hdf5_open_group(reader->file, "/edges")
                      : H5I_INVALID_HID;
    if (edges < 0)
        return error_set(err, STATUS_OUTPUT,
                         "cannot read %s: it is no SONATA edges file (there is no group /edges)",
                         reader->path);
    enum status status = open_populations(reader, edges, err);
    H5Gclose(edges);
    return status;
}

enum status edges_reader_open(struct edges_reader **out, const char *path, struct error *err)
{
    *out = NULL;
    struct edges_reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return error_no_memory(err, "to read edges");
    reader->file = H5I_INVALID_HID;
    reader->path = strdup(path);
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    enum status status =
        reader->path ? hdf5_input_file(path, "a SONATA edges file, or CSV", &reader->file, err)
                     : error_no_memory(err, "to read edges");
    if (!status)
        status = open_edges(reader, err);
    hdf5_quiet_end(quiet);
    if (status)
        edges_reader_close(reader);
    else
        *out = reader;
    return status;
}

static void close_part(struct edges_population *population, struct part *part)
{
    for (int i = 0; i < WHOLE_COLUMNS; i++)
        file_column_close(&part->whole[i]);
    edge_groups_close(&part->groups);
    free(population->name);
    free(population->source);
    free(population->target);
}

void edges_reader_close(struct edges_reader *reader)
{
    if (!reader)
        return;
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    for (size_t i = 0; i < reader->count; i++)
        close_part(&reader->population[i], &reader->part[i]);
    if (reader->file >= 0)
        H5Fclose(reader->file);
    hdf5_quiet_end(quiet);
    free(reader->population);
    free(reader->part);
    free(reader->group);
    free(reader->place);
    free(reader->path);
    free(reader);
}

bool edges_reader_is(const char *path)
{
    hid_t file;
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    bool is = !hdf5_input_file(path, "", &file, NULL) && hdf5_input_is_own(file, "/edges");
    if (file >= 0)
        H5Fclose(file);
    hdf5_quiet_end(quiet);
    return is;
}

const struct edges_population *edges_reader_populations(const struct edges_reader *reader,
                                                        size_t *count)
{
    *count = reader->count;
    return reader->population;
}

hid_t edges_reader_file(const struct edges_reader *reader)
{
    return reader->file;
}

/* ---- reading */

static enum status refuse(const struct edges_reader *reader, size_t population, uint64_t edge,
                          enum status status, struct error *err, const char *what)
{
    return error_set(err, status, "%s: edge %" PRIu64 " of /edges/%s: %s", reader->path, edge,
                     reader->population[population].name, what);
}

/* Whole numbers of a column; without it they are `missing`, counting up from the first edge. */
static enum status read_whole(const struct edges_reader *reader, size_t population, enum end which,
                              uint64_t first, size_t count, uint64_t *values, struct error *err)
{
    const struct file_column *column = &reader->part[population].whole[which];
    if (column->dataset < 0) {
        for (size_t i = 0; i < count; i++)
            values[i] = which == PLACE ? first + i : 0;
        return STATUS_OK;
    }
    if (file_column_whole(column, first, count, values) < 0)
        return hdf5_input_failed(err, column->dataset, "cannot read %s of /edges/%s of %s",
                                 column_name[which], reader->population[population].name,
                                 reader->path);
    for (size_t i = 0; i < count; i++)
        if (values[i] > INT64_MAX) {
            char what[100];
            snprintf(what, sizeof what, "%s is %s", column_name[which],
                     column->is_signed ? "negative" : "above 2^63 - 1");
            return refuse(reader, population, first + i, STATUS_OUTPUT, err, what);
        }
    return STATUS_OK;
}

/* The values of one edge; NaN where its group says nothing. */
static enum status read_values(struct edge_groups *groups, uint64_t id, uint64_t place,
                               double value[EDGE_VALUES], struct error *err)
{
    size_t group = edge_groups_find(groups, id);
    bool none = group == SIZE_MAX;
    enum status status = STATUS_OK;
    if (none && (groups->count > 0 || id > 0))
        return error_set(err, STATUS_OUTPUT, "there is no group %" PRIu64, id);
    for (int i = 0; i < EDGE_VALUES; i++)
        value[i] = NAN;
    for (int i = 0; i < EDGE_VALUES && !none && !status; i++)
        status = edge_groups_value(groups, group, (enum edge_value)i, place, &value[i], err);
    if (!status && value[EDGE_SYNAPSES] < 0)
        status =
            error_set(err, STATUS_OUTPUT, "nsyns is %g, which is negative", value[EDGE_SYNAPSES]);
    return status;
}

static enum status read_groups(struct edges_reader *reader, size_t population, uint64_t first,
                               size_t count, size_t at, const struct edges_columns *columns,
                               struct error *err)
{
    struct error why;
    enum status status = read_whole(reader, population, GROUP, first, count, reader->group, err);
    if (!status)
        status = read_whole(reader, population, PLACE, first, count, reader->place, err);
    for (size_t i = 0; i < count && !status; i++) {
        double value[EDGE_VALUES];
        status = read_values(&reader->part[population].groups, reader->group[i], reader->place[i],
                             value, &why);
        if (status)
            return refuse(reader, population, first + i, status, err, why.text);
        columns->weight[at + i] = value[EDGE_WEIGHT];
        columns->delay[at + i] = value[EDGE_DELAY];
        columns->synapses[at + i] = value[EDGE_SYNAPSES];
    }
    return status;
}

static enum status read_piece(struct edges_reader *reader, size_t population, uint64_t first,
                              size_t count, size_t at, const struct edges_columns *columns,
                              struct error *err)
{
    enum status status =
        read_whole(reader, population, SOURCE, first, count, columns->source + at, err);
    if (!status)
        status = read_whole(reader, population, TARGET, first, count, columns->target + at, err);
    if (!status)
        status = read_whole(reader, population, TYPE, first, count, columns->type + at, err);
    if (!status)
        status = read_groups(reader, population, first, count, at, columns, err);
    return status;
}

enum status edges_reader_read(struct edges_reader *reader, size_t population, uint64_t first,
                              size_t count, const struct edges_columns *columns, struct error *err)
{
    uint64_t edges = reader->population[population].edges;
    if (first > edges || count > edges - first)
        return error_set(err, STATUS_OUTPUT, "cannot read %s: /edges/%s has only %" PRIu64 " edges",
                         reader->path, reader->population[population].name, edges);
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    enum status status = STATUS_OK;
    for (size_t at = 0; at < count && !status; at += PIECE) {
        size_t piece = count - at < PIECE ? count - at : PIECE;
        status = read_piece(reader, population, first + at, piece, at, columns, err);
    }
    hdf5_quiet_end(quiet);
    return status;
}
