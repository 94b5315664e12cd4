/* What memory goes where, before any of it is allocated. */
#ifndef MEGALIF_MEMORY_PLAN_H
#define MEGALIF_MEMORY_PLAN_H

#include <stddef.h>
#include <stdint.h>

struct memory_line {
    const char *what;
    uint64_t bytes;
};
struct memory_plan {
    struct memory_line line[32];
    size_t count;
};

/* Adds bytes to the line that says `what` (a string that outlives the plan); a new one where there
 * is none. The caller adds no more kinds than there is room for. */
void memory_plan_add(struct memory_plan *plan, const char *what, uint64_t bytes);

/* The bytes of all lines. */
uint64_t memory_plan_total(const struct memory_plan *plan);

#endif
