#include "commands/connections_sink.h"

#include "base/decimal.h"
#include "base/memory.h"
#include "base/version.h"
#include "config/write.h"
#include "io/hdf5_help.h"
#include "io/output_stream.h"
#include "io/provenance.h"
#include "sonata/edges_writer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct connections_sink {
    const struct setup *setup;
    const char *path;
    struct edges_writer *writer; /* SONATA; else NULL */
    bool text;                   /* a table */
    struct output_stream stream;
    uint64_t base[2]; /* ids of the table count through the populations of a list */
    char name[300];   /* of the population of edges */
};

bool connections_sink_is_text(const char *path)
{
    size_t length = strlen(path);
    return output_stream_is_printed(path) || (length > 4 && strcmp(path + length - 4, ".csv") == 0);
}

static enum status open_text(struct connections_sink *sink, bool force, struct error *err)
{
    enum status status = output_stream_open(&sink->stream, sink->path, force, stdout, err);
    sink->text = !status;
    if (!status)
        fputs("source,target,weight,delay\n", sink->stream.file);
    return status;
}

enum status connections_sink_open(struct connections_sink **out, const char *path, bool force,
                                  const struct setup *setup, struct error *err)
{
    struct connections_sink *sink = *out = calloc(1, sizeof *sink);
    if (!sink)
        return error_no_memory(err, "to write connections");
    sink->setup = setup;
    sink->path = path;
    if (!path)
        return STATUS_OK;
    if (connections_sink_is_text(path))
        return open_text(sink, force, err);
    const struct edges_settings settings = {path, force, setup->config->output_deflate,
                                            setup->settings.threads};
    return edges_writer_create(&sink->writer, &settings, err);
}

/* The first id of a population where ids count through those of a list. */
static uint64_t base_of(const struct config *config, const struct target *list, size_t population)
{
    uint64_t base = 0;
    for (size_t i = 0; list[i].population != population; i++)
        if (list[i + 1].population != list[i].population)
            base += config->population[list[i].population].size;
    return base;
}

enum status connections_sink_begin(struct connections_sink *sink,
                                   const struct connections_choice *choice, struct error *err)
{
    const struct config *config = sink->setup->config;
    const struct projection_config *p = &config->projection[choice->projection];
    const struct population_config *source = &config->population[choice->source];
    const struct population_config *target = &config->population[choice->target];
    bool alone = connections_pairs(config, choice->projection) == 1;
    sink->base[0] = base_of(config, p->source, choice->source);
    sink->base[1] = base_of(config, p->target, choice->target);
    if (!sink->writer)
        return STATUS_OK;
    snprintf(sink->name, sizeof sink->name, alone ? "%s" : "%s.%s.%s", p->name, source->name,
             target->name);
    const struct edges_description description = {sink->name, source->name, target->name,
                                                  source->size, target->size};
    return edges_writer_begin(sink->writer, &description, err);
}

static enum status put_lines(struct connections_sink *sink, const struct connections_piece *piece,
                             struct error *err)
{
    char weight[32], delay[32];
    for (size_t i = 0; i < piece->count; i++)
        fprintf(sink->stream.file, "%" PRIu64 ",%" PRIu64 ",%s,%s\n",
                sink->base[0] + piece->source[i], sink->base[1] + piece->target[i],
                double_format(piece->weight[i], weight), double_format(piece->delay[i], delay));
    if (!ferror(sink->stream.file))
        return STATUS_OK;
    return error_set(err, STATUS_OUTPUT, "cannot write %s: %s", sink->path, strerror(errno));
}

enum status connections_sink_put(struct connections_sink *sink,
                                 const struct connections_piece *piece, struct error *err)
{
    if (sink->text)
        return put_lines(sink, piece, err);
    return sink->writer ? edges_writer_put(sink->writer, piece->count, piece->source, piece->target,
                                           piece->weight, piece->delay, err)
                        : STATUS_OK;
}

/* A quarter of what there is, so that few passes are needed. */
enum status connections_sink_end(struct connections_sink *sink, struct error *err)
{
    char limit[40];
    return sink->writer
               ? edges_writer_end(sink->writer, memory_available(limit, sizeof limit) / 4, err)
               : STATUS_OK;
}

static enum status put_facts(struct provenance *to, const struct config *config, const char *digest,
                             struct error *err)
{
    const char *group = "/megalif";
    enum status status = provenance_put_string(to, group, "version", version_number(), err);
    if (!status)
        status = provenance_put_u64(to, group, "numerics", NUMERICS, err);
    if (!status)
        status = provenance_put_f64(to, group, "dt_ms", config->dt_ms, err);
    if (!status)
        status = provenance_put_u64(to, group, "seed", config->seed, err);
    return status ? status : provenance_put_string(to, group, "connectivity", digest, err);
}

static enum status put_config(struct provenance *to, const struct config *config, struct error *err)
{
    char *text = config_to_text(config);
    enum status status = text ? provenance_put_text(to, "/megalif/config", text, err)
                              : error_no_memory(err, "for the config");
    free(text);
    return status;
}

/* What the synapses were drawn from. */
static enum status describe(const struct connections_sink *sink, const char *digest,
                            struct error *err)
{
    struct provenance to;
    enum status status = provenance_begin(&to, edges_writer_file(sink->writer), err);
    if (!status)
        status = put_facts(&to, sink->setup->config, digest, err);
    if (!status)
        status = put_config(&to, sink->setup->config, err);
    return status ? status : provenance_end(&to, err);
}

static enum status close_sonata(struct connections_sink *sink, const char *digest,
                                enum status status, struct error *err)
{
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    status = status ? status : describe(sink, digest, err);
    hdf5_quiet_end(quiet);
    if (!status)
        return edges_writer_finish(sink->writer, err);
    edges_writer_abandon(sink->writer);
    return status;
}

enum status connections_sink_close(struct connections_sink *sink, const char *digest,
                                   enum status status, struct error *err)
{
    if (!sink)
        return status;
    if (sink->writer)
        status = close_sonata(sink, digest, status, err);
    if (sink->text)
        status = output_stream_close(&sink->stream, status, err);
    free(sink);
    return status;
}
