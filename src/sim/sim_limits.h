/* Limits in words: why a run ended early, and what on_max_rate = warn has to say. */
#ifndef MEGALIF_SIM_LIMITS_H
#define MEGALIF_SIM_LIMITS_H

#include "engine/engine.h"

/* Why the run ended before its duration; empty when it did not, or has not yet. STATUS_RANGE when a
 * population fired above max_rate. */
enum status sim_limits_why(const struct config *config, const struct engine *engine, char *text,
                           size_t size);

/* A warning for each population above max_rate in a rate bin, with on_max_rate = warn. */
void sim_limits_warn(const struct config *config, const struct engine *engine,
                     struct messages *warnings);

#endif
