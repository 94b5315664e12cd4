/* poisson: independent Poisson(rate dt) events per neuron and step, each a jump of V by weight;
 * NEST's poisson_generator on iaf_psc_delta. The rate of step k is that of its start, k dt:
 *   rate, or the last of `rates` whose time has come, or rate (1 + modulation sin(2 pi f t +
 * phase)). Counts are drawn by a table of the distribution, prepared for each rate that will come.
 */
#include "model/drive.h"

#include "model/cycle.h"
#include "model/poisson_table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RATE, WEIGHT, TIMES, RATES, MODULATION, FREQUENCY, PHASE, KEYS };

static const struct key keys[KEYS] = {
    [RATE] = {.name = "rate",
              .kind = VALUE_NUMBER,
              .dimension = DIMENSION_RATE,
              .least = 0,
              .most = 1e12,
              .help = "events per second and neuron (or give times and rates)"},
    [WEIGHT] = {.name = "weight",
                .kind = VALUE_NUMBER,
                .dimension = DIMENSION_VOLTAGE,
                .required = true,
                .least = -1e4,
                .most = 1e4,
                .help = "jump of V per event"},
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
};

enum { MOST_PERIOD = 10000 }; /* steps, with a table each */

static const double most_events = 1e3; /* per step */

static double events_per_step(const struct input_config *input, double rate)
{
    return rate * input->config->dt_ms * 1e-3;
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
    if (v[TIMES].count != v[RATES].count) {
        snprintf(text, sizeof text, "has %zu values; times has %zu: give one rate for each time",
                 v[RATES].count, v[TIMES].count);
        report(context, RATES, text);
    }
    for (size_t i = 0; i < v[RATES].count; i++)
        check_mean(input, RATES, v[RATES].numbers[i], report, context);
    double most = v[RATE].number.parameter[0] * (1.0 + v[MODULATION].number.parameter[0]);
    check_mean(input, RATE, most, report, context);
    if (v[MODULATION].given)
        check_modulation(input, report, context);
    else if (v[FREQUENCY].given || v[PHASE].given)
        report(context, v[FREQUENCY].given ? FREQUENCY : PHASE,
               "goes with modulation; give modulation, too");
}

/* The rates that come, each with its table: `slot` by step of the cycle, or by times passed. */
struct rates {
    size_t slot_count;
    struct poisson_table **slot; /* NULL: no events; equal rates share a table */
    double *mean;                /* of each slot */
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

static double mean_of_slot(const struct input_config *input, size_t slot)
{
    const struct value *v = input->value;
    if (v[RATES].given)
        return slot > 0 ? events_per_step(input, v[RATES].numbers[slot - 1]) : 0.0;
    double mean = events_per_step(input, v[RATE].number.parameter[0]);
    if (!v[MODULATION].given)
        return mean;
    struct cycle cycle;
    cycle_init(&cycle, v[FREQUENCY].exact, input->config->dt);
    double sine = cycle_sin(&cycle, slot, v[PHASE].number.parameter[0]);
    return fmax(0.0, mean * (1.0 + v[MODULATION].number.parameter[0] * sine));
}

/* The table of an earlier slot with the same mean, or NULL. */
static struct poisson_table *shared_table(const struct rates *rates, size_t slot)
{
    for (size_t i = 0; i < slot; i++)
        if (memcmp(&rates->mean[i], &rates->mean[slot], sizeof *rates->mean) == 0)
            return rates->slot[i];
    return NULL;
}

static enum status fill_slots(struct drive *drive, struct rates *rates, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < rates->slot_count && !status; i++) {
        rates->mean[i] = mean_of_slot(drive->input, i);
        if (!(rates->mean[i] > 0.0))
            continue;
        drive->has_row = true;
        rates->slot[i] = shared_table(rates, i);
        if (!rates->slot[i])
            status = poisson_table_open(&rates->slot[i], rates->mean[i], err);
    }
    return status;
}

static enum status open(struct drive *drive, struct error *err)
{
    struct rates *rates = calloc(1, sizeof *rates);
    drive->has_row = false;
    drive->state = rates;
    if (rates) {
        rates->slot_count = slot_count(drive->input);
        rates->slot = calloc(rates->slot_count, sizeof *rates->slot);
        rates->mean = calloc(rates->slot_count, sizeof *rates->mean);
    }
    if (!rates || !rates->slot || !rates->mean)
        return error_set(err, STATUS_MEMORY, "no memory for the rates of %s", drive->input->name);
    return fill_slots(drive, rates, err);
}

static void close(struct drive *drive)
{
    struct rates *rates = drive->state;
    if (!rates)
        return;
    for (size_t i = rates->slot && rates->mean ? rates->slot_count : 0; i-- > 0;)
        if (!shared_table(rates, i))
            poisson_table_close(rates->slot[i]);
    free(rates->slot);
    free(rates->mean);
    free(rates);
}

/* At most: equal rates share a table. */
static uint64_t bytes(const struct input_config *input)
{
    const struct value *v = input->value;
    double most = v[RATE].number.parameter[0] * (1.0 + v[MODULATION].number.parameter[0]);
    for (size_t i = 0; i < v[RATES].count; i++)
        most = fmax(most, v[RATES].numbers[i]);
    return slot_count(input) * poisson_table_bytes(events_per_step(input, most));
}

static double coefficient(const struct drive *drive, const struct neuron *neuron, double decay)
{
    (void)neuron, (void)decay;
    return drive->input->value[WEIGHT].number.parameter[0];
}

static void fill(const struct drive *drive, const struct kernels *kernels, void *row, size_t count,
                 uint64_t step, uint64_t first_id)
{
    const struct rates *rates = drive->state;
    const struct poisson_table *table = rates->slot[slot_at(drive, step)];
    if (table)
        kernels->counts(row, count, &table->counts, drive->key, step, first_id);
    else
        memset(row, 0, count * (size_t)kernels->bits / 8);
}

const struct drive_type drive_poisson = {
    .input = {"poisson", "independent Poisson events per neuron and step", keys, KEYS, check},
    .row = ROW_JUMPS,
    .open = open,
    .close = close,
    .bytes = bytes,
    .coefficient = coefficient,
    .fill = fill,
};
