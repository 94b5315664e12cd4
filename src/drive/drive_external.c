/* external: a current for each neuron that the program sets between two steps (megalif/stepwise.h);
 * until then what the config says. It is a dc whose numbers are state. */
#include "drive/drive.h"

enum { AMPLITUDE, KEYS };

static const struct key keys[KEYS] = {
    [AMPLITUDE] = {.name = "amplitude",
                   .kind = VALUE_DISTRIBUTION,
                   .dimension = DIMENSION_CURRENT,
                   .fallback = "0 pA",
                   .least = -1e9,
                   .most = 1e9,
                   .help = "the current until the program sets another"},
};

static bool settable(const struct input_config *input, size_t key)
{
    (void)input;
    return key == AMPLITUDE;
}

static double current(const struct drive *drive, uint64_t step, uint64_t *until)
{
    (void)step;
    *until = VALUE_FOREVER;
    return drive_factor(drive, AMPLITUDE);
}

const struct drive_type drive_external = {
    .input = {.name = "external",
              .help = "a current that the program sets while it runs",
              .keys = keys,
              .key_count = KEYS,
              .settable = settable},
    .current_keys = 1u << AMPLITUDE,
    .current = current,
};
