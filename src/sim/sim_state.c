#include "sim/sim_state.h"

enum status sim_state_check(const struct mlif_simulation *s, struct error *err)
{
    if (s->state == SIM_FAILED)
        return error_set(err, s->failure,
                         "the simulation has failed before: it can only be closed");
    if (s->state == SIM_FINISHED)
        return error_set(err, STATUS_CONFIG, "the simulation is finished: it can only be read");
    return STATUS_OK;
}
