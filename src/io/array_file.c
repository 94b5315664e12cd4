/* Contiguous datasets, written in one piece each. */
#include "io/array_file.h"

#include "io/hdf5_help.h"
#include "io/hdf5_output.h"

struct arrays {
    const struct array *array;
    size_t count;
};

static enum status put(hid_t file, hid_t groups, const struct array *a, struct error *err)
{
    const hsize_t shape[2] = {a->rows, a->columns};
    hid_t space = H5Screate_simple(a->columns > 0 ? 2 : 1, shape, NULL);
    hid_t set = H5Dcreate2(file, a->name, H5T_IEEE_F64LE, space, groups, H5P_DEFAULT, H5P_DEFAULT);
    if (set < 0 || H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, a->values) < 0 ||
        H5Dclose(set) < 0)
        return hdf5_put_failed(file, a->name, err);
    H5Sclose(space);
    return STATUS_OK;
}

static enum status fill(hid_t file, const void *context, struct error *err)
{
    const struct arrays *all = context;
    enum status status = STATUS_OK;
    hid_t groups = H5Pcreate(H5P_LINK_CREATE);
    if (groups < 0 || H5Pset_create_intermediate_group(groups, 1) < 0)
        return hdf5_put_failed(file, "/", err);
    for (size_t i = 0; i < all->count && !status; i++)
        status = put(file, groups, &all->array[i], err);
    if (!status)
        H5Pclose(groups);
    return status;
}

enum status array_file_write(const char *path, bool force, const struct array *array, size_t count,
                             struct error *err)
{
    return hdf5_output_write(path, force, fill, &(struct arrays){array, count}, err);
}
