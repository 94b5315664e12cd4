#include "net/synapse_places.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

enum { SHORT = 32 /* elements of a list, on the mean: of longer ones places are a small part */ };

static uint64_t first_bytes(uint64_t sources)
{
    return (sources + 2) * sizeof(uint32_t);
}

static uint64_t near_bytes(uint64_t sources)
{
    return (sources / SYNAPSE_NEAR + 1) * sizeof(uint32_t);
}

static uint64_t behind_bytes(uint64_t sources)
{
    return (sources + 1) * sizeof(uint16_t);
}

bool synapse_places_open(struct synapse_places *places, uint64_t sources)
{
    *places =
        (struct synapse_places){.sources = sources, .first = memory_alloc(first_bytes(sources))};
    if (places->first)
        memset(places->first, 0, first_bytes(sources));
    return places->first != NULL;
}

static void free_packed(struct synapse_places *places)
{
    memory_free(places->near, near_bytes(places->sources));
    memory_free(places->behind, behind_bytes(places->sources));
    places->near = NULL;
    places->behind = NULL;
}

static void free_first(struct synapse_places *places)
{
    memory_free(places->first, first_bytes(places->sources));
    places->first = NULL;
}

void synapse_places_close(struct synapse_places *places)
{
    free_packed(places);
    free_first(places);
}

/* False: lists of neighbours are too long for 16 bits. */
static bool pack(struct synapse_places *places)
{
    for (uint64_t i = 0; i <= places->sources; i++) {
        const uint32_t near = places->first[i / SYNAPSE_NEAR * SYNAPSE_NEAR];
        if (places->first[i] - near > UINT16_MAX)
            return false;
        places->near[i / SYNAPSE_NEAR] = near;
        places->behind[i] = (uint16_t)(places->first[i] - near);
    }
    return true;
}

bool synapse_places_pack(struct synapse_places *places)
{
    if (places->first[places->sources] >= SHORT * places->sources)
        return true;
    places->near = memory_alloc(near_bytes(places->sources));
    places->behind = memory_alloc(behind_bytes(places->sources));
    if (!places->near || !places->behind)
        return false;
    if (pack(places))
        free_first(places);
    else
        free_packed(places);
    return true;
}

uint64_t synapse_places_bytes(const struct synapse_places *places)
{
    const uint64_t packed = near_bytes(places->sources) + behind_bytes(places->sources);
    return places->first ? first_bytes(places->sources) : places->near ? packed : 0;
}

double synapse_places_making_bytes(double sources)
{
    return sources * sizeof(uint32_t);
}

double synapse_places_expected(double sources, double senders, double elements)
{
    const double packed = sizeof(uint16_t) + (double)sizeof(uint32_t) / SYNAPSE_NEAR;
    const bool near = SYNAPSE_NEAR * elements < UINT16_MAX / 2 * fmax(senders, 1);
    return sources * (elements < SHORT * sources && near ? packed : (double)sizeof(uint32_t));
}
