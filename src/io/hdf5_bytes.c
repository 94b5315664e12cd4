/* Reads an open HDF5 file beside HDF5. */
#include "io/hdf5_bytes.h"

#include <sys/stat.h>
#include <unistd.h>

uint64_t hdf5_bytes_number(const uint8_t *bytes, size_t count)
{
    uint64_t value = 0;
    for (size_t i = count; i-- > 0;)
        value = value << 8 | bytes[i];
    return value;
}

bool hdf5_bytes_read(const struct hdf5_bytes *file, uint64_t address, void *to, size_t size)
{
    uint8_t *next = to;
    uint64_t offset = file->base + address;
    while (size > 0) {
        ssize_t got = offset <= INT64_MAX ? pread(file->descriptor, next, size, (off_t)offset) : -1;
        if (got <= 0)
            return false;
        next += got;
        offset += (uint64_t)got;
        size -= (size_t)got;
    }
    return true;
}

bool hdf5_bytes_of(hid_t file, struct hdf5_bytes *bytes)
{
    hid_t creation = H5Fget_create_plist(file), access = H5Fget_access_plist(file);
    hsize_t user_block = 0;
    int *descriptor = NULL;
    unsigned tree = 0, leaf = 0; /* half of what fits into a node */
    struct stat info = {0};
    bool good = H5Pget_sizes(creation, &bytes->address_bytes, &bytes->size_bytes) >= 0 &&
                bytes->address_bytes <= 8 && bytes->size_bytes <= 8 &&
                H5Pget_userblock(creation, &user_block) >= 0 &&
                H5Pget_sym_k(creation, &tree, &leaf) >= 0 && H5Pget_driver(access) == H5FD_SEC2 &&
                H5Fget_vfd_handle(file, H5P_DEFAULT, (void **)&descriptor) >= 0 &&
                fstat(*descriptor, &info) == 0 && (uint64_t)info.st_size >= user_block;
    bytes->descriptor = good ? *descriptor : -1;
    bytes->base = user_block;
    bytes->bytes = (uint64_t)info.st_size - user_block;
    bytes->tree_entries = 2 * (size_t)tree;
    bytes->leaf_entries = 2 * (size_t)leaf;
    H5Pclose(access);
    H5Pclose(creation);
    return good;
}
