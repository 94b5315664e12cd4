/* Drives: what acts on neurons from outside. Each [input.*] section becomes one drive per target.
 * A type of drive is one file, drive_TYPE.c, and one line below (docs/adding-a-drive.md).
 *
 * A drive gives any of
 *   a current: one number for all its targets at a step, in pA (or, as `potential`, mV above E_L);
 *   a row: one number per neuron and step, as a current in pA, or with a coefficient per neuron as
 * noise (before the neuron propagates) or as jumps of V (after); a row may have a memory: then what
 * acts is z, where z = first xi in the drive's first step and z = z + fma(-forgets, z, xi) in every
 * later one, xi being what `fill` gives. */
#ifndef MEGALIF_DRIVE_H
#define MEGALIF_DRIVE_H

#include "config/config.h"
#include "drive/input_draw.h"
#include "drive/input_rows.h"
#include "kernel/kernel.h"
#include "neuron/model.h"

struct drive;

enum drive_row { ROW_NONE, ROW_CURRENT, ROW_NOISE, ROW_JUMPS };

struct drive_type {
    struct input_type input; /* name, keys and checks, for the config */
    enum drive_row row;
    bool remembers; /* the row goes through a memory, one number per neuron */
    bool fed;       /* current or row come from outside: drive->rows */

    /* Bits 1 << key of the keys that may have a distribution, by what they do; of each set a config
     * gives at most one. */
    unsigned current_keys; /* a factor of the current: where drawn, `current` leaves it out */
    unsigned row_keys;     /* only in the coefficient */
    unsigned fill_keys;    /* only in the row: `fill` finds it in drive->value[id - first_id] */
    unsigned common_keys;  /* nonzero: the row is that of the cells, which their copies share */

    /* Whether the row is white noise, new in each step. NULL: no. */
    bool (*diffuses)(const struct input_config *input);

    /* The largest value that a key may have in any neuron. NULL: what the key says. */
    double (*most)(const struct input_config *input, int key);

    /* Prepares drive->state and the fields below it. NULL: nothing to prepare. */
    enum status (*open)(struct drive *drive, struct error *err);
    void (*close)(struct drive *drive);

    /* Memory that open takes, in bytes. NULL: little. */
    uint64_t (*bytes)(const struct input_config *input);

    /* The current in an active step; *until: the first later step in which it may differ. NULL:
     * none. Pure: any thread may call it for any step. */
    double (*current)(const struct drive *drive, uint64_t step, uint64_t *until);

    /* What the row is multiplied with, in mV, for one neuron; value[key]: its numbers. NULL with
     * ROW_CURRENT. */
    double (*coefficient)(const struct drive *drive, const struct neuron *neuron,
                          const double *value);

    /* The table by which the row is counted, for all neurons alike: `fill` is kernels.counts with
     * it and drive->key, and need not be called. NULL, or NULL returned: `fill` does more. Pure. */
    const struct counts_table *(*counts)(const struct drive *drive, uint64_t step);

    /* Fills row[count] for neurons (of a shared row: cells) first_id ...; both are multiples of
     * TILE_ALIGN. Pure, like current. Called by drive_fill. */
    void (*fill)(const struct drive *drive, const struct kernels *kernels, void *row, size_t count,
                 uint64_t step, uint64_t first_id);
};

struct drive {
    const struct drive_type *type;
    const struct input_config *input;
    struct philox_key key;         /* stream input.NAME/POPULATION */
    struct philox_key common;      /* stream input.NAME/POPULATION/common */
    uint64_t begin, end;           /* target ids in the population */
    const struct input_rows *rows; /* of a type that is fed; set anew before each block */
    uint64_t first_column;         /* of rows per neuron: that of the first of these targets */
    bool whole;                    /* the whole population */
    enum receptor receptor;        /* that jumps reach */
    bool by_sign;                  /* jumps of the other sign reach another receptor */
    bool potential;                /* current() is in mV above E_L, for the coefficient e */
    bool diffuses;                 /* as the type says */
    bool independent;              /* the row is standard normals, one for each neuron and step */
    bool has_current, has_row; /* of this very drive; set by open where the type leaves a choice */
    double forgets, fresh, first; /* of a memory; set by open: `fresh` is the type's own */
    void *z;                      /* real[padded]: the memory, state; owned by the population */
    uint64_t hold;                /* steps over which a row stays the same, counted from step 0 */
    uint64_t cells; /* of a shared row: all copies of a cell have its number; 0: not shared */
    void *state;    /* the type's own */
    struct field coefficient; /* of the row, per neuron; owned by the population */
    struct field amplitude;   /* of the current, where it is drawn; owned by the population */
    bool same;                /* as a program has set it: amplitude.value for all targets, which the
                                 array need not have */
    double *value; /* of the drawn key in fill_keys, from neuron first_id on, or where cells share a
                      row of all cells (drive_values); owned by the population */
    uint64_t first_id;
    struct input_source source;
};

/* What configs may name: the inputs of all drive types, and all models; for config_read. */
extern const struct config_types drive_config_types;

/* The drives of one population in name order (the order of all sums), opened. The caller passes
 * them to drives_close. rows: one for each of config->input, read where the type is fed; may be
 * NULL when none is. STATUS_MEMORY or what a type's open returns. */
enum status drives_open(struct drive **out, size_t *count, const struct config *config,
                        size_t population, const struct input_rows *rows, struct error *err);
void drives_close(struct drive *drives, size_t count);

/* How many drives a population has: one for each input and target range of it, or two, where
 * weights of both signs reach different receptors. */
size_t drive_target_count(const struct config *config, size_t population);

/* What the row is multiplied with for one neuron, as the type's `coefficient`; 0 where its sign
 * belongs to another receptor. */
double drive_coefficient(const struct drive *drive, const struct neuron *neuron,
                         const double *value);

/* Does this input's type get its numbers from outside? */
bool drive_is_fed(const struct input_config *input);

/* The `fill` of types that are fed, with rows per neuron. */
void drive_fill_rows(const struct drive *drive, const struct kernels *kernels, void *row,
                     size_t count, uint64_t step, uint64_t first_id);

/* Memory that opening a population's drives takes, in bytes. */
uint64_t drives_bytes(const struct config *config, size_t population);

/* How many arrays of the population's size drives take: numbers of the run's precision, and
 * doubles; `shared` ones have a double for each cell. `membrane`: the neurons differ in what the
 * coefficients of noise depend on. */
struct drive_arrays {
    size_t coefficients, amplitudes, memories, values, shared;
    size_t set_amplitudes, set_values; /* of these that a program may set: state */
};
struct drive_arrays drives_arrays(const struct config *config, size_t population, bool membrane);

/* What an opened drive needs an array for. */
bool drive_needs_coefficients(const struct drive *drive, bool membrane);
bool drive_needs_amplitudes(const struct drive *drive);
bool drive_needs_values(const struct drive *drive);

/* The length of its values for `padded` neurons: of a shared row those of whole groups of cells. */
uint64_t drive_values(const struct drive *drive, uint64_t padded);

/* May a program set its amplitudes, or its values, between two blocks? */
bool drive_sets_amplitudes(const struct drive *drive);
bool drive_sets_values(const struct drive *drive);

/* Whether any of them diffuses. */
bool drives_diffuse(const struct config *config, size_t population);

/* The largest value that a key may have in any neuron: what the type says, else the key. An
 * input_limit (input_draw.h). */
double drive_most(const struct input_config *input, int key);

/* The row of a step for neurons first_id ...; both are multiples of TILE_ALIGN. `scratch` has room
 * for count + 2 TILE_ALIGN numbers. Pure, like `fill`. */
void drive_fill(const struct drive *drive, const struct kernels *kernels, void *row, size_t count,
                uint64_t step, uint64_t first_id, void *scratch);

/* What the `check` of types with a key `common` says where the targets have no copies. */
#define DRIVE_NO_COPIES "= copies needs populations with copies; give the targets copies"

/* What a kernel makes of the common stream; only neuron 0's is used. */
union drive_row_of_common {
    __attribute__((aligned(64))) float single[TILE_ALIGN];
    double full[TILE_ALIGN];
};

/* Standard normals of a step for neurons first_id ... (as kernels.normals), each pair of which has
 * correlation c: row = fma(sqrt(1 - c), private, sqrt(c) common), where `common` is the normal of
 * neuron 0 in the common stream. */
void drive_fill_normals(const struct drive *drive, double correlation,
                        const struct kernels *kernels, void *row, size_t count, uint64_t step,
                        uint64_t first_id);

/* What `current` multiplies for a key in current_keys: its number, or 1 where that is drawn. */
static inline double drive_factor(const struct drive *drive, int key)
{
    return drive->source.drawn >> key & 1 ? 1.0 : drive->input->value[key].number.parameter[0];
}

static inline bool drive_active(const struct drive *drive, uint64_t step)
{
    return step >= drive->input->start_step && step < drive->input->stop_step;
}

/* One line per type: its name here, and drive_NAME in a file of its own. */
#define DRIVE_TYPES(X)                                                                             \
    X(dc)                                                                                          \
    X(step)                                                                                        \
    X(ramp)                                                                                        \
    X(sine)                                                                                        \
    X(pulses)                                                                                      \
    X(file)                                                                                        \
    X(external)                                                                                    \
    X(white_noise)                                                                                 \
    X(ou_noise)                                                                                    \
    X(poisson)                                                                                     \
    X(spikes)

#define DRIVE_DECLARE(name) extern const struct drive_type drive_##name;
DRIVE_TYPES(DRIVE_DECLARE)

#endif
