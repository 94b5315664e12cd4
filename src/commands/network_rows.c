#include "commands/network_rows.h"

#include "base/clock.h"
#include "base/memory.h"
#include "cli/cli_report.h"
#include "config/units.h"
#include "net/projection_scan.h"
#include "net/wiring_bounds.h"
#include "plot/plot_colours.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What one thread has seen. */
struct share {
    struct value_counts delay, weight;
    uint64_t synapses;
};

struct progress {
    double all, done; /* synapses to expect, also in the projection at work */
    double started;
};

struct tally {
    const struct progress *progress;
    const char *name;
    double synapses;    /* to expect */
    uint32_t *in, *out; /* by place in the projection's lists */
    struct share *share;
};

enum status network_rows_fit(uint64_t neurons, struct error *err)
{
    char limit[40];
    uint64_t available = memory_available(limit, sizeof limit);
    if (neurons <= available / sizeof(uint32_t))
        return STATUS_OK;
    return error_set(err, STATUS_MEMORY,
                     "the degrees of %.4g neurons take %.4g MB, but %.4g MB are available (%s)",
                     (double)neurons, (double)neurons * 1e-6 * sizeof(uint32_t),
                     (double)available * 1e-6, limit);
}

enum status network_rows_none(const char *path, const char *kind, const char *only,
                              const char *const *names, size_t count, struct error *err)
{
    char list[200] = "";
    size_t used = 0;
    for (size_t i = 0; i < count && used < sizeof list; i++)
        used +=
            (size_t)snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "", names[i]);
    if (used >= sizeof list)
        memcpy(list + sizeof list - 4, "...", 4);
    return error_set(err, STATUS_CONFIG, "%s has no %s %s; it has %s", path, kind, only, list);
}

static void count_piece(void *context, int worker, const struct projection_piece *piece)
{
    struct tally *tally = context;
    struct share *share = &tally->share[worker];
    for (size_t i = 0; i < piece->count; i++) {
        tally->in[piece->first_target + piece->target[i]]++;
#pragma omp atomic
        tally->out[piece->source[i]]++;
        value_counts_add(&share->delay, (double)piece->delay[i], 1);
        value_counts_add(&share->weight, value_counts_multiple(&share->weight, piece->weight[i]),
                         1);
    }
    share->synapses += piece->count;
}

static bool tell_progress(void *context, double share)
{
    const struct tally *tally = context;
    const struct progress *p = tally->progress;
    cli_report_share(tally->name, (p->done + share * tally->synapses) / p->all,
                     clock_seconds() - p->started);
    return true;
}

static enum status open_tally(struct tally *tally, const struct connections_row *row,
                              const struct projection_config *p, int threads, struct error *err)
{
    enum status status = network_rows_fit(p->sources + p->targets, err);
    if (status)
        return status;
    tally->in = calloc(p->targets, sizeof *tally->in);
    tally->out = calloc(p->sources, sizeof *tally->out);
    tally->share = calloc((size_t)threads, sizeof *tally->share);
    if (!tally->in || !tally->out || !tally->share)
        return error_no_memory(err, "for degrees");
    for (int i = 0; i < threads && !status; i++) {
        struct share *share = &tally->share[i];
        status = value_counts_open(&share->delay, row->of[CONNECTIONS_DELAY].unit, err);
        if (!status)
            status = value_counts_open(&share->weight, row->of[CONNECTIONS_WEIGHT].unit, err);
    }
    return status;
}

static void close_tally(struct tally *tally, int threads)
{
    for (int i = 0; tally->share && i < threads; i++) {
        value_counts_close(&tally->share[i].delay);
        value_counts_close(&tally->share[i].weight);
    }
    free(tally->share);
    free(tally->in);
    free(tally->out);
}

static void gather(struct connections_row *row, const struct tally *tally,
                   const struct projection_config *p, int threads)
{
    for (int i = 0; i < threads; i++) {
        value_counts_merge(&row->of[CONNECTIONS_DELAY], &tally->share[i].delay);
        value_counts_merge(&row->of[CONNECTIONS_WEIGHT], &tally->share[i].weight);
        row->synapses += tally->share[i].synapses;
    }
    for (uint64_t i = 0; i < p->targets; i++)
        value_counts_add(&row->of[CONNECTIONS_IN], (double)tally->in[i], 1);
    for (uint64_t i = 0; i < p->sources; i++)
        value_counts_add(&row->of[CONNECTIONS_OUT], (double)tally->out[i], 1);
}

static enum status fill_row(struct connections_row *row, const struct setup *setup,
                            size_t projection, const struct progress *progress, struct error *err)
{
    const struct projection_config *p = &setup->config->projection[projection];
    int threads = setup->settings.threads;
    struct tally tally = {
        .progress = progress, .name = p->name, .synapses = wiring_expected_count(p)};
    const struct projection_scan scan = {.config = setup->config,
                                         .projection = projection,
                                         .kernels = kernels_for(setup->settings.isa, 32),
                                         .threads = threads,
                                         .sink = count_piece,
                                         .progress = tell_progress,
                                         .context = &tally};
    enum status status = open_tally(&tally, row, p, threads, err);
    if (!status)
        status = projection_scan(&scan, err);
    if (!status)
        gather(row, &tally, p, threads);
    close_tally(&tally, threads);
    return status;
}

/* "exc", or "exc, inh, ..." of a list with several; text is cut to its size. */
static const char *list_of(const struct config *config, const struct target *list, size_t count,
                           char *text, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < count && used < size; i++)
        if (i == 0 || list[i].population != list[i - 1].population)
            used += (size_t)snprintf(text + used, size - used, "%s%s", i > 0 ? ", " : "",
                                     config->population[list[i].population].name);
    return text;
}

static enum status add_row(struct network_rows *rows, const struct setup *setup, size_t projection,
                           const struct progress *progress, struct error *err)
{
    const struct config *config = setup->config;
    const struct projection_config *p = &config->projection[projection];
    struct connections_row *row = &rows->row[rows->count++];
    char source[200], target[200];
    enum status status = connections_row_init(
        row, p->name, list_of(config, p->source, p->source_count, source, sizeof source),
        list_of(config, p->target, p->target_count, target, sizeof target), config->dt_ms, err);
    row->unit = config_kept_unit(p->weight.dimension);
    row->colour = plot_colour(p->source[0].population);
    return status ? status : fill_row(row, setup, projection, progress, err);
}

static enum status refuse(const struct config *config, const char *only, struct error *err)
{
    const char **names = calloc(config->projection_count + 1, sizeof *names);
    if (!names)
        return error_no_memory(err, "for names");
    for (size_t i = 0; i < config->projection_count; i++)
        names[i] = config->projection[i].name;
    enum status status =
        network_rows_none(config->file, "projection", only, names, config->projection_count, err);
    free(names);
    return status;
}

static bool is_chosen(const char *only, const struct config *config, size_t projection)
{
    return !only || strcmp(only, config->projection[projection].name) == 0;
}

enum status network_rows_read(struct network_rows *rows, const struct setup *setup,
                              const char *only, struct error *err)
{
    const struct config *config = setup->config;
    struct progress progress = {.started = clock_seconds()};
    enum status status = STATUS_OK;
    *rows = (struct network_rows){calloc(config->projection_count + 1, sizeof *rows->row), 0};
    if (!rows->row)
        return error_no_memory(err, "for histograms");
    if (config->projection_count == 0)
        return error_set(err, STATUS_CONFIG,
                         "%s has no projections; nothing is connected. [projection.NAME] with "
                         "source, target, rule, weight and delay connects populations",
                         config->file);
    for (size_t i = 0; i < config->projection_count; i++)
        progress.all +=
            is_chosen(only, config, i) ? wiring_expected_count(&config->projection[i]) : 0;
    for (size_t i = 0; i < config->projection_count && !status; i++)
        if (is_chosen(only, config, i)) {
            status = add_row(rows, setup, i, &progress, err);
            progress.done += wiring_expected_count(&config->projection[i]);
        }
    cli_report_progress_end();
    return status || rows->count > 0 ? status : refuse(config, only, err);
}

void network_rows_free(struct network_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        connections_row_free(&rows->row[i]);
    free(rows->row);
}
