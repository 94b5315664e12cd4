/* The status of a run at work, OUTPUT.status: a small text file, replaced every few seconds and
 * removed at the run's end, which `megalif watch` shows. A run that is killed leaves it behind. */
#ifndef MEGALIF_CLI_RUN_STATUS_H
#define MEGALIF_CLI_RUN_STATUS_H

#include "base/error.h"

#include <megalif/megalif.h>

#include <stdbool.h>

enum { RUN_STATUS_BINS = 48 }; /* of the run's duration, in each of which spikes are counted */

/* A population on its way. */
struct run_status_population {
    char name[64];
    uint64_t size, spikes;
    uint64_t bin[RUN_STATUS_BINS]; /* spikes since this process took the run up */
};

/* What the file says. */
struct run_status {
    char host[256];
    uint64_t pid, ticks;     /* ticks: when the process began, as /proc has it; 0: unknown */
    double started, updated; /* seconds since 1970 */
    double model_ms, duration_ms, first_ms, checkpoint_ms, elapsed_s;
    uint64_t neurons, spikes, synapses, synapses_made;
    struct run_status_population *population; /* [population_count] */
    size_t population_count;
};

/* ---- the run ---- */

struct run_status_writer {
    struct run_status now;
    char *path, *temporary; /* NULL: none is written */
    double begun, written;  /* clock_seconds(); 0: not yet */
    bool off;               /* it cannot be written, or somebody else's file is there */
};

/* Takes progress in, and writes the file where it is due: not in a run's first second, then every
 * two. That it cannot be written is no error. */
void run_status_take(struct run_status_writer *writer, const struct mlif_progress *progress);

/* Removes the file, and frees. */
void run_status_end(struct run_status_writer *writer);

/* ---- who looks on ---- */

/* "OUTPUT.status", allocated; NULL without memory. */
char *run_status_path(const char *output);

/* STATUS_OUTPUT: there is none, or it is no status. The caller frees with run_status_free. */
enum status run_status_read(const char *path, struct run_status *status, struct error *err);
void run_status_free(struct run_status *status);

/* Is the process there? On other machines that is not seen: then RUN_SILENT stands for no word in a
 * minute. */
enum run_state { RUN_AT_WORK, RUN_SILENT, RUN_GONE };
enum run_state run_status_state(const struct run_status *status);

/* Seconds since the file was written, by this machine's clock; at least 0. */
double run_status_age(const struct run_status *status);

#endif
