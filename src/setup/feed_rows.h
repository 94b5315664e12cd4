/* What inputs, and populations that are only sources, get from files, block by block: opens and
 * checks the files, reads the rows of the next block while the engine steps through the present
 * one, keeps two blocks in memory. */
#ifndef MEGALIF_FEED_ROWS_H
#define MEGALIF_FEED_ROWS_H

#include "drive/input_rows.h"
#include "setup/setup_files.h"

struct feed_rows;

/* Opens what the inputs and populations of a config read, and adds it to files. What does not fit
 * the config goes to `errors`, a line each, with STATUS_CONFIG; what is remarkable to `warnings`.
 * *out is NULL where nobody reads a file. The config must outlive it. */
enum status feed_rows_open(struct feed_rows **out, const struct config *config,
                           struct setup_files *files, struct messages *errors,
                           struct messages *warnings);
void feed_rows_close(struct feed_rows *rows); /* NULL is fine */

/* For engine_settings: one for each input of the config; NULL when rows is. */
const struct input_rows *feed_rows_list(const struct feed_rows *rows);

/* Likewise, one for each population of the config. */
const struct input_rows *feed_rows_sources(const struct feed_rows *rows);

/* The most spikes that a neuron of a population has in a step of its file; 0: it reads none. */
uint32_t feed_rows_most(const struct feed_rows *rows, size_t population);

/* Makes rows ready from `step` on, for at most `most` steps; *steps becomes how many. Any step may
 * be asked for; going on where the last rows ended is what costs least. With rows NULL all are
 * ready. STATUS_OUTPUT: the file cannot be read, or has a number that cannot be. */
enum status feed_rows_next(struct feed_rows *rows, uint64_t step, uint64_t most, uint64_t *steps,
                           struct error *err);

/* Memory it takes, in bytes. */
uint64_t feed_rows_bytes(const struct feed_rows *rows);

#endif
