/* Filling a chart. */
#include "plot/chart.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void chart_init(struct chart *chart, const char *title, const char *x_label, const char *y_label)
{
    *chart = (struct chart){.x_label = x_label, .y_label = y_label, .x_scaled_label = x_label};
    chart->x_scale = 1;
    chart->from = chart->to = chart->warm = NAN;
    chart->title = strdup(title);
    chart->failed = !chart->title;
}

static void free_panel(struct chart_panel *panel)
{
    for (size_t i = 0; i < panel->series_count; i++) {
        free(panel->series[i].name);
        free(panel->series[i].point);
    }
    free(panel->series);
    free(panel->shade);
    free(panel->name);
}

void chart_free(struct chart *chart)
{
    for (size_t i = 0; i < chart->panel_count; i++)
        free_panel(&chart->panel[i]);
    free(chart->panel);
    free(chart->title);
}

/* Room for one more. */
static bool grow(void **array, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return true;
    size_t more = 2 * *room + 16;
    void *grown = realloc(*array, more * size);
    *array = grown ? grown : *array;
    *room = grown ? more : *room;
    return grown;
}

struct chart_panel *chart_add_panel(struct chart *chart, const char *name)
{
    struct chart_panel *grown =
        chart->failed ? NULL
                      : realloc(chart->panel, (chart->panel_count + 1) * sizeof *chart->panel);
    chart->failed |= !grown;
    if (!grown)
        return NULL;
    chart->panel = grown;
    struct chart_panel *panel = &grown[chart->panel_count++];
    *panel = (struct chart_panel){.name = strdup(name), .share = 1, .line = NAN};
    chart->failed |= !panel->name;
    return chart->failed ? NULL : panel;
}

struct chart_series *chart_add_series(struct chart *chart, const char *name, uint32_t colour,
                                      enum chart_style style)
{
    struct chart_panel *panel = chart->failed ? NULL : &chart->panel[chart->panel_count - 1];
    struct chart_series *grown =
        panel ? realloc(panel->series, (panel->series_count + 1) * sizeof *grown) : NULL;
    chart->failed |= !grown;
    if (!grown)
        return NULL;
    panel->series = grown;
    struct chart_series *series = &grown[panel->series_count++];
    *series = (struct chart_series){.name = strdup(name), .colour = colour, .style = style};
    chart->failed |= !series->name;
    return chart->failed ? NULL : series;
}

void chart_add_point(struct chart *chart, struct chart_series *series, double x, double y,
                     double error)
{
    if (chart->failed ||
        !grow((void **)&series->point, series->count, &series->room, sizeof *series->point)) {
        chart->failed = true;
        return;
    }
    series->point[series->count++] = (struct chart_point){x, y, error};
}

void chart_add_shade(struct chart *chart, struct chart_panel *panel, double from, double to)
{
    if (chart->failed || !grow((void **)&panel->shade, panel->shade_count, &panel->shade_room,
                               sizeof *panel->shade)) {
        chart->failed = true;
        return;
    }
    panel->shade[panel->shade_count++] = (struct chart_span){from, to};
}

void chart_take_panel(struct chart *chart, struct chart *from)
{
    struct chart_panel *panel = from->failed ? NULL : chart_add_panel(chart, "");
    chart->failed |= from->failed;
    if (!panel)
        return;
    free_panel(panel);
    *panel = from->panel[--from->panel_count];
}

enum status chart_check(const struct chart *chart, struct error *err)
{
    return chart->failed ? error_no_memory(err, NULL) : STATUS_OK;
}
