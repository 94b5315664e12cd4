/* pulses: a current that is on in [start + delay + n period, + width) for n = 0, 1, ..., else 0. */
#include "drive/drive.h"

enum { AMPLITUDE, PERIOD, WIDTH, DELAY, KEYS };

static const struct key keys[KEYS] = {
    [AMPLITUDE] = {.name = "amplitude",
                   .kind = VALUE_DISTRIBUTION,
                   .dimension = DIMENSION_CURRENT,
                   .required = true,
                   .least = -1e9,
                   .most = 1e9,
                   .help = "the current during a pulse"},
    [PERIOD] = {.name = "period",
                .kind = VALUE_TIME,
                .dimension = DIMENSION_TIME,
                .required = true,
                .least = 0,
                .most = 1e15,
                .positive = true,
                .help = "the time from one pulse's beginning to the next one's"},
    [WIDTH] = {.name = "width",
               .kind = VALUE_TIME,
               .dimension = DIMENSION_TIME,
               .required = true,
               .least = 0,
               .most = 1e15,
               .positive = true,
               .help = "how long a pulse lasts, at most a period"},
    [DELAY] = {.name = "delay",
               .kind = VALUE_TIME,
               .dimension = DIMENSION_TIME,
               .fallback = "0 ms",
               .least = 0,
               .most = 1e15,
               .help = "the time from start to the first pulse"},
};

static void check(const struct input_config *input,
                  void (*report)(void *context, int key, const char *text), void *context)
{
    if (input->value[WIDTH].integer > input->value[PERIOD].integer)
        report(context, WIDTH, "is longer than the period; pulses must not overlap");
}

static double current(const struct drive *drive, uint64_t step, uint64_t *until)
{
    const struct value *v = drive->input->value;
    uint64_t first = drive->input->start_step + v[DELAY].integer; /* both below 2^63 */
    *until = first;
    if (step < first)
        return 0.0;
    uint64_t within = (step - first) % v[PERIOD].integer;
    bool on = within < v[WIDTH].integer;
    *until = step - within + (on ? v[WIDTH].integer : v[PERIOD].integer);
    return on ? drive_factor(drive, AMPLITUDE) : 0.0;
}

const struct drive_type drive_pulses = {
    .input = {"pulses", "rectangular pulses of current", keys, KEYS, check, NULL},
    .current_keys = 1u << AMPLITUDE,
    .current = current,
};
