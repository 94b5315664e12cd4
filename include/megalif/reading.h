/* megalif: numbers of a simulation without a file: statistics, counts, rates, parameters. megalif.h
 * includes this file.
 *
 * As all reading calls: between two calls of mlif_advance or after mlif_finish, several threads at
 * once. They are of the steps done so far, and those of the file (docs/format.md) once the
 * simulation is finished. On an error nothing is written to the caller's arrays; errors may be
 * NULL. MLIF_CONFIG: there is no such population, recorder, parameter or range. */
#ifndef MLIF_API
#include <megalif/megalif.h>
#elif !defined MEGALIF_READING_H
#define MEGALIF_READING_H

#ifdef __cplusplus
extern "C" {
#endif

enum {
    MLIF_QUANTILES = 5,            /* 5 %, 25 %, 50 %, 75 %, 95 % */
    MLIF_PARAMETER_NAME_MOST = 160 /* bytes of a parameter's name, with its zero byte */
};

/* What the spikes of a population say. What follows `counted` needs a counts recorder, whose start
 * and stop it keeps to, and is NaN or 0 without one. */
struct mlif_population_statistics {
    uint64_t spikes;               /* all, recorded or not */
    uint64_t after_warmup;         /* of these */
    double mean_rate_Hz;           /* after warmup; NaN when nothing is left after it */
    double synchrony;              /* variance over mean of spikes in 1 ms, after warmup */
    char digest[33];               /* of its spikes: 32 digits and a zero byte */
    int counted;                   /* nonzero: it has a counts recorder */
    double rate_standard_error_Hz; /* of the mean rate, from the spread between neurons */
    double rate_quantile_Hz[MLIF_QUANTILES]; /* of the neurons' rates */
    double silent_fraction;                  /* of the neurons */
    double fano_factor;                      /* variance over mean of the neurons' counts */
    double mean_cv;      /* of intervals, over neurons with at least 10; NaN without any */
    uint64_t cv_neurons; /* how many these are */
};

/* Takes memory for a histogram of counts: MLIF_MEMORY. */
MLIF_API enum mlif_status mlif_read_statistics(const struct mlif_simulation *simulation,
                                               size_t population,
                                               struct mlif_population_statistics *statistics,
                                               struct mlif_messages *errors);

/* What a counts recorder has of neurons begin ... end - 1, into arrays of end - begin, each of
 * which may be NULL: spikes; the step at whose end the first and the last one were (time / dt; 0:
 * none); the sum of the squares of intervals, in steps, modulo 2^64. MLIF_CONFIG also when no
 * counts recorder names the population. */
MLIF_API enum mlif_status mlif_read_counts(const struct mlif_simulation *simulation,
                                           size_t population, uint64_t begin, uint64_t end,
                                           uint64_t *spikes, uint64_t *first_step,
                                           uint64_t *last_step, uint64_t *interval_square_sum,
                                           struct mlif_messages *errors);

/* The bins in which the spikes of a population are counted: those of the rate recorder
 * [record.NAME], or with NULL for it those of 1 ms that every population has. Bin i is
 * (start + i width, start + (i + 1) width]; *count have begun. */
MLIF_API enum mlif_status mlif_rate_bins(const struct mlif_simulation *simulation,
                                         const char *recorder, size_t population, double *start_ms,
                                         double *width_ms, uint64_t *count,
                                         struct mlif_messages *errors);

/* The spikes of all neurons in bins begin ... end - 1 of these, into spikes[end - begin]. */
MLIF_API enum mlif_status mlif_read_rates(const struct mlif_simulation *simulation,
                                          const char *recorder, size_t population, uint64_t begin,
                                          uint64_t end, uint64_t *spikes,
                                          struct mlif_messages *errors);

/* The parameters of a population, numbered from 0: the model's keys, C_m, tau_m, g_L and R_m
 * whether given or derived, and as "input.NAME.KEY" what its inputs have drawn for its neurons. The
 * name goes to name[MLIF_PARAMETER_NAME_MOST], *units is a unit that lives for ever ("" for a plain
 * number). MLIF_CONFIG: there is no parameter of this number. */
MLIF_API enum mlif_status mlif_parameter_name(const struct mlif_simulation *simulation,
                                              size_t population, size_t parameter,
                                              char name[MLIF_PARAMETER_NAME_MOST],
                                              const char **units);

/* A parameter of neurons begin ... end - 1, as the config has it or as it was drawn, into
 * values[end - begin]; NaN where the input does not act. They are drawn again. */
MLIF_API enum mlif_status mlif_read_parameter(const struct mlif_simulation *simulation,
                                              size_t population, const char *name, uint64_t begin,
                                              uint64_t end, double *values,
                                              struct mlif_messages *errors);

#ifdef __cplusplus
}
#endif

#endif
