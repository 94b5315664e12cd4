/* The smallest networks of tests/data/net through the library, with their synapses: all spikes in
 * NEST's steps, traces to 1e-9. (Reports in files have floats: tests/net/test_net_nest.py.) */
#include "helpers/net_data.h"
#include "neuron/model.h"

#include <math.h>
#include <megalif/megalif.h>
#include <unistd.h>

/* What the callbacks compare. */
struct seen {
    const struct net_data *net;
    size_t spikes, values; /* that were compared */
    bool equal;
    double most; /* largest difference */
};

static int compare_spikes(const struct mlif_spikes *spikes, void *context)
{
    struct seen *seen = context;
    for (size_t i = 0; i < spikes->count; i++, seen->spikes++)
        seen->equal &=
            seen->spikes < seen->net->spikes.rows &&
            net_integer(&seen->net->spikes, NET_NEURON, seen->spikes) == spikes->node_ids[i] &&
            net_integer(&seen->net->spikes, NET_STEP, seen->spikes) ==
                (size_t)lround(spikes->timestamps_ms[i] / 0.1);
    return 0;
}

static size_t column_of(const struct net_table *t, const char *name)
{
    size_t c = 0;
    while (c < t->columns && strcmp(t->name[c], name) != 0)
        c++;
    assert_true(c < t->columns);
    return c;
}

/* Row k of a trace is about step k. */
static int compare_traces(const struct mlif_trace *trace, void *context)
{
    struct seen *seen = context;
    const struct net_table *t = &seen->net->trace;
    size_t column = column_of(t, trace->what);
    for (size_t i = 0; i < t->rows; i++) {
        size_t step = net_integer(t, NET_STEP, i), neuron = net_integer(t, NET_NEURON, i);
        if (step < trace->first_row || step >= trace->first_row + trace->rows)
            continue;
        double value = trace->values[(step - trace->first_row) * trace->count + neuron];
        seen->most = fmax(seen->most, fabs(value - t->value[column][i]));
        seen->values++;
    }
    return 0;
}

/* Edges with delays in ms, at `path`. */
static void write_edges(const struct net_data *net, const char *path)
{
    const struct net_table *e = &net->edges;
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "source,target,weight,delay\n");
    for (size_t i = 0; i < e->rows; i++)
        fprintf(file, "%zu,%zu,%.17g,%.1f\n", net_integer(e, NET_SOURCE, i),
                net_integer(e, NET_TARGET, i), e->value[NET_WEIGHT][i],
                e->value[NET_DELAY][i] / 10);
    assert_int_equal(fclose(file), 0);
}

static void write_config(char text[NET_TEXT], const struct net_data *net, const char *model,
                         const char *edges)
{
    size_t n = net_text(text, net, model, "double");
    n +=
        (size_t)snprintf(text + n, NET_TEXT - n,
                         "[projection.e]\nsource = n\ntarget = n\nrule = file\nfile = %s\n", edges);
    for (size_t c = NET_FIRST_KEY; c < net->trace.columns; c++)
        n += (size_t)snprintf(text + n, NET_TEXT - n,
                              "[record.%s]\npopulation = n\nwhat = %s\ninterval = 0.1 ms\n",
                              net->trace.name[c], net->trace.name[c]);
}

static void run(const char *folder, const char *text, size_t block, struct seen *seen)
{
    char name[128];
    snprintf(name, sizeof name, "tests/data/net/%s/n.ini", folder); /* beside neurons.csv */
    struct mlif_options options = mlif_default_options();
    struct mlif_report report;
    struct mlif_messages errors = {NULL, 0}, warnings = {NULL, 0};
    options.config = name;
    options.config_text = text;
    options.no_file = 1;
    options.threads = 2;
    options.block = block;
    options.spikes = compare_spikes;
    options.traces = compare_traces;
    options.context = seen;
    if (mlif_run(&options, &report, &errors, &warnings) != MLIF_OK)
        fail_msg("%s: %s", folder, errors.line[0]);
    mlif_report_free(&report);
    mlif_messages_free(&errors);
    mlif_messages_free(&warnings);
}

static void compare(const char *folder, const char *model)
{
    char text[NET_TEXT], edges[] = "/tmp/megalif-edges-XXXXXX.csv";
    struct net_data net = net_open(folder, 1000);
    int file = mkstemps(edges, 4);
    assert_true(file >= 0 && close(file) == 0);
    write_edges(&net, edges);
    write_config(text, &net, model, edges);
    for (size_t block = 1; block < 100; block *= 9) { /* the least delay bounds it */
        struct seen seen = {.net = &net, .equal = true};
        run(folder, text, block, &seen);
        print_message("%s: largest difference %.3g\n", folder, seen.most);
        assert_true(seen.equal);
        assert_int_equal(seen.spikes, net.spikes.rows);
        assert_int_equal(seen.values, net.trace.rows * (net.trace.columns - NET_FIRST_KEY));
        assert_true(seen.most < 1e-9);
    }
    unlink(edges);
    net_close(&net);
}

static void iaf_psc_delta_is_nests(void **state)
{
    (void)state;
    compare("micro_delta", "iaf_psc_delta");
}

static void iaf_psc_exp_is_nests(void **state)
{
    (void)state;
    compare("micro_exp", "iaf_psc_exp");
}

static void iaf_psc_alpha_is_nests(void **state)
{
    (void)state;
    compare("micro_alpha", "iaf_psc_alpha");
}

static void iaf_cond_exp_is_nests(void **state)
{
    (void)state;
    compare("micro_cond_exp", "iaf_cond_exp");
}

static void iaf_cond_alpha_is_nests(void **state)
{
    (void)state;
    compare("micro_cond_alpha", "iaf_cond_alpha");
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(iaf_psc_delta_is_nests),  cmocka_unit_test(iaf_psc_exp_is_nests),
        cmocka_unit_test(iaf_psc_alpha_is_nests),  cmocka_unit_test(iaf_cond_exp_is_nests),
        cmocka_unit_test(iaf_cond_alpha_is_nests),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
