/* What `megalif plot` draws: what was asked for, and what was read from a raster file. Data alone.
 */
#ifndef MEGALIF_PLOT_H
#define MEGALIF_PLOT_H

#include "cli/result_file.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PLOT_DOTS_MOST = 30000 };

struct plot_options {
    const char *output;   /* NULL: no picture, only numbers */
    const char *terminal; /* "png", "svg" or "pdf" */
    const char *csv;      /* NULL: no numbers */
    bool force;           /* existing files are replaced */
    double from, to;      /* ms; to NaN: the end */
    double width, height; /* pixels; height 0: as the picture needs */
    bool paper;           /* they were given in cm, mm or in */
    double scale;         /* pixels of 1/96 inch: 1 for sizes in pixels, and in svg and pdf */
    double font;          /* its height in pixels; 0: by the picture's size */
    char typeface[64];
    const char *title;  /* NULL: the file's name; "": neither that nor facts */
    const char *column; /* of a sweep's table; NULL: rates */
    uint64_t neurons;   /* shown per population; 0: as many as the picture takes */
};

/* A population. Its neurons in view are indexed 0, 1, ... in id order; index / stride is the row.
 */
struct plot_band {
    const struct result_population *population;
    bool in_raster; /* false: none of its spikes were to be recorded */
    uint64_t *ids;  /* the neurons in view, ascending; NULL: first_id, first_id + 1, ... */
    uint64_t first_id, neurons;
    uint64_t stride, rows;
    double low, high;       /* where it lies in the raster's panel, 0 (bottom) .. 1 */
    uint64_t first, end;    /* rows of the file in view (and others, where it is not sorted) */
    size_t dots, dots_most; /* more spikes than these are a density */
    bool dense;             /* they were more */
    size_t cell_rows;
    uint32_t *cells;  /* [cell_rows][columns] spikes */
    double *rate;     /* [bins] Hz; NULL: not known */
    double mean_rate; /* Hz, after warmup: of the whole run or, where not all is shown, in view */
};

struct plot_dot {
    double time, y; /* ms; 0..1 in the panel */
    size_t band;
};

struct plot {
    const struct result_file *file;
    struct config *config; /* of the run; NULL: unknown */
    double from, to;       /* ms; whole steps where dt is known */
    bool is_part;          /* of what the file has */
    double slack;          /* ms: times this near to a limit are on it */
    uint64_t neurons;      /* asked for per population; 0: all */
    struct plot_band *band;
    size_t band_count;
    bool has_raster;
    size_t columns;   /* of cells */
    double column_ms; /* a multiple of dt where that is known */
    struct plot_dot *dot;
    size_t dot_count;
    size_t bins;
    double bin_from, bin_ms;
};

/* Is a spike at this time in view? Spikes of a step come at its end. */
static inline bool plot_in_view(const struct plot *plot, double time)
{
    return time <= plot->to + plot->slack &&
           (time > plot->from + plot->slack || (time >= 0 && plot->from == 0));
}

#endif
