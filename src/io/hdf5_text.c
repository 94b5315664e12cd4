#include "io/hdf5_text.h"

#include "io/hdf5_bytes.h"
#include "io/hdf5_help.h"
#include "io/hdf5_open.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MOST = 1 << 30, OBJECTS_MOST = 1 << 16, HEADER = 16, REFERENCE_MOST = 16 };

/* Where a text is read from: an attribute, or else a dataset. */
struct source {
    hid_t attribute, dataset;
    const char *name;
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
                             : hdf5_read_box(s->dataset, type, H5S_ALL, NULL, NULL, values);
}

/* ---- variable length ---- */

static const char reference_tag[] = "megalif reference";

/* Opaque values of others are not ours: what h5py makes of texts, for instance. */
static bool takes_references(hid_t type)
{
    char *tag = H5Tget_tag(type);
    bool ours = tag && strcmp(tag, reference_tag) == 0;
    H5free_memory(tag);
    return ours;
}

/* What HDF5 calls to make an opaque value of a text: the bytes stay, which are the reference. */
static herr_t keep_reference(hid_t from, hid_t to, H5T_cdata_t *data, size_t count, size_t stride,
                             size_t stride_behind, void *values, void *behind, hid_t transfer)
{
    (void)count, (void)stride, (void)stride_behind, (void)values, (void)behind, (void)transfer;
    if (data->command != H5T_CONV_INIT)
        return 0;
    data->need_bkg = H5T_BKG_NO;
    return H5Tget_size(from) == H5Tget_size(to) && takes_references(to) ? 0 : -1;
}

/* HDF5 has no way from texts to opaque values of its own; so it learns one, once. */
static herr_t read_reference(const struct source *s, hid_t type, size_t size, uint8_t *bytes)
{
    H5T_cdata_t *data;
    hid_t opaque = H5Tcreate(H5T_OPAQUE, size);
    herr_t done =
        opaque < 0 || H5Tset_tag(opaque, reference_tag) < 0 ? -1 : read_values(s, opaque, bytes);
    if (done < 0 && !H5Tfind(type, opaque, &data) &&
        H5Tregister(H5T_PERS_SOFT, reference_tag, type, opaque, keep_reference) >= 0)
        done = read_values(s, opaque, bytes);
    H5Tclose(opaque);
    return done;
}

/* Goes through the objects of a heap to the one with the text; *offset: its place in the file.
 * Returns what is wrong, or NULL. */
static const char *find_object(const struct hdf5_bytes *h, const struct reference *r,
                               uint64_t *offset)
{
    uint8_t header[HEADER];
    uint64_t at = r->address;
    if (!hdf5_bytes_read(h, at, header, HEADER) || memcmp(header, "GCOL\1", 5) != 0)
        return "lies in no heap";
    uint64_t left = hdf5_bytes_number(header + 8, h->size_bytes);
    left -= left < HEADER ? left : HEADER;
    at += HEADER;
    for (int i = 0; i < OBJECTS_MOST && left >= HEADER; i++) {
        if (!hdf5_bytes_read(h, at, header, HEADER))
            return "lies in a heap that is cut off";
        uint64_t index = hdf5_bytes_number(header, 2);
        uint64_t size = hdf5_bytes_number(header + 8, h->size_bytes);
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
    struct hdf5_bytes h;
    uint8_t bytes[REFERENCE_MOST] = {0};
    uint64_t offset = 0;
    if (!hdf5_bytes_of(file, &h))
        return damaged(s, "cannot be read by this HDF5", err);
    if (read_reference(s, type, 8 + h.address_bytes, bytes) < 0)
        return damaged(s, "cannot be read", err);
    const struct reference r = {hdf5_bytes_number(bytes, 4),
                                hdf5_bytes_number(bytes + 4, h.address_bytes),
                                hdf5_bytes_number(bytes + 4 + h.address_bytes, 4)};
    const char *how = r.length > 0 ? find_object(&h, &r, &offset) : NULL;
    if (how)
        return damaged(s, how, err);
    if (r.length > TEXT_MOST || !(*text = calloc(r.length + 1, 1)))
        return error_no_memory(err, "for the text %s", s->name);
    return hdf5_bytes_read(&h, offset, *text, r.length) ? STATUS_OK : damaged(s, "is cut off", err);
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
    const struct source s = {hdf5_open_attribute(place, path, name), H5I_INVALID_HID, name};
    *text = NULL;
    enum status status = s.attribute >= 0 ? take_text(&s, text, err) : STATUS_OK;
    H5Aclose(s.attribute);
    hdf5_quiet_end(quiet);
    return status;
}

enum status hdf5_text_of_dataset(hid_t place, const char *path, char **text, struct error *err)
{
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    const struct source s = {H5I_INVALID_HID, hdf5_open_dataset(place, path, H5P_DEFAULT), path};
    *text = NULL;
    enum status status = s.dataset >= 0 ? take_text(&s, text, err) : STATUS_OK;
    H5Dclose(s.dataset);
    hdf5_quiet_end(quiet);
    return status;
}
