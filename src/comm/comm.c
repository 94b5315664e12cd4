/* What ranks agree on, from the exchanges of the table. */
#include "comm/comm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SAME_BYTES = 256 };

/* Memory for a few bytes of each rank: without it there is no agreeing on anything. */
static void *for_all(const struct comm *comm, size_t bytes)
{
    void *all = calloc((size_t)comm->ranks, bytes);
    if (!all)
        comm->calls->abort(STATUS_MEMORY);
    return all;
}

/* What this rank has to say, and from where. */
static void sign(const struct comm *comm, const struct error *err, struct error *out)
{
    char host[128] = "";
    gethostname(host, sizeof host - 1);
    *out = *err;
    if (comm->rank > 0)
        error_set(out, err->status, "rank %d on %s: %s", comm->rank, host, err->text);
}

enum status comm_agree(const struct comm *comm, enum status status, struct error *err)
{
    if (!comm_is_shared(comm))
        return status;
    uint64_t *all = for_all(comm, sizeof *all), own = (uint64_t)status;
    int first = 0;
    comm->calls->allgather(&own, sizeof own, all);
    while (first < comm->ranks && all[first] == STATUS_OK)
        first++;
    if (first == comm->ranks) {
        free(all);
        return STATUS_OK;
    }
    struct error *errors = for_all(comm, sizeof *errors), mine = {status, ""};
    if (status)
        sign(comm, err, &mine);
    mine.status = status;
    comm->calls->allgather(&mine, sizeof mine, errors);
    status = errors[first].status;
    if (err)
        *err = errors[first];
    free(errors);
    free(all);
    return status;
}

uint64_t comm_least(const struct comm *comm, uint64_t value)
{
    if (!comm_is_shared(comm))
        return value;
    uint64_t *all = for_all(comm, sizeof *all);
    comm->calls->allgather(&value, sizeof value, all);
    for (int r = 0; r < comm->ranks; r++)
        value = all[r] < value ? all[r] : value;
    free(all);
    return value;
}

uint64_t comm_of_first(const struct comm *comm, uint64_t value)
{
    return comm_least(comm, comm_rank(comm) == 0 ? value : UINT64_MAX);
}

void comm_copy_first(const struct comm *comm, const void *own, uint64_t bytes, void *all)
{
    uint64_t *each = for_all(comm, sizeof *each);
    each[0] = bytes;
    comm->calls->allgather_each(own, each, all);
    free(each);
}

void comm_sum(const struct comm *comm, uint64_t *values, size_t count)
{
    if (comm_is_shared(comm) && count > 0)
        comm->calls->sum(values, count);
}

void comm_make_room(const struct comm *comm, void **buffer, size_t *room, size_t bytes)
{
    if (bytes <= *room)
        return;
    free(*buffer);
    *room = bytes + bytes / 2;
    *buffer = malloc(*room);
    if (!*buffer)
        comm->calls->abort(STATUS_MEMORY);
}

int comm_count_same(const struct comm *comm, const void *own, size_t bytes)
{
    char mine[SAME_BYTES] = {0};
    int same = 0;
    if (!comm_is_shared(comm))
        return 1;
    memcpy(mine, own, bytes < sizeof mine ? bytes : sizeof mine);
    char *all = for_all(comm, sizeof mine);
    comm->calls->allgather(mine, sizeof mine, all);
    for (int r = 0; r < comm->ranks; r++)
        same += memcmp(all + (size_t)r * sizeof mine, mine, sizeof mine) == 0;
    free(all);
    return same;
}
