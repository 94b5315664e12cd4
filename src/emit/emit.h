/* `megalif check --emit`: the model as a Python script for another simulator, with everything that
 * megalif draws written out. Data alone. */
#ifndef MEGALIF_EMIT_H
#define MEGALIF_EMIT_H

#include "config/config.h"
#include "drive/drive.h"
#include "io/array_file.h"
#include "setup/feed_rows.h"

#include <stdio.h>

enum {
    EMIT_INLINE_MOST = 2000,       /* numbers: more of them go to a file beside the script */
    EMIT_NEURONS_MOST = 10000000,  /* in all; the other simulators take kilobytes for each */
    EMIT_REALISED_MOST = 10000000, /* drawn numbers of inputs, and spikes of sources: 80 MB */
    EMIT_SYNAPSES_MOST = 100000000 /* in all: 4 GB */
};

/* The model in Python's words; the text speaks of its arrays as DATA["name"]. */
struct emit_model {
    const struct config *config;
    const char *simulator;  /* "nest" or "brian2" */
    struct feed_rows *rows; /* what inputs get from files, and for which steps it is ready */
    uint64_t rows_begin, rows_end;
    uint64_t replayed;     /* spikes of sources, so far */
    bool random;           /* noise comes from the simulator's own generators */
    struct drive **drives; /* [populations], opened */
    size_t *drive_count;
    FILE *out; /* the text, being written */
    char *text;
    size_t length;
    struct array *array; /* names and values are owned */
    size_t array_count;
    uint64_t numbers; /* in all arrays */
};

#endif
