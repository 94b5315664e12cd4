#include "net/wiring_dice.h"

enum { GROUPS = 16 }; /* of a call of the kernel */

void wiring_dice_open(struct wiring_dice *dice, const struct kernels *kernels,
                      struct philox_key key, uint64_t tile, uint64_t most)
{
    dice->kernels = kernels;
    dice->key = key;
    dice->tile = tile;
    dice->wide = most > WIRING_NARROW;
    dice->first = 0;
}

void wiring_dice_fill(struct wiring_dice *dice, uint64_t first, size_t count)
{
    const size_t of_group = dice->wide ? 2 : 4; /* synapses */
    dice->first = first;
    for (size_t done = 0; done < count; done += GROUPS * of_group) {
        uint32_t(*word)[4] = (uint32_t(*)[4])(dice->word + done / of_group * 4);
        dice->kernels->philox16(word, dice->key, dice->tile, (first + done) / of_group, 0);
    }
}

/* Whether the low half of a product with n is among those that would be one too many. */
static bool is_biased(bool wide, uint64_t low, uint64_t n)
{
    return low < (wide ? -n % n : (UINT64_C(1) << 32) % n);
}

uint64_t wiring_dice_again(const struct wiring_dice *dice, size_t i, uint64_t n)
{
    const uint64_t number = dice->first + i;
    for (uint16_t draw = 0;; draw++) {
        uint32_t word[4];
        philox_draw(word, dice->key, number / (dice->wide ? 2 : 4), draw, dice->tile);
        const uint32_t *of = &word[dice->wide ? number % 2 * 2 : number % 4];
        unsigned __int128 product = dice->wide ? ((uint64_t)of[0] << 32 | of[1]) : of[0];
        product *= n;
        uint64_t low = dice->wide ? (uint64_t)product : (uint32_t)product;
        if (!is_biased(dice->wide, low, n))
            return (uint64_t)(product >> (dice->wide ? 64 : 32));
    }
}
