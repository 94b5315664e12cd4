#include "sweep/sweep_json.h"

#include "sweep/sweep_table.h"

static const char *state_of(const struct sweep_run *s, size_t point)
{
    return s->state[point] == POINT_TO_DO     ? "missing"
           : sweep_table_has_failed(s, point) ? "failed"
                                              : "done";
}

static void json_cell(struct cli_json *json, const struct sweep_run *s, size_t point, size_t c)
{
    const struct table_column *column = &s->table.column[c];
    const union table_cell *cell = table_cell(&s->table, point, c);
    const bool result = c >= s->first_result && column->kind != TABLE_TEXT;
    if (result && s->state[point] == POINT_TO_DO)
        cli_json_null(json, column->name);
    else if (column->kind == TABLE_TEXT)
        cli_json_text(json, column->name, cell->text[0] ? cell->text : NULL);
    else if (column->kind == TABLE_INTEGER)
        cli_json_u64(json, column->name, cell->integer);
    else
        cli_json_f64(json, column->name, cell->number);
}

static void json_row(struct cli_json *json, const struct sweep_run *s, size_t point)
{
    cli_json_open(json, NULL, '{');
    cli_json_text(json, "state", state_of(s, point));
    for (size_t c = 0; c < s->table.column_count; c++)
        json_cell(json, s, point, c);
    cli_json_close(json, '}');
}

void sweep_json_table(struct cli_json *json, const struct sweep_run *s)
{
    cli_json_open(json, "columns", '[');
    for (size_t c = 0; c < s->table.column_count; c++) {
        cli_json_open(json, NULL, '{');
        cli_json_text(json, "name", s->table.column[c].name);
        cli_json_text(json, "units", s->table.column[c].units[0] ? s->table.column[c].units : NULL);
        cli_json_close(json, '}');
    }
    cli_json_close(json, ']');
    cli_json_open(json, "rows", '[');
    for (size_t i = 0; i < s->sweep->point_count; i++)
        if (s->state[i] != POINT_ELSEWHERE && s->state[i] != POINT_KEPT)
            json_row(json, s, i);
    cli_json_close(json, ']');
}
