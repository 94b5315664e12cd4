/* A message of each rank to all, in one exchange of fixed length; where one is longer, in a second
 * one, and the length grows. */
#include "engine/exchange.h"

#include "engine/engine_private.h"
#include "engine/gathered.h"
#include "engine/network.h"
#include "engine/worker.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM = 1024 /* bytes of a message beside what each block has: some spikes */ };

/* A message: this; then for each population its digest and, of each step, the number of its spikes
 * (uint64_t); then their ids, of each population that is a source, step after step (uint32_t). */
struct head {
    uint64_t bytes; /* of the message */
    uint64_t status, asks, steps, events;
};

struct exchange {
    const struct comm *comm;
    size_t populations, block;
    size_t length; /* of the first exchange */
    bool grows;
    void *own, *all; /* own message; those of all */
    size_t own_room, all_room;
    uint64_t *each;       /* [ranks]: bytes */
    const char **message; /* [ranks]: in all */
    const uint32_t **ids; /* [ranks]: of the message, not read yet */
    uint64_t *count;      /* [populations][block]: exchange_counts */
    unsigned asks, asked; /* enum exchange_asked: by this rank; by any, with the last block */
    bool failed;
};

/* All messages are. */
static size_t aligned(uint64_t bytes)
{
    return (bytes + 7) / 8 * 8;
}

enum status exchange_open(struct exchange **out, struct engine *e, struct error *err)
{
    struct exchange *x = NULL;
    *out = NULL;
    if (!comm_is_shared(e->comm))
        return STATUS_OK;
    x = calloc(1, sizeof *x);
    if (!x)
        return error_no_memory(err, "for what ranks exchange");
    *out = x;
    x->comm = e->comm;
    x->populations = e->config->population_count;
    x->block = e->block;
    x->grows = x->comm->spikes == 0;
    x->length = sizeof(struct head) +
                (x->grows ? ROOM : aligned(x->comm->spikes * sizeof(uint32_t))) +
                x->populations * (sizeof(struct digest) + e->block * sizeof(uint64_t));
    x->each = calloc((size_t)e->comm->ranks, sizeof *x->each);
    x->message = calloc((size_t)e->comm->ranks, sizeof *x->message);
    x->ids = calloc((size_t)e->comm->ranks, sizeof *x->ids);
    x->count = calloc(x->populations * x->block, sizeof *x->count);
    return x->each && x->message && x->ids && x->count
               ? STATUS_OK
               : error_no_memory(err, "for what ranks exchange");
}

void exchange_close(struct exchange *x)
{
    if (!x)
        return;
    free(x->own);
    free(x->all);
    free(x->each);
    free(x->message);
    free(x->ids);
    free(x->count);
    free(x);
}

enum status exchange_findings(const struct comm *comm, enum status status,
                              struct findings *findings, struct error *err)
{
    status = comm_agree(comm, status, err);
    if (status || !comm_is_shared(comm))
        return status;
    struct findings *all = calloc((size_t)comm->ranks, sizeof *all);
    if (!all)
        comm->calls->abort(STATUS_MEMORY);
    comm->calls->allgather(findings, sizeof *findings, all);
    memset(findings, 0, sizeof *findings);
    for (int r = 0; r < comm->ranks; r++)
        findings_merge(findings, &all[r]);
    free(all);
    return STATUS_OK;
}

/* ---- limits */

void exchange_counts(struct engine *e)
{
    struct exchange *x = e->exchange;
    const size_t counts = x->populations * x->block;
    memset(x->count, 0, counts * sizeof *x->count);
    for (int w = 0; w < e->threads; w++)
        for (size_t i = 0; i < counts; i++)
            x->count[i] += e->worker[w].count[i];
    comm_sum(x->comm, x->count, counts);
}

uint64_t exchange_count(const struct exchange *x, size_t population, size_t step)
{
    return x->count[population * x->block + step];
}

/* ---- a message */

static uint64_t ids_of(const struct engine *e, size_t population, size_t steps)
{
    const uint64_t *count = e->worker[0].count + population * e->block;
    uint64_t ids = 0;
    for (size_t k = 0; net_is_source(e->config, population) && k < steps; k++)
        ids += count[k];
    return ids;
}

static size_t message_bytes(const struct engine *e, size_t steps)
{
    uint64_t ids = 0;
    for (size_t i = 0; i < e->config->population_count; i++)
        ids += ids_of(e, i, steps);
    return sizeof(struct head) +
           e->config->population_count * (sizeof(struct digest) + steps * sizeof(uint64_t)) +
           aligned(ids * sizeof(uint32_t));
}

static void write_message(const struct engine *e, size_t steps, char *to)
{
    for (size_t i = 0; i < e->config->population_count; i++) {
        memcpy(to, &e->worker[0].digest[i], sizeof(struct digest));
        to += sizeof(struct digest);
        memcpy(to, e->worker[0].count + i * e->block, steps * sizeof(uint64_t));
        to += steps * sizeof(uint64_t);
    }
    for (size_t i = 0; i < e->config->population_count; i++)
        for (size_t k = 0; net_is_source(e->config, i) && k < steps; k++)
            to = network_copy_ids(&e->population[i].block, k, to);
}

static void send_message(struct engine *e, size_t steps, enum status status)
{
    struct exchange *x = e->exchange;
    const size_t bytes = message_bytes(e, steps);
    comm_make_room(x->comm, &x->own, &x->own_room, bytes > x->length ? bytes : x->length);
    *(struct head *)x->own = (struct head){bytes, status, x->asks, steps, e->events_of_block};
    x->asks &= ~(unsigned)EXCHANGE_SAVE;
    write_message(e, steps, (char *)x->own + sizeof(struct head));
    comm_make_room(x->comm, &x->all, &x->all_room, x->length * (size_t)x->comm->ranks);
    x->comm->calls->allgather(x->own, x->length, x->all);
}

static const struct head *head_of(const struct exchange *x, int rank)
{
    return (const struct head *)(const void *)x->message[rank];
}

/* The whole messages of all ranks, to x->message. */
static void receive_messages(struct exchange *x)
{
    uint64_t longest = 0, sum = 0;
    for (int r = 0; r < x->comm->ranks; r++) {
        x->message[r] = (const char *)x->all + (size_t)r * x->length;
        x->each[r] = head_of(x, r)->bytes;
        longest = x->each[r] > longest ? x->each[r] : longest;
        sum += x->each[r];
    }
    if (longest <= x->length)
        return;
    comm_make_room(x->comm, &x->all, &x->all_room, sum);
    x->comm->calls->allgather_each(x->own, x->each, x->all);
    x->message[0] = x->all;
    for (int r = 1; r < x->comm->ranks; r++)
        x->message[r] = x->message[r - 1] + x->each[r - 1];
    if (x->grows)
        x->length = aligned(longest + longest / 4);
}

/* ---- what they say */

/* STATUS_OK where all ranks are well, and at the same step. */
static enum status look(struct exchange *x, enum status status, struct error *err)
{
    bool fails = false, differ = false;
    x->asked &= ~(unsigned)EXCHANGE_SAVE;
    for (int r = 0; r < x->comm->ranks; r++) {
        fails |= head_of(x, r)->status != STATUS_OK;
        differ |= head_of(x, r)->steps != head_of(x, 0)->steps;
        x->asked |= (unsigned)head_of(x, r)->asks;
    }
    x->failed = fails || differ;
    if (fails)
        return comm_agree(x->comm, status, err);
    return differ ? error_set(err, STATUS_CONFIG,
                              "the ranks are not at the same step: all must run the same program "
                              "with the same config and files")
                  : STATUS_OK;
}

static void add_sums(struct engine *e, size_t steps)
{
    struct exchange *x = e->exchange;
    struct worker *w = &e->worker[0];
    memset(w->digest, 0, x->populations * sizeof *w->digest);
    memset(w->count, 0, x->populations * x->block * sizeof *w->count);
    e->events_of_block = 0;
    for (int r = 0; r < x->comm->ranks; r++) {
        const char *from = x->message[r] + sizeof(struct head);
        e->events_of_block += head_of(x, r)->events;
        for (size_t i = 0; i < x->populations; i++) {
            const struct digest *digest = (const struct digest *)(const void *)from;
            const uint64_t *count = (const uint64_t *)(digest + 1);
            digest_merge(&w->digest[i], digest);
            for (size_t k = 0; k < steps; k++)
                w->count[i * x->block + k] += count[k];
            from = (const char *)(count + steps);
        }
        x->ids[r] = (const uint32_t *)(const void *)from;
    }
}

/* Of one rank, the spikes of a population in a step. */
static uint64_t count_of(const struct exchange *x, int rank, size_t population, size_t steps,
                         size_t k)
{
    const size_t each = sizeof(struct digest) + steps * sizeof(uint64_t);
    const char *at = x->message[rank] + sizeof(struct head) + population * each;
    uint64_t count;
    memcpy(&count, at + sizeof(struct digest) + k * sizeof count, sizeof count);
    return count;
}

/* One step of a source, rank after rank: ascending. */
static enum status take_step(struct engine *e, size_t population, size_t steps, size_t k,
                             struct error *err)
{
    struct exchange *x = e->exchange;
    struct history *history = net_history(e->net);
    const uint64_t step = e->steps_done + k, all = e->worker[0].count[population * x->block + k];
    enum status status = history_resize(history, population, step, (size_t)all, err);
    uint32_t *to = status ? NULL : history_at(history, population, step)->ids;
    for (int r = 0; r < x->comm->ranks; r++) {
        const size_t count = (size_t)count_of(x, r, population, steps, k);
        if (to && count > 0)
            memcpy(to, x->ids[r], count * sizeof *to);
        to = to ? to + count : NULL;
        x->ids[r] += count;
    }
    return status;
}

static enum status take_spikes(struct engine *e, size_t steps, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < e->config->population_count; i++)
        for (size_t k = 0; net_is_source(e->config, i) && k < steps && !status; k++)
            status = take_step(e, i, steps, k, err);
    return status;
}

enum status exchange_block(struct engine *e, size_t steps, enum status status, struct error *err)
{
    struct exchange *x = e->exchange;
    send_message(e, steps, status);
    receive_messages(x);
    status = look(x, status, err);
    if (status)
        return status;
    add_sums(e, steps);
    status = take_spikes(e, steps, err);
    enum status gathered = gathered_take(e, steps, err);
    return status ? status : gathered;
}

bool exchange_has_failed(const struct exchange *exchange)
{
    return exchange && exchange->failed;
}

void exchange_ask(struct exchange *exchange, enum exchange_asked what)
{
    exchange->asks |= what;
}

bool exchange_is_asked(const struct exchange *exchange, enum exchange_asked what)
{
    return exchange->asked & what;
}
