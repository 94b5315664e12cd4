/* Rows of numbers drawn for the neurons when they are made: plain loops over 16 numbers, which
 * compilers take to the vectors of the instruction set. */
#ifndef MEGALIF_DRAW_ROWS_H
#define MEGALIF_DRAW_ROWS_H

#include "kernel/draw_laws.h"
#include "kernel/philox_lanes.h"

#include <string.h>

enum { DRAW_ROW = 16 };

/* The words of 16 groups from a multiple of 16 on, each word in a row of its own. */
static inline void draw_words(uint32_t word[4][DRAW_ROW], const struct philox_common *common,
                              uint64_t first)
{
    for (size_t lane = 0; lane < DRAW_ROW; lane += WORD_LANES) {
        vu lanes[4];
        philox_lanes(lanes, common, first + lane, 0);
        for (int i = 0; i < 4; i++)
            vu_storeu(word[i] + lane, lanes[i]);
    }
}

static inline void uniform_row(double out[restrict DRAW_ROW], uint32_t word[restrict 4][DRAW_ROW],
                               double lo, double hi)
{
    const double before = nextafter(hi, lo);
    for (int i = 0; i < DRAW_ROW; i++)
        out[i] = law_uniform(word[0][i], word[1][i], lo, hi, before);
}

static inline void normal_row(double out[restrict DRAW_ROW], uint32_t word[restrict 4][DRAW_ROW],
                              double mean, double sd)
{
    for (int i = 0; i < DRAW_ROW; i++)
        out[i] =
            __builtin_fma(sd, law_normal(word[0][i], word[1][i], word[2][i], word[3][i]), mean);
}

/* The rows from the one that holds `first` on; of them what is asked for. */
static inline __attribute__((always_inline)) void
draw_rows(double *value, size_t count, struct philox_key key, uint64_t first,
          void (*row)(double *restrict, uint32_t (*restrict)[DRAW_ROW], double, double), double a,
          double b)
{
    const struct philox_common common = philox_common_of(key, 0);
    for (size_t done = 0; done < count;) {
        uint32_t word[4][DRAW_ROW];
        double out[DRAW_ROW];
        size_t skip = (first + done) % DRAW_ROW, n = DRAW_ROW - skip;
        n = n < count - done ? n : count - done;
        draw_words(word, &common, first + done - skip);
        row(out, word, a, b);
        memcpy(value + done, out + skip, n * sizeof *out);
        done += n;
    }
}

static void draw_uniform(double *value, size_t count, struct philox_key key, uint64_t first,
                         double lo, double hi)
{
    draw_rows(value, count, key, first, uniform_row, lo, hi);
}

static void draw_normal(double *value, size_t count, struct philox_key key, uint64_t first,
                        double mean, double sd)
{
    draw_rows(value, count, key, first, normal_row, mean, sd);
}

#endif
