/* Charts of `megalif plot`: panels below one another with a common x axis, each with lines, steps
 * or points in populations' colours. A chart is filled first, then drawn or written as
 * CSV by chart_finish. */
#ifndef MEGALIF_CHART_H
#define MEGALIF_CHART_H

#include "plot/plot.h"

/* LINKED: points with a line through them. */
enum chart_style { CHART_LINE, CHART_STEPS, CHART_POINTS, CHART_LINKED, CHART_DASHES };

struct chart_point {
    double x, y;  /* y NaN: a line is broken here */
    double error; /* standard error of y; NaN: none */
};

struct chart_series {
    char *name;
    const char *key; /* its name in the key; NULL: name */
    char note[80];   /* more lines of the key, with '\n' between */
    uint32_t colour;
    enum chart_style style;
    double bin;    /* of STEPS whose ends do not fall to 0: a step's width; else 0 */
    bool nameless; /* has no place in the key */
    bool hidden;   /* in the CSV only */
    struct chart_point *point;
    size_t count, room;
};

struct chart_span {
    double from, to;
};

struct chart_panel {
    char *name;          /* left of it, short; may be empty */
    double share;        /* of the height, 1 for most */
    const char *y_label; /* of a panel with a y axis of its own; NULL: the chart's */
    const char *y_brief; /* the same where there is little room; may be NULL */
    struct chart_series *series;
    size_t series_count;
    struct chart_span *shade; /* shaded along x */
    size_t shade_count, shade_room;
    double line; /* a horizontal line with a name, right of it; NaN: none */
    const char *line_name;
};

struct chart {
    char *title;
    char facts[256];
    const char *x_label, *y_label; /* with units */
    const char *corner;            /* below the right end of the x axis; may be NULL */
    double x_scale;                /* what the picture multiplies x with */
    const char *x_scaled_label;
    double from, to; /* the x axis; NaN: as the data want */
    double warm;     /* x up to which is warmup; NaN: none */
    bool from_zero;  /* the y axis starts at 0 */
    bool log_x;
    bool plain_names; /* of panels: else they have their first series' colour */
    char bar[2][80];  /* words for the ends of a strip of plot_sequential's colours; "": none */
    struct chart_panel *panel;
    size_t panel_count;
    bool failed; /* out of memory; nothing more is added */
};

void chart_init(struct chart *chart, const char *title, const char *x_label, const char *y_label);
void chart_free(struct chart *chart);

/* Adds to the last panel, which there must be; texts are copied. The pointers hold until the next
 * of their kind is added. NULL when out of memory. */
struct chart_panel *chart_add_panel(struct chart *chart, const char *name);
struct chart_series *chart_add_series(struct chart *chart, const char *name, uint32_t colour,
                                      enum chart_style style);
void chart_add_point(struct chart *chart, struct chart_series *series, double x, double y,
                     double error);
void chart_add_shade(struct chart *chart, struct chart_panel *panel, double from, double to);

/* Moves the last panel of the chart `from` below the panels of this chart. */
void chart_take_panel(struct chart *chart, struct chart *from);

/* STATUS_MEMORY when something could not be added. */
enum status chart_check(const struct chart *chart, struct error *err);

#endif
