/* How fast a disk takes what must be safe. */
#ifndef MEGALIF_IO_DISK_SPEED_H
#define MEGALIF_IO_DISK_SPEED_H

#include <stddef.h>

/* Writes `bytes` to a file without a name in the folder of `path` and syncs it: bytes a second. NaN
 * where that cannot be. Leaves nothing. */
double disk_speed_measure(const char *path, size_t bytes);

#endif
