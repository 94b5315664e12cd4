/* step: a current that takes a new value at each of a list of times; 0 before the first. */
#include "drive/drive.h"

#include <stdio.h>

enum { TIMES, AMPLITUDES, KEYS };

static const struct key keys[KEYS] = {
    [TIMES] = {.name = "times",
               .kind = VALUE_TIMES,
               .dimension = DIMENSION_TIME,
               .required = true,
               .least = 0,
               .most = 1e15,
               .help = "absolute times from which the amplitudes hold, increasing"},
    [AMPLITUDES] = {.name = "amplitudes",
                    .kind = VALUE_NUMBERS,
                    .dimension = DIMENSION_CURRENT,
                    .required = true,
                    .least = -1e9,
                    .most = 1e9,
                    .help = "the current from each of the times on"},
};

static void check(const struct input_config *input,
                  void (*report)(void *context, int key, const char *text), void *context)
{
    char text[128];
    if (input->value[TIMES].count == input->value[AMPLITUDES].count)
        return;
    snprintf(text, sizeof text, "has %zu values; times has %zu: give one amplitude for each time",
             input->value[AMPLITUDES].count, input->value[TIMES].count);
    report(context, AMPLITUDES, text);
}

static double current(const struct drive *drive, uint64_t step, uint64_t *until)
{
    const struct value *times = &drive->input->value[TIMES];
    size_t n = config_times_passed(times, step);
    *until = n < times->count ? times->steps[n] : VALUE_FOREVER;
    return n > 0 ? drive->input->value[AMPLITUDES].numbers[n - 1] : 0.0;
}

const struct drive_type drive_step = {
    .input = {"step", "a current that changes at given times", keys, KEYS, check, NULL},
    .current = current,
};
