/* Whether a simulation can be stepped, changed or finished. */
#ifndef MEGALIF_SIM_STATE_H
#define MEGALIF_SIM_STATE_H

#include "sim/sim_handle.h"

/* STATUS_OK if it can still be stepped or finished. */
enum status sim_state_check(const struct mlif_simulation *simulation, struct error *err);

#endif
