/* Neuron models. A model is one file, lif.c's like, and one line below
 * (docs/adding-a-model.md): what a step needs of each neuron beside its membrane, what a step
 * changes, and how a step goes. The population makes, pads, plans, copies, saves and frees
 * whatever the tables list.
 *
 * Every model has a membrane, which drives act on and which spikes, releases and bounds are about:
 * its coefficients and its state come first, those of a model's own behind them. Only a model that
 * is a source of spikes has none: no coefficients, no state, but a generator (generator.h). */
#ifndef MEGALIF_MODEL_H
#define MEGALIF_MODEL_H

#include "config/config.h"
#include "kernel/kernel.h"
#include "neuron/membrane.h"

struct generator_type;
struct neuron_rows;
struct neuron_source;

/* A number per neuron that stays the same. */
struct model_coefficient {
    const char *what; /* in the plan of memory */
    bool for_inputs;  /* only asked for where an input acts on the population */

    /* Does it differ between neurons, and so need an array? */
    bool (*varies)(const struct neuron_source *source);

    /* value[rows->count], in double: rounded once when stored. Pure. */
    void (*compute)(double *value, const struct neuron_rows *rows);
};

/* A number per neuron that steps change. */
struct model_state {
    const char *name; /* in a checkpoint: population.NAME.name */
    const char *what; /* in the plan of memory */

    /* value[rows->count] before the first step; NULL: 0. Pure. */
    void (*begin)(double *value, const struct neuron_rows *rows);
};

/* The membrane's coefficients, by their places in field[]; a model's own follow. */
enum model_field {
    MODEL_BIAS,   /* e (E_L - V_th + R I_e) */
    MODEL_DECAY,  /* e = 1 - exp(-dt / tau_m) */
    MODEL_GAIN,   /* e R, mV per pA */
    MODEL_RESET,  /* V_reset - V_th */
    MODEL_FLOOR,  /* V_min - V_th, where V_min is given */
    MODEL_BRIDGE, /* tau_m (1 - P^2) / dt, where crossing = bridge */
    MODEL_OWN_FIELDS,
    MODEL_FIELDS_MOST = 16
};

/* The membrane's state, by its place in state[]; a model's own follow. */
enum {
    MODEL_U, /* u = V - V_th; parked (a NaN) while the neuron is refractory, as no other state is */
    MODEL_OWN_STATES,
    MODEL_STATES_MOST = 8
};

/* Where weights act, by their sign; with one receptor all of them do at the first. */
enum receptor { RECEPTOR_EX, RECEPTOR_IN, RECEPTORS_MOST };

/* What a step of a tile is made from. real is float or double, by the kernels. */
struct model_step {
    const struct kernels *kernels;
    size_t count;              /* neurons: a multiple of TILE_ALIGN */
    const struct field *field; /* [fields] of the tile */
    void *const *state;        /* [states] real[count] */
    struct field d;            /* drift and noise: (1) to (4) of docs/numerics.md */
    void *d_row;               /* real[count]: where more can be added to d; d.data may be it */
    const void *jump[RECEPTORS_MOST]; /* what arrives: real[count], or NULL: nothing */
    const struct noise *noise;        /* made in the step, behind d; or NULL: none */
    uint16_t *group;                  /* out, as of kernels.step */
    uint64_t *crossed;                /* out, as of kernels.step */
};

/* What `from` a recorder's number comes from. */
enum model_source { MODEL_FROM_STATE, MODEL_FROM_DRIFT, MODEL_FROM_JUMPS };

/* What a recorder shows of a neuron: x times + add for the x that is in the arrays. Jumps are those
 * of all receptors. */
struct model_shown {
    double times, add;
    double parked; /* in place of a parked u */
};
struct model_recordable {
    enum model_source from;
    size_t state; /* with MODEL_FROM_STATE: its place in state[] */
    size_t other; /* likewise, of what is added to it; 0: nothing */

    /* Of one neuron, whose `step` is set. NULL: x itself. Pure. */
    struct model_shown (*shown)(const struct neuron *neuron);
};

struct model {
    struct model_type type; /* name, own keys and their check, for the config: the first member */

    /* The model's own; population->field[MODEL_OWN_FIELDS + i] is coefficient[i], likewise state.
     */
    const struct model_coefficient *coefficient;
    size_t coefficient_count;
    const struct model_state *state;
    size_t state_count;
    const struct model_recordable *recordable; /* [i] is how type.recordables[i] is had */

    size_t receptors; /* 1, or RECEPTORS_MOST */

    /* Does its step make model_step.noise? Else all noise is in d. */
    bool makes_noise;

    /* Do LEAP_STEPS of its steps with an unchanged d make kernels.leap's u, and nothing else? */
    bool leaps;

    /* (5), u + J of (6), and the crossings. Own states of parked neurons go on, too. Returns how
     * many groups of 64 neurons are listed. Threads call it for different tiles at once. */
    size_t (*step)(const struct model_step *step);

    /* (8), for own states: neurons ids[count] of the tile have spiked in this step. NULL: nothing
     * changes but u. */
    void (*spiked)(const struct model_step *step, const uint16_t *ids, size_t count);

    /* Of a model that is only a source (type.source_only), in place of all that; else NULL. */
    const struct generator_type *generator;
};

/* The models there are: one line per model, model_NAME of src/neuron/NAME.c. */
#define MODELS(X)                                                                                  \
    X(lif)                                                                                         \
    X(iaf_psc_exp)                                                                                 \
    X(iaf_psc_alpha)                                                                               \
    X(iaf_cond_exp)                                                                                \
    X(iaf_cond_alpha)                                                                              \
    X(poisson)                                                                                     \
    X(external)                                                                                    \
    X(spikes)

#define MODEL_DECLARE(name) extern const struct model model_##name;
MODELS(MODEL_DECLARE)

#endif
