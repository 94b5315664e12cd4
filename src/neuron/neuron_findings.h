/* What must be said of the neurons of a population once they are drawn: the checks that only drawn
 * values need. */
#ifndef MEGALIF_NEURON_FINDINGS_H
#define MEGALIF_NEURON_FINDINGS_H

#include "neuron/neuron_rows.h"

/* What single neurons are found with. */
enum finding_kind {
    /* 0 .. POPULATION_KEYS_MOST - 1: a drawn value outside its key's range */
    FINDING_RESET_ABOVE_THRESHOLD = POPULATION_KEYS_MOST,
    FINDING_FLOOR_ABOVE_RESET,
    FINDING_TAU_BELOW_DT,
    FINDING_TAU_BELOW_10_DT,
    FINDING_STARTS_ABOVE_THRESHOLD,
    FINDING_EXCITES_BELOW_THRESHOLD, /* reversal potentials on the wrong side of V_th */
    FINDING_INHIBITS_ABOVE_THRESHOLD,
    FINDINGS
};
struct findings {
    struct finding of[FINDINGS];
    uint64_t
        digest; /* of all drawn values: a sum modulo 2^64 over (key, neuron, bits of the value) */
};

/* Adds what is to be said of some neurons, and their drawn values to the digest. */
void findings_check(struct findings *findings, const struct neuron_rows *rows);
void findings_merge(struct findings *into, const struct findings *part);

/* Writes findings as lines; returns STATUS_CONFIG if any is an error. */
enum status findings_report(const struct findings *findings, const struct neuron_source *source,
                            struct messages *errors, struct messages *warnings);

#endif
