/* `megalif check --emit`: the model as a Python script for another simulator, with everything that
 * megalif draws written out. */
#ifndef MEGALIF_EMIT_H
#define MEGALIF_EMIT_H

#include "io/npz_file.h"
#include "sim/sim.h"

#include <stdio.h>

enum {
    EMIT_INLINE_MOST = 2000,      /* numbers: more of them go to a file beside the script */
    EMIT_NEURONS_MOST = 10000000, /* in all; the other simulators take kilobytes for each */
    EMIT_REALISED_MOST = 10000000 /* drawn numbers of inputs: 80 MB */
};

/* The model in Python's words; the text speaks of its arrays as DATA["name"]. */
struct emit_model {
    const struct config *config;
    const char *simulator;  /* "nest" or "brian2" */
    struct feed_rows *rows; /* what inputs get from files, and for which steps it is ready */
    uint64_t rows_begin, rows_end;
    bool random;           /* noise comes from the simulator's own generators */
    struct drive **drives; /* [populations], opened */
    size_t *drive_count;
    FILE *out; /* the text, being written */
    char *text;
    size_t length;
    struct npz_array *array; /* names and values are owned */
    size_t array_count;
    uint64_t numbers; /* in all arrays */
};

/* STATUS_CONFIG for what no script can hold or the simulator has not. */
enum status emit_possible(const struct config *config, const char *simulator, struct error *err);

/* Draws and realises everything; `random`: no input that is drawn. STATUS_CONFIG: what cannot be
 * said to that simulator. emit_model_close in any case. */
enum status emit_model_open(struct emit_model *model, const struct setup *setup,
                            const char *simulator, bool random, struct error *err);
void emit_model_close(struct emit_model *model);

/* Writes a line `"key": DATA["NAME/key"],` and keeps the values, which come from malloc and are
 * freed here. columns 0: a vector. emit_values writes a plain number where all are the same. */
enum status emit_array(struct emit_model *model, const char *name, const char *key, double *values,
                       uint64_t rows, uint64_t columns, struct error *err);
enum status emit_values(struct emit_model *model, const char *name, const char *key, double *values,
                        uint64_t count, struct error *err);

/* The lists CURRENTS, REALISED and RANDOM. Sets model->random where too much would be drawn. */
enum status emit_inputs(struct emit_model *model, struct error *err);

/* How many numbers the random inputs draw in a run, or (fed) those get that read files. */
uint64_t emit_count_rows(struct emit_model *model, bool fed);

/* Writes the script to `path` ("-": standard output) and, where there are many numbers, an .npz
 * file beside it, whose name goes to `data` ("" without one). Existing files are an error unless
 * force. */
enum status emit_write(const struct emit_model *model, const char *path, bool force,
                       char data[4096], struct error *err);

#endif
