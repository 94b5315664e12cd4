#include "sonata/raster_scan.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

/* The ends of no simulation lie beyond: [input.NAME] stop's bound. */
bool raster_time_can_be(double ms)
{
    return ms >= 0 && ms <= RASTER_TIME_MOST;
}

static enum status check_times(const struct raster_reader *reader, size_t population,
                               const struct raster_piece *piece, struct error *err)
{
    size_t count;
    for (size_t i = 0; i < piece->rows; i++) {
        if (!raster_time_can_be(piece->times[i]))
            return error_set(err, STATUS_OUTPUT,
                             "%s is damaged: population %s, row %" PRIu64
                             ": time %.10g ms; times go from 0 to %g ms",
                             raster_reader_path(reader),
                             raster_populations(reader, &count)[population].name,
                             piece->first_row + i, piece->times[i], RASTER_TIME_MOST);
    }
    return STATUS_OK;
}

enum status raster_scan(struct raster_reader *reader, size_t population, uint64_t first,
                        uint64_t end,
                        bool (*visit)(const struct raster_piece *piece, void *context),
                        void *context, struct error *err)
{
    uint64_t *ids = malloc(RASTER_PIECE * sizeof *ids);
    double *times = malloc(RASTER_PIECE * sizeof *times);
    enum status status = ids && times ? STATUS_OK : error_no_memory(err, NULL);
    bool more = true;
    /* Pieces start at multiples of their length, as chunks do: each is unpacked once. */
    for (uint64_t row = first; row < end && more && !status;) {
        size_t rows = RASTER_PIECE - (size_t)(row % RASTER_PIECE);
        if (rows > end - row)
            rows = (size_t)(end - row);
        status = raster_read(reader, population, row, rows, ids, times, err);
        const struct raster_piece piece = {row, rows, ids, times};
        if (!status)
            status = check_times(reader, population, &piece, err);
        if (!status)
            more = visit(&piece, context);
        row += rows;
    }
    free(ids);
    free(times);
    return status;
}

bool raster_step(double time, double dt, uint64_t *step)
{
    double steps = time / dt, whole = nearbyint(steps);
    if (!(whole >= 0 && whole < 0x1p63) || fabs(steps - whole) > 1e-3)
        return false;
    *step = (uint64_t)whole;
    return true;
}
