/* The inverse cumulative Poisson distribution as thresholds for 64-bit uniform numbers. */
#ifndef MEGALIF_POISSON_TABLE_H
#define MEGALIF_POISSON_TABLE_H

#include "base/error.h"
#include "kernel/kernel.h"

struct poisson_table {
    struct counts_table counts; /* for kernels.counts; points into this object's memory */
    uint64_t *cdf;
    uint16_t *high;
    uint16_t guide[4096];
};

/* mean in (0, 1e3]. The distribution of counts differs from Poisson's by less than 2^-40 in total
 * variation. The caller calls poisson_table_close. STATUS_MEMORY on failure. */
enum status poisson_table_open(struct poisson_table **out, double mean, struct error *err);

/* The greatest count of any table of a mean up to this one. Pure. */
uint32_t poisson_table_most(double mean);

/* The memory of a table, in bytes. */
uint64_t poisson_table_bytes(double mean);

/* The same of a binomial distribution: so many trials (>= 1) with a chance in (0, 1] each. */
enum status poisson_table_open_binomial(struct poisson_table **out, uint32_t trials, double chance,
                                        struct error *err);

void poisson_table_close(struct poisson_table *table);

#endif
