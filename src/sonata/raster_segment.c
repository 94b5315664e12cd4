#include "sonata/raster_segment.h"

#include "io/chunk_codec.h"
#include "io/hdf5_help.h"
#include "sonata/raster_checksum.h"
#include "sonata/segment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A segment on its way through check or copy. */
struct reading {
    const char *path;
    const char *const *population;
    size_t population_count;
    const struct raster_segment *segment;
    struct raster_file *to; /* NULL: it is only checked */
    bool deflate;           /* its chunks are packed */
    struct chunk_codec *codec;
    hid_t file;
    hid_t column[RASTER_COLUMNS]; /* of the present population */
    bool deflated;                /* they are */
    void *stored[RASTER_COLUMNS]; /* one chunk as it lies there */
    void *plain;                  /* one column of a chunk, unpacked */
    size_t room;                  /* bytes of each */
};

/* Does the column have chunks of our size, and enough of them? Sets r->deflated. */
static bool check_column(struct reading *r, hid_t column, uint64_t chunks)
{
    hsize_t rows = 0, extent = 0;
    hid_t layout = H5Dget_create_plist(column), space = H5Dget_space(column);
    bool good = layout >= 0 && space >= 0 && H5Sget_simple_extent_ndims(space) == 1 &&
                H5Sget_simple_extent_dims(space, &extent, NULL) == 1 &&
                extent / RASTER_CHUNK_ROWS >= chunks && H5Pget_layout(layout) == H5D_CHUNKED &&
                H5Pget_chunk(layout, 1, &rows) == 1 && rows == RASTER_CHUNK_ROWS;
    r->deflated = good && H5Pget_nfilters(layout) > 0;
    H5Pclose(layout);
    H5Sclose(space);
    return good;
}

static enum status open_columns(struct reading *r, const char *population, uint64_t chunks,
                                struct error *err)
{
    static const char *const name[RASTER_COLUMNS] = {"node_ids", "timestamps"};
    for (int i = 0; i < RASTER_COLUMNS; i++) {
        char path[128];
        snprintf(path, sizeof path, "/spikes/%s/%s", population, name[i]);
        r->column[i] = H5Dopen2(r->file, path, H5P_DEFAULT);
        if (r->column[i] < 0 || !check_column(r, r->column[i], chunks))
            return segment_altered(r->path, path, err);
    }
    return STATUS_OK;
}

static enum status read_stored(const struct reading *r, int column, uint64_t chunk, size_t *size,
                               struct error *err)
{
    const hsize_t offset = chunk * RASTER_CHUNK_ROWS;
    hsize_t stored = 0;
    uint32_t mask = 0;
    if (H5Dget_chunk_storage_size(r->column[column], &offset, &stored) < 0 || stored == 0 ||
        stored > r->room)
        return segment_altered(r->path, "a chunk is missing", err);
    if (H5Dread_chunk(r->column[column], H5P_DEFAULT, &offset, &mask, r->stored[column]) < 0)
        return hdf5_failed(err, "cannot read %s", r->path);
    *size = (size_t)stored;
    return mask == 0 ? STATUS_OK : segment_altered(r->path, "a chunk is not as it was", err);
}

/* Unpacks a chunk, and packs it if the new file wants it so. */
static enum status convert(const struct reading *r, int column, uint64_t chunk, size_t *size,
                           struct error *err)
{
    const hsize_t start = chunk * RASTER_CHUNK_ROWS, rows = RASTER_CHUNK_ROWS;
    hid_t memory = H5Screate_simple(1, &rows, NULL), space = H5Dget_space(r->column[column]);
    hid_t type = column == RASTER_NODE_IDS ? H5T_NATIVE_UINT64 : H5T_NATIVE_DOUBLE;
    const void *packed = r->plain;
    if (H5Sselect_hyperslab(space, H5S_SELECT_SET, &start, NULL, &rows, NULL) < 0 ||
        H5Dread(r->column[column], type, memory, space, H5P_DEFAULT, r->plain) < 0)
        return hdf5_failed(err, "cannot read %s", r->path);
    H5Sclose(memory);
    H5Sclose(space);
    *size = rows * sizeof(uint64_t);
    if (r->codec)
        *size = chunk_codec_pack(r->codec, r->plain, &packed);
    memcpy(r->stored[column], packed, *size);
    return STATUS_OK;
}

static enum status read_chunk(struct reading *r, size_t population, uint64_t chunk,
                              uint64_t checksum[RASTER_COLUMNS], struct error *err)
{
    struct raster_column column[RASTER_COLUMNS];
    enum status status = STATUS_OK;
    for (int i = 0; !status && i < RASTER_COLUMNS; i++) {
        size_t size = 0;
        status = read_stored(r, i, chunk, &size, err);
        if (!status)
            checksum[i] = raster_chunk_checksum(checksum[i], r->stored[i], size);
        if (!status && r->to && r->deflated != r->deflate)
            status = convert(r, i, chunk, &size, err);
        column[i] = (struct raster_column){r->stored[i], size};
    }
    if (!status && r->to)
        status = raster_file_append(r->to, population, column, RASTER_CHUNK_ROWS, err);
    return status;
}

static enum status read_population(struct reading *r, size_t i, uint64_t *sum, struct error *err)
{
    uint64_t checksum[RASTER_COLUMNS] = {0, 0}, chunks = r->segment->chunks[i];
    enum status status = open_columns(r, r->population[i], chunks, err);
    for (uint64_t chunk = 0; !status && chunk < chunks; chunk++)
        status = read_chunk(r, i, chunk, checksum, err);
    for (int column = 0; column < RASTER_COLUMNS; column++)
        H5Dclose(r->column[column]);
    *sum += raster_column_checksums(r->population[i], checksum);
    return status;
}

static enum status read_file(struct reading *r, struct error *err)
{
    uint64_t sum = 0;
    enum status status = segment_check_size(r->path, r->segment->bytes, err);
    if (status)
        return status;
    r->file = H5Fopen(r->path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (r->file < 0)
        return segment_altered(r->path, "it is no HDF5 file", err);
    for (size_t i = 0; !status && i < r->population_count; i++) {
        r->column[RASTER_NODE_IDS] = r->column[RASTER_TIMESTAMPS] = H5I_INVALID_HID;
        status = read_population(r, i, &sum, err);
    }
    H5Fclose(r->file);
    if (!status && sum != r->segment->checksum)
        status = segment_altered(r->path, "its checksum is another", err);
    return status;
}

static enum status read_segment(struct reading *r, struct error *err)
{
    enum status status = STATUS_OK;
    r->room = chunk_codec_bound(RASTER_CHUNK_ROWS);
    r->plain = malloc(r->room);
    for (int i = 0; i < RASTER_COLUMNS; i++)
        r->stored[i] = malloc(r->room);
    if (r->deflate)
        r->codec = chunk_codec_create(RASTER_CHUNK_ROWS);
    if (!r->plain || !r->stored[0] || !r->stored[1] || (r->deflate && !r->codec))
        status = error_no_memory(err, "to read %s", r->path);
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    if (!status)
        status = read_file(r, err);
    hdf5_quiet_end(quiet);
    chunk_codec_destroy(r->codec);
    free(r->plain);
    for (int i = 0; i < RASTER_COLUMNS; i++)
        free(r->stored[i]);
    return status;
}

enum status raster_check_segment(const char *path, const char *const *population,
                                 size_t population_count, const struct raster_segment *segment,
                                 struct error *err)
{
    struct reading r = {.path = path,
                        .population = population,
                        .population_count = population_count,
                        .segment = segment};
    return read_segment(&r, err);
}

enum status raster_copy_segment(struct raster_file *to, const struct raster_settings *settings,
                                const char *path, const struct raster_segment *segment,
                                struct error *err)
{
    struct reading r = {.path = path,
                        .population = settings->population,
                        .population_count = settings->population_count,
                        .segment = segment,
                        .to = to,
                        .deflate = settings->deflate};
    return read_segment(&r, err);
}
