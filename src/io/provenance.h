/* What stands under /megalif: how a file came about, and what was counted beside the raster.
 *
 *   /megalif                   attributes, the same for every run of a config:
 *                              version, git_commit (strings), numerics (uint64),
 *                              dt_ms, duration_ms, warmup_ms (float64), seed (uint64),
 *                              precision (string), digest (string), spikes (uint64: all,
 *                              recorded or not), complete_raster (uint8: the file has them all),
 *                              ended_early (string: why, where the run ended before its duration)
 *   /megalif/config            string dataset: the resolved config as INI text
 *   /megalif/files/PLACE/KEY   attributes name, sha256 (strings), bytes (uint64) of a file that the
 *                              config reads: section and key that name it
 *   /megalif/run/warnings      string dataset: the warnings shown, one a line
 *   /megalif/populations/POP   attributes size, seed, spikes (uint64), mean_rate_Hz (float64,
 *                              after warmup), recorded (uint8: all of its spikes are in /spikes),
 *                              digest (string), synchrony (float64); with a counts recorder
 *                              rate_standard_error_Hz, rate_q05_Hz, rate_q25_Hz, rate_median_Hz,
 *                              rate_q75_Hz, rate_q95_Hz, silent_fraction, fano_factor, mean_cv
 *                              (float64), cv_neurons (uint64)
 *   /megalif/rates/POP         uint64[bins]: spikes per bin (b, b + width]; attributes
 *                              bin_width_ms, start_ms (float64), units
 *   /megalif/counts/POP/       spikes, first, last, interval_sum, interval_square_sum:
 *                              uint64[size], in steps
 *   /megalif/parameters/POP/   one dataset for each key: float64[size] (drawn) or a scalar
 *                              (constant); attribute units
 *   /megalif/run               attributes that vary from run to run: command_line, host, started
 *                              (ISO 8601), isa, compiler, hdf5 (strings), threads (uint64),
 *                              build_s, simulate_s, wall_s (float64), peak_rss_bytes (uint64),
 *                              slurm_job_id when there is one */
#ifndef MEGALIF_IO_PROVENANCE_H
#define MEGALIF_IO_PROVENANCE_H

#include "base/error.h"
#include "io/hdf5_place.h"
#include "io/packed_chunks.h"

#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ended_early of a file that was finished, or joined, before the run's end. */
#define PROVENANCE_ENDED_BY_CALLER "finished by its caller"

/* A file being written, of which the object that was written to last stays open. */
struct provenance {
    struct hdf5_place place;
    hid_t scalar, small; /* the space of attributes, the layout of small datasets */
};

/* Around all writers below. What is begun is ended before the file is closed, unless a writer has
 * failed: then all of the file's handles are abandoned. STATUS_OUTPUT. */
enum status provenance_begin(struct provenance *to, hid_t file, struct error *err);
enum status provenance_end(struct provenance *to, struct error *err);

/* Writers: create missing groups on the way; object times are not tracked (byte-comparable files).
 * All return STATUS_OUTPUT with the HDF5 reason in err. `path` is absolute, such as "/megalif/run";
 * attributes are set on the group, or on the dataset that has this path. Paths in such an order
 * that neighbours share most of their groups are fastest. */
enum status provenance_put_string(struct provenance *to, const char *path, const char *name,
                                  const char *text, struct error *err);
enum status provenance_put_u64(struct provenance *to, const char *path, const char *name,
                               uint64_t value, struct error *err);
enum status provenance_put_u8(struct provenance *to, const char *path, const char *name,
                              uint8_t value, struct error *err);
enum status provenance_put_f64(struct provenance *to, const char *path, const char *name,
                               double value, struct error *err);
/* Does a file have /megalif? And a copy of it, as it is stored, in a file that has none, between no
 * provenance_begin and _end. */
bool provenance_is_there(hid_t file);
enum status provenance_copy(hid_t from, hid_t to, struct error *err);

/* "1.10.8": of the HDF5 in use. Returns text. */
const char *provenance_hdf5_version(char text[48]);

/* A string dataset (one UTF-8 text of fixed length), e.g. "/megalif/config". STATUS_MEMORY, too. */
enum status provenance_put_text(struct provenance *to, const char *path, const char *text,
                                struct error *err);

/* A 1-d dataset of such strings, each as wide as the longest. */
enum status provenance_put_texts(struct provenance *to, const char *path, uint64_t count,
                                 const char *const *texts, struct error *err);

/* A 1-d dataset of 8-byte numbers, in chunks of up to PACKED_CHUNK_ROWS with shuffle + deflate (up
 * to 256 of them in the dataset's header, where they take less), or a scalar one. */
enum dataset_type { DATASET_U64, DATASET_F64 };
struct provenance_numbers {
    const char *path;
    enum dataset_type type;
    uint64_t length;     /* SIZE_MAX: scalar, filled as [0, 1) */
    const char *units;   /* the attribute; NULL: none */
    number_fill *fill;   /* provenance_copy_numbers where they lie in an array */
    const void *context; /* of fill; the array */
};

/* `threads` fill and pack a dataset of at least a chunk; the file does not depend on them.
 * STATUS_MEMORY, too. */
enum status provenance_put_numbers(struct provenance *to, const struct provenance_numbers *numbers,
                                   int threads, struct error *err);
void provenance_copy_numbers(const void *context, uint64_t begin, uint64_t end, void *values);

/* Bytes that provenance_put_numbers allocates for a dataset of so many. */
uint64_t provenance_numbers_memory(uint64_t length, int threads);

#endif
