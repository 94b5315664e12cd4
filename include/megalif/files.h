/* megalif: digests and comparisons of spike files, SONATA's format, ours or another's. megalif.h
 * includes this file. */
#ifndef MLIF_API
#include <megalif/megalif.h>
#elif !defined MEGALIF_FILES_H
#define MEGALIF_FILES_H

#ifdef __cplusplus
extern "C" {
#endif

/* The digest of a spike file, SONATA's format, ours or another's: from its rows, and as it says
 * itself. */
struct mlif_digest_report {
    char computed[33]; /* of the spikes in the file; empty: it could not be computed */
    char stored[33];   /* of all spikes of its simulation, as the file says; empty: it does not */
    int comparable;    /* nonzero: the file says that it holds all of these */
    uint64_t rows;     /* spikes in the file */
    uint64_t spikes;   /* of its simulation, as the file says; 0: it does not */
    double dt_ms;      /* its time step */
};

/* Computes the digest of a file and compares it with the stored one where that can be. dt_ms: the
 * time step of a file that does not say it, else 0. *report need not be initialised; errors and
 * warnings may be NULL. MLIF_OUTPUT: the file cannot be read; or is damaged: another digest, times
 * that are no steps, rows that are not sorted though the file says so. MLIF_CONFIG: dt_ms is
 * missing or is not the file's. Any thread. */
MLIF_API enum mlif_status mlif_file_digest(const char *path, double dt_ms,
                                           struct mlif_digest_report *report,
                                           struct mlif_messages *errors,
                                           struct mlif_messages *warnings);

/* One population in a comparison. */
struct mlif_compared_population {
    const char *name; /* of it */
    int in[2];        /* nonzero: the file has it, with or without recorded spikes */
    uint64_t rows[2]; /* spikes in the file */
};

/* What two spike files have in common; [0] is of the first, [1] of the second. Owned by the caller,
 * who frees it with mlif_comparison_free. */
struct mlif_comparison {
    int equal;              /* nonzero: the same populations, rows and, where stored, digests */
    size_t differs_in;      /* population[] of the earliest row that differs, or MLIF_NONE */
    uint64_t row;           /* its number; of this row, what follows: */
    int ended[2];           /* nonzero: the file has no such row */
    uint64_t node_id[2];    /* 0: it has none */
    double timestamp_ms[2]; /* NaN: it has none */
    int digests_differ;     /* nonzero: so do those of all spikes, recorded or not */
    char digest[2][33];     /* as stored; empty: none */
    double dt_ms[2];        /* time steps; 0: the file does not say */
    struct mlif_compared_population *population; /* [population_count] */
    size_t population_count;                     /* of these */
};

/* Compares two spike files row by row: populations, ids, and times to the last bit. MLIF_OK whether
 * they are equal or not. *comparison need not be initialised; errors may be NULL. MLIF_OUTPUT: a
 * file cannot be read; MLIF_MEMORY. Then *comparison is empty. Any thread. */
MLIF_API enum mlif_status mlif_file_compare(const char *path_a, const char *path_b,
                                            struct mlif_comparison *comparison,
                                            struct mlif_messages *errors);

/* Frees what a comparison holds and empties it; an empty one may be freed. */
MLIF_API void mlif_comparison_free(struct mlif_comparison *comparison);

#ifdef __cplusplus
}
#endif

#endif
