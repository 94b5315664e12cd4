#include "sonata/raster_reader.h"

#include "io/hdf5_help.h"
#include "io/hdf5_input.h"
#include "io/hdf5_open.h"
#include "io/hdf5_text.h"
#include "io/hdf5_unpack.h"
#include "sonata/file_column.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct columns {
    struct file_column node_ids, timestamps;
};

struct raster_reader {
    char *path;
    hid_t file;
    size_t count;
    struct raster_population *population;
    struct columns *columns;
    struct hdf5_unpacker *unpacker; /* NULL: HDF5 unpacks */
};

static enum status out_of_memory(struct error *err)
{
    return error_no_memory(err, NULL);
}

/* Does an enumeration attribute hold the member by_time? */
static bool holds_by_time(hid_t attribute, hid_t type)
{
    unsigned char value[16], by_time[16];
    size_t size = H5Tget_size(type);
    return H5Tget_class(type) == H5T_ENUM && size > 0 && size <= sizeof value &&
           H5Tenum_valueof(type, "by_time", by_time) >= 0 && H5Aread(attribute, type, value) >= 0 &&
           memcmp(value, by_time, size) == 0;
}

static bool claims_time_order(hid_t group)
{
    hid_t attribute = hdf5_open_attribute(group, ".", "sorting");
    hid_t type = H5Aget_type(attribute);
    hid_t space = H5Aget_space(attribute);
    bool sorted = attribute >= 0 && H5Sget_simple_extent_npoints(space) == 1 &&
                  holds_by_time(attribute, type);
    H5Sclose(space);
    H5Tclose(type);
    H5Aclose(attribute);
    return sorted;
}

/* Times in seconds, taken for milliseconds, would be wrong in silence. */
static enum status check_units(const struct raster_reader *reader, size_t index, struct error *err)
{
    static const char *const good[] = {"", "ms", "msec", "millisecond", "milliseconds"};
    char *units;
    bool known = false;
    enum status status = hdf5_text_of_attribute(reader->columns[index].timestamps.dataset, ".",
                                                "units", &units, err);
    for (size_t n = units ? strlen(units) : 0; n > 0 && units[n - 1] == ' '; n--)
        units[n - 1] = '\0';
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        known = known || !units || strcmp(units, good[i]) == 0;
    if (!status && !known)
        status = error_set(
            err, STATUS_OUTPUT,
            "cannot read %s: %s/timestamps has units = '%s', where times in ms are wanted",
            reader->path, reader->population[index].path, units);
    free(units);
    return status;
}

/* Opens the ids by their name, or the one of older files. A file with both is read by the present
 * one, unless they cannot be the same. */
static enum status open_ids(struct raster_reader *reader, hid_t group, size_t index,
                            struct error *err)
{
    struct file_column *ids = &reader->columns[index].node_ids;
    bool named = H5Lexists(group, "node_ids", H5P_DEFAULT) > 0;
    struct file_column older = file_column_open(group, "gids", COLUMN_INTEGERS);
    *ids = named ? file_column_open(group, "node_ids", COLUMN_INTEGERS) : older;
    bool differ = named && ids->dataset >= 0 && older.dataset >= 0 && older.rows != ids->rows;
    if (named)
        file_column_close(&older);
    return differ
               ? error_set(err, STATUS_OUTPUT,
                           "cannot read %s: %s has both node_ids and gids, of different lengths; "
                           "leave the right one",
                           reader->path, reader->population[index].path)
               : STATUS_OK;
}

static enum status open_columns(struct raster_reader *reader, hid_t group, size_t index,
                                struct error *err)
{
    struct raster_population *population = &reader->population[index];
    struct columns *columns = &reader->columns[index];
    columns->timestamps = file_column_open(group, "timestamps", COLUMN_NUMBERS);
    enum status status = open_ids(reader, group, index, err);
    if (status)
        return status;
    if (columns->node_ids.dataset < 0 || columns->timestamps.dataset < 0)
        return error_set(err, STATUS_OUTPUT,
                         "cannot read %s: %s needs node_ids or gids (a list of integers) and "
                         "timestamps (a list of numbers), both in the file itself",
                         reader->path, population->path);
    population->rows = columns->node_ids.rows;
    population->sorted_by_time = claims_time_order(group);
    if (columns->timestamps.rows != population->rows)
        return error_set(err, STATUS_OUTPUT, "cannot read %s: %s has %llu ids but %llu timestamps",
                         reader->path, population->path, (unsigned long long)population->rows,
                         (unsigned long long)columns->timestamps.rows);
    return check_units(reader, index, err);
}

/* A population that is told; takes name over, which may be NULL for want of memory. */
static enum status add_population(struct raster_reader *reader, char *name, bool unnamed,
                                  struct error *err)
{
    static const char parent[] = "/spikes";
    struct raster_population *population = &reader->population[reader->count];
    size_t room = name ? sizeof parent + strlen(name) + 1 : 0;
    char *path = malloc(room + 1);
    if (!name || !path) {
        free(name);
        free(path);
        return out_of_memory(err);
    }
    snprintf(path, room, unnamed ? "%s" : "%s/%s", parent, name);
    *population = (struct raster_population){.name = name, .unnamed = unnamed, .path = path};
    reader->count++;
    return STATUS_OK;
}

static enum status open_population(struct raster_reader *reader, hid_t spikes, size_t index,
                                   struct error *err)
{
    char *name;
    enum status status = file_column_child(spikes, index, reader->path, &name, err);
    if (!status)
        status = add_population(reader, name, false, err);
    if (status)
        return status;
    hid_t group = hdf5_input_is_own(spikes, name) ? hdf5_open_group(spikes, name) : -1;
    if (group < 0)
        return error_set(err, STATUS_OUTPUT,
                         "cannot read %s: %s is no population group of the file itself",
                         reader->path, reader->population[index].path);
    status = open_columns(reader, group, index, err);
    H5Gclose(group);
    return status;
}

static bool is_dataset(hid_t group, const char *name)
{
    hid_t dataset = hdf5_input_is_own(group, name) ? hdf5_open_dataset(group, name, H5P_DEFAULT)
                                                   : H5I_INVALID_HID;
    H5Dclose(dataset);
    return dataset >= 0;
}

/* The lists of the only population lie in /spikes itself, with nothing beside that would be left
 * out in silence. */
static enum status open_older_layout(struct raster_reader *reader, hid_t spikes, size_t children,
                                     struct error *err)
{
    enum status status = add_population(reader, strdup("(unnamed)"), true, err);
    if (!status)
        status = open_columns(reader, spikes, 0, err);
    for (size_t i = 0; i < children && !status; i++) {
        char *name = NULL;
        status = file_column_child(spikes, i, reader->path, &name, err);
        if (!status && !is_dataset(spikes, name))
            status = error_set(err, STATUS_OUTPUT,
                               "cannot read %s: /spikes has lists of spikes of its own, as older "
                               "files have, and beside them %.200s, which is none",
                               reader->path, name);
        free(name);
    }
    return status;
}

static enum status open_populations(struct raster_reader *reader, hid_t spikes, struct error *err)
{
    H5G_info_t info;
    if (H5Gget_info(spikes, &info) < 0)
        return hdf5_failed(err, "cannot read %s", reader->path);
    size_t count = info.nlinks;
    reader->population = calloc(count + 1, sizeof *reader->population);
    reader->columns = malloc((count + 1) * sizeof *reader->columns);
    if (!reader->population || !reader->columns)
        return out_of_memory(err);
    for (size_t i = 0; i < count; i++)
        reader->columns[i].node_ids.dataset = reader->columns[i].timestamps.dataset =
            H5I_INVALID_HID;
    if (is_dataset(spikes, "timestamps") || is_dataset(spikes, "gids") ||
        is_dataset(spikes, "node_ids"))
        return open_older_layout(reader, spikes, count, err);
    enum status status = STATUS_OK;
    for (size_t i = 0; i < count && !status; i++)
        status = open_population(reader, spikes, i, err);
    return status;
}

/* What else of ours the file is, for a message. */
static const char *other_kind(const struct raster_reader *reader)
{
    if (hdf5_input_is_own(reader->file, "/report"))
        return ", but /report: the traces of a run, whose spikes lie beside it; megalif plot shows "
               "them";
    if (hdf5_input_is_own(reader->file, "/table"))
        return ", but /table: the results of a sweep; the table.csv beside it can be read and "
               "plotted";
    return "";
}

static enum status open_spikes(struct raster_reader *reader, struct error *err)
{
    hid_t spikes = H5I_INVALID_HID;
    if (hdf5_input_is_own(reader->file, "/spikes"))
        spikes = hdf5_open_group(reader->file, "/spikes");
    if (spikes < 0)
        return error_set(err, STATUS_OUTPUT,
                         "cannot read %s: it is no SONATA spike file (there is no group /spikes%s)",
                         reader->path, other_kind(reader));
    enum status status = open_populations(reader, spikes, err);
    H5Gclose(spikes);
    return status;
}

enum status raster_open(struct raster_reader **out, const char *path, struct error *err)
{
    *out = NULL;
    struct raster_reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return out_of_memory(err);
    reader->file = H5I_INVALID_HID;
    reader->path = strdup(path);
    reader->unpacker = hdf5_unpacker_create();
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    enum status status =
        reader->path ? hdf5_input_file(reader->path,
                                       "a SONATA spike file (megalif convert makes one of CSV)",
                                       &reader->file, err)
                     : out_of_memory(err);
    if (!status)
        status = open_spikes(reader, err);
    hdf5_quiet_end(quiet);
    if (status)
        raster_close(reader);
    else
        *out = reader;
    return status;
}

void raster_close(struct raster_reader *reader)
{
    if (!reader)
        return;
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    for (size_t i = 0; i < reader->count; i++) {
        free(reader->population[i].name);
        free(reader->population[i].path);
        file_column_close(&reader->columns[i].node_ids);
        file_column_close(&reader->columns[i].timestamps);
    }
    if (reader->file >= 0)
        H5Fclose(reader->file);
    hdf5_quiet_end(quiet);
    free(reader->population);
    free(reader->columns);
    hdf5_unpacker_destroy(reader->unpacker);
    free(reader->path);
    free(reader);
}

const struct raster_population *raster_populations(const struct raster_reader *reader,
                                                   size_t *count)
{
    *count = reader->count;
    return reader->population;
}

static enum status read_failed(const struct raster_reader *reader, size_t population,
                               const struct file_column *column, struct error *err)
{
    return hdf5_input_failed(err, column->dataset, "cannot read %s of %s",
                             reader->population[population].path, reader->path);
}

static enum status check_ids(const struct raster_reader *reader, size_t population, uint64_t first,
                             size_t rows, const uint64_t *node_ids, struct error *err)
{
    for (size_t i = 0; i < rows; i++)
        if (node_ids[i] > INT64_MAX)
            return error_set(err, STATUS_OUTPUT, "%s: row %llu of %s: the id is negative (%lld)",
                             reader->path, (unsigned long long)(first + i),
                             reader->population[population].path, (long long)node_ids[i]);
    return STATUS_OK;
}

static herr_t read_ids(const struct raster_reader *reader, const struct file_column *column,
                       uint64_t first, size_t rows, uint64_t *ids)
{
    hid_t type = column->is_signed ? H5T_NATIVE_INT64 : H5T_NATIVE_UINT64;
    return reader->unpacker &&
                   hdf5_unpack(reader->unpacker, column->dataset, type, first, rows, ids)
               ? 0
               : file_column_whole(column, first, rows, ids);
}

static herr_t read_times(const struct raster_reader *reader, const struct file_column *column,
                         uint64_t first, size_t rows, double *times)
{
    return reader->unpacker && hdf5_unpack(reader->unpacker, column->dataset, H5T_NATIVE_DOUBLE,
                                           first, rows, times)
               ? 0
               : file_column_double(column, first, rows, times);
}

enum status raster_read(struct raster_reader *reader, size_t population, uint64_t first,
                        size_t rows, uint64_t *node_ids, double *timestamps, struct error *err)
{
    const struct raster_population *source = &reader->population[population];
    const struct columns *columns = &reader->columns[population];
    if (first > source->rows || rows > source->rows - first)
        return error_set(err, STATUS_OUTPUT,
                         "cannot read %s: rows %llu to %llu of %s, which has %llu", reader->path,
                         (unsigned long long)first, (unsigned long long)(first + rows),
                         source->path, (unsigned long long)source->rows);
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    enum status status = STATUS_OK;
    if (node_ids && read_ids(reader, &columns->node_ids, first, rows, node_ids) < 0)
        status = read_failed(reader, population, &columns->node_ids, err);
    if (node_ids && columns->node_ids.is_signed && !status)
        status = check_ids(reader, population, first, rows, node_ids, err);
    if (timestamps && !status &&
        read_times(reader, &columns->timestamps, first, rows, timestamps) < 0)
        status = read_failed(reader, population, &columns->timestamps, err);
    hdf5_quiet_end(quiet);
    return status;
}

const char *raster_reader_path(const struct raster_reader *reader)
{
    return reader->path;
}

hid_t raster_reader_file(const struct raster_reader *reader)
{
    return reader->file;
}
