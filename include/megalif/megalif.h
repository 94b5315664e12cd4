/* megalif: very large populations of leaky integrate-and-fire neurons.
 *
 * The library never prints, exits or installs signal handlers, and keeps no global state: all it
 * has to say is in the values it returns. A simulation is a handle: opened from a config, stepped,
 * finished (which completes its file), closed. One thread at a time uses a handle; OpenMP threads
 * work inside the calls. Different simulations may be used by different threads one after the
 * other, not at once (HDF5 and OpenMP are shared by the process).
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
    MLIF_RANGE = 7,  /* the model left its range: a population fired above max_rate */
    MLIF_INTERRUPTED = 130
};

/* A simulation on its way. Times in seconds of wall time unless the name says otherwise. */
struct mlif_progress {
    double model_ms;    /* simulated so far */
    double duration_ms; /* of the whole */
    double elapsed_s;   /* spent stepping */
    uint64_t neurons;
    uint64_t steps_done;
    uint64_t spikes;
};

/* A piece of a population's recorded spikes. The arrays live only during the call. */
struct mlif_spikes {
    size_t population; /* its number, in the order of the config */
    const char *name;
    size_t count;                /* 1 ... MLIF_SPIKES_MOST */
    const uint64_t *node_ids;    /* [count] within the population, from 0 */
    const double *timestamps_ms; /* [count] end of the step, as in the file */
};

enum { MLIF_SPIKES_MOST = 65536 };

/* How a simulation is made. mlif_open copies the strings; the context must live on. */
struct mlif_options {
    const char *config;           /* path of the INI file, "-" for standard input */
    const char *config_text;      /* the INI text itself; `config` then only names it in messages */
    const char *const *overrides; /* "section.key=value", checked like the file */
    size_t override_count;
    const char *output;       /* path of the HDF5 file; NULL: as the config says */
    int no_file;              /* nonzero: write no file, whatever config and output say */
    const char *isa;          /* "scalar", "avx2", "avx512"; NULL: the widest there is */
    const char *command_line; /* for the file's provenance; may be NULL */
    int threads;              /* 0: as many as the process may use */
    int force;                /* nonzero: replace an existing output file */
    size_t tile;              /* neurons that a thread takes through a block at once; 0: chosen */
    size_t block;             /* steps between two barriers; 0: chosen */

    /* Called before the first step and after each block of steps, from the thread that called
     * mlif_advance; may be NULL. Returning nonzero ends the call with MLIF_INTERRUPTED. */
    int (*progress)(const struct mlif_progress *progress, void *context);

    /* Called after each block of steps with the recorded spikes of each population, in the order
     * (step, neuron), in pieces; from the thread that called mlif_advance; may be NULL. What is
     * recorded is what the file would hold: [record.*] neurons, record_warmup. Populations come in
     * the order of the config, silent ones not at all. Returning nonzero ends the call with
     * MLIF_INTERRUPTED once the rest of the block has been handed over. Neither callback may call
     * functions on the same simulation. */
    int (*spikes)(const struct mlif_spikes *spikes, void *context);
    void *context;
};

struct mlif_population_report {
    const char *name;
    uint64_t size;
    uint64_t spikes;     /* all, recorded or not */
    uint64_t recorded;   /* of these, those that file or callback received */
    double mean_rate_Hz; /* after warmup; NaN when nothing is left after it */
};

/* What a simulation did up to now. Owned by the caller, who frees it with mlif_report_free. Figures
 * of speed are NaN before the first step. */
struct mlif_report {
    char *output; /* path of the file; NULL: none */
    char digest[33];
    const char *isa;
    const char *precision; /* "single" or "double" */
    uint64_t neurons, steps, spikes, recorded;
    int threads;
    size_t tile, block;
    double build_s;                   /* mlif_open: config, drawing parameters */
    double simulate_s;                /* stepping, and handing spikes to the writer */
    double record_s;                  /* of that, the part that hands over spikes, waits included */
    double finish_s;                  /* mlif_finish: the last chunks, provenance, closing */
    double wall_s;                    /* from mlif_open on, to the end of mlif_finish or to now */
    double duration_ms;               /* model time of the steps done */
    double neuron_steps_per_s;        /* neurons * steps / simulate_s */
    double realtime_factor;           /* model time / simulate_s */
    uint64_t raw_bytes, stored_bytes; /* of the rasters: 16 bytes a spike, and as they lie there */
    double write_s;                   /* the writer thread's work */
    uint64_t stalls;                  /* how often stepping waited for the writer */
    double stall_s;
    uint64_t peak_rss_bytes;
    struct mlif_population_report *population;
    size_t population_count;
    char ended_early[320]; /* why it ended before its duration; empty: it did not, or not yet */
};

/* Lines of text without newlines. A caller's list starts zeroed; calls append to it; he frees it
 * with mlif_messages_free. */
struct mlif_messages {
    char **line;
    size_t count;
};

MLIF_API struct mlif_options mlif_default_options(void);

/* "0.1.0". */
MLIF_API const char *mlif_version(void);

/* The number of the arithmetic: digests compare within one number only. */
MLIF_API int mlif_numerics(void);

struct mlif_simulation;

#define MLIF_TO_THE_END UINT64_MAX
#define MLIF_NONE SIZE_MAX

/* Reads and checks the config, draws all neurons, creates the output under a temporary name. All
 * that is wrong with a config is told in one go, as "file:line: [section] key: ...". errors and
 * warnings may be NULL. On any error *simulation is NULL and no file is left. */
MLIF_API enum mlif_status mlif_open(struct mlif_simulation **simulation,
                                    const struct mlif_options *options,
                                    struct mlif_messages *errors, struct mlif_messages *warnings);

/* Takes `steps` steps, fewer where the config's duration ends; MLIF_TO_THE_END: all that are left.
 * The spikes do not depend on how a run is cut into calls. MLIF_INTERRUPTED: a callback asked to
 * stop; the simulation stands at the end of a block and may go on. After any other error it can
 * only be read and closed; but MLIF_RANGE, a population above max_rate, leaves it at the end of the
 * step that was too much, and so does stop_after_spikes with MLIF_OK: it takes no further step, and
 * can be finished. */
MLIF_API enum mlif_status mlif_advance(struct mlif_simulation *simulation, uint64_t steps,
                                       struct mlif_messages *errors);

/* Completes the file, which holds the steps done so far, and gives it its name. The simulation can
 * still be read, but not go on. On error no file is left under that name, or an existing one is
 * untouched. */
MLIF_API enum mlif_status mlif_finish(struct mlif_simulation *simulation,
                                      struct mlif_messages *errors);

/* Frees everything and sets *simulation to NULL (which it may be already). A file that is not
 * finished is removed. */
MLIF_API void mlif_close(struct mlif_simulation **simulation);

/* mlif_open, mlif_advance to the end, mlif_finish, mlif_read_report, mlif_close. *report is filled
 * on MLIF_OK and MLIF_RANGE, which leave a file, else zeroed. */
MLIF_API enum mlif_status mlif_run(const struct mlif_options *options, struct mlif_report *report,
                                   struct mlif_messages *errors, struct mlif_messages *warnings);

/* What follows reads a simulation between two calls of mlif_advance, or after mlif_finish. */

MLIF_API double mlif_dt_ms(const struct mlif_simulation *simulation);
MLIF_API uint64_t mlif_steps(const struct mlif_simulation *simulation); /* of the whole duration */
MLIF_API uint64_t mlif_steps_done(const struct mlif_simulation *simulation);

/* Of all spikes so far, recorded or not: 32 digits and a zero byte. */
MLIF_API void mlif_digest(const struct mlif_simulation *simulation, char digest[33]);

/* Populations are numbered from 0 in the order of the config. A number out of range: NULL, 0. Names
 * live as long as the simulation. */
MLIF_API size_t mlif_population_count(const struct mlif_simulation *simulation);
MLIF_API const char *mlif_population_name(const struct mlif_simulation *simulation,
                                          size_t population);
MLIF_API uint64_t mlif_population_size(const struct mlif_simulation *simulation, size_t population);
MLIF_API size_t mlif_population_find(const struct mlif_simulation *simulation,
                                     const char *name); /* MLIF_NONE: there is none */

/* Membrane potentials (mV) of neurons begin ... end - 1 of a population into V_m[end - begin];
 * refractory neurons show V_reset. MLIF_CONFIG, and V_m untouched, when there are no such neurons.
 */
MLIF_API enum mlif_status mlif_read_V_m(const struct mlif_simulation *simulation, size_t population,
                                        uint64_t begin, uint64_t end, double *V_m);

/* *report need not be initialised; on error (MLIF_MEMORY) it is zeroed. */
MLIF_API enum mlif_status mlif_read_report(const struct mlif_simulation *simulation,
                                           struct mlif_report *report,
                                           struct mlif_messages *errors);
MLIF_API void mlif_report_free(struct mlif_report *report);
MLIF_API void mlif_messages_free(struct mlif_messages *messages);

#ifdef __cplusplus
}
#endif

#endif
