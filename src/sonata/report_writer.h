/* Writes a SONATA report: rows of values of chosen neurons at regular times, one file for all
 * populations of a recorder (docs/format.md).
 *
 *   /report/POP/data                     float32[rows][neurons]; attributes units, variable
 *   /report/POP/mapping/node_ids         uint64[neurons], ascending; attribute sorted = 1
 *   /report/POP/mapping/index_pointers   uint64[neurons + 1]: 0, 1, 2, ...; the same dataset is
 *                                        linked as index_pointer, BMTK's name for it
 *   /report/POP/mapping/element_ids      uint32[neurons]: 0, the soma
 *   /report/POP/mapping/element_pos      float32[neurons]: 0
 *   /report/POP/mapping/time             float64[3]: start, stop (exclusive), interval; units =
 * "ms"
 *
 * Values are stored as they are: as floats of a noisy potential they hardly shrink, and reading a
 * row at a time, as libsonata does, is fastest so. Rows are gathered to whole chunks of at most
 * 1 MiB, each of which goes to the file in one piece, from the calling thread.
 *
 * One thread owns a writer and calls it; others may write other files meanwhile. */
#ifndef MEGALIF_REPORT_WRITER_H
#define MEGALIF_REPORT_WRITER_H

#include "base/error.h"

#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct report_population {
    const char *name;
    const uint64_t *node_ids; /* [count] ascending */
    uint64_t count;           /* may be 0 */
};

struct report_settings {
    const char *path; /* final name; written as PATH.part and renamed by report_publish */
    bool force;       /* replace an existing file */
    const char *variable, *units; /* "V_m", "mV" */
    double start_ms, interval_ms; /* of the first row; from row to row */
    uint64_t rows;                /* that will come, for the size of the chunks; may be too many */
    bool checked;                 /* for report_describe */
    const struct report_population *population;
    size_t population_count;
};

struct report_writer;

/* Checks only: would report_create be refused? Creates nothing. */
enum status report_check_path(const char *path, bool force, struct error *err);

/* Refuses an existing path without force and a directory that is missing or not writable, before
 * anything is created; creates PATH.part. Copies what it needs of the settings. */
enum status report_create(struct report_writer **out, const struct report_settings *settings,
                          struct error *err);

/* Bytes that the buffer of a population of so many neurons takes. */
uint64_t report_memory(uint64_t count, uint64_t rows);

/* Appends rows to a population: values[rows][count], row by row, rounded to float32. STATUS_OUTPUT
 * when the file cannot be written (disk full ...): nothing more can be written, call
 * report_abandon. */
enum status report_append(struct report_writer *writer, size_t population, size_t rows,
                          const double *values, struct error *err);

/* The same with values that are float32 already. */
enum status report_append_floats(struct report_writer *writer, size_t population, size_t rows,
                                 const float *values, struct error *err);

/* Rows appended to a population so far. */
uint64_t report_rows(const struct report_writer *writer, size_t population);

/* The open file, for the caller to add to /megalif. */
hid_t report_file(const struct report_writer *writer);

/* Writes what is left over and the time of the rows there are, closes and fsyncs: the file is whole
 * on disk, under its temporary name. All populations must have the same number of rows. On error
 * call report_abandon. */
enum status report_complete(struct report_writer *writer, struct error *err);

/* A closed report of a run with checkpoints. */
struct report_segment {
    uint64_t rows;     /* of each population */
    uint64_t bytes;    /* size of the file */
    uint64_t checksum; /* of its values (report_checksum.h) */
};

/* After report_complete, of a writer with settings.checked and at least one population: what the
 * file is. */
enum status report_describe(const struct report_writer *writer, struct report_segment *out,
                            struct error *err);

/* After report_complete: renames to the final name and frees the writer, also on error. When
 * another file has taken the name meanwhile (and force is false) the complete temporary file stays,
 * and the message says so. */
enum status report_publish(struct report_writer *writer, struct error *err);

/* Removes the temporary file and frees the writer; NULL is fine. */
void report_abandon(struct report_writer *writer);

/* The `stop` of a report that makes its readers count `rows` rows. libsonata counts how often it
 * can add interval to start before it comes within 1e-6 of stop; with the rounding of each
 * addition: that count is exact for any number of rows. BMTK takes the whole part of (stop - start)
 * / interval: exact as long as that sum has not drifted by 1e-6 (at 0.1 ms: 3,126,995 rows), later
 * up to one row less. It is start + rows * interval to within a few units in the last place where
 * that serves both, else half an interval before. Takes about a nanosecond a row. Pure. */
double report_stop(double start_ms, double interval_ms, uint64_t rows);

#endif
