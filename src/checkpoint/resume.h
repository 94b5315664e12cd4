/* Goes on from a checkpoint: everything is checked before anything is computed. */
#ifndef MEGALIF_RESUME_H
#define MEGALIF_RESUME_H

#include "checkpoint/checkpoint_handle.h"

/* Opens the checkpoint of the folder, or the previous one with a warning. cp->reader stays NULL
 * when there is none. Checks everything that can be checked without neurons: STATUS_CHECKPOINT,
 * STATUS_CONFIG with lines in errors, STATUS_OUTPUT, STATUS_MEMORY. */
enum status resume_open(struct checkpoint *cp, struct messages *errors, struct messages *warnings,
                        struct error *err);

/* Opens the checkpoint that rank 0 has opened, for another rank. STATUS_CHECKPOINT,
 * STATUS_MEMORY. */
enum status resume_share(struct checkpoint *cp, struct error *err);

/* Puts a new engine where the checkpoint stands, and refuses files that are not this run's in the
 * place of its outputs. The status is this rank's alone. */
enum status resume_engine(struct checkpoint *cp, struct engine *engine, struct error *err);

/* Gives a new raster writer the rows that no segment has; closes the reader. */
enum status resume_raster(struct checkpoint *cp, struct raster_writer *raster, struct error *err);

/* The config in the checkpoint of an output, for a run that is to end where it stands: its text and
 * the path it came from, both the caller's; *raster: does the run have one? */
enum status resume_config(const char *output, char **text, char **path, bool *raster,
                          struct messages *warnings, struct error *err);

#endif
