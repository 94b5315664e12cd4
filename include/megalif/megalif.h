/* megalif: very large populations of leaky integrate-and-fire neurons.
 *
 * A simulation is a handle: opened from a config (docs/configuration.md), stepped, finished, which
 * completes its file, and closed. mlif_run does all of it in one call. Two programs to start from
 * are in docs/examples.
 *
 * The library never prints, exits, aborts or installs signal handlers, and has no global state (but
 * a lock, see below): all it has to say is in the values it returns. Messages are English lines
 * that name file and line, key or option, what was wrong and what would be right.
 *
 * Arguments: pointers must not be NULL unless a call says so. What a call returns through a pointer
 * belongs to the caller, who frees it with the function named there; `const char *` results belong
 * to the simulation, or live for ever.
 *
 * Threads: one thread at a time uses a simulation; it may be another one from call to call. OpenMP
 * threads work inside the calls, and one thread of the library writes the file between mlif_open
 * and mlif_finish. Different simulations may be used by different threads at once. The library lets
 * one of its threads into HDF5 at a time, whatever HDF5's build; a program that uses HDF5 itself
 * beside it, from another thread, needs one that is thread-safe (H5is_library_threadsafe). Do not
 * fork while a simulation is open, but to exec. In the child of a process that has used several
 * threads, here or elsewhere, GNU OpenMP waits for ever for threads that are not there: run with
 * threads = 1 in such a child, or exec.
 *
 * HDF5: the library uses it for files alone, and calls H5dont_atexit before its first use, because
 * HDF5's clean-up at exit touches files whose writing has failed, and can crash. That call has no
 * effect once HDF5 runs: a program that uses HDF5 itself calls H5dont_atexit first of all, and
 * closes its own files. HDF5's error printing is switched off inside the calls and restored after
 * them.
 *
 * Floating point: inside the calls the default environment holds (to nearest, denormals kept, no
 * traps), in each thread, whatever the program has set, or its -ffast-math has. The program finds
 * its own again after them, and in callbacks.
 *
 * Signals: a program that wants an orderly end on SIGINT or SIGTERM sets a flag in its handler and
 * returns nonzero from a callback when the flag is set. A file that outgrows RLIMIT_FSIZE raises
 * SIGXFSZ, which kills; a program that ignores this signal gets MLIF_OUTPUT instead.
 *
 * Structs: they may grow at their ends between versions. The options say how large the caller's
 * are, so a library that has others refuses them with MLIF_CONFIG, or, where only the options have
 * grown, takes the new ones for their defaults (megalif/layout.h).
 *
 * Not guaranteed: the number and size of the blocks that callbacks see. The wording of messages. */
#ifndef MEGALIF_H
#define MEGALIF_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Marks what a shared library exports. */
#if defined __GNUC__
#define MLIF_API __attribute__((visibility("default")))
#else
#define MLIF_API
#endif

/* What a call ended with; also the exit code of the command line. */
enum mlif_status {
    MLIF_OK = 0,           /* done */
    MLIF_CONFIG = 2,       /* config or usage */
    MLIF_OUTPUT = 3,       /* the output exists or cannot be written */
    MLIF_MEMORY = 4,       /* not enough memory */
    MLIF_CHECKPOINT = 5,   /* a checkpoint or a segment is damaged, missing or foreign */
    MLIF_BUSY = 6,         /* another run is writing this output */
    MLIF_RANGE = 7,        /* the model left its range: a population fired above max_rate */
    MLIF_STOPPED = 75,     /* stopped early, checkpoint written */
    MLIF_INTERRUPTED = 130 /* a callback asked to stop */
};

/* A population on its way. */
struct mlif_population_progress {
    const char *name; /* of the population */
    uint64_t size;    /* neurons */
    uint64_t spikes;  /* so far, recorded or not */
};

/* A simulation on its way. What it points to lives only during the call. */
struct mlif_progress {
    double model_ms;        /* simulated so far */
    double duration_ms;     /* of the whole */
    double elapsed_s;       /* wall time spent stepping, or, before, on making synapses */
    uint64_t neurons;       /* of all populations */
    uint64_t steps_done;    /* of all, see mlif_steps */
    uint64_t spikes;        /* so far, recorded or not */
    uint64_t first_step;    /* where this process took the run up: 0 but after a resume */
    uint64_t checkpoints;   /* written by this process */
    double checkpoint_ms;   /* model time up to which all is safe; 0: nothing is yet */
    uint64_t synapses;      /* of all projections; while they are made: to expect */
    uint64_t synapses_made; /* fewer while mlif_open makes them */
    const char *output;     /* path of the file that is written; NULL: none */
    const struct mlif_population_progress *population; /* [population_count], as in the config */
    size_t population_count;                           /* of these; 0 while synapses are made */
};

/* A piece of a population's recorded spikes. The arrays live only during the call. */
struct mlif_spikes {
    size_t population;           /* its number, in the order of the config */
    const char *name;            /* its name */
    size_t count;                /* 1 ... MLIF_SPIKES_MOST */
    const uint64_t *node_ids;    /* [count] within the population, from 0 */
    const double *timestamps_ms; /* [count] end of the step, as in the file */
};

enum {
    MLIF_SPIKES_MOST = 65536 /* spikes that one call of a callback brings */
};

/* Rows of a V_m, I or jumps recorder in one of its populations. The arrays live only during the
 * call. Row r holds the values at start_ms + (first_row + r) interval_ms: V_m after any reset,
 * V_reset while a neuron is refractory, and in row 0 of a recorder that starts at 0 the initial
 * potential; I and jumps are those of the step that begins there (docs/configuration.md). */
struct mlif_trace {
    const char *recorder;     /* the NAME of [record.NAME] */
    const char *what;         /* "V_m", "I", "jumps", or the model's own */
    const char *units;        /* "mV" or "pA" */
    size_t population;        /* its number, in the order of the config */
    const char *name;         /* of the population */
    size_t count;             /* neurons, at least 1 */
    const uint64_t *node_ids; /* [count] ascending */
    double start_ms;          /* of the recorder's first row */
    double interval_ms;       /* from row to row */
    uint64_t first_row;       /* of these, counted from start_ms */
    size_t rows;              /* at least 1 */
    const double *values;     /* [rows][count] */
};

/* Processes that MPI has launched together, of which this is one (docs/mpi.md). */
struct mlif_ranks;

/* How a simulation is made: start from mlif_default_options() (megalif/layout.h). Strings and lists
 * may go once mlif_open has returned; the callbacks' context must live as long as the simulation.
 */
struct mlif_options {
    size_t size;   /* of this struct, */
    size_t layout; /* and MLIF_LAYOUT, as the program has them (megalif/layout.h) */

    const char *config;           /* path of the INI file, "-" for standard input */
    const char *config_text;      /* the INI text itself; `config` then only names it in messages */
    const char *const *overrides; /* "section.key=value", checked like the file */
    size_t override_count;        /* of these */
    const char *output;           /* path of the HDF5 file; NULL: as the config says */
    int no_file;                  /* nonzero: write no file, whatever config and output say */
    int no_raster;                /* nonzero: the file gets all but the spikes */
    const char *isa;              /* "scalar", "avx2", "avx512"; NULL: the widest there is */
    const char *command_line;     /* for the file's provenance; may be NULL */
    int threads;                  /* 0 or below: as many as the process may use */
    int force;                    /* nonzero: replace an existing regular file, no link */
    size_t tile;  /* neurons that a thread takes through a block at once, up to 32,768; 0: chosen */
    size_t block; /* steps between two barriers, up to 65,536; 0: chosen */

    /* Called before the first step and after each block of steps, from the thread that called
     * mlif_advance; and some ten times a second by mlif_open while it makes synapses, from the
     * thread that called it. May be NULL. Returning nonzero ends the call with MLIF_INTERRUPTED. */
    int (*progress)(const struct mlif_progress *progress, void *context);

    /* Called after each block of steps with the recorded spikes of each population, in the order
     * (step, neuron), in pieces; from the thread that called mlif_advance; may be NULL. What is
     * recorded is what the file would hold: [record.*] neurons, record_warmup. Populations come in
     * the order of the config, silent ones not at all. Returning nonzero ends the call with
     * MLIF_INTERRUPTED once the rest of the block has been handed over. No callback may call
     * functions on the same simulation, and none may be left but by returning: no longjmp, no C++
     * exception. */
    int (*spikes)(const struct mlif_spikes *spikes, void *context);

    /* Called after each block of steps, after the spikes, with the rows that the V_m, I and jumps
     * recorders have in it: in the order of the recorders' names, then of the populations; rows
     * follow one another without a gap. Same thread, same rules, same meaning of the value
     * returned; may be NULL. */
    int (*traces)(const struct mlif_trace *trace, void *context);
    void *context; /* handed to the callbacks */

    /* Checkpoints (docs/checkpoints.md) stand in OUTPUT.checkpoint/. They are on where the config
     * has a section [checkpoint], or one of the next three is set. After a resume the spikes
     * callback gets only what is new. */
    int checkpoint;             /* nonzero: every 10 minutes, or as [checkpoint] says */
    int resume;                 /* nonzero: goes on from the last checkpoint, if there is one */
    double max_wall_s;          /* > 0: mlif_advance ends with MLIF_INTERRUPTED early enough for a
                                   last checkpoint before so many seconds after mlif_open */
    const char *resume_command; /* what messages tell a user to type to go on; may be NULL */

    /* Processes that share the simulation, from mlif_ranks_open; must live as long as it. NULL:
     * this one has all of it. */
    const struct mlif_ranks *ranks;

    /* For mlif_check: how many would share the run, of which it tells the memory of rank 0, which
     * has most; 0: one process. */
    int planned_ranks;
};

/* The file of a V_m, I or jumps recorder in a report. */
struct mlif_trace_report {
    char *path;    /* beside the output */
    uint64_t rows; /* so far */
};

/* One population in a report. */
struct mlif_population_report {
    const char *name;    /* of it */
    uint64_t size;       /* neurons */
    uint64_t spikes;     /* all, recorded or not */
    uint64_t recorded;   /* of these, those that file or callback received */
    double mean_rate_Hz; /* after warmup; NaN when nothing is left after it */
    /* Of a population that ended without a spike: least and largest, over its neurons, of the least
     * constant current that fires one. Else NaN. */
    double rheobase_pA[2];
};

/* One projection in a report. */
struct mlif_projection_report {
    const char *name;    /* of it */
    const char *rule;    /* "fixed_indegree", ... */
    uint64_t synapses;   /* made */
    uint64_t bytes;      /* that they take */
    const char *storage; /* "lists", "bitmaps", "procedural": how they are kept; lives for ever */
    char digest[33];     /* of them: 32 digits and a zero byte (docs/format.md, connectivity) */
};

/* What a simulation did up to now. Owned by the caller, who frees it with mlif_report_free. Figures
 * of speed are NaN before the first step. */
struct mlif_report {
    char *output;              /* path of the file; NULL: none */
    char digest[33];           /* of all spikes, recorded or not: 32 digits and a zero byte */
    const char *isa;           /* "scalar", "avx2", "avx512": lives for ever */
    const char *precision;     /* "single" or "double": lives for ever */
    uint64_t neurons;          /* of all populations */
    uint64_t steps;            /* done */
    uint64_t spikes;           /* all, recorded or not */
    uint64_t recorded;         /* of these, those that file or callback received */
    int threads;               /* that had work */
    size_t tile;               /* neurons that a thread takes through a block at once */
    size_t block;              /* steps between two barriers */
    double build_s;            /* mlif_open: config, drawing parameters */
    double simulate_s;         /* stepping, and handing spikes to the writer */
    double record_s;           /* of that, the part that hands over spikes, waits included */
    double finish_s;           /* mlif_finish: the last chunks, provenance, closing */
    double wall_s;             /* from mlif_open on, to the end of mlif_finish or to now */
    double duration_ms;        /* model time of the steps done */
    double warmup_ms;          /* of that, what rates leave out */
    double neuron_steps_per_s; /* neurons * steps / simulate_s */
    double realtime_factor;    /* simulate_s / model time: NEST's, below 1 is faster than life */
    uint64_t raw_bytes;        /* of the file's rasters: 16 bytes a spike */
    uint64_t stored_bytes;     /* as they lie there */
    double write_s;            /* the writer thread's work */
    uint64_t stalls;           /* how often stepping waited for the writer */
    double stall_s;            /* how long in all */
    double wait_s;             /* how long the threads waited for the last of them: their mean */
    uint64_t peak_rss_bytes;   /* most memory the process has ever had resident */
    struct mlif_population_report *population; /* [population_count] in the order of the config */
    size_t population_count;                   /* of these */
    char ended_early[320]; /* why it ended before its duration; empty: it did not, or not yet */
    struct mlif_trace_report *traces; /* [trace_count] by the recorders' names */
    size_t trace_count;               /* of these: V_m, I and jumps recorders with a file */
    double resumed_ms;   /* model time of the checkpoint it went on from; speeds count from there */
    int complete_before; /* nonzero: resumed, and nothing was left to do */
    uint64_t checkpoints;                       /* written by this process */
    double checkpoint_s;                        /* wall time that they took in all */
    uint64_t checkpoint_bytes;                  /* of the last one's state */
    struct mlif_projection_report *projections; /* [projection_count] by name */
    size_t projection_count;                    /* of these */
    uint64_t synapses;      /* of all projections; what follows is 0 or empty without any */
    uint64_t synapse_bytes; /* that they take */
    double synapses_s;      /* wall time on making them, a part of build_s */
    uint64_t events;        /* so far: synapses over which a spike has arrived */
    double events_per_s;    /* those of this process / simulate_s */
    char connectivity[33];  /* the digest of all synapses; empty: no projections */
    int ranks;         /* processes that shared the simulation; threads are of each, figures of time
                          rank 0's, peak_rss_bytes the largest rank's once it is finished */
    double exchange_s; /* of simulate_s: telling other ranks of spikes, and waiting for them */
    double rank_step_s[2]; /* once it is finished: least and most that a rank took for stepping */
};

/* One line of a run's need of memory. */
struct mlif_memory {
    const char *what; /* lives for ever */
    uint64_t bytes;   /* at most */
};

/* One population in a check. Each fact of the membrane is the least and the greatest over a sample
 * of its neurons; NaN in a population that is only a source of spikes. */
struct mlif_population_check {
    const char *name;      /* of it */
    uint64_t size;         /* neurons */
    double C_m_pF[2];      /* capacitance */
    double tau_m_ms[2];    /* time constant */
    double g_L_nS[2];      /* leak conductance */
    double R_m_MOhm[2];    /* resistance */
    double rheobase_pA[2]; /* (V_th - E_L) / R_m: no smaller constant current makes it fire */
    double rate_Hz;        /* of the pilot */
};

/* One projection in a check. */
struct mlif_projection_check {
    const char *name;     /* of it */
    const char *rule;     /* "fixed_indegree", ... */
    const char *storage;  /* "lists", "bitmaps", "procedural": of its synapses; lives for ever */
    int target_bits;      /* of "lists", that a synapse takes: for its target, */
    int weight_bits;      /* and for its weight, 0 where all have one; both 0 of others */
    double synapses;      /* to expect */
    int exact;            /* nonzero: so many with certainty */
    double bytes;         /* of all of them, at most */
    double delay_ms[2];   /* least, greatest */
    double indegree;      /* mean */
    double indegree_most; /* that sums of weights have room for */
    double outdegree;     /* mean */
    double rounding[2];   /* of weights: rms and largest error / rms weight, of some thousand that
                             are drawn; NaN: they stand in a file */
};

/* What a config says and what running it would take. Owned by the caller, who frees it with
 * mlif_check_report_free. */
struct mlif_check_report {
    char *config;               /* resolved, as INI text that runs again; NULL: it is wrong */
    char *output;               /* path of the file that a run would write; NULL: none */
    char *refusal;              /* why a run would not write it as things are; NULL: it would */
    int threads;                /* that a run would be given */
    struct mlif_memory *memory; /* [memory_count] */
    size_t memory_count;        /* of these */
    uint64_t memory_bytes;      /* their sum */
    struct mlif_population_check *population; /* [population_count] in the order of the config */
    size_t population_count;                  /* of these */
    double pilot_ms;                          /* model time of the pilot; 0: none was run */
    double spikes;                            /* to expect in the whole run */
    double recorded;                          /* of these, recorded */
    double output_bytes;                      /* of the file, before compression */
    uint64_t free_bytes;                      /* where it would lie; UINT64_MAX: unknown */
    uint64_t checkpoint_bytes;                /* of a checkpoint, at most */
    double run_s;            /* the whole run, as fast as this machine is now; NaN: not known */
    double disk_bytes_per_s; /* a short test write where the output would lie; NaN: none was made */
    struct mlif_projection_check *projections; /* [projection_count] by name; of these, too: */
    size_t projection_count;                   /* how many */
    double synapses_s;                         /* roughly the time to make all synapses */
    double block_ms;           /* steps between two barriers: no more than the least delay */
    double events_per_model_s; /* arrivals at the populations' rates above, which with projections
                                  are 10 Hz of any that is not only a source */
    double dt_ms;              /* time step */
    uint64_t steps;            /* of the duration */
    uint64_t neurons;          /* of all populations */
    double synapses;           /* to expect, of all projections */
    double synapse_bytes;      /* at most */
    double arrivals_s;         /* of run_s, what events take: in proportion to the rates */
    int ranks;                 /* of which memory is that of the largest; 1: one process */
};

/* Lines of text without newlines. A caller's list starts zeroed; calls append to it, also when it
 * is not empty; the caller frees it with mlif_messages_free. Where memory is short, a fixed line
 * says that messages were lost. */
struct mlif_messages {
    char **line;  /* [count] */
    size_t count; /* 0: line may be NULL */
};

/* The version of the library in use, such as "0.1.0"; lives for ever. Any thread. */
MLIF_API const char *mlif_version(void);

/* The number of the arithmetic: digests compare within one number only. Any thread. */
MLIF_API int mlif_numerics(void);

/* A simulation between mlif_open and mlif_close. */
struct mlif_simulation;

/* Steps for mlif_advance: all that are left. */
#define MLIF_TO_THE_END UINT64_MAX

/* No population of this name. */
#define MLIF_NONE SIZE_MAX

/* Reads and checks the config, draws all neurons, creates the output under a temporary name. The
 * result does not depend on threads, instruction set, tile or block.
 *
 * errors and warnings may be NULL. All that is wrong with a config is told in one go, as
 * "file:line: [section] key: ..."; mlif_config_line gives the number.
 * MLIF_CONFIG: config or options; MLIF_OUTPUT: the output exists and force is 0, or cannot be
 * created; MLIF_MEMORY: it will not fit, or so many threads cannot be started, which is found out
 * before anything is allocated; MLIF_BUSY: another run is writing the same output; with resume also
 * MLIF_CONFIG: the config is not that of the checkpoint, MLIF_CHECKPOINT: something is damaged or
 * missing; MLIF_INTERRUPTED: the progress callback asked to stop while synapses were made, or
 * MLIF_STOPPED where there is a checkpoint to go on from. Then *simulation is NULL, no file is
 * left, and an existing one is untouched. */
MLIF_API enum mlif_status mlif_open(struct mlif_simulation **simulation,
                                    const struct mlif_options *options,
                                    struct mlif_messages *errors, struct mlif_messages *warnings);

/* Takes `steps` steps, fewer where the config's duration ends; MLIF_TO_THE_END: all that are left.
 * The spikes do not depend on how a run is cut into calls. Calls of a few steps are slower: a block
 * is what a thread does between two barriers. errors may be NULL.
 *
 * MLIF_INTERRUPTED: a callback asked to stop; the simulation stands at the end of a block and may
 * go on. MLIF_RANGE: a population is above max_rate; the simulation stands at the end of the step
 * that was too much, as it does with MLIF_OK where stop_after_spikes is met: it takes no further
 * step, and can be finished. MLIF_OUTPUT, MLIF_MEMORY: its file could not be written; it can only
 * be read and closed. MLIF_CONFIG: it was finished before.
 *
 * With checkpoints it writes those that are due on the way; an error then says what is safe. */
MLIF_API enum mlif_status mlif_advance(struct mlif_simulation *simulation, uint64_t steps,
                                       struct mlif_messages *errors);

/* Writes a checkpoint of the present step now, beside those that mlif_advance writes when they are
 * due. MLIF_CONFIG: this simulation has no checkpoints, or was finished before. MLIF_OUTPUT,
 * MLIF_MEMORY: it can only be read and closed; the message says what is safe. errors may be NULL.
 * Of ranks, all call it. */
MLIF_API enum mlif_status mlif_checkpoint(struct mlif_simulation *simulation,
                                          struct mlif_messages *errors);

/* Completes the file, which holds the steps done so far, syncs it to the disk and gives it its
 * name. After that the simulation can be read, but not go on. Without a file it only ends the
 * simulation. errors may be NULL. On MLIF_OUTPUT or MLIF_MEMORY no file is left under that name, or
 * an existing one is untouched. MLIF_CONFIG: it was finished before. */
MLIF_API enum mlif_status mlif_finish(struct mlif_simulation *simulation,
                                      struct mlif_messages *errors);

/* Frees everything and sets *simulation to NULL (which it may be already). A file that is not
 * finished is removed; checkpoints stay. Not from within a callback. */
MLIF_API void mlif_close(struct mlif_simulation **simulation);

/* mlif_open, mlif_advance to the end, mlif_finish, mlif_read_report, mlif_close, and their errors.
 * *report need not be initialised: it is filled on MLIF_OK and MLIF_RANGE, which leave a file, else
 * zeroed; in both cases mlif_report_free may be called. MLIF_MEMORY leaves a file when only the
 * report did not fit, and says so. errors and warnings may be NULL. With checkpoints an interrupted
 * run writes one and returns MLIF_STOPPED. */
MLIF_API enum mlif_status mlif_run(const struct mlif_options *options, struct mlif_report *report,
                                   struct mlif_messages *errors, struct mlif_messages *warnings);

/* Ends a run with checkpoints where its last one stands: makes the one file `output` of what there
 * is, with the config that the checkpoint holds. options->config, overrides and no_file play no
 * part. *report, errors and warnings as with mlif_run; MLIF_OUTPUT also when there is no
 * checkpoint.
 */
MLIF_API enum mlif_status mlif_join(const char *output, const struct mlif_options *options,
                                    struct mlif_report *report, struct mlif_messages *errors,
                                    struct mlif_messages *warnings);

/* ---- several processes, launched by MPI: each opens the same simulation with the same options and
 * makes the same calls that open, step, set, finish and close it, and mlif_read_V_m, from the
 * thread that called mlif_ranks_open. Each has a part of the neurons and synapses. Totals are those
 * of all; files and callbacks for spikes and traces are rank 0's. A request to stop, or an error,
 * of any rank is that of all. What a simulation does not do with ranks, it refuses.
 * ------------------------------- */

/* Starts MPI if its launcher has started several processes, or as the environment variable
 * MEGALIF_MPI says; else *ranks is NULL, which is one process. MLIF_CONFIG: MPI cannot be used, and
 * what would help. Once in a process, which does not use MPI itself. errors may be NULL. */
MLIF_API enum mlif_status mlif_ranks_open(struct mlif_ranks **ranks, struct mlif_messages *errors);

/* Ends MPI, and waits for all ranks to do so; sets *ranks to NULL (which it may be already). */
MLIF_API void mlif_ranks_close(struct mlif_ranks **ranks);

/* Which of them this process is, from 0. NULL: 0. */
MLIF_API int mlif_ranks_rank(const struct mlif_ranks *ranks);

/* How many there are. NULL: 1. */
MLIF_API int mlif_ranks_count(const struct mlif_ranks *ranks);

/* What rank 0 gives, to all of them, each of which calls it. NULL: the value. */
MLIF_API int mlif_ranks_share(const struct mlif_ranks *ranks, int value);

/* ---- reading a simulation: between two calls of mlif_advance, or after mlif_finish; several
 * threads may read at once -------------------------------------------------------------------- */

/* The time step in ms. */
MLIF_API double mlif_dt_ms(const struct mlif_simulation *simulation);

/* Steps of the config's whole duration. */
MLIF_API uint64_t mlif_steps(const struct mlif_simulation *simulation);

/* Steps done; the model time is this times mlif_dt_ms. */
MLIF_API uint64_t mlif_steps_done(const struct mlif_simulation *simulation);

/* The digest of all spikes so far, recorded or not: 32 digits and a zero byte. */
MLIF_API void mlif_digest(const struct mlif_simulation *simulation, char digest[33]);

/* Populations are numbered from 0 in the order of the config. */
MLIF_API size_t mlif_population_count(const struct mlif_simulation *simulation);

/* Its name, which lives as long as the simulation; NULL: no population has this number. */
MLIF_API const char *mlif_population_name(const struct mlif_simulation *simulation,
                                          size_t population);

/* Its neurons; 0: no population has this number. */
MLIF_API uint64_t mlif_population_size(const struct mlif_simulation *simulation, size_t population);

/* The number of the population of this name, or MLIF_NONE. */
MLIF_API size_t mlif_population_find(const struct mlif_simulation *simulation, const char *name);

/* Membrane potentials (mV) at the end of the last step, of neurons begin ... end - 1 of a
 * population, into V_m[end - begin]; refractory neurons show V_reset. In single precision the state
 * is V - V_th with 24 bits. Ranks make the call together, and each gets the potentials of all.
 * MLIF_CONFIG, and V_m untouched, when there are no such neurons, when they have no membrane, or
 * when ranks do not ask for the same. */
MLIF_API enum mlif_status mlif_read_V_m(const struct mlif_simulation *simulation, size_t population,
                                        uint64_t begin, uint64_t end, double *V_m);

/* What has been done up to now. *report need not be initialised; errors may be NULL. On error
 * (MLIF_MEMORY) it is zeroed. */
MLIF_API enum mlif_status mlif_read_report(const struct mlif_simulation *simulation,
                                           struct mlif_report *report,
                                           struct mlif_messages *errors);

/* Appends all warnings up to now to a list: those of mlif_open and what has come up since. */
MLIF_API void mlif_read_warnings(const struct mlif_simulation *simulation,
                                 struct mlif_messages *warnings);

/* ---- synapses: drawn again, tile by tile, for a simulation does not keep them as they were
 * drawn; as a run uses them ------------------------------------------------------------------- */

/* Projections are numbered from 0 in the order of their names. */
MLIF_API size_t mlif_projection_count(const struct mlif_simulation *simulation);

/* Its name, which lives as long as the simulation; NULL: no projection has this number. */
MLIF_API const char *mlif_projection_name(const struct mlif_simulation *simulation,
                                          size_t projection);

/* Synapses from one population onto another, sorted by target, source, delay and weight. */
struct mlif_synapses {
    size_t source_population;   /* numbers in the order of the config */
    size_t target_population;   /* likewise */
    size_t count;               /* 0: there are no more */
    const uint64_t *source_ids; /* [count] within the population */
    const uint64_t *target_ids; /* [count] likewise */
    const double *weights;      /* [count] in the unit of the target's model, as rounded for sums */
    const double *delays_ms;    /* [count] multiples of dt */
};

/* A reading of a projection's synapses. */
struct mlif_connections;

/* Begins a reading, which mlif_connections_close ends; the simulation stays open meanwhile. Several
 * threads may have readings of one simulation, also while it is stepped. errors may be NULL.
 * MLIF_CONFIG: no projection has this number; MLIF_MEMORY. Then *connections is NULL. */
MLIF_API enum mlif_status mlif_connections_open(struct mlif_connections **connections,
                                                const struct mlif_simulation *simulation,
                                                size_t projection, struct mlif_messages *errors);

/* The next synapses: those onto up to 4,096 targets, between one pair of populations after the
 * other; each stands in one piece only. The arrays belong to the reading and live until its next
 * call. The simulation's threads draw; some 128 bytes a synapse of as many pieces are allocated.
 * On MLIF_MEMORY or MLIF_CONFIG (a normal_clipped that finds no value) count is 0. errors may be
 * NULL. */
MLIF_API enum mlif_status mlif_connections_next(struct mlif_connections *connections,
                                                struct mlif_synapses *synapses,
                                                struct mlif_messages *errors);

/* Frees a reading and sets *connections to NULL (which it may be already). */
MLIF_API void mlif_connections_close(struct mlif_connections **connections);

/* ---- before a run ---------------------------------------------------------------------------- */

/* Reads and checks a config, draws and checks every neuron's parameters without keeping them, and
 * simulates at most 2,048 neurons of each population for at most 200 ms and about 0.3 s of wall
 * time, the pilot, for rates to expect. Writes no file; callbacks are not called. Errors are those
 * of mlif_open but for the output's; *report need not be initialised, and holds what was found out
 * before an error. errors and warnings may be NULL. Any thread. */
MLIF_API enum mlif_status mlif_check(const struct mlif_options *options,
                                     struct mlif_check_report *report, struct mlif_messages *errors,
                                     struct mlif_messages *warnings);

/* Frees what a report holds and zeroes it; a zeroed one may be freed. */
MLIF_API void mlif_check_report_free(struct mlif_check_report *report);

/* ---- messages and reports ------------------------------------------------------------------- */

/* The line of the config, from 1, that a message of mlif_open with these options speaks of; 0: of
 * none, for it speaks of an override, of the whole file or of something else. Any thread. */
MLIF_API unsigned long mlif_config_line(const struct mlif_options *options, const char *message);

/* Frees what a report holds and zeroes it; a zeroed one may be freed. */
MLIF_API void mlif_report_free(struct mlif_report *report);

/* Frees the lines and leaves an empty list; an empty one may be freed. */
MLIF_API void mlif_messages_free(struct mlif_messages *messages);

#ifdef __cplusplus
}
#endif

#include <megalif/files.h>
#include <megalif/reading.h>
#include <megalif/stepwise.h>

#include <megalif/layout.h>

#endif
