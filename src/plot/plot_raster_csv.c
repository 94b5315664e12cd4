/* The numbers of a raster's picture as CSV. */
#include "plot/plot_raster_csv.h"

#include "base/decimal.h"
#include "plot/plot_csv.h"
#include "plot/plot_neurons.h"
#include "plot/plot_raster_data.h"

#include <inttypes.h>
#include <math.h>

static void row_begin(FILE *out, const char *panel, const struct plot_band *band, double time)
{
    char number[32];
    fprintf(out, "%s,", panel);
    plot_csv_text(out, band->population->name);
    fprintf(out, ",%s,", double_format(time, number));
}

static void csv_spikes(FILE *out, const struct plot *plot)
{
    for (size_t i = 0; i < plot->dot_count; i++) {
        const struct plot_band *band = &plot->band[plot->dot[i].band];
        if (band->dense)
            continue;
        double row = (plot->dot[i].y - band->low) / (band->high - band->low) * (double)band->rows;
        row_begin(out, "spike", band, plot->dot[i].time);
        fprintf(out, "%" PRIu64 ",\n", plot_row_id(band, (uint64_t)row));
    }
}

static void csv_cells(FILE *out, const struct plot *plot, const struct plot_band *band)
{
    char number[32];
    for (size_t y = 0; y < band->cell_rows; y++) {
        double row = ceil((double)y * (double)band->rows / (double)band->cell_rows);
        for (size_t x = 0; x < plot->columns; x++) {
            if (band->cells[y * plot->columns + x] == 0)
                continue;
            row_begin(out, "density", band, plot->from + (double)x * plot->column_ms);
            fprintf(out, "%" PRIu64 ",%s\n", plot_row_id(band, (uint64_t)row),
                    double_format(plot_cell_rate(plot, band, y, x), number));
        }
    }
}

static void csv_rates(FILE *out, const struct plot *plot, const struct plot_band *band)
{
    char number[32];
    for (size_t b = 0; band->rate && b < plot->bins; b++) {
        row_begin(out, "rate", band, plot->bin_from + (double)b * plot->bin_ms);
        fprintf(out, ",%s\n", double_format(band->rate[b], number));
    }
}

void plot_raster_csv(FILE *out, const void *context)
{
    const struct plot *plot = context;
    fputs("panel,population,time (ms),neuron,rate (Hz)\n", out);
    csv_spikes(out, plot);
    for (size_t i = 0; i < plot->band_count; i++)
        if (plot->band[i].dense)
            csv_cells(out, plot, &plot->band[i]);
    for (size_t i = 0; i < plot->band_count; i++)
        csv_rates(out, plot, &plot->band[i]);
}
