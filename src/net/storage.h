/* How the synapses of a projection are kept: what its key `storage` says, or what serves best. */
#ifndef MEGALIF_NET_STORAGE_H
#define MEGALIF_NET_STORAGE_H

#include "config/config.h"

#include <stdbool.h>
#include <stddef.h>

enum { STORAGE_LINE = 64 }; /* bytes */

/* Never STORAGE_AUTOMATIC; of the config alone, so that it is known before anything is made. Pure.
 */
enum projection_storage storage_of(const struct projection_config *projection);

/* The config's word for it. */
const char *storage_word(enum projection_storage storage);

/* Whether a pair may have several synapses. Pure. */
bool storage_has_copies(const struct projection_config *projection);

/* Bytes of a row of bits, one for each of so many targets: whole lines of a cache, and never so
 * many that all rows come to few of its sets. Pure. */
size_t storage_row_bytes(uint64_t targets);

#endif
