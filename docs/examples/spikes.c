/* Runs a config and prints its spikes while they happen: population, neuron, time in ms.
 *   cc spikes.c $(pkg-config --cflags --libs megalif) -o spikes && ./spikes model.ini out.h5 */
#include <inttypes.h>
#include <megalif/megalif.h>
#include <stdio.h>

static int print_spikes(const struct mlif_spikes *spikes, void *context)
{
    for (size_t i = 0; i < spikes->count; i++)
        fprintf(context, "%s %" PRIu64 " %.17g\n", spikes->name, spikes->node_ids[i],
                spikes->timestamps_ms[i]);
    return 0; /* anything else would end the run */
}

int main(int argc, char **argv)
{
    struct mlif_options options = mlif_default_options();
    struct mlif_report report;
    struct mlif_messages errors = {0}, warnings = {0};
    if (argc != 3)
        return fprintf(stderr, "usage: spikes CONFIG OUTPUT\n"), MLIF_CONFIG;
    options.config = argv[1];
    options.output = argv[2];
    options.spikes = print_spikes;
    options.context = stdout;
    enum mlif_status status = mlif_run(&options, &report, &errors, &warnings);
    for (size_t i = 0; i < errors.count; i++)
        fprintf(stderr, "%s\n", errors.line[i]);
    mlif_report_free(&report);
    mlif_messages_free(&errors);
    mlif_messages_free(&warnings);
    return status;
}
