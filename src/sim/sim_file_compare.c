/* Are two rasters the same, and if not, where do they part? */

#include "base/float_env.h"
#include "io/hdf5_text.h"
#include "io/provenance_read.h"
#include "sim/sim_messages.h"
#include "sonata/raster_scan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct buffers {
    uint64_t ids[2][RASTER_PIECE];
    double times[2][RASTER_PIECE];
};

struct comparing {
    struct raster_reader *reader[2];
    struct mlif_comparison *result;
    struct buffers *buffers;
    int file;    /* whose populations are being listed */
    bool failed; /* no memory for them */
};

/* The population of that name, added when it is new; NULL without memory. */
static struct mlif_compared_population *find_or_add(struct mlif_comparison *c, const char *name)
{
    for (size_t i = 0; i < c->population_count; i++)
        if (strcmp(c->population[i].name, name) == 0)
            return &c->population[i];
    struct mlif_compared_population *grown =
        realloc(c->population, (c->population_count + 1) * sizeof *grown);
    char *copy = strdup(name);
    if (grown)
        c->population = grown;
    if (!grown || !copy) {
        free(copy);
        return NULL;
    }
    grown[c->population_count] = (struct mlif_compared_population){.name = copy};
    return &grown[c->population_count++];
}

/* A population of the present file; its raster may be missing. */
static void add_population(const char *name, void *context)
{
    struct comparing *c = context;
    struct mlif_compared_population *p = find_or_add(c->result, name);
    if (p)
        p->in[c->file] = 1;
    c->failed = c->failed || !p;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct mlif_compared_population *)a)->name,
                  ((const struct mlif_compared_population *)b)->name);
}

/* Adds the populations of a file, by name, behind those that are known. */
static enum status list_populations(struct comparing *c, int f, struct error *err)
{
    size_t count, known = c->result->population_count;
    const struct raster_population *raster = raster_populations(c->reader[f], &count);
    c->file = f;
    for (size_t i = 0; i < count && !c->failed; i++) {
        add_population(raster[i].name, c);
        if (!c->failed)
            find_or_add(c->result, raster[i].name)->rows[f] = raster[i].rows;
    }
    hid_t file = raster_reader_file(c->reader[f]);
    provenance_visit(file, "/megalif/populations", add_population, c);
    if (c->failed)
        return error_no_memory(err, NULL);
    if (c->result->population_count > known)
        qsort(c->result->population + known, c->result->population_count - known,
              sizeof *c->result->population, by_name);
    return STATUS_OK;
}

/* One row of both files. */
static void note(struct mlif_comparison *out, uint64_t row, const struct buffers *b, size_t i,
                 bool end_a, bool end_b)
{
    const bool end[2] = {end_a, end_b};
    out->row = row;
    for (int f = 0; f < 2; f++) {
        out->ended[f] = end[f];
        out->node_id[f] = end[f] ? 0 : b->ids[f][i];
        out->timestamp_ms[f] = end[f] ? NAN : b->times[f][i];
    }
}

/* Compares the rows that were read; true when one differs. */
static bool compare_piece(const struct buffers *b, const size_t rows[2], uint64_t first,
                          struct mlif_comparison *out)
{
    size_t common = rows[0] < rows[1] ? rows[0] : rows[1];
    for (size_t i = 0; i < common; i++) {
        if (b->ids[0][i] != b->ids[1][i] || b->times[0][i] != b->times[1][i]) {
            note(out, first + i, b, i, false, false);
            return true;
        }
    }
    if (rows[0] != rows[1])
        note(out, first + common, b, common, common == rows[0], common == rows[1]);
    return rows[0] != rows[1];
}

/* The rows of a piece, of a population that may have no raster. */
static enum status read_piece(struct comparing *c, int f, const struct mlif_compared_population *p,
                              uint64_t first, size_t *rows, struct error *err)
{
    size_t count, i = 0;
    const struct raster_population *raster = raster_populations(c->reader[f], &count);
    uint64_t left = p->rows[f] > first ? p->rows[f] - first : 0;
    *rows = left < RASTER_PIECE ? (size_t)left : RASTER_PIECE;
    if (*rows == 0)
        return STATUS_OK;
    while (strcmp(raster[i].name, p->name) != 0)
        i++;
    return raster_read(c->reader[f], i, first, *rows, c->buffers->ids[f], c->buffers->times[f],
                       err);
}

static enum status compare_population(struct comparing *c, const struct mlif_compared_population *p,
                                      bool *differs, struct mlif_comparison *out, struct error *err)
{
    uint64_t most = p->rows[0] > p->rows[1] ? p->rows[0] : p->rows[1];
    enum status status = STATUS_OK;
    for (uint64_t first = 0; first < most && !*differs && !status; first += RASTER_PIECE) {
        size_t rows[2] = {0, 0};
        for (int f = 0; f < 2 && !status; f++)
            status = read_piece(c, f, p, first, &rows[f], err);
        if (!status)
            *differs = compare_piece(c->buffers, rows, first, out);
    }
    return status;
}

/* When a difference shows: at the earlier of the two spikes. */
static double time_of(const struct mlif_comparison *d)
{
    return fmin(d->timestamp_ms[0], d->timestamp_ms[1]); /* of a number and NaN: the number */
}

/* The earliest difference among the populations that both files have. */
static enum status compare_rasters(struct comparing *c, struct error *err)
{
    struct mlif_comparison *r = c->result;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < r->population_count && !status; i++) {
        const struct mlif_compared_population *p = &r->population[i];
        struct mlif_comparison d = *r;
        bool differs = false;
        if (p->in[0] && p->in[1])
            status = compare_population(c, p, &differs, &d, err);
        if (differs && !status && (r->differs_in == MLIF_NONE || time_of(&d) < time_of(r))) {
            *r = d;
            r->differs_in = i;
        }
    }
    return status;
}

static enum status read_claims(struct comparing *c, int f, struct error *err)
{
    hid_t file = raster_reader_file(c->reader[f]);
    char *digest;
    double dt = 0;
    enum status status = hdf5_text_of_attribute(file, "/megalif", "digest", &digest, err);
    if (digest)
        snprintf(c->result->digest[f], sizeof c->result->digest[f], "%s", digest);
    free(digest);
    if (provenance_get_f64(file, "/megalif", "dt_ms", &dt) && dt > 0)
        c->result->dt_ms[f] = dt;
    return status;
}

static void conclude(struct mlif_comparison *r)
{
    bool equal = r->differs_in == MLIF_NONE;
    for (size_t i = 0; i < r->population_count; i++)
        equal = equal && r->population[i].in[0] && r->population[i].in[1];
    /* Digests cover the spikes that were not recorded, too. */
    r->digests_differ =
        r->digest[0][0] && r->digest[1][0] && strcmp(r->digest[0], r->digest[1]) != 0;
    r->equal = equal && !r->digests_differ;
}

static enum status compare(struct comparing *c, const char *const path[2], struct error *err)
{
    enum status status = STATUS_OK;
    for (int f = 0; f < 2 && !status; f++) {
        status = raster_open(&c->reader[f], path[f], err);
        if (!status)
            status = read_claims(c, f, err);
        if (!status)
            status = list_populations(c, f, err);
    }
    c->buffers = malloc(sizeof *c->buffers);
    if (!status && !c->buffers)
        status = error_no_memory(err, NULL);
    return status ? status : compare_rasters(c, err);
}

enum mlif_status mlif_file_compare(const char *path_a, const char *path_b,
                                   struct mlif_comparison *comparison, struct mlif_messages *errors)
{
    WITH_OWN_FLOAT_ENV(env);
    const char *const path[2] = {path_a, path_b};
    struct comparing c = {.result = comparison};
    struct error err = {STATUS_OK, ""};
    memset(comparison, 0, sizeof *comparison);
    comparison->differs_in = MLIF_NONE;
    enum status status = compare(&c, path, &err);
    raster_close(c.reader[0]);
    raster_close(c.reader[1]);
    free(c.buffers);
    conclude(comparison);
    if (status)
        mlif_comparison_free(comparison);
    return status ? sim_tell_error(errors, &err) : MLIF_OK;
}

void mlif_comparison_free(struct mlif_comparison *comparison)
{
    for (size_t i = 0; i < comparison->population_count; i++)
        free((char *)comparison->population[i].name);
    free(comparison->population);
    memset(comparison, 0, sizeof *comparison);
    comparison->differs_in = MLIF_NONE;
}
