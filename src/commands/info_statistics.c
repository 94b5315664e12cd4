/* The statistics of populations as tables. */
#include "commands/info_statistics.h"

#include <math.h>
#include <stdio.h>

/* A statistic, the head of its column, and how wide that is. */
struct column {
    enum result_statistic which;
    const char *head;
    int width;
};

static const struct column rates[] = {
    {STATISTIC_ERROR, "s.e. (Hz)", 10},
    {STATISTIC_Q05, "5 %", 8},
    {STATISTIC_Q25, "25 %", 8},
    {STATISTIC_MEDIAN, "median", 8},
    {STATISTIC_Q75, "75 %", 8},
    {STATISTIC_Q95, "95 %", 8},
    {STATISTIC_SILENT, "silent", 8},
    {STATISTIC_FANO, "Fano", 8},
    {STATISTIC_SYNCHRONY, "synchrony", 10},
};

static const struct column trains[] = {
    {STATISTIC_CV2, "mean CV2", 10},
    {STATISTIC_CHI, "chi", 10},
    {STATISTIC_CORRELATION, "correlation", 12},
};

static bool has_any(const struct result_statistics *s, const struct column *column, size_t count)
{
    bool any = false;
    for (size_t i = 0; i < count; i++)
        any = any || isfinite(s->value[column[i].which]);
    return any;
}

static void print_heads(const char *title, const struct column *column, size_t count)
{
    printf("\n%-16s", title);
    for (size_t i = 0; i < count; i++)
        printf(" %*s", column[i].width, column[i].head);
    putchar('\n');
}

static void print_line(const char *name, const struct result_statistics *s,
                       const struct column *column, size_t count)
{
    printf("%-16s", name);
    for (size_t i = 0; i < count; i++)
        if (isfinite(s->value[column[i].which]))
            printf(" %*.4g", column[i].width, s->value[column[i].which]);
        else
            printf(" %*s", column[i].width, "-");
    putchar('\n');
}

/* Returns whether any population has something to show. */
static bool print_table(const struct result_file *file, const struct result_statistics *statistics,
                        const char *title, const struct column *column, size_t count)
{
    bool begun = false;
    for (size_t i = 0; i < file->population_count; i++) {
        if (!has_any(&statistics[i], column, count))
            continue;
        if (!begun)
            print_heads(title, column, count);
        begun = true;
        print_line(file->population[i].name, &statistics[i], column, count);
    }
    return begun;
}

/* Where the raster was not read to its end. */
static void print_stops(const struct result_file *file, const struct result_statistics *statistics)
{
    for (size_t i = 0; i < file->population_count; i++)
        if (statistics[i].stop < file->duration - file->dt / 2)
            printf("%s: from spikes up to %.10g ms, as more are not read without --most-spikes\n",
                   file->population[i].name, statistics[i].stop);
}

void info_print_statistics(const struct result_file *file,
                           const struct result_statistics *statistics)
{
    if (print_table(file, statistics, "statistics", rates, sizeof rates / sizeof *rates))
        printf(
            "(s.e.: of the mean rate; 5 %% to 95 %%: quantiles of the neurons' rates, Hz; silent: "
            "fraction of\nneurons without spikes; Fano: variance by mean of their counts; "
            "synchrony: variance by mean of the\npopulation's spikes in 1 ms, 1 for independent "
            "neurons)\n");
    if (!print_table(file, statistics, "trains", trains, sizeof trains / sizeof *trains))
        return;
    double bin = NAN;
    for (size_t i = 0; i < file->population_count; i++)
        bin = isfinite(statistics[i].bin) ? statistics[i].bin : bin;
    printf("(CV2: of successive intervals, 1 for Poisson trains; chi: 0 to 1, 1 where all fire as "
           "one; correlation:\nmean over pairs of a sample; both of counts in bins of %.4g ms)\n",
           bin);
    print_stops(file, statistics);
}
