/* Sweeps: the section [sweep] of a config, and the points it stands for.
 *
 *   [sweep]
 *   population.exc.I_e = grid(200 pA, 300 pA, 11)     ; lines multiply, the last one varies fastest
 *   simulation.seed    = range(1:6)                   ; half open
 *   population.a.V_th, population.b.V_th = zip(values(-50; -55 mV), values(-48; -53 mV))
 *   seed  = same          ; or point: every point has a seed of its own
 *   files = all           ; or none: the table alone is kept
 *
 * A point is the config with one value for each of these keys, as if given by --set. */
#ifndef MEGALIF_CONFIG_SWEEP_H
#define MEGALIF_CONFIG_SWEEP_H

#include "config/config.h"

#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
enum { SWEEP_POINTS_MOST = 100 }; /* a fuzzer would spend its time on reading points */
#else
enum { SWEEP_POINTS_MOST = 100000 };
#endif

/* One key that is swept. */
struct sweep_key {
    const char *name;  /* "population.exc.I_e" */
    const char *label; /* the shortest end of it that no other has: "I_e" */
    size_t line; /* index of the line it stands in: lines multiply, keys of one vary together */
    const char **text;     /* the line's values of it */
    const struct key *key; /* what the schema says of it */
    bool number;     /* all values are numbers of the key's kind, not distributions or words */
    int config_line; /* 0: by --vary */
};

struct sweep_point {
    char *name;    /* "I_e=210pA,seed=3": good for a file name; unique within the sweep */
    uint64_t hash; /* of its resolved config */
};

struct sweep {
    struct sweep_key *key;
    size_t key_count;
    size_t *line_values; /* values of each line */
    size_t line_count;
    bool files;         /* files = all */
    bool seed_by_point; /* seed = point */
    uint64_t seed;      /* the config's own */
    struct sweep_point *point;
    size_t point_count;
    struct config *first; /* point 0's config */
};

/* What a sweep is read from; texts are copied. */
struct sweep_source {
    const char *text; /* of the config, */
    size_t length;
    const char *name;             /* its path, for messages */
    const char *const *overrides; /* --set */
    size_t override_count;
    const char *const *vary; /* --vary KEY=LIST: replaces the line of [sweep] with these keys, or
                                adds one */
    size_t vary_count;
    const struct config_types *types;
};

#endif
