/* Statistics of populations, for megalif info: what /megalif/populations says beside rate and CV.
 */
#ifndef MEGALIF_INFO_STATISTICS_H
#define MEGALIF_INFO_STATISTICS_H

#include "cli/cli_json.h"
#include "cli/result_file.h"

/* A table, with a line for each population that has any of them; nothing without. */
void info_print_statistics(const struct result_file *file);

/* One member for each of them in the open object of a population; null where it is not there. */
void info_json_statistics(struct cli_json *json, const struct result_file *file,
                          const struct result_population *population);

#endif
