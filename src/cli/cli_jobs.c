/* Starts, watches, stops and ends the jobs; each gets its share of the processors. */
#define _GNU_SOURCE 1 /* sched_setaffinity */
#include "cli/cli_jobs.h"

#include "base/clock.h"
#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <omp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

struct slot {
    pid_t pid; /* 0: free */
    size_t job;
    double start;
    FILE *printed; /* NULL without capture */
};

struct running {
    const struct cli_jobs *jobs;
    struct slot *slot; /* [at_once] */
    size_t next, busy;
    sigset_t waited, before; /* signals that are waited for; the mask to give back */
    bool stop;               /* we were asked to */
    double interrupted;      /* clock_seconds() of the first SIGINT; 0: none yet */
};

bool cli_jobs_argument(char ***list, const char *text)
{
    size_t count = 0;
    while (*list && (*list)[count])
        count++;
    char **grown = realloc(*list, (count + 2) * sizeof *grown);
    char *copy = strdup(text);
    if (grown)
        *list = grown;
    if (grown && copy) {
        grown[count] = copy;
        grown[count + 1] = NULL;
        return true;
    }
    free(copy);
    for (size_t i = 0; i < count; i++)
        free((*list)[i]);
    free(*list);
    *list = NULL;
    return false;
}

static void free_arguments(char **list)
{
    for (size_t i = 0; list && list[i]; i++)
        free(list[i]);
    free(list);
}

/* Gives this process the slot's share of the processors. Where OpenMP binds threads, the starting
 * thread is bound to the first place already, and its children would all begin there. */
static void take_share(size_t slot, size_t threads)
{
    cpu_set_t share;
    size_t seen = 0;
    if (omp_get_proc_bind() == omp_proc_bind_false)
        return;
    CPU_ZERO(&share);
    for (int place = 0; place < omp_get_num_places(); place++) {
        int cpu[CPU_SETSIZE], count = omp_get_place_num_procs(place);
        if (count > CPU_SETSIZE)
            return;
        omp_get_place_proc_ids(place, cpu);
        for (int i = 0; i < count; i++, seen++) {
            if (seen / threads == slot && cpu[i] < CPU_SETSIZE)
                CPU_SET((size_t)cpu[i], &share);
        }
    }
    if (CPU_COUNT(&share) > 0)
        sched_setaffinity(0, sizeof share, &share);
}

/* Goes on in the child: becomes the job, or ends with code 4. */
static void become(const struct running *r, size_t slot, char **arguments, pid_t parent)
{
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    FILE *printed = r->slot[slot].printed;
    int nothing = open("/dev/null", O_RDONLY);
    if (getppid() != parent || nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 ||
        (printed &&
         (dup2(fileno(printed), STDOUT_FILENO) < 0 || dup2(fileno(printed), STDERR_FILENO) < 0)))
        _exit(STATUS_MEMORY);
    take_share(slot, r->jobs->threads);
    sigprocmask(SIG_SETMASK, &r->before, NULL);
    setenv("MEGALIF_MPI", "no", 1); /* a run of its own, whoever launched this process */
    execv("/proc/self/exe", arguments);
    fprintf(stderr, "megalif: error: cannot start itself: %s\n", strerror(errno));
    fflush(stderr);
    _exit(STATUS_MEMORY);
}

/* Whether a job was interrupted, or killed by such a signal before it could listen. We may not have
 * been told yet, where a group of processes gets the signal one after the other. */
static bool was_told_to_stop(int code)
{
    return code == STATUS_INTERRUPTED || code == 128 + SIGINT || code == 128 + SIGTERM ||
           code == 128 + SIGUSR1 || code == 128 + SIGHUP;
}

static void end_job(struct running *r, size_t job, int code, double seconds, const char *text)
{
    bool killed = was_told_to_stop(code) || (r->stop && code > 128);
    const struct cli_job_end end = {code, killed || code == STATUS_STOPPED, seconds, text};
    r->jobs->end(job, &end, r->jobs->context);
}

static void start_job(struct running *r, size_t s)
{
    struct slot *slot = &r->slot[s];
    pid_t self = getpid();
    size_t job = r->next++;
    char **arguments = r->jobs->arguments(job, r->jobs->context);
    *slot = (struct slot){.job = job, .start = clock_seconds()};
    slot->printed = r->jobs->capture ? tmpfile() : NULL;
    bool ready = arguments && (slot->printed || !r->jobs->capture);
    fflush(NULL); /* or the child would print it, too */
    pid_t pid = ready ? fork() : -1;
    if (pid == 0)
        become(r, s, arguments, self);
    free_arguments(arguments);
    if (pid > 0) {
        slot->pid = pid;
        r->busy++;
        return;
    }
    end_job(r, job, STATUS_MEMORY, 0, "megalif: error: no memory or process for this job\n");
    if (slot->printed)
        fclose(slot->printed);
}

static void start_jobs(struct running *r)
{
    for (size_t s = 0; s < r->jobs->at_once; s++) {
        while (!r->stop && r->next < r->jobs->count && r->slot[s].pid == 0) {
            r->stop = r->jobs->go_on && !r->jobs->go_on(r->jobs->context);
            if (!r->stop)
                start_job(r, s);
        }
    }
}

/* What the job printed, as text to be freed; NULL for nothing. */
static char *read_printed(FILE *printed)
{
    enum { MOST = 1 << 16 };
    char *text = printed ? malloc(MOST + 1) : NULL;
    if (!text)
        return NULL;
    rewind(printed);
    text[fread(text, 1, MOST, printed)] = '\0';
    return text;
}

static void finish(struct running *r, struct slot *slot, int status)
{
    char *text = read_printed(slot->printed);
    int code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    if (slot->printed)
        fclose(slot->printed);
    slot->pid = 0;
    r->busy--;
    end_job(r, slot->job, code, clock_seconds() - slot->start, text ? text : "");
    free(text);
}

static void reap(struct running *r)
{
    for (size_t s = 0; s < r->jobs->at_once; s++) {
        int status;
        if (r->slot[s].pid > 0 && waitpid(r->slot[s].pid, &status, WNOHANG) == r->slot[s].pid)
            finish(r, &r->slot[s], status);
    }
}

/* A run stops at its first signal and dies at a second SIGINT. A terminal or a batch system may
 * have sent our signal to the jobs as well, and may send another: so they get SIGTERM, which may
 * come any number of times. */
static void stop(struct running *r, int signal_number)
{
    int pass_on = SIGTERM;
    double now = clock_seconds();
    r->stop = true;
    if (signal_number == SIGINT && r->interrupted > 0 && now > r->interrupted + CLI_ONE_PRESS_S)
        pass_on = SIGKILL;
    if (signal_number == SIGINT && r->interrupted <= 0)
        r->interrupted = now;
    for (size_t s = 0; s < r->jobs->at_once; s++) {
        if (r->slot[s].pid > 0)
            kill(r->slot[s].pid, pass_on);
    }
}

/* Signals are blocked and waited for: none gets lost between a look and a wait. */
static void run_all(struct running *r)
{
    start_jobs(r);
    while (r->busy > 0) {
        int signal_number = sigwaitinfo(&r->waited, NULL);
        if (signal_number > 0 && signal_number != SIGCHLD)
            stop(r, signal_number);
        reap(r);
        start_jobs(r);
    }
}

/* The jobs have been stopped and the caller writes what the jobs gave: a batch system's second
 * signal, waiting already or still to come, must not cut the writing short. A user's SIGINT may. */
static void ignore_stops(void)
{
    signal(SIGTERM, SIG_IGN);
    signal(SIGUSR1, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
}

bool cli_jobs_ignores(int signal_number)
{
    struct sigaction now;
    return sigaction(signal_number, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

bool cli_jobs_run(const struct cli_jobs *jobs)
{
    struct running r = {.jobs = jobs};
    struct sigaction usual = {.sa_handler = SIG_DFL}, child;
    r.slot = calloc(jobs->at_once, sizeof *r.slot);
    if (!r.slot)
        return false;
    sigemptyset(&r.waited);
    sigaddset(&r.waited, SIGCHLD);
    sigaddset(&r.waited, SIGINT);
    sigaddset(&r.waited, SIGTERM);
    sigaddset(&r.waited, SIGUSR1);
    if (!cli_jobs_ignores(SIGHUP))
        sigaddset(&r.waited, SIGHUP);
    sigemptyset(&usual.sa_mask);
    sigaction(SIGCHLD, &usual, &child); /* where it is ignored, no job could be waited for */
    sigprocmask(SIG_BLOCK, &r.waited, &r.before);
    run_all(&r);
    while (sigtimedwait(&r.waited, NULL, &(struct timespec){0}) > 0)
        r.stop |= r.next < jobs->count; /* it came at the very end */
    if (r.stop)
        ignore_stops();
    sigprocmask(SIG_SETMASK, &r.before, NULL);
    sigaction(SIGCHLD, &child, NULL);
    free(r.slot);
    return !r.stop;
}
