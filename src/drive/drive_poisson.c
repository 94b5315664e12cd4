/* poisson: independent Poisson(rate dt) events per neuron and step, each a jump of V by weight;
 * NEST's poisson_generator on iaf_psc_delta. The rate of step k is that of its start, k dt:
 *   rate, or the last of `rates` whose time has come, or rate (1 + modulation sin(...)).
 * Counts are drawn by a table of the distribution, prepared for each rate that will come. Neurons
 * with a rate of their own take their counts from tables of greater rates, thinned
 * (poisson_thin.h).
 *
 * With a correlation c there are M ~ Poisson(rate dt / c) events for the whole population in a
 * step, of which each neuron takes each with probability c, so Binomial(M, c): again Poisson(rate
 * dt) in all, and any two neurons' counts have correlation c. */
#include "drive/drive.h"

#include "config/read_input.h"

#include "drive/cycle.h"
#include "neuron/draw.h"
#include "neuron/poisson_rates.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    RATE,
    WEIGHT,
    TIMES,
    RATES,
    MODULATION,
    FREQUENCY,
    PHASE,
    CORRELATION,
    COMMON,
    RATE_MOST,
    KEYS
};

static const struct key keys[KEYS] = {
    [RATE] = {.name = "rate",
              .kind = VALUE_DISTRIBUTION,
              .dimension = DIMENSION_RATE,
              .least = 0,
              .most = 1e12,
              .help = "events per second and neuron (or give times and rates)"},
    [WEIGHT] = {.name = "weight",
                .kind = VALUE_DISTRIBUTION,
                .dimension = DIMENSION_VOLTAGE,
                .weight = true,
                .required = true,
                .least = -1e4,
                .most = 1e4,
                .help = "what an event adds, in the unit of the target's model"},
    [TIMES] = {.name = "times",
               .kind = VALUE_TIMES,
               .dimension = DIMENSION_TIME,
               .least = 0,
               .most = 1e15,
               .help = "absolute times from which the rates hold, increasing"},
    [RATES] = {.name = "rates",
               .kind = VALUE_NUMBERS,
               .dimension = DIMENSION_RATE,
               .least = 0,
               .most = 1e12,
               .help = "the rate from each of the times on"},
    [MODULATION] = {.name = "modulation",
                    .kind = VALUE_NUMBER,
                    .least = 0,
                    .most = 1,
                    .help = "depth of a sinusoidal modulation of rate, 0 to 1"},
    [FREQUENCY] = {.name = "frequency",
                   .kind = VALUE_NUMBER,
                   .dimension = DIMENSION_RATE,
                   .least = 0,
                   .most = 1e9,
                   .help = "frequency of the modulation"},
    [PHASE] = {.name = "phase",
               .kind = VALUE_NUMBER,
               .least = -360,
               .most = 360,
               .help = "the modulation's phase at t = 0, in degrees, without a unit"},
    [CORRELATION] = {.name = "correlation",
                     .kind = VALUE_NUMBER,
                     .fallback = "0",
                     .least = 0,
                     .most = 1,
                     .help = "correlation of the counts of any two neurons, 0 to 1"},
    [COMMON] = {.name = "common",
                .kind = VALUE_WORD,
                .fallback = "none",
                .words = "none|copies",
                .help = "who shares random numbers: none, or copies: all copies of a cell"},
    [RATE_MOST] = {.name = "rate_most",
                   .kind = VALUE_NUMBER,
                   .dimension = DIMENSION_RATE,
                   .least = 0,
                   .most = 1e12,
                   .help = "a program may set each neuron's rate while it runs, up to this"},
};

enum { MOST_PERIOD = 10000 }; /* steps, with a table each */

static const double most_events = POISSON_EVENTS_MOST; /* per step */

static double events_per_step(const struct input_config *input, double rate)
{
    return rate * input->config->dt_ms * 1e-3;
}

/* What a rate, or its events a step, rises to at the height of the modulation. */
static double crest(const struct input_config *input, double rate)
{
    return rate * (1.0 + input->value[MODULATION].number.parameter[0]);
}

typedef void (*report_function)(void *context, int key, const char *text);

static void check_mean(const struct input_config *input, int key, double rate,
                       report_function report, void *context)
{
    char text[160];
    double events = events_per_step(input, rate);
    if (events <= most_events)
        return;
    snprintf(text, sizeof text,
             "means %.4g events in each step of %.4g ms; at most %g are possible: use a smaller "
             "rate or dt, or white_noise",
             events, input->config->dt_ms, most_events);
    report(context, key, text);
}

static bool is_drawn(const struct value *value)
{
    return value->number.kind != DISTRIBUTION_CONSTANT;
}

/* Has each neuron a rate of its own? */
static bool has_own_rates(const struct input_config *input)
{
    return is_drawn(&input->value[RATE]) || input->value[RATE_MOST].given;
}

/* The greatest rate that comes. */
static double most_rate(const struct input_config *input)
{
    const struct value *v = input->value;
    double most = crest(input, v[RATE].number.parameter[0]);
    for (size_t i = 0; i < v[RATES].count; i++)
        most = fmax(most, v[RATES].numbers[i]);
    return most;
}

/* What a rate is divided by for the events that neurons share; 1 without a correlation. */
static double share(const struct input_config *input)
{
    double c = input->value[CORRELATION].number.parameter[0];
    return c > 0.0 ? c : 1.0;
}

static void check_correlation(const struct input_config *input, report_function report,
                              void *context)
{
    char text[160];
    double events = events_per_step(input, most_rate(input));
    if (is_drawn(&input->value[RATE]) || events > most_events ||
        events <= most_events * share(input))
        return;
    snprintf(
        text, sizeof text,
        "needs %.4g shared events in each step, rate dt / correlation; at most %g are possible: "
        "use 0, or %.4g at least",
        events / share(input), most_events, events / most_events);
    report(context, CORRELATION, text);
}

static void check_period(const struct input_config *input, report_function report, void *context)
{
    char text[200];
    struct cycle cycle;
    const char *wrong = cycle_init(&cycle, input->value[FREQUENCY].exact, input->config->dt);
    double grid = 1e3 / (MOST_PERIOD * input->config->dt_ms);
    double below = floor(input->value[FREQUENCY].number.parameter[0] / grid) * grid;
    if (wrong) {
        report(context, FREQUENCY, wrong);
    } else if (cycle.steps > MOST_PERIOD) {
        snprintf(text, sizeof text,
                 "comes back to its phase at a step after %llu steps only, where %d are possible; "
                 "multiples of %.6g Hz do: %.6g Hz or %.6g Hz",
                 (unsigned long long)cycle.steps, MOST_PERIOD, grid, below, below + grid);
        report(context, FREQUENCY, text);
    }
}

static void check_modulation(const struct input_config *input, report_function report,
                             void *context)
{
    const struct value *v = input->value;
    if (v[RATES].given)
        report(context, MODULATION, "goes with rate; leave out times and rates");
    else if (!v[FREQUENCY].given)
        report(context, MODULATION, "needs a frequency; give frequency, too");
    else
        check_period(input, report, context);
}

/* Rates that are set are like drawn ones: one for each neuron, which holds. */
static void check_most(const struct input_config *input, report_function report, void *context)
{
    const struct value *v = input->value;
    const double most = v[RATE_MOST].number.parameter[0];
    check_mean(input, RATE_MOST, most, report, context);
    if (!v[RATE].given)
        report(context, RATE_MOST, "needs a rate to begin with; give rate, 0 Hz will do");
    else if (!is_drawn(&v[RATE]) && v[RATE].number.parameter[0] > most)
        report(context, RATE, "is above rate_most; choose it lower, or rate_most higher");
    if (v[MODULATION].given || v[CORRELATION].number.parameter[0] > 0.0 || v[COMMON].integer)
        report(context, RATE_MOST,
               "needs events of each neuron's own; leave out modulation, correlation and common");
}

static void check(const struct input_config *input, report_function report, void *context)
{
    const struct value *v = input->value;
    char text[128];
    if (v[RATE].given == v[RATES].given)
        report(context, -1, "needs either rate, or times and rates; give one of the two");
    if (v[COMMON].integer && !config_targets_copies(input))
        report(context, COMMON, DRIVE_NO_COPIES);
    if (v[COMMON].integer && v[RATE].number.kind == DISTRIBUTION_LEVELS)
        report(context, COMMON, "needs the same rate in all copies; leave it out, or the levels");
    if (v[TIMES].count != v[RATES].count) {
        snprintf(text, sizeof text, "has %zu values; times has %zu: give one rate for each time",
                 v[RATES].count, v[TIMES].count);
        report(context, RATES, text);
    }
    for (size_t i = 0; i < v[RATES].count; i++)
        check_mean(input, RATES, v[RATES].numbers[i], report, context);
    if (!is_drawn(&v[RATE])) /* else each neuron's is checked */
        check_mean(input, RATE, crest(input, v[RATE].number.parameter[0]), report, context);
    else if (v[CORRELATION].number.parameter[0] > 0.0)
        report(context, CORRELATION, "needs one rate for all; leave it out, or the distribution");
    check_correlation(input, report, context);
    if (v[RATE_MOST].given)
        check_most(input, report, context);
    if (v[MODULATION].given)
        check_modulation(input, report, context);
    else if (v[FREQUENCY].given || v[PHASE].given)
        report(context, v[FREQUENCY].given ? FREQUENCY : PHASE,
               "goes with modulation; give modulation, too");
}

/* The rates that come: a slot for each step of the cycle, or each of the times. */
struct rates {
    struct poisson_rates own; /* of each neuron; with a correlation, of the shared events */
    struct poisson_table *
        *kept;         /* with a correlation: of M events, M = 1 ... kept_count, how many */
    size_t kept_count; /* a neuron takes */
};

static size_t slot_count(const struct input_config *input)
{
    struct cycle cycle;
    if (input->value[RATES].given)
        return input->value[RATES].count + 1;
    if (!input->value[MODULATION].given)
        return 1;
    cycle_init(&cycle, input->value[FREQUENCY].exact, input->config->dt);
    return (size_t)cycle.steps;
}

static size_t slot_at(const struct drive *drive, uint64_t step)
{
    const struct rates *rates = drive->state;
    const struct value *v = drive->input->value;
    return v[RATES].given ? config_times_passed(&v[TIMES], step)
                          : (size_t)(step % rates->own.slot_count);
}

/* Most events a step, without the modulation, that a neuron's own rate may mean. */
static double most_level(const struct input_config *input)
{
    return most_events / crest(input, 1.0);
}

static struct poisson_levels levels_of(const struct input_config *input)
{
    double lo, hi, most = input->value[RATE_MOST].number.parameter[0];
    if (!has_own_rates(input))
        return (struct poisson_levels){.count = 1};
    if (input->value[RATE_MOST].given)
        return poisson_levels_for(0.0, events_per_step(input, most), most_level(input));
    draw_bounds(&input->value[RATE].number, &lo, &hi);
    return poisson_levels_for(events_per_step(input, lo), events_per_step(input, hi),
                              most_level(input));
}

/* The mean of a slot of a level. */
static double mean_of_slot(const struct input_config *input, const struct poisson_levels *levels,
                           size_t level, size_t slot)
{
    const struct value *v = input->value;
    if (v[RATES].given)
        return slot > 0 ? events_per_step(input, v[RATES].numbers[slot - 1]) / share(input) : 0.0;
    double mean = has_own_rates(input)
                      ? levels->mean[level]
                      : events_per_step(input, v[RATE].number.parameter[0]) / share(input);
    if (!v[MODULATION].given)
        return mean;
    struct cycle cycle;
    cycle_init(&cycle, v[FREQUENCY].exact, input->config->dt);
    double sine = cycle_sin(&cycle, slot, v[PHASE].number.parameter[0]);
    return fmax(0.0, mean * (1.0 + v[MODULATION].number.parameter[0] * sine));
}

static void set_means(const struct drive *drive, struct poisson_rates *rates)
{
    for (size_t i = 0; i < poisson_rates_slots(rates); i++)
        rates->mean[i] = mean_of_slot(drive->input, &rates->levels, i / rates->slot_count,
                                      i % rates->slot_count);
}

/* A table for every number of shared events that can come. */
static enum status open_kept(struct rates *rates, double correlation, struct error *err)
{
    enum status status = STATUS_OK;
    size_t most = poisson_rates_most(&rates->own);
    rates->kept = calloc(most + 1, sizeof *rates->kept);
    if (!rates->kept)
        return error_no_memory(err, "for %zu tables", most);
    while (rates->kept_count < most && !status) {
        uint32_t events = (uint32_t)++rates->kept_count;
        status = poisson_table_open_binomial(&rates->kept[events - 1], events, correlation, err);
    }
    return status;
}

static enum status open(struct drive *drive, struct error *err)
{
    struct rates *rates = calloc(1, sizeof *rates);
    const struct poisson_levels levels = levels_of(drive->input);
    double correlation = drive->input->value[CORRELATION].number.parameter[0];
    drive->has_row = false;
    drive->state = rates;
    if (!rates)
        return error_no_memory(err, "for the rates of %s", drive->input->name);
    enum status status = poisson_rates_open(&rates->own, slot_count(drive->input), &levels, err);
    if (status)
        return status;
    set_means(drive, &rates->own);
    status = poisson_rates_tabulate(&rates->own, err);
    drive->has_row = poisson_rates_most(&rates->own) > 0;
    return status || !(correlation > 0.0) ? status : open_kept(rates, correlation, err);
}

static void close(struct drive *drive)
{
    struct rates *rates = drive->state;
    if (!rates)
        return;
    poisson_rates_close(&rates->own);
    for (size_t i = 0; i < rates->kept_count; i++)
        poisson_table_close(rates->kept[i]);
    free(rates->kept);
    free(rates);
}

/* At most: equal rates share a table. */
static uint64_t bytes(const struct input_config *input)
{
    struct poisson_levels levels = levels_of(input);
    double most = has_own_rates(input) ? crest(input, levels.mean[levels.count - 1])
                                       : events_per_step(input, most_rate(input)) / share(input);
    uint64_t slots = slot_count(input) * levels.count;
    if (input->value[CORRELATION].number.parameter[0] > 0.0)
        slots += (uint64_t)(most + 16.0 * sqrt(most)) + 64;
    return slots * poisson_table_bytes(most);
}

static double most(const struct input_config *input, int key)
{
    if (key != RATE)
        return input->keys[key].most;
    if (input->value[RATE_MOST].given)
        return input->value[RATE_MOST].number.parameter[0];
    return fmin(keys[RATE].most, most_level(input) / events_per_step(input, 1.0));
}

static double coefficient(const struct drive *drive, const struct neuron *neuron,
                          const double *value)
{
    (void)drive, (void)neuron;
    return value[WEIGHT];
}

/* The events of a step that all neurons share. */
static uint32_t shared_events(const struct drive *drive, const struct poisson_table *table,
                              const struct kernels *kernels, uint64_t step)
{
    union drive_row_of_common row;
    kernels->counts(&row, TILE_ALIGN, &table->counts, drive->common, step, 0);
    return (uint32_t)(kernels->bits == 32 ? (double)row.single[0] : row.full[0]);
}

/* Each neuron's part of the events that all share. */
static void fill_shared(const struct drive *drive, const struct kernels *kernels, void *row,
                        size_t count, uint64_t step, uint64_t first_id)
{
    const struct rates *rates = drive->state;
    const struct poisson_table *table = rates->own.slot[slot_at(drive, step)];
    uint32_t events = table ? shared_events(drive, table, kernels, step) : 0;
    if (events > 0)
        kernels->counts(row, count, &rates->kept[events - 1]->counts, drive->key, step, first_id);
    else
        memset(row, 0, count * (size_t)kernels->bits / 8);
}

static void fill(const struct drive *drive, const struct kernels *kernels, void *row, size_t count,
                 uint64_t step, uint64_t first_id)
{
    const struct rates *rates = drive->state;
    const struct poisson_row of = {
        .key = drive->key,
        .step = step,
        .first_id = first_id,
        .slot = slot_at(drive, step),
        .rate = drive->value ? drive->value + (first_id - drive->first_id) : NULL,
        .dt_ms = drive->input->config->dt_ms,
    };
    if (rates->kept_count > 0)
        fill_shared(drive, kernels, row, count, step, first_id);
    else
        poisson_rates_fill(&rates->own, kernels, &of, row, count);
}

static const struct counts_table *counts(const struct drive *drive, uint64_t step)
{
    const struct rates *rates = drive->state;
    const struct poisson_table *table = rates->own.slot[slot_at(drive, step)];
    return table && rates->kept_count == 0 && !drive->value ? &table->counts : NULL;
}

static bool settable(const struct input_config *input, size_t key)
{
    return key == RATE && input->value[RATE_MOST].given;
}

const struct drive_type drive_poisson = {
    .input = {"poisson", "independent Poisson events per neuron and step", keys, KEYS, check,
              settable},
    .row = ROW_JUMPS,
    .row_keys = 1u << WEIGHT,
    .fill_keys = 1u << RATE,
    .common_keys = 1u << COMMON,
    .most = most,
    .open = open,
    .close = close,
    .bytes = bytes,
    .coefficient = coefficient,
    .counts = counts,
    .fill = fill,
};
