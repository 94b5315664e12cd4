#define _GNU_SOURCE 1 /* gethostname, lstat */
#include "cli/run_status.h"

#include "base/clock.h"
#include "io/output_path.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FIRST_S 1.0 /* shorter runs need no status */
#define PAUSE_S 2.0 /* between two */
/* A network file system may show a file late, a block or a checkpoint take long. */
#define SILENT_S 60.0

static const char heading[] = "megalif status 1";

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Ticks since boot at which a process began: field 22 of /proc/PID/stat, counted behind the name.
 * 0: not known, or it has ended (Z), which nobody has heard yet: of a rank whose launcher died. */
static uint64_t ticks_of(uint64_t pid)
{
    char path[64], line[1024] = "";
    uint64_t ticks = 0;
    snprintf(path, sizeof path, "/proc/%" PRIu64 "/stat", pid);
    FILE *file = fopen(path, "r");
    const char *at = file && fgets(line, sizeof line, file) ? strrchr(line, ')') : NULL;
    if (at && strncmp(at, ") Z", 3) == 0)
        at = NULL;
    for (int field = 2; at && field < 22; field++)
        at = strchr(at + 1, ' ');
    if (at)
        ticks = strtoull(at, NULL, 10);
    if (file)
        fclose(file);
    return ticks;
}

char *run_status_path(const char *output)
{
    return output_path_with(output, ".status");
}

void run_status_free(struct run_status *status)
{
    free(status->population);
    *status = (struct run_status){.pid = 0};
}

/* ---- the run */

/* A status, ours or of an earlier run; nothing else is replaced or removed. */
static bool is_status(const char *path)
{
    struct stat info;
    char line[sizeof heading] = "";
    const bool regular = lstat(path, &info) == 0 && S_ISREG(info.st_mode);
    FILE *file = regular ? fopen(path, "r") : NULL;
    bool ours = file && fgets(line, sizeof line, file) && strcmp(line, heading) == 0;
    if (file)
        fclose(file);
    return ours;
}

static bool is_free(const char *path)
{
    struct stat info;
    return lstat(path, &info) != 0 && errno == ENOENT;
}

static void begin(struct run_status_writer *writer, const char *output)
{
    struct run_status *now = &writer->now;
    writer->begun = clock_seconds();
    writer->path = output ? run_status_path(output) : NULL;
    writer->temporary = writer->path ? output_path_temporary(writer->path) : NULL;
    writer->off = !writer->temporary;
    gethostname(now->host, sizeof now->host - 1);
    now->pid = (uint64_t)getpid();
    now->ticks = ticks_of(now->pid);
    now->started = now_s();
}

/* The first call after the synapses are made. */
static bool open_populations(struct run_status *now, const struct mlif_progress *p)
{
    now->population = calloc(p->population_count, sizeof *now->population);
    if (!now->population)
        return false;
    now->population_count = p->population_count;
    now->first_ms = p->model_ms;
    for (size_t i = 0; i < p->population_count; i++) {
        struct run_status_population *to = &now->population[i];
        snprintf(to->name, sizeof to->name, "%s", p->population[i].name);
        to->size = p->population[i].size;
        to->spikes = p->population[i].spikes;
    }
    return true;
}

static void count(struct run_status *now, const struct mlif_progress *p)
{
    double share = p->duration_ms > 0 ? now->model_ms / p->duration_ms : 0;
    size_t bin = share < 1 ? (size_t)(RUN_STATUS_BINS * share) : RUN_STATUS_BINS - 1;
    for (size_t i = 0; i < now->population_count; i++) {
        struct run_status_population *to = &now->population[i];
        to->bin[bin] += p->population[i].spikes - to->spikes;
        to->spikes = p->population[i].spikes;
    }
}

static void print_status(const struct run_status *s, FILE *file)
{
    fprintf(file, "%s\npid %" PRIu64 " %" PRIu64 "\nhost %s\nstarted %.3f\nupdated %.3f\n", heading,
            s->pid, s->ticks, s->host, s->started, s->updated);
    fprintf(file, "ms %.17g %.17g %.17g %.17g\nelapsed %.3f\n", s->model_ms, s->duration_ms,
            s->first_ms, s->checkpoint_ms, s->elapsed_s);
    fprintf(file,
            "neurons %" PRIu64 "\nspikes %" PRIu64 "\nsynapses %" PRIu64 " %" PRIu64
            "\npopulations %zu\n",
            s->neurons, s->spikes, s->synapses, s->synapses_made, s->population_count);
    for (size_t i = 0; i < s->population_count; i++) {
        const struct run_status_population *p = &s->population[i];
        fprintf(file, "%s %" PRIu64 " %" PRIu64, p->name, p->size, p->spikes);
        for (int b = 0; b < RUN_STATUS_BINS; b++)
            fprintf(file, " %" PRIu64, p->bin[b]);
        fputc('\n', file);
    }
    fprintf(file, "end\n");
}

static void write_status(struct run_status_writer *writer)
{
    bool first = writer->written <= 0;
    writer->written = clock_seconds();
    writer->now.updated = now_s();
    if (first && !is_free(writer->path) && !is_status(writer->path)) {
        writer->off = true;
        return;
    }
    if (is_status(writer->temporary)) /* of a run that was killed just then */
        unlink(writer->temporary);
    FILE *file = fopen(writer->temporary, "wx");
    if (file)
        print_status(&writer->now, file);
    bool good = file && !ferror(file);
    good = file && fclose(file) == 0 && good;
    if (file && (!good || rename(writer->temporary, writer->path) != 0))
        unlink(writer->temporary); /* and the next one may be written */
}

void run_status_take(struct run_status_writer *writer, const struct mlif_progress *p)
{
    struct run_status *now = &writer->now;
    if (writer->begun <= 0)
        begin(writer, p->output);
    if (writer->off)
        return;
    if (p->population_count > 0 && !now->population && !open_populations(now, p)) {
        writer->off = true;
        return;
    }
    count(now, p); /* into the bin in which the block began */
    now->model_ms = p->model_ms;
    now->duration_ms = p->duration_ms;
    now->checkpoint_ms = p->checkpoint_ms;
    now->elapsed_s = p->elapsed_s;
    now->neurons = p->neurons;
    now->spikes = p->spikes;
    now->synapses = p->synapses;
    now->synapses_made = p->synapses_made;
    double time = clock_seconds(), last = writer->written;
    if (time >= (last > 0 ? last + PAUSE_S : writer->begun + FIRST_S))
        write_status(writer);
}

void run_status_end(struct run_status_writer *writer)
{
    const char *const left[] = {writer->path, writer->temporary}; /* by a killed run, too */
    for (size_t i = 0; i < 2; i++)
        if (left[i] && is_status(left[i]))
            unlink(left[i]);
    free(writer->path);
    free(writer->temporary);
    run_status_free(&writer->now);
}

/* ---- who looks on */

static bool read_population(struct run_status_population *p, FILE *file)
{
    bool good = fscanf(file, "%63s %" SCNu64 " %" SCNu64, p->name, &p->size, &p->spikes) == 3;
    for (int b = 0; good && b < RUN_STATUS_BINS; b++)
        good = fscanf(file, "%" SCNu64, &p->bin[b]) == 1;
    return good;
}

static bool read_lines(struct run_status *s, FILE *file)
{
    enum { MOST = 65536 };
    size_t populations;
    if (fscanf(file, " pid %" SCNu64 " %" SCNu64 " host %255s started %lf updated %lf", &s->pid,
               &s->ticks, s->host, &s->started, &s->updated) != 5 ||
        fscanf(file, " ms %lf %lf %lf %lf elapsed %lf", &s->model_ms, &s->duration_ms, &s->first_ms,
               &s->checkpoint_ms, &s->elapsed_s) != 5 ||
        fscanf(file,
               " neurons %" SCNu64 " spikes %" SCNu64 " synapses %" SCNu64 " %" SCNu64
               " populations %zu",
               &s->neurons, &s->spikes, &s->synapses, &s->synapses_made, &populations) != 5 ||
        populations > MOST)
        return false;
    s->population = calloc(populations + 1, sizeof *s->population);
    bool good = s->population != NULL;
    for (; good && s->population_count < populations; s->population_count++)
        good = read_population(&s->population[s->population_count], file);
    char end[4] = "";
    return good && fscanf(file, " %3s", end) == 1 && strcmp(end, "end") == 0;
}

enum status run_status_read(const char *path, struct run_status *status, struct error *err)
{
    char line[sizeof heading] = "";
    *status = (struct run_status){.pid = 0};
    FILE *file = fopen(path, "r");
    if (!file)
        return error_set(err, STATUS_OUTPUT, "cannot read %s: %s", path, strerror(errno));
    bool good =
        fgets(line, sizeof line, file) && strcmp(line, heading) == 0 && read_lines(status, file);
    fclose(file);
    if (good)
        return STATUS_OK;
    run_status_free(status);
    return error_set(err, STATUS_OUTPUT, "%s is not the status of a run", path);
}

double run_status_age(const struct run_status *status)
{
    return fmax(0.0, now_s() - status->updated);
}

enum run_state run_status_state(const struct run_status *status)
{
    char host[256] = "";
    gethostname(host, sizeof host - 1);
    if (strcmp(host, status->host) != 0)
        return run_status_age(status) > SILENT_S ? RUN_SILENT : RUN_AT_WORK;
    uint64_t ticks = ticks_of(status->pid);
    bool there = kill((pid_t)status->pid, 0) == 0 || errno == EPERM;
    return there && ticks == status->ticks ? RUN_AT_WORK : RUN_GONE;
}
