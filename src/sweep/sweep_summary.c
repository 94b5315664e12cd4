#include "sweep/sweep_summary.h"

#include "cli/cli_errors.h"
#include "cli/cli_json.h"
#include "sweep/sweep_folder.h"
#include "sweep/sweep_json.h"
#include "sweep/sweep_paths.h"
#include "sweep/sweep_table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct sweep_counts sweep_summary_count(const struct sweep_run *s)
{
    struct sweep_counts c = {.first = SIZE_MAX};
    for (size_t i = 0; i < s->sweep->point_count; i++) {
        c.share += s->state[i] != POINT_ELSEWHERE && s->state[i] != POINT_KEPT;
        c.missing += s->state[i] == POINT_TO_DO;
        if (sweep_table_has_failed(s, i) && c.failed++ == 0)
            c.first = i;
    }
    return c;
}

size_t sweep_summary_missing(const struct sweep_run *s)
{
    size_t missing = 0;
    for (size_t i = 0; i < s->sweep->point_count; i++) {
        if (s->state[i] != POINT_TO_DO)
            continue;
        fprintf(stderr, "megalif sweep: missing: point %zu, %s\n", i, s->sweep->point[i].name);
        missing++;
    }
    return missing;
}

static bool task_is_incomplete(const struct sweep_run *s, uint64_t task, uint64_t tasks)
{
    bool found = false;
    for (uint64_t p = task; p < s->sweep->point_count && !found; p += tasks)
        found = s->state[p] != POINT_DONE;
    return found;
}

void sweep_summary_tasks(const struct sweep_run *s)
{
    uint64_t tasks = sweep_folder_tasks(s);
    const char *before = "megalif sweep: to be run again: --task I/N with I = ";
    for (uint64_t first = 0, end; first < tasks; first = end + 1) {
        for (end = first; end < tasks && task_is_incomplete(s, end, tasks); end++)
            ;
        if (end == first)
            continue;
        fprintf(stderr, "%s%" PRIu64, before, first);
        if (end > first + 1)
            fprintf(stderr, "-%" PRIu64, end - 1);
        before = ",";
    }
    if (*before == ',')
        fprintf(stderr, " of N = %" PRIu64 "\n", tasks);
}

static void json_tasks(struct cli_json *json, const struct sweep_run *s)
{
    uint64_t tasks = sweep_folder_tasks(s);
    cli_json_u64(json, "tasks", tasks);
    cli_json_open(json, "incomplete_tasks", '[');
    for (uint64_t task = 0; task < tasks; task++)
        if (task_is_incomplete(s, task, tasks))
            cli_json_u64(json, NULL, task);
    cli_json_close(json, ']');
}

void sweep_summary_json(const struct sweep_run *s, size_t done_before, bool collects, int code)
{
    struct cli_json json = {0, false};
    struct sweep_counts counts = sweep_summary_count(s);
    char name[64], table[80];
    snprintf(table, sizeof table, "%s.csv", sweep_paths_table_name(s, name));
    char *path = sweep_paths_file(s, table);
    cli_json_open(&json, NULL, '{');
    cli_json_text(&json, "config", s->config);
    cli_json_text(&json, "directory", s->directory);
    cli_json_text(&json, "table", path);
    cli_json_u64(&json, "points", counts.share);
    cli_json_u64(&json, "done", counts.share - counts.failed - counts.missing);
    cli_json_u64(&json, "done_before", done_before);
    cli_json_u64(&json, "failed", counts.failed);
    cli_json_u64(&json, "missing", counts.missing);
    if (collects)
        json_tasks(&json, s);
    sweep_json_table(&json, s);
    cli_errors_json(&json, code);
    cli_json_close(&json, '}');
    free(path);
}
