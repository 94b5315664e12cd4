#include "net/wiring_counts.h"

#include "base/elementary.h"
#include "base/elementary_inline.h"

#include <math.h>
#include <stdbool.h>

/* ln n! less Stirling's ln(sqrt(2 pi n) (n / e)^n). */
static double stirling_error(uint64_t n)
{
    static const double small[] = {
        0,
        0x1.4c071bcda0a5bp-4,
        0x1.52a9b923ea649p-5,
        0x1.c579a268d80b3p-6,
        0x1.54a2662fd78a9p-6,
        0x1.10b4e513fcbedp-6,
        0x1.c6b167bebdf36p-7,
        0x1.85d4d612e4a86p-7,
        0x1.552805e7b3076p-7,
        0x1.2f4871b12ab64p-7,
        0x1.10f9d4c0743a7p-7,
        0x1.f0593088014f8p-8,
        0x1.c7018733aa9c6p-8,
        0x1.a40514700f36cp-8,
        0x1.86076c002d4a7p-8,
        0x1.6c08f6f194a10p-8,
    };
    if (n < sizeof small / sizeof *small)
        return small[n];
    double x = (double)n, z = 1 / (x * x);
    double series = 1.0 / 1260 - z * (1.0 / 1680 - z * (1.0 / 1188));
    return (1.0 / 12 - z * (1.0 / 360 - z * series)) / x;
}

/* x ln(x / mean) + mean - x without cancellation (Loader 2000), for x > 0. */
static double deviance(double x, double mean)
{
    double far = x - mean, v = far / (x + mean);
    if (fabs(v) > 0.1)
        return x * elementary_log(x / mean) - far;
    double sum = far * v, term = 2 * x * v, before;
    int j = 1;
    do {
        before = sum;
        term *= v * v;
        sum += term / (j += 2);
    } while (sum != before);
    return sum;
}

/* ln(1 - x), 0 <= x < 1 (Kahan). */
static double log_of_rest(double x)
{
    double rest = 1 - x;
    return rest == 1 ? -x : elementary_log(rest) * (x / (1 - rest));
}

/* (1 - p)^n, the smaller of p and q = 1 - p being the more precise. */
static double no_success(uint64_t n, double p, double q)
{
    return elementary_exp((double)n * (p < 0.5 ? log_of_rest(p) : elementary_log(q)));
}

/* ln P(N = x) for Binomial(n, p) with 0 < x < n (Loader 2000) but for the factor below. */
static double binomial_exponent(uint64_t x, uint64_t n, double p, double q)
{
    double of_n = (double)n;
    return stirling_error(n) - stirling_error(x) - stirling_error(n - x) -
           deviance((double)x, of_n * p) - deviance((double)(n - x), of_n * q);
}

static double binomial_probability(uint64_t x, uint64_t n, double p, double q)
{
    if (x == 0)
        return no_success(n, p, q);
    if (x == n)
        return no_success(n, q, p);
    double factor = (double)n / (TWO_PI * (double)x * (double)(n - x));
    return elementary_exp(binomial_exponent(x, n, p, q)) * sqrt(factor);
}

static double poisson_probability(uint64_t x, double mean)
{
    if (x == 0)
        return elementary_exp(-mean);
    double exponent = -stirling_error(x) - deviance((double)x, mean);
    return elementary_exp(exponent) / sqrt(TWO_PI * (double)x);
}

/* With any p this is right (Loader 2000); with p = n / all no factor is small. */
static double hypergeometric_probability(uint64_t x, uint64_t n, uint64_t good, uint64_t all)
{
    double p = (double)n / (double)all, q = (double)(all - n) / (double)all;
    return binomial_probability(x, good, p, q) * binomial_probability(n - x, all - good, p, q) /
           binomial_probability(n, all, p, q);
}

static uint64_t mode_of(double mode, uint64_t least, uint64_t most)
{
    double nearest = fmin(fmax(mode, (double)least), (double)most);
    return nearest < (double)most ? (uint64_t)nearest : most;
}

struct wiring_count wiring_count_constant(uint64_t n)
{
    return (struct wiring_count){.law = LAW_CONSTANT, .n = n, .least = n, .most = n, .mode = n};
}

struct wiring_count wiring_count_binomial(uint64_t n, double part, double rest)
{
    if (n == 0 || part <= 0 || rest <= 0)
        return wiring_count_constant(part > 0 ? n : 0);
    double p = part / (part + rest), q = rest / (part + rest);
    struct wiring_count count = {.law = LAW_BINOMIAL, .n = n, .odds = part / rest, .most = n};
    count.mode = mode_of(((double)n + 1) * p, 0, n);
    count.at_mode = 0x1p64 * binomial_probability(count.mode, n, p, q);
    return count;
}

struct wiring_count wiring_count_poisson(double mean)
{
    if (mean <= 0)
        return wiring_count_constant(0);
    struct wiring_count count = {.law = LAW_POISSON, .odds = mean, .most = UINT64_MAX};
    count.mode = (uint64_t)mean;
    count.at_mode = 0x1p64 * poisson_probability(count.mode, mean);
    return count;
}

struct wiring_count wiring_count_hypergeometric(uint64_t n, uint64_t good, uint64_t all)
{
    struct wiring_count count = {.law = LAW_HYPERGEOMETRIC, .n = n, .good = good, .all = all};
    count.least = n > all - good ? n - (all - good) : 0;
    count.most = n < good ? n : good;
    if (count.least == count.most)
        return wiring_count_constant(count.most);
    count.mode =
        mode_of(((double)n + 1) * ((double)good + 1) / ((double)all + 2), count.least, count.most);
    count.at_mode = 0x1p64 * hypergeometric_probability(count.mode, n, good, all);
    return count;
}

/* P(k + 1) / P(k), k < most. */
static double ratio(const struct wiring_count *count, uint64_t k)
{
    switch (count->law) {
    case LAW_BINOMIAL:
        return (double)(count->n - k) * count->odds / (double)(k + 1);
    case LAW_POISSON:
        return count->odds / (double)(k + 1);
    case LAW_HYPERGEOMETRIC:
        return (double)(count->n - k) * (double)(count->good - k) /
               ((double)(k + 1) * (double)(count->all - count->good - count->n + k + 1));
    default:
        return 0;
    }
}

/* Whether the bits fall into the next probability (of 2^64); else it is taken off them. */
static bool falls_in(uint64_t *bits, double probability)
{
    if (probability >= 0x1p64)
        return true;
    uint64_t width = (uint64_t)probability;
    if (*bits < width)
        return true;
    *bits -= width;
    return false;
}

/* mode, mode + 1, mode - 1, mode + 2, ...: what is left when all have less than 2^-64 is the
 * rounding of the others, and goes to the mode. */
uint64_t wiring_count_draw(const struct wiring_count *count, uint64_t bits)
{
    uint64_t up = count->mode, down = up;
    double above = count->at_mode, below = above;
    if (count->law == LAW_CONSTANT || falls_in(&bits, above))
        return count->mode;
    while (above >= 1 || below >= 1) {
        above = up < count->most ? above * ratio(count, up) : 0;
        if (above >= 1 && falls_in(&bits, above))
            return up + 1;
        up += above >= 1;
        below = down > count->least ? below / ratio(count, down - 1) : 0;
        if (below >= 1 && falls_in(&bits, below))
            return down - 1;
        down -= below >= 1;
    }
    return count->mode;
}
