/* What the tests of the library share: a model, its options. */
#ifndef MEGALIF_TESTS_LIBRARY_HELPERS_H
#define MEGALIF_TESTS_LIBRARY_HELPERS_H

#include <megalif/megalif.h>

#include <math.h>

#define assert_near(a, b, most) assert_true(fabs((a) - (b)) <= (most))

/* About 40 Hz; `some` records a sample, `quiet` nothing. */
static const char model[] = "[simulation]\n"
                            "dt = 0.1 ms\n"
                            "duration = 200 ms\n"
                            "warmup = 20 ms\n"
                            "seed = 5\n"
                            "[population.exc]\n"
                            "size = 3000\n"
                            "I_e = normal(450 pA, 20 pA)\n"
                            "[population.some]\n"
                            "size = 500\n"
                            "I_e = 500 pA\n"
                            "V_m = uniform(-70, -55)\n"
                            "[population.quiet]\n"
                            "size = 100\n"
                            "I_e = 500 pA\n"
                            "[record.sample]\n"
                            "population = some\n"
                            "neurons = sample(50)\n"
                            "what = spikes\n"
                            "[record.nothing]\n"
                            "population = quiet\n"
                            "neurons = none\n"
                            "what = spikes\n";

static inline struct mlif_options options_for(const char *text, const char *output)
{
    struct mlif_options options = mlif_default_options();
    options.config = "model.ini";
    options.config_text = text;
    options.output = output;
    options.no_file = output == NULL;
    options.threads = 2;
    options.block = 64;
    return options;
}

#endif
