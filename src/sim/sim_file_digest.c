/* Does a spike file still hold what was simulated? */

#include "base/decimal.h"
#include "base/float_env.h"
#include "io/hdf5_text.h"
#include "io/provenance_read.h"
#include "sim/sim_messages.h"
#include "sonata/raster_scan.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The state of a scan over one population's rows. */
struct scan {
    const struct raster_population *population;
    double dt;
    struct decimal exact_dt; /* mantissa 0: timestamps need not be the doubles nearest to steps */
    struct digest digest;
    uint64_t stream, step, key, last_id;
    uint64_t most, times; /* how often a spike may stand, and how often the last one has so far */
    double last_time;
    uint64_t disorder_row, twin_row, time_row; /* first rows of their kind; UINT64_MAX: none */
    bool time_goes_back;                       /* at disorder_row */
    double bad_time;
};

/* A file and what is found out about it. */
struct examination {
    const char *path;
    struct raster_reader *reader;
    bool ours; /* /megalif says dt */
    struct mlif_digest_report *report;
    struct messages errors, warnings;
};

/* A new time: its step and key. */
static bool enter_step(struct scan *s, double time)
{
    bool is_step = raster_step(time, s->dt, &s->step);
    if (is_step && s->exact_dt.mantissa != 0)
        is_step = decimal_times_steps(s->exact_dt, s->step) == time;
    s->key = digest_key(s->stream, s->step);
    return is_step;
}

static void check_order(struct scan *s, uint64_t row, uint64_t id, double time)
{
    bool earlier = time < s->last_time || (time == s->last_time && id < s->last_id);
    bool twin = time == s->last_time && id == s->last_id;
    s->times = row > 0 && twin ? s->times + 1 : 1;
    if (s->times > s->most && s->twin_row == UINT64_MAX)
        s->twin_row = row;
    if (row > 0 && earlier && s->disorder_row == UINT64_MAX) {
        s->disorder_row = row;
        s->time_goes_back = time < s->last_time;
    }
}

static bool visit(const struct raster_piece *piece, void *context)
{
    struct scan *s = context;
    for (size_t i = 0; i < piece->rows; i++) {
        uint64_t row = piece->first_row + i, id = piece->ids[i];
        double time = piece->times[i];
        check_order(s, row, id, time);
        if ((row == 0 || time != s->last_time) && !enter_step(s, time)) {
            s->time_row = row;
            s->bad_time = time;
            return false;
        }
        digest_add(&s->digest, s->key, id);
        s->last_id = id;
        s->last_time = time;
    }
    return true;
}

/* The timestamps we write are exact: the double nearest to the decimal. */
static struct decimal exact_step(const struct examination *e)
{
    char text[32] = "";
    struct decimal dt = {0, 0};
    if (e->ours)
        double_format(e->report->dt_ms, text);
    decimal_parse(text, (int)strlen(text), &dt);
    return dt;
}

/* Disorder is damage where order is claimed, and else only worth a word. A spike that stands twice
 * is in order, but no neuron of a run fires twice in a step, if it is not only a source; files of
 * others may count so. */
static void report_order(struct examination *e, const struct scan *s)
{
    bool damage = s->population->sorted_by_time && (e->ours || s->time_goes_back);
    if (e->ours && s->twin_row != UINT64_MAX && s->most == 1)
        messages_add(&e->errors,
                     "%s is damaged: population %s has a spike twice, the second time at row "
                     "%" PRIu64,
                     e->path, s->population->name, s->twin_row);
    else if (e->ours && s->twin_row != UINT64_MAX)
        messages_add(&e->errors,
                     "%s is damaged: population %s has a spike more than %" PRIu64
                     " times, as no neuron of it can in a step, at row %" PRIu64,
                     e->path, s->population->name, s->most, s->twin_row);
    if (s->disorder_row == UINT64_MAX)
        return;
    messages_add(damage ? &e->errors : &e->warnings,
                 "%s: population %s is not sorted by (time, id): first at row %" PRIu64 "%s",
                 e->path, s->population->name, s->disorder_row,
                 damage ? ", though the file says it is" : "");
}

/* How many spikes a neuron of the population may have in one step: only sources have several. */
static uint64_t most_in_step(const struct examination *e, const char *population)
{
    char group[400];
    uint64_t most = 1;
    snprintf(group, sizeof group, "/megalif/populations/%.300s", population);
    provenance_get_u64(raster_reader_file(e->reader), group, "most_spikes_in_step", &most);
    return most;
}

/* The population part of the stream's name is hashed in two goes: it may be any name. */
static enum status scan_population(struct examination *e, size_t i, struct scan *s,
                                   struct error *err)
{
    size_t count;
    s->population = &raster_populations(e->reader, &count)[i];
    s->stream = fnv1a64_continue(fnv1a64("population."), s->population->name);
    s->most = most_in_step(e, s->population->name);
    s->times = 0;
    s->disorder_row = s->twin_row = s->time_row = UINT64_MAX;
    enum status status = raster_scan(e->reader, i, 0, s->population->rows, visit, s, err);
    if (!status && s->time_row != UINT64_MAX)
        status = error_set(err, STATUS_OUTPUT,
                           "%s: population %s, row %" PRIu64
                           ": time %.17g ms is no multiple of dt = %.6g ms",
                           e->path, s->population->name, s->time_row, s->bad_time, s->dt);
    if (!status)
        report_order(e, s);
    return status;
}

static enum status compute(struct examination *e, struct error *err)
{
    struct scan s = {.dt = e->report->dt_ms, .exact_dt = exact_step(e)};
    enum status status = STATUS_OK;
    size_t count;
    raster_populations(e->reader, &count);
    for (size_t i = 0; i < count && !status; i++)
        status = scan_population(e, i, &s, err);
    if (status)
        return status;
    digest_format(&s.digest, e->report->computed);
    e->report->rows = s.digest.spikes;
    if (e->report->comparable && strcmp(e->report->computed, e->report->stored) != 0)
        messages_add(&e->errors,
                     "%s is damaged: the digest stored in it is %s, of %" PRIu64
                     " spikes; its %" PRIu64 " spikes give %s",
                     e->path, e->report->stored, e->report->spikes, e->report->rows,
                     e->report->computed);
    return e->errors.count > 0 ? STATUS_OUTPUT : STATUS_OK;
}

/* What the file says of itself. */
static enum status read_claims(struct examination *e, struct error *err)
{
    struct mlif_digest_report *r = e->report;
    hid_t file = raster_reader_file(e->reader);
    uint64_t complete = 0;
    char *stored;
    double dt = 0;
    e->ours = provenance_get_f64(file, "/megalif", "dt_ms", &dt) && dt > 0;
    r->dt_ms = e->ours ? dt : 0;
    provenance_get_u64(file, "/megalif", "complete_raster", &complete);
    provenance_get_u64(file, "/megalif", "spikes", &r->spikes);
    enum status status = hdf5_text_of_attribute(file, "/megalif", "digest", &stored, err);
    if (stored)
        snprintf(r->stored, sizeof r->stored, "%s", stored);
    r->comparable = stored != NULL && complete != 0;
    free(stored);
    return status;
}

/* The file's own dt, or the caller's. */
static enum status choose_dt(struct examination *e, double dt_ms, struct error *err)
{
    if (!e->ours && !(dt_ms > 0))
        return error_set(err, STATUS_CONFIG,
                         "%s does not say its time step: give it, as in --dt 0.1", e->path);
    if (e->ours && dt_ms != 0 && dt_ms != e->report->dt_ms)
        return error_set(err, STATUS_CONFIG, "--dt %.6g: %s says itself that its dt is %.6g ms",
                         dt_ms, e->path, e->report->dt_ms);
    e->report->dt_ms = e->ours ? e->report->dt_ms : dt_ms;
    return STATUS_OK;
}

enum mlif_status mlif_file_digest(const char *path, double dt_ms, struct mlif_digest_report *report,
                                  struct mlif_messages *errors, struct mlif_messages *warnings)
{
    WITH_OWN_FLOAT_ENV(env);
    struct examination e = {.path = path, .report = report};
    struct error err = {STATUS_OK, ""};
    memset(report, 0, sizeof *report);
    enum status status = raster_open(&e.reader, path, &err);
    if (!status)
        status = read_claims(&e, &err);
    if (!status)
        status = choose_dt(&e, dt_ms, &err);
    if (!status)
        status = compute(&e, &err);
    raster_close(e.reader);
    sim_tell_lines(errors, &e.errors, err.text);
    sim_tell_lines(warnings, &e.warnings, NULL);
    messages_free(&e.errors);
    messages_free(&e.warnings);
    return (enum mlif_status)status;
}
