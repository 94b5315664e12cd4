/* A trace: values of chosen neurons of a population at regular steps, taken where they are at hand,
 * while a tile is on its way through a block. In step k that is, for each chosen neuron,
 *   V_m    its membrane potential at k dt, V_reset while it is refractory (mV)
 *   I      the current that is held in step k (pA): that which, held, gives V the drift of this
 *          step, so R I = drift / e - (E_L - V_th): I_e, all currents, and all noises
 *   jumps  what the inputs' jumps of this step add up to (mV)
 * I and jumps are those that arrive, whether or not the neuron is refractory and drops them. */
#ifndef MEGALIF_TRACE_H
#define MEGALIF_TRACE_H

#include "config/config.h"
#include "neuron/model.h"

struct trace {
    const struct model_recordable *recordable; /* what it shows */
    uint64_t start, stop, interval; /* looks in steps start, start + interval, ... before stop */
    uint64_t count;
    uint64_t *ids;              /* [count], ascending */
    struct model_shown *neuron; /* [count]: how each shows it */
    uint64_t tiles;
    uint64_t *in_tile;  /* [tiles + 1]: the first neuron of each tile */
    size_t most;        /* rows there is room for */
    size_t value_bytes; /* 4: float, 8: double */
    void *values;       /* [most][count] of these, of the present block */
    uint64_t from;      /* first step of the present block; steps before it are not looked at */
    uint64_t first_row; /* of the present block, counted from start */
};

/* ids[count]: ascending, of a population whose arrays begin with first_id. rows: the most that a
 * block has; value_bytes: 4 or 8. Uses `threads` threads. STATUS_MEMORY on failure; the
 * caller calls trace_close, also then. */
enum status trace_open(struct trace *out, const struct record_config *record,
                       const struct neuron_source *source, const uint64_t *ids, uint64_t count,
                       uint64_t first_id, size_t tile, uint64_t tiles, size_t rows,
                       size_t value_bytes, int threads, struct error *err);
void trace_close(struct trace *trace);

/* Does it show u? Then neurons can be followed through a leap. */
static inline bool trace_is_of_u(const struct trace *trace)
{
    return trace->recordable->from == MODEL_FROM_STATE && trace->recordable->state == MODEL_U;
}

/* Bytes that trace_open will allocate. */
uint64_t trace_bytes(uint64_t count, uint64_t tiles, size_t rows, size_t value_bytes);

/* How many of the looks come before a step: the number of rows that steps 0 ... step - 1 have. */
uint64_t trace_rows_before(const struct trace *trace, uint64_t step);

/* A block begins at this step: its rows come first in `values`. Steps that are taken again to get
 * back to it leave no rows. */
void trace_begin(struct trace *trace, uint64_t step);

/* The first look in `step` or later; VALUE_FOREVER: none. */
uint64_t trace_next(const struct trace *trace, uint64_t step);

/* The same for one tile: VALUE_FOREVER, too, where none of the chosen neurons is in it. */
uint64_t trace_next_in_tile(const struct trace *trace, uint64_t tile, uint64_t step);

/* What a tile has at hand when a step is about to be made. */
struct trace_view {
    uint64_t tile;
    uint64_t first_id;  /* of its first neuron */
    size_t real_bytes;  /* 4 or 8 */
    void *const *state; /* [states] of the tile */
    struct field drift, jump[RECEPTORS_MOST];
};

/* Takes the values of a tile's chosen neurons, if the trace looks in this step; returns the next
 * step in which it looks there, as trace_next_in_tile(step + 1). Threads may do so for different
 * tiles at once.
 */
uint64_t trace_take(struct trace *trace, const struct trace_view *view, uint64_t step);

/* What the chosen neurons of a tile, and they alone, go through in several steps. */
struct trace_path {
    const void *x; /* real[steps][stride]: one behind the other before each step */
    size_t stride, steps;
};

/* The same for all looks in the steps [step, step + path->steps), of which `look` is the first. */
uint64_t trace_take_path(struct trace *trace, const struct trace_view *view,
                         const struct trace_path *path, uint64_t step, uint64_t look);

#endif
