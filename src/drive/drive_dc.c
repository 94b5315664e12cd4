/* dc: a constant current while active. */
#include "drive/drive.h"

enum { AMPLITUDE, KEYS };

static const struct key keys[KEYS] = {
    [AMPLITUDE] = {.name = "amplitude",
                   .kind = VALUE_DISTRIBUTION,
                   .dimension = DIMENSION_CURRENT,
                   .required = true,
                   .least = -1e9,
                   .most = 1e9,
                   .help = "the current"},
};

static double current(const struct drive *drive, uint64_t step, uint64_t *until)
{
    (void)step;
    *until = VALUE_FOREVER;
    return drive_factor(drive, AMPLITUDE);
}

const struct drive_type drive_dc = {
    .input = {"dc", "a constant current", keys, KEYS, NULL, NULL},
    .current_keys = 1u << AMPLITUDE,
    .current = current,
};
