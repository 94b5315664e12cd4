/* Numbers of synapses at random: binomial, Poisson and hypergeometric, by inversion from the mode
 * outwards. Each probability is right to some 2^-50 of itself and taken to a multiple of 2^-64, so
 * that the whole differs from the law by less than 2^-40 in total variation. The same bits
 * everywhere. All are pure and thread-safe. */
#ifndef MEGALIF_NET_WIRING_COUNTS_H
#define MEGALIF_NET_WIRING_COUNTS_H

#include <stdint.h>

enum wiring_law { LAW_CONSTANT, LAW_BINOMIAL, LAW_POISSON, LAW_HYPERGEOMETRIC };

/* What is worth keeping where many numbers of one law are drawn. */
struct wiring_count {
    enum wiring_law law;
    uint64_t n;           /* tries, draws; of LAW_CONSTANT the number itself */
    uint64_t good, all;   /* HYPERGEOMETRIC: `n` of `all` are drawn; how many of the `good` ones? */
    double odds;          /* BINOMIAL: p / (1 - p); POISSON: the mean */
    uint64_t least, most; /* that can be */
    uint64_t mode;
    double at_mode; /* 2^64 P(mode) */
};

struct wiring_count wiring_count_constant(uint64_t n);

/* p = part / (part + rest), one of them > 0: each as precise as a double can be. */
struct wiring_count wiring_count_binomial(uint64_t n, double part, double rest);
struct wiring_count wiring_count_poisson(double mean);

/* Good ones among n of all, drawn without putting back. n <= all, good <= all < 2^63. */
struct wiring_count wiring_count_hypergeometric(uint64_t n, uint64_t good, uint64_t all);

/* The number for 64 uniform bits. */
uint64_t wiring_count_draw(const struct wiring_count *count, uint64_t bits);

#endif
