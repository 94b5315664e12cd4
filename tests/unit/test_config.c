/* What good configs become: values, units, defaults, membranes, selections, overrides. */
#include "config/read.h"
#include "helpers/read_config.h"

/* The value of one key of [population.exc]; valid until the next call. */
static const struct value *population_value(const char *line, enum population_key key)
{
    static struct config *config;
    char text[1024];
    config_free(config);
    config = NULL;
    if (!line)
        return NULL;
    snprintf(text, sizeof text, "%s%s\n", EXC, line);
    config = read_text(text);
    return &config->population[0].value[key];
}

static double number(const char *line, enum population_key key)
{
    const struct value *value = population_value(line, key);
    assert_true(value->present && value->given && value->line == 5);
    assert_int_equal(value->number.kind, DISTRIBUTION_CONSTANT);
    assert_true(value->number.parameter[0] == decimal_to_double(value->exact));
    return value->number.parameter[0];
}

/* The compiler's own rounding of the decimal literal is the reference. */
static void units_scale_to_those_of_nest(void **state)
{
    (void)state;
    assert_true(number("E_L = -0.0701 V", POPULATION_E_L) == -70.1);
    assert_true(number("E_L = -70.1mV", POPULATION_E_L) == -70.1);
    assert_true(number("E_L = -70100 uV", POPULATION_E_L) == -70.1);
    assert_true(number("E_L = -701e5 nV", POPULATION_E_L) == -70.1);
    assert_true(number("E_L = -70.1", POPULATION_E_L) == -70.1);
    assert_true(number("C_m = 1e-10 F", POPULATION_C_M) == 100);
    assert_true(number("C_m = 0.1e-6 mF", POPULATION_C_M) == 100);
    assert_true(number("C_m = 1e-4 uF", POPULATION_C_M) == 100);
    assert_true(number("C_m = 0.3 nF", POPULATION_C_M) == 300);
    assert_true(number("C_m = 0.7 pF", POPULATION_C_M) == 0.7);
    assert_true(number("tau_m = 0.02 s", POPULATION_TAU_M) == 20);
    assert_true(number("tau_m = 12.3 ms", POPULATION_TAU_M) == 12.3);
    assert_true(number("tau_m = 12300 us", POPULATION_TAU_M) == 12.3);
    assert_true(number("tau_m = 123e5 ns", POPULATION_TAU_M) == 12.3);
    assert_true(number("g_L = 1e-8 S", POPULATION_G_L) == 10);
    assert_true(number("g_L = 1.1e-5 mS", POPULATION_G_L) == 11);
    assert_true(number("g_L = 0.0123 uS", POPULATION_G_L) == 12.3);
    assert_true(number("g_L = 12.3 nS", POPULATION_G_L) == 12.3);
    assert_true(number("g_L = 12300 pS", POPULATION_G_L) == 12.3);
    assert_true(number("R_m = 123e6 Ohm", POPULATION_R_M) == 123);
    assert_true(number("R_m = 123e3 kOhm", POPULATION_R_M) == 123);
    assert_true(number("R_m = 12.3 MOhm", POPULATION_R_M) == 12.3);
    assert_true(number("R_m = 0.1 GOhm", POPULATION_R_M) == 100);
    assert_true(number("I_e = 1e-10 A", POPULATION_I_E) == 100);
    assert_true(number("I_e = +0.1e-6 mA", POPULATION_I_E) == 100);
    assert_true(number("I_e = -0.1e-3 uA", POPULATION_I_E) == -100);
    assert_true(number("I_e = 0.2101 nA", POPULATION_I_E) == 210.1);
    assert_true(number("I_e = 210.1 pA", POPULATION_I_E) == 210.1);
    population_value(NULL, 0);
}

static double poisson_rate(const char *rate)
{
    char text[1024];
    snprintf(text, sizeof text,
             "%s[input.x]\ntarget = exc\ntype = poisson\nweight = 1\nrate = %s\n", EXC, rate);
    struct config *config = read_text(text);
    double found = config->input[0].value[0].number.parameter[0];
    config_free(config);
    return found;
}

static void rates_have_units_too(void **state)
{
    (void)state;
    assert_true(poisson_rate("5.5") == 5.5);
    assert_true(poisson_rate("5.5 Hz") == 5.5);
    assert_true(poisson_rate("5.5 kHz") == 5500);
    assert_true(poisson_rate("5.5 MHz") == 5.5e6);
    assert_true(poisson_rate("5.5 mHz") == 0.0055);
    assert_true(poisson_rate("5.5 1/s") == 5.5);
    assert_true(poisson_rate("5.5 1/ms") == 5500);
}

static void assert_distribution(const char *line, enum distribution_kind kind, double a, double b,
                                double c, double d)
{
    const struct value *value = population_value(line, POPULATION_I_E);
    const double *found = value->number.parameter;
    assert_int_equal(value->number.kind, kind);
    assert_true(found[0] == a && found[1] == b && found[2] == c && found[3] == d);
    assert_true(value->exact.mantissa == 0 && value->exact.exponent == 0);
}

static void distributions_have_their_parameters(void **state)
{
    (void)state;
    assert_distribution("I_e = uniform(-0.1 nA, 50.5 pA)", DISTRIBUTION_UNIFORM, -100, 50.5, 0, 0);
    assert_distribution("I_e = uniform( -1 ,2nA )", DISTRIBUTION_UNIFORM, -1000, 2000, 0, 0);
    assert_distribution("I_e = normal(210, 15.5)", DISTRIBUTION_NORMAL, 210, 15.5, 0, 0);
    assert_distribution("I_e = normal (210, 0)", DISTRIBUTION_NORMAL, 210, 0, 0, 0);
    assert_distribution("I_e = normal_clipped(210, 15, 150, 300 pA)", DISTRIBUTION_NORMAL_CLIPPED,
                        210, 15, 150, 300);
    assert_distribution("I_e = normal_clipped(0.21 nA, 15 pA, 150 pA, 3e-4 uA)",
                        DISTRIBUTION_NORMAL_CLIPPED, 210, 15, 150, 300);
    assert_distribution("I_e = lognormal(0.2 nA, 0.5)", DISTRIBUTION_LOGNORMAL, 200, 0.5, 0, 0);
    assert_distribution("I_e = linspace(300, -0.3 pA)", DISTRIBUTION_LINSPACE, 300, -0.3, 0, 0);
    population_value(NULL, 0);
}

static void missing_keys_have_the_defaults_of_nest(void **state)
{
    (void)state;
    struct config *config = read_text(EXC);
    const struct population_config *exc = &config->population[0];
    static const struct {
        enum population_key key;
        double number;
    } defaults[] = {
        {POPULATION_C_M, 250},  {POPULATION_TAU_M, 10},    {POPULATION_E_L, -70},
        {POPULATION_V_TH, -55}, {POPULATION_V_RESET, -70}, {POPULATION_T_REF, 2},
        {POPULATION_I_E, 0},
    };
    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++) {
        const struct value *value = &exc->value[defaults[i].key];
        assert_true(value->present && !value->given && value->line == 0);
        assert_true(value->number.parameter[0] == defaults[i].number);
    }
    assert_false(exc->value[POPULATION_V_M].present);
    assert_false(exc->value[POPULATION_G_L].present || exc->value[POPULATION_R_M].present);
    assert_int_equal(exc->membrane, MEMBRANE_C_TAU);
    assert_int_equal(exc->t_ref_steps, 20);
    assert_int_equal(exc->size, 10);
    assert_int_equal(exc->seed, 1);
    assert_int_equal(exc->line, 3);
    assert_string_equal(exc->name, "exc");
    assert_true(config->dt.mantissa == 1 && config->dt.exponent == -1 && config->dt_ms == 0.1);
    assert_int_equal(config->steps, 10000);
    assert_int_equal(config->seed, 1);
    assert_int_equal(config->precision, PRECISION_SINGLE);
    assert_true(config->warmup_steps == 0 && config->record_warmup);
    assert_true(config->input_count == 0 && config->record_count == 0);
    assert_string_equal(config->output_file, "good.h5");
    assert_true(config->output_deflate && config->output_parameters);
    assert_string_equal(config->file, "dir/good.ini");
    assert_int_equal(config->warnings.count, 0);
    config_free(config);
}

static void parameters_are_written_up_to_ten_million_neurons(void **state)
{
    (void)state;
    struct config *config =
        read_text(HEAD "[population.a]\nsize = 4e6\n[population.b]\nsize=6e6\n");
    assert_true(config->output_parameters);
    config_free(config);
    config = read_text(HEAD "[population.a]\nsize = 4e6\n[population.b]\nsize=6000001\n");
    assert_false(config->output_parameters);
    config_free(config);
    config = read_text(HEAD "[population.a]\nsize=1e7\n[population.b]\nsize=1\n"
                            "[output]\nparameters = drawn\n");
    assert_true(config->output_parameters);
    config_free(config);
}

static void assert_membrane(const char *lines, enum membrane membrane, double c, double tau,
                            double g, double r)
{
    char text[1024];
    snprintf(text, sizeof text, "%s%s\n", EXC, lines);
    struct config *config = read_text(text);
    const struct value *value = config->population[0].value;
    assert_int_equal(config->population[0].membrane, membrane);
    const double expected[] = {c, tau, g, r};
    for (int i = 0; i < 4; i++) {
        const struct value *fact = &value[POPULATION_C_M + i];
        assert_true(fact->present == (expected[i] > 0));
        assert_true(fact->number.parameter[0] == expected[i]);
    }
    config_free(config);
}

static void two_facts_fix_the_membrane(void **state)
{
    (void)state;
    assert_membrane("C_m = 100", MEMBRANE_C_TAU, 100, 10, 0, 0);
    assert_membrane("tau_m = 20", MEMBRANE_C_TAU, 250, 20, 0, 0);
    assert_membrane("g_L = 10", MEMBRANE_C_G, 250, 0, 10, 0);
    assert_membrane("R_m = 50", MEMBRANE_C_R, 250, 0, 0, 50);
    assert_membrane("C_m = 100\ntau_m = 20", MEMBRANE_C_TAU, 100, 20, 0, 0);
    assert_membrane("C_m = 100\ng_L = 10", MEMBRANE_C_G, 100, 0, 10, 0);
    assert_membrane("C_m = 100\nR_m = 50", MEMBRANE_C_R, 100, 0, 0, 50);
    assert_membrane("tau_m = 20\ng_L = 10", MEMBRANE_TAU_G, 0, 20, 10, 0);
    assert_membrane("R_m = 50\ntau_m = 20", MEMBRANE_TAU_R, 0, 20, 0, 50);
    assert_membrane("R_m = 80\ng_L = 12.5", MEMBRANE_C_G, 250, 0, 12.5, 0);
    assert_membrane("R_m = 80\ng_L = 12.5\ntau_m = 20", MEMBRANE_TAU_G, 0, 20, 12.5, 0);
    assert_membrane("C_m = 250\ng_L = 12.5\ntau_m = 20", MEMBRANE_C_TAU, 250, 20, 0, 0);
    assert_membrane("C_m = 250\nR_m = 80\ntau_m = 20", MEMBRANE_C_TAU, 250, 20, 0, 0);
    assert_membrane("C_m = 0.25 nF\nR_m = 80\ntau_m = 20\ng_L = 12.5", MEMBRANE_C_TAU, 250, 20, 0,
                    0);
    assert_membrane("C_m = 250\nR_m = 80.00000004\ntau_m = 20", MEMBRANE_C_TAU, 250, 20, 0, 0);
    const struct value *g = population_value("g_L = uniform(9, 11)", POPULATION_G_L);
    assert_int_equal(g->number.kind, DISTRIBUTION_UNIFORM);
    population_value(NULL, 0);
}

static void a_coarse_tau_is_warned_of(void **state)
{
    (void)state;
    struct config *config = read_text(EXC "tau_m = 0.9 ms\n[population.b]\nsize=1\ntau_m = 1 ms\n"
                                          "[population.c]\nsize=1\nC_m = 9 pF\nR_m=0.1 GOhm\n");
    assert_int_equal(config->warnings.count, 2);
    assert_string_equal(config->warnings.line[0],
                        "dir/good.ini:5: [population.exc] tau_m: tau_m = 0.9 ms, which is below 10 "
                        "dt (dt = 0.1 ms); spike times will be coarse");
    assert_string_equal(config->warnings.line[1],
                        "dir/good.ini:12: [population.c] R_m: C_m and the leak give tau_m = 0.9 "
                        "ms, which is below 10 dt (dt = 0.1 ms); spike times will be coarse");
    config_free(config);
}

static void whole_numbers_are_exact(void **state)
{
    (void)state;
    assert_int_equal(population_value("seed = 18446744073709551615", POPULATION_SEED)->integer,
                     UINT64_MAX);
    assert_int_equal(population_value("seed = 9007199254740993", POPULATION_SEED)->integer,
                     UINT64_C(9007199254740993));
    assert_int_equal(population_value("seed = 8e5", POPULATION_SEED)->integer, 800000);
    assert_int_equal(population_value("seed = 1.25e2", POPULATION_SEED)->integer, 125);
    assert_int_equal(population_value("seed = 18e18", POPULATION_SEED)->integer,
                     UINT64_C(18000000000000000000));
    assert_int_equal(population_value("seed = 007", POPULATION_SEED)->integer, 7);
    assert_int_equal(population_value("seed = 12.0", POPULATION_SEED)->integer, 12);
    population_value(NULL, 0);
}

static void times_are_exact_multiples_of_dt(void **state)
{
    (void)state;
    struct config *config = read_text("[simulation]\ndt = 1 us\nduration = 86400.000001 s\n"
                                      "warmup = 0.003 ms\n[population.exc]\nsize = 1\n"
                                      "t_ref = 2.001 ms\n[input.x]\ntarget = exc\ntype = dc\n"
                                      "amplitude = 1\nstart = 0.7 ms\nstop = 1.1\n");
    assert_int_equal(config->steps, UINT64_C(86400000001));
    assert_int_equal(config->warmup_steps, 3);
    assert_int_equal(config->population[0].t_ref_steps, 2001);
    assert_int_equal(config->input[0].start_step, 700);
    assert_int_equal(config->input[0].stop_step, 1100);
    config_free(config);
    config = read_text("[simulation]\ndt = 0.3 ms\nduration = 9e15 ms\n[population.exc]\nsize = 1\n"
                       "t_ref = normal(2 ms, 0.25 ms)\n");
    assert_int_equal(config->steps, UINT64_C(30000000000000000));
    assert_int_equal(config->population[0].t_ref_steps, 0);
    config_free(config);
}

static void inputs_come_sorted_with_their_targets(void **state)
{
    (void)state;
    struct config *config = read_text(
        EXC
        "[population.inh]\nsize = 5\n"
        "[input.z]\ntarget = inh[2:], exc[7:9], exc[0:7]\ntype = dc\namplitude = 0.2 nA\nseed=5\n"
        "[input.B]\ntarget = all\ntype = step\ntimes = 0, 0.1, 2.5 s\n"
        "amplitudes = 1 pA, -2 nA, 3e3 pA\nstart = 1 ms\nstop = inf\n"
        "[input.a]\ntarget = inh, exc[:3]\ntype = white_noise\nmean_V = 5\nstd = 3\nhold = 0.4\n");
    assert_int_equal(config->input_count, 3);
    const struct input_config *big = &config->input[0], *a = &config->input[1],
                              *z = &config->input[2];
    assert_string_equal(big->name, "B");
    assert_string_equal(a->name, "a");
    assert_string_equal(z->name, "z");
    assert_ptr_equal(big->type, &test_step);
    assert_ptr_equal(a->config, config);
    assert_true(z->line == 7 && big->line == 12 && a->line == 19);
    assert_true(z->seed == 5 && z->seed_given && a->seed == 1 && !a->seed_given);
    static const struct target expected[] = {{0, 0, 7}, {0, 7, 9}, {1, 2, 5}, {0, 0, 10},
                                             {1, 0, 5}, {0, 0, 3}, {1, 0, 5}};
    const struct target *found[] = {&z->target[0],   &z->target[1], &z->target[2], &big->target[0],
                                    &big->target[1], &a->target[0], &a->target[1]};
    assert_true(z->target_count == 3 && big->target_count == 2 && a->target_count == 2);
    for (size_t i = 0; i < 7; i++)
        assert_memory_equal(found[i], &expected[i], sizeof *expected);
    const struct value *times = &big->value[0], *amplitudes = &big->value[1];
    assert_true(times->count == 3 && times->steps[1] == 1000 && times->steps[2] == 25000);
    assert_true(times->numbers[1] == 100 && times->numbers[2] == 2500);
    assert_true(amplitudes->count == 3 && amplitudes->numbers[1] == -2000);
    assert_true(big->start_step == 10 && big->stop_step == VALUE_FOREVER);
    assert_true(a->start_step == 0 && a->stop_step == VALUE_FOREVER);
    assert_true(!a->value[0].present && a->value[1].number.parameter[0] == 5);
    assert_int_equal(a->value[3].integer, 4);
    config_free(config);
}

static const struct selection *selection(const char *neurons)
{
    static struct config *config;
    char text[1024];
    config_free(config);
    config = NULL;
    if (!neurons)
        return NULL;
    snprintf(text, sizeof text, "%s[record.r]\npopulation=exc\nwhat=spikes\nneurons = %s\n", EXC,
             neurons);
    config = read_text(text);
    return &config->record[0].neurons;
}

static void neurons_are_selected(void **state)
{
    (void)state;
    assert_int_equal(selection("all")->kind, SELECT_ALL);
    assert_int_equal(selection("none")->kind, SELECT_NONE);
    const struct selection *range = selection("2:8:3");
    assert_int_equal(range->kind, SELECT_RANGE);
    assert_true(range->begin == 2 && range->end == 8 && range->step == 3);
    range = selection(" 3 : ");
    assert_true(range->begin == 3 && range->end == 10 && range->step == 1);
    range = selection(":5");
    assert_true(range->begin == 0 && range->end == 5 && range->step == 1);
    const struct selection *list = selection("9, 0,4");
    assert_true(list->kind == SELECT_LIST && list->list_count == 3);
    assert_true(list->list[0] == 0 && list->list[1] == 4 && list->list[2] == 9);
    assert_true(selection("7")->kind == SELECT_LIST && selection("7")->list[0] == 7);
    assert_true(selection("sample(10)")->kind == SELECT_SAMPLE);
    assert_int_equal(selection("sample( 1e1 )")->sample, 10);
    selection(NULL);
}

static void recorders_name_their_populations(void **state)
{
    (void)state;
    struct config *config = read_text(EXC "[population.inh]\nsize = 5\n[record.z]\n"
                                          "population = inh, exc\nwhat = counts\nseed = 9\n"
                                          "[record.b]\npopulation = inh\nwhat = spikes\n");
    assert_int_equal(config->record_count, 2);
    const struct record_config *b = &config->record[0], *z = &config->record[1];
    assert_true(b->what == RECORD_SPIKES && z->what == RECORD_COUNTS);
    assert_true(b->population_count == 1 && b->population[0] == 1 && b->seed == 1);
    assert_true(z->population_count == 2 && z->population[0] == 0 && z->population[1] == 1);
    assert_true(z->seed == 9 && z->neurons.kind == SELECT_ALL);
    config_free(config);
}

static void overrides_replace_and_add(void **state)
{
    (void)state;
    static const char *const overrides[] = {"simulation.duration = 2 s",
                                            "population.exc.size=20",
                                            "population.exc.I_e=200 pA",
                                            "output.file=out/a b=c.h5",
                                            "population.exc.size = 30",
                                            "simulation.seed=7",
                                            "population.exc.E_L=uniform(-70 mV, -65 mV)"};
    struct config *config = read_with(EXC, 7, overrides);
    const struct value *value = config->population[0].value;
    assert_int_equal(config->steps, 20000);
    assert_int_equal(config->seed, 7);
    assert_int_equal(config->population[0].seed, 7);
    assert_int_equal(config->population[0].size, 30);
    assert_true(value[POPULATION_I_E].given && value[POPULATION_I_E].line == 0);
    assert_true(value[POPULATION_I_E].number.parameter[0] == 200);
    assert_int_equal(value[POPULATION_E_L].number.kind, DISTRIBUTION_UNIFORM);
    assert_string_equal(config->output_file, "out/a b=c.h5");
    config_free(config);
    /* a wrong value that is overridden does no harm */
    static const char *const mend[] = {"simulation.dt=0.2"};
    config = read_with(HEAD "dt = nonsense\n[population.exc]\nsize=1\n", 1, mend);
    assert_int_equal(config->steps, 5000);
    config_free(config);
}

static void places_of_values_are_told(void **state)
{
    (void)state;
    static const char *const overrides[] = {"population.exc.I_e=200 pA"};
    struct config *config = read_with(EXC "V_th = -50\n", 1, overrides);
    const struct value *value = config->population[0].value;
    char text[256];
    assert_string_equal(
        config_where(config, "population.exc", "V_th", &value[POPULATION_V_TH], text, sizeof text),
        "dir/good.ini:5: [population.exc] V_th");
    assert_string_equal(
        config_where(config, "population.exc", "I_e", &value[POPULATION_I_E], text, sizeof text),
        "--set population.exc.I_e");
    assert_string_equal(
        config_where(config, "population.exc", "E_L", &value[POPULATION_E_L], text, sizeof text),
        "dir/good.ini: [population.exc] E_L (default)");
    config_free(config);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(units_scale_to_those_of_nest),
        cmocka_unit_test(rates_have_units_too),
        cmocka_unit_test(distributions_have_their_parameters),
        cmocka_unit_test(missing_keys_have_the_defaults_of_nest),
        cmocka_unit_test(parameters_are_written_up_to_ten_million_neurons),
        cmocka_unit_test(two_facts_fix_the_membrane),
        cmocka_unit_test(a_coarse_tau_is_warned_of),
        cmocka_unit_test(whole_numbers_are_exact),
        cmocka_unit_test(times_are_exact_multiples_of_dt),
        cmocka_unit_test(inputs_come_sorted_with_their_targets),
        cmocka_unit_test(neurons_are_selected),
        cmocka_unit_test(recorders_name_their_populations),
        cmocka_unit_test(overrides_replace_and_add),
        cmocka_unit_test(places_of_values_are_told),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
