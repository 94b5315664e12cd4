#include "drive/input_draw.h"

#include "base/digest.h"
#include "base/float_env.h"
#include "base/team.h"
#include "neuron/neuron_draw.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

bool input_settable(const struct input_config *input, size_t key)
{
    return input->type->settable && input->type->settable(input, key);
}

static bool is_drawn(const struct input_config *input, size_t key)
{
    return input->keys[key].kind == VALUE_DISTRIBUTION && input->value[key].present &&
           (input->value[key].number.kind != DISTRIBUTION_CONSTANT || input_settable(input, key));
}

void input_source_init(struct input_source *source, const struct config *config,
                       const struct input_config *input, const struct target *target)
{
    const struct population_config *population = &config->population[target->population];
    *source = (struct input_source){.input = input, .target = target, .population = population};
    for (size_t k = 0; k < input->type->key_count && k < INPUT_KEYS_MOST; k++) {
        char detail[160]; /* names have at most 63 bytes */
        if (!is_drawn(input, k))
            continue;
        snprintf(detail, sizeof detail, "%s/%s", population->name, input->keys[k].name);
        source->drawn |= 1u << k;
        source->settable |= input_settable(input, k) ? 1u << k : 0;
        source->key[k] = draw_stream_key(input->seed, "input.", input->name, detail);
    }
}

/* A linspace runs over the target, or over the cells where these have copies. */
static struct draw_place place_in(const struct input_source *source, uint64_t id)
{
    const struct target *target = source->target;
    struct draw_place place = neuron_place(source->population, id);
    if (source->population->copies == 1) {
        place.position = id - target->begin;
        place.positions = target->end - target->begin;
    }
    return place;
}

static double draw_key(const struct input_source *source, size_t key, uint64_t id)
{
    const struct draw_place place = place_in(source, id);
    return draw_value(&source->input->value[key].number, source->key[key], &place);
}

void input_draw(double *value, const struct input_source *source, uint64_t id)
{
    for (size_t k = 0; k < source->input->type->key_count; k++)
        value[k] = source->drawn >> k & 1 ? draw_key(source, k, id)
                                          : source->input->value[k].number.parameter[0];
}

void input_read_key(double *value, size_t count, const struct input_source *source, size_t key,
                    uint64_t first, const struct kernels *kernels)
{
    const struct distribution *number = &source->input->value[key].number;
    const struct draw_place place = place_in(source, first);
    if (source->drawn >> key & 1)
        draw_row(value, count, number, source->key[key], &place, kernels);
    for (size_t i = 0; i < count && !(source->drawn >> key & 1); i++)
        value[i] = number->parameter[0];
}

/* Of the input's key, for the digest. */
static uint64_t hash_of(const struct input_config *input, size_t key)
{
    uint64_t hash = fnv1a64_continue(fnv1a64("input."), input->name);
    return fnv1a64_continue(fnv1a64_continue(hash, "/"), input->keys[key].name);
}

static uint64_t digest_of(uint64_t hash, uint64_t id, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return mix64(bits ^ mix64(id ^ hash));
}

enum { PIECE = 1024 };

/* Values of one key, drawn by all threads to be looked at. */
struct checking {
    const struct input_source *source;
    size_t key;
    struct finding_range range;
    uint64_t hash;
    pthread_mutex_t lock; /* of what follows */
    struct finding all;
    uint64_t sum;
};

static void check_piece(const struct checking *c, uint64_t first, size_t count, uint64_t *sum,
                        struct finding *found)
{
    double value[PIECE];
    input_read_key(value, count, c->source, c->key, first, kernels_for(kernels_best_isa(), 32));
    for (size_t i = 0; i < count; i++) {
        *sum += digest_of(c->hash, first + i, value[i]);
        if (!finding_in_range(c->range, value[i]))
            finding_add(found, first + i, value[i]);
    }
}

static void check_part(void *context, int part, int parts)
{
    struct checking *c = context;
    const struct target *target = c->source->target;
    const uint64_t count = target->end - target->begin;
    const uint64_t end = target->begin + team_begin(count, part + 1, parts);
    struct finding own = {0, 0, 0};
    uint64_t sum = 0;
    WITH_OWN_FLOAT_ENV(env);
    for (uint64_t i = target->begin + team_begin(count, part, parts); i < end; i += PIECE)
        check_piece(c, i, end - i < PIECE ? (size_t)(end - i) : PIECE, &sum, &own);
    pthread_mutex_lock(&c->lock);
    c->sum += sum;
    finding_merge(&c->all, &own);
    pthread_mutex_unlock(&c->lock);
}

static struct finding check_key(const struct input_source *source, size_t key,
                                struct finding_range range, int threads, uint64_t *digest)
{
    struct checking c = {.source = source,
                         .key = key,
                         .range = range,
                         .hash = hash_of(source->input, key),
                         .lock = PTHREAD_MUTEX_INITIALIZER};
    const struct target *target = source->target;
    team_run(target->end - target->begin > 4 * PIECE ? threads : 1, check_part, &c);
    pthread_mutex_destroy(&c.lock);
    *digest += c.sum;
    return c.all;
}

static void check_target(const struct config *config, const struct input_config *input,
                         const struct target *target, int threads, input_limit *most,
                         struct messages *errors, uint64_t *digest)
{
    struct input_source source;
    char section[128];
    snprintf(section, sizeof section, "input.%s", input->name);
    input_source_init(&source, config, input, target);
    for (size_t k = 0; k < input->type->key_count; k++) {
        const struct key *key = &input->keys[k];
        struct finding_range range = finding_range_of(key);
        if (!(source.drawn >> k & 1))
            continue;
        range.most = most(input, (int)k);
        struct finding found = check_key(&source, k, range, threads, digest);
        finding_report_range(&found, range, config, section, key, &input->value[k],
                             target->end - target->begin, errors);
    }
}

enum status input_draws_check(const struct config *config, size_t population, int threads,
                              input_limit *most, struct messages *errors, uint64_t *digest)
{
    size_t before = errors->count;
    for (size_t i = 0; i < config->input_count; i++) {
        const struct input_config *input = &config->input[i];
        for (size_t t = 0; t < input->target_count; t++)
            if (input->target[t].population == population)
                check_target(config, input, &input->target[t], threads, most, errors, digest);
    }
    return errors->count > before ? STATUS_CONFIG : STATUS_OK;
}

void input_draws_read(const struct config *config, const struct input_config *input,
                      size_t population, int key, uint64_t begin, uint64_t end, double *values)
{
    for (uint64_t id = begin; id < end; id++)
        values[id - begin] = NAN;
    for (size_t t = 0; t < input->target_count; t++) {
        const struct target *target = &input->target[t];
        struct input_source source;
        if (target->population != population)
            continue;
        input_source_init(&source, config, input, target);
        uint64_t lo = target->begin > begin ? target->begin : begin;
        uint64_t hi = target->end < end ? target->end : end;
        if (lo < hi)
            input_read_key(values + (lo - begin), (size_t)(hi - lo), &source, (size_t)key, lo,
                           kernels_for(kernels_best_isa(), 32));
    }
}

bool input_draws_key(const struct input_config *input, size_t population, int key)
{
    bool acts = false;
    for (size_t t = 0; t < input->target_count; t++)
        acts |= input->target[t].population == population;
    return acts && is_drawn(input, (size_t)key);
}
