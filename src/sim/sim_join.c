/* The end of a run with checkpoints: its segments become one file, as if it had been one from the
 * beginning. Chunks are copied as they lie; only the last of each population is packed. */
#include "sim/sim_join.h"

#include "sim/sim_handle.h"

#include <stdlib.h>
#include <string.h>

struct rest {
    const uint64_t *node_ids;
    const double *timestamps;
};

static void copy_rest(const void *context, uint64_t first, size_t rows, uint64_t *node_ids,
                      double *timestamps)
{
    const struct rest *rest = context;
    memcpy(node_ids, rest->node_ids + first, rows * sizeof *node_ids);
    memcpy(timestamps, rest->timestamps + first, rows * sizeof *timestamps);
}

static enum status copy_segments(const struct checkpoint *cp, struct raster_writer *to,
                                 struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t s = 0; !status && s < cp->segment_count; s++) {
        const struct raster_segment segment = checkpoint_segment(cp, s);
        char *path = checkpoint_path(cp, s);
        status = path ? raster_append_segment(to, path, &segment, err)
                      : error_set(err, STATUS_MEMORY, "no memory to join segments");
        free(path);
    }
    return status;
}

static enum status copy_rests(const struct checkpoint *cp, struct raster_writer *from,
                              struct raster_writer *to, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; !status && i < cp->recorded_count; i++) {
        struct rest rest = {NULL, NULL};
        size_t rows = raster_rest(from, i, &rest.node_ids, &rest.timestamps);
        status = raster_append(to, i, rows, copy_rest, &rest, err);
    }
    return status;
}

enum status sim_join(struct mlif_simulation *s, struct error *err)
{
    const struct checkpoint *cp = &s->checkpoint;
    struct raster_writer *from = s->record.raster;
    enum status status = output_spikes_open_whole(&s->record, cp->owns_output, err);
    if (!status)
        status = copy_segments(cp, s->record.raster, err);
    if (!status)
        status = copy_rests(cp, from, s->record.raster, err);
    return status ? status : sim_join_traces(cp, &s->traces, err);
}
