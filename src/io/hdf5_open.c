/* Looks at the headers on the way to an object, then lets HDF5 open it. */
#include "io/hdf5_open.h"

#include "io/hdf5_chunks.h"
#include "io/hdf5_header.h"

#include <stdio.h>
#include <string.h>

/* Tokens took the place of addresses. */
#if H5_VERSION_GE(1, 12, 0)
typedef H5L_info1_t link_info;
#define get_link H5Lget_info1
typedef H5O_info1_t object_info;
#else
typedef H5L_info_t link_info;
#define get_link H5Lget_info
typedef H5O_info_t object_info;
#endif

enum { RANK_MOST = 32, PATH_BYTES = 8192 };

/* Leaves the reason to hdf5_failed. */
static bool refuse(const char *why)
{
    H5Epush2(H5E_DEFAULT, __FILE__, __func__, __LINE__, H5E_ERR_CLS, H5E_OHDR, H5E_BADVALUE, "%s",
             why);
    return false;
}

/* The bytes of the file of an object; false where they cannot be looked at. */
static bool bytes_of(hid_t object, struct hdf5_bytes *bytes)
{
    unsigned intent = H5F_ACC_RDWR;
    hid_t file = H5Iget_file_id(object);
    bool good =
        H5Fget_intent(file, &intent) >= 0 && !(intent & H5F_ACC_RDWR) && hdf5_bytes_of(file, bytes);
    H5Fclose(file);
    return good;
}

/* Groups of one open file that paths have led through lately: a group that has been looked at is
 * not looked at again for each object in it. HDF5 numbers files anew whenever one is opened. The
 * lock of HDF5 guards them. */
enum { PASSED = 8 };
static struct {
    unsigned long file;
    unsigned count;
    haddr_t address[PASSED];
} passed;

static bool was_passed(unsigned long file, haddr_t address)
{
    if (file != passed.file)
        passed.count = 0;
    passed.file = file;
    for (unsigned i = 0; i < passed.count && i < PASSED; i++)
        if (passed.address[i] == address)
            return true;
    return false;
}

static bool is_link_sound(const struct hdf5_bytes *file, hid_t place, const char *path, bool passes)
{
    link_info info;
    object_info here;
    if (get_link(place, path, &info, H5P_DEFAULT) < 0)
        return false;
    if (info.type != H5L_TYPE_HARD)
        return refuse("it is a link to elsewhere");
    bool numbered = passes && H5Oget_info2(place, &here, H5O_INFO_BASIC) >= 0;
    if (numbered && was_passed(here.fileno, info.u.address))
        return true;
    const char *fault = hdf5_header_fault(file, info.u.address);
    if (fault)
        return refuse(fault);
    if (numbered)
        passed.address[passed.count++ % PASSED] = info.u.address;
    return true;
}

/* Whether HDF5 can walk the path; "." and "/" are open already. */
static bool is_path_sound(hid_t place, const char *path)
{
    struct hdf5_bytes file;
    if (!bytes_of(place, &file))
        return true;
    char part[PATH_BYTES];
    bool good = snprintf(part, sizeof part, "%s", path) < PATH_BYTES;
    for (char *end = part; good && *(end += strspn(end, "/"));) {
        end += strcspn(end, "/");
        char kept = *end;
        *end = '\0';
        good = strcmp(part, ".") == 0 || is_link_sound(&file, place, part, kept != '\0');
        *end = kept;
    }
    return good;
}

static const char *root_fault(hid_t file)
{
    struct hdf5_bytes bytes;
    object_info root;
    return bytes_of(file, &bytes) && H5Oget_info2(file, &root, H5O_INFO_BASIC) >= 0
               ? hdf5_header_fault(&bytes, root.addr)
               : NULL;
}

hid_t hdf5_open_file(const char *path)
{
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    const char *fault = file >= 0 ? root_fault(file) : NULL;
    if (!fault)
        return file;
    H5Fclose(file);
    refuse(fault);
    return H5I_INVALID_HID;
}

hid_t hdf5_open_dataset(hid_t place, const char *path, hid_t access)
{
    struct hdf5_bytes file;
    hid_t dataset = is_path_sound(place, path) ? H5Dopen2(place, path, access) : H5I_INVALID_HID;
    if (dataset < 0 || !bytes_of(dataset, &file) || hdf5_chunks_unpack(&file, dataset))
        return dataset;
    H5Dclose(dataset);
    refuse("its first chunk has another size than it says");
    return H5I_INVALID_HID;
}

hid_t hdf5_open_group(hid_t place, const char *path)
{
    return is_path_sound(place, path) ? H5Gopen2(place, path, H5P_DEFAULT) : H5I_INVALID_HID;
}

hid_t hdf5_open_attribute(hid_t place, const char *path, const char *name)
{
    return is_path_sound(place, path) ? H5Aopen_by_name(place, path, name, H5P_DEFAULT, H5P_DEFAULT)
                                      : H5I_INVALID_HID;
}

herr_t hdf5_read_box(hid_t dataset, hid_t type, hid_t memory, const hsize_t *start,
                     const hsize_t *count, void *values)
{
    const hsize_t zeros[RANK_MOST] = {0};
    hsize_t extent[RANK_MOST];
    hid_t space = H5Dget_space(dataset);
    herr_t done = H5Sget_simple_extent_dims(space, extent, NULL) >= 0 ? 0 : -1;
    if (done == 0 && start)
        done = H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL);
    if (done == 0 && start && H5Sselect_valid(space) <= 0)
        done = refuse("it has fewer values than are wanted") ? 0 : -1;
    if (done == 0 && !hdf5_chunks_fit(dataset, start ? start : zeros, count ? count : extent))
        done = refuse("a chunk has another size than the dataset says") ? 0 : -1;
    if (done == 0)
        done = H5Dread(dataset, type, memory, start ? space : H5S_ALL, H5P_DEFAULT, values);
    hid_t reasons = H5Eget_current_stack(); /* for hdf5_failed: the next call would forget them */
    H5Sclose(space);
    H5Eset_current_stack(reasons);
    return done;
}
