/* The vocabulary on AVX-512 (F, DQ, BW, VL): 16 lanes of 32 bits. simd_scalar.h says what each word
 * means. */
#ifndef MEGALIF_KERNEL_SIMD_AVX512_H
#define MEGALIF_KERNEL_SIMD_AVX512_H

#include <immintrin.h>
#include <string.h>

enum { WORD_LANES = 16 };

typedef __m512i vu;
typedef struct {
    __m512i even, odd;
} vw;

static inline vw vw_set1(uint32_t a)
{
    __m512i v = _mm512_set1_epi64((long long)a);
    return (vw){v, v};
}
static inline vw vw_iota(uint32_t first)
{
    __m512i v = _mm512_set1_epi64((long long)first);
    return (vw){_mm512_add_epi64(v, _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14)),
                _mm512_add_epi64(v, _mm512_setr_epi64(1, 3, 5, 7, 9, 11, 13, 15))};
}
static inline vw vw_loadu(const uint32_t *p)
{
    __m512i v = _mm512_loadu_si512((const void *)p);
    return (vw){v, _mm512_srli_epi64(v, 32)};
}
static inline vw vw_mul(vw a, uint32_t b)
{
    __m512i v = _mm512_set1_epi64((long long)b);
    return (vw){_mm512_mul_epu32(a.even, v), _mm512_mul_epu32(a.odd, v)};
}
static inline vw vw_high(vw a)
{
    return (vw){_mm512_srli_epi64(a.even, 32), _mm512_srli_epi64(a.odd, 32)};
}
static inline vw vw_xor(vw a, vw b)
{
    return (vw){_mm512_xor_si512(a.even, b.even), _mm512_xor_si512(a.odd, b.odd)};
}
static inline vw vw_xor3(vw a, vw b, vw c) /* 0x96: the truth table of a ^ b ^ c */
{
    return (vw){_mm512_ternarylogic_epi64(a.even, b.even, c.even, 0x96),
                _mm512_ternarylogic_epi64(a.odd, b.odd, c.odd, 0x96)};
}
static inline vu vw_pack(vw a)
{
    return _mm512_mask_blend_epi32(0xAAAA, a.even, _mm512_slli_epi64(a.odd, 32));
}

static inline vu vu_set1(uint32_t a) { return _mm512_set1_epi32((int)a); }
static inline vu vu_and(vu a, vu b) { return _mm512_and_si512(a, b); }
static inline vu vu_or(vu a, vu b) { return _mm512_or_si512(a, b); }
static inline vu vu_add(vu a, vu b) { return _mm512_add_epi32(a, b); }
static inline vu vu_sub(vu a, vu b) { return _mm512_sub_epi32(a, b); }
#define vu_shl(a, n) _mm512_slli_epi32(a, n)
#define vu_shr(a, n) _mm512_srli_epi32(a, n)
#define vu_sar(a, n) _mm512_srai_epi32(a, n)
static inline void vu_storeu(uint32_t *p, vu a) { _mm512_storeu_si512((void *)p, a); }
static inline void vu_store_rows(uint32_t rows[WORD_LANES][4], const vu word[4])
{
    const __m512i a = _mm512_unpacklo_epi32(word[0], word[1]);
    const __m512i b = _mm512_unpackhi_epi32(word[0], word[1]);
    const __m512i c = _mm512_unpacklo_epi32(word[2], word[3]);
    const __m512i d = _mm512_unpackhi_epi32(word[2], word[3]);
    const __m512i of4[4] = {_mm512_unpacklo_epi64(a, c), _mm512_unpackhi_epi64(a, c),
                            _mm512_unpacklo_epi64(b, d), _mm512_unpackhi_epi64(b, d)};
    for (int i = 0; i < 4; i++) {
        _mm_storeu_si128((void *)rows[i], _mm512_castsi512_si128(of4[i]));
        _mm_storeu_si128((void *)rows[i + 4], _mm512_extracti32x4_epi32(of4[i], 1));
        _mm_storeu_si128((void *)rows[i + 8], _mm512_extracti32x4_epi32(of4[i], 2));
        _mm_storeu_si128((void *)rows[i + 12], _mm512_extracti32x4_epi32(of4[i], 3));
    }
}
/* Words of which both halves are kept, then the low half of those of which one is. */
static inline size_t vh_keep(uint16_t *to, const vu word[4], const uint8_t *keep)
{
    const uint16_t *begin = to;
    const vu kept = _mm512_cvtepu8_epi32(_mm_loadu_si128((const void *)keep));
    vu half = word[0];
    for (int i = 0; i < 4; i++) {
        const __mmask16 whole = _mm512_cmpgt_epi32_mask(kept, _mm512_set1_epi32(2 * i + 1));
        _mm512_storeu_si512(to, _mm512_maskz_compress_epi32(whole, word[i]));
        to += 2 * __builtin_popcount(whole);
        half = _mm512_mask_mov_epi32(
            half, _mm512_cmpeq_epi32_mask(kept, _mm512_set1_epi32(2 * i + 1)), word[i]);
    }
    const __mmask16 odd = _mm512_test_epi32_mask(kept, _mm512_set1_epi32(1));
    _mm256_storeu_si256((void *)to, _mm512_cvtepi32_epi16(_mm512_maskz_compress_epi32(odd, half)));
    return (size_t)(to - begin) + (size_t)__builtin_popcount(odd);
}
static inline vu vu_load(const uint8_t *p) { return _mm512_load_si512((const void *)p); }
static inline void vu_store(uint8_t *p, vu a) { _mm512_store_si512((void *)p, a); }
static inline vu vu_xor(vu a, vu b) { return _mm512_xor_si512(a, b); }
static inline vu vu_xor3(vu a, vu b, vu c) { return _mm512_ternarylogic_epi32(a, b, c, 0x96); }
static inline vu vu_majority(vu a, vu b, vu c) { return _mm512_ternarylogic_epi32(a, b, c, 0xe8); }

enum { BYTE_LANES = 64 };
typedef __m512i vb;
static inline vb vb_none(void) { return _mm512_setzero_si512(); }
static inline vb vb_add_where(vb n, const uint8_t *bits, uint8_t value)
{
    uint64_t is_set;
    memcpy(&is_set, bits, sizeof is_set);
    return _mm512_mask_add_epi8(n, (__mmask64)is_set, n, _mm512_set1_epi8((char)value));
}
static inline void vb_store(uint8_t p[BYTE_LANES], vb n) { _mm512_storeu_si512((void *)p, n); }

static inline vu vh_set1(uint16_t a) { return _mm512_set1_epi16((short)a); }
static inline vu vh_ordered(vu a) { return a; }
static inline vu vh_count(vu n, vu a, vu b)
{
    return _mm512_mask_add_epi16(n, _mm512_cmpgt_epu16_mask(a, b), n, _mm512_set1_epi16(1));
}
#define VH_HALVES 1
static inline vu vh_count_by(vu n, vu a, vu b, uint16_t more)
{
    return _mm512_mask_add_epi16(n, _mm512_cmpgt_epu16_mask(a, b), n,
                                 _mm512_set1_epi16((short)more));
}
enum { VH_LOOKUPS = 32 };
typedef __m512i vl;
static inline vl vh_list(const uint16_t at[VH_LOOKUPS])
{
    return _mm512_loadu_si512((const void *)at);
}
static inline vu vh_lookup(vl list, vu n) /* counts modulo 32 */
{
    return _mm512_permutexvar_epi16(n, list);
}
typedef __mmask32 vt;
static inline vt vt_none(void) { return 0; }
static inline vt vt_equal(vt tie, vu a, vu b) { return tie | _mm512_cmpeq_epi16_mask(a, b); }
static inline vt vt_or(vt a, vt b) { return a | b; }
static inline int vt_any(vt tie) { return tie != 0; }
static inline vu vt_words(vt tie) { return _mm512_movm_epi16(tie); }

typedef __m512 vf;
static inline vf vf_set1(float a) { return _mm512_set1_ps(a); }
static inline vf vf_add(vf a, vf b) { return _mm512_add_ps(a, b); }
static inline vf vf_sub(vf a, vf b) { return _mm512_sub_ps(a, b); }
static inline vf vf_max(vf a, vf b) { return _mm512_max_ps(a, b); }
static inline vf vf_min(vf a, vf b) { return _mm512_min_ps(a, b); }
static inline unsigned vf_signs(vf a)
{
    return (unsigned)_mm512_movepi32_mask(_mm512_castps_si512(a));
}
static inline vf vf_mul(vf a, vf b) { return _mm512_mul_ps(a, b); }
static inline vf vf_fma(vf a, vf b, vf c) { return _mm512_fmadd_ps(a, b, c); }
static inline vf vf_sqrt(vf a) { return _mm512_sqrt_ps(a); }
static inline vf vf_from_int(vu a) { return _mm512_cvtepi32_ps(a); }
static inline vf vf_of_bits(vu a) { return _mm512_castsi512_ps(a); }
static inline vu vf_bits(vf a) { return _mm512_castps_si512(a); }
static inline vf vf_xor_bits(vf a, vu b) { return _mm512_xor_ps(a, vf_of_bits(b)); }
static inline vf vf_choose(vf a, vf b, vu choose)
{
    return _mm512_mask_blend_ps(_mm512_movepi32_mask(choose), a, b);
}

#if KERNEL_BITS == 32
typedef float real;
typedef __m512 vr;
enum { REAL_LANES = 16, LEAP_ABREAST = 16 };
static inline vr vr_set1(real a) { return _mm512_set1_ps(a); }
static inline vr vr_load(const real *p) { return _mm512_load_ps(p); }
static inline vr vr_keep(vr a)
{
    __asm__("" : "+v"(a));
    return a;
}
static inline void vr_store(real *p, vr a) { _mm512_store_ps(p, a); }
static inline vr vr_add(vr a, vr b) { return _mm512_add_ps(a, b); }
static inline vr vr_max(vr a, vr b) { return _mm512_max_ps(a, b); }
static inline vr vr_min(vr a, vr b) { return _mm512_min_ps(a, b); }
static inline vr vr_mul(vr a, vr b) { return _mm512_mul_ps(a, b); }
static inline vr vr_unless_below(vr a, real bound)
{
    return _mm512_maskz_mov_ps(
        _mm512_cmp_ps_mask(_mm512_abs_ps(a), _mm512_set1_ps(bound), _CMP_GE_OQ), a);
}
static inline vr vr_fma(vr a, vr b, vr c) { return _mm512_fmadd_ps(a, b, c); }
static inline vr vr_fnma(vr a, vr b, vr c) { return _mm512_fnmadd_ps(a, b, c); }
static inline unsigned vr_signs(vr a)
{
    return (unsigned)_mm512_movepi32_mask(_mm512_castps_si512(a));
}
static inline vr vr_of_floats(vf a, int half)
{
    (void)half;
    return a;
}
static inline vr vr_count(vr n, vr a)
{
    return _mm512_mask_add_ps(n, (__mmask16)vr_signs(a), n, _mm512_set1_ps(1));
}
static inline void vr_store_bytes(uint8_t *p, vr a)
{
    _mm_storeu_si128((void *)p, _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(a)));
}
static inline vr vr_load_bytes(const uint8_t *p)
{
    return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128((const void *)p)));
}
static inline vr vr_where_equal(vr a, vr b, vr c, vr otherwise)
{
    return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ), otherwise, c);
}
static inline vr vr_gather(const real *p, const uint16_t *index)
{
    __m512i at = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const void *)index));
    return _mm512_i32gather_ps(at, p, 4);
}
static inline vf vr_load_floats(const real *p) { return _mm512_load_ps(p); }
#else
typedef double real;
typedef __m512d vr;
enum { REAL_LANES = 8, LEAP_ABREAST = 16 };
static inline vr vr_set1(real a) { return _mm512_set1_pd(a); }
static inline vr vr_load(const real *p) { return _mm512_load_pd(p); }
static inline vr vr_keep(vr a)
{
    __asm__("" : "+v"(a));
    return a;
}
static inline void vr_store(real *p, vr a) { _mm512_store_pd(p, a); }
static inline vr vr_add(vr a, vr b) { return _mm512_add_pd(a, b); }
static inline vr vr_max(vr a, vr b) { return _mm512_max_pd(a, b); }
static inline vr vr_min(vr a, vr b) { return _mm512_min_pd(a, b); }
static inline vr vr_mul(vr a, vr b) { return _mm512_mul_pd(a, b); }
static inline vr vr_unless_below(vr a, real bound)
{
    return _mm512_maskz_mov_pd(
        _mm512_cmp_pd_mask(_mm512_abs_pd(a), _mm512_set1_pd(bound), _CMP_GE_OQ), a);
}
static inline vr vr_fma(vr a, vr b, vr c) { return _mm512_fmadd_pd(a, b, c); }
static inline vr vr_fnma(vr a, vr b, vr c) { return _mm512_fnmadd_pd(a, b, c); }
static inline unsigned vr_signs(vr a)
{
    return (unsigned)_mm512_movepi64_mask(_mm512_castpd_si512(a));
}
static inline vr vr_of_floats(vf a, int half)
{
    return _mm512_cvtps_pd(half ? _mm512_extractf32x8_ps(a, 1) : _mm512_castps512_ps256(a));
}
static inline vr vr_count(vr n, vr a)
{
    return _mm512_mask_add_pd(n, (__mmask8)vr_signs(a), n, _mm512_set1_pd(1));
}
static inline void vr_store_bytes(uint8_t *p, vr a)
{
    _mm_storel_epi64((void *)p, _mm256_cvtepi32_epi8(_mm512_cvtpd_epi32(a)));
}
static inline vr vr_load_bytes(const uint8_t *p)
{
    return _mm512_cvtepi32_pd(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const void *)p)));
}
static inline vr vr_where_equal(vr a, vr b, vr c, vr otherwise)
{
    return _mm512_mask_blend_pd(_mm512_cmp_pd_mask(a, b, _CMP_EQ_OQ), otherwise, c);
}
static inline vr vr_gather(const real *p, const uint16_t *index)
{
    __m256i at = _mm256_cvtepu16_epi32(_mm_loadu_si128((const void *)index));
    return _mm512_i32gather_pd(at, p, 8);
}
static inline vf vr_load_floats(const real *p)
{
    return _mm512_insertf32x8(_mm512_castps256_ps512(_mm512_cvtpd_ps(_mm512_load_pd(p))),
                              _mm512_cvtpd_ps(_mm512_load_pd(p + 8)), 1);
}
#endif

#endif
