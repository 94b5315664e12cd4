#include "bench/limits.h"

#if defined KERNEL_AVX2 || defined KERNEL_AVX512
#include <immintrin.h>
#endif
#if defined __GNUC__ && !defined __clang__
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized" /* of _mm512_undefined_*: GCC bug 105593 */
#endif

namespace
{
using std::size_t;
using std::uint32_t;
using std::uint64_t;

#if KERNEL_BITS == 32
using real = float;
#else
using real = double;
#endif

/* vec: a register of reals. words: a register of 32-bit numbers in 64-bit lanes. */
#if defined KERNEL_AVX512
using words = __m512i;
words set_words(uint32_t a)
{
    return _mm512_set1_epi64(a);
}
words multiply(words a, words b)
{
    return _mm512_mul_epu32(a, b);
}
words high(words a)
{
    return _mm512_srli_epi64(a, 32);
}
words xor3(words a, words b, words c)
{
    return _mm512_ternarylogic_epi64(a, b, c, 0x96);
}
words counters(uint64_t first)
{
    return _mm512_add_epi64(_mm512_set1_epi64(static_cast<long long>(first)),
                            _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7));
}
#if KERNEL_BITS == 32
using vec = __m512;
vec set1(real a)
{
    return _mm512_set1_ps(a);
}
vec load(const real *p)
{
    return _mm512_load_ps(p);
}
void store(real *p, vec a)
{
    _mm512_store_ps(p, a);
}
vec add(vec a, vec b)
{
    return _mm512_add_ps(a, b);
}
vec fma(vec a, vec b, vec c)
{
    return _mm512_fmadd_ps(a, b, c);
}
vec fnma(vec a, vec b, vec c)
{
    return _mm512_fnmadd_ps(a, b, c);
}
uint64_t signs(vec a)
{
    return static_cast<uint64_t>(_mm512_movepi32_mask(_mm512_castps_si512(a)));
}
void store_bits(real *p, words a)
{
    _mm512_store_ps(p, _mm512_castsi512_ps(a));
}
#else
using vec = __m512d;
vec set1(real a)
{
    return _mm512_set1_pd(a);
}
vec load(const real *p)
{
    return _mm512_load_pd(p);
}
void store(real *p, vec a)
{
    _mm512_store_pd(p, a);
}
vec add(vec a, vec b)
{
    return _mm512_add_pd(a, b);
}
vec fma(vec a, vec b, vec c)
{
    return _mm512_fmadd_pd(a, b, c);
}
vec fnma(vec a, vec b, vec c)
{
    return _mm512_fnmadd_pd(a, b, c);
}
uint64_t signs(vec a)
{
    return static_cast<uint64_t>(_mm512_movepi64_mask(_mm512_castpd_si512(a)));
}
void store_bits(real *p, words a)
{
    _mm512_store_pd(p, _mm512_castsi512_pd(a));
}
#endif
#elif defined KERNEL_AVX2
using words = __m256i;
words set_words(uint32_t a)
{
    return _mm256_set1_epi64x(a);
}
words multiply(words a, words b)
{
    return _mm256_mul_epu32(a, b);
}
words high(words a)
{
    return _mm256_srli_epi64(a, 32);
}
words xor3(words a, words b, words c)
{
    return _mm256_xor_si256(_mm256_xor_si256(a, b), c);
}
words counters(uint64_t first)
{
    return _mm256_add_epi64(_mm256_set1_epi64x(static_cast<long long>(first)),
                            _mm256_setr_epi64x(0, 1, 2, 3));
}
#if KERNEL_BITS == 32
using vec = __m256;
vec set1(real a)
{
    return _mm256_set1_ps(a);
}
vec load(const real *p)
{
    return _mm256_load_ps(p);
}
void store(real *p, vec a)
{
    _mm256_store_ps(p, a);
}
vec add(vec a, vec b)
{
    return _mm256_add_ps(a, b);
}
vec fma(vec a, vec b, vec c)
{
    return _mm256_fmadd_ps(a, b, c);
}
vec fnma(vec a, vec b, vec c)
{
    return _mm256_fnmadd_ps(a, b, c);
}
uint64_t signs(vec a)
{
    return static_cast<uint64_t>(_mm256_movemask_ps(a));
}
void store_bits(real *p, words a)
{
    _mm256_store_ps(p, _mm256_castsi256_ps(a));
}
#else
using vec = __m256d;
vec set1(real a)
{
    return _mm256_set1_pd(a);
}
vec load(const real *p)
{
    return _mm256_load_pd(p);
}
void store(real *p, vec a)
{
    _mm256_store_pd(p, a);
}
vec add(vec a, vec b)
{
    return _mm256_add_pd(a, b);
}
vec fma(vec a, vec b, vec c)
{
    return _mm256_fmadd_pd(a, b, c);
}
vec fnma(vec a, vec b, vec c)
{
    return _mm256_fnmadd_pd(a, b, c);
}
uint64_t signs(vec a)
{
    return static_cast<uint64_t>(_mm256_movemask_pd(a));
}
void store_bits(real *p, words a)
{
    _mm256_store_pd(p, _mm256_castsi256_pd(a));
}
#endif
#else
/* One lane; a CPU without fused operations would multiply and add, so that is the limit here. */
using words = uint64_t;
words set_words(uint32_t a)
{
    return a;
}
words multiply(words a, words b)
{
    return (a & 0xffffffff) * b;
}
words high(words a)
{
    return a >> 32;
}
words xor3(words a, words b, words c)
{
    return a ^ b ^ c;
}
words counters(uint64_t first)
{
    return first;
}
using vec = real;
vec set1(real a)
{
    return a;
}
vec load(const real *p)
{
    return *p;
}
void store(real *p, vec a)
{
    *p = a;
}
vec add(vec a, vec b)
{
    return a + b;
}
vec fma(vec a, vec b, vec c)
{
    return a * b + c;
}
vec fnma(vec a, vec b, vec c)
{
    return c - a * b;
}
uint64_t signs(vec a)
{
    return __builtin_signbit(a) != 0;
}
void store_bits(real *p, words a)
{
    *p = static_cast<real>(static_cast<uint32_t>(a));
}
#endif

constexpr size_t GROUP = 64, LANES = sizeof(vec) / sizeof(real);
constexpr size_t WORD_LANES = sizeof(words) / sizeof(uint64_t);

/* The same, in a register from here on: without this compilers load u twice. */
vec keep(vec a)
{
#if defined KERNEL_AVX512
    __asm__("" : "+v"(a));
#elif defined KERNEL_AVX2
    __asm__("" : "+x"(a));
#endif
    return a;
}

template <bool E, bool D, bool JUMP>
uint64_t step_loop(real *u, const real *e, const real *d, const real *jump, real e1, real d1,
                   size_t count)
{
    const vec minus_e = set1(-e1), all = set1(d1);
    uint64_t crossed = 0;
    for (size_t first = 0; first < count; first += GROUP) {
        uint64_t below = 0;
        for (size_t j = 0; j < GROUP; j += LANES) {
            size_t i = first + j;
            vec v = keep(load(u + i)), drift = D ? load(d + i) : all;
            v = add(v, E ? fnma(load(e + i), v, drift) : fma(minus_e, v, drift));
            if (JUMP)
                v = add(v, load(jump + i));
            store(u + i, v);
            below |= signs(v) << j;
        }
        crossed |= ~below;
    }
    return crossed;
}

uint64_t step(void *u, const void *e, const void *d, const void *jump, double e1, double d1,
              size_t count)
{
    auto *pu = static_cast<real *>(u);
    auto *pe = static_cast<const real *>(e), *pd = static_cast<const real *>(d);
    auto *pj = static_cast<const real *>(jump);
    auto re = static_cast<real>(e1), rd = static_cast<real>(d1);
    if (e)
        return step_loop<true, true, false>(pu, pe, pd, pj, re, rd, count);
    if (jump)
        return step_loop<false, true, true>(pu, pe, pd, pj, re, rd, count);
    return d ? step_loop<false, true, false>(pu, pe, pd, pj, re, rd, count)
             : step_loop<false, false, false>(pu, pe, pd, pj, re, rd, count);
}

void accumulate(void *out, const void *in, const void *row, double c, size_t count)
{
    auto *o = static_cast<real *>(out);
    auto *a = static_cast<const real *>(in), *b = static_cast<const real *>(row);
    const vec factor = set1(static_cast<real>(c));
#pragma GCC unroll 4
    for (size_t i = 0; i < count; i += LANES)
        store(o + i, fma(factor, load(b + i), load(a + i)));
}

void random(void *row, size_t count, const uint32_t key[2], uint64_t number)
{
    auto *out = static_cast<real *>(row);
    constexpr size_t ABREAST = 2;              /* registers of counters, as each waits for itself */
    constexpr size_t NEURONS = 8 * WORD_LANES; /* of a register */
    const words m0 = set_words(0xD2511F53), m1 = set_words(0xCD9E8D57);
    for (size_t i = 0; i < count; i += ABREAST * NEURONS) {
        words x[ABREAST][4];
        for (size_t n = 0; n < ABREAST; n++) {
            x[n][0] = counters(i / 8 + n * WORD_LANES);
            x[n][1] = set_words(0);
            x[n][2] = set_words(static_cast<uint32_t>(number));
            x[n][3] = set_words(static_cast<uint32_t>(number >> 32));
        }
        uint32_t k0 = key[0], k1 = key[1];
#pragma GCC unroll 10 /* so that what all counters share is computed once */
        for (int round = 0; round < 10; round++) {
            for (size_t n = 0; n < ABREAST; n++) {
                words p0 = multiply(x[n][0], m0), p1 = multiply(x[n][2], m1);
                x[n][0] = xor3(high(p1), x[n][1], set_words(k0));
                x[n][1] = p1;
                x[n][2] = xor3(high(p0), x[n][3], set_words(k1));
                x[n][3] = p0;
            }
            k0 += 0x9E3779B9;
            k1 += 0xBB67AE85;
        }
        for (size_t n = 0; n < ABREAST; n++)
            for (size_t j = 0; j < NEURONS; j += LANES)
                store_bits(out + i + n * NEURONS + j, x[n][j / LANES % 4]);
    }
}
} // namespace

#define JOIN_(isa, bits) limits_##isa##_##bits
#define JOIN(isa, bits) JOIN_(isa, bits)
#if defined KERNEL_AVX512
#define TABLE JOIN(avx512, KERNEL_BITS)
#elif defined KERNEL_AVX2
#define TABLE JOIN(avx2, KERNEL_BITS)
#else
#define TABLE JOIN(scalar, KERNEL_BITS)
#endif
extern const limit_loops TABLE;
const limit_loops TABLE = {step, accumulate, random};
