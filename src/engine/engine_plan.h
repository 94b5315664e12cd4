/* What an engine will be like, settled from config and settings before anything is allocated. */
#ifndef MEGALIF_ENGINE_ENGINE_PLAN_H
#define MEGALIF_ENGINE_ENGINE_PLAN_H

#include "base/memory_plan.h"
#include "engine/engine_settings.h"
#include "net/net.h"
#include "population/population.h"

/* The memory engine_open will take, line by line. */
void engine_plan(struct memory_plan *plan, const struct config *config,
                 const struct engine_settings *settings);

/* Threads (no more than have work), neurons in a tile, steps in a block. */
int engine_plan_threads(const struct config *config, const struct engine_settings *settings);
size_t engine_plan_tile(const struct config *config, const struct engine_settings *settings);
size_t engine_plan_block(const struct config *config, const struct engine_settings *settings);

/* Whether a population's spikes are kept until a block's end; else only until their tile's. */
bool engine_plan_keeps_spikes(const struct config *config, const struct engine_settings *settings,
                              size_t population);

enum { COPY_BLOCKS = 16 }; /* between two copies of the state, where there are limits */

struct net_settings engine_plan_network(const struct config *config,
                                        const struct engine_settings *settings);

struct population_settings engine_plan_population(const struct config *config,
                                                  const struct engine_settings *settings,
                                                  size_t population);

/* The neurons that an engine of these settings has. */
struct part engine_plan_part(const struct engine_settings *settings);

/* Has this population a counts recorder? */
bool engine_has_counts(const struct config *config, size_t population);

#endif
