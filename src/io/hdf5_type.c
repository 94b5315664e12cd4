/* Walks over datatype messages (HDF5's file format, IV.A.2.d). HDF5 1.10 decodes them without
 * looking where they end: an enumeration with a wrong count of members is read from foreign
 * memory. */
#include "io/hdf5_type.h"

#include <string.h>

enum { DEPTH_MOST = 32, NUMBER_BYTES_MOST = 32, RANK_MOST = 32 };
enum { INTEGER, FRACTION, TIME, TEXT, BITS, OPAQUE, COMPOUND, REFERENCE, ENUMERATION, LIST, ARRAY };

/* The head of a datatype. */
struct type {
    unsigned class, version, bits; /* bits: 24, by class */
    uint64_t size;
    size_t address_bytes; /* of the file */
    int depth;
};

static uint64_t walk(struct hdf5_cursor *c, size_t address_bytes, int depth);

static void require(struct hdf5_cursor *c, bool good)
{
    c->failed = c->failed || !good;
}

static void walk_integer(struct hdf5_cursor *c, const struct type *t)
{
    uint64_t offset = hdf5_cursor_number(c, 2), precision = hdf5_cursor_number(c, 2);
    require(c, t->size <= NUMBER_BYTES_MOST && precision > 0 && offset + precision <= 8 * t->size);
}

static void walk_fraction(struct hdf5_cursor *c, const struct type *t)
{
    const uint64_t bits = 8 * t->size, sign = t->bits >> 8 & 0xff;
    walk_integer(c, t);
    uint64_t exponent = hdf5_cursor_number(c, 1), exponent_bits = hdf5_cursor_number(c, 1);
    uint64_t mantissa = hdf5_cursor_number(c, 1), mantissa_bits = hdf5_cursor_number(c, 1);
    hdf5_cursor_take(c, 4);
    require(c, sign < bits && exponent_bits > 0 && exponent + exponent_bits <= bits &&
                   mantissa_bits > 0 && mantissa + mantissa_bits <= bits);
}

/* A name with its zero, filled up to 8 bytes in older versions. */
static void walk_name(struct hdf5_cursor *c, const struct type *t)
{
    size_t length = c->failed ? 0 : strnlen((const char *)c->at, c->left) + 1;
    hdf5_cursor_take(c, t->version < 3 ? (length + 7) / 8 * 8 : length);
}

static void walk_enumeration(struct hdf5_cursor *c, const struct type *t)
{
    uint64_t count = t->bits & 0xffff;
    require(c, walk(c, t->address_bytes, t->depth + 1) == t->size);
    for (uint64_t i = 0; i < count && !c->failed; i++)
        walk_name(c, t);
    hdf5_cursor_take(c, count * t->size);
}

/* Elements of a member of the first version, which may be an array. */
static uint64_t walk_dimensions(struct hdf5_cursor *c)
{
    uint64_t rank = hdf5_cursor_number(c, 1), count = 1;
    hdf5_cursor_take(c, 11);
    for (uint64_t i = 0; i < 4; i++) {
        uint64_t size = hdf5_cursor_number(c, 4);
        count *= i < rank ? size & 0xffff : 1;
    }
    require(c, rank <= 4);
    return count;
}

static void walk_member(struct hdf5_cursor *c, const struct type *t)
{
    size_t bytes = 1; /* of the member's place */
    while (t->version >= 3 && bytes < 4 && t->size >> 8 * bytes > 0)
        bytes++;
    walk_name(c, t);
    uint64_t place = hdf5_cursor_number(c, t->version >= 3 ? bytes : 4);
    uint64_t count = t->version == 1 ? walk_dimensions(c) : 1;
    uint64_t size = walk(c, t->address_bytes, t->depth + 1);
    require(c, count <= t->size && size <= t->size && place + count * size <= t->size);
}

/* A list's element is a length, an address and a number in a heap. */
static void walk_list(struct hdf5_cursor *c, const struct type *t)
{
    require(c, t->size == 4 + t->address_bytes + 4);
    walk(c, t->address_bytes, t->depth + 1);
}

static void walk_array(struct hdf5_cursor *c, const struct type *t)
{
    uint64_t rank = hdf5_cursor_number(c, 1), count = 1;
    require(c, rank > 0 && rank <= RANK_MOST);
    hdf5_cursor_take(c, t->version < 3 ? 3 : 0);
    for (uint64_t i = 0; i < rank && !c->failed; i++) {
        count *= hdf5_cursor_number(c, 4);
        require(c, count > 0 && count <= t->size);
    }
    hdf5_cursor_take(c, t->version < 3 ? 4 * rank : 0);
    require(c, count * walk(c, t->address_bytes, t->depth + 1) == t->size);
}

/* Classes that are not named here are left to HDF5: it either knows them, and their bounds, or
 * refuses them. */
static void walk_class(struct hdf5_cursor *c, const struct type *t)
{
    if (t->class == INTEGER || t->class == BITS)
        walk_integer(c, t);
    else if (t->class == FRACTION)
        walk_fraction(c, t);
    else if (t->class == TIME)
        hdf5_cursor_take(c, 2);
    else if (t->class == OPAQUE)
        hdf5_cursor_take(c, t->bits & 0xff);
    else if (t->class == ENUMERATION)
        walk_enumeration(c, t);
    else if (t->class == LIST)
        walk_list(c, t);
    else if (t->class == ARRAY)
        walk_array(c, t);
    for (unsigned i = 0; t->class == COMPOUND && i < (t->bits & 0xffff) && !c->failed; i++)
        walk_member(c, t);
}

static uint64_t walk(struct hdf5_cursor *c, size_t address_bytes, int depth)
{
    unsigned head = (unsigned)hdf5_cursor_number(c, 4);
    const struct type t = {.class = head & 15,
                           .version = head >> 4 & 15,
                           .bits = head >> 8,
                           .size = hdf5_cursor_number(c, 4),
                           .address_bytes = address_bytes,
                           .depth = depth};
    require(c, t.size > 0 && t.version > 0 && depth < DEPTH_MOST);
    if (!c->failed)
        walk_class(c, &t);
    return t.size;
}

uint64_t hdf5_type_walk(struct hdf5_cursor *c, size_t address_bytes)
{
    return walk(c, address_bytes, 0);
}
