/* What does not belong to the model: how an engine is to run a config. */
#ifndef MEGALIF_ENGINE_ENGINE_SETTINGS_H
#define MEGALIF_ENGINE_ENGINE_SETTINGS_H

#include "comm/comm.h"
#include "drive/input_rows.h"
#include "kernel/kernel.h"
#include "net/net_settings.h"

enum { ENGINE_BLOCK_MOST = 65536 }; /* steps: a tile's spikes in a block are counted in 32 bits */

struct engine_settings {
    enum isa isa;       /* must be available (kernels_for) */
    int threads;        /* at most so many, >= 1 */
    size_t tile;        /* neurons; 0: chosen; else rounded up to TILE_ALIGN, at most TILE_MOST */
    size_t block;       /* steps; 0: chosen; at most ENGINE_BLOCK_MOST */
    bool record;        /* keep what is needed to read the recorded spikes */
    size_t trace_bytes; /* of a value in the traces of V_m, I and jumps recorders: 4 (float, as in
                           files), 8 (double); 0: no traces */
    const struct input_rows *rows; /* [config->input_count], or NULL: what inputs get from outside;
                                      the caller sets them anew before each engine_advance */
    const struct input_rows *fed;  /* [config->population_count], or NULL: likewise, what
                                      populations get that are only sources */
    const struct comm *comm;       /* the ranks that share the config's neurons, each with
                                      settings of the same tile and block; NULL: it has all */
    const struct net_watch *watch; /* who waits for the synapses; NULL: nobody */
};

#endif
