/* What `megalif check` foresees of a sweep's points beyond the first. */
#ifndef MEGALIF_CHECK_POINTS_H
#define MEGALIF_CHECK_POINTS_H

#include "config/sweep.h"

#include <megalif/megalif.h>

#include <stddef.h>
#include <stdint.h>

/* The sweep that a check stands at the beginning of. */
struct check_sweep {
    const struct sweep *sweep;          /* NULL: there is none */
    const struct mlif_options *options; /* of all points */
    size_t seen;                        /* points that were looked at */
    size_t longest;                     /* of these the one that takes longest */
    double longest_s;                   /* NaN: it is not known */
    double all_s;                       /* all points of the sweep, one after the other */
    uint64_t memory_bytes;              /* the most that one of those seen takes */
};

/* The options of a point: `all` with the point's values behind its own. False without memory.
 * check_points_close in any case. */
bool check_points_open(struct mlif_options *point, const struct check_sweep *all, size_t index);
void check_points_close(struct mlif_options *point, const struct check_sweep *all);

/* Fills in seen and what follows from the first point's report and from checks of others: of all,
 * where that takes seconds, else of as many of them, spread over the sweep. The status of a point
 * that cannot be run; then its errors were told. */
enum mlif_status check_points_foresee(struct check_sweep *out,
                                      const struct mlif_check_report *first);

#endif
