/* Statistics of populations, for megalif info: tables beside that of rates. */
#ifndef MEGALIF_INFO_STATISTICS_H
#define MEGALIF_INFO_STATISTICS_H

#include "cli/result_statistics.h"

/* Tables, with a line for each population that has any of them; nothing without. statistics: of
 * each population of the file. */
void info_print_statistics(const struct result_file *file,
                           const struct result_statistics *statistics);

#endif
