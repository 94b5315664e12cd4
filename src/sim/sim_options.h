/* Options as a caller has them, who may have been compiled against another version. */
#ifndef MEGALIF_SIM_OPTIONS_H
#define MEGALIF_SIM_OPTIONS_H

#include "base/error.h"

#include <megalif/megalif.h>

/* Copies what the caller has, with defaults for what it does not know. STATUS_CONFIG: its structs
 * are not those of this library; then nothing of the caller's may be written but messages. */
enum status sim_options_take(struct mlif_options *own, const struct mlif_options *given,
                             struct error *err);

#endif
