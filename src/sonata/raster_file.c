/* The layout of a spike file, chunk by chunk: see docs/format.md. */
#include "sonata/raster_file.h"

#include "io/hdf5_help.h"
#include "sonata/output_file.h"
#include "sonata/raster_checksum.h"

#include <stdio.h>
#include <stdlib.h>

struct population {
    const char *name;
    hid_t column[RASTER_COLUMNS];
    uint64_t rows;
    uint64_t checksum[RASTER_COLUMNS]; /* of the whole chunks so far */
};

struct raster_file {
    struct output_file *output;
    size_t population_count;
    struct population *population;
    uint64_t rows;
    uint64_t stored_bytes;
    bool checked; /* checksums are kept */
};

/* What the groups of all populations are made with. */
struct layout {
    hid_t sorting;          /* SONATA's enumeration; a number or a string makes libsonata fail */
    hid_t scalar;           /* of one attribute */
    hid_t rows;             /* none yet, and no bound */
    hid_t creation, access; /* of columns */
};

static hid_t sorting_type(void)
{
    static const char *const name[] = {"none", "by_id", "by_time"};
    hid_t type = H5Tenum_create(H5T_NATIVE_UINT8);
    for (uint8_t value = 0; value < 3; value++)
        if (type < 0 || H5Tenum_insert(type, name[value], &value) < 0)
            return H5I_INVALID_HID;
    return type;
}

static hid_t column_creation(bool deflate)
{
    const hsize_t rows = RASTER_CHUNK_ROWS;
    hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    if (list < 0 || H5Pset_chunk(list, 1, &rows) < 0 ||
        H5Pset_fill_time(list, H5D_FILL_TIME_NEVER) < 0 || H5Pset_obj_track_times(list, 0) < 0)
        return H5I_INVALID_HID;
    if (deflate && (H5Pset_shuffle(list) < 0 || H5Pset_deflate(list, 1) < 0))
        return H5I_INVALID_HID;
    return list;
}

/* Whole chunks are written past HDF5's chunk cache: it would only cost memory. */
static hid_t column_access(void)
{
    hid_t list = H5Pcreate(H5P_DATASET_ACCESS);
    return list < 0 || H5Pset_chunk_cache(list, 0, 0, 0) < 0 ? H5I_INVALID_HID : list;
}

static herr_t open_layout(struct layout *layout, bool deflate)
{
    const hsize_t none = 0, unlimited = H5S_UNLIMITED;
    layout->sorting = sorting_type();
    layout->scalar = H5Screate(H5S_SCALAR);
    layout->rows = H5Screate_simple(1, &none, &unlimited);
    layout->creation = column_creation(deflate);
    layout->access = column_access();
    bool failed = layout->sorting < 0 || layout->scalar < 0 || layout->rows < 0 ||
                  layout->creation < 0 || layout->access < 0;
    return failed ? -1 : 0;
}

static herr_t close_layout(const struct layout *layout)
{
    bool failed = H5Pclose(layout->access) < 0 || H5Pclose(layout->creation) < 0 ||
                  H5Sclose(layout->rows) < 0 || H5Sclose(layout->scalar) < 0 ||
                  H5Tclose(layout->sorting) < 0;
    return failed ? -1 : 0;
}

static hid_t create_column(hid_t group, const char *name, hid_t type, const struct layout *layout)
{
    return H5Dcreate2(group, name, type, layout->rows, H5P_DEFAULT, layout->creation,
                      layout->access);
}

static herr_t create_population(hid_t spikes, const char *name, const struct layout *layout,
                                struct population *population)
{
    const uint8_t by_time = 2;
    hid_t group = H5Gcreate2(spikes, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (group < 0 ||
        hdf5_put_attribute(group, "sorting", layout->sorting, layout->scalar, &by_time) < 0)
        return -1;
    hid_t *column = population->column;
    column[RASTER_NODE_IDS] = create_column(group, "node_ids", H5T_NATIVE_UINT64, layout);
    if (column[RASTER_NODE_IDS] < 0)
        return -1;
    column[RASTER_TIMESTAMPS] = create_column(group, "timestamps", H5T_NATIVE_DOUBLE, layout);
    if (column[RASTER_TIMESTAMPS] < 0 ||
        hdf5_put_variable_text(column[RASTER_TIMESTAMPS], "units", "ms") < 0)
        return -1;
    return H5Gclose(group);
}

static herr_t create_populations(struct raster_file *file, const struct raster_settings *settings)
{
    struct layout layout;
    hid_t spikes = H5Gcreate2(file->output->id, "/spikes", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (spikes < 0 || open_layout(&layout, settings->deflate) < 0)
        return -1;
    for (size_t i = 0; i < file->population_count; i++)
        if (create_population(spikes, settings->population[i], &layout, &file->population[i]) < 0)
            return -1;
    return close_layout(&layout) < 0 ? -1 : H5Gclose(spikes);
}

static void free_file(struct raster_file *file)
{
    free(file->population);
    free(file);
}

enum status raster_file_create(struct raster_file **out, const char *path,
                               const struct raster_settings *settings, struct error *err)
{
    *out = NULL;
    struct raster_file *file = calloc(1, sizeof *file);
    if (!file)
        return error_no_memory(err, NULL);
    file->checked = settings->checked || settings->segments;
    file->population_count = settings->population_count;
    file->population = calloc(settings->population_count + 1, sizeof *file->population);
    for (size_t i = 0; file->population && i < settings->population_count; i++)
        file->population[i].name = settings->population[i];
    enum status status = file->population ? output_file_create(&file->output, path, err)
                                          : error_no_memory(err, NULL);
    if (!status && create_populations(file, settings) < 0)
        status = hdf5_failed(err, "cannot create %s", path);
    if (status)
        raster_file_discard(file);
    else
        *out = file;
    return status;
}

/* The extent grows to the exact row before the chunk goes in, so it never has to shrink. */
static herr_t write_column(struct raster_file *file, hid_t dataset, uint64_t first, size_t rows,
                           const struct raster_column *column)
{
    const hsize_t extent = first + rows, offset = first;
    if (H5Dset_extent(dataset, &extent) < 0 ||
        H5Dwrite_chunk(dataset, H5P_DEFAULT, 0, &offset, column->size, column->bytes) < 0)
        return -1;
    file->stored_bytes += column->size;
    return 0;
}

/* How far it came, for messages. */
static void describe(const struct raster_file *file, char text[80])
{
    snprintf(text, 80, "%llu spikes, %.1f MB had been written", (unsigned long long)file->rows,
             (double)file->stored_bytes * 1e-6);
}

static enum status write_failed(const struct raster_file *file, struct error *err)
{
    char progress[80];
    describe(file, progress);
    return output_file_failed(file->output, progress, err);
}

enum status raster_file_append(struct raster_file *file, size_t population,
                               const struct raster_column column[RASTER_COLUMNS], size_t rows,
                               struct error *err)
{
    struct population *target = &file->population[population];
    for (int i = 0; i < RASTER_COLUMNS; i++)
        if (write_column(file, target->column[i], target->rows, rows, &column[i]) < 0)
            return write_failed(file, err);
    for (int i = 0; i < RASTER_COLUMNS && file->checked && rows == RASTER_CHUNK_ROWS; i++)
        target->checksum[i] =
            raster_chunk_checksum(target->checksum[i], column[i].bytes, column[i].size);
    target->rows += rows;
    file->rows += rows;
    return STATUS_OK;
}

uint64_t raster_file_chunks(const struct raster_file *file, uint64_t *chunks)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < file->population_count; i++)
        sum += chunks[i] = file->population[i].rows / RASTER_CHUNK_ROWS;
    return sum;
}

uint64_t raster_file_checksum(const struct raster_file *file)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < file->population_count; i++)
        sum += raster_column_checksums(file->population[i].name, file->population[i].checksum);
    return file->checked ? sum : 0;
}

hid_t raster_file_id(const struct raster_file *file)
{
    return file->output->id;
}

uint64_t raster_file_rows(const struct raster_file *file)
{
    return file->rows;
}

uint64_t raster_file_stored_bytes(const struct raster_file *file)
{
    return file->stored_bytes;
}

static herr_t close_columns(struct raster_file *file)
{
    for (size_t i = 0; i < file->population_count; i++)
        for (int column = 0; column < RASTER_COLUMNS; column++)
            if (H5Dclose(file->population[i].column[column]) < 0)
                return -1;
    return 0;
}

enum status raster_file_close(struct raster_file *file, struct error *err)
{
    char progress[80];
    describe(file, progress);
    if (close_columns(file) < 0) {
        enum status status = output_file_failed(file->output, progress, err);
        raster_file_discard(file);
        return status;
    }
    enum status status = output_file_close(file->output, progress, err);
    free_file(file);
    return status;
}

void raster_file_discard(struct raster_file *file)
{
    if (!file)
        return;
    output_file_discard(file->output);
    free_file(file);
}
