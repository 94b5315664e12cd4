/* The tables of keys; docs/configuration.md says the same to users. */
#include "config/keys.h"

#include <string.h>

/* Ranges are wide enough for any neuron and narrow enough that no product of them overflows a
 * float: the largest, R_m I_e, stays below 1e22 mV. */

enum { SIZE_BITS = 48 };

/* In the order of enum projection_rule. */
#define CONFIG_RULES                                                                               \
    "one_to_one|all_to_all|fixed_indegree|fixed_outdegree|fixed_total_number|pairwise_bernoulli"   \
    "|pairwise_poisson|file"

#define SEED_KEY                                                                                   \
    {                                                                                              \
        .name = "seed", .kind = VALUE_INTEGER, .least = 0, .most = 0x1p64,                         \
        .help = "a whole number from 0 to 2^64 - 1 for this section's random numbers"              \
    }

const struct key config_simulation_keys[SIMULATION_KEYS] = {
    [SIMULATION_DT] = {.name = "dt",
                       .kind = VALUE_NUMBER,
                       .dimension = DIMENSION_TIME,
                       .fallback = "0.1 ms",
                       .least = 1e-6,
                       .most = 1000,
                       .positive = true,
                       .help = "the time step"},
    [SIMULATION_DURATION] = {.name = "duration",
                             .kind = VALUE_TIME,
                             .dimension = DIMENSION_TIME,
                             .required = true,
                             .least = 0,
                             .most = 1e18,
                             .positive = true,
                             .help = "the model time to simulate, such as 1 s"},
    [SIMULATION_SEED] = {.name = "seed",
                         .kind = VALUE_INTEGER,
                         .fallback = "1",
                         .least = 0,
                         .most = 0x1p64,
                         .help = "a whole number from 0 to 2^64 - 1 for all random numbers"},
    [SIMULATION_PRECISION] = {.name = "precision",
                              .kind = VALUE_WORD,
                              .fallback = "single",
                              .words = "single|double",
                              .help = "the floating-point numbers of the state: single or double"},
    [SIMULATION_METHOD] = {.name = "method",
                           .kind = VALUE_WORD,
                           .fallback = "exact",
                           .words = "exact|euler",
                           .help = "how a step is computed: exact, or euler for comparison"},
    [SIMULATION_WARMUP] = {.name = "warmup",
                           .kind = VALUE_TIME,
                           .dimension = DIMENSION_TIME,
                           .fallback = "0 ms",
                           .least = 0,
                           .most = 1e18,
                           .help = "the time at the start that statistics leave out"},
    [SIMULATION_RECORD_WARMUP] = {.name = "record_warmup",
                                  .kind = VALUE_FLAG,
                                  .fallback = "yes",
                                  .help = "whether spikes of the warmup are recorded: yes or no"},
    [SIMULATION_MAX_RATE] = {.name = "max_rate",
                             .kind = VALUE_NUMBER,
                             .dimension = DIMENSION_RATE,
                             .least = 0,
                             .most = 1e9,
                             .positive = true,
                             .help = "the highest mean rate of any population in any rate bin"},
    [SIMULATION_ON_MAX_RATE] = {.name = "on_max_rate",
                                .kind = VALUE_WORD,
                                .fallback = "stop",
                                .words = "stop|warn",
                                .help = "what happens above max_rate: stop or warn"},
    [SIMULATION_STOP_AFTER_SPIKES] = {.name = "stop_after_spikes",
                                      .kind = VALUE_INTEGER,
                                      .least = 1,
                                      .most = 0x1p63,
                                      .help = "the number of spikes after which the run ends"},
};

const struct key config_population_keys[POPULATION_KEYS] = {
    [POPULATION_SIZE] = {.name = "size",
                         .kind = VALUE_INTEGER,
                         .required = true,
                         .least = 1,
                         .most = (double)(UINT64_C(1) << SIZE_BITS),
                         .help = "the number of neurons"},
    [POPULATION_COPIES] = {.name = "copies",
                           .kind = VALUE_INTEGER,
                           .fallback = "1",
                           .least = 1,
                           .most = (double)(UINT64_C(1) << SIZE_BITS),
                           .help = "how often the same cells come; size counts all of them"},
    [POPULATION_MODEL] = {.name = "model",
                          .kind = VALUE_WORD,
                          .fallback = "lif",
                          .help = "the neuron model, such as lif"},
    [POPULATION_C_M] = {.name = "C_m",
                        .kind = VALUE_DISTRIBUTION,
                        .dimension = DIMENSION_CAPACITANCE,
                        .fallback = "250 pF",
                        .least = 1e-6,
                        .most = 1e9,
                        .positive = true,
                        .help = "the membrane capacitance"},
    [POPULATION_TAU_M] = {.name = "tau_m",
                          .kind = VALUE_DISTRIBUTION,
                          .dimension = DIMENSION_TIME,
                          .fallback = "10 ms",
                          .least = 1e-3,
                          .most = 1e9,
                          .positive = true,
                          .help = "the membrane time constant, C_m / g_L"},
    [POPULATION_G_L] = {.name = "g_L",
                        .kind = VALUE_DISTRIBUTION,
                        .dimension = DIMENSION_CONDUCTANCE,
                        .least = 1e-9,
                        .most = 1e12,
                        .positive = true,
                        .help = "the leak conductance, 1 / R_m"},
    [POPULATION_R_M] = {.name = "R_m",
                        .kind = VALUE_DISTRIBUTION,
                        .dimension = DIMENSION_RESISTANCE,
                        .least = 1e-9,
                        .most = 1e12,
                        .positive = true,
                        .help = "the membrane resistance, 1 / g_L"},
    [POPULATION_E_L] = {.name = "E_L",
                        .kind = VALUE_DISTRIBUTION,
                        .dimension = DIMENSION_VOLTAGE,
                        .fallback = "-70 mV",
                        .least = -1e4,
                        .most = 1e4,
                        .help = "the leak reversal (resting) potential"},
    [POPULATION_V_TH] = {.name = "V_th",
                         .kind = VALUE_DISTRIBUTION,
                         .dimension = DIMENSION_VOLTAGE,
                         .fallback = "-55 mV",
                         .least = -1e4,
                         .most = 1e4,
                         .help = "the spike threshold"},
    [POPULATION_V_RESET] = {.name = "V_reset",
                            .kind = VALUE_DISTRIBUTION,
                            .dimension = DIMENSION_VOLTAGE,
                            .fallback = "-70 mV",
                            .least = -1e4,
                            .most = 1e4,
                            .help = "the potential after a spike, below V_th"},
    [POPULATION_V_MIN] = {.name = "V_min",
                          .kind = VALUE_DISTRIBUTION,
                          .dimension = DIMENSION_VOLTAGE,
                          .least = -1e4,
                          .most = 1e4,
                          .help = "the lower bound of the potential, not above V_reset"},
    [POPULATION_T_REF] = {.name = "t_ref",
                          .kind = VALUE_DISTRIBUTION,
                          .dimension = DIMENSION_TIME,
                          .fallback = "2 ms",
                          .least = 0,
                          .most = 1e6,
                          .help = "the refractory time"},
    [POPULATION_V_M] = {.name = "V_m",
                        .kind = VALUE_DISTRIBUTION,
                        .dimension = DIMENSION_VOLTAGE,
                        .least = -1e4,
                        .most = 1e4,
                        .help = "the initial potential; without it each neuron starts at its E_L"},
    [POPULATION_I_E] = {.name = "I_e",
                        .kind = VALUE_DISTRIBUTION,
                        .dimension = DIMENSION_CURRENT,
                        .fallback = "0 pA",
                        .least = -1e9,
                        .most = 1e9,
                        .help = "the constant current into each neuron"},
    [POPULATION_CROSSING] = {.name = "crossing",
                             .kind = VALUE_WORD,
                             .fallback = "grid",
                             .words = "grid|bridge",
                             .help = "where threshold crossings are seen: grid, or bridge: also "
                                     "within a step, under white noise"},
    [POPULATION_SEED] = SEED_KEY,
};

const struct key config_input_keys[INPUT_KEYS] = {
    [INPUT_TARGET] = {.name = "target",
                      .kind = VALUE_TEXT,
                      .required = true,
                      .help = "populations or slices of them, such as: exc, inh[0:1000], or all"},
    [INPUT_TYPE] = {.name = "type",
                    .kind = VALUE_TEXT,
                    .required = true,
                    .help = "the kind of input, such as dc or poisson"},
    [INPUT_START] = {.name = "start",
                     .kind = VALUE_TIME,
                     .dimension = DIMENSION_TIME,
                     .fallback = "0 ms",
                     .least = 0,
                     .most = 1e18,
                     .help = "the time from which the input acts"},
    [INPUT_STOP] = {.name = "stop",
                    .kind = VALUE_TIME,
                    .dimension = DIMENSION_TIME,
                    .fallback = "inf",
                    .least = 0,
                    .most = 1e18,
                    .words = "inf",
                    .help = "the time at which the input ends, or inf"},
    [INPUT_SEED] = SEED_KEY,
};

const struct key config_projection_keys[PROJECTION_KEYS] = {
    [PROJECTION_SOURCE] = {.name = "source",
                           .kind = VALUE_TEXT,
                           .required = true,
                           .help = "populations or slices whose spikes it carries, such as: exc, "
                                   "inh[0:100], or all"},
    [PROJECTION_TARGET] = {.name = "target",
                           .kind = VALUE_TEXT,
                           .required = true,
                           .help = "populations or slices that get them, such as: exc, or all"},
    [PROJECTION_RULE] = {.name = "rule",
                         .kind = VALUE_WORD,
                         .required = true,
                         .words = CONFIG_RULES,
                         .help = "which pairs are connected: " CONFIG_RULES},
    [PROJECTION_INDEGREE] = {.name = "indegree",
                             .kind = VALUE_INTEGER,
                             .least = 0,
                             .most = 1e12,
                             .share = "rule = pairwise_bernoulli, p = 0.1",
                             .help = "of fixed_indegree: synapses onto each target"},
    [PROJECTION_OUTDEGREE] = {.name = "outdegree",
                              .kind = VALUE_INTEGER,
                              .least = 0,
                              .most = 1e12,
                              .share = "rule = pairwise_bernoulli, p = 0.1",
                              .help = "of fixed_outdegree: synapses from each source"},
    [PROJECTION_N] = {.name = "N",
                      .kind = VALUE_INTEGER,
                      .least = 0,
                      .most = 1e15,
                      .help = "of fixed_total_number: synapses in all"},
    [PROJECTION_P] = {.name = "p",
                      .kind = VALUE_NUMBER,
                      .least = 0,
                      .most = 1,
                      .help = "of pairwise_bernoulli: the probability of each pair"},
    [PROJECTION_AVG] = {.name = "pairwise_avg_num_conns",
                        .kind = VALUE_NUMBER,
                        .least = 0,
                        .most = 1e3,
                        .help = "of pairwise_poisson: the mean number of synapses of each pair"},
    [PROJECTION_FILE] = {.name = "file",
                         .kind = VALUE_TEXT,
                         .help = "of file: SONATA edges (HDF5), or a CSV file with source, target, "
                                 "weight, delay"},
    [PROJECTION_EDGES] = {.name = "population",
                          .kind = VALUE_TEXT,
                          .help =
                              "the population of edges in the file; needed when it has several"},
    [PROJECTION_TYPES] = {.name = "edge_types",
                          .kind = VALUE_TEXT,
                          .help = "of file: the table of SONATA's edge types, from which weights "
                                  "and delays are taken that the edges themselves do not have"},
    [PROJECTION_WEIGHT] = {.name = "weight",
                           .kind = VALUE_DISTRIBUTION,
                           .dimension = DIMENSION_VOLTAGE,
                           .weight = true,
                           .least = -1e4,
                           .most = 1e4,
                           .help = "of each synapse, in the unit of the target's model: mV for "
                                   "lif (iaf_psc_delta), pA for currents, nS for conductances; "
                                   "negative: inhibitory"},
    [PROJECTION_DELAY] = {.name = "delay",
                          .kind = VALUE_DISTRIBUTION,
                          .dimension = DIMENSION_TIME,
                          .least = 0,
                          .most = 1e6,
                          .help = "from a spike to its arrival, at least dt, such as 1.5 ms"},
    [PROJECTION_AUTAPSES] = {.name = "allow_autapses",
                             .kind = VALUE_FLAG,
                             .fallback = "yes",
                             .help = "whether a neuron may be connected to itself: yes or no"},
    [PROJECTION_MULTAPSES] = {.name = "allow_multapses",
                              .kind = VALUE_FLAG,
                              .fallback = "yes",
                              .help = "whether a pair may have several synapses: yes or no"},
    [PROJECTION_SIGNS] = {.name = "allow_both_signs",
                          .kind = VALUE_FLAG,
                          .fallback = "no",
                          .help = "whether drawn weights may be positive and negative: yes or no"},
    [PROJECTION_BITS] = {.name = "weight_bits",
                         .kind = VALUE_WORD,
                         .words = "16|32",
                         .help =
                             "bits of a weight in single precision where weights differ: 16, or 32 "
                             "where they spread over orders of magnitude; 32 from a file"},
    [PROJECTION_STORAGE] = {.name = "storage",
                            .kind = VALUE_WORD,
                            .fallback = "automatic",
                            .words = "automatic|lists|bitmaps|procedural",
                            .help = "how the synapses are kept in memory, which changes no result: "
                                    "automatic, lists, bitmaps; or procedural, as "
                                    "nothing but the numbers to draw them anew"},
    [PROJECTION_SEED] = SEED_KEY,
};

const struct key *config_projection_key(const struct projection_config *projection, int key)
{
    return key == PROJECTION_WEIGHT ? &projection->weight : &config_projection_keys[key];
}

const struct key config_record_keys[RECORD_KEYS] = {
    [RECORD_POPULATION] = {.name = "population",
                           .kind = VALUE_TEXT,
                           .required = true,
                           .help = "populations, such as: exc, inh, or all"},
    [RECORD_WHAT] = {.name = "what",
                     .kind = VALUE_WORD,
                     .required = true,
                     .help = "what is recorded, such as spikes or V_m"},
    [RECORD_NEURONS] = {.name = "neurons",
                        .kind = VALUE_TEXT,
                        .fallback = "all",
                        .help = "all, none, 0:1000, 0:1000:10, a list of ids, or sample(100)"},
    [RECORD_INTERVAL] = {.name = "interval",
                         .kind = VALUE_TIME,
                         .dimension = DIMENSION_TIME,
                         .least = 0,
                         .most = 1e18,
                         .positive = true,
                         .help = "the time between two rows of V_m, I or jumps"},
    [RECORD_BIN_WIDTH] = {.name = "bin_width",
                          .kind = VALUE_TIME,
                          .dimension = DIMENSION_TIME,
                          .least = 0,
                          .most = 1e18,
                          .positive = true,
                          .help = "the width of a rate's bins, such as 10 ms"},
    [RECORD_START] = {.name = "start",
                      .kind = VALUE_TIME,
                      .dimension = DIMENSION_TIME,
                      .fallback = "0 ms",
                      .least = 0,
                      .most = 1e18,
                      .help = "the time from which it records"},
    [RECORD_STOP] = {.name = "stop",
                     .kind = VALUE_TIME,
                     .dimension = DIMENSION_TIME,
                     .fallback = "inf",
                     .least = 0,
                     .most = 1e18,
                     .words = "inf",
                     .help = "the time at which it stops to record, or inf"},
    [RECORD_SEED] = SEED_KEY,
};

const struct key config_checkpoint_keys[CHECKPOINT_KEYS] = {
    [CHECKPOINT_EVERY_WALL] = {.name = "every_wall",
                               .kind = VALUE_TEXT,
                               .fallback = "10 min",
                               .help = "the time on the clock between two checkpoints, or inf"},
    [CHECKPOINT_EVERY_MODEL] = {.name = "every_model",
                                .kind = VALUE_TIME,
                                .dimension = DIMENSION_TIME,
                                .fallback = "inf",
                                .least = 0,
                                .most = 1e18,
                                .positive = true,
                                .words = "inf",
                                .help = "the model time between two checkpoints, or inf"},
    [CHECKPOINT_KEEP] = {.name = "keep",
                         .kind = VALUE_FLAG,
                         .fallback = "yes",
                         .help = "whether the last checkpoint of a finished run is kept: yes or "
                                 "no"},
};

const struct key config_output_keys[OUTPUT_KEYS] = {
    [OUTPUT_FILE] = {.name = "file",
                     .kind = VALUE_TEXT,
                     .help = "the HDF5 file to write, relative to the working folder"},
    [OUTPUT_COMPRESSION] = {.name = "compression",
                            .kind = VALUE_WORD,
                            .fallback = "deflate",
                            .words = "deflate|none",
                            .help = "how the raster is compressed: deflate or none"},
    [OUTPUT_PARAMETERS] = {.name = "parameters",
                           .kind = VALUE_WORD,
                           .words = "drawn|none",
                           .help = "whether drawn parameters are written: drawn or none"},
};

/* Is it "PREFIX SECTION . KEY" of this section? */
static bool is_in(const char *name, const char *prefix, const char *section)
{
    size_t before = strlen(prefix), length = strlen(section);
    return strncmp(name, prefix, before) == 0 && strncmp(name + before, section, length) == 0 &&
           name + before + length == strrchr(name, '.');
}

static const struct key *find(const struct key *keys, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(keys[i].name, strrchr(name, '.') + 1) == 0)
            return &keys[i];
    return NULL;
}

static const struct key *find_in_population(const struct population_config *population,
                                            const char *name)
{
    const struct key *common = find(config_population_keys, POPULATION_KEYS, name);
    return common ? common : find(population->model->keys, population->model->key_count, name);
}

static const struct key *find_in_input(const struct input_config *input, const char *name)
{
    const struct key *common = find(config_input_keys, INPUT_KEYS, name);
    return common ? common : find(input->keys, input->type->key_count, name);
}

static const struct key *find_in_projection(const struct projection_config *projection,
                                            const char *name)
{
    const struct key *key = find(config_projection_keys, PROJECTION_KEYS, name);
    return key ? config_projection_key(projection, (int)(key - config_projection_keys)) : NULL;
}

const struct key *config_find_key(const struct config *config, const char *name)
{
    if (strncmp(name, "simulation.", 11) == 0)
        return find(config_simulation_keys, SIMULATION_KEYS, name);
    if (strncmp(name, "record.", 7) == 0)
        return find(config_record_keys, RECORD_KEYS, name);
    for (size_t i = 0; i < config->population_count; i++)
        if (is_in(name, "population.", config->population[i].name))
            return find_in_population(&config->population[i], name);
    for (size_t i = 0; i < config->input_count; i++)
        if (is_in(name, "input.", config->input[i].name))
            return find_in_input(&config->input[i], name);
    for (size_t i = 0; i < config->projection_count; i++)
        if (is_in(name, "projection.", config->projection[i].name))
            return find_in_projection(&config->projection[i], name);
    return NULL;
}
