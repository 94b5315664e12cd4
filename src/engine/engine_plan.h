/* What an engine will be like, settled from config and settings before anything is allocated. */
#ifndef MEGALIF_ENGINE_ENGINE_PLAN_H
#define MEGALIF_ENGINE_ENGINE_PLAN_H

#include "engine/engine.h"

int engine_plan_threads(const struct config *config, const struct engine_settings *settings);
size_t engine_plan_tile(const struct config *config, const struct engine_settings *settings);
size_t engine_plan_block(const struct config *config, const struct engine_settings *settings);

/* Whether a population's spikes are kept until a block's end; else only until their tile's. */
bool engine_plan_keeps_spikes(const struct config *config, const struct engine_settings *settings,
                              size_t population);

struct population_settings engine_plan_population(const struct config *config,
                                                  const struct engine_settings *settings);

#endif
