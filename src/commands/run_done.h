/* What a run would give, and whether its output file holds it already. */
#ifndef MEGALIF_RUN_DONE_H
#define MEGALIF_RUN_DONE_H

#include "setup/setup_files.h"

struct mlif_options;

struct run_done {
    const char *config; /* path */
    struct config *read;
    char *output;
    char *failure;            /* of the run that wrote the output; NULL: none */
    uint64_t hash;            /* of the resolved config */
    struct setup_files files; /* that it reads */
};

/* Reads the config, without the files that it names. Closed by run_done_free, also after an error:
 * STATUS_CONFIG, STATUS_MEMORY. */
enum status run_done_read(struct run_done *run, const char *config,
                          const struct mlif_options *options, struct messages *errors);
void run_done_free(struct run_done *run);

/* Does the output hold what this config would give with the files that it reads as they are now,
 * and the raster and traces that are wanted? Then *code is the exit code of the run that wrote it,
 * and run->failure says why where that is not 0. */
bool run_done_before(struct run_done *run, const struct mlif_options *options, int *code);

/* Where the output of the only config holds its results, and no checkpoint stands beside it from
 * which a resumed run would go on: says so and returns the exit code of the run that wrote it; else
 * CLI_GO_ON. */
int cmd_run_done(const struct mlif_options *options, bool quiet, bool json);

#endif
