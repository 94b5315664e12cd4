/* The value of one key, as read from INI text: numbers with units, distributions, lists, words. */
#ifndef MEGALIF_CONFIG_VALUE_H
#define MEGALIF_CONFIG_VALUE_H

#include "base/decimal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Each dimension has one unit in which all numbers are kept: NEST's. */
enum dimension {
    DIMENSION_NONE,
    DIMENSION_TIME,        /* ms */
    DIMENSION_VOLTAGE,     /* mV */
    DIMENSION_CAPACITANCE, /* pF */
    DIMENSION_CONDUCTANCE, /* nS */
    DIMENSION_RESISTANCE,  /* MOhm */
    DIMENSION_CURRENT,     /* pA */
    DIMENSION_RATE,        /* Hz */
    DIMENSION_NOISE        /* pA ms^1/2: the strength of a white current */
};

enum distribution_kind {
    DISTRIBUTION_CONSTANT,       /* value(value) */
    DISTRIBUTION_UNIFORM,        /* [lo, hi) */
    DISTRIBUTION_NORMAL,         /* mean, sd */
    DISTRIBUTION_NORMAL_CLIPPED, /* mean, sd, lo, hi: redrawn until in [lo, hi] */
    DISTRIBUTION_LOGNORMAL,      /* median (in the key's unit), sigma (of the logarithm, no unit) */
    DISTRIBUTION_LINSPACE,       /* first, last: over the ids, both ends included */
    DISTRIBUTION_CHOICE,         /* one of a list, each as likely */
    DISTRIBUTION_LEVELS,         /* first, last: over the copies of a population, both included */
    DISTRIBUTION_FILE /* one value for each cell: path and dataset or column in text, part */
};

struct distribution {
    enum distribution_kind kind;
    double parameter[4]; /* in the order written above, in the unit of the key's dimension */
    const double *list;  /* CHOICE: owned by the config; FILE: a value for each position, set by
                            whoever reads the file, NULL before */
    size_t count;        /* of list, >= 1; FILE: 0 before it is read */
};

enum value_kind {
    VALUE_NUMBER,       /* one number with a unit */
    VALUE_INTEGER,      /* a whole number >= 0; 8e5 works too */
    VALUE_TIME,         /* a time that is a whole multiple of dt; may be "inf" where stated */
    VALUE_DISTRIBUTION, /* a number or a distribution */
    VALUE_NUMBERS, /* a comma-separated list of numbers, one unit for all may stand behind the last
                    */
    VALUE_TIMES,   /* likewise of times, strictly increasing */
    VALUE_WORD, /* one of the words in key.words, or, where it has none, of those that types bring
                 */
    VALUE_FLAG, /* yes | no */
    VALUE_TEXT  /* free text: a path, a target */
};

/* One key of a section: what may be written, and what holds when nothing is written. */
struct key {
    const char *name;
    enum value_kind kind;
    enum dimension dimension;
    const char *fallback; /* default as INI text; NULL: none (value.given tells) */
    bool required;
    double least, most; /* closed range of every constant, in the dimension's unit */
    bool positive;      /* beyond the range: must be > 0 */
    const char *words;  /* VALUE_WORD: "single|double"; NULL: any, who reads it knows them */
    bool dt_least;      /* and must not be below dt */
    int side;           /* of V_th that a reversal potential is thought to be on: 1 above, -1 below;
                           0: it is none */
    bool weight;        /* its dimension is that of weights onto the target's model (weight.h) */
    const char *share;  /* VALUE_INTEGER: what a tenth of all is written as; NULL: nothing */
    const char *help;   /* one line, for documentation and error messages */
};

#define VALUE_FOREVER UINT64_MAX /* the steps of a time that never comes */

/* A value holds what its kind says; the rest is zero. Owned by the config. */
struct value {
    bool given;                 /* written in the file or by an override (not a fallback) */
    bool present;               /* given or has a fallback */
    int line;                   /* 1-based line in the file; 0: an override (--set) or a fallback */
    struct distribution number; /* NUMBER, DISTRIBUTION (a constant has parameter[0]), TIME in ms */
    struct decimal exact;       /* the constant's exact decimal in the dimension's unit */
    uint64_t integer;           /* INTEGER; TIME: steps; WORD: index in key.words; FLAG: 0 or 1 */
    double *numbers;            /* NUMBERS, TIMES (ms) */
    uint64_t *steps;            /* TIMES */
    size_t count;               /* of numbers and steps */
    char *text;                 /* WORD, TEXT; DISTRIBUTION_FILE: the path */
    char *part;                 /* DISTRIBUTION_FILE: dataset or column; NULL: none written */
};

#endif
