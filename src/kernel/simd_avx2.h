/* The vocabulary on AVX2 and FMA3: 8 lanes of 32 bits. simd_scalar.h says what each word means. */
#ifndef MEGALIF_KERNEL_SIMD_AVX2_H
#define MEGALIF_KERNEL_SIMD_AVX2_H

#include <immintrin.h>
#include <string.h>

enum { WORD_LANES = 8 };

typedef __m256i vu;
typedef struct {
    __m256i even, odd; /* lanes 0 2 4 6 and 1 3 5 7 */
} vw;

static inline vw vw_set1(uint32_t a)
{
    __m256i v = _mm256_set1_epi64x((long long)a);
    return (vw){v, v};
}
static inline vw vw_iota(uint32_t first)
{
    __m256i v = _mm256_set1_epi64x((long long)first);
    return (vw){_mm256_add_epi64(v, _mm256_setr_epi64x(0, 2, 4, 6)),
                _mm256_add_epi64(v, _mm256_setr_epi64x(1, 3, 5, 7))};
}
static inline vw vw_loadu(const uint32_t *p)
{
    __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)p);
    return (vw){v, _mm256_srli_epi64(v, 32)};
}
static inline vw vw_mul(vw a, uint32_t b)
{
    __m256i v = _mm256_set1_epi64x((long long)b);
    return (vw){_mm256_mul_epu32(a.even, v), _mm256_mul_epu32(a.odd, v)};
}
static inline vw vw_high(vw a)
{
    return (vw){_mm256_srli_epi64(a.even, 32), _mm256_srli_epi64(a.odd, 32)};
}
static inline vw vw_xor(vw a, vw b)
{
    return (vw){_mm256_xor_si256(a.even, b.even), _mm256_xor_si256(a.odd, b.odd)};
}
static inline vw vw_xor3(vw a, vw b, vw c) { return vw_xor(vw_xor(a, b), c); }
static inline vu vw_pack(vw a)
{
    return _mm256_blend_epi32(a.even, _mm256_slli_epi64(a.odd, 32), 0xAA);
}

static inline vu vu_set1(uint32_t a) { return _mm256_set1_epi32((int)a); }
static inline vu vu_and(vu a, vu b) { return _mm256_and_si256(a, b); }
static inline vu vu_or(vu a, vu b) { return _mm256_or_si256(a, b); }
static inline vu vu_add(vu a, vu b) { return _mm256_add_epi32(a, b); }
static inline vu vu_sub(vu a, vu b) { return _mm256_sub_epi32(a, b); }
#define vu_shl(a, n) _mm256_slli_epi32(a, n)
#define vu_shr(a, n) _mm256_srli_epi32(a, n)
#define vu_sar(a, n) _mm256_srai_epi32(a, n)
static inline void vu_storeu(uint32_t *p, vu a) { _mm256_storeu_si256((__m256i *)(void *)p, a); }
static inline void vu_store_rows(uint32_t rows[WORD_LANES][4], const vu word[4])
{
    const __m256i a = _mm256_unpacklo_epi32(word[0], word[1]);
    const __m256i b = _mm256_unpackhi_epi32(word[0], word[1]);
    const __m256i c = _mm256_unpacklo_epi32(word[2], word[3]);
    const __m256i d = _mm256_unpackhi_epi32(word[2], word[3]);
    const __m256i of4[4] = {_mm256_unpacklo_epi64(a, c), _mm256_unpackhi_epi64(a, c),
                            _mm256_unpacklo_epi64(b, d), _mm256_unpackhi_epi64(b, d)};
    for (int i = 0; i < 4; i++) {
        _mm_storeu_si128((void *)rows[i], _mm256_castsi256_si128(of4[i]));
        _mm_storeu_si128((void *)rows[i + 4], _mm256_extracti128_si256(of4[i], 1));
    }
}
static inline size_t vh_keep(uint16_t *to, const vu word[4], const uint8_t *keep)
{
    const uint16_t *begin = to;
    uint32_t rows[WORD_LANES][4];
    vu_store_rows(rows, word);
    for (int l = 0; l < WORD_LANES; to += keep[l++])
        memcpy(to, rows[l], sizeof rows[l]);
    return (size_t)(to - begin);
}
static inline vu vu_load(const uint8_t *p) { return _mm256_load_si256((const void *)p); }
static inline void vu_store(uint8_t *p, vu a) { _mm256_store_si256((void *)p, a); }
static inline vu vu_xor(vu a, vu b) { return _mm256_xor_si256(a, b); }
static inline vu vu_xor3(vu a, vu b, vu c) { return vu_xor(vu_xor(a, b), c); }
static inline vu vu_majority(vu a, vu b, vu c)
{
    return vu_or(vu_and(a, b), vu_and(vu_xor(a, b), c));
}

enum { BYTE_LANES = 32 };
typedef __m256i vb;
static inline vb vb_none(void) { return _mm256_setzero_si256(); }
static inline vb vb_add_where(vb n, const uint8_t *bits, uint8_t value)
{
    const __m256i bytes =
        _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
    const __m256i own = _mm256_set1_epi64x((long long)0x8040201008040201);
    int word;
    memcpy(&word, bits, sizeof word);
    const __m256i spread = _mm256_shuffle_epi8(_mm256_set1_epi32(word), bytes);
    const __m256i is_set = _mm256_cmpeq_epi8(_mm256_and_si256(spread, own), own);
    return _mm256_add_epi8(n, _mm256_and_si256(is_set, _mm256_set1_epi8((char)value)));
}
static inline void vb_store(uint8_t p[BYTE_LANES], vb n) { _mm256_storeu_si256((void *)p, n); }

static inline vu vh_set1(uint16_t a) { return _mm256_set1_epi16((short)a); }
static inline vu vh_ordered(vu a) /* AVX2 compares signed */
{
    return _mm256_xor_si256(a, _mm256_set1_epi16((short)0x8000));
}
static inline vu vh_count(vu n, vu a, vu b)
{
    return _mm256_sub_epi16(n, _mm256_cmpgt_epi16(a, b));
}
#define VH_HALVES 0
enum { VH_LOOKUPS = 8 };
typedef __m256i vl;
static inline vl vh_list(const uint16_t at[VH_LOOKUPS])
{
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const void *)at));
}
static inline vu vh_lookup(vl list, vu n) /* the bytes 2 n and 2 n + 1, which count modulo 16 */
{
    __m256i low = _mm256_slli_epi16(n, 1), high = _mm256_slli_epi16(n, 9);
    return _mm256_shuffle_epi8(list, _mm256_and_si256(_mm256_add_epi16(_mm256_or_si256(low, high),
                                                                       _mm256_set1_epi16(0x100)),
                                                      _mm256_set1_epi16(0x0f0f)));
}
typedef __m256i vt;
static inline vt vt_none(void) { return _mm256_setzero_si256(); }
static inline vt vt_equal(vt tie, vu a, vu b)
{
    return _mm256_or_si256(tie, _mm256_cmpeq_epi16(a, b));
}
static inline vt vt_or(vt a, vt b) { return _mm256_or_si256(a, b); }
static inline int vt_any(vt tie) { return !_mm256_testz_si256(tie, tie); }
static inline vu vt_words(vt tie) { return tie; }

typedef __m256 vf;
static inline vf vf_set1(float a) { return _mm256_set1_ps(a); }
static inline vf vf_add(vf a, vf b) { return _mm256_add_ps(a, b); }
static inline vf vf_sub(vf a, vf b) { return _mm256_sub_ps(a, b); }
static inline vf vf_max(vf a, vf b) { return _mm256_max_ps(a, b); }
static inline vf vf_min(vf a, vf b) { return _mm256_min_ps(a, b); }
static inline unsigned vf_signs(vf a) { return (unsigned)_mm256_movemask_ps(a); }
static inline vf vf_mul(vf a, vf b) { return _mm256_mul_ps(a, b); }
static inline vf vf_fma(vf a, vf b, vf c) { return _mm256_fmadd_ps(a, b, c); }
static inline vf vf_sqrt(vf a) { return _mm256_sqrt_ps(a); }
static inline vf vf_from_int(vu a) { return _mm256_cvtepi32_ps(a); }
static inline vf vf_of_bits(vu a) { return _mm256_castsi256_ps(a); }
static inline vu vf_bits(vf a) { return _mm256_castps_si256(a); }
static inline vf vf_xor_bits(vf a, vu b) { return _mm256_xor_ps(a, vf_of_bits(b)); }
static inline vf vf_choose(vf a, vf b, vu choose)
{
    return _mm256_blendv_ps(a, b, vf_of_bits(choose));
}

#if KERNEL_BITS == 32
typedef float real;
typedef __m256 vr;
enum { REAL_LANES = 8, LEAP_ABREAST = 8 };
static inline vr vr_set1(real a) { return _mm256_set1_ps(a); }
static inline vr vr_load(const real *p) { return _mm256_load_ps(p); }
static inline vr vr_keep(vr a)
{
    __asm__("" : "+x"(a));
    return a;
}
static inline void vr_store(real *p, vr a) { _mm256_store_ps(p, a); }
static inline vr vr_add(vr a, vr b) { return _mm256_add_ps(a, b); }
static inline vr vr_max(vr a, vr b) { return _mm256_max_ps(a, b); }
static inline vr vr_min(vr a, vr b) { return _mm256_min_ps(a, b); }
static inline vr vr_mul(vr a, vr b) { return _mm256_mul_ps(a, b); }
static inline vr vr_unless_below(vr a, real bound)
{
    vr size = _mm256_andnot_ps(_mm256_set1_ps((real)-0.0), a);
    return _mm256_and_ps(a, _mm256_cmp_ps(size, _mm256_set1_ps(bound), _CMP_GE_OQ));
}
static inline vr vr_fma(vr a, vr b, vr c) { return _mm256_fmadd_ps(a, b, c); }
static inline vr vr_fnma(vr a, vr b, vr c) { return _mm256_fnmadd_ps(a, b, c); }
static inline unsigned vr_signs(vr a) { return (unsigned)_mm256_movemask_ps(a); }
static inline vr vr_of_floats(vf a, int half)
{
    (void)half;
    return a;
}
static inline vr vr_count(vr n, vr a)
{
    return _mm256_add_ps(n, _mm256_blendv_ps(_mm256_setzero_ps(), _mm256_set1_ps(1), a));
}
static inline void vr_store_bytes(uint8_t *p, vr a)
{
    __m256i words = _mm256_packs_epi32(_mm256_cvtps_epi32(a), _mm256_setzero_si256());
    __m128i both =
        _mm_unpacklo_epi64(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    _mm_storel_epi64((void *)p, _mm_packus_epi16(both, both));
}
static inline vr vr_load_bytes(const uint8_t *p)
{
    return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const void *)p)));
}
static inline vr vr_where_equal(vr a, vr b, vr c, vr otherwise)
{
    return _mm256_blendv_ps(otherwise, c, _mm256_cmp_ps(a, b, _CMP_EQ_OQ));
}
/* Single loads: the gather instructions take more micro-operations on AMD's processors, and on
 * Intel's since the mitigation of "Downfall". */
static inline vr vr_gather(const real *p, const uint16_t *index)
{
    return _mm256_setr_ps(p[index[0]], p[index[1]], p[index[2]], p[index[3]], p[index[4]],
                          p[index[5]], p[index[6]], p[index[7]]);
}
static inline vf vr_load_floats(const real *p) { return _mm256_load_ps(p); }
#else
typedef double real;
typedef __m256d vr;
enum { REAL_LANES = 4, LEAP_ABREAST = 8 };
static inline vr vr_set1(real a) { return _mm256_set1_pd(a); }
static inline vr vr_load(const real *p) { return _mm256_load_pd(p); }
static inline vr vr_keep(vr a)
{
    __asm__("" : "+x"(a));
    return a;
}
static inline void vr_store(real *p, vr a) { _mm256_store_pd(p, a); }
static inline vr vr_add(vr a, vr b) { return _mm256_add_pd(a, b); }
static inline vr vr_max(vr a, vr b) { return _mm256_max_pd(a, b); }
static inline vr vr_min(vr a, vr b) { return _mm256_min_pd(a, b); }
static inline vr vr_mul(vr a, vr b) { return _mm256_mul_pd(a, b); }
static inline vr vr_unless_below(vr a, real bound)
{
    vr size = _mm256_andnot_pd(_mm256_set1_pd((real)-0.0), a);
    return _mm256_and_pd(a, _mm256_cmp_pd(size, _mm256_set1_pd(bound), _CMP_GE_OQ));
}
static inline vr vr_fma(vr a, vr b, vr c) { return _mm256_fmadd_pd(a, b, c); }
static inline vr vr_fnma(vr a, vr b, vr c) { return _mm256_fnmadd_pd(a, b, c); }
static inline unsigned vr_signs(vr a) { return (unsigned)_mm256_movemask_pd(a); }
static inline vr vr_of_floats(vf a, int half)
{
    return _mm256_cvtps_pd(half ? _mm256_extractf128_ps(a, 1) : _mm256_castps256_ps128(a));
}
static inline vr vr_count(vr n, vr a)
{
    return _mm256_add_pd(n, _mm256_blendv_pd(_mm256_setzero_pd(), _mm256_set1_pd(1), a));
}
static inline void vr_store_bytes(uint8_t *p, vr a)
{
    __m128i words = _mm256_cvtpd_epi32(a);
    words = _mm_packs_epi32(words, words);
    uint32_t bytes = (uint32_t)_mm_cvtsi128_si32(_mm_packus_epi16(words, words));
    memcpy(p, &bytes, sizeof bytes);
}
static inline vr vr_load_bytes(const uint8_t *p)
{
    int bytes;
    memcpy(&bytes, p, sizeof bytes);
    return _mm256_cvtepi32_pd(_mm_cvtepu8_epi32(_mm_cvtsi32_si128(bytes)));
}
static inline vr vr_where_equal(vr a, vr b, vr c, vr otherwise)
{
    return _mm256_blendv_pd(otherwise, c, _mm256_cmp_pd(a, b, _CMP_EQ_OQ));
}
static inline vr vr_gather(const real *p, const uint16_t *index)
{
    return _mm256_setr_pd(p[index[0]], p[index[1]], p[index[2]], p[index[3]]);
}
static inline vf vr_load_floats(const real *p)
{
    return _mm256_set_m128(_mm256_cvtpd_ps(_mm256_load_pd(p + 4)),
                           _mm256_cvtpd_ps(_mm256_load_pd(p)));
}
#endif

#endif
