/* Times of the clock on the wall, as people write them for batch systems. */
#ifndef MEGALIF_BASE_WALL_TIME_H
#define MEGALIF_BASE_WALL_TIME_H

#include <stdbool.h>

/* "90 s", "10 min", "11h50m", "1 d 2.5 h", "200ms": numbers, each with a unit (d, h, min or m, s,
 * ms), added up to *seconds, which is > 0. False when it is none. Knows no locale. */
bool wall_time_parse(const char *text, double *seconds);

/* "4.5 s", "3 h 12 min" and the like, to be read by wall_time_parse, with the same value for whole
 * milliseconds below 1e6 d. buffer: >= 64 bytes. */
const char *wall_time_format(double seconds, char *buffer);

#endif
