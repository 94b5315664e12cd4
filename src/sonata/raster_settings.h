/* What a spike file is to be, for those who write one. */
#ifndef MEGALIF_RASTER_SETTINGS_H
#define MEGALIF_RASTER_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

enum { RASTER_CHUNK_ROWS = 65536 };
enum { RASTER_NODE_IDS, RASTER_TIMESTAMPS, RASTER_COLUMNS };

struct raster_settings {
    const char *path; /* final name; written as PATH.part and renamed by raster_finish */
    bool force;       /* replace an existing file */
    bool deflate;     /* shuffle + deflate level 1; else stored */
    const char *const *population; /* names, one dataset group each under /spikes */
    size_t population_count;
    int threads;   /* that fill and pack chunks; 0: one */
    bool checked;  /* the checksum of whole chunks is kept (statistics.checksum) */
    bool segments; /* one file after the other, all of them checked: raster_cut */
};

#endif
