/* megalif compare: are two rasters the same, and if not, where do they part? */
#include "base/decimal.h"
#include "cli/cli_errors.h"
#include "cli/cli_json.h"
#include "cli/cli_options.h"
#include "commands/cmd.h"
#include "sonata/raster_scan.h"

#include <megalif/megalif.h>

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

enum { OPTION_JSON };

static const struct cli_syntax syntax = {
    "compare",
    "A B [options]",
    "Compares two spike files row by row: populations, ids, and times to the last bit. Prints\n"
    "\"equal: N spikes\", or the first spike in time that differs and the counts per population.\n"
    "Exit codes: 0 equal, 1 different, 2 usage, 3 a file cannot be read.\n",
    2,
    {{"json", 0, NULL, "all of it as one JSON object on standard output"}},
    0,
};

static void print_spike(const char *path, const struct mlif_comparison *c, int f)
{
    uint64_t step;
    char time[32];
    printf("  %s: ", path);
    if (c->ended[f]) {
        printf("no more spikes\n");
        return;
    }
    printf("neuron %" PRIu64 " at %s ms", c->node_id[f], double_format(c->timestamp_ms[f], time));
    if (c->dt_ms[f] > 0 && raster_step(c->timestamp_ms[f], c->dt_ms[f], &step))
        printf(" (step %" PRIu64 ")", step);
    putchar('\n');
}

static void print_counts(const struct mlif_comparison *c)
{
    printf("%-16s %16s %16s\n", "recorded spikes", "A", "B");
    for (size_t i = 0; i < c->population_count; i++) {
        printf("%-16s", c->population[i].name);
        for (int f = 0; f < 2; f++) {
            char text[32] = "-";
            if (c->population[i].in[f])
                snprintf(text, sizeof text, "%" PRIu64, c->population[i].rows[f]);
            printf(" %16s", text);
        }
        putchar('\n');
    }
}

/* The populations that only one file has. */
static void print_alone(const char *const path[2], const struct mlif_comparison *c)
{
    for (int missing = 1; missing >= 0; missing--)
        for (size_t i = 0; i < c->population_count; i++)
            if (!c->population[i].in[missing])
                printf("different: %s has no population %s\n", path[missing],
                       c->population[i].name);
}

static void print_difference(const char *const path[2], const struct mlif_comparison *c)
{
    print_alone(path, c);
    if (c->differs_in != MLIF_NONE) {
        printf("different: population %s, row %" PRIu64 "\n", c->population[c->differs_in].name,
               c->row);
        print_spike(path[0], c, 0);
        print_spike(path[1], c, 1);
    } else if (c->digests_differ) {
        printf("different: the recorded spikes are equal, the digests over all spikes are not\n"
               "  %s: %s\n  %s: %s\n",
               path[0], c->digest[0], path[1], c->digest[1]);
    }
    print_counts(c);
}

static void json_spike(struct cli_json *json, const char *path, const struct mlif_comparison *c,
                       int f)
{
    uint64_t step = 0;
    bool there = !c->ended[f];
    cli_json_open(json, NULL, '{');
    cli_json_text(json, "file", path);
    cli_json_u64_if(json, "node_id", there, c->node_id[f]);
    cli_json_f64(json, "timestamp_ms", there ? c->timestamp_ms[f] : NAN);
    const bool on_grid =
        there && c->dt_ms[f] > 0 && raster_step(c->timestamp_ms[f], c->dt_ms[f], &step);
    cli_json_u64_if(json, "step", on_grid, step);
    cli_json_close(json, '}');
}

static void json_difference(struct cli_json *json, const char *const path[2],
                            const struct mlif_comparison *c)
{
    if (c->differs_in == MLIF_NONE) {
        cli_json_null(json, "first_difference");
        return;
    }
    cli_json_open(json, "first_difference", '{');
    cli_json_text(json, "population", c->population[c->differs_in].name);
    cli_json_u64(json, "row", c->row);
    cli_json_open(json, "spikes", '[');
    json_spike(json, path[0], c, 0);
    json_spike(json, path[1], c, 1);
    cli_json_close(json, ']');
    cli_json_close(json, '}');
}

static void json_populations(struct cli_json *json, const struct mlif_comparison *c)
{
    cli_json_open(json, "populations", '[');
    for (size_t i = 0; i < c->population_count; i++) {
        cli_json_open(json, NULL, '{');
        cli_json_text(json, "name", c->population[i].name);
        cli_json_open(json, "recorded_spikes", '[');
        for (int f = 0; f < 2; f++)
            cli_json_u64_if(json, NULL, c->population[i].in[f], c->population[i].rows[f]);
        cli_json_close(json, ']');
        cli_json_close(json, '}');
    }
    cli_json_close(json, ']');
}

static void print_json(const char *const path[2], const struct mlif_comparison *c)
{
    struct cli_json json = {0, false};
    cli_json_open(&json, NULL, '{');
    cli_json_open(&json, "files", '[');
    for (int f = 0; f < 2; f++)
        cli_json_text(&json, NULL, path[f]);
    cli_json_close(&json, ']');
    cli_json_bool(&json, "equal", c->equal);
    json_difference(&json, path, c);
    cli_json_bool(&json, "digests_differ", c->digests_differ);
    cli_json_open(&json, "digests", '[');
    for (int f = 0; f < 2; f++)
        cli_json_text(&json, NULL, c->digest[f][0] ? c->digest[f] : NULL);
    cli_json_close(&json, ']');
    json_populations(&json, c);
    cli_errors_json(&json, !c->equal);
    cli_json_close(&json, '}');
}

static int compare(const char *const path[2], bool as_json)
{
    struct mlif_comparison comparison;
    struct mlif_messages errors = {NULL, 0};
    uint64_t rows = 0;
    enum mlif_status status = mlif_file_compare(path[0], path[1], &comparison, &errors);
    bool equal = comparison.equal;
    for (size_t i = 0; i < comparison.population_count; i++)
        rows += comparison.population[i].rows[0];
    if (!status && as_json)
        print_json(path, &comparison);
    else if (!status && equal)
        printf("equal: %" PRIu64 " spikes\n", rows);
    else if (!status)
        print_difference(path, &comparison);
    for (size_t i = 0; i < errors.count; i++)
        cli_errors_line("megalif compare: ", errors.line[i]);
    mlif_messages_free(&errors);
    mlif_comparison_free(&comparison);
    return status ? (int)status : !equal;
}

static int start_compare(int argc, char **argv)
{
    struct cli_arguments arguments;
    int code = cli_options_parse(&syntax, argc, argv, &arguments);
    return code == CLI_GO_ON
               ? compare((const char *const *)arguments.file, arguments.option[OPTION_JSON] != NULL)
               : code;
}

const struct command cmd_compare = {
    "compare", "are two spike files equal, and if not, where do they part?", start_compare};
