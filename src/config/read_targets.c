/* Which neurons: targets of inputs and selections of recorders. */
#include "config/read_targets.h"

#include "config/names.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_text(struct span span, const char *text)
{
    return strlen(text) == span.length && memcmp(text, span.text, span.length) == 0;
}

/* The index of the population of that name; population_count, and reported, when there is none. */
static size_t find_population(struct reading *reading, const struct parser *parser,
                              struct span name)
{
    const struct config *config = reading->config;
    for (size_t i = 0; i < config->population_count; i++) {
        if (is_text(name, config->population[i].name))
            return i;
    }
    const char **known = config_alloc(reading->store, config->population_count, sizeof *known);
    if (!known || reading->ini.broken_header)
        return config->population_count;
    for (size_t i = 0; i < config->population_count; i++)
        known[i] = config->population[i].name;
    char hint[512], quoted[64];
    config_quote(name.text, name.length, quoted);
    config_report(parser->errors, &parser->place, "there is no population '%s'; %s", quoted,
                  config_suggest(quoted, "populations are ", known, config->population_count, hint,
                                 sizeof hint));
    return config->population_count;
}

/* The part of text before the first `mark`, and what comes behind it; all of it when there is none.
 */
static struct span cut(struct span text, char mark, struct span *behind)
{
    const char *at = text.length ? memchr(text.text, mark, text.length) : NULL;
    size_t length = at ? (size_t)(at - text.text) : text.length;
    *behind = at ? (struct span){at + 1, text.length - length - 1} : (struct span){0};
    return config_trim((struct span){text.text, length});
}

struct range {
    uint64_t begin, end;
    bool open; /* the end was not written */
};

/* `a:b`, `a:`, `:b` or `:`, and where step is not NULL also `a:b:step`. An open end becomes size.
 */
static bool read_range(struct span text, uint64_t size, struct range *range, uint64_t *step)
{
    struct span second, third;
    struct span first = cut(text, ':', &second);
    if (!second.text)
        return false;
    second = cut(second, ':', &third);
    if (third.text && !step)
        return false;
    *range = (struct range){0, size, second.length == 0};
    return (!first.length || config_read_integer(first, &range->begin)) &&
           (!second.length || config_read_integer(second, &range->end)) &&
           (!third.text || (config_read_integer(config_trim(third), step) && *step > 0));
}

/* size 0: not known. */
static bool check_range(const struct parser *parser, struct range range,
                        const struct population_config *population)
{
    uint64_t begin = range.begin, end = range.end;
    if (population->size == 0 && range.open && end == 0)
        return true;
    if (begin < end && (end <= population->size || population->size == 0))
        return true;
    if (begin >= end)
        config_report(parser->errors, &parser->place,
                      "%" PRIu64 ":%" PRIu64
                      " is empty; a range goes from its first id to before its second",
                      begin, end);
    else
        config_report(parser->errors, &parser->place,
                      "%" PRIu64 ":%" PRIu64 " goes beyond the %" PRIu64
                      " neurons of %s; the last possible end is %" PRIu64,
                      begin, end, population->size, population->name, population->size);
    return false;
}

/* A list of targets that grows. */
struct targets {
    struct target *list;
    size_t count;
};

static bool add_target(const struct parser *parser, struct targets *targets, size_t population,
                       uint64_t begin, uint64_t end)
{
    if (targets->count == CONFIG_SECTIONS_MOST) {
        config_report(parser->errors, &parser->place, "more than %d targets; use more inputs",
                      CONFIG_SECTIONS_MOST);
        return false;
    }
    struct target *list = config_grow(parser->store, targets->list, targets->count, sizeof *list);
    if (!list)
        return false;
    targets->list = list;
    list[targets->count++] = (struct target){population, begin, end};
    return true;
}

/* One part of a target: a population or `name[a:b]`. */
static bool read_target(struct reading *reading, const struct parser *parser, struct span part,
                        struct targets *targets)
{
    const struct config *config = reading->config;
    struct span slice;
    struct span name = cut(part, '[', &slice);
    size_t index = find_population(reading, parser, name);
    if (index == config->population_count)
        return false;
    const struct population_config *population = &config->population[index];
    struct range range = {0, population->size, true};
    if (slice.text) {
        bool closed = slice.length && slice.text[slice.length - 1] == ']';
        slice.length -= closed;
        if (!closed || !read_range(config_trim(slice), population->size, &range, NULL)) {
            char quoted[64];
            config_report(parser->errors, &parser->place,
                          "'%s' is no slice; write it as %s[0:1000], from 0 to before 1000",
                          config_quote(part.text, part.length, quoted), population->name);
            return false;
        }
        if (!check_range(parser, range, population))
            return false;
    }
    return add_target(parser, targets, index, range.begin, range.end);
}

static int by_place(const void *left, const void *right)
{
    const struct target *a = left, *b = right;
    if (a->population != b->population)
        return a->population < b->population ? -1 : 1;
    return a->begin < b->begin ? -1 : a->begin > b->begin;
}

static bool check_overlap(struct reading *reading, const struct parser *parser,
                          const struct targets *targets)
{
    for (size_t i = 1; i < targets->count; i++) {
        const struct target *a = &targets->list[i - 1], *b = &targets->list[i];
        if (a->population != b->population || (b->begin >= a->end && b->begin != a->begin))
            continue;
        config_report(parser->errors, &parser->place,
                      "neurons of %s stand here twice; name each once",
                      reading->config->population[a->population].name);
        return false;
    }
    return true;
}

static bool is_source(const struct population_config *population)
{
    return population->model && population->model->source_only;
}

static bool has_targets(const struct config *config)
{
    for (size_t i = 0; i < config->population_count; i++)
        if (!is_source(&config->population[i]))
            return true;
    return false;
}

/* One part: a target, or `all`; of those that something can act on, if there are any. */
static bool read_part(struct reading *reading, const struct parser *parser, struct span part,
                      bool acted_on, struct targets *targets)
{
    if (!is_text(part, "all"))
        return read_target(reading, parser, part, targets);
    const struct config *config = reading->config;
    acted_on = acted_on && has_targets(config);
    for (size_t i = 0; i < config->population_count; i++) {
        const struct population_config *population = &config->population[i];
        if (!(acted_on && is_source(population)) &&
            !add_target(parser, targets, i, 0, population->size))
            return false;
    }
    return true;
}

static bool read_parts(struct reading *reading, const struct parser *parser, const char *text,
                       bool acted_on, struct target **out, size_t *count)
{
    struct targets targets = {0};
    struct span part, rest = config_span(text);
    bool good = true;
    *out = NULL;
    *count = 0;
    if (!config_check_marks(parser, rest))
        return false;
    while (config_next_part(&rest, &part))
        good &= read_part(reading, parser, part, acted_on, &targets);
    if (targets.count)
        qsort(targets.list, targets.count, sizeof *targets.list, by_place);
    *out = targets.list;
    *count = targets.count;
    return good && check_overlap(reading, parser, &targets);
}

/* The names of those that something can act on, as far as they fit. */
static void list_others(const struct config *config, char *text, size_t size)
{
    size_t length = 0;
    snprintf(text, size, "no population here");
    for (size_t i = 0; i < config->population_count; i++) {
        const struct population_config *p = &config->population[i];
        if (is_source(p) || length + strlen(p->name) + sizeof ", ..." > size)
            continue;
        length +=
            (size_t)snprintf(text + length, size - length, "%s%s", length ? ", " : "", p->name);
    }
}

static bool check_sources(struct reading *reading, const struct place *place,
                          const struct target *target, size_t count)
{
    char others[300];
    for (size_t t = 0; t < count; t++) {
        const struct population_config *p = &reading->config->population[target[t].population];
        if (!is_source(p))
            continue;
        list_others(reading->config, others, sizeof others);
        config_report(&reading->errors, place,
                      "nothing acts on %s, which is only a source of spikes (model = %s); what can "
                      "be a target is %s",
                      p->name, p->model->name, others);
        return false;
    }
    return true;
}

bool config_read_populations(struct reading *reading, const struct parser *parser, const char *text,
                             struct target **out, size_t *count)
{
    return read_parts(reading, parser, text, false, out, count);
}

bool config_read_targets(struct reading *reading, const struct parser *parser, const char *text,
                         struct target **out, size_t *count)
{
    return read_parts(reading, parser, text, true, out, count) &&
           check_sources(reading, &parser->place, *out, *count);
}

/* Every id of the selection must exist in every population of the record. */
static bool check_ids(struct reading *reading, const struct parser *parser,
                      const struct record_config *record, uint64_t end)
{
    for (size_t i = 0; i < record->population_count; i++) {
        const struct population_config *population =
            &reading->config->population[record->population[i]];
        if (!population->size || end <= population->size)
            continue;
        config_report(parser->errors, &parser->place,
                      "%s has %" PRIu64 " neurons only, with ids 0 to %" PRIu64, population->name,
                      population->size, population->size - 1);
        return false;
    }
    return true;
}

/* The size that an open end stands for; 0, and reported, when the populations differ. */
static uint64_t common_size(struct reading *reading, const struct record_config *record)
{
    uint64_t size = 0;
    for (size_t i = 0; i < record->population_count; i++) {
        uint64_t own = reading->config->population[record->population[i]].size;
        if (i && own != size)
            return 0;
        size = own;
    }
    return size;
}

static bool complain_selection(const struct parser *parser, const char *text)
{
    char quoted[64];
    config_report(parser->errors, &parser->place,
                  "'%s' selects no neurons; write all, none, 0:1000, 0:1000:10, 3, 7, 12 or "
                  "sample(100)",
                  config_quote(text, strlen(text), quoted));
    return false;
}

static bool read_sample(struct reading *reading, const struct parser *parser, const char *text,
                        struct record_config *record)
{
    struct span behind, name = cut(config_span(text), '(', &behind);
    bool closed = behind.length && behind.text[behind.length - 1] == ')';
    behind.length -= closed;
    if (!closed || !is_text(name, "sample") ||
        !config_read_integer(config_trim(behind), &record->neurons.sample) ||
        !record->neurons.sample)
        return complain_selection(parser, text);
    record->neurons.kind = SELECT_SAMPLE;
    return check_ids(reading, parser, record, record->neurons.sample);
}

static bool read_selected_range(struct reading *reading, const struct parser *parser,
                                const char *text, struct record_config *record)
{
    struct selection *neurons = &record->neurons;
    neurons->kind = SELECT_RANGE;
    neurons->step = 1;
    struct range range;
    uint64_t size = common_size(reading, record);
    if (!read_range(config_span(text), size, &range, &neurons->step))
        return complain_selection(parser, text);
    neurons->begin = range.begin;
    neurons->end = range.end;
    if (range.open && size == 0) {
        config_report(parser->errors, &parser->place,
                      "an open range for populations of several sizes; write its end");
        return false;
    }
    struct population_config none = {0};
    return check_range(parser, range, &none) && check_ids(reading, parser, record, neurons->end);
}

static int by_number(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

static bool read_list(struct reading *reading, const struct parser *parser, const char *text,
                      struct record_config *record)
{
    struct selection *neurons = &record->neurons;
    struct span part, rest = config_span(text);
    neurons->kind = SELECT_LIST;
    while (config_next_part(&rest, &part)) {
        if (neurons->list_count == CONFIG_LIST_MOST) {
            config_report(parser->errors, &parser->place,
                          "more than %d ids in a list; use a range or sample(n)", CONFIG_LIST_MOST);
            return false;
        }
        uint64_t *list =
            config_grow(reading->store, neurons->list, neurons->list_count, sizeof *list);
        if (!list)
            return false;
        neurons->list = list;
        if (!config_read_integer(part, &list[neurons->list_count++]))
            return complain_selection(parser, text);
    }
    qsort(neurons->list, neurons->list_count, sizeof *neurons->list, by_number);
    for (size_t i = 1; i < neurons->list_count; i++) {
        if (neurons->list[i] == neurons->list[i - 1]) {
            config_report(parser->errors, &parser->place,
                          "id %" PRIu64 " stands twice; write it once", neurons->list[i]);
            return false;
        }
    }
    uint64_t last = neurons->list[neurons->list_count - 1];
    return check_ids(reading, parser, record, last == UINT64_MAX ? last : last + 1);
}

bool config_read_selection(struct reading *reading, const struct parser *parser, const char *text,
                           struct record_config *record)
{
    record->neurons = (struct selection){.kind = SELECT_ALL};
    if (!config_check_marks(parser, config_span(text)))
        return false;
    if (strcmp(text, "all") == 0)
        return true;
    if (strcmp(text, "none") == 0) {
        record->neurons.kind = SELECT_NONE;
        return true;
    }
    if (strchr(text, ':'))
        return read_selected_range(reading, parser, text, record);
    if (config_is_name(text, 1))
        return read_sample(reading, parser, text, record);
    return read_list(reading, parser, text, record);
}
