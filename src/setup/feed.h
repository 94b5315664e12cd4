/* One input or population that reads a file: its rows for any steps. Private to feed_rows.c. */
#ifndef MEGALIF_FEED_H
#define MEGALIF_FEED_H

#include "setup/feed_owner.h"
#include "setup/setup_files.h"

struct feed;

/* Opens the file of an owner, adds it to files, and checks that it fits. Otherwise a line in
 * `errors`, and STATUS_CONFIG or STATUS_MEMORY. */
enum status feed_open(struct feed **out, const struct feed_owner *owner, struct setup_files *files,
                      struct messages *errors, struct messages *warnings);
void feed_close(struct feed *feed); /* NULL is fine */

/* The shape of its rows (drive/input_rows.h): one number for each target neuron, or one for all. */
bool feed_per_neuron(const struct feed *feed);
uint64_t feed_columns(const struct feed *feed);

/* Of a source: the most spikes that a neuron has in a step. */
uint32_t feed_most(const struct feed *feed);

/* Memory it takes beside the rows. */
uint64_t feed_bytes(const struct feed *feed);

/* Fills the rows of steps [first, first + steps): real[steps][columns] of real_bytes each, or
 * double[steps] if one for all; zeros where the input does not act. STATUS_OUTPUT. */
enum status feed_fill(struct feed *feed, uint64_t first, uint64_t steps, size_t real_bytes,
                      void *data, struct error *err);

#endif
