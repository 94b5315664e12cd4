#include "sonata/edges_by_source.h"

#include "base/memory.h"
#include "io/hdf5_open.h"
#include "sonata/edges_index.h"

#include <stdlib.h>

/* The sources that a pass takes, and the numbers of their edges, source by source. */
struct pass {
    uint64_t begin, end;
    uint64_t count;  /* of all their edges */
    uint64_t *edge;  /* [room] */
    uint64_t *where; /* [sources]: of each, where its next number goes */
    uint64_t room;
};

static uint64_t greatest_degree(const struct edges_by_source *by)
{
    uint64_t most = 1;
    for (uint64_t s = 0; s < by->sources; s++)
        most = by->degree[s] > most ? by->degree[s] : most;
    return most;
}

static bool allocate(const struct edges_by_source *by, struct pass *pass)
{
    uint64_t most = greatest_degree(by), room = by->bytes / sizeof *pass->edge;
    room = room > by->edges ? by->edges : room;
    pass->room = room > most ? room : most;
    pass->edge = memory_alloc(pass->room * sizeof *pass->edge);
    pass->where = memory_alloc((by->sources + 1) * sizeof *pass->where);
    return pass->edge && pass->where;
}

static void choose_sources(const struct edges_by_source *by, struct pass *pass)
{
    pass->begin = pass->end;
    pass->count = 0;
    while (pass->end < by->sources && by->degree[pass->end] <= pass->room - pass->count) {
        pass->where[pass->end] = pass->count;
        pass->count += by->degree[pass->end++];
    }
}

static void take(const uint64_t *source, size_t count, uint64_t first, struct pass *pass)
{
    for (size_t i = 0; i < count; i++)
        if (source[i] >= pass->begin && source[i] < pass->end)
            pass->edge[pass->where[source[i]]++] = first + i;
}

static herr_t read_column(const struct edges_by_source *by, struct pass *pass)
{
    herr_t result = 0;
    uint64_t *source = malloc(GROWN_CHUNK * sizeof *source);
    if (!source)
        return -1;
    for (hsize_t first = 0; first < by->edges && result >= 0 && pass->count > 0;
         first += GROWN_CHUNK) {
        hsize_t left = by->edges - first, count = left < GROWN_CHUNK ? left : GROWN_CHUNK;
        hid_t memory = H5Screate_simple(1, &count, NULL);
        result = hdf5_read_box(by->source, H5T_NATIVE_UINT64, memory, &first, &count, source);
        H5Sclose(memory);
        if (result >= 0)
            take(source, (size_t)count, first, pass);
    }
    free(source);
    return result;
}

static herr_t write_pass(const struct edges_by_source *by, const struct pass *pass,
                         struct edges_index *index)
{
    uint64_t at = 0;
    for (uint64_t s = pass->begin; s < pass->end; s++)
        for (uint64_t i = 0; i < by->degree[s]; i++)
            if (edges_index_add(index, s, pass->edge[at++]) < 0)
                return -1;
    return 0;
}

static herr_t write_passes(const struct edges_by_source *by, struct pass *pass,
                           struct edges_index *index)
{
    while (pass->end < by->sources) {
        choose_sources(by, pass);
        if (read_column(by, pass) < 0 || write_pass(by, pass, index) < 0)
            return -1;
    }
    return edges_index_close(index, by->sources);
}

herr_t edges_by_source_write(struct edges_by_source *by)
{
    struct pass pass = {.begin = 0};
    struct edges_index index;
    herr_t result =
        edges_index_create(&index, by->indices, "source_to_target", by->deflate, &by->memory);
    by->memory = by->memory && allocate(by, &pass);
    if (result >= 0)
        result = by->memory ? write_passes(by, &pass, &index) : -1;
    edges_index_free(&index);
    memory_free(pass.edge, pass.room * sizeof *pass.edge);
    memory_free(pass.where, (by->sources + 1) * sizeof *pass.where);
    return result;
}
