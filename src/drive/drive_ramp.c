/* ramp: a current that goes linearly from one value at `start` to another at `stop`. In step k it
 * is first + (last - first) ((k - start) / (stop - start)),  start and stop in steps. */
#include "drive/drive.h"

enum { FIRST, LAST, KEYS };

static const struct key keys[KEYS] = {
    [FIRST] = {.name = "first",
               .kind = VALUE_NUMBER,
               .dimension = DIMENSION_CURRENT,
               .required = true,
               .least = -1e9,
               .most = 1e9,
               .help = "the current at start"},
    [LAST] = {.name = "last",
              .kind = VALUE_NUMBER,
              .dimension = DIMENSION_CURRENT,
              .required = true,
              .least = -1e9,
              .most = 1e9,
              .help = "the current that is reached at stop"},
};

static void check(const struct input_config *input,
                  void (*report)(void *context, int key, const char *text), void *context)
{
    if (input->stop_step == VALUE_FOREVER)
        report(context, -1, "a ramp has no end; give stop, the time at which it reaches last");
}

static double current(const struct drive *drive, uint64_t step, uint64_t *until)
{
    const struct input_config *input = drive->input;
    double first = input->value[FIRST].number.parameter[0];
    double last = input->value[LAST].number.parameter[0];
    double done = (double)(step - input->start_step);
    *until = step + 1;
    return first + (last - first) * (done / (double)(input->stop_step - input->start_step));
}

const struct drive_type drive_ramp = {
    .input = {"ramp", "a current that changes linearly from start to stop", keys, KEYS, check,
              NULL},
    .current = current,
};
