/* What projections promise of every single synapse: exact numbers, no autapse or multapse where
 * they are forbidden, the same synapses whoever asks. Distributions are test_wiring_laws.c's. */
#include "helpers/kernel_helpers.h"
#include "helpers/wiring_helpers.h"
#include "net/wiring_bounds.h"
#include "net/wiring_dice.h"

#include <math.h>

#define POPULATIONS HEAD "[population.a]\nsize = 6000\n[population.b]\nsize = 3000\n"
#define VALUES "weight = 0.1 mV\ndelay = 1.5 ms\n"
#define PROJECTION(text) POPULATIONS "[projection.p]\n" text VALUES
#define NO_AUTAPSES "allow_autapses = no\n"
#define NO_MULTAPSES "allow_multapses = no\n"

/* Sources and targets share a 5000 ... 5199, which are in two tiles of targets, and b 50 ... 99. */
#define LISTS "source = a[5000:5200], b[0:100]\ntarget = a[1000:], b[50:]\n"
enum { SOURCES = 300, TARGETS = 7950, BOTH = 250 };

static uint64_t id_at(const struct target *list, uint64_t place)
{
    while (place >= list->end - list->begin)
        place -= list->end - list->begin, list++;
    return list->population << 48 | (list->begin + place);
}

static bool is_autapse(const struct projection_config *p, const struct synapse *s)
{
    return id_at(p->source, s->source) == id_at(p->target, s->target);
}

static int by_pair(const void *left, const void *right)
{
    const struct synapse *a = left, *b = right;
    if (a->target != b->target)
        return a->target < b->target ? -1 : 1;
    return a->source < b->source ? -1 : a->source > b->source;
}

static size_t repeated_pairs(struct synapses *s)
{
    size_t repeated = 0;
    if (s->count > 0)
        qsort(s->of, s->count, sizeof *s->of, by_pair);
    for (size_t i = 1; i < s->count; i++)
        repeated += by_pair(&s->of[i - 1], &s->of[i]) == 0;
    return repeated;
}

/* Of rules with and without a choice: how many there are, and what is never made. */
static const struct rule_case {
    const char *text;
    uint64_t count; /* 0: not known */
    bool multapses; /* there are some */
} rule_cases[] = {
    {LISTS "rule = all_to_all\n", (uint64_t)SOURCES *TARGETS, false},
    {LISTS "rule = all_to_all\n" NO_AUTAPSES, (uint64_t)SOURCES *TARGETS - BOTH, false},
    {LISTS "rule = fixed_indegree\nindegree = 50\n", 50 * TARGETS, true},
    {LISTS "rule = fixed_indegree\nindegree = 0\n", 0, false},
    {LISTS "rule = fixed_indegree\nindegree = 50\n" NO_AUTAPSES, 50 * TARGETS, true},
    {LISTS "rule = fixed_indegree\nindegree = 100\n" NO_MULTAPSES, 100 * TARGETS, false},
    {LISTS "rule = fixed_indegree\nindegree = 20\n" NO_AUTAPSES NO_MULTAPSES, 20 * TARGETS, false},
    {LISTS "rule = fixed_outdegree\noutdegree = 500\n", 500 * SOURCES, true},
    {LISTS "rule = fixed_outdegree\noutdegree = 1000\n" NO_AUTAPSES, 1000 * SOURCES, true},
    {LISTS "rule = fixed_outdegree\noutdegree = 500\n" NO_MULTAPSES, 500 * SOURCES, false},
    {LISTS "rule = fixed_outdegree\noutdegree = 900\n" NO_AUTAPSES NO_MULTAPSES, 900 * SOURCES,
     false},
    {LISTS "rule = fixed_total_number\nN = 234567\n", 234567, true},
    {LISTS "rule = fixed_total_number\nN = 234567\n" NO_AUTAPSES, 234567, true},
    {LISTS "rule = fixed_total_number\nN = 234567\n" NO_MULTAPSES, 234567, false},
    {LISTS "rule = fixed_total_number\nN = 123456\n" NO_AUTAPSES NO_MULTAPSES, 123456, false},
    {LISTS "rule = pairwise_bernoulli\np = 0.05\n", 0, false},
    {LISTS "rule = pairwise_bernoulli\np = 0.05\n" NO_AUTAPSES, 0, false},
    {LISTS "rule = pairwise_bernoulli\np = 0\n", 0, false},
    {LISTS "rule = pairwise_bernoulli\np = 1\n", (uint64_t)SOURCES *TARGETS, false},
    {LISTS "rule = pairwise_poisson\npairwise_avg_num_conns = 0.05\n", 0, true},
    {LISTS "rule = pairwise_poisson\npairwise_avg_num_conns = 0.05\n" NO_AUTAPSES, 0, true},
};
enum { RULE_CASES = sizeof rule_cases / sizeof *rule_cases };

static struct config *read_case(const char *rule, const char *rest)
{
    char text[1000];
    snprintf(text, sizeof text, "%s[projection.p]\n%s%s", POPULATIONS, rule, rest);
    return read_text(text);
}

static void check_synapse(const struct projection_config *p, const struct synapse *s,
                          size_t *autapses)
{
    assert_true(s->source < SOURCES);
    assert_true(s->target < TARGETS);
    assert_true(s->weight == 0.1);
    assert_int_equal(s->delay, 15);
    *autapses += is_autapse(p, s);
}

static void numbers_autapses_and_multapses_are_as_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < RULE_CASES; i++) {
        struct config *config = read_case(rule_cases[i].text, VALUES);
        const struct projection_config *p = &config->projection[0];
        struct synapses s = synapses_of(config, 0);
        size_t autapses = 0;
        if (rule_cases[i].count > 0)
            assert_int_equal(s.count, rule_cases[i].count);
        for (size_t k = 0; k < s.count; k++)
            check_synapse(p, &s.of[k], &autapses);
        assert_true(p->autapses ? autapses > 0 || s.count == 0 : autapses == 0);
        assert_int_equal(repeated_pairs(&s) > 0, rule_cases[i].multapses);
        free_synapses(&s);
        config_free(config);
    }
}

static void check_degrees(const char *rule, bool of_targets, uint64_t degree)
{
    struct config *config = read_case(rule, VALUES);
    struct synapses s = synapses_of(config, 0);
    uint64_t *count = calloc(TARGETS, sizeof *count);
    assert_non_null(count);
    for (size_t i = 0; i < s.count; i++)
        count[of_targets ? s.of[i].target : s.of[i].source]++;
    for (size_t i = 0; i < (of_targets ? TARGETS : SOURCES); i++)
        assert_int_equal(count[i], degree);
    free(count);
    free_synapses(&s);
    config_free(config);
}

static void degrees_that_are_fixed_are_exact(void **state)
{
    (void)state;
    check_degrees(LISTS "rule = fixed_indegree\nindegree = 33\n", true, 33);
    check_degrees(LISTS "rule = fixed_indegree\nindegree = 33\n" NO_AUTAPSES NO_MULTAPSES, true,
                  33);
    check_degrees(LISTS "rule = fixed_outdegree\noutdegree = 33\n", false, 33);
    check_degrees(LISTS "rule = fixed_outdegree\noutdegree = 2500\n" NO_AUTAPSES, false, 2500);
    check_degrees(LISTS "rule = fixed_outdegree\noutdegree = 33\n" NO_AUTAPSES NO_MULTAPSES, false,
                  33);
}

/* Where as many synapses as pairs are asked for, all of them are there. */
static void all_pairs_are_found_where_all_are_asked_for(void **state)
{
    (void)state;
#define FEW "source = a[10:60], b[0:50]\ntarget = a[40:90], b[20:]\nallow_multapses = no\n"
    static const char *const rules[] = {
        FEW NO_AUTAPSES "rule = fixed_total_number\nN = 302950\n",
        FEW "rule = fixed_total_number\nN = 303000\n",
        FEW "rule = fixed_indegree\nindegree = 100\n",
        FEW "rule = fixed_outdegree\noutdegree = 3030\n",
        "source = b[0:100]\ntarget = b\nrule = fixed_outdegree\noutdegree = 2999\n" NO_AUTAPSES
            NO_MULTAPSES,
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        struct config *config = read_case(rules[i], VALUES);
        struct synapses s = synapses_of(config, 0);
        uint64_t all = (uint64_t)wiring_expected_count(&config->projection[0]);
        assert_int_equal(s.count, all);
        assert_int_equal(repeated_pairs(&s), 0);
        free_synapses(&s);
        config_free(config);
    }
}

static void one_to_one_connects_places(void **state)
{
    (void)state;
    struct synapses s =
        all_synapses(PROJECTION("source = a[0:500], b\ntarget = a[2500:]\nrule = one_to_one\n"));
    assert_int_equal(s.count, 3500);
    for (size_t i = 0; i < s.count; i++) {
        assert_int_equal(s.of[i].source, i);
        assert_int_equal(s.of[i].target, i);
    }
    free_synapses(&s);
}

/* a 0 -> a 5 and on; b 20 -> b 20 and on are left out, and so are they in the closed form. */
static void one_to_one_may_leave_out_autapses(void **state)
{
    (void)state;
    struct config *config =
        read_text(PROJECTION("source = a[0:10], b[20:30]\ntarget = a[5:15], b[20:30]\n"
                             "rule = one_to_one\n" NO_AUTAPSES));
    struct synapses s = synapses_of(config, 0);
    assert_int_equal(s.count, 10);
    assert_true(wiring_expected_count(&config->projection[0]) == 10);
    for (size_t i = 0; i < s.count; i++)
        assert_int_equal(s.of[i].target, i);
    free_synapses(&s);
    config_free(config);
}

/* ---- the same synapses, whoever asks */

#define DRAWN                                                                                      \
    "weight = normal_clipped(1 mV, 0.5 mV, 0.2 mV, 3 mV)\ndelay = normal_clipped(1.5 ms, 0.75 "    \
    "ms, 0.05 ms, 10 ms)\n"

static struct synapses tile_by(const struct config *config, enum isa isa, uint64_t tile)
{
    struct synapses s = {0};
    struct wiring *wiring = open_wiring(config, 0, isa);
    add_tile(&s, wiring, tile);
    wiring_close(wiring);
    return s;
}

static void assert_same(struct synapses *a, struct synapses *b)
{
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        assert_int_equal(a->of[i].source, b->of[i].source);
        assert_int_equal(a->of[i].target, b->of[i].target);
        assert_memory_equal(&a->of[i].weight, &b->of[i].weight, sizeof(double));
        assert_int_equal(a->of[i].delay, b->of[i].delay);
    }
    free_synapses(a);
    free_synapses(b);
}

/* The second tile alone, and after the first; by all kernels. */
static void a_tile_is_the_same_alone_and_by_any_kernels(void **state)
{
    (void)state;
    for (size_t i = 2; i < RULE_CASES; i++) {
        struct config *config = read_case(rule_cases[i].text, DRAWN);
        struct synapses all = synapses_of(config, 0), second = {0};
        struct wiring *wiring = open_wiring(config, 0, ISA_SCALAR);
        size_t first = (size_t)wiring_tile_count(wiring, 0);
        wiring_close(wiring);
        for (int isa = 0; isa < ISA_COUNT; isa++) {
            if (!kernels_for((enum isa)isa, 32))
                continue;
            second = tile_by(config, (enum isa)isa, 1);
            struct synapses copy = {.count = all.count - first,
                                    .of = malloc(1 + (all.count - first) * sizeof *copy.of)};
            if (copy.count > 0)
                memcpy(copy.of, all.of + first, copy.count * sizeof *copy.of);
            assert_same(&second, &copy);
        }
        free_synapses(&all);
        config_free(config);
    }
}

struct stream_check {
    struct synapses *all;
    size_t at;
    bool full; /* the batch before was */
    uint64_t source;
};

static void compare_pairs(void *context, const struct wiring_batch *batch)
{
    struct stream_check *check = context;
    assert_true(check->full);
    assert_int_equal(batch->first, check->at);
    check->full = batch->count == WIRING_BATCH;
    for (size_t i = 0; i < batch->count; i++, check->at++) {
        assert_int_equal(batch->source[i], check->all->of[check->at].source);
        assert_int_equal(batch->target[i], check->all->of[check->at].target);
    }
}

static void pairs_alone_are_the_same_pairs(void **state)
{
    (void)state;
    for (size_t i = 0; i < RULE_CASES; i++) {
        struct config *config = read_case(rule_cases[i].text, DRAWN);
        struct synapses all = tile_by(config, kernels_best_isa(), 0);
        struct wiring *wiring = open_wiring(config, 0, kernels_best_isa());
        struct stream_check check = {.all = &all, .full = true};
        struct error err;
        assert_int_equal(wiring_draw(wiring, 0, WIRING_PAIRS, compare_pairs, &check, &err),
                         STATUS_OK);
        assert_int_equal(check.at, all.count);
        wiring_close(wiring);
        free_synapses(&all);
        config_free(config);
    }
}

static void projections_do_not_know_of_one_another(void **state)
{
    (void)state;
#define P LISTS "rule = fixed_indegree\nindegree = 5\n" DRAWN
    struct config *alone = read_text(POPULATIONS "[projection.p]\n" P);
    struct config *both = read_text(POPULATIONS "[projection.a]\n" P "[projection.p]\n" P);
    struct synapses p = synapses_of(alone, 0), q = synapses_of(both, 1), a = synapses_of(both, 0);
    size_t sources = 0, weights = 0;
    for (size_t i = 0; i < a.count; i++) {
        sources += a.of[i].source == p.of[i].source; /* by chance 1 in 300 */
        weights += a.of[i].weight == p.of[i].weight;
    }
    assert_true(sources < a.count / 100 && weights < a.count / 1000);
    assert_same(&p, &q);
    free_synapses(&a);
    config_free(alone);
    config_free(both);
}

/* Numbers that were once drawn, so that nothing changes unnoticed: sums over all synapses. */
static uint64_t checksum(const struct synapses *s)
{
    uint64_t sum = s->count;
    for (size_t i = 0; i < s->count; i++) {
        uint64_t weight;
        memcpy(&weight, &s->of[i].weight, sizeof weight);
        uint64_t state = sum ^ s->of[i].source << 32 ^ s->of[i].target ^ weight;
        sum = next_random(&state) + s->of[i].delay;
    }
    return sum;
}

static const uint64_t checksums[RULE_CASES] = {
    [2] = UINT64_C(0x84a5dcb96dae8067),  [4] = UINT64_C(0x435e4402387de760),
    [5] = UINT64_C(0xefc8cafe89ac559e),  [6] = UINT64_C(0xa6d26a710c71c33a),
    [7] = UINT64_C(0xc5440577f40b0a39),  [8] = UINT64_C(0x07b8407cb6a07a4a),
    [9] = UINT64_C(0x7ef0eb60d3ecfc0d),  [10] = UINT64_C(0x34850206b6a155f6),
    [11] = UINT64_C(0x8fa356973b1c9dbe), [12] = UINT64_C(0x2def1325d07f33b1),
    [13] = UINT64_C(0x9995327ff559b092), [14] = UINT64_C(0xc0b243455228cb52),
    [15] = UINT64_C(0xcf57ff116028c331), [16] = UINT64_C(0xa6dd382b1817568d),
    [18] = UINT64_C(0xcb97c77f98866d2c), [19] = UINT64_C(0x0b38b8bb7b011fc9),
    [20] = UINT64_C(0x4c7435674473c03e),
};

static void synapses_stay_what_they_were(void **state)
{
    (void)state;
    for (size_t i = 2; i < RULE_CASES; i++) {
        struct config *config = read_case(rule_cases[i].text, DRAWN);
        struct synapses s = synapses_of(config, 0);
        uint64_t sum = checksum(&s);
        if (sum != checksums[i])
            print_error("case %zu: 0x%016llx\n", i, (unsigned long long)sum);
        assert_true(sum == checksums[i]);
        free_synapses(&s);
        config_free(config);
    }
}

/* 74 tiles. */
static void check_many_tiles(const char *rule, uint64_t degree, uint64_t expected)
{
    char text[1000];
    snprintf(text, sizeof text,
             HEAD "[population.a]\nsize = 300000\n[projection.p]\nsource = a[199980:200020]\n"
                  "target = a\n%s" DRAWN,
             rule);
    struct synapses s = all_synapses(text);
    uint64_t count[40] = {0}, sum = checksum(&s);
    for (size_t i = 0; i < s.count; i++)
        count[s.of[i].source]++;
    for (size_t i = 0; i < 40; i++)
        assert_int_equal(count[i], degree);
    if (sum != expected)
        print_error("%s: 0x%016llx\n", rule, (unsigned long long)sum);
    assert_true(sum == expected);
    free_synapses(&s);
}

static void many_tiles_share_a_degree(void **state)
{
    (void)state;
    check_many_tiles("rule = fixed_outdegree\noutdegree = 5000\n" NO_AUTAPSES, 5000,
                     UINT64_C(0xd3dfcf512921e7e8));
    check_many_tiles("rule = fixed_outdegree\noutdegree = 1000\n", 1000,
                     UINT64_C(0xdcd79e63f0a5d7f2));
    check_many_tiles("rule = fixed_outdegree\noutdegree = 2000\n" NO_AUTAPSES NO_MULTAPSES, 2000,
                     UINT64_C(0xfb886b3ecaaa3ef0));
}

/* As docs/numerics.md has it, word by word; *again counts words that are drawn anew. */
static uint64_t below(struct philox_key key, uint64_t tile, uint64_t number, uint64_t n, bool wide,
                      uint64_t *again)
{
    for (uint16_t draw = 0;; draw++, ++*again) {
        uint32_t word[4];
        philox_draw(word, key, number / (wide ? 2 : 4), draw, tile);
        uint64_t of = wide ? (uint64_t)word[number % 2 * 2] << 32 | word[number % 2 * 2 + 1]
                           : word[number % 4];
        unsigned __int128 whole = (unsigned __int128)1 << (wide ? 64 : 32);
        unsigned __int128 product = of * (unsigned __int128)n;
        if (product % whole >= whole % n)
            return (uint64_t)(product / whole);
    }
}

/* In the worst case one word in 256 is drawn again; at 2^63 + 1 every other is. */
static void numbers_are_without_bias(void **state)
{
    (void)state;
    static const uint64_t cases[] = {1,
                                     3,
                                     1000,
                                     (1 << 24) - 1,
                                     1 << 24,
                                     (1 << 24) + 1,
                                     11184811,
                                     UINT64_C(3) << 61,
                                     (UINT64_C(1) << 63) + 1};
    const struct philox_key key = {{12, 34}};
    uint64_t again[2] = {0, 0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static struct wiring_dice dice;
        bool wide = cases[i] > 1 << 24;
        wiring_dice_open(&dice, kernels_for(ISA_SCALAR, 32), key, 77, cases[i]);
        for (uint64_t first = 0; first < 16 * WIRING_BATCH; first += WIRING_BATCH) {
            wiring_dice_fill(&dice, first, WIRING_BATCH);
            for (size_t k = 0; k < WIRING_BATCH; k++)
                assert_int_equal(wiring_dice_below(&dice, k, cases[i]),
                                 below(key, 77, first + k, cases[i], wide, &again[wide]));
        }
    }
    assert_true(again[0] > 10 && again[1] > 10000);
}

/* ---- delays, bounds, errors */

static void delays_go_to_the_nearest_step(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t steps;
    } cases[] = {{"0.1 ms", 1},  {"0.14 ms", 1}, {"0.15 ms", 2}, {"0.35 ms", 4},
                 {"1.5 ms", 15}, {"10 ms", 100}, {"0.25 ms", 3}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[100];
        snprintf(text, sizeof text, "weight = 1 mV\ndelay = %s\n", cases[i].text);
        struct config *config = read_case("source = a\ntarget = b\nrule = all_to_all\n", text);
        const struct projection_config *p = &config->projection[0];
        struct wiring *wiring = open_wiring(config, 0, ISA_SCALAR);
        uint32_t steps;
        assert_true(wiring_delay_is_constant(wiring, &steps));
        assert_int_equal(steps, cases[i].steps);
        assert_int_equal(wiring_least_delay(config, p), cases[i].steps);
        assert_int_equal(wiring_greatest_delay(config, p), cases[i].steps);
        wiring_close(wiring);
        config_free(config);
    }
}

static void check_bounds(const char *rule)
{
    struct config *config = read_case(rule, DRAWN);
    const struct projection_config *p = &config->projection[0];
    struct synapses s = synapses_of(config, 0);
    double expected = wiring_expected_count(p), most_weight = 0;
    uint32_t least = UINT32_MAX, most = 0;
    uint64_t *degree = calloc(TARGETS, sizeof *degree);
    assert_non_null(degree);
    bool drawn = p->rule == RULE_PAIRWISE_BERNOULLI || p->rule == RULE_PAIRWISE_POISSON;
    assert_true(fabs((double)s.count - expected) <= (drawn ? 5 * sqrt(expected) : 0));
    for (size_t i = 0; i < s.count; i++) {
        least = s.of[i].delay < least ? s.of[i].delay : least;
        most = s.of[i].delay > most ? s.of[i].delay : most;
        most_weight = fmax(most_weight, fabs(s.of[i].weight));
        assert_true((double)++degree[s.of[i].target] <= wiring_greatest_indegree(p));
    }
    assert_int_equal(wiring_least_delay(config, p), 1);
    assert_int_equal(wiring_greatest_delay(config, p), 100);
    assert_true(s.count == 0 || (least == 1 && most > 30 && most <= 100));
    assert_true(s.count == 0 || (most_weight > 2.5 && most_weight <= wiring_greatest_weight(p)));
    free(degree);
    free_synapses(&s);
    config_free(config);
}

static void bounds_hold(void **state)
{
    (void)state;
    for (size_t i = 0; i < RULE_CASES; i++)
        check_bounds(rule_cases[i].text);
    /* One source that is itself a target leaves all of its synapses to the others. */
    check_bounds(
        "source = a[7:8]\ntarget = a[7:9]\nrule = fixed_total_number\nN = 100000\n" NO_AUTAPSES);
    check_bounds("source = a[7:8]\ntarget = a[7:9]\nrule = fixed_outdegree\noutdegree = "
                 "100000\n" NO_AUTAPSES);
}

static void what_no_memory_holds_is_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "rule = all_to_all\n", "rule = fixed_indegree\nindegree = 1e9\n",
        "rule = fixed_total_number\nN = 1e15\n", "rule = pairwise_bernoulli\np = 1e-20\n"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[1000];
        snprintf(text, sizeof text,
                 HEAD "[population.a]\nsize = 1e13\n[projection.p]\nsource = a\ntarget = a\n%s%s",
                 cases[i], VALUES);
        struct config *config = read_text(text);
        struct wiring *wiring;
        struct error err;
        assert_int_equal(wiring_open(&wiring, config, 0, kernels_for(ISA_SCALAR, 32), &err),
                         STATUS_MEMORY);
        assert_null(wiring);
        assert_non_null(strstr(err.text, "[projection.p]"));
        config_free(config);
    }
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_autapses_and_multapses_are_as_told),
        cmocka_unit_test(degrees_that_are_fixed_are_exact),
        cmocka_unit_test(all_pairs_are_found_where_all_are_asked_for),
        cmocka_unit_test(one_to_one_connects_places),
        cmocka_unit_test(one_to_one_may_leave_out_autapses),
        cmocka_unit_test(a_tile_is_the_same_alone_and_by_any_kernels),
        cmocka_unit_test(pairs_alone_are_the_same_pairs),
        cmocka_unit_test(projections_do_not_know_of_one_another),
        cmocka_unit_test(synapses_stay_what_they_were),
        cmocka_unit_test(many_tiles_share_a_degree),
        cmocka_unit_test(numbers_are_without_bias),
        cmocka_unit_test(delays_go_to_the_nearest_step),
        cmocka_unit_test(bounds_hold),
        cmocka_unit_test(what_no_memory_holds_is_refused),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
