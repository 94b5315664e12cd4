/* A validated description of a simulation: what an INI file and its overrides say, with defaults.
 * Immutable after config_read; may be read by many threads. */
#ifndef MEGALIF_CONFIG_CONFIG_H
#define MEGALIF_CONFIG_CONFIG_H

#include "base/error.h"
#include "config/value.h"

/* The keys of [population.NAME] that all models have, in the order of config_population_keys[];
 * those of a model's own follow, from POPULATION_KEYS on. */
enum population_key {
    POPULATION_SIZE,     /* INTEGER, required, 1 .. 2^48 */
    POPULATION_COPIES,   /* INTEGER, 1: size = copies * cells, id = copy * cells + cell */
    POPULATION_MODEL,    /* WORD, a model_type's, default lif */
    POPULATION_C_M,      /* DISTRIBUTION pF, > 0, 250 pF */
    POPULATION_TAU_M,    /* DISTRIBUTION ms, > 0, 10 ms */
    POPULATION_G_L,      /* DISTRIBUTION nS, > 0 */
    POPULATION_R_M,      /* DISTRIBUTION MOhm, > 0 */
    POPULATION_E_L,      /* DISTRIBUTION mV, -70 mV */
    POPULATION_V_TH,     /* DISTRIBUTION mV, -55 mV */
    POPULATION_V_RESET,  /* DISTRIBUTION mV, -70 mV */
    POPULATION_V_MIN,    /* DISTRIBUTION mV, lower bound of V; absent: none */
    POPULATION_T_REF,    /* DISTRIBUTION ms, >= 0, 2 ms; a constant must be a multiple of dt */
    POPULATION_V_M,      /* DISTRIBUTION mV, initial potential; absent: each neuron's E_L */
    POPULATION_I_E,      /* DISTRIBUTION pA, 0 pA */
    POPULATION_CROSSING, /* WORD grid | bridge */
    POPULATION_SEED,     /* INTEGER; absent: the simulation's */
    POPULATION_KEYS,
    POPULATION_KEYS_MOST = 32 /* sets of keys are the bits of an unsigned */
};
extern const struct key config_population_keys[POPULATION_KEYS];

/* When V has crossed the threshold: at the end of a step, or also within it. */
enum crossing { CROSSING_GRID, CROSSING_BRIDGE };

/* Which two of C_m, tau_m, g_L, R_m fix the membrane; the other two follow per neuron. */
enum membrane { MEMBRANE_C_TAU, MEMBRANE_C_G, MEMBRANE_C_R, MEMBRANE_TAU_G, MEMBRANE_TAU_R };

/* A number of each neuron that a recorder can show at regular steps. */
struct recordable {
    const char *name; /* the word in `what = ...` */
    enum dimension dimension;
};

/* What neurons of all models show: V_m, I, jumps. */
enum { CONFIG_RECORDABLES = 3 };
extern const struct recordable config_recordables[CONFIG_RECORDABLES];

/* What a neuron model tells the config: its name, the unit of weights onto it, own keys, which may
 * be drawn as the common ones, and own recordables, which may stand in for common ones. `check`
 * (may be NULL) tests what no single key can (two that exclude each other ...): it calls
 * report(context, place in value[] or -1 for the section, "what is wrong; what would be right"). */
struct population_config;
struct model_type {
    const char *name; /* the word in `model = ...` */
    const char *also; /* another word for the same; NULL: none */
    const char *help;
    bool source_only;       /* no membrane: spikes come from it, and nothing acts on it */
    bool fed;               /* a source whose spikes come from outside, its key `file` */
    enum dimension weight;  /* of synapses onto it: a jump of V, a current, a conductance */
    const struct key *keys; /* none has the name of a common one */
    size_t key_count;       /* <= POPULATION_KEYS_MOST - POPULATION_KEYS */
    const struct recordable *recordables;
    size_t recordable_count;
    void (*check)(const struct population_config *population,
                  void (*report)(void *context, int key, const char *text), void *context);
};

enum { CONFIG_FILE_MOST = 255 }; /* spikes of a neuron in one step that a file may have */

struct population_config {
    char *name;
    int line; /* of the section header */
    uint64_t size;
    uint64_t copies, cells; /* size = copies * cells */
    uint64_t seed;
    enum membrane membrane;
    uint64_t t_ref_steps; /* when T_REF is a constant */
    const struct model_type *model;
    const struct config *config;
    uint32_t file_most; /* of a model that is fed: the most spikes that a neuron has in one step,
                           once the file has been read; else 0 */
    struct value value[POPULATION_KEYS_MOST]; /* of the common keys, then of the model's own */
};

/* All keys of a population, by their places in value[]. */
static inline int config_population_key_count(const struct population_config *population)
{
    return POPULATION_KEYS + (int)population->model->key_count;
}
static inline const struct key *config_population_key(const struct population_config *population,
                                                      int key)
{
    return key < POPULATION_KEYS ? &config_population_keys[key]
                                 : &population->model->keys[key - POPULATION_KEYS];
}

/* A half-open range of ids of one population. */
struct target {
    size_t population; /* index in config.population */
    uint64_t begin, end;
};

/* What an input type tells the config: its name and own keys beside target, type, start, stop,
 * seed. `check` (may be NULL) tests what no single key can (two keys that exclude each other ...):
 * it calls report(context, key index or -1 for the section, "what is wrong; what would be right").
 */
struct input_config;
struct input_type {
    const char *name; /* the word in `type = ...` */
    const char *help;
    const struct key *keys;
    size_t key_count;
    void (*check)(const struct input_config *input,
                  void (*report)(void *context, int key, const char *text), void *context);

    /* May a program set the numbers of a key between two steps? NULL: of none. */
    bool (*settable)(const struct input_config *input, size_t key);
};

/* The types that sections of a config may name. */
struct config_types {
    const struct input_type *const *input;
    size_t input_count;
    const struct model_type *const *model;
    size_t model_count;
};

struct input_config {
    char *name;
    int line;
    const struct input_type *type;
    struct target *target; /* sorted by population, then begin; disjoint within a population */
    size_t target_count;
    uint64_t start_step; /* active in step k when start_step <= k < stop_step */
    uint64_t stop_step;  /* VALUE_FOREVER: no stop */
    uint64_t seed;
    bool seed_given;
    const struct config *config;
    const struct key *keys; /* the type's, with the unit of weights onto these targets */
    struct value *value;    /* one per key */
};

/* The keys of [projection.NAME]. */
enum projection_key {
    PROJECTION_SOURCE,    /* TEXT, required: populations and slices, one list of sources */
    PROJECTION_TARGET,    /* TEXT, required: likewise of targets */
    PROJECTION_RULE,      /* WORD, required: enum projection_rule */
    PROJECTION_INDEGREE,  /* INTEGER, of fixed_indegree */
    PROJECTION_OUTDEGREE, /* INTEGER, of fixed_outdegree */
    PROJECTION_N,         /* INTEGER, of fixed_total_number */
    PROJECTION_P,         /* NUMBER, of pairwise_bernoulli */
    PROJECTION_AVG,       /* NUMBER, of pairwise_poisson */
    PROJECTION_FILE,      /* TEXT, of file: SONATA edges or CSV */
    PROJECTION_EDGES,     /* TEXT, `population` of the edges in that file */
    PROJECTION_TYPES,     /* TEXT, `edge_types`: their table, a file */
    PROJECTION_WEIGHT,    /* DISTRIBUTION in the target model's unit; absent only with a file */
    PROJECTION_DELAY,     /* DISTRIBUTION ms; absent only with a file */
    PROJECTION_AUTAPSES,  /* FLAG, yes */
    PROJECTION_MULTAPSES, /* FLAG, yes */
    PROJECTION_SIGNS,     /* FLAG, no: may weights have both signs */
    PROJECTION_BITS,      /* WORD 16 | 32; absent: 32 of a file, else 16 */
    PROJECTION_STORAGE,   /* WORD: enum projection_storage */
    PROJECTION_SEED,      /* INTEGER; absent: the simulation's */
    PROJECTION_KEYS
};

/* Which pairs are connected: NEST's names. */
enum projection_rule {
    RULE_ONE_TO_ONE,
    RULE_ALL_TO_ALL,
    RULE_FIXED_INDEGREE,
    RULE_FIXED_OUTDEGREE,
    RULE_FIXED_TOTAL_NUMBER,
    RULE_PAIRWISE_BERNOULLI,
    RULE_PAIRWISE_POISSON,
    RULE_FILE
};

/* How synapses are kept in memory (net/synapses.h); no result depends on it. */
enum projection_storage { STORAGE_AUTOMATIC, STORAGE_LISTS, STORAGE_BITMAPS, STORAGE_PROCEDURAL };

/* Synapses from a list of sources to a list of targets. */
struct wiring_file;
struct projection_config {
    char *name;
    int line;
    struct target *source, *target; /* as an input's: sorted and disjoint */
    size_t source_count, target_count;
    uint64_t sources, targets; /* neurons in these lists */
    enum projection_rule rule;
    struct key weight; /* the schema's key, in the unit of the targets' models */
    bool autapses, multapses, both_signs;
    enum projection_storage storage; /* as asked for */
    uint64_t seed;
    bool seed_given;
    struct value value[PROJECTION_KEYS];
    const struct wiring_file *edges; /* of rule = file, once the file is read; not the config's */
};

/* Traces go to a file of their own (sonata/report_writer.h), all else to the output. */
enum record_what { RECORD_SPIKES, RECORD_COUNTS, RECORD_RATE, RECORD_TRACE };

enum selection_kind { SELECT_ALL, SELECT_NONE, SELECT_RANGE, SELECT_LIST, SELECT_SAMPLE };

/* neurons = all | none | a:b | a:b:step | 3, 7, 12 | sample(n) */
struct selection {
    enum selection_kind kind;
    uint64_t begin, end, step; /* RANGE, half-open; open ends and `all` resolved by the reader */
    uint64_t *list;            /* LIST: sorted, distinct */
    size_t list_count;
    uint64_t sample; /* SAMPLE: how many */
};

struct record_config {
    char *name;
    int line;
    size_t *population; /* indices, sorted */
    size_t population_count;
    enum record_what what;
    const struct recordable *trace; /* of RECORD_TRACE; all populations have one of this name */
    struct selection neurons; /* of counts and rates always SELECT_ALL (`neurons` is an error) */
    uint64_t interval_steps;  /* traces: from row to row; rate: the bins' width; else 0 */
    uint64_t start_step;      /* records step k when start_step <= k < stop_step */
    uint64_t stop_step;       /* VALUE_FOREVER: no stop */
    uint64_t seed;
};

enum precision { PRECISION_SINGLE, PRECISION_DOUBLE };

/* How a step is computed: exactly, or by forward Euler, for comparison. */
enum method { METHOD_EXACT, METHOD_EULER };

struct config {
    char *file; /* as given, for messages */
    struct decimal dt;
    double dt_ms;
    uint64_t steps; /* duration / dt, >= 1 */
    uint64_t seed;
    enum precision precision;
    enum method method;
    uint64_t warmup_steps; /* <= steps */
    bool record_warmup;
    struct value max_rate;                /* NUMBER in Hz; absent: no limit */
    bool max_rate_stops;                  /* else it warns */
    uint64_t stop_after_spikes;           /* 0: never */
    struct population_config *population; /* in the order of the file, >= 1 */
    size_t population_count;
    struct input_config *input; /* sorted by name (strcmp), the order of all sums */
    size_t input_count;
    struct projection_config *projection; /* sorted by name */
    size_t projection_count;
    struct record_config *record; /* sorted by name */
    size_t record_count;
    char *output_file;      /* default: the config's base name with .h5 ("stdin.h5" for -) */
    bool output_deflate;    /* compression = deflate */
    bool output_parameters; /* parameters = drawn: default when all populations together have <= 1e7
                               neurons */
    bool checkpoint;        /* there is a section [checkpoint] */
    double checkpoint_wall_s;  /* every_wall; INFINITY: never; the rest has defaults, too */
    uint64_t checkpoint_steps; /* every_model; VALUE_FOREVER: never */
    bool checkpoint_keep;
    struct messages warnings; /* file:line: [section] key: text */
};

/* 1 ms in steps: the nearest multiple of dt, at least one. */
uint64_t config_steps_of_1_ms(const struct config *config);

/* How many of a list of times (VALUE_TIMES) are <= step. */
size_t config_times_passed(const struct value *times, uint64_t step);

/* Whether a recorder writes rows of neurons' values: V_m, I, jumps or what a model brings. */
static inline bool record_is_trace(const struct record_config *record)
{
    return record->what == RECORD_TRACE;
}

/* "spikes", "counts", "V_m", ... */
const char *record_what_name(const struct record_config *record);

/* The recordable of a model with this name, or, where model is NULL, of all models; NULL: none. */
const struct recordable *config_find_recordable(const struct model_type *model, const char *name);

/* "file:line: [section] key" of a value, for errors found later (a drawn value out of range);
 * for overrides "--set section.key"; for fallbacks "file: [section] key (default)". */
const char *config_where(const struct config *config, const char *section, const char *key,
                         const struct value *value, char *buffer, size_t size);

#endif
