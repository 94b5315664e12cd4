/* What is said of a sweep at its end: how many of its points are done, what is missing, and all of
 * it as JSON. */
#ifndef MEGALIF_SWEEP_SUMMARY_H
#define MEGALIF_SWEEP_SUMMARY_H

#include "sweep/sweep_run.h"

#include <stdbool.h>

/* Points of this task; first: that failed, SIZE_MAX: none. */
struct sweep_counts {
    size_t share, failed, missing, first;
};
struct sweep_counts sweep_summary_count(const struct sweep_run *s);

/* Names the points that have no row, on standard error; how many these are. */
size_t sweep_summary_missing(const struct sweep_run *s);

/* "0-2,5": the tasks that are to be run again, as sbatch --array takes them; on standard error. */
void sweep_summary_tasks(const struct sweep_run *s);

/* One document on standard output. done_before: points that are done, not failed, and that
 * this call had not to run. */
void sweep_summary_json(const struct sweep_run *s, size_t done_before, bool collects, int code);

#endif
