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
#include "neuron/poisson_table.h"
#include "neuron/poisson_thin.h"
#include "neuron/draw.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RATE, WEIGHT, TIMES, RATES, MODULATION, FREQUENCY, PHASE, CORRELATION, COMMON, KEYS };

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
};

enum { MOST_PERIOD = 10000 }; /* steps, with a table each */

static const double most_events = 1e3; /* per step */

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
    if (v[MODULATION].given)
        check_modulation(input, report, context);
    else if (v[FREQUENCY].given || v[PHASE].given)
        report(context, v[FREQUENCY].given ? FREQUENCY : PHASE,
               "goes with modulation; give modulation, too");
}

/* The rates that come, each with its table: `slot` by step of the cycle, or by times passed. Where
 * neurons have rates of their own, as many slots again for each level. */
struct rates {
    size_t slot_count;
    struct poisson_levels levels; /* of events a step, without modulation; else one level */
    struct poisson_table **slot;  /* NULL: no events; equal rates share a table */
    double *mean;                 /* of each slot */
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
    return v[RATES].given ? drive_times_passed(&v[TIMES], step)
                          : (size_t)(step % rates->slot_count);
}

/* Most events a step, without the modulation, that a neuron's own rate may mean. */
static double most_level(const struct input_config *input)
{
    return most_events / crest(input, 1.0);
}

static struct poisson_levels levels_of(const struct input_config *input)
{
    double lo, hi;
    if (!is_drawn(&input->value[RATE]))
        return (struct poisson_levels){.count = 1};
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
    double mean = is_drawn(&v[RATE])
                      ? levels->mean[level]
                      : events_per_step(input, v[RATE].number.parameter[0]) / share(input);
    if (!v[MODULATION].given)
        return mean;
    struct cycle cycle;
    cycle_init(&cycle, v[FREQUENCY].exact, input->config->dt);
    double sine = cycle_sin(&cycle, slot, v[PHASE].number.parameter[0]);
    return fmax(0.0, mean * (1.0 + v[MODULATION].number.parameter[0] * sine));
}

/* The table of an earlier slot of the level with the same mean, or NULL. */
static struct poisson_table *shared_table(const struct rates *rates, size_t slot)
{
    for (size_t i = slot - slot % rates->slot_count; i < slot; i++)
        if (memcmp(&rates->mean[i], &rates->mean[slot], sizeof *rates->mean) == 0)
            return rates->slot[i];
    return NULL;
}

static size_t all_slots(const struct rates *rates)
{
    return rates->levels.count * rates->slot_count;
}

static enum status fill_slots(struct drive *drive, struct rates *rates, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < all_slots(rates) && !status; i++) {
        rates->mean[i] = mean_of_slot(drive->input, &rates->levels, i / rates->slot_count,
                                      i % rates->slot_count);
        if (!(rates->mean[i] > 0.0))
            continue;
        drive->has_row = true;
        rates->slot[i] = shared_table(rates, i);
        if (!rates->slot[i])
            status = poisson_table_open(&rates->slot[i], rates->mean[i], err);
    }
    return status;
}

/* A table for every number of shared events that can come. */
static enum status open_kept(struct rates *rates, double correlation, struct error *err)
{
    enum status status = STATUS_OK;
    size_t most = 0;
    for (size_t i = 0; i < rates->slot_count; i++)
        if (rates->slot[i] && rates->slot[i]->counts.length > most)
            most = rates->slot[i]->counts.length;
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
    drive->has_row = false;
    drive->state = rates;
    drive_share(drive, drive->input->value[COMMON].integer);
    if (rates) {
        rates->slot_count = slot_count(drive->input);
        rates->levels = levels_of(drive->input);
        rates->slot = calloc(all_slots(rates), sizeof *rates->slot);
        rates->mean = calloc(all_slots(rates), sizeof *rates->mean);
    }
    if (!rates || !rates->slot || !rates->mean)
        return error_no_memory(err, "for the rates of %s", drive->input->name);
    double correlation = drive->input->value[CORRELATION].number.parameter[0];
    enum status status = fill_slots(drive, rates, err);
    return status || !(correlation > 0.0) ? status : open_kept(rates, correlation, err);
}

static void close(struct drive *drive)
{
    struct rates *rates = drive->state;
    if (!rates)
        return;
    for (size_t i = rates->slot && rates->mean ? all_slots(rates) : 0; i-- > 0;)
        if (!shared_table(rates, i))
            poisson_table_close(rates->slot[i]);
    for (size_t i = 0; i < rates->kept_count; i++)
        poisson_table_close(rates->kept[i]);
    free(rates->kept);
    free(rates->slot);
    free(rates->mean);
    free(rates);
}

/* At most: equal rates share a table. */
static uint64_t bytes(const struct input_config *input)
{
    struct poisson_levels levels = levels_of(input);
    double most = is_drawn(&input->value[RATE])
                      ? crest(input, levels.mean[levels.count - 1])
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

/* What 128 neurons with rates of their own have in a step. */
struct drawn {
    double mean[TILE_ALIGN];   /* events a step, without the modulation */
    uint8_t level[TILE_ALIGN]; /* whose table a neuron takes */
    uint32_t events[TILE_ALIGN];
};

static void find_levels(const struct drive *drive, const double *rate, struct drawn *d,
                        size_t *lowest, size_t *highest)
{
    const struct poisson_levels *levels = &((const struct rates *)drive->state)->levels;
    *lowest = levels->count;
    *highest = 0;
    for (size_t i = 0; i < TILE_ALIGN; i++) {
        d->mean[i] = events_per_step(drive->input, rate[i]);
        size_t level = poisson_level_of(levels, d->mean[i]);
        d->level[i] = (uint8_t)level;
        d->events[i] = 0;
        *lowest = level < *lowest ? level : *lowest;
        *highest = level > *highest ? level : *highest;
    }
}

/* The events of the neurons of one level, of its mean. */
static void count_level(const struct drive *drive, const struct kernels *kernels, size_t level,
                        uint64_t step, uint64_t first_id, struct drawn *d)
{
    const struct rates *rates = drive->state;
    const struct poisson_table *table =
        rates->slot[level * rates->slot_count + slot_at(drive, step)];
    union drive_row_of_common row;
    memset(&row, 0, sizeof row);
    if (table)
        kernels->counts(&row, TILE_ALIGN, &table->counts, drive->key, step, first_id);
    for (size_t i = 0; i < TILE_ALIGN; i++) { /* no branch: levels are in no order */
        int32_t n = kernels->bits == 32 ? (int32_t)row.single[i] : (int32_t)row.full[i];
        d->events[i] |= (uint32_t)n & (0u - (uint32_t)(d->level[i] == level));
    }
}

/* Leaves of each neuron's events those that its own mean keeps. */
static void thin(const struct drive *drive, const struct kernels *kernels, uint64_t step,
                 uint64_t group, struct drawn *d)
{
    const struct rates *rates = drive->state;
    uint32_t kept[2][16][4]; /* the bits that decide */
    uint8_t some[TILE_ALIGN];
    size_t count = 0;
    for (uint16_t draw = 0; draw < 2; draw++)
        kernels->philox16(kept[draw], drive->key, step, group, 9 + draw);
    for (size_t i = 0; i < TILE_ALIGN; i++) { /* no branch: no one could foretell it */
        some[count] = (uint8_t)i;
        count += d->events[i] > 0;
    }
    for (size_t k = 0; k < count; k++) {
        unsigned i = some[k], l = i % 16, slot = i / 16; /* as in docs/numerics.md */
        const struct poisson_place place = {drive->key, step, group + l, slot};
        d->events[i] = poisson_thin(d->events[i], d->mean[i] / rates->levels.mean[d->level[i]],
                                    kept[slot / 4][l][slot % 4], &place);
    }
}

/* As kernels.counts, with a rate for each neuron: from its level's table, thinned. */
static void fill_drawn(const struct drive *drive, const struct kernels *kernels, void *row,
                       size_t count, uint64_t step, uint64_t first_id)
{
    for (size_t first = 0; first < count; first += TILE_ALIGN) {
        struct drawn d;
        size_t lowest, highest;
        uint64_t id = first_id + first;
        find_levels(drive, drive->value + (id - drive->first_id), &d, &lowest, &highest);
        for (size_t level = lowest; level <= highest; level++)
            count_level(drive, kernels, level, step, id, &d);
        thin(drive, kernels, step, id / TILE_ALIGN * 16, &d);
        for (size_t i = 0; i < TILE_ALIGN && kernels->bits == 32; i++)
            ((float *)row)[first + i] = (float)d.events[i];
        for (size_t i = 0; i < TILE_ALIGN && kernels->bits == 64; i++)
            ((double *)row)[first + i] = d.events[i];
    }
}

static void fill(const struct drive *drive, const struct kernels *kernels, void *row, size_t count,
                 uint64_t step, uint64_t first_id)
{
    const struct rates *rates = drive->state;
    if (drive->value) {
        fill_drawn(drive, kernels, row, count, step, first_id);
        return;
    }
    const struct poisson_table *table = rates->slot[slot_at(drive, step)];
    if (table && rates->kept_count > 0) {
        uint32_t events = shared_events(drive, table, kernels, step);
        table = events > 0 ? rates->kept[events - 1] : NULL;
    }
    if (table)
        kernels->counts(row, count, &table->counts, drive->key, step, first_id);
    else
        memset(row, 0, count * (size_t)kernels->bits / 8);
}

const struct drive_type drive_poisson = {
    .input = {"poisson", "independent Poisson events per neuron and step", keys, KEYS, check},
    .row = ROW_JUMPS,
    .row_keys = 1u << WEIGHT,
    .fill_keys = 1u << RATE,
    .most = most,
    .open = open,
    .close = close,
    .bytes = bytes,
    .coefficient = coefficient,
    .fill = fill,
};
