/* megalif check --json. */
#ifndef MEGALIF_CHECK_JSON_H
#define MEGALIF_CHECK_JSON_H

#include "commands/check_points.h"

#include <megalif/megalif.h>

/* Hours, minutes and megabytes to ask Slurm for. A node may be slower than this one, or busy: twice
 * the time, and a minute. A fifth more memory, for what the libraries take. Of a sweep: for the
 * point that takes longest, and as much memory as any of those seen. */
struct check_slurm {
    char time[24]; /* "01:05:00" */
    double memory_MB;
};
struct check_slurm check_slurm_of(const struct mlif_check_report *report,
                                  const struct check_sweep *sweep);

/* The same for the jobs of configs/slurm/array.sbatch, of `cores` each, in which every point has
 * one core. A point takes there at most `threads` times what it takes with so many threads. Of a
 * sweep that was looked at. */
struct check_array {
    struct check_slurm core; /* time: of a job */
    unsigned long long jobs, cores;
};
struct check_array check_array_of(const struct mlif_check_report *report,
                                  const struct check_sweep *sweep);

/* One document on standard output, of a report with a resolved config; it ends with what
 * cli_errors.h has kept. config: its path. */
void check_json(const char *config, const struct mlif_check_report *report,
                const struct check_sweep *sweep, int exit_code);

#endif
