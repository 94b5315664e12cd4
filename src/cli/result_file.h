/* A spike file as the commands see it: what is in the raster and what /megalif says of it. */
#ifndef MEGALIF_RESULT_FILE_H
#define MEGALIF_RESULT_FILE_H

#include "base/error.h"
#include "sonata/raster_scan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RESULT_FILE_NO_RASTER SIZE_MAX

struct result_population {
    char *name;
    size_t place;        /* orders them as the config does; SIZE_MAX: unknown */
    size_t raster;       /* place among raster_populations(), or RESULT_FILE_NO_RASTER */
    uint64_t rows;       /* spikes in the raster */
    bool sorted_by_time; /* as the file claims */
    bool described;      /* /megalif/populations has it; if not, what follows is 0 or NaN */
    uint64_t size;
    uint64_t spikes;  /* all, recorded or not */
    bool recorded;    /* the raster holds all of them */
    double mean_rate; /* Hz, after warmup */
};

struct result_file {
    const char *path;
    struct raster_reader *reader;
    hid_t file;                  /* of the reader */
    bool ours;                   /* /megalif says dt */
    double dt, duration, warmup; /* ms; NaN where unknown */
    bool complete;   /* the raster holds all spikes of all populations, as /megalif says */
    uint64_t spikes; /* all, recorded or not; only if ours */
    char *digest;    /* as stored; NULL: none */
    struct result_population *population; /* of the raster and of /megalif, by place, then name */
    size_t population_count;
};

/* STATUS_OUTPUT, and what to do, where a run has left a checkpoint and not yet this output. */
enum status result_file_unfinished(const char *path, struct error *err);

/* Closed by result_file_close, also after an error. */
enum status result_file_open(struct result_file *file, const char *path, struct error *err);
void result_file_close(struct result_file *file);

/* Spikes in the raster. */
uint64_t result_file_rows(const struct result_file *file);

/* Reads rows [first, end) of a population piece by piece. visit may return false to stop. A time
 * that is negative, above RASTER_TIME_MOST or not a number is an error. */
enum status result_file_scan(const struct result_file *file,
                             const struct result_population *population, uint64_t first,
                             uint64_t end,
                             bool (*visit)(const struct raster_piece *piece, void *context),
                             void *context, struct error *err);

/* Whether the simulation's times, and the spike times in the first and the last piece of each
 * population, can be. The pieces between are left to result_file_scan. */
enum status result_file_check(const struct result_file *file, struct error *err);

/* Whether the file holds the results of this very config (config_hash) by this arithmetic; if not
 * STATUS_CONFIG; where a run was joined before its end STATUS_STOPPED. */
enum status result_file_check_config(const struct result_file *file, uint64_t hash,
                                     struct error *err);

/* The exit code of the run that wrote the file: a run above max_rate leaves a file, too. */
enum status result_file_exit_code(const struct result_file *file);

/* "megalif NAME: TEXT" on standard error; returns the error's status as the exit code. */
int result_file_error(const char *name, const struct error *err);

#endif
