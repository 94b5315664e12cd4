#include "io/number_table.h"

#include "base/decimal.h"
#include "io/csv.h"
#include "io/hdf5_help.h"
#include "io/hdf5_input.h"
#include "io/hdf5_open.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Chunks along one row are unpacked once, not for each row, if they all fit into this. */
enum { CACHE_MOST = 64 << 20, CACHE_LEAST = 1 << 20, CACHE_SLOTS = 10007 };
enum { PIECE = 1 << 17 }; /* numbers read in one call of HDF5: 1 MiB */

struct number_table {
    struct number_table_request request;
    uint64_t rows, columns;
    bool list;
    uint64_t cache_bytes;

    hid_t file, dataset; /* HDF5 */

    struct csv *csv;     /* CSV; else NULL */
    size_t first_column; /* of those that are read */
    uint64_t next_row;   /* that csv_next will give */
};

static enum status refuse(const struct number_table *t, struct error *err, const char *what)
{
    return error_set(err, STATUS_OUTPUT, "cannot read %s: dataset %s %s", t->request.path,
                     t->request.dataset, what);
}

/* ---- HDF5 ---- */

static bool is_numeric(hid_t dataset)
{
    hid_t type = H5Dget_type(dataset);
    H5T_class_t class = H5Tget_class(type);
    H5Tclose(type);
    return class == H5T_INTEGER || class == H5T_FLOAT;
}

static enum status read_shape(struct number_table *t, hid_t dataset, struct error *err)
{
    hsize_t size[2] = {0, 1};
    hid_t space = H5Dget_space(dataset);
    int dimensions = H5Sget_simple_extent_ndims(space);
    if (dimensions == 1 || dimensions == 2)
        H5Sget_simple_extent_dims(space, size, NULL);
    H5Sclose(space);
    t->rows = size[0];
    t->columns = size[1];
    t->list = dimensions == 1;
    return dimensions == 1 || dimensions == 2
               ? STATUS_OK
               : refuse(t, err, "has neither one dimension (steps) nor two (steps x neurons)");
}

/* Room for the chunks that one row touches, as far as that is sensible. */
static uint64_t cache_for(const struct number_table *t, hid_t dataset)
{
    hsize_t chunk[2] = {1, 1};
    hid_t layout = H5Dget_create_plist(dataset), type = H5Dget_type(dataset);
    uint64_t bytes = 0;
    if (H5Pget_layout(layout) == H5D_CHUNKED && H5Pget_chunk(layout, 2, chunk) > 0)
        bytes = (t->columns + chunk[1] - 1) / chunk[1] * chunk[0] * chunk[1] * H5Tget_size(type);
    H5Tclose(type);
    H5Pclose(layout);
    return bytes > CACHE_LEAST && bytes <= CACHE_MOST ? bytes : CACHE_LEAST;
}

static hid_t open_cached(const struct number_table *t)
{
    hid_t access = H5Pcreate(H5P_DATASET_ACCESS);
    H5Pset_chunk_cache(access, CACHE_SLOTS, t->cache_bytes, H5D_CHUNK_CACHE_W0_DEFAULT);
    hid_t dataset = hdf5_open_dataset(t->file, t->request.dataset, access);
    H5Pclose(access);
    return dataset;
}

static enum status open_dataset(struct number_table *t, struct error *err)
{
    if (!hdf5_input_is_own_path(t->file, t->request.dataset))
        return refuse(t, err, "is not there (links are not followed)");
    hid_t dataset = hdf5_open_dataset(t->file, t->request.dataset, H5P_DEFAULT);
    if (dataset < 0)
        return refuse(t, err, "is no dataset");
    enum status status = STATUS_OK;
    if (!hdf5_input_has_data(dataset))
        status = refuse(t, err, "has its values in other files");
    else if (!is_numeric(dataset))
        status = refuse(t, err, "holds neither integers nor floating-point numbers");
    if (!status)
        status = read_shape(t, dataset, err);
    t->cache_bytes = cache_for(t, dataset);
    H5Dclose(dataset);
    if (!status && (t->dataset = open_cached(t)) < 0)
        status = hdf5_failed(err, "cannot read %s", t->request.path);
    return status;
}

static enum status open_hdf5(struct number_table *t, struct error *err)
{
    if (t->request.column)
        return error_set(err, STATUS_OUTPUT,
                         "%s is an HDF5 file, which has no columns; name a dataset",
                         t->request.path);
    if (!t->request.dataset)
        return error_set(err, STATUS_OUTPUT, "%s is an HDF5 file; name the dataset to read from it",
                         t->request.path);
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    enum status status = hdf5_input_file(t->request.path, "an HDF5 file", &t->file, err);
    if (!status)
        status = open_dataset(t, err);
    hdf5_quiet_end(quiet);
    return status;
}

static enum status check_row(const struct number_table *t, uint64_t row, const double *values,
                             struct error *err)
{
    for (uint64_t i = 0; i < t->columns; i++) {
        if (fabs(values[i]) <= t->request.most)
            continue;
        char number[32] = "nan", column[48] = "";
        if (isfinite(values[i]))
            double_format(values[i], number);
        else if (isinf(values[i]))
            strcpy(number, values[i] > 0 ? "inf" : "-inf");
        if (!t->list)
            snprintf(column, sizeof column, ", column %llu", (unsigned long long)i);
        return error_set(err, STATUS_OUTPUT,
                         "%s: dataset %s, row %llu%s: %s is out of range (%.6g .. %.6g)",
                         t->request.path, t->request.dataset, (unsigned long long)row, column,
                         number, -t->request.most, t->request.most);
    }
    return STATUS_OK;
}

/* Rows in one call of HDF5: the others' turn comes between. */
static enum status read_piece(struct number_table *t, uint64_t first, size_t rows, double *values,
                              struct error *err)
{
    const hsize_t start[2] = {first, 0}, count[2] = {rows, t->columns}, length = rows * t->columns;
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    hid_t memory = H5Screate_simple(1, &length, NULL);
    enum status status = STATUS_OK;
    if (hdf5_read_box(t->dataset, H5T_NATIVE_DOUBLE, memory, start, count, values) < 0)
        status = hdf5_input_failed(err, t->dataset, "cannot read dataset %s of %s",
                                   t->request.dataset, t->request.path);
    H5Sclose(memory);
    hdf5_quiet_end(quiet);
    return status;
}

static enum status read_hdf5(struct number_table *t, uint64_t first, size_t rows, double *values,
                             struct error *err)
{
    uint64_t piece = t->columns < PIECE ? PIECE / t->columns : 1;
    enum status status = STATUS_OK;
    for (uint64_t done = 0; !status && done < rows; done += piece) {
        size_t n = (size_t)(rows - done < piece ? rows - done : piece);
        double *to = values + done * t->columns;
        status = read_piece(t, first + done, n, to, err);
        for (size_t row = 0; !status && row < n; row++)
            status = check_row(t, first + done + row, to + row * t->columns, err);
    }
    return status;
}

/* ---- CSV ---- */

static enum status read_line(struct number_table *t, bool *more, double *values, struct error *err)
{
    enum status status = csv_next(t->csv, more, err);
    t->next_row += !status && *more;
    for (size_t i = 0; !status && *more && i < t->columns; i++) {
        double value;
        status = csv_number(t->csv, t->first_column + i, &value, err);
        if (!status && fabs(value) > t->request.most) {
            char what[96];
            snprintf(what, sizeof what, "is out of range (%.6g .. %.6g)", -t->request.most,
                     t->request.most);
            return csv_refuse(t->csv, t->first_column + i, err, what);
        }
        if (!status && values)
            values[i] = value;
    }
    return status;
}

/* R's write.csv and pandas write row numbers in front, in a column without a name; they would be
 * taken for numbers of the first neuron. */
static enum status check_names(const struct number_table *t, struct error *err)
{
    for (size_t i = 0, length; i < csv_columns(t->csv); i++) {
        csv_name(t->csv, i, &length);
        if (length == 0)
            return error_set(err, STATUS_OUTPUT,
                             "%s: column %zu of %zu has no name, as row numbers have none; name "
                             "the column to read, or write the file without (R: row.names = FALSE, "
                             "pandas: index=False)",
                             t->request.path, i + 1, csv_columns(t->csv));
    }
    return STATUS_OK;
}

static enum status find_columns(struct number_table *t, struct error *err)
{
    if (t->request.dataset)
        return error_set(err, STATUS_OUTPUT,
                         "%s is no HDF5 file, so it has no dataset; of a CSV file name a column",
                         t->request.path);
    return t->request.column ? csv_find(t->csv, t->request.column, &t->first_column, err)
                             : check_names(t, err);
}

static enum status open_csv(struct number_table *t, struct error *err)
{
    bool more = true;
    enum status status = csv_open(&t->csv, t->request.path, err);
    if (!status)
        status = find_columns(t, err);
    if (status)
        return status;
    t->columns = t->request.column ? 1 : csv_columns(t->csv);
    t->list = t->columns == 1;
    while (!status && more)
        status = read_line(t, &more, NULL, err);
    t->rows = t->next_row;
    return status;
}

static enum status read_csv(struct number_table *t, uint64_t first, size_t rows, double *values,
                            struct error *err)
{
    enum status status = STATUS_OK;
    bool more = true;
    if (t->next_row > first || t->next_row == t->rows) {
        status = csv_rewind(t->csv, err);
        t->next_row = 0;
    }
    while (!status && more && t->next_row < first + rows) {
        uint64_t row = t->next_row;
        status = read_line(t, &more, row < first ? NULL : values + (row - first) * t->columns, err);
    }
    if (!status && !more)
        return error_set(err, STATUS_OUTPUT, "%s: has been cut since the run began",
                         t->request.path);
    return status;
}

/* ---- both ---- */

bool number_table_is_hdf5(const char *path)
{
    return hdf5_input_is_hdf5(path);
}

enum status number_table_open(struct number_table **out, const struct number_table_request *request,
                              struct error *err)
{
    struct number_table *t = calloc(1, sizeof *t);
    *out = NULL;
    if (!t)
        return error_no_memory(err, NULL);
    t->request = *request;
    t->file = t->dataset = H5I_INVALID_HID;
    enum status status = number_table_is_hdf5(request->path) ? open_hdf5(t, err) : open_csv(t, err);
    if (!status && t->columns == 0)
        status = refuse(t, err, "has rows without numbers");
    if (status)
        number_table_close(t);
    else
        *out = t;
    return status;
}

void number_table_close(struct number_table *t)
{
    if (!t)
        return;
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    if (t->dataset >= 0)
        H5Dclose(t->dataset);
    if (t->file >= 0)
        H5Fclose(t->file);
    hdf5_quiet_end(quiet);
    csv_close(t->csv);
    free(t);
}

uint64_t number_table_rows(const struct number_table *t)
{
    return t->rows;
}

uint64_t number_table_columns(const struct number_table *t)
{
    return t->columns;
}

bool number_table_is_list(const struct number_table *t)
{
    return t->list;
}

uint64_t number_table_bytes(const struct number_table *t)
{
    return t->cache_bytes;
}

enum status number_table_read(struct number_table *t, uint64_t first, size_t rows, double *values,
                              struct error *err)
{
    if (first > t->rows || rows > t->rows - first)
        return error_set(err, STATUS_OUTPUT, "%s has %llu rows; row %llu is wanted",
                         t->request.path, (unsigned long long)t->rows,
                         (unsigned long long)(first + rows));
    return t->csv ? read_csv(t, first, rows, values, err) : read_hdf5(t, first, rows, values, err);
}
