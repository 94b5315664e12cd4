/* Synaptic currents and conductances against closed forms: propagators by MPFR, what one spike
 * does, forward Euler, weights of both signs. */
#include "helpers/simulate.h"
#include "neuron/synapse.h"
#include "population/trace.h"

#include <math.h>
#include <mpfr.h>

/* ---- propagators ---- */

/* out = e^(-h / tau) */
static void decayed(mpfr_t out, double h, double tau)
{
    mpfr_set_d(out, -h, MPFR_RNDN);
    mpfr_div_d(out, out, tau, MPFR_RNDN);
    mpfr_exp(out, out, MPFR_RNDN);
}

/* What a current of 1 pA (alpha: of e / tau_syn pA/ms) does to V in h: beta / C (E_m - E_s), or
 * beta / C (beta (E_m - E_s) - h E_s) e / tau_syn, with 400 bits; equal time constants by limits.
 */
static double exact(const struct synapse_of *s, bool alpha)
{
    mpfr_t E_m, E_s, beta, sum;
    mpfr_inits2(400, E_m, E_s, beta, sum, (mpfr_ptr)0);
    decayed(E_m, s->h, s->tau_m);
    decayed(E_s, s->h, s->tau_syn);
    mpfr_set_d(beta, s->tau_m, MPFR_RNDN);
    mpfr_sub_d(beta, beta, s->tau_syn, MPFR_RNDN);
    bool equal = mpfr_zero_p(beta);
    mpfr_d_div(beta, 1.0, beta, MPFR_RNDN);
    mpfr_mul_d(beta, beta, s->tau_m, MPFR_RNDN);
    mpfr_mul_d(beta, beta, s->tau_syn, MPFR_RNDN);
    mpfr_sub(sum, E_m, E_s, MPFR_RNDN);
    mpfr_mul(sum, sum, beta, MPFR_RNDN);
    if (equal)
        mpfr_mul_d(sum, E_s, s->h, MPFR_RNDN);
    if (alpha && equal) {
        mpfr_mul_d(sum, sum, s->h / 2, MPFR_RNDN);
    } else if (alpha) {
        mpfr_mul_d(E_s, E_s, s->h, MPFR_RNDN);
        mpfr_sub(sum, sum, E_s, MPFR_RNDN);
        mpfr_mul(sum, sum, beta, MPFR_RNDN);
    }
    mpfr_div_d(sum, sum, s->C, MPFR_RNDN);
    mpfr_set_d(E_s, alpha ? 1.0 : 0.0, MPFR_RNDN);
    mpfr_exp(E_s, E_s, MPFR_RNDN);
    mpfr_mul(sum, sum, E_s, MPFR_RNDN);
    mpfr_div_d(sum, sum, alpha ? s->tau_syn : 1.0, MPFR_RNDN);
    double value = mpfr_get_d(sum, MPFR_RNDN);
    mpfr_clears(E_m, E_s, beta, sum, (mpfr_ptr)0);
    return value;
}

static void check_propagators(const struct synapse_of *s)
{
    double current = exact(s, false), feed = exact(s, true);
    assert_true(fabs(synapse_by_current(s) - current) <= 2e-14 * current + 1e-300);
    assert_true(fabs(synapse_by_feed(s) - feed) <= 2e-14 * feed + 1e-300);
}

static void propagators_are_right_for_any_time_constants(void **state)
{
    (void)state;
    static const double steps[] = {1e-3, 0.1, 1}, membranes[] = {0.5, 10, 20, 1000},
                        apart[] = {0,    1e-15, -1e-12, 1e-9, 1e-7, -1e-5, 1e-3,
                                   1e-2, -0.1,  0.5,    -0.9, 3,    30};
    for (size_t h = 0; h < 3; h++)
        for (size_t m = 0; m < 4; m++)
            for (size_t d = 0; d < 13; d++)
                check_propagators(&(struct synapse_of){
                    METHOD_EXACT, steps[h], membranes[m] * (1 + apart[d]), membranes[m], 250});
    check_propagators(&(struct synapse_of){METHOD_EXACT, 1, 1e-2, 1e6, 1});
    check_propagators(&(struct synapse_of){METHOD_EXACT, 1, 1e6, 1e-2, 1});
}

/* ---- one spike ---- */

enum { STEPS = 1000, ARRIVES = 11 }; /* the step number of its arrival */
static const double weight = 700.0;

#define ONE_SPIKE                                                                                  \
    "[simulation]\nduration = 100 ms\nprecision = double\nmethod = %s\n"                           \
    "[population.n]\nsize = 2\nmodel = %s\ntau_syn_ex = %s\nV_th = 1000 mV\n"                      \
    "[input.a]\ntarget = n\ntype = spikes\nfile = x\nweight = 700\n"                               \
    "[record.g]\npopulation = n\nwhat = %s\ninterval = 0.1 ms\n"                                   \
    "[record.v]\npopulation = n\nwhat = V_m\ninterval = 0.1 ms\n"

/* What is recorded of neuron 1 after each step. */
struct course {
    double of[2][STEPS];
};

static void open_traced(struct simulation *s, const char *text, const struct input_rows *rows)
{
    const struct engine_settings settings = {
        .isa = kernels_best_isa(), .threads = 1, .trace_bytes = 8, .rows = rows};
    simulation_open_with(s, text, &settings);
}

static const struct course *one_spike(const char *method, const char *model, const char *tau_syn,
                                      const char *what)
{
    static struct course course;
    static double arrives[STEPS][2];
    const struct input_rows rows = {
        .per_neuron = true, .data = arrives, .stride = 2, .steps = STEPS};
    char text[1024];
    struct simulation s;
    size_t count;
    arrives[ARRIVES - 1][1] = 1;
    snprintf(text, sizeof text, ONE_SPIKE, method, model, tau_syn, what);
    open_traced(&s, text, &rows);
    for (uint64_t done = 0; done < STEPS;) {
        done += engine_advance(s.engine, STEPS - done);
        for (size_t r = 0; r < 2; r++) {
            const struct trace *trace = engine_trace(s.engine, r, 0, &count);
            for (size_t row = 0; row < count; row++)
                course.of[r][trace->first_row + row] = ((const double *)trace->values)[2 * row + 1];
        }
    }
    simulation_close(&s);
    return &course;
}

/* After `t` ms: w e^(-t / tau), or w (e / tau) t e^(-t / tau), whose peak is w. */
static double synapse_at(double t, double tau, bool alpha)
{
    if (t < -1e-9)
        return 0.0;
    return weight * (alpha ? t / tau * exp(1 - t / tau) : exp(-t / tau));
}

/* V - E_L, tau_m = 10 ms, C_m = 250 pF. */
static double potential_at(double t, double tau, bool alpha)
{
    const double tau_m = 10, C = 250, beta = 1 / (1 / tau - 1 / tau_m);
    double apart = beta * (exp(-t / tau_m) - exp(-t / tau));
    if (t < 0)
        return 0.0;
    return alpha ? weight * exp(1) / (tau * C) * beta * (apart - t * exp(-t / tau))
                 : weight / C * apart;
}

static void a_spike_is_a_current_of_its_form(void **state)
{
    (void)state;
    for (int alpha = 0; alpha < 2; alpha++) {
        const struct course *course =
            one_spike("exact", alpha ? "iaf_psc_alpha" : "iaf_psc_exp", "3 ms", "I_syn");
        double most = 0.0;
        for (int k = 0; k < STEPS; k++) {
            double t = (k - ARRIVES) * 0.1;
            assert_true(fabs(course->of[0][k] - synapse_at(t, 3, alpha)) < 1e-9);
            assert_true(fabs(course->of[1][k] + 70 - potential_at(t, 3, alpha)) < 1e-9);
            most = fmax(most, course->of[0][k]);
        }
        assert_true(fabs(most - weight) < 1e-9);
        assert_true(fabs(course->of[0][ARRIVES + (alpha ? 30 : 0)] - weight) < 1e-9);
    }
}

/* Fifth order: 1e-6 of the weight at tau_syn = 10 dt. */
static void a_spike_is_a_conductance_of_its_form(void **state)
{
    (void)state;
    for (int alpha = 0; alpha < 2; alpha++) {
        const struct course *course =
            one_spike("exact", alpha ? "iaf_cond_alpha" : "iaf_cond_exp", "1 ms", "g_ex");
        for (int k = 0; k < STEPS; k++) {
            double t = (k - ARRIVES) * 0.1;
            assert_true(fabs(course->of[0][k] - synapse_at(t, 1, alpha)) < 1e-6 * weight);
            assert_true(k <= ARRIVES || course->of[1][k] > -70);
        }
        assert_true(course->of[1][ARRIVES + 20] > -20); /* towards E_ex */
    }
}

static void eulers_currents_are_eulers(void **state)
{
    (void)state;
    for (int alpha = 0; alpha < 2; alpha++) {
        const struct course *course =
            one_spike("euler", alpha ? "iaf_psc_alpha" : "iaf_psc_exp", "3 ms", "I_syn");
        double V = -70, I = 0, D = 0;
        for (int k = 0; k < STEPS; k++) {
            assert_true(fabs(course->of[0][k] - I) < 1e-9);
            assert_true(fabs(course->of[1][k] - V) < 1e-9);
            double arrives = k + 1 == ARRIVES ? weight : 0;
            V += 0.1 * ((-70 - V) / 10 + I / 250);
            I += 0.1 * (alpha ? D - I / 3 : -I / 3) + (alpha ? 0 : arrives);
            D += 0.1 * -D / 3 + exp(1) / 3 * arrives;
        }
    }
}

/* What decays ends at 0, not in numbers that processors take slowly; in single precision. */
static void what_decays_ends(void **state)
{
    (void)state;
    static const char *const models[] = {"iaf_psc_exp", "iaf_psc_alpha", "iaf_cond_exp",
                                         "iaf_cond_alpha"};
    for (size_t m = 0; m < 4; m++) {
        char text[512];
        struct simulation s;
        snprintf(text, sizeof text,
                 "[simulation]\nduration = 1 s\n[population.n]\nsize = 300\nmodel = %s\n"
                 "tau_syn_ex = 1 ms\ntau_syn_in = 1 ms\n[input.p]\ntarget = n\ntype = poisson\n"
                 "rate = 2 kHz\nweight = uniform(-1, 1)\nstop = 50 ms\n",
                 models[m]);
        simulation_open(&s, text, 0);
        simulation_advance(&s, 500);
        const struct population *p = engine_population(s.engine, 0);
        float most = 0;
        for (size_t i = 0; i < p->size; i++)
            most = fmaxf(most, fabsf(((float *)p->state[MODEL_OWN_STATES])[i]));
        assert_true(most > 0.1F);
        simulation_advance(&s, 2500);
        for (size_t k = MODEL_OWN_STATES; k < MODEL_OWN_STATES + p->model->state_count; k++)
            for (size_t i = 0; i < p->size; i++)
                assert_true(fabsf(((float *)p->state[k])[i]) <= 0);
        simulation_close(&s);
    }
}

/* ---- weights of both signs ---- */

static void each_weight_reaches_the_receptor_of_its_sign(void **state)
{
    (void)state;
    enum { N = 500, RECORDERS = 4 };
    static double I[RECORDERS][N], seen[N];
    struct simulation s;
    open_traced(&s,
                "[simulation]\nduration = 20 ms\nprecision = double\n"
                "[population.n]\nsize = 500\nmodel = iaf_psc_exp\ntau_syn_ex = 4 ms\n"
                "tau_syn_in = 4 ms\nV_th = 1000\n"
                "[input.p]\ntarget = n[100:500]\ntype = poisson\nrate = 3 kHz\n"
                "weight = normal(10 pA, 30 pA)\n"
                "[record.a]\npopulation = n\nwhat = I_syn_ex\ninterval = 0.1 ms\n"
                "[record.b]\npopulation = n\nwhat = I_syn_in\ninterval = 0.1 ms\n"
                "[record.c]\npopulation = n\nwhat = I_syn\ninterval = 0.1 ms\n"
                "[record.d]\npopulation = n\nwhat = jumps\ninterval = 0.1 ms\n",
                NULL);
    assert_int_equal(engine_population(s.engine, 0)->drive_count, 2);
    size_t rows, ex = 0, in = 0;
    for (uint64_t done = 0; done < 200;) {
        uint64_t steps = engine_advance(s.engine, 200 - done);
        for (uint64_t k = 0; k < steps; k++, done++)
            for (size_t i = 0; i < N; i++) {
                for (size_t r = 0; r < RECORDERS; r++)
                    I[r][i] =
                        ((const double *)engine_trace(s.engine, r, 0, &rows)->values)[k * N + i];
                assert_true(fabs(I[2][i] - seen[i]) < 1e-9);
                assert_true(fabs(I[0][i] + I[1][i] - seen[i]) < 1e-9);
                assert_true(I[0][i] >= 0 && I[1][i] <= 0 && (I[0][i] <= 0 || I[1][i] >= 0));
                seen[i] = exp(-0.1 / 4) * seen[i] + I[3][i];
            }
    }
    for (size_t i = 0; i < N; i++) {
        ex += seen[i] > 0;
        in += seen[i] < 0;
        assert_true(i >= 100 || fabs(seen[i]) <= 0);
    }
    assert_true(ex > 200 && in > 100 && ex + in == 400); /* normal: 63 % above 0 */
    simulation_close(&s);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(propagators_are_right_for_any_time_constants),
        cmocka_unit_test(a_spike_is_a_current_of_its_form),
        cmocka_unit_test(a_spike_is_a_conductance_of_its_form),
        cmocka_unit_test(eulers_currents_are_eulers),
        cmocka_unit_test(what_decays_ends),
        cmocka_unit_test(each_weight_reaches_the_receptor_of_its_sign),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
