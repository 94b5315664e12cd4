/* The segments of a run with checkpoints become one file. */
#ifndef MEGALIF_SIM_JOIN_H
#define MEGALIF_SIM_JOIN_H

#include "base/error.h"

#include <megalif/megalif.h>

/* Begins the output of a run with checkpoints, with all rows of its segments and of
 * s->record.raster, whose place the new writer takes; the old writer is left to the caller.
 * STATUS_OUTPUT, STATUS_CHECKPOINT, STATUS_MEMORY. */
enum status sim_join(struct mlif_simulation *s, struct error *err);

#endif
