#include "sonata/report_writer.h"

#include "io/hdf5_help.h"
#include "io/output_path.h"
#include "sonata/output_file.h"
#include "sonata/report_checksum.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TIMES = 3 };

struct population {
    uint64_t name; /* its hash */
    uint64_t count;
    uint64_t rows;     /* appended */
    size_t chunk_rows; /* in a chunk */
    size_t buffered;   /* rows that are not yet in the file, < chunk_rows */
    float *buffer;     /* [chunk_rows][count] */
    uint64_t checksum; /* of what is in the file: a chain of report_piece_checksum */
    hid_t group, data, mapping;
};

struct report_writer {
    char *path, *temporary;
    bool force;
    char *units, *variable;
    double start_ms, interval_ms;
    bool checked;
    struct output_file *output; /* NULL: closed */
    bool complete;
    size_t population_count;
    struct population *population;
};

static size_t chunk_rows(uint64_t count, uint64_t rows)
{
    uint64_t fit = report_rows_fit(count);
    return (size_t)(rows < 1 ? 1 : rows < fit ? rows : fit);
}

uint64_t report_memory(uint64_t count, uint64_t rows)
{
    return chunk_rows(count, rows) * count * sizeof(float);
}

enum status report_check_path(const char *path, bool force, struct error *err)
{
    return output_path_check(path, force, err);
}

double report_stop(double start_ms, double interval_ms, uint64_t rows)
{
    const double margin = 1e-6; /* libsonata's */
    double last = start_ms, sum = start_ms;
    for (uint64_t i = 0; i < rows; i++) {
        last = sum;
        sum += interval_ms;
    }
    if (rows == 0)
        return start_ms;
    double stop = fma((double)rows, interval_ms, start_ms);
    while ((stop - start_ms) / interval_ms < (double)rows)
        stop = nextafter(stop, INFINITY);
    if (last < stop - margin && !(sum < stop - margin))
        return stop;
    return last + (sum - last) / 2 + margin;
}

/* ---- creation ---- */

static hid_t data_layout(const struct population *p)
{
    const hsize_t chunk[2] = {p->chunk_rows,
                              p->count < REPORT_CHUNK_VALUES ? p->count : REPORT_CHUNK_VALUES};
    hid_t layout = H5Pcreate(H5P_DATASET_CREATE);
    if (layout < 0 || H5Pset_obj_track_times(layout, 0) < 0)
        return H5I_INVALID_HID;
    if (p->count > 0 &&
        (H5Pset_chunk(layout, 2, chunk) < 0 || H5Pset_fill_time(layout, H5D_FILL_TIME_NEVER) < 0))
        return H5I_INVALID_HID;
    return layout;
}

/* Without neurons there are no chunks, so such a dataset cannot grow: it is created when all rows
 * are there. */
static hid_t create_dataset(const struct population *p)
{
    const hsize_t extent[2] = {p->count > 0 ? 0 : p->rows, p->count};
    const hsize_t most[2] = {p->count > 0 ? H5S_UNLIMITED : p->rows, p->count};
    hid_t space = H5Screate_simple(2, extent, most);
    hid_t layout = data_layout(p);
    hid_t access = H5Pcreate(H5P_DATASET_ACCESS);
    /* Whole chunks are written past HDF5's chunk cache: it would only cost memory. */
    if (space < 0 || layout < 0 || access < 0 || H5Pset_chunk_cache(access, 0, 0, 0) < 0)
        return H5I_INVALID_HID;
    hid_t data = H5Dcreate2(p->group, "data", H5T_NATIVE_FLOAT, space, H5P_DEFAULT, layout, access);
    if (data < 0 || H5Pclose(access) < 0 || H5Pclose(layout) < 0 || H5Sclose(space) < 0)
        return H5I_INVALID_HID;
    return data;
}

/* A whole 1-d dataset. The caller closes it. */
static hid_t put_list(hid_t group, const char *name, hid_t type, uint64_t count, const void *values)
{
    const hsize_t extent = count;
    hid_t space = H5Screate_simple(1, &extent, NULL);
    hid_t layout = H5Pcreate(H5P_DATASET_CREATE);
    if (space < 0 || layout < 0 || H5Pset_obj_track_times(layout, 0) < 0)
        return H5I_INVALID_HID;
    hid_t list = H5Dcreate2(group, name, type, space, H5P_DEFAULT, layout, H5P_DEFAULT);
    if (list < 0 ||
        (count > 0 && H5Dwrite(list, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0) ||
        H5Pclose(layout) < 0 || H5Sclose(space) < 0)
        return H5I_INVALID_HID;
    return list;
}

static herr_t put_ids(hid_t mapping, const struct report_population *p)
{
    const uint8_t sorted = 1;
    hid_t ids = put_list(mapping, "node_ids", H5T_NATIVE_UINT64, p->count, p->node_ids);
    if (ids < 0 || hdf5_put_scalar(ids, "sorted", H5T_NATIVE_UINT8, &sorted) < 0)
        return -1;
    return H5Dclose(ids);
}

/* One value for each neuron, at its soma. zeros: [count + 1] of 8 bytes. */
static herr_t put_elements(hid_t mapping, uint64_t count, uint64_t *zeros)
{
    hid_t ids = put_list(mapping, "element_ids", H5T_NATIVE_UINT32, count, zeros);
    hid_t places = put_list(mapping, "element_pos", H5T_NATIVE_FLOAT, count, zeros);
    for (uint64_t i = 0; i <= count; i++)
        zeros[i] = i;
    hid_t pointers = put_list(mapping, "index_pointers", H5T_NATIVE_UINT64, count + 1, zeros);
    if (ids < 0 || places < 0 || pointers < 0 || H5Dclose(ids) < 0 || H5Dclose(places) < 0 ||
        H5Dclose(pointers) < 0)
        return -1;
    return H5Lcreate_hard(mapping, "index_pointers", mapping, "index_pointer", H5P_DEFAULT,
                          H5P_DEFAULT);
}

static herr_t create_data(struct population *p, const char *units, const char *variable)
{
    p->data = create_dataset(p);
    return p->data < 0 || hdf5_put_variable_text(p->data, "units", units) < 0
               ? -1
               : hdf5_put_variable_text(p->data, "variable", variable);
}

/* zeros: as in put_elements. */
static herr_t create_population(const struct report_writer *writer, hid_t report,
                                const struct report_population *from, struct population *p,
                                uint64_t *zeros)
{
    p->group = H5Gcreate2(report, from->name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    p->mapping = H5Gcreate2(p->group, "mapping", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    bool good = p->group >= 0 && p->mapping >= 0 && put_ids(p->mapping, from) >= 0 &&
                put_elements(p->mapping, from->count, zeros) >= 0;
    if (good && p->count > 0)
        good = create_data(p, writer->units, writer->variable) >= 0;
    return good ? 0 : -1;
}

static enum status create_layout(struct report_writer *writer,
                                 const struct report_settings *settings, struct error *err)
{
    hid_t report = H5Gcreate2(writer->output->id, "/report", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    herr_t done = report < 0 ? -1 : 0;
    for (size_t i = 0; done >= 0 && i < writer->population_count; i++) {
        const struct report_population *from = &settings->population[i];
        uint64_t *zeros = calloc(from->count + 1, sizeof *zeros);
        if (!zeros)
            return error_no_memory(err, "for %s", settings->path);
        done = create_population(writer, report, from, &writer->population[i], zeros);
        free(zeros);
    }
    if (done < 0 || H5Gclose(report) < 0)
        return hdf5_failed(err, "cannot create %s", writer->temporary);
    return STATUS_OK;
}

static void free_writer(struct report_writer *writer)
{
    for (size_t i = 0; writer->population && i < writer->population_count; i++)
        free(writer->population[i].buffer);
    free(writer->population);
    free(writer->path);
    free(writer->temporary);
    free(writer->units);
    free(writer->variable);
    free(writer);
}

static bool allocate(struct report_writer *writer, const struct report_settings *settings)
{
    size_t length = strlen(settings->path) + sizeof ".part";
    writer->path = strdup(settings->path);
    writer->temporary = malloc(length);
    writer->units = strdup(settings->units);
    writer->variable = strdup(settings->variable);
    writer->population = calloc(settings->population_count + 1, sizeof *writer->population);
    if (!writer->path || !writer->temporary || !writer->units || !writer->variable ||
        !writer->population)
        return false;
    snprintf(writer->temporary, length, "%s.part", settings->path);
    for (size_t i = 0; i < settings->population_count; i++) {
        struct population *p = &writer->population[i];
        p->name = fnv1a64(settings->population[i].name);
        p->count = settings->population[i].count;
        p->chunk_rows = chunk_rows(p->count, settings->rows);
        p->buffer = malloc(report_memory(p->count, settings->rows) + 1);
        if (!p->buffer)
            return false;
    }
    return true;
}

enum status report_create(struct report_writer **out, const struct report_settings *settings,
                          struct error *err)
{
    *out = NULL;
    enum status status = output_path_check(settings->path, settings->force, err);
    if (status)
        return status;
    struct report_writer *writer = calloc(1, sizeof *writer);
    if (!writer)
        return error_no_memory(err, NULL);
    writer->force = settings->force;
    writer->start_ms = settings->start_ms;
    writer->interval_ms = settings->interval_ms;
    writer->checked = settings->checked;
    writer->population_count = settings->population_count;
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    status = allocate(writer, settings)
                 ? output_file_create(&writer->output, writer->temporary, err)
                 : error_no_memory(err, "for %s", settings->path);
    if (!status)
        status = create_layout(writer, settings, err);
    hdf5_quiet_end(quiet);
    if (status)
        report_abandon(writer);
    else
        *out = writer;
    return status;
}

/* ---- rows ---- */

/* The buffered rows go into the file. */
static herr_t flush_rows(struct population *p, bool checked)
{
    const hsize_t first[2] = {p->rows - p->buffered, 0}, size[2] = {p->buffered, p->count};
    const hsize_t extent[2] = {p->rows, p->count};
    if (p->buffered == 0)
        return 0;
    if (H5Dset_extent(p->data, extent) < 0)
        return -1;
    hid_t file = H5Dget_space(p->data), memory = H5Screate_simple(2, size, NULL);
    if (file < 0 || memory < 0 ||
        H5Sselect_hyperslab(file, H5S_SELECT_SET, first, NULL, size, NULL) < 0 ||
        H5Dwrite(p->data, H5T_NATIVE_FLOAT, memory, file, H5P_DEFAULT, p->buffer) < 0)
        return -1;
    if (checked)
        p->checksum = report_piece_checksum(p->checksum, p->buffer, p->buffered, p->count);
    p->buffered = 0;
    return H5Sclose(file) < 0 || H5Sclose(memory) < 0 ? -1 : 0;
}

/* How far it came, for messages. */
static void describe(const struct report_writer *writer, char text[80])
{
    snprintf(text, 80, "%llu rows had been written",
             (unsigned long long)(writer->population_count > 0 ? writer->population[0].rows : 0));
}

static enum status write_failed(const struct report_writer *writer, struct error *err)
{
    char progress[80];
    describe(writer, progress);
    return output_file_failed(writer->output, progress, err);
}

/* Rows on their way in, in one of two precisions. */
struct rows {
    const double *values;
    const float *floats;
};

static void put_rows(struct population *p, const struct rows *from, size_t first, size_t rows)
{
    float *to = p->buffer + p->buffered * p->count;
    const size_t begin = first * p->count, size = rows * p->count;
    if (from->floats && size > 0)
        memcpy(to, from->floats + begin, size * sizeof *to);
    for (size_t i = 0; from->values && i < size; i++)
        to[i] = (float)from->values[begin + i];
    p->buffered += rows;
    p->rows += rows;
}

static enum status append(struct report_writer *writer, struct population *p, size_t rows,
                          const struct rows *from, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t done = 0; done < rows && !status;) {
        size_t room = p->chunk_rows - p->buffered;
        size_t now = rows - done < room ? rows - done : room;
        put_rows(p, from, done, now);
        done += now;
        if (p->buffered < p->chunk_rows)
            continue;
        struct hdf5_quiet quiet = hdf5_quiet_begin();
        if (p->count > 0 && flush_rows(p, writer->checked) < 0)
            status = write_failed(writer, err);
        hdf5_quiet_end(quiet);
        p->buffered = 0;
    }
    return status;
}

enum status report_append(struct report_writer *writer, size_t population, size_t rows,
                          const double *values, struct error *err)
{
    const struct rows from = {.values = values};
    return append(writer, &writer->population[population], rows, &from, err);
}

enum status report_append_floats(struct report_writer *writer, size_t population, size_t rows,
                                 const float *values, struct error *err)
{
    const struct rows from = {.floats = values};
    return append(writer, &writer->population[population], rows, &from, err);
}

uint64_t report_rows(const struct report_writer *writer, size_t population)
{
    return writer->population[population].rows;
}

hid_t report_file(const struct report_writer *writer)
{
    return writer->output->id;
}

/* ---- the end ---- */

static herr_t put_time(const struct report_writer *writer, const struct population *p)
{
    const double time[TIMES] = {writer->start_ms,
                                report_stop(writer->start_ms, writer->interval_ms, p->rows),
                                writer->interval_ms};
    hid_t list = put_list(p->mapping, "time", H5T_NATIVE_DOUBLE, TIMES, time);
    if (list < 0 || hdf5_put_variable_text(list, "units", "ms") < 0)
        return -1;
    return H5Dclose(list);
}

static herr_t complete(struct report_writer *writer)
{
    for (size_t i = 0; i < writer->population_count; i++) {
        struct population *p = &writer->population[i];
        herr_t done = p->count > 0 ? flush_rows(p, writer->checked)
                                   : create_data(p, writer->units, writer->variable);
        if (done < 0 || put_time(writer, p) < 0 || H5Dclose(p->data) < 0 ||
            H5Gclose(p->mapping) < 0 || H5Gclose(p->group) < 0)
            return -1;
    }
    return 0;
}

enum status report_complete(struct report_writer *writer, struct error *err)
{
    char progress[80];
    struct output_file *output = writer->output;
    describe(writer, progress);
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    enum status status = STATUS_OK;
    if (complete(writer) < 0)
        status = output_file_failed(output, progress, err);
    else {
        writer->output = NULL; /* it removes itself on an error */
        status = output_file_close(output, progress, err);
    }
    hdf5_quiet_end(quiet);
    writer->complete = !status;
    return status;
}

enum status report_describe(const struct report_writer *writer, struct report_segment *out,
                            struct error *err)
{
    struct stat info;
    *out = (struct report_segment){.rows = writer->population[0].rows};
    if (stat(writer->temporary, &info) != 0)
        return error_set(err, STATUS_OUTPUT, "cannot find %s, which has just been written: %s",
                         writer->temporary, strerror(errno));
    out->bytes = (uint64_t)info.st_size;
    for (size_t i = 0; i < writer->population_count; i++)
        out->checksum +=
            report_population_checksum(writer->population[i].name, writer->population[i].checksum);
    return STATUS_OK;
}

enum status report_publish(struct report_writer *writer, struct error *err)
{
    enum status status = output_path_publish(writer->temporary, writer->path, writer->force, err);
    free_writer(writer);
    return status;
}

void report_abandon(struct report_writer *writer)
{
    if (!writer)
        return;
    if (writer->complete)
        unlink(writer->temporary);
    output_file_discard(writer->output);
    free_writer(writer);
}
