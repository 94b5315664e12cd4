/* The points of a sweep: their names and overrides, and the check of each one's config. */
#include "config/sweep_points.h"

#include "base/digest.h"
#include "config/config_hash.h"
#include "config/keys.h"
#include "config/names.h"
#include "config/override.h"
#include "config/parse.h"
#include "config/read.h"
#include "config/sweep_section.h"
#include "config/write.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MOST = 180, FAULTS_MOST = 20 };

size_t config_sweep_value(const struct sweep *sweep, const struct sweep_key *key, size_t point)
{
    for (size_t line = sweep->line_count - 1; line > key->line; line--)
        point /= sweep->line_values[line];
    return point % sweep->line_values[key->line];
}

size_t config_sweep_set_count(const struct sweep *sweep)
{
    return sweep->key_count + sweep->seed_by_point;
}

uint64_t config_sweep_seed(const struct sweep *sweep, size_t point)
{
    char seed[32];
    snprintf(seed, sizeof seed, "%" PRIu64 " ", sweep->seed);
    return fnv1a64_continue(fnv1a64(seed), sweep->point[point].name);
}

char *config_sweep_set(const struct sweep *sweep, size_t point, size_t i)
{
    char seed[32];
    snprintf(seed, sizeof seed, "%" PRIu64, config_sweep_seed(sweep, point));
    bool swept = i < sweep->key_count;
    const struct sweep_key *key = &sweep->key[swept ? i : 0];
    const char *name = swept ? key->name : "simulation.seed";
    const char *value = swept ? key->text[config_sweep_value(sweep, key, point)] : seed;
    char *set = malloc(strlen(name) + strlen(value) + 2);
    if (set)
        sprintf(set, "%s=%s", name, value);
    return set;
}

/* The shortest end of a name, from behind one of its dots, that is no end of another's. */
static const char *shortest_label(const struct sweep *sweep, const struct sweep_key *key)
{
    const char *label = strrchr(key->name, '.') + 1;
    for (size_t i = 0; i < sweep->key_count;) {
        const char *other = sweep->key[i].name;
        size_t length = strlen(label), whole = strlen(other);
        bool same = &sweep->key[i] != key && whole >= length &&
                    strcmp(other + whole - length, label) == 0 &&
                    (whole == length || other[whole - length - 1] == '.');
        i = same ? 0 : i + 1;
        if (!same)
            continue;
        for (label--; label > key->name && label[-1] != '.';)
            label--;
        if (label == key->name)
            return label;
    }
    return label;
}

/* Appends text, in characters that need no quotes in a shell: blanks go, all else becomes one -. */
static void append_plain(char *name, const char *text)
{
    size_t at = strlen(name);
    for (; *text && at < NAME_MOST; text++) {
        bool plain = config_is_name(text, 1) || strchr("0123456789.+-", *text);
        if (plain)
            name[at++] = *text;
        else if (*text != ' ' && *text != '\t' && name[at - 1] != '-')
            name[at++] = '-';
    }
    while (name[at - 1] == '-')
        at--;
    name[at] = '\0';
}

static void write_name(const struct sweep *sweep, size_t point, char *name)
{
    *name = '\0';
    for (size_t i = 0; i < sweep->key_count; i++) {
        const struct sweep_key *key = &sweep->key[i];
        size_t length = strlen(name), room = NAME_MOST - length;
        snprintf(name + length, room, "%s%s=", i ? "," : "", key->label);
        append_plain(name, key->text[config_sweep_value(sweep, key, point)]);
    }
}

struct named {
    const char *name;
    size_t point;
};

static int by_name(const void *left, const void *right)
{
    const struct named *a = left, *b = right;
    int order = strcmp(a->name, b->name);
    return order ? order : (a->point > b->point) - (a->point < b->point);
}

/* Names that are equal (cut, or of values that differ in special characters only) get the number of
 * their point. */
static void tell_apart(struct sweep_reading *r)
{
    struct sweep *sweep = &r->sweep;
    struct named *list = config_alloc(r->store, sweep->point_count, sizeof *list);
    if (!list)
        return;
    for (size_t i = 0; i < sweep->point_count; i++)
        list[i] = (struct named){sweep->point[i].name, i};
    qsort(list, sweep->point_count, sizeof *list, by_name);
    for (size_t i = 0; i < sweep->point_count; i++) {
        bool twin = (i > 0 && strcmp(list[i - 1].name, list[i].name) == 0) ||
                    (i + 1 < sweep->point_count && strcmp(list[i + 1].name, list[i].name) == 0);
        char name[NAME_MOST + 32];
        snprintf(name, sizeof name, "%s,p%zu", list[i].name, list[i].point);
        if (twin)
            sweep->point[list[i].point].name = config_copy(r->store, name, strlen(name));
    }
}

static void name_points(struct sweep_reading *r)
{
    struct sweep *sweep = &r->sweep;
    for (size_t i = 0; i < sweep->key_count; i++)
        sweep->key[i].label = shortest_label(sweep, &sweep->key[i]);
    sweep->point = config_alloc(r->store, sweep->point_count, sizeof *sweep->point);
    for (size_t i = 0; sweep->point && i < sweep->point_count; i++) {
        char name[NAME_MOST + 1];
        write_name(sweep, i, name);
        sweep->point[i].name = config_copy(r->store, name, strlen(name));
    }
    if (!r->store->failed)
        tell_apart(r);
}

static void count_points(struct sweep_reading *r)
{
    struct sweep *sweep = &r->sweep;
    sweep->point_count = 1;
    for (size_t i = 0; i < sweep->line_count; i++) {
        sweep->point_count *= sweep->line_values[i];
        if (sweep->point_count > SWEEP_POINTS_MOST) {
            config_report(&r->errors, &(struct place){.section = CONFIG_SWEEP},
                          "more than %d points; sweep less at a time", SWEEP_POINTS_MOST);
            return;
        }
    }
}

/* What is swept must not be fixed, too. */
static void check_overrides(struct sweep_reading *r, const struct sweep_source *source)
{
    const struct sweep *sweep = &r->sweep;
    for (size_t i = 0; i < sweep->key_count; i++) {
        const struct sweep_key *key = &sweep->key[i];
        struct place place = {.section = CONFIG_SWEEP,
                              .key = key->name,
                              .line = key->config_line,
                              .vary = key->config_line == 0};
        if (config_sweep_is_set(source->overrides, source->override_count, key->name,
                                strlen(key->name)))
            config_report(&r->errors, &place,
                          "the key is swept and --set, too; leave out one of the two");
        if (sweep->seed_by_point && strcmp(key->name, "simulation.seed") == 0)
            config_report(&r->errors, &place,
                          "seed = point gives every point its seed; the seed cannot be swept, too");
    }
}

static void find_seed(struct sweep_reading *r)
{
    struct ini_section *section = config_ini_section(&r->ini, "simulation");
    struct ini_entry *entry = section ? config_ini_entry(section, "seed") : NULL;
    r->sweep.seed = 1; /* [simulation] seed's default */
    if (entry)         /* a wrong one is found when the points are read */
        config_read_integer(config_span(entry->text), &r->sweep.seed);
}

/* A message that came with one or more points. */
struct fault {
    char *text;
    struct message_place place;
    bool swept; /* of a value of the sweep: needs no more words */
    size_t points, first;
};

struct faults {
    struct fault fault[FAULTS_MOST];
    size_t count;
};

/* The key whose value in a point the message "--set NAME: ..." is about; *rest gets the ": ...". */
static const struct sweep_key *blamed_key(const struct sweep *sweep, const char *line,
                                          const char **rest)
{
    for (size_t i = 0; strncmp(line, "--set ", 6) == 0 && i < sweep->key_count; i++) {
        const char *name = sweep->key[i].name;
        *rest = line + 6 + strlen(name);
        if (strncmp(line + 6, name, strlen(name)) == 0 && **rest == ':')
            return &sweep->key[i];
    }
    return NULL;
}

/* values(1, 2): one value with a comma in it, where two were meant. */
static bool has_commas_for_semicolons(const struct sweep *sweep, const struct sweep_key *key)
{
    int depth = 0;
    bool found = false;
    for (const char *at = key->text[0]; *at; at++) {
        depth += *at == '(' ? 1 : *at == ')' ? -1 : 0;
        found |= *at == ',' && depth == 0;
    }
    return found && sweep->line_values[key->line] == 1;
}

/* Where the sweep gives a key its values. */
static struct place place_of_values(const struct sweep_key *key)
{
    return (struct place){.section = CONFIG_SWEEP,
                          .key = key->name,
                          .line = key->config_line,
                          .vary = key->config_line == 0};
}

static const char *copy_text(struct store *store, const char *text)
{
    return text ? config_copy(store, text, strlen(text)) : NULL;
}

/* The cure of a line, and what is added to it. */
static const char *join_hint(struct store *store, const char *hint, const char *more)
{
    char text[1200];
    snprintf(text, sizeof text, "%s%s", hint ? hint : "", *more && !hint ? more + 2 : more);
    return *text ? config_copy(store, text, strlen(text)) : NULL;
}

/* The place of a line, of which `moved` bytes more stand before what is wrong; `more` is added to
 * its end. */
static struct message_place keep_place(struct sweep_reading *r, const char *line, ptrdiff_t moved,
                                       const char *more, const struct sweep_key *key)
{
    struct message_place at = messages_place(line);
    at.hint = join_hint(r->store, at.hint, more);
    at.begin += (size_t)moved;
    at.end += (size_t)moved;
    if (key) {
        at.file = key->config_line ? r->errors.file : NULL;
        at.line = key->config_line;
        at.section = key->config_line ? CONFIG_SWEEP : NULL;
        at.key = key->name;
        at.option = key->config_line ? NULL : "--vary";
        return at;
    }
    at.file = copy_text(r->store, at.file);
    at.section = copy_text(r->store, at.section);
    at.key = copy_text(r->store, at.key);
    at.option = copy_text(r->store, at.option);
    return at;
}

static void add_fault(struct sweep_reading *r, struct faults *faults, const char *line,
                      size_t point)
{
    char text[6144], where[5120] = "";
    const char *rest = line;
    const struct sweep_key *key = blamed_key(&r->sweep, line, &rest);
    struct place place = key ? place_of_values(key) : (struct place){.section = CONFIG_SWEEP};
    if (key)
        config_place_format(r->errors.file, &place, where, sizeof where);
    else
        rest = line;
    bool commas = key && has_commas_for_semicolons(&r->sweep, key);
    const char *more = commas ? "; several values have a ; between them: values(a; b)" : "";
    snprintf(text, sizeof text, "%s%s%s", where, rest, more);
    for (size_t i = 0; i < faults->count; i++) {
        if (strcmp(faults->fault[i].text, text) == 0) {
            faults->fault[i].points++;
            return;
        }
    }
    char *copy = config_copy(r->store, text, strlen(text));
    if (!copy || faults->count == FAULTS_MOST)
        return;
    ptrdiff_t moved = (ptrdiff_t)strlen(where) - (rest - line);
    faults->fault[faults->count++] =
        (struct fault){copy, keep_place(r, line, moved, more, key), key != NULL, 1, point};
}

/* A fault's text with words behind it. */
static void tell_fault(const struct fault *fault, const char *words, struct messages *errors)
{
    char text[7168];
    snprintf(text, sizeof text, "%s%s", fault->text, words);
    messages_add_at(errors, &fault->place, text);
}

static void tell_faults(struct sweep_reading *r, const struct faults *faults, size_t points,
                        struct messages *errors)
{
    for (size_t i = 0; i < faults->count; i++) {
        const struct fault *fault = &faults->fault[i];
        const char *first = r->sweep.point[fault->first].name;
        char words[512] = "";
        if (!fault->swept && fault->points == 1 && points > 1)
            snprintf(words, sizeof words, " (in the point %s)", first);
        else if (!fault->swept && fault->points != points)
            snprintf(words, sizeof words, " (in %zu points, the first is %s)", fault->points,
                     first);
        tell_fault(fault, words, errors);
    }
    if (faults->count == FAULTS_MOST)
        messages_add(errors, "%s: [%s]: more points may be wrong than are shown here",
                     r->errors.file, CONFIG_SWEEP);
}

/* Reads the config of a point; the first one stays. */
static enum status read_point(struct sweep_reading *r, const struct sweep_source *source,
                              const char **overrides, size_t point, struct faults *faults)
{
    struct sweep *sweep = &r->sweep;
    size_t sets = config_sweep_set_count(sweep);
    struct config *config = NULL;
    struct messages lines = {NULL, 0};
    char **set = (char **)overrides + source->override_count;
    for (size_t i = 0; i < sets; i++) {
        set[i] = config_sweep_set(sweep, point, i);
        r->store->failed |= !set[i];
    }
    enum status status = STATUS_MEMORY;
    if (!r->store->failed)
        status = config_read_text(source->text, source->length, source->name, overrides,
                                  source->override_count + sets, source->types, &config, &lines);
    for (size_t i = 0; i < lines.count; i++)
        add_fault(r, faults, lines.line[i], point);
    char *text = config ? config_to_text(config) : NULL;
    sweep->point[point].hash = text ? config_hash(text) : 0;
    r->store->failed |= config && !text;
    if (point == 0)
        sweep->first = config;
    else
        config_free(config);
    messages_free(&lines);
    free(text);
    for (size_t i = 0; i < sets; i++)
        free(set[i]);
    return status;
}

static enum status read_points(struct sweep_reading *r, const struct sweep_source *source,
                               struct messages *errors)
{
    struct faults faults = {.count = 0};
    enum status worst = STATUS_OK;
    size_t read = 0, count = source->override_count + config_sweep_set_count(&r->sweep);
    const char **overrides = config_alloc(r->store, count, sizeof *overrides);
    if (!overrides)
        return STATUS_MEMORY;
    for (size_t i = 0; i < source->override_count; i++)
        overrides[i] = source->overrides[i];
    for (; read < r->sweep.point_count && faults.count < FAULTS_MOST; read++) {
        enum status status = read_point(r, source, overrides, read, &faults);
        worst = status ? status : worst;
    }
    tell_faults(r, &faults, read, errors);
    return worst;
}

bool config_sweep_number(const struct sweep_key *key, size_t i, struct value *out)
{
    struct store store = {0};
    struct report errors = {.file = "", .store = &store};
    struct parser parser = {.store = &store, .errors = &errors, .key = key->key};
    enum value_kind kind = key->key ? key->key->kind : VALUE_TEXT;
    bool good = (kind == VALUE_NUMBER || kind == VALUE_INTEGER || kind == VALUE_TIME ||
                 kind == VALUE_DISTRIBUTION) &&
                config_parse_value(&parser, key->text[i], out) &&
                (kind != VALUE_DISTRIBUTION || out->number.kind == DISTRIBUTION_CONSTANT);
    config_store_free(&store);
    return good;
}

/* Needs the first point's config. */
static void describe_keys(struct sweep *sweep)
{
    for (size_t i = 0; i < sweep->key_count; i++) {
        struct sweep_key *key = &sweep->key[i];
        struct value value;
        key->key = config_find_key(sweep->first, key->name);
        key->number = true;
        for (size_t v = 0; key->number && v < sweep->line_values[key->line]; v++)
            key->number = config_sweep_number(key, v, &value);
    }
}

/* What is wrong beside [sweep] is told by the points, which are whole configs; or, where nothing is
 * swept, by whoever reads the config. */
static enum status read_sweep(struct sweep_reading *r, const struct sweep_source *source,
                              struct messages *errors)
{
    struct report *report = &r->errors;
    config_ini_read(source->text, source->length, report, &r->ini);
    config_ini_override(source->overrides, source->override_count, report, &r->ini);
    size_t elsewhere = report->count;
    config_sweep_read_section(r, source);
    count_points(r);
    check_overrides(r, source);
    find_seed(r);
    bool wrong = report->count > elsewhere;
    if (wrong)
        config_report_emit(report, errors);
    else if (!r->store->failed && r->sweep.line_count > 0)
        name_points(r);
    if (r->store->failed)
        return STATUS_MEMORY;
    if (wrong || r->sweep.line_count == 0)
        return wrong ? STATUS_CONFIG : STATUS_OK;
    enum status status = read_points(r, source, errors);
    if (!status)
        describe_keys(&r->sweep);
    return r->store->failed ? STATUS_MEMORY : status;
}

enum status config_read_sweep(const struct sweep_source *source, struct sweep **out,
                              struct messages *errors)
{
    *out = NULL;
    struct sweep_reading *r = calloc(1, sizeof *r);
    if (!r) {
        messages_add(errors, "%s: out of memory while reading the config", source->name);
        return STATUS_MEMORY;
    }
    r->store = &r->memory;
    r->errors = (struct report){.file = strcmp(source->name, "-") == 0 ? "stdin" : source->name,
                                .store = r->store};
    enum status status = read_sweep(r, source, errors);
    if (status == STATUS_MEMORY)
        messages_add(errors, "%s: out of memory while reading the sweep", source->name);
    if (!status && r->sweep.line_count > 0)
        *out = &r->sweep;
    else
        config_sweep_free(&r->sweep);
    return status;
}

void config_sweep_free(struct sweep *sweep)
{
    struct sweep_reading *r = (struct sweep_reading *)sweep; /* its first member */
    if (!sweep)
        return;
    config_free(sweep->first);
    config_store_free(r->store);
    free(r);
}
