/* Statistics of a population of a spike file: those that its counts recorder left, and from the
 * raster what nobody has counted. */
#ifndef MEGALIF_CLI_RESULT_STATISTICS_H
#define MEGALIF_CLI_RESULT_STATISTICS_H

#include "cli/cli_json.h"
#include "cli/result_file.h"

#define RESULT_STATISTICS_SPIKES 100000000 /* read of a population, unless more are asked for */
#define RESULT_STATISTICS_BIN 2.0          /* ms */

struct result_reading {
    uint64_t most_spikes; /* of each population: the first ones; 0: the raster is not read */
    double bin;           /* ms: width of the bins of chi and the correlation, above 0 */
    bool progress;        /* on standard error, where it takes long */
};

/* NaN: unknown, or there is none. In the units of the names that the JSON has. */
enum result_statistic {
    STATISTIC_CV,
    STATISTIC_CV2,
    STATISTIC_ERROR, /* standard error of the mean rate */
    STATISTIC_Q05,
    STATISTIC_Q25,
    STATISTIC_MEDIAN,
    STATISTIC_Q75,
    STATISTIC_Q95,
    STATISTIC_SILENT,
    STATISTIC_FANO,
    STATISTIC_SYNCHRONY,
    STATISTIC_CHI,
    STATISTIC_CORRELATION,
    STATISTICS
};

struct result_statistics {
    double value[STATISTICS];
    uint64_t cv_neurons, pairs; /* that CV and the correlation are means of */
    double bin, stop; /* ms: of the bins; to where the raster was looked at; NaN: it was not */
};

/* The raster is read where it has all spikes of the population (`recorded`) and says dt, piece by
 * piece. Memory: 40 bytes a neuron of at most 2^20, 52 where there are more than 2^32 steps, and
 * some MB. STATUS_OUTPUT where the file is damaged, STATUS_MEMORY; then *out is as if the raster
 * had not been read. */
enum status result_statistics_read(const struct result_file *file,
                                   const struct result_population *population,
                                   const struct result_reading *reading,
                                   struct result_statistics *out, struct error *err);

/* Name of a statistic, as in /megalif/populations and in JSON. */
const char *result_statistics_name(enum result_statistic which);

/* Their members in the open object of a population; null for what is unknown. */
void result_statistics_json(struct cli_json *json, const struct result_statistics *statistics);

#endif
