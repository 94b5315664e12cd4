/* megalif: very large populations of leaky integrate-and-fire neurons.
 *
 * The library never prints, exits or installs signal handlers, and keeps no global state: all it
 * has to say is in the values it returns. One call runs one simulation; different simulations may
 * run in different threads one after the other, not at once (HDF5 and OpenMP are shared by the
 * process).
 *
 * What is not guaranteed: the layout of the structs below may grow at their ends between versions;
 * start from mlif_default_options() and recompile. */
#ifndef MEGALIF_H
#define MEGALIF_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined __GNUC__
#define MLIF_API __attribute__((visibility("default")))
#else
#define MLIF_API
#endif

/* What a call ended with; also the exit code of the command line. */
enum mlif_status {
    MLIF_OK = 0,
    MLIF_CONFIG = 2, /* config or usage */
    MLIF_OUTPUT = 3, /* the output exists or cannot be written */
    MLIF_MEMORY = 4, /* not enough memory */
    MLIF_BUSY = 6,   /* another run is writing this output */
    MLIF_INTERRUPTED = 130
};

/* A simulation on its way. Times in seconds of wall time unless the name says otherwise. */
struct mlif_progress {
    double model_ms;    /* simulated so far */
    double duration_ms; /* of the whole */
    double elapsed_s;   /* since stepping began */
    uint64_t neurons;
    uint64_t steps_done;
    uint64_t spikes;
};

struct mlif_options {
    const char *config;           /* path of the INI file, "-" for standard input */
    const char *const *overrides; /* "section.key=value", checked like the file */
    size_t override_count;
    const char *output;       /* path of the HDF5 file; NULL: as the config says */
    const char *isa;          /* "scalar", "avx2", "avx512"; NULL: the widest there is */
    const char *command_line; /* for the file's provenance; may be NULL */
    int threads;              /* 0: as many as the process may use */
    int force;                /* nonzero: replace an existing output file */
    size_t tile;              /* neurons that a thread takes through a block at once; 0: chosen */
    size_t block;             /* steps between two barriers; 0: chosen */

    /* Called once the simulation is ready to step, and after each block; may be NULL. Returning
     * nonzero ends the run with MLIF_INTERRUPTED and removes the output. */
    int (*progress)(const struct mlif_progress *progress, void *context);
    void *context;
};

struct mlif_population_report {
    const char *name;
    uint64_t size;
    uint64_t spikes;     /* all, recorded or not */
    uint64_t recorded;   /* in the file */
    double mean_rate_Hz; /* after warmup; NaN when nothing is left after it */
};

/* What a run did. Owned by the caller, who frees it with mlif_report_free. */
struct mlif_report {
    char *output; /* path of the file */
    char digest[33];
    const char *isa;
    const char *precision; /* "single" or "double" */
    uint64_t neurons, steps, spikes, recorded;
    int threads;
    size_t tile, block;
    double build_s;    /* config, drawing parameters */
    double simulate_s; /* stepping, and handing spikes to the writer */
    double record_s;   /* of that, the part that hands over spikes, waits included */
    double finish_s;   /* the last chunks, provenance, closing */
    double wall_s;     /* all of it */
    double duration_ms;
    double neuron_steps_per_s;        /* neurons * steps / simulate_s */
    double realtime_factor;           /* model time / simulate_s */
    uint64_t raw_bytes, stored_bytes; /* of the rasters: 16 bytes a spike, and as they lie there */
    double write_s;                   /* the writer thread's work */
    uint64_t stalls;                  /* how often stepping waited for the writer */
    double stall_s;
    uint64_t peak_rss_bytes;
    struct mlif_population_report *population;
    size_t population_count;
};

/* Lines of text without newlines. */
struct mlif_messages {
    char **line;
    size_t count;
};

MLIF_API struct mlif_options mlif_default_options(void);

/* "0.1.0". */
MLIF_API const char *mlif_version(void);

/* The number of the arithmetic: digests compare within one number only. */
MLIF_API int mlif_numerics(void);

/* Runs a config from its text to its finished HDF5 file: reads, checks, builds, steps, records.
 * report, errors and warnings are filled in whatever the outcome; each must point to a zeroed
 * struct and be freed by the caller. On any error no file is left under the final name, and an
 * existing one is untouched. */
MLIF_API enum mlif_status mlif_run(const struct mlif_options *options, struct mlif_report *report,
                                   struct mlif_messages *errors, struct mlif_messages *warnings);

MLIF_API void mlif_report_free(struct mlif_report *report);
MLIF_API void mlif_messages_free(struct mlif_messages *messages);

#ifdef __cplusplus
}
#endif

#endif
