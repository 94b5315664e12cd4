/* A simulation that several processes share (comm/comm.h): what each of them is told, and what they
 * do not do together yet. */
#ifndef MEGALIF_SIM_RANKS_H
#define MEGALIF_SIM_RANKS_H

#include "comm/comm.h"
#include "setup/setup.h"

/* Settles for each rank of options->ranks what must be the same in all, and what is its own:
 * threads, tile, block, and who writes. Takes the status of what came before, `errors` what it has
 * said; returns the first rank's that is none of STATUS_OK, in all ranks. STATUS_CONFIG for what
 * ranks do not do. Nothing to do for one process. */
enum status sim_ranks_settle(struct setup *setup, const struct mlif_options *options,
                             enum status status, const struct messages *errors, struct error *err);

#endif
