#include "sonata/spike_source.h"

#include "base/memory.h"
#include "io/csv.h"
#include "io/hdf5_input.h"
#include "sonata/raster_reader.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 65536 };            /* spikes read from HDF5 at a time */
static const double latest = 1e18; /* ms */

struct spike_source {
    char *path;
    char *population; /* as asked for; NULL: the only one */

    struct raster_reader *raster; /* SONATA; else NULL */
    bool lent;                    /* whoever asked closes it */
    size_t index;                 /* of the population there */
    uint64_t rows;
    uint64_t next; /* row that comes next */
    size_t at, held;
    uint64_t *ids;
    double *times;

    struct spike *sorted; /* [sorted_count]; NULL: they come in the order of the file */
    uint64_t sorted_count;
    bool is_sorted; /* spikes come from there, and `next` is a place in it */

    bool first_said;
    uint64_t first_id; /* as struct spike_reading says */
    struct decimal dt;

    struct csv *csv; /* CSV; else NULL */
    size_t id_column, time_column, name_column;
    bool steps;           /* time_column has NEST's steps, from which come offsets off */
    size_t offset_column; /* ms */
    bool named;           /* there is a column population */
    bool found;           /* a spike of it */
    char *only_name;      /* without a name asked for: the first found */
};

enum status spike_source_refuse(const struct spike_source *source, struct error *err,
                                const char *text)
{
    if (source->is_sorted)
        return error_set(err, STATUS_OUTPUT, "%s: a spike %s", source->path, text);
    if (source->csv)
        return csv_refuse(source->csv, source->time_column, err, text);
    return error_set(err, STATUS_OUTPUT, "%s: row %llu of %s: %s", source->path,
                     (unsigned long long)(source->next - 1),
                     raster_populations(source->raster, &(size_t){0})[source->index].path, text);
}

/* ---- SONATA ---- */

static enum status choose_population(struct spike_source *source, struct error *err)
{
    size_t count, i = 0;
    const struct raster_population *list = raster_populations(source->raster, &count);
    const char *name = source->population;
    while (name && i < count && strcmp(list[i].name, name) != 0)
        i++;
    if (i < count && (name || count == 1)) {
        source->index = i;
        source->rows = list[i].rows;
        return STATUS_OK;
    }
    if (name && count == 1 && list[0].unnamed)
        return error_set(err, STATUS_OUTPUT,
                         "%s has one population without a name (SONATA's older layout); leave out "
                         "population = %s",
                         source->path, name);
    if (name)
        return error_set(err, STATUS_OUTPUT, "%s has no population %s%s%s", source->path, name,
                         count == 1 ? "; it has " : "", count == 1 ? list[0].name : "");
    return error_set(err, STATUS_OUTPUT, "%s has %zu populations; name one of them", source->path,
                     count);
}

static enum status open_sonata(struct spike_source *source, struct error *err)
{
    enum status status = STATUS_OK;
    if (!source->lent)
        status = raster_open(&source->raster, source->path, err);
    if (!status)
        status = choose_population(source, err);
    source->ids = malloc(PIECE * sizeof *source->ids);
    source->times = malloc(PIECE * sizeof *source->times);
    if (!status && (!source->ids || !source->times))
        status = error_no_memory(err, "to read spikes");
    return status;
}

static enum status next_of_sonata(struct spike_source *source, struct spike *spike, bool *more,
                                  struct error *err)
{
    if (source->at == source->held) {
        uint64_t left = source->rows - source->next;
        source->at = 0;
        source->held = left < PIECE ? (size_t)left : PIECE;
        enum status status = raster_read(source->raster, source->index, source->next, source->held,
                                         source->ids, source->times, err);
        if (status)
            return status;
    }
    *more = source->held > 0;
    if (!*more)
        return STATUS_OK;
    *spike = (struct spike){source->ids[source->at], source->times[source->at]};
    source->at++;
    source->next++;
    if (spike->time >= 0.0 && spike->time <= latest)
        return STATUS_OK;
    return spike_source_refuse(source, err, "the time is negative, too large, or no number");
}

/* ---- CSV ---- */

static bool has(const struct spike_source *source, const char *name, size_t *column)
{
    return csv_find(source->csv, name, column, NULL) == STATUS_OK;
}

/* The columns of NEST's recorders: senders are numbers of nodes, counted through all populations.
 */
static enum status find_nest_columns(struct spike_source *source, struct error *err)
{
    enum status status = STATUS_OK;
    if (!has(source, "time_ms", &source->time_column)) {
        source->steps = true;
        status = csv_find(source->csv, "time_step", &source->time_column, err);
        if (!status)
            status = csv_find(source->csv, "time_offset", &source->offset_column, err);
    }
    if (!status && source->steps && source->dt.mantissa == 0)
        return error_set(err, STATUS_OUTPUT,
                         "%s counts time in NEST's steps and does not say how long they are: give "
                         "its resolution, as in dt = 0.1 ms (megalif convert: --dt 0.1)",
                         source->path);
    if (!status && !source->first_said)
        return error_set(err, STATUS_OUTPUT,
                         "%s has NEST's senders, which count from 1 and through all populations: "
                         "say which is the first neuron, as in first_id = 1 (megalif convert: "
                         "--first-id 1)",
                         source->path);
    return status;
}

/* Both missing are told at once. */
static enum status find_columns(struct spike_source *source, struct error *err)
{
    struct error second;
    if (!has(source, "node_ids", &source->id_column) && has(source, "sender", &source->id_column))
        return find_nest_columns(source, err);
    enum status times = csv_find(source->csv, "timestamps", &source->time_column, err);
    enum status ids = csv_find(source->csv, "node_ids", &source->id_column, &second);
    if (!times && ids)
        return error_set(err, ids, "%s", second.text);
    return times && ids ? error_set(err, ids, "%s; nor is there a column node_ids", err->text)
                        : times;
}

static enum status open_csv(struct spike_source *source, struct error *err)
{
    enum status status = csv_open(&source->csv, source->path, err);
    if (!status)
        status = find_columns(source, err);
    if (!status)
        source->named =
            csv_find(source->csv, "population", &source->name_column, NULL) == STATUS_OK;
    if (!status && source->population && !source->named)
        status = csv_find(source->csv, "population", &source->name_column, err);
    return status;
}

/* Is the present line a spike of the population? */
static enum status is_wanted(struct spike_source *source, bool *wanted, struct error *err)
{
    size_t length;
    *wanted = true;
    if (!source->named)
        return STATUS_OK;
    const char *text = csv_text(source->csv, source->name_column, &length);
    const char *name = source->population ? source->population : source->only_name;
    if (!name) {
        source->only_name = strndup(text, length);
        return source->only_name ? STATUS_OK : error_no_memory(err, "to read spikes");
    }
    *wanted = strlen(name) == length && memcmp(name, text, length) == 0;
    if (*wanted || source->population)
        return STATUS_OK;
    return csv_refuse(source->csv, source->name_column, err,
                      "is a second population; name the one to read");
}

static enum status read_time(struct spike_source *source, double *time, struct error *err)
{
    uint64_t step;
    double offset;
    if (!source->steps)
        return csv_number(source->csv, source->time_column, time, err);
    enum status status = csv_whole(source->csv, source->time_column, &step, err);
    if (!status)
        status = csv_number(source->csv, source->offset_column, &offset, err);
    if (!status)
        *time = decimal_times_steps(source->dt, step) - offset;
    return status;
}

static enum status next_of_csv(struct spike_source *source, struct spike *spike, bool *more,
                               struct error *err)
{
    bool wanted = false;
    enum status status = STATUS_OK;
    while (!wanted) {
        status = csv_next(source->csv, more, err);
        if (!status && !*more && source->population && !source->found)
            return error_set(err, STATUS_OUTPUT, "%s has no spikes of a population %s",
                             source->path, source->population);
        if (status || !*more)
            return status;
        status = is_wanted(source, &wanted, err);
        if (status)
            return status;
    }
    source->found = true;
    status = read_time(source, &spike->time, err);
    if (!status)
        status = csv_whole(source->csv, source->id_column, &spike->id, err);
    if (!status && !(spike->time >= 0.0 && spike->time <= latest))
        status = spike_source_refuse(source, err, "is no time from 0 to 1e18 ms");
    return status;
}

/* ---- both ---- */

enum status spike_source_open(struct spike_source **out, const struct spike_reading *reading,
                              struct error *err)
{
    struct spike_source *source = calloc(1, sizeof *source);
    *out = NULL;
    if (!source)
        return error_no_memory(err, "to read spikes");
    source->path = strdup(reading->path);
    source->population = reading->population ? strdup(reading->population) : NULL;
    source->first_said = reading->first_said;
    source->first_id = reading->first_said ? reading->first_id : 0;
    source->dt = reading->dt;
    source->raster = reading->raster;
    source->lent = reading->raster != NULL;
    enum status status = STATUS_OK;
    if (!source->path || (reading->population && !source->population))
        status = error_no_memory(err, "to read spikes");
    else
        status = source->lent || hdf5_input_is_hdf5(source->path) ? open_sonata(source, err)
                                                                  : open_csv(source, err);
    if (status)
        spike_source_close(source);
    else
        *out = source;
    return status;
}

static void drop_sorted(struct spike_source *source)
{
    memory_free(source->sorted, source->sorted_count * sizeof *source->sorted);
    source->sorted = NULL;
}

void spike_source_close(struct spike_source *source)
{
    if (!source)
        return;
    if (!source->lent)
        raster_close(source->raster);
    csv_close(source->csv);
    drop_sorted(source);
    free(source->path);
    free(source->population);
    free(source->only_name);
    free(source->ids);
    free(source->times);
    free(source);
}

/* ---- sorting ---- */

int spike_compare(const void *a, const void *b)
{
    const struct spike *s = a, *t = b;
    if (s->time != t->time)
        return s->time < t->time ? -1 : 1;
    return s->id < t->id ? -1 : s->id > t->id;
}

enum status spike_sort_check(const char *path, const char *name, uint64_t spikes, struct error *err)
{
    char limited_by[40];
    uint64_t available = memory_available(limited_by, sizeof limited_by);
    if (spikes <= available / SPIKE_SORT_BYTES)
        return STATUS_OK;
    return error_set(err, STATUS_MEMORY,
                     "%s: to sort the %" PRIu64 " spikes%s%s takes %.4g MB, but %.4g MB are "
                     "available (%s)",
                     path, spikes, name ? " of " : "", name ? name : "",
                     (double)spikes * SPIKE_SORT_BYTES * 1e-6, (double)available * 1e-6,
                     limited_by);
}

/* Fills `sorted` with the spikes as they come, and looks whether one is left over. */
static enum status read_all(struct spike_source *source, struct error *err)
{
    struct spike spike;
    bool more = true;
    uint64_t count = 0;
    enum status status = spike_source_rewind(source, err);
    while (!status && more) {
        status = spike_source_next(source, &spike, &more, err);
        if (!status && more && count < source->sorted_count)
            source->sorted[count] = spike;
        count += !status && more;
    }
    if (!status && count != source->sorted_count)
        return error_set(err, STATUS_OUTPUT, "%s was changed while it was read", source->path);
    return status;
}

enum status spike_source_sort(struct spike_source *source, uint64_t spikes, struct error *err)
{
    enum status status = spike_sort_check(source->path, source->population, spikes, err);
    if (status)
        return status;
    source->sorted_count = spikes;
    source->sorted = memory_alloc(spikes * sizeof *source->sorted);
    if (!source->sorted)
        return error_no_memory(err, "to read spikes");
    status = read_all(source, err);
    if (status) {
        drop_sorted(source);
        return status;
    }
    qsort(source->sorted, spikes, sizeof *source->sorted, spike_compare);
    source->is_sorted = true;
    return spike_source_rewind(source, err);
}

/* ---- all ---- */

enum status spike_source_next(struct spike_source *source, struct spike *spike, bool *more,
                              struct error *err)
{
    if (source->is_sorted) {
        *more = source->next < source->sorted_count;
        if (*more)
            *spike = source->sorted[source->next++];
        return STATUS_OK;
    }
    enum status status = source->csv ? next_of_csv(source, spike, more, err)
                                     : next_of_sonata(source, spike, more, err);
    if (status || !*more)
        return status;
    if (spike->id < source->first_id) {
        char text[80];
        snprintf(text, sizeof text, "has id %" PRIu64 ", which is below first_id = %" PRIu64,
                 spike->id, source->first_id);
        return spike_source_refuse(source, err, text);
    }
    spike->id -= source->first_id;
    return STATUS_OK;
}

enum status spike_source_rewind(struct spike_source *source, struct error *err)
{
    source->next = source->at = source->held = 0;
    return source->csv && !source->is_sorted ? csv_rewind(source->csv, err) : STATUS_OK;
}

uint64_t spike_source_bytes(const struct spike_source *source)
{
    const uint64_t hdf5_caches = 2 * (16 << 20);
    if (source->is_sorted)
        return source->sorted_count * sizeof *source->sorted;
    return PIECE * sizeof(struct spike) + hdf5_caches;
}
