/* [population.NAME]: a neuron's parameters, and which of C_m, tau_m, g_L and R_m hold. */
#include "config/read_population.h"

#include "config/parse.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static bool is_constant(const struct value *value)
{
    return value->present && value->number.kind == DISTRIBUTION_CONSTANT;
}

static double constant(const struct population_config *population, enum population_key key)
{
    return population->value[key].number.parameter[0];
}

/* Agreement of two ways to one number. */
static bool agree(double a, double b)
{
    return fabs(a - b) <= 1e-9 * fabs(b);
}

static struct place place_of(const struct ini_section *section,
                             const struct population_config *population, enum population_key key)
{
    return config_value_place(section, &config_population_keys[key], &population->value[key]);
}

/* C_m [pF] = tau_m [ms] g_L [nS], R_m [MOhm] = 1000 / g_L [nS]. */
static double conductance(const struct population_config *population, enum population_key leak)
{
    double number = constant(population, leak);
    return leak == POPULATION_R_M ? 1000 / number : number;
}

/* g_L and R_m, both given, are one fact. */
static bool check_leak(struct reading *reading, const struct ini_section *section,
                       const struct population_config *population)
{
    const struct value *g = &population->value[POPULATION_G_L];
    const struct value *r = &population->value[POPULATION_R_M];
    if (!g->given || !r->given)
        return true;
    struct place place = place_of(section, population, POPULATION_R_M);
    if (!is_constant(g) || !is_constant(r)) {
        config_report(&reading->errors, &place,
                      "R_m is 1 / g_L, and with a distribution only one of them may be given");
        return false;
    }
    double derived = 1000 / constant(population, POPULATION_G_L);
    if (agree(derived, constant(population, POPULATION_R_M)))
        return true;
    char text[2][32];
    config_report(&reading->errors, &place,
                  "g_L = %s nS gives R_m = %s MOhm; leave one of the two out",
                  double_format(constant(population, POPULATION_G_L), text[0]),
                  double_format(derived, text[1]));
    return false;
}

/* C_m, tau_m and the leak, all given, must agree. */
static bool check_three(struct reading *reading, const struct ini_section *section,
                        const struct population_config *population, enum population_key leak)
{
    struct place place = place_of(section, population, leak);
    if (!is_constant(&population->value[POPULATION_C_M]) ||
        !is_constant(&population->value[POPULATION_TAU_M]) ||
        !is_constant(&population->value[leak])) {
        config_report(&reading->errors, &place,
                      "two of C_m, tau_m and %s fix the third; with a distribution give only two",
                      place.key);
        return false;
    }
    double c = constant(population, POPULATION_C_M), tau = constant(population, POPULATION_TAU_M);
    if (agree(c / tau, conductance(population, leak)))
        return true;
    char text[3][32];
    double derived = leak == POPULATION_R_M ? 1000 * tau / c : c / tau;
    config_report(&reading->errors, &place,
                  "C_m = %s pF and tau_m = %s ms give %s = %s %s; leave one of the three out",
                  double_format(c, text[0]), double_format(tau, text[1]), place.key,
                  double_format(derived, text[2]), leak == POPULATION_R_M ? "MOhm" : "nS");
    return false;
}

/* Two constants fix tau_m: not below dt, and within its range. */
static void check_tau(struct reading *reading, const struct ini_section *section,
                      const struct population_config *population, enum population_key leak)
{
    const struct value *value = population->value;
    bool own = value[POPULATION_TAU_M].present;
    if (!is_constant(&value[own ? POPULATION_TAU_M : POPULATION_C_M]) ||
        (!own && !is_constant(&value[leak])))
        return;
    double tau = own ? constant(population, POPULATION_TAU_M)
                     : constant(population, POPULATION_C_M) / conductance(population, leak);
    struct place place = place_of(section, population, own ? POPULATION_TAU_M : leak);
    const char *given = own ? "" : "C_m and the leak give ";
    char text[2][32];
    double_format(tau, text[0]);
    if (tau > config_population_keys[POPULATION_TAU_M].most) {
        config_report(&reading->errors, &place, "%stau_m = %s ms; it must not be above 1e9 ms",
                      given, text[0]);
        return;
    }
    if (!reading->dt)
        return;
    double dt = reading->config->dt_ms;
    double_format(dt, text[1]);
    if (tau < dt)
        config_report(&reading->errors, &place,
                      "%stau_m = %s ms, which is below dt = %s ms; choose a smaller dt", given,
                      text[0], text[1]);
    else if (tau / dt < 10 * (1 - 1e-12))
        config_report(&reading->warnings, &place,
                      "%stau_m = %s ms, which is below 10 dt (dt = %s ms); spike times will be "
                      "coarse",
                      given, text[0], text[1]);
}

static void read_membrane(struct reading *reading, const struct ini_section *section,
                          struct population_config *population)
{
    struct value *value = population->value;
    bool c = value[POPULATION_C_M].given, tau = value[POPULATION_TAU_M].given;
    bool leak = value[POPULATION_G_L].given || value[POPULATION_R_M].given;
    enum population_key leak_key = value[POPULATION_G_L].given ? POPULATION_G_L : POPULATION_R_M;
    if (!check_leak(reading, section, population) ||
        (c && tau && leak && !check_three(reading, section, population, leak_key)))
        return;
    bool use_tau = tau || !leak, use_c = c || !(tau && leak), use_leak = !(use_c && use_tau);
    if (!use_c)
        value[POPULATION_C_M] = (struct value){0};
    if (!use_tau)
        value[POPULATION_TAU_M] = (struct value){0};
    if (!use_leak || leak_key == POPULATION_R_M)
        value[POPULATION_G_L] = (struct value){0};
    if (!use_leak || leak_key == POPULATION_G_L)
        value[POPULATION_R_M] = (struct value){0};
    bool g = leak_key == POPULATION_G_L;
    population->membrane = !use_leak ? MEMBRANE_C_TAU
                           : use_c   ? (g ? MEMBRANE_C_G : MEMBRANE_C_R)
                                     : (g ? MEMBRANE_TAU_G : MEMBRANE_TAU_R);
    check_tau(reading, section, population, leak_key);
}

static void check_reset(struct reading *reading, const struct ini_section *section,
                        const struct population_config *population)
{
    const struct value *value = population->value;
    double reset = constant(population, POPULATION_V_RESET);
    double threshold = constant(population, POPULATION_V_TH);
    if (!is_constant(&value[POPULATION_V_RESET]) || !is_constant(&value[POPULATION_V_TH]) ||
        reset < threshold)
        return;
    bool own = value[POPULATION_V_RESET].given || !value[POPULATION_V_TH].given;
    struct place place = place_of(section, population, own ? POPULATION_V_RESET : POPULATION_V_TH);
    char text[2][32];
    config_report(&reading->errors, &place,
                  "V_reset = %s mV is not below V_th = %s mV; a neuron would fire forever",
                  double_format(reset, text[0]), double_format(threshold, text[1]));
}

/* A neuron would start below the bound after each spike. */
static void check_floor(struct reading *reading, const struct ini_section *section,
                        const struct population_config *population)
{
    const struct value *value = population->value;
    if (!is_constant(&value[POPULATION_V_MIN]) || !is_constant(&value[POPULATION_V_RESET]) ||
        constant(population, POPULATION_V_MIN) <= constant(population, POPULATION_V_RESET))
        return;
    struct place place = place_of(section, population, POPULATION_V_MIN);
    char text[2][32];
    config_report(&reading->errors, &place, "V_min = %s mV is above V_reset = %s mV; lower it",
                  double_format(constant(population, POPULATION_V_MIN), text[0]),
                  double_format(constant(population, POPULATION_V_RESET), text[1]));
}

/* No errors: models of other units have other numbers. */
static void warn_of_threshold(struct reading *reading, const struct ini_section *section,
                              const struct population_config *population)
{
    const double least = 0.5, most = 200.0; /* mV: beyond, a cell is rather given in volts */
    const struct value *value = population->value;
    if (!is_constant(&value[POPULATION_E_L]) || !is_constant(&value[POPULATION_V_TH]))
        return;
    double rest = constant(population, POPULATION_E_L), way;
    double threshold = constant(population, POPULATION_V_TH);
    bool own = value[POPULATION_E_L].given || !value[POPULATION_V_TH].given;
    struct place place = place_of(section, population, own ? POPULATION_E_L : POPULATION_V_TH);
    char text[2][32];
    double_format(rest, text[0]);
    double_format(threshold, text[1]);
    way = fabs(threshold - rest);
    if (way < least || way > most)
        config_report(&reading->warnings, &place,
                      "E_L = %s mV and V_th = %s mV are %.3g mV apart; a number without unit is in "
                      "mV: are volts meant?",
                      text[0], text[1], way);
    else if (rest > threshold)
        config_report(&reading->warnings, &place,
                      "E_L = %s mV is above V_th = %s mV: the neurons fire without any input",
                      text[0], text[1]);
}

/* size = copies * cells. */
static void read_copies(struct reading *reading, const struct ini_section *section,
                        struct population_config *population)
{
    uint64_t copies = population->value[POPULATION_COPIES].integer, size = population->size;
    population->copies = copies > 0 ? copies : 1;
    population->cells = size / population->copies;
    if (size % population->copies == 0)
        return;
    struct place place = place_of(section, population, POPULATION_COPIES);
    uint64_t below = population->cells * copies;
    char nearest[80] = "";
    if (below > 0)
        snprintf(nearest, sizeof nearest, "%llu or ", (unsigned long long)below);
    config_report(
        &reading->errors, &place,
        "size = %llu is no multiple of %llu copies; it counts all neurons: make it %s%llu",
        (unsigned long long)size, (unsigned long long)copies, nearest,
        (unsigned long long)(below + copies));
}

void config_check_levels(struct reading *reading, const struct ini_section *section,
                         const struct key *keys, size_t count, const struct value *values,
                         bool copies)
{
    for (size_t k = 0; k < count && !copies; k++) {
        if (values[k].number.kind != DISTRIBUTION_LEVELS)
            continue;
        struct place place = config_value_place(section, &keys[k], &values[k]);
        config_report(
            &reading->errors, &place,
            "levels gives one value to each copy of the cells; give the population copies, "
            "or use linspace");
    }
}

/* A constant refractory time is a whole number of steps. */
static void read_refractory(struct reading *reading, const struct ini_section *section,
                            struct population_config *population)
{
    const struct value *value = &population->value[POPULATION_T_REF];
    if (!is_constant(value))
        return;
    struct parser parser = {.store = reading->store,
                            .errors = &reading->errors,
                            .place = place_of(section, population, POPULATION_T_REF),
                            .dt = reading->dt};
    config_parse_steps(&parser, value->exact, &population->t_ref_steps);
}

static const struct model_type *find_model(struct reading *reading, const struct place *place,
                                           const char *name)
{
    const struct config_types *types = reading->types;
    const char **known = config_alloc(reading->store, 2 * types->model_count, sizeof *known);
    size_t count = 0;
    for (size_t i = 0; known && i < types->model_count; i++) {
        const struct model_type *model = types->model[i];
        if (strcmp(model->name, name) == 0 || (model->also && strcmp(model->also, name) == 0))
            return model;
        known[count++] = model->name;
        if (model->also)
            known[count++] = model->also;
    }
    if (known)
        config_report_word(&reading->errors, place, name, strlen(name), known, count);
    return NULL;
}

/* The keys of the population's own model. */
static bool read_model(struct reading *reading, struct ini_section *section,
                       struct population_config *out)
{
    struct value *word = &out->value[POPULATION_MODEL];
    struct place place = place_of(section, out, POPULATION_MODEL);
    out->model = word->present ? find_model(reading, &place, word->text) : NULL;
    if (!out->model)
        return false;
    const struct model_type *model = out->model;
    word->text = config_copy(reading->store, model->name, strlen(model->name));
    bool good = config_read_keys(reading, section, model->keys, model->key_count,
                                 &out->value[POPULATION_KEYS]);
    config_check_levels(reading, section, model->keys, model->key_count,
                        &out->value[POPULATION_KEYS], out->value[POPULATION_COPIES].given);
    return good;
}

/* A population that is only a source has none of them. */
static bool refuse_membrane(struct reading *reading, struct ini_section *section,
                            const struct model_type *model)
{
    bool good = true;
    for (int k = POPULATION_C_M; k <= POPULATION_CROSSING; k++) {
        const struct key *key = &config_population_keys[k];
        struct ini_entry *entry = config_ini_entry(section, key->name);
        if (!entry || entry->shared)
            continue;
        const struct value given = {.given = true, .line = entry->line};
        struct place place = config_value_place(section, key, &given);
        config_report(&reading->errors, &place,
                      "a population of model = %s has no membrane; "
                      "leave %s out",
                      model->name, key->name);
        entry->used = true;
        good = false;
    }
    return good;
}

/* The common keys behind `model`. */
static bool read_common(struct reading *reading, struct ini_section *section,
                        struct population_config *out)
{
    const struct key *keys = config_population_keys;
    bool good =
        config_read_keys(reading, section, keys + POPULATION_SEED, 1, out->value + POPULATION_SEED);
    if (out->model && out->model->source_only)
        return refuse_membrane(reading, section, out->model) && good;
    return config_read_keys(reading, section, keys + POPULATION_C_M,
                            POPULATION_SEED - POPULATION_C_M, out->value + POPULATION_C_M) &&
           good;
}

/* What stands in the section and is no key of such a population. */
static void report_unknown(struct reading *reading, const struct ini_section *section,
                           const struct model_type *model)
{
    const struct key *keys = config_population_keys;
    size_t count = POPULATION_KEYS;
    struct key some[POPULATION_C_M + 1];
    if (model->source_only) {
        memcpy(some, keys, sizeof some);
        some[POPULATION_C_M] = keys[POPULATION_SEED];
        keys = some;
        count = POPULATION_C_M + 1;
    }
    config_report_unknown(reading, section, keys, count, model->keys, model->key_count);
}

/* What a model's check needs to report. */
struct checking {
    struct reading *reading;
    const struct ini_section *section;
    const struct population_config *population;
};

static void report_check(void *context, int key, const char *text)
{
    const struct checking *c = context;
    config_report_check(c->reading, c->section,
                        key < 0 ? NULL : config_population_key(c->population, key),
                        key < 0 ? NULL : &c->population->value[key], text);
}

/* What single keys cannot tell. */
static void check_membrane(struct reading *reading, const struct ini_section *section,
                           struct population_config *out)
{
    read_membrane(reading, section, out);
    check_reset(reading, section, out);
    check_floor(reading, section, out);
    warn_of_threshold(reading, section, out);
}

void config_read_population(struct reading *reading, struct ini_section *section,
                            struct population_config *out)
{
    struct value *value = out->value;
    const char *name = strchr(section->name, '.') + 1;
    out->name = config_copy(reading->store, name, strlen(name));
    out->line = section->line;
    out->config = reading->config;
    bool good = config_read_keys(reading, section, config_population_keys, POPULATION_C_M, value);
    good &= read_model(reading, section, out);
    good &= read_common(reading, section, out);
    if (out->model)
        report_unknown(reading, section, out->model);
    out->size = value[POPULATION_SIZE].integer;
    out->seed = config_seed(reading, &value[POPULATION_SEED]);
    read_copies(reading, section, out);
    config_check_levels(reading, section, config_population_keys, POPULATION_KEYS, value,
                        value[POPULATION_COPIES].given);
    read_refractory(reading, section, out);
    if (!good)
        return;
    if (!out->model->source_only)
        check_membrane(reading, section, out);
    if (out->model->check)
        out->model->check(out, report_check, &(struct checking){reading, section, out});
}
