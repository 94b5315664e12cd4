/* megalif digest: does a raster still hold what was simulated? */
#include "cli/cli_errors.h"
#include "cli/cli_json.h"
#include "cli/cli_options.h"
#include "commands/cmd.h"
#include "commands/edges_show.h"
#include "sonata/edges_reader.h"

#include <megalif/megalif.h>

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { OPTION_DT, OPTION_JSON };

static const struct cli_syntax syntax = {
    "digest",
    "FILE [options]",
    "Computes the digest of a spike file: it changes when any spike does, whatever their order. "
    "Where\n"
    "the file holds all spikes of its simulation the digest is compared with the stored one; "
    "otherwise\n"
    "the stored one is printed. Times and their order are checked, too. Of a file of edges it is "
    "that "
    "of\n"
    "all synapses, as megalif connections tells it.\n"
    "The first line of the output is the digest, two blanks, and FILE. Exit codes: 0 fine, 2 "
    "usage,\n"
    "3 FILE cannot be read or is damaged.\n",
    1,
    {{"dt", 0, "TIME", "the time step (0.1, 100us) of a file that does not say it itself"},
     {"json", 0, NULL, "all of it as one JSON object on standard output"}},
    0,
};

static void print_summary(const struct mlif_digest_report *r)
{
    if (r->comparable)
        printf("%" PRIu64 " spikes; equal to the digest stored in the file\n", r->rows);
    else if (r->stored[0])
        printf("the stored digest, of all %" PRIu64 " spikes of the simulation; only %" PRIu64
               " are in the file, so that it cannot be computed again\n",
               r->spikes, r->rows);
    else
        printf("%" PRIu64 " spikes; the file stores no digest to compare with\n", r->rows);
}

/* Where a digest was computed. The digest of the first line of the text comes first. */
static void print_json(const char *path, const struct mlif_digest_report *r, int code)
{
    struct cli_json json = {0, false};
    const bool stored = r->stored[0] != '\0';
    cli_json_open(&json, NULL, '{');
    cli_json_text(&json, "file", path);
    cli_json_text(&json, "digest", stored && !r->comparable ? r->stored : r->computed);
    cli_json_text(&json, "computed", r->computed);
    cli_json_text(&json, "stored", stored ? r->stored : NULL);
    if (r->comparable)
        cli_json_bool(&json, "equal", strcmp(r->computed, r->stored) == 0);
    else
        cli_json_null(&json, "equal");
    cli_json_u64_if(&json, "spikes", stored, r->spikes);
    cli_json_u64(&json, "recorded_spikes", r->rows);
    cli_json_f64(&json, "dt_ms", r->dt_ms > 0 ? r->dt_ms : NAN);
    cli_errors_json(&json, code);
    cli_json_close(&json, '}');
}

static void tell(struct mlif_messages *errors, struct mlif_messages *warnings)
{
    for (size_t i = 0; i < warnings->count; i++)
        cli_errors_warning("megalif digest: ", warnings->line[i]);
    for (size_t i = 0; i < errors->count; i++)
        cli_errors_line("megalif digest: ", errors->line[i]);
    mlif_messages_free(errors);
    mlif_messages_free(warnings);
}

static int digest_file(const char *path, double dt_ms, bool as_json)
{
    struct mlif_digest_report report;
    struct mlif_messages errors = {NULL, 0}, warnings = {NULL, 0};
    enum mlif_status status = mlif_file_digest(path, dt_ms, &report, &errors, &warnings);
    bool show_stored = report.stored[0] && !report.comparable;
    bool damaged = report.comparable && strcmp(report.computed, report.stored) != 0;
    if (report.computed[0] && !as_json)
        printf("%s  %s\n", show_stored ? report.stored : report.computed, path);
    if (report.computed[0] && !damaged && !as_json)
        print_summary(&report);
    tell(&errors, &warnings);
    if (as_json && report.computed[0])
        print_json(path, &report, (int)status);
    return (int)status;
}

static int start_digest(int argc, char **argv)
{
    struct cli_arguments arguments;
    double dt_ms = 0;
    int code = cli_options_parse(&syntax, argc, argv, &arguments);
    if (code != CLI_GO_ON)
        return code;
    const char *dt = arguments.option[OPTION_DT];
    if (dt && (!cli_options_time(dt, &dt_ms) || !(dt_ms > 0)))
        code = cli_options_error(&syntax, "--dt takes a time such as 0.1 or 100us, not %s", dt);
    else if (edges_reader_is(arguments.file[0]))
        code = edges_show_digest(arguments.file[0], arguments.option[OPTION_JSON] != NULL);
    else
        code = digest_file(arguments.file[0], dt_ms, arguments.option[OPTION_JSON] != NULL);
    return code;
}

const struct command cmd_digest = {
    "digest", "the digest of a spike file: does it still hold what was simulated?", start_digest};
