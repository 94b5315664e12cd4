/* Checks the points of a sweep one by one, as long as there is time. */
#include "commands/check_points.h"

#include "base/clock.h"
#include "cli/cli_errors.h"
#include "cli/cli_report.h"
#include "config/sweep_points.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double longest_look_s = 3.0;

bool check_points_open(struct mlif_options *point, const struct check_sweep *all, size_t index)
{
    const size_t count = all->options->override_count, sets = config_sweep_set_count(all->sweep);
    const char **overrides = calloc(count + sets, sizeof *overrides);
    bool good = overrides != NULL;
    *point = *all->options;
    for (size_t i = 0; overrides && i < count + sets; i++) {
        overrides[i] =
            i < count ? all->options->overrides[i] : config_sweep_set(all->sweep, index, i - count);
        good &= overrides[i] != NULL;
    }
    point->overrides = overrides;
    point->override_count = overrides ? count + sets : 0;
    return good;
}

void check_points_close(struct mlif_options *point, const struct check_sweep *all)
{
    for (size_t i = all->options->override_count; i < point->override_count; i++)
        free((char *)point->overrides[i]);
    free((char **)point->overrides);
}

static void add(struct check_sweep *out, size_t index, const struct mlif_check_report *r)
{
    if (out->seen++ == 0 || r->run_s > out->longest_s) {
        out->longest = index;
        out->longest_s = r->run_s;
    }
    out->all_s += r->run_s; /* of those seen, until all are known */
    out->memory_bytes = r->memory_bytes > out->memory_bytes ? r->memory_bytes : out->memory_bytes;
}

/* Its warnings are those of the first point or like them, and not told. */
static enum mlif_status look(struct check_sweep *out, size_t index)
{
    struct mlif_options options;
    struct mlif_check_report report = {.config = NULL};
    struct mlif_messages errors = {NULL, 0};
    enum mlif_status status = MLIF_MEMORY;
    if (check_points_open(&options, out, index))
        status = mlif_check(&options, &report, &errors, NULL);
    cli_report_lines("error", &errors);
    if (status)
        cli_errors_text("megalif: error: ", "the point %s cannot be run",
                        out->sweep->point[index].name);
    else
        add(out, index, &report);
    mlif_messages_free(&errors);
    mlif_check_report_free(&report);
    check_points_close(&options, out);
    return status;
}

/* With steps of this length all points are met once, and early ones lie far apart. */
static size_t wide_step(size_t count)
{
    size_t step = (size_t)(0.618 * (double)count) + 1;
    for (;; step++) {
        size_t a = step, b = count;
        while (b > 0) {
            size_t rest = a % b;
            a = b;
            b = rest;
        }
        if (a == 1)
            return step;
    }
}

enum mlif_status check_points_foresee(struct check_sweep *out,
                                      const struct mlif_check_report *first)
{
    const size_t count = out->sweep->point_count, step = wide_step(count);
    const double begin = clock_seconds();
    enum mlif_status status = MLIF_OK;
    add(out, 0, first);
    if (count > 1) /* grids have their extremes at their ends */
        status = look(out, count - 1);
    for (size_t at = step % count; !status && at != 0 && clock_seconds() < begin + longest_look_s;
         at = (at + step) % count)
        if (at != count - 1)
            status = look(out, at);
    out->all_s *= (double)count / (double)out->seen;
    return status;
}
