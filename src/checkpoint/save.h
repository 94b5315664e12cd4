/* Writes checkpoints: closes what is being written and saves the state of the engine beside it. */
#ifndef MEGALIF_SAVE_H
#define MEGALIF_SAVE_H

#include "checkpoint/checkpoint_handle.h"

/* Is all still there that the next checkpoint will name, in a folder that is this run's? Others may
 * have removed it. STATUS_OUTPUT, STATUS_BUSY, STATUS_MEMORY. */
enum status save_check(const struct checkpoint *cp, struct error *err);

/* Closes the present segments and writes a checkpoint; nothing when there is one of this step.
 * Where there are several ranks, all call it and get one status: rank 0 writes, what the others
 * have is gathered piece by piece. STATUS_OUTPUT, STATUS_MEMORY; what was safe before stays so. */
enum status save_checkpoint(struct checkpoint *cp, struct engine *engine,
                            struct raster_writer *raster, struct output_traces *traces,
                            struct error *err);

/* The segments are one file now, the output: writes a checkpoint that says so and removes them; or
 * removes the whole folder, if the config wants it so. All ranks call it, and the status is of this
 * one. checksum: of the output's whole chunks. */
enum status save_settled(struct checkpoint *cp, struct engine *engine,
                         const struct raster_writer *raster, uint64_t checksum,
                         const struct output_traces *traces, struct error *err);

/* Removes from the folder what its checkpoint does not list. STATUS_OUTPUT. */
enum status save_clean(const struct checkpoint *cp, struct error *err);

#endif
