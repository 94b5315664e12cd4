#include "sim/sim_network_time.h"

#include "base/clock.h"
#include "net/projection_scan.h"
#include "net/wiring.h"
#include "net/wiring_batch.h"
#include "net/wiring_bounds.h"
#include "setup/setup.h"

#include <math.h>
#include <time.h>

static const double longest_s = 0.2, tile_most = 1e7; /* synapses */

/* A synapse is drawn, its pair once more to be counted, and it goes into its list. */
static const double draws = 1.3, list_s = 15e-9;

struct measurement {
    double started;
    uint64_t drawn;
};

static void count(void *context, int worker, const struct projection_piece *piece)
{
    struct measurement *m = context;
    (void)worker;
    __atomic_fetch_add(&m->drawn, piece->count, __ATOMIC_RELAXED);
}

static bool has_time(void *context, double share)
{
    const struct measurement *m = context;
    (void)share;
    return clock_seconds() - m->started < longest_s;
}

/* The projection with the most synapses to be drawn; their number is 0 where there is none. */
static size_t largest(const struct config *config, double *synapses)
{
    size_t found = 0;
    *synapses = 0;
    for (size_t i = 0; i < config->projection_count; i++) {
        const struct projection_config *p = &config->projection[i];
        double count = p->rule == RULE_FILE ? 0 : wiring_expected_count(p);
        if (count > *synapses) {
            *synapses = count;
            found = i;
        }
    }
    return found;
}

/* Of all threads. */
static double processor_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

enum status sim_network_measure(const struct setup *setup, struct sim_network_time *out,
                                struct error *err)
{
    const struct config *config = setup->config;
    struct measurement m = {clock_seconds(), 0};
    double synapses, used = processor_seconds();
    size_t projection = largest(config, &synapses);
    *out = (struct sim_network_time){NAN, 1};
    if (synapses == 0) /* there may be no projection at all */
        return STATUS_OK;
    const double tile = (double)wiring_tile_size(&config->projection[projection]);
    if (synapses / (double)config->projection[projection].targets * tile > tile_most)
        return STATUS_OK;
    const struct projection_scan scan = {.config = config,
                                         .projection = projection,
                                         .kernels = kernels_for(setup->settings.isa, 32),
                                         .threads = setup->settings.threads,
                                         .sink = count,
                                         .progress = has_time,
                                         .context = &m};
    enum status status = projection_scan(&scan, err);
    double wall = clock_seconds() - m.started;
    used = processor_seconds() - used;
    double tiles = ceil((double)config->projection[projection].targets / tile);
    double at_once = fmin(setup->settings.threads, tiles);
    if (!status && m.drawn > 0) {
        out->busy = fmax(1, wall * at_once / used);
        out->synapse_s = draws * wall * at_once / (double)m.drawn + list_s * out->busy;
    }
    return status;
}
