/* Drives that vary or remember, and models with synapses: the same bits of potentials, other state,
 * memories and spikes for any instruction set, number of threads, tile and block size; whole
 * populations and slices that cut tiles. */
#include "config/read.h"
#include "helpers/simulate.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { STEPS = 60 }; /* each takes seconds */
#else
enum { STEPS = 200 };
#endif

static const char text[] =
    "[simulation]\ndt = 0.1 ms\nduration = 100 ms\nseed = 5\nprecision = %s\n"
    "[population.a]\nsize = 3001\ncrossing = bridge\ntau_m = uniform(8 ms, 12 ms)\nV_m = "
    "uniform(-70, -55)\nI_e = "
    "250\n"
    "[population.b]\nsize = 500\ncrossing = bridge\nI_e = 300\nt_ref = 0.5 ms\n"
    "[population.c]\nsize = 300\nmodel = iaf_psc_exp\ntau_syn_ex = uniform(0.5, 4)\n"
    "C_m = uniform(200, 300)\nI_e = 420\ncrossing = bridge\n"
    "[population.d]\nsize = 300\nmodel = iaf_psc_alpha\ntau_syn_in = 10\nI_e = 420\n"
    "V_min = -75\n"
    "[population.e]\nsize = 200\nmodel = iaf_cond_exp\nE_ex = uniform(-5, 5)\nI_e = 420\n"
    "[population.f]\nsize = 150\nmodel = iaf_cond_alpha\ntau_syn_in = uniform(1, 5)\n"
    "I_e = 420\nt_ref = uniform(1, 3)\n"
    "[input.ou]\ntarget = all\ntype = ou_noise\nmean = 50\nstd = 200\ntau = 3\n"
    "[input.slow]\ntarget = a[200:2900], b[3:400]\ntype = ou_noise\nstd = 100\ntau = 30\nstart = "
    "3.3 ms\n"
    "stop = 15 ms\n"
    "[input.sine]\ntarget = a, b[7:300]\ntype = sine\namplitude = 60\nfrequency = 80 Hz\n"
    "[input.ramp]\ntarget = a[1000:3001]\ntype = ramp\nfirst = 0\nlast = 100\nstop = 20 ms\n"
    "[input.pulses]\ntarget = all\ntype = pulses\namplitude = 90\nperiod = 7.7\nwidth = 1.1\n"
    "[input.switched]\ntarget = a\ntype = poisson\nweight = 0.2\ntimes = 0, 5, 12\n"
    "rates = 3, 0, 30 kHz\nstart = 1\n"
    "[input.waves]\ntarget = a[77:2000], b\ntype = poisson\nweight = 0.3\nrate = 4 kHz\n"
    "modulation = 0.9\nfrequency = 125\n"
    "[input.x1]\ntarget = a[300:2000], b\ntype = poisson\nweight = 0.2\nrate = 6 kHz\n"
    "correlation = 0.3\n"
    "[input.x2]\ntarget = b\ntype = ou_noise\nstd = 50\ntau = 2\ncorrelation = 0.5\n"
    "[input.x3]\ntarget = all\ntype = white_noise\nstd = 200\nhold = 0.3\ncorrelation = 0.4\n"
    "[input.white]\ntarget = b\ntype = white_noise\nsigma_I = 300\n"
    "[input.y1]\ntarget = a[5:400], b[77:90]\ntype = dc\namplitude = uniform(-20, 20)\n"
    "[input.y2]\ntarget = a[1900:2100]\ntype = sine\nfrequency = 60\namplitude = normal(30, 5)\n"
    "[input.y3]\ntarget = a[100:200], b\ntype = white_noise\nsigma_V = uniform(0, 1)\nmean_V = "
    "choice(0, 1)\n"
    "[input.y4]\ntarget = a[1000:1300], b[0:200]\ntype = poisson\nrate = lognormal(3 kHz, 1)\n"
    "weight = normal(0.1, 0.1)\n"
    "[input.y5]\ntarget = b[100:200]\ntype = poisson\nrate = uniform(1, 2 kHz)\nmodulation = 0.5\n"
    "frequency = 125\nweight = 0.1\n"
    "[input.z1]\ntarget = c, d[10:290]\ntype = poisson\nrate = uniform(1, 3 kHz)\n"
    "weight = normal(20 pA, 40 pA)\n"
    "[input.z2]\ntarget = e[5:190], f\ntype = poisson\nrate = 2 kHz\n"
    "weight = uniform(-4 nS, 8 nS)\nstart = 2 ms\n"
    "[input.z3]\ntarget = c\ntype = white_noise\nsigma_V = 2\n";

/* Everything that the run left behind. */
struct outcome {
    struct digest digest;
    uint64_t hash; /* of V, other state and memories, as bytes */
};

static uint64_t hash_bytes(uint64_t hash, const void *data, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        hash = (hash ^ ((const unsigned char *)data)[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static uint64_t hash_population(uint64_t hash, struct simulation *s, size_t population)
{
    const struct population *p = engine_population(s->engine, population);
    double *V = simulation_read_V(s, population);
    hash = hash_bytes(hash, V, p->size * sizeof *V);
    for (size_t k = MODEL_OWN_STATES; k < MODEL_OWN_STATES + p->model->state_count; k++)
        hash = hash_bytes(hash, p->state[k], p->size * p->real_bytes);
    for (size_t d = 0; d < p->drive_count; d++)
        if (p->drives[d].z)
            hash =
                hash_bytes(hash, (const char *)p->drives[d].z + p->drives[d].begin * p->real_bytes,
                           (p->drives[d].end - p->drives[d].begin) * p->real_bytes);
    free(V);
    return hash;
}

static struct outcome run(const char *precision, const struct engine_settings *settings)
{
    char config[8192];
    struct messages errors = {NULL, 0}, warnings = {NULL, 0};
    struct error err = {STATUS_OK, ""};
    struct simulation s = {NULL, NULL};
    snprintf(config, sizeof config, text, precision);
    if (config_read_text(config, strlen(config), "test.ini", NULL, 0, &drive_config_types,
                         &s.config, &errors) ||
        engine_open(&s.engine, s.config, settings, &errors, &warnings, &err))
        simulation_complain(&errors, &err);
    simulation_advance(&s, STEPS);
    struct outcome outcome = {engine_digest(s.engine), 0xcbf29ce484222325};
    for (size_t i = 0; i < s.config->population_count; i++)
        outcome.hash = hash_population(outcome.hash, &s, i);
    messages_free(&errors);
    messages_free(&warnings);
    simulation_close(&s);
    return outcome;
}

static void check_precision(const char *precision)
{
    struct engine_settings settings = {.isa = ISA_SCALAR, .threads = 1};
    struct outcome reference = run(precision, &settings);
    assert_true(reference.digest.spikes > 1000);
    for (int isa = 0; isa < ISA_COUNT; isa++) {
        static const size_t tiles[] = {128, 1024, 4096}, blocks[] = {1, 7, 128};
        for (int i = 0; kernels_for((enum isa)isa, 32) && i < 18; i++) {
            settings = (struct engine_settings){.isa = (enum isa)isa,
                                                .threads = 1 + i / 9,
                                                .tile = tiles[i % 3],
                                                .block = blocks[i / 3 % 3]};
            struct outcome outcome = run(precision, &settings);
            assert_memory_equal(&outcome.digest, &reference.digest, sizeof outcome.digest);
            assert_int_equal(outcome.hash, reference.hash);
        }
    }
}

static void the_same_bits_in_single(void **state)
{
    (void)state;
    check_precision("single");
}

static void the_same_bits_in_double(void **state)
{
    (void)state;
    check_precision("double");
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_bits_in_single),
        cmocka_unit_test(the_same_bits_in_double),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
