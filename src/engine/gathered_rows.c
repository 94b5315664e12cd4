#include "engine/gathered_rows.h"

#include <stdlib.h>
#include <string.h>

enum status gathered_rows_open(struct gathered_rows *rows, size_t block, struct error *err)
{
    *rows = (struct gathered_rows){.step = calloc(block + 1, sizeof *rows->step)};
    return rows->step ? STATUS_OK : error_no_memory(err, "for the spikes of all ranks");
}

void gathered_rows_close(struct gathered_rows *rows)
{
    free(rows->ids);
    free(rows->step);
    memset(rows, 0, sizeof *rows);
}

void gathered_rows_begin(struct gathered_rows *rows)
{
    rows->steps = 0;
}

void gathered_rows_begin_step(struct gathered_rows *rows)
{
    rows->steps++;
    rows->step[rows->steps] = rows->step[rows->steps - 1];
}

static enum status reserve(struct gathered_rows *rows, uint64_t count, struct error *err)
{
    const uint64_t needed = rows->step[rows->steps] + count;
    if (needed <= rows->room)
        return STATUS_OK;
    const size_t room = (size_t)(needed + needed / 2);
    uint64_t *ids = realloc(rows->ids, room * sizeof *ids);
    if (!ids)
        return error_no_memory(err, "for the spikes of all ranks");
    rows->ids = ids;
    rows->room = room;
    return STATUS_OK;
}

enum status gathered_rows_add(struct gathered_rows *rows, const struct recorded *recorded,
                              const uint32_t *ids, uint64_t count, uint64_t first,
                              struct error *err)
{
    enum status status = reserve(rows, count, err);
    uint64_t next = rows->step[rows->steps];
    for (uint64_t i = 0; i < count && !status; i++) {
        rows->ids[next] = first + ids[i];
        next += recorded_selects(recorded, rows->ids[next]);
    }
    rows->step[rows->steps] = next;
    return status;
}

uint64_t gathered_rows_count(const struct gathered_rows *rows)
{
    return rows->step[rows->steps];
}

void gathered_rows_read(const struct gathered_rows *rows, uint64_t first, size_t count,
                        const double *time, uint64_t *node_ids, double *timestamps)
{
    size_t k = 0, beyond = rows->steps; /* k: the last step that begins at `first` or before */
    memcpy(node_ids, rows->ids + first, count * sizeof *node_ids);
    while (beyond - k > 1) {
        const size_t middle = k + (beyond - k) / 2;
        if (rows->step[middle] <= first)
            k = middle;
        else
            beyond = middle;
    }
    for (size_t i = 0; i < count; i++) {
        while (first + i >= rows->step[k + 1])
            k++;
        timestamps[i] = time[k];
    }
}
