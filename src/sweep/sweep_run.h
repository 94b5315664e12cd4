/* A sweep under way: what its files share. Data alone. */
#ifndef MEGALIF_SWEEP_RUN_H
#define MEGALIF_SWEEP_RUN_H

#include "base/error.h"
#include "config/sweep.h"
#include "io/table.h"

/* What is known of a point. Rows of the table: those kept, failed or done. */
enum point_state {
    POINT_ELSEWHERE, /* another task's */
    POINT_KEPT,      /* likewise, but was ours in a shorter sweep: its row stays in our table */
    POINT_TO_DO,
    POINT_FAILED, /* now or in an earlier sweep, which is tried again */
    POINT_DONE    /* its output is whole, be it that max_rate ended it (exit code 7) */
};

struct sweep_run {
    struct sweep *sweep;
    const char *config; /* path */
    const char *const *overrides;
    size_t override_count;
    char *directory;
    uint64_t task, tasks; /* point p is ours when p mod tasks == task */
    bool force;
    struct table table;      /* a row for each point */
    enum point_state *state; /* [points] */
    size_t first_result;     /* column of the first result, behind the parameters */
};

#endif
