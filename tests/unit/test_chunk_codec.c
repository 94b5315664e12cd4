/* What we pack by hand is unpacked by libdeflate and, through HDF5's filters, by zlib. */
#include "base/digest.h"
#include "io/chunk_codec.h"
#include "io/zlib_stream.h"

#include <hdf5.h>
#include <libdeflate.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 65536, MOST = 1 << 20 };

/* A stream and the bytes it should hold. */
struct written {
    struct zlib_stream stream;
    uint8_t *packed, *expected;
    size_t length;
};

static struct written begin(void)
{
    struct written w = {.packed = malloc(2 * MOST), .expected = malloc(MOST)};
    assert_true(w.packed && w.expected);
    zlib_stream_begin(&w.stream, w.packed);
    return w;
}

static void run(struct written *w, uint8_t byte, size_t length)
{
    assert_true(w->length + length <= MOST);
    zlib_stream_run(&w->stream, byte, length);
    memset(w->expected + w->length, byte, length);
    w->length += length;
}

static void store(struct written *w, uint64_t seed, size_t length)
{
    assert_true(w->length + length <= MOST);
    for (size_t i = 0; i < length; i++)
        w->expected[w->length + i] = (uint8_t)mix64(seed + i);
    zlib_stream_store(&w->stream, w->expected + w->length, length);
    w->length += length;
}

static void expect_unpacked(const uint8_t *packed, size_t size, const uint8_t *expected,
                            size_t length)
{
    struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor();
    uint8_t *unpacked = malloc(length + 1);
    size_t used, found;
    assert_non_null(unpacked);
    assert_int_equal(libdeflate_zlib_decompress_ex(decompressor, packed, size, unpacked, length + 1,
                                                   &used, &found),
                     LIBDEFLATE_SUCCESS);
    assert_int_equal(used, size);
    assert_int_equal(found, length);
    assert_memory_equal(unpacked, expected, length);
    free(unpacked);
    libdeflate_free_decompressor(decompressor);
}

/* Returns the stream's size. */
static size_t end(struct written *w)
{
    size_t size = zlib_stream_end(&w->stream);
    expect_unpacked(w->packed, size, w->expected, w->length);
    free(w->packed);
    free(w->expected);
    return size;
}

static void streams_hold_runs_of_any_length(void **state)
{
    (void)state;
    for (size_t length = 1; length <= 800; length++) {
        struct written w = begin();
        for (size_t i = 0; i < 300; i++)
            run(&w, (uint8_t)(length * 7 + i), length);
        end(&w);
    }
}

/* The sum of a long run is not taken byte by byte: lengths around its modulus. */
static void streams_hold_long_runs(void **state)
{
    (void)state;
    static const size_t lengths[] = {65519, 65520, 65521, 65522, 131041, 131042, 131043, 524288};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct written w = begin();
        run(&w, 255, 3);
        run(&w, (uint8_t)(255 - i), lengths[i]);
        run(&w, 0, lengths[i] / 2);
        assert_true(end(&w) < 64 + lengths[i] * 2 * 13 / 258 / 8);
    }
}

static void streams_hold_stored_bytes(void **state)
{
    (void)state;
    static const size_t lengths[] = {0, 1, 2, 65534, 65535, 65536, 65537, 131070, 131071};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct written w = begin();
        store(&w, i, lengths[i]);
        assert_true(end(&w) <= lengths[i] + 5 * (lengths[i] / 65535 + 1) + 2 + ZLIB_STREAM_ENDS);
    }
}

static void streams_mix_runs_and_stored_bytes(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct written w = begin();
        for (uint64_t i = 0; i < 100; i++) {
            uint64_t random = mix64(1000 * seed + i);
            size_t length = (random >> 8 & 0xffff) >> (random >> 24 & 15) >> 3;
            if (random & 1)
                store(&w, random, length);
            else
                run(&w, (uint8_t)(random >> 32), length + 1);
        }
        end(&w);
    }
}

static void an_empty_stream_is_one(void **state)
{
    (void)state;
    struct written w = begin();
    assert_true(end(&w) <= ZLIB_STREAM_ENDS);
}

static double uniform(uint64_t seed)
{
    return ((double)(mix64(seed) >> 11) + 0.5) * 0x1p-53;
}

/* Rows as a population gives them: `size` neurons that fire with probability p in each step. */
static void sample_rows(double size, double p, uint64_t *ids, uint64_t *times)
{
    double id = -1.0, step = 12345.0;
    for (uint64_t row = 0, draw = 0; row < ROWS;) {
        id += 1.0 + floor(log(uniform(draw++)) / log1p(-p));
        if (id >= size) {
            id = -1.0;
            step++;
            continue;
        }
        const double time = step / 10.0;
        ids[row] = (uint64_t)id;
        memcpy(&times[row++], &time, sizeof time);
    }
}

/* The packed values through HDF5, in a file in memory: zlib unpacks, HDF5 undoes the shuffle. */
static void expect_read_by_hdf5(const void *packed, size_t size, const uint64_t *values)
{
    const hsize_t rows = ROWS, zero = 0;
    hid_t access = H5Pcreate(H5P_FILE_ACCESS), layout = H5Pcreate(H5P_DATASET_CREATE);
    assert_true(H5Pset_fapl_core(access, 1 << 20, 0) >= 0);
    assert_true(H5Pset_chunk(layout, 1, &rows) >= 0 && H5Pset_shuffle(layout) >= 0 &&
                H5Pset_deflate(layout, 1) >= 0);
    hid_t file = H5Fcreate("in memory", H5F_ACC_TRUNC, H5P_DEFAULT, access);
    hid_t space = H5Screate_simple(1, &rows, NULL);
    hid_t data = H5Dcreate2(file, "x", H5T_NATIVE_UINT64, space, H5P_DEFAULT, layout, H5P_DEFAULT);
    assert_true(data >= 0);
    assert_true(H5Dwrite_chunk(data, H5P_DEFAULT, 0, &zero, size, packed) >= 0);
    uint64_t *found = malloc(8 * ROWS);
    assert_non_null(found);
    assert_true(H5Dread(data, H5T_NATIVE_UINT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, found) >= 0);
    assert_memory_equal(found, values, 8 * ROWS);
    free(found);
    H5Dclose(data);
    H5Sclose(space);
    H5Fclose(file);
    H5Pclose(layout);
    H5Pclose(access);
}

typedef size_t packer(struct chunk_codec *codec, const void *values, const void **packed);

/* Returns the packed size. */
static size_t check_packed_by(packer *pack, struct chunk_codec *codec, const uint64_t *values)
{
    const void *packed;
    size_t size = pack(codec, values, &packed);
    assert_true(size <= chunk_codec_bound(ROWS));
    expect_read_by_hdf5(packed, size, values);
    uint8_t *shuffled = malloc(8 * ROWS);
    assert_non_null(shuffled);
    for (size_t i = 0; i < 8 * ROWS; i++)
        shuffled[i] = (uint8_t)(values[i % ROWS] >> 8 * (i / ROWS));
    expect_unpacked(packed, size, shuffled, 8 * ROWS);
    free(shuffled);
    return size;
}

/* By both; returns the size of the rows of a raster. */
static size_t check_packed(struct chunk_codec *codec, const uint64_t *values)
{
    check_packed_by(chunk_codec_pack_numbers, codec, values);
    return check_packed_by(chunk_codec_pack, codec, values);
}

struct scratch {
    struct chunk_codec *codec;
    uint64_t ids[ROWS], times[ROWS];
};

static struct scratch *open_scratch(void)
{
    struct scratch *s = malloc(sizeof *s);
    assert_non_null(s);
    s->codec = chunk_codec_create(ROWS);
    assert_non_null(s->codec);
    return s;
}

static void close_scratch(struct scratch *s)
{
    chunk_codec_destroy(s->codec);
    free(s);
}

/* Sizes from a thousand neurons to a hundred million, 2 to 200 Hz at 0.1 ms. */
static void codec_packs_rasters(void **state)
{
    (void)state;
    struct scratch *s = open_scratch();
    for (double size = 1e3; size < 1e9; size *= 10)
        for (double rate = 2; rate < 1000; rate *= 10) {
            sample_rows(size, rate * 1e-4, s->ids, s->times);
            assert_true((double)check_packed(s->codec, s->ids) < 2.4 * ROWS);
            assert_true((double)check_packed(s->codec, s->times) < 2.5 * ROWS);
        }
    sample_rows(1e6, 1e-3, s->ids, s->times);
    assert_true((double)check_packed(s->codec, s->ids) < 2.1 * ROWS);
    assert_true((double)check_packed(s->codec, s->times) < 0.07 * ROWS);
    close_scratch(s);
}

static void codec_packs_what_cannot_be_packed(void **state)
{
    (void)state;
    struct scratch *s = open_scratch();
    for (int bits = 1; bits <= 64; bits += 7) {
        for (uint64_t i = 0; i < ROWS; i++)
            s->ids[i] = mix64(i) >> (64 - bits);
        check_packed(s->codec, s->ids);
    }
    close_scratch(s);
}

/* Values that stay for 1, 2, ... rows, so that every way of packing is taken, and the last rows of
 * a chunk that is not full. */
static void codec_packs_runs_of_values(void **state)
{
    (void)state;
    struct scratch *s = open_scratch();
    for (uint64_t length = 1; length <= ROWS; length += 1 + length / 3)
        for (int shift = 0; shift <= 56; shift += 28) {
            for (uint64_t i = 0; i < ROWS; i++)
                s->ids[i] = mix64(i / length) >> shift;
            check_packed(s->codec, s->ids);
            memset(s->ids + ROWS / 3, 0, sizeof s->ids - 8 * (ROWS / 3));
            check_packed(s->codec, s->ids);
        }
    close_scratch(s);
}

/* Runs of 1 and 3 bytes take the most room under the fixed code: a plane of them just short enough
 * to be written as runs still fits. */
static void the_worst_runs_fit(void **state)
{
    (void)state;
    struct scratch *s = open_scratch();
    for (size_t tail = ROWS / 64; tail < ROWS; tail += ROWS / 64)
        for (uint64_t length = 1; length <= 3; length += 2) {
            for (uint64_t i = 0; i < ROWS; i++)
                s->ids[i] = i < tail ? UINT64_C(0x0101010101010101) * (144 + i / length % 100) : 0;
            check_packed(s->codec, s->ids);
            for (uint64_t i = 0; i < ROWS; i++)
                s->ids[i] &= 0xff;
            check_packed(s->codec, s->ids);
        }
    close_scratch(s);
}

/* The first `count` numbers, zeros behind them, take no more than libdeflate makes of all planes,
 * but for a hundredth. */
static void expect_packed_well(struct scratch *s, size_t count)
{
    memset(s->ids + count, 0, 8 * (ROWS - count));
    size_t size = check_packed_by(chunk_codec_pack_numbers, s->codec, s->ids), room = 16 * ROWS;
    uint8_t *planes = malloc(8 * ROWS), *packed = malloc(room);
    assert_true(planes && packed);
    for (size_t i = 0; i < 8 * ROWS; i++)
        planes[i] = (uint8_t)(s->ids[i % ROWS] >> 8 * (i / ROWS));
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(1);
    size_t general = libdeflate_zlib_compress(compressor, planes, 8 * ROWS, packed, room);
    assert_true((double)size < 1.01 * (double)general);
    libdeflate_free_compressor(compressor);
    free(planes);
    free(packed);
}

/* From ranges around zero, far from it, beginning at it; integers. Chunks that are full, and not.
 */
static void codec_packs_drawn_numbers(void **state)
{
    (void)state;
    struct scratch *s = open_scratch();
    static const double range[][2] = {{-1, 1}, {-65, -50}, {0, 1}, {188, 190}};
    for (size_t count = ROWS; count > 0; count /= 16) {
        for (size_t k = 0; k < sizeof range / sizeof *range; k++) {
            for (uint64_t i = 0; i < count; i++) {
                double value = range[k][0] + (range[k][1] - range[k][0]) * uniform(i);
                memcpy(&s->ids[i], &value, sizeof value);
            }
            expect_packed_well(s, count);
        }
        for (uint64_t most = 10; most < 1000000000; most *= 100) {
            for (uint64_t i = 0; i < count; i++)
                s->ids[i] = mix64(i) % most;
            expect_packed_well(s, count);
        }
    }
    close_scratch(s);
}

/* Those of copies come again after so many cells, as far back as deflate looks. */
static void codec_packs_numbers_of_copies(void **state)
{
    (void)state;
    struct scratch *s = open_scratch();
    for (uint64_t cells = 100; cells < 32768; cells = cells * 3 + 1) {
        for (uint64_t i = 0; i < ROWS; i++) {
            double value = -65 + 15 * uniform(i % cells);
            memcpy(&s->ids[i], &value, sizeof value);
        }
        expect_packed_well(s, ROWS);
    }
    close_scratch(s);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_hold_runs_of_any_length),
        cmocka_unit_test(streams_hold_long_runs),
        cmocka_unit_test(streams_hold_stored_bytes),
        cmocka_unit_test(streams_mix_runs_and_stored_bytes),
        cmocka_unit_test(an_empty_stream_is_one),
        cmocka_unit_test(codec_packs_rasters),
        cmocka_unit_test(codec_packs_what_cannot_be_packed),
        cmocka_unit_test(codec_packs_runs_of_values),
        cmocka_unit_test(the_worst_runs_fit),
        cmocka_unit_test(codec_packs_drawn_numbers),
        cmocka_unit_test(codec_packs_numbers_of_copies),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
