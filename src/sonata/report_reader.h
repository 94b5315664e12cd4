/* Reads SONATA reports, ours and others': values of neurons at regular times. One thread at a time.
 */
#ifndef MEGALIF_REPORT_READER_H
#define MEGALIF_REPORT_READER_H

#include "base/error.h"

#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct report_read_population {
    char *name, *units; /* units "" where the file says none */
    uint64_t count;     /* neurons */
    uint64_t *node_ids; /* [count] as they stand in the file */
    uint64_t *column;   /* [count] of a neuron's first value */
    uint64_t rows;
    double start, interval; /* ms: row i is at start + i interval */
};

struct report_reader;

/* Is this an HDF5 file with a report? Says nothing else of it. */
bool report_is(const char *path);

/* STATUS_OUTPUT with a message naming the file when it cannot be read, or is no SONATA report. */
enum status report_open(struct report_reader **out, const char *path, struct error *err);
void report_close(struct report_reader *reader);

/* Sorted by name; owned by the reader. */
const struct report_read_population *report_populations(const struct report_reader *reader,
                                                        size_t *count);

/* The open file, for what lies under /megalif (io/provenance.h). */
hid_t report_reader_file(const struct report_reader *reader);

/* What is recorded ("V_m"), where the file says so, else "". */
const char *report_variable(const struct report_reader *reader);

/* values[rows] of the first value of a population's neuron `index`, from row `first` on. */
enum status report_read_neuron(struct report_reader *reader, size_t population, uint64_t index,
                               uint64_t first, uint64_t rows, double *values, struct error *err);

#endif
