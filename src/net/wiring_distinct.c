#include "net/wiring_distinct.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static enum status no_memory(uint64_t count, struct error *err)
{
    return error_no_memory(err, "to draw %" PRIu64 " different numbers", count);
}

static size_t words_of_bits(uint64_t n)
{
    return (size_t)(n / 64 + 1);
}

/* All of `words` words zero. */
static bool clear(struct wiring_distinct *distinct, size_t words)
{
    if (words > distinct->room) {
        free(distinct->word);
        distinct->word = calloc(words, sizeof *distinct->word);
        distinct->room = distinct->word ? words : 0;
        return distinct->word != NULL;
    }
    memset(distinct->word, 0, words * sizeof *distinct->word);
    return true;
}

enum status wiring_distinct_begin(struct wiring_distinct *distinct, uint64_t count, uint64_t n,
                                  struct error *err)
{
    distinct->n = n;
    distinct->left = count;
    distinct->slot_bits = 1;
    while (distinct->slot_bits < 47 && UINT64_C(1) << distinct->slot_bits < 2 * count)
        distinct->slot_bits++;
    size_t slots = (size_t)1 << distinct->slot_bits;
    distinct->is_bits = words_of_bits(n) <= slots;
    return clear(distinct, distinct->is_bits ? words_of_bits(n) : slots) ? STATUS_OK
                                                                         : no_memory(count, err);
}

void wiring_distinct_free(struct wiring_distinct *distinct)
{
    free(distinct->word);
    *distinct = (struct wiring_distinct){0};
}

static bool insert_bit(struct wiring_distinct *distinct, uint64_t number)
{
    uint64_t *word = &distinct->word[number / 64], bit = UINT64_C(1) << number % 64;
    bool is_new = !(*word & bit);
    *word |= bit;
    return is_new;
}

static bool insert_slot(struct wiring_distinct *distinct, uint64_t number)
{
    size_t mask = ((size_t)1 << distinct->slot_bits) - 1;
    size_t at = (size_t)(number * UINT64_C(0x9e3779b97f4a7c15) >> (64 - distinct->slot_bits));
    while (distinct->word[at] != 0) {
        if (distinct->word[at] == number + 1)
            return false;
        at = (at + 1) & mask;
    }
    distinct->word[at] = number + 1;
    return true;
}

/* False: it is in the set. */
static bool insert(struct wiring_distinct *distinct, uint64_t number)
{
    return distinct->is_bits ? insert_bit(distinct, number) : insert_slot(distinct, number);
}

uint64_t wiring_distinct_next(struct wiring_distinct *distinct, const struct wiring_dice *dice,
                              size_t i)
{
    uint64_t last = distinct->n - distinct->left--;
    uint64_t number = wiring_dice_below(dice, i, last + 1);
    if (insert(distinct, number))
        return number;
    insert(distinct, last);
    return last;
}
