/* Types for tests of the config layer: the program's inputs and model in their keys, without what
 * they do. */
#ifndef MEGALIF_TESTS_INPUT_TYPES_H
#define MEGALIF_TESTS_INPUT_TYPES_H

#include "config/config.h"

enum { TEST_INPUT_TYPES = 4 };

static void test_check_step(const struct input_config *input,
                            void (*report)(void *context, int key, const char *text), void *context)
{
    if (input->value[0].count != input->value[1].count)
        report(context, 1, "not as many as times; give one amplitude for each time");
}

static void test_check_noise(const struct input_config *input,
                             void (*report)(void *context, int key, const char *text),
                             void *context)
{
    if (input->value[0].given && input->value[1].given)
        report(context, 1, "mean and mean_V exclude each other; give one");
    if (input->value[2].given == input->value[4].given)
        report(context, -1, "needs std or sigma_V; give one of them");
}

static const struct key test_dc_keys[] = {
    {.name = "amplitude",
     .kind = VALUE_NUMBER,
     .dimension = DIMENSION_CURRENT,
     .required = true,
     .least = -1e9,
     .most = 1e9,
     .help = "the current"},
};

static const struct key test_step_keys[] = {
    {.name = "times",
     .kind = VALUE_TIMES,
     .dimension = DIMENSION_TIME,
     .required = true,
     .least = 0,
     .most = 1e18,
     .help = "when the current changes"},
    {.name = "amplitudes",
     .kind = VALUE_NUMBERS,
     .dimension = DIMENSION_CURRENT,
     .required = true,
     .least = -1e9,
     .most = 1e9,
     .help = "the currents from then on"},
};

static const struct key test_noise_keys[] = {
    {.name = "mean",
     .kind = VALUE_NUMBER,
     .dimension = DIMENSION_CURRENT,
     .least = -1e9,
     .most = 1e9,
     .help = "the mean current"},
    {.name = "mean_V",
     .kind = VALUE_NUMBER,
     .dimension = DIMENSION_VOLTAGE,
     .least = -1e4,
     .most = 1e4,
     .help = "the mean as a voltage above E_L"},
    {.name = "std",
     .kind = VALUE_NUMBER,
     .dimension = DIMENSION_CURRENT,
     .least = 0,
     .most = 1e9,
     .help = "the standard deviation of the current"},
    {.name = "hold",
     .kind = VALUE_TIME,
     .dimension = DIMENSION_TIME,
     .least = 0,
     .most = 1e6,
     .positive = true,
     .help = "how long a value holds"},
    {.name = "sigma_V",
     .kind = VALUE_NUMBER,
     .dimension = DIMENSION_VOLTAGE,
     .least = 0,
     .most = 1e4,
     .help = "the stationary standard deviation of V"},
};

static const struct key test_poisson_keys[] = {
    {.name = "rate",
     .kind = VALUE_NUMBER,
     .dimension = DIMENSION_RATE,
     .required = true,
     .least = 0,
     .most = 1e9,
     .help = "the rate of the spikes that come in"},
    {.name = "weight",
     .kind = VALUE_NUMBER,
     .dimension = DIMENSION_VOLTAGE,
     .required = true,
     .least = -1e4,
     .most = 1e4,
     .help = "how far each moves V"},
};

static const struct input_type test_dc = {"dc", "constant", test_dc_keys, 1, NULL, NULL};
static const struct input_type test_step = {"step", "steps",         test_step_keys,
                                            2,      test_check_step, NULL};
static const struct input_type test_noise = {"white_noise",    "noise", test_noise_keys, 5,
                                             test_check_noise, NULL};
static const struct input_type test_poisson = {"poisson", "spikes", test_poisson_keys,
                                               2,         NULL,     NULL};
static const struct input_type *const test_input_types[TEST_INPUT_TYPES] = {
    &test_dc, &test_step, &test_noise, &test_poisson};
static const struct model_type test_lif = {
    .name = "lif", .help = "leaky integrate and fire", .weight = DIMENSION_VOLTAGE};
static const struct key test_source_keys[] = {{.name = "rate",
                                               .kind = VALUE_DISTRIBUTION,
                                               .dimension = DIMENSION_RATE,
                                               .required = true,
                                               .least = 0,
                                               .most = 1e9,
                                               .help = "spikes per second"}};
static const struct model_type test_source = {.name = "poisson",
                                              .help = "a source",
                                              .source_only = true,
                                              .keys = test_source_keys,
                                              .key_count = 1};
static const struct model_type *const test_model_types[] = {&test_lif, &test_source};
static const struct config_types test_types = {test_input_types, TEST_INPUT_TYPES, test_model_types,
                                               2};

#endif
