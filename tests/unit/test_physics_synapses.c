/* The models with synapses against NEST: each neuron of the networks of tests/data/net alone, fed
 * with what arrived at it in NEST. All spikes in NEST's steps, traces to 1e-9. */
#include "helpers/net_data.h"
#include "population/trace.h"

#include <math.h>

/* What arrives at each receptor: of a network, in steps and at neurons. */
struct arriving {
    struct input_rows rows[RECEPTORS_MOST];
    void *data[RECEPTORS_MOST];
};

static void add(void *row, size_t at, double weight, bool single)
{
    if (single)
        ((float *)row)[at] += (float)weight;
    else
        ((double *)row)[at] += weight;
}

/* A spike of step number s over a delay d acts in step index s + d - 1. */
static struct arriving arriving_of(const struct net_data *net, bool delta, bool single)
{
    struct arriving a = {.rows = {{.per_neuron = true}}};
    const size_t count = net->neurons.rows, room = net->steps * count;
    for (int r = 0; r < RECEPTORS_MOST; r++) {
        assert_non_null(a.data[r] = calloc(room, sizeof(double)));
        a.rows[r] = (struct input_rows){
            .per_neuron = true, .data = a.data[r], .stride = count, .steps = net->steps};
    }
    for (size_t s = 0; s < net->spikes.rows; s++)
        for (size_t e = 0; e < net->edges.rows; e++) {
            if (net_integer(&net->edges, NET_SOURCE, e) != net_integer(&net->spikes, NET_NEURON, s))
                continue;
            size_t step =
                net_integer(&net->spikes, NET_STEP, s) + net_integer(&net->edges, NET_DELAY, e) - 1;
            double w = net->edges.value[NET_WEIGHT][e];
            bool in = w < 0 && !delta;
            if (step < net->steps)
                add(a.data[in], step * count + net_integer(&net->edges, NET_TARGET, e), in ? -w : w,
                    single);
        }
    return a;
}

/* The columns of trace.csv from V_m on are recorders, in the order of their names. */
static void add_recorders(char *text, size_t n, const struct net_data *net)
{
    for (size_t c = NET_FIRST_KEY; c < net->trace.columns; c++)
        n += (size_t)snprintf(text + n, NET_TEXT - n,
                              "[record.r%zu]\npopulation = n\nwhat = %s\ninterval = 0.1 ms\n", c,
                              net->trace.name[c]);
}

static void add_inputs(char *text, size_t n, bool delta)
{
    snprintf(text + n, NET_TEXT - n,
             "[input.a]\ntarget = n\ntype = spikes\nfile = x\nweight = 1\n%s",
             delta ? "" : "[input.b]\ntarget = n\ntype = spikes\nfile = x\nweight = -1\n");
}

static void open_alone(struct simulation *s, const struct net_data *net, const char *model,
                       const char *precision, const struct arriving *a)
{
    char text[NET_TEXT];
    bool delta = strcmp(model, "iaf_psc_delta") == 0;
    struct messages errors = {NULL, 0}, warnings = {NULL, 0};
    struct error err = {STATUS_OK, ""};
    const struct engine_settings settings = {.isa = kernels_best_isa(),
                                             .threads = 2,
                                             .tile = 128,
                                             .record = true,
                                             .trace_bytes = 8,
                                             .rows = a->rows};
    size_t n = net_text(text, net, model, precision);
    add_inputs(text, n, delta);
    add_recorders(text, strlen(text), net);
    if (config_read_text(text, strlen(text), "net.ini", NULL, 0, &drive_config_types, &s->config,
                         &errors))
        simulation_complain(&errors, &err);
    net_set(s->config, net);
    if (engine_open(&s->engine, s->config, &settings, &errors, &warnings, &err))
        simulation_complain(&errors, &err);
    messages_free(&errors);
    messages_free(&warnings);
}

/* Of the last block, from spikes `seen` of NEST's on; returns how many are seen now. */
static size_t compare_spikes(struct simulation *s, const struct net_data *net, size_t seen)
{
    uint64_t rows = engine_block_rows(s->engine, 0), *ids = malloc((rows + 1) * 8);
    double *times = malloc((rows + 1) * 8);
    assert_true(ids && times);
    engine_read_rows(s->engine, 0, 0, (size_t)rows, ids, times);
    for (uint64_t i = 0; i < rows; i++, seen++) {
        assert_true(seen < net->spikes.rows);
        assert_int_equal(lround(times[i] * 10), net_integer(&net->spikes, NET_STEP, seen));
        assert_int_equal(ids[i], net_integer(&net->spikes, NET_NEURON, seen));
    }
    free(ids);
    free(times);
    return seen;
}

/* The largest difference of one recorder's rows of the last block from NEST's; *seen grows by
 * those that were compared. */
static double compare_trace(struct simulation *s, const struct net_data *net, size_t column,
                            size_t *seen)
{
    size_t rows;
    const struct trace *trace = engine_trace(s->engine, column - NET_FIRST_KEY, 0, &rows);
    double worst = 0.0;
    for (size_t i = 0; i < net->trace.rows; i++) {
        size_t step = net_integer(&net->trace, NET_STEP, i);
        if (step < trace->first_row || step >= trace->first_row + rows)
            continue;
        double value = ((const double *)trace->values)[(step - trace->first_row) * trace->count +
                                                       net_integer(&net->trace, NET_NEURON, i)];
        worst = fmax(worst, fabs(value - net->trace.value[column][i]));
        ++*seen;
    }
    return worst;
}

static void each_neuron_is_nests(const char *folder, const char *model, size_t steps)
{
    struct net_data net = net_open(folder, steps);
    struct arriving a = arriving_of(&net, strcmp(model, "iaf_psc_delta") == 0, false);
    struct simulation s = {NULL, NULL};
    size_t spikes = 0, values = 0;
    double worst[NET_COLUMNS] = {0};
    open_alone(&s, &net, model, "double", &a);
    for (uint64_t done = 0; done < steps;) {
        done += engine_advance(s.engine, steps - done);
        spikes = compare_spikes(&s, &net, spikes);
        for (size_t c = NET_FIRST_KEY; c < net.trace.columns; c++)
            worst[c] = fmax(worst[c], compare_trace(&s, &net, c, &values));
    }
    print_message("%s: %zu spikes; off by", folder, spikes);
    for (size_t c = NET_FIRST_KEY; c < net.trace.columns; c++)
        print_message(" %.1e (%s)", worst[c], net.trace.name[c]);
    print_message("\n");
    assert_int_equal(spikes, net.spikes.rows);
    assert_int_equal(values, net.trace.rows * (net.trace.columns - NET_FIRST_KEY));
    for (size_t c = NET_FIRST_KEY; c < net.trace.columns; c++)
        assert_true(worst[c] < 1e-9);
    simulation_close(&s);
    free(a.data[0]);
    free(a.data[1]);
    net_close(&net);
}

static void delta_is_nests(void **state)
{
    (void)state;
    each_neuron_is_nests("micro_delta", "iaf_psc_delta", 1000);
}

static void psc_exp_is_nests(void **state)
{
    (void)state;
    each_neuron_is_nests("micro_exp", "iaf_psc_exp", 1000);
}

static void psc_alpha_is_nests(void **state)
{
    (void)state;
    each_neuron_is_nests("micro_alpha", "iaf_psc_alpha", 1000);
}

static void cond_exp_is_nests(void **state)
{
    (void)state;
    each_neuron_is_nests("micro_cond_exp", "iaf_cond_exp", 1000);
}

static void cond_alpha_is_nests(void **state)
{
    (void)state;
    each_neuron_is_nests("micro_cond_alpha", "iaf_cond_alpha", 1000);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(delta_is_nests),      cmocka_unit_test(psc_exp_is_nests),
        cmocka_unit_test(psc_alpha_is_nests),  cmocka_unit_test(cond_exp_is_nests),
        cmocka_unit_test(cond_alpha_is_nests),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
