/* Names of the files in the output directory of a sweep. */
#include "sweep/sweep_paths.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *sweep_paths_file(const struct sweep_run *s, const char *name)
{
    size_t size = strlen(s->directory) + strlen(name) + 2;
    char *path = malloc(size);
    if (path)
        snprintf(path, size, "%s/%s", s->directory, name);
    return path;
}

char *sweep_paths_output(const struct sweep_run *s, const char *point_name)
{
    char name[256];
    snprintf(name, sizeof name, "%s.h5", point_name);
    return sweep_paths_file(s, name);
}

char *sweep_paths_point(const struct sweep_run *s, size_t point)
{
    return sweep_paths_output(s, s->sweep->point[point].name);
}

const char *sweep_paths_table_name(const struct sweep_run *s, char *name)
{
    if (s->tasks == 1)
        snprintf(name, 64, "table");
    else
        snprintf(name, 64, "table-task-%" PRIu64 "-of-%" PRIu64, s->task, s->tasks);
    return name;
}
