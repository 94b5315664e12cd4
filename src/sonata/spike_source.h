/* The spikes of one population in a file of the user's, one after the other: a SONATA spike file,
 * or a CSV file (io/csv.h) with the columns timestamps (ms) and node_ids, and maybe population, or
 * with those of NEST's recorders: sender and time_ms, or sender, time_step and time_offset. A file
 * is SONATA when it begins as HDF5 does. One thread at a time uses a source. */
#ifndef MEGALIF_SPIKE_SOURCE_H
#define MEGALIF_SPIKE_SOURCE_H

#include "base/decimal.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct spike_source;

struct spike {
    uint64_t id;
    double time; /* ms, finite, 0 or more */
};

/* What is read, and what files of others do not say. */
struct spike_reading {
    const char *path;
    const char *population;       /* NULL: the only one of the file */
    bool first_said;              /* first_id was given; a file with NEST's senders needs it */
    uint64_t first_id;            /* becomes id 0, and so on */
    struct decimal dt;            /* ms: of NEST's time_step; mantissa 0: not given */
    struct raster_reader *raster; /* the file, open already: the caller closes it, after the source;
                                   * NULL: the source opens the file itself */
};

/* STATUS_OUTPUT with a message that names the file when it cannot be read, or has not this
 * population, or several and none is named, or does not say what it should. Copies the texts. */
enum status spike_source_open(struct spike_source **out, const struct spike_reading *reading,
                              struct error *err);
void spike_source_close(struct spike_source *source); /* NULL is fine */

/* The next spike in the order of the file, or sorted; *more is false at the end. */
enum status spike_source_next(struct spike_source *source, struct spike *spike, bool *more,
                              struct error *err);

/* Back to the first spike. */
enum status spike_source_rewind(struct spike_source *source, struct error *err);

/* Earlier first, of equal times the lower id: less than, equal to or above 0, as qsort wants it. */
int spike_compare(const void *a, const void *b);

enum { SPIKE_SORT_BYTES = 2 * sizeof(struct spike) }; /* memory a spike while they are sorted */

/* Is there memory to sort so many spikes of a population? STATUS_MEMORY says how much is wanted.
 * The name is for the message; NULL: the file has none. */
enum status spike_sort_check(const char *path, const char *name, uint64_t spikes,
                             struct error *err);

/* Reads all spikes of a source, of which there are so many, into memory (half of SPIKE_SORT_BYTES
 * each stays taken until the source is closed); from then on it gives them by time, then id, from
 * the first one on. STATUS_OUTPUT where there are more or fewer. */
enum status spike_source_sort(struct spike_source *source, uint64_t spikes, struct error *err);

/* Sets err to "FILE: PLACE: TEXT" about the spike given last, and returns STATUS_OUTPUT. */
enum status spike_source_refuse(const struct spike_source *source, struct error *err,
                                const char *text);

/* Memory it takes while open, in bytes. */
uint64_t spike_source_bytes(const struct spike_source *source);

#endif
