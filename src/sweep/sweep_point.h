/* The config of a sweep's point. */
#ifndef MEGALIF_SWEEP_POINT_H
#define MEGALIF_SWEEP_POINT_H

#include "sweep/sweep_run.h"

/* Reads it from the sweep's file again; the caller frees it. NULL when it cannot be had. */
struct config *sweep_point_config(const struct sweep_run *s, size_t point);

#endif
