/* Population rates for a plot, in bins wide enough to be seen and to hold some spikes. */
#include "plot/plot_rates.h"

#include "io/provenance_read.h"
#include "plot/plot_neurons.h"

#include <math.h>
#include <stdlib.h>

enum { BINS_MOST = 1000, BINS_LEAST = 100, SPIKES_WANTED = 200, PIECE = 65536 };
#define BINS_STORED_MOST 1e15          /* in view: more are not believed */
#define POWER_MOST 1000000000000000000 /* ten times as much is still a uint64_t */

/* 1, 2, 5, 10, 20, 50, ...: the first that is at least this. */
static uint64_t round_up(double value)
{
    uint64_t power = 1;
    while (power < POWER_MOST && (double)(10 * power) < value)
        power *= 10;
    return (double)power >= value         ? power
           : (double)(2 * power) >= value ? 2 * power
           : (double)(5 * power) >= value ? 5 * power
                                          : 10 * power;
}

/* A population's fine bins. */
struct source {
    struct plot *plot;
    struct plot_band *band;
    char path[512]; /* in /megalif/rates, where the bins are bin_ms / merge wide */
    uint64_t merge;
};

static bool find_stored(const struct plot *plot, struct source *source, double *width)
{
    hid_t file = plot->file->file;
    int length = snprintf(source->path, sizeof source->path, "/megalif/rates/%s",
                          source->band->population->name);
    uint64_t bins;
    double start = 0;
    return length < (int)sizeof source->path && source->band->population->size > 0 &&
           provenance_get_length(file, source->path, &bins) &&
           provenance_get_f64(file, source->path, "bin_width_ms", width) && *width > 0 &&
           isfinite(*width) && (plot->to - plot->from) / *width < BINS_STORED_MOST &&
           provenance_get_f64(file, source->path, "start_ms", &start) && start == 0;
}

static void add(struct plot *plot, struct plot_band *band, double bin, double spikes)
{
    if (bin >= 0 && bin < (double)plot->bins)
        band->rate[(size_t)bin] += spikes;
}

static enum status sum_stored(const struct source *source, struct error *err)
{
    struct plot *plot = source->plot;
    double width = plot->bin_ms / (double)source->merge;
    uint64_t length = 0, first = (uint64_t)(plot->bin_from / width + 0.5);
    uint64_t end = first + plot->bins * source->merge;
    uint64_t *piece = malloc(PIECE * sizeof *piece);
    if (!piece)
        return error_no_memory(err, NULL);
    provenance_get_length(plot->file->file, source->path, &length);
    end = end < length ? end : length;
    for (uint64_t at = first; at < end;) {
        uint64_t count = end - at < PIECE ? end - at : PIECE;
        if (!provenance_read_u64(plot->file->file, source->path, at, count, piece)) {
            free(piece);
            return error_set(err, STATUS_OUTPUT, "cannot read %s of %s", source->path,
                             plot->file->path);
        }
        for (uint64_t i = 0; i < count; i++)
            add(plot, source->band, (double)((at + i - first) / source->merge), (double)piece[i]);
        at += count;
    }
    free(piece);
    return STATUS_OK;
}

static bool sum_piece(const struct raster_piece *piece, void *context)
{
    const struct source *source = context;
    struct plot *plot = source->plot;
    for (size_t i = 0; i < piece->rows; i++) {
        if (plot_in_view(plot, piece->times[i]))
            add(plot, source->band,
                fmax(0, ceil((piece->times[i] - plot->bin_from - plot->slack) / plot->bin_ms) - 1),
                1);
    }
    return true;
}

/* Neurons that a rate is per: all there are or, where nobody says, all ids up to the last. */
static double neurons_of(const struct plot_band *band)
{
    if (band->population->size > 0)
        return (double)band->population->size;
    if (band->ids && band->neurons > 0)
        return (double)band->ids[band->neurons - 1] + 1;
    return (double)(band->first_id + band->neurons);
}

/* Adds up neighbours until the sparsest population has some spikes a bin. */
static void merge_bins(struct plot *plot)
{
    double least = INFINITY;
    for (size_t i = 0; i < plot->band_count; i++) {
        double sum = 0;
        for (size_t b = 0; plot->band[i].rate && b < plot->bins; b++)
            sum += plot->band[i].rate[b];
        least = sum > 0 ? fmin(least, sum) : least;
    }
    double bins = (double)plot->bins;
    double wanted = fmin(SPIKES_WANTED * bins / least, bins / BINS_LEAST);
    size_t by = (size_t)round_up(fmax(1, isfinite(wanted) ? wanted : 1));
    size_t merged = (plot->bins + by - 1) / by;
    for (size_t i = 0; i < plot->band_count; i++) {
        double *rate = plot->band[i].rate;
        for (size_t m = 0; rate && m < merged; m++) {
            double spikes = 0;
            for (size_t b = m * by; b < (m + 1) * by && b < plot->bins; b++)
                spikes += rate[b];
            rate[m] = spikes;
        }
    }
    plot->bins = merged;
    plot->bin_ms *= (double)by;
}

/* In view, after warmup where the view has any such: over the bins that are whole. NaN: none is. */
static double mean_in_view(const struct plot *plot, const struct plot_band *band)
{
    double warmup = plot->file->warmup, begin = plot->from, sum = 0, bins = 0;
    double slack = plot->slack + 1e-9 * plot->to;
    if (warmup < plot->to) /* false when it is unknown */
        begin = fmax(begin, warmup);
    for (size_t b = 0; band->rate && b < plot->bins; b++) {
        double start = plot->bin_from + (double)b * plot->bin_ms;
        bool whole = start > begin - slack && start + plot->bin_ms < plot->to + slack;
        sum += whole ? band->rate[b] : 0;
        bins += whole;
    }
    return sum / bins;
}

static void counts_to_rates(const struct plot *plot, struct plot_band *band)
{
    double neurons = neurons_of(band), end = plot->file->duration, spikes = 0;
    for (size_t b = 0; band->rate && b < plot->bins; b++) {
        double start = plot->bin_from + (double)b * plot->bin_ms, width = plot->bin_ms;
        if (start + width > end) /* false when the end is unknown */
            width = end - start;
        spikes += band->rate[b];
        band->rate[b] = neurons > 0 && width > 0 ? band->rate[b] / neurons / (width * 1e-3) : 0;
    }
    band->mean_rate = plot->is_part ? mean_in_view(plot, band) : band->population->mean_rate;
    if (!isfinite(band->mean_rate))
        band->mean_rate = spikes / fmax(neurons, 1) / ((plot->to - plot->from) * 1e-3);
}

/* The width of fine bins: the stored ones', or 1 ms, or less in a short view. */
static double fine_width(const struct plot *plot)
{
    double width;
    for (size_t i = 0; i < plot->band_count; i++) {
        struct source source = {.band = &plot->band[i]};
        if (find_stored(plot, &source, &width))
            return width;
    }
    width = plot->to - plot->from < 20 ? 0.1 : 1;
    return plot->file->ours ? plot->file->dt * ceil(width / plot->file->dt - 1e-9) : width;
}

static enum status count_spikes(struct source *source, struct error *err)
{
    struct plot_band *band = source->band;
    double width;
    bool stored = find_stored(source->plot, source, &width) &&
                  fabs(width * (double)source->merge - source->plot->bin_ms) < 1e-9 * width;
    if (!stored && !band->in_raster)
        return STATUS_OK;
    band->rate = calloc(source->plot->bins + 1, sizeof *band->rate);
    if (!band->rate)
        return error_no_memory(err, NULL);
    if (stored)
        return sum_stored(source, err);
    return result_file_scan(source->plot->file, band->population, band->first, band->end, sum_piece,
                            source, err);
}

enum status plot_read_rates(struct plot *plot, struct error *err)
{
    enum status status = STATUS_OK;
    double fine = fine_width(plot);
    double first = floor(plot->from / fine + 1e-6), end = ceil(plot->to / fine - 1e-6);
    uint64_t merge = round_up((end - first) / BINS_MOST);
    plot->bin_ms = fine * (double)merge;
    plot->bin_from = first * fine;
    plot->bins = (size_t)ceil((end - first) / (double)merge);
    for (size_t i = 0; i < plot->band_count && !status; i++) {
        struct source source = {.plot = plot, .band = &plot->band[i], .merge = merge};
        status = count_spikes(&source, err);
    }
    if (status)
        return status;
    merge_bins(plot);
    for (size_t i = 0; i < plot->band_count; i++)
        counts_to_rates(plot, &plot->band[i]);
    return STATUS_OK;
}
