/* A simulation between mlif_open and mlif_close. Private to sim*.c. */
#ifndef MEGALIF_SIM_HANDLE_H
#define MEGALIF_SIM_HANDLE_H

#include "sim.h"

struct mlif_simulation {
    struct sim_setup setup;
    struct engine *engine;
    struct sim_record record;
    int (*progress)(const struct mlif_progress *progress, void *context);
    void *context;
    struct messages warnings; /* of mlif_open: the file holds them, too */
    char started[32];         /* ISO 8601 */

    enum { SIM_STEPPING, SIM_FINISHED, SIM_FAILED } state;
    enum status failure; /* what SIM_FAILED failed with */

    double opened_at; /* sim_clock() */
    double build_s, simulate_s, record_s, finish_s, wall_s;
    struct raster_statistics written;
};

/* sim_report.c: mlif_read_report, with an error as a value. On error nothing is left to free. */
enum status sim_report_fill(const struct mlif_simulation *simulation, struct mlif_report *report,
                            struct error *err);

#endif
