/* Reads the raster for a plot: once through the rows in view, into dots and into cells. */
#include "plot/plot_raster_data.h"

#include "config/read.h"
#include "plot/plot_config.h"
#include "plot/plot_neurons.h"
#include "plot/plot_rates.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLE_LEAST = 100, SAMPLE_MOST = 1000 }; /* neurons: of a population, of all */

static bool latest(const struct raster_piece *piece, void *context)
{
    double *time = context;
    for (size_t i = 0; i < piece->rows; i++)
        *time = fmax(*time, piece->times[i]);
    return true;
}

/* The first row later than a time, by bisection. */
static enum status row_after(const struct result_file *file, const struct result_population *p,
                             double time, uint64_t *row, struct error *err)
{
    uint64_t low = 0, high = p->rows;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        double t = 0;
        enum status status = result_file_scan(file, p, middle, middle + 1, latest, &t, err);
        if (status)
            return status;
        if (t > time)
            high = middle;
        else
            low = middle + 1;
    }
    *row = low;
    return STATUS_OK;
}

static enum status find_rows(const struct plot *plot, struct plot_band *band, struct error *err)
{
    const struct result_population *p = band->population;
    enum status status = STATUS_OK;
    band->end = p->rows;
    if (!p->sorted_by_time || p->rows == 0)
        return STATUS_OK;
    if (plot->from > 0)
        status = row_after(plot->file, p, plot->from + plot->slack, &band->first, err);
    return status ? status : row_after(plot->file, p, plot->to + plot->slack, &band->end, err);
}

/* The end of a file that does not say its duration: its last spike. */
static enum status find_end(const struct result_file *file, double *end, struct error *err)
{
    enum status status = STATUS_OK;
    *end = file->duration;
    if (*end > 0)
        return STATUS_OK;
    *end = 0;
    for (size_t i = 0; i < file->population_count && !status; i++) {
        const struct result_population *p = &file->population[i];
        uint64_t first = p->sorted_by_time && p->rows > 0 ? p->rows - 1 : 0;
        status = result_file_scan(file, p, first, p->rows, latest, end, err);
    }
    *end = *end > 0 ? *end : 1;
    return status;
}

enum status plot_choose_view(struct plot *plot, const struct plot_options *options,
                             struct error *err)
{
    double end;
    enum status status = find_end(plot->file, &end, err);
    if (status)
        return status;
    plot->from = options->from;
    plot->to = options->to < end ? options->to : end;
    if (plot->from >= plot->to)
        return error_set(err, STATUS_CONFIG,
                         "nothing to show from %.10g to %.10g ms; %s ends at %.10g ms", plot->from,
                         isnan(options->to) ? end : options->to, plot->file->path, end);
    if (plot->file->ours) {
        double dt = plot->file->dt;
        plot->slack = 1e-3 * dt;
        plot->from = dt * floor(plot->from / dt + 1e-6);
        plot->to = dt * ceil(plot->to / dt - 1e-6);
    }
    plot->is_part = plot->from > 0 || plot->to < end - plot->slack;
    return STATUS_OK;
}

/* Heights follow the neurons shown, but none gets lost. The first population is on top. */
static void stack_bands(struct plot *plot)
{
    const double gap = 0.012;
    double sum = 0, count = 0, most = 0;
    for (size_t i = 0; i < plot->band_count; i++) {
        most = fmax(most, (double)plot->band[i].rows);
        count += plot->band[i].in_raster;
    }
    double least = fmax(1, 0.2 * most);
    for (size_t i = 0; i < plot->band_count; i++)
        sum += plot->band[i].in_raster ? fmax(least, (double)plot->band[i].rows) : 0;
    double top = 1;
    for (size_t i = 0; i < plot->band_count; i++) {
        struct plot_band *band = &plot->band[i];
        if (!band->in_raster)
            continue;
        band->high = top;
        band->low = top - fmax(least, (double)band->rows) / sum * (1 - gap * (count - 1));
        top = band->low - gap;
    }
}

/* Spikes that a band's rows have in view, about; exactly of all neurons in a sorted file. */
static double spikes_of(const struct plot_band *band)
{
    double spikes = (double)(band->end - band->first);
    return band->neurons > 0 ? spikes * (double)band->rows / (double)band->neurons : 0;
}

static double all_spikes(const struct plot *plot)
{
    double spikes = 0;
    for (size_t i = 0; i < plot->band_count; i++)
        spikes += spikes_of(&plot->band[i]);
    return spikes;
}

/* Where dots can show this share of the neurons' spikes at least, a sample of rows tells more than
 * a density of all; small populations are shown whole. */
static void take_sample(struct plot *plot)
{
    const double least = 0.05, margin = 0.9;
    double dots = margin * PLOT_DOTS_MOST / fmax(all_spikes(plot), 1), neurons = 0;
    for (size_t i = 0; i < plot->band_count; i++)
        neurons += (double)plot->band[i].neurons;
    double every = ceil(fmax(1 / dots, neurons / SAMPLE_MOST));
    for (size_t i = 0; i < plot->band_count && dots < margin && dots >= least; i++) {
        struct plot_band *band = &plot->band[i];
        plot_neurons_take(band, (uint64_t)fmax((double)band->neurons / every, SAMPLE_LEAST));
    }
}

/* Dots are dealt from the band with the fewest spikes on, so that small populations keep theirs
 * where large ones are a density. */
static void deal_dots(struct plot *plot)
{
    size_t left = PLOT_DOTS_MOST, bands = 0;
    for (size_t i = 0; i < plot->band_count; i++)
        bands += plot->band[i].rows > 0;
    for (double above = -1; bands > 0;) {
        double next = INFINITY;
        for (size_t i = 0; i < plot->band_count; i++)
            if (plot->band[i].rows > 0 && spikes_of(&plot->band[i]) > above)
                next = fmin(next, spikes_of(&plot->band[i]));
        for (size_t i = 0; i < plot->band_count; i++) {
            struct plot_band *band = &plot->band[i];
            if (band->rows == 0 || spikes_of(band) != next)
                continue;
            size_t share = left / bands--;
            bool exact = band->rows == band->neurons && next < (double)share;
            band->dots_most = exact ? (size_t)next : share;
            left -= band->dots_most;
        }
        above = next;
    }
}

/* Columns hold whole steps, or their counts would beat against dt. Cells are small while each has
 * some spikes to show. */
static void choose_cells(struct plot *plot, const struct plot_options *options)
{
    double spikes = all_spikes(plot), columns = 0.7 * options->width, rows = 0.5 * options->height;
    double duration = plot->to - plot->from, coarse;
    coarse = fmin(6, fmax(1.5, ceil(sqrt(2 * columns * rows / fmax(spikes, 1)))));
    columns /= coarse;
    plot->column_ms = duration / columns;
    if (plot->file->ours)
        plot->column_ms = plot->file->dt * ceil(plot->column_ms / plot->file->dt - 1e-9);
    plot->columns = (size_t)fmax(1, ceil(duration / plot->column_ms - 1e-6));
    for (size_t i = 0; i < plot->band_count; i++) {
        struct plot_band *band = &plot->band[i];
        double most = fmax(1, (band->high - band->low) * rows / coarse);
        band->cell_rows = (size_t)fmin((double)band->rows, most);
    }
}

struct filling {
    struct plot *plot;
    size_t band;
};

static void add_spike(struct plot *plot, size_t index, double time, uint64_t row)
{
    struct plot_band *band = &plot->band[index];
    double column = ceil((time - plot->from - plot->slack) / plot->column_ms) - 1;
    size_t x = column < 0 ? 0 : (size_t)column;
    size_t y = (size_t)(row * band->cell_rows / band->rows);
    if (x < plot->columns && y < band->cell_rows)
        band->cells[y * plot->columns + x]++;
    if (band->dots++ < band->dots_most) {
        double height = (band->high - band->low) / (double)band->rows;
        plot->dot[plot->dot_count++] =
            (struct plot_dot){time, band->low + ((double)row + 0.5) * height, index};
    } else {
        band->dense = true;
    }
}

static bool fill(const struct raster_piece *piece, void *context)
{
    struct filling *filling = context;
    struct plot *plot = filling->plot;
    uint64_t row;
    for (size_t i = 0; i < piece->rows; i++) {
        if (plot_in_view(plot, piece->times[i]) &&
            plot_row_of(&plot->band[filling->band], piece->ids[i], &row))
            add_spike(plot, filling->band, piece->times[i], row);
    }
    return true;
}

static enum status read_raster(struct plot *plot, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < plot->band_count && !status; i++) {
        struct plot_band *band = &plot->band[i];
        band->cells = calloc(band->cell_rows * plot->columns + 1, sizeof *band->cells);
        if (!band->cells)
            return error_no_memory(err, NULL);
        status = result_file_scan(plot->file, band->population, band->first, band->end, fill,
                                  &(struct filling){plot, i}, err);
    }
    return status;
}

static enum status open_bands(struct plot *plot, struct error *err)
{
    const struct result_file *file = plot->file;
    enum status status = STATUS_OK;
    plot->band = calloc(file->population_count + 1, sizeof *plot->band);
    plot->dot = malloc(PLOT_DOTS_MOST * sizeof *plot->dot);
    if (!plot->band || !plot->dot)
        return error_no_memory(err, NULL);
    plot->band_count = file->population_count;
    for (size_t i = 0; i < plot->band_count && !status; i++) {
        struct plot_band *band = &plot->band[i];
        const struct result_population *p = band->population = &file->population[i];
        band->in_raster = p->raster != RESULT_FILE_NO_RASTER || p->recorded;
        plot->has_raster |= band->in_raster;
        status = find_rows(plot, band, err);
        if (!status && band->in_raster)
            status = plot_find_neurons(plot, band, err);
    }
    return status;
}

/* Axes without anything in them would pass for a result. */
static enum status check_content(const struct plot *plot, struct error *err)
{
    bool rates = false;
    for (size_t i = 0; i < plot->band_count; i++)
        rates |= plot->band[i].rate != NULL;
    if (plot->has_raster || rates)
        return STATUS_OK;
    return error_set(err, STATUS_CONFIG,
                     "%s holds neither spikes nor rates of any population: there is nothing to "
                     "show; a run that records spikes has them, with neurons = all in its "
                     "[record.NAME] of what = spikes",
                     plot->file->path);
}

enum status plot_read(struct plot *plot, const struct result_file *file,
                      const struct plot_options *options, struct error *err)
{
    *plot = (struct plot){.file = file, .neurons = options->neurons};
    plot->config = file->ours ? plot_read_config(file->file) : NULL;
    enum status status = result_file_check(file, err);
    if (!status)
        status = plot_choose_view(plot, options, err);
    if (!status)
        status = open_bands(plot, err);
    if (status)
        return status;
    if (options->neurons == 0)
        take_sample(plot);
    deal_dots(plot);
    stack_bands(plot);
    choose_cells(plot, options);
    status = read_raster(plot, err);
    if (!status)
        status = plot_read_rates(plot, err);
    return status ? status : check_content(plot, err);
}

void plot_free(struct plot *plot)
{
    for (size_t i = 0; i < plot->band_count; i++) {
        free(plot->band[i].ids);
        free(plot->band[i].cells);
        free(plot->band[i].rate);
    }
    free(plot->band);
    free(plot->dot);
    config_free(plot->config);
}

/* The last column and some rows hold less than others. */
double plot_cell_rate(const struct plot *plot, const struct plot_band *band, size_t y, size_t x)
{
    double start = plot->from + (double)x * plot->column_ms;
    double width = fmin(plot->column_ms, plot->to - start);
    double rows = (double)band->rows, cells = (double)band->cell_rows;
    double neurons = ceil(((double)y + 1) * rows / cells) - ceil((double)y * rows / cells);
    return (double)band->cells[y * plot->columns + x] / fmax(neurons, 1) / (width * 1e-3);
}
