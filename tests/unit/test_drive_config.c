/* The real types of input: what their keys' checks say, to the letter; that the manual and the
 * annotated config show all of them; and that what is resolved reads back. */
#include "config/read.h"
#include "config/write.h"
#include "drive/drive.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HEAD "[simulation]\nduration = 1 s\n[population.exc]\nsize = 10\n[input.x]\ntarget = exc\n"

static enum status read_text(const char *text, struct config **config, struct messages *errors)
{
    return config_read_text(text, strlen(text), "x.ini", NULL, 0, &drive_config_types, config,
                            errors);
}

/* Line 7 is the first of `lines`. */
static const struct {
    const char *lines, *message;
} wrong[] = {
    {"type = ramp\nfirst = 1\nlast = 2\n",
     "x.ini:5: [input.x]: a ramp has no end; give stop, the time at which it reaches last"},
    {"type = ramp\nlast = 2\nstop = 5 ms\n",
     "x.ini:5: [input.x] first: the key is missing; it is the current at start"},
    {"type = sine\namplitude = 1\nfrequency = 5001 Hz\n",
     "x.ini:9: [input.x] frequency: is above 1 / (2 dt); choose it lower, or a smaller dt"},
    {"type = sine\namplitude = 1\nfrequency = 1.2345678901234567\n",
     "x.ini:9: [input.x] frequency: has too many digits: frequency dt may have 18 decimals; round "
     "it"},
    {"type = sine\namplitude = 1\nfrequency = 10 Hz\nphase = 400\n",
     "x.ini:10: [input.x] phase: '400' is out of range; phase goes from -360 to 360"},
    {"type = pulses\namplitude = 1\nperiod = 5\nwidth = 6\n",
     "x.ini:10: [input.x] width: is longer than the period; pulses must not overlap"},
    {"type = pulses\namplitude = 1\nperiod = 5\nwidth = 0.15\n",
     "x.ini:10: [input.x] width: 0.15 ms is no whole multiple of dt = 0.1 ms; the nearest are 0.1 "
     "ms "
     "and 0.2 ms"},
    {"type = poisson\nweight = 1\n",
     "x.ini:5: [input.x]: needs either rate, or times and rates; give one of the two"},
    {"type = poisson\nweight = 1\ntimes = 0, 5\nrates = 5\n",
     "x.ini:10: [input.x] rates: has 1 values; times has 2: give one rate for each time"},
    {"type = poisson\nweight = 1\ntimes = 0, 5\nrates = 5, 2e7\n",
     "x.ini:10: [input.x] rates: means 2000 events in each step of 0.1 ms; at most 1000 are "
     "possible: "
     "use a smaller rate or dt, or white_noise"},
    {"type = poisson\nweight = 1\nrate = 6e6\nmodulation = 1\nfrequency = 10\n",
     "x.ini:9: [input.x] rate: means 1200 events in each step of 0.1 ms; at most 1000 are "
     "possible: "
     "use a smaller rate or dt, or white_noise"},
    {"type = poisson\nweight = 1\nrate = 5\nmodulation = 1\n",
     "x.ini:10: [input.x] modulation: needs a frequency; give frequency, too"},
    {"type = poisson\nweight = 1\nrate = 5\nphase = 1\n",
     "x.ini:10: [input.x] phase: goes with modulation; give modulation, too"},
    {"type = poisson\nweight = 1\nrate = 5\nmodulation = 1\nfrequency = 7.3\n",
     "x.ini:11: [input.x] frequency: comes back to its phase at a step after 100000 steps only, "
     "where "
     "10000 are possible; multiples of 1 Hz do: 7 Hz or 8 Hz"},
    {"type = poisson\nweight = 1\ntimes = 0\nrates = 5\nmodulation = 1\nfrequency = 7\n",
     "x.ini:11: [input.x] modulation: goes with rate; leave out times and rates"},
    {"type = poisson\nweight = 1\nrate = 2 MHz\ncorrelation = 0.1\n",
     "x.ini:10: [input.x] correlation: needs 2000 shared events in each step, rate dt / "
     "correlation; at "
     "most 1000 are possible: use 0, or 0.2 at least"},
    {"type = ou_noise\nstd = 1\ntau = 5\ncorrelation = 1.5\n",
     "x.ini:10: [input.x] correlation: '1.5' is out of range; correlation goes from 0 to 1"},
    {"type = dc\namplitude = levels(0, 1)\n",
     "x.ini:8: [input.x] amplitude: levels gives one value to each copy of the cells; give the "
     "population copies, or use linspace"},
    {"type = ou_noise\nstd = 1\ntau = 5\ncommon = copies\n",
     "x.ini:10: [input.x] common: = copies needs populations with copies; give the targets copies"},
    {"type = poisson\nweight = 1\nrate = uniform(1, 2)\ncorrelation = 0.1\n",
     "x.ini:10: [input.x] correlation: needs one rate for all; leave it out, or the distribution"},
    {"type = white_noise\nmean = 1\n",
     "x.ini:5: [input.x]: has no strength; give std (pA), sigma_V (mV) or sigma_I (pA ms^1/2)"},
    {"type = white_noise\nstd = 1\nsigma_I = 100\n",
     "x.ini:9: [input.x] sigma_I: excludes std and sigma_V; give one of the three"},
    {"type = white_noise\nsigma_I = 100\nhold = 0.2\n",
     "x.ini:9: [input.x] hold: goes with std only; leave it out, or give std for the strength"},
    {"type = white_noise\nsigma_I = 100 pA\n", "x.ini:8: [input.x] sigma_I: '100 pA' is a current, "
                                               "where a noise strength is wanted; its units "
                                               "are pA ms^1/2, nA ms^1/2"},
};

static void wrong_keys_are_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char text[1024];
        struct config *config;
        struct messages errors = {NULL, 0};
        snprintf(text, sizeof text, "%s%s", HEAD, wrong[i].lines);
        assert_int_equal(read_text(text, &config, &errors), STATUS_CONFIG);
        assert_int_equal(errors.count, 1);
        assert_string_equal(errors.line[0], wrong[i].message);
        messages_free(&errors);
    }
}

static char *load(const char *path)
{
    FILE *file = fopen(path, "r");
    if (!file)
        fail_msg("%s cannot be read; run from the top folder", path);
    char *text = calloc(1, 1 << 16);
    assert_in_range(fread(text, 1, (1 << 16) - 1, file), 1, (1 << 16) - 2);
    fclose(file);
    return text;
}

/* The type's row of the manual, which ends where the next type's begins. */
static void find_type(const char *manual, const struct input_type *type)
{
    char row[128];
    snprintf(row, sizeof row, "\n| `%s` | `%s` ", type->name, type->keys[0].name);
    const char *at = strstr(manual, row), *end = at ? strstr(at + 1, "\n| `") : NULL;
    if (!at || !end)
        fail_msg("docs/configuration.md has no row %s", row);
    for (size_t k = 1; k < type->key_count; k++) {
        snprintf(row, sizeof row, "\n| | `%s` ", type->keys[k].name);
        const char *found = strstr(at, row);
        if (!found || found > end)
            fail_msg("docs/configuration.md: %s has no row %s", type->name, row);
    }
}

static void every_type_is_explained(void **state)
{
    (void)state;
    char *manual = load("docs/configuration.md"), *example = load("configs/annotated.ini");
    for (size_t i = 0; i < drive_config_types.input_count; i++) {
        const struct input_type *type = drive_config_types.input[i];
        char line[128];
        find_type(manual, type);
        snprintf(line, sizeof line, "\ntype   = %s ", type->name);
        const char *at = strstr(example, line), *end = at ? strchr(at, '[') : NULL;
        if (!at || !end)
            fail_msg("configs/annotated.ini does not show type %s", type->name);
        for (size_t k = 0; k < type->key_count; k++) { /* as a key, or named in a comment */
            const char *key = strstr(at, type->keys[k].name);
            if (!key || key > end)
                fail_msg("configs/annotated.ini does not show %s of %s", type->keys[k].name,
                         type->name);
        }
    }
    free(manual);
    free(example);
}

/* The configs that come with the program are without fault, and so is what they resolve to. */
static void shipped_configs_resolve_to_themselves(void **state)
{
    (void)state;
    static const char *const paths[] = {"configs/annotated.ini", "configs/ou.ini",
                                        "configs/sine.ini"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        struct config *config, *again;
        struct messages errors = {NULL, 0};
        char *text = load(paths[i]);
        assert_int_equal(read_text(text, &config, &errors), STATUS_OK);
        assert_int_equal(config->warnings.count, 0);
        char *resolved = config_to_text(config);
        assert_int_equal(read_text(resolved, &again, &errors), STATUS_OK);
        char *twice = config_to_text(again);
        assert_string_equal(resolved, twice);
        config_free(config);
        config_free(again);
        free(text);
        free(resolved);
        free(twice);
    }
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_keys_are_named),
        cmocka_unit_test(every_type_is_explained),
        cmocka_unit_test(shipped_configs_resolve_to_themselves),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
