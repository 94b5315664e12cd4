/* SHA-256 (FIPS 180-4), as the standard words it, and of a file in pieces. */
#include "base/sha256.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 64, PIECE = 1 << 20 };

/* The first 32 bits of the fractions of the primes' cube roots, and of square roots. */
static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};
static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                  0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

static uint32_t rotated(uint32_t x, int bits)
{
    return x >> bits | x << (32 - bits);
}

static uint32_t load(const unsigned char *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static void schedule(uint32_t w[64], const unsigned char *block)
{
    for (int i = 0; i < 16; i++)
        w[i] = load(block + 4 * i);
    for (int i = 16; i < 64; i++) {
        uint32_t a = w[i - 15], b = w[i - 2];
        w[i] = w[i - 16] + (rotated(a, 7) ^ rotated(a, 18) ^ a >> 3) + w[i - 7] +
               (rotated(b, 17) ^ rotated(b, 19) ^ b >> 10);
    }
}

static void add_block(uint32_t state[8], const unsigned char *block)
{
    uint32_t w[64], v[8];
    schedule(w, block);
    memcpy(v, state, sizeof v);
    /* v[(j - i) & 7] is the standard's j-th letter; unrolled, so that no letter moves. */
#pragma GCC unroll 64
    for (int i = 0; i < 64; i++) {
        uint32_t a = v[-i & 7], b = v[(1 - i) & 7], c = v[(2 - i) & 7];
        uint32_t e = v[(4 - i) & 7], f = v[(5 - i) & 7], g = v[(6 - i) & 7];
        uint32_t sum = v[(7 - i) & 7] + (rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)) +
                       ((e & f) ^ (~e & g)) + K[i] + w[i];
        v[(3 - i) & 7] += sum;
        v[(7 - i) & 7] =
            sum + (rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    }
    for (int i = 0; i < 8; i++)
        state[i] += v[i];
}

void sha256_begin(struct sha256 *sha)
{
    memset(sha, 0, sizeof *sha);
    memcpy(sha->state, start, sizeof sha->state);
}

void sha256_add(struct sha256 *sha, const void *data, size_t bytes)
{
    const unsigned char *from = data;
    size_t used = sha->length % BLOCK;
    sha->length += bytes;
    if (used + bytes < BLOCK) {
        memcpy(sha->rest + used, from, bytes);
        return;
    }
    if (used > 0) {
        memcpy(sha->rest + used, from, BLOCK - used);
        add_block(sha->state, sha->rest);
        from += BLOCK - used;
        bytes -= BLOCK - used;
    }
    for (; bytes >= BLOCK; from += BLOCK, bytes -= BLOCK)
        add_block(sha->state, from);
    memcpy(sha->rest, from, bytes);
}

void sha256_end(struct sha256 *sha, char text[SHA256_TEXT])
{
    static const unsigned char padding[BLOCK] = {0x80};
    unsigned char length[8];
    size_t used = sha->length % BLOCK;
    for (int i = 0; i < 8; i++)
        length[i] = (unsigned char)(sha->length * 8 >> (56 - 8 * i));
    sha256_add(sha, padding, (used < 56 ? 56 : 56 + BLOCK) - used);
    sha256_add(sha, length, sizeof length);
    for (int i = 0; i < 8; i++)
        snprintf(text + 8 * i, 9, "%08x", sha->state[i]);
}

enum status sha256_file(const char *path, char text[SHA256_TEXT], uint64_t *bytes,
                        struct error *err)
{
    struct sha256 sha;
    FILE *file = fopen(path, "rb");
    char *piece = malloc(PIECE);
    size_t n = 1;
    sha256_begin(&sha);
    while (file && piece && (n = fread(piece, 1, PIECE, file)) > 0)
        sha256_add(&sha, piece, n);
    int reason = file && piece && !ferror(file) ? 0 : errno;
    if (file)
        fclose(file);
    free(piece);
    *bytes = sha.length;
    sha256_end(&sha, text);
    if (n > 0 || reason)
        return error_set(err, reason == ENOMEM ? STATUS_MEMORY : STATUS_OUTPUT,
                         "cannot read %s: %s", path, strerror(reason));
    return STATUS_OK;
}
