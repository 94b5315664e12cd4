#include "net/wiring_rows.h"

#include "kernel/philox.h"
#include "net/wiring_batch.h"

#include <string.h>

enum { LANES = 16 };

void wiring_rows_open(struct wiring_rows *rows, const struct kernels *kernels,
                      struct philox_key key, uint64_t tile)
{
    memset(rows->source, 0, sizeof rows->source); /* what no row has yet is read, too */
    memset(rows->group, 0, sizeof rows->group);
    rows->count = 0;
    rows->below = 0;
    rows->high = 0;
    rows->kernels = kernels;
    rows->key = key;
    rows->tile = tile;
}

void wiring_rows_begin(struct wiring_rows *rows, uint32_t high, uint64_t below)
{
    rows->high = high;
    rows->below = below;
    rows->shift = below == WIRING_TILE_MOST ? 3 : 2;
}

/* Words 1, 2, ... of the same place, until one is without bias (Lemire 2019). */
static uint16_t again(const struct wiring_rows *rows, size_t row, size_t i)
{
    const uint64_t step = rows->tile << 32 | rows->group[row];
    const uint64_t source = (uint64_t)rows->high << 32 | rows->source[row];
    const uint32_t biased = (uint32_t)((UINT64_C(1) << 32) % rows->below);
    uint64_t product;
    uint16_t draw = 0;
    do {
        uint32_t word[4];
        philox_draw(word, rows->key, source, draw++, step);
        product = word[i] * rows->below;
    } while ((uint32_t)product < biased);
    return (uint16_t)(product >> 32);
}

/* Of 65,536 targets each half of a word is one, the low one first. */
static void put_halves(uint16_t to[WIRING_ROW_MOST], const uint32_t word[4])
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    memcpy(to, word, 4 * sizeof *word);
#else
    for (int i = 0; i < 4; i++) {
        to[2 * i] = (uint16_t)word[i];
        to[2 * i + 1] = (uint16_t)(word[i] >> 16);
    }
#endif
}

static size_t draw_halves(const struct wiring_rows *rows, uint16_t *to)
{
    const uint16_t *begin = to;
    for (size_t r = 0; r < rows->count; r++) {
        put_halves(to, rows->word[r]);
        to += rows->keep[r];
    }
    return (size_t)(to - begin);
}

static size_t draw_words(const struct wiring_rows *rows, uint16_t *to)
{
    const uint16_t *begin = to;
    for (size_t r = 0; r < rows->count; r++) {
        for (size_t i = 0; i < rows->keep[r]; i++) {
            const uint64_t product = rows->word[r][i] * rows->below;
            const bool sure = (uint32_t)product >= rows->below;
            to[i] = sure ? (uint16_t)(product >> 32) : again(rows, r, i);
        }
        to += rows->keep[r];
    }
    return (size_t)(to - begin);
}

static size_t whole_calls(const struct wiring_rows *rows)
{
    return (rows->count + LANES - 1) / LANES * LANES;
}

size_t wiring_rows_draw(struct wiring_rows *rows, uint16_t *to)
{
    rows->kernels->philox_rows(rows->word, rows->key, rows->source, rows->high, rows->group,
                               (uint32_t)rows->tile, whole_calls(rows));
    return rows->below == WIRING_TILE_MOST ? draw_halves(rows, to) : draw_words(rows, to);
}

size_t wiring_rows_draw_any(struct wiring_rows *rows, uint16_t *to)
{
    const size_t count = whole_calls(rows);
    if (rows->below != WIRING_TILE_MOST)
        return wiring_rows_draw(rows, to);
    memset(rows->keep + rows->count, 0, count - rows->count);
    return rows->kernels->draw_halves(to, rows->key, rows->source, rows->high, rows->group,
                                      (uint32_t)rows->tile, rows->keep, count);
}
