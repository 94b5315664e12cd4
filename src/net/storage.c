#include "net/storage.h"

#include "net/wiring_bounds.h"

enum { CONFLICTS = 16 }; /* lines */

/* Bitmaps are taken where they are no more than a quarter larger than lists, so of many targets
 * from about 1 in 19 pairs on: there they are faster, but for a step in which next to nobody has
 * spiked.
 */
static const double row_most = 1.25;

const char *storage_word(enum projection_storage storage)
{
    static const char *const word[] = {[STORAGE_AUTOMATIC] = "automatic",
                                       [STORAGE_LISTS] = "lists",
                                       [STORAGE_BITMAPS] = "bitmaps",
                                       [STORAGE_PROCEDURAL] = "procedural"};
    return word[storage];
}

size_t storage_row_bytes(uint64_t targets)
{
    const size_t lines = (size_t)((targets + 8 * STORAGE_LINE - 1) / (8 * STORAGE_LINE));
    return (lines + (lines % CONFLICTS == 0)) * STORAGE_LINE;
}

bool storage_has_copies(const struct projection_config *p)
{
    return p->multapses && p->rule != RULE_PAIRWISE_BERNOULLI && p->rule != RULE_ONE_TO_ONE &&
           p->rule != RULE_ALL_TO_ALL;
}

static bool may_be_bits(const struct projection_config *p)
{
    return p->rule != RULE_FILE &&
           p->value[PROJECTION_WEIGHT].number.kind == DISTRIBUTION_CONSTANT &&
           p->value[PROJECTION_DELAY].number.kind == DISTRIBUTION_CONSTANT;
}

enum projection_storage storage_of(const struct projection_config *projection)
{
    if (projection->storage != STORAGE_AUTOMATIC)
        return projection->storage;
    if (!may_be_bits(projection))
        return STORAGE_LISTS;
    const double lists = wiring_expected_count(projection) * sizeof(uint16_t);
    const double rows =
        (double)projection->sources * (double)storage_row_bytes(projection->targets);
    return rows <= row_most * lists ? STORAGE_BITMAPS : STORAGE_LISTS;
}
