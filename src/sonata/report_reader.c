#include "sonata/report_reader.h"

#include "io/hdf5_help.h"
#include "io/hdf5_input.h"
#include "io/hdf5_open.h"
#include "io/hdf5_text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct report_reader {
    char *path, *variable;
    hid_t file;
    struct report_read_population *population;
    hid_t *data;
    size_t count;
};

static bool is_hdf5(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode) && H5Fis_hdf5(path) > 0;
}

bool report_is(const char *path)
{
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    hid_t file = is_hdf5(path) ? hdf5_open_file(path) : H5I_INVALID_HID;
    bool found = file >= 0 && H5Lexists(file, "report", H5P_DEFAULT) > 0;
    if (file >= 0)
        H5Fclose(file);
    hdf5_quiet_end(quiet);
    return found;
}

/* Values of this very file only: no links out of it, no storage elsewhere. */
static hid_t open_dataset(hid_t group, const char *name, int dimensions)
{
    H5L_info_t info;
    if (H5Lget_info(group, name, &info, H5P_DEFAULT) < 0 || info.type != H5L_TYPE_HARD)
        return H5I_INVALID_HID;
    hid_t dataset = hdf5_open_dataset(group, name, H5P_DEFAULT);
    if (dataset < 0)
        return dataset;
    hid_t layout = H5Dget_create_plist(dataset), space = H5Dget_space(dataset);
    bool fit = H5Pget_layout(layout) != H5D_VIRTUAL && H5Pget_external_count(layout) == 0 &&
               H5Sget_simple_extent_ndims(space) == dimensions;
    H5Sclose(space);
    H5Pclose(layout);
    if (fit)
        return dataset;
    H5Dclose(dataset);
    return H5I_INVALID_HID;
}

/* A whole list, as uint64 or double; NULL when it is not there. The caller frees it. */
static void *read_list(hid_t group, const char *name, hid_t type, uint64_t *count)
{
    hid_t dataset = open_dataset(group, name, 1);
    if (dataset < 0)
        return NULL;
    hid_t space = H5Dget_space(dataset);
    hssize_t points = H5Sget_simple_extent_npoints(space);
    void *values = points >= 0 ? malloc((size_t)points * 8 + 8) : NULL;
    if (values && points > 0 && hdf5_read_box(dataset, type, H5S_ALL, NULL, NULL, values) < 0) {
        free(values);
        values = NULL;
    }
    *count = points > 0 ? (uint64_t)points : 0;
    H5Sclose(space);
    H5Dclose(dataset);
    return values;
}

static bool read_time(struct report_read_population *p, hid_t mapping)
{
    uint64_t count = 0;
    double *time = read_list(mapping, "time", H5T_NATIVE_DOUBLE, &count);
    bool good = time && count == 3 && isfinite(time[0]) && isfinite(time[2]) && time[2] > 0;
    if (good) {
        p->start = time[0];
        p->interval = time[2];
    }
    free(time);
    return good;
}

/* Where each neuron's values begin; within the columns of the data. */
static bool read_columns(struct report_read_population *p, hid_t mapping, uint64_t columns)
{
    uint64_t count = 0;
    p->column = read_list(mapping, "index_pointers", H5T_NATIVE_UINT64, &count);
    if (!p->column)
        p->column = read_list(mapping, "index_pointer", H5T_NATIVE_UINT64, &count);
    bool good = p->column && count >= p->count;
    for (uint64_t i = 0; good && i < p->count; i++)
        good = p->column[i] < columns;
    return good;
}

static enum status read_texts(struct report_reader *r, struct report_read_population *p, hid_t data,
                              struct error *err)
{
    enum status status = hdf5_text_of_attribute(data, ".", "units", &p->units, err);
    if (!status && !r->variable)
        status = hdf5_text_of_attribute(data, ".", "variable", &r->variable, err);
    if (!status && !p->units && !(p->units = strdup("")))
        status = error_no_memory(err, NULL);
    return status;
}

static enum status unfit(const struct report_reader *r, const char *population, struct error *err)
{
    return error_set(err, STATUS_OUTPUT,
                     "%s is damaged: its report of population %s has not the data and mapping "
                     "that SONATA asks for",
                     r->path, population);
}

static bool read_mapping(struct report_read_population *p, hid_t data, hid_t mapping)
{
    hsize_t size[2] = {0, 0};
    hid_t space = H5Dget_space(data);
    H5Sget_simple_extent_dims(space, size, NULL);
    H5Sclose(space);
    p->rows = size[0];
    p->node_ids = read_list(mapping, "node_ids", H5T_NATIVE_UINT64, &p->count);
    return p->node_ids && read_time(p, mapping) && read_columns(p, mapping, size[1]);
}

static enum status read_population(struct report_reader *r, hid_t group, const char *name,
                                   struct error *err)
{
    struct report_read_population *p = &r->population[r->count];
    hid_t data = open_dataset(group, "data", 2);
    hid_t mapping = hdf5_open_group(group, "mapping");
    *p = (struct report_read_population){.name = strdup(name)};
    r->data[r->count++] = data;
    enum status status = STATUS_OK;
    if (!p->name)
        status = error_no_memory(err, NULL);
    else if (data < 0 || mapping < 0 || !read_mapping(p, data, mapping))
        status = unfit(r, name, err);
    if (mapping >= 0)
        H5Gclose(mapping);
    return status ? status : read_texts(r, p, data, err);
}

static enum status read_populations(struct report_reader *r, struct error *err)
{
    hid_t root = hdf5_open_group(r->file, "/report");
    H5G_info_t info = {.nlinks = 0};
    if (root < 0 || H5Gget_info(root, &info) < 0)
        return error_set(
            err, STATUS_OUTPUT,
            "cannot read %s: it is no SONATA report; the traces of a [record.NAME] with what = "
            "V_m, "
            "I or jumps are in a file of their own beside the spikes, such as out.NAME.h5",
            r->path);
    r->population = calloc(info.nlinks + 1, sizeof *r->population);
    r->data = calloc(info.nlinks + 1, sizeof *r->data);
    enum status status = r->population && r->data ? STATUS_OK : error_no_memory(err, NULL);
    char name[1024] = "";
    for (hsize_t i = 0; !status && i < info.nlinks; i++) {
        ssize_t length = H5Lget_name_by_idx(root, ".", H5_INDEX_NAME, H5_ITER_INC, i, name,
                                            sizeof name, H5P_DEFAULT);
        hid_t group = length > 0 ? hdf5_open_group(root, name) : H5I_INVALID_HID;
        status = group >= 0 ? read_population(r, group, name, err) : unfit(r, name, err);
        if (group >= 0)
            H5Gclose(group);
    }
    H5Gclose(root);
    return status;
}

enum status report_open(struct report_reader **out, const char *path, struct error *err)
{
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    struct report_reader *r = calloc(1, sizeof *r);
    *out = r;
    enum status status = r && (r->path = strdup(path))
                             ? hdf5_input_file(path, "a SONATA report", &r->file, err)
                             : error_no_memory(err, NULL);
    if (!status)
        status = read_populations(r, err);
    hdf5_quiet_end(quiet);
    return status;
}

void report_close(struct report_reader *r)
{
    if (!r)
        return;
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    for (size_t i = 0; i < r->count; i++) {
        if (r->data[i] >= 0)
            H5Dclose(r->data[i]);
        free(r->population[i].name);
        free(r->population[i].units);
        free(r->population[i].node_ids);
        free(r->population[i].column);
    }
    if (r->file > 0)
        H5Fclose(r->file);
    hdf5_quiet_end(quiet);
    free(r->population);
    free(r->data);
    free(r->variable);
    free(r->path);
    free(r);
}

const struct report_read_population *report_populations(const struct report_reader *r,
                                                        size_t *count)
{
    *count = r->count;
    return r->population;
}

hid_t report_reader_file(const struct report_reader *r)
{
    return r->file;
}

const char *report_variable(const struct report_reader *r)
{
    return r->variable ? r->variable : "";
}

enum status report_read_neuron(struct report_reader *r, size_t population, uint64_t index,
                               uint64_t first, uint64_t rows, double *values, struct error *err)
{
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    const hsize_t start[2] = {first, r->population[population].column[index]}, size[2] = {rows, 1};
    hid_t memory = H5Screate_simple(2, size, NULL);
    herr_t result =
        hdf5_read_box(r->data[population], H5T_NATIVE_DOUBLE, memory, start, size, values);
    enum status status = result < 0 ? hdf5_failed(err, "cannot read %s", r->path) : STATUS_OK;
    H5Sclose(memory);
    hdf5_quiet_end(quiet);
    return status;
}
