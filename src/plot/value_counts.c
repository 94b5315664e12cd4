#include "plot/value_counts.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum status value_counts_open(struct value_counts *counts, double unit, struct error *err)
{
    *counts = (struct value_counts){.unit = unit,
                                    .bin = 1,
                                    .low = INFINITY,
                                    .high = -INFINITY,
                                    .least = INFINITY,
                                    .greatest = -INFINITY};
    counts->count = calloc(VALUE_COUNTS_ROOM, sizeof *counts->count);
    return counts->count ? STATUS_OK : error_no_memory(err, "for a histogram");
}

void value_counts_close(struct value_counts *counts)
{
    free(counts->count);
    counts->count = NULL;
}

/* Bins become twice as wide. */
static void widen(struct value_counts *c)
{
    double first = floor(c->first / 2), odd = c->first - 2 * first;
    uint64_t *count = c->count;
    for (size_t i = 0; i < VALUE_COUNTS_ROOM; i++) {
        uint64_t here = count[i];
        count[i] = 0;
        count[(i + (size_t)odd) / 2] += here;
    }
    c->first = first;
    c->bin *= 2;
    c->low = floor(c->low / 2);
    c->high = floor(c->high / 2);
}

/* Moves what there is to the middle of the room. */
static void centre(struct value_counts *c, double low, double high)
{
    double first = low - floor((VALUE_COUNTS_ROOM - (high - low + 1)) / 2);
    size_t used = (size_t)(c->high - c->low + 1);
    size_t from = (size_t)(c->low - c->first), to = (size_t)(c->low - first);
    memmove(c->count + to, c->count + from, used * sizeof *c->count);
    for (size_t i = 0; i < VALUE_COUNTS_ROOM; i++)
        if (i < to || i >= to + used)
            c->count[i] = 0;
    c->first = first;
}

/* Makes room for a multiple beside all that there are. */
static void make_room(struct value_counts *c, double multiple)
{
    if (c->all == 0) {
        c->first = floor(multiple / c->bin) - VALUE_COUNTS_ROOM / 2;
        return;
    }
    double low = fmin(c->low, floor(multiple / c->bin));
    double high = fmax(c->high, floor(multiple / c->bin));
    while (high - low >= VALUE_COUNTS_ROOM) {
        widen(c);
        low = fmin(c->low, floor(multiple / c->bin));
        high = fmax(c->high, floor(multiple / c->bin));
    }
    if (low < c->first || high >= c->first + VALUE_COUNTS_ROOM)
        centre(c, low, high);
}

/* Bins in use; their numbers may be too large to count with. */
static size_t used(const struct value_counts *c)
{
    return c->all > 0 ? (size_t)(c->high - c->low) + 1 : 0;
}

static uint64_t count_at(const struct value_counts *c, size_t bin)
{
    return c->count[(size_t)(c->low - c->first) + bin];
}

void value_counts_add(struct value_counts *c, double multiple, uint64_t times)
{
    multiple = fmax(-DBL_MAX, fmin(DBL_MAX, multiple));
    double bin = floor(multiple / c->bin);
    if (!(bin >= c->low && bin <= c->high)) {
        make_room(c, multiple);
        bin = floor(multiple / c->bin);
        c->low = fmin(c->low, bin);
        c->high = fmax(c->high, bin);
    }
    c->count[(size_t)(bin - c->first)] += times;
    c->all += times;
    c->least = fmin(c->least, multiple);
    c->greatest = fmax(c->greatest, multiple);
}

void value_counts_merge(struct value_counts *c, const struct value_counts *from)
{
    if (from->all == 0)
        return;
    while (c->all > 0 && c->bin < from->bin)
        widen(c);
    c->bin = fmax(c->bin, from->bin);
    for (size_t i = 0; i < used(from); i++)
        if (count_at(from, i) > 0)
            value_counts_add(c, (from->low + (double)i) * from->bin, count_at(from, i));
    c->least = fmin(c->least, from->least);
    c->greatest = fmax(c->greatest, from->greatest);
}

/* The value in the middle of a bin. */
static double middle(const struct value_counts *c, double bin)
{
    return c->unit * (bin * c->bin + (c->bin - 1) / 2);
}

static double sum_of_powers(const struct value_counts *c, double about, int power)
{
    double sum = 0;
    for (size_t i = 0; i < used(c); i++)
        sum += (double)count_at(c, i) * pow(middle(c, c->low + (double)i) - about, power);
    return sum;
}

double value_counts_mean(const struct value_counts *c)
{
    double about = middle(c, c->low); /* so that equal values have exactly their mean */
    return c->all > 0 ? about + sum_of_powers(c, about, 1) / (double)c->all : NAN;
}

double value_counts_deviation(const struct value_counts *c)
{
    return c->all > 0 ? sqrt(sum_of_powers(c, value_counts_mean(c), 2) / (double)c->all) : NAN;
}

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
    while (b > 0) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* Bins between one that occurs and the next, if these are evenly spaced: else some bars would hold
 * more of them than others. */
static uint64_t spacing(const struct value_counts *c)
{
    uint64_t spacing = 0;
    for (size_t i = 0; i < used(c); i++)
        if (count_at(c, i) > 0)
            spacing = common_divisor(i, spacing);
    return spacing > 0 ? spacing : 1;
}

/* The least of 1, 2, 5, 10, ... that is not below a number. */
static double round_up(double number)
{
    double power = 1;
    while (10 * power < number)
        power *= 10;
    return power * (power >= number ? 1 : 2 * power >= number ? 2 : 5 * power >= number ? 5 : 10);
}

enum status value_bars_make(struct value_bars *bars, const struct value_counts *c, size_t most,
                            struct error *err)
{
    *bars = (struct value_bars){0};
    if (c->all == 0)
        return STATUS_OK;
    double each = (double)spacing(c), places = (c->high - c->low) / each + 1;
    double by = round_up(places / (double)most);
    double offset = c->low - each * floor(c->low / each);
    double first = floor((c->low - offset) / each / by),
           last = floor((c->high - offset) / each / by);
    bars->count = (size_t)(last - first + 1);
    bars->height = calloc(bars->count, sizeof *bars->height);
    if (!bars->height)
        return error_no_memory(err, "for a histogram");
    for (size_t i = 0; i < used(c); i++)
        bars->height[(size_t)(floor((c->low + (double)i - offset) / each / by) - first)] +=
            count_at(c, i);
    bool alone = c->least == c->greatest;
    bars->width = alone ? 0 : each * by * c->bin * c->unit;
    bars->from = alone ? c->least * c->unit
                       : middle(c, offset + first * by * each) - each * c->bin * c->unit / 2;
    return STATUS_OK;
}

void value_bars_free(struct value_bars *bars)
{
    free(bars->height);
}
