#include "sonata/report_segment.h"

#include "io/hdf5_help.h"
#include "sonata/report_checksum.h"
#include "sonata/segment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A segment on its way through check or copy. */
struct reading {
    const char *path;
    const struct report_segment *segment;
    struct report_writer *to; /* NULL: it is only checked */
    hid_t file;
};

/* Has the dataset the rows it should have, in chunks like ours? *piece: the rows of a chunk. */
static bool check_data(const struct reading *r, hid_t data, uint64_t count, uint64_t *piece)
{
    hsize_t extent[2] = {0, 0}, chunk[2] = {0, 0};
    hid_t layout = H5Dget_create_plist(data), space = H5Dget_space(data);
    bool good = layout >= 0 && space >= 0 && H5Sget_simple_extent_ndims(space) == 2 &&
                H5Sget_simple_extent_dims(space, extent, NULL) == 2 &&
                extent[0] == r->segment->rows && extent[1] == count &&
                H5Pget_layout(layout) == H5D_CHUNKED && H5Pget_chunk(layout, 2, chunk) == 2 &&
                chunk[0] >= 1 && chunk[0] <= report_rows_fit(count);
    *piece = chunk[0];
    H5Pclose(layout);
    H5Sclose(space);
    return good;
}

static herr_t read_rows(hid_t data, uint64_t first, uint64_t rows, uint64_t count, float *values)
{
    const hsize_t start[2] = {first, 0}, size[2] = {rows, count};
    hid_t memory = H5Screate_simple(2, size, NULL), space = H5Dget_space(data);
    herr_t done = H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, size, NULL);
    if (done >= 0)
        done = H5Dread(data, H5T_NATIVE_FLOAT, memory, space, H5P_DEFAULT, values);
    H5Sclose(memory);
    H5Sclose(space);
    return done;
}

/* Goes through a dataset chunk by chunk. */
static enum status read_data(const struct reading *r, size_t population, uint64_t count, hid_t data,
                             uint64_t *checksum, struct error *err)
{
    uint64_t piece;
    if (data < 0 || !check_data(r, data, count, &piece))
        return segment_altered(r->path, "its rows are others", err);
    float *values = malloc(piece * count * sizeof *values);
    enum status status = values ? STATUS_OK : error_no_memory(err, "to read %s", r->path);
    for (uint64_t first = 0; !status && first < r->segment->rows; first += piece) {
        uint64_t left = r->segment->rows - first, rows = left < piece ? left : piece;
        if (read_rows(data, first, rows, count, values) < 0)
            status = hdf5_failed(err, "cannot read %s", r->path);
        else if (r->to)
            status = report_append_floats(r->to, population, rows, values, err);
        if (!status)
            *checksum = report_piece_checksum(*checksum, values, rows, count);
    }
    free(values);
    return status;
}

/* A population of no neurons has rows of no values. */
static enum status read_population(const struct reading *r, size_t i,
                                   const struct report_population *population, uint64_t *sum,
                                   struct error *err)
{
    char path[128];
    uint64_t checksum = 0;
    enum status status = STATUS_OK;
    snprintf(path, sizeof path, "/report/%s/data", population->name);
    if (population->count > 0) {
        hid_t data = H5Dopen2(r->file, path, H5P_DEFAULT);
        status = read_data(r, i, population->count, data, &checksum, err);
        H5Dclose(data);
    } else if (r->to) {
        status = report_append_floats(r->to, i, r->segment->rows, NULL, err);
    }
    *sum += report_population_checksum(fnv1a64(population->name), checksum);
    return status;
}

static enum status read_file(struct reading *r, const struct report_population *population,
                             size_t population_count, struct error *err)
{
    uint64_t sum = 0;
    enum status status = segment_check_size(r->path, r->segment->bytes, err);
    if (status)
        return status;
    r->file = H5Fopen(r->path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (r->file < 0)
        return segment_altered(r->path, "it is no HDF5 file", err);
    for (size_t i = 0; !status && i < population_count; i++)
        status = read_population(r, i, &population[i], &sum, err);
    H5Fclose(r->file);
    if (!status && sum != r->segment->checksum)
        status = segment_altered(r->path, "its checksum is another", err);
    return status;
}

enum status report_read_segment(struct report_writer *writer, const char *path,
                                const struct report_population *population, size_t population_count,
                                const struct report_segment *segment, struct error *err)
{
    struct reading r = {.path = path, .segment = segment, .to = writer};
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    enum status status = read_file(&r, population, population_count, err);
    hdf5_quiet_end(quiet);
    return status;
}
