/* megalif run with several configs. */
#ifndef MEGALIF_CMD_RUN_MANY_H
#define MEGALIF_CMD_RUN_MANY_H

#include "cli/cli_options.h"

struct mlif_options;

/* Runs each config of the arguments in a process of its own, one after the other, with the options
 * argv[1] ... of this call. All configs are checked first. A config whose output holds its results
 * already is skipped, unless `options` say force; a run that fails does not stop the others;
 * max_wall_s is the time of all runs together. Returns the exit code. */
int cmd_run_many(const struct cli_syntax *syntax, const struct cli_arguments *arguments,
                 char **argv, const struct mlif_options *options);

#endif
