/* Runs this program again and again, several processes at a time: a crash ends one job, not all.
 * Used by one thread, in a process that has no others. */
#ifndef MEGALIF_CLI_JOBS_H
#define MEGALIF_CLI_JOBS_H

#include <stdbool.h>
#include <stddef.h>

/* Within this time after the first SIGINT further ones are the same press of Ctrl-C: timeout and
 * some shells signal a process and its group. */
#define CLI_ONE_PRESS_S 0.5

/* How a job ended. */
struct cli_job_end {
    int code;         /* its exit code, or 128 + the signal that killed it, as shells say */
    bool stopped;     /* early, by our stop signal or its own will: it is still to be done */
    double seconds;   /* wall time */
    const char *text; /* what it printed (with capture), "" for nothing */
};

struct cli_jobs {
    size_t count;   /* jobs 0, 1, ... are started in this order */
    size_t at_once; /* at least 1 */
    size_t threads; /* of one job: its share of the processors, where OMP_PROC_BIND binds threads */
    bool capture;   /* what it prints goes to `end` instead of this process's own streams */

    /* The job's arguments, argv[0] "megalif" and a NULL at the end, from malloc, one by one; freed
     * here. NULL: no memory, which ends the job with code 4. */
    char **(*arguments)(size_t job, void *context);

    /* Called when a job has ended, in any order; jobs that were never started get no call. */
    void (*end)(size_t job, const struct cli_job_end *end, void *context);

    /* Asked before each start: false when no more jobs are to be started. NULL: all are. */
    bool (*go_on)(void *context);
    void *context;
};

/* Returns true when all jobs have ended, false when go_on said so or SIGINT, SIGTERM, SIGUSR1 or
 * SIGHUP came: then no more jobs are started, and at a signal the running jobs are told to stop and
 * waited for. A second SIGINT kills the running jobs. When this process is killed, its jobs die
 * with it (Linux). */
bool cli_jobs_run(const struct cli_jobs *jobs);

/* Whether this process ignores a signal, as under nohup SIGHUP: it is to stay ignored. */
bool cli_jobs_ignores(int signal_number);

/* Appends a copy of `text` to a NULL-terminated list from malloc (NULL: an empty one). False, and
 * the list freed and NULL, without memory. */
bool cli_jobs_argument(char ***list, const char *text);

#endif
