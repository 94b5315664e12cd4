/* What `check` says of projections. */
#ifndef MEGALIF_SIM_CHECK_NETWORK_H
#define MEGALIF_SIM_CHECK_NETWORK_H

#include "setup/setup.h"

/* Fills the report's projections and times, and adds warnings: of weights that lose too much when
 * they are rounded, of populations with synapses of both signs. Rates must be there. STATUS_MEMORY.
 */
enum status sim_check_network(const struct setup *setup, struct mlif_check_report *report,
                              struct messages *warnings, struct error *err);

#endif
