#include "net/wiring_values.h"

#include "base/elementary.h"
#include "kernel/draw_laws.h"

/* One number of a batch's rows. */
struct row {
    const struct wiring *wiring;
    const struct distribution *from;
    struct philox_key key;
    uint64_t tile, first;
    size_t count;
};

static void constants(double *value, const struct row *row)
{
    for (size_t i = 0; i < row->count; i++)
        value[i] = row->from->parameter[0];
}

static void uniforms(double *value, const struct row *row)
{
    const double *p = row->from->parameter, before = nextafter(p[1], p[0]);
    struct wiring_dice dice;
    wiring_dice_open(&dice, row->wiring->kernels, row->key, row->tile, UINT64_MAX);
    wiring_dice_fill(&dice, row->first, row->count);
    for (size_t i = 0; i < row->count; i++) {
        const uint32_t *word = &dice.word[2 * i];
        double v = p[0] + law_unit(word[0], word[1]) * (p[1] - p[0]);
        value[i] = v < p[1] ? v : before;
    }
}

static void choices(double *value, const struct row *row)
{
    struct wiring_dice dice;
    wiring_dice_open(&dice, row->wiring->kernels, row->key, row->tile, row->from->count);
    wiring_dice_fill(&dice, row->first, row->count);
    for (size_t i = 0; i < row->count; i++)
        value[i] = row->from->list[wiring_dice_below(&dice, i, row->from->count)];
}

/* The kernel's normals, as noise has them: of neuron `number` in step `tile`. */
static void normals(double *value, const struct row *row, double mean, double sd)
{
    _Alignas(64) float normal[WIRING_BATCH];
    size_t whole = (row->count + TILE_ALIGN - 1) / TILE_ALIGN * TILE_ALIGN;
    row->wiring->kernels->normals(normal, whole, row->key, row->tile, row->first);
    for (size_t i = 0; i < row->count; i++)
        value[i] = mean + sd * (double)normal[i];
}

static bool is_within(double value, const double *p)
{
    return (value >= p[2]) & (value <= p[3]);
}

/* Draws 1, 2, ... of one synapse. It ends: the config takes no range that is met by fewer than one
 * in a thousand. */
static double clipped(const struct row *row, size_t i)
{
    const double *p = row->from->parameter;
    double value;
    uint16_t draw = 0;
    do {
        uint32_t w[4];
        philox_draw(w, row->key, row->first + i, ++draw, row->tile);
        value = p[0] + p[1] * law_normal(w[0], w[1], w[2], w[3]);
    } while (!is_within(value, p));
    return value;
}

static void clipped_normals(double *value, const struct row *row)
{
    const double *p = row->from->parameter;
    uint16_t outside[WIRING_BATCH];
    size_t count = 0;
    normals(value, row, p[0], p[1]);
    for (size_t i = 0; i < row->count; i++) { /* without a branch, which nobody could foresee */
        outside[count] = (uint16_t)i;
        count += !is_within(value[i], p);
    }
    for (size_t k = 0; k < count; k++)
        value[outside[k]] = clipped(row, outside[k]);
}

static void lognormals(double *value, const struct row *row)
{
    const double *p = row->from->parameter;
    normals(value, row, 0, p[1]);
    for (size_t i = 0; i < row->count; i++)
        value[i] = p[0] * elementary_exp(value[i]);
}

void wiring_values(double *value, const struct wiring *wiring, const struct distribution *from,
                   struct philox_key key, uint64_t tile, uint64_t first, size_t count)
{
    const struct row row = {wiring, from, key, tile, first, count};
    switch (from->kind) {
    case DISTRIBUTION_UNIFORM:
        uniforms(value, &row);
        break;
    case DISTRIBUTION_NORMAL:
        normals(value, &row, from->parameter[0], from->parameter[1]);
        break;
    case DISTRIBUTION_NORMAL_CLIPPED:
        clipped_normals(value, &row);
        break;
    case DISTRIBUTION_LOGNORMAL:
        lognormals(value, &row);
        break;
    case DISTRIBUTION_CHOICE:
        choices(value, &row);
        break;
    default:
        constants(value, &row);
        break;
    }
}

uint32_t wiring_delay_steps(double delay, double dt)
{
    double steps = delay / dt + 0.5;
    if (!(steps >= 1))
        return 1;
    return steps < UINT32_MAX ? (uint32_t)steps : UINT32_MAX;
}
