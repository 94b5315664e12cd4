/* The spikes of a file as those of a population: NEST's spike_generator, one parrot_neuron behind
 * it for each neuron. Somebody else reads the file and counts the spikes of each step
 * (drive/input_rows.h). */
#include "neuron/generator.h"
#include "neuron/model.h"

enum { FILE_NAME = GENERATOR_KEYS, IN_FILE, FIRST_ID, DT, END };

static const struct key keys[END - POPULATION_KEYS] = {
    GENERATOR_TIMES,
    [FILE_NAME - POPULATION_KEYS] = {.name = "file",
                                     .kind = VALUE_TEXT,
                                     .required = true,
                                     .help = "a SONATA spike file, or a CSV file with timestamps "
                                             "and node_ids"},
    [IN_FILE -
        POPULATION_KEYS] = {.name = "population",
                            .kind = VALUE_TEXT,
                            .help = "the population in the file; needed when it has several"},
    [FIRST_ID - POPULATION_KEYS] = {.name = "first_id",
                                    .kind = VALUE_INTEGER,
                                    .least = 0,
                                    .most = 0x1p64,
                                    .help = "the id in the file that is neuron 0; 0, but NEST's "
                                            "senders count from 1"},
    [DT - POPULATION_KEYS] = {.name = "dt",
                              .kind = VALUE_NUMBER,
                              .dimension = DIMENSION_TIME,
                              .least = 0,
                              .most = 1e6,
                              .positive = true,
                              .help = "of a file of NEST's with time_step: how long a step was"},
};

/* Before the file has been read, as many as it may have. */
static uint32_t most(const struct population_config *population)
{
    return population->file_most > 0 ? population->file_most : CONFIG_FILE_MOST;
}

static const struct generator_type generator = {.most = most};

const struct model model_spikes = {
    .type = {.name = "spikes",
             .help = "the spikes of a file, sources only",
             .source_only = true,
             .fed = true,
             .keys = keys,
             .key_count = END - POPULATION_KEYS,
             .check = generator_check_times},
    .generator = &generator,
};
