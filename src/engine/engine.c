/* Opens an engine, goes from block to block, within limits where there are any, adds up, answers.
 */
#include "engine/engine.h"

#include "base/clock.h"
#include "base/decimal.h"
#include "base/float_env.h"
#include "base/memory.h"
#include "base/team.h"
#include "engine/engine_plan.h"
#include "engine/engine_private.h"
#include "engine/exchange.h"
#include "engine/gathered.h"
#include "engine/network.h"
#include "engine/traces.h"
#include "engine/worker.h"
#include "population/population_open.h"

#include <stdlib.h>
#include <string.h>

/* The steps whose spikes are recorded, and those whose spikes are counted. */
static void set_windows(const struct config *config, size_t i, bool record,
                        struct engine_population *p)
{
    struct recorded *recorded = &p->recorded;
    const struct record_config *spikes = selection_recorder(config, RECORD_SPIKES, i);
    const struct record_config *counts = selection_recorder(config, RECORD_COUNTS, i);
    uint64_t warmup = config->warmup_steps, first = config->record_warmup ? 0 : warmup;
    recorded->start = spikes && spikes->start_step > first ? spikes->start_step : first;
    recorded->stop = spikes ? spikes->stop_step : VALUE_FOREVER;
    p->totals.counts_start = counts && counts->start_step > warmup ? counts->start_step : warmup;
    p->totals.counts_stop =
        counts && counts->stop_step < config->steps ? counts->stop_step : config->steps;
    p->totals.records_all = record && recorded->selected.kind == SELECTED_ALL &&
                            recorded->start == 0 && recorded->stop >= config->steps;
}

static enum status open_rates(struct engine *e, size_t i, struct engine_population *p,
                              struct error *err)
{
    p->rates = calloc(1 + e->config->record_count, sizeof *p->rates);
    if (!p->rates)
        return error_no_memory(err, "for rate bins");
    p->totals.bins = &p->rates[0];
    enum status status = rate_bins_open(&p->rates[0], e->config, NULL, err);
    for (size_t r = 0; r < e->config->record_count && !status; r++)
        if (rate_bins_wanted(&e->config->record[r], i))
            status = rate_bins_open(&p->rates[1 + r], e->config, &e->config->record[r], err);
    return status;
}

/* What is kept of its spikes: where some are recorded, rows; of one process, as rank 0 gathers the
 * rows of several. */
static enum status open_spikes(struct engine *e, size_t i, const struct engine_settings *settings,
                               struct error *err)
{
    struct engine_population *p = &e->population[i];
    const struct record_config *record = selection_recorder(e->config, RECORD_SPIKES, i);
    p->keeps = engine_plan_keeps_spikes(e->config, settings, i);
    enum status status =
        selection_open(&p->recorded.selected, record, e->config->population[i].size, err);
    if (!status)
        status =
            block_open(&p->block, p->neurons.first_id, p->neurons.tiles, e->tile, e->block, err);
    p->records = settings->record && p->recorded.selected.kind != SELECTED_NONE;
    if (!status && p->records && !comm_is_shared(e->comm))
        status = recorded_open(&p->recorded, engine_spikes(e, i), err);
    set_windows(e->config, i, settings->record, p);
    return status;
}

static enum status open_recorders(struct engine *e, size_t i,
                                  const struct engine_settings *settings, struct error *err)
{
    struct engine_population *p = &e->population[i];
    enum status status = open_spikes(e, i, settings, err);
    if (!status && engine_has_counts(e->config, i)) {
        status = neuron_counts_open(&p->counts, p->neurons.size, err);
        p->totals.counts = &p->counts;
    }
    if (!status && settings->trace_bytes > 0)
        status = traces_open(&p->neurons, e->block, settings->trace_bytes, e->threads, err);
    if (!status)
        status = open_rates(e, i, p, err);
    if (!status && e->limited)
        status = state_copy_open(&p->copy, &p->neurons, err);
    return status;
}

/* Ranks go through this together: each says whether it is well. */
static enum status open_population(struct engine *e, size_t i,
                                   const struct engine_settings *settings, struct messages *errors,
                                   struct messages *warnings, struct error *err)
{
    struct engine_population *p = &e->population[i];
    const struct population_settings population = engine_plan_population(e->config, settings, i);
    struct findings findings = {.digest = 0};
    enum status status = population_draw(&p->neurons, e->config, i, &population, &findings, err);
    status = exchange_findings(e->comm, status, &findings, err);
    if (!status) /* what is saved of a refractory neuron has room for any of them */
        p->neurons.longest = ~comm_least(e->comm, ~p->neurons.longest);
    if (!status)
        status =
            population_check(&p->neurons, population.threads, &findings, errors, warnings, err);
    p->totals.parameters_digest = p->neurons.parameters_digest;
    if (!status)
        status = open_recorders(e, i, settings, err);
    return comm_agree(e->comm, status, err);
}

static enum status open_populations(struct engine *e, const struct engine_settings *settings,
                                    struct messages *errors, struct messages *warnings,
                                    struct error *err)
{
    enum status status = STATUS_OK;
    e->population = calloc(e->config->population_count, sizeof *e->population);
    e->worker = calloc((size_t)e->threads, sizeof *e->worker);
    e->time = calloc(e->block, sizeof *e->time);
    if (!e->population || !e->worker || !e->time)
        status = error_no_memory(err, "for the engine");
    status = comm_agree(e->comm, status, err);
    for (size_t i = 0; !status && i < e->config->population_count; i++)
        status = open_population(e, i, settings, errors, warnings, err);
    return status;
}

/* The synapses of all ranks. */
static enum status sum_facts(struct engine *e, struct error *err)
{
    const size_t count = e->config->projection_count;
    enum { WORDS = 4 };
    uint64_t *sum = calloc(count + 1, WORDS * sizeof *sum);
    e->facts = calloc(count + 1, sizeof *e->facts);
    enum status status = comm_agree(
        e->comm, sum && e->facts ? STATUS_OK : error_no_memory(err, "for projections"), err);
    for (size_t i = 0; i < count && !status; i++) {
        const struct net_facts own = net_projection(e->net, i);
        const uint64_t word[WORDS] = {own.digest.sum[0], own.digest.sum[1], own.digest.spikes,
                                      own.bytes};
        memcpy(sum + WORDS * i, word, sizeof word);
    }
    if (!status)
        comm_sum(e->comm, sum, WORDS * count);
    for (size_t i = 0; i < count && !status; i++) {
        const uint64_t *word = sum + WORDS * i;
        e->facts[i] = (struct net_facts){.digest = {{word[0], word[1]}, word[2]},
                                         .bytes = word[3],
                                         .storage = net_projection(e->net, i).storage};
    }
    free(sum);
    return status;
}

static enum status open_rest(struct engine *e, const struct engine_settings *settings,
                             struct error *err)
{
    const struct net_settings network = engine_plan_network(e->config, settings);
    enum status status = net_open(&e->net, e->config, &network, err);
    for (int t = 0; !status && t < e->threads; t++)
        status = worker_open(e, t, err);
    if (!status && e->limited)
        status = limits_open(&e->limits, e->config, config_steps_of_1_ms(e->config), err);
    if (!status)
        status = exchange_open(&e->exchange, e, err);
    if (!status)
        status = gathered_open(e, err);
    status = comm_agree(e->comm, status, err);
    return status || !comm_is_shared(e->comm) ? status : sum_facts(e, err);
}

enum status engine_open(struct engine **out, const struct config *config,
                        const struct engine_settings *settings, struct messages *errors,
                        struct messages *warnings, struct error *err)
{
    struct engine *e = calloc(1, sizeof *e);
    enum status status = e ? STATUS_OK : error_no_memory(err, "for the engine");
    *out = NULL;
    status = comm_agree(settings->comm, status, err);
    if (status) {
        free(e);
        return status;
    }
    e->config = config;
    e->comm = settings->comm;
    e->threads = engine_plan_threads(config, settings);
    e->tile = engine_plan_tile(config, settings);
    e->block = engine_plan_block(config, settings);
    e->limited = limits_stop(config);
    e->copy_blocks =
        settings->rows || settings->fed ? 1 : COPY_BLOCKS; /* rows of earlier blocks are gone */
    status = open_populations(e, settings, errors, warnings, err);
    if (!status)
        status = open_rest(e, settings, err);
    if (status)
        engine_close(e);
    else
        *out = e;
    return status;
}

static void close_population(struct engine_population *p, size_t records)
{
    traces_close(&p->neurons);
    population_close(&p->neurons);
    recorded_close(&p->recorded);
    block_close(&p->block);
    neuron_counts_close(&p->counts);
    neuron_counts_close(&p->whole_counts);
    state_copy_close(&p->copy);
    for (size_t r = 0; p->rates && r < 1 + records; r++)
        rate_bins_close(&p->rates[r]);
    free(p->rates);
}

void engine_close(struct engine *e)
{
    if (!e)
        return;
    exchange_close(e->exchange);
    if (e->population)
        gathered_close(e);
    for (size_t i = 0; e->population && i < e->config->population_count; i++)
        close_population(&e->population[i], e->config->record_count);
    for (int t = 0; e->worker && t < e->threads; t++)
        worker_close(&e->worker[t]);
    net_close(e->net);
    limits_close(&e->limits);
    free(e->population);
    free(e->worker);
    free(e->time);
    free(e->facts);
    free(e);
}

/* Steps that all workers go through. */
struct stretch {
    struct engine *engine;
    uint64_t first_step;
    size_t steps;
};

static void advance_worker(void *context, int worker, int workers)
{
    const struct stretch *s = context;
    (void)workers;
    WITH_OWN_FLOAT_ENV(env);
    worker_advance(s->engine, worker, s->first_step, s->steps);
}

static void advance_workers(struct engine *e, uint64_t first_step, size_t steps)
{
    struct stretch stretch = {e, first_step, steps};
    for (int w = 0; w < e->threads; w++)
        worker_begin(e, w);
    team_run(e->threads, advance_worker, &stretch);
}

static void settle_worker(void *context, int worker, int workers)
{
    const struct stretch *s = context;
    (void)workers;
    worker_settle(s->engine, worker, s->steps);
}

static void settle_workers(struct engine *e, size_t steps)
{
    team_run(e->threads, settle_worker, &(struct stretch){e, e->steps_done, steps});
}

/* The spikes of a population in step k of the block. */
static uint64_t count_step(const struct engine *e, size_t i, size_t k)
{
    uint64_t spikes = 0;
    if (e->exchange)
        return exchange_count(e->exchange, i, k);
    for (int t = 0; t < e->threads; t++)
        spikes += e->worker[t].count[i * e->block + k];
    return spikes;
}

/* How many of the block's steps count: all, or up to the one that meets a limit. */
static size_t steps_within_limits(struct engine *e, size_t steps)
{
    struct limits *limits = &e->limits;
    limits->spikes = engine_digest(e).spikes;
    if (e->exchange)
        exchange_counts(e);
    for (size_t i = 0; i < e->config->population_count; i++)
        limits->in_bin[i] = rate_bins_at(&e->population[i].rates[0], e->steps_done);
    for (size_t k = 0; k < steps; k++) {
        uint64_t step = e->steps_done + k;
        for (size_t i = 0; i < e->config->population_count; i++)
            limits_count(limits, i, step, count_step(e, i, k));
        e->met = limits_test(limits, step);
        if (e->met.limit)
            return k + 1;
    }
    return steps;
}

static void copy_state(struct engine *e)
{
    for (size_t i = 0; i < e->config->population_count; i++)
        state_copy_take(&e->population[i].copy, &e->population[i].neurons, e->threads);
    e->copy_step = e->steps_done;
}

/* Back to the copy, and forward again to where the present block begins. */
static void rewind_block(struct engine *e)
{
    for (size_t i = 0; i < e->config->population_count; i++)
        state_copy_restore(&e->population[i].copy, &e->population[i].neurons, e->threads);
    for (uint64_t step = e->copy_step; step < e->steps_done;) {
        uint64_t left = e->steps_done - step;
        size_t steps = left < e->block ? (size_t)left : e->block;
        advance_workers(e, step, steps);
        step += steps;
    }
}

/* A block of which a step may turn out to be the run's last: then the state must be that of its
 * end. So the block is stepped, and where it went too far, stepped again as far as is right. */
static size_t advance_within_limits(struct engine *e, size_t steps)
{
    if (e->copy_age == 0)
        copy_state(e);
    e->copy_age = (e->copy_age + 1) % e->copy_blocks;
    advance_workers(e, e->steps_done, steps);
    size_t right = steps_within_limits(e, steps);
    if (right < steps) {
        rewind_block(e);
        advance_workers(e, e->steps_done, right);
    }
    settle_workers(e, right);
    return right;
}

/* Adds up what the workers counted, in integers: the order does not matter. All other threads wait
 * meanwhile, and there may be many: so worker by worker, as the numbers lie in memory. */
static void add_up(struct engine *e, size_t i, size_t steps)
{
    uint64_t *count = e->worker[0].count + i * e->block;
    for (int w = 1; w < e->threads; w++) {
        const uint64_t *own = e->worker[w].count + i * e->block;
        digest_merge(&e->worker[0].digest[i], &e->worker[w].digest[i]);
        for (size_t k = 0; k < steps; k++)
            count[k] += own[k];
    }
}

/* What was added up, to the totals. */
static void gather(struct engine *e, size_t i, size_t steps)
{
    struct engine_population *p = &e->population[i];
    const uint64_t *count = e->worker[0].count + i * e->block;
    digest_merge(&p->totals.digest, &e->worker[0].digest[i]);
    for (size_t k = 0; k < steps; k++) {
        uint64_t step = e->steps_done + k;
        for (size_t r = 0; r < 1 + e->config->record_count; r++)
            rate_bins_add(&p->rates[r], step, count[k]);
        p->totals.after_warmup += step >= e->config->warmup_steps ? count[k] : 0;
    }
    p->block.steps = steps;
    if (p->recorded.step)
        recorded_order(&p->recorded, e->threads);
    p->totals.recorded += engine_block_rows(e, i);
}

/* The sums of a block: of the workers, and of all ranks, whose networks get its spikes. */
static void sum_block(struct engine *e, size_t steps)
{
    e->events_of_block = 0;
    for (int w = 0; w < e->threads; w++)
        e->events_of_block += e->worker[w].arriving.events;
    for (size_t i = 0; i < e->config->population_count; i++)
        add_up(e, i, steps);
    if (!e->exchange)
        return;
    const double start = clock_seconds();
    enum status status = e->net ? net_failure(e->net, &e->failed) : STATUS_OK;
    e->failed.status = exchange_block(e, steps, status, &e->failed);
    e->exchange_s += clock_seconds() - start;
}

size_t engine_advance(struct engine *e, uint64_t allowed)
{
    size_t steps = allowed < e->block ? (size_t)allowed : e->block;
    if (e->met.limit || e->failed.status)
        return 0;
    for (size_t k = 0; k < steps; k++)
        e->time[k] = decimal_times_steps(e->config->dt, e->steps_done + k + 1);
    for (size_t i = 0; i < e->config->population_count; i++) {
        traces_begin(&e->population[i].neurons, e->steps_done);
        e->population[i].block.first_step = e->steps_done;
    }
    if (e->limited)
        steps = advance_within_limits(e, steps);
    else
        advance_workers(e, e->steps_done, steps);
    sum_block(e, steps);
    if (exchange_has_failed(e->exchange))
        return 0;
    for (size_t i = 0; i < e->config->population_count; i++)
        gather(e, i, steps);
    e->events += e->events_of_block;
    if (e->net && !e->exchange)
        e->failed.status = network_take(e, &e->failed);
    e->steps_done += steps;
    return steps;
}

enum status engine_failure(const struct engine *engine, struct error *err)
{
    if (engine->failed.status)
        *err = engine->failed;
    return engine->failed.status;
}

bool engine_has_failed_together(const struct engine *engine)
{
    return exchange_has_failed(engine->exchange);
}

enum status engine_give_up(struct engine *e, struct error *err)
{
    for (size_t i = 0; i < e->config->population_count; i++)
        memset(&e->worker[0].digest[i], 0, sizeof e->worker[0].digest[i]);
    for (int w = 0; w < e->threads && e->limited; w++)
        memset(e->worker[w].count, 0, e->config->population_count * e->block * sizeof(uint64_t));
    if (e->limited)
        exchange_counts(e);
    e->failed = *err;
    e->failed.status = exchange_block(e, 0, err->status, &e->failed);
    *err = e->failed;
    return e->failed.status;
}

void engine_ask_stop(struct engine *engine)
{
    exchange_ask(engine->exchange, EXCHANGE_STOP);
}

bool engine_is_stopped(const struct engine *engine)
{
    return exchange_is_asked(engine->exchange, EXCHANGE_STOP);
}

void engine_ask_checkpoint(struct engine *engine)
{
    exchange_ask(engine->exchange, EXCHANGE_SAVE);
}

bool engine_is_to_be_saved(const struct engine *engine)
{
    return exchange_is_asked(engine->exchange, EXCHANGE_SAVE);
}

double engine_exchange_seconds(const struct engine *engine)
{
    return engine->exchange_s;
}

enum status engine_complete(struct engine *engine, struct error *err)
{
    return engine->exchange ? gathered_counts(engine, err) : STATUS_OK;
}

const struct block *engine_spikes(const struct engine *engine, size_t population)
{
    const struct engine_population *p = &engine->population[population];
    return p->keeps ? &p->block : NULL;
}

uint64_t engine_block_rows(const struct engine *engine, size_t population)
{
    const struct engine_population *p = &engine->population[population];
    return p->gathered.step ? gathered_rows_count(&p->gathered) : recorded_rows(&p->recorded);
}

void engine_read_rows(const struct engine *engine, size_t population, uint64_t first, size_t rows,
                      uint64_t *node_ids, double *timestamps)
{
    const struct engine_population *p = &engine->population[population];
    if (p->gathered.step)
        gathered_rows_read(&p->gathered, first, rows, engine->time, node_ids, timestamps);
    else
        recorded_read(&p->recorded, first, rows, engine->time, node_ids, timestamps);
}

struct limit_met engine_limit_met(const struct engine *engine)
{
    return engine->met;
}

const struct trace *engine_trace(const struct engine *e, size_t record, size_t population,
                                 size_t *rows)
{
    const struct engine_population *p = &e->population[population];
    const size_t t = traces_place(e->config, record, population);
    if (t >= p->neurons.trace_count)
        return NULL;
    const struct trace *trace = p->whole_traces ? &p->whole_traces[t] : &p->neurons.traces[t];
    *rows = (size_t)(trace_rows_before(trace, e->steps_done) - trace->first_row);
    return trace;
}

const struct rate_bins *engine_rate(const struct engine *e, size_t record, size_t population)
{
    return rate_bins_wanted(&e->config->record[record], population)
               ? &e->population[population].rates[1 + record]
               : NULL;
}

uint64_t engine_steps_done(const struct engine *engine)
{
    return engine->steps_done;
}

const struct engine_totals *engine_totals(const struct engine *engine, size_t population)
{
    return &engine->population[population].totals;
}

struct digest engine_digest(const struct engine *engine)
{
    struct digest digest = {{0, 0}, 0};
    for (size_t i = 0; i < engine->config->population_count; i++)
        digest_merge(&digest, &engine->population[i].totals.digest);
    return digest;
}

uint64_t engine_events(const struct engine *engine)
{
    return engine->events;
}

struct net_facts engine_projection(const struct engine *engine, size_t projection)
{
    return engine->facts ? engine->facts[projection] : net_projection(engine->net, projection);
}

double engine_synapses_seconds(const struct engine *engine)
{
    return engine->net ? net_build_seconds(engine->net) : 0;
}

struct digest engine_connectivity(const struct engine *engine)
{
    struct digest digest = {{0, 0}, 0};
    for (size_t i = 0; i < engine->config->projection_count; i++) {
        struct net_facts facts = engine_projection(engine, i);
        digest_merge(&digest, &facts.digest);
    }
    return digest;
}

int engine_threads(const struct engine *engine)
{
    return engine->threads;
}

size_t engine_tile(const struct engine *engine)
{
    return engine->tile;
}

size_t engine_block(const struct engine *engine)
{
    return engine->block;
}

struct population *engine_population(struct engine *engine, size_t population)
{
    return &engine->population[population].neurons;
}

void engine_read_V(struct engine *engine, size_t population, uint64_t begin, uint64_t end,
                   double *V)
{
    if (comm_is_shared(engine->comm))
        gathered_read_V(engine, population, begin, end, V);
    else
        population_read_V(&engine->population[population].neurons, begin, end, V);
}
