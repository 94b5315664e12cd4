#include "commands/edges_show.h"

#include "base/decimal.h"
#include "cli/cli_errors.h"
#include "cli/cli_json.h"
#include "cli/result_file.h"
#include "commands/edges_facts.h"
#include "io/hdf5_help.h"
#include "io/hdf5_text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The digest that a file of ours stores, allocated; NULL: none. */
static enum status read_stored(struct edges_reader *reader, char **stored, struct error *err)
{
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    enum status status =
        hdf5_text_of_attribute(edges_reader_file(reader), "/megalif", "connectivity", stored, err);
    hdf5_quiet_end(quiet);
    return status;
}

/* ---- info */

static const char *range(const double values[2], char *text, size_t size)
{
    char least[32], most[32];
    if (isnan(values[0]))
        snprintf(text, size, "-");
    else
        snprintf(text, size, values[0] < values[1] ? "%s .. %s" : "%s",
                 double_format(values[0], least), double_format(values[1], most));
    return text;
}

static const char *degrees(const struct edges_degrees *degrees, char *text, size_t size)
{
    if (degrees->ids == 0)
        snprintf(text, size, "-");
    else if (degrees->known)
        snprintf(text, size, "%.4g, at most %" PRIu64, degrees->mean, degrees->greatest);
    else
        snprintf(text, size, "%.4g", degrees->mean);
    return text;
}

static void print_population(const struct edges_population *p, const struct edges_facts *f)
{
    char text[80];
    printf("\n%s: %s -> %s\n", p->name, p->source ? p->source : "(not named)",
           p->target ? p->target : "(not named)");
    printf("  %-12s %" PRIu64 "\n", "edges", p->edges);
    printf("  %-12s up to %" PRIu64 " and %" PRIu64 "\n", "ids", f->out.ids - (f->out.ids > 0),
           f->in.ids - (f->in.ids > 0));
    printf("  %-12s %s\n", "out-degree", degrees(&f->out, text, sizeof text));
    printf("  %-12s %s\n", "in-degree", degrees(&f->in, text, sizeof text));
    printf("  %-12s %s%s\n", "weights", range(f->weight, text, sizeof text),
           f->all_weights ? "" : " (not of all edges; types may say them)");
    printf("  %-12s %s%s\n", "delays", range(f->delay, text, sizeof text),
           f->all_delays ? " ms" : " (not of all edges; types may say them)");
}

static void json_degrees(struct cli_json *json, const char *name, const struct edges_degrees *d)
{
    cli_json_open(json, name, '{');
    cli_json_u64(json, "ids", d->ids);
    cli_json_f64(json, "mean", d->mean);
    cli_json_u64_if(json, "greatest", d->known, d->greatest);
    cli_json_close(json, '}');
}

static void json_population(struct cli_json *json, const struct edges_population *p,
                            const struct edges_facts *f)
{
    cli_json_open(json, NULL, '{');
    cli_json_text(json, "name", p->name);
    cli_json_text(json, "source", p->source);
    cli_json_text(json, "target", p->target);
    cli_json_u64(json, "edges", p->edges);
    json_degrees(json, "out_degree", &f->out);
    json_degrees(json, "in_degree", &f->in);
    cli_json_f64(json, "least_weight", f->weight[0]);
    cli_json_f64(json, "greatest_weight", f->weight[1]);
    cli_json_f64(json, "least_delay_ms", f->delay[0]);
    cli_json_f64(json, "greatest_delay_ms", f->delay[1]);
    cli_json_close(json, '}');
}

static enum status read_all(struct edges_reader *reader, struct edges_facts *facts, size_t count,
                            struct error *err)
{
    enum status status = facts ? STATUS_OK : error_no_memory(err, "to read edges");
    for (size_t i = 0; i < count && !status; i++)
        status = edges_facts_read(&facts[i], reader, i, err);
    return status;
}

static void print_all(const char *path, const struct edges_population *list,
                      const struct edges_facts *facts, size_t count, const char *stored)
{
    printf("%s: SONATA edges, which projections with rule = file read\n", path);
    if (stored)
        printf("digest %s\n", stored);
    for (size_t i = 0; i < count; i++)
        print_population(&list[i], &facts[i]);
}

static void json_all(const char *path, const struct edges_population *list,
                     const struct edges_facts *facts, size_t count, const char *stored)
{
    struct cli_json json = {0};
    cli_json_open(&json, NULL, '{');
    cli_json_text(&json, "file", path);
    cli_json_text(&json, "connectivity", stored);
    cli_json_open(&json, "edges", '[');
    for (size_t i = 0; i < count; i++)
        json_population(&json, &list[i], &facts[i]);
    cli_json_close(&json, ']');
    cli_json_close(&json, '}');
}

int edges_show_info(const char *path, bool json)
{
    struct edges_reader *reader;
    struct error err;
    if (edges_reader_open(&reader, path, &err))
        return result_file_error("info", &err);
    size_t count;
    char *stored = NULL;
    const struct edges_population *list = edges_reader_populations(reader, &count);
    struct edges_facts *facts = calloc(count + 1, sizeof *facts);
    enum status status = read_all(reader, facts, count, &err);
    if (!status)
        status = read_stored(reader, &stored, &err);
    if (!status)
        (json ? json_all : print_all)(path, list, facts, count, stored);
    edges_reader_close(reader);
    free(facts);
    free(stored);
    return status ? result_file_error("info", &err) : 0;
}

/* ---- digest */

static enum status add_population(struct digest *digest, struct edges_reader *reader, size_t index,
                                  const char *path, struct error *err)
{
    size_t count;
    struct edges_facts facts;
    const struct edges_population *p = &edges_reader_populations(reader, &count)[index];
    enum status status = edges_facts_read(&facts, reader, index, err);
    if (status)
        return status;
    digest_merge(digest, &facts.digest);
    if (facts.all_weights && facts.all_delays)
        return STATUS_OK;
    return error_set(err, STATUS_OUTPUT,
                     "%s: not all edges of /edges/%s have a weight and a delay in the file itself; "
                     "megalif connections tells the digest of a config that reads them",
                     path, p->name);
}

static enum status compare(const char *path, const struct digest *digest, const char *stored,
                           struct error *err)
{
    char computed[33];
    digest_format(digest, computed);
    if (!stored || strcmp(stored, computed) == 0)
        return STATUS_OK;
    return error_set(err, STATUS_OUTPUT,
                     "%s is damaged: the digest stored in it is %s; its %" PRIu64 " edges give %s",
                     path, stored, digest->spikes, computed);
}

static void print_digest(const char *path, const struct digest *digest, const char *stored,
                         bool damaged)
{
    char computed[33];
    digest_format(digest, computed);
    printf("%s  %s\n", computed, path);
    if (!damaged)
        printf("%" PRIu64 " edges; %s\n", digest->spikes,
               stored ? "equal to the digest stored in the file"
                      : "the file stores no digest to compare with");
}

static void json_digest(const char *path, const struct digest *digest, const char *stored, int code)
{
    struct cli_json json = {0, false};
    char computed[33];
    digest_format(digest, computed);
    cli_json_open(&json, NULL, '{');
    cli_json_text(&json, "file", path);
    cli_json_text(&json, "digest", computed);
    cli_json_text(&json, "computed", computed);
    cli_json_text(&json, "stored", stored);
    if (stored)
        cli_json_bool(&json, "equal", strcmp(stored, computed) == 0);
    else
        cli_json_null(&json, "equal");
    cli_json_u64(&json, "edges", digest->spikes);
    cli_errors_json(&json, code);
    cli_json_close(&json, '}');
}

int edges_show_digest(const char *path, bool json)
{
    struct edges_reader *reader;
    struct error err;
    if (edges_reader_open(&reader, path, &err))
        return result_file_error("digest", &err);
    size_t count;
    char *stored = NULL;
    struct digest digest = {{0, 0}, 0};
    enum status status = read_stored(reader, &stored, &err);
    edges_reader_populations(reader, &count);
    for (size_t i = 0; i < count && !status; i++)
        status = add_population(&digest, reader, i, path, &err);
    bool computed = !status;
    if (computed)
        status = compare(path, &digest, stored, &err);
    if (computed && !json)
        print_digest(path, &digest, stored, status != STATUS_OK);
    edges_reader_close(reader);
    if (status)
        result_file_error("digest", &err);
    if (computed && json)
        json_digest(path, &digest, stored, (int)status);
    free(stored);
    return (int)status;
}
