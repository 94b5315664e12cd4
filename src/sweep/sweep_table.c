/* The table of a sweep: its columns, and where the numbers of a row come from. */
#define _GNU_SOURCE 1 /* qsort_r */
#include "sweep/sweep_table.h"

#include "cli/result_statistics.h"
#include "config/sweep_points.h"
#include "config/units.h"
#include "io/provenance_read.h"
#include "io/table_csv.h"
#include "sweep/sweep_paths.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum table_kind kind_of(const struct sweep_key *key)
{
    if (!key->number)
        return TABLE_TEXT;
    return key->key->kind == VALUE_INTEGER ? TABLE_INTEGER : TABLE_NUMBER;
}

/* Statistics of each population, and what their columns are called before its name. */
static const struct {
    enum result_statistic which;
    const char *head;
} statistics[] = {
    {STATISTIC_CV, "cv"},     {STATISTIC_CV2, "cv2"},
    {STATISTIC_FANO, "fano"}, {STATISTIC_SYNCHRONY, "synchrony"},
    {STATISTIC_CHI, "chi"},   {STATISTIC_CORRELATION, "correlation"},
};
enum { STATISTIC_COLUMNS = sizeof statistics / sizeof *statistics };

static void add_parameters(struct sweep_run *s)
{
    const struct sweep *sweep = s->sweep;
    for (size_t i = 0; i < sweep->key_count; i++) {
        const struct sweep_key *key = &sweep->key[i];
        table_add_column(&s->table, key->name,
                         key->number ? config_kept_unit(key->key->dimension) : "", kind_of(key));
    }
    if (sweep->seed_by_point)
        table_add_column(&s->table, "simulation.seed", "", TABLE_INTEGER);
}

static void add_results(struct sweep_run *s)
{
    const struct config *config = s->sweep->first;
    char name[80];
    for (size_t i = 0; i < config->population_count; i++) {
        snprintf(name, sizeof name, "rate.%s", config->population[i].name);
        table_add_column(&s->table, name, "Hz", TABLE_NUMBER);
    }
    for (size_t k = 0; k < STATISTIC_COLUMNS; k++) {
        for (size_t i = 0; i < config->population_count; i++) {
            snprintf(name, sizeof name, "%s.%s", statistics[k].head, config->population[i].name);
            table_add_column(&s->table, name, "", TABLE_NUMBER);
        }
    }
    table_add_column(&s->table, "spikes", "", TABLE_NUMBER);
    table_add_column(&s->table, "digest", "", TABLE_TEXT);
    table_add_column(&s->table, "config", "", TABLE_TEXT);
    table_add_column(&s->table, "seconds", "s", TABLE_NUMBER);
    table_add_column(&s->table, "exit_code", "", TABLE_INTEGER);
}

static union table_cell *cell(const struct sweep_run *s, size_t point, const char *column)
{
    size_t c = s->table.column_count - 1; /* the names looked for are there; results stand last */
    while (strcmp(s->table.column[c].name, column) != 0)
        c--;
    return table_cell(&s->table, point, c);
}

static void set_text(struct sweep_run *s, size_t point, const char *column, const char *text)
{
    size_t c = (size_t)(cell(s, point, column) - table_cell(&s->table, point, 0));
    table_set_text(&s->table, point, c, text);
}

static void fill_parameter(struct sweep_run *s, size_t point, size_t i)
{
    const struct sweep_key *key = &s->sweep->key[i];
    size_t at = config_sweep_value(s->sweep, key, point);
    union table_cell *to = table_cell(&s->table, point, 2 + i);
    struct value value;
    if (!key->number)
        table_set_text(&s->table, point, 2 + i, key->text[at]);
    else if (!config_sweep_number(key, at, &value))
        s->table.failed = true;
    else if (kind_of(key) == TABLE_INTEGER)
        to->integer = value.integer;
    else
        to->number = value.number.parameter[0];
}

/* What is known of a point without running it. */
static void fill_row(struct sweep_run *s, size_t point)
{
    const struct sweep *sweep = s->sweep;
    char hash[20];
    snprintf(hash, sizeof hash, "%016" PRIx64, sweep->point[point].hash);
    table_cell(&s->table, point, 0)->integer = point;
    table_set_text(&s->table, point, 1, sweep->point[point].name);
    set_text(s, point, "config", hash);
    for (size_t i = 0; i < sweep->key_count; i++)
        fill_parameter(s, point, i);
    if (sweep->seed_by_point)
        cell(s, point, "simulation.seed")->integer = config_sweep_seed(sweep, point);
}

enum status sweep_table_begin(struct sweep_run *s, struct error *err)
{
    s->state = calloc(s->sweep->point_count, sizeof *s->state);
    table_add_column(&s->table, "point", "", TABLE_INTEGER);
    table_add_column(&s->table, "name", "", TABLE_TEXT);
    add_parameters(s);
    s->first_result = s->table.column_count;
    add_results(s);
    for (size_t i = 0; s->state && !s->table.failed && i < s->sweep->point_count; i++) {
        table_add_row(&s->table);
        if (!s->table.failed)
            fill_row(s, i);
        s->state[i] = i % s->tasks == s->task ? POINT_TO_DO : POINT_ELSEWHERE;
    }
    if (!s->state || s->table.failed)
        return error_no_memory(err, "for the table of the sweep");
    return STATUS_OK;
}

static enum status take_population(struct sweep_run *s, size_t point,
                                   const struct result_file *file,
                                   const struct result_population *population, struct error *err)
{
    const struct result_reading reading = {RESULT_STATISTICS_SPIKES, RESULT_STATISTICS_BIN, false};
    struct result_statistics read;
    char name[80];
    enum status status = result_statistics_read(file, population, &reading, &read, err);
    snprintf(name, sizeof name, "rate.%s", population->name);
    cell(s, point, name)->number = population->mean_rate;
    for (size_t k = 0; k < STATISTIC_COLUMNS; k++) {
        snprintf(name, sizeof name, "%s.%s", statistics[k].head, population->name);
        cell(s, point, name)->number = read.value[statistics[k].which];
    }
    return status;
}

static enum status take_results(struct sweep_run *s, size_t point, const struct result_file *file,
                                struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < s->sweep->first->population_count && !status; i++)
        for (size_t p = 0; p < file->population_count && !status; p++)
            if (strcmp(file->population[p].name, s->sweep->first->population[i].name) == 0)
                status = take_population(s, point, file, &file->population[p], err);
    cell(s, point, "spikes")->number = (double)file->spikes;
    set_text(s, point, "digest", file->digest ? file->digest : "");
    provenance_get_f64(file->file, "/megalif/run", "wall_s", &cell(s, point, "seconds")->number);
    cell(s, point, "exit_code")->integer = (uint64_t)result_file_exit_code(file);
    return status;
}

enum status sweep_table_row_of_file(struct sweep_run *s, size_t point, const char *path,
                                    struct error *err)
{
    struct result_file file;
    enum status status = result_file_open(&file, path, err);
    if (!status)
        status = result_file_check_config(&file, s->sweep->point[point].hash, err);
    if (!status)
        status = take_results(s, point, &file, err);
    if (!status)
        s->state[point] = POINT_DONE;
    result_file_close(&file);
    return status;
}

void sweep_table_row_of_failure(struct sweep_run *s, size_t point, int code, double seconds)
{
    for (size_t c = s->first_result; c < s->table.column_count; c++) {
        if (s->table.column[c].kind == TABLE_NUMBER)
            table_cell(&s->table, point, c)->number = NAN;
    }
    set_text(s, point, "digest", "");
    cell(s, point, "seconds")->number = seconds;
    cell(s, point, "exit_code")->integer = (uint64_t)code;
    s->state[point] = POINT_FAILED;
}

bool sweep_table_has_failed(const struct sweep_run *s, size_t point)
{
    enum point_state state = s->state[point];
    return (state == POINT_DONE || state == POINT_FAILED) &&
           cell(s, point, "exit_code")->integer != 0;
}

/* The points in the order of their names. */
static int by_name(const void *left, const void *right, void *context)
{
    const struct sweep *sweep = context;
    return strcmp(sweep->point[*(const size_t *)left].name,
                  sweep->point[*(const size_t *)right].name);
}

static size_t find_point(const struct sweep *sweep, const size_t *sorted, const char *name)
{
    size_t low = 0, high = sweep->point_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(sweep->point[sorted[middle]].name, name);
        if (order == 0)
            return sorted[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return SIZE_MAX;
}

static bool row_is_of_config(struct sweep_run *s, size_t point, const struct table *from,
                             size_t row)
{
    size_t config = (size_t)(cell(s, point, "config") - table_cell(&s->table, point, 0));
    return strcmp(table_cell(from, row, config)->text,
                  table_cell(&s->table, point, config)->text) == 0;
}

static bool row_has_results(const struct table *from, size_t row)
{
    uint64_t code = table_cell(from, row, from->column_count - 1)->integer; /* exit_code */
    return code == STATUS_OK || code == STATUS_RANGE;
}

/* Takes row `row` of a table with our columns, which is of this point's config, where the row tells
 * more than is known. Rows of another task's points are taken where they would be gone with the
 * table that is replaced. */
static void take_row(struct sweep_run *s, size_t point, const struct table *from, size_t row,
                     bool replaced)
{
    size_t last = s->table.column_count - 1; /* exit_code */
    bool elsewhere = s->state[point] == POINT_ELSEWHERE;
    if (s->state[point] == POINT_DONE || s->state[point] == POINT_KEPT ||
        (elsewhere && !(replaced && row_has_results(from, row))))
        return;
    for (size_t c = s->first_result; c <= last; c++) {
        if (s->table.column[c].kind == TABLE_TEXT)
            table_set_text(&s->table, point, c, table_cell(from, row, c)->text);
        else
            *table_cell(&s->table, point, c) = *table_cell(from, row, c);
    }
    s->state[point] = elsewhere                    ? POINT_KEPT
                      : row_has_results(from, row) ? POINT_DONE
                                                   : POINT_FAILED;
}

static bool row_has_file(const struct sweep_run *s, const struct table *from, size_t row)
{
    char *path = sweep_paths_output(s, table_cell(from, row, 1)->text);
    bool file = path && access(path, F_OK) == 0;
    free(path);
    return file;
}

/* Whether the files of a table's points were kept, though some files may have been removed since:
 * points without their file are run again in a sweep with files. */
static bool table_has_files(const struct sweep_run *s, const struct table *from)
{
    bool found = false;
    for (size_t r = 0; s->sweep->files && r < from->row_count && !found; r++)
        found = row_has_file(s, from, r);
    return found;
}

/* The table is to be replaced: are results in the rows that were not taken, and nowhere else? */
static enum status check_rows_left(const struct sweep_run *s, const struct table *from,
                                   const bool *taken, const char *path, struct error *err)
{
    size_t lost = 0, first = 0;
    for (size_t r = 0; r < from->row_count; r++) {
        if (!taken[r] && row_has_results(from, r) && !row_has_file(s, from, r) && lost++ == 0)
            first = r;
    }
    if (lost == 0 || table_has_files(s, from))
        return STATUS_OK;
    return error_set(err, STATUS_OUTPUT,
                     "%s has the only results of %zu point%s that this sweep has not, or has with "
                     "another config: %s%s",
                     path, lost, lost > 1 ? "s" : "", table_cell(from, first, 1)->text,
                     lost > 1 ? ", ..." : "");
}

static void copy_columns(struct table *to, const struct table *from)
{
    for (size_t c = 0; c < from->column_count; c++)
        table_add_column(to, from->column[c].name, from->column[c].units, from->column[c].kind);
}

enum status sweep_table_read(struct sweep_run *s, const char *path, bool replaced,
                             struct error *err)
{
    const struct sweep *sweep = s->sweep;
    struct table read = {0};
    size_t *sorted = calloc(sweep->point_count, sizeof *sorted);
    bool *taken = NULL;
    copy_columns(&read, &s->table);
    enum status status =
        sorted ? table_read_csv(&read, path, err) : error_no_memory(err, "to read %s", path);
    if (!status && !(taken = calloc(read.row_count + 1, sizeof *taken)))
        status = error_no_memory(err, "to read %s", path);
    for (size_t i = 0; !status && i < sweep->point_count; i++)
        sorted[i] = i;
    if (!status)
        qsort_r(sorted, sweep->point_count, sizeof *sorted, by_name, s->sweep);
    for (size_t r = 0; !status && r < read.row_count; r++) {
        size_t point = find_point(sweep, sorted, table_cell(&read, r, 1)->text);
        taken[r] = point != SIZE_MAX && row_is_of_config(s, point, &read, r);
        if (taken[r])
            take_row(s, point, &read, r, replaced);
    }
    if (!status && replaced)
        status = check_rows_left(s, &read, taken, path, err);
    free(sorted);
    free(taken);
    table_free(&read);
    if (s->table.failed)
        return error_no_memory(err, "for the table of the sweep");
    return status;
}
