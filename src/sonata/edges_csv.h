/* Edges in a CSV file (io/csv.h): one a line, with the columns source, target, and perhaps weight,
 * delay (ms) or delay_steps, nsyns. SONATA's names are good, too: source_node_id, target_node_id,
 * syn_weight. One thread at a time. */
#ifndef MEGALIF_SONATA_EDGES_CSV_H
#define MEGALIF_SONATA_EDGES_CSV_H

#include "base/decimal.h"
#include "base/error.h"
#include "sonata/edges_reader.h"

struct edges_csv;

/* dt: what a step of delay_steps is, in ms; {0}: such a column is refused. STATUS_OUTPUT. */
enum status edges_csv_open(struct edges_csv **out, const char *path, struct decimal dt,
                           struct error *err);
void edges_csv_close(struct edges_csv *csv); /* NULL is fine */

/* The next up to `most` edges, into columns as edges_reader_read does; *count is 0 at the end. */
enum status edges_csv_read(struct edges_csv *csv, size_t most, const struct edges_columns *columns,
                           size_t *count, struct error *err);

/* The line of the first edge of those read last, from 1. */
uint64_t edges_csv_line(const struct edges_csv *csv);

enum status edges_csv_rewind(struct edges_csv *csv, struct error *err);

#endif
