/* The lists of [sweep]: grid, logspace, values, range, zip. All numbers stay exact decimals, so
 * that what is simulated, named and tabled is 210 pA and not the double next to it. */
#include "config/sweep_list.h"

#include "base/elementary.h"
#include "config/names.h"
#include "config/sweep.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    GRID_DIGITS = 15, /* of a grid's values that are no shorter decimals */
    LOG_DIGITS = 12,  /* of logspace's: what rounding in exp and log cannot reach */
    MANTISSA_DIGITS = 18
};

/* The part before the next `separator` outside of parentheses; rest->text is NULL after the last.
 */
static bool next_outer(struct span *rest, char separator, struct span *part)
{
    int depth = 0;
    size_t end = 0;
    if (!rest->text)
        return false;
    for (; end < rest->length && (depth > 0 || rest->text[end] != separator); end++)
        depth += rest->text[end] == '(' ? 1 : rest->text[end] == ')' ? -1 : 0;
    *part = config_trim((struct span){rest->text, end});
    *rest = end < rest->length ? (struct span){rest->text + end + 1, rest->length - end - 1}
                               : (struct span){0};
    return true;
}

/* `NAME(INSIDE)`; reported when it is not of this form. */
static bool take_call(const struct parser *parser, struct span text, struct span *name,
                      struct span *inside)
{
    char quoted[64];
    const char *open = memchr(text.text, '(', text.length);
    config_quote(text.text, text.length, quoted);
    if (!open) {
        config_report(parser->errors, &parser->place,
                      "'%s' is no list of values; write one such as grid(200 pA, 300 pA, 11), "
                      "logspace(1, 100, 5), values(0.1; 0.2) or range(1:6)",
                      quoted);
        return false;
    }
    if (text.text[text.length - 1] != ')') {
        config_report(parser->errors, &parser->place,
                      "'%s' does not end with a ); a ; behind a blank would begin a comment: write "
                      "values(a; b)",
                      quoted);
        return false;
    }
    *name = config_trim((struct span){text.text, (size_t)(open - text.text)});
    *inside = config_trim((struct span){open + 1, text.length - (size_t)(open - text.text) - 2});
    return true;
}

static bool add_text(const struct parser *parser, struct sweep_list *list, struct span text,
                     const char *unit)
{
    char *copy = config_alloc(parser->store, text.length + strlen(unit) + 2, 1);
    const char **grown = config_grow(parser->store, list->text, list->count, sizeof *grown);
    if (!copy || !grown)
        return false;
    if (list->count == SWEEP_POINTS_MOST) {
        config_report(parser->errors, &parser->place, "more than %d values in a list",
                      SWEEP_POINTS_MOST);
        return false;
    }
    sprintf(copy, "%.*s%s%s", (int)text.length, text.text, *unit ? " " : "", unit);
    list->text = grown;
    list->text[list->count++] = copy;
    return true;
}

static bool add_number(const struct parser *parser, struct sweep_list *list, struct decimal number,
                       const struct unit *unit)
{
    char text[48];
    while (number.mantissa != 0 && number.mantissa % 10 == 0) {
        number.mantissa /= 10;
        number.exponent++;
    }
    if (number.mantissa == 0)
        number.exponent = 0;
    return add_text(parser, list, config_span(decimal_format(number, text)),
                    unit ? unit->name : "");
}

static bool complain_units(const struct parser *parser)
{
    config_report(parser->errors, &parser->place,
                  "some numbers have a unit and some have none; give each its unit, or only the "
                  "last one for all");
    return false;
}

/* A number with or without a unit of any dimension. */
static bool parse_any(const struct parser *parser, struct span text, struct quantity *out)
{
    size_t length = config_literal_length(text);
    struct span rest = config_trim((struct span){text.text + length, text.length - length});
    const struct unit *unit = config_find_unit(rest.text, rest.length);
    return config_parse_quantity(parser, text, unit ? unit->dimension : DIMENSION_NONE, out);
}

struct ends {
    struct decimal first, last; /* in this unit */
    const struct unit *unit;    /* NULL: none written */
    uint64_t n;
};

/* `first, last, n`: of one dimension; the last one's unit holds. */
static bool parse_ends(const struct parser *parser, struct span inside, struct ends *ends)
{
    struct span part[3], rest = inside, more;
    struct quantity first, last;
    size_t parts = 0;
    while (parts < 3 && next_outer(&rest, ',', &part[parts]))
        parts++;
    if (parts < 3 || next_outer(&rest, ',', &more)) {
        config_report(parser->errors, &parser->place,
                      "a first value, a last value and their number are wanted, such as "
                      "grid(200 pA, 300 pA, 11)");
        return false;
    }
    if (!parse_any(parser, part[0], &first) || !parse_any(parser, part[1], &last))
        return false;
    if (first.unit && !last.unit)
        return complain_units(parser);
    if (first.unit && first.unit->dimension != last.unit->dimension) {
        config_report(parser->errors, &parser->place,
                      "the first value is %s, the last one %s; both must be of one kind",
                      config_dimension_name(first.unit->dimension),
                      config_dimension_name(last.unit->dimension));
        return false;
    }
    int shift = first.unit ? first.unit->shift - last.unit->shift : 0;
    *ends = (struct ends){decimal_scale(first.number, shift), last.number, last.unit, 0};
    char quoted[64];
    if (!config_read_integer(part[2], &ends->n) || ends->n < 2 || ends->n > SWEEP_POINTS_MOST) {
        config_report(parser->errors, &parser->place,
                      "'%s' is no number of values; write a whole number from 2 to %d",
                      config_quote(part[2].text, part[2].length, quoted), SWEEP_POINTS_MOST);
        return false;
    }
    return true;
}

/* Brings both to one exponent; false when that takes more than 18 digits. */
static bool align(struct decimal *a, struct decimal *b)
{
    struct decimal *high = a->exponent > b->exponent ? a : b;
    struct decimal *low = high == a ? b : a;
    if (high->mantissa == 0)
        high->exponent = low->exponent;
    if (low->mantissa == 0)
        low->exponent = high->exponent;
    while (high->exponent > low->exponent) {
        if (llabs(high->mantissa) >= 100000000000000000)
            return false;
        high->mantissa *= 10;
        high->exponent--;
    }
    return true;
}

/* numerator / divisor * 10^exponent: exactly, or else rounded to GRID_DIGITS, halves away from 0.
 */
static struct decimal divide(__int128 numerator, int64_t divisor, int exponent)
{
    const int64_t limit = 100000000000000; /* 10^(GRID_DIGITS - 1) */
    bool negative = numerator < 0;
    unsigned __int128 magnitude =
        negative ? -(unsigned __int128)numerator : (unsigned __int128)numerator;
    uint64_t unit = (uint64_t)divisor;
    int64_t whole = (int64_t)(magnitude / unit); /* below 10^18, as the ends are */
    uint64_t left = (uint64_t)(magnitude % unit);
    while (left && whole < limit) {
        whole = 10 * whole + (int64_t)(10 * left / unit);
        left = 10 * left % unit;
        exponent--;
    }
    whole += left > 0 && 2 * left >= unit;
    return (struct decimal){negative ? -whole : whole, exponent};
}

static bool parse_grid(const struct parser *parser, struct span inside, struct sweep_list *out)
{
    struct ends ends;
    if (!parse_ends(parser, inside, &ends))
        return false;
    if (!align(&ends.first, &ends.last)) {
        config_report(parser->errors, &parser->place,
                      "the first and the last value lie too far apart; they must fit in %d digits",
                      MANTISSA_DIGITS);
        return false;
    }
    int64_t intervals = (int64_t)ends.n - 1;
    bool good = true;
    for (int64_t i = 0; good && i <= intervals; i++) {
        __int128 sum =
            (__int128)ends.first.mantissa * (intervals - i) + (__int128)ends.last.mantissa * i;
        good = add_number(parser, out, divide(sum, intervals, ends.first.exponent), ends.unit);
    }
    return good;
}

static bool parse_logspace(const struct parser *parser, struct span inside, struct sweep_list *out)
{
    struct ends ends;
    if (!parse_ends(parser, inside, &ends))
        return false;
    if (ends.first.mantissa <= 0 || ends.last.mantissa <= 0) {
        config_report(parser->errors, &parser->place,
                      "the first and the last value of logspace must be above 0");
        return false;
    }
    double low = elementary_log(decimal_to_double(ends.first));
    double high = elementary_log(decimal_to_double(ends.last));
    bool good = add_number(parser, out, ends.first, ends.unit);
    for (uint64_t i = 1; good && i < ends.n - 1; i++) {
        double share = (double)i / (double)(ends.n - 1);
        double value = elementary_exp(low + (high - low) * share);
        good = add_number(parser, out, decimal_round(value, LOG_DIGITS), ends.unit);
    }
    return good && add_number(parser, out, ends.last, ends.unit);
}

static bool is_number(struct span text, bool *has_unit)
{
    size_t length = config_literal_length(text);
    struct span rest = config_trim((struct span){text.text + length, text.length - length});
    *has_unit = rest.length > 0;
    return length > 0 && (!*has_unit || config_find_unit(rest.text, rest.length));
}

/* One unit behind the last of several numbers holds for all, as in any list of a config: that unit;
 * "" when there is nothing to add. False when it is not clear. */
static bool common_unit(const struct parser *parser, struct span inside, const char **unit)
{
    struct span item, rest = inside, last = {0};
    size_t count = 0, numbers = 0, with_unit = 0;
    bool has_unit = false;
    while (next_outer(&rest, ';', &item)) {
        numbers += is_number(item, &has_unit);
        with_unit += has_unit;
        count++;
        last = item;
    }
    *unit = "";
    if (numbers < count || with_unit == 0 || with_unit == count)
        return true;
    if (with_unit > 1 || !has_unit)
        return complain_units(parser);
    size_t length = config_literal_length(last);
    last = config_trim((struct span){last.text + length, last.length - length});
    *unit = config_find_unit(last.text, last.length)->name;
    return true;
}

static bool parse_values(const struct parser *parser, struct span inside, struct sweep_list *out)
{
    struct span item, rest = inside;
    const char *unit;
    if (!common_unit(parser, inside, &unit))
        return false;
    while (next_outer(&rest, ';', &item)) {
        bool has_unit;
        if (item.length == 0) {
            config_report(parser->errors, &parser->place,
                          "a value is missing; separate values by ; as in values(0.1; 0.2)");
            return false;
        }
        bool bare = *unit && is_number(item, &has_unit) && !has_unit;
        if (!add_text(parser, out, item, bare ? unit : ""))
            return false;
    }
    return true;
}

/* A whole number with or without a sign, from -2^64 + 1 to 2^64 - 1. */
static bool read_signed(struct span text, __int128 *out)
{
    bool negative = text.length > 1 && text.text[0] == '-' && text.text[1] != '+';
    uint64_t magnitude;
    if (negative)
        text = (struct span){text.text + 1, text.length - 1};
    bool good = config_read_integer(text, &magnitude);
    *out = negative ? -(__int128)magnitude : (__int128)magnitude;
    return good;
}

static bool add_whole(const struct parser *parser, struct sweep_list *out, __int128 number)
{
    char text[24];
    snprintf(text, sizeof text, "%s%" PRIu64, number < 0 ? "-" : "",
             (uint64_t)(number < 0 ? -number : number));
    return add_text(parser, out, config_span(text), "");
}

/* a:b or a:b:step, as ids of recorders are written, but for the sign. */
static bool parse_range(const struct parser *parser, struct span inside, struct sweep_list *out)
{
    struct span part[3], rest = inside, more;
    __int128 bound[3] = {0, 0, 1};
    size_t parts = 0;
    bool good = true;
    while (parts < 3 && next_outer(&rest, ':', &part[parts])) {
        good &= read_signed(part[parts], &bound[parts]);
        parts++;
    }
    if (!good || parts < 2 || next_outer(&rest, ':', &more) || bound[0] >= bound[1] ||
        bound[2] <= 0) {
        char quoted[64];
        config_report(parser->errors, &parser->place,
                      "range(%s) has no values; write range(a:b) or range(a:b:step) with whole "
                      "numbers: a, a + step, ... below b",
                      config_quote(inside.text, inside.length, quoted));
        return false;
    }
    for (__int128 at = bound[0]; good && at < bound[1]; at += bound[2])
        good = add_whole(parser, out, at);
    return good;
}

static int compare_texts(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static bool check_twins(const struct parser *parser, const struct sweep_list *list)
{
    const char **sorted = config_alloc(parser->store, list->count, sizeof *sorted);
    if (!sorted)
        return false;
    memcpy(sorted, list->text, list->count * sizeof *sorted);
    qsort(sorted, list->count, sizeof *sorted, compare_texts);
    for (size_t i = 1; i < list->count; i++) {
        char quoted[64];
        if (strcmp(sorted[i - 1], sorted[i]) != 0)
            continue;
        config_report(parser->errors, &parser->place, "the value '%s' comes twice",
                      config_quote(sorted[i], strlen(sorted[i]), quoted));
        return false;
    }
    return true;
}

static bool is(struct span name, const char *word)
{
    return name.length == strlen(word) && memcmp(name.text, word, name.length) == 0;
}

static bool parse_named(const struct parser *parser, struct span name, struct span inside,
                        struct sweep_list *out)
{
    static const char *const known[] = {"grid", "logspace", "values", "range", "zip"};
    if (is(name, "grid"))
        return parse_grid(parser, inside, out);
    if (is(name, "logspace"))
        return parse_logspace(parser, inside, out);
    if (is(name, "values"))
        return parse_values(parser, inside, out);
    if (is(name, "range"))
        return parse_range(parser, inside, out);
    char quoted[64], hint[160];
    config_quote(name.text, name.length, quoted);
    if (is(name, "zip"))
        config_report(parser->errors, &parser->place,
                      "zip is for several keys, `a, b = zip(LIST, LIST)`, and no list itself");
    else
        config_report(parser->errors, &parser->place, "'%s' makes no list; %s", quoted,
                      config_suggest(quoted, "there are ", known, 5, hint, sizeof hint));
    return false;
}

bool config_parse_sweep_list(const struct parser *parser, struct span text, struct sweep_list *out)
{
    struct span name, inside;
    *out = (struct sweep_list){0};
    return take_call(parser, text, &name, &inside) && parse_named(parser, name, inside, out) &&
           check_twins(parser, out);
}

static bool check_zip(const struct parser *parser, size_t lists, size_t keys,
                      const struct sweep_list *list)
{
    if (lists != keys) {
        config_report(parser->errors, &parser->place,
                      "%zu lists in zip() for %zu keys; each key needs one", lists, keys);
        return false;
    }
    for (size_t i = 1; i < keys; i++) {
        if (list[i].count != list[0].count) {
            config_report(parser->errors, &parser->place,
                          "the lists in zip() have %zu and %zu values; they must be equally long",
                          list[0].count, list[i].count);
            return false;
        }
    }
    return true;
}

bool config_parse_sweep_zip(const struct parser *parser, struct span text, size_t keys,
                            struct sweep_list *out)
{
    struct span name, inside, item, values;
    size_t lists = 0;
    if (!take_call(parser, text, &name, &inside))
        return false;
    if (!is(name, "zip")) {
        char quoted[64];
        config_report(parser->errors, &parser->place,
                      "'%s' is for several keys, which vary together; write zip(LIST, LIST)",
                      config_quote(text.text, text.length, quoted));
        return false;
    }
    /* A value may come twice here: the other list tells the points apart. */
    for (; next_outer(&inside, ',', &item); lists++) {
        if (lists < keys && (!take_call(parser, item, &name, &values) ||
                             !parse_named(parser, name, values, &out[lists])))
            return false;
    }
    return check_zip(parser, lists, keys, out);
}
