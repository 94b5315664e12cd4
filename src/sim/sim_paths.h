/* What a run may write: never what it reads, and no files of an earlier run without being told. */
#ifndef MEGALIF_SIM_PATHS_H
#define MEGALIF_SIM_PATHS_H

#include "setup/setup.h"

/* Refuses an output that is the config or one of these files, whatever it is called: STATUS_OUTPUT.
 * Creates nothing. */
enum status sim_paths_keep(const char *path, const struct config *config,
                           const struct setup_files *files, struct error *err);

/* Could this run write its output, traces and checkpoints? Not over what it reads; over earlier
 * results only with force: STATUS_OUTPUT. Creates nothing. A resumed run knows its own files:
 * checkpoint_open looks at them. */
enum status sim_paths_check(const struct setup *setup, struct error *err);

#endif
