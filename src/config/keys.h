/* The schema: the keys of every section, as tables. That of a population is in config.h, since its
 * values are asked for by key; what types of inputs and models have beside is theirs
 * (config_types). */
#ifndef MEGALIF_CONFIG_KEYS_H
#define MEGALIF_CONFIG_KEYS_H

#include "config/config.h"

enum simulation_key {
    SIMULATION_DT,
    SIMULATION_DURATION,
    SIMULATION_SEED,
    SIMULATION_PRECISION,
    SIMULATION_METHOD,
    SIMULATION_WARMUP,
    SIMULATION_RECORD_WARMUP,
    SIMULATION_MAX_RATE,
    SIMULATION_ON_MAX_RATE,
    SIMULATION_STOP_AFTER_SPIKES,
    SIMULATION_KEYS
};
extern const struct key config_simulation_keys[SIMULATION_KEYS];

/* The keys that all inputs have. */
enum input_key { INPUT_TARGET, INPUT_TYPE, INPUT_START, INPUT_STOP, INPUT_SEED, INPUT_KEYS };
extern const struct key config_input_keys[INPUT_KEYS];

extern const struct key config_projection_keys[PROJECTION_KEYS];

/* As in the table, but a weight's is the projection's own. */
const struct key *config_projection_key(const struct projection_config *projection, int key);

enum record_key {
    RECORD_POPULATION,
    RECORD_WHAT,
    RECORD_NEURONS,
    RECORD_INTERVAL,
    RECORD_BIN_WIDTH,
    RECORD_START,
    RECORD_STOP,
    RECORD_SEED,
    RECORD_KEYS
};
extern const struct key config_record_keys[RECORD_KEYS];

/* Without the section a run has no checkpoints, unless the caller asks for them. */
enum checkpoint_key {
    CHECKPOINT_EVERY_WALL,
    CHECKPOINT_EVERY_MODEL,
    CHECKPOINT_KEEP,
    CHECKPOINT_KEYS
};
extern const struct key config_checkpoint_keys[CHECKPOINT_KEYS];

enum output_key { OUTPUT_FILE, OUTPUT_COMPRESSION, OUTPUT_PARAMETERS, OUTPUT_KEYS };
extern const struct key config_output_keys[OUTPUT_KEYS];

/* What the schema says of "section.key" in this config; NULL: the config has no such section, or
 * the section no such key. Not for [output]. */
const struct key *config_find_key(const struct config *config, const char *name);

#endif
