/* The report of a simulation, at any time between mlif_open and mlif_close. */
#ifndef MEGALIF_SIM_REPORT_H
#define MEGALIF_SIM_REPORT_H

#include "base/error.h"

#include <megalif/megalif.h>

/* mlif_read_report with an error as a value: STATUS_MEMORY. On error nothing is left to free. */
enum status sim_report_fill(const struct mlif_simulation *simulation, struct mlif_report *report,
                            struct error *err);

#endif
