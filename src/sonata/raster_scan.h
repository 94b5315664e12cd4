/* Goes through the rows of a spike file piece by piece. */
#ifndef MEGALIF_RASTER_SCAN_H
#define MEGALIF_RASTER_SCAN_H

#include "sonata/raster_reader.h"

enum { RASTER_PIECE = 65536 }; /* rows read at a time */
#define RASTER_TIME_MOST 1e18  /* ms: no run ends later */

/* Consecutive rows: first_row, first_row + 1, ... of a population. */
struct raster_piece {
    uint64_t first_row;
    size_t rows;
    const uint64_t *ids;
    const double *times; /* ms */
};

/* Reads rows [first, end) of a population. visit may return false to stop. A time that is negative,
 * above RASTER_TIME_MOST or not a number is STATUS_OUTPUT. */
enum status raster_scan(struct raster_reader *reader, size_t population, uint64_t first,
                        uint64_t end,
                        bool (*visit)(const struct raster_piece *piece, void *context),
                        void *context, struct error *err);

/* Can a simulation have this time (ms)? Not NaN. */
bool raster_time_can_be(double ms);

/* The step whose time this is, by dt in ms: false when it is none (further than a thousandth of a
 * step from any). */
bool raster_step(double time, double dt, uint64_t *step);

#endif
