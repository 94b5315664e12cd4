/* poisson: independent Poisson(rate dt) events per neuron and step, each a jump of V by weight;
 * NEST's poisson_generator on iaf_psc_delta. */
#include "model/drive.h"

#include "model/poisson_table.h"

#include <stdio.h>

enum { RATE, WEIGHT, KEYS };

static const struct key keys[KEYS] = {
    [RATE] = {.name = "rate",
              .kind = VALUE_NUMBER,
              .dimension = DIMENSION_RATE,
              .required = true,
              .least = 0,
              .most = 1e12,
              .help = "events per second and neuron"},
    [WEIGHT] = {.name = "weight",
                .kind = VALUE_NUMBER,
                .dimension = DIMENSION_VOLTAGE,
                .required = true,
                .least = -1e4,
                .most = 1e4,
                .help = "jump of V per event"},
};

static const double most_events = 1e3; /* per step */

static double events_per_step(const struct input_config *input)
{
    return input->value[RATE].number.parameter[0] * input->config->dt_ms * 1e-3;
}

static void check(const struct input_config *input,
                  void (*report)(void *context, int key, const char *text), void *context)
{
    char text[160];
    if (events_per_step(input) <= most_events)
        return;
    snprintf(text, sizeof text,
             "means %.4g events in each step of %.4g ms; at most %g are possible: use a smaller "
             "rate or dt, or white_noise",
             events_per_step(input), input->config->dt_ms, most_events);
    report(context, RATE, text);
}

static enum status open(struct drive *drive, struct error *err)
{
    struct poisson_table *table;
    double mean = events_per_step(drive->input);
    drive->has_row = mean > 0.0;
    if (!drive->has_row)
        return STATUS_OK;
    enum status status = poisson_table_open(&table, mean, err);
    drive->state = table;
    return status;
}

static void close(struct drive *drive)
{
    poisson_table_close(drive->state);
}

static double coefficient(const struct drive *drive, const struct neuron *neuron, double decay)
{
    (void)neuron, (void)decay;
    return drive->input->value[WEIGHT].number.parameter[0];
}

static void fill(const struct drive *drive, const struct kernels *kernels, void *row, size_t count,
                 uint64_t step, uint64_t first_id)
{
    const struct poisson_table *table = drive->state;
    kernels->counts(row, count, &table->counts, drive->key, step, first_id);
}

const struct drive_type drive_poisson = {
    .input = {"poisson", "independent Poisson events per neuron and step", keys, KEYS, check},
    .row = ROW_JUMPS,
    .open = open,
    .close = close,
    .coefficient = coefficient,
    .fill = fill,
};
