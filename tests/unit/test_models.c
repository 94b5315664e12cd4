/* A model brings keys, coefficients and state of its own: what reads configs, draws, checks, steps
 * and saves learns of them from the model's tables alone. The model is helpers/adapting.h's. */
#include "helpers/adapting.h"

#include "base/digest.h"
#include "config/keys.h"
#include "config/read.h"
#include "config/sweep_points.h"
#include "config/write.h"
#include "engine/engine.h"
#include "engine/engine_state.h"
#include "population/trace.h"
#include "setup/setup_values.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define HEAD "[simulation]\nduration = 200 ms\n[population.plain]\nsize = 10\n"
#define OWN HEAD "[population.own]\nsize = 300\nmodel = adapting\nI_e = 600 pA\n"

static struct messages errors;

static enum status try(struct config **config, const char *text, const char *set)
{
    const struct config_types types = adapting_types();
    messages_free(&errors);
    return config_read_text(text, strlen(text), "x.ini", &set, set ? 1 : 0, &types, config,
                            &errors);
}

static struct config *read_text(const char *text, const char *set)
{
    struct config *config;
    if (try(&config, text, set))
        fail_msg("%s", errors.line[0]);
    return config;
}

static void assert_error(const char *text, const char *set, const char *message)
{
    struct config *config;
    assert_int_equal(try(&config, text, set), STATUS_CONFIG);
    assert_string_equal(errors.line[0], message);
    assert_int_equal(errors.count, 1);
    messages_free(&errors);
}

static void a_section_has_the_keys_of_its_model(void **state)
{
    (void)state;
    struct config *config = read_text(OWN "b = uniform(10 pA, 0.02 nA)\nnote = strong\n", NULL);
    const struct value *v = config->population[1].value;
    assert_ptr_equal(config->population[0].model, &model_lif.type);
    assert_ptr_equal(config->population[1].model, &model_adapting.type);
    assert_true(v[ADAPTING_TAU_W].present && !v[ADAPTING_TAU_W].given);
    assert_true(fabs(v[ADAPTING_TAU_W].number.parameter[0] - 100) <= 0.0);
    assert_int_equal(v[ADAPTING_B].number.kind, DISTRIBUTION_UNIFORM);
    assert_true(fabs(v[ADAPTING_B].number.parameter[1] - 20) <= 1e-12);
    assert_int_equal(v[ADAPTING_NOTE].integer, 1);

    char *text = config_to_text(config);
    assert_non_null(strstr(text, "model         = adapting\n"));
    assert_non_null(strstr(text, "tau_w         = 100 ms\nb             = uniform(10 pA, 20 pA)\n"
                                 "note          = strong\n"));
    struct config *again = read_text(text, NULL);
    char *second = config_to_text(again);
    assert_string_equal(text, second);
    free(second);
    free(text);
    config_free(again);
    config_free(config);
}

static void other_keys_and_models_are_told(void **state)
{
    (void)state;
    assert_error(
        HEAD "tau_w = 3\n", NULL,
        "x.ini:5: [population.plain] tau_w: unknown key; tau_w is a key of model = adapting");
    assert_error(OWN "b = 3\ntau_ww = 3\n", NULL,
                 "x.ini:10: [population.own] tau_ww: unknown key; did you mean tau_w?");
    assert_error(OWN, NULL,
                 "x.ini:5: [population.own] b: the key is missing; it is what a spike adds to w");
    assert_error(OWN "b = 3\n", "population.own.b=-1",
                 "--set population.own.b: '-1' is out of range; b goes from 0 pA to 1000000 pA");
    assert_error(OWN "b = levels(1, 2)\n", NULL,
                 "x.ini:9: [population.own] b: levels gives one value to each copy of the cells; "
                 "give the population copies, or use linspace");
    assert_error(HEAD "model = adaptin\n", NULL,
                 "x.ini:5: [population.plain] model: 'adaptin' is not known here; did you mean "
                 "adapting?");
    assert_error(HEAD "model = \n", NULL,
                 "x.ini:5: [population.plain] model: the value is missing; model is the neuron "
                 "model, such as lif");
}

static void a_model_checks_what_no_key_can(void **state)
{
    (void)state;
    assert_error(OWN "b = 2 nA\nnote = weak\n", NULL,
                 "x.ini:9: [population.own] b: is not weak; leave the note out");
    assert_error(OWN "b = 2 nA\ntau_w = 5\n", NULL,
                 "x.ini:5: [population.own]: w is faster than V; make tau_w longer");
}

static void own_keys_are_swept(void **state)
{
    (void)state;
    const struct config_types types = adapting_types();
    const char *text = OWN "b = 1\n[sweep]\npopulation.own.b = grid(1 pA, 2 pA, 3)\n";
    const struct sweep_source source = {
        .text = text, .length = strlen(text), .name = "x.ini", .types = &types};
    struct sweep *sweep;
    assert_int_equal(config_read_sweep(&source, &sweep, &errors), STATUS_OK);
    assert_ptr_equal(sweep->key[0].key, &adapting_keys[ADAPTING_B - POPULATION_KEYS]);
    assert_string_equal(sweep->point[1].name, "b=1.5pA");
    assert_null(config_find_key(sweep->first, "population.plain.b"));
    assert_ptr_equal(config_find_key(sweep->first, "population.own.size"),
                     &config_population_keys[POPULATION_SIZE]);
    config_sweep_free(sweep);
}

static void tables_have_room_and_names_of_their_own(void **state)
{
    (void)state;
    const struct config_types types = adapting_types();
    const struct model_type *const *list[] = {drive_config_types.model, types.model};
    const size_t counts[] = {drive_config_types.model_count, types.model_count};
    for (int l = 0; l < 2; l++)
        for (size_t m = 0; m < counts[l]; m++) {
            assert_in_range(list[l][m]->key_count, 0, POPULATION_KEYS_MOST - POPULATION_KEYS);
            for (size_t k = 0; k < list[l][m]->key_count; k++)
                for (int common = 0; common < POPULATION_KEYS; common++)
                    assert_string_not_equal(list[l][m]->keys[k].name,
                                            config_population_keys[common].name);
        }
}

static void a_recorder_shows_what_its_populations_have(void **state)
{
    (void)state;
    struct config *config =
        read_text(OWN "b = 3\n[record.r]\npopulation = own\nwhat = w\ninterval = 2 ms\n"
                      "[record.s]\npopulation = plain\nwhat = jumps\n",
                  NULL);
    assert_ptr_equal(config->record[0].trace, &adapting_recordables[0]);
    assert_true(config->record[0].interval_steps == 20 && record_is_trace(&config->record[0]));
    assert_ptr_equal(config->record[1].trace, &config_recordables[2]);
    char *text = config_to_text(config);
    assert_non_null(strstr(text, "what          = w\nneurons       = all\ninterval      = 2 ms\n"));
    free(text);
    config_free(config);

    assert_error(OWN "b = 3\n[record.r]\npopulation = all\nwhat = w\n", NULL,
                 "x.ini:12: [record.r] what: plain has no w; write one of spikes, counts, V_m, I, "
                 "jumps, rate");
    assert_error(OWN "b = 3\n[record.r]\npopulation = all\nwhat = jumps\n", NULL,
                 "x.ini:12: [record.r] what: jumps is in pA in own, in mV before; give it a "
                 "recorder of its own");
    assert_error(OWN "b = 3\n[record.r]\npopulation = own\nwhat = volts\n", NULL,
                 "x.ini:12: [record.r] what: 'volts' is not known here; write one of spikes, "
                 "counts, V_m, I, jumps, rate, w, w_V");
    assert_error(
        OWN "b = 3\n[record.r]\npopulation = owl\nwhat = w\n", NULL,
        "x.ini:11: [record.r] population: there is no population 'owl'; did you mean own?");
    assert_error(HEAD "model = adaptin\n[record.r]\npopulation = plain\nwhat = w\n", NULL,
                 "x.ini:5: [population.plain] model: 'adaptin' is not known here; did you mean "
                 "adapting?");
}

/* ---- drawn ---- */

static enum status open_engine(struct engine **out, const struct config *config, size_t tile,
                               int threads)
{
    const struct engine_settings settings = {
        .isa = kernels_best_isa(), .threads = threads, .tile = tile, .trace_bytes = 8};
    struct messages warnings = {NULL, 0};
    struct error err = {STATUS_OK, ""};
    messages_free(&errors);
    enum status status = engine_open(out, config, &settings, &errors, &warnings, &err);
    messages_free(&warnings);
    return status;
}

static void own_keys_have_streams_of_their_own(void **state)
{
    (void)state;
    struct config *config =
        read_text(OWN "b = uniform(10 pA, 20 pA)\ntau_w = uniform(10 ms, 20 ms)\n", NULL);
    const struct population_config *p = &config->population[1];
    double b[300], tau_w[300];
    population_read_parameter(config, 1, ADAPTING_B, 0, 300, b);
    population_read_parameter(config, 1, ADAPTING_TAU_W, 0, 300, tau_w);
    for (uint64_t id = 0; id < 300; id++) {
        const struct draw_place place = neuron_place(p, id);
        struct philox_key key = draw_stream_key(p->seed, "population.", "own", "b");
        double drawn = draw_value(&p->value[ADAPTING_B].number, key, &place);
        assert_memory_equal(&b[id], &drawn, sizeof drawn);
        assert_true(fabs(b[id] - tau_w[id]) > 0);
    }
    config_free(config);
}

static uint64_t digest_of_parameters(const char *set)
{
    struct config *config = read_text(OWN "b = uniform(10 pA, 20 pA)\n", set);
    struct engine *engine;
    assert_int_equal(open_engine(&engine, config, 0, 1), STATUS_OK);
    uint64_t digest = engine_population(engine, 1)->parameters_digest;
    engine_close(engine);
    config_free(config);
    return digest;
}

static void own_drawn_values_are_digested_and_checked(void **state)
{
    (void)state;
    uint64_t digest = digest_of_parameters(NULL);
    assert_true(digest == digest_of_parameters("population.plain.C_m=200"));
    assert_true(digest != digest_of_parameters("population.own.b=uniform(10 pA, 21 pA)"));
    assert_true(digest != digest_of_parameters("population.own.tau_w=uniform(20 ms, 21 ms)"));

    struct config *config = read_text(OWN "b = normal(0 pA, 1 pA)\n", NULL);
    struct engine *engine;
    assert_int_equal(open_engine(&engine, config, 0, 1), STATUS_CONFIG);
    engine_close(engine);
    assert_non_null(strstr(errors.line[0], "x.ini:9: [population.own] b: "));
    assert_non_null(strstr(errors.line[0], "of 300 drawn values are out of range (0 .. 1e+06 pA)"));
    config_free(config);
}

static void own_values_come_from_files(void **state)
{
    (void)state;
    char path[] = "/tmp/megalif-models-XXXXXX", text[256];
    int file = mkstemp(path);
    for (int i = 0; i < 300; i++)
        assert_true(dprintf(file, "%s%d\n", i ? "" : "b\n", i) > 0);
    close(file);
    snprintf(text, sizeof text, "%sb = file(%s)\n", OWN, path);
    struct config *config = read_text(text, NULL);
    struct setup_values values = {NULL, 0, 0};
    struct setup_files files = {NULL, 0}, listed = {NULL, 0};
    double b[300];
    assert_int_equal(setup_values_read(&values, config, &files, &errors), STATUS_OK);
    assert_int_equal(setup_files_list(&listed, config, &(struct error){STATUS_OK, ""}), STATUS_OK);
    assert_int_equal(listed.count, 1);
    assert_string_equal(listed.file[0].key, "b");
    population_read_parameter(config, 1, ADAPTING_B, 0, 300, b);
    for (int i = 0; i < 300; i++)
        assert_true(fabs(b[i] - i) <= 0.0);
    setup_files_free(&files);
    setup_files_free(&listed);
    setup_values_free(&values);
    config_free(config);
    unlink(path);
}

/* ---- stepped ---- */

#define STEPPED                                                                                    \
    OWN "b = uniform(50 pA, 200 pA)\ntau_w = uniform(20 ms, 80 ms)\nC_m = uniform(200, 300)\n"

enum { STEPS = 2000 };

/* The spikes of one neuron of the STEPPED population, in plain double arithmetic; its w before each
 * step, and its numbers. */
static uint64_t step_neuron(const struct config *config, uint64_t id, double w_of[STEPS],
                            struct neuron *n)
{
    struct neuron_source source;
    neuron_source_init(&source, config, 1);
    neuron_draw(n, &source, id);
    const double *v = n->value, dt = config->dt_ms;
    double e = -expm1(-dt / n->tau_m), forgets = -expm1(-dt / v[ADAPTING_TAU_W]);
    double V = v[POPULATION_E_L], w = 0.0;
    uint64_t free = 0, spikes = 0;
    for (uint64_t step = 1; step <= config->steps; step++) {
        double target = v[POPULATION_E_L] + n->resistance * (v[POPULATION_I_E] - w);
        w_of[step - 1] = w;
        V = step > free ? V + e * (target - V) : v[POPULATION_V_RESET];
        w -= forgets * w;
        if (V < v[POPULATION_V_TH])
            continue;
        w += v[ADAPTING_B];
        V = v[POPULATION_V_RESET];
        free = step + 20;
        spikes++;
    }
    return spikes;
}

static void advance(struct engine *engine, uint64_t until)
{
    while (engine_steps_done(engine) < until)
        engine_advance(engine, until - engine_steps_done(engine));
}

static struct digest run(const struct config *config, size_t tile, int threads)
{
    struct engine *engine;
    assert_int_equal(open_engine(&engine, config, tile, threads), STATUS_OK);
    advance(engine, config->steps);
    struct digest digest = engine_digest(engine);
    engine_close(engine);
    return digest;
}

static void a_model_steps_its_own_state(void **state)
{
    (void)state;
    struct config *config = read_text(STEPPED, "simulation.precision=double");
    uint64_t spikes = 0;
    for (uint64_t id = 0; id < 300; id++)
        spikes += step_neuron(config, id, (double[STEPS]){0}, &(struct neuron){.tau_m = 0});
    struct digest one = run(config, 0, 1), other = run(config, 128, 2);
    assert_int_equal(one.spikes, spikes);
    assert_memory_equal(&one, &other, sizeof one);
    config_free(config);
    struct config *weak = read_text(STEPPED, "population.own.b=0");
    assert_true(run(weak, 0, 1).spikes > spikes);
    config_free(weak);
}

/* What recorder r of the STEPPED population has shown in the last block. */
static size_t check_rows(struct engine *engine, const struct config *config, size_t r,
                         double w_of[][STEPS], const struct neuron *n)
{
    size_t rows;
    const struct trace *trace = engine_trace(engine, r, 1, &rows);
    const double *values = trace->values;
    assert_int_equal(trace->count, 300);
    for (size_t row = 0; row < rows; row++)
        for (size_t id = 0; id < 300; id++) {
            double w = w_of[id][(trace->first_row + row) * config->record[r].interval_steps];
            double shown = r < 2 ? w : n[id].resistance * w + n[id].value[ADAPTING_B];
            assert_true(fabs(values[row * 300 + id] - shown) <= 1e-9 * (1.0 + fabs(shown)));
        }
    return rows;
}

static void own_recordables_are_traced(void **state)
{
    (void)state;
    static double w_of[300][STEPS];
    static struct neuron n[300];
    struct config *config =
        read_text(STEPPED "[record.a]\npopulation = own\nwhat = w\ninterval = 0.3 ms\n"
                          "[record.b]\npopulation = own\nwhat = jumps\n"
                          "[record.c]\npopulation = own\nwhat = w_V\n",
                  "simulation.precision=double");
    struct engine *engine;
    size_t rows[3] = {0, 0, 0};
    for (uint64_t id = 0; id < 300; id++)
        step_neuron(config, id, w_of[id], &n[id]);
    assert_true(w_of[7][STEPS - 1] > 0.0);
    assert_int_equal(open_engine(&engine, config, 128, 2), STATUS_OK);
    while (engine_steps_done(engine) < STEPS) {
        engine_advance(engine, STEPS - engine_steps_done(engine));
        for (size_t r = 0; r < 3; r++)
            rows[r] += check_rows(engine, config, r, w_of, n);
    }
    assert_true(rows[0] == 667 && rows[1] == 200 && rows[2] == 200);
    engine_close(engine);
    config_free(config);
}

/* All state of one engine to another. */
static void hand_over(struct engine *from, struct engine *to)
{
    struct engine_state saved, restored;
    struct error err = {STATUS_OK, ""};
    bool own = false;
    engine_state_set_step(to, engine_steps_done(from));
    assert_int_equal(engine_state_open(&saved, from, &err), STATUS_OK);
    assert_int_equal(engine_state_open(&restored, to, &err), STATUS_OK);
    assert_int_equal(saved.count, restored.count);
    for (size_t i = 0; i < saved.count; i++) {
        const struct engine_field *f = &saved.field[i];
        void *bytes = malloc(f->count * f->bytes + 1);
        assert_non_null(bytes);
        engine_state_save(from, f, 0, f->count, bytes);
        assert_int_equal(engine_state_restore(to, &restored.field[i], 0, f->count, bytes),
                         STATUS_OK);
        own |= strcmp(f->name, "population.own.w") == 0 && f->count == 300;
        free(bytes);
    }
    assert_true(own);
    engine_state_close(&saved);
    engine_state_close(&restored);
}

static void own_state_is_saved_and_restored(void **state)
{
    (void)state;
    struct config *config = read_text(STEPPED, NULL);
    struct engine *first, *second;
    assert_int_equal(open_engine(&first, config, 0, 1), STATUS_OK);
    assert_int_equal(open_engine(&second, config, 128, 2), STATUS_OK);
    advance(first, 777);
    hand_over(first, second);
    advance(second, config->steps);
    struct digest whole = run(config, 0, 1), resumed = engine_digest(second);
    assert_memory_equal(&whole, &resumed, sizeof whole);
    engine_close(first);
    engine_close(second);
    config_free(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_section_has_the_keys_of_its_model),
        cmocka_unit_test(other_keys_and_models_are_told),
        cmocka_unit_test(a_model_checks_what_no_key_can),
        cmocka_unit_test(own_keys_are_swept),
        cmocka_unit_test(tables_have_room_and_names_of_their_own),
        cmocka_unit_test(a_recorder_shows_what_its_populations_have),
        cmocka_unit_test(own_keys_have_streams_of_their_own),
        cmocka_unit_test(own_drawn_values_are_digested_and_checked),
        cmocka_unit_test(own_values_come_from_files),
        cmocka_unit_test(a_model_steps_its_own_state),
        cmocka_unit_test(own_recordables_are_traced),
        cmocka_unit_test(own_state_is_saved_and_restored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
