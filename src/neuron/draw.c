#include "neuron/draw.h"

#include "base/digest.h"
#include "base/elementary.h"
#include "kernel/draw_laws.h"

#include <math.h>
#include <string.h>

static const double STANDARD[2] = {0.0, 1.0}; /* mean and standard deviation */

static double normal(struct philox_key key, uint64_t index, unsigned draw, const double *p)
{
    uint32_t word[4];
    philox_draw(word, key, index, (uint16_t)draw, 0);
    return fma(p[1], law_normal(word[0], word[1], word[2], word[3]), p[0]);
}

static bool within(double value, const double *p)
{
    return value >= p[2] && value <= p[3];
}

/* Tries from number `draw` on. */
static double normal_clipped(struct philox_key key, uint64_t index, unsigned draw, const double *p)
{
    for (; draw <= UINT16_MAX; draw++) {
        double value = normal(key, index, draw, p);
        if (within(value, p))
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

/* Where no random number is needed. */
static double along(const struct distribution *distribution, const struct draw_place *place)
{
    const double *p = distribution->parameter;
    switch (distribution->kind) {
    case DISTRIBUTION_LINSPACE:
        return evenly(place->position, place->positions, p[0], p[1]);
    case DISTRIBUTION_LEVELS:
        return evenly(place->copy, place->copies, p[0], p[1]);
    case DISTRIBUTION_FILE:
        return place->position < distribution->count ? distribution->list[place->position] : NAN;
    default:
        return p[0];
    }
}

double draw_value(const struct distribution *distribution, struct philox_key key,
                  const struct draw_place *place)
{
    const double *p = distribution->parameter;
    uint32_t word[4];
    switch (distribution->kind) {
    case DISTRIBUTION_UNIFORM:
        philox_draw(word, key, place->index, 0, 0);
        return law_uniform(word[0], word[1], p[0], p[1], nextafter(p[1], p[0]));
    case DISTRIBUTION_NORMAL:
        return normal(key, place->index, 0, p);
    case DISTRIBUTION_NORMAL_CLIPPED:
        return normal_clipped(key, place->index, 0, p);
    case DISTRIBUTION_LOGNORMAL:
        return p[0] * elementary_exp(p[1] * normal(key, place->index, 0, STANDARD));
    case DISTRIBUTION_CHOICE:
        philox_draw(word, key, place->index, 0, 0);
        return choice(word, distribution->list, distribution->count);
    default:
        return along(distribution, place);
    }
}

/* Choices for `count` indices, their words 16 at a time. */
static void choices(double *value, size_t count, const struct distribution *distribution,
                    struct philox_key key, uint64_t first, const struct kernels *kernels)
{
    enum { AT_ONCE = 16 };
    uint32_t word[AT_ONCE][4];
    for (size_t i = 0; i < count; i++) {
        uint64_t index = first + i, of_call = index % AT_ONCE;
        if (i == 0 || of_call == 0)
            kernels->philox16(word, key, 0, index - of_call, 0);
        value[i] = choice(word[of_call], distribution->list, distribution->count);
    }
}

/* draw_row within one copy. */
static void draw_in_copy(double *value, size_t count, const struct distribution *distribution,
                         struct philox_key key, struct draw_place place,
                         const struct kernels *kernels)
{
    const double *p = distribution->parameter;
    switch (distribution->kind) {
    case DISTRIBUTION_UNIFORM:
        kernels->draw_uniform(value, count, key, place.index, p[0], p[1]);
        break;
    case DISTRIBUTION_NORMAL:
        kernels->draw_normal(value, count, key, place.index, p[0], p[1]);
        break;
    case DISTRIBUTION_NORMAL_CLIPPED:
        kernels->draw_normal(value, count, key, place.index, p[0], p[1]);
        for (size_t i = 0; i < count; i++)
            if (!within(value[i], p))
                value[i] = normal_clipped(key, place.index + i, 1, p);
        break;
    case DISTRIBUTION_LOGNORMAL:
        kernels->draw_normal(value, count, key, place.index, STANDARD[0], STANDARD[1]);
        for (size_t i = 0; i < count; i++)
            value[i] = p[0] * elementary_exp(p[1] * value[i]);
        break;
    case DISTRIBUTION_CHOICE:
        choices(value, count, distribution, key, place.index, kernels);
        break;
    default:
        for (size_t i = 0; i < count; i++, place.index++, place.position++)
            value[i] = along(distribution, &place);
    }
}

/* What cells of this row have drawn, their copies have without drawing again. */
void draw_row(double *value, size_t count, const struct distribution *distribution,
              struct philox_key key, const struct draw_place *first, const struct kernels *kernels)
{
    struct draw_place place = *first;
    size_t n;
    for (size_t done = 0; done < count; done += n) {
        uint64_t of_copy = place.positions - place.position;
        n = of_copy < count - done ? (size_t)of_copy : count - done;
        if (done >= place.positions && distribution->kind != DISTRIBUTION_LEVELS)
            memcpy(value + done, value + done - place.positions, n * sizeof *value);
        else
            draw_in_copy(value + done, n, distribution, key, place, kernels);
        place.index -= place.position;
        place.position = 0;
        place.copy++;
    }
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
