/* Which neurons of a simulation a caller speaks of. */
#ifndef MEGALIF_SIM_RANGE_H
#define MEGALIF_SIM_RANGE_H

#include "base/error.h"
#include "config/config.h"

#include <stddef.h>
#include <stdint.h>

/* STATUS_OK, or STATUS_CONFIG: there is no such population. */
enum status sim_range_population(const struct config *config, size_t population, struct error *err);

/* Likewise, or it does not have neurons begin ... end - 1. */
enum status sim_range_check(const struct config *config, size_t population, uint64_t begin,
                            uint64_t end, struct error *err);

#endif
