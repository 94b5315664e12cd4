/* Which neurons a raster shows, and in which row. */
#include "plot/plot_neurons.h"

#include "base/digest.h"
#include "plot/plot_config.h"

#include <stdlib.h>
#include <string.h>

/* Where neither a file nor its config says which neurons of a population were recorded, the neurons
 * that occur are taken. */
enum { IDS_MOST = 65536, SLOTS = 4 * IDS_MOST };

struct id_set {
    const struct plot *plot;
    uint64_t *slot; /* [SLOTS] id + 1, or 0 */
    size_t count;
    uint64_t least, most;
};

static void add_id(struct id_set *set, uint64_t id)
{
    size_t at = (size_t)(mix64(id) % SLOTS);
    set->least = id < set->least ? id : set->least;
    set->most = id > set->most ? id : set->most;
    if (set->count > IDS_MOST)
        return;
    while (set->slot[at] != 0 && set->slot[at] != id + 1)
        at = (at + 1) % SLOTS;
    set->count += set->slot[at] == 0;
    set->slot[at] = id + 1;
}

static bool collect(const struct raster_piece *piece, void *context)
{
    struct id_set *set = context;
    for (size_t i = 0; i < piece->rows; i++) {
        if (plot_in_view(set->plot, piece->times[i]) && piece->ids[i] < UINT64_MAX)
            add_id(set, piece->ids[i]);
    }
    return true;
}

static int by_id(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* The set as a sorted list at its slots' beginning. */
static void sort_ids(struct id_set *set)
{
    size_t count = 0;
    for (size_t i = 0; i < SLOTS; i++) {
        if (set->slot[i] != 0)
            set->slot[count++] = set->slot[i] - 1;
    }
    qsort(set->slot, count, sizeof *set->slot, by_id);
}

static void take_set(struct plot_band *band, struct id_set *set)
{
    if (set->count <= IDS_MOST) {
        sort_ids(set);
        band->ids = set->slot;
        band->neurons = set->count;
    } else {
        band->first_id = set->least;
        band->neurons = set->most - set->least + 1;
        free(set->slot);
    }
}

static enum status find_occurring(const struct plot *plot, struct plot_band *band,
                                  struct error *err)
{
    struct id_set set = {.plot = plot, .least = UINT64_MAX};
    set.slot = calloc(SLOTS, sizeof *set.slot);
    if (!set.slot)
        return error_no_memory(err, NULL);
    enum status status =
        result_file_scan(plot->file, band->population, band->first, band->end, collect, &set, err);
    take_set(band, &set);
    return status;
}

/* The recorder's selection: with the neurons that were silent. */
static enum status find_selected(const struct plot *plot, struct plot_band *band, bool *found,
                                 struct error *err)
{
    const struct result_population *p = band->population;
    size_t place = plot_config_place(plot->config, p->name);
    *found = p->described && p->recorded;
    band->neurons = p->size;
    if (*found || place == SIZE_MAX || plot->config->population[place].size != p->size)
        return STATUS_OK;
    enum status status =
        plot_config_recorded(plot->config, place, &band->ids, &band->neurons, found, err);
    *found |= band->ids != NULL;
    return status;
}

enum status plot_find_neurons(const struct plot *plot, struct plot_band *band, struct error *err)
{
    bool found;
    enum status status = find_selected(plot, band, &found, err);
    if (!status && !found)
        status = find_occurring(plot, band, err);
    plot_neurons_take(band, plot->neurons > 0 ? plot->neurons : band->neurons);
    return status;
}

void plot_neurons_take(struct plot_band *band, uint64_t most)
{
    band->rows = most < band->neurons ? most : band->neurons;
    band->stride = band->rows > 0 ? band->neurons / band->rows : 1;
}

bool plot_row_of(const struct plot_band *band, uint64_t id, uint64_t *row)
{
    uint64_t index = id - band->first_id;
    if (band->ids) {
        const uint64_t *found = bsearch(&id, band->ids, band->neurons, sizeof *band->ids, by_id);
        if (!found)
            return false;
        index = (uint64_t)(found - band->ids);
    }
    *row = index / band->stride;
    return id >= band->first_id && index % band->stride == 0 && *row < band->rows;
}

uint64_t plot_row_id(const struct plot_band *band, uint64_t row)
{
    uint64_t index = row * band->stride;
    return band->ids ? band->ids[index] : band->first_id + index;
}
