/* Where the recorded spikes of each block go: to the output file, and to the caller's callback. */
#ifndef MEGALIF_OUTPUT_SPIKES_H
#define MEGALIF_OUTPUT_SPIKES_H

#include "setup/setup.h"
#include "sonata/raster_writer.h"

struct float_env;

struct output_spikes {
    const struct setup *setup;
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

/* Opens what setup and options ask for; output_spikes_close after an error, too. Keeps setup and
 * engine. segment: the path of the first segment of a run with checkpoints, else NULL. */
enum status output_spikes_open(struct output_spikes *record, const struct setup *setup,
                               const struct engine *engine, const struct mlif_options *options,
                               const char *segment, struct error *err);

/* Begins the whole file of a run that has written segments, with a checksum of its chunks. Its
 * writer takes the place of record->raster, which is the caller's to close; NULL after an error.
 * replaces: a file in its place is this run's. */
enum status output_spikes_open_whole(struct output_spikes *record, bool replaces,
                                     struct error *err);

/* Bytes of the buffers between the engine and one file. */
uint64_t output_spikes_memory(const struct setup *setup);

/* Hands the spikes of the engine's present block to the file, then to the callback. *stop becomes
 * true when the callback asked for it; the whole block is handed over all the same. env: of the
 * callback (base/float_env.h). */
enum status output_spikes_block(struct output_spikes *record, struct float_env *env, bool *stop,
                                struct error *err);

/* Closes; a file that raster_finish has not completed is removed. */
void output_spikes_close(struct output_spikes *record);

#endif
