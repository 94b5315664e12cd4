/* The statistics in /megalif/populations, as a table and as JSON. */
#include "commands/info_statistics.h"

#include "io/provenance_read.h"

#include <math.h>
#include <stdio.h>

/* The attribute, the head of its column, and how wide that is. */
static const struct statistic {
    const char *name, *head;
    int width;
} statistics[] = {
    {"rate_standard_error_Hz", "s.e. (Hz)", 10},
    {"rate_q05_Hz", "5 %", 8},
    {"rate_q25_Hz", "25 %", 8},
    {"rate_median_Hz", "median", 8},
    {"rate_q75_Hz", "75 %", 8},
    {"rate_q95_Hz", "95 %", 8},
    {"silent_fraction", "silent", 8},
    {"fano_factor", "Fano", 8},
    {"synchrony", "synchrony", 10},
};
enum { STATISTICS = sizeof statistics / sizeof *statistics };

/* NaN where the file does not have it; returns how many it has. */
static size_t read_all(const struct result_file *file, const char *population,
                       double value[STATISTICS])
{
    char group[400];
    size_t found = 0;
    snprintf(group, sizeof group, "/megalif/populations/%.300s", population);
    for (size_t i = 0; i < STATISTICS; i++) {
        value[i] = NAN;
        provenance_get_f64(file->file, group, statistics[i].name, &value[i]);
        if (isfinite(value[i]))
            found++;
    }
    return found;
}

static void print_heads(void)
{
    printf("\n%-16s", "statistics");
    for (size_t i = 0; i < STATISTICS; i++)
        printf(" %*s", statistics[i].width, statistics[i].head);
    putchar('\n');
}

static void print_line(const char *name, const double value[STATISTICS])
{
    printf("%-16s", name);
    for (size_t i = 0; i < STATISTICS; i++)
        if (isfinite(value[i]))
            printf(" %*.4g", statistics[i].width, value[i]);
        else
            printf(" %*s", statistics[i].width, "-");
    putchar('\n');
}

void info_print_statistics(const struct result_file *file)
{
    double value[STATISTICS];
    size_t lines = 0;
    for (size_t i = 0; i < file->population_count; i++) {
        if (read_all(file, file->population[i].name, value) == 0)
            continue;
        if (lines++ == 0)
            print_heads();
        print_line(file->population[i].name, value);
    }
    if (lines > 0)
        printf(
            "(s.e.: of the mean rate; 5 %% to 95 %%: quantiles of the neurons' rates, Hz; silent: "
            "fraction of\nneurons without spikes; Fano: variance by mean of their counts; "
            "synchrony: variance by mean of the\npopulation's spikes in 1 ms, 1 for independent "
            "neurons)\n");
}

void info_json_statistics(struct cli_json *json, const struct result_file *file,
                          const struct result_population *population)
{
    double value[STATISTICS];
    read_all(file, population->name, value);
    for (size_t i = 0; i < STATISTICS; i++)
        cli_json_f64(json, statistics[i].name, value[i]);
}
