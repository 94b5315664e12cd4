/* The traces of a run with checkpoints, in segments: each recorder's rows since the last checkpoint
 * are a report of their own, and in the end one report of all rows. */
#ifndef MEGALIF_TRACE_SEGMENTS_H
#define MEGALIF_TRACE_SEGMENTS_H

#include "checkpoint/checkpoint_folder.h"
#include "checkpoint/checkpoint_reader.h"
#include "output/output_traces.h"
#include "sonata/report_writer.h"

#define TRACE_SEGMENT_WHOLE UINT64_MAX /* the recorder's file itself */

/* A segment, as it stands in a checkpoint. */
struct trace_segment {
    uint64_t number; /* in its name; 0: a whole file that was taken up; or TRACE_SEGMENT_WHOLE */
    struct report_segment file;
};
_Static_assert(sizeof(struct trace_segment) == 32, "no padding");

/* The segments of a recorder. */
struct trace_list {
    struct trace_segment *segment; /* [count] */
    size_t count;
    uint64_t next; /* number in the name of the next segment */
};

struct trace_segments {
    const struct setup *setup;
    const struct checkpoint_folder *folder;
    struct trace_list *list; /* [records of the config]; empty for those without a trace */
};

/* The section of a checkpoint that lists a recorder's segments. */
#define TRACE_SEGMENTS_SECTION "record.%s.segments"

/* Lists without segments; keeps setup and folder. STATUS_MEMORY. trace_segments_close also after an
 * error. */
enum status trace_segments_open(struct trace_segments *t, const struct setup *setup,
                                const struct checkpoint_folder *folder, struct error *err);
void trace_segments_close(struct trace_segments *t);

/* Where rows go until all segments are joined; keeps t. */
struct trace_place trace_segments_place(const struct trace_segments *t);

/* Is a file of the folder one of the segments? */
bool trace_segments_have(const struct trace_segments *t, const char *name);

/* Closes the present segments of all recorders and lists them. Where a finished run is made longer,
 * its files become the first segments before. STATUS_OUTPUT, STATUS_MEMORY. */
enum status trace_segments_cut(struct trace_segments *t, struct output_traces *traces,
                               struct error *err);

/* Lists the whole files, which have their names now, in place of all segments. STATUS_MEMORY. */
enum status trace_segments_settle(struct trace_segments *t, const struct output_traces *traces,
                                  struct error *err);

/* As spike_segments_check. */
enum status trace_segments_check(const struct trace_segments *t, struct error *err);

/* Reads the lists of the checkpoint to go on from, and checks all segments: STATUS_CHECKPOINT. */
enum status trace_segments_resume(struct trace_segments *t, const struct checkpoint_reader *reader,
                                  struct error *err);

/* Opens the whole files of all recorders with the rows of their segments. replaces: files in their
 * places are this run's. */
enum status trace_segments_join(const struct trace_segments *t, bool replaces,
                                struct output_traces *traces, struct error *err);

#endif
