#include "io/provenance.h"

#include "io/hdf5_help.h"

#include <stdlib.h>
#include <string.h>

static hid_t memory_type(enum dataset_type type)
{
    return type == DATASET_U64 ? H5T_NATIVE_UINT64 : H5T_NATIVE_DOUBLE;
}

static hid_t open_or_create_group(hid_t file, const char *path)
{
    htri_t exists = H5Lexists(file, path, H5P_DEFAULT);
    if (exists < 0)
        return H5I_INVALID_HID;
    if (exists)
        return H5Oopen(file, path, H5P_DEFAULT);
    return H5Gcreate2(file, path, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
}

/* The group at the first `length` bytes of an absolute path, made with all groups above it. */
static hid_t ensure_group(hid_t file, const char *path, size_t length)
{
    char prefix[512]; /* our own names are shorter */
    hid_t group = length < sizeof prefix ? H5Gopen2(file, "/", H5P_DEFAULT) : H5I_INVALID_HID;
    for (size_t end = 0; group >= 0 && end < length;) {
        end++;
        end += strcspn(path + end, "/");
        end = end < length ? end : length;
        memcpy(prefix, path, end);
        prefix[end] = '\0';
        H5Oclose(group);
        group = open_or_create_group(file, prefix);
    }
    return group;
}

/* Makes the groups above an object. */
static herr_t ensure_parent(hid_t file, const char *path)
{
    const char *slash = strrchr(path, '/');
    hid_t group = ensure_group(file, path, slash ? (size_t)(slash - path) : 0);
    return group < 0 ? -1 : H5Oclose(group);
}

static enum status put_attribute(hid_t file, const char *path, const char *name, hid_t type,
                                 const void *value, struct error *err)
{
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    enum status status = STATUS_OK;
    hid_t group = ensure_group(file, path, strlen(path));
    if (group < 0 || hdf5_put_scalar(group, name, type, value) < 0 || H5Oclose(group) < 0)
        status = hdf5_put_failed(file, name, err);
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

enum status provenance_put_string(hid_t file, const char *group, const char *name, const char *text,
                                  struct error *err)
{
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    enum status status = STATUS_OK;
    hid_t object = ensure_group(file, group, strlen(group));
    if (object < 0 || hdf5_put_text(object, name, text) < 0 || H5Oclose(object) < 0)
        status = hdf5_put_failed(file, name, err);
    hdf5_quiet_end(quiet);
    return status;
}

enum status provenance_put_u64(hid_t file, const char *group, const char *name, uint64_t value,
                               struct error *err)
{
    return put_attribute(file, group, name, H5T_NATIVE_UINT64, &value, err);
}

enum status provenance_put_u8(hid_t file, const char *group, const char *name, uint8_t value,
                              struct error *err)
{
    return put_attribute(file, group, name, H5T_NATIVE_UINT8, &value, err);
}

enum status provenance_put_f64(hid_t file, const char *group, const char *name, double value,
                               struct error *err)
{
    return put_attribute(file, group, name, H5T_NATIVE_DOUBLE, &value, err);
}

/* Layout of a dataset of `length` values; times are not tracked, so that files stay comparable. */
static hid_t dataset_layout(uint64_t length, bool deflate)
{
    hid_t layout = H5Pcreate(H5P_DATASET_CREATE);
    if (layout < 0 || H5Pset_obj_track_times(layout, 0) < 0)
        return H5I_INVALID_HID;
    if (!deflate || length < 2 || length == SIZE_MAX)
        return layout;
    const hsize_t rows = length < PACKED_CHUNK_ROWS ? length : PACKED_CHUNK_ROWS;
    if (H5Pset_chunk(layout, 1, &rows) < 0 || H5Pset_shuffle(layout) < 0 ||
        H5Pset_deflate(layout, 1) < 0)
        return H5I_INVALID_HID;
    return layout;
}

static hid_t create_dataset(hid_t file, const char *path, hid_t type, uint64_t length, bool deflate)
{
    if (ensure_parent(file, path) < 0)
        return H5I_INVALID_HID;
    const hsize_t extent = length;
    hid_t space = length == SIZE_MAX ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &extent, NULL);
    hid_t layout = dataset_layout(length, deflate);
    if (space < 0 || layout < 0)
        return H5I_INVALID_HID;
    hid_t dataset = H5Dcreate2(file, path, type, space, H5P_DEFAULT, layout, H5P_DEFAULT);
    if (dataset < 0 || H5Pclose(layout) < 0 || H5Sclose(space) < 0)
        return H5I_INVALID_HID;
    return dataset;
}

/* length: as dataset_layout's. */
static herr_t put_texts(hid_t file, const char *path, uint64_t length, size_t width,
                        const char *cells)
{
    hid_t type = hdf5_text_type(width);
    hid_t dataset = type < 0 ? H5I_INVALID_HID : create_dataset(file, path, type, length, false);
    if (dataset < 0 ||
        (length > 0 && H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, cells) < 0) ||
        H5Dclose(dataset) < 0)
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

enum status provenance_put_texts(hid_t file, const char *path, uint64_t count,
                                 const char *const *texts, struct error *err)
{
    size_t width;
    char *cells = side_by_side(texts, count == SIZE_MAX ? 1 : count, &width);
    if (!cells)
        return error_no_memory(err, "to write %s", path);
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    enum status status = STATUS_OK;
    if (put_texts(file, path, count, width, cells) < 0)
        status = hdf5_put_failed(file, path, err);
    hdf5_quiet_end(quiet);
    free(cells);
    return status;
}

enum status provenance_put_text(hid_t file, const char *path, const char *text, struct error *err)
{
    return provenance_put_texts(file, path, SIZE_MAX, &text, err);
}

static enum status create_numbers(hid_t file, const struct provenance_numbers *numbers,
                                  hid_t *dataset, struct error *err)
{
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    enum status status = STATUS_OK;
    *dataset =
        create_dataset(file, numbers->path, memory_type(numbers->type), numbers->length, true);
    if (*dataset < 0 || (numbers->units && hdf5_put_text(*dataset, "units", numbers->units) < 0))
        status = hdf5_put_failed(file, numbers->path, err);
    hdf5_quiet_end(quiet);
    return status;
}

/* All at once, through HDF5's own filters. */
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

static enum status close_numbers(hid_t file, const struct provenance_numbers *numbers,
                                 hid_t dataset, struct error *err)
{
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    enum status status = STATUS_OK;
    if (H5Dclose(dataset) < 0)
        status = hdf5_put_failed(file, numbers->path, err);
    hdf5_quiet_end(quiet);
    return status;
}

enum status provenance_put_numbers(hid_t file, const struct provenance_numbers *numbers,
                                   int threads, struct error *err)
{
    const bool many = numbers->length >= PACKED_CHUNK_ROWS && numbers->length != SIZE_MAX;
    hid_t dataset;
    enum status status = create_numbers(file, numbers, &dataset, err);
    if (!status && many)
        status = packed_chunks_write(dataset, numbers->path, numbers->length, threads,
                                     numbers->fill, numbers->context, err);
    else if (!status)
        status = write_few(dataset, numbers, err);
    return status ? status : close_numbers(file, numbers, dataset, err);
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
