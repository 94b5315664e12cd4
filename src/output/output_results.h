/* What a run adds to its files under /megalif (io/provenance.h): how it came about, and what was
 * counted. */
#ifndef MEGALIF_OUTPUT_RESULTS_H
#define MEGALIF_OUTPUT_RESULTS_H

#include "setup/setup.h"

#include <hdf5.h>

struct output_results {
    const struct setup *setup;
    const struct engine *engine;
    const struct mlif_report *report;
    const struct messages *warnings;
    const char *started; /* ISO 8601 */
};

/* All of these return STATUS_OUTPUT when the file cannot be written, or STATUS_MEMORY; the calling
 * thread must be the only one that uses this file. */

/* Writes what is known before the first step: the config and the drawn parameters, so that a disk
 * without room for them is found out early. */
enum status output_write_model(hid_t file, const struct setup *setup, struct error *err);

/* Writes the rest of /megalif, for the steps that were done. */
enum status output_write_results(hid_t file, const struct output_results *results,
                                 struct error *err);

/* To the file of the trace recorder `name`: config, simulation, run and warnings. */
enum status output_write_trace_results(hid_t file, const struct output_results *results,
                                       const char *name, struct error *err);

/* Model seconds after warmup in the steps done so far. */
double output_counted_seconds(const struct config *config, uint64_t steps_done);

/* The mean rate of a population in so many seconds after warmup, Hz; NaN without any. */
double output_mean_rate(const struct config *config, size_t population,
                        const struct engine_totals *totals, double seconds);

/* What the counts recorder of a population says of the steps done; totals->counts is there.
 * STATUS_MEMORY. */
enum status output_count_statistics(const struct config *config, const struct engine_totals *totals,
                                    uint64_t steps_done, struct count_statistics *out,
                                    struct error *err);

#endif
