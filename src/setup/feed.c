/* Reads what an input gets from its file: currents as a table of numbers, or spikes, which are
 * counted in the step in which they arrive. */
#include "setup/feed.h"

#include "io/number_table.h"
#include "setup/spikes_in_step.h"
#include "sonata/spike_source.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 1 << 17 };               /* numbers that are converted at a time */
static const double current_most = 1e9; /* pA */
static const double grid = 1e-3; /* how far from a step, in steps, a time may be and be on it */
static const struct decimal tic = {1, -3}; /* ms; NEST's times are whole numbers of these */
static const double tics_per_ms = 1e3;

struct feed {
    struct feed_owner owner;
    uint64_t begin, end; /* steps in which it acts */

    struct number_table *table; /* type = file; else NULL */
    uint64_t piece;             /* rows that are converted at a time */
    double *numbers;            /* [piece * columns] */

    struct spike_source *source; /* type = spikes; else NULL */
    uint64_t delay; /* steps from a spike's step number to that at whose end it counts */
    double tics;    /* of a source: dt in tics, if it is a whole number of them; else 0 */
    struct spikes_in_step in_step; /* while a source's file is checked */
    uint32_t most;                 /* what that has found */
    bool pending, ended; /* a spike has been read and not yet been counted; there are no more */
    uint64_t id, step;   /* of that spike: the step in which it arrives */
    double latest;       /* time of the spike read last */
    bool checked;        /* the file has been read once, from its beginning to its end */
    bool unsorted;       /* a spike is earlier than the one before, and nothing is sorted yet */
    uint64_t done_to;    /* spikes that arrive before this step are behind us */
    uint64_t spikes;     /* read so far */
    uint64_t beside;     /* spikes whose times are no multiples of dt */
};

/* One number a step for all targets: a list, or a matrix of one column. */
static bool is_shared(const struct feed *feed)
{
    return number_table_is_list(feed->table) ||
           (number_table_columns(feed->table) == 1 && feed->owner.columns > 1);
}

bool feed_per_neuron(const struct feed *feed)
{
    return feed->source || !is_shared(feed);
}

uint64_t feed_columns(const struct feed *feed)
{
    return feed_per_neuron(feed) ? feed->owner.columns : 1;
}

uint64_t feed_bytes(const struct feed *feed)
{
    if (feed->source)
        return spike_source_bytes(feed->source);
    return number_table_bytes(feed->table) + feed->piece * feed_columns(feed) * sizeof(double);
}

/* ---- currents ---- */

static enum status check_shape(const struct feed *feed, const struct sim_file *file,
                               struct error *err)
{
    const struct config *config = feed->owner.config;
    uint64_t rows = number_table_rows(feed->table), columns = number_table_columns(feed->table);
    if (!is_shared(feed) && columns != feed->owner.columns)
        return error_set(err, STATUS_CONFIG,
                         "%s has %" PRIu64 " columns, but the input has %" PRIu64
                         " target neurons; give one column for each, or a single one for all",
                         file->path, columns, feed->owner.columns);
    if (rows >= feed->end)
        return STATUS_OK;
    return error_set(err, STATUS_CONFIG,
                     "%s has %" PRIu64 " rows, one for each step from 0 on, but the input acts up "
                     "to step %" PRIu64 " (%.10g ms); give more rows, or stop = %.10g ms",
                     file->path, rows, feed->end, decimal_times_steps(config->dt, feed->end),
                     decimal_times_steps(config->dt, rows));
}

/* A list is short: it is read once before the run, so that all that is wrong is told before. */
static enum status check_list(struct feed *feed, struct error *err)
{
    enum status status = STATUS_OK;
    for (uint64_t row = 0; !status && row < feed->end; row += feed->piece) {
        uint64_t n = feed->end - row < feed->piece ? feed->end - row : feed->piece;
        status = number_table_read(feed->table, row, n, feed->numbers, err);
    }
    return status;
}

static enum status open_currents(struct feed *feed, const struct sim_file *file, struct error *err)
{
    const struct number_table_request request = {
        .path = file->path,
        .dataset = feed_owner_text(&feed->owner, "dataset"),
        .column = feed_owner_text(&feed->owner, "column"),
        .most = current_most,
    };
    enum status status = number_table_open(&feed->table, &request, err);
    if (!status)
        status = check_shape(feed, file, err);
    if (status)
        return status;
    feed->piece = feed_columns(feed) < PIECE ? PIECE / feed_columns(feed) : 1;
    feed->numbers = malloc(feed->piece * feed_columns(feed) * sizeof *feed->numbers);
    if (!feed->numbers)
        return error_no_memory(err, "for a row of %s", file->path);
    return feed_per_neuron(feed) ? STATUS_OK : check_list(feed, err);
}

static void convert(float *to, const double *from, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        to[i] = (float)from[i];
}

/* Rows [first, first + rows) of the file. */
static enum status fill_currents(struct feed *feed, uint64_t first, uint64_t rows,
                                 size_t real_bytes, char *data, struct error *err)
{
    uint64_t columns = feed_columns(feed);
    enum status status = STATUS_OK;
    if (!feed_per_neuron(feed) || real_bytes == sizeof(double))
        return number_table_read(feed->table, first, rows, (double *)(void *)data, err);
    for (uint64_t done = 0; !status && done < rows; done += feed->piece) {
        uint64_t n = rows - done < feed->piece ? rows - done : feed->piece;
        status = number_table_read(feed->table, first + done, n, feed->numbers, err);
        if (!status)
            convert((float *)(void *)data + done * columns, feed->numbers, n * columns);
    }
    return status;
}

/* ---- spikes ---- */

/* As NEST's spike_generator has it: first to the nearest tic, then up to a step. A circuit's spikes
 * are NEST's only if none of its sources' is a step late. */
static uint64_t step_of_tic(struct feed *feed, double time)
{
    double steps = floor(time * tics_per_ms + 0.5) / feed->tics, up = ceil(steps);
    feed->beside += up > steps;
    return (uint64_t)up;
}

/* The step number of a time: off the grid the next one, so that no spike comes too early. */
static uint64_t step_of(struct feed *feed, double time)
{
    static const double never = 0x1p62; /* steps that no run reaches, and a delay can be added to */
    double steps = time / feed->owner.config->dt_ms, nearest = floor(steps + 0.5);
    if (!(steps < never))
        return UINT64_C(1) << 62;
    if (feed->tics > 0)
        return step_of_tic(feed, time);
    if (fabs(steps - nearest) <= grid)
        return (uint64_t)nearest;
    feed->beside++;
    return (uint64_t)ceil(steps);
}

/* Of a source: no neuron has more spikes in a step than a row can say. */
static enum status count_in_step(struct feed *feed, struct error *err)
{
    char text[160];
    if (spikes_in_step_add(&feed->in_step, feed->id, feed->step) <= CONFIG_FILE_MOST)
        return STATUS_OK;
    snprintf(text, sizeof text,
             "is one of more than %d of neuron %" PRIu64 " in one step of %.4g ms",
             CONFIG_FILE_MOST, feed->id, feed->owner.config->dt_ms);
    return spike_source_refuse(feed->source, err, text);
}

/* Reads the next spike into id and step. A spike of step number s, at s dt, arrives in step
 * s + delay - 1, whose end is s dt + delay; a source has it in step s - 1. */
static enum status next_spike(struct feed *feed, struct error *err)
{
    struct spike spike;
    bool more;
    char text[160];
    enum status status = spike_source_next(feed->source, &spike, &more, err);
    feed->pending = !status && more;
    feed->ended = !status && !more;
    if (!feed->pending)
        return status;
    feed->unsorted |= spike.time < feed->latest;
    if (feed->unsorted && feed->checked)
        return spike_source_refuse(feed->source, err,
                                   "is earlier than the spike before: the file has been changed "
                                   "since the run began");
    if (spike.id >= feed->owner.columns) {
        snprintf(text, sizeof text, "has id %" PRIu64 ", but the %s has %" PRIu64 " %sneurons",
                 spike.id, feed->owner.source ? "population" : "input", feed->owner.columns,
                 feed->owner.source ? "" : "target ");
        return spike_source_refuse(feed->source, err, text);
    }
    feed->spikes++;
    feed->latest = spike.time;
    feed->id = spike.id;
    feed->step = step_of(feed, spike.time) + feed->delay;
    if (feed->step == 0)
        return spike_source_refuse(feed->source, err,
                                   "is at 0 ms, and the first spikes of a neuron are at dt; leave "
                                   "it out, or shift all times");
    feed->step--;
    return feed->in_step.step ? count_in_step(feed, err) : STATUS_OK;
}

static enum status rewind_spikes(struct feed *feed, struct error *err)
{
    feed->pending = feed->ended = false;
    feed->latest = 0.0;
    feed->done_to = 0;
    feed->spikes = feed->beside = 0;
    return spike_source_rewind(feed->source, err);
}

static enum status read_to_end(struct feed *feed, struct error *err)
{
    enum status status = STATUS_OK;
    while (!status && !feed->ended)
        status = next_spike(feed, err);
    return status;
}

/* Spikes in another order than that of time are kept in memory, sorted. */
static enum status sort_spikes(struct feed *feed, struct error *err)
{
    if (!feed->unsorted)
        return STATUS_OK;
    feed->unsorted = false;
    return spike_source_sort(feed->source, feed->spikes, err);
}

/* How many spikes the neurons of a source have in a step, now that steps come in order. */
static enum status find_most(struct feed *feed, struct error *err)
{
    if (!feed->owner.source)
        return STATUS_OK;
    enum status status = rewind_spikes(feed, err);
    if (!status)
        status = spikes_in_step_open(&feed->in_step, feed->owner.columns, err);
    if (!status)
        status = read_to_end(feed, err);
    feed->most = feed->in_step.most;
    spikes_in_step_close(&feed->in_step);
    return status;
}

static double dt_in_tics(const struct config *config)
{
    uint64_t tics;
    return decimal_whole_multiple(config->dt, tic, &tics) ? (double)tics : 0.0;
}

static enum status open_source(struct feed *feed, const struct sim_file *file, struct error *err)
{
    const struct value *first = feed_owner_value(&feed->owner, "first_id");
    const struct value *dt = feed_owner_value(&feed->owner, "dt");
    const struct spike_reading reading = {
        .path = file->path,
        .population = feed_owner_text(&feed->owner, "population"),
        .first_said = first != NULL,
        .first_id = first ? first->integer : 0,
        .dt = dt ? dt->exact : (struct decimal){0, 0},
    };
    return spike_source_open(&feed->source, &reading, err);
}

/* Reads all of the file once, that of a source twice: what is wrong with it is told before a run.
 */
static enum status open_spikes(struct feed *feed, const struct sim_file *file,
                               struct messages *warnings, struct error *err)
{
    const struct value *delay = feed_owner_value(&feed->owner, "delay");
    char text[300];
    feed->delay = feed->owner.source ? 0 : delay ? delay->integer : 1;
    feed->tics = feed->owner.source ? dt_in_tics(feed->owner.config) : 0.0;
    enum status status = open_source(feed, file, err);
    if (!status)
        status = read_to_end(feed, err);
    if (status)
        return status;
    if (feed->beside > 0) {
        snprintf(text, sizeof text,
                 "%" PRIu64 " of %" PRIu64
                 " spikes of %.100s are at no multiple of dt; each counts for the next step",
                 feed->beside, feed->spikes, file->path);
        feed_owner_tell(&feed->owner, warnings, text);
    }
    status = sort_spikes(feed, err);
    if (!status)
        status = find_most(feed, err);
    feed->checked = true;
    return status ? status : rewind_spikes(feed, err);
}

static void count_spike(void *data, size_t real_bytes, uint64_t at)
{
    if (real_bytes == sizeof(float))
        ((float *)data)[at] += 1.0f;
    else
        ((double *)data)[at] += 1.0;
}

/* Counts of the spikes that arrive in steps [first, first + steps), of which data holds the rows.
 */
static enum status fill_spikes(struct feed *feed, uint64_t first, uint64_t steps, size_t real_bytes,
                               void *data, struct error *err)
{
    enum status status = STATUS_OK;
    if (feed->done_to > first)
        status = rewind_spikes(feed, err);
    feed->done_to = first + steps;
    while (!status && !feed->ended) {
        if (feed->pending && feed->step >= first + steps)
            break;
        if (feed->pending && feed->step >= first)
            count_spike(data, real_bytes, (feed->step - first) * feed->owner.columns + feed->id);
        status = next_spike(feed, err);
    }
    return status;
}

/* ---- both ---- */

static enum status open_either(struct feed *feed, struct setup_files *files,
                               struct messages *warnings, struct error *err)
{
    const struct sim_file *file = setup_files_add(files, feed->owner.config, feed->owner.section,
                                                  "file", feed_owner_text(&feed->owner, "file"));
    if (!file)
        return error_no_memory(err, "for the names of files");
    return feed->owner.spikes ? open_spikes(feed, file, warnings, err)
                              : open_currents(feed, file, err);
}

enum status feed_open(struct feed **out, const struct feed_owner *owner, struct setup_files *files,
                      struct messages *errors, struct messages *warnings)
{
    struct error err = {STATUS_MEMORY, "not enough memory for an input's file"};
    struct feed *feed = calloc(1, sizeof *feed);
    *out = feed;
    if (feed) {
        feed->owner = *owner;
        feed->begin = owner->start_step;
        feed->end =
            owner->stop_step < owner->config->steps ? owner->stop_step : owner->config->steps;
        err.status = open_either(feed, files, warnings, &err);
    }
    if (!err.status)
        return STATUS_OK;
    feed_owner_tell(owner, errors, err.text);
    feed_close(feed);
    *out = NULL;
    return err.status == STATUS_MEMORY ? STATUS_MEMORY : STATUS_CONFIG;
}

uint32_t feed_most(const struct feed *feed)
{
    return feed->most;
}

void feed_close(struct feed *feed)
{
    if (!feed)
        return;
    number_table_close(feed->table);
    spike_source_close(feed->source);
    free(feed->numbers);
    free(feed);
}

enum status feed_fill(struct feed *feed, uint64_t first, uint64_t steps, size_t real_bytes,
                      void *data, struct error *err)
{
    uint64_t begin = feed->begin > first ? feed->begin : first;
    uint64_t end = feed->end < first + steps ? feed->end : first + steps;
    size_t row = feed_columns(feed) * (feed_per_neuron(feed) ? real_bytes : sizeof(double));
    if (feed->source || begin > first || end < first + steps)
        memset(data, 0, steps * row);
    if (begin >= end)
        return STATUS_OK;
    if (feed->source)
        return fill_spikes(feed, first, steps, real_bytes, data, err);
    return fill_currents(feed, begin, end - begin, real_bytes, (char *)data + (begin - first) * row,
                         err);
}
