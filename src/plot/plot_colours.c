/* Colours, and the strip that says what they mean. */
#include "plot/plot_colours.h"

#include <math.h>

uint32_t plot_colour(size_t band)
{
    /* Okabe and Ito's colours, told apart by all eyes; their yellow darker, to be seen on white. */
    static const uint32_t colours[PLOT_COLOURS] = {0x0072b2, 0xd55e00, 0x009e73, 0xcc79a7,
                                                   0xe69f00, 0x56b4e9, 0x000000, 0x8a7f00};
    return colours[band % PLOT_COLOURS];
}

static double part(uint32_t colour, int shift)
{
    return colour >> shift & 0xff;
}

uint32_t plot_shade(double value, uint32_t colour)
{
    uint32_t shade = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
        double full = part(colour, shift);
        double shown = value < 0.8 ? 255 + (full - 255) * value / 0.8 : full * (1.8 - value);
        shade |= (uint32_t)(shown + 0.5) << shift;
    }
    return shade;
}

uint32_t plot_sequential(double value, uint32_t ignored)
{
    /* matplotlib's viridis at every eighth. */
    static const uint32_t at[] = {0x440154, 0x472d7b, 0x3b528b, 0x2c728e, 0x21918c,
                                  0x28ae80, 0x5ec962, 0xaddc30, 0xfde725};
    enum { LAST = sizeof at / sizeof *at - 1 };
    double place = fmin(1, fmax(0, value)) * LAST;
    int below = place < LAST ? (int)place : LAST - 1;
    uint32_t colour = 0;
    (void)ignored;
    for (int shift = 16; shift >= 0; shift -= 8) {
        double low = part(at[below], shift), high = part(at[below + 1], shift);
        colour |= (uint32_t)(low + (high - low) * (place - below) + 0.5) << shift;
    }
    return colour;
}

void plot_draw_bar(FILE *out, const struct plot_layout *l, const struct plot_bar *bar)
{
    enum { SHADES = 48 };
    const struct plot_style style = {"left", 0.8, false, PLOT_FAINT};
    double x = bar->x / l->width, wide = 0.7 * l->font / l->width, height = bar->bottom - bar->top;
    for (int s = 0; s < SHADES; s++) {
        double low = bar->bottom - height * s / SHADES;
        double high = fmax(bar->top, low - 1.2 * height / SHADES); /* no gap between two */
        fprintf(out,
                "set object rectangle from screen %.5f, screen %.5f to screen %.5f, screen %.5f "
                "noclip fc rgb '#%06x' fs solid noborder\n",
                x, 1 - low / l->height, x + wide, 1 - high / l->height,
                bar->colour_of(bar->most * (s + 0.5) / SHADES, bar->colour));
    }
    plot_label(out, l, bar->x + 1.1 * l->font, bar->top + fmin(0.4 * l->font, 0.5 * height), &style,
               bar->high);
    if (height > 2.4 * l->font)
        plot_label(out, l, bar->x + 1.1 * l->font, bar->bottom - 0.4 * l->font, &style, bar->low);
}
