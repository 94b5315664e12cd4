/* Independent Poisson processes without a membrane: NEST's poisson_generator, one parrot_neuron
 * behind it for each neuron. A neuron has Poisson(rate dt) spikes in a step; the rate of step k is
 * that of its start, k dt: rate, or the last of `rates` whose time has come. */
#include "neuron/draw.h"
#include "neuron/generator.h"
#include "neuron/model.h"
#include "neuron/poisson_rates.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { RATE = GENERATOR_KEYS, TIMES, RATES, RATE_MOST, END };

static const struct key keys[END - POPULATION_KEYS] = {
    GENERATOR_TIMES,
    [RATE - POPULATION_KEYS] = {.name = "rate",
                                .kind = VALUE_DISTRIBUTION,
                                .dimension = DIMENSION_RATE,
                                .least = 0,
                                .most = 1e12,
                                .help = "spikes per second and neuron (or give times and rates)"},
    [TIMES - POPULATION_KEYS] = {.name = "times",
                                 .kind = VALUE_TIMES,
                                 .dimension = DIMENSION_TIME,
                                 .least = 0,
                                 .most = 1e15,
                                 .help = "absolute times from which the rates hold, increasing"},
    [RATES - POPULATION_KEYS] = {.name = "rates",
                                 .kind = VALUE_NUMBERS,
                                 .dimension = DIMENSION_RATE,
                                 .least = 0,
                                 .most = 1e12,
                                 .help = "the rate from each of the times on"},
    [RATE_MOST -
        POPULATION_KEYS] = {.name = "rate_most",
                            .kind = VALUE_NUMBER,
                            .dimension = DIMENSION_RATE,
                            .least = 0,
                            .most = 1e12,
                            .help =
                                "a program may set each neuron's rate while it runs, up to this"},
};

static double spikes_per_step(const struct population_config *p, double rate)
{
    return rate * p->config->dt_ms * 1e-3;
}

static bool is_drawn(const struct population_config *p)
{
    return p->value[RATE].number.kind != DISTRIBUTION_CONSTANT;
}

static bool is_settable(const struct population_config *p)
{
    return p->value[RATE_MOST].given;
}

/* Has each neuron a rate of its own? */
static bool has_own_rates(const struct population_config *p)
{
    return is_drawn(p) || is_settable(p);
}

typedef void (*report_function)(void *context, int key, const char *text);

static void check_mean(const struct population_config *p, int key, double rate,
                       report_function report, void *context)
{
    char text[160];
    double spikes = spikes_per_step(p, rate);
    if (spikes <= POISSON_EVENTS_MOST)
        return;
    snprintf(text, sizeof text,
             "means %.4g spikes in each step of %.4g ms; at most %g are possible: use a smaller "
             "rate or dt",
             spikes, p->config->dt_ms, POISSON_EVENTS_MOST);
    report(context, key, text);
}

/* Rates that are set are like drawn ones: one for each neuron, which holds. */
static void check_most(const struct population_config *p, report_function report, void *context)
{
    const double most = p->value[RATE_MOST].number.parameter[0];
    check_mean(p, RATE_MOST, most, report, context);
    if (!p->value[RATE].given)
        report(context, RATE_MOST, "needs a rate to begin with; give rate, 0 Hz will do");
    else if (!is_drawn(p) && p->value[RATE].number.parameter[0] > most)
        report(context, RATE, "is above rate_most; choose it lower, or rate_most higher");
}

static void check(const struct population_config *p, report_function report, void *context)
{
    const struct value *v = p->value;
    char text[128];
    generator_check_times(p, report, context);
    if (v[RATE].given == v[RATES].given)
        report(context, -1, "needs either rate, or times and rates; give one of the two");
    if (v[TIMES].count != v[RATES].count) {
        snprintf(text, sizeof text, "has %zu values; times has %zu: give one rate for each time",
                 v[RATES].count, v[TIMES].count);
        report(context, RATES, text);
    }
    for (size_t i = 0; i < v[RATES].count; i++)
        check_mean(p, RATES, v[RATES].numbers[i], report, context);
    if (!is_drawn(p)) /* else each neuron's is checked */
        check_mean(p, RATE, v[RATE].number.parameter[0], report, context);
    if (is_settable(p))
        check_most(p, report, context);
}

static double most_value(const struct population_config *p)
{
    if (is_settable(p))
        return p->value[RATE_MOST].number.parameter[0];
    return fmin(keys[RATE - POPULATION_KEYS].most, POISSON_EVENTS_MOST / spikes_per_step(p, 1.0));
}

static struct poisson_levels levels_of(const struct population_config *p)
{
    double lo, hi;
    if (!has_own_rates(p))
        return (struct poisson_levels){.count = 1};
    if (is_settable(p))
        return poisson_levels_for(0.0, spikes_per_step(p, most_value(p)), POISSON_EVENTS_MOST);
    draw_bounds(&p->value[RATE].number, &lo, &hi);
    return poisson_levels_for(spikes_per_step(p, lo), spikes_per_step(p, hi), POISSON_EVENTS_MOST);
}

static size_t slot_count(const struct population_config *p)
{
    return p->value[RATES].given ? p->value[RATES].count + 1 : 1;
}

/* The mean of a slot of a level. */
static double mean_of_slot(const struct population_config *p, const struct poisson_levels *levels,
                           size_t level, size_t slot)
{
    const struct value *v = p->value;
    if (v[RATES].given)
        return slot > 0 ? spikes_per_step(p, v[RATES].numbers[slot - 1]) : 0.0;
    return has_own_rates(p) ? levels->mean[level] : spikes_per_step(p, v[RATE].number.parameter[0]);
}

/* The greatest mean that a table is made for. */
static double most_mean(const struct population_config *p)
{
    const struct poisson_levels levels = levels_of(p);
    double most = 0.0;
    for (size_t slot = 0; slot < slot_count(p); slot++)
        most = fmax(most, mean_of_slot(p, &levels, levels.count - 1, slot));
    return most;
}

static uint32_t most(const struct population_config *p)
{
    double mean = most_mean(p);
    return mean > 0.0 ? poisson_table_most(mean) : 0;
}

static enum status open(struct generator *g, struct error *err)
{
    struct poisson_rates *rates = calloc(1, sizeof *rates);
    const struct poisson_levels levels = levels_of(g->population);
    g->state = rates;
    if (!rates)
        return error_no_memory(err, "for the rates of %s", g->population->name);
    enum status status = poisson_rates_open(rates, slot_count(g->population), &levels, err);
    if (status)
        return status;
    for (size_t i = 0; i < poisson_rates_slots(rates); i++)
        rates->mean[i] =
            mean_of_slot(g->population, &levels, i / rates->slot_count, i % rates->slot_count);
    return poisson_rates_tabulate(rates, err);
}

static void close(struct generator *g)
{
    if (g->state)
        poisson_rates_close(g->state);
    free(g->state);
}

/* At most: equal rates share a table. */
static uint64_t bytes(const struct population_config *p)
{
    return slot_count(p) * levels_of(p).count * poisson_table_bytes(most_mean(p));
}

static void fill(const struct generator *g, const struct kernels *kernels, void *row, size_t count,
                 uint64_t step, uint64_t first_id)
{
    const struct value *v = g->population->value;
    const struct poisson_row of = {
        .key = g->key,
        .step = step,
        .first_id = first_id,
        .slot = v[RATES].given ? config_times_passed(&v[TIMES], step) : 0,
        .rate = g->value ? g->value + (first_id - g->first_id) : NULL,
        .dt_ms = g->population->config->dt_ms,
    };
    poisson_rates_fill(g->state, kernels, &of, row, count);
}

static const struct generator_type generator = {
    .drawn_key = RATE,
    .most_value = most_value,
    .settable = is_settable,
    .most = most,
    .open = open,
    .close = close,
    .bytes = bytes,
    .fill = fill,
};

const struct model model_poisson = {
    .type = {.name = "poisson",
             .help = "independent Poisson processes, sources of spikes only",
             .source_only = true,
             .keys = keys,
             .key_count = END - POPULATION_KEYS,
             .check = check},
    .generator = &generator,
};
