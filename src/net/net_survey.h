/* What a projection will be like, before its synapses are made: for `check`, and for the memory
 * that a run takes. */
#ifndef MEGALIF_NET_SURVEY_H
#define MEGALIF_NET_SURVEY_H

#include "base/memory_plan.h"
#include "net/net_settings.h"
#include "net/synapses.h"

struct net_survey {
    double synapses; /* to expect */
    bool exact;      /* with certainty */
    enum projection_storage storage;
    enum synapse_kind kind;
    double weight;                  /* of SYNAPSE_TARGET */
    double bytes;                   /* of all its lists, at most */
    uint32_t least, greatest;       /* delay, steps */
    double indegree, outdegree;     /* means */
    double indegree_most;           /* that the sums have room for */
    double rounding, rounding_most; /* of weights: rms and largest error / their rms; NaN: of a file
                                       that says them */
    double positive;                /* share of weights above 0; NaN: of a file that says them */
    bool wide_helps;                /* weight_bits = 32 makes it smaller */
    double working_bytes;           /* of a thread that makes its largest list, beside that one */
    double kept_bytes;              /* for all threads while synapses are made */
    double event_s;                 /* processor time of an arrival, roughly */
    double sources;                 /* of procedural ones */
    double tables;                  /* lists, into which threads can divide the work */
};

/* Draws some thousand weights and delays of the projection. STATUS_MEMORY. */
enum status net_survey(struct net_survey *out, const struct config *config, size_t projection,
                       const struct net_settings *settings, struct error *err);

/* Wall time to make all synapses, roughly: of a processor of 2020 or so. */
double net_survey_seconds(const struct net_survey *survey, int threads);

#endif
