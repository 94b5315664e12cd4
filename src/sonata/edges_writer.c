#include "sonata/edges_writer.h"

#include "base/memory.h"
#include "io/hdf5_help.h"
#include "io/output_path.h"
#include "sonata/edges_by_source.h"
#include "sonata/edges_index.h"
#include "sonata/output_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum column { SOURCE, TARGET, PLACE, WEIGHT, DELAY, COLUMNS };

struct edges_writer {
    char *path, *temporary;
    bool force, deflate, memory; /* memory: there was enough so far */
    int threads;
    struct output_file *output;
    uint64_t edges; /* of all populations */

    /* the population at work */
    struct edges_description now;
    hid_t group, indices;
    uint64_t next; /* number of its next edge */
    struct grown_column column[COLUMNS];
    struct edges_index by_target;
    uint64_t *degree; /* [sources]: edges of each */
};

static enum status failed(const struct edges_writer *writer, struct error *err)
{
    char progress[80];
    snprintf(progress, sizeof progress, "%" PRIu64 " edges had been written", writer->edges);
    return writer->memory ? output_file_failed(writer->output, progress, err)
                          : error_no_memory(err, "to write edges");
}

enum status edges_writer_create(struct edges_writer **out, const struct edges_settings *settings,
                                struct error *err)
{
    *out = NULL;
    enum status status = output_path_check(settings->path, settings->force, err);
    if (status)
        return status;
    struct edges_writer *writer = calloc(1, sizeof *writer);
    if (!writer)
        return error_no_memory(err, "to write edges");
    writer->path = strdup(settings->path);
    writer->temporary = output_path_temporary(settings->path);
    writer->force = settings->force;
    writer->deflate = settings->deflate;
    writer->threads = settings->threads;
    writer->memory = true;
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    status = writer->path && writer->temporary
                 ? output_file_create(&writer->output, writer->temporary, err)
                 : error_no_memory(err, "to write edges");
    if (!status) {
        hid_t edges =
            H5Gcreate2(writer->output->id, "/edges", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        if (edges < 0 || H5Gclose(edges) < 0)
            status = failed(writer, err);
    }
    hdf5_quiet_end(quiet);
    if (status)
        edges_writer_abandon(writer);
    else
        *out = writer;
    return status;
}

/* ---- a population begins */

static hid_t create_group(hid_t above, const char *name)
{
    return H5Gcreate2(above, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
}

static herr_t create_ends(struct edges_writer *w)
{
    struct grown_column *c = w->column;
    if (grown_column_create(&c[SOURCE], w->group, "source_node_id", H5T_NATIVE_UINT64, 1,
                            w->deflate, &w->memory) < 0 ||
        grown_column_create(&c[TARGET], w->group, "target_node_id", H5T_NATIVE_UINT64, 1,
                            w->deflate, &w->memory) < 0 ||
        hdf5_put_variable_text(c[SOURCE].dataset, "node_population", w->now.source) < 0)
        return -1;
    return hdf5_put_variable_text(c[TARGET].dataset, "node_population", w->now.target);
}

static herr_t create_values(struct edges_writer *w)
{
    struct grown_column *c = w->column;
    hid_t values = create_group(w->group, "0");
    if (values < 0 ||
        grown_column_create(&c[PLACE], w->group, "edge_group_index", H5T_NATIVE_UINT64, 1,
                            w->deflate, &w->memory) < 0 ||
        grown_column_create(&c[WEIGHT], values, "syn_weight", H5T_NATIVE_DOUBLE, 1, w->deflate,
                            &w->memory) < 0 ||
        grown_column_create(&c[DELAY], values, "delay", H5T_NATIVE_DOUBLE, 1, w->deflate,
                            &w->memory) < 0 ||
        hdf5_put_variable_text(c[DELAY].dataset, "units", "ms") < 0)
        return -1;
    return H5Gclose(values);
}

static herr_t create_population(struct edges_writer *w)
{
    hid_t edges = H5Gopen2(w->output->id, "/edges", H5P_DEFAULT);
    w->group = edges < 0 ? H5I_INVALID_HID : create_group(edges, w->now.name);
    w->indices = w->group < 0 ? H5I_INVALID_HID : create_group(w->group, "indices");
    if (w->indices < 0 || create_ends(w) < 0 || create_values(w) < 0 ||
        edges_index_create(&w->by_target, w->indices, "target_to_source", w->deflate, &w->memory) <
            0)
        return -1;
    return H5Gclose(edges);
}

enum status edges_writer_begin(struct edges_writer *writer,
                               const struct edges_description *description, struct error *err)
{
    writer->now = *description;
    writer->next = 0;
    writer->degree = calloc(description->sources + 1, sizeof *writer->degree);
    if (!writer->degree)
        return error_no_memory(err, "to write edges");
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    enum status status = create_population(writer) < 0 ? failed(writer, err) : STATUS_OK;
    hdf5_quiet_end(quiet);
    return status;
}

/* ---- edges */

static herr_t flush(struct edges_writer *w)
{
    herr_t result = 0;
#pragma omp parallel for num_threads(w->threads < COLUMNS ? w->threads : COLUMNS) schedule(dynamic)
    for (int i = 0; i < COLUMNS; i++)
        grown_column_pack(&w->column[i]);
    for (int i = 0; i < COLUMNS && result >= 0; i++)
        result = grown_column_write(&w->column[i]);
    return result;
}

static herr_t put_edge(struct edges_writer *w, uint64_t source, uint64_t target, double weight,
                       double delay)
{
    struct grown_column *c = w->column;
    size_t at = c[SOURCE].held;
    c[SOURCE].chunk.whole[at] = source;
    c[TARGET].chunk.whole[at] = target;
    c[PLACE].chunk.whole[at] = w->next;
    c[WEIGHT].chunk.number[at] = weight;
    c[DELAY].chunk.number[at] = delay;
    for (int i = 0; i < COLUMNS; i++)
        c[i].held++;
    w->degree[source]++;
    w->edges++;
    if (edges_index_add(&w->by_target, target, w->next++) < 0)
        return -1;
    return at + 1 == GROWN_CHUNK ? flush(w) : 0;
}

enum status edges_writer_put(struct edges_writer *writer, size_t count, const uint64_t *source,
                             const uint64_t *target, const double *weight, const double *delay,
                             struct error *err)
{
    herr_t result = 0;
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    for (size_t i = 0; i < count && result >= 0; i++)
        result = put_edge(writer, source[i], target[i], weight[i], delay[i]);
    enum status status = result < 0 ? failed(writer, err) : STATUS_OK;
    hdf5_quiet_end(quiet);
    return status;
}

/* ---- a population ends */

/* The same number for all edges: it stands once, as what is read where no chunk was written. */
static herr_t put_constant(const struct edges_writer *w, const char *name, uint32_t value)
{
    const hsize_t edges = w->next, chunk = GROWN_CHUNK;
    hid_t space = H5Screate_simple(1, &edges, NULL), list = H5Pcreate(H5P_DATASET_CREATE);
    if (space < 0 || list < 0 || H5Pset_chunk(list, 1, &chunk) < 0 ||
        H5Pset_fill_value(list, H5T_NATIVE_UINT32, &value) < 0 ||
        H5Pset_obj_track_times(list, 0) < 0)
        return -1;
    if (edges < chunk && H5Pset_chunk(list, 1, &(hsize_t){edges > 0 ? edges : 1}) < 0)
        return -1;
    hid_t dataset =
        H5Dcreate2(w->group, name, H5T_NATIVE_UINT32, space, H5P_DEFAULT, list, H5P_DEFAULT);
    return dataset < 0 || H5Dclose(dataset) < 0 || H5Pclose(list) < 0 || H5Sclose(space) < 0 ? -1
                                                                                             : 0;
}

static herr_t close_columns(struct edges_writer *w)
{
    if (put_constant(w, "edge_group_id", 0) < 0 || put_constant(w, "edge_type_id", 0) < 0)
        return -1;
    for (int i = SOURCE + 1; i < COLUMNS; i++)
        if (grown_column_close(&w->column[i]) < 0)
            return -1;
    return edges_index_close(&w->by_target, w->now.targets);
}

static herr_t write_rest(struct edges_writer *w)
{
    if (w->column[SOURCE].held == 0)
        return 0;
    return flush(w);
}

static enum status end_population(struct edges_writer *w, uint64_t index_bytes, struct error *err)
{
    if (write_rest(w) < 0 || close_columns(w) < 0)
        return failed(w, err);
    struct edges_by_source by_source = {w->column[SOURCE].dataset,
                                        w->indices,
                                        w->now.sources,
                                        w->degree,
                                        w->next,
                                        index_bytes,
                                        w->deflate,
                                        true};
    herr_t result = edges_by_source_write(&by_source);
    w->memory = by_source.memory;
    if (result < 0 || grown_column_close(&w->column[SOURCE]) < 0 || H5Gclose(w->indices) < 0 ||
        H5Gclose(w->group) < 0)
        return failed(w, err);
    return STATUS_OK;
}

static void free_population(struct edges_writer *w)
{
    for (int i = 0; i < COLUMNS; i++)
        grown_column_free(&w->column[i]);
    edges_index_free(&w->by_target);
    free(w->degree);
    w->degree = NULL;
}

enum status edges_writer_end(struct edges_writer *writer, uint64_t index_bytes, struct error *err)
{
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    enum status status = end_population(writer, index_bytes, err);
    hdf5_quiet_end(quiet);
    free_population(writer);
    return status;
}

hid_t edges_writer_file(const struct edges_writer *writer)
{
    return writer->output->id;
}

static void free_writer(struct edges_writer *writer)
{
    free_population(writer);
    free(writer->path);
    free(writer->temporary);
    free(writer);
}

enum status edges_writer_finish(struct edges_writer *writer, struct error *err)
{
    char progress[80];
    snprintf(progress, sizeof progress, "%" PRIu64 " edges", writer->edges);
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    enum status status = output_file_close(writer->output, progress, err);
    hdf5_quiet_end(quiet);
    if (!status)
        status = output_path_publish(writer->temporary, writer->path, writer->force, err);
    free_writer(writer);
    return status;
}

void edges_writer_abandon(struct edges_writer *writer)
{
    if (!writer)
        return;
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    output_file_discard(writer->output);
    hdf5_quiet_end(quiet);
    free_writer(writer);
}
