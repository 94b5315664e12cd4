/* Attributes and lists of an open file, one call each: what is not there, or not as expected, is
 * no error but false. Closing an invalid id fails quietly: every reader closes all it may have
 * opened. */
#include "io/provenance_read.h"

#include "io/hdf5_help.h"
#include "io/hdf5_open.h"
#include "io/hdf5_text.h"

#include <stdlib.h>
#include <string.h>

static bool is_class(hid_t type, H5T_class_t class)
{
    return type >= 0 && H5Tget_class(type) == class;
}

static bool is_scalar(hid_t space)
{
    return space >= 0 && H5Sget_simple_extent_npoints(space) == 1;
}

/* Reads one number of the class into a value of memory type. */
static bool get_number(hid_t file, const char *group, const char *name, H5T_class_t class,
                       hid_t memory, void *value)
{
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    hid_t attribute = hdf5_open_attribute(file, group, name);
    hid_t type = H5Aget_type(attribute);
    hid_t space = H5Aget_space(attribute);
    bool good = is_class(type, class) && is_scalar(space) && H5Aread(attribute, memory, value) >= 0;
    H5Sclose(space);
    H5Tclose(type);
    H5Aclose(attribute);
    hdf5_quiet_end(quiet);
    return good;
}

bool provenance_get_u64(hid_t file, const char *group, const char *name, uint64_t *value)
{
    return get_number(file, group, name, H5T_INTEGER, H5T_NATIVE_UINT64, value);
}

bool provenance_get_f64(hid_t file, const char *group, const char *name, double *value)
{
    return get_number(file, group, name, H5T_FLOAT, H5T_NATIVE_DOUBLE, value);
}

enum status provenance_get_file_string(const char *path, const char *group, const char *name,
                                       char **text, struct error *err)
{
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    hid_t file = hdf5_open_file(path);
    enum status status = STATUS_OK;
    *text = NULL;
    if (file >= 0)
        status = hdf5_text_of_attribute(file, group, name, text, err);
    H5Fclose(file);
    hdf5_quiet_end(quiet);
    return status;
}

bool provenance_get_length(hid_t file, const char *path, uint64_t *length)
{
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    hid_t dataset = hdf5_open_dataset(file, path, H5P_DEFAULT);
    hid_t space = H5Dget_space(dataset);
    hssize_t points = H5Sget_simple_extent_npoints(space);
    H5Sclose(space);
    H5Dclose(dataset);
    hdf5_quiet_end(quiet);
    if (points < 0)
        return false;
    *length = (uint64_t)points;
    return true;
}

/* Does a space of at most one dimension hold [offset, offset + count)? */
static bool has_range(hid_t space, uint64_t offset, uint64_t count)
{
    hssize_t points = H5Sget_simple_extent_npoints(space);
    if (points < 0 || offset > (uint64_t)points || count > (uint64_t)points - offset)
        return false;
    int rank = H5Sget_simple_extent_ndims(space);
    return rank == 1 || (rank == 0 && count == 1);
}

static bool read_range(hid_t file, const char *path, H5T_class_t class, hid_t memory_type,
                       uint64_t offset, uint64_t count, void *values)
{
    const hsize_t start = offset, length = count;
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    hid_t dataset = hdf5_open_dataset(file, path, H5P_DEFAULT);
    hid_t type = H5Dget_type(dataset);
    hid_t space = H5Dget_space(dataset);
    bool list = H5Sget_simple_extent_ndims(space) == 1;
    hid_t memory = H5Screate_simple(1, &length, NULL);
    bool good = is_class(type, class) && has_range(space, offset, count) &&
                hdf5_read_box(dataset, memory_type, memory, list ? &start : NULL,
                              list ? &length : NULL, values) >= 0;
    H5Sclose(memory);
    H5Sclose(space);
    H5Tclose(type);
    H5Dclose(dataset);
    hdf5_quiet_end(quiet);
    return good;
}

bool provenance_read_u64(hid_t file, const char *path, uint64_t offset, uint64_t count,
                         uint64_t *values)
{
    return read_range(file, path, H5T_INTEGER, H5T_NATIVE_UINT64, offset, count, values);
}

bool provenance_read_f64(hid_t file, const char *path, uint64_t offset, uint64_t count,
                         double *values)
{
    return read_range(file, path, H5T_FLOAT, H5T_NATIVE_DOUBLE, offset, count, values);
}

/* What H5Literate calls. */
struct visitor {
    void (*visit)(const char *name, void *context);
    void *context;
};

static herr_t visit_link(hid_t group, const char *name, const H5L_info_t *info, void *data)
{
    const struct visitor *visitor = data;
    (void)group;
    (void)info;
    visitor->visit(name, visitor->context);
    return 0;
}

void provenance_visit(hid_t file, const char *group, void (*visit)(const char *name, void *context),
                      void *context)
{
    struct visitor visitor = {visit, context};
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    hid_t id = hdf5_open_group(file, group);
    if (id >= 0)
        H5Literate(id, H5_INDEX_NAME, H5_ITER_INC, NULL, visit_link, &visitor);
    H5Gclose(id);
    hdf5_quiet_end(quiet);
}
