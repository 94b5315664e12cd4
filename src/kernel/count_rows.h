/* The kernel `counts` (kernel.h): rows of numbers of events, by the thresholds of a table. */
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

/* A table's thresholds as registers. */
struct thresholds {
    uint32_t count;
    vu at[FEW];
    vl list; /* of the first VH_LOOKUPS */
    uint32_t halvings;
    vu middle;              /* threshold 2^(halvings - 1) - 1 */
    vl half[HALVINGS_MOST]; /* [h]: threshold i + 2^h - 1 at i, the largest word behind the last */
};

static inline vl thresholds_from(const struct counts_table *table, size_t from)
{
    uint16_t list[VH_LOOKUPS];
    for (size_t i = 0; i < VH_LOOKUPS; i++)
        list[i] = from + i < table->compares ? table->high[from + i] : UINT16_MAX;
    return vh_list(list);
}

static inline struct thresholds thresholds_halved(const struct counts_table *table)
{
    struct thresholds t = {.count = table->compares, .list = thresholds_from(table, 0)};
    while (t.count >> t.halvings > 0) {
        const size_t before = ((size_t)1 << t.halvings) - 1;
        t.middle = vh_set1(table->high[before]);
        t.half[t.halvings++] = thresholds_from(table, before);
    }
    return t;
}

static inline struct thresholds thresholds_compared(const struct counts_table *table)
{
    struct thresholds t = {.count = table->compares, .list = thresholds_from(table, 0)};
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

static void settle_ties(real *out, const struct counts_table *table, vu word, vu tie,
                        struct philox_key key, uint64_t step, uint64_t group, unsigned slot)
{
    uint32_t words[WORD_LANES], ties[WORD_LANES];
    vu_storeu(words, word);
    vu_storeu(ties, tie);
    for (unsigned lane = 0; lane < WORD_LANES; lane++)
        for (unsigned half = 0; half < 2; half++)
            if (ties[lane] >> (16 * half) & 0xffff)
                out[half * SLOT + lane] =
                    (real)counts_settle(table, words[lane] >> (16 * half) & 0xffff, key, step,
                                        group + lane, slot + half);
}

static inline __attribute__((always_inline)) void
counts_by_comparison(real *out, const struct counts_table *table, const struct thresholds *t,
                     const vu word[4], struct philox_key key, uint64_t step, uint64_t group,
                     enum counting how)
{
    vu n[4];
    vt tie[4];
    count_words(n, tie, t, word, how);
    for (unsigned j = 0; j < 4; j++) {
        real *slots = out + (size_t)2 * j * SLOT;
        vr_store_floats(slots, vf_from_int(vu_and(n[j], vu_set1(0xffff))));
        vr_store_floats(slots + SLOT, vf_from_int(vu_shr(n[j], 16)));
    }
    if (__builtin_expect(vt_any(vt_or(vt_or(tie[0], tie[1]), vt_or(tie[2], tie[3]))), 0))
        for (unsigned j = 0; j < 4; j++)
            settle_ties(out + (size_t)2 * j * SLOT, table, word[j], vt_words(tie[j]), key, step,
                        group, 2 * j);
}

/* With many thresholds. */
static void counts_by_search(real *out, const struct counts_table *table, const vu word[4],
                             struct philox_key key, uint64_t step, uint64_t group)
{
    for (unsigned slot = 0; slot < 8; slot++) {
        uint32_t words[WORD_LANES];
        vu_storeu(words, word[slot / 2]);
        for (unsigned lane = 0; lane < WORD_LANES; lane++) {
            uint32_t high = words[lane] >> (slot % 2 * 16) & 0xffff;
            out[(size_t)slot * SLOT + lane] =
                (real)counts_search(table, high, key, step, group + lane, slot);
        }
    }
}

static inline __attribute__((always_inline)) void counts_row(real *out, size_t count,
                                                             const struct counts_table *table,
                                                             struct philox_key key, uint64_t step,
                                                             uint64_t first_id, enum counting how)
{
    const struct philox_common common = philox_common_of(key, step);
    struct thresholds t;
    if (how == HALVING)
        t = thresholds_halved(table);
    else if (how != SEARCHING)
        t = thresholds_compared(table);
    for (size_t i = 0; i < count; i += PHILOX_ABREAST * TILE_ALIGN)
        for (size_t set = 0; set < SETS; set++) {
            uint64_t group[PHILOX_ABREAST];
            vu word[PHILOX_ABREAST][4];
            for (size_t k = 0; k < PHILOX_ABREAST; k++)
                group[k] = ((first_id + i) / TILE_ALIGN + k) * SLOT + set * WORD_LANES;
            philox_lanes_abreast(word, &common, group, 0, PHILOX_ABREAST);
            for (size_t k = 0; k < PHILOX_ABREAST && i + k * TILE_ALIGN < count; k++) {
                real *to = out + i + k * TILE_ALIGN + set * WORD_LANES;
                if (how == SEARCHING)
                    counts_by_search(to, table, word[k], key, step, group[k]);
                else
                    counts_by_comparison(to, table, &t, word[k], key, step, group[k], how);
            }
        }
}

static void counts(void *row, size_t count, const struct counts_table *table, struct philox_key key,
                   uint64_t step, uint64_t first_id)
{
    if (VH_HALVES && table->compares >> HALVINGS_MOST == 0)
        counts_row(row, count, table, key, step, first_id, HALVING);
    else if (!VH_HALVES && table->compares <= VH_LOOKUPS)
        counts_row(row, count, table, key, step, first_id, LOOKING_UP);
    else if (!VH_HALVES && table->compares <= FEW)
        counts_row(row, count, table, key, step, first_id, COMPARING);
    else
        counts_row(row, count, table, key, step, first_id, SEARCHING);
}

#endif
