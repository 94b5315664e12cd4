/* The report of a run for programs. */
#ifndef MEGALIF_CLI_REPORT_JSON_H
#define MEGALIF_CLI_REPORT_JSON_H

#include <megalif/megalif.h>

/* One object on standard output. Reads the output file for the statistics of its populations; where
 * that fails they are null, and standard error says why. */
void cli_report_json(const struct mlif_report *report, const struct mlif_messages *warnings);

#endif
