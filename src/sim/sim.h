/* What the parts of a simulation share: a config with its settings, the estimates made before it
 * runs, its recorders, and what is written beside the raster. The public face is
 * megalif/megalif.h; sim.c opens, steps and finishes. */
#ifndef MEGALIF_SIM_H
#define MEGALIF_SIM_H

#include "engine/engine.h"
#include "engine/selection.h"
#include "setup/feed_rows.h"
#include "setup/setup_files.h"
#include "setup/setup_values.h"
#include "sonata/raster_writer.h"
#include "sonata/report_writer.h"

#include <megalif/megalif.h>

enum { QUEUE_CHUNKS = 16 }; /* 1 MiB each */

/* ---- setup.c: a config that has been read, with the choices that do not belong to the model
 */

struct setup {
    struct config *config;
    struct engine_settings settings;
    struct setup_files files;   /* that the config reads */
    struct setup_values values; /* parameters from them; the config points to these */
    struct feed_rows *rows;     /* what inputs get from them; NULL: nothing */
    char *output;               /* final path; NULL: no file is written */
    bool raster;                /* the file holds spikes */
    bool force;
    bool calls_back; /* spikes go to a callback */
    char *command_line;

    bool checkpoint;      /* the run has checkpoints */
    bool resume;          /* it goes on from the last one, if there is one */
    double max_wall_s;    /* it stops before so many seconds are over; 0: never */
    char *resume_command; /* what a user types to go on, for messages */
};

/* Reads the config and settles threads, instruction set and output; keeps no pointer of options.
 * Warnings are added, errors too. setup_close frees it, also after an error. */
enum status setup_open(struct setup *setup, const struct mlif_options *options,
                       struct messages *errors, struct messages *warnings);
void setup_close(struct setup *setup);

/* ---- sim_paths.c: what a run may write */

/* Refuses an output that is the config or one of these files, whatever it is called: STATUS_OUTPUT.
 * Creates nothing, as the next one. */
enum status sim_paths_keep(const char *path, const struct config *config,
                           const struct setup_files *files, struct error *err);

/* Could this run write its output, traces and checkpoints? Not over what it reads; over earlier
 * results only with force. A resumed run knows its own files: checkpoint_open looks at them. */
enum status sim_paths_check(const struct setup *setup, struct error *err);

/* The part of it about checkpoints of an earlier run. */
enum status sim_paths_check_folder(const struct setup *setup, struct error *err);

/* Of a run without checkpoints, with force: removes those of an earlier run in its place.
 * STATUS_BUSY when that one is at work. */
enum status sim_paths_forget(const struct setup *setup, struct error *err);

/* ---- sim_estimate.c: what a run will need, before it is begun */

/* Memory that a run of this will take, against what there is: STATUS_MEMORY when it does not fit,
 * before anything is allocated. */
void sim_plan_memory(const struct setup *setup, struct memory_plan *plan);
enum status sim_check_memory(const struct setup *setup, struct error *err);

/* Starts the threads of a run, before anything of it is allocated; STATUS_MEMORY when they cannot
 * be. */
enum status sim_start_threads(const struct setup *setup, struct error *err);

/* What the whole run will bring at the rates of a pilot (sim/sim_pilot.h). */
struct sim_expected {
    double model_ms; /* of the pilot */
    double *rate_Hz; /* [population_count] */
    double spikes;   /* in all, over the whole run */
    double recorded; /* of these, in the raster */
    double bytes;    /* of the output, uncompressed */
};

/* Runs a pilot; its errors are sim_pilot_run's. sim_expected_free in any case. */
enum status sim_expect(const struct setup *setup, struct sim_expected *out, struct error *err);
void sim_expected_free(struct sim_expected *expected);

/* Warns when the disk has less room than is to be expected; runs a pilot only where even the
 * highest possible rate could fill the disk. */
void sim_warn_disk(const struct setup *setup, struct messages *warnings);

/* Free bytes where a file of this path would lie; UINT64_MAX: unknown. */
uint64_t sim_free_disk(const char *path);

/* ---- output_spikes.c: where a block's recorded spikes go, the file and the caller's callback */

struct float_env;

struct output_spikes {
    const struct config *config;
    const struct engine *engine;
    struct raster_writer *raster; /* NULL: no file */
    size_t *raster_index;         /* [populations]: in the file, SIZE_MAX: not recorded */
    const char **recorded;        /* [recorded_count]: names of the populations in the file */
    size_t recorded_count;
    uint64_t *node_ids; /* [MLIF_SPIKES_MOST] for the callback; NULL: none */
    double *timestamps;
    int (*spikes)(const struct mlif_spikes *spikes, void *context);
    void *context;
};

/* Opens what setup and options ask for; output_spikes_close after an error, too. segment: the path
 * of the first segment of a run with checkpoints, else NULL. */
enum status output_spikes_open(struct output_spikes *record, const struct setup *setup,
                               const struct engine *engine, const struct mlif_options *options,
                               const char *segment, struct error *err);

/* How the output of an open record is made. */
struct raster_settings output_spikes_settings(const struct output_spikes *record,
                                              const struct setup *setup);

/* Hands the spikes of the engine's present block to the file, then to the callback. *stop becomes
 * true when the callback asked for it; the whole block is handed over all the same. */
enum status output_spikes_block(struct output_spikes *record, struct float_env *env, bool *stop,
                                struct error *err);

/* Closes; what output_spikes_drain and raster_finish have not completed is removed. */
void output_spikes_close(struct output_spikes *record);

/* ---- sim_limits.c: max_rate and stop_after_spikes in words */

/* Why the run ended before its duration; empty when it did not, or has not yet. STATUS_RANGE when a
 * population fired above max_rate. */
enum status sim_limits_why(const struct config *config, const struct engine *engine, char *text,
                           size_t size);

/* A warning for each population above max_rate in a rate bin, with on_max_rate = warn. */
void sim_limits_warn(const struct config *config, const struct engine *engine,
                     struct messages *warnings);

/* ---- output_traces.c: where the rows of V_m, I and jumps recorders go, a file each and a callback
 */

struct output_results;
struct checkpoint;

struct output_traces {
    const struct setup *setup;
    const struct engine *engine;
    struct checkpoint *checkpoint;   /* NULL: rows go straight to the files */
    struct report_writer **report;   /* [records]; NULL: not a trace, or no file; with checkpoints
                                        also: no row since the last one */
    struct report_segment *finished; /* [records]: what output_traces_complete has made */
    int (*call_back)(const struct mlif_trace *trace, void *context);
    void *context;
};

/* The file of a trace recorder (index in config->record): OUT.NAME.h5 beside OUT.h5. Allocated for
 * the caller; NULL without memory. */
char *output_trace_path(const struct setup *setup, size_t record);

/* Rows that a trace recorder has in a run of so many steps. */
uint64_t output_trace_rows(const struct record_config *record, uint64_t steps);

/* Could these files be written (as raster_check_path)? */
enum status output_traces_check(const struct setup *setup, struct error *err);

/* Bytes of all their rows over the whole run, and of the buffers for them. */
double output_trace_bytes(const struct config *config);
uint64_t output_trace_memory(const struct config *config);

/* Opens what setup and options ask for; output_traces_close after an error, too. checkpoint: of a
 * run that has checkpoints, else NULL; it keeps the pointer. */
enum status output_traces_open(struct output_traces *traces, const struct setup *setup,
                               const struct engine *engine, const struct mlif_options *options,
                               struct checkpoint *checkpoint, struct error *err);

/* Opens the file of a trace recorder for all its rows; a run with checkpoints does so at its end.
 */
enum status output_traces_open_whole(struct output_traces *traces, size_t record,
                                     struct error *err);

/* In a run with checkpoints: if a recorder has rows since the last cut, their file is closed,
 * synced and published, *out says what it is, and *cut is true. */
enum status output_traces_cut(struct output_traces *traces, size_t record,
                              struct report_segment *out, bool *cut, struct error *err);

/* Hands the rows of the engine's present block to files and callback, as output_spikes_block. */
enum status output_traces_block(struct output_traces *traces, struct float_env *env, bool *stop,
                                struct error *err);

/* Makes the files whole on disk; then gives them their names. */
enum status output_traces_complete(struct output_traces *traces,
                                   const struct output_results *results, struct error *err);
enum status output_traces_publish(struct output_traces *traces, struct error *err);

/* Closes; files that are not published are removed. */
void output_traces_close(struct output_traces *traces);

/* ---- output_results.c: what a run adds to the file under /megalif (io/provenance.h) */

/* "ended_early" of a file that was finished, or joined, before the run's end. */
#define SIM_ENDED_BY_CALLER "finished by its caller"

struct output_results {
    const struct setup *setup;
    const struct engine *engine;
    const struct mlif_report *report;
    const struct messages *warnings;
    const char *started; /* ISO 8601 */
};

/* Writes what is known before the first step: the config and the drawn parameters, so that a disk
 * without room for them is found out early. */
enum status output_write_model(hid_t file, const struct setup *setup, struct error *err);

/* Writes all else, for the steps that were done. */
enum status output_write_results(hid_t file, const struct output_results *results,
                                 struct error *err);

/* The same of the file of the trace recorder `name`: config, simulation, run and warnings. */
enum status output_write_trace_results(hid_t file, const struct output_results *results,
                                       const char *name, struct error *err);

/* Model seconds after warmup in the steps done so far. */
double output_counted_seconds(const struct config *config, uint64_t steps_done);

#endif
