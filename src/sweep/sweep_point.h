/* The config of a sweep's point, and who runs it. */
#ifndef MEGALIF_SWEEP_POINT_H
#define MEGALIF_SWEEP_POINT_H

#include "sweep/sweep_run.h"

/* Reads it from the sweep's file again; the caller frees it. NULL when it cannot be had. */
struct config *sweep_point_config(const struct sweep_run *s, size_t point);

/* Which of the tasks 0 .. tasks - 1 (at least 1) runs the point. */
uint64_t sweep_point_task(size_t point, uint64_t tasks);

#endif
