/* The vocabulary with one lane, in plain C: the reference all others equal bit for bit, and what
 * runs on a CPU without AVX2. fma is the C library's correctly rounded one. */
#ifndef MEGALIF_KERNEL_SIMD_SCALAR_H
#define MEGALIF_KERNEL_SIMD_SCALAR_H

#include <math.h>
#include <string.h>

enum { WORD_LANES = 1 };

/* --- 32-bit words, and words held in 64-bit lanes as multiplication wants them --- */
typedef uint32_t vu;
typedef uint64_t vw; /* low 32 bits count, the high ones are anything */

static inline vw vw_set1(uint32_t a) { return a; }
static inline vw vw_iota(uint32_t first) { return first; }
static inline vw vw_loadu(const uint32_t *p) { return *p; } /* WORD_LANES words */
static inline vw vw_mul(vw a, uint32_t b) { return (uint64_t)(uint32_t)a * b; }
static inline vw vw_high(vw a) { return a >> 32; }
static inline vw vw_xor(vw a, vw b) { return a ^ b; }
static inline vw vw_xor3(vw a, vw b, vw c) { return a ^ b ^ c; }
static inline vu vw_pack(vw a) { return (vu)a; }

static inline vu vu_set1(uint32_t a) { return a; }
static inline vu vu_and(vu a, vu b) { return a & b; }
static inline vu vu_or(vu a, vu b) { return a | b; }
static inline vu vu_add(vu a, vu b) { return a + b; }
static inline vu vu_sub(vu a, vu b) { return a - b; }
#define vu_shl(a, n) ((vu)((a) << (n)))
#define vu_shr(a, n) ((vu)((a) >> (n)))
#define vu_sar(a, n) ((vu)((int32_t)(a) >> (n)))
static inline void vu_storeu(uint32_t *p, vu a) { *p = a; }
static inline void vu_store_rows(uint32_t rows[WORD_LANES][4], const vu word[4])
{
    memcpy(rows[0], word, 4 * sizeof *word); /* row l: lane l of each word */
}
/* Of each row the first keep[l] <= 8 halves of words, the low one before the high one, in any
 * order; returns how many. Up to HALVES_SLACK behind them are written. */
static inline size_t vh_keep(uint16_t *to, const vu word[4], const uint8_t *keep)
{
    for (int i = 0; i < 4; i++) {
        to[2 * i] = (uint16_t)word[i];
        to[2 * i + 1] = (uint16_t)(word[i] >> 16);
    }
    return *keep;
}
static inline vu vu_load(const uint8_t *p) /* aligned to a register, as is vu_store */
{
    vu a;
    memcpy(&a, p, sizeof a);
    return a;
}
static inline void vu_store(uint8_t *p, vu a) { memcpy(p, &a, sizeof a); }
static inline vu vu_xor(vu a, vu b) { return a ^ b; }
static inline vu vu_xor3(vu a, vu b, vu c) { return a ^ b ^ c; }
static inline vu vu_majority(vu a, vu b, vu c) { return (a & b) | ((a ^ b) & c); }

/* --- bytes, one for each bit of some --- */
enum { BYTE_LANES = 8 };
typedef uint64_t vb; /* lane i in the bits from 8 i on */
static inline vb vb_none(void) { return 0; }
/* n + value where the lane's bit is set */
static inline vb vb_add_where(vb n, const uint8_t *bits, uint8_t value)
{
    const uint64_t own = *bits * UINT64_C(0x0101010101010101) & UINT64_C(0x8040201008040201);
    return n + ((own + UINT64_C(0x7f7f7f7f7f7f7f7f)) >> 7 & UINT64_C(0x0101010101010101)) * value;
}
static inline void vb_store(uint8_t p[BYTE_LANES], vb n)
{
    for (int i = 0; i < BYTE_LANES; i++)
        p[i] = (uint8_t)(n >> 8 * i);
}

/* --- pairs of 16-bit lanes in a word --- */
static inline vu vh_set1(uint16_t a) { return (uint32_t)a << 16 | a; }
static inline vu vh_greater(vu a, vu b) /* 0xffff where a > b, unsigned */
{
    return (a >> 16 > b >> 16 ? 0xffff0000u : 0) | ((uint16_t)a > (uint16_t)b ? 0xffffu : 0);
}
static inline vu vh_equal(vu a, vu b)
{
    return (a >> 16 == b >> 16 ? 0xffff0000u : 0) | ((uint16_t)a == (uint16_t)b ? 0xffffu : 0);
}
static inline vu vh_sub(vu a, vu b)
{
    return ((a & 0xffff0000u) - (b & 0xffff0000u)) | (uint16_t)(a - b);
}
static inline vu vh_ordered(vu a) { return a; } /* as vh_count wants both of what it compares */
/* n + 1 where a > b */
static inline vu vh_count(vu n, vu a, vu b) { return vh_sub(n, vh_greater(a, b)); }
#define VH_HALVES 1 /* looking up is as cheap as comparing */
/* n + more where a > b; only where vh_ordered changes nothing. */
static inline vu vh_count_by(vu n, vu a, vu b, uint16_t more)
{
    return n + (vh_greater(a, b) & vh_set1(more)); /* counts are small: no carries */
}
enum { VH_LOOKUPS = 32 };
typedef struct {
    uint16_t at[VH_LOOKUPS];
} vl; /* a short list */
static inline vl vh_list(const uint16_t at[VH_LOOKUPS])
{
    vl list;
    memcpy(list.at, at, sizeof list.at);
    return list;
}
/* at[n], n <= VH_LOOKUPS; at[0] for the last of these. */
static inline vu vh_lookup(vl list, vu n)
{
    return (vu)list.at[(n >> 16) % VH_LOOKUPS] << 16 | list.at[n % VH_LOOKUPS];
}
typedef vu vt; /* where 16-bit lanes tie */
static inline vt vt_none(void) { return 0; }
static inline vt vt_equal(vt tie, vu a, vu b) { return tie | vh_equal(a, b); }
static inline vt vt_or(vt a, vt b) { return a | b; }
static inline int vt_any(vt tie) { return tie != 0; }
static inline vu vt_words(vt tie) { return tie; } /* 0xffff where they do */

/* --- float32, whatever real is: normals are float32 in both precisions --- */
typedef float vf;
static inline vf vf_set1(float a) { return a; }
static inline vf vf_add(vf a, vf b) { return a + b; }
static inline vf vf_sub(vf a, vf b) { return a - b; }
/* b where one is NaN */
static inline vf vf_max(vf a, vf b) { return a > b ? a : b; }
static inline vf vf_min(vf a, vf b) { return a < b ? a : b; }
static inline vf vf_mul(vf a, vf b) { return a * b; }
static inline vf vf_fma(vf a, vf b, vf c) { return fmaf(a, b, c); }
static inline vf vf_sqrt(vf a) { return sqrtf(a); }
static inline vf vf_from_int(vu a) { return (float)(int32_t)a; }
static inline vf vf_of_bits(vu a)
{
    vf f;
    memcpy(&f, &a, sizeof f);
    return f;
}
static inline vu vf_bits(vf a)
{
    vu u;
    memcpy(&u, &a, sizeof u);
    return u;
}
static inline unsigned vf_signs(vf a) { return vf_bits(a) >> 31; }
static inline vf vf_xor_bits(vf a, vu b) { return vf_of_bits(vf_bits(a) ^ b); }
/* b where the top bit of `choose` is set, else a. */
static inline vf vf_choose(vf a, vf b, vu choose) { return (int32_t)choose < 0 ? b : a; }

/* --- real --- */
#if KERNEL_BITS == 32
typedef float real;
static inline real vr_fma(real a, real b, real c) { return fmaf(a, b, c); }
/* NaN is below threshold whatever its sign, which not every architecture keeps. */
static inline unsigned vr_signs(real a) { return vf_bits(a) >> 31 | (unsigned)(isnan(a) != 0); }
#else
typedef double real;
static inline real vr_fma(real a, real b, real c) { return fma(a, b, c); }
static inline unsigned vr_signs(real a)
{
    uint64_t bits;
    memcpy(&bits, &a, sizeof bits);
    return (unsigned)(bits >> 63) | (unsigned)(isnan(a) != 0);
}
#endif
typedef real vr;
enum { REAL_LANES = 1, LEAP_ABREAST = 8 };
static inline vr vr_set1(real a) { return a; }
static inline vr vr_load(const real *p) { return *p; }
/* A value used twice: without this compilers load it twice. */
static inline vr vr_keep(vr a) { return a; }
static inline void vr_store(real *p, vr a) { *p = a; }
static inline vr vr_add(vr a, vr b) { return a + b; }
static inline vr vr_max(vr a, vr b) { return a > b ? a : b; } /* b where one is NaN */
static inline vr vr_min(vr a, vr b) { return a < b ? a : b; } /* likewise */
static inline vr vr_mul(vr a, vr b) { return a * b; }
/* a, or 0 where |a| < bound */
static inline vr vr_unless_below(vr a, real bound) { return (a < 0 ? -a : a) >= bound ? a : 0; }
static inline vr vr_fnma(vr a, vr b, vr c) { return vr_fma(-a, b, c); } /* c - a b, rounded once */
/* The first or second half of `a`; all of it where reals are as narrow as words. */
static inline vr vr_of_floats(vf a, int half)
{
    (void)half;
    return (real)a;
}
/* n + 1 where the sign of a is set. */
static inline vr vr_count(vr n, vr a) { return n + (real)vr_signs(a); }
static inline void vr_store_bytes(uint8_t *p, vr a) { *p = (uint8_t)a; } /* 0 ... 255 */
static inline vr vr_load_bytes(const uint8_t *p) { return (real)*p; }
/* c where a = b, else otherwise. */
static inline vr vr_where_equal(vr a, vr b, vr c, vr otherwise) { return a == b ? c : otherwise; }
static inline vr vr_gather(const real *p, const uint16_t *index) { return p[*index]; }
static inline vf vr_load_floats(const real *p) { return (vf)*p; }

#endif
