#include "net/projection_scan.h"

#include "net/weight_grid.h"
#include "net/wiring.h"

#include <stdlib.h>

/* The units of weights onto one range of targets. */
struct zone {
    uint64_t place;             /* of its first target */
    struct weight_unit unit[2]; /* of the receptors: [1] of negative weights */
};

struct job {
    const struct projection_scan *scan;
    struct wiring *wiring;
    struct zone *zone; /* [target_count] */
    size_t zones;
    uint64_t tiles, next, done;
    enum status status; /* of the first that failed */
    struct error *err;
};

/* A tile in the hands of a worker. */
struct drawing {
    const struct job *job;
    int worker;
    uint64_t first_target;
};

static enum status settle_zones(struct job *job, struct error *err)
{
    const struct config *config = job->scan->config;
    const struct projection_config *p = &config->projection[job->scan->projection];
    struct weight_grid grid;
    uint64_t place = 0;
    job->zones = p->target_count;
    job->zone = calloc(job->zones, sizeof *job->zone);
    if (!job->zone)
        return error_no_memory(err, "for synapses");
    enum status status = weight_grid_open(&grid, config, err);
    for (size_t i = 0; i < job->zones && !status; i++) {
        const struct target *range = &p->target[i];
        const struct population_config *target = &config->population[range->population];
        job->zone[i].place = place;
        place += range->end - range->begin;
        for (int negative = 0; negative < 2; negative++)
            job->zone[i].unit[negative] =
                weight_grid_unit(&grid, job->scan->projection, range->population,
                                 weight_receptor(target, negative ? -1 : 1));
    }
    weight_grid_close(&grid);
    return status;
}

static double use(const struct job *job, uint64_t target, double weight)
{
    const struct zone *zone = &job->zone[job->zones - 1];
    while (target < zone->place)
        zone--;
    return weight == 0 ? 0 : weight_used(zone->unit[weight < 0], weight);
}

static void take_batch(void *context, const struct wiring_batch *batch)
{
    const struct drawing *d = context;
    const struct projection_scan *scan = d->job->scan;
    double weight[WIRING_BATCH];
    for (size_t i = 0; i < batch->count; i++)
        weight[i] = use(d->job, d->first_target + batch->target[i], batch->weight[i]);
    const struct projection_piece piece = {batch->count,  batch->source, d->first_target,
                                           batch->target, weight,        batch->delay};
    scan->sink(scan->context, d->worker, &piece);
}

/* One tile after the other, whichever is next. */
static void work(struct job *job, int worker)
{
    uint64_t tile = 0;
    for (bool more = true; more;) {
#pragma omp critical(projection_scan)
        {
            more = !job->status && job->next < job->tiles;
            tile = job->next;
            job->next += more;
        }
        struct error err;
        struct drawing drawing = {job, worker, wiring_first_target(job->wiring, tile)};
        enum status status =
            more ? wiring_draw(job->wiring, tile, WIRING_ALL, take_batch, &drawing, &err)
                 : STATUS_OK;
#pragma omp critical(projection_scan)
        {
            if (status && !job->status)
                job->status = error_set(job->err, status, "%s", err.text);
            if (more &&
                !job->scan->progress(job->scan->context, (double)++job->done / (double)job->tiles))
                job->next = job->tiles;
        }
    }
}

static enum status draw_all(struct job *job)
{
    job->tiles = wiring_tiles(job->wiring);
    const int threads =
        job->tiles < (uint64_t)job->scan->threads ? (int)job->tiles : job->scan->threads;
#pragma omp parallel for num_threads(threads) schedule(static, 1)
    for (int worker = 0; worker < threads; worker++)
        work(job, worker);
    return job->status;
}

enum status projection_scan(const struct projection_scan *scan, struct error *err)
{
    struct job job = {.scan = scan, .err = err};
    enum status status = settle_zones(&job, err);
    if (!status)
        status = wiring_open(&job.wiring, scan->config, scan->projection, scan->kernels, err);
    if (!status) {
        wiring_prepare(job.wiring);
        status = draw_all(&job);
    }
    wiring_close(job.wiring);
    free(job.zone);
    return status;
}
