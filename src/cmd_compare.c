/* megalif compare: are two rasters the same, and if not, where do they part? */
#include "cmd.h"
#include "cmd_file.h"
#include "cmd_options.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct cmd_syntax syntax = {
    "compare",
    "A B",
    "Compares two spike files row by row: populations, ids, and times to the last bit. Prints\n"
    "\"equal: N spikes\", or the first spike in time that differs and the counts per population.\n"
    "Exit codes: 0 equal, 1 different, 2 usage, 3 a file cannot be read.\n",
    2,
    {{NULL, 0, NULL, NULL}},
    false,
};

/* One row of both files; end: it has no such row. */
struct difference {
    const char *population; /* NULL: no difference found */
    uint64_t row;
    bool end[2];
    uint64_t id[2];
    double time[2];
};

struct buffers {
    uint64_t ids[2][RASTER_PIECE];
    double times[2][RASTER_PIECE];
};

static void note(struct difference *d, const char *population, uint64_t row,
                 const struct buffers *b, size_t i, bool end_a, bool end_b)
{
    *d = (struct difference){.population = population,
                             .row = row,
                             .end = {end_a, end_b},
                             .id = {b->ids[0][i], b->ids[1][i]},
                             .time = {b->times[0][i], b->times[1][i]}};
}

/* Compares the rows that were read; true when one differs. */
static bool compare_piece(const struct buffers *b, const size_t rows[2], uint64_t first,
                          const char *name, struct difference *out)
{
    size_t common = rows[0] < rows[1] ? rows[0] : rows[1];
    for (size_t i = 0; i < common; i++) {
        if (b->ids[0][i] != b->ids[1][i] || b->times[0][i] != b->times[1][i]) {
            note(out, name, first + i, b, i, false, false);
            return true;
        }
    }
    if (rows[0] != rows[1])
        note(out, name, first + common, b, common, common == rows[0], common == rows[1]);
    return rows[0] != rows[1];
}

static enum status read_piece(const struct cmd_file *file, const struct cmd_population *p,
                              uint64_t first, uint64_t *ids, double *times, size_t *rows,
                              struct error *err)
{
    uint64_t left = p->rows > first ? p->rows - first : 0;
    *rows = left < RASTER_PIECE ? (size_t)left : RASTER_PIECE;
    if (*rows == 0)
        return STATUS_OK;
    return raster_read(file->reader, p->raster, first, *rows, ids, times, err);
}

static enum status compare_population(const struct cmd_file file[2],
                                      const struct cmd_population *const p[2], struct buffers *b,
                                      struct difference *out, struct error *err)
{
    uint64_t most = p[0]->rows > p[1]->rows ? p[0]->rows : p[1]->rows;
    for (uint64_t first = 0; first < most; first += RASTER_PIECE) {
        size_t rows[2];
        for (int f = 0; f < 2; f++) {
            enum status status =
                read_piece(&file[f], p[f], first, b->ids[f], b->times[f], &rows[f], err);
            if (status)
                return status;
        }
        if (compare_piece(b, rows, first, p[0]->name, out))
            return STATUS_OK;
    }
    return STATUS_OK;
}

/* When a difference shows: at the earlier of the two spikes. */
static double time_of(const struct difference *d)
{
    if (d->end[0] || d->end[1])
        return d->time[d->end[0] ? 1 : 0];
    return fmin(d->time[0], d->time[1]);
}

static const struct cmd_population *find(const struct cmd_file *file, const char *name)
{
    for (size_t i = 0; i < file->population_count; i++) {
        if (strcmp(file->population[i].name, name) == 0)
            return &file->population[i];
    }
    return NULL;
}

/* The earliest difference among the populations that both files have. */
static enum status compare_rasters(const struct cmd_file file[2], struct difference *first,
                                   struct error *err)
{
    struct buffers *buffers = malloc(sizeof *buffers);
    enum status status = buffers ? STATUS_OK : error_set(err, STATUS_MEMORY, "not enough memory");
    for (size_t i = 0; i < file[0].population_count && !status; i++) {
        struct difference d = {.population = NULL};
        const struct cmd_population *pair[2] = {&file[0].population[i]};
        pair[1] = find(&file[1], pair[0]->name);
        if (pair[1])
            status = compare_population(file, pair, buffers, &d, err);
        if (d.population && (!first->population || time_of(&d) < time_of(first)))
            *first = d;
    }
    free(buffers);
    return status;
}

static void print_spike(const struct cmd_file *file, const struct difference *d, int f)
{
    uint64_t step;
    printf("  %s: ", file->path);
    if (d->end[f]) {
        printf("no more spikes\n");
        return;
    }
    printf("neuron %" PRIu64 " at %.17g ms", d->id[f], d->time[f]);
    if (file->ours && raster_step(d->time[f], file->dt, &step))
        printf(" (step %" PRIu64 ")", step);
    putchar('\n');
}

static void print_count(const struct cmd_population *p)
{
    char text[32] = "-";
    if (p)
        snprintf(text, sizeof text, "%" PRIu64, p->rows);
    printf(" %16s", text);
}

static void print_counts(const struct cmd_file file[2])
{
    printf("%-16s %16s %16s\n", "recorded spikes", "A", "B");
    for (int f = 0; f < 2; f++) {
        for (size_t i = 0; i < file[f].population_count; i++) {
            const char *name = file[f].population[i].name;
            const struct cmd_population *a = find(&file[0], name);
            if (f == 1 && a)
                continue;
            printf("%-16s", name);
            print_count(a);
            print_count(find(&file[1], name));
            putchar('\n');
        }
    }
}

/* Prints the populations that only one file has; returns how many. */
static size_t print_alone(const struct cmd_file *in, const struct cmd_file *missing_in)
{
    size_t count = 0;
    for (size_t i = 0; i < in->population_count; i++) {
        const char *name = in->population[i].name;
        if (!find(missing_in, name)) {
            printf("different: %s has no population %s\n", missing_in->path, name);
            count++;
        }
    }
    return count;
}

/* Digests cover the spikes that were not recorded, too. */
static bool digests_differ(const struct cmd_file file[2])
{
    return file[0].digest && file[1].digest && strcmp(file[0].digest, file[1].digest) != 0;
}

static int conclude(const struct cmd_file file[2], const struct difference *d)
{
    size_t alone = print_alone(&file[0], &file[1]) + print_alone(&file[1], &file[0]);
    if (d->population) {
        printf("different: population %s, row %" PRIu64 "\n", d->population, d->row);
        print_spike(&file[0], d, 0);
        print_spike(&file[1], d, 1);
    } else if (digests_differ(file)) {
        printf("different: the recorded spikes are equal, the digests over all spikes are not\n"
               "  %s: %s\n  %s: %s\n",
               file[0].path, file[0].digest, file[1].path, file[1].digest);
    } else if (alone == 0) {
        printf("equal: %" PRIu64 " spikes\n", cmd_file_rows(&file[0]));
        return 0;
    }
    print_counts(file);
    return 1;
}

static int compare(struct cmd_file file[2], const char *const path[2])
{
    struct error err;
    struct difference first = {.population = NULL};
    for (int f = 0; f < 2; f++) {
        if (cmd_file_open(&file[f], path[f], &err))
            return cmd_file_error(syntax.name, &err);
    }
    if (compare_rasters(file, &first, &err))
        return cmd_file_error(syntax.name, &err);
    return conclude(file, &first);
}

int cmd_compare(int argc, char **argv)
{
    struct cmd_arguments arguments;
    struct cmd_file file[2] = {{.path = NULL}, {.path = NULL}};
    int code = cmd_options_parse(&syntax, argc, argv, &arguments);
    if (code != CMD_GO_ON)
        return code;
    code = compare(file, arguments.file);
    cmd_file_close(&file[0]);
    cmd_file_close(&file[1]);
    return code;
}
