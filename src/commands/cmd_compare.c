/* megalif compare: are two rasters the same, and if not, where do they part? */
#include "base/decimal.h"
#include "cli/cli_options.h"
#include "commands/cmd.h"
#include "sonata/raster_scan.h"

#include <megalif/megalif.h>

#include <inttypes.h>
#include <stdio.h>

static const struct cli_syntax syntax = {
    "compare",
    "A B",
    "Compares two spike files row by row: populations, ids, and times to the last bit. Prints\n"
    "\"equal: N spikes\", or the first spike in time that differs and the counts per population.\n"
    "Exit codes: 0 equal, 1 different, 2 usage, 3 a file cannot be read.\n",
    2,
    {{NULL, 0, NULL, NULL}},
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

static int compare(const char *const path[2])
{
    struct mlif_comparison comparison;
    struct mlif_messages errors = {NULL, 0};
    uint64_t rows = 0;
    enum mlif_status status = mlif_file_compare(path[0], path[1], &comparison, &errors);
    bool equal = comparison.equal;
    for (size_t i = 0; i < comparison.population_count; i++)
        rows += comparison.population[i].rows[0];
    if (!status && equal)
        printf("equal: %" PRIu64 " spikes\n", rows);
    else if (!status)
        print_difference(path, &comparison);
    for (size_t i = 0; i < errors.count; i++)
        fprintf(stderr, "megalif compare: %s\n", errors.line[i]);
    mlif_messages_free(&errors);
    mlif_comparison_free(&comparison);
    return status ? (int)status : !equal;
}

static int start_compare(int argc, char **argv)
{
    struct cli_arguments arguments;
    int code = cli_options_parse(&syntax, argc, argv, &arguments);
    return code == CLI_GO_ON ? compare((const char *const *)arguments.file) : code;
}

const struct command cmd_compare = {
    "compare", "are two spike files equal, and if not, where do they part?", start_compare};
