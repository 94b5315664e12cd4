/* Theory in charts of rates. */
#include "plot/chart_theory.h"

#include <stdio.h>

const char chart_theory[] = "theory", chart_theory_grid[] = "theory at dt";

struct chart_series *chart_theory_add(struct chart *chart, const char *name, const char *key,
                                      const char *note, uint32_t colour)
{
    struct chart_series *s = chart_add_series(chart, name, colour, CHART_DASHES);
    if (!s)
        return NULL;
    s->key = key;
    snprintf(s->note, sizeof s->note, "%s", note);
    const struct chart_panel *panel = &chart->panel[chart->panel_count - 1];
    for (size_t i = 0; i + 1 < panel->series_count; i++)
        s->nameless |= panel->series[i].key == key;
    return s;
}

void chart_theory_open_below(struct chart *below)
{
    chart_init(below, "", "", "");
    struct chart_panel *panel = chart_add_panel(below, "");
    if (!panel)
        return;
    panel->share = 0.45;
    panel->y_label = "rate - theory (Hz)";
    panel->y_brief = "residual (Hz)";
    panel->line = 0;
    panel->line_name = chart_theory;
}

struct chart_series *chart_theory_add_below(struct chart *below, const char *name, bool grid,
                                            uint32_t colour)
{
    char text[160];
    snprintf(text, sizeof text, "%.120s, less %s", name, grid ? chart_theory_grid : chart_theory);
    struct chart_series *s = chart_add_series(below, text, colour, CHART_LINKED);
    if (!s)
        return NULL;
    s->nameless = true;
    if (grid)
        below->panel[0].line_name = chart_theory_grid;
    return s;
}

void chart_theory_close_below(struct chart *below, struct chart *chart)
{
    if (below->failed || below->panel[0].series_count > 0)
        chart_take_panel(chart, below);
    chart_free(below);
}
