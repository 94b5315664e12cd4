/* What a run knows of its checkpoints. Private to src/checkpoint, but for `on`, the segments, and
 * the numbers that a report tells. */
#ifndef MEGALIF_CHECKPOINT_HANDLE_H
#define MEGALIF_CHECKPOINT_HANDLE_H

#include "base/digest.h"
#include "checkpoint/checkpoint_folder.h"
#include "checkpoint/checkpoint_reader.h"
#include "checkpoint/spike_segments.h"
#include "checkpoint/trace_segments.h"
#include "comm/comm.h"

/* Whose the files are that stand under the names of the run's outputs. */
struct checkpoint_outputs {
    bool owned;             /* this run's: to be replaced */
    bool replaces;          /* kept in the checkpoint: they stood there when the run began with
                               force, or were found to be this run's */
    struct digest finished; /* of an output that has become the first segment; else all 0 */
};

/* When checkpoints were written, and what each took. */
struct checkpoint_clock {
    double last_at;       /* clock_seconds() of the last checkpoint, or of the start */
    double last_seconds;  /* that it took */
    double longest_block; /* seconds of the engine's longest block */
    uint64_t bytes;       /* of the last checkpoint's file */
    uint64_t written;     /* checkpoints of this process */
    double seconds;       /* that they took, all together */
};

struct checkpoint {
    bool on; /* this run has checkpoints; where it has none, nothing else here is set */
    const struct setup *setup;
    struct checkpoint_folder folder;
    struct checkpoint_reader *reader; /* of the checkpoint to go on from; NULL: none */
    bool saved;                       /* there is a checkpoint, of step safe_step */
    uint64_t safe_step;
    struct spike_segments spikes;
    struct trace_segments traces;
    struct checkpoint_outputs outputs;
    struct checkpoint_clock clock;
};

/* The ranks that share the run; NULL: one process. Where there are several, all of them have a
 * struct checkpoint, but only rank 0, whose setup has an output, has a lock and segments. */
static inline const struct comm *checkpoint_comm(const struct checkpoint *cp)
{
    const struct comm *comm = cp->setup->settings.comm;
    return comm_is_shared(comm) ? comm : NULL;
}

#endif
