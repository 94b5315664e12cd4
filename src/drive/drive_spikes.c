/* spikes: spikes of a file arrive `delay` after their time, each a jump of V by weight: NEST's
 * spike_generator on iaf_psc_delta. The spikes of id i reach the i-th target neuron. Somebody else
 * reads the file and counts the spikes that arrive in each step (drive/input_rows.h). */
#include "drive/drive.h"

enum { FILE_NAME, POPULATION, WEIGHT, DELAY, FIRST_ID, DT, KEYS };

static const struct key keys[KEYS] = {
    [FILE_NAME] = {.name = "file",
                   .kind = VALUE_TEXT,
                   .required = true,
                   .help = "a SONATA spike file, or a CSV file with timestamps and node_ids"},
    [POPULATION] = {.name = "population",
                    .kind = VALUE_TEXT,
                    .help = "the population in the file; needed when it has several"},
    [WEIGHT] = {.name = "weight",
                .kind = VALUE_DISTRIBUTION,
                .dimension = DIMENSION_VOLTAGE,
                .weight = true,
                .required = true,
                .least = -1e4,
                .most = 1e4,
                .help = "what a spike adds, in the unit of the target's model"},
    [DELAY] = {.name = "delay",
               .kind = VALUE_TIME,
               .dimension = DIMENSION_TIME,
               .least = 0,
               .most = 1e15,
               .positive = true,
               .help = "from a spike's time to its jump, at least dt, which is the default"},
    [FIRST_ID] = {.name = "first_id",
                  .kind = VALUE_INTEGER,
                  .least = 0,
                  .most = 0x1p64,
                  .help =
                      "the id in the file that is the first target neuron; 0, but NEST's senders "
                      "count from 1"},
    [DT] = {.name = "dt",
            .kind = VALUE_NUMBER,
            .dimension = DIMENSION_TIME,
            .least = 0,
            .most = 1e6,
            .positive = true,
            .help = "of a file of NEST's with time_step: how long a step was, its resolution"},
};

static double coefficient(const struct drive *drive, const struct neuron *neuron,
                          const double *value)
{
    (void)drive, (void)neuron;
    return value[WEIGHT];
}

const struct drive_type drive_spikes = {
    .input = {"spikes", "the spikes of a file, each a jump of V", keys, KEYS, NULL, NULL},
    .row = ROW_JUMPS,
    .row_keys = 1u << WEIGHT,
    .fed = true,
    .coefficient = coefficient,
    .fill = drive_fill_rows,
};
