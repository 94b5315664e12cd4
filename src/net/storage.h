/* How the synapses of a projection are kept: what its key `storage` says, or what serves best. */
#ifndef MEGALIF_NET_STORAGE_H
#define MEGALIF_NET_STORAGE_H

#include "config/config.h"

/* Never STORAGE_AUTOMATIC. Pure. */
enum projection_storage storage_of(const struct projection_config *projection);

#endif
