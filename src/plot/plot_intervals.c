/* The histogram of interspike intervals: after warmup, of all neurons of a population together. */
#include "plot/plot_intervals.h"

#include "plot/chart_finish.h"
#include "plot/last_times.h"
#include "plot/plot_colours.h"
#include "plot/plot_raster_data.h"
#include "plot/plot_words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FINE_MOST = 4000000, BINS_WANTED = 100 };

struct intervals {
    const struct plot *plot;
    double fine;   /* ms: width of a bin of `count` */
    uint64_t bins; /* the last takes all that are longer */
    uint64_t *count;
    uint64_t neurons; /* ids are less */
    struct last_times last;
    uint64_t all;
    double sum, squares;           /* ms, ms^2 */
    bool unsorted, beyond, failed; /* failed: no memory */
};

static void add_interval(struct intervals *v, double interval)
{
    uint64_t bin = (uint64_t)(interval / v->fine + 0.5);
    v->count[bin < v->bins ? bin : v->bins - 1]++;
    v->all++;
    v->sum += interval;
    v->squares += interval * interval;
}

static bool visit(const struct raster_piece *piece, void *context)
{
    struct intervals *v = context;
    for (size_t i = 0; i < piece->rows && !v->unsorted && !v->beyond && !v->failed; i++) {
        double time = piece->times[i];
        v->beyond = piece->ids[i] >= v->neurons;
        if (v->beyond || !plot_in_view(v->plot, time))
            continue;
        double *last = last_times_of(&v->last, piece->ids[i]);
        v->failed = !last;
        v->unsorted = last && time < *last;
        if (v->failed || v->unsorted)
            continue;
        if (*last > 0)
            add_interval(v, time - *last);
        *last = time;
    }
    return !v->unsorted && !v->beyond && !v->failed;
}

static enum status read_intervals(struct intervals *v, const struct result_population *p,
                                  struct error *err)
{
    enum status status = STATUS_OK;
    v->neurons = p->described ? p->size : UINT64_MAX;
    v->count = calloc(v->bins, sizeof *v->count);
    v->failed = !v->count;
    if (!v->failed)
        status = result_file_scan(v->plot->file, p, 0, p->rows, visit, v, err);
    last_times_free(&v->last);
    if (!status && v->failed)
        return error_no_memory(err, "for the intervals of %s", p->name);
    if (!status && v->unsorted)
        return error_set(err, STATUS_OUTPUT,
                         "%s: the spikes of a neuron of %s do not come in order of time; intervals "
                         "need them so",
                         v->plot->file->path, p->name);
    if (!status && v->beyond)
        return error_set(err, STATUS_OUTPUT,
                         "%s is damaged: population %s has node ids beyond its size",
                         v->plot->file->path, p->name);
    return status;
}

/* The interval that all but 1 of 50 are shorter than. */
static double long_interval(const struct intervals *v)
{
    uint64_t bin = 0, sum = 0;
    while (bin < v->bins && (double)sum < 0.98 * (double)v->all)
        sum += v->count[bin++];
    return (double)bin * v->fine;
}

static void add_histogram(struct chart *chart, const struct intervals *v, const char *name,
                          uint32_t colour, double width)
{
    struct chart_series *s = chart_add_series(chart, name, colour, CHART_STEPS);
    uint64_t by = (uint64_t)(width / v->fine + 0.5);
    if (!s || v->all == 0)
        return;
    double mean = v->sum / (double)v->all, variance = v->squares / (double)v->all - mean * mean;
    snprintf(s->note, sizeof s->note, "mean %.3g ms\nCV of all intervals %.2f", mean,
             sqrt(fmax(0, variance)) / mean);
    for (uint64_t first = 0; first < v->bins && (double)first * v->fine <= chart->to; first += by) {
        double sum = 0;
        for (uint64_t i = first; i < first + by && i < v->bins; i++)
            sum += (double)v->count[i];
        chart_add_point(chart, s, ((double)first + 0.5 * (double)(by - 1)) * v->fine,
                        100 * sum / (double)v->all / width, NAN);
    }
}

/* What a Poisson process of the same mean would have. */
static void add_poisson(struct chart *chart, const struct intervals *v, uint32_t colour, bool first)
{
    struct chart_series *s = chart_add_series(chart, "Poisson", colour, CHART_DASHES);
    double mean = v->sum / (double)v->all;
    if (!s)
        return;
    s->nameless = !first;
    snprintf(s->note, sizeof s->note, "of the same mean");
    for (int i = 0; i <= 200; i++) {
        double x = chart->to * i / 200;
        chart_add_point(chart, s, x, 100 * exp(-x / mean) / mean, NAN);
    }
}

static void fill_chart(struct chart *chart, const struct intervals *all, size_t count)
{
    double longest = 0, width = 0;
    bool first = true;
    for (size_t i = 0; i < count; i++)
        longest = all[i].all > 0 ? fmax(longest, long_interval(&all[i])) : longest;
    chart->to = longest > 0 ? 1.02 * longest : 100;
    chart->from = 0;
    for (size_t i = 0; i < count; i++)
        width = fmax(width, all[i].fine);
    width *= fmax(1, plot_mark_step(chart->to / width, BINS_WANTED));
    chart_add_panel(chart, "");
    for (size_t i = 0; i < count; i++)
        if (all[i].count)
            add_histogram(chart, &all[i], all[i].plot->file->population[i].name, plot_colour(i),
                          width);
    for (size_t i = 0; i < count; i++)
        if (all[i].all > 0) {
            add_poisson(chart, &all[i], plot_colour(i), first);
            first = false;
        }
}

/* Intervals beyond the end of the axis. */
static uint64_t count_beyond(const struct chart *chart, const struct intervals *v)
{
    uint64_t beyond = 0;
    for (uint64_t bin = 0; v->count && bin < v->bins; bin++)
        beyond += (double)bin * v->fine > chart->to ? v->count[bin] : 0;
    return beyond;
}

static void describe(struct chart *chart, const struct plot *plot, const struct intervals *all)
{
    uint64_t intervals = 0, beyond = 0;
    char number[32];
    for (size_t i = 0; i < plot->file->population_count; i++) {
        intervals += all[i].all;
        beyond += count_beyond(chart, &all[i]);
    }
    size_t used = (size_t)snprintf(chart->facts, sizeof chart->facts,
                                   "%s interspike intervals from %.6g to %.6g ms",
                                   plot_grouped(intervals, number), plot->from, plot->to);
    if (beyond > 0)
        snprintf(chart->facts + used, sizeof chart->facts - used,
                 "; the axis is cut: %s (%.2g %%) are longer", plot_grouped(beyond, number),
                 100 * (double)beyond / (double)intervals);
}

/* That a recorder saw no spikes can be shown; that there was none cannot. */
static enum status check_recorded(const struct result_file *file, struct error *err)
{
    for (size_t i = 0; i < file->population_count; i++)
        if (file->population[i].raster != RESULT_FILE_NO_RASTER)
            return STATUS_OK;
    return error_set(err, STATUS_CONFIG,
                     "%s holds no spikes of any population to take intervals from; they take a run "
                     "that records some, with neurons = all in its [record.NAME] of what = spikes",
                     file->path);
}

enum status plot_intervals(const struct result_file *file, const struct plot_options *options,
                           struct error *err)
{
    struct plot plot = {.file = file};
    struct chart chart;
    struct intervals *all = calloc(file->population_count + 1, sizeof *all);
    enum status status = all ? check_recorded(file, err) : error_no_memory(err, NULL);
    if (!status)
        status = plot_choose_view(&plot, options, err);
    chart_init(&chart, plot_base_name(file->path), "interval (ms)",
               "share of intervals (% per ms)");
    chart.from_zero = true;
    if (!status && isfinite(file->warmup))
        plot.from = fmax(plot.from, fmin(file->warmup, plot.to));
    for (size_t i = 0; i < file->population_count && !status; i++) {
        double fine = file->ours ? file->dt : 0.1, bins = ceil((plot.to - plot.from) / fine) + 2;
        double merge = ceil(bins / FINE_MOST);
        all[i] = (struct intervals){.plot = &plot, .fine = fine * merge};
        all[i].bins = (uint64_t)(bins / merge) + 1;
        if (file->population[i].rows > 0)
            status = read_intervals(&all[i], &file->population[i], err);
    }
    if (!status) {
        fill_chart(&chart, all, file->population_count);
        describe(&chart, &plot, all);
        status = chart_finish(&chart, options, err);
    }
    for (size_t i = 0; all && i < file->population_count; i++)
        free(all[i].count);
    free(all);
    chart_free(&chart);
    return status;
}
