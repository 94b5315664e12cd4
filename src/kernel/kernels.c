/* All kernels, written once over the vocabulary of simd.h; see kernel.h for what they promise. */
#include "kernel/kernel.h"

#include "kernel/counts.h"
#include "kernel/draw_rows.h"
#include "kernel/exp.h"
#include "kernel/normal.h"
#include "kernel/philox_lanes.h"
#include "kernel/simd.h"

#include <math.h>
#include <string.h>

enum { SETS = 16 / WORD_LANES, SLOT = 16, GROUP = 64 };

/* Keeps the words with a bit set and lists their places; branch-free. A pass of its own: within the
 * step loop the processor cannot tell these stores, whose addresses depend on results, from the
 * loads that follow, and at times runs that loop at half its speed. */
static inline size_t list_crossed(uint16_t *group, uint64_t *crossed, size_t groups)
{
    size_t listed = 0;
    for (size_t i = 0; i < groups; i++) {
        uint64_t word = crossed[i];
        group[listed] = (uint16_t)i;
        crossed[listed] = word;
        listed += word != 0;
    }
    return listed;
}

/* The three flags are constants at every call, so that each combination is a loop of its own. */
static inline __attribute__((always_inline)) size_t step_tile(const struct step_arguments *a,
                                                              int e_varies, int d_varies, int jumps)
{
    real *u = a->u;
    const real *e = a->e.data, *d = a->d.data, *jump = a->jump;
    const vr e1 = vr_set1((real)a->e.value), d1 = vr_set1((real)a->d.value);
    const size_t count = a->count; /* locals: the stores below could alias *a */
    uint64_t *crossed = a->crossed;
    for (size_t first = 0; first < count; first += GROUP) {
        uint64_t below = 0; /* sign bits */
        for (size_t j = 0; j < GROUP; j += REAL_LANES) {
            size_t i = first + j;
            vr v = vr_keep(vr_load(u + i));
            vr change = vr_fnma(e_varies ? vr_load(e + i) : e1, v, d_varies ? vr_load(d + i) : d1);
            v = vr_add(v, change);
            if (jumps)
                v = vr_add(v, vr_load(jump + i));
            vr_store(u + i, v);
            below |= (uint64_t)vr_signs(v) << j;
        }
        crossed[first / GROUP] = ~below;
    }
    return list_crossed(a->group, crossed, count / GROUP);
}

/* A field as a row to walk along: where it is one value, over a row of 128 the same again. */
struct walk {
    const real *from;
    size_t stride; /* 1, or 0: from a row that repeats itself */
};

static inline struct walk walk_of(struct field field, real same[TILE_ALIGN])
{
    for (size_t i = 0; i < TILE_ALIGN && !field.data; i += REAL_LANES)
        vr_store(same + i, vr_set1((real)field.value));
    return field.data ? (struct walk){field.data, 1} : (struct walk){same, 0};
}

/* What step_noisy_tile has at hand for some neurons. */
struct noisy_rows {
    real *u, *z;
    const real *e, *d, *c, *jump;
    real forgets;
};

/* Takes the neurons of 8 slots through memory, noise and step; of each 64 of them the sign bits. */
static inline __attribute__((always_inline)) void step_normals(const struct noisy_rows row,
                                                               const vf normal[8], int remembers,
                                                               int jumps, uint64_t below[2])
{
    const vr forgets = vr_set1(row.forgets);
#pragma GCC unroll 8
    for (size_t slot = 0; slot < 8; slot++)
#pragma GCC unroll 2
        for (int half = 0; half < HALVES; half++) {
            size_t i = slot * SLOT + (size_t)half * REAL_LANES;
            vr xi = vr_of_floats(normal[slot], half), v = vr_keep(vr_load(row.u + i));
            if (remembers) {
                vr state = vr_keep(vr_load(row.z + i));
                xi = vr_keep(vr_add(state, vr_fnma(forgets, state, xi)));
                vr_store(row.z + i, xi);
            }
            vr drift = vr_fma(vr_load(row.c + i), xi, vr_load(row.d + i));
            v = vr_add(v, vr_fnma(vr_load(row.e + i), v, drift));
            if (jumps)
                v = vr_add(v, vr_load(row.jump + i));
            vr_store(row.u + i, v);
            below[i / GROUP] |= (uint64_t)vr_signs(v) << i % GROUP;
        }
}

/* As step_tile, and makes the noise on the way, which saves writing and reading it. */
static inline __attribute__((always_inline)) size_t step_noisy_tile(const struct step_arguments *a,
                                                                    int remembers, int jumps)
{
    _Alignas(64) real same[3][TILE_ALIGN];
    const struct noise noise = *a->noise;
    const struct walk e = walk_of(a->e, same[0]), d = walk_of(a->d, same[1]),
                      c = walk_of(noise.c, same[2]);
    const struct philox_common common = philox_common_of(noise.key, noise.step);
    const size_t count = a->count; /* locals: the stores below could alias *a */
    real *u = a->u, *z = noise.z;
    const real *jump = a->jump;
    uint64_t *crossed = a->crossed;
    for (size_t first = 0; first < count; first += TILE_ALIGN) {
        uint64_t group = (noise.first_id + first) / TILE_ALIGN * SLOT, below[2] = {0, 0};
        for (size_t set = 0; set < SETS; set++) {
            const size_t lane = set * WORD_LANES, at = first + lane;
            const struct noisy_rows row = {.u = u + at,
                                           .z = remembers ? z + at : NULL,
                                           .e = e.from + first * e.stride + lane,
                                           .d = d.from + first * d.stride + lane,
                                           .c = c.from + first * c.stride + lane,
                                           .jump = jumps ? jump + at : NULL,
                                           .forgets = (real)noise.forgets};
            uint64_t part[2] = {0, 0};
            vu word[4];
            vf normal[8];
            philox_lanes(word, &common, group + lane, 0);
            normals_of_words(normal, word);
            step_normals(row, normal, remembers, jumps, part);
            below[0] |= part[0] << lane;
            below[1] |= part[1] << lane;
        }
        crossed[first / GROUP] = ~below[0];
        crossed[first / GROUP + 1] = ~below[1];
    }
    return list_crossed(a->group, crossed, count / GROUP);
}

static size_t step_noisy(const struct step_arguments *a)
{
    switch ((a->noise->z ? 2 : 0) | (a->jump ? 1 : 0)) {
    case 0:
        return step_noisy_tile(a, 0, 0);
    case 1:
        return step_noisy_tile(a, 0, 1);
    case 2:
        return step_noisy_tile(a, 1, 0);
    default:
        return step_noisy_tile(a, 1, 1);
    }
}

static size_t step(const struct step_arguments *a)
{
    if (a->noise)
        return step_noisy(a);
    switch ((a->e.data ? 4 : 0) | (a->d.data ? 2 : 0) | (a->jump ? 1 : 0)) {
    case 0:
        return step_tile(a, 0, 0, 0);
    case 1:
        return step_tile(a, 0, 0, 1);
    case 2:
        return step_tile(a, 0, 1, 0);
    case 3:
        return step_tile(a, 0, 1, 1);
    case 4:
        return step_tile(a, 1, 0, 0);
    case 5:
        return step_tile(a, 1, 0, 1);
    case 6:
        return step_tile(a, 1, 1, 0);
    default:
        return step_tile(a, 1, 1, 1);
    }
}

/* `abreast` vectors from neuron `first` on, side by side, because the steps of each wait for one
 * another. */
static inline __attribute__((always_inline)) void leap_vectors(const struct leap_arguments *a,
                                                               size_t first, size_t abreast,
                                                               int e_varies, int d_varies)
{
    const real *from = (const real *)a->from + first, *e = a->e.data, *d = a->d.data;
    const vr e1 = vr_set1((real)a->e.value), d1 = vr_set1((real)a->d.value);
    real *to = (real *)a->to + first;
    uint64_t *crossed = a->crossed + first / GROUP;
    vr v[LEAP_ABREAST];
    uint64_t below[LEAP_ABREAST] = {0};
#pragma GCC unroll 16
    for (size_t j = 0; j < abreast; j++)
        v[j] = vr_load(from + j * REAL_LANES);
#pragma GCC unroll 8
    for (int step = 0; step < LEAP_STEPS; step++)
#pragma GCC unroll 16
        for (size_t j = 0; j < abreast; j++) {
            size_t i = first + j * REAL_LANES;
            vr ve = e_varies ? vr_load(e + i) : e1, vd = d_varies ? vr_load(d + i) : d1;
            v[j] = vr_keep(vr_add(v[j], vr_fnma(ve, v[j], vd)));
        }
#pragma GCC unroll 16
    for (size_t j = 0; j < abreast; j++) {
        vr_store(to + j * REAL_LANES, v[j]);
        below[j * REAL_LANES / GROUP] |= (uint64_t)vr_signs(v[j]) << j * REAL_LANES % GROUP;
    }
    if (abreast * REAL_LANES < GROUP)
        *crossed = (first % GROUP ? *crossed : ~UINT64_C(0)) ^ below[0] << first % GROUP;
    for (size_t j = 0; j < abreast * REAL_LANES / GROUP; j++)
        crossed[j] = ~below[j];
}

static inline __attribute__((always_inline)) void leap_tile(const struct leap_arguments *a,
                                                            int e_varies, int d_varies)
{
    enum { ALL = LEAP_ABREAST, HALF = LEAP_ABREAST / 2 };
    size_t first = 0;
    for (; first + ALL * (size_t)REAL_LANES <= a->count; first += ALL * REAL_LANES)
        leap_vectors(a, first, ALL, e_varies, d_varies);
    for (; first < a->count; first += HALF * REAL_LANES)
        leap_vectors(a, first, HALF, e_varies, d_varies);
}

/* The neurons whose bits are set. Most words have up to four: these are written without a branch
 * that depends on how many there are. */
static inline size_t list_bits(const uint64_t *words, size_t count, uint16_t *ids)
{
    enum { MOSTLY = 4 };
    size_t listed = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t word = words[i];
        uint16_t *to = ids + listed, first = (uint16_t)(i * GROUP);
        size_t bits = (size_t)__builtin_popcountll(word);
        for (size_t n = 0; n < MOSTLY; n++, word &= word - 1)
            to[n] = (uint16_t)(first + (word ? __builtin_ctzll(word) : 0));
        for (size_t n = MOSTLY; n < bits; n++, word &= word - 1)
            to[n] = (uint16_t)(first + __builtin_ctzll(word));
        listed += bits;
    }
    return listed;
}

static size_t leap(const struct leap_arguments *a)
{
    if (a->e.data && a->d.data)
        leap_tile(a, 1, 1);
    else if (a->e.data)
        leap_tile(a, 1, 0);
    else if (a->d.data)
        leap_tile(a, 0, 1);
    else
        leap_tile(a, 0, 0);
    return list_bits(a->crossed, a->count / GROUP, a->ids);
}

static inline vr gather(struct field field, const uint16_t *ids)
{
    return field.data ? vr_gather(field.data, ids) : vr_set1((real)field.value);
}

static inline __attribute__((always_inline)) void replay_neurons(const struct replay_arguments *a,
                                                                 int delayed, int path)
{
    for (size_t i = 0; i < a->count; i += REAL_LANES) {
        const vr e = gather(a->e, a->ids + i), d = gather(a->d, a->ids + i);
        const vr start = gather(a->start, a->ids + i);
        const vr since = delayed ? vr_load_bytes(a->since + i) : start;
        vr v = delayed ? vr_set1(-(real)NAN) : start, below = vr_set1(0);
#pragma GCC unroll 8
        for (int step = 0; step < LEAP_STEPS; step++) {
            if (delayed) /* until then it is parked */
                v = vr_where_equal(since, vr_set1((real)step), start, v);
            if (path)
                vr_store((real *)a->path + (size_t)step * a->stride + i, v);
            v = vr_add(v, vr_fnma(e, v, d));
            below = vr_count(below, v);
        }
        vr_store((real *)a->u + i, v);
        vr_store_bytes(a->below + i, below);
    }
}

static void replay(const struct replay_arguments *a)
{
    if (a->since)
        replay_neurons(a, 1, 0);
    else if (a->path)
        replay_neurons(a, 0, 1);
    else
        replay_neurons(a, 0, 0);
}

/* Of fields that vary or not each combination is a loop of its own. */
static inline __attribute__((always_inline)) void
accumulate_rows(real *out, const struct field *in, const struct field *c, const struct field *row,
                size_t count, int in_varies, int c_varies, int row_varies)
{
    const real *pi = in->data, *pc = c->data, *pr = row->data;
    const vr i1 = vr_set1((real)in->value), c1 = vr_set1((real)c->value),
             r1 = vr_set1((real)row->value);
#pragma GCC unroll 4
    for (size_t i = 0; i < count; i += REAL_LANES) {
        vr vc = c_varies ? vr_load(pc + i) : c1;
        vr v = row_varies ? vr_load(pr + i) : r1;
        vr_store(out + i, vr_fma(vc, v, in_varies ? vr_load(pi + i) : i1));
    }
}

static void accumulate(void *out, struct field in, struct field c, struct field row, size_t count)
{
    switch ((in.data ? 4 : 0) | (c.data ? 2 : 0) | (row.data ? 1 : 0)) {
    case 1:
        accumulate_rows(out, &in, &c, &row, count, 0, 0, 1);
        return;
    case 2:
        accumulate_rows(out, &in, &c, &row, count, 0, 1, 0);
        return;
    case 3:
        accumulate_rows(out, &in, &c, &row, count, 0, 1, 1);
        return;
    case 4:
        accumulate_rows(out, &in, &c, &row, count, 1, 0, 0);
        return;
    case 5:
        accumulate_rows(out, &in, &c, &row, count, 1, 0, 1);
        return;
    case 6:
        accumulate_rows(out, &in, &c, &row, count, 1, 1, 0);
        return;
    case 7:
        accumulate_rows(out, &in, &c, &row, count, 1, 1, 1);
        return;
    default:
        accumulate_rows(out, &in, &c, &row, count, 0, 0, 0);
    }
}

static void clamp(void *u, struct field floor, size_t count)
{
    real *v = u;
    const real *f = floor.data;
    const vr f1 = vr_set1((real)floor.value);
    for (size_t i = 0; i < count; i += REAL_LANES)
        vr_store(v + i, vr_max(f ? vr_load(f + i) : f1, vr_load(v + i)));
}

/* Bit i: neuron i of 64 is at or above threshold. */
static inline uint64_t above(const real *u)
{
    uint64_t below = 0;
    for (size_t j = 0; j < GROUP; j += REAL_LANES)
        below |= (uint64_t)vr_signs(vr_load(u + j)) << j;
    return ~below;
}

/* Exponents -c before u of 128 neurons, within [LEAST, 0]; 0: none of them can have crossed. */
static const float least_exponent = -22.2f; /* exp of it is below 2^-32, the least uniform number */

static inline unsigned bridge_exponents(vf x[8][SETS], const struct bridge_arguments *a,
                                        size_t first)
{
    const real *before = (const real *)a->before + first, *u = (const real *)a->u + first;
    const real *c = a->c.data ? (const real *)a->c.data + first : NULL;
    const vf least = vf_set1(least_exponent), c1 = vf_set1((float)a->c.value);
    unsigned possible = 0;
    for (size_t slot = 0; slot < 8; slot++)
        for (size_t set = 0; set < SETS; set++) {
            size_t i = slot * SLOT + set * WORD_LANES;
            vf product = vf_mul(vr_load_floats(before + i), vr_load_floats(u + i));
            vf wide = vf_mul(product, c ? vr_load_floats(c + i) : c1);
            vf exponent = vf_max(vf_sub(vf_set1(0.0f), wide), least);
            possible |= vf_signs(vf_sub(least, exponent));
            x[slot][set] = vf_min(exponent, vf_set1(0.0f));
        }
    return possible;
}

/* Bits of the 128 neurons whose uniform numbers are below their probabilities: slot s takes word s
 * mod 4 of draw s div 4. */
static inline void bridge_draw(uint64_t bits[2], vf x[8][SETS], const struct philox_common *common,
                               uint64_t group)
{
    for (size_t set = 0; set < SETS; set++)
        for (uint16_t half = 0; half < 2; half++) {
            vu word[4];
            philox_lanes(word, common, group + set * WORD_LANES, half);
            for (size_t j = 0; j < 4; j++) {
                vf u =
                    vf_fma(vf_from_int(vu_shr(word[j], 1)), vf_set1(0x1p-31f), vf_set1(0x1p-32f));
                uint64_t lanes = vf_signs(vf_sub(u, vf_exp(x[4 * half + j][set])));
                bits[half] |= lanes << (j * SLOT + set * WORD_LANES);
            }
        }
}

static size_t bridge(const struct bridge_arguments *a)
{
    const struct philox_common common = philox_common_of(a->key, a->step);
    const real *u = a->u;
    for (size_t first = 0; first < a->count; first += TILE_ALIGN) {
        vf x[8][SETS];
        uint64_t bits[2] = {0, 0}, group = (a->first_id + first) / TILE_ALIGN * SLOT;
        if (bridge_exponents(x, a, first))
            bridge_draw(bits, x, &common, group);
        for (size_t half = 0; half < 2; half++)
            a->crossed[first / GROUP + half] = bits[half] | above(u + first + half * GROUP);
    }
    return list_crossed(a->group, a->crossed, a->count / GROUP);
}

static void normals(void *row, size_t count, struct philox_key key, uint64_t step,
                    uint64_t first_id)
{
    const struct philox_common common = philox_common_of(key, step);
    real *out = row;
    for (size_t i = 0; i < count; i += TILE_ALIGN) {
        uint64_t group = (first_id + i) / TILE_ALIGN * SLOT;
        for (unsigned set = 0; set < SETS; set++) {
            vu word[4];
            vf normal[8];
            philox_lanes(word, &common, group + set * WORD_LANES, 0);
            normals_of_words(normal, word);
            for (int slot = 0; slot < 8; slot++)
                vr_store_floats(out + i + (size_t)slot * SLOT + set * WORD_LANES, normal[slot]);
        }
    }
}

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

static void philox16(uint32_t words[16][4], struct philox_key key, uint64_t step,
                     uint64_t first_group, uint16_t draw)
{
    const struct philox_common common = philox_common_of(key, step);
    for (unsigned set = 0; set < SETS; set++) {
        vu word[4];
        philox_lanes(word, &common, first_group + set * WORD_LANES, draw);
        for (unsigned i = 0; i < 4; i++) {
            uint32_t lanes[WORD_LANES];
            vu_storeu(lanes, word[i]);
            for (unsigned lane = 0; lane < WORD_LANES; lane++)
                words[set * WORD_LANES + lane][i] = lanes[lane];
        }
    }
}

extern const struct kernels KERNEL_TABLE;
const struct kernels KERNEL_TABLE = {
    .isa = KERNEL_ISA,
    .bits = KERNEL_BITS,
    .makes_noise = NOISE_IN_STEP,
    .step = step,
    .leap = leap,
    .replay = replay,
    .accumulate = accumulate,
    .clamp = clamp,
    .bridge = bridge,
    .normals = normals,
    .counts = counts,
    .philox16 = philox16,
    .draw_uniform = draw_uniform,
    .draw_normal = draw_normal,
};
