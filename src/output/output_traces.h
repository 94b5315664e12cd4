/* Where the rows of V_m, I and jumps recorders go: to a file each, and to the caller's callback. */
#ifndef MEGALIF_OUTPUT_TRACES_H
#define MEGALIF_OUTPUT_TRACES_H

#include "output/output_results.h"
#include "sonata/report_writer.h"

struct float_env;

/* Where the rows of a run in segments go, until all segments are joined. */
struct trace_place {
    /* The path of a recorder's next segment, allocated; NULL without memory. The place itself is
     * NULL for a run whose rows go straight to the whole files. */
    char *(*next)(const void *context, size_t record);
    const void *context;
};

struct output_traces {
    const struct setup *setup;
    const struct engine *engine;
    struct trace_place place;
    struct report_writer **report;   /* [records]; NULL: not a trace, or no file; in segments also:
                                        no row since the last cut */
    struct report_segment *finished; /* [records]: what output_traces_complete has made */
    int (*call_back)(const struct mlif_trace *trace, void *context);
    void *context;
};

/* The file of a trace recorder: OUT.NAME.h5 beside OUT.h5, the output. Allocated for the caller;
 * NULL without memory. */
char *output_trace_path(const char *output, const struct record_config *record);

/* Rows that a trace recorder has in a run of so many steps. */
uint64_t output_trace_rows(const struct record_config *record, uint64_t steps);

/* Could these files be written (as raster_check_path)? */
enum status output_traces_check(const struct setup *setup, struct error *err);

/* Bytes of all their rows over the whole run, and of the buffers for them. */
double output_trace_bytes(const struct config *config);
uint64_t output_trace_memory(const struct config *config);

/* Opens what setup and options ask for; output_traces_close after an error, too. Keeps setup,
 * engine and the place's context. */
enum status output_traces_open(struct output_traces *traces, const struct setup *setup,
                               const struct engine *engine, const struct mlif_options *options,
                               struct trace_place place, struct error *err);

/* In segments: opens the whole file of a trace recorder, for all rows that the run has by now, and
 * hands its writer over, which stays the traces' own. replaces: a file in its place is this run's.
 */
enum status output_traces_open_whole(struct output_traces *traces, size_t record, bool replaces,
                                     struct report_writer **out, struct error *err);

/* In segments: if a recorder has rows since the last cut, their file is closed, synced and
 * published, *out says what it is, and *cut is true. */
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

#endif
