#include "drive/cycle.h"

#include "base/elementary.h"

#include <stddef.h>

enum { MOST_DECIMALS = 18 };

static uint64_t greatest_common_divisor(uint64_t a, uint64_t b)
{
    while (b) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

const char *cycle_init(struct cycle *cycle, struct decimal frequency, struct decimal dt)
{
    /* per step: product 10^exponent turns, at most half a one */
    unsigned __int128 product =
        (unsigned __int128)(uint64_t)frequency.mantissa * (uint64_t)dt.mantissa;
    int decimals = 3 - frequency.exponent - dt.exponent;
    *cycle = (struct cycle){0, 1};
    if (product == 0)
        return NULL;
    for (; product % 10 == 0; product /= 10)
        decimals--;
    if (decimals <= 0)
        return "is above 1 / (2 dt); choose it lower, or a smaller dt";
    if (decimals > MOST_DECIMALS)
        return "has too many digits: frequency dt may have 18 decimals; round it";
    uint64_t steps = 1;
    for (int i = 0; i < decimals; i++)
        steps *= 10;
    if (product > steps / 2)
        return "is above 1 / (2 dt); choose it lower, or a smaller dt";
    uint64_t divisor = greatest_common_divisor(steps, (uint64_t)product);
    *cycle = (struct cycle){(uint64_t)product / divisor, steps / divisor};
    return NULL;
}

/* step * turns modulo steps */
static uint64_t phase_of(const struct cycle *cycle, uint64_t step)
{
    step %= cycle->steps;
    if (cycle->steps <= UINT32_MAX)
        return step * cycle->turns % cycle->steps;
    return (uint64_t)((unsigned __int128)step * cycle->turns % cycle->steps);
}

double cycle_sin(const struct cycle *cycle, uint64_t step, double phase_degrees)
{
    double turn = (double)phase_of(cycle, step) / (double)cycle->steps;
    return elementary_sin_turns(turn + phase_degrees / 360.0);
}
