/* The kernels `jumps` and `counts` (kernel.h): numbers of events, by the thresholds of a table. */
#ifndef MEGALIF_COUNT_ROWS_H
#define MEGALIF_COUNT_ROWS_H

#include "kernel/counts.h"
#include "kernel/groups.h"
#include "kernel/kernel.h"
#include "kernel/philox_lanes.h"
#include "kernel/simd.h"

enum {
    FEW = 24,         /* thresholds that are worth comparing with every one of them */
    HALVINGS_MOST = 5 /* 2^5 - 1 thresholds are halved so often where lists are long enough */
};
_Static_assert((1 << (HALVINGS_MOST - 1)) - 1 + VH_LOOKUPS <= COUNTS_SLACK, "lists end within it");

/* A table's thresholds as registers. */
struct thresholds {
    uint32_t count;
    vu at[FEW];
    vl list; /* of the first VH_LOOKUPS */
    uint32_t halvings;
    vu middle;              /* threshold 2^(halvings - 1) - 1 */
    vl half[HALVINGS_MOST]; /* [h]: threshold i + 2^h - 1 at i, the largest word behind the last */
};

static inline struct thresholds thresholds_halved(const struct counts_table *table)
{
    struct thresholds t = {.count = table->compares, .list = vh_list(table->high)};
    while (t.count >> t.halvings > 0) {
        const size_t before = ((size_t)1 << t.halvings) - 1;
        t.middle = vh_set1(table->high[before]);
        t.half[t.halvings++] = vh_list(table->high + before);
    }
    return t;
}

static inline struct thresholds thresholds_compared(const struct counts_table *table)
{
    struct thresholds t = {.count = table->compares, .list = vh_list(table->high)};
    for (uint32_t j = 0; j < t.count; j++)
        t.at[j] = vh_ordered(vh_set1(table->high[j]));
    return t;
}

enum counting { HALVING, LOOKING_UP, COMPARING, SEARCHING };

static inline __attribute__((always_inline)) void
compare_all(vu n[4], vt tie[4], const struct thresholds *t, const vu word[4], int ties)
{
    vu ordered[4];
    for (unsigned j = 0; j < 4; j++) {
        ordered[j] = vh_ordered(word[j]);
        n[j] = vu_set1(0);
        tie[j] = vt_none();
    }
    for (uint32_t i = 0; i < t->count; i++)
        for (unsigned j = 0; j < 4; j++) {
            n[j] = vh_count(n[j], ordered[j], t->at[i]);
            if (ties)
                tie[j] = vt_equal(tie[j], ordered[j], t->at[i]);
        }
}

#if VH_HALVES
/* Where lists are long: how many thresholds are below a word, bit by bit. */
static inline __attribute__((always_inline)) void
compare_halves(vu n[4], const struct thresholds *t, const vu word[4])
{
    for (unsigned j = 0; j < 4; j++)
        n[j] = vu_set1(0);
    for (uint32_t h = t->halvings; h-- > 0;)
        for (unsigned j = 0; j < 4; j++) {
            const vu at = h + 1 == t->halvings ? t->middle : vh_lookup(t->half[h], n[j]);
            n[j] = vh_count_by(n[j], word[j], at, (uint16_t)(1 << h));
        }
}
#endif

/* The counts of 8 slots, and where they tie: where the first threshold that is not below a word
 * equals it. That one is looked up; or every one is compared. */
static inline __attribute__((always_inline)) void
count_words(vu n[4], vt tie[4], const struct thresholds *t, const vu word[4], enum counting how)
{
#if VH_HALVES
    if (how == HALVING)
        compare_halves(n, t, word);
    else
#endif
        compare_all(n, tie, t, word, how == COMPARING);
    for (unsigned j = 0; j < 4 && how != COMPARING; j++)
        tie[j] = vt_equal(vt_none(), word[j], vh_lookup(t->list, n[j]));
}

/* The counts of 8 slots on their way through memory. */
struct counted {
    _Alignas(64) real slot[8][WORD_LANES];
};

static inline void counted_load(vf n[8], const struct counted *counted)
{
    for (int slot = 0; slot < 8; slot++)
        n[slot] = vr_load_floats(counted->slot[slot]);
}

static void settle_ties(struct counted *counted, const struct events *events, vu word, vu tie,
                        uint64_t group, unsigned slot)
{
    uint32_t words[WORD_LANES], ties[WORD_LANES];
    vu_storeu(words, word);
    vu_storeu(ties, tie);
    for (unsigned lane = 0; lane < WORD_LANES; lane++)
        for (unsigned half = 0; half < 2; half++)
            if (ties[lane] >> (16 * half) & 0xffff)
                counted->slot[slot + half][lane] =
                    (real)counts_settle(events->table, words[lane] >> (16 * half) & 0xffff,
                                        events->key, events->step, group + lane, slot + half);
}

static inline __attribute__((always_inline)) void
counts_by_comparison(vf n[8], const struct events *events, const struct thresholds *t,
                     const vu word[4], uint64_t group, enum counting how)
{
    vu both[4];
    vt tie[4];
    count_words(both, tie, t, word, how);
    for (unsigned j = 0; j < 4; j++) {
        n[2 * j] = vf_from_int(vu_and(both[j], vu_set1(0xffff)));
        n[2 * j + 1] = vf_from_int(vu_shr(both[j], 16));
    }
    if (__builtin_expect(vt_any(vt_or(vt_or(tie[0], tie[1]), vt_or(tie[2], tie[3]))), 0)) {
        struct counted counted; /* here only: else n would live in memory */
        for (unsigned slot = 0; slot < 8; slot++)
            vr_store_floats(counted.slot[slot], n[slot]);
        for (unsigned j = 0; j < 4; j++)
            settle_ties(&counted, events, word[j], vt_words(tie[j]), group, 2 * j);
        counted_load(n, &counted);
    }
}

/* With many thresholds. */
static inline void counts_by_search(vf n[8], const struct events *events, const vu word[4],
                                    uint64_t group)
{
    struct counted counted;
    for (unsigned slot = 0; slot < 8; slot++) {
        uint32_t words[WORD_LANES];
        vu_storeu(words, word[slot / 2]);
        for (unsigned lane = 0; lane < WORD_LANES; lane++) {
            uint32_t high = words[lane] >> (slot % 2 * 16) & 0xffff;
            counted.slot[slot][lane] = (real)counts_search(events->table, high, events->key,
                                                           events->step, group + lane, slot);
        }
    }
    counted_load(n, &counted);
}

/* What jumps are made from, and where they go. */
struct jump_rows {
    real *out;
    struct walk in, c;
    real in1, c1; /* where both are one value: faster than walking along rows of them */
};

/* Of 8 slots, from lane `lane` of the 128 neurons at `first` on. */
static inline __attribute__((always_inline)) void
jump_by_counts(const struct jump_rows *rows, size_t first, size_t lane, const vf n[8], int varies)
{
#pragma GCC unroll 8
    for (size_t slot = 0; slot < 8; slot++)
#pragma GCC unroll 2
        for (int half = 0; half < HALVES; half++) {
            const size_t j = lane + slot * SLOT + (size_t)half * REAL_LANES;
            const vr c = varies ? walk_load(&rows->c, first, j) : vr_set1(rows->c1);
            const vr in = varies ? walk_load(&rows->in, first, j) : vr_set1(rows->in1);
            vr_store(rows->out + first + j, vr_fma(c, vr_of_floats(n[slot], half), in));
        }
}

static inline __attribute__((always_inline)) void jumps_row(const struct jump_rows rows,
                                                            size_t count,
                                                            const struct events *events,
                                                            enum counting how, int varies)
{
    const struct philox_common common = philox_common_of(events->key, events->step);
    struct thresholds t;
    if (how == HALVING)
        t = thresholds_halved(events->table);
    else if (how != SEARCHING)
        t = thresholds_compared(events->table);
    for (size_t i = 0; i < count; i += PHILOX_ABREAST * TILE_ALIGN)
        for (size_t lane = 0; lane < SLOT; lane += WORD_LANES) {
            uint64_t group[PHILOX_ABREAST];
            vu word[PHILOX_ABREAST][4];
            for (size_t k = 0; k < PHILOX_ABREAST; k++)
                group[k] = ((events->first_id + i) / TILE_ALIGN + k) * SLOT + lane;
            philox_lanes_abreast(word, &common, group, 0, PHILOX_ABREAST);
            for (size_t k = 0; k < PHILOX_ABREAST && i + k * TILE_ALIGN < count; k++) {
                vf n[8];
                if (how == SEARCHING)
                    counts_by_search(n, events, word[k], group[k]);
                else
                    counts_by_comparison(n, events, &t, word[k], group[k], how);
                jump_by_counts(&rows, i + k * TILE_ALIGN, lane, n, varies);
            }
        }
}

static inline __attribute__((always_inline)) void
jumps_counted(const struct jump_rows rows, size_t count, const struct events *events, int varies)
{
    const uint32_t compares = events->table->compares;
    if (VH_HALVES && compares >> HALVINGS_MOST == 0)
        jumps_row(rows, count, events, HALVING, varies);
    else if (!VH_HALVES && compares <= VH_LOOKUPS)
        jumps_row(rows, count, events, LOOKING_UP, varies);
    else if (!VH_HALVES && compares <= FEW)
        jumps_row(rows, count, events, COMPARING, varies);
    else
        jumps_row(rows, count, events, SEARCHING, varies);
}

static void jumps(void *out, struct field in, const struct events *events, size_t count)
{
    _Alignas(64) real same[2][TILE_ALIGN];
    struct jump_rows rows = {.out = out, .in1 = (real)in.value, .c1 = (real)events->c.value};
    if (!in.data && !events->c.data) {
        jumps_counted(rows, count, events, 0);
        return;
    }
    rows.in = walk_of(in, same[0]);
    rows.c = walk_of(events->c, same[1]);
    jumps_counted(rows, count, events, 1);
}

/* fma(1, n, 0) is n. */
static void counts(void *row, size_t count, const struct counts_table *table, struct philox_key key,
                   uint64_t step, uint64_t first_id)
{
    const struct events events = {table, key, step, first_id, {NULL, 1.0}};
    jumps(row, (struct field){NULL, 0.0}, &events, count);
}

#endif
