/* One count from a table by searching: what the kernels do where they do not compare with every
 * threshold, and what drives do whose neurons have tables of their own. Pure, thread-safe. */
#ifndef MEGALIF_KERNEL_COUNTS_H
#define MEGALIF_KERNEL_COUNTS_H

#include "kernel/philox.h"

/* n for a U whose high 16 bits tie with a threshold: 48 more bits, a draw of its own per slot. */
static inline uint32_t counts_settle(const struct counts_table *table, uint32_t high,
                                     struct philox_key key, uint64_t step, uint64_t group,
                                     unsigned slot)
{
    uint32_t word[4];
    philox_draw(word, key, group, (uint16_t)(1 + slot), step);
    uint64_t u = (uint64_t)high << 48 | (uint64_t)word[0] << 16 | word[1] >> 16;
    uint32_t n = table->guide[high >> 4];
    while (n < table->length && table->cdf[n] <= u)
        n++;
    return n;
}

/* n for a U whose high 16 bits are `high`: start where the guide says and search on. */
static inline uint32_t counts_search(const struct counts_table *table, uint32_t high,
                                     struct philox_key key, uint64_t step, uint64_t group,
                                     unsigned slot)
{
    uint32_t n = table->guide[high >> 4];
    while (n < table->length && table->high[n] < high)
        n++;
    if (n < table->length && table->high[n] == high)
        n = counts_settle(table, high, key, step, group, slot);
    return n;
}

#endif
