/* What the progress callback is told, while synapses are made and while a run is stepped. */
#define _GNU_SOURCE 1 /* nftw */
#include "helpers/stepwise_helpers.h"

#include <pthread.h>

static const char network[] =
    "[simulation]\ndt = 0.1 ms\nduration = 20 ms\n%s"
    "[population.a]\nsize = 8000\nI_e = 600 pA\n[population.b]\nsize = 50\n"
    "[projection.p]\nsource = a\ntarget = a\nrule = fixed_indegree\nindegree = 600\n"
    "weight = normal_clipped(0.01 mV, 0.003 mV, 0 mV, 1 mV)\ndelay = uniform(1 ms, 5 ms)\n"
    "[projection.q]\nsource = b\ntarget = a\nrule = all_to_all\nweight = 0.1 mV\n"
    "delay = 1.5 ms\n"
    "[projection.r]\nsource = b[:49]\ntarget = a\nrule = fixed_outdegree\noutdegree = 97\n"
    "storage = procedural\nweight = 0.01 mV\ndelay = 1.5 ms\n";

enum { NEURONS = 8050, SYNAPSES = 8000 * 650 + 49 * 97, STEPS = 200 };

struct heard {
    struct mlif_progress last;
    int building, stepping; /* calls */
    int stop_at;            /* this call; 0: never */
    bool sane;              /* cmocka's assertions do not work within the library */
    pthread_t thread;
};

static bool is_of_building(const struct mlif_progress *p, const struct mlif_progress *last)
{
    CHECK(fpclassify(p->model_ms) == FP_ZERO && p->steps_done == 0 && p->spikes == 0);
    CHECK(p->synapses_made >= last->synapses_made && p->synapses_made <= p->synapses);
    CHECK(p->checkpoints == 0 && fpclassify(p->checkpoint_ms) == FP_ZERO);
    return true;
}

static bool is_of_stepping(const struct mlif_progress *p, const struct mlif_progress *last)
{
    CHECK(p->synapses_made == SYNAPSES && last->synapses_made == SYNAPSES);
    CHECK(p->steps_done >= last->steps_done && p->spikes >= last->spikes);
    CHECK(fabs(p->model_ms - 0.1 * (double)p->steps_done) < 1e-9);
    return true;
}

static bool is_sane(const struct heard *h, const struct mlif_progress *p, bool building)
{
    CHECK(pthread_equal(pthread_self(), h->thread));
    CHECK(p->neurons == NEURONS && p->synapses == SYNAPSES && p->first_step == 0);
    CHECK(fabs(p->duration_ms - 20.0) < 1e-12);
    CHECK(p->elapsed_s >= (building || h->stepping > 0 ? h->last.elapsed_s : 0.0));
    return building ? is_of_building(p, &h->last) : is_of_stepping(p, &h->last);
}

/* `building` is what the test says of the call that it has made. */
static int hear(const struct mlif_progress *p, struct heard *h, bool building)
{
    h->sane = h->sane && is_sane(h, p, building);
    h->building += building;
    h->stepping += !building;
    h->last = *p;
    return h->stop_at > 0 && h->building + h->stepping == h->stop_at;
}

static int hear_building(const struct mlif_progress *p, void *context)
{
    return hear(p, context, true);
}

static bool opened; /* the test has a simulation */

static int hear_any(const struct mlif_progress *p, void *context)
{
    return hear(p, context, !opened);
}

static struct mlif_options heard_options(struct heard *h, const char *text, const char *path)
{
    struct mlif_options options = options_for(text, path);
    *h = (struct heard){.sane = true, .thread = pthread_self()};
    options.threads = 1;
    options.progress = hear_any;
    options.context = h;
    return options;
}

/* Once in a tenth of a second; the last call has them all. */
static void told_while_synapses_are_made_and_steps_taken(void **state)
{
    (void)state;
    char text[1000];
    struct heard h;
    opened = false;
    snprintf(text, sizeof text, network, "precision = double\n");
    struct mlif_options options = heard_options(&h, text, NULL);
    struct mlif_simulation *s = open_text(text, &options);
    assert_true(h.sane && h.building >= 1 && h.stepping == 0);
    assert_int_equal(h.last.synapses_made, SYNAPSES);
    assert_true(h.last.elapsed_s > 0 && (h.building >= 2 || h.last.elapsed_s < 0.5));
    opened = true;
    assert_int_equal(mlif_advance(s, MLIF_TO_THE_END, NULL), MLIF_OK);
    assert_true(h.sane && h.stepping >= 4 /* blocks of 1 ms or less */);
    assert_int_equal(h.last.steps_done, STEPS);
    assert_true(h.last.spikes >= 8000);
    mlif_close(&s);
}

static void asked_to_stop_while_synapses_are_made(void **state)
{
    (void)state;
    char text[1000];
    struct heard h;
    struct place place;
    struct mlif_messages errors = {NULL, 0};
    struct mlif_simulation *s;
    assert_true(make_place(&place));
    snprintf(text, sizeof text, network, "");
    struct mlif_options options = heard_options(&h, text, place.path);
    options.progress = hear_building;
    h.stop_at = 1;
    assert_int_equal(mlif_open(&s, &options, &errors, NULL), MLIF_INTERRUPTED);
    assert_null(s);
    assert_true(h.sane);
    assert_int_equal(h.building, 1);
    assert_non_null(strstr(errors.line[0], "while synapses were made"));
    assert_false(exists(place.path) || exists(place.temporary));
    mlif_messages_free(&errors);
    remove_place(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(told_while_synapses_are_made_and_steps_taken),
        cmocka_unit_test(asked_to_stop_while_synapses_are_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
