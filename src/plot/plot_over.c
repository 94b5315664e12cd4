/* Two outputs over each other: the rates of each population, of a run and of another of it. */
#include "plot/plot_over.h"

#include "plot/chart_finish.h"
#include "plot/plot_colours.h"
#include "plot/plot_outputs.h"
#include "plot/plot_raster_data.h"
#include "plot/plot_words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double long_ms = 5000; /* is told in seconds */

/* What is drawn of a file. */
struct layer {
    const char *path, *name;
    struct result_file file;
    struct plot plot;
};

static const struct plot_band *band_of(const struct layer *layer, const char *population)
{
    for (size_t i = 0; i < layer->plot.band_count; i++)
        if (strcmp(layer->plot.band[i].population->name, population) == 0)
            return layer->plot.band[i].rate ? &layer->plot.band[i] : NULL;
    return NULL;
}

/* band NULL: it has none, which the key tells. */
static void add_rates(struct chart *chart, const struct layer *layer, const char *population,
                      const struct plot_band *band, uint32_t colour)
{
    char name[600], rate[28];
    snprintf(name, sizeof name, "%s, %s", population, layer->path);
    struct chart_series *s = chart_add_series(chart, name, colour, CHART_STEPS);
    if (!s)
        return;
    s->key = layer->name;
    s->bin = layer->plot.bin_ms;
    if (band)
        snprintf(s->note, sizeof s->note, "mean %s Hz", plot_rounded(band->mean_rate, rate));
    else
        snprintf(s->note, sizeof s->note, "not in it");
    for (size_t b = 0; band && b < layer->plot.bins; b++)
        chart_add_point(chart, s, layer->plot.bin_from + ((double)b + 0.5) * layer->plot.bin_ms,
                        band->rate[b], NAN);
}

/* A panel where either has rates; whether there was one. */
static bool add_population(struct chart *chart, const struct layer layer[2], const char *name)
{
    const struct plot_band *band[2] = {band_of(&layer[0], name), band_of(&layer[1], name)};
    if (!band[0] && !band[1])
        return false;
    chart_add_panel(chart, name);
    for (int f = 0; f < 2; f++)
        add_rates(chart, &layer[f], name, band[f], plot_colour((size_t)f));
    return true;
}

static bool has_population(const struct result_file *file, const char *name)
{
    for (size_t i = 0; i < file->population_count; i++)
        if (strcmp(file->population[i].name, name) == 0)
            return true;
    return false;
}

static enum status add_populations(struct chart *chart, const struct layer layer[2],
                                   struct error *err)
{
    bool any = false;
    for (int f = 0; f < 2; f++)
        for (size_t i = 0; i < layer[f].file.population_count; i++) {
            const char *name = layer[f].file.population[i].name;
            if (f == 0 || !has_population(&layer[0].file, name))
                any |= add_population(chart, layer, name);
        }
    if (any)
        return STATUS_OK;
    return error_set(err, STATUS_CONFIG, "neither %s nor %s holds rates or spikes of a population",
                     layer[0].path, layer[1].path);
}

/* What digests say of all spikes, and the bins. */
static void describe(struct chart *chart, const struct layer layer[2])
{
    const char *digest[2] = {layer[0].file.digest, layer[1].file.digest};
    const double bin[2] = {layer[0].plot.bin_ms, layer[1].plot.bin_ms};
    const char *said = !digest[0] || !digest[1]       ? "" /* not files of megalif's */
                       : strcmp(digest[0], digest[1]) ? "different spikes; "
                                                      : "the same spikes, drawn over each other; ";
    if (bin[0] == bin[1])
        snprintf(chart->facts, sizeof chart->facts, "%srates in bins of %.6g ms", said, bin[0]);
    else
        snprintf(chart->facts, sizeof chart->facts, "%srates in bins of %.6g and %.6g ms", said,
                 bin[0], bin[1]);
}

static enum status draw(const struct layer layer[2], const struct plot_options *options,
                        struct error *err)
{
    struct chart chart;
    char title[400];
    snprintf(title, sizeof title, "%s and %s", layer[0].name, layer[1].name);
    chart_init(&chart, title, "time (ms)", "rate (Hz)");
    chart.from_zero = chart.plain_names = true;
    chart.from = fmin(layer[0].plot.from, layer[1].plot.from);
    chart.to = fmax(layer[0].plot.to, layer[1].plot.to);
    if (chart.to - chart.from > long_ms) {
        chart.x_scale = 1e-3;
        chart.x_scaled_label = "time (s)";
    }
    if (layer[0].file.warmup > 0 && layer[0].file.warmup == layer[1].file.warmup)
        chart.warm = layer[0].file.warmup;
    describe(&chart, layer);
    enum status status = add_populations(&chart, layer, err);
    if (!status)
        status = chart_finish(&chart, options, err);
    chart_free(&chart);
    return status;
}

static enum status open_layer(struct layer *layer, const char *path,
                              const struct plot_options *options, struct error *err)
{
    layer->path = path;
    enum status status = result_file_open(&layer->file, path, err);
    return status ? status : plot_read(&layer->plot, &layer->file, options, err);
}

enum status plot_over(const char *const path[2], const struct plot_options *options,
                      struct error *err)
{
    struct layer layer[2] = {{.path = NULL}, {.path = NULL}};
    enum status status = plot_outputs_check(options, err);
    for (int f = 0; f < 2 && !status; f++)
        status = open_layer(&layer[f], path[f], options, err);
    for (int f = 0; f < 2; f++) /* where only the folders differ, these tell them apart */
        layer[f].name = strcmp(plot_base_name(path[0]), plot_base_name(path[1])) == 0
                            ? path[f]
                            : plot_base_name(path[f]);
    if (!status)
        status = draw(layer, options, err);
    for (int f = 0; f < 2; f++) {
        plot_free(&layer[f].plot);
        result_file_close(&layer[f].file);
    }
    return status;
}
