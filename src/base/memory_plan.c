/* What memory goes where: a line for each kind of thing. */
#include "base/memory_plan.h"

#include <string.h>

void memory_plan_add(struct memory_plan *plan, const char *what, uint64_t bytes)
{
    size_t i = 0;
    while (i < plan->count && strcmp(plan->line[i].what, what) != 0)
        i++;
    if (i == MEMORY_PLAN_MOST)
        i--;
    else if (i == plan->count)
        plan->line[plan->count++] =
            (struct memory_line){i == MEMORY_PLAN_MOST - 1 ? "all else" : what, 0};
    plan->line[i].bytes += bytes;
}

uint64_t memory_plan_total(const struct memory_plan *plan)
{
    uint64_t total = 0;
    for (size_t i = 0; i < plan->count; i++)
        total += plan->line[i].bytes;
    return total;
}
