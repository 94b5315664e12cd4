#include "sonata/file_column.h"

#include "io/hdf5_help.h"
#include "io/hdf5_input.h"
#include "io/hdf5_open.h"

#include <stdlib.h>

/* Enough for one chunk of 16 MiB, so that reading on in small pieces unpacks each chunk once. */
enum { CACHE_BYTES = 16 << 20, CACHE_SLOTS = 521 };

static bool is_list(hid_t dataset, enum file_column_kind kind)
{
    hid_t space = H5Dget_space(dataset);
    hid_t type = H5Dget_type(dataset);
    H5T_class_t class = H5Tget_class(type);
    bool good = H5Sget_simple_extent_ndims(space) == 1 &&
                (class == H5T_INTEGER || (kind == COLUMN_NUMBERS && class == H5T_FLOAT));
    H5Tclose(type);
    H5Sclose(space);
    return good;
}

static bool is_signed(hid_t dataset)
{
    hid_t type = H5Dget_type(dataset);
    bool is = H5Tget_sign(type) == H5T_SGN_2;
    H5Tclose(type);
    return is;
}

static uint64_t length_of(hid_t dataset)
{
    hid_t space = H5Dget_space(dataset);
    hssize_t points = H5Sget_simple_extent_npoints(space);
    H5Sclose(space);
    return points < 0 ? 0 : (uint64_t)points;
}

struct file_column file_column_open(hid_t group, const char *name, enum file_column_kind kind)
{
    struct file_column column = {H5I_INVALID_HID, 0, false};
    if (!hdf5_input_is_own(group, name))
        return column;
    hid_t access = H5Pcreate(H5P_DATASET_ACCESS);
    H5Pset_chunk_cache(access, CACHE_SLOTS, CACHE_BYTES, H5D_CHUNK_CACHE_W0_DEFAULT);
    hid_t dataset = hdf5_open_dataset(group, name, access);
    H5Pclose(access);
    if (dataset >= 0 && hdf5_input_has_data(dataset) && is_list(dataset, kind))
        return (struct file_column){dataset, length_of(dataset), is_signed(dataset)};
    H5Dclose(dataset);
    return column;
}

void file_column_close(struct file_column *column)
{
    H5Dclose(column->dataset);
    column->dataset = H5I_INVALID_HID;
}

enum status file_column_child(hid_t group, hsize_t index, const char *path, char **name,
                              struct error *err)
{
    *name = NULL;
    ssize_t length =
        H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, index, NULL, 0, H5P_DEFAULT);
    if (length < 0)
        return hdf5_failed(err, "cannot read %s", path);
    *name = calloc((size_t)length + 1, 1);
    if (!*name)
        return error_no_memory(err, NULL);
    H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, index, *name, (size_t)length + 1,
                       H5P_DEFAULT);
    return STATUS_OK;
}

static herr_t read_rows(const struct file_column *column, hid_t type, uint64_t first, size_t rows,
                        void *values)
{
    const hsize_t start = first, length = rows;
    hid_t memory = H5Screate_simple(1, &length, NULL);
    herr_t result = hdf5_read_box(column->dataset, type, memory, &start, &length, values);
    H5Sclose(memory);
    return result;
}

/* HDF5 would make a 0 of a negative number in silence, so it is read as what it is. */
herr_t file_column_whole(const struct file_column *column, uint64_t first, size_t rows,
                         uint64_t *values)
{
    return read_rows(column, column->is_signed ? H5T_NATIVE_INT64 : H5T_NATIVE_UINT64, first, rows,
                     values);
}

herr_t file_column_double(const struct file_column *column, uint64_t first, size_t rows,
                          double *values)
{
    return read_rows(column, H5T_NATIVE_DOUBLE, first, rows, values);
}
