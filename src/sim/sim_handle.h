/* A simulation between mlif_open and mlif_close. Private to sim*.c. */
#ifndef MEGALIF_SIM_HANDLE_H
#define MEGALIF_SIM_HANDLE_H

#include "checkpoint/checkpoint.h"
#include "sim/sim.h"

struct mlif_simulation {
    struct setup setup;
    struct engine *engine;
    struct output_spikes record;
    struct output_traces traces;
    struct checkpoint checkpoint; /* .on where the run has them */
    bool complete_before;         /* it was resumed, and nothing was left to do */
    uint64_t first_step;          /* where this process took the simulation up */
    int (*progress)(const struct mlif_progress *progress, void *context);
    void *context;
    struct float_env *env;    /* of the caller of mlif_advance: callbacks find it again */
    struct messages warnings; /* of mlif_open: the file holds them, too */
    char started[32];         /* ISO 8601 */

    enum { SIM_STEPPING, SIM_FINISHED, SIM_FAILED } state;
    enum status failure; /* what SIM_FAILED failed with */

    double opened_at; /* clock_seconds() */
    double build_s, simulate_s, record_s, finish_s, wall_s;
    struct raster_statistics written;
};

/* What a config given as text is called in messages when it has no name. */
#define SIM_TEXT_NAME "config.ini"

/* sim_messages.c: appends lines, and a last one if there is any, to a caller's list, which may be
 * NULL; sim_tell_error returns the error's status. */
void sim_tell_lines(struct mlif_messages *to, const struct messages *lines, const char *last);
enum mlif_status sim_tell_error(struct mlif_messages *errors, const struct error *err);
/* sim_join.c: begins the output of a run with checkpoints, with all rows of its segments and of
 * s->record.raster, whose place the new writer takes; the old one is left to the caller. */
enum status sim_join(struct mlif_simulation *s, struct error *err);

/* sim_report.c: mlif_read_report, with an error as a value. On error nothing is left to free. */
enum status sim_report_fill(const struct mlif_simulation *simulation, struct mlif_report *report,
                            struct error *err);

#endif
