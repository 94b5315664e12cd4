#include "neuron/poisson_thin.h"

#include <math.h>
#include <string.h>

enum {
    LOWEST = -6,
    MORE_DRAW = 11, /* before it: counts, their ties, and the bits of thinning */
    SLOTS = 8,
    AT_ONCE = 512 /* 2^-512 and its like are far from underflow */
};

/* Least k >= LOWEST with mean <= 2^k. */
static int power_above(double mean)
{
    uint64_t bits;
    mean = mean > 0x1p-6 ? mean : 0x1p-6; /* no branch: means are in no order */
    memcpy(&bits, &mean, sizeof bits);
    return (int)(bits >> 52) - 1023 + ((bits & UINT64_C(0xfffffffffffff)) != 0);
}

struct poisson_levels poisson_levels_for(double lo, double hi, double most)
{
    struct poisson_levels levels = {.lowest = power_above(fmin(lo, most))};
    levels.count = (size_t)(power_above(fmin(hi, most)) - levels.lowest + 1);
    for (size_t i = 0; i < levels.count; i++)
        levels.mean[i] = fmin(ldexp(1.0, levels.lowest + (int)i), most);
    return levels;
}

size_t poisson_level_of(const struct poisson_levels *levels, double mean)
{
    int power = power_above(mean);
    size_t level = power > levels->lowest ? (size_t)(power - levels->lowest) : 0;
    return level < levels->count ? level : levels->count - 1;
}

/* base^n by squaring. */
static double power_of(double base, uint32_t n)
{
    double power = 1.0;
    for (; n > 0; n >>= 1) {
        power *= n & 1 ? base : 1.0;
        base *= base;
    }
    return power;
}

/* How many of n <= AT_ONCE events are lost: the inverse of the binomial distribution at u. *sum: of
 * the probabilities up to that. */
static uint32_t lost_at(double u, uint32_t n, double chance, double *sum)
{
    double odds = (1.0 - chance) / chance, probability = power_of(chance, n);
    uint32_t lost = 0;
    *sum = probability;
    while (lost < n && u >= *sum) {
        probability *= (double)(n - lost) / (double)(lost + 1) * odds;
        *sum += probability;
        lost++;
    }
    return lost;
}

/* In [0, 1), of 53 bits. */
static double more(const struct poisson_place *place, unsigned chunk)
{
    uint32_t word[4];
    philox_draw(word, place->key, place->group, (uint16_t)(MORE_DRAW + place->slot + chunk * SLOTS),
                place->step);
    return (double)((uint64_t)word[0] << 21 | word[1] >> 11) * 0x1p-53;
}

uint32_t poisson_thin_slowly(uint32_t n, double chance, uint32_t bits,
                             const struct poisson_place *place)
{
    double u = bits * 0x1p-32, sum;
    if (!(chance > 0.0))
        return 0;
    chance = fmin(chance, 1.0);
    uint32_t some = n < AT_ONCE ? n : AT_ONCE;
    uint32_t lost = lost_at(u, some, chance, &sum);
    if (sum < u + 0x1p-32) /* the bits below these decide */
        lost = lost_at(u + more(place, 0) * 0x1p-32, some, chance, &sum);
    uint32_t left = some - lost;
    for (unsigned chunk = 1; some < n; chunk++) {
        uint32_t next = n - some < AT_ONCE ? n - some : AT_ONCE;
        left += next - lost_at(more(place, chunk), next, chance, &sum);
        some += next;
    }
    return left;
}
