#include "sonata/edge_types.h"

#include "io/csv.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Where the values stand. */
struct places {
    size_t id;
    struct csv_column weight, delay, synapses;
};

static enum status find_all(const struct csv *csv, struct places *places, struct error *err)
{
    enum status status = csv_find(csv, "edge_type_id", &places->id, err);
    if (!status)
        status = csv_find_optional(csv, "syn_weight", &places->weight, err);
    if (!status)
        status = csv_find_optional(csv, "delay", &places->delay, err);
    if (!status)
        status = csv_find_optional(csv, "nsyns", &places->synapses, err);
    return status;
}

/* Tables that were put together from several have NULL, nan or nothing where a type has no value.
 */
static bool is_missing(const char *text, size_t length)
{
    static const char *const words[] = {"", "NULL", "None", "nan", "NA"};
    bool missing = false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        missing =
            missing || (strlen(words[i]) == length && strncasecmp(text, words[i], length) == 0);
    return missing;
}

static enum status read_value(const struct csv *csv, struct csv_column place, double *value,
                              struct error *err)
{
    size_t length;
    *value = NAN;
    if (!place.there)
        return STATUS_OK;
    const char *text = csv_text(csv, place.column, &length);
    return is_missing(text, length) ? STATUS_OK : csv_number(csv, place.column, value, err);
}

static enum status read_type(const struct csv *csv, const struct places *places,
                             struct edge_type *type, struct error *err)
{
    enum status status = csv_whole(csv, places->id, &type->id, err);
    if (!status)
        status = read_value(csv, places->weight, &type->weight, err);
    if (!status)
        status = read_value(csv, places->delay, &type->delay, err);
    if (!status)
        status = read_value(csv, places->synapses, &type->synapses, err);
    return status;
}

/* Puts a type where it belongs. */
static enum status add(struct edge_types *types, const struct csv *csv, size_t id_column,
                       struct edge_type type, struct error *err)
{
    if (edge_types_find(types, type.id))
        return csv_refuse(csv, id_column, err, "is there twice");
    if ((types->count & (types->count - 1)) == 0) { /* full: powers of two */
        size_t room = types->count ? 2 * types->count : 1;
        struct edge_type *more = realloc(types->type, room * sizeof *more);
        if (!more)
            return error_no_memory(err, "for edge types");
        types->type = more;
    }
    size_t place = types->count++;
    for (; place > 0 && types->type[place - 1].id > type.id; place--)
        types->type[place] = types->type[place - 1];
    types->type[place] = type;
    return STATUS_OK;
}

enum status edge_types_read(struct edge_types *types, const char *path, struct error *err)
{
    struct csv *csv;
    struct places places;
    bool more = true;
    *types = (struct edge_types){NULL, 0};
    enum status status = csv_open(&csv, path, err);
    if (!status)
        status = find_all(csv, &places, err);
    while (!status && !(status = csv_next(csv, &more, err)) && more) {
        struct edge_type type;
        status = read_type(csv, &places, &type, err);
        if (!status)
            status = add(types, csv, places.id, type, err);
    }
    csv_close(csv);
    return status;
}

void edge_types_free(struct edge_types *types)
{
    free(types->type);
    *types = (struct edge_types){NULL, 0};
}

static int compare(const void *id, const void *type)
{
    uint64_t a = *(const uint64_t *)id, b = ((const struct edge_type *)type)->id;
    return a < b ? -1 : a > b;
}

const struct edge_type *edge_types_find(const struct edge_types *types, uint64_t id)
{
    return types->count == 0
               ? NULL
               : bsearch(&id, types->type, types->count, sizeof *types->type, compare);
}
