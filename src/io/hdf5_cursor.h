/* Walks over bytes that may be damaged: past the end there are zeros, and `failed` stays set. */
#ifndef MEGALIF_IO_HDF5_CURSOR_H
#define MEGALIF_IO_HDF5_CURSOR_H

#include "io/hdf5_bytes.h"

struct hdf5_cursor {
    const uint8_t *at; /* the caller's */
    size_t left;
    bool failed;
};

/* Steps over bytes and returns where they begin; NULL where fewer are left. */
static inline const uint8_t *hdf5_cursor_take(struct hdf5_cursor *c, uint64_t count)
{
    const uint8_t *at = c->at;
    if (c->failed || count > c->left) {
        c->failed = true;
        return NULL;
    }
    c->at += count;
    c->left -= (size_t)count;
    return at;
}

/* A little-endian number of 1 to 8 bytes. */
static inline uint64_t hdf5_cursor_number(struct hdf5_cursor *c, size_t bytes)
{
    const uint8_t *at = hdf5_cursor_take(c, bytes);
    return at ? hdf5_bytes_number(at, bytes) : 0;
}

/* The next so many bytes, or what is left of them, as a cursor of their own. */
static inline struct hdf5_cursor hdf5_cursor_part(struct hdf5_cursor *c, uint64_t count)
{
    const uint8_t *at = hdf5_cursor_take(c, count);
    return (struct hdf5_cursor){at, at ? (size_t)count : 0, at == NULL};
}

#endif
