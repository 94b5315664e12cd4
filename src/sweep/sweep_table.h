/* The table of a sweep: its columns, and the row of a point. */
#ifndef MEGALIF_SWEEP_TABLE_H
#define MEGALIF_SWEEP_TABLE_H

#include "sweep/sweep_run.h"

/* Fills table and state, all points TO_DO. STATUS_MEMORY. */
enum status sweep_table_begin(struct sweep_run *s, struct error *err);

/* The point's row from its output file: STATUS_OK and DONE; STATUS_CONFIG when the file is of
 * another config or arithmetic; STATUS_OUTPUT when it cannot be read. */
enum status sweep_table_row_of_file(struct sweep_run *s, size_t point, const char *path,
                                    struct error *err);

/* The row of a failed point. */
void sweep_table_row_of_failure(struct sweep_run *s, size_t point, int code, double seconds);

/* Whether the row of a point has an exit code other than 0. */
bool sweep_table_has_failed(const struct sweep_run *s, size_t point);

/* Takes over the rows of a table written earlier, this task's or another's, that are of a point
 * with the same name and config. STATUS_OUTPUT when it is of another sweep, or, of a table that is
 * to be `replaced`, when there are results in it that would then be nowhere. */
enum status sweep_table_read(struct sweep_run *s, const char *path, bool replaced,
                             struct error *err);

#endif
