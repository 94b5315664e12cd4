/* The kinds of values that keys take. */
#include "config/parse.h"

#include "base/look_alike.h"
#include "config/distribution.h"
#include "config/names.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static bool parse_integer(const struct parser *parser, struct span text, struct value *out)
{
    const struct key *key = parser->key;
    if (config_read_integer(text, &out->integer) && (double)out->integer >= key->least &&
        (double)out->integer <= key->most)
        return true;
    char quoted[64], most[32] = "2^64 - 1";
    const char *share = memchr(text.text, '-', text.length) ? NULL : key->share;
    if (key->most < 0x1p64)
        snprintf(most, sizeof most, "%.0f", key->most);
    config_quote(text.text, text.length, quoted);
    if (out->integer == UINT64_MAX || (double)out->integer > key->most)
        config_report(parser->errors, &parser->place, "'%s' is too large; at most %s", quoted,
                      most);
    else
        config_report(parser->errors, &parser->place, "'%s' is no whole number from %.0f to %s%s%s",
                      quoted, key->least, most, share ? "; for a tenth of all write " : "",
                      share ? share : "");
    return false;
}

static bool is_word(struct span text, const char *word)
{
    return strlen(word) == text.length && memcmp(word, text.text, text.length) == 0;
}

static bool parse_time(const struct parser *parser, struct span text, struct value *out)
{
    if (parser->key->words && is_word(text, parser->key->words)) {
        out->number.parameter[0] = INFINITY;
        out->integer = VALUE_FOREVER;
        return true;
    }
    return config_parse_number(parser, text, out) &&
           config_parse_steps(parser, out->exact, &out->integer);
}

static bool parse_numbers(const struct parser *parser, struct span text, struct value *out)
{
    struct decimal *exact;
    if (!config_parse_quantities(parser, text, parser->key->dimension, &exact, &out->count))
        return false;
    out->numbers = config_alloc(parser->store, out->count, sizeof *out->numbers);
    if (!out->numbers)
        return false;
    for (size_t i = 0; i < out->count; i++) {
        char number[48];
        out->numbers[i] = decimal_to_double(exact[i]);
        decimal_format(exact[i], number);
        if (!config_check_range(parser, out->numbers[i], config_span(number)))
            return false;
    }
    if (parser->key->kind != VALUE_TIMES)
        return true;
    out->steps = config_alloc(parser->store, out->count, sizeof *out->steps);
    for (size_t i = 0; out->steps && i < out->count; i++) {
        if (!config_parse_steps(parser, exact[i], &out->steps[i]))
            return false;
        if (i && !(out->numbers[i] > out->numbers[i - 1])) {
            char early[32], late[32];
            config_report(
                parser->errors, &parser->place, "%s ms comes after %s ms; times must increase",
                double_format(out->numbers[i], late), double_format(out->numbers[i - 1], early));
            return false;
        }
    }
    return out->steps != NULL;
}

void config_report_word(struct report *errors, const struct place *place, const char *text,
                        size_t length, const char *const *known, size_t count)
{
    char quoted[64], hint[256];
    config_quote(text, length, quoted);
    config_report(errors, place, "'%s' is not known here; %s", quoted,
                  config_suggest(quoted, "write one of ", known, count, hint, sizeof hint));
}

/* words: "a|b|c"; NULL: any. */
static bool parse_word(const struct parser *parser, struct span text, const char *words,
                       struct value *out)
{
    char list[256];
    const char *known[16];
    size_t count = 0;
    if (!words)
        return true;
    snprintf(list, sizeof list, "%s", words);
    char *next = list;
    for (char *word; count < 16 && (word = strsep(&next, "|")) != NULL; count++) {
        known[count] = word;
        if (is_word(text, word)) {
            out->integer = count;
            return true;
        }
    }
    config_report_word(parser->errors, &parser->place, text.text, text.length, known, count);
    return false;
}

/* Blanks and dashes of word processors would be told as unknown units that look right. */
static bool check_look(const struct parser *parser, struct span text)
{
    char quoted[64];
    const char *odd = look_alike(text.text, text.length);
    if (!odd || parser->key->kind == VALUE_TEXT)
        return true;
    config_report(parser->errors, &parser->place, "in '%s' there is %s",
                  config_quote(text.text, text.length, quoted), odd);
    return false;
}

static bool parse_kind(const struct parser *parser, struct span text, struct value *out)
{
    if (!check_look(parser, text))
        return false;
    switch (parser->key->kind) {
    case VALUE_NUMBER:
        return config_parse_number(parser, text, out);
    case VALUE_INTEGER:
        return parse_integer(parser, text, out);
    case VALUE_TIME:
        return parse_time(parser, text, out);
    case VALUE_DISTRIBUTION:
        return config_parse_distribution(parser, text, out);
    case VALUE_NUMBERS:
    case VALUE_TIMES:
        return parse_numbers(parser, text, out);
    case VALUE_WORD:
        return parse_word(parser, text, parser->key->words, out);
    case VALUE_FLAG:
        if (!parse_word(parser, text, "yes|no", out))
            return false;
        out->integer = out->integer == 0;
        return true;
    case VALUE_TEXT:
        break;
    }
    return true;
}

bool config_parse_value(const struct parser *parser, const char *text, struct value *out)
{
    struct span span = config_span(text);
    *out = (struct value){0};
    if (span.length == 0) {
        config_report(parser->errors, &parser->place, "the value is missing; %s is %s",
                      parser->key->name, parser->key->help);
        return false;
    }
    bool plain = parser->key->kind == VALUE_TEXT || config_check_marks(parser, span);
    if (!plain || !parse_kind(parser, span, out)) {
        *out = (struct value){0};
        return false;
    }
    if (parser->key->kind == VALUE_WORD || parser->key->kind == VALUE_TEXT)
        out->text = config_copy(parser->store, text, span.length);
    out->present = !parser->store->failed;
    return out->present;
}
