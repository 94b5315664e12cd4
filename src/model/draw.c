#include "model/draw.h"

#include "base/digest.h"
#include "base/elementary.h"

#include <math.h>

/* [0, 1) with 53 bits. */
static double unit(uint32_t high, uint32_t low)
{
    return (double)((uint64_t)high << 21 | low >> 11) * 0x1p-53;
}

/* Box and Muller; the half keeps the logarithm away from 0. */
static double standard_normal(const uint32_t word[4])
{
    double radius = unit(word[0], word[1]) + 0x1p-54;
    return sqrt(-2.0 * elementary_log(radius)) * elementary_cos_turns(unit(word[2], word[3]));
}

static double uniform(const uint32_t word[4], double lo, double hi)
{
    double value = fma(unit(word[0], word[1]), hi - lo, lo);
    return value < hi ? value : nextafter(hi, lo); /* rounding may reach hi */
}

static double normal_clipped(struct philox_key key, uint64_t id, const double *p)
{
    for (unsigned draw = 0; draw <= UINT16_MAX; draw++) {
        uint32_t word[4];
        philox_draw(word, key, id, (uint16_t)draw, 0);
        double value = fma(p[1], standard_normal(word), p[0]);
        if (value >= p[2] && value <= p[3])
            return value;
    }
    return NAN;
}

/* first at position 0, last at the last of them. */
static double evenly(uint64_t at, uint64_t count, double first, double last)
{
    if (at + 1 == count && count > 1)
        return last;
    return count > 1 ? fma((double)at / (double)(count - 1), last - first, first) : first;
}

/* The high half of U count, U of 64 bits. */
static double choice(const uint32_t word[4], const double *list, size_t count)
{
    uint64_t u = (uint64_t)word[0] << 32 | word[1];
    return list[(size_t)((unsigned __int128)u * count >> 64)];
}

double draw_value(const struct distribution *distribution, struct philox_key key,
                  struct draw_place place)
{
    uint32_t word[4];
    if (draw_takes_words(distribution))
        philox_draw(word, key, place.index, 0, 0);
    return draw_value_of_words(distribution, key, &place, word);
}

bool draw_takes_words(const struct distribution *distribution)
{
    return distribution->kind == DISTRIBUTION_UNIFORM ||
           distribution->kind == DISTRIBUTION_NORMAL ||
           distribution->kind == DISTRIBUTION_LOGNORMAL ||
           distribution->kind == DISTRIBUTION_CHOICE;
}

double draw_value_of_words(const struct distribution *distribution, struct philox_key key,
                           const struct draw_place *place, const uint32_t word[4])
{
    const double *p = distribution->parameter;
    uint64_t id = place->index;
    switch (distribution->kind) {
    case DISTRIBUTION_UNIFORM:
        return uniform(word, p[0], p[1]);
    case DISTRIBUTION_NORMAL:
        return fma(p[1], standard_normal(word), p[0]);
    case DISTRIBUTION_NORMAL_CLIPPED:
        return normal_clipped(key, id, p);
    case DISTRIBUTION_LOGNORMAL:
        return p[0] * elementary_exp(p[1] * standard_normal(word));
    case DISTRIBUTION_LINSPACE:
        return evenly(place->position, place->positions, p[0], p[1]);
    case DISTRIBUTION_LEVELS:
        return evenly(place->copy, place->copies, p[0], p[1]);
    case DISTRIBUTION_CHOICE:
        return choice(word, distribution->list, distribution->count);
    case DISTRIBUTION_FILE:
        return place->position < distribution->count ? distribution->list[place->position] : NAN;
    case DISTRIBUTION_CONSTANT:
        break;
    }
    return p[0];
}

void draw_bounds(const struct distribution *distribution, double *lo, double *hi)
{
    enum { FAR = 8 };
    const double *p = distribution->parameter;
    *lo = *hi = p[0];
    switch (distribution->kind) {
    case DISTRIBUTION_CONSTANT:
        break;
    case DISTRIBUTION_UNIFORM:
    case DISTRIBUTION_LINSPACE:
    case DISTRIBUTION_LEVELS:
        *lo = fmin(p[0], p[1]);
        *hi = fmax(p[0], p[1]);
        break;
    case DISTRIBUTION_NORMAL:
        *lo = p[0] - FAR * p[1];
        *hi = p[0] + FAR * p[1];
        break;
    case DISTRIBUTION_NORMAL_CLIPPED:
        *lo = p[2];
        *hi = p[3];
        break;
    case DISTRIBUTION_LOGNORMAL:
        *lo = p[0] * elementary_exp(-FAR * p[1]);
        *hi = p[0] * elementary_exp(FAR * p[1]);
        break;
    case DISTRIBUTION_CHOICE:
    case DISTRIBUTION_FILE:
        *lo = *hi = distribution->count > 0 ? distribution->list[0] : 0.0;
        for (size_t i = 1; i < distribution->count; i++) {
            *lo = fmin(*lo, distribution->list[i]);
            *hi = fmax(*hi, distribution->list[i]);
        }
        break;
    }
}

struct philox_key draw_stream_key(uint64_t seed, const char *kind, const char *name,
                                  const char *detail)
{
    uint64_t stream = fnv1a64_continue(fnv1a64(kind), name);
    if (detail)
        stream = fnv1a64_continue(fnv1a64_continue(stream, "/"), detail);
    return philox_stream_key(seed, stream);
}
