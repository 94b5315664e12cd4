#include "cli/result_statistics.h"

#include "base/clock.h"
#include "cli/cli_report.h"
#include "cli/trains.h"
#include "io/provenance_read.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

static const char *const names[STATISTICS] = {
    [STATISTIC_CV] = "mean_cv",
    [STATISTIC_CV2] = "mean_cv2",
    [STATISTIC_ERROR] = "rate_standard_error_Hz",
    [STATISTIC_Q05] = "rate_q05_Hz",
    [STATISTIC_Q25] = "rate_q25_Hz",
    [STATISTIC_MEDIAN] = "rate_median_Hz",
    [STATISTIC_Q75] = "rate_q75_Hz",
    [STATISTIC_Q95] = "rate_q95_Hz",
    [STATISTIC_SILENT] = "silent_fraction",
    [STATISTIC_FANO] = "fano_factor",
    [STATISTIC_SYNCHRONY] = "synchrony",
    [STATISTIC_CHI] = "chi",
    [STATISTIC_CORRELATION] = "mean_correlation",
};

const char *result_statistics_name(enum result_statistic which)
{
    return names[which];
}

/* What the file says. Returns whether a counts recorder was there. */
static bool read_attributes(const struct result_file *file, const char *population,
                            struct result_statistics *out)
{
    char group[400];
    *out = (struct result_statistics){.bin = NAN, .stop = NAN};
    snprintf(group, sizeof group, "/megalif/populations/%.300s", population);
    for (int i = 0; i < STATISTICS; i++) {
        out->value[i] = NAN;
        provenance_get_f64(file->file, group, names[i], &out->value[i]);
    }
    return provenance_get_u64(file->file, group, "cv_neurons", &out->cv_neurons);
}

/* A pass over the raster of a population. */
struct pass {
    const struct result_file *file;
    const struct result_population *population;
    struct trains *trains;
    uint64_t last, end; /* steps: of the spike before; of the window */
    bool progress;
    double start;      /* clock */
    struct error *err; /* of a row that cannot be */
    enum status status;
};

static bool refuse(struct pass *pass, uint64_t row, const char *why)
{
    pass->status =
        error_set(pass->err, STATUS_OUTPUT, "%s is damaged: population %s, row %" PRIu64 ": %s",
                  pass->file->path, pass->population->name, row, why);
    return false;
}

/* Rows of neurons that there are, before the first of another. */
static size_t known_ids(const struct raster_piece *piece, uint64_t size)
{
    size_t others = 0, i = 0;
    for (i = 0; i < piece->rows; i++)
        others += piece->ids[i] >= size;
    if (others == 0)
        return piece->rows;
    for (i = 0; piece->ids[i] < size; i++)
        continue;
    return i;
}

/* Rows from `row` on that have its time. */
static size_t same_time(const struct raster_piece *piece, size_t row)
{
    size_t end = row + 1;
    while (end < piece->rows && piece->times[end] == piece->times[row])
        end++;
    return end - row;
}

/* Spikes in a step are added together. */
static bool visit(const struct raster_piece *piece, void *context)
{
    struct pass *pass = context;
    const size_t known = known_ids(piece, pass->population->size);
    for (size_t i = 0, count; i < piece->rows; i += count) {
        uint64_t step;
        count = same_time(piece, i);
        if (!raster_step(piece->times[i], pass->file->dt, &step))
            return refuse(pass, piece->first_row + i, "its time is no multiple of dt");
        if (step < pass->last)
            return refuse(pass, piece->first_row + i, "it is earlier than the row before");
        if (known < i + (step > pass->end ? 1 : count))
            return refuse(pass, piece->first_row + known, "there is no neuron of that id");
        if (step > pass->end)
            return false;
        trains_add(pass->trains, piece->ids + i, count, known - i, step);
        pass->last = step;
    }
    if (pass->progress)
        cli_report_share("statistics", (double)piece->first_row / (double)pass->population->rows,
                         clock_seconds() - pass->start);
    return true;
}

/* Takes the time of a row. */
static bool note_time(const struct raster_piece *piece, void *context)
{
    *(double *)context = piece->times[0];
    return false;
}

/* The steps that are looked at: after warmup, to the end or as far as most_spikes go. */
static enum status find_window(const struct result_file *file,
                               const struct result_population *population,
                               const struct result_reading *reading, struct trains_window *out,
                               struct error *err)
{
    double next = NAN;
    const double width = floor(reading->bin / file->dt + 0.5);
    enum status status = STATUS_OK;
    out->begin = (uint64_t)nearbyint(fmax(file->warmup, 0) / file->dt);
    out->end = (uint64_t)nearbyint(file->duration / file->dt);
    out->bin = width >= 1 ? (uint64_t)fmin(width, 0x1p62) : 1;
    if (population->rows > reading->most_spikes)
        status = result_file_scan(file, population, reading->most_spikes, population->rows,
                                  note_time, &next, err);
    if (!status && next < file->duration) { /* of that step some spikes are not among the first */
        const uint64_t step = (uint64_t)nearbyint(next / file->dt);
        out->end = step > 0 ? step - 1 : 0;
    }
    return status;
}

/* From what the raster says, all that is wanted of it. */
static void take(struct result_statistics *out, const struct train_statistics *trains, bool counted)
{
    const struct count_statistics *counts = &trains->counts;
    out->value[STATISTIC_CV2] = trains->cv2;
    out->value[STATISTIC_CHI] = trains->chi;
    out->value[STATISTIC_CORRELATION] = trains->correlation;
    out->pairs = trains->pairs;
    if (counted)
        return;
    out->value[STATISTIC_CV] = counts->mean_cv;
    out->cv_neurons = counts->cv_neurons;
    out->value[STATISTIC_ERROR] = counts->rate_standard_error;
    for (int q = 0; q < COUNT_QUANTILES; q++)
        out->value[STATISTIC_Q05 + q] = counts->rate_quantile[q];
    out->value[STATISTIC_SILENT] = counts->silent_fraction;
    out->value[STATISTIC_FANO] = counts->fano_factor;
}

static enum status scan(struct pass *pass, const struct trains_window *window, bool counted,
                        struct result_statistics *out)
{
    struct train_statistics trains;
    const struct result_population *p = pass->population;
    const double dt = pass->file->dt;
    const uint64_t steps = window->end > window->begin ? window->end - window->begin : 0;
    pass->end = window->end;
    enum status status = trains_open(&pass->trains, p->size, *window, pass->err);
    if (!status)
        status = result_file_scan(pass->file, p, 0, p->rows, visit, pass, pass->err);
    if (pass->progress)
        cli_report_progress_end();
    status = status ? status : pass->status;
    if (!status)
        status = trains_end(pass->trains, (double)steps * dt * 1e-3, &trains, pass->err);
    if (!status) {
        take(out, &trains, counted);
        out->bin = (double)window->bin * dt;
        out->stop = (double)window->end * dt;
    }
    trains_close(pass->trains);
    return status;
}

enum status result_statistics_read(const struct result_file *file,
                                   const struct result_population *population,
                                   const struct result_reading *reading,
                                   struct result_statistics *out, struct error *err)
{
    const bool counted = read_attributes(file, population->name, out);
    struct trains_window window;
    struct pass pass = {.file = file,
                        .population = population,
                        .progress = reading->progress,
                        .start = clock_seconds(),
                        .err = err};
    if (!file->ours || !population->recorded || population->size == 0 ||
        population->raster == RESULT_FILE_NO_RASTER || reading->most_spikes == 0)
        return STATUS_OK;
    enum status status = find_window(file, population, reading, &window, err);
    return status ? status : scan(&pass, &window, counted, out);
}

void result_statistics_json(struct cli_json *json, const struct result_statistics *statistics)
{
    for (int i = 0; i < STATISTICS; i++) {
        cli_json_f64(json, names[i], statistics->value[i]);
        if (i == STATISTIC_CV)
            cli_json_u64_if(json, "cv_neurons", isfinite(statistics->value[i]),
                            statistics->cv_neurons);
    }
    cli_json_u64(json, "correlation_pairs", statistics->pairs);
    cli_json_f64(json, "bin_ms", statistics->bin);
    cli_json_f64(json, "statistics_stop_ms", statistics->stop);
}
