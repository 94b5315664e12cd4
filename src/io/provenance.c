#include "io/provenance.h"

#include "io/hdf5_help.h"

#include <stdlib.h>
#include <string.h>

/* Numbers up to so many lie in their dataset's header. In chunks they take more, however well they
 * pack: HDF5 indexes the chunks by a B-tree whose first node alone takes 2,096 bytes. */
enum { SMALL_MOST = 256 };

static hid_t memory_type(enum dataset_type type)
{
    return type == DATASET_U64 ? H5T_NATIVE_UINT64 : H5T_NATIVE_DOUBLE;
}

/* Layout of a dataset in its own header, without space elsewhere or an index of its chunks. */
static hid_t small_layout(void)
{
    hid_t layout = H5Pcreate(H5P_DATASET_CREATE);
    if (layout < 0 || H5Pset_obj_track_times(layout, 0) < 0 ||
        H5Pset_layout(layout, H5D_COMPACT) < 0)
        return H5I_INVALID_HID;
    return layout;
}

enum status provenance_begin(struct provenance *to, hid_t file, struct error *err)
{
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    enum status status = STATUS_OK;
    hdf5_place_begin(&to->place, file);
    to->scalar = H5Screate(H5S_SCALAR);
    to->small = small_layout();
    if (to->scalar < 0 || to->small < 0)
        status = hdf5_put_failed(file, "/megalif", err);
    hdf5_quiet_end(quiet);
    return status;
}

enum status provenance_end(struct provenance *to, struct error *err)
{
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    enum status status = STATUS_OK;
    if (hdf5_place_end(&to->place) < 0 || H5Pclose(to->small) < 0 || H5Sclose(to->scalar) < 0)
        status = hdf5_put_failed(to->place.file, "/megalif", err);
    hdf5_quiet_end(quiet);
    return status;
}

static enum status put_attribute(struct provenance *to, const char *path, const char *name,
                                 hid_t type, const void *value, struct error *err)
{
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    enum status status = STATUS_OK;
    hid_t object = hdf5_place_go(&to->place, path);
    if (object < 0 || hdf5_put_attribute(object, name, type, to->scalar, value) < 0)
        status = hdf5_put_failed(to->place.file, name, err);
    hdf5_quiet_end(quiet);
    return status;
}

bool provenance_is_there(hid_t file)
{
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    const bool there = H5Lexists(file, "/megalif", H5P_DEFAULT) > 0;
    hdf5_quiet_end(quiet);
    return there;
}

enum status provenance_copy(hid_t from, hid_t to, struct error *err)
{
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    enum status status = STATUS_OK;
    if (H5Ocopy(from, "/megalif", to, "/megalif", H5P_DEFAULT, H5P_DEFAULT) < 0)
        status = hdf5_failed(err, "cannot copy /megalif (--population NAME leaves it out)");
    hdf5_quiet_end(quiet);
    return status;
}

const char *provenance_hdf5_version(char text[48])
{
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    unsigned major = 0, minor = 0, release = 0;
    H5get_libversion(&major, &minor, &release);
    hdf5_quiet_end(quiet);
    snprintf(text, 48, "%u.%u.%u", major, minor, release);
    return text;
}

enum status provenance_put_string(struct provenance *to, const char *path, const char *name,
                                  const char *text, struct error *err)
{
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    enum status status = STATUS_OK;
    hid_t object = hdf5_place_go(&to->place, path);
    if (object < 0 || hdf5_put_text(object, name, text) < 0)
        status = hdf5_put_failed(to->place.file, name, err);
    hdf5_quiet_end(quiet);
    return status;
}

enum status provenance_put_u64(struct provenance *to, const char *path, const char *name,
                               uint64_t value, struct error *err)
{
    return put_attribute(to, path, name, H5T_NATIVE_UINT64, &value, err);
}

enum status provenance_put_u8(struct provenance *to, const char *path, const char *name,
                              uint8_t value, struct error *err)
{
    return put_attribute(to, path, name, H5T_NATIVE_UINT8, &value, err);
}

enum status provenance_put_f64(struct provenance *to, const char *path, const char *name,
                               double value, struct error *err)
{
    return put_attribute(to, path, name, H5T_NATIVE_DOUBLE, &value, err);
}

/* Layout of a dataset that is not small; times are not tracked, so that files stay comparable.
 * rows: of a packed chunk; 0: plain. */
static hid_t large_layout(hsize_t rows)
{
    hid_t layout = H5Pcreate(H5P_DATASET_CREATE);
    if (layout < 0 || H5Pset_obj_track_times(layout, 0) < 0)
        return H5I_INVALID_HID;
    if (rows > 0 && (H5Pset_chunk(layout, 1, &rows) < 0 || H5Pset_shuffle(layout) < 0 ||
                     H5Pset_deflate(layout, 1) < 0))
        return H5I_INVALID_HID;
    return layout;
}

/* Creates a dataset where nothing stands yet, and goes to it. length SIZE_MAX: a scalar. */
static hid_t create_dataset(struct provenance *to, const char *path, hid_t type, uint64_t length,
                            hid_t layout)
{
    const hsize_t extent = length;
    const bool one = length == SIZE_MAX;
    const char *name;
    hid_t space = one ? to->scalar : H5Screate_simple(1, &extent, NULL);
    hid_t group = hdf5_place_go_above(&to->place, path, &name);
    if (space < 0 || group < 0 || layout < 0)
        return H5I_INVALID_HID;
    hid_t dataset = H5Dcreate2(group, name, type, space, H5P_DEFAULT, layout, H5P_DEFAULT);
    if (hdf5_place_enter(&to->place, name, dataset) < 0 || (!one && H5Sclose(space) < 0))
        return H5I_INVALID_HID;
    return dataset;
}

/* length: SIZE_MAX for a scalar. */
static herr_t put_texts(struct provenance *to, const char *path, uint64_t length, size_t width,
                        const char *cells)
{
    hid_t type = hdf5_text_type(width), layout = large_layout(0);
    hid_t dataset = type < 0 ? H5I_INVALID_HID : create_dataset(to, path, type, length, layout);
    if (dataset < 0 ||
        (length > 0 && H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, cells) < 0) ||
        H5Pclose(layout) < 0)
        return -1;
    return H5Tclose(type);
}

/* Texts in cells of one width, that of the longest, with zeros behind them; NULL without memory. */
static char *side_by_side(const char *const *texts, uint64_t count, size_t *width)
{
    *width = 1;
    for (uint64_t i = 0; i < count; i++)
        *width = strlen(texts[i]) > *width ? strlen(texts[i]) : *width;
    char *cells = calloc(count + 1, *width);
    for (uint64_t i = 0; cells && i < count; i++)
        memcpy(cells + i * *width, texts[i], strlen(texts[i]));
    return cells;
}

enum status provenance_put_texts(struct provenance *to, const char *path, uint64_t count,
                                 const char *const *texts, struct error *err)
{
    size_t width;
    char *cells = side_by_side(texts, count == SIZE_MAX ? 1 : count, &width);
    if (!cells)
        return error_no_memory(err, "to write %s", path);
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    enum status status = STATUS_OK;
    if (put_texts(to, path, count, width, cells) < 0)
        status = hdf5_put_failed(to->place.file, path, err);
    hdf5_quiet_end(quiet);
    free(cells);
    return status;
}

enum status provenance_put_text(struct provenance *to, const char *path, const char *text,
                                struct error *err)
{
    return provenance_put_texts(to, path, SIZE_MAX, &text, err);
}

static hid_t create_numbers(struct provenance *to, const struct provenance_numbers *numbers)
{
    const uint64_t length = numbers->length;
    hid_t type = memory_type(numbers->type);
    if (length <= SMALL_MOST || length == SIZE_MAX)
        return create_dataset(to, numbers->path, type, length, to->small);
    hid_t layout = large_layout(length < PACKED_CHUNK_ROWS ? length : PACKED_CHUNK_ROWS);
    hid_t dataset = create_dataset(to, numbers->path, type, length, layout);
    return dataset < 0 || H5Pclose(layout) < 0 ? H5I_INVALID_HID : dataset;
}

static enum status begin_numbers(struct provenance *to, const struct provenance_numbers *numbers,
                                 hid_t *dataset, struct error *err)
{
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    enum status status = STATUS_OK;
    *dataset = create_numbers(to, numbers);
    if (*dataset < 0 || (numbers->units && hdf5_put_text(*dataset, "units", numbers->units) < 0))
        status = hdf5_put_failed(to->place.file, numbers->path, err);
    hdf5_quiet_end(quiet);
    return status;
}

/* All at once, through HDF5's own filters where there are any. */
static enum status write_few(hid_t dataset, const struct provenance_numbers *numbers,
                             struct error *err)
{
    uint64_t count = numbers->length == SIZE_MAX ? 1 : numbers->length;
    uint64_t *values = malloc(count * sizeof *values + 1);
    enum status status = STATUS_OK;
    if (!values)
        return error_no_memory(err, "to write %s", numbers->path);
    numbers->fill(numbers->context, 0, count, values);
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    if (H5Dwrite(dataset, memory_type(numbers->type), H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)
        status = hdf5_put_failed(dataset, numbers->path, err);
    hdf5_quiet_end(quiet);
    free(values);
    return status;
}

enum status provenance_put_numbers(struct provenance *to, const struct provenance_numbers *numbers,
                                   int threads, struct error *err)
{
    const bool many = numbers->length >= PACKED_CHUNK_ROWS && numbers->length != SIZE_MAX;
    hid_t dataset;
    enum status status = begin_numbers(to, numbers, &dataset, err);
    if (status)
        return status;
    if (many)
        return packed_chunks_write(dataset, numbers->path, numbers->length, threads, numbers->fill,
                                   numbers->context, err);
    return write_few(dataset, numbers, err);
}

void provenance_copy_numbers(const void *context, uint64_t begin, uint64_t end, void *values)
{
    memcpy(values, (const uint64_t *)context + begin, (end - begin) * sizeof(uint64_t));
}

uint64_t provenance_numbers_memory(uint64_t length, int threads)
{
    return length < PACKED_CHUNK_ROWS ? length * sizeof(uint64_t)
                                      : packed_chunks_memory(length, threads);
}
