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
static double standard_normal(struct philox_key key, uint64_t id, uint16_t draw)
{
    uint32_t word[4];
    philox_draw(word, key, id, draw, 0);
    double radius = unit(word[0], word[1]) + 0x1p-54;
    return sqrt(-2.0 * elementary_log(radius)) * elementary_cos_turns(unit(word[2], word[3]));
}

static double uniform(struct philox_key key, uint64_t id, double lo, double hi)
{
    uint32_t word[4];
    philox_draw(word, key, id, 0, 0);
    double value = fma(unit(word[0], word[1]), hi - lo, lo);
    return value < hi ? value : nextafter(hi, lo); /* rounding may reach hi */
}

static double normal_clipped(struct philox_key key, uint64_t id, const double *p)
{
    for (unsigned draw = 0; draw <= UINT16_MAX; draw++) {
        double value = fma(p[1], standard_normal(key, id, (uint16_t)draw), p[0]);
        if (value >= p[2] && value <= p[3])
            return value;
    }
    return NAN;
}

static double linspace(uint64_t id, uint64_t size, double first, double last)
{
    if (id + 1 == size && size > 1)
        return last;
    return size > 1 ? fma((double)id / (double)(size - 1), last - first, first) : first;
}

double draw_value(const struct distribution *distribution, struct philox_key key, uint64_t id,
                  uint64_t size)
{
    const double *p = distribution->parameter;
    switch (distribution->kind) {
    case DISTRIBUTION_UNIFORM:
        return uniform(key, id, p[0], p[1]);
    case DISTRIBUTION_NORMAL:
        return fma(p[1], standard_normal(key, id, 0), p[0]);
    case DISTRIBUTION_NORMAL_CLIPPED:
        return normal_clipped(key, id, p);
    case DISTRIBUTION_LOGNORMAL:
        return p[0] * elementary_exp(p[1] * standard_normal(key, id, 0));
    case DISTRIBUTION_LINSPACE:
        return linspace(id, size, p[0], p[1]);
    case DISTRIBUTION_CONSTANT:
        break;
    }
    return p[0];
}

struct philox_key draw_stream_key(uint64_t seed, const char *kind, const char *name,
                                  const char *detail)
{
    uint64_t stream = fnv1a64_continue(fnv1a64(kind), name);
    if (detail)
        stream = fnv1a64_continue(fnv1a64_continue(stream, "/"), detail);
    return philox_stream_key(seed, stream);
}
