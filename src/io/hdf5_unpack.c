#include "io/hdf5_unpack.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

enum {
    PLANES = 8,               /* bytes of a number: the shuffle has put byte 0 of all first */
    WIDE = 16,                /* numbers whose bytes are put together at a time */
    CHUNK_ROWS_MOST = 1 << 21 /* 16 MiB; bigger ones are left to HDF5 */
};

struct hdf5_unpacker {
    struct libdeflate_decompressor *decompressor;
    uint8_t *packed, *plane; /* one chunk, as it lies in the file; [PLANES][rows] */
    size_t packed_room, plane_room;
};

struct hdf5_unpacker *hdf5_unpacker_create(void)
{
    struct hdf5_unpacker *u = calloc(1, sizeof *u);
    if (u && !(u->decompressor = libdeflate_alloc_decompressor())) {
        free(u);
        return NULL;
    }
    return u;
}

void hdf5_unpacker_destroy(struct hdf5_unpacker *u)
{
    if (!u)
        return;
    libdeflate_free_decompressor(u->decompressor);
    free(u->packed);
    free(u->plane);
    free(u);
}

static bool has_room(uint8_t **bytes, size_t *room, size_t size)
{
    if (size <= *room)
        return true;
    free(*bytes);
    *bytes = malloc(size);
    *room = *bytes ? size : 0;
    return *bytes != NULL;
}

/* ---- the shuffle ---- */

typedef uint8_t wide __attribute__((vector_size(WIDE)));

/* a0 b0 a1 b1 ..., in two halves. */
static inline void weave(wide a, wide b, wide *low, wide *high)
{
    *low = __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    *high =
        __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

/* WIDE numbers. After each of three rounds twice as many of a number's bytes stand together. */
static inline void join_wide(const uint8_t *plane, size_t rows, uint8_t *values)
{
    wide p[PLANES], pair[PLANES], four[PLANES], whole[PLANES];
#pragma GCC unroll 8
    for (size_t j = 0; j < PLANES; j++)
        memcpy(&p[j], plane + j * rows, WIDE);
#pragma GCC unroll 4
    for (size_t j = 0; j < 4; j++) /* of bytes j and j + 4: halves of the numbers */
        weave(p[j], p[j + 4], &pair[2 * j], &pair[2 * j + 1]);
#pragma GCC unroll 4
    for (size_t j = 0; j < 4; j++) /* of bytes j / 2, + 2, + 4, + 6: quarters */
        weave(pair[j], pair[j + 4], &four[2 * j], &four[2 * j + 1]);
#pragma GCC unroll 4
    for (size_t j = 0; j < 4; j++)
        weave(four[j], four[j + 4], &whole[2 * j], &whole[2 * j + 1]);
    memcpy(values, whole, sizeof whole);
}

/* The first `count` of the numbers whose bytes are in planes of `rows`. */
static void join_planes(const uint8_t *plane, size_t rows, size_t count, uint8_t *values)
{
    size_t i = 0;
    for (; i + WIDE <= count; i += WIDE)
        join_wide(plane + i, rows, values + i * PLANES);
    for (; i < count; i++)
        for (size_t j = 0; j < PLANES; j++)
            values[i * PLANES + j] = plane[j * rows + i];
}

/* ---- chunks ---- */

static bool is_packed(hid_t layout)
{
    unsigned flags, config, of_number = 0;
    size_t values = 1;
    if (H5Pget_nfilters(layout) != 2 ||
        H5Pget_filter2(layout, 0, &flags, &values, &of_number, 0, NULL, &config) !=
            H5Z_FILTER_SHUFFLE ||
        of_number != PLANES)
        return false;
    values = 0;
    return H5Pget_filter2(layout, 1, &flags, &values, NULL, 0, NULL, &config) == H5Z_FILTER_DEFLATE;
}

/* Rows of a chunk of such a list; 0 where it is another. */
static size_t chunk_rows(hid_t dataset, hid_t type)
{
    hid_t layout = H5Dget_create_plist(dataset), stored = H5Dget_type(dataset);
    hsize_t rows = 0;
    bool good = H5Tget_size(type) == PLANES && H5Tequal(stored, type) > 0 &&
                H5Pget_layout(layout) == H5D_CHUNKED && H5Pget_chunk(layout, 1, &rows) == 1 &&
                rows <= CHUNK_ROWS_MOST && is_packed(layout);
    H5Tclose(stored);
    H5Pclose(layout);
    return good ? (size_t)rows : 0;
}

static uint64_t extent_of(hid_t dataset)
{
    hid_t space = H5Dget_space(dataset);
    hssize_t points = H5Sget_simple_extent_npoints(space);
    H5Sclose(space);
    return points < 0 ? 0 : (uint64_t)points;
}

/* The chunk of `rows` that begins at row `first`, of which `count` are wanted. */
static bool read_chunk(struct hdf5_unpacker *u, hid_t dataset, uint64_t first, size_t rows,
                       size_t count, uint8_t *values)
{
    const hsize_t place = first;
    const size_t bytes = PLANES * rows;
    uint32_t filters = 0; /* a bit for each that was left out */
    hsize_t size = 0;     /* 0: nothing is stored */
    if (H5Dget_chunk_storage_size(dataset, &place, &size) < 0 || size == 0 || size > 2 * bytes ||
        !has_room(&u->packed, &u->packed_room, (size_t)size) ||
        H5Dread_chunk(dataset, H5P_DEFAULT, &place, &filters, u->packed) < 0 || filters != 0 ||
        libdeflate_zlib_decompress(u->decompressor, u->packed, (size_t)size, u->plane, bytes,
                                   NULL) != LIBDEFLATE_SUCCESS)
        return false;
    join_planes(u->plane, rows, count, values);
    return true;
}

bool hdf5_unpack(struct hdf5_unpacker *u, hid_t dataset, hid_t type, uint64_t first, size_t rows,
                 void *values)
{
    const size_t chunk = chunk_rows(dataset, type);
    const uint64_t extent = chunk > 0 ? extent_of(dataset) : 0;
    if (chunk == 0 || first % chunk != 0 || first > extent || rows > extent - first ||
        (rows % chunk != 0 && first + rows != extent) ||
        !has_room(&u->plane, &u->plane_room, PLANES * chunk))
        return false;
    bool good = true;
    for (size_t done = 0; done < rows && good; done += chunk)
        good =
            read_chunk(u, dataset, first + done, chunk, rows - done < chunk ? rows - done : chunk,
                       (uint8_t *)values + done * PLANES);
    return good;
}
