/* Histograms of a network's synapses: a row for each projection, with its in-degrees, out-degrees,
 * delays and weights. */
#ifndef MEGALIF_PLOT_CONNECTIONS_H
#define MEGALIF_PLOT_CONNECTIONS_H

#include "plot/plot.h"
#include "plot/value_counts.h"

enum connections_quantity {
    CONNECTIONS_IN,     /* of each target, neurons without synapses, too */
    CONNECTIONS_OUT,    /* of each source, likewise */
    CONNECTIONS_DELAY,  /* ms, of each synapse that has one */
    CONNECTIONS_WEIGHT, /* likewise */
    CONNECTIONS_QUANTITIES
};

struct connections_row {
    char *name, *source, *target; /* allocated; NULL: not known */
    const char *unit;             /* of weights; NULL: not known */
    uint32_t colour;
    uint64_t synapses;
    struct value_counts of[CONNECTIONS_QUANTITIES];
};

/* delay_unit: ms that all delays are multiples of. Copies the texts. STATUS_MEMORY;
 * connections_row_free in any case. */
enum status connections_row_init(struct connections_row *row, const char *name, const char *source,
                                 const char *target, double delay_unit, struct error *err);
void connections_row_free(struct connections_row *row);

struct connections_picture {
    const char *title;
    struct connections_row *row; /* [count] */
    size_t count;
};

/* Draws or writes the histograms as the options say; a height of 0 is as many pixels as the rows
 * need. STATUS_CONFIG: more rows than a picture holds. The CSV:
 * projection,quantity,from,to,number. */
enum status plot_connections(const struct connections_picture *picture,
                             const struct plot_options *options, struct error *err);

#endif
