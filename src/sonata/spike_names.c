/* Names come from a SONATA file's groups, or from the column population of a CSV file. */
#include "sonata/spike_names.h"

#include "io/csv.h"
#include "io/hdf5_input.h"
#include "sonata/raster_reader.h"

#include <stdlib.h>
#include <string.h>

enum { NAMES_MOST = 1000 }; /* in a CSV file: more are numbers, or something else */

static bool add_name(struct spike_names *names, const char *text, size_t length)
{
    char **grown = realloc(names->name, (names->count + 1) * sizeof *grown);
    char *copy = strndup(text, length);
    if (grown)
        names->name = grown;
    if (!grown || !copy) {
        free(copy);
        return false;
    }
    grown[names->count++] = copy;
    return true;
}

static bool is_known(const struct spike_names *names, const char *text, size_t length)
{
    /* The last one is the likeliest. */
    for (size_t i = names->count; i-- > 0;)
        if (strncmp(names->name[i], text, length) == 0 && !names->name[i][length])
            return true;
    return false;
}

static enum status read_sonata(struct spike_names *names, const char *path, struct error *err)
{
    struct raster_reader *reader;
    size_t count;
    enum status status = raster_open(&reader, path, err);
    if (status)
        return status;
    const struct raster_population *list = raster_populations(reader, &count);
    names->unnamed = count == 1 && list[0].unnamed;
    for (size_t i = 0; i < count && !status && !names->unnamed; i++)
        status = add_name(names, list[i].name, strlen(list[i].name))
                     ? STATUS_OK
                     : error_no_memory(err, "for the names of populations");
    raster_close(reader);
    return status;
}

static enum status read_lines(struct spike_names *names, struct csv *csv, size_t column,
                              struct error *err)
{
    bool more = true;
    enum status status = csv_next(csv, &more, err);
    while (!status && more) {
        size_t length;
        const char *text = csv_text(csv, column, &length);
        if (!is_known(names, text, length)) {
            if (names->count == NAMES_MOST)
                return csv_refuse(csv, column, err, "is the 1001st population; 1000 are the most");
            if (!add_name(names, text, length))
                return error_no_memory(err, "for the names of populations");
        }
        status = csv_next(csv, &more, err);
    }
    return status;
}

static enum status read_csv(struct spike_names *names, const char *path, struct error *err)
{
    struct csv *csv;
    size_t column;
    enum status status = csv_open(&csv, path, err);
    if (status)
        return status;
    names->unnamed = csv_find(csv, "population", &column, NULL) != STATUS_OK;
    if (!names->unnamed)
        status = read_lines(names, csv, column, err);
    csv_close(csv);
    return status;
}

enum status spike_names_read(struct spike_names *names, const char *path, struct error *err)
{
    *names = (struct spike_names){0};
    enum status status = hdf5_input_readable(path, err);
    if (status)
        return status;
    return hdf5_input_is_hdf5(path) ? read_sonata(names, path, err) : read_csv(names, path, err);
}

void spike_names_free(struct spike_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->name[i]);
    free(names->name);
    *names = (struct spike_names){0};
}
