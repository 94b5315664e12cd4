/* The kernel `counts` (kernel.h): rows of numbers of events, by the thresholds of a table. */
#ifndef MEGALIF_COUNT_ROWS_H
#define MEGALIF_COUNT_ROWS_H

#include "kernel/counts.h"
#include "kernel/groups.h"
#include "kernel/kernel.h"
#include "kernel/philox_lanes.h"
#include "kernel/simd.h"

enum { FEW = 24 }; /* thresholds that are worth comparing with every one of them */

/* A table's thresholds as registers. */
struct thresholds {
    uint32_t count;
    vu at[FEW];
    vl list; /* of the first VH_LOOKUPS */
};

static inline struct thresholds thresholds_of(const struct counts_table *table)
{
    struct thresholds t = {.count = table->compares};
    uint16_t first[VH_LOOKUPS] = {0};
    for (uint32_t j = 0; j < t.count; j++) {
        t.at[j] = vh_ordered(vh_set1(table->high[j]));
        if (j < VH_LOOKUPS)
            first[j] = table->high[j];
    }
    t.list = vh_list(first);
    return t;
}

/* The counts of 8 slots, and where they tie: where the first threshold that is not below a word
 * equals it. While there are few, that one is looked up; else every one is compared. */
static inline __attribute__((always_inline)) void
compare_all(vu n[4], vt tie[4], const struct thresholds *t, const vu word[4], int lookup)
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
            if (!lookup)
                tie[j] = vt_equal(tie[j], ordered[j], t->at[i]);
        }
    for (unsigned j = 0; j < 4 && lookup; j++)
        tie[j] = vt_equal(tie[j], word[j], vh_lookup(t->list, n[j]));
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
                     int lookup)
{
    vu n[4];
    vt tie[4];
    compare_all(n, tie, t, word, lookup);
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

enum counting { LOOKING_UP, COMPARING, SEARCHING };

static inline __attribute__((always_inline)) void counts_row(real *out, size_t count,
                                                             const struct counts_table *table,
                                                             struct philox_key key, uint64_t step,
                                                             uint64_t first_id, enum counting how)
{
    const struct philox_common common = philox_common_of(key, step);
    struct thresholds t;
    if (how != SEARCHING)
        t = thresholds_of(table);
    for (size_t i = 0; i < count; i += TILE_ALIGN) {
        for (unsigned set = 0; set < SETS; set++) {
            uint64_t group = (first_id + i) / TILE_ALIGN * SLOT + set * WORD_LANES;
            real *to = out + i + (size_t)set * WORD_LANES;
            vu word[4];
            philox_lanes(word, &common, group, 0);
            if (how == SEARCHING)
                counts_by_search(to, table, word, key, step, group);
            else
                counts_by_comparison(to, table, &t, word, key, step, group, how == LOOKING_UP);
        }
    }
}

static void counts(void *row, size_t count, const struct counts_table *table, struct philox_key key,
                   uint64_t step, uint64_t first_id)
{
    if (table->compares <= VH_LOOKUPS)
        counts_row(row, count, table, key, step, first_id, LOOKING_UP);
    else if (table->compares <= FEW)
        counts_row(row, count, table, key, step, first_id, COMPARING);
    else
        counts_row(row, count, table, key, step, first_id, SEARCHING);
}

#endif
