/* megalif convert: spikes from SONATA to CSV and back, always sorted by time, then id. */
#include "cli/cli_options.h"
#include "cli/result_file.h"
#include "commands/cmd.h"
#include "io/hdf5_input.h"
#include "io/output_path.h"
#include "io/provenance.h"
#include "sonata/raster_reader.h"
#include "sonata/spike_names.h"
#include "sonata/spike_sink.h"
#include "sonata/spike_source.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POPULATION, COMPRESSION, FORCE, FIRST_ID, DT };

static const struct cli_syntax syntax = {
    .name = "convert",
    .usage = "IN OUT [options]",
    .about =
        "Writes the spikes of IN to OUT, sorted by time, then id. Either may be a SONATA spike "
        "file\n"
        "(.h5, .hdf5) or a CSV file (.csv) with the columns population, timestamps (ms) and\n"
        "node_ids; what IN is, its first bytes say. Times keep every bit. What `megalif run`\n"
        "writes beside spikes goes from .h5 to .h5 with them, where all of them do: not with\n"
        "--population or --first-id. Populations that are sorted are streamed; others are sorted\n"
        "one after the other, in 32 bytes of memory a spike.\n"
        "\n"
        "Exit codes: 0 done, 2 usage, 3 IN cannot be read or OUT be written, 4 memory.\n",
    .files = 2,
    .option =
        {
            [POPULATION] = {"population", 'p', "NAME",
                            "only this one (may be given more than once); of a file that does\n"
                            "not name its population (CSV, SONATA's older layout): its name"},
            [COMPRESSION] = {"compression", 0, "HOW",
                             "of a SONATA file: deflate (the default) or none"},
            [FORCE] = {"force", 'f', NULL, "replaces an existing OUT"},
            [FIRST_ID] = {"first-id", 0, "ID",
                          "of IN, becomes id 0; NEST's senders need it, which count from 1"},
            [DT] = {"dt", 0, "TIME", "NEST's resolution (0.1, 100us), where IN has time_step"},
        },
    .repeats = 1u << POPULATION,
};

/* One population on its way. */
struct part {
    const char *name;
    uint64_t rows;
    bool sorted;
};

struct conversion {
    const char *in;
    struct spike_reading reading; /* of IN; its population is that of a part */
    struct spike_names names;     /* of all populations in IN */
    struct part *part;            /* those that go over */
    size_t count;
    struct spike_sink_settings to;
    const char **population; /* their names, for the sink */
    uint64_t rows, sorted_rows;
};

enum { BATCH = 65536 };

static enum status open_part(const struct conversion *c, const struct part *part,
                             struct spike_source **source, struct error *err)
{
    struct spike_reading reading = c->reading;
    reading.population = c->names.unnamed ? NULL : part->name;
    return spike_source_open(source, &reading, err);
}

/* Reads all of a population, so that what is wrong is told before anything is written. */
static enum status survey(const struct conversion *c, struct part *part, struct error *err)
{
    struct spike_source *source;
    struct spike last = {0, 0.0}, next;
    bool more = true;
    enum status status = open_part(c, part, &source, err);
    if (status)
        return status;
    part->sorted = true;
    while (!(status = spike_source_next(source, &next, &more, err)) && more) {
        part->sorted = part->sorted && spike_compare(&last, &next) <= 0;
        part->rows++;
        last = next;
    }
    spike_source_close(source);
    return status;
}

/* Reads up to `most` spikes; *count is less only at the end. */
static enum status read_batch(struct spike_source *source, struct spike *spikes, size_t most,
                              size_t *count, struct error *err)
{
    enum status status = STATUS_OK;
    bool more = true;
    for (*count = 0; *count < most && !status && more; *count += more)
        status = spike_source_next(source, &spikes[*count], &more, err);
    return status;
}

static enum status copy_part(const struct conversion *c, size_t index, struct spike_sink *sink,
                             struct spike_source *source, struct error *err)
{
    const struct part *part = &c->part[index];
    struct spike *spikes = malloc(BATCH * sizeof *spikes);
    uint64_t rows = 0;
    size_t count = BATCH;
    enum status status = spikes ? STATUS_OK : error_no_memory(err, "for the spikes");
    if (!status && !part->sorted)
        status = spike_source_sort(source, part->rows, err);
    while (!status && rows < part->rows && count > 0) {
        status = read_batch(source, spikes, BATCH, &count, err);
        if (!status)
            status = spike_sink_put(sink, index, spikes, count, err);
        rows += count;
    }
    free(spikes);
    if (!status && rows != part->rows)
        status = error_set(err, STATUS_OUTPUT, "%s was changed while it was read", c->in);
    return status;
}

static enum status write_all(const struct conversion *c, struct error *err)
{
    struct spike_sink *sink;
    enum status status = spike_sink_create(&sink, &c->to, err);
    if (status)
        return status;
    for (size_t i = 0; i < c->count && !status; i++) {
        struct spike_source *source;
        status = open_part(c, &c->part[i], &source, err);
        if (!status)
            status = copy_part(c, i, sink, source, err);
        spike_source_close(source);
    }
    if (!status)
        return spike_sink_finish(sink, err);
    spike_sink_abandon(sink);
    return status;
}

/* A CSV file without the column population may lack others, too; SONATA's older layout has no
 * names. */
static enum status refuse_unnamed(const struct conversion *c, struct error *err)
{
    struct spike_source *source;
    enum status status = spike_source_open(&source, &c->reading, err);
    spike_source_close(source);
    if (status == STATUS_MEMORY)
        return status;
    return status ? error_set(err, status,
                              "%s; nor is there a column population: say its name with "
                              "--population",
                              err->text)
                  : error_set(err, STATUS_CONFIG,
                              "%s does not name its population; say its name with --population",
                              c->in);
}

static enum status check_name(const struct conversion *c, const char *name, struct error *err)
{
    char known[400] = "";
    for (size_t i = 0; i < c->names.count; i++) {
        if (strcmp(c->names.name[i], name) == 0)
            return STATUS_OK;
        size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", i > 0 ? ", " : "", c->names.name[i]);
    }
    return error_set(err, STATUS_OUTPUT, "%s has no population %s; it has %s", c->in, name,
                     *known ? known : "none");
}

/* Which populations go over: those asked for, or all. */
static enum status choose(struct conversion *c, const struct cli_arguments *arguments,
                          struct error *err)
{
    const struct cli_list *only = &arguments->list[POPULATION];
    size_t asked = only->count;
    if (c->names.unnamed && asked != 1)
        return refuse_unnamed(c, err);
    for (size_t i = 0; i < asked && !c->names.unnamed; i++)
        if (check_name(c, only->text[i], err))
            return err->status;
    c->count = asked ? asked : c->names.count;
    c->part = calloc(c->count + 1, sizeof *c->part);
    c->population = calloc(c->count + 1, sizeof *c->population);
    if (!c->part || !c->population)
        return error_no_memory(err, NULL);
    for (size_t i = 0; i < c->count; i++) {
        c->part[i].name = c->population[i] = asked ? only->text[i] : c->names.name[i];
        for (size_t k = 0; k < i; k++)
            if (strcmp(c->part[k].name, c->part[i].name) == 0)
                return error_set(err, STATUS_CONFIG, "--population %s is given twice",
                                 c->part[i].name);
    }
    c->to.population = c->population;
    c->to.population_count = c->count;
    return STATUS_OK;
}

/* What a run says of its spikes holds for all of them, with the ids that they have. */
static void keep_provenance(struct conversion *c, const struct cli_arguments *arguments)
{
    const bool whole = arguments->list[POPULATION].count == 0 && !c->reading.first_said;
    if (whole && !c->to.csv && c->reading.raster &&
        provenance_is_there(raster_reader_file(c->reading.raster)))
        c->to.beside = c->reading.raster;
}

static enum status convert(struct conversion *c, const struct cli_arguments *arguments,
                           struct error *err)
{
    enum status status = STATUS_OK;
    if (output_path_meets(c->to.path, c->in))
        status = error_set(err, STATUS_OUTPUT,
                           "%s and %s are one file; give OUT another name, so that IN is kept",
                           c->in, c->to.path);
    if (!status)
        status = spike_sink_check(&c->to, err);
    if (!status)
        status = spike_names_read(&c->names, c->in, err);
    if (!status)
        status = choose(c, arguments, err);
    if (!status && hdf5_input_is_hdf5(c->in))
        status = raster_open(&c->reading.raster, c->in, err);
    if (!status)
        keep_provenance(c, arguments);
    for (size_t i = 0; i < c->count && !status; i++) {
        status = survey(c, &c->part[i], err);
        if (!status && !c->part[i].sorted)
            status = spike_sort_check(c->in, c->part[i].name, c->part[i].rows, err);
        c->rows += c->part[i].rows;
        c->sorted_rows += c->part[i].sorted ? 0 : c->part[i].rows;
    }
    return status ? status : write_all(c, err);
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length > tail && strcmp(text + length - tail, end) == 0;
}

/* A time above 0, exactly as it is written. */
static bool read_dt(const char *text, struct decimal *dt)
{
    char number[32];
    double ms;
    if (!cli_options_time(text, &ms) || !(ms > 0))
        return false;
    double_format(ms, number);
    return decimal_parse(number, (int)strlen(number), dt);
}

/* CLI_GO_ON, or the exit code after saying what is wrong. */
static int read_options(const struct cli_arguments *arguments, struct conversion *c)
{
    const char *how = arguments->option[COMPRESSION], *out = arguments->file[1];
    const char *first = arguments->option[FIRST_ID], *dt = arguments->option[DT];
    c->in = c->reading.path = arguments->file[0];
    c->reading.first_said = first != NULL;
    if (first && !cli_options_count(first, 0, INT64_MAX, &c->reading.first_id))
        return cli_options_error(&syntax, "--first-id takes a whole number, not %s", first);
    if (dt && !read_dt(dt, &c->reading.dt))
        return cli_options_error(&syntax, "--dt takes a time such as 0.1 or 100us, not %s", dt);
    c->to.path = out;
    c->to.csv = ends_with(out, ".csv");
    c->to.force = arguments->option[FORCE] != NULL;
    c->to.deflate = !how || strcmp(how, "deflate") == 0;
    if (!c->to.csv && !ends_with(out, ".h5") && !ends_with(out, ".hdf5"))
        return cli_options_error(&syntax, "%s ends with neither .h5, .hdf5 nor .csv", out);
    if (how && !c->to.deflate && strcmp(how, "none") != 0)
        return cli_options_error(&syntax, "--compression takes deflate or none, not %s", how);
    if (how && c->to.csv)
        return cli_options_error(&syntax, "--compression is for SONATA files, not for %s", out);
    return CLI_GO_ON;
}

static void tell(const struct conversion *c)
{
    printf("%s: %zu population%s, %" PRIu64 " spikes", c->to.path, c->count,
           c->count == 1 ? "" : "s", c->rows);
    if (c->sorted_rows > 0)
        printf(", %" PRIu64 " of which had to be sorted", c->sorted_rows);
    if (c->to.beside)
        printf("; what the run wrote beside them, too");
    putchar('\n');
}

static int start_convert(int argc, char **argv)
{
    struct cli_arguments arguments;
    struct conversion c = {0};
    struct error err = {0};
    int code = cli_options_parse(&syntax, argc, argv, &arguments);
    if (code == CLI_GO_ON)
        code = read_options(&arguments, &c);
    if (code == CLI_GO_ON) {
        code = convert(&c, &arguments, &err) ? result_file_error("convert", &err) : 0;
        if (!code)
            tell(&c);
    }
    raster_close(c.reading.raster);
    spike_names_free(&c.names);
    free(c.part);
    free(c.population);
    cli_options_free(&arguments);
    return code;
}

const struct command cmd_convert = {"convert", "spikes from SONATA to CSV and back, sorted by time",
                                    start_convert};
