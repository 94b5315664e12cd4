/* What memory goes where, before any of it is allocated. */
#ifndef MEGALIF_MEMORY_PLAN_H
#define MEGALIF_MEMORY_PLAN_H

#include <stddef.h>
#include <stdint.h>

struct memory_line {
    const char *what;
    uint64_t bytes;
};
enum {
    MEMORY_PLAN_MOST = 128 /* lines; all that all models, inputs and recorders add are some 60 */
};

struct memory_plan {
    struct memory_line line[MEMORY_PLAN_MOST];
    size_t count;
};

/* Adds bytes to the line that says `what` (a string that outlives the plan); a new one where there
 * is none, and where all lines but one are taken, the last, which says "all else". */
void memory_plan_add(struct memory_plan *plan, const char *what, uint64_t bytes);

/* The bytes of all lines. */
uint64_t memory_plan_total(const struct memory_plan *plan);

#endif
