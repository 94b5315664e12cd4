/* What the raster tests share: a folder of their own, a writer, the rows they write. */
#ifndef MEGALIF_TESTS_RASTER_HELPERS_H
#define MEGALIF_TESTS_RASTER_HELPERS_H

#include "base/digest.h"
#include "sonata/raster_writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Returns false from the calling function and says where, when a condition does not hold: for code
 * that also runs in child processes, where cmocka's assertions do not work. */
#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                \
            return false;                                                                          \
        }                                                                                          \
    } while (0)

struct place {
    char folder[64];
    char path[96];
    char temporary[112];
};

static inline bool make_place(struct place *place)
{
    snprintf(place->folder, sizeof place->folder, "/tmp/megalif-test-XXXXXX");
    CHECK(mkdtemp(place->folder));
    snprintf(place->path, sizeof place->path, "%s/out.h5", place->folder);
    snprintf(place->temporary, sizeof place->temporary, "%s.part", place->path);
    return true;
}

static inline void remove_place(const struct place *place)
{
    unlink(place->path);
    unlink(place->temporary);
    rmdir(place->folder);
}

static inline bool exists(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0;
}

static inline uint64_t row_id(size_t population, uint64_t row)
{
    return mix64(row + 1000003 * population) >> 44;
}

static inline double row_time(uint64_t row)
{
    return 0.1 * (double)(1 + row / 7);
}

/* Whose rows, from which number on. */
struct row_source {
    size_t population;
    uint64_t first;
};

static inline void fill_rows(const void *context, uint64_t first, size_t rows, uint64_t *node_ids,
                             double *timestamps)
{
    const struct row_source *from = context;
    for (size_t i = 0; i < rows; i++) {
        node_ids[i] = row_id(from->population, from->first + first + i);
        timestamps[i] = row_time(from->first + first + i);
    }
}

/* Appends the next `rows` rows of a population, the first of them being number `first`. */
static inline enum status write_rows(struct raster_writer *writer, size_t population,
                                     uint64_t first, uint64_t rows, struct error *err)
{
    const struct row_source from = {population, first};
    return raster_append(writer, population, rows, fill_rows, &from, err);
}

/* Writes a whole file with rows[p] rows of population p, in rounds of at most `round` rows. On
 * error the writer is abandoned. */
static inline enum status write_raster(const struct raster_settings *settings, const uint64_t *rows,
                                       uint64_t round, struct raster_statistics *statistics,
                                       struct error *err)
{
    struct raster_writer *writer;
    enum status status = raster_create(&writer, settings, 2, err);
    if (status)
        return status;
    bool more = true;
    for (uint64_t first = 0; more && !status; first += round) {
        more = false;
        for (size_t p = 0; p < settings->population_count && !status; p++) {
            uint64_t left = first < rows[p] ? rows[p] - first : 0;
            status = write_rows(writer, p, first, left < round ? left : round, err);
            more = more || left > round;
        }
    }
    hid_t file;
    if (!status)
        status = raster_drain(writer, &file, err);
    if (!status)
        return raster_finish(writer, statistics, err);
    raster_abandon(writer);
    return status;
}

#endif
