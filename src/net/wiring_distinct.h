/* Distinct numbers at random, by Floyd's algorithm (Bentley & Floyd 1987): any set is as likely. */
#ifndef MEGALIF_NET_WIRING_DISTINCT_H
#define MEGALIF_NET_WIRING_DISTINCT_H

#include "base/error.h"
#include "net/wiring_dice.h"

/* A set of numbers below n, as bits where that is smaller, else in open addressing; all zero:
 * empty, without memory. Which of both changes no number. */
struct wiring_distinct {
    uint64_t *word; /* bits; or 0: free, else the number and 1 */
    size_t room;    /* allocated words */
    bool is_bits;
    unsigned slot_bits; /* log2 of the slots: at least twice the numbers */
    uint64_t n, left;   /* `left` more of 0 ... n - 1 */
};

/* Begins with `count` of the numbers 0 ... n - 1; count <= n. */
enum status wiring_distinct_begin(struct wiring_distinct *distinct, uint64_t count, uint64_t n,
                                  struct error *err);

void wiring_distinct_free(struct wiring_distinct *distinct);

/* The next number, of synapse i of the dice; not more often than `count` times. */
uint64_t wiring_distinct_next(struct wiring_distinct *distinct, const struct wiring_dice *dice,
                              size_t i);

#endif
