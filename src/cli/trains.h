/* Statistics of the spike trains of a population, from its spikes in the order of time: what a
 * counts recorder says (engine/neuron_counts.h), CV2, chi and correlations. One pass; memory does
 * not depend on how many spikes there are: 40 bytes a train, 52 in windows of more than 2^32 steps.
 * A neuron has less than 2^32 spikes. One thread at a time. */
#ifndef MEGALIF_CLI_TRAINS_H
#define MEGALIF_CLI_TRAINS_H

#include "engine/neuron_counts.h"

#include <stdbool.h>

enum {
    TRAINS_MOST = 1 << 20,      /* of N neurons more than that every k-th, k = ceil(N / most) */
    TRAINS_CORRELATED = 200,    /* likewise, for pairs */
    TRAINS_LEAST_INTERVALS = 10 /* of a neuron, for CV and CV2 */
};

/* Steps in (begin, end] are looked at; bins of `bin` steps begin at `begin`, and only whole ones
 * count. */
struct trains_window {
    uint64_t begin, end, bin;
};

/* NaN: has no value. Moments are exact up to the last division, sums over neurons and pairs are in
 * double, in the order of ids.
 *   cv2          mean over neurons with enough intervals of the mean of 2 |b - a| / (a + b) over
 *                successive intervals a, b (Holt et al. 1996, J. Neurophysiol. 75:1806); two
 *                intervals of 0 are left out
 *   chi          sqrt(variance of the neurons' mean count in a bin / mean over neurons of the
 *                variance of their own): Golomb and Rinzel 1993, Phys. Rev. E 48:4810, with counts
 *                in place of potentials. 1: all fire as one; 1 / sqrt(N): independent
 *   correlation  mean over pairs of Pearson's coefficient of their counts in bins, of every k-th
 *                neuron, k = ceil(N / TRAINS_CORRELATED), that has spikes */
struct train_statistics {
    struct count_statistics counts;
    double cv2, chi, correlation;
    uint64_t pairs; /* that the correlation is the mean of */
};

struct trains;

/* size: neurons of the population. STATUS_MEMORY. */
enum status trains_open(struct trains **out, uint64_t size, struct trains_window window,
                        struct error *err);
void trains_close(struct trains *trains); /* NULL is fine */

/* `count` spikes, at most 2^24, in one step that is not earlier than that of those before them, of
 * neurons ids[k] < size. `known` >= count: so many ids < size stand at `ids`, the spikes that come
 * next behind these; to know them makes it faster. */
void trains_add(struct trains *trains, const uint64_t *ids, size_t count, size_t known,
                uint64_t step);

/* seconds: of the window. Nothing may be added afterwards. STATUS_MEMORY. */
enum status trains_end(struct trains *trains, double seconds, struct train_statistics *out,
                       struct error *err);

#endif
