/* uniform(lo, hi), normal(mean, sd) and the others: their names, their numbers, their checks. */
#include "config/distribution.h"

#include "config/names.h"

#include <math.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *name;
    int parameters;
    const char *form;
} forms[] = {
    [DISTRIBUTION_CONSTANT] = {NULL, 1, "a number"},
    [DISTRIBUTION_UNIFORM] = {"uniform", 2, "uniform(lo, hi)"},
    [DISTRIBUTION_NORMAL] = {"normal", 2, "normal(mean, sd)"},
    [DISTRIBUTION_NORMAL_CLIPPED] = {"normal_clipped", 4, "normal_clipped(mean, sd, lo, hi)"},
    [DISTRIBUTION_LOGNORMAL] = {"lognormal", 2, "lognormal(median, sigma)"},
    [DISTRIBUTION_LINSPACE] = {"linspace", 2, "linspace(first, last)"},
    [DISTRIBUTION_LEVELS] = {"levels", 2, "levels(first, last)"},
    [DISTRIBUTION_CHOICE] = {"choice", 0, "choice(a, b, ...)"},
    [DISTRIBUTION_FILE] = {"file", 0, "file(path, dataset)"},
};

enum { FORMS = sizeof forms / sizeof *forms };

const char *config_distribution_name(enum distribution_kind kind)
{
    return forms[kind].name;
}

int config_distribution_parameters(enum distribution_kind kind)
{
    return forms[kind].parameters;
}

static bool complain(const struct parser *parser, const char *text)
{
    config_report(parser->errors, &parser->place, "%s", text);
    return false;
}

/* The share of draws of a normal that is not redrawn. */
static double share_within(double mean, double sd, double lo, double hi)
{
    if (mean < lo) /* mirrored, so that the difference below is one of small numbers */
        return share_within(-mean, sd, -hi, -lo);
    double scale = 1 / (sd * sqrt(2));
    return 0.5 * (erfc((mean - hi) * scale) - erfc((mean - lo) * scale));
}

static bool check_spread(const struct parser *parser, double spread, double most, const char *text)
{
    return (spread >= 0 && spread <= most) || complain(parser, text);
}

static bool check_clipped(const struct parser *parser, const double *p, struct span text)
{
    if (!config_check_range(parser, p[2], text) || !config_check_range(parser, p[3], text))
        return false;
    if (!(p[2] < p[3]))
        return complain(parser, "lo must be below hi in normal_clipped(mean, sd, lo, hi)");
    bool reachable =
        p[1] > 0 ? share_within(p[0], p[1], p[2], p[3]) >= 1e-3 : p[0] >= p[2] && p[0] <= p[3];
    return reachable ||
           complain(parser, "fewer than 1 in 1000 draws would lie between lo and hi; move the mean "
                            "nearer or use uniform(lo, hi)");
}

/* p: in the key's unit; text: for messages. */
static bool check_parameters(const struct parser *parser, enum distribution_kind kind,
                             const double *p, struct span text)
{
    const struct key *key = parser->key;
    if (!config_check_range(parser, p[0], text))
        return false;
    switch (kind) {
    case DISTRIBUTION_UNIFORM:
        return config_check_range(parser, p[1], text) &&
               (p[0] < p[1] || complain(parser, "lo must be below hi in uniform(lo, hi)"));
    case DISTRIBUTION_LINSPACE:
    case DISTRIBUTION_LEVELS:
        return config_check_range(parser, p[1], text);
    case DISTRIBUTION_LOGNORMAL:
        return (p[0] > 0 || complain(parser, "the median of a lognormal must be above 0")) &&
               check_spread(parser, p[1], 10, "sigma of a lognormal goes from 0 to 10");
    case DISTRIBUTION_NORMAL:
    case DISTRIBUTION_NORMAL_CLIPPED:
        return check_spread(parser, p[1], key->most - key->least,
                            "sd must be 0 or above, and not wider than the key's range") &&
               (kind == DISTRIBUTION_NORMAL || check_clipped(parser, p, text));
    case DISTRIBUTION_CHOICE: /* checked as they are read */
    case DISTRIBUTION_CONSTANT:
    case DISTRIBUTION_FILE:
        break;
    }
    return true;
}

static bool find_form(struct span name, enum distribution_kind *kind)
{
    for (size_t i = 0; i < FORMS; i++) {
        if (forms[i].name && strlen(forms[i].name) == name.length &&
            memcmp(forms[i].name, name.text, name.length) == 0) {
            *kind = (enum distribution_kind)i;
            return true;
        }
    }
    return false;
}

static bool complain_form(const struct parser *parser, struct span name)
{
    const char *known[FORMS];
    char quoted[64], hint[256];
    config_quote(name.text, name.length, quoted);
    for (size_t i = 0; i < FORMS; i++)
        known[i] = forms[i].name;
    config_report(parser->errors, &parser->place, "'%s' is neither a number nor a distribution; %s",
                  quoted,
                  config_suggest(quoted, "distributions are ", known, FORMS, hint, sizeof hint));
    return false;
}

/* The numbers between the parentheses, in the key's unit. */
static bool parse_parameters(const struct parser *parser, enum distribution_kind kind,
                             struct span text, struct decimal *out)
{
    struct decimal *list;
    size_t count;
    int wanted = forms[kind].parameters;
    struct span rest = text, part, sigma;
    if (kind == DISTRIBUTION_LOGNORMAL && memchr(text.text, ',', text.length)) {
        struct quantity plain; /* sigma has no unit: it is read apart */
        config_next_part(&rest, &part);
        sigma = config_trim(rest);
        if (!config_parse_quantities(parser, part, parser->key->dimension, &list, &count) ||
            !config_parse_quantity(parser, sigma, DIMENSION_NONE, &plain))
            return false;
        out[0] = list[0];
        out[1] = plain.number;
        return true;
    }
    if (!config_parse_quantities(parser, text, parser->key->dimension, &list, &count))
        return false;
    if (count != (size_t)wanted) {
        config_report(parser->errors, &parser->place,
                      "%zu numbers where there must be %d; write %s", count, wanted,
                      forms[kind].form);
        return false;
    }
    memcpy(out, list, count * sizeof *out);
    return true;
}

/* The values of a choice. */
static bool parse_choice(const struct parser *parser, struct span text, struct distribution *out)
{
    struct decimal *exact;
    if (!config_parse_quantities(parser, text, parser->key->dimension, &exact, &out->count))
        return false;
    double *list = config_alloc(parser->store, out->count, sizeof *list);
    out->list = list;
    for (size_t i = 0; list && i < out->count; i++) {
        char number[48];
        list[i] = decimal_to_double(exact[i]);
        decimal_format(exact[i], number);
        if (!config_check_range(parser, list[i], config_span(number)))
            return false;
    }
    return list != NULL;
}

/* "path" or "path, dataset or column"; the path has no comma. */
static bool parse_file(const struct parser *parser, struct span text, struct value *out)
{
    struct span rest = text, part;
    config_next_part(&rest, &part);
    struct span path = config_trim(part);
    bool more = rest.text != NULL;
    struct span name = more ? config_trim(rest) : rest;
    if (path.length == 0 || (more && name.length == 0))
        return complain(parser, "a name is missing; write file(path, dataset) of an HDF5 file, "
                                "file(path, column) of a CSV file, or file(path) if it has one");
    out->number.kind = DISTRIBUTION_FILE;
    out->text = config_copy(parser->store, path.text, path.length);
    out->part = more ? config_copy(parser->store, name.text, name.length) : NULL;
    return !parser->store->failed;
}

bool config_parse_distribution(const struct parser *parser, struct span text, struct value *out)
{
    enum distribution_kind kind = DISTRIBUTION_CONSTANT;
    if (text.length == 0 || !config_is_name(text.text, 1))
        return config_parse_number(parser, text, out);
    const char *open = memchr(text.text, '(', text.length);
    struct span name =
        config_trim((struct span){text.text, open ? (size_t)(open - text.text) : text.length});
    if (!find_form(name, &kind))
        return complain_form(parser, name);
    if (!open || text.text[text.length - 1] != ')') {
        config_report(parser->errors, &parser->place,
                      "the parentheses are not closed, or something stands behind them; write %s",
                      forms[kind].form);
        return false;
    }
    struct span inner = {open + 1, text.length - (size_t)(open - text.text) - 2};
    if (kind == DISTRIBUTION_FILE)
        return parse_file(parser, inner, out);
    struct decimal exact[4];
    if (kind == DISTRIBUTION_CHOICE) {
        out->number.kind = kind;
        return parse_choice(parser, inner, &out->number);
    }
    if (!parse_parameters(parser, kind, inner, exact))
        return false;
    out->number.kind = kind;
    for (int i = 0; i < forms[kind].parameters; i++)
        out->number.parameter[i] = decimal_to_double(exact[i]);
    return check_parameters(parser, kind, out->number.parameter, text);
}
