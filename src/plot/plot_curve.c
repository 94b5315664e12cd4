/* The f-I curve of a file: rates of a population's neurons over their mean currents, with theory
 * where it is known. */
#include "plot/plot_curve.h"

#include "config/read.h"
#include "io/provenance_read.h"
#include "plot/chart_finish.h"
#include "plot/chart_theory.h"
#include "plot/plot_colours.h"
#include "plot/plot_config.h"
#include "plot/plot_theory.h"
#include "plot/plot_words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { GROUPS_MOST = 200, GROUPS_WANTED = 100, THEORY_POINTS = 2000 };

struct neuron_rate {
    double current, rate; /* pA, Hz */
};

struct curve {
    const struct result_file *file;
    const struct result_population *population;
    double seconds; /* counted */
    struct neuron_rate *neuron;
    struct plot_theory theory;
};

static int by_current(const void *a, const void *b)
{
    double x = ((const struct neuron_rate *)a)->current,
           y = ((const struct neuron_rate *)b)->current;
    return (x > y) - (x < y);
}

static bool count_spikes(const struct raster_piece *piece, void *context)
{
    struct curve *c = context;
    for (size_t i = 0; i < piece->rows; i++)
        if (piece->times[i] > c->file->warmup * (1 + 1e-12) && piece->ids[i] < c->population->size)
            c->neuron[piece->ids[i]].rate += 1 / c->seconds;
    return true;
}

/* From a counts recorder: rate per neuron. */
static bool read_counts(struct curve *c)
{
    enum { PIECE = 65536 };
    char path[600];
    uint64_t length, *spikes = malloc(PIECE * sizeof *spikes);
    snprintf(path, sizeof path, "/megalif/counts/%s/spikes", c->population->name);
    bool found = spikes && provenance_get_length(c->file->file, path, &length) &&
                 length == c->population->size;
    for (uint64_t first = 0, count; found && first < length; first += count) {
        count = length - first < PIECE ? length - first : PIECE;
        found = provenance_read_u64(c->file->file, path, first, count, spikes);
        for (uint64_t i = 0; found && i < count; i++)
            c->neuron[first + i].rate = (double)spikes[i] / c->seconds;
    }
    free(spikes);
    return found;
}

static enum status read_rates(struct curve *c, bool *known, struct error *err)
{
    const struct result_population *p = c->population;
    *known = read_counts(c);
    if (*known || !p->recorded)
        return STATUS_OK;
    *known = true;
    return result_file_scan(c->file, p, 0, p->rows, count_spikes, c, err);
}

/* Means over the neurons [first, end) with their standard error. */
static void add_group(struct chart *chart, struct chart_series *s, const struct neuron_rate *neuron,
                      uint64_t first, uint64_t end)
{
    double count = (double)(end - first), current = 0, rate = 0, squares = 0;
    for (uint64_t i = first; i < end; i++) {
        current += neuron[i].current;
        rate += neuron[i].rate;
    }
    current /= count;
    rate /= count;
    for (uint64_t i = first; i < end; i++)
        squares += (neuron[i].rate - rate) * (neuron[i].rate - rate);
    chart_add_point(chart, s, current, rate, count > 1 ? sqrt(squares / (count - 1) / count) : NAN);
}

/* The end of the neurons that have the first one's current, to rounding. */
static uint64_t same_current(const struct neuron_rate *neuron, uint64_t first, uint64_t size)
{
    uint64_t end = first + 1;
    double slack = 1e-12 * (1 + fabs(neuron[first].current));
    while (end < size && neuron[end].current - neuron[first].current <= slack)
        end++;
    return end;
}

static void add_rates(struct chart *chart, const struct curve *c, struct chart_series *s)
{
    uint64_t size = c->population->size, groups = 0;
    for (uint64_t i = 0; i < size; groups++)
        i = same_current(c->neuron, i, size);
    for (uint64_t first = 0, group = 1; first < size; group++) {
        uint64_t end = same_current(c->neuron, first, size);
        if (groups > GROUPS_MOST) /* neighbours together */
            end = size * group / GROUPS_WANTED;
        add_group(chart, s, c->neuron, first, end);
        first = end;
    }
    if (groups > GROUPS_MOST)
        snprintf(s->note, sizeof s->note, "means of %.0f", (double)size / (double)GROUPS_WANTED);
}

/* A line over the rates. */
static void add_line(struct chart *chart, const struct curve *c, const char *key, const char *note,
                     uint32_t colour, double (*rate)(const struct plot_theory *, double))
{
    double low = c->neuron[0].current, high = c->neuron[c->population->size - 1].current;
    char name[128];
    snprintf(name, sizeof name, "%.80s, %s", c->population->name, key);
    struct chart_series *s = chart_theory_add(chart, name, key, note, colour);
    for (int i = 0; s && i <= THEORY_POINTS; i++) {
        double current = low + (high - low) * i / THEORY_POINTS;
        chart_add_point(chart, s, current, rate(&c->theory, current), NAN);
    }
}

static void add_theory(struct chart *chart, const struct curve *c)
{
    if (plot_theory_has_grid(&c->theory))
        add_line(chart, c, chart_theory_grid, "threshold raised", PLOT_PALE, plot_theory_grid_rate);
    add_line(chart, c, chart_theory, plot_theory_name(&c->theory), PLOT_INK, plot_theory_rate);
}

/* What is left when theory is taken off every neuron's rate. */
static void subtract_theory(struct curve *c)
{
    double current = NAN, rate = 0;
    for (uint64_t i = 0; i < c->population->size; i++) {
        if (!(fabs(c->neuron[i].current - current) <= 1e-12 * (1 + fabs(current)))) {
            current = c->neuron[i].current;
            rate = plot_theory_nearest(&c->theory, current);
        }
        c->neuron[i].rate -= rate;
    }
}

/* The panel below: rates less theory. */
static void add_difference(struct chart *below, struct curve *c, uint32_t colour)
{
    struct chart_series *s = chart_theory_add_below(below, c->population->name,
                                                    plot_theory_has_grid(&c->theory), colour);
    if (!s)
        return;
    subtract_theory(c);
    add_rates(below, c, s);
    s->note[0] = '\0';
}

static enum status add_curve(struct chart *chart, struct chart *below, struct curve *c,
                             uint32_t colour, struct error *err)
{
    const struct result_population *p = c->population;
    bool known = false;
    c->neuron = calloc(p->size, sizeof *c->neuron);
    enum status status = c->neuron ? read_rates(c, &known, err) : error_no_memory(err, NULL);
    for (uint64_t id = 0; known && !status && id < p->size; id++)
        c->neuron[id].current = plot_theory_current(&c->theory, id);
    if (known && !status) {
        qsort(c->neuron, p->size, sizeof *c->neuron, by_current);
        known = same_current(c->neuron, 0, p->size) < p->size;
    }
    struct chart_series *s =
        known && !status ? chart_add_series(chart, p->name, colour, CHART_POINTS) : NULL;
    if (s) {
        add_rates(chart, c, s);
        if (c->theory.known) {
            add_theory(chart, c);
            add_difference(below, c, colour);
        }
    }
    free(c->neuron);
    return status;
}

static enum status fill(struct chart *chart, struct chart *below, const struct result_file *file,
                        const struct config *config, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < file->population_count && !status; i++) {
        struct curve c = {.file = file, .population = &file->population[i]};
        size_t index = plot_config_place(config, c.population->name);
        c.seconds = (file->duration - file->warmup) * 1e-3;
        if (index == SIZE_MAX || config->population[index].size != c.population->size ||
            !(c.seconds > 0))
            continue;
        plot_theory_open(&c.theory, config, index);
        if (c.theory.steady)
            status = add_curve(chart, below, &c, plot_colour(i), err);
    }
    if (!status && !chart->failed && chart->panel[0].series_count == 0)
        status = error_set(err, STATUS_CONFIG,
                           "%s has no f-I curve: it takes a population whose neurons differ in a "
                           "constant current (I_e = linspace(...)), with a counts recorder or all "
                           "spikes recorded, and no other inputs than dc and white_noise that act "
                           "from warmup to the end",
                           file->path);
    return status;
}

/* Groups of one neuron have no bars. */
static void explain_bars(struct chart *chart)
{
    size_t used = strlen(chart->facts);
    bool bars = false;
    for (size_t s = 0; s < chart->panel[0].series_count; s++)
        for (size_t i = 0; i < chart->panel[0].series[s].count; i++)
            bars |= isfinite(chart->panel[0].series[s].point[i].error);
    if (bars)
        snprintf(chart->facts + used, sizeof chart->facts - used,
                 "; bars: standard errors of means over neurons");
}

enum status plot_curve(const struct result_file *file, const struct plot_options *options,
                       struct error *err)
{
    struct chart chart, below;
    struct config *config = file->ours ? plot_read_config(file->file) : NULL;
    chart_init(&chart, plot_base_name(file->path), "mean current (pA)", "rate (Hz)");
    chart.from_zero = true;
    chart_add_panel(&chart, "");
    chart_theory_open_below(&below);
    enum status status =
        config
            ? chart_check(&chart, err)
            : error_set(err, STATUS_CONFIG,
                        "%s has no config of megalif that can be read here; an f-I curve needs it",
                        file->path);
    if (!status) {
        snprintf(chart.facts, sizeof chart.facts, "rates from %.6g to %.6g ms, dt %.6g ms",
                 file->warmup, file->duration, file->dt);
        status = fill(&chart, &below, file, config, err);
    }
    if (!status && !chart.failed)
        explain_bars(&chart);
    chart_theory_close_below(&below, &chart);
    if (!status)
        status = chart_finish(&chart, options, err);
    chart_free(&chart);
    config_free(config);
    return status;
}
