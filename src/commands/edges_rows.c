#include "commands/edges_rows.h"

#include "base/clock.h"
#include "cli/cli_report.h"
#include "config/read.h"
#include "config/units.h"
#include "io/hdf5_help.h"
#include "plot/plot_colours.h"
#include "plot/plot_config.h"
#include "sonata/edges_reader.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 65536 };

/* ms: delays of others' files go to the nearest. */
static const double DELAY_UNIT = 0.001;

/* Edges of each id. */
struct degrees {
    uint32_t *of; /* [room] */
    uint64_t room, ids;
};

struct reading {
    const char *path;
    struct edges_reader *reader;
    const struct config *config;  /* in the file; NULL: it has none */
    struct edges_columns columns; /* [PIECE] each */
    double started;
    uint64_t edges, done; /* of all that are read */
};

static enum status make_room(struct degrees *degrees, uint64_t ids, struct error *err)
{
    uint64_t room = degrees->room ? degrees->room : 1024;
    while (room < ids)
        room *= 2;
    enum status status = network_rows_fit(room, err);
    uint32_t *of = status ? NULL : realloc(degrees->of, room * sizeof *of);
    if (!of)
        return status ? status : error_no_memory(err, "for degrees");
    memset(of + degrees->room, 0, (room - degrees->room) * sizeof *of);
    degrees->of = of;
    degrees->room = room;
    return STATUS_OK;
}

static enum status count(struct degrees *degrees, const uint64_t *ids, size_t number,
                         struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < number && !status; i++) {
        degrees->ids = ids[i] >= degrees->ids ? ids[i] + 1 : degrees->ids;
        if (ids[i] >= degrees->room)
            status = make_room(degrees, ids[i] + 1, err);
        if (!status)
            degrees->of[ids[i]]++;
    }
    return status;
}

static void add(struct value_counts *counts, double value)
{
    if (!isnan(value))
        value_counts_add(counts, value_counts_multiple(counts, value), 1);
}

static enum status take_piece(struct connections_row *row, struct degrees *in, struct degrees *out,
                              const struct edges_columns *columns, size_t number, struct error *err)
{
    for (size_t i = 0; i < number; i++) {
        double synapses = isnan(columns->synapses[i]) ? 1 : columns->synapses[i];
        add(&row->of[CONNECTIONS_DELAY], columns->delay[i]);
        add(&row->of[CONNECTIONS_WEIGHT], columns->weight[i] * synapses);
    }
    row->synapses += number;
    enum status status = count(in, columns->target, number, err);
    return status ? status : count(out, columns->source, number, err);
}

static enum status read_edges(struct reading *reading, size_t population,
                              struct connections_row *row, struct degrees *in, struct degrees *out,
                              struct error *err)
{
    size_t all;
    uint64_t edges = edges_reader_populations(reading->reader, &all)[population].edges;
    enum status status = STATUS_OK;
    for (uint64_t first = 0; first < edges && !status; first += PIECE) {
        size_t piece = edges - first < PIECE ? (size_t)(edges - first) : PIECE;
        status =
            edges_reader_read(reading->reader, population, first, piece, &reading->columns, err);
        if (!status)
            status = take_piece(row, in, out, &reading->columns, piece, err);
        reading->done += piece;
        cli_report_share(row->name, (double)reading->done / (double)reading->edges,
                         clock_seconds() - reading->started);
    }
    return status;
}

/* The projection whose edges these are: NAME or NAME.SOURCE.TARGET. */
static const struct projection_config *projection_of(const struct config *config, const char *name)
{
    for (size_t i = 0; config && i < config->projection_count; i++) {
        size_t length = strlen(config->projection[i].name);
        if (strncmp(config->projection[i].name, name, length) == 0 &&
            (name[length] == '\0' || name[length] == '.'))
            return &config->projection[i];
    }
    return NULL;
}

static uint32_t degree(const struct degrees *degrees, uint64_t id)
{
    return id < degrees->room ? degrees->of[id] : 0;
}

/* Of the neurons in the projection's list that are of one population; without a list of all ids. */
static void add_degrees(struct value_counts *counts, const struct degrees *degrees,
                        const struct target *list, size_t ranges, size_t population)
{
    for (uint64_t id = 0; !list && id < degrees->ids; id++)
        value_counts_add(counts, degree(degrees, id), 1);
    for (size_t i = 0; list && i < ranges; i++)
        for (uint64_t id = list[i].begin; id < list[i].end && list[i].population == population;
             id++)
            value_counts_add(counts, degree(degrees, id), 1);
}

static void gather(struct connections_row *row, const struct reading *reading,
                   const struct degrees *in, const struct degrees *out)
{
    const struct projection_config *p = projection_of(reading->config, row->name);
    size_t source = p && row->source ? plot_config_place(reading->config, row->source) : SIZE_MAX;
    size_t target = p && row->target ? plot_config_place(reading->config, row->target) : SIZE_MAX;
    bool known = source != SIZE_MAX && target != SIZE_MAX;
    row->unit = p ? config_kept_unit(p->weight.dimension) : NULL;
    row->colour = known ? plot_colour(source) : row->colour;
    add_degrees(&row->of[CONNECTIONS_IN], in, known ? p->target : NULL, known ? p->target_count : 0,
                target);
    add_degrees(&row->of[CONNECTIONS_OUT], out, known ? p->source : NULL,
                known ? p->source_count : 0, source);
}

static enum status add_row(struct network_rows *rows, struct reading *reading, size_t population,
                           struct error *err)
{
    size_t all;
    const struct edges_population *p = &edges_reader_populations(reading->reader, &all)[population];
    struct connections_row *row = &rows->row[rows->count++];
    struct degrees in = {NULL, 0, 0}, out = {NULL, 0, 0};
    enum status status =
        connections_row_init(row, p->name, p->source, p->target,
                             reading->config ? reading->config->dt_ms : DELAY_UNIT, err);
    row->colour = plot_colour(population);
    if (!status)
        status = read_edges(reading, population, row, &in, &out, err);
    if (!status)
        gather(row, reading, &in, &out);
    free(in.of);
    free(out.of);
    return status;
}

static enum status refuse(const struct reading *reading, const char *only, struct error *err)
{
    size_t count;
    const struct edges_population *list = edges_reader_populations(reading->reader, &count);
    const char **names = calloc(count + 1, sizeof *names);
    if (!names)
        return error_no_memory(err, "for names");
    for (size_t i = 0; i < count; i++)
        names[i] = list[i].name;
    enum status status =
        count > 0 ? network_rows_none(reading->path, "population of edges", only, names, count, err)
                  : error_set(err, STATUS_CONFIG, "%s has no population of edges", reading->path);
    free(names);
    return status;
}

static bool is_chosen(const char *only, const char *name)
{
    return !only || strcmp(only, name) == 0;
}

static enum status read_all(struct network_rows *rows, struct reading *reading, const char *only,
                            struct error *err)
{
    size_t count;
    const struct edges_population *list = edges_reader_populations(reading->reader, &count);
    enum status status = STATUS_OK;
    for (size_t i = 0; i < count; i++)
        reading->edges += is_chosen(only, list[i].name) ? list[i].edges : 0;
    for (size_t i = 0; i < count && !status; i++)
        if (is_chosen(only, list[i].name))
            status = add_row(rows, reading, i, err);
    cli_report_progress_end();
    return status || rows->count > 0 ? status : refuse(reading, only, err);
}

static enum status read_file(struct network_rows *rows, struct reading *reading, const char *only,
                             struct error *err)
{
    size_t count;
    edges_reader_populations(reading->reader, &count);
    uint64_t *whole = malloc(3 * PIECE * sizeof *whole);
    double *number = malloc(3 * PIECE * sizeof *number);
    rows->row = calloc(count + 1, sizeof *rows->row);
    enum status status =
        whole && number && rows->row ? STATUS_OK : error_no_memory(err, "to read edges");
    if (!status) {
        reading->columns = (struct edges_columns){whole,  whole + PIECE,  whole + 2 * PIECE,
                                                  number, number + PIECE, number + 2 * PIECE};
        status = read_all(rows, reading, only, err);
    }
    free(whole);
    free(number);
    return status;
}

enum status edges_rows_read(struct network_rows *rows, const char *path, const char *only,
                            struct error *err)
{
    struct reading reading = {.path = path, .started = clock_seconds()};
    *rows = (struct network_rows){NULL, 0};
    enum status status = edges_reader_open(&reading.reader, path, err);
    if (status)
        return status;
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    struct config *config = plot_read_config(edges_reader_file(reading.reader));
    hdf5_quiet_end(quiet);
    reading.config = config;
    status = read_file(rows, &reading, only, err);
    config_free(config);
    edges_reader_close(reading.reader);
    return status;
}
