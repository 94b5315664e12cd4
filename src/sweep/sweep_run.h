/* A sweep under way: what the files cmd_sweep*.c share. */
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

/* ---- sweep_table.c: the table's columns, and the row of a point */

/* Fills table and state, all points TO_DO. STATUS_MEMORY. */
enum status sweep_run_begin_table(struct sweep_run *s, struct error *err);

/* The point's row from its output file: STATUS_OK and DONE; STATUS_CONFIG when the file is of
 * another config or arithmetic; STATUS_OUTPUT when it cannot be read. */
enum status sweep_run_row_of_file(struct sweep_run *s, size_t point, const char *path,
                                  struct error *err);

/* The row of a failed point. */
void sweep_run_row_of_failure(struct sweep_run *s, size_t point, int code, double seconds);

/* Whether the row of a point has an exit code other than 0. */
bool sweep_run_has_failed(const struct sweep_run *s, size_t point);

/* Takes over the rows of a table written earlier, this task's or another's, that are of a point
 * with the same name and config. STATUS_OUTPUT when it is of another sweep, or, of a table that is
 * to be `replaced`, when there are results in it that would then be nowhere. */
enum status sweep_run_read_table(struct sweep_run *s, const char *path, bool replaced,
                                 struct error *err);

/* ---- sweep_folder.c: what lies in the output directory */

/* Path of a point's output, or of anything else there; the caller frees it; NULL without memory. */
char *sweep_run_point_path(const struct sweep_run *s, size_t point);
char *sweep_run_output_path(const struct sweep_run *s, const char *point_name);
char *sweep_run_path(const struct sweep_run *s, const char *name);

/* Name of this task's table, "table" or "table-task-2-of-8"; name: >= 64 bytes. */
const char *sweep_run_table_name(const struct sweep_run *s, char *name);

/* Makes the directory where it is missing (not when it is to be there `already`), and keeps other
 * sweeps of the same share out of it until this process ends: STATUS_BUSY. */
enum status sweep_run_take_directory(const struct sweep_run *s, bool already, struct error *err);

/* Finds out which points are done: from all tables there, and from the points' files. An output
 * file of another config is an error, before anything is run, unless force is set. */
enum status sweep_run_look(struct sweep_run *s, struct error *err);

/* N of the tables of tasks I/N that are there; 0 where there is none, or they are of different N.
 */
uint64_t sweep_run_tasks_there(const struct sweep_run *s);

/* Writes this task's table as far as it goes; the whole sweep's also as HDF5 when `complete`. */
enum status sweep_run_publish(const struct sweep_run *s, bool complete, struct error *err);

#endif
