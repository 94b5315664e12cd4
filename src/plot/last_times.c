/* A table of ids with the time of their last spike. */
#include "plot/last_times.h"

#include "base/digest.h"

#include <stdbool.h>
#include <stdlib.h>

enum { SLOTS_AT_FIRST = 1024 };

/* The slot of a key, or the free one that it would take; there is a free one. */
static struct last_time *find(struct last_time *slot, size_t slots, uint64_t key)
{
    size_t at = (size_t)mix64(key) & (slots - 1);
    while (slot[at].key != 0 && slot[at].key != key)
        at = (at + 1) & (slots - 1);
    return &slot[at];
}

static bool grow(struct last_times *t)
{
    size_t slots = t->slots > 0 ? 2 * t->slots : SLOTS_AT_FIRST;
    struct last_time *slot = calloc(slots, sizeof *slot);
    if (!slot)
        return false;
    for (size_t i = 0; i < t->slots; i++)
        if (t->slot[i].key != 0)
            *find(slot, slots, t->slot[i].key) = t->slot[i];
    free(t->slot);
    t->slot = slot;
    t->slots = slots;
    return true;
}

double *last_times_of(struct last_times *t, uint64_t id)
{
    if (t->count >= t->slots / 4 * 3 && !grow(t))
        return NULL;
    struct last_time *found = find(t->slot, t->slots, id + 1);
    t->count += found->key == 0;
    found->key = id + 1;
    return &found->time;
}

void last_times_free(struct last_times *t)
{
    free(t->slot);
    *t = (struct last_times){.slot = NULL};
}
