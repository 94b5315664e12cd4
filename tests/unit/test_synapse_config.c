/* What configs say of models with synapses: words, keys, defaults, the units of weights, and what
 * cannot be. */
#include "config/read.h"
#include "config/write.h"
#include "drive/drive.h"
#include "neuron/cond.h"
#include "neuron/models.h"
#include "population/population_open.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HEAD "[simulation]\nduration = 1 s\n[population.a]\nsize = 10\nmodel = "
#define INPUT "[input.x]\ntarget = a\ntype = poisson\nrate = 5\nweight = "

static struct config *read_good(const char *text)
{
    struct messages errors = {NULL, 0};
    struct config *config = NULL;
    config_read_text(text, strlen(text), "x.ini", NULL, 0, &drive_config_types, &config, &errors);
    for (size_t i = 0; i < errors.count; i++)
        print_error("%s\n", errors.line[i]);
    assert_non_null(config);
    return config;
}

/* Line 5 is the model's. */
static const struct {
    const char *text, *message;
} wrong[] = {
    {HEAD "iaf_psc_exp\n" INPUT "0.1 mV\n",
     "x.ini:10: [input.x] weight: '0.1 mV' is a voltage, where a current is wanted; its units are "
     "A, mA, uA, nA, pA; where it means R_m I, divide it by R_m"},
    {HEAD "iaf_cond_exp\n" INPUT "5 pA\n",
     "x.ini:10: [input.x] weight: '5 pA' is a current, where a conductance is wanted; its units "
     "are S, mS, uS, nS, pS"},
    {HEAD "lif\n" INPUT "normal(5 nS, 1 nS)\n",
     "x.ini:10: [input.x] weight: '5 nS' is a conductance, where a voltage "
     "is wanted; its units are V, mV, uV, nV"},
    {HEAD "iaf_psc_alpha\n" INPUT "1000001\n",
     "x.ini:10: [input.x] weight: '1000001' is out of range; weight goes from -1000000 pA to "
     "1000000 pA"},
    {HEAD "iaf_psc_alpha\n[population.b]\nsize = 3\n[input.x]\ntarget = all\ntype = poisson\n"
          "rate = 5\nweight = 3\n",
     "x.ini:9: [input.x] target: a weight is in pA in a (iaf_psc_alpha), but in mV in b (lif); "
     "write a section for each"},
    {HEAD "lif\ntau_syn_ex = 2\n",
     "x.ini:6: [population.a] tau_syn_ex: unknown key; tau_syn_ex is a key of model = iaf_psc_exp, "
     "iaf_psc_alpha, iaf_cond_exp, iaf_cond_alpha"},
    {HEAD "lif\ntau_e = 2\n",
     "x.ini:6: [population.a] tau_e: unknown key; tau_syn_ex is a key of model = iaf_psc_exp, "
     "iaf_psc_alpha, iaf_cond_exp, iaf_cond_alpha"},
    {HEAD "lif\n[projection.p]\nsource = a\ntarget = a\nrule = all_to_all\nweight = 1\n"
          "delay = 1\ne_rev_i = -80\n",
     "x.ini:12: [projection.p] e_rev_i: unknown key; E_in belongs into the targets' "
     "[population.NAME], with model = iaf_cond_exp, iaf_cond_alpha"},
    {HEAD "iaf_psc_exp\nE_ex = 2\n",
     "x.ini:6: [population.a] E_ex: unknown key; E_ex is a key of model = iaf_cond_exp, "
     "iaf_cond_alpha"},
    {HEAD "iaf_psc_exp\ntau_syn_in = 0\n",
     "x.ini:6: [population.a] tau_syn_in: '0' is out of range; tau_syn_in must be above 0"},
    {HEAD "iaf_psc_beta\n",
     "x.ini:5: [population.a] model: 'iaf_psc_beta' is not known here; did you mean "
     "iaf_psc_delta?"},
    {HEAD "iaf_cond_exp\ntau_syn_in = 0.05\n",
     "x.ini:6: [population.a] tau_syn_in: 0.05 ms is below dt = 0.1 ms; use a smaller dt"},
    {"[simulation]\nduration = 1 s\nmethod = euler\n[population.a]\nsize = 3\n"
     "model = iaf_cond_alpha\n",
     "x.ini:6: [population.a] model: has no forward Euler; take method = exact, or a model with "
     "currents"},
    {HEAD "lif\n[population.b]\nsize = 3\nmodel = iaf_psc_exp\n[record.r]\npopulation = a\n"
          "what = I_syn\n",
     "x.ini:11: [record.r] what: a has no I_syn; write one of spikes, counts, V_m, I, jumps, "
     "rate"},
};

static void wrong_words_and_units_are_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct messages errors = {NULL, 0};
        struct config *config;
        assert_int_equal(config_read_text(wrong[i].text, strlen(wrong[i].text), "x.ini", NULL, 0,
                                          &drive_config_types, &config, &errors),
                         STATUS_CONFIG);
        assert_int_equal(errors.count, 1);
        assert_string_equal(errors.line[0], wrong[i].message);
        messages_free(&errors);
    }
}

static void lif_has_a_second_word(void **state)
{
    (void)state;
    struct config *lif = read_good(HEAD "lif\n"), *delta = read_good(HEAD "iaf_psc_delta\n");
    char *text[2] = {config_to_text(lif), config_to_text(delta)};
    assert_ptr_equal(model_of(&delta->population[0]), &model_lif);
    assert_string_equal(text[0], text[1]);
    free(text[0]);
    free(text[1]);
    config_free(lif);
    config_free(delta);
}

static void check_default(const struct config *config, int key, double expected)
{
    double value = config->population[0].value[key].number.parameter[0];
    assert_true(fabs(value - expected) <= 0.0);
}

static void defaults_are_nests(void **state)
{
    (void)state;
    static const char *const words[] = {"iaf_psc_exp", "iaf_psc_alpha", "iaf_cond_exp",
                                        "iaf_cond_alpha"};
    for (int i = 0; i < 4; i++) {
        char text[256];
        snprintf(text, sizeof text, "%s%s\n", HEAD, words[i]);
        struct config *config = read_good(text);
        check_default(config, SYNAPSE_TAU_EX, i < 2 ? 2 : 0.2);
        check_default(config, SYNAPSE_TAU_IN, 2);
        if (i >= 2) {
            check_default(config, COND_E_EX, 0);
            check_default(config, COND_E_IN, -85);
        }
        config_free(config);
    }
}

static void weights_are_written_in_their_unit(void **state)
{
    (void)state;
    struct config *config =
        read_good(HEAD "iaf_psc_exp\ntau_syn_ex = uniform(1, 2)\n" INPUT "normal(1 nA, 20 pA)\n");
    char *text = config_to_text(config);
    assert_non_null(strstr(text, "weight        = normal(1000 pA, 20 pA)\n"));
    struct config *again = read_good(text);
    char *second = config_to_text(again);
    assert_string_equal(text, second);
    free(text);
    free(second);
    config_free(again);
    config_free(config);
}

/* Runge and Kutta's step is for time constants of a step at least, drawn ones, too. */
static void drawn_time_constants_are_not_below_a_step(void **state)
{
    (void)state;
    struct config *config = read_good(HEAD "iaf_cond_exp\ntau_syn_ex = uniform(0.01, 0.2)\n");
    struct messages errors = {NULL, 0}, warnings = {NULL, 0};
    struct error err = {STATUS_OK, ""};
    const struct population_settings settings = {
        .kernels = kernels_for(kernels_best_isa(), 32), .tile = 128, .threads = 1};
    struct population population;
    assert_int_equal(population_open(&population, config, 0, &settings, &errors, &warnings, &err),
                     STATUS_CONFIG);
    assert_int_equal(errors.count, 1);
    assert_non_null(strstr(errors.line[0], "x.ini:6: [population.a] tau_syn_ex: "));
    assert_non_null(strstr(errors.line[0], "are out of range (> 0, 0.1 .. 1e+06 ms)"));
    population_close(&population);
    messages_free(&errors);
    messages_free(&warnings);
    config_free(config);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_words_and_units_are_told),
        cmocka_unit_test(lif_has_a_second_word),
        cmocka_unit_test(defaults_are_nests),
        cmocka_unit_test(weights_are_written_in_their_unit),
        cmocka_unit_test(drawn_time_constants_are_not_below_a_step),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
