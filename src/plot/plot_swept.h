/* The table of a sweep, as pictures use it: its keys, which of them vary, and what is shown. */
#ifndef MEGALIF_PLOT_SWEPT_H
#define MEGALIF_PLOT_SWEPT_H

#include "io/table.h"
#include "plot/plot.h"

enum { SWEPT_FIRST_KEY = 2 };

/* The different numbers of a column, ascending. */
struct swept_values {
    double *value;
    size_t count;
    bool log; /* spread over so much, and so evenly on a logarithmic axis, that it gets one */
};

struct swept {
    const char *path;
    struct table table; /* all texts: point, name, the swept keys, results */
    size_t key_end;     /* columns SWEPT_FIRST_KEY .. key_end - 1 are swept keys */
    size_t x, y;        /* those with the most numbers; y 0: no second one varies */
    struct swept_values of_x, of_y;
    size_t *shown; /* [shown_count] columns of results */
    size_t shown_count;
    char **label; /* [row_count] what the keys beside x are: "t_ref = 2 ms" */
};

/* Reads a table.csv and chooses what is shown: the columns called `column`, "rate.exc", or all
 * that begin with "rate."; NULL: all rates. swept_close also after an error. */
enum status swept_open(struct swept *swept, const char *path, const char *column,
                       struct error *err);
void swept_close(struct swept *swept);

/* The number in a cell, NaN where there is none. */
double swept_number(const struct swept *swept, size_t row, size_t column);

/* Names rows by the keys beside x, and beside y where `both`, with as many digits as tell them
 * apart. */
enum status swept_label(struct swept *swept, bool both, struct error *err);

/* Is it the first row of its label? */
bool swept_first(const struct swept *swept, size_t row);

/* The population of a column "rate.exc (Hz)": "exc"; "" where it has none. text: >= 64 bytes. */
const char *swept_population(const struct swept *swept, size_t column, char *text);

/* What the shown columns have in common: "rate (Hz)". text: >= 64 bytes. */
const char *swept_quantity(const struct swept *swept, char *text);

/* "exc, t_ref = 2 ms": population and label, as far as they tell series apart. */
void swept_name(const struct swept *swept, size_t column, size_t row, char *text, size_t size);

/* A point's file beside the table, to be freed; NULL without memory. */
char *swept_path_beside(const struct swept *swept, size_t row);

/* Points' files are read: none is an output. */
enum status swept_check_outputs(const struct swept *swept, const struct plot_options *options,
                                struct error *err);

/* "sweep_fi/table.csv": all tables have one name. */
const char *swept_title(const struct swept *swept);

#endif
