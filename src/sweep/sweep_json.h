/* A sweep's points for megalif sweep --json: the rows of its table. */
#ifndef MEGALIF_SWEEP_JSON_H
#define MEGALIF_SWEEP_JSON_H

#include "cli/cli_json.h"
#include "sweep/sweep_run.h"

/* "columns", a list of names and units, and "rows", an object of these names for each point that is
 * this task's, with its "state" besides: "done", "failed" or "missing". Numbers that are not there
 * are null. */
void sweep_json_table(struct cli_json *json, const struct sweep_run *s);

#endif
