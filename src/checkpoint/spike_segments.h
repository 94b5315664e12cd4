/* The raster of a run with checkpoints, in segments: files of whole chunks, each closed by a
 * checkpoint, and in the end one file of all rows. */
#ifndef MEGALIF_SPIKE_SEGMENTS_H
#define MEGALIF_SPIKE_SEGMENTS_H

#include "checkpoint/checkpoint_folder.h"
#include "checkpoint/checkpoint_reader.h"
#include "setup/setup.h"
#include "sonata/raster_writer.h"

/* A segment, as it stands in a checkpoint. */
struct spike_segment {
    char name[CHECKPOINT_SEGMENT_NAME]; /* in the folder; "": the output itself */
    uint64_t bytes, checksum;           /* as in struct raster_segment */
};

struct spike_segments {
    const struct setup *setup;
    const struct checkpoint_folder *folder;
    const char **recorded; /* [recorded_count]: populations with a raster, in its order */
    size_t recorded_count;
    struct spike_segment *segment; /* [count] */
    uint64_t *chunks;              /* [count][recorded_count]: whole chunks */
    size_t count;
    uint64_t next; /* number in the name of the next segment */
};

/* A list without segments; keeps setup and folder. STATUS_MEMORY. spike_segments_close also after
 * an error. */
enum status spike_segments_open(struct spike_segments *s, const struct setup *setup,
                                const struct checkpoint_folder *folder, struct error *err);
void spike_segments_close(struct spike_segments *s);

/* The path of the next segment, allocated; NULL without memory. */
char *spike_segments_next_path(const struct spike_segments *s);

/* Is a file of the folder one of the segments? */
bool spike_segments_have(const struct spike_segments *s, const char *name);

/* Is the output itself the only segment? */
bool spike_segments_are_output(const struct spike_segments *s);

/* Is the first segment an output that was made longer? */
bool spike_segments_begin_with_output(const struct spike_segments *s);

/* Chunks as [recorded_count][count], allocated; NULL without memory. */
uint64_t *spike_segments_chunks(const struct spike_segments *s);

/* Closes the segment being written, if it has a whole chunk, and lists it. Where a finished run is
 * made longer, its output becomes the first segment before. STATUS_OUTPUT, STATUS_MEMORY. */
enum status spike_segments_cut(struct spike_segments *s, struct raster_writer *raster,
                               struct error *err);

/* Lists the output, which stands under its name now, in place of all segments. checksum: of its
 * whole chunks. STATUS_OUTPUT, STATUS_MEMORY. */
enum status spike_segments_settle(struct spike_segments *s, uint64_t checksum, struct error *err);

/* STATUS_CHECKPOINT when a segment is missing or has another size; STATUS_MEMORY. */
enum status spike_segments_check(const struct spike_segments *s, struct error *err);

/* Reads the list of the checkpoint to go on from, and checks all segments: STATUS_CHECKPOINT;
 * STATUS_CONFIG when other populations have a raster now. */
enum status spike_segments_resume(struct spike_segments *s, const struct checkpoint_reader *reader,
                                  struct error *err);

/* Gives a new raster writer the rows of the checkpoint that no segment has. */
enum status spike_segments_resume_rest(const struct spike_segments *s,
                                       const struct checkpoint_reader *reader,
                                       struct raster_writer *raster, struct error *err);

/* Gives the writer of the whole file all rows: of the segments, whose chunks are copied as they
 * lie, and of the writer that made the segments. */
enum status spike_segments_join(const struct spike_segments *s, const struct raster_writer *from,
                                struct raster_writer *to, struct error *err);

#endif
