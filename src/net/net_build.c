/* Which tables a network has, and their making, the dearest first, by all threads. */
#include "net/net_build.h"

#include "base/float_env.h"
#include "base/team.h"
#include "net/synapses_open.h"
#include "net/wiring_bounds.h"
#include "population/population_plan.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* ---- parts: a range of sources onto a range of targets in a cell, by receptor */

static bool add_part(struct net *net, const struct net_part *part)
{
    size_t count = net->parts;
    if ((count & (count - 1)) == 0) { /* room is a power of two */
        size_t room = count > 0 ? 2 * count : 1;
        struct net_part *grown = realloc(net->part, room * sizeof *grown);
        if (!grown)
            return false;
        net->part = grown;
    }
    net->part[net->parts] = *part;
    net->part[net->parts++].form = synapses_form(&part->synapses);
    return true;
}

/* What goes to which receptor: one part where only one sign occurs. Where all weights are 0 they go
 * where positive ones would: they do nothing, but they are synapses. */
static bool add_receptors(struct net *net, size_t projection, size_t population,
                          struct net_part part)
{
    const struct population_config *target = &net->config->population[population];
    struct synapses_part *s = &part.synapses;
    double least, most;
    wiring_weight_bounds(&net->config->projection[projection], &least, &most);
    const bool signs[2] = {most > 0 || least >= 0, least < 0};
    bool good = true;
    for (enum receptor r = RECEPTOR_EX; r < RECEPTORS_MOST && good; r++) {
        s->positive = signs[0] && weight_receptor(target, 1) == r;
        s->negative = signs[1] && weight_receptor(target, -1) == r;
        s->selects = signs[0] != s->positive || signs[1] != s->negative;
        s->unit = weight_grid_unit(&net->grid, projection, population, r);
        part.receptor = r;
        good = (!s->positive && !s->negative) || add_part(net, &part);
    }
    return good;
}

/* All sources onto some targets. */
static bool add_sources(struct net *net, size_t projection, size_t population, struct net_part part)
{
    const struct projection_config *p = &net->config->projection[projection];
    struct synapses_part *s = &part.synapses;
    const double density = wiring_expected_count(p) / ((double)p->sources * (double)p->targets);
    bool good = true;
    for (size_t i = 0; i < p->source_count && good; i++) {
        const uint64_t sources = p->source[i].end - p->source[i].begin;
        s->source_end = s->source_begin + sources;
        s->source_id = p->source[i].begin;
        part.population = p->source[i].population;
        part.cost = density * (double)sources * (double)(s->end - s->begin);
        good = add_receptors(net, projection, population, part);
        s->source_begin = s->source_end;
    }
    return good;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* All sources onto some targets; where synapses are drawn anew, tile by tile. */
static bool add_targets(struct net *net, size_t projection, size_t population, struct net_part part)
{
    const struct projection_config *p = &net->config->projection[projection];
    const struct wiring *wiring = net->wiring[projection];
    struct synapses_part *s = &part.synapses;
    const uint64_t end = s->end;
    bool good = true;
    while (s->begin < end && good) {
        const uint64_t behind = wiring_end_target(wiring, wiring_tile_of(wiring, s->begin));
        s->end = storage_of(p) == STORAGE_PROCEDURAL && behind < end ? behind : end;
        good = add_sources(net, projection, population, part);
        s->id += s->end - s->begin;
        s->local += (uint32_t)(s->end - s->begin);
        s->begin = s->end;
    }
    return good;
}

/* The targets of a range that are in a cell. */
static bool add_cell(struct net *net, size_t projection, const struct target *range, uint64_t place,
                     size_t cell)
{
    const struct net_cell *c = &net->target[cell].cell;
    const size_t tile = net->settings.tile;
    bool good = true;
    for (size_t i = 0; i < c->members && good; i++) {
        const struct net_member *member = &c->member[i];
        const struct part_range own =
            part_range(net->config, member->population, net->settings.part);
        const uint64_t first = own.first + member->begin * tile;
        const uint64_t behind = own.first + least(member->end * tile, own.neurons);
        const uint64_t begin = range->begin > first ? range->begin : first;
        const uint64_t end = range->end < behind ? range->end : behind;
        const struct net_part part = {
            .cell = cell,
            .synapses = {.config = net->config,
                         .projection = projection,
                         .population = range->population,
                         .id = begin,
                         .wiring = net->wiring[projection],
                         .counts = &net->counts[projection],
                         .begin = place + (begin - range->begin),
                         .end = place + (end - range->begin),
                         .local = (uint32_t)(member->offset + (begin - first))}};
        if (member->population == range->population && begin < end)
            good = add_targets(net, projection, range->population, part);
    }
    return good;
}

static bool add_projection(struct net *net, size_t projection)
{
    const struct projection_config *p = &net->config->projection[projection];
    uint64_t place = 0;
    bool good = true;
    for (size_t t = 0; t < p->target_count && good; t++) {
        for (size_t cell = 0; cell < net->cells && good; cell++)
            good = add_cell(net, projection, &p->target[t], place, cell);
        place += p->target[t].end - p->target[t].begin;
    }
    return good;
}

/* ---- tables: parts of one cell, population, receptor and form; of bitmaps also of one
 * projection's range of sources, so that their rows are no longer than they must be; procedural
 * ones each alone */

static int compare(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int by_table(const void *left, const void *right)
{
    const struct net_part *a = left, *b = right;
    const struct synapse_form *f = &a->form, *g = &b->form;
    int order = compare(a->cell, b->cell);
    order = order ? order : compare(a->population, b->population);
    order = order ? order : compare(a->receptor, b->receptor);
    order = order ? order : compare(f->storage, g->storage);
    order = order ? order : compare(f->kind, g->kind);
    order = order ? order : compare(f->segments, g->segments);
    order = order ? order : compare(f->delay, g->delay);
    order = order ? order : compare((uint64_t)f->shift, (uint64_t)g->shift);
    order = order ? order : compare((uint64_t)f->weight, (uint64_t)g->weight);
    if (order || f->storage == STORAGE_LISTS)
        return order;
    order = compare(a->synapses.projection, b->synapses.projection);
    order = order ? order : compare(a->synapses.source_begin, b->synapses.source_begin);
    if (order || f->storage == STORAGE_BITMAPS)
        return order;
    return compare(a->synapses.begin, b->synapses.begin);
}

static int by_place(const void *left, const void *right)
{
    const struct net_part *a = left, *b = right;
    const int order = by_table(left, right);
    return order ? order : compare(a->synapses.local, b->synapses.local);
}

/* Bits that nobody uses between two parts are worth it where they are few. */
static bool is_far(const struct net_part *before, const struct net_part *part)
{
    enum { FEW = 512 };
    const struct synapses_part *s = &before->synapses;
    return part->form.storage == STORAGE_BITMAPS &&
           part->synapses.local > s->local + (s->end - s->begin) + FEW;
}

static void begin_table(struct net *net, size_t part)
{
    struct net_target *target = &net->target[net->part[part].cell];
    struct delivery_table *table = &net->table[net->tables];
    table->population = net->part[part].population;
    table->receptor = net->part[part].receptor;
    net->first_part[net->tables] = part;
    target->first = target->tables > 0 ? target->first : net->tables;
    target->tables++;
    net->tables++;
}

static enum status list_tables(struct net *net, struct error *err)
{
    bool good = true;
    for (size_t i = 0; good && i < net->config->projection_count; i++)
        good = add_projection(net, i);
    net->table = calloc(net->parts + 1, sizeof *net->table);
    net->first_part = calloc(net->parts + 1, sizeof *net->first_part);
    if (!good || !net->table || !net->first_part)
        return error_no_memory(err, "for the list of synapses");
    if (net->parts > 0)
        qsort(net->part, net->parts, sizeof *net->part, by_place);
    for (size_t i = 0; i < net->parts; i++)
        if (i == 0 || by_table(&net->part[i - 1], &net->part[i]) != 0 ||
            is_far(&net->part[i - 1], &net->part[i]))
            begin_table(net, i);
    net->first_part[net->tables] = net->parts;
    return STATUS_OK;
}

/* ---- making them */

/* Tables that threads take one by one. */
struct turn {
    size_t table;
    double cost;
};
struct making {
    struct net *net;
    struct turn *turn;          /* [net->tables] */
    struct synapses_work *work; /* [threads] */
    _Atomic size_t next;
    enum status status; /* of the first that failed */
    struct error err;
};

static int by_cost(const void *left, const void *right)
{
    const struct turn *a = left, *b = right;
    return a->cost > b->cost ? -1 : a->cost < b->cost;
}

/* What a step may bring over the table, at most. */
static void add_sums(struct net *net, size_t table, struct net_target *target,
                     const struct synapses_work *work)
{
    const struct delivery_table *t = &net->table[table];
    const uint64_t *sum = work->sum.data;
    const uint64_t most = population_spikes_most(net->config, t->population);
    uint64_t *to = target->most + t->receptor * target->cell.targets;
    for (size_t i = 0; i < target->cell.targets; i++)
        to[i] += (sum[i] << t->synapses.form.shift) * most;
}

/* The bytes of a table are its projections' by their synapses. */
static void add_facts(struct net *net, size_t table, const struct synapses_part *part, size_t parts)
{
    const struct synapses *s = &net->table[table].synapses;
    const double bytes =
        (double)(s->bytes + synapse_places_bytes(&s->places) + synapse_bits_bytes(&s->bits) +
                 s->bits.rows * sizeof *s->bits.count);
    for (size_t i = 0; i < parts; i++) {
        struct net_facts *made = &net->made[part[i].projection];
        const double share =
            s->count > 0 ? (double)part[i].digest.spikes / (double)s->count : 1.0 / (double)parts;
        digest_merge(&made->digest, &part[i].digest);
        made->bytes += (uint64_t)(bytes * share);
    }
}

static void make_table(struct making *making, size_t table, struct synapses_work *work)
{
    struct error err = {STATUS_OK, ""};
    struct net *net = making->net;
    const size_t first = net->first_part[table], parts = net->first_part[table + 1] - first;
    struct net_target *target = &net->target[net->part[first].cell];
    struct synapses_part *part = calloc(parts, sizeof *part);
    enum status status = part ? STATUS_OK : error_no_memory(&err, "for making synapses");
    for (size_t i = 0; part && i < parts; i++)
        part[i] = net->part[first + i].synapses;
    if (!status)
        status = synapses_open(&net->table[table].synapses, part, parts,
                               net->config->population[net->table[table].population].size,
                               target->cell.targets, &net->progress, work, &err);
#pragma omp critical(net_make)
    {
        if (!status) {
            add_sums(net, table, target, work);
            add_facts(net, table, part, parts);
        }
        if (status && !making->status) {
            making->status = status;
            making->err = err;
            net_progress_stop(&net->progress);
        }
    }
    free(part);
}

static void make_some(void *context, int part, int parts)
{
    struct making *making = context;
    struct synapses_work *work = &making->work[part];
    size_t i;
    WITH_OWN_FLOAT_ENV(env);
    (void)parts;
    while (!net_progress_is_stopped(&making->net->progress) &&
           (i = atomic_fetch_add(&making->next, 1)) < making->net->tables)
        make_table(making, making->turn[i].table, work);
    synapses_work_close(work);
}

static void list_turns(struct making *making)
{
    const struct net *net = making->net;
    for (size_t i = 0; i < net->tables; i++) {
        making->turn[i] = (struct turn){i, 0};
        for (size_t p = net->first_part[i]; p < net->first_part[i + 1]; p++)
            making->turn[i].cost += net->part[p].cost;
    }
    qsort(making->turn, net->tables, sizeof *making->turn, by_cost);
}

static double expected_synapses(const struct net *net)
{
    double count = 0;
    for (size_t i = 0; i < net->config->projection_count; i++) {
        const struct projection_config *p = &net->config->projection[i];
        count += wiring_expected_count(p) *
                 part_share(net->config, p->target, p->target_count, net->settings.part);
    }
    return count;
}

static uint64_t synapses_of(const struct net *net)
{
    uint64_t synapses = 0;
    for (size_t i = 0; i < net->config->projection_count; i++)
        synapses += net->made[i].digest.spikes;
    return synapses;
}

/* What is kept of procedural projections. */
static enum status make_counts(struct net *net, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < net->parts && !status; i++) {
        const struct net_part *part = &net->part[i];
        const struct synapses_part *s = &part->synapses;
        if (part->form.storage == STORAGE_PROCEDURAL)
            status = procedural_counts_want(&net->counts[s->projection],
                                            wiring_tile_of(s->wiring, s->begin), err);
    }
    for (size_t i = 0; i < net->config->projection_count && !status; i++)
        if (net->counts[i].tile) {
            status =
                procedural_counts_make(&net->counts[i], net->settings.threads, &net->progress, err);
            net->made[i].bytes += procedural_counts_bytes(&net->counts[i]);
        }
    return status;
}

static enum status make_tables(struct net *net, struct error *err)
{
    const int threads = net->settings.threads;
    struct making making = {.net = net,
                            .turn = calloc(net->tables + 1, sizeof *making.turn),
                            .work = calloc((size_t)threads, sizeof *making.work)};
    if (!making.turn || !making.work) {
        free(making.turn);
        free(making.work);
        return error_no_memory(err, "for making synapses");
    }
    list_turns(&making);
    net_progress_begin(&net->progress, net->settings.watch, expected_synapses(net));
    making.status = make_counts(net, &making.err);
    if (making.status)
        net_progress_stop(&net->progress);
    team_run(threads, make_some, &making);
    free(making.turn);
    free(making.work);
    if (!making.status && net_progress_end(&net->progress, synapses_of(net)))
        making.status = STATUS_INTERRUPTED;
    if (making.status == STATUS_INTERRUPTED)
        error_set(&making.err, STATUS_INTERRUPTED, "interrupted while synapses were made");
    if (making.status && err)
        *err = making.err;
    return making.status;
}

/* The grid of sums follows from bounds that hold but for a chance of less than 1e-20, so this has
 * not been seen. */
static enum status check_sums(struct net *net, struct error *err)
{
    const uint64_t limit = UINT64_C(1) << (net->grid.bits - 1);
    uint64_t most = 0;
    for (size_t c = 0; c < net->cells; c++) {
        struct net_target *target = &net->target[c];
        for (size_t i = 0; i < RECEPTORS_MOST * target->cell.targets; i++)
            most = target->most[i] > most ? target->most[i] : most;
        free(target->most);
        target->most = NULL;
    }
    if (most < limit)
        return STATUS_OK;
    return error_set(
        err, STATUS_CONFIG,
        "%s: the weights onto a neuron add up to more than sums of %d bits hold; choose "
        "another seed, or precision = double",
        net->config->file, net->grid.bits);
}

/* ---- all of it */

static enum status open_wirings(struct net *net, struct error *err)
{
    const struct config *config = net->config;
    enum status status = STATUS_OK;
    net->wiring = calloc(config->projection_count, sizeof *net->wiring);
    net->made = calloc(config->projection_count, sizeof *net->made);
    net->counts = calloc(config->projection_count, sizeof *net->counts);
    if (!net->wiring || !net->made || !net->counts)
        return error_no_memory(err, "for projections");
    for (size_t i = 0; i < config->projection_count; i++)
        net->made[i].storage = storage_of(&config->projection[i]);
    for (size_t i = 0; i < config->projection_count && !status; i++)
        status = wiring_open(&net->wiring[i], config, i,
                             kernels_for(net->settings.kernels->isa, 32), err);
    for (size_t i = 0; i < config->projection_count && !status; i++)
        if (storage_of(&config->projection[i]) == STORAGE_PROCEDURAL)
            status = procedural_counts_open(&net->counts[i], net->wiring[i], &config->projection[i],
                                            err);
        else
            wiring_prepare(net->wiring[i]);
    return status;
}

/* The targets take over the cells, which have been dealt as well as there was memory. */
static enum status take_cells(struct net *net, const struct net_cell *cell, size_t cells,
                              struct error *err)
{
    bool good = true;
    net->cells = cells;
    for (size_t c = 0; c < cells; c++) {
        struct net_target *target = &net->target[c];
        target->cell = cell[c];
        target->most = calloc(RECEPTORS_MOST * cell[c].targets + 1, sizeof *target->most);
        good = good && target->most;
    }
    return good ? STATUS_OK : error_no_memory(err, "for the cells of a network");
}

static enum status open_cells(struct net *net, struct error *err)
{
    const size_t tile = net->settings.tile;
    const struct part part = net->settings.part;
    const size_t cells = net_cell_count(net->config, part, tile, net->settings.threads);
    struct net_cell *cell = cells > 0 ? calloc(cells, sizeof *cell) : NULL;
    net->target = cell ? calloc(cells, sizeof *net->target) : NULL;
    enum status status =
        net->target ? STATUS_OK : error_no_memory(err, "for the cells of a network");
    if (!status) {
        status = net_cells_open(cell, cells, net->config, part, tile, err);
        const enum status taken = take_cells(net, cell, cells, err);
        status = status ? status : taken;
    }
    free(cell);
    return status;
}

enum status net_build(struct net *net, struct error *err)
{
    enum status status = open_wirings(net, err);
    if (!status)
        status = open_cells(net, err);
    if (!status)
        status = list_tables(net, err);
    if (!status)
        status = make_tables(net, err);
    for (size_t i = 0; i < net->config->projection_count && !status; i++)
        wiring_unprepare(net->wiring[i]);
    return status ? status : check_sums(net, err);
}

void net_build_close(struct net *net)
{
    for (size_t i = 0; i < net->tables; i++)
        synapses_close(&net->table[i].synapses);
    for (size_t c = 0; c < net->cells; c++) {
        flights_close(&net->target[c].flights);
        net_cell_close(&net->target[c].cell);
        free(net->target[c].most);
    }
    for (size_t i = 0; net->counts && i < net->config->projection_count; i++)
        procedural_counts_close(&net->counts[i]);
    for (size_t i = 0; net->wiring && i < net->config->projection_count; i++)
        wiring_close(net->wiring[i]);
    free(net->target);
    free(net->part);
    free(net->table);
    free(net->first_part);
    free(net->wiring);
    free(net->counts);
    free(net->made);
}
