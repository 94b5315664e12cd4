/* Traces of a SONATA report, a panel for each neuron. Potentials get their spikes from the run's
 * raster: drawn to V_th and down to V_reset, the refractory period behind them shaded. */
#include "plot/plot_traces.h"

#include "config/read.h"
#include "neuron/neuron_draw.h"
#include "plot/chart_finish.h"
#include "plot/plot_colours.h"
#include "plot/plot_config.h"
#include "plot/plot_outputs.h"
#include "plot/plot_words.h"
#include "sonata/report_reader.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NEURONS_SHOWN = 5, NEURONS_MOST = 40, POINTS_MOST = 6000 };

struct traces {
    struct report_reader *report;
    const struct report_read_population *population;
    size_t population_count;
    size_t *order;             /* [population_count] in the config's order, where it is known */
    struct result_file spikes; /* of the same run */
    bool has_spikes;
    struct config *config; /* NULL: unknown */
    bool potential;
    uint64_t spikes_seen, neurons_seen, neurons_unrecorded;
    char unrecorded[64]; /* "exc 1, 2; inh 0", as far as there is room */
    const char *last_unrecorded;
    double recorded_from, recorded_to; /* common to all that are seen */
    double from, to;
};

/* One neuron on its way into a panel. */
struct trace {
    const struct traces *all;
    size_t population; /* of the report */
    uint64_t id;
    uint64_t first, rows; /* in view */
    double *value;
    double *spike; /* times */
    size_t spike_count, spike_room;
    bool known; /* what follows */
    double V_th, V_reset, t_ref;
};

static double row_time(const struct report_read_population *p, uint64_t row)
{
    return p->start + (double)row * p->interval;
}

static bool collect(const struct raster_piece *piece, void *context)
{
    struct trace *t = context;
    for (size_t i = 0; i < piece->rows; i++) {
        if (piece->ids[i] != t->id || piece->times[i] < t->all->from ||
            piece->times[i] > t->all->to)
            continue;
        if (t->spike_count == t->spike_room) {
            size_t room = 2 * t->spike_room + 64;
            double *grown = realloc(t->spike, room * sizeof *grown);
            if (!grown)
                return false;
            t->spike = grown;
            t->spike_room = room;
        }
        t->spike[t->spike_count++] = piece->times[i];
    }
    return true;
}

static enum status read_spikes(struct trace *t, struct error *err)
{
    const struct traces *all = t->all;
    const char *name = all->population[t->population].name;
    for (size_t i = 0; all->has_spikes && i < all->spikes.population_count; i++) {
        const struct result_population *p = &all->spikes.population[i];
        if (strcmp(p->name, name) == 0)
            return result_file_scan(&all->spikes, p, 0, p->rows, collect, t, err);
    }
    return STATUS_OK;
}

/* Threshold and refractory period of the neuron, from the run's config. */
static void find_parameters(struct trace *t)
{
    const struct config *config = t->all->config;
    size_t place = plot_config_place(config, t->all->population[t->population].name);
    struct neuron_source source;
    struct neuron neuron;
    if (place == SIZE_MAX || t->id >= config->population[place].size)
        return;
    memset(&neuron, 0, sizeof neuron);
    neuron_source_init(&source, config, place);
    neuron_draw(&neuron, &source, t->id);
    t->known = true;
    t->V_th = neuron.value[POPULATION_V_TH];
    t->V_reset = neuron.value[POPULATION_V_RESET];
    t->t_ref = (double)neuron_refractory_steps(&neuron, &source) * config->dt_ms;
}

/* Adds a neuron to the list of those whose spikes are not in the file. */
static void list_unrecorded(struct traces *all, const char *population, uint64_t id)
{
    size_t used = strlen(all->unrecorded), room = sizeof all->unrecorded - used;
    char number[32];
    bool same = all->last_unrecorded == population;
    if (all->neurons_unrecorded++ > 0 && used == 0) /* it was too long already */
        return;
    plot_grouped(id, number);
    int length = same ? snprintf(all->unrecorded + used, room, ", %s", number)
                      : snprintf(all->unrecorded + used, room, "%s%s %s", used > 0 ? "; " : "",
                                 population, number);
    if (length >= (int)room) /* cut: say_spikes gives their number */
        all->unrecorded[0] = '\0';
    all->last_unrecorded = population;
}

/* Whether, and from when to when, the file of spikes has the neuron's. */
static enum status find_recorded(struct traces *all, const struct trace *t, struct error *err)
{
    const char *name = all->population[t->population].name;
    size_t place = plot_config_place(all->config, name);
    bool recorded = true;
    double from, to;
    if (place == SIZE_MAX)
        return STATUS_OK;
    enum status status = plot_config_records(all->config, place, t->id, &recorded, err);
    if (!status && !recorded)
        list_unrecorded(all, name, t->id);
    if (!status && recorded) {
        plot_config_window(all->config, place, &from, &to);
        all->recorded_from = fmax(all->recorded_from, from);
        all->recorded_to = fmin(all->recorded_to, to);
    }
    return status;
}

/* Up to the threshold and back, at a spike; flat until the neuron is free again. */
static void add_spike(struct chart *chart, struct chart_series *s, const struct trace *t,
                      double time)
{
    chart_add_point(chart, s, time, t->V_th, NAN);
    chart_add_point(chart, s, time, t->V_reset, NAN);
    if (t->t_ref > 0)
        chart_add_point(chart, s, fmin(time + t->t_ref, t->all->to), t->V_reset, NAN);
}

/* Rows of `by` at a time become their least and greatest value, in their order. */
static void add_rows(struct chart *chart, struct chart_series *s, const struct trace *t,
                     uint64_t row, uint64_t by)
{
    const struct report_read_population *p = &t->all->population[t->population];
    uint64_t end = row + by < t->rows ? row + by : t->rows, least = row, most = row;
    for (uint64_t i = row; i < end; i++) {
        least = t->value[i] < t->value[least] ? i : least;
        most = t->value[i] > t->value[most] ? i : most;
    }
    uint64_t one = least < most ? least : most, two = least < most ? most : least;
    chart_add_point(chart, s, row_time(p, t->first + one), t->value[one], NAN);
    if (two != one)
        chart_add_point(chart, s, row_time(p, t->first + two), t->value[two], NAN);
}

static void add_line(struct chart *chart, struct chart_series *s, const struct trace *t)
{
    const struct report_read_population *p = &t->all->population[t->population];
    uint64_t by = (t->rows + POINTS_MOST - 1) / POINTS_MOST;
    size_t spike = 0;
    double free_again = -INFINITY;
    for (uint64_t row = 0; row < t->rows; row += by) {
        double until = row_time(p, t->first + row + by) - 0.5 * p->interval;
        while (t->known && t->all->potential && spike < t->spike_count &&
               t->spike[spike] < row_time(p, t->first + row) + 1e-6 * p->interval) {
            free_again = t->spike[spike] + t->t_ref;
            add_spike(chart, s, t, t->spike[spike++]);
        }
        if (until > free_again)
            add_rows(chart, s, t, row, by);
    }
}

static void add_panel(struct chart *chart, const struct trace *t, uint32_t colour)
{
    enum { NAME_LEAST = 7 };
    char name[300], label[PLOT_NAME_BYTES + 32], part[PLOT_NAME_BYTES], id[32];
    const char *population = t->all->population[t->population].name;
    snprintf(name, sizeof name, "%.250s %s", population, plot_grouped(t->id, id));
    int room = PLOT_NAME_MOST - 1 - (int)strlen(id); /* the id stays whole */
    plot_shorten(population, room > NAME_LEAST ? room : NAME_LEAST, part);
    snprintf(label, sizeof label, "%s %s", part, id);
    struct chart_panel *panel = chart_add_panel(chart, label);
    double pixels = 800 / (t->all->to - t->all->from); /* about, for one ms */
    if (panel && t->known && t->all->potential) {
        panel->line = t->V_th;
        panel->line_name = "V_th";
        for (size_t i = 0; i < t->spike_count && t->t_ref * pixels > 0.3; i++)
            chart_add_shade(chart, panel, t->spike[i], fmin(t->spike[i] + t->t_ref, t->all->to));
    }
    struct chart_series *s = chart_add_series(chart, name, colour, CHART_LINE);
    if (!s)
        return;
    s->nameless = true;
    add_line(chart, s, t);
}

static enum status add_trace(struct chart *chart, struct traces *all, size_t population,
                             uint64_t index, struct error *err)
{
    const struct report_read_population *p = &all->population[population];
    size_t place = plot_config_place(all->config, p->name);
    struct trace t = {.all = all, .population = population, .id = p->node_ids[index]};
    double first = ceil((all->from - p->start) / p->interval - 1e-6);
    double end = floor((all->to - p->start) / p->interval + 1e-6) + 1;
    t.first = (uint64_t)fmin(fmax(first, 0), (double)p->rows);
    t.rows = (uint64_t)fmin(fmax(end, 0), (double)p->rows);
    t.rows = t.rows > t.first ? t.rows - t.first : 0;
    t.value = malloc((t.rows + 1) * sizeof *t.value);
    enum status status =
        t.value ? report_read_neuron(all->report, population, index, t.first, t.rows, t.value, err)
                : error_no_memory(err, NULL);
    if (!status)
        status = read_spikes(&t, err);
    if (!status)
        status = find_recorded(all, &t, err);
    all->spikes_seen += t.spike_count;
    all->neurons_seen++;
    if (!status) {
        find_parameters(&t);
        add_panel(chart, &t, plot_colour(place < SIZE_MAX ? place : population));
    }
    free(t.value);
    free(t.spike);
    return status;
}

/* At most `each` of a population and `wanted` of all, shared out among the populations, each
 * population's evenly over its list. */
static enum status add_traces(struct chart *chart, struct traces *all, uint64_t wanted,
                              uint64_t each, struct error *err)
{
    enum status status = STATUS_OK;
    size_t left = all->population_count;
    for (size_t i = 0; i < all->population_count && !status; i++, left--) {
        size_t population = all->order[i];
        uint64_t count = all->population[population].count, share = (wanted + left - 1) / left;
        uint64_t most = share < each ? share : each, shown = count < most ? count : most;
        for (uint64_t n = 0; n < shown && !status; n++)
            status = add_trace(chart, all, population, n * count / shown, err);
        wanted -= shown;
    }
    if (!status && !chart->failed && chart->panel_count == 0)
        status = error_set(err, STATUS_CONFIG, "%s holds no neurons: there is nothing to show",
                           chart->title);
    return status;
}

/* out.v.h5 stands beside out.h5. */
static char *spike_path(const char *path)
{
    size_t length = strlen(path);
    char *spikes = strdup(path);
    if (!spikes || length < 4 || strcmp(path + length - 3, ".h5") != 0)
        return spikes;
    spikes[length - 3] = '\0';
    char *dot = strrchr(spikes, '.'), *slash = strrchr(spikes, '/');
    if (dot && dot > spikes && (!slash || dot > slash + 1))
        memcpy(dot, ".h5", 4);
    else
        strcpy(spikes, path);
    return spikes;
}

/* The config and the raster of the run that made the report; without a raster the traces stand
 * alone. */
static void open_spikes(struct traces *all, const char *path, char *spikes)
{
    struct error ignored;
    all->config = plot_read_config(report_reader_file(all->report));
    if (!spikes || strcmp(spikes, path) == 0)
        return;
    all->has_spikes = result_file_open(&all->spikes, spikes, &ignored) == STATUS_OK;
    if (!all->has_spikes)
        result_file_close(&all->spikes);
    else if (!all->config && all->spikes.ours)
        all->config = plot_read_config(all->spikes.file);
}

static enum status sort_populations(struct traces *all, struct error *err)
{
    size_t count = 0, places = all->config ? all->config->population_count : 0;
    all->order = calloc(all->population_count, sizeof *all->order);
    if (!all->order)
        return error_no_memory(err, NULL);
    for (size_t place = 0; place <= places; place++)
        for (size_t i = 0; i < all->population_count; i++) {
            size_t its = plot_config_place(all->config, all->population[i].name);
            if ((its < places ? its : places) == place)
                all->order[count++] = i;
        }
    return STATUS_OK;
}

static enum status choose_view(struct traces *all, const struct plot_options *options,
                               const char *path, struct error *err)
{
    double begin = INFINITY, end = -INFINITY;
    for (size_t i = 0; i < all->population_count; i++) {
        const struct report_read_population *p = &all->population[i];
        begin = fmin(begin, p->start);
        end = fmax(end, row_time(p, p->rows));
    }
    all->from = fmax(options->from, begin);
    all->to = options->to < end ? options->to : end;
    if (all->from < all->to)
        return STATUS_OK;
    return error_set(err, STATUS_CONFIG,
                     "nothing to show from %.10g to %.10g ms; %s holds %.10g to %.10g ms",
                     all->from, isnan(options->to) ? end : options->to, path, begin, end);
}

static void set_axes(struct chart *chart, const struct traces *all, char *label, size_t size)
{
    const char *variable = report_variable(all->report);
    snprintf(label, size, "%.40s (%.20s)", variable[0] ? variable : "value",
             all->population[0].units);
    chart->y_label = label;
    chart->from = all->from;
    chart->to = all->to;
    if (all->to - all->from > 5000) {
        chart->x_scale = 1e-3;
        chart->x_scaled_label = "time (s)";
    }
    if (all->has_spikes && all->spikes.warmup > all->from)
        chart->warm = all->spikes.warmup;
}

static void describe(struct chart *chart, const struct traces *all)
{
    const char *variable = report_variable(all->report);
    uint64_t neurons = 0;
    char number[32], shown[48] = "";
    for (size_t i = 0; i < all->population_count; i++)
        neurons += all->population[i].count;
    if (all->neurons_seen < neurons)
        snprintf(shown, sizeof shown, "%s of ", plot_grouped(all->neurons_seen, number));
    snprintf(chart->facts, sizeof chart->facts, "%s of %s%s neuron%s every %.6g ms",
             variable[0] ? variable : "values", shown, plot_grouped(neurons, number),
             neurons == 1 ? "" : "s", all->population[0].interval);
}

/* What the panels show of spikes, and what they cannot. */
static void say_spikes(struct chart *chart, const struct traces *all)
{
    size_t used = strlen(chart->facts), size = sizeof chart->facts;
    bool none = all->neurons_unrecorded == all->neurons_seen;
    if (!all->potential || !all->config)
        return;
    if (!all->has_spikes) {
        snprintf(chart->facts + used, size - used, "; without the file of the run's spikes");
        return;
    }
    if (all->spikes_seen > 0)
        used += (size_t)snprintf(chart->facts + used, size - used,
                                 "; spikes drawn to V_th, refractory periods shaded");
    else if (all->neurons_unrecorded == 0)
        used +=
            (size_t)snprintf(chart->facts + used, size - used, "; no spikes of these neurons in %s",
                             plot_base_name(all->spikes.path));
    if (none)
        snprintf(chart->facts + used, size - used, "; spikes of these neurons not recorded");
    else if (all->neurons_unrecorded > 0 && all->unrecorded[0])
        snprintf(chart->facts + used, size - used, "; spikes of %s not recorded", all->unrecorded);
    else if (all->neurons_unrecorded > 0)
        snprintf(chart->facts + used, size - used, "; spikes of %d of these not recorded",
                 (int)all->neurons_unrecorded);
    else if (all->recorded_from > all->from)
        snprintf(chart->facts + used, size - used, "; recorded from %.6g ms on",
                 all->recorded_from);
    else if (all->recorded_to < all->to)
        snprintf(chart->facts + used, size - used, "; recorded up to %.6g ms", all->recorded_to);
}

enum status plot_traces(const char *path, const struct plot_options *options, struct error *err)
{
    struct traces all = {.report = NULL, .recorded_to = INFINITY};
    struct chart chart;
    char label[80], *spikes = spike_path(path);
    enum status status = report_open(&all.report, path, err);
    chart_init(&chart, plot_base_name(path), "time (ms)", "");
    if (!status)
        all.population = report_populations(all.report, &all.population_count);
    if (!status && all.population_count == 0)
        status = error_set(err, STATUS_CONFIG, "%s holds no populations", path);
    if (!status)
        status = choose_view(&all, options, path, err);
    if (!status && spikes)
        status = plot_outputs_keep(options, spikes, err);
    if (!status)
        status = plot_outputs_check(options, err);
    if (!status) {
        open_spikes(&all, path, spikes);
        status = sort_populations(&all, err);
    }
    if (!status) {
        uint64_t wanted = options->neurons > 0 ? NEURONS_MOST : NEURONS_SHOWN;
        all.potential = strcmp(all.population[0].units, "mV") == 0 &&
                        strcmp(report_variable(all.report), "jumps") != 0;
        set_axes(&chart, &all, label, sizeof label);
        status =
            add_traces(&chart, &all, wanted, options->neurons > 0 ? options->neurons : wanted, err);
        describe(&chart, &all);
        say_spikes(&chart, &all);
    }
    if (!status)
        status = chart_finish(&chart, options, err);
    report_close(all.report);
    if (all.has_spikes)
        result_file_close(&all.spikes);
    config_free(all.config);
    chart_free(&chart);
    free(all.order);
    free(spikes);
    return status;
}
