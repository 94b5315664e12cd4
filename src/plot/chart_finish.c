/* What becomes of a chart that is filled: a picture, and its numbers as CSV. */
#include "plot/chart_finish.h"

#include "plot/chart_draw.h"
#include "plot/plot_csv.h"
#include "plot/plot_gnuplot.h"

#include <math.h>

static void csv_series(FILE *out, const struct chart_series *s)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct chart_point *point = &s->point[i];
        if (isnan(point->y))
            continue;
        plot_csv_text(out, s->name);
        fprintf(out, ",%.12g,%.12g,", point->x, point->y);
        if (isfinite(point->error))
            fprintf(out, "%.12g", point->error);
        fputc('\n', out);
    }
}

/* series,X LABEL,Y LABEL,standard error */
static void chart_csv(FILE *out, const void *context)
{
    const struct chart *chart = context;
    fprintf(out, "series,%s,%s,standard error\n", chart->x_label, chart->y_label);
    for (size_t p = 0; p < chart->panel_count; p++)
        for (size_t s = 0; s < chart->panel[p].series_count; s++)
            csv_series(out, &chart->panel[p].series[s]);
}

enum status chart_finish(const struct chart *chart, const struct plot_options *options,
                         struct error *err)
{
    enum status status = chart_check(chart, err);
    if (!status && options->output)
        status = plot_gnuplot(chart_draw, chart, options, err);
    if (!status && options->csv)
        status = plot_csv_write(options, chart_csv, chart, err);
    return status;
}
