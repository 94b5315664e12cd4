/* Names of the files in the output directory of a sweep. */
#ifndef MEGALIF_SWEEP_PATHS_H
#define MEGALIF_SWEEP_PATHS_H

#include "sweep/sweep_run.h"

/* Path of a point's output, by its place or its name, or of anything else in the directory; the
 * caller frees it; NULL without memory. */
char *sweep_paths_point(const struct sweep_run *s, size_t point);
char *sweep_paths_output(const struct sweep_run *s, const char *point_name);
char *sweep_paths_file(const struct sweep_run *s, const char *name);

/* Name of this task's table, "table" or "table-task-2-of-8"; name: >= 64 bytes. */
const char *sweep_paths_table_name(const struct sweep_run *s, char *name);

#endif
