/* Writes a small, known raster for the tests of other readers
 * (tests/interop/test_sonata_readers.py).
 *
 * usage: write_raster FILE deflate|none
 *
 * Population exc has 200,003 spikes, silent none, inh 1,000. Row i has step s = 1 + i / 7, time
 * s / 10 ms and id 1000 (i mod 7) + s mod 1000: sorted by (time, id). */
#include "io/provenance.h"
#include "sonata/raster_writer.h"

#include <stdio.h>
#include <string.h>

static const char *const names[] = {"exc", "silent", "inh"};
static const uint64_t counts[] = {200003, 0, 1000};

static void fill_rows(const void *context, uint64_t first, size_t rows, uint64_t *node_ids,
                      double *timestamps)
{
    (void)context;
    for (size_t i = 0; i < rows; i++) {
        uint64_t row = first + i, step = 1 + row / 7;
        node_ids[i] = 1000 * (row % 7) + step % 1000;
        timestamps[i] = (double)step / 10;
    }
}

/* One of each kind of what stands under /megalif. */
static enum status write_provenance(hid_t file, struct error *err)
{
    static const uint64_t rates[] = {70, 70, 63};
    static const struct provenance_numbers numbers = {"/megalif/rates/exc",    DATASET_U64, 3, "1",
                                                      provenance_copy_numbers, rates};
    struct provenance to;
    enum status status = provenance_begin(&to, file, err);
    if (!status)
        status = provenance_put_u64(&to, "/megalif", "seed", UINT64_MAX, err);
    if (!status)
        status = provenance_put_f64(&to, "/megalif", "dt_ms", 0.1, err);
    if (!status)
        status = provenance_put_u8(&to, "/megalif", "complete_raster", 1, err);
    if (!status)
        status = provenance_put_string(&to, "/megalif/run", "host", "n\xc3\xb6tig", err);
    if (!status)
        status = provenance_put_text(&to, "/megalif/config", "[simulation]\ndt = 0.1 ms\n", err);
    if (!status)
        status = provenance_put_numbers(&to, &numbers, 1, err);
    return status ? status : provenance_end(&to, err);
}

static enum status write_file(const char *path, bool deflate, struct error *err)
{
    struct raster_settings settings = {path, true, deflate, names, 3, 1, false, false};
    struct raster_writer *writer;
    enum status status = raster_create(&writer, &settings, 2, err);
    if (status)
        return status;
    for (size_t population = 0; population < 3 && !status; population++)
        status = raster_append(writer, population, counts[population], fill_rows, NULL, err);
    hid_t file;
    if (!status)
        status = raster_drain(writer, &file, err);
    if (!status)
        status = write_provenance(file, err);
    if (!status)
        return raster_finish(writer, NULL, err);
    raster_abandon(writer);
    return status;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: %s FILE deflate|none\n", argv[0]);
        return STATUS_CONFIG;
    }
    struct error err;
    enum status status = write_file(argv[1], strcmp(argv[2], "deflate") == 0, &err);
    if (status)
        fprintf(stderr, "%s\n", err.text);
    return (int)status;
}
