/* Random numbers and digests are told apart by 64-bit hashes of names: no two may be equal. */
#include "config/streams.h"

#include "base/digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A stream is called kind, name and, where there is one, "/" and detail. */
struct stream {
    uint64_t hash;
    const char *kind, *name, *detail;
    int line;
};

struct streams {
    struct store *store;
    struct stream *list;
    size_t count;
};

static void add(struct streams *streams, const char *kind, const char *name, const char *detail,
                int line)
{
    struct stream *list = config_grow(streams->store, streams->list, streams->count, sizeof *list);
    if (!list)
        return;
    uint64_t hash = fnv1a64_continue(fnv1a64(kind), name);
    if (detail)
        hash = fnv1a64_continue(fnv1a64_continue(hash, "/"), detail);
    streams->list = list;
    list[streams->count++] = (struct stream){hash, kind, name, detail, line};
}

static void add_detail(struct streams *streams, const struct input_config *input,
                       const char *population, const char *detail)
{
    size_t size = strlen(population) + strlen(detail) + 2;
    char *text = config_alloc(streams->store, size, 1);
    if (!text)
        return;
    snprintf(text, size, "%s/%s", population, detail);
    add(streams, "input.", input->name, text, input->line);
}

/* The stream that an input has for a population, the one of what is common to its neurons, and
 * those of the keys that may be drawn. */
static void add_input(struct streams *streams, const struct input_config *input,
                      const char *population)
{
    add(streams, "input.", input->name, population, input->line);
    add_detail(streams, input, population, "common");
    for (size_t k = 0; k < input->type->key_count; k++)
        if (input->keys[k].kind == VALUE_DISTRIBUTION)
            add_detail(streams, input, population, input->keys[k].name);
}

/* The streams of who is connected, of weights and of delays. */
static void add_projection(struct streams *streams, const struct projection_config *projection)
{
    static const char *const details[] = {"source", "target", "count", "weight", "delay"};
    for (size_t i = 0; i < sizeof details / sizeof *details; i++)
        add(streams, "projection.", projection->name, details[i], projection->line);
}

static void add_all(struct streams *streams, const struct config *config)
{
    for (size_t i = 0; i < config->population_count; i++) {
        const struct population_config *population = &config->population[i];
        add(streams, "population.", population->name, NULL, population->line);
        for (int k = 0; k < config_population_key_count(population); k++)
            add(streams, "population.", population->name,
                config_population_key(population, k)->name, population->line);
        if (population->model->source_only)
            add(streams, "population.", population->name, "spikes", population->line);
    }
    for (size_t i = 0; i < config->input_count; i++) {
        const struct input_config *input = &config->input[i];
        for (size_t t = 0; t < input->target_count; t++) {
            if (t == 0 || input->target[t].population != input->target[t - 1].population)
                add_input(streams, input, config->population[input->target[t].population].name);
        }
    }
    for (size_t i = 0; i < config->projection_count; i++)
        add_projection(streams, &config->projection[i]);
    for (size_t i = 0; i < config->record_count; i++)
        add(streams, "record.", config->record[i].name, NULL, config->record[i].line);
}

static int by_hash(const void *left, const void *right)
{
    const struct stream *a = left, *b = right;
    return a->hash < b->hash ? -1 : a->hash > b->hash;
}

static void format(const struct stream *stream, char *buffer, size_t size)
{
    snprintf(buffer, size, "%s%s%s%s", stream->kind, stream->name, stream->detail ? "/" : "",
             stream->detail ? stream->detail : "");
}

void config_check_streams(struct reading *reading)
{
    struct streams streams = {.store = reading->store};
    add_all(&streams, reading->config);
    if (streams.count)
        qsort(streams.list, streams.count, sizeof *streams.list, by_hash);
    for (size_t i = 1; i < streams.count; i++) {
        const struct stream *a = &streams.list[i - 1], *b = &streams.list[i];
        if (a->hash != b->hash)
            continue;
        char first[256], second[256];
        format(a, first, sizeof first);
        format(b, second, sizeof second);
        struct place place = {.line = a->line > b->line ? a->line : b->line};
        config_report(&reading->errors, &place,
                      "the names %s and %s would share their random numbers (equal hashes); choose "
                      "another name",
                      a->line > b->line ? second : first, a->line > b->line ? first : second);
    }
}
