/* Checkpoints of a simulation: when they are due, what goes into them, how a run goes on from one.
 * sim_checkpoint.c writes, sim_resume.c reads, sim_join.c makes one file of the segments. Private
 * to sim*.c; docs/checkpoints.md has the whole story. */
#ifndef MEGALIF_SIM_CHECKPOINT_H
#define MEGALIF_SIM_CHECKPOINT_H

#include "io/checkpoint_file.h"
#include "io/checkpoint_folder.h"
#include "sim.h"

/* A closed piece of the raster, as it stands in a checkpoint. */
struct sim_segment {
    char name[CHECKPOINT_SEGMENT_NAME]; /* in the folder; "": the output itself */
    uint64_t bytes, checksum;           /* as in struct raster_segment */
};

struct sim_checkpoint {
    bool on; /* this run has checkpoints; all else is of no meaning without */
    const struct sim_setup *setup;
    struct checkpoint_folder folder;
    const char **recorded; /* [recorded_count]: populations with a raster, in its order */
    size_t recorded_count;

    struct sim_segment *segment; /* [segment_count] */
    uint64_t *chunks;            /* [segment_count][recorded_count]: whole chunks */
    size_t segment_count;
    uint64_t number;  /* of the next segment */
    bool owns_output; /* the file of the output's name is this run's, and may be replaced */

    struct checkpoint_reader *reader; /* of the checkpoint to go on from; NULL: none */
    bool saved;                       /* there is a checkpoint, of step safe_step */
    uint64_t safe_step;

    double last_at;      /* sim_clock() of the last checkpoint, or of the start */
    double last_seconds; /* that it took */
    double longest_block;
    uint64_t bytes;   /* of its file */
    uint64_t written; /* checkpoints of this process */
    double seconds;   /* that they took, all together */
};

/* ---- sim_checkpoint.c */

/* Takes the folder's lock, finds what there is to go on from, and refuses what must be refused
 * before anything is computed: STATUS_CONFIG, STATUS_OUTPUT, STATUS_CHECKPOINT, STATUS_BUSY.
 * sim_checkpoint_close also after an error. */
enum status sim_checkpoint_open(struct sim_checkpoint *cp, const struct sim_setup *setup,
                                struct messages *errors, struct messages *warnings,
                                struct error *err);
void sim_checkpoint_close(struct sim_checkpoint *cp);

/* How many of the next `most` steps may be taken before a checkpoint can be due. */
uint64_t sim_checkpoint_most(const struct sim_checkpoint *cp, uint64_t done, uint64_t most);

/* Is one due at this step? */
bool sim_checkpoint_due(const struct sim_checkpoint *cp, uint64_t done);

/* Must the run stop now, so that its checkpoint is written max_wall seconds after opened_at? */
bool sim_checkpoint_out_of_time(const struct sim_checkpoint *cp, double opened_at);

/* Closes the present segment and writes a checkpoint; nothing when there is one of this step. */
enum status sim_checkpoint_write(struct sim_checkpoint *cp, struct engine *engine,
                                 struct raster_writer *raster, struct error *err);

/* The segments are one file now, the output: writes a checkpoint that says so and removes them; or
 * removes the whole folder, if the config wants it so. checksum: of the output's whole chunks. */
enum status sim_checkpoint_settle(struct sim_checkpoint *cp, struct engine *engine,
                                  struct raster_writer *raster, uint64_t checksum,
                                  struct error *err);

/* Is the output complete, with nothing to add? */
bool sim_checkpoint_is_settled(const struct sim_checkpoint *cp, uint64_t done);

/* Adds to an error what is safe and how to go on. */
void sim_checkpoint_explain(const struct sim_checkpoint *cp, struct error *err);

/* Segment i as the io layer wants it. chunks points into cp. */
struct raster_segment sim_checkpoint_segment(const struct sim_checkpoint *cp, size_t i);

/* The path of segment i, allocated; NULL without memory. */
char *sim_checkpoint_path(const struct sim_checkpoint *cp, size_t i);

/* Adds a segment with room for its chunks; NULL without memory. */
uint64_t *sim_checkpoint_add_segment(struct sim_checkpoint *cp, const struct sim_segment *segment);

/* ---- sim_resume.c */

/* Opens the checkpoint of the folder, or the previous one with a warning. cp->reader stays NULL
 * when there is none. Checks everything that can be checked without neurons. */
enum status sim_resume_open(struct sim_checkpoint *cp, struct messages *errors,
                            struct messages *warnings, struct error *err);

/* Puts a new engine where the checkpoint stands. */
enum status sim_resume_engine(struct sim_checkpoint *cp, struct engine *engine, struct error *err);

/* Gives a new raster writer the rows that no segment has; closes the reader. */
enum status sim_resume_raster(struct sim_checkpoint *cp, struct raster_writer *raster,
                              struct error *err);

/* The config in the checkpoint of an output, for a run that is to end where it stands: its text and
 * the path it came from, both the caller's. */
enum status sim_resume_config(const char *output, char **text, char **path,
                              struct messages *warnings, struct error *err);

#endif
