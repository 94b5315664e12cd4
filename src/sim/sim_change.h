/* What a file says of a run that a program has changed on its way. */
#ifndef MEGALIF_SIM_CHANGE_H
#define MEGALIF_SIM_CHANGE_H

#include "base/error.h"
#include "engine/engine.h"

/* Warns that the config alone does not give the run again, where that is so. */
void sim_change_warn(const struct engine *engine, struct messages *warnings);

#endif
