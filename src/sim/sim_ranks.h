/* A simulation that several processes share (comm/comm.h): what each of them is told. */
#ifndef MEGALIF_SIM_RANKS_H
#define MEGALIF_SIM_RANKS_H

#include "comm/comm.h"
#include "setup/setup.h"

/* Settles for each rank of options->ranks what must be the same in all, and what is its own:
 * threads, tile, block, and who writes. Takes the status of what came before, `errors` what it has
 * said; returns the first rank's that is none of STATUS_OK, in all ranks. Nothing to do for one
 * process. */
enum status sim_ranks_settle(struct setup *setup, const struct mlif_options *options,
                             enum status status, const struct messages *errors, struct error *err);

/* A config from standard input, which rank 0 alone has: becomes the text in all ranks' options. The
 * text is the caller's; NULL, and nothing to do, where there is no such config, or one process.
 * STATUS_CONFIG, STATUS_MEMORY, the same in all. */
enum status sim_ranks_take_config(struct mlif_options *options, char **text,
                                  struct messages *errors, struct error *err);

#endif
