#include "net/connections.h"

#include "base/memory.h"
#include "net/weight_grid.h"
#include "net/wiring.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A synapse on its way. */
struct link {
    uint64_t source, target; /* ids */
    double weight, delay;
};

/* The synapses of one slice. */
struct batch_list {
    struct link *link;
    uint64_t count, room;
};

/* One range of a population in a projection's list. */
struct stretch {
    struct target range;
    uint64_t place; /* of its first neuron */
};

/* Targets of a tile, or all: what is sorted at once. */
struct slice {
    uint64_t tile, begin, end; /* places */
    uint64_t count;            /* synapses of the tile */
};

/* A wide tile is drawn anew for each of its slices, so there are no more than memory asks for. */
static const uint64_t slice_synapses = 1 << 22;

struct connections {
    const struct config *config;
    struct connections_choice choice;
    struct wiring *wiring;
    struct weight_unit unit[2];      /* of the receptors: [1] of negative weights */
    struct stretch *source, *target; /* all ranges of the two lists */
    size_t source_count, target_count;

    struct slice *slice; /* [slices] */
    uint64_t at_slice, slices;
    int threads;
    struct batch_list *list; /* [threads] */
    int at, held;            /* lists that are there, and which comes next */
    uint64_t total, done;

    uint64_t *ids;   /* [room] twice: what a piece points to */
    double *numbers; /* likewise */
    uint64_t room;
};

/* ---- pairs of populations */

static size_t populations_of(const struct target *list, size_t count)
{
    size_t different = 0;
    for (size_t i = 0; i < count; i++)
        different += i == 0 || list[i].population != list[i - 1].population;
    return different;
}

static size_t population_at(const struct target *list, size_t number)
{
    size_t i = 0;
    for (;; i++)
        if ((i == 0 || list[i].population != list[i - 1].population) && number-- == 0)
            return list[i].population;
}

size_t connections_pairs(const struct config *config, size_t projection)
{
    const struct projection_config *p = &config->projection[projection];
    return populations_of(p->source, p->source_count) * populations_of(p->target, p->target_count);
}

void connections_pair(const struct config *config, size_t projection, size_t pair, size_t *source,
                      size_t *target)
{
    const struct projection_config *p = &config->projection[projection];
    size_t targets = populations_of(p->target, p->target_count);
    *source = population_at(p->source, pair / targets);
    *target = population_at(p->target, pair % targets);
}

/* ---- opening */

static struct stretch *stretches(const struct target *list, size_t count)
{
    struct stretch *out = calloc(count + 1, sizeof *out);
    uint64_t place = 0;
    for (size_t i = 0; out && i < count; i++) {
        out[i] = (struct stretch){list[i], place};
        place += list[i].end - list[i].begin;
    }
    return out;
}

/* As many slices at once as threads, but for what memory there is. */
static int choose_threads(const struct connections *c, int threads, uint64_t largest)
{
    char limit[40];
    uint64_t each = 4 * (largest + 1) * sizeof(struct link); /* sorting takes as much again */
    uint64_t fit = memory_available(limit, sizeof limit) / each;
    uint64_t most = c->slices < (uint64_t)threads ? c->slices : (uint64_t)threads;
    most = fit < most ? fit : most;
    return most > 1 ? (int)most : 1;
}

static enum status check_memory(const struct connections *c, uint64_t largest, struct error *err)
{
    char limit[40];
    uint64_t available = memory_available(limit, sizeof limit);
    if (largest <= available / (4 * sizeof(struct link)))
        return STATUS_OK;
    return error_set(err, STATUS_MEMORY,
                     "[projection.%s]: %.4g synapses that are sorted together take %.4g MB, "
                     "but %.4g MB are available (%s)",
                     c->config->projection[c->choice.projection].name, (double)largest,
                     (double)largest * 4e-6 * sizeof(struct link), (double)available * 1e-6, limit);
}

/* Targets of a slice. */
static uint64_t slice_width(uint64_t targets, uint64_t synapses)
{
    const uint64_t least = (targets + WIRING_TILE - 1) / WIRING_TILE;
    const uint64_t wanted = synapses / slice_synapses + 1;
    const uint64_t slices = wanted < least ? wanted : least;
    return (targets + slices - 1) / slices;
}

/* Synapses onto a slice: exactly where it is all of the tile, else more than there will be. */
static uint64_t slice_most(uint64_t count, uint64_t width, uint64_t targets)
{
    const double mean = (double)count * (double)width / (double)targets;
    const double most = mean + 12 * sqrt(mean) + 24;
    return width == targets || most > (double)count ? count : (uint64_t)most;
}

/* The largest number of synapses onto one of the tile's slices. */
static uint64_t list_slices(struct connections *c, uint64_t tile)
{
    const uint64_t count = wiring_tile_count(c->wiring, tile);
    const uint64_t first = wiring_first_target(c->wiring, tile);
    const uint64_t end = wiring_end_target(c->wiring, tile);
    const uint64_t width = slice_width(end - first, count);
    for (uint64_t begin = first; begin < end; begin += width) {
        const uint64_t behind = begin + width < end ? begin + width : end;
        c->slice[c->slices++] = (struct slice){tile, begin, behind, count};
    }
    c->total += count;
    return slice_most(count, width, end - first);
}

static enum status settle_slices(struct connections *c, int threads, struct error *err)
{
    const uint64_t tiles = wiring_tiles(c->wiring);
    uint64_t largest = 0;
    c->slice = calloc(wiring_targets(c->wiring) / WIRING_TILE + tiles + 1, sizeof *c->slice);
    for (uint64_t t = 0; c->slice && t < tiles; t++) {
        const uint64_t most = list_slices(c, t);
        largest = most > largest ? most : largest;
    }
    c->threads = choose_threads(c, threads, largest);
    c->list = calloc((size_t)c->threads, sizeof *c->list);
    return c->slice && c->list ? check_memory(c, largest, err)
                               : error_no_memory(err, "for synapses");
}

static enum status settle_weights(struct connections *c, struct error *err)
{
    struct weight_grid grid;
    const struct population_config *target = &c->config->population[c->choice.target];
    enum status status = weight_grid_open(&grid, c->config, err);
    for (int negative = 0; negative < 2 && !status; negative++)
        c->unit[negative] = weight_grid_unit(&grid, c->choice.projection, c->choice.target,
                                             weight_receptor(target, negative ? -1 : 1));
    weight_grid_close(&grid);
    return status;
}

static enum status settle(struct connections *c, const struct kernels *kernels, int threads,
                          struct error *err)
{
    const struct projection_config *p = &c->config->projection[c->choice.projection];
    c->source_count = p->source_count;
    c->target_count = p->target_count;
    c->source = stretches(p->source, p->source_count);
    c->target = stretches(p->target, p->target_count);
    if (!c->source || !c->target)
        return error_no_memory(err, "for synapses");
    enum status status = settle_weights(c, err);
    if (!status)
        status = wiring_open(&c->wiring, c->config, c->choice.projection, kernels, err);
    if (!status)
        wiring_prepare(c->wiring);
    return status ? status : settle_slices(c, threads, err);
}

enum status connections_open(struct connections **out, const struct config *config,
                             const struct connections_choice *choice, const struct kernels *kernels,
                             int threads, struct error *err)
{
    *out = NULL;
    struct connections *c = calloc(1, sizeof *c);
    if (!c)
        return error_no_memory(err, "for synapses");
    c->config = config;
    c->choice = *choice;
    enum status status = settle(c, kernels, threads, err);
    if (status)
        connections_close(c);
    else
        *out = c;
    return status;
}

void connections_close(struct connections *c)
{
    if (!c)
        return;
    for (int i = 0; c->list && i < c->threads; i++)
        memory_free(c->list[i].link, c->list[i].room * sizeof *c->list[i].link);
    wiring_close(c->wiring);
    free(c->slice);
    memory_free(c->ids, 2 * c->room * sizeof *c->ids);
    memory_free(c->numbers, 2 * c->room * sizeof *c->numbers);
    free(c->list);
    free(c->source);
    free(c->target);
    free(c);
}

uint64_t connections_total(const struct connections *connections)
{
    return connections->total;
}

uint64_t connections_done(const struct connections *connections)
{
    return connections->done;
}

/* ---- drawing a slice */

struct drawing {
    const struct connections *connections;
    struct batch_list *list;
    const struct slice *slice;
    uint64_t first_target; /* place of the tile's first */
};

static bool is_in_slice(const struct drawing *d, uint64_t target)
{
    return target >= d->slice->begin && target < d->slice->end;
}

/* The id of a place, where it is of the population and among the ids asked for. */
static bool find_id(const struct stretch *list, size_t count, uint64_t place, size_t population,
                    const struct connections_range *range, uint64_t *id)
{
    size_t i = 0;
    while (i + 1 < count && place >= list[i + 1].place)
        i++;
    *id = list[i].range.begin + (place - list[i].place);
    return list[i].range.population == population && *id >= range->begin && *id < range->end;
}

/* A weight as a run uses it. */
static double use(const struct connections *c, double weight)
{
    return weight == 0 ? 0 : weight_used(c->unit[weight < 0], weight);
}

static void take_batch(void *context, const struct wiring_batch *batch)
{
    struct drawing *d = context;
    const struct connections *c = d->connections;
    for (size_t i = 0; i < batch->count; i++) {
        struct link *link = &d->list->link[d->list->count];
        uint64_t target = d->first_target + batch->target[i];
        if (!is_in_slice(d, target) ||
            !find_id(c->source, c->source_count, batch->source[i], c->choice.source,
                     &c->choice.sources, &link->source) ||
            !find_id(c->target, c->target_count, target, c->choice.target, &c->choice.targets,
                     &link->target))
            continue;
        link->weight = use(c, batch->weight[i]);
        link->delay = decimal_times_steps(c->config->dt, batch->delay[i]);
        d->list->count++;
    }
}

static int compare(const void *a, const void *b)
{
    const struct link *s = a, *t = b;
    if (s->target != t->target)
        return s->target < t->target ? -1 : 1;
    if (s->source != t->source)
        return s->source < t->source ? -1 : 1;
    if (s->delay != t->delay)
        return s->delay < t->delay ? -1 : 1;
    return s->weight < t->weight ? -1 : s->weight > t->weight;
}

static enum status make_room(struct batch_list *list, uint64_t count, struct error *err)
{
    list->count = 0;
    if (count <= list->room)
        return STATUS_OK;
    memory_free(list->link, list->room * sizeof *list->link);
    list->link = memory_alloc(count * sizeof *list->link);
    list->room = list->link ? count : 0;
    return list->link ? STATUS_OK : error_no_memory(err, "for synapses");
}

/* Does any target of the slice count? */
static bool is_wanted(const struct connections *c, const struct slice *slice)
{
    for (size_t i = 0; i < c->target_count; i++) {
        const struct stretch *s = &c->target[i];
        uint64_t from = s->range.begin, to = s->range.end, place = s->place;
        if (s->range.population != c->choice.target)
            continue;
        uint64_t least = from > c->choice.targets.begin ? from : c->choice.targets.begin;
        uint64_t most = to < c->choice.targets.end ? to : c->choice.targets.end;
        if (least < most && place + (least - from) < slice->end &&
            place + (most - from) > slice->begin)
            return true;
    }
    return false;
}

static void count_batch(void *context, const struct wiring_batch *batch)
{
    struct drawing *d = context;
    for (size_t i = 0; i < batch->count; i++)
        d->list->count += is_in_slice(d, d->first_target + batch->target[i]);
}

static enum status count_slice(struct drawing *d, uint64_t *count, struct error *err)
{
    const struct wiring *wiring = d->connections->wiring;
    enum status status = STATUS_OK;
    if (d->slice->begin == d->first_target &&
        d->slice->end == wiring_end_target(wiring, d->slice->tile)) {
        *count = d->slice->count;
        return STATUS_OK;
    }
    status = wiring_draw(wiring, d->slice->tile, WIRING_PAIRS, count_batch, d, err);
    *count = d->list->count;
    return status;
}

static enum status draw_slice(const struct connections *c, const struct slice *slice,
                              struct batch_list *list, struct error *err)
{
    struct drawing drawing = {c, list, slice, wiring_first_target(c->wiring, slice->tile)};
    uint64_t count = 0;
    list->count = 0;
    if (!is_wanted(c, slice))
        return STATUS_OK;
    enum status status = count_slice(&drawing, &count, err);
    if (!status)
        status = make_room(list, count, err);
    if (!status)
        status = wiring_draw(c->wiring, slice->tile, WIRING_ALL, take_batch, &drawing, err);
    if (!status && list->count > 0)
        qsort(list->link, list->count, sizeof *list->link, compare);
    return status;
}

/* A tile is done with its last slice. */
static uint64_t synapses_done(const struct connections *c, const struct slice *slice)
{
    return slice->end == wiring_end_target(c->wiring, slice->tile) ? slice->count : 0;
}

static enum status draw_slices(struct connections *c, struct error *err)
{
    const struct slice *slice = c->slice + c->at_slice;
    uint64_t left = c->slices - c->at_slice;
    enum status status = STATUS_OK;
    c->at = 0;
    c->held = left < (uint64_t)c->threads ? (int)left : c->threads;
#pragma omp parallel for num_threads(c->threads) schedule(dynamic)
    for (int i = 0; i < c->held; i++) {
        struct error own;
        enum status one = draw_slice(c, &slice[i], &c->list[i], &own);
#pragma omp critical
        if (one && !status) {
            status = one;
            error_set(err, one, "%s", own.text);
        }
    }
    for (int i = 0; i < c->held; i++)
        c->done += synapses_done(c, &slice[i]);
    c->at_slice += (uint64_t)c->held;
    return status;
}

/* ---- handing on */

static enum status make_columns(struct connections *c, uint64_t count, struct error *err)
{
    if (count <= c->room)
        return STATUS_OK;
    memory_free(c->ids, 2 * c->room * sizeof *c->ids);
    memory_free(c->numbers, 2 * c->room * sizeof *c->numbers);
    c->room = count;
    c->ids = memory_alloc(2 * count * sizeof *c->ids);
    c->numbers = memory_alloc(2 * count * sizeof *c->numbers);
    return c->ids && c->numbers ? STATUS_OK : error_no_memory(err, "for synapses");
}

static void fill(const struct connections *c, const struct batch_list *list,
                 struct connections_piece *piece)
{
    uint64_t *source = c->ids, *target = c->ids + c->room;
    double *weight = c->numbers, *delay = c->numbers + c->room;
    for (uint64_t i = 0; i < list->count; i++) {
        source[i] = list->link[i].source;
        target[i] = list->link[i].target;
        weight[i] = list->link[i].weight;
        delay[i] = list->link[i].delay;
    }
    *piece = (struct connections_piece){list->count, source, target, weight, delay};
}

enum status connections_next(struct connections *c, struct connections_piece *piece,
                             struct error *err)
{
    enum status status = STATUS_OK;
    piece->count = 0;
    while (piece->count == 0 && (c->at < c->held || c->at_slice < c->slices)) {
        if (c->at == c->held)
            status = draw_slices(c, err);
        const struct batch_list *list = status ? NULL : &c->list[c->at++];
        if (!status)
            status = make_columns(c, list->count, err);
        if (status)
            return status;
        fill(c, list, piece);
    }
    return STATUS_OK;
}
