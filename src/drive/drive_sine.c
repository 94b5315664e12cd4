/* sine: amplitude sin(2 pi frequency t + phase), t = k dt in step k. */
#include "drive/drive.h"

#include "drive/cycle.h"

#include <stdlib.h>

enum { AMPLITUDE, FREQUENCY, PHASE, KEYS };

static const struct key keys[KEYS] = {
    [AMPLITUDE] = {.name = "amplitude",
                   .kind = VALUE_DISTRIBUTION,
                   .dimension = DIMENSION_CURRENT,
                   .required = true,
                   .least = -1e9,
                   .most = 1e9,
                   .help = "the greatest current"},
    [FREQUENCY] = {.name = "frequency",
                   .kind = VALUE_NUMBER,
                   .dimension = DIMENSION_RATE,
                   .required = true,
                   .least = 0,
                   .most = 1e9,
                   .help = "periods per second"},
    [PHASE] = {.name = "phase",
               .kind = VALUE_NUMBER,
               .fallback = "0",
               .least = -360,
               .most = 360,
               .help = "the phase at t = 0, in degrees, without a unit"},
};

static void check(const struct input_config *input,
                  void (*report)(void *context, int key, const char *text), void *context)
{
    struct cycle cycle;
    const char *wrong = cycle_init(&cycle, input->value[FREQUENCY].exact, input->config->dt);
    if (wrong)
        report(context, FREQUENCY, wrong);
}

static enum status open(struct drive *drive, struct error *err)
{
    const struct input_config *input = drive->input;
    struct cycle *cycle = malloc(sizeof *cycle);
    drive->state = cycle;
    if (!cycle)
        return error_no_memory(err, "for the drive %s", input->name);
    cycle_init(cycle, input->value[FREQUENCY].exact, input->config->dt);
    return STATUS_OK;
}

static void close(struct drive *drive)
{
    free(drive->state);
}

static double current(const struct drive *drive, uint64_t step, uint64_t *until)
{
    const struct value *v = drive->input->value;
    *until = step + 1;
    return drive_factor(drive, AMPLITUDE) *
           cycle_sin(drive->state, step, v[PHASE].number.parameter[0]);
}

const struct drive_type drive_sine = {
    .input = {"sine", "a sinusoidal current", keys, KEYS, check, NULL},
    .open = open,
    .close = close,
    .current_keys = 1u << AMPLITUDE,
    .current = current,
};
