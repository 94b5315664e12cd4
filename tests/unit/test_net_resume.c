/* A network is cut after any step and goes on in another engine, with other threads, tiles and
 * blocks, from what a checkpoint holds: the same spikes. What cannot be spikes under way is
 * refused. */
#include "engine/engine_state.h"
#include "helpers/simulate.h"

#include <inttypes.h>

enum { STEPS = 160, FIELDS = 64 };

/* Delays up to 12 ms, most of the run; a source that may spike several times a step; a projection
 * without segments; part of a population as sources. */
static const char network[] =
    "[simulation]\ndt = 0.1 ms\nduration = 16 ms\nseed = 5\nprecision = %s\n%s"
    "[population.a]\nsize = 300\nmodel = iaf_psc_exp\nI_e = normal(500 pA, 30 pA)\n"
    "V_m = uniform(-65 mV, -50 mV)\nt_ref = uniform(0 ms, 3 ms)\n"
    "[population.b]\nsize = 150\nV_m = uniform(-65 mV, -50 mV)\nI_e = 300 pA\n"
    "[population.s]\nsize = 20\nmodel = poisson\nrate = 8 kHz\n"
    "[projection.aa]\nsource = a[20:]\ntarget = a\nrule = fixed_indegree\nindegree = 40\n"
    "weight = normal(40 pA, 90 pA)\nallow_both_signs = yes\ndelay = uniform(0.3 ms, 12 ms)\n"
    "[projection.ab]\nsource = a, s\ntarget = b[10:]\nrule = pairwise_bernoulli\np = 0.2\n"
    "weight = 0.4 mV\ndelay = uniform(0.4 ms, 5 ms)\n"
    "[projection.ba]\nsource = b\ntarget = a\nrule = fixed_total_number\nN = 3000\n"
    "weight = -30 pA\ndelay = 1.7 ms\n";

static void open_with(struct simulation *s, const char *precision, const char *more, int threads,
                      size_t tile, size_t block)
{
    char text[sizeof network + 64];
    snprintf(text, sizeof text, network, precision, more);
    const struct engine_settings settings = {.isa = kernels_best_isa(),
                                             .threads = threads,
                                             .tile = tile,
                                             .block = block,
                                             .record = true};
    simulation_open_with(s, text, &settings);
}

/* ---- a state */

struct saved {
    uint64_t step;
    size_t fields;
    uint64_t count[FIELDS];
    size_t bytes[FIELDS];
    void *data[FIELDS];
};

static struct saved save(struct engine *engine)
{
    struct engine_state state;
    struct saved saved = {.step = engine_steps_done(engine)};
    assert_int_equal(engine_state_open(&state, engine, NULL), STATUS_OK);
    assert_true(state.count <= FIELDS);
    for (size_t i = 0; i < state.count; i++, saved.fields++) {
        const struct engine_field *field = &state.field[i];
        saved.count[i] = field->count;
        saved.bytes[i] = field->count * field->bytes;
        assert_non_null(saved.data[i] = calloc(field->count + 1, field->bytes));
        engine_state_save(engine, field, 0, field->count, saved.data[i]);
    }
    engine_state_close(&state);
    return saved;
}

static void forget(struct saved *saved)
{
    for (size_t i = 0; i < saved->fields; i++)
        free(saved->data[i]);
}

/* In pieces of `piece` elements. */
static bool restore(struct engine *engine, const struct saved *saved, uint64_t piece)
{
    struct engine_state state;
    bool good = true;
    engine_state_set_step(engine, saved->step);
    assert_int_equal(engine_state_open(&state, engine, NULL), STATUS_OK);
    assert_int_equal(state.count, saved->fields);
    for (size_t i = 0; i < state.count && good; i++) {
        struct engine_field *field = &state.field[i];
        engine_state_recount(engine, field);
        assert_int_equal(field->count, saved->count[i]);
        for (uint64_t first = 0; first < field->count && good; first += piece) {
            uint64_t left = field->count - first;
            enum status status =
                engine_state_restore(engine, field, first, left < piece ? left : piece,
                                     (char *)saved->data[i] + first * field->bytes);
            assert_true(status == STATUS_OK || status == STATUS_CHECKPOINT);
            good = status == STATUS_OK;
        }
    }
    engine_state_close(&state);
    return good;
}

/* ---- cuts */

static struct digest whole_run(const char *precision)
{
    struct simulation s;
    open_with(&s, precision, "", 1, 0, 0);
    simulation_advance(&s, STEPS);
    struct digest digest = engine_digest(s.engine);
    for (size_t i = 0; i < s.config->population_count; i++)
        assert_true(engine_totals(s.engine, i)->digest.spikes > 200);
    simulation_close(&s);
    return digest;
}

static void assert_digest(const struct engine *engine, struct digest expected)
{
    struct digest digest = engine_digest(engine);
    assert_int_equal(digest.spikes, expected.spikes);
    assert_memory_equal(digest.sum, expected.sum, sizeof digest.sum);
}

static void cut_at(struct simulation *first, uint64_t step, const char *precision,
                   struct digest expected)
{
    static const size_t tiles[] = {0, 128, 256}, blocks[] = {1, 2, 3, 0};
    struct simulation s;
    struct saved saved = save(first->engine);
    open_with(&s, precision, "", 1 + (int)(step % 3), tiles[step % 3], blocks[step % 4]);
    assert_true(restore(s.engine, &saved, 1 + step % 50));
    simulation_advance(&s, STEPS - step);
    assert_digest(s.engine, expected);
    simulation_close(&s);
    forget(&saved);
}

static void cut_everywhere(const char *precision)
{
    struct digest expected = whole_run(precision);
    struct simulation s;
    open_with(&s, precision, "", 2, 128, 3);
    for (uint64_t step = 0; step < STEPS; step++) {
        cut_at(&s, step, precision, expected);
        simulation_advance(&s, 1);
    }
    assert_digest(s.engine, expected);
    simulation_close(&s);
}

static void a_run_in_single_is_cut_after_any_step(void **state)
{
    (void)state;
    cut_everywhere("single");
}

static void a_run_in_double_is_cut_after_any_step(void **state)
{
    (void)state;
    cut_everywhere("double");
}

/* What is restored is what was saved, also after some more steps elsewhere. */
static void a_state_is_the_same_in_any_engine(void **state)
{
    (void)state;
    struct simulation s, other;
    open_with(&s, "single", "", 1, 0, 0);
    open_with(&other, "single", "", 2, 128, 1);
    simulation_advance(&s, 100);
    struct saved before = save(s.engine);
    assert_true(restore(other.engine, &before, 7));
    simulation_advance(&s, 30);
    simulation_advance(&other, 30);
    struct saved one = save(s.engine), two = save(other.engine);
    assert_int_equal(one.fields, two.fields);
    for (size_t i = 0; i < one.fields; i++) {
        assert_int_equal(one.count[i], two.count[i]);
        assert_memory_equal(one.data[i], two.data[i], one.bytes[i]);
    }
    forget(&before);
    forget(&one);
    forget(&two);
    simulation_close(&s);
    simulation_close(&other);
}

/* ---- limits: blocks are stepped again */

/* The state at the step that meets the limit is that of a run of this duration; returns the step.
 */
static uint64_t end_by_limit(const char *limit, size_t tile, size_t block)
{
    struct simulation limited, plain;
    open_with(&limited, "single", limit, 2, tile, block);
    open_with(&plain, "single", "", 1, 0, 0);
    while (engine_advance(limited.engine, STEPS - engine_steps_done(limited.engine)) > 0)
        ;
    uint64_t done = engine_steps_done(limited.engine);
    assert_true(done > 10 && done < STEPS);
    simulation_advance(&plain, done);
    assert_digest(limited.engine, engine_digest(plain.engine));
    struct saved one = save(limited.engine), two = save(plain.engine);
    for (size_t f = 0; f < two.fields; f++) /* one has the limit behind them */
        assert_memory_equal(one.data[f], two.data[f], two.bytes[f]);
    forget(&one);
    forget(&two);
    simulation_close(&limited);
    simulation_close(&plain);
    return done;
}

static void a_limit_ends_a_network_at_its_step(void **state)
{
    (void)state;
    size_t within = 0; /* a block of 3 */
    for (int spikes = 1500; spikes < 2500; spikes += 200) {
        char limit[64];
        snprintf(limit, sizeof limit, "stop_after_spikes = %d\n", spikes);
        uint64_t done = end_by_limit(limit, 128, 1);
        assert_int_equal(end_by_limit(limit, 0, 2), done);
        assert_int_equal(end_by_limit(limit, 128, 3), done);
        within += done % 3 != 0;
    }
    assert_true(within > 1);
}

/* ---- what cannot be */

/* The field of a name, in a state that is open. */
static size_t field_of(struct engine *engine, const char *name)
{
    struct engine_state state;
    size_t found = 0;
    assert_int_equal(engine_state_open(&state, engine, NULL), STATUS_OK);
    while (found < state.count && strcmp(state.field[found].name, name) != 0)
        found++;
    assert_true(found < state.count);
    engine_state_close(&state);
    return found;
}

/* A state of step `step` in which one element is another; is it taken? */
static bool takes(uint64_t step, const char *name, size_t element, uint64_t value)
{
    struct simulation s, other;
    open_with(&s, "single", "", 1, 0, 0);
    open_with(&other, "single", "", 1, 0, 0);
    simulation_advance(&s, step);
    struct saved saved = save(s.engine);
    size_t field = field_of(s.engine, name);
    assert_true(element < saved.count[field]);
    if (strstr(name, "ids"))
        ((uint32_t *)saved.data[field])[element] = (uint32_t)value;
    else
        ((uint64_t *)saved.data[field])[element] = value;
    engine_state_set_step(other.engine, step);
    bool good = restore(other.engine, &saved, UINT64_MAX);
    forget(&saved);
    simulation_close(&s);
    simulation_close(&other);
    return good;
}

static void ids_of_no_neurons_are_refused(void **state)
{
    (void)state;
    assert_false(takes(150, "population.a.under_way.ids", 3, 300));
    assert_false(takes(150, "population.a.under_way.ids", 0, UINT32_MAX));
    assert_false(takes(150, "population.b.under_way.ids", 0, 150));
    assert_false(takes(150, "population.s.under_way.ids", 0, 20));
}

/* Lists are read between the first and the last source of a range: ids must ascend. */
static void ids_that_do_not_ascend_are_refused(void **state)
{
    (void)state;
    struct simulation s;
    open_with(&s, "single", "", 1, 0, 0);
    simulation_advance(&s, 150);
    struct saved saved = save(s.engine);
    const uint64_t *count = saved.data[field_of(s.engine, "population.a.under_way.counts")];
    size_t step = 0, first = 0;
    while (count[step] < 3)
        first += (size_t)count[step++];
    forget(&saved);
    simulation_close(&s);
    assert_true(takes(150, "population.a.under_way.ids", first, 0));
    assert_false(takes(150, "population.a.under_way.ids", first, 299));
    assert_false(takes(150, "population.a.under_way.ids", first + 2, 0));
}

static void spikes_before_the_first_step_are_refused(void **state)
{
    (void)state;
    assert_true(takes(50, "population.a.under_way.counts", 0, 0));
    assert_false(takes(50, "population.a.under_way.counts", 0, 1));
    assert_false(takes(50, "population.a.under_way.counts", 69, 1)); /* of 120 steps */
}

static void more_spikes_than_can_be_are_refused(void **state)
{
    (void)state;
    assert_false(takes(150, "population.a.under_way.counts", 5, UINT64_MAX));
    assert_false(takes(150, "population.a.under_way.counts", 5, 301));
    assert_false(takes(150, "population.s.under_way.counts", 5, UINT32_MAX));
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_in_single_is_cut_after_any_step),
        cmocka_unit_test(a_run_in_double_is_cut_after_any_step),
        cmocka_unit_test(a_state_is_the_same_in_any_engine),
        cmocka_unit_test(a_limit_ends_a_network_at_its_step),
        cmocka_unit_test(ids_of_no_neurons_are_refused),
        cmocka_unit_test(ids_that_do_not_ascend_are_refused),
        cmocka_unit_test(spikes_before_the_first_step_are_refused),
        cmocka_unit_test(more_spikes_than_can_be_are_refused),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
