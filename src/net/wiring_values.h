/* Weights and delays of synapses. */
#ifndef MEGALIF_NET_WIRING_VALUES_H
#define MEGALIF_NET_WIRING_VALUES_H

#include "net/wiring_private.h"

/* The values of synapses first ... first + count - 1 of a tile, in the distribution's unit; first
 * is a multiple of WIRING_BATCH, count at most that. */
void wiring_values(double *value, const struct wiring *wiring, const struct distribution *from,
                   struct philox_key key, uint64_t tile, uint64_t first, size_t count);

/* A delay in steps: floor(delay / dt + 1/2), at least 1. */
uint32_t wiring_delay_steps(double delay, double dt);

#endif
