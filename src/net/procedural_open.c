#include "net/procedural_open.h"

#include "net/connectivity.h"
#include "net/net_progress.h"
#include "net/procedural_counts.h"
#include "net/procedural_targets.h"
#include "net/wiring_rows.h"

#include <math.h>
#include <string.h>

/* A target of the rule: what it has in the digest of each of its synapses (a factor is taken in
 * already), and their number. Both are wanted at once, from anywhere. */
struct noted {
    uint64_t key, degree;
};

struct noting {
    const struct synapse_rule *rule;
    struct noted *target; /* [end - begin] of the rule */
    struct digest digest;
    struct wiring_rows rows;
    uint16_t number[WIRING_ROWS_ROOM];
    uint64_t source[WIRING_ROWS_ROOM + WIRING_ROW_MOST]; /* of each: id, likewise */
};

/* Says which source each number is of. */
static void name_sources(struct noting *n)
{
    const struct wiring_rows *rows = &n->rows;
    const uint64_t behind = n->rule->id - n->rule->source;
    for (size_t r = 0, at = 0; r < rows->count; at += rows->keep[r++]) {
        const uint64_t source = (uint64_t)rows->high << 32 | rows->source[r];
        procedural_move_up(n->number + at, rows->keep[r], procedural_self(n->rule, source));
        for (size_t i = 0; i < WIRING_ROW_MOST; i++) /* more than are kept: without a branch */
            n->source[at + i] = (source + behind) * DIGEST_FACTOR;
    }
}

static void note(struct noting *n, size_t count)
{
    struct digest digest = n->digest; /* in registers */
    for (size_t i = 0; i < count; i++) {
        struct noted *target = &n->target[n->number[i]];
        digest_add_product(&digest, target->key + n->source[i]);
        target->degree++;
    }
    n->digest = digest;
}

static bool note_rows(struct noting *n, struct net_progress *progress)
{
    const uint64_t before = n->digest.spikes;
    const size_t count = wiring_rows_draw(&n->rows, n->number);
    name_sources(n);
    note(n, procedural_clip(n->rule, n->number, n->source, count));
    n->rows.count = 0;
    return net_progress_add(progress,
                            procedural_drawn(n->digest.spikes) - procedural_drawn(before));
}

/* Whether to stop. */
static bool note_source(struct noting *n, uint64_t source, uint64_t count,
                        struct net_progress *progress)
{
    const uint64_t below = n->rule->all - (procedural_self(n->rule, source) != WIRING_NONE);
    const uint32_t high = (uint32_t)(source >> 32);
    bool stop = false;
    if (count > 0 && (below != n->rows.below || high != n->rows.high)) {
        stop = note_rows(n, progress);
        wiring_rows_begin(&n->rows, high, below);
    }
    for (uint64_t at = 0; at < count && !stop;) {
        if (wiring_rows_full(&n->rows))
            stop = note_rows(n, progress);
        at = wiring_rows_add(&n->rows, (uint32_t)source, at, count);
    }
    return stop;
}

static enum status note_all(struct noting *n, struct net_progress *progress)
{
    const struct synapse_rule *rule = n->rule;
    bool stop = false;
    wiring_rows_open(&n->rows, rule->wiring->kernels, rule->wiring->target_key, rule->tile);
    wiring_rows_begin(&n->rows, (uint32_t)(rule->source >> 32), rule->all);
    for (uint64_t i = 0; i < rule->sources && !stop; i++)
        stop = note_source(n, rule->source + i, rule->few ? rule->few[i] : rule->many[i], progress);
    return stop || note_rows(n, progress) ? STATUS_INTERRUPTED : STATUS_OK;
}

static enum status name_targets(struct noting *n, const struct synapses_part *part,
                                const struct synapse_form *form, struct error *err)
{
    struct connectivity names;
    const struct synapse_rule *rule = n->rule;
    const double weight = ldexp((double)form->weight, part->unit.stored);
    enum status status = connectivity_open(&names, part->config, part->projection,
                                           part->source_begin, part->population, err);
    memset(n->target, 0, (rule->end - rule->begin) * sizeof *n->target);
    if (!status)
        connectivity_tile(&names, rule->begin, rule->end, part->id);
    for (uint32_t i = rule->begin; i < rule->end && !status; i++)
        n->target[i - rule->begin].key =
            connectivity_of(&names, i, form->delay, weight) * DIGEST_FACTOR;
    connectivity_close(&names);
    return status;
}

static struct synapse_rule rule_of(const struct synapses_part *part)
{
    const struct procedural_counts *counts = part->counts;
    const uint64_t tile = wiring_tile_of(part->wiring, part->begin);
    const uint64_t first = wiring_first_target(part->wiring, tile);
    struct synapse_rule rule = {.wiring = part->wiring,
                                .tile = tile,
                                .source = part->source_begin,
                                .id = part->source_id,
                                .sources = part->source_end - part->source_begin,
                                .begin = (uint32_t)(part->begin - first),
                                .end = (uint32_t)(part->end - first),
                                .local = part->local,
                                .all = (uint32_t)(wiring_end_target(part->wiring, tile) - first)};
    if (counts->each == sizeof *rule.few)
        rule.few = (const uint8_t *)counts->tile[tile] + part->source_begin;
    else
        rule.many = (const uint32_t *)counts->tile[tile] + part->source_begin;
    return rule;
}

/* Of |weights| onto each target of the cell. */
static void sum_weights(const struct noting *n, int64_t weight, size_t targets, uint64_t *sum)
{
    const struct synapse_rule *rule = n->rule;
    const uint64_t size = weight < 0 ? -(uint64_t)weight : (uint64_t)weight;
    memset(sum, 0, targets * sizeof *sum);
    for (uint32_t i = 0; i < rule->end - rule->begin; i++)
        sum[rule->local + i] = n->target[i].degree * size;
}

size_t procedural_open_bytes(size_t targets)
{
    return WIRING_TILE_MOST * (sizeof(struct noted) + sizeof(uint64_t)) +
           targets * sizeof(uint64_t);
}

enum status procedural_open(struct synapses *out, struct synapses_part *part, size_t targets,
                            struct net_progress *progress, struct synapses_work *work,
                            struct error *err)
{
    struct noting n; /* large: not all of it is to be cleared */
    uint64_t *sum = synapses_work_memory(&work->sum, targets * sizeof *sum);
    out->rule = rule_of(part);
    n.rule = &out->rule;
    n.digest = (struct digest){{0, 0}, 0};
    n.target = synapses_work_memory(&work->spare, (part->end - part->begin) * sizeof *n.target);
    if (!sum || !n.target)
        return error_no_memory(err, "for drawing synapses");
    enum status status = name_targets(&n, part, &out->form, err);
    if (!status)
        status = note_all(&n, progress);
    if (!status)
        sum_weights(&n, out->form.weight, targets, sum);
    part->digest = n.digest;
    out->count = n.digest.spikes;
    return status;
}
