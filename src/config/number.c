/* Numbers, units, whole numbers and times. */
#include "config/number.h"

#include "config/ini.h"
#include "config/names.h"

#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

struct span config_span(const char *text)
{
    return (struct span){text, strlen(text)};
}

struct span config_trim(struct span span)
{
    while (span.length && is_blank(span.text[0])) {
        span.text++;
        span.length--;
    }
    while (span.length && is_blank(span.text[span.length - 1]))
        span.length--;
    return span;
}

bool config_next_part(struct span *rest, struct span *part)
{
    if (!rest->text)
        return false;
    const char *comma = memchr(rest->text, ',', rest->length);
    size_t length = comma ? (size_t)(comma - rest->text) : rest->length;
    *part = config_trim((struct span){rest->text, length});
    *rest = comma ? (struct span){comma + 1, rest->length - length - 1} : (struct span){0};
    return true;
}

bool config_check_marks(const struct parser *parser, struct span text)
{
    size_t at = 0;
    while (at < text.length && text.text[at] != ';' && text.text[at] != '#')
        at++;
    if (at == text.length)
        return true;
    char quoted[64], mark = text.text[at];
    struct span rest = config_trim((struct span){text.text + at + 1, text.length - at - 1});
    config_quote(text.text, text.length, quoted);
    if (mark == ';' && rest.length && strchr("+-.0123456789", rest.text[0]))
        config_report(parser->errors, &parser->place,
                      "'%s' has a ; between its numbers; separate them by commas", quoted);
    else
        config_report(parser->errors, &parser->place,
                      "'%s' has a %c inside; a comment needs a blank before its %c", quoted, mark,
                      mark);
    return false;
}

static size_t digits(struct span text, size_t from)
{
    size_t count = 0;
    while (from + count < text.length && is_digit(text.text[from + count]))
        count++;
    return count;
}

static bool has(struct span text, size_t at, const char *set)
{
    return at < text.length && strchr(set, text.text[at]) && text.text[at];
}

size_t config_literal_length(struct span text)
{
    size_t at = has(text, 0, "+-");
    size_t whole = digits(text, at), fraction = 0;
    at += whole;
    if (has(text, at, ".")) {
        fraction = digits(text, at + 1);
        at += 1 + fraction;
    }
    if (whole + fraction == 0)
        return 0;
    if (has(text, at, "eE")) {
        size_t sign = has(text, at + 1, "+-"), exponent = digits(text, at + 1 + sign);
        if (exponent)
            at += 1 + sign + exponent;
    }
    return at;
}

static bool complain_number(const struct parser *parser, struct span text, const char *quoted,
                            enum dimension dimension)
{
    if (text.length == 0)
        config_report(parser->errors, &parser->place, "a value is missing; write %s such as 1.5 %s",
                      config_dimension_name(dimension), config_kept_unit(dimension));
    else if (dimension == DIMENSION_NONE && text.text[text.length - 1] == '%')
        config_report(parser->errors, &parser->place,
                      "'%s' is no number; write a fraction, such as 0.1 for 10 %%", quoted);
    else if (dimension == DIMENSION_NONE)
        config_report(
            parser->errors, &parser->place,
            "'%s' is no number; write one such as -2, 0.1 or 2.5e3, with at most 18 digits",
            quoted);
    else
        config_report(
            parser->errors, &parser->place,
            "'%s' is no number; write %s such as 1.5 %s or 2.5e3 %s, with at most 18 digits",
            quoted, config_dimension_name(dimension), config_kept_unit(dimension),
            config_kept_unit(dimension));
    return false;
}

/* Brian2 writes a product with the unit, whose number and unit are what is wanted. False: no such.
 */
static bool complain_product(const struct parser *parser, struct span number, struct span rest,
                             const char *quoted, enum dimension dimension)
{
    if (number.length == 0 || rest.length < 2 || rest.text[0] != '*')
        return false;
    const struct span name = config_trim((struct span){rest.text + 1, rest.length - 1});
    const struct unit *unit = config_find_unit(name.text, name.length);
    if (!unit || unit->dimension != dimension)
        return false;
    config_report(parser->errors, &parser->place, "'%s' is no number; write %.*s %.*s", quoted,
                  (int)number.length, number.text, (int)name.length, name.text);
    return true;
}

/* Brian2's models often have synaptic currents as what they do to V. */
static const char *weight_in_volts(const struct parser *parser, const struct unit *unit,
                                   enum dimension dimension)
{
    const bool so = parser->key && parser->key->weight && dimension == DIMENSION_CURRENT &&
                    unit->dimension == DIMENSION_VOLTAGE;
    return so ? "; where it means R_m I, divide it by R_m" : "";
}

/* The unit behind a number, for which text is what stands there. */
static bool parse_unit(const struct parser *parser, struct span text, const char *quoted,
                       enum dimension dimension, const struct unit **out)
{
    *out = config_find_unit(text.text, text.length);
    if (*out && (*out)->dimension == dimension)
        return true;
    char list[64], name[64];
    bool case_only = config_near_units(text.text, text.length, dimension, list, sizeof list);
    if (!case_only)
        config_list_units(dimension, list, sizeof list);
    config_quote(text.text, text.length, name);
    if (dimension == DIMENSION_NONE)
        config_report(parser->errors, &parser->place,
                      "'%s' has a unit or more behind the number; write a plain number", quoted);
    else if (*out)
        config_report(
            parser->errors, &parser->place, "'%s' is %s, where %s is wanted; %s%s%s%s", quoted,
            config_dimension_name((*out)->dimension), config_dimension_name(dimension),
            case_only ? "did you mean " : "its units are ", list,
            case_only ? "? (case matters)" : "", weight_in_volts(parser, *out, dimension));
    else if (case_only)
        config_report(parser->errors, &parser->place,
                      "'%s' has the unknown unit '%s'; did you mean %s? (case matters)", quoted,
                      name, list);
    else
        config_report(parser->errors, &parser->place,
                      "'%s' has the unknown unit '%s'; units of %s are %s", quoted, name,
                      config_dimension_name(dimension), list);
    return false;
}

bool config_parse_quantity(const struct parser *parser, struct span text, enum dimension dimension,
                           struct quantity *out)
{
    char quoted[64];
    config_quote(text.text, text.length, quoted);
    *out = (struct quantity){0};
    size_t length = config_literal_length(text);
    struct span rest = config_trim((struct span){text.text + length, text.length - length});
    bool unit_like = rest.length == 0 || config_is_name(rest.text, 1) ||
                     config_find_unit(rest.text, rest.length);
    if (complain_product(parser, (struct span){text.text, length}, rest, quoted, dimension))
        return false;
    if (length == 0 || !unit_like || !decimal_parse(text.text, (int)length, &out->number))
        return complain_number(parser, text, quoted, dimension);
    return rest.length == 0 || parse_unit(parser, rest, quoted, dimension, &out->unit);
}

bool config_parse_quantities(const struct parser *parser, struct span text,
                             enum dimension dimension, struct decimal **out, size_t *count)
{
    struct quantity *list = NULL;
    struct span part, rest = text;
    size_t n = 0, with_unit = 0;
    while (config_next_part(&rest, &part)) {
        if (n == CONFIG_LIST_MOST) {
            config_report(parser->errors, &parser->place, "more than %d numbers in a list",
                          CONFIG_LIST_MOST);
            return false;
        }
        list = config_grow(parser->store, list, n, sizeof *list);
        if (!list || !config_parse_quantity(parser, part, dimension, &list[n]))
            return false;
        with_unit += list[n++].unit != NULL;
    }
    const struct unit *last = list[n - 1].unit;
    if (with_unit != 0 && with_unit != n && !(with_unit == 1 && last)) {
        config_report(
            parser->errors, &parser->place,
            "some numbers have a unit and some have none; give each its unit, or only the "
            "last one for all");
        return false;
    }
    struct decimal *numbers = config_alloc(parser->store, n, sizeof *numbers);
    for (size_t i = 0; numbers && i < n; i++) {
        const struct unit *unit = list[i].unit ? list[i].unit : last;
        numbers[i] = decimal_scale(list[i].number, unit ? unit->shift : 0);
    }
    *out = numbers;
    *count = n;
    return numbers != NULL;
}

static bool too_large(uint64_t *out)
{
    *out = UINT64_MAX;
    return false;
}

bool config_read_integer(struct span text, uint64_t *out)
{
    struct decimal exact;
    uint64_t value = 0;
    *out = 0;
    if (text.length && digits(text, 0) == text.length) {
        for (size_t i = 0; i < text.length; i++) {
            uint64_t digit = (uint64_t)(text.text[i] - '0');
            if (value > (UINT64_MAX - digit) / 10)
                return too_large(out);
            value = value * 10 + digit;
        }
        *out = value;
        return true;
    }
    if (config_literal_length(text) != text.length || text.length > 64 ||
        !decimal_parse(text.text, (int)text.length, &exact) || exact.mantissa < 0 ||
        exact.exponent < 0)
        return false;
    value = (uint64_t)exact.mantissa;
    for (int i = 0; value && i < exact.exponent; i++) {
        if (value > UINT64_MAX / 10)
            return too_large(out);
        value *= 10;
    }
    *out = value;
    return true;
}

bool config_exact_time(struct decimal dt, uint64_t steps, struct decimal *out)
{
    unsigned __int128 mantissa = (unsigned __int128)dt.mantissa * steps;
    int exponent = dt.exponent;
    if (mantissa == 0) {
        *out = (struct decimal){0};
        return true;
    }
    while (mantissa % 10 == 0) {
        mantissa /= 10;
        exponent++;
    }
    if (mantissa >= 1000000000000000000)
        return false;
    *out = (struct decimal){(int64_t)mantissa, exponent};
    return true;
}

/* The last multiple of dt that is not after time; false where that cannot be told. time >= 0. */
static bool multiple_before(struct decimal time, struct decimal dt, uint64_t *steps)
{
    int shift = time.exponent - dt.exponent;
    if (shift > 18)
        return false;
    unsigned __int128 numerator = (unsigned __int128)time.mantissa;
    unsigned __int128 denominator = (unsigned __int128)dt.mantissa;
    for (int i = 0; i < shift; i++)
        numerator *= 10; /* stays below 10^36 < 2^128 */
    for (int i = 0; i > shift && denominator < numerator; i--)
        denominator *= 10;
    *steps = (uint64_t)(numerator / denominator);
    return true;
}

bool config_parse_steps(const struct parser *parser, struct decimal time, uint64_t *steps)
{
    const struct decimal *dt = parser->dt;
    *steps = 0;
    if (!dt)
        return true;
    char text[48], step[48], lower[48], upper[48];
    decimal_format(time, text);
    decimal_format(*dt, step);
    if (decimal_to_double(time) / decimal_to_double(*dt) > 0x1p62) {
        config_report(parser->errors, &parser->place,
                      "%s ms are more than 2^62 steps of dt = %s ms; choose a shorter time", text,
                      step);
        return false;
    }
    if (decimal_whole_multiple(time, *dt, steps))
        return true;
    struct decimal before, after;
    uint64_t k;
    if (multiple_before(time, *dt, &k) && config_exact_time(*dt, k, &before) &&
        config_exact_time(*dt, k + 1, &after))
        config_report(parser->errors, &parser->place,
                      "%s ms is no whole multiple of dt = %s ms; the nearest are %s ms and %s ms",
                      text, step, decimal_format(before, lower), decimal_format(after, upper));
    else
        config_report(parser->errors, &parser->place, "%s ms is no whole multiple of dt = %s ms",
                      text, step);
    return false;
}

bool config_check_range(const struct parser *parser, double number, struct span text)
{
    const struct key *key = parser->key;
    const char *unit = config_kept_unit(key->dimension), *gap = *unit ? " " : "";
    char quoted[64], least[32], most[32];
    if (number >= key->least && number <= key->most && (!key->positive || number > 0))
        return true;
    config_quote(text.text, text.length, quoted);
    if (key->positive && number <= 0)
        config_report(parser->errors, &parser->place, "'%s' is out of range; %s must be above 0",
                      quoted, key->name);
    else
        config_report(parser->errors, &parser->place,
                      "'%s' is out of range; %s goes from %s%s%s to %s%s%s", quoted, key->name,
                      double_format(key->least, least), gap, unit, double_format(key->most, most),
                      gap, unit);
    return false;
}

bool config_parse_number(const struct parser *parser, struct span text, struct value *out)
{
    struct quantity quantity;
    if (!config_parse_quantity(parser, text, parser->key->dimension, &quantity))
        return false;
    out->exact = decimal_scale(quantity.number, quantity.unit ? quantity.unit->shift : 0);
    out->number.parameter[0] = decimal_to_double(out->exact);
    return config_check_range(parser, out->number.parameter[0], text);
}
