/* Each rank sends a message; rank 0 makes rows and traces of all of them. What a network has told
 * all ranks is not sent again. */
#include "engine/gathered.h"

#include "base/memory.h"
#include "engine/engine_private.h"
#include "engine/traces.h"
#include "engine/worker.h"

#include <stdlib.h>
#include <string.h>

/* A message: of each population that records and is no source, recorded spikes of each step
 * (uint64_t), their ids from the rank's first one on (uint32_t), up to a whole number of 8 bytes;
 * then of each trace the block's values, likewise. */
struct gathering {
    bool wanted; /* anybody sends anything */
    void *own, *all;
    size_t own_room, all_room;
    uint64_t *each; /* [ranks]: bytes */
    char **next;    /* [ranks]: in all, what is not read yet */
};

static struct part part_of(const struct engine *e, int rank)
{
    return (struct part){rank, e->comm->ranks};
}

static bool sends_rows(const struct engine *e, size_t population)
{
    return e->population[population].records && !net_is_source(e->config, population);
}

/* ---- opening */

static enum status open_trace(struct engine *e, size_t population, size_t record,
                              struct trace *whole, const struct trace *own, struct error *err)
{
    const struct record_config *r = &e->config->record[record];
    const uint64_t size = e->config->population[population].size;
    uint64_t *ids, bytes, count = 0;
    enum status status = traces_select(r, size, 0, size, &ids, &bytes, &count, err);
    *whole = (struct trace){.recordable = own->recordable,
                            .start = own->start,
                            .stop = own->stop,
                            .interval = own->interval,
                            .count = count,
                            .ids = ids,
                            .most = own->most,
                            .value_bytes = own->value_bytes,
                            .values = memory_alloc(own->most * count * own->value_bytes)};
    return status || whole->values ? status : error_no_memory(err, "for the recorder %s", r->name);
}

static enum status open_traces(struct engine *e, size_t i, struct error *err)
{
    struct engine_population *p = &e->population[i];
    enum status status = STATUS_OK;
    p->whole_traces = calloc(p->neurons.trace_count + 1, sizeof *p->whole_traces);
    if (!p->whole_traces)
        return error_no_memory(err, "for the traces of all ranks");
    for (size_t r = 0; r < e->config->record_count && !status; r++) {
        const size_t t = traces_place(e->config, r, i);
        if (t < p->neurons.trace_count)
            status = open_trace(e, i, r, &p->whole_traces[t], &p->neurons.traces[t], err);
    }
    return status;
}

static enum status open_population(struct engine *e, size_t i, struct error *err)
{
    struct engine_population *p = &e->population[i];
    e->gathering->wanted |= sends_rows(e, i) || p->neurons.trace_count > 0;
    if (e->comm->rank > 0)
        return STATUS_OK;
    enum status status = p->records ? gathered_rows_open(&p->gathered, e->block, err) : STATUS_OK;
    return status ? status : open_traces(e, i, err);
}

enum status gathered_open(struct engine *e, struct error *err)
{
    enum status status = STATUS_OK;
    if (!comm_is_shared(e->comm))
        return STATUS_OK;
    struct gathering *g = calloc(1, sizeof *g);
    e->gathering = g;
    if (!g)
        return error_no_memory(err, "for the spikes of all ranks");
    g->each = calloc((size_t)e->comm->ranks, sizeof *g->each);
    g->next = calloc((size_t)e->comm->ranks, sizeof *g->next);
    if (!g->each || !g->next)
        return error_no_memory(err, "for the spikes of all ranks");
    for (size_t i = 0; i < e->config->population_count && !status; i++)
        status = open_population(e, i, err);
    return status;
}

static void close_population(struct engine_population *p)
{
    for (size_t t = 0; p->whole_traces && t < p->neurons.trace_count; t++)
        trace_close(&p->whole_traces[t]);
    free(p->whole_traces);
    gathered_rows_close(&p->gathered);
}

void gathered_close(struct engine *e)
{
    struct gathering *g = e->gathering;
    for (size_t i = 0; i < e->config->population_count; i++)
        close_population(&e->population[i]);
    if (!g)
        return;
    free(g->own);
    free(g->all);
    free(g->each);
    free(g->next);
    free(g);
}

/* ---- sending */

static uint64_t aligned(uint64_t bytes)
{
    return (bytes + 7) / 8 * 8;
}

/* The recorded ones of a step, from the rank's first id on; returns how many. */
static uint64_t write_step(const struct engine_population *p, size_t k, uint32_t *ids)
{
    const struct block *block = &p->block;
    uint64_t count = 0;
    if (!recorded_in_window(&p->recorded, block->first_step + k))
        return 0;
    for (uint64_t tile = 0; tile < block->tiles; tile++) {
        const size_t at = tile * block->room + k;
        const uint16_t *from = block->ids[tile] + block->position[at];
        for (uint32_t i = 0; i < block->count[at]; i++) {
            const uint64_t place = tile * block->tile + from[i];
            ids[count] = (uint32_t)place;
            count += recorded_selects(&p->recorded, block->first_id + place);
        }
    }
    return count;
}

static char *write_rows(const struct engine_population *p, size_t steps, char *to)
{
    uint64_t *count = (uint64_t *)(void *)to;
    uint32_t *ids = (uint32_t *)(void *)(count + steps);
    for (size_t k = 0; k < steps; k++) {
        count[k] = write_step(p, k, ids);
        ids += count[k];
    }
    return to + aligned((uint64_t)((char *)ids - to));
}

static uint64_t rows_of(const struct trace *trace, uint64_t done)
{
    return trace_rows_before(trace, done) - trace->first_row;
}

static char *write_traces(const struct engine *e, const struct engine_population *p, size_t steps,
                          char *to)
{
    for (size_t t = 0; t < p->neurons.trace_count; t++) {
        const struct trace *trace = &p->neurons.traces[t];
        const uint64_t rows = rows_of(trace, e->steps_done + steps);
        const uint64_t bytes = rows * trace->count * trace->value_bytes;
        memcpy(to, trace->values, bytes);
        to += aligned(bytes);
    }
    return to;
}

/* A bound on the bytes of a message: of all spikes, where some are recorded. A step's spikes are
 * written before it is known which of them count, so there is room for one more. */
static uint64_t most_bytes(const struct engine *e, size_t steps)
{
    uint64_t bytes = sizeof(uint64_t);
    for (size_t i = 0; i < e->config->population_count; i++) {
        const struct engine_population *p = &e->population[i];
        uint64_t spikes = 1;
        for (uint64_t cell = 0; sends_rows(e, i) && cell < p->block.tiles * p->block.room; cell++)
            spikes += cell % p->block.room < steps ? p->block.count[cell] : 0;
        if (sends_rows(e, i))
            bytes += steps * sizeof(uint64_t) + aligned(spikes * sizeof(uint32_t));
        for (size_t t = 0; t < p->neurons.trace_count; t++) {
            const struct trace *trace = &p->neurons.traces[t];
            bytes +=
                aligned(rows_of(trace, e->steps_done + steps) * trace->count * trace->value_bytes);
        }
    }
    return bytes;
}

static void send_all(struct engine *e, size_t steps)
{
    struct gathering *g = e->gathering;
    const struct comm *comm = e->comm;
    uint64_t sum = sizeof(uint64_t);
    comm_make_room(comm, &g->own, &g->own_room, most_bytes(e, steps));
    char *to = g->own;
    for (size_t i = 0; i < e->config->population_count; i++) {
        if (sends_rows(e, i))
            to = write_rows(&e->population[i], steps, to);
        to = write_traces(e, &e->population[i], steps, to);
    }
    const uint64_t bytes = (uint64_t)(to - (char *)g->own);
    comm->calls->allgather(&bytes, sizeof bytes, g->each);
    for (int r = 0; r < comm->ranks; r++)
        sum += g->each[r];
    if (comm->rank == 0)
        comm_make_room(comm, &g->all, &g->all_room, sum);
    comm->calls->gather_each(g->own, g->each, g->all);
}

/* ---- rank 0: rows */

/* What the network's history has. */
static enum status take_source(struct engine *e, size_t i, size_t steps, struct error *err)
{
    struct engine_population *p = &e->population[i];
    enum status status = STATUS_OK;
    for (size_t k = 0; k < steps && !status; k++) {
        const uint64_t step = e->steps_done + k;
        const struct step_spikes *spikes = history_at(net_history(e->net), i, step);
        gathered_rows_begin_step(&p->gathered);
        if (recorded_in_window(&p->recorded, step))
            status =
                gathered_rows_add(&p->gathered, &p->recorded, spikes->ids, spikes->count, 0, err);
    }
    return status;
}

/* What the ranks have sent. Moves on in their messages also without memory. */
static enum status take_rows(struct engine *e, size_t i, size_t steps, struct error *err)
{
    struct gathering *g = e->gathering;
    struct engine_population *p = &e->population[i];
    enum status status = STATUS_OK;
    const uint32_t **ids = calloc((size_t)e->comm->ranks, sizeof *ids);
    if (!ids)
        return error_no_memory(err, "for the spikes of all ranks");
    for (int r = 0; r < e->comm->ranks; r++)
        ids[r] = (const uint32_t *)(const void *)(g->next[r] + steps * sizeof(uint64_t));
    for (size_t k = 0; k < steps; k++) {
        gathered_rows_begin_step(&p->gathered);
        for (int r = 0; r < e->comm->ranks && !status; r++) {
            const uint64_t count = ((const uint64_t *)(const void *)g->next[r])[k];
            const struct part_range range = part_range(e->config, i, part_of(e, r));
            status = gathered_rows_add(&p->gathered, &p->recorded, ids[r], count, range.first, err);
            ids[r] += count;
        }
    }
    for (int r = 0; r < e->comm->ranks; r++)
        g->next[r] += aligned((uint64_t)((const char *)ids[r] - g->next[r]));
    free(ids);
    return status;
}

/* ---- rank 0: traces */

/* How many of its neurons a rank has. */
static uint64_t neurons_of(const struct trace *whole, struct part_range range)
{
    uint64_t count = 0;
    for (uint64_t n = 0; n < whole->count; n++)
        count += whole->ids[n] - range.first < range.neurons;
    return count;
}

/* Rows of all ranks, side by side. */
static void take_trace(struct engine *e, size_t i, size_t t, size_t steps)
{
    struct trace *whole = &e->population[i].whole_traces[t];
    const uint64_t rows = trace_rows_before(whole, e->steps_done + steps) - whole->first_row;
    uint64_t place = 0;
    for (int r = 0; r < e->comm->ranks; r++) {
        const uint64_t count = neurons_of(whole, part_range(e->config, i, part_of(e, r)));
        const uint64_t bytes = count * whole->value_bytes;
        char *to = (char *)whole->values + place * whole->value_bytes;
        for (uint64_t row = 0; row < rows; row++)
            memcpy(to + row * whole->count * whole->value_bytes,
                   e->gathering->next[r] + row * bytes, bytes);
        e->gathering->next[r] += aligned(rows * bytes);
        place += count;
    }
}

/* ---- a block */

static enum status take_population(struct engine *e, size_t i, size_t steps, struct error *err)
{
    struct engine_population *p = &e->population[i];
    enum status status = STATUS_OK;
    gathered_rows_begin(&p->gathered);
    if (sends_rows(e, i))
        status = take_rows(e, i, steps, err);
    else if (p->records)
        status = take_source(e, i, steps, err);
    for (size_t t = 0; t < p->neurons.trace_count && !status; t++) {
        trace_begin(&p->whole_traces[t], e->steps_done);
        take_trace(e, i, t, steps);
    }
    return status;
}

enum status gathered_take(struct engine *e, size_t steps, struct error *err)
{
    struct gathering *g = e->gathering;
    enum status status = STATUS_OK;
    if (g->wanted)
        send_all(e, steps);
    if (e->comm->rank > 0)
        return STATUS_OK;
    for (int r = 0; r < e->comm->ranks && g->wanted; r++)
        g->next[r] = r > 0 ? g->next[r - 1] + g->each[r - 1] : g->all;
    for (size_t i = 0; i < e->config->population_count && !status; i++)
        status = take_population(e, i, steps, err);
    return status;
}

/* ---- between two blocks */

/* The neurons begin ... end - 1 that a rank has. */
static struct part_range within_rank(const struct engine *e, size_t population, int rank,
                                     uint64_t begin, uint64_t end)
{
    return part_range_within(part_range(e->config, population, part_of(e, rank)), begin, end);
}

void gathered_read_V(const struct engine *e, size_t population, uint64_t begin, uint64_t end,
                     double *V)
{
    uint64_t *each = e->gathering->each;
    const struct population *p = &e->population[population].neurons;
    const struct part_range own = within_rank(e, population, e->comm->rank, begin, end);
    double *own_V = own.neurons > 0 ? V + (own.first - begin) : V;
    if (own.neurons > 0)
        population_read_V(p, own.first - p->first_id, own.first - p->first_id + own.neurons, own_V);
    for (int r = 0; r < e->comm->ranks; r++)
        each[r] = within_rank(e, population, r, begin, end).neurons * sizeof *V;
    e->comm->calls->allgather_each(own_V, each, V);
}

/* ---- at the end */

static void gather_array(const struct engine *e, size_t i, const uint64_t *own, uint64_t *all)
{
    uint64_t *each = e->gathering->each;
    for (int r = 0; r < e->comm->ranks; r++)
        each[r] = part_range(e->config, i, part_of(e, r)).neurons * sizeof *own;
    e->comm->calls->gather_each(own, each, all);
}

enum status gathered_counts(struct engine *e, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < e->config->population_count && !status; i++) {
        struct engine_population *p = &e->population[i];
        const struct neuron_counts *own = &p->counts;
        struct neuron_counts *all = &p->whole_counts;
        if (!p->totals.counts)
            continue;
        if (e->comm->rank == 0)
            status = neuron_counts_open(all, e->config->population[i].size, err);
        status = comm_agree(e->comm, status, err);
        if (status)
            break;
        gather_array(e, i, own->spikes, all->spikes);
        gather_array(e, i, own->first, all->first);
        gather_array(e, i, own->last, all->last);
        gather_array(e, i, own->square_sum, all->square_sum);
        if (e->comm->rank == 0)
            p->totals.counts = all;
    }
    return status;
}
