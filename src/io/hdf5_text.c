#include "io/hdf5_text.h"

#include "io/hdf5_help.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_MOST = 1 << 30, OBJECTS_MOST = 1 << 16, HEADER = 16, REFERENCE_MOST = 16 };

/* Where a text is read from: an attribute, or else a dataset. */
struct source {
    hid_t attribute, dataset;
    const char *name;
};

/* How the file's heaps are laid out. */
struct heaps {
    int descriptor; /* HDF5's own */
    uint64_t base;  /* where addresses count from */
    size_t address_bytes, size_bytes;
};

/* A text's place, as it stands in its attribute or dataset. */
struct reference {
    uint64_t length, address, index;
};

static enum status damaged(const struct source *s, const char *how, struct error *err)
{
    char file[512] = "";
    H5Fget_name(s->attribute >= 0 ? s->attribute : s->dataset, file, sizeof file);
    return error_set(err, STATUS_OUTPUT, "%s is damaged: its text %s %s", file, s->name, how);
}

static herr_t read_values(const struct source *s, hid_t type, void *values)
{
    return s->attribute >= 0 ? H5Aread(s->attribute, type, values)
                             : H5Dread(s->dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
}

/* ---- variable length ---- */

/* What HDF5 calls to make an opaque value of a text: the bytes stay, which are the reference. */
static herr_t keep_reference(hid_t from, hid_t to, H5T_cdata_t *data, size_t count, size_t stride,
                             size_t stride_behind, void *values, void *behind, hid_t transfer)
{
    (void)count, (void)stride, (void)stride_behind, (void)values, (void)behind, (void)transfer;
    if (data->command != H5T_CONV_INIT)
        return 0;
    data->need_bkg = H5T_BKG_NO;
    return H5Tget_size(from) == H5Tget_size(to) ? 0 : -1;
}

/* HDF5 has no way from texts to opaque values of its own; so it learns one, once. */
static herr_t read_reference(const struct source *s, hid_t type, size_t size, uint8_t *bytes)
{
    H5T_cdata_t *data;
    hid_t opaque = H5Tcreate(H5T_OPAQUE, size);
    herr_t done = opaque < 0 ? -1 : read_values(s, opaque, bytes);
    if (done < 0 && !H5Tfind(type, opaque, &data) &&
        H5Tregister(H5T_PERS_SOFT, "megalif reference", type, opaque, keep_reference) >= 0)
        done = read_values(s, opaque, bytes);
    H5Tclose(opaque);
    return done;
}

static uint64_t little_endian(const uint8_t *bytes, size_t count)
{
    uint64_t value = 0;
    for (size_t i = count; i-- > 0;)
        value = value << 8 | bytes[i];
    return value;
}

static bool read_at(int descriptor, uint64_t offset, void *to, size_t size)
{
    uint8_t *next = to;
    while (size > 0) {
        ssize_t got = offset <= INT64_MAX ? pread(descriptor, next, size, (off_t)offset) : -1;
        if (got <= 0)
            return false;
        next += got;
        offset += (uint64_t)got;
        size -= (size_t)got;
    }
    return true;
}

/* The file's descriptor is HDF5's own, so that both read the same file. */
static bool open_heaps(hid_t file, struct heaps *h)
{
    hid_t creation = H5Fget_create_plist(file), access = H5Fget_access_plist(file);
    hsize_t user_block = 0;
    int *descriptor = NULL;
    bool good = H5Pget_sizes(creation, &h->address_bytes, &h->size_bytes) >= 0 &&
                h->address_bytes <= 8 && h->size_bytes <= 8 &&
                H5Pget_userblock(creation, &user_block) >= 0 &&
                H5Pget_driver(access) == H5FD_SEC2 &&
                H5Fget_vfd_handle(file, H5P_DEFAULT, (void **)&descriptor) >= 0;
    h->descriptor = good ? *descriptor : -1;
    h->base = user_block;
    H5Pclose(access);
    H5Pclose(creation);
    return good;
}

/* Goes through the objects of a heap to the one with the text; *offset: its place in the file.
 * Returns what is wrong, or NULL. */
static const char *find_object(const struct heaps *h, const struct reference *r, uint64_t *offset)
{
    uint8_t header[HEADER];
    uint64_t at = h->base + r->address;
    if (!read_at(h->descriptor, at, header, HEADER) || memcmp(header, "GCOL\1", 5) != 0)
        return "lies in no heap";
    uint64_t left = little_endian(header + 8, h->size_bytes);
    left -= left < HEADER ? left : HEADER;
    at += HEADER;
    for (int i = 0; i < OBJECTS_MOST && left >= HEADER; i++) {
        if (!read_at(h->descriptor, at, header, HEADER))
            return "lies in a heap that is cut off";
        uint64_t index = little_endian(header, 2);
        uint64_t size = little_endian(header + 8, h->size_bytes);
        if (index == 0)
            break;
        if (size > left - HEADER)
            return "lies in a heap whose sizes make no sense";
        *offset = at + HEADER;
        if (index == r->index)
            return size == r->length ? NULL : "has two lengths";
        uint64_t whole = HEADER + (size + 7) / 8 * 8;
        if (whole > left)
            break;
        at += whole;
        left -= whole;
    }
    return "is not in its heap";
}

static enum status read_variable(const struct source *s, hid_t file, hid_t type, char **text,
                                 struct error *err)
{
    struct heaps h;
    uint8_t bytes[REFERENCE_MOST] = {0};
    uint64_t offset = 0;
    if (!open_heaps(file, &h))
        return damaged(s, "cannot be read by this HDF5", err);
    if (read_reference(s, type, 8 + h.address_bytes, bytes) < 0)
        return damaged(s, "cannot be read", err);
    const struct reference r = {little_endian(bytes, 4), little_endian(bytes + 4, h.address_bytes),
                                little_endian(bytes + 4 + h.address_bytes, 4)};
    const char *how = r.length > 0 ? find_object(&h, &r, &offset) : NULL;
    if (how)
        return damaged(s, how, err);
    if (r.length > TEXT_MOST || !(*text = calloc(r.length + 1, 1)))
        return error_no_memory(err, "for the text %s", s->name);
    return read_at(h.descriptor, offset, *text, r.length) ? STATUS_OK
                                                          : damaged(s, "is cut off", err);
}

/* ---- both ---- */

static enum status read_fixed(const struct source *s, hid_t type, char **text, struct error *err)
{
    size_t size = H5Tget_size(type);
    if (size > TEXT_MOST || !(*text = calloc(size + 1, 1)))
        return error_no_memory(err, "for the text %s", s->name);
    return read_values(s, type, *text) >= 0 ? STATUS_OK : damaged(s, "cannot be read", err);
}

static enum status read_text(const struct source *s, hid_t type, hid_t space, char **text,
                             struct error *err)
{
    if (H5Tget_class(type) != H5T_STRING || H5Sget_simple_extent_npoints(space) != 1)
        return STATUS_OK;
    if (H5Tis_variable_str(type) <= 0)
        return read_fixed(s, type, text, err);
    hid_t file = H5Iget_file_id(s->attribute >= 0 ? s->attribute : s->dataset);
    enum status status = read_variable(s, file, type, text, err);
    H5Fclose(file);
    return status;
}

/* Closes the source. */
static enum status take_text(const struct source *s, char **text, struct error *err)
{
    bool attribute = s->attribute >= 0;
    hid_t type = attribute ? H5Aget_type(s->attribute) : H5Dget_type(s->dataset);
    hid_t space = attribute ? H5Aget_space(s->attribute) : H5Dget_space(s->dataset);
    enum status status = read_text(s, type, space, text, err);
    if (status) {
        free(*text);
        *text = NULL;
    }
    H5Sclose(space);
    H5Tclose(type);
    return status;
}

enum status hdf5_text_of_attribute(hid_t place, const char *path, const char *name, char **text,
                                   struct error *err)
{
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    const struct source s = {H5Aopen_by_name(place, path, name, H5P_DEFAULT, H5P_DEFAULT),
                             H5I_INVALID_HID, name};
    *text = NULL;
    enum status status = s.attribute >= 0 ? take_text(&s, text, err) : STATUS_OK;
    H5Aclose(s.attribute);
    hdf5_quiet_end(quiet);
    return status;
}

enum status hdf5_text_of_dataset(hid_t place, const char *path, char **text, struct error *err)
{
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    const struct source s = {H5I_INVALID_HID, H5Dopen2(place, path, H5P_DEFAULT), path};
    *text = NULL;
    enum status status = s.dataset >= 0 ? take_text(&s, text, err) : STATUS_OK;
    H5Dclose(s.dataset);
    hdf5_quiet_end(quiet);
    return status;
}
