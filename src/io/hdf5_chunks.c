/* Sizes of chunks: as the index has them, and as libdeflate gives them. HDF5 1.10 compares neither
 * with the layout, and reads on behind a chunk that is smaller. */
#include "io/hdf5_chunks.h"

#include <libdeflate.h>
#include <stdlib.h>

enum { RANK_MOST = 32, DEFLATE_MOST = 1032 }; /* bytes that deflate makes of one */

struct chunks {
    hid_t dataset;
    int rank, filters;
    hsize_t side[RANK_MOST];
    uint64_t bytes; /* of each, unpacked */
    H5Z_filter_t filter[RANK_MOST];
};

/* False where the dataset has no chunks. */
static bool describe(hid_t dataset, struct chunks *c)
{
    hid_t layout = H5Dget_create_plist(dataset), type = H5Dget_type(dataset);
    bool chunked = H5Pget_layout(layout) == H5D_CHUNKED;
    c->dataset = dataset;
    c->rank = chunked ? H5Pget_chunk(layout, RANK_MOST, c->side) : 0;
    c->filters = chunked ? H5Pget_nfilters(layout) : 0;
    c->bytes = H5Tget_size(type);
    for (int d = 0; d < c->rank; d++)
        c->bytes *= c->side[d];
    for (int i = 0; i < c->filters && i < RANK_MOST; i++) {
        unsigned flags, config;
        size_t values = 0;
        c->filter[i] = H5Pget_filter2(layout, (unsigned)i, &flags, &values, NULL, 0, NULL, &config);
    }
    H5Tclose(type);
    H5Pclose(layout);
    return c->rank > 0 && c->filters <= RANK_MOST;
}

/* Whether bytes that so many filters were applied to can be a chunk. Bits of the mask: left out. */
static bool fits(const struct chunks *c, unsigned mask, hsize_t bytes)
{
    uint64_t whole = c->bytes;
    for (int i = 0; i < c->filters; i++) {
        if (mask >> i & 1)
            continue;
        if (c->filter[i] == H5Z_FILTER_FLETCHER32)
            whole += 4;
        else if (c->filter[i] != H5Z_FILTER_SHUFFLE)
            return true;
    }
    return bytes == whole;
}

static bool is_fit(const struct chunks *c, const hsize_t *place)
{
    unsigned mask = 0;
    haddr_t address = HADDR_UNDEF;
    hsize_t bytes = 0;
    return H5Dget_chunk_info_by_coord(c->dataset, place, &mask, &address, &bytes) >= 0 &&
           (address == HADDR_UNDEF || fits(c, mask, bytes));
}

/* Goes to the box's next chunk, the last dimension first; false behind the last one. */
static bool step(const struct chunks *c, const hsize_t *start, const hsize_t *count, hsize_t *place)
{
    for (int d = c->rank - 1; d >= 0; d--) {
        place[d] += c->side[d];
        if (place[d] < start[d] + count[d])
            return true;
        place[d] = start[d] / c->side[d] * c->side[d];
    }
    return false;
}

bool hdf5_chunks_fit(hid_t dataset, const hsize_t *start, const hsize_t *count)
{
    struct chunks c;
    hsize_t place[RANK_MOST];
    if (!describe(dataset, &c))
        return true;
    for (int d = 0; d < c.rank; d++) {
        place[d] = start[d] / c.side[d] * c.side[d];
        if (count[d] == 0)
            return true;
    }
    bool good = true;
    do
        good = is_fit(&c, place);
    while (good && step(&c, start, count, place));
    return good;
}

/* Does a zlib stream unpack to so many bytes? Without memory it may: HDF5 will say so. */
static bool unpacks_to(const uint8_t *packed, size_t size, uint64_t bytes)
{
    struct libdeflate_decompressor *unpacker = libdeflate_alloc_decompressor();
    uint8_t *room = malloc(bytes);
    bool good =
        !unpacker || !room ||
        libdeflate_zlib_decompress(unpacker, packed, size, room, bytes, NULL) == LIBDEFLATE_SUCCESS;
    free(room);
    libdeflate_free_decompressor(unpacker);
    return good;
}

/* Is it deflate that unpacks first, and what comes after it of known size? */
static bool is_deflated(const struct chunks *c)
{
    for (int i = 0; i < c->filters - 1; i++)
        if (c->filter[i] != H5Z_FILTER_SHUFFLE)
            return false;
    return c->filters > 0 && c->filter[c->filters - 1] == H5Z_FILTER_DEFLATE;
}

bool hdf5_chunks_unpack(const struct hdf5_bytes *file, hid_t dataset)
{
    struct chunks c;
    const hsize_t first[RANK_MOST] = {0};
    unsigned mask = 0;
    haddr_t address = HADDR_UNDEF;
    hsize_t size = 0;
    if (!describe(dataset, &c) || !is_deflated(&c) ||
        H5Dget_chunk_info_by_coord(dataset, first, &mask, &address, &size) < 0 ||
        address == HADDR_UNDEF || mask >> (c.filters - 1) & 1)
        return true;
    if (size > UINT32_MAX || c.bytes / DEFLATE_MOST > size)
        return false;
    uint8_t *packed = malloc(size + 1);
    bool good = !packed ||
                (hdf5_bytes_read(file, address, packed, size) && unpacks_to(packed, size, c.bytes));
    free(packed);
    return good;
}
