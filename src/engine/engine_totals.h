/* What an engine has counted. */
#ifndef MEGALIF_ENGINE_ENGINE_TOTALS_H
#define MEGALIF_ENGINE_ENGINE_TOTALS_H

#include "base/digest.h"
#include "engine/neuron_counts.h"
#include "engine/rate_bins.h"

/* What is known of a population so far. Owned by the engine. */
struct engine_totals {
    struct digest digest;         /* of all spikes, recorded or not; digest.spikes counts them */
    uint64_t after_warmup;        /* spikes in the steps after warmup */
    uint64_t recorded;            /* spikes selected by its recorder */
    bool records_all;             /* no spike is left out of the raster */
    uint64_t parameters_digest;   /* of all values drawn for its neurons */
    const struct rate_bins *bins; /* of 1 ms, from step 0 on */
    const struct neuron_counts *counts; /* NULL without a counts recorder */
    uint64_t counts_start, counts_stop; /* steps whose spikes they count: warmup is left out */
};

/* What a program has changed between blocks (change.h): numbers of values. */
struct engine_changes {
    uint64_t spikes, V_m, currents, rates;
};

#endif
