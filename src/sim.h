/* What the parts of a simulation share: a config with its settings, the estimates made before it
 * runs, and what is written beside the raster. The public face is megalif/megalif.h. */
#ifndef MEGALIF_SIM_H
#define MEGALIF_SIM_H

#include "engine/engine.h"
#include "io/raster_writer.h"

#include <megalif/megalif.h>

enum {
    NUMERICS = 1,     /* docs/numerics.md: raised when any bit of any raster changes */
    QUEUE_CHUNKS = 16 /* 1 MiB each */
};

/* A config that has been read, with the choices that do not belong to the model. */
struct sim {
    struct config *config;
    struct engine_settings settings;
    const char *output; /* final path; points into options or config */
    int force;
    const char *command_line;
};

/* Reads the config and settles threads, instruction set and output. Warnings are added, errors too.
 * sim_close frees it, also after an error. */
enum status sim_open(struct sim *sim, const struct mlif_options *options, struct messages *errors,
                     struct messages *warnings);
void sim_close(struct sim *sim);

/* Memory that a run of this will take, against what there is: STATUS_MEMORY when it does not fit,
 * before anything is allocated. plan may be NULL. */
void sim_plan_memory(const struct sim *sim, struct memory_plan *plan);
enum status sim_check_memory(const struct sim *sim, struct error *err);

/* A short run of at most 2,048 neurons a population, 200 ms and about 0.3 s: rates to expect. */
struct sim_pilot {
    double model_ms;
    double *rate_Hz; /* [population_count] */
    double spikes;   /* expected in all, over the whole run */
    double recorded; /* of these, in the raster */
    double bytes;    /* of the output, uncompressed */
};
enum status sim_pilot_run(const struct sim *sim, struct sim_pilot *pilot, struct error *err);
void sim_pilot_free(struct sim_pilot *pilot);

/* Warns when the disk has less room than the pilot expects; runs a pilot only where even the
 * highest possible rate could fill the disk. */
void sim_warn_disk(const struct sim *sim, struct messages *warnings);

/* Free bytes where a file of this path would lie; UINT64_MAX: unknown. */
uint64_t sim_free_disk(const char *path);

/* What a run adds to the file. */
struct sim_results {
    const struct sim *sim;
    const struct engine *engine;
    const struct mlif_report *report;
    const struct messages *warnings;
    const char *started; /* ISO 8601 */
};

/* Writes what is known before the first step: the config and the drawn parameters, so that a disk
 * without room for them is found out early. */
enum status sim_write_model(hid_t file, const struct sim *sim, struct error *err);

/* Writes all else under /megalif (io/provenance.h). */
enum status sim_write_results(hid_t file, const struct sim_results *results, struct error *err);

/* Monotonic seconds. */
double sim_clock(void);

#endif
