#include "net/net_survey.h"

#include "base/float_env.h"
#include "net/net_cell.h"
#include "net/procedural_counts.h"
#include "net/procedural_open.h"
#include "net/synapse_lists.h"
#include "net/synapse_places.h"
#include "net/wiring_bounds.h"
#include "net/wiring_private.h"
#include "net/wiring_tree.h"
#include "net/wiring_values.h"
#include "neuron/model.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>

enum {
    SAMPLE = 4 * WIRING_BATCH, /* weights, delays */
    FIXED_BYTES = 1 << 20      /* of a thread, whatever it makes */
};
static const double spread = 6; /* standard deviations above the mean of a drawn number */

struct surveying {
    const struct config *config;
    const struct projection_config *projection;
    const struct net_settings *settings;
    struct weight_grid grid;
    struct wiring *wiring;
    size_t number, cells;
    struct net_survey *out;
};

/* ---- weights */

static void sample_values(const struct surveying *s, enum projection_key key,
                          struct philox_key stream, double value[SAMPLE])
{
    const struct distribution *from = &s->projection->value[key].number;
    for (size_t i = 0; i < SAMPLE; i += WIRING_BATCH)
        wiring_values(value + i, s->wiring, from, stream, 0, i, WIRING_BATCH);
}

struct rounding {
    double square, error_square, most;
    bool wide_helps;
};

static void round_onto(const struct surveying *s, size_t population, const double value[SAMPLE],
                       struct rounding *r)
{
    const struct population_config *target = &s->config->population[population];
    for (size_t i = 0; i < SAMPLE; i++) {
        size_t receptor = weight_receptor(target, value[i]);
        if (s->grid.sum[2 * population + receptor] == INT_MIN)
            continue;
        struct weight_unit unit = weight_grid_unit(&s->grid, s->number, population, receptor);
        double error = weight_used(unit, value[i]) - value[i];
        r->square += value[i] * value[i];
        r->error_square += error * error;
        r->most = fmax(r->most, fabs(error));
        r->wide_helps |= unit.stored > unit.sum;
    }
}

static void survey_weights(const struct surveying *s)
{
    const struct projection_config *p = s->projection;
    struct rounding r = {.square = 0};
    double value[SAMPLE];
    s->out->rounding = s->out->rounding_most = s->out->positive = NAN;
    if (!p->value[PROJECTION_WEIGHT].present)
        return;
    sample_values(s, PROJECTION_WEIGHT, s->wiring->weight_key, value);
    for (size_t t = 0; t < p->target_count; t++)
        round_onto(s, p->target[t].population, value, &r);
    s->out->wide_helps = r.wide_helps;
    s->out->positive = 0;
    for (size_t i = 0; i < SAMPLE; i++)
        s->out->positive += value[i] > 0 ? 1.0 / SAMPLE : 0;
    s->out->rounding = r.square > 0 ? sqrt(r.error_square / r.square) : 0;
    s->out->rounding_most =
        r.square > 0 ? r.most / sqrt(r.square / (double)(SAMPLE * p->target_count)) : 0;
}

static enum synapse_kind kind_of(const struct surveying *s)
{
    double least, most;
    wiring_weight_bounds(s->projection, &least, &most);
    s->out->weight = least;
    if (least == most)
        return SYNAPSE_TARGET;
    if (s->config->precision == PRECISION_DOUBLE)
        return SYNAPSE_WEIGHT_64;
    return s->grid.kept[s->number] ? SYNAPSE_WEIGHT_32 : SYNAPSE_WEIGHT_16;
}

/* ---- lists */

/* Of the synapses onto a tile, in the larger of its lists. */
static double largest_share(const struct surveying *s)
{
    const struct projection_config *p = s->projection;
    const double positive = s->out->positive, sure = 0.05;
    bool two = false;
    for (size_t t = 0; t < p->target_count; t++)
        two |= weight_receptor(&s->config->population[p->target[t].population], -1) == 1;
    return two && isfinite(positive) ? fmin(fmax(positive, 1 - positive) + sure, 1) : 1;
}

/* Cells, for each receptor that gets something. */
static double tables_of(const struct surveying *s)
{
    const struct projection_config *p = s->projection;
    double least, most;
    bool two = false;
    wiring_weight_bounds(p, &least, &most);
    for (size_t t = 0; t < p->target_count; t++)
        two |= weight_receptor(&s->config->population[p->target[t].population], -1) == 1;
    return (double)s->cells * (two && most > 0 && least < 0 ? 2 : 1);
}

/* Lists have a place for each neuron of their source population. */
static double places_of(const struct surveying *s)
{
    const struct projection_config *p = s->projection;
    double places = 0;
    for (size_t i = 0; i < p->source_count; i++)
        if (i == 0 || p->source[i].population != p->source[i - 1].population)
            places += (double)s->config->population[p->source[i].population].size + 1;
    return places;
}

static int by_number(const void *left, const void *right)
{
    const uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return a < b ? -1 : a > b;
}

/* Heads of a source's list: for each delay that occurs among `mean` synapses to expect. */
static double heads_of(const struct surveying *s, double mean)
{
    const uint32_t delays = s->out->greatest - s->out->least + 1;
    double value[SAMPLE], heads = 0;
    uint32_t steps[SAMPLE];
    if (delays == 1)
        return 0;
    if (!s->projection->value[PROJECTION_DELAY].present)
        return fmin(mean, delays);
    sample_values(s, PROJECTION_DELAY, s->wiring->delay_key, value);
    for (size_t i = 0; i < SAMPLE; i++)
        steps[i] = wiring_delay_steps(value[i], s->config->dt_ms);
    qsort(steps, SAMPLE, sizeof *steps, by_number);
    for (size_t i = 0, end; i < SAMPLE; i = end) {
        for (end = i + 1; end < SAMPLE && steps[end] == steps[i]; end++)
            ;
        heads += 1 - exp(-mean * (double)(end - i) / SAMPLE);
    }
    return fmin(1.02 * heads + 0.5, fmin(mean, delays));
}

static double above(double mean, bool exact)
{
    return exact ? mean : mean + spread * sqrt(mean);
}

/* A spike finds in each list the synapses that are due together, and adds them one after the other.
 * Of a processor of 2020 or so, with lists that fit no cache. */
static double event_seconds(const struct net_survey *survey, double found)
{
    const double add_ns = 1.3, find_ns = 6;
    double together = found > 0 ? survey->synapses / found : 1;
    return 1e-9 * (add_ns + find_ns / fmax(1, together));
}

static double share_of(const struct surveying *s)
{
    const struct projection_config *p = s->projection;
    return part_share(s->config, p->target, p->target_count, s->settings->part);
}

/* What counting takes. */
static double work_bytes(const struct surveying *s)
{
    return synapse_places_making_bytes(places_of(s)) +
           (double)s->settings->tile * sizeof(uint64_t) + FIXED_BYTES;
}

/* Of all tables, with so many elements in their lists. */
static double place_bytes(const struct surveying *s, double elements)
{
    const double tables = s->out->tables;
    return tables *
           synapse_places_expected(places_of(s), (double)s->projection->sources, elements / tables);
}

static void survey_lists(const struct surveying *s)
{
    struct net_survey *out = s->out;
    const struct projection_config *p = s->projection;
    const double element = (double)synapse_element_bytes(out->kind);
    const double sources = (double)p->sources;
    const double share = share_of(s), synapses = out->synapses * share, tables = out->tables;
    double each = element * (double)synapse_elements(out->kind), most;
    double heads = heads_of(s, synapses / sources / tables) * sources * tables;
    most = above(synapses, out->exact && share == 1);
    out->event_s = event_seconds(out, heads > 0 ? heads : sources * tables);
    out->bytes = most * each + heads * element * (double)synapse_head(out->kind);
    out->bytes += place_bytes(s, out->bytes / element);
    double own = synapses / (double)s->cells * largest_share(s);
    const struct synapse_form form = {.kind = out->kind, .segments = out->least < out->greatest};
    out->working_bytes =
        (double)synapse_lists_making_bytes(&form) * above(own, false) + work_bytes(s);
}

/* ---- bitmaps */

/* Synapses beyond the first of a pair. */
static double copies_of(const struct surveying *s, double synapses)
{
    const struct projection_config *p = s->projection;
    const double mean = s->out->synapses / ((double)p->sources * (double)p->targets);
    const bool some = storage_has_copies(p) && mean > 0;
    return some ? above(synapses * (1 + expm1(-mean) / mean), false) : 0;
}

/* A row in a cell: bits of its share of each range of targets, with what lies between them; cells
 * differ by a tile. */
static double row_bytes(const struct surveying *s)
{
    const double targets = ceil((double)s->projection->targets * share_of(s) / (double)s->cells);
    const double between = (double)(TILE_ALIGN * (s->projection->target_count - 1));
    const double bytes = (double)storage_row_bytes((uint64_t)(targets + between));
    return s->cells > 1 ? bytes + STORAGE_LINE : bytes;
}

static double bits_seconds(double bytes, double synapses)
{
    const double add_ns = 0.1, byte_ns = 0.15;
    return 1e-9 * (add_ns + byte_ns * (synapses > 0 ? bytes / synapses : 0));
}

static void survey_bits(const struct surveying *s)
{
    struct net_survey *out = s->out;
    const double rows = ((double)s->projection->sources + 1) * (double)s->cells;
    const double synapses = out->synapses * share_of(s), bits = rows * row_bytes(s);
    out->event_s = bits_seconds(bits, synapses);
    const double copies = copies_of(s, synapses);
    out->bytes = bits + rows * sizeof(uint32_t) + copies * sizeof(uint16_t) +
                 (copies > 0 ? place_bytes(s, copies) : 0);
    out->working_bytes = work_bytes(s);
}

/* ---- procedural */

static void survey_procedural(const struct surveying *s)
{
    struct net_survey *out = s->out;
    const double share = share_of(s); /* whose ranges may each cut a tile */
    const double tiles = ceil((double)wiring_tiles(s->wiring) * share) +
                         (share < 1 ? (double)s->projection->target_count : 0);
    const double add_ns = 1.2, find_ns = 6, found = (double)s->projection->sources * tiles;
    out->bytes = found * (double)procedural_count_bytes(s->projection);
    out->event_s = 1e-9 * (add_ns + find_ns / fmax(1, out->synapses / found));
    out->tables = tiles;
    out->sources = (double)s->projection->sources;
    out->working_bytes = (double)procedural_open_bytes(NET_CELL_MOST) + FIXED_BYTES;
}

/* ---- all of it */

static void survey(const struct surveying *s)
{
    const struct projection_config *p = s->projection;
    struct net_survey *out = s->out;
    out->synapses = wiring_expected_count(p);
    out->exact = p->rule != RULE_PAIRWISE_BERNOULLI && p->rule != RULE_PAIRWISE_POISSON;
    out->storage = storage_of(p);
    out->kind = kind_of(s);
    out->least = wiring_least_delay(s->config, p);
    out->greatest = wiring_greatest_delay(s->config, p);
    out->indegree = out->synapses / (double)p->targets;
    out->outdegree = out->synapses / (double)p->sources;
    out->indegree_most = wiring_greatest_indegree(p);
    out->kept_bytes =
        p->rule == RULE_FIXED_OUTDEGREE && out->storage != STORAGE_PROCEDURAL
            ? (double)wiring_tree_bytes(s->wiring, p->value[PROJECTION_OUTDEGREE].integer)
            : 0;
    survey_weights(s);
    out->tables = tables_of(s);
    if (out->storage == STORAGE_BITMAPS)
        survey_bits(s);
    else if (out->storage == STORAGE_PROCEDURAL)
        survey_procedural(s);
    else
        survey_lists(s);
}

enum status net_survey(struct net_survey *out, const struct config *config, size_t projection,
                       const struct net_settings *settings, struct error *err)
{
    WITH_OWN_FLOAT_ENV(env);
    struct surveying s = {
        .config = config,
        .projection = &config->projection[projection],
        .settings = settings,
        .number = projection,
        .cells = net_cell_count(config, settings->part, settings->tile, settings->threads),
        .out = out};
    *out = (struct net_survey){.synapses = 0};
    enum status status = weight_grid_open(&s.grid, config, err);
    if (!status)
        status = wiring_open(&s.wiring, config, projection, settings->kernels, err);
    if (!status && s.cells == 0)
        status = error_no_memory(err, "for the cells of a network");
    if (!status)
        survey(&s);
    wiring_close(s.wiring);
    weight_grid_close(&s.grid);
    return status;
}

double net_survey_seconds(const struct net_survey *survey, int threads)
{
    const double draw_ns = 45, list_ns = 25, note_ns = 5, count_ns = 10;
    double at_once = fmin(threads, survey->tables);
    if (survey->storage == STORAGE_PROCEDURAL)
        return 1e-9 * (note_ns * survey->synapses / at_once +
                       count_ns * survey->sources * survey->tables / threads);
    return 1e-9 * (draw_ns + list_ns) * survey->synapses / at_once;
}
