/* Checkpoints of a simulation: when they are due, what goes into them, how a run goes on from one.
 * checkpoint.c writes, resume.c reads, sim_join.c makes one file of the segments;
 * checkpoint_traces.c does all three for traces. Private to sim*.c; docs/checkpoints.md has the
 * whole story. */
#ifndef MEGALIF_CHECKPOINT_H
#define MEGALIF_CHECKPOINT_H

#include "checkpoint/checkpoint_file.h"
#include "checkpoint/checkpoint_folder.h"
#include "output/output_traces.h"
#include "sonata/raster_writer.h"

/* A closed piece of the raster, as it stands in a checkpoint. */
struct sim_segment {
    char name[CHECKPOINT_SEGMENT_NAME]; /* in the folder; "": the output itself */
    uint64_t bytes, checksum;           /* as in struct raster_segment */
};

#define SIM_TRACE_WHOLE UINT64_MAX /* the recorder's file itself */

/* A closed piece of a trace recorder's file. */
struct checkpoint_trace_segment {
    uint64_t number; /* in its name; 0: a finished file that was taken up; or SIM_TRACE_WHOLE */
    struct report_segment file;
};
_Static_assert(sizeof(struct checkpoint_trace_segment) == 32, "no padding");

struct checkpoint_trace_segments {
    struct checkpoint_trace_segment *segment; /* [count] */
    size_t count;
    uint64_t next; /* the next one's number */
};

enum { CHECKPOINT_TRACE_NAME = 128 }; /* of a segment: 64 for the recorder's */

/* The section of a checkpoint that lists a recorder's segments. */
#define SIM_TRACE_SECTION "record.%s.segments"

struct checkpoint {
    bool on; /* this run has checkpoints; all else is of no meaning without */
    const struct setup *setup;
    struct checkpoint_folder folder;
    const char **recorded; /* [recorded_count]: populations with a raster, in its order */
    size_t recorded_count;

    struct sim_segment *segment; /* [segment_count] */
    uint64_t *chunks;            /* [segment_count][recorded_count]: whole chunks */
    size_t segment_count;
    uint64_t number; /* of the next segment */

    struct checkpoint_trace_segments *trace; /* [records of the config] */

    bool owns_output;       /* the files of the output's names are this run's: to be replaced */
    uint64_t replaces;      /* as owns_output, kept in the checkpoint: what stood there when the run
                               began      with force, or was found to be ours */
    struct digest finished; /* of an output that has become the first segment; else all 0 */

    struct checkpoint_reader *reader; /* of the checkpoint to go on from; NULL: none */
    bool saved;                       /* there is a checkpoint, of step safe_step */
    uint64_t safe_step;

    double last_at;      /* clock_seconds() of the last checkpoint, or of the start */
    double last_seconds; /* that it took */
    double longest_block;
    uint64_t bytes;   /* of its file */
    uint64_t written; /* checkpoints of this process */
    double seconds;   /* that they took, all together */
};

/* ---- checkpoint.c */

/* Refuses to begin anew where checkpoints of an earlier run stand, without force: STATUS_OUTPUT.
 * Creates nothing. */
enum status checkpoint_check_folder(const struct setup *setup, struct error *err);

/* Of a run without checkpoints, with force: removes those of an earlier run in its place.
 * STATUS_BUSY when that run is at work. */
enum status checkpoint_forget(const struct setup *setup, struct error *err);

/* Takes the folder's lock, finds what there is to go on from, and refuses what must be refused
 * before anything is computed: STATUS_CONFIG, STATUS_OUTPUT, STATUS_CHECKPOINT, STATUS_BUSY.
 * checkpoint_close also after an error. */
enum status checkpoint_open(struct checkpoint *cp, const struct setup *setup,
                            struct messages *errors, struct messages *warnings, struct error *err);
void checkpoint_close(struct checkpoint *cp);

/* Nothing can be refused any more: removes what an earlier run with force, or this one after its
 * last checkpoint, has left in the folder. */
enum status checkpoint_begin(struct checkpoint *cp, struct error *err);

/* How many of the next `most` steps may be taken before a checkpoint can be due. */
uint64_t checkpoint_most(const struct checkpoint *cp, uint64_t done, uint64_t most);

/* Is one due at this step? */
bool checkpoint_due(const struct checkpoint *cp, uint64_t done);

/* Must the run stop now, so that its checkpoint is written max_wall seconds after opened_at? */
bool checkpoint_out_of_time(const struct checkpoint *cp, double opened_at);

/* Closes the present segments and writes a checkpoint; nothing when there is one of this step. */
enum status checkpoint_write(struct checkpoint *cp, struct engine *engine,
                             struct raster_writer *raster, struct output_traces *traces,
                             struct error *err);

/* The segments are one file now, the output: writes a checkpoint that says so and removes them; or
 * removes the whole folder, if the config wants it so. checksum: of the output's whole chunks. */
enum status checkpoint_settle(struct checkpoint *cp, struct engine *engine,
                              struct raster_writer *raster, uint64_t checksum,
                              const struct output_traces *traces, struct error *err);

/* Is the output complete, with nothing to add? */
bool checkpoint_is_settled(const struct checkpoint *cp, uint64_t done);

/* Adds to an error what is safe and how to go on. */
void checkpoint_explain(const struct checkpoint *cp, struct error *err);

/* Segment i as the io layer wants it. chunks points into cp. */
struct raster_segment checkpoint_segment(const struct checkpoint *cp, size_t i);

/* The path of segment i, allocated; NULL without memory. */
char *checkpoint_path(const struct checkpoint *cp, size_t i);

/* Adds a segment with room for its chunks; NULL without memory. */
uint64_t *checkpoint_add_segment(struct checkpoint *cp, const struct sim_segment *segment);

/* ---- checkpoint_traces.c */

/* Lists without segments; to be closed also after an error. */
enum status checkpoint_open_traces(struct checkpoint *cp, struct error *err);
void checkpoint_close_traces(struct checkpoint *cp);

/* Is this recorder (index in config->record) one of traces? */
bool checkpoint_has_trace(const struct checkpoint *cp, size_t record);

/* Where the rows of recorders go until all segments are joined; keeps cp. */
struct trace_place checkpoint_trace_place(const struct checkpoint *cp);

/* Is a file of the folder one of the segments? */
bool checkpoint_lists_trace(const struct checkpoint *cp, const char *name);

/* Closes the present segments of all recorders and lists them. */
enum status checkpoint_cut_traces(struct checkpoint *cp, struct output_traces *traces,
                                  struct error *err);

/* Lists the finished files, which have their names now, in place of all segments. */
enum status checkpoint_settle_traces(struct checkpoint *cp, const struct output_traces *traces,
                                     struct error *err);

/* Takes finished files up as segments, as checkpoint_folder_adopt. */
enum status checkpoint_adopt_traces(struct checkpoint *cp, struct error *err);

/* Reads the lists of the checkpoint to go on from, and checks all segments. */
enum status resume_traces(struct checkpoint *cp, struct error *err);

/* Opens the files of all recorders with the rows of their segments. */
enum status sim_join_traces(const struct checkpoint *cp, struct output_traces *traces,
                            struct error *err);

/* ---- resume.c */

/* Opens the checkpoint of the folder, or the previous one with a warning. cp->reader stays NULL
 * when there is none. Checks everything that can be checked without neurons. */
enum status resume_open(struct checkpoint *cp, struct messages *errors, struct messages *warnings,
                        struct error *err);

/* Puts a new engine where the checkpoint stands, and refuses files that are not this run's in the
 * place of its outputs. */
enum status resume_engine(struct checkpoint *cp, struct engine *engine, struct error *err);

/* Gives a new raster writer the rows that no segment has; closes the reader. */
enum status resume_raster(struct checkpoint *cp, struct raster_writer *raster, struct error *err);

/* The config in the checkpoint of an output, for a run that is to end where it stands: its text and
 * the path it came from, both the caller's. */
enum status resume_config(const char *output, char **text, char **path, uint64_t *raster,
                          struct messages *warnings, struct error *err);

#endif
