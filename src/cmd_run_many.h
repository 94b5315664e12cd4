/* megalif run with several configs. */
#ifndef MEGALIF_CMD_RUN_MANY_H
#define MEGALIF_CMD_RUN_MANY_H

#include "cmd_options.h"

/* Runs each config of the arguments in a process of its own, one after the other, with the options
 * argv[1] ... of this call. All are checked first. One whose output holds its results already is
 * skipped, unless `force`; one that fails does not stop the others. Returns the exit code. */
int cmd_run_many(const struct cmd_syntax *syntax, const struct cmd_arguments *arguments,
                 char **argv, bool force);

#endif
