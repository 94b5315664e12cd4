#include "sonata/spike_sink.h"

#include "base/decimal.h"
#include "io/output_path.h"
#include "io/output_stream.h"
#include "io/provenance.h"
#include "sonata/raster_reader.h"
#include "sonata/raster_writer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { QUEUE_CHUNKS = 4 };

struct spike_sink {
    struct spike_sink_settings settings;
    struct raster_writer *raster; /* SONATA; else NULL */
    struct output_stream csv;     /* CSV; else closed */
};

enum status spike_sink_check(const struct spike_sink_settings *settings, struct error *err)
{
    return output_path_check(settings->path, settings->force, err);
}

/* A name must come back as it is from our reader, and from others that know quotes. */
static bool is_name_for_csv(const char *name)
{
    size_t length = strlen(name);
    return length > 0 && !strpbrk(name, ",\"\t\r\n") && name[0] != ' ' && name[length - 1] != ' ';
}

static bool is_name_for_sonata(const char *name)
{
    return *name && !strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

static enum status check_names(const struct spike_sink_settings *settings, struct error *err)
{
    for (size_t i = 0; i < settings->population_count; i++) {
        const char *name = settings->population[i];
        if (settings->csv ? !is_name_for_csv(name) : !is_name_for_sonata(name))
            return error_set(err, STATUS_OUTPUT,
                             "a population named '%.80s' cannot stand in %s: %s", name,
                             settings->path,
                             settings->csv ? "a name in CSV is not empty and has no comma, quote, "
                                             "tab, line end, nor blanks around it"
                                           : "a name in HDF5 is not empty, '.', '..' and has no /");
    }
    return STATUS_OK;
}

static enum status create_csv(struct spike_sink *sink, struct error *err)
{
    enum status status =
        output_stream_open(&sink->csv, sink->settings.path, sink->settings.force, NULL, err);
    if (!status)
        fputs("population,timestamps,node_ids\n", sink->csv.file);
    return status;
}

static enum status create_sonata(struct spike_sink *sink, struct error *err)
{
    const struct raster_settings settings = {
        .path = sink->settings.path,
        .force = sink->settings.force,
        .deflate = sink->settings.deflate,
        .population = sink->settings.population,
        .population_count = sink->settings.population_count,
    };
    return raster_create(&sink->raster, &settings, QUEUE_CHUNKS, err);
}

enum status spike_sink_create(struct spike_sink **out, const struct spike_sink_settings *settings,
                              struct error *err)
{
    *out = NULL;
    struct spike_sink *sink = calloc(1, sizeof *sink);
    if (!sink)
        return error_no_memory(err, NULL);
    sink->settings = *settings;
    enum status status = check_names(settings, err);
    if (!status)
        status = settings->csv ? create_csv(sink, err) : create_sonata(sink, err);
    if (status)
        spike_sink_abandon(sink);
    else
        *out = sink;
    return status;
}

static enum status put_lines(struct spike_sink *sink, const char *name, const struct spike *spikes,
                             size_t count, struct error *err)
{
    char time[32];
    for (size_t i = 0; i < count; i++)
        if (fprintf(sink->csv.file, "%s,%s,%" PRIu64 "\n", name,
                    double_format(spikes[i].time, time), spikes[i].id) < 0)
            return error_set(err, STATUS_OUTPUT, "cannot write %s: %s", sink->settings.path,
                             strerror(errno));
    return STATUS_OK;
}

static void fill(const void *context, uint64_t first, size_t rows, uint64_t *node_ids,
                 double *timestamps)
{
    const struct spike *spikes = (const struct spike *)context + first;
    for (size_t i = 0; i < rows; i++) {
        node_ids[i] = spikes[i].id;
        timestamps[i] = spikes[i].time;
    }
}

enum status spike_sink_put(struct spike_sink *sink, size_t population, const struct spike *spikes,
                           size_t count, struct error *err)
{
    if (sink->csv.file)
        return put_lines(sink, sink->settings.population[population], spikes, count, err);
    return raster_append(sink->raster, population, count, fill, spikes, err);
}

static enum status finish_sonata(struct spike_sink *sink, struct error *err)
{
    hid_t file;
    enum status status = raster_drain(sink->raster, &file, err);
    if (!status && sink->settings.beside)
        status = provenance_copy(raster_reader_file(sink->settings.beside), file, err);
    if (status)
        raster_abandon(sink->raster);
    else
        status = raster_finish(sink->raster, NULL, err);
    sink->raster = NULL;
    return status;
}

enum status spike_sink_finish(struct spike_sink *sink, struct error *err)
{
    enum status status =
        sink->raster ? finish_sonata(sink, err) : output_stream_close(&sink->csv, STATUS_OK, err);
    spike_sink_abandon(sink);
    return status;
}

void spike_sink_abandon(struct spike_sink *sink)
{
    if (!sink)
        return;
    struct error ignored;
    output_stream_close(&sink->csv, STATUS_OUTPUT, &ignored);
    if (sink->raster)
        raster_abandon(sink->raster);
    free(sink);
}
