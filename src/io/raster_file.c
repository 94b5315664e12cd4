#include "io/raster_file.h"

#include "io/hdf5_help.h"
#include "io/output_path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct population {
    hid_t column[RASTER_COLUMNS];
    uint64_t rows;
};

struct raster_file {
    char *path;
    hid_t id;
    int descriptor; /* our own, to sync the file after H5Fclose */
    size_t population_count;
    struct population *population;
    uint64_t rows;
    uint64_t stored_bytes;
};

static herr_t put_root_attributes(hid_t file)
{
    const uint32_t magic = 0x0A7A;
    const uint32_t version[2] = {0, 1};
    const hsize_t length = 2;
    hid_t pair = H5Screate_simple(1, &length, NULL);
    if (pair < 0 || hdf5_put_scalar(file, "magic", H5T_NATIVE_UINT32, &magic) < 0 ||
        hdf5_put_attribute(file, "version", H5T_NATIVE_UINT32, pair, version) < 0)
        return -1;
    return H5Sclose(pair);
}

/* SONATA wants an enumeration; a plain number or a string makes libsonata fail. */
static herr_t put_sorting(hid_t group)
{
    static const char *const name[] = {"none", "by_id", "by_time"};
    const uint8_t by_time = 2;
    hid_t type = H5Tenum_create(H5T_NATIVE_UINT8);
    if (type < 0)
        return -1;
    for (uint8_t value = 0; value < 3; value++)
        if (H5Tenum_insert(type, name[value], &value) < 0)
            return -1;
    if (hdf5_put_scalar(group, "sorting", type, &by_time) < 0)
        return -1;
    return H5Tclose(type);
}

static hid_t column_layout(bool deflate)
{
    const hsize_t rows = RASTER_CHUNK_ROWS;
    hid_t layout = H5Pcreate(H5P_DATASET_CREATE);
    if (layout < 0 || H5Pset_chunk(layout, 1, &rows) < 0 ||
        H5Pset_fill_time(layout, H5D_FILL_TIME_NEVER) < 0 || H5Pset_obj_track_times(layout, 0) < 0)
        return H5I_INVALID_HID;
    if (deflate && (H5Pset_shuffle(layout) < 0 || H5Pset_deflate(layout, 1) < 0))
        return H5I_INVALID_HID;
    return layout;
}

static hid_t create_column(hid_t group, const char *name, hid_t type, bool deflate)
{
    const hsize_t none = 0, unlimited = H5S_UNLIMITED;
    hid_t space = H5Screate_simple(1, &none, &unlimited);
    hid_t layout = column_layout(deflate);
    hid_t access = H5Pcreate(H5P_DATASET_ACCESS);
    /* Whole chunks are written past HDF5's chunk cache: it would only cost memory. */
    if (space < 0 || layout < 0 || access < 0 || H5Pset_chunk_cache(access, 0, 0, 0) < 0)
        return H5I_INVALID_HID;
    hid_t column = H5Dcreate2(group, name, type, space, H5P_DEFAULT, layout, access);
    if (column < 0 || H5Pclose(access) < 0 || H5Pclose(layout) < 0 || H5Sclose(space) < 0)
        return H5I_INVALID_HID;
    return column;
}

static herr_t create_population(hid_t spikes, const char *name, bool deflate,
                                struct population *population)
{
    hid_t group = H5Gcreate2(spikes, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (group < 0 || put_sorting(group) < 0)
        return -1;
    hid_t *column = population->column;
    column[RASTER_NODE_IDS] = create_column(group, "node_ids", H5T_NATIVE_UINT64, deflate);
    if (column[RASTER_NODE_IDS] < 0)
        return -1;
    column[RASTER_TIMESTAMPS] = create_column(group, "timestamps", H5T_NATIVE_DOUBLE, deflate);
    if (column[RASTER_TIMESTAMPS] < 0 ||
        hdf5_put_string(column[RASTER_TIMESTAMPS], "units", "ms") < 0)
        return -1;
    return H5Gclose(group);
}

/* HDF5 takes over the empty file. Closing it fails while objects in it are open. */
static herr_t create_file(struct raster_file *file)
{
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    if (access < 0 || H5Pset_fclose_degree(access, H5F_CLOSE_SEMI) < 0)
        return -1;
    file->id = H5Fcreate(file->path, H5F_ACC_TRUNC, H5P_DEFAULT, access);
    return file->id < 0 ? -1 : H5Pclose(access);
}

static herr_t create_layout(struct raster_file *file, const char *const *population, bool deflate)
{
    if (create_file(file) < 0 || put_root_attributes(file->id) < 0)
        return -1;
    hid_t spikes = H5Gcreate2(file->id, "/spikes", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (spikes < 0)
        return -1;
    for (size_t i = 0; i < file->population_count; i++)
        if (create_population(spikes, population[i], deflate, &file->population[i]) < 0)
            return -1;
    return H5Gclose(spikes);
}

static void free_file(struct raster_file *file)
{
    if (file->descriptor >= 0)
        close(file->descriptor);
    free(file->population);
    free(file->path);
    free(file);
}

enum status raster_file_create(struct raster_file **out, const char *path,
                               const char *const *population, size_t population_count, bool deflate,
                               struct error *err)
{
    *out = NULL;
    struct raster_file *file = calloc(1, sizeof *file);
    if (!file)
        return error_set(err, STATUS_MEMORY, "not enough memory");
    file->id = H5I_INVALID_HID;
    file->descriptor = -1;
    file->path = strdup(path);
    file->population_count = population_count;
    file->population = calloc(population_count ? population_count : 1, sizeof *file->population);
    if (!file->path || !file->population) {
        free_file(file);
        return error_set(err, STATUS_MEMORY, "not enough memory");
    }
    enum status status = output_path_create(path, &file->descriptor, err);
    if (!status && create_layout(file, population, deflate) < 0)
        status = hdf5_failed(err, "cannot create %s", path);
    if (status)
        raster_file_discard(file);
    else
        *out = file;
    return status;
}

/* The extent grows to the exact row before the chunk goes in, so it never has to shrink. */
static herr_t write_column(struct raster_file *file, hid_t dataset, uint64_t first, size_t rows,
                           const struct raster_column *column)
{
    const hsize_t extent = first + rows, offset = first;
    if (H5Dset_extent(dataset, &extent) < 0 ||
        H5Dwrite_chunk(dataset, H5P_DEFAULT, 0, &offset, column->size, column->bytes) < 0)
        return -1;
    file->stored_bytes += column->size;
    return 0;
}

static enum status write_failed(const struct raster_file *file, struct error *err)
{
    return hdf5_failed(err, "cannot write %s (%llu spikes, %.1f MB had been written)", file->path,
                       (unsigned long long)file->rows, (double)file->stored_bytes * 1e-6);
}

enum status raster_file_append(struct raster_file *file, size_t population,
                               const struct raster_column column[RASTER_COLUMNS], size_t rows,
                               struct error *err)
{
    struct population *target = &file->population[population];
    for (int i = 0; i < RASTER_COLUMNS; i++)
        if (write_column(file, target->column[i], target->rows, rows, &column[i]) < 0)
            return write_failed(file, err);
    target->rows += rows;
    file->rows += rows;
    return STATUS_OK;
}

hid_t raster_file_id(const struct raster_file *file)
{
    return file->id;
}

uint64_t raster_file_rows(const struct raster_file *file)
{
    return file->rows;
}

uint64_t raster_file_stored_bytes(const struct raster_file *file)
{
    return file->stored_bytes;
}

static herr_t close_hdf5(struct raster_file *file)
{
    for (size_t i = 0; i < file->population_count; i++)
        for (int column = 0; column < RASTER_COLUMNS; column++)
            if (H5Dclose(file->population[i].column[column]) < 0)
                return -1;
    if (H5Fflush(file->id, H5F_SCOPE_GLOBAL) < 0)
        return -1;
    return H5Fclose(file->id);
}

/* Is the file of this name still ours? Where locks do not work (some network file systems), another
 * run may have replaced it. */
static bool is_in_place(const struct raster_file *file)
{
    struct stat ours, named;
    return fstat(file->descriptor, &ours) == 0 && lstat(file->path, &named) == 0 &&
           ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

/* Even after fsync a network file system may have a failure to tell. The file is in place. */
static enum status close_descriptor(struct raster_file *file, struct error *err)
{
    int failed = close(file->descriptor);
    file->descriptor = -1;
    if (!failed)
        return STATUS_OK;
    error_set(err, STATUS_OUTPUT, "cannot close %s: %s", file->path, strerror(errno));
    unlink(file->path);
    return STATUS_OUTPUT;
}

enum status raster_file_close(struct raster_file *file, struct error *err)
{
    enum status status = STATUS_OK;
    if (close_hdf5(file) < 0)
        status = write_failed(file, err);
    else if (fsync(file->descriptor) != 0)
        status = error_set(err, STATUS_OUTPUT, "cannot sync %s to disk: %s", file->path,
                           strerror(errno));
    else if (!is_in_place(file))
        status = error_set(err, STATUS_BUSY,
                           "another run has taken the place of %s, and this one's result is lost; "
                           "give each run an output of its own with -o",
                           file->path);
    else
        status = close_descriptor(file, err);
    if (status)
        raster_file_discard(file);
    else
        free_file(file);
    return status;
}

void raster_file_discard(struct raster_file *file)
{
    if (!file)
        return;
    if (file->descriptor >= 0) {
        if (is_in_place(file))
            unlink(file->path);
        /* HDF5 keeps the abandoned file open: give its space back now. On failure it comes back
         * when the process ends. */
        if (ftruncate(file->descriptor, 0) != 0)
            errno = 0;
    }
    free_file(file);
}
