/* Lists of synapses hold just what the wiring draws, and delivering from them is adding up
 * weight by weight: all kinds of lists, parts of targets, orders of steps. */
#include "helpers/kernel_helpers.h"
#include "helpers/simulate.h"
#include "net/deliver.h"
#include "net/net.h"
#include "net/net_progress.h"
#include "net/synapses_open.h"
#include "net/wiring_bounds.h"

#include <limits.h>

enum { TILE = 640, MOST = 400000, STEPS = 60, SLOTS = 200 };

#define POPULATIONS                                                                                \
    "[simulation]\ndt = 0.1 ms\nduration = 1 s\nprecision = %s\n"                                  \
    "[population.a]\nsize = 6000\nmodel = iaf_psc_exp\n[population.b]\nsize = 300\n"

static struct config *read_network(const char *text)
{
    struct config *config;
    struct messages errors = {NULL, 0};
    if (config_read_text(text, strlen(text), "test.ini", NULL, 0, &drive_config_types, &config,
                         &errors))
        fail_msg("%s", errors.line[0]);
    return config;
}

/* ---- a projection, and its synapses one by one */

struct one {
    uint64_t source, target;
    uint32_t delay;
    int64_t weight; /* in the sum's unit */
};

struct made {
    struct config *config;
    struct wiring *wiring;
    struct synapses synapses;
    struct synapses_part part;
    struct one *expected; /* [count] */
    size_t count;
    uint64_t tile_first;
    size_t population; /* of the sources */
};

static void expect(void *context, const struct wiring_batch *batch)
{
    struct made *m = context;
    const struct synapses_part *part = &m->part;
    const int shift = part->unit.stored - part->unit.sum;
    for (size_t i = 0; i < batch->count; i++) {
        uint64_t target = m->tile_first + batch->target[i];
        double weight = batch->weight[i];
        if (target < part->begin || target >= part->end || batch->source[i] < part->source_begin ||
            batch->source[i] >= part->source_end || !(weight > 0 ? part->positive : part->negative))
            continue;
        assert_true(m->count < MOST);
        m->expected[m->count++] =
            (struct one){part->source_id + batch->source[i] - part->source_begin,
                         part->local + target - part->begin, batch->delay[i],
                         weight_round(part->unit, weight) * ((int64_t)1 << shift)};
    }
}

static void draw_all(struct made *m)
{
    m->expected = calloc(MOST, sizeof *m->expected);
    assert_non_null(m->expected);
    for (uint64_t tile = 0; tile < wiring_tiles(m->wiring); tile++) {
        m->tile_first = wiring_first_target(m->wiring, tile);
        assert_int_equal(wiring_draw(m->wiring, tile, WIRING_ALL, expect, m, NULL), STATUS_OK);
    }
}

/* The sums of |weights| that the work is left with. */
static void check_sums(const struct made *m, const struct synapses_work *work)
{
    uint64_t sum[TILE] = {0};
    for (size_t i = 0; i < m->count; i++)
        sum[m->expected[i].target] += (uint64_t)llabs(m->expected[i].weight);
    for (size_t t = 0; t < TILE; t++)
        assert_int_equal(((uint64_t *)work->sum.data)[t] << m->synapses.form.shift, sum[t]);
}

/* From range `range` of the sources onto the targets begin ... end - 1 of the projection, from
 * `local` in a cell on. */
static struct made make_range(const char *precision, const char *projection, size_t range,
                              enum receptor receptor, uint64_t begin, uint64_t end, uint32_t local)
{
    static struct synapses_work work; /* kept, as a thread does */
    struct net_progress progress;
    struct made m = {.count = 0};
    struct weight_grid grid;
    struct error err = {STATUS_OK, ""};
    char text[2048];
    snprintf(text, sizeof text, POPULATIONS "[projection.p]\n%s%s", precision, projection,
             strstr(projection, "delay = ") ? "" : "delay = 1.5 ms\n");
    m.config = read_network(text);
    const struct projection_config *p = &m.config->projection[0];
    const struct target *target = &p->target[0], *source = &p->source[range];
    uint64_t place = 0;
    for (size_t s = 0; s < range; s++)
        place += p->source[s].end - p->source[s].begin;
    assert_int_equal(weight_grid_open(&grid, m.config, &err), STATUS_OK);
    assert_int_equal(wiring_open(&m.wiring, m.config, 0, kernels_for(kernels_best_isa(), 32), &err),
                     STATUS_OK);
    const struct population_config *population = &m.config->population[target->population];
    m.population = source->population;
    m.part = (struct synapses_part){
        .config = m.config,
        .population = target->population,
        .id = target->begin + begin,
        .wiring = m.wiring,
        .begin = begin,
        .end = end,
        .local = local,
        .source_begin = place,
        .source_end = place + source->end - source->begin,
        .source_id = source->begin,
        .selects = true,
        .unit = weight_grid_unit(&grid, 0, target->population, receptor),
        .positive = weight_receptor(population, 1) == receptor,
        .negative = weight_receptor(population, -1) == receptor,
    };
    net_progress_begin(&progress, NULL, 0);
    assert_int_equal(synapses_open(&m.synapses, &m.part, 1, m.config->population[m.population].size,
                                   TILE, &progress, &work, &err),
                     STATUS_OK);
    draw_all(&m);
    check_sums(&m, &work);
    weight_grid_close(&grid);
    synapses_work_close(&work);
    return m;
}

static struct made make(const char *precision, const char *projection, enum receptor receptor,
                        uint64_t begin, uint64_t end, uint32_t local)
{
    return make_range(precision, projection, 0, receptor, begin, end, local);
}

static void unmake(struct made *m)
{
    synapses_close(&m->synapses);
    wiring_close(m->wiring);
    config_free(m->config);
    free(m->expected);
}

/* ---- reading lists */

static int compare_ones(const void *left, const void *right)
{
    const struct one *a = left, *b = right;
    if (a->source != b->source)
        return a->source < b->source ? -1 : 1;
    if (a->delay != b->delay)
        return a->delay < b->delay ? -1 : 1;
    if (a->target != b->target)
        return a->target < b->target ? -1 : 1;
    return a->weight < b->weight ? -1 : a->weight > b->weight;
}

static uint32_t element_of(const struct synapses *s, uint64_t at)
{
    return s->form.kind == SYNAPSE_TARGET ? ((const uint16_t *)s->list)[at]
                                          : ((const uint32_t *)s->list)[at];
}

/* The synapse at `at`, as synapses.h says. */
static struct one read_synapse(const struct synapses *s, uint64_t source, uint32_t delay,
                               uint64_t at)
{
    uint32_t first = element_of(s, at);
    switch (s->form.kind) {
    case SYNAPSE_TARGET:
        return (struct one){source, first, delay, s->form.weight};
    case SYNAPSE_WEIGHT_16:
        return (struct one){source, first >> 16, delay,
                            (int64_t)(int16_t)(first & 0xffff) * ((int64_t)1 << s->form.shift)};
    case SYNAPSE_WEIGHT_32:
        return (struct one){source, first, delay, (int32_t)element_of(s, at + 1)};
    default:
        return (struct one){
            source, first, delay,
            (int64_t)((uint64_t)element_of(s, at + 2) << 32 | element_of(s, at + 1))};
    }
}

/* One source's list; returns how many synapses. */
static size_t read_list(const struct synapses *s, uint64_t source, struct one *out)
{
    uint64_t at = s->list ? synapse_places_begin(&s->places, source) : 0;
    const uint64_t end = s->list ? synapse_places_begin(&s->places, source + 1) : 0;
    uint32_t delay = s->form.delay, before = 0;
    size_t found = 0;
    while (at < end) {
        size_t count = (end - at) / synapse_elements(s->form.kind);
        if (s->form.segments && s->form.kind == SYNAPSE_TARGET) {
            delay = element_of(s, at);
            count = element_of(s, at + 1);
        } else if (s->form.segments) {
            delay = element_of(s, at) >> 16;
            count = element_of(s, at) & 0xffff;
        }
        assert_true(count > 0 && delay >= before); /* equal where a segment was full */
        before = delay;
        at += s->form.segments ? synapse_head(s->form.kind) : 0;
        for (size_t i = 0; i < count; i++, at += synapse_elements(s->form.kind))
            out[found++] = read_synapse(s, source, delay, at);
    }
    assert_int_equal(at, end);
    return found;
}

/* One source's row of bits likewise. */
static size_t read_row(const struct synapses *s, uint64_t source, struct one *out)
{
    const struct synapse_bits *b = &s->bits;
    const uint64_t row = source - b->source;
    size_t found = 0;
    for (uint32_t i = 0; row < b->rows && i < 8 * b->stride; i++)
        if (b->row[row * b->stride + i / 8] >> i % 8 & 1)
            out[found++] = (struct one){source, b->begin + i, s->form.delay, s->form.weight};
    assert_int_equal(found, row < b->rows ? b->count[row] : 0);
    return found;
}

static void check_lists(const struct made *m, enum synapse_kind kind, size_t least)
{
    const struct synapses *s = &m->synapses;
    struct one *found = calloc(m->count + 1, sizeof *found);
    size_t count = 0;
    uint32_t longest = 0;
    assert_non_null(found);
    assert_int_equal(s->form.kind, kind);
    assert_int_equal(s->count, m->count);
    assert_true(m->count >= least);
    for (uint64_t source = 0; source < s->sources; source++) {
        count += read_row(s, source, found + count);
        count += read_list(s, source, found + count);
    }
    assert_int_equal(count, m->count);
    qsort(found, count, sizeof *found, compare_ones);
    qsort(m->expected, count, sizeof *found, compare_ones);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(compare_ones(&found[i], &m->expected[i]), 0);
        longest = found[i].delay > longest ? found[i].delay : longest;
    }
    assert_int_equal(s->longest, longest);
    free(found);
}

static void check(const char *precision, const char *projection, enum synapse_kind kind,
                  enum receptor receptor, size_t least)
{
    static const uint64_t part[][3] = {{0, TILE, 0}, {100, 101, 7}, {17, 300, TILE - 283}};
    for (size_t i = 0; i < 3; i++) {
        struct made m =
            make(precision, projection, receptor, part[i][0], part[i][1], (uint32_t)part[i][2]);
        check_lists(&m, kind, i == 0 ? least : 0);
        unmake(&m);
    }
}

#define EE "source = a\ntarget = a\n"
#define BOTH "weight = normal(1 pA, 20 pA)\nallow_both_signs = yes\n"
#define DELAYS "delay = uniform(0.1 ms, 5 ms)\n"

static void lists_are_what_is_drawn(void **state)
{
    (void)state;
    static const char fixed[] = EE "rule = fixed_indegree\nindegree = 50\n";
    char text[512];
    snprintf(text, sizeof text, "%sweight = 2 pA\n", fixed);
    check("single", text, SYNAPSE_TARGET, RECEPTOR_EX, TILE * 50);
    snprintf(text, sizeof text, "%sweight = 2 pA\n" DELAYS, fixed);
    check("double", text, SYNAPSE_TARGET, RECEPTOR_EX, TILE * 50);
    snprintf(text, sizeof text, "%s" BOTH DELAYS, fixed);
    check("single", text, SYNAPSE_WEIGHT_16, RECEPTOR_EX, TILE * 20);
    check("single", text, SYNAPSE_WEIGHT_16, RECEPTOR_IN, TILE * 20);
    check("double", text, SYNAPSE_WEIGHT_64, RECEPTOR_EX, TILE * 20);
    check("double", text, SYNAPSE_WEIGHT_64, RECEPTOR_IN, TILE * 20);
    snprintf(text, sizeof text, "%s" BOTH "weight_bits = 32\n" DELAYS, fixed);
    check("single", text, SYNAPSE_WEIGHT_32, RECEPTOR_IN, TILE * 20);
    snprintf(text, sizeof text, "%s" BOTH, fixed);
    check("single", text, SYNAPSE_WEIGHT_16, RECEPTOR_IN, TILE * 20);
}

/* A bit for each pair, and lists of what a pair has beyond. Of 20 sources each target draws 50. */
static void bitmaps_are_what_is_drawn(void **state)
{
    (void)state;
    static const char few[] = "source = a[33:53]\ntarget = a\nweight = -2 pA\nstorage = bitmaps\n";
    char text[512];
    snprintf(text, sizeof text, "%srule = fixed_indegree\nindegree = 50\n", few);
    check("single", text, SYNAPSE_TARGET, RECEPTOR_IN, TILE * 50);
    check("double", text, SYNAPSE_TARGET, RECEPTOR_IN, TILE * 50);
    snprintf(text, sizeof text, "%srule = pairwise_bernoulli\np = 0.3\n", few);
    check("single", text, SYNAPSE_TARGET, RECEPTOR_IN, TILE * 5);
    struct made m = make("single", text, RECEPTOR_IN, 100, 101, 7);
    assert_int_equal(m.synapses.bits.rows, 20);
    assert_int_equal(m.synapses.bits.stride, 64); /* of one target */
    assert_null(m.synapses.list);                 /* no pair has several */
    unmake(&m);
}

static void one_receptor_gets_both_signs(void **state)
{
    (void)state;
    static const char text[] = "source = a\ntarget = b\nrule = fixed_total_number\nN = 9000\n"
                               "weight = normal(0 mV, 1 mV)\nallow_both_signs = yes\n" DELAYS;
    struct made m = make("single", text, RECEPTOR_EX, 0, 300, 5);
    size_t positive = 0;
    check_lists(&m, SYNAPSE_WEIGHT_16, 9000);
    for (size_t i = 0; i < m.count; i++)
        positive += m.expected[i].weight > 0;
    assert_in_range(positive, 4000, 5000);
    unmake(&m);
}

/* Any number of synapses of a source in one delay: a head counts 65,535. */
static void segments_may_be_longer_than_a_head_counts(void **state)
{
    (void)state;
    static const char text[] = "source = b[0:1]\ntarget = b[0:50]\nrule = fixed_outdegree\n"
                               "outdegree = 300000\ndelay = uniform(0.1 ms, 0.2 ms)\nweight = %s\n";
    char constant[256], drawn[256];
    snprintf(constant, sizeof constant, text, "0.01 mV");
    snprintf(drawn, sizeof drawn, text, "uniform(0.01 mV, 0.02 mV)");
    struct made m = make("single", constant, RECEPTOR_EX, 0, 50, 0);
    check_lists(&m, SYNAPSE_TARGET, 300000);
    unmake(&m);
    m = make("single", drawn, RECEPTOR_EX, 0, 50, 0);
    check_lists(&m, SYNAPSE_WEIGHT_16, 300000);
    unmake(&m);
}

static void one_synapse_and_none(void **state)
{
    (void)state;
    struct made m =
        make("single", "source = b[3:4]\ntarget = b[9:10]\nrule = one_to_one\nweight = 1 mV\n",
             RECEPTOR_EX, 0, 1, 9);
    check_lists(&m, SYNAPSE_TARGET, 1);
    assert_int_equal(m.expected[0].target, 9);
    assert_int_equal(m.expected[0].delay, 15);
    unmake(&m);
    m = make("single", EE "rule = pairwise_bernoulli\np = 0\n" BOTH DELAYS, RECEPTOR_EX, 0, 600, 0);
    check_lists(&m, SYNAPSE_WEIGHT_16, 0);
    assert_int_equal(m.count, 0);
    unmake(&m);
}

/* Targets 4000 ... 4200 lie in two canonical tiles. */
static void a_part_may_lie_in_two_canonical_tiles(void **state)
{
    (void)state;
    struct made m = make("single", EE "rule = fixed_indegree\nindegree = 50\n" BOTH DELAYS,
                         RECEPTOR_EX, 4000, 4200, 100);
    size_t beyond = 0;
    check_lists(&m, SYNAPSE_WEIGHT_16, 4000);
    for (size_t i = 0; i < m.count; i++)
        beyond += m.expected[i].target >= 100 + 96;
    assert_true(beyond > 2000 && beyond < m.count - 2000);
    unmake(&m);
}

/* ---- delivering */

/* Spikes of population a and b in the steps 0 ... STEPS - 1, at random; some ids twice. */
static void spike(struct history *history)
{
    uint64_t random = 5;
    const uint32_t size[] = {6000, 300}, gap[] = {90, 12};
    assert_int_equal(history_open(history, 2, SLOTS, NULL), STATUS_OK);
    for (size_t p = 0; p < 2; p++)
        for (uint64_t step = 0; step < STEPS; step++) {
            uint32_t ids[6000];
            size_t count = 0;
            for (uint32_t id = (uint32_t)(next_random(&random) % gap[p]); id < size[p];
                 id += (uint32_t)(next_random(&random) % gap[p]))
                if (count < 6000)
                    ids[count++] = id;
            assert_int_equal(history_resize(history, p, step, count, NULL), STATUS_OK);
            memcpy(history_at(history, p, step)->ids, ids, count * sizeof *ids);
        }
}

/* Of a source, in the step. */
static int64_t spikes_at(const struct made *m, const struct history *history, uint64_t id,
                         uint64_t step)
{
    const struct step_spikes *spikes = history_at(history, m->population, step);
    int64_t count = 0;
    for (size_t i = 0; i < spikes->count; i++)
        count += spikes->ids[i] == id;
    return count;
}

static void expect_sums(const struct made *m, const struct history *history, uint64_t step,
                        int64_t sum[TILE])
{
    for (size_t i = 0; i < m->count; i++) {
        const struct one *s = &m->expected[i];
        if (step >= s->delay && step - s->delay < STEPS)
            sum[s->target] += s->weight * spikes_at(m, history, s->source, step - s->delay);
    }
}

enum { RANGES_MOST = 3 };

/* A projection's ranges of sources, each a table. */
struct delivered {
    struct made made[RANGES_MOST];
    struct delivery_table table[RANGES_MOST];
    struct delivery delivery;
    uint8_t count[TILE]; /* of tally.h */
    struct flights flights;
    size_t ranges;
    const struct history *history;
    size_t any; /* steps in which anything arrived */
};

static void open_delivery(struct delivered *d, const char *precision, const char *projection,
                          enum receptor receptor, uint64_t targets, uint32_t local,
                          const struct history *history)
{
    memset(d, 0, sizeof *d);
    d->history = history;
    do {
        struct made *m = &d->made[d->ranges];
        *m = make_range(precision, projection, d->ranges, receptor, 0, targets, local);
        d->table[d->ranges++] = (struct delivery_table){m->synapses, m->population, receptor};
    } while (d->ranges < d->made[0].config->projection[0].source_count);
    d->delivery = (struct delivery){.table = d->table,
                                    .tables = d->ranges,
                                    .history = history,
                                    .targets = TILE,
                                    .count = d->count,
                                    .sum_bytes = strcmp(precision, "single") == 0 ? 4 : 8};
    d->delivery.kernels = kernels_for(kernels_best_isa(), 8 * d->delivery.sum_bytes);
}

static void close_delivery(struct delivered *d)
{
    flights_close(&d->flights);
    for (size_t r = 0; r < d->ranges; r++)
        unmake(&d->made[r]);
}

static void check_step(struct delivered *d, uint64_t step, uint64_t known)
{
    const enum receptor receptor = d->table[0].receptor;
    int64_t expected[RECEPTORS_MOST][TILE] = {{0}}, wide[RECEPTORS_MOST][TILE] = {{0}};
    int32_t narrow[RECEPTORS_MOST][TILE] = {{0}};
    uint64_t events[RECEPTORS_MOST] = {0, 0};
    bool single = d->delivery.sum_bytes == 4, more = false;
    for (size_t r = 0; r < d->ranges; r++)
        expect_sums(&d->made[r], d->history, step, expected[receptor]);
    assert_int_equal(deliver(&d->delivery, &d->flights, step, known,
                             single ? (void *)narrow : (void *)wide, events, NULL),
                     STATUS_OK);
    for (size_t r = 0; r < RECEPTORS_MOST; r++)
        for (size_t t = 0; t < TILE; t++) {
            assert_true((single ? narrow[r][t] : wide[r][t]) == expected[r][t]);
            more |= expected[r][t] != 0;
            assert_int_equal(d->count[t], 0);
        }
    assert_true(events[receptor] > 0 || !more);
    assert_int_equal(events[!receptor], 0);
    d->any += events[receptor] > 0;
}

/* Blocks of `block` steps, not longer than the least delay; then from the middle again, and single
 * steps anywhere. */
static void check_delivery(const char *precision, const char *projection, enum receptor receptor,
                           uint64_t block, const struct history *history)
{
    struct delivered d;
    uint64_t random = 3;
    open_delivery(&d, precision, projection, receptor, 60, 30, history);
    for (uint64_t step = 0; step < STEPS; step++)
        check_step(&d, step, step - step % block);
    assert_true(d.any > STEPS / 2);
    for (uint64_t step = STEPS / 3; step < STEPS / 2; step++)
        check_step(&d, step, step - step % block);
    for (int i = 0; i < 10; i++) {
        uint64_t step = next_random(&random) % STEPS;
        check_step(&d, step, step - step % block);
    }
    close_delivery(&d);
}

#define RANGES "source = a[1000:4000], b[10:200], a[4500:]\ntarget = a\n"

static void what_arrives_is_the_sum_of_what_was_sent(void **state)
{
    (void)state;
    struct history history;
    spike(&history);
    static const char fixed[] = RANGES "rule = fixed_indegree\nindegree = 60\n";
    char text[512];
    snprintf(text, sizeof text, "%sweight = 2 pA\ndelay = 0.5 ms\n", fixed);
    check_delivery("single", text, RECEPTOR_EX, 5, &history);
    snprintf(text, sizeof text, "%sweight = 2 pA\ndelay = 0.5 ms\nstorage = bitmaps\n", fixed);
    check_delivery("single", text, RECEPTOR_EX, 5, &history);
    check_delivery("double", text, RECEPTOR_EX, 2, &history);
    static const char many[] =
        "source = b\ntarget = a\nrule = fixed_indegree\nindegree = 1500\nweight = 2 pA\n";
    snprintf(text, sizeof text, "%sdelay = 0.5 ms\n", many);
    check_delivery("single", text, RECEPTOR_EX, 5, &history);
    check_delivery("double", text, RECEPTOR_EX, 5, &history);
    snprintf(text, sizeof text, "%sweight = 2 pA\ndelay = uniform(0.4 ms, 4 ms)\n", fixed);
    check_delivery("single", text, RECEPTOR_EX, 4, &history);
    check_delivery("double", text, RECEPTOR_EX, 1, &history);
    snprintf(text, sizeof text, "%s" BOTH "delay = uniform(0.3 ms, 3 ms)\n", fixed);
    check_delivery("single", text, RECEPTOR_IN, 3, &history);
    check_delivery("double", text, RECEPTOR_EX, 2, &history);
    snprintf(text, sizeof text, "%s" BOTH "weight_bits = 32\ndelay = 0.6 ms\n", fixed);
    check_delivery("single", text, RECEPTOR_EX, 6, &history);
    snprintf(text, sizeof text, "%s" BOTH "delay = 0.2 ms\n", fixed);
    check_delivery("double", text, RECEPTOR_IN, 2, &history);
    history_close(&history);
}

/* One spike over 300,000 synapses of two delays. */
static void long_segments_are_delivered_in_whole(void **state)
{
    (void)state;
    struct history history;
    struct delivered d;
    assert_int_equal(history_open(&history, 2, SLOTS, NULL), STATUS_OK);
    assert_int_equal(history_resize(&history, 1, 0, 1, NULL), STATUS_OK);
    history_at(&history, 1, 0)->ids[0] = 7;
    open_delivery(&d, "single",
                  "source = b[7:8]\ntarget = b[0:50]\nrule = fixed_outdegree\n"
                  "outdegree = 300000\ndelay = uniform(0.1 ms, 0.2 ms)\nweight = 0.01 mV\n",
                  RECEPTOR_EX, 50, 0, &history);
    for (uint64_t step = 0; step < 4; step++)
        check_step(&d, step, step);
    assert_int_equal(d.any, 2);
    close_delivery(&d);
    history_close(&history);
}

/* ---- weights of 0 */

static uint64_t bytes_of(const char *weight)
{
    struct net *net;
    struct error err = {STATUS_OK, ""};
    char text[1024];
    snprintf(text, sizeof text,
             POPULATIONS "[projection.p]\nsource = a[0:50]\ntarget = a[0:40]\n"
                         "rule = all_to_all\ndelay = 1 ms\nweight = %s\n",
             "single", weight);
    struct config *config = read_network(text);
    const struct net_settings settings = {
        .kernels = kernels_for(kernels_best_isa(), 32), .tile = TILE, .block = 10, .threads = 2};
    assert_int_equal(net_open(&net, config, &settings, &err), STATUS_OK);
    uint64_t bytes = net_projection(net, 0).bytes;
    net_close(net);
    config_free(config);
    return bytes;
}

/* Where weights are of one sign, or 0, one receptor has lists; where all are 0, too, for they are
 * synapses. */
static void weights_of_zero_take_one_list(void **state)
{
    (void)state;
    assert_int_equal(bytes_of("0 pA"), bytes_of("1 pA"));
    assert_int_equal(bytes_of("uniform(0 pA, 1 pA)"), bytes_of("uniform(0.1 pA, 1 pA)"));
    assert_int_equal(bytes_of("uniform(-1 pA, 0 pA)"), bytes_of("uniform(-1 pA, -0.1 pA)"));
    assert_true(bytes_of("1 pA") > 0);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_what_is_drawn),
        cmocka_unit_test(bitmaps_are_what_is_drawn),
        cmocka_unit_test(one_receptor_gets_both_signs),
        cmocka_unit_test(segments_may_be_longer_than_a_head_counts),
        cmocka_unit_test(one_synapse_and_none),
        cmocka_unit_test(a_part_may_lie_in_two_canonical_tiles),
        cmocka_unit_test(what_arrives_is_the_sum_of_what_was_sent),
        cmocka_unit_test(long_segments_are_delivered_in_whole),
        cmocka_unit_test(weights_of_zero_take_one_list),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
