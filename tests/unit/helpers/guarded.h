/* Memory between two pages that fault: reading or writing one byte too far ends the test. */
#ifndef MEGALIF_TESTS_GUARDED_H
#define MEGALIF_TESTS_GUARDED_H

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum guarded_side { GUARDED_START, GUARDED_END, GUARDED_SIDES };

struct guarded {
    char *map;
    size_t map_bytes;
    void *data;
};

/* `bytes` of memory that touch the page that faults behind (END) or before them (START). */
static inline struct guarded guarded_open(size_t bytes, enum guarded_side side)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), inside = (bytes + page - 1) / page * page;
    struct guarded g = {.map_bytes = inside + 2 * page};
    g.map = mmap(NULL, g.map_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (g.map == MAP_FAILED || mprotect(g.map, page, PROT_NONE) ||
        mprotect(g.map + page + inside, page, PROT_NONE))
        abort();
    g.data = g.map + page + (side == GUARDED_END ? inside - bytes : 0);
    return g;
}

/* From now on writing into it faults, too. */
static inline void guarded_freeze(const struct guarded *g)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    if (mprotect(g->map + page, g->map_bytes - 2 * page, PROT_READ))
        abort();
}

static inline void guarded_close(const struct guarded *g)
{
    munmap(g->map, g->map_bytes);
}

#endif
