/* rule = file: edges of CSV files as synapses. SONATA files are test_edges.py's. */
#include "helpers/raster_helpers.h"
#include "helpers/wiring_helpers.h"

#include "net/wiring_bounds.h"
#include "net/wiring_file.h"

#define TWO HEAD "[population.a]\nsize = 5000\n[population.b]\nsize = 3000\n"
#define FILED(text) TWO "[projection.p]\nrule = file\nfile = edges.csv\n" text

/* What is read of a text as edges.csv; the config's projection points to it. */
static enum status read_edges(struct config *config, const char *csv, struct wiring_file **file,
                              struct messages *warnings, struct error *err)
{
    struct place place;
    assert_true(make_place(&place));
    FILE *to = fopen(place.path, "w");
    assert_non_null(to);
    fputs(csv, to);
    fclose(to);
    const struct edge_reading reading = {.path = place.path, .dt = config->dt};
    enum status status =
        wiring_file_read(file, config, &config->projection[0], &reading, warnings, err);
    config->projection[0].edges = status ? NULL : *file;
    remove_place(&place);
    return status;
}

static struct synapses drawn_with(const char *text, const char *csv)
{
    struct error err = {0};
    struct wiring_file *file;
    struct messages warnings = {NULL, 0};
    struct config *config = read_text(text);
    if (read_edges(config, csv, &file, &warnings, &err))
        fail_msg("%s", err.text);
    assert_int_equal(warnings.count, 0);
    struct synapses s = synapses_of(config, 0);
    wiring_file_free(file);
    config_free(config);
    return s;
}

/* What reading ends with, without the file's folder. */
static void check_refused(const char *text, const char *csv, enum status expected,
                          const char *message)
{
    struct error err = {0};
    struct wiring_file *file;
    struct messages warnings = {NULL, 0};
    struct config *config = read_text(text);
    assert_int_equal(read_edges(config, csv, &file, &warnings, &err), expected);
    const char *shown = strstr(err.text, "out.h5");
    assert_string_equal(shown ? shown : err.text, message);
    config_free(config);
}

static void check_synapse(const struct synapses *s, size_t i, uint64_t source, uint64_t target,
                          double weight, uint32_t delay)
{
    assert_int_equal(s->of[i].source, source);
    assert_int_equal(s->of[i].target, target);
    assert_true(s->of[i].weight == weight);
    assert_int_equal(s->of[i].delay, delay);
}

/* Ids of two populations count through; tiles of 4096 targets, by target, source, delay, weight. */
static void edges_are_synapses_in_their_order(void **state)
{
    (void)state;
    struct synapses s =
        drawn_with(FILED("source = a, b\ntarget = a, b\n"), "source,target,weight,delay\n"
                                                            "7999,7999,-1.5,0.15\n"
                                                            "3,4096,0.25,6553.4\n"
                                                            "3,4095,0.25,1.5\n"
                                                            "7,4095,2,0.05\n"
                                                            "3,4095,0.25,0.3\n"
                                                            "3,4095,-0.25,0.3\n");
    assert_int_equal(s.count, 6);
    check_synapse(&s, 0, 3, 4095, -0.25, 3);
    check_synapse(&s, 1, 3, 4095, 0.25, 3);
    check_synapse(&s, 2, 3, 4095, 0.25, 15);
    check_synapse(&s, 3, 7, 4095, 2, 1);
    check_synapse(&s, 4, 3, 4096, 0.25, 65534);
    check_synapse(&s, 5, 7999, 7999, -1.5, 2);
    free_synapses(&s);
}

/* A slice keeps its ids, and places count from its beginning. */
static void ids_are_those_of_the_population(void **state)
{
    (void)state;
    struct synapses s = drawn_with(FILED("source = b[100:200]\ntarget = a[10:20], b[5:6]\n"),
                                   "source_node_id;target_node_id;syn_weight;delay_steps\n"
                                   "100;10;1;7\n199;5005;1;1\n");
    check_synapse(&s, 0, 0, 0, 1, 7);
    check_synapse(&s, 1, 99, 10, 1, 1);
    free_synapses(&s);
    check_refused(FILED("source = b[100:200]\ntarget = a[10:20], b[5:6]\n"),
                  "source,target,weight,delay\n100,5,1,1\n", STATUS_OUTPUT,
                  "out.h5:2: target 5 is not in the slices that are the projection's targets");
    check_refused(FILED("source = b[100:200]\ntarget = a[10:20], b[5:6]\n"),
                  "source,target,weight,delay\n100,10,1,1\n200,10,1,1\n", STATUS_OUTPUT,
                  "out.h5:3: source 200 is not there; the largest id that the projection's sources "
                  "have is 199");
    check_refused(FILED("source = b\ntarget = a[10:20], b[5:6]\n"),
                  "source,target,weight,delay\n100,5006,1,1\n", STATUS_OUTPUT,
                  "out.h5:2: target 5006 is not there; the largest id that the projection's "
                  "targets have is 5005");
}

/* The numbers that the config draws do not depend on the order of lines. */
static void order_of_lines_does_not_matter(void **state)
{
    (void)state;
    const char *config = FILED("source = a\ntarget = a\nweight = uniform(1 mV, 2 mV)\n"
                               "delay = uniform(1 ms, 9 ms)\n");
    struct synapses a = drawn_with(config, "source,target\n1,2\n1,2\n4999,0\n3,4999\n");
    struct synapses b = drawn_with(config, "target,source\n4999,3\n2,1\n0,4999\n2,1\n");
    assert_int_equal(a.count, b.count);
    for (size_t i = 0; i < a.count; i++) {
        check_synapse(&a, i, b.of[i].source, b.of[i].target, b.of[i].weight, b.of[i].delay);
        assert_true(i == 0 || a.of[i].weight != a.of[i - 1].weight);
    }
    free_synapses(&a);
    free_synapses(&b);
}

/* As PointNet: one synapse of nsyns times the weight, whoever says the weight. */
static void weights_are_times_nsyns(void **state)
{
    (void)state;
    struct synapses s = drawn_with(FILED("source = a\ntarget = a\n"),
                                   "source,target,weight,delay,nsyns\n0,0,0.5,1,3\n1,0,2,1,1\n");
    check_synapse(&s, 0, 0, 0, 1.5, 10);
    check_synapse(&s, 1, 1, 0, 2, 10);
    free_synapses(&s);
    s = drawn_with(FILED("source = a\ntarget = a\nweight = -0.25 mV\n"),
                   "source,target,weight,delay,nsyns\n0,0,0.5,1,3\n1,0,2,1,1\n");
    check_synapse(&s, 0, 0, 0, -0.75, 10);
    check_synapse(&s, 1, 1, 0, -0.25, 10);
    free_synapses(&s);
}

static void bounds_are_those_of_the_edges(void **state)
{
    (void)state;
    struct error err;
    struct wiring_file *file;
    struct messages warnings = {NULL, 0};
    struct config *config = read_text(FILED("source = a\ntarget = a\n"));
    double least, most;
    assert_int_equal(read_edges(config,
                                "source,target,weight,delay\n0,1,-3,1\n0,1,2,2.04\n5,4999,1,0.1\n",
                                &file, &warnings, &err),
                     0);
    const struct projection_config *p = &config->projection[0];
    wiring_weight_bounds(p, &least, &most);
    assert_true(least == -3 && most == 2 && wiring_greatest_weight(p) == 3);
    assert_int_equal(wiring_least_delay(config, p), 1);
    assert_int_equal(wiring_greatest_delay(config, p), 20);
    assert_true(wiring_expected_count(p) == 3 && wiring_greatest_indegree(p) == 2);
    wiring_file_free(file);
    config_free(config);
}

static void missing_delays_are_1_ms_with_a_warning(void **state)
{
    (void)state;
    struct error err;
    struct wiring_file *file;
    struct messages warnings = {NULL, 0};
    struct config *config = read_text(FILED("source = a\ntarget = a\n"));
    assert_int_equal(
        read_edges(config, "source,target,weight\n0,1,-3\n0,2,5\n", &file, &warnings, &err), 0);
    assert_int_equal(warnings.count, 1);
    assert_non_null(strstr(warnings.line[0], "2 of the 2 edges of "));
    assert_int_equal(wiring_greatest_delay(config, &config->projection[0]), 10);
    messages_free(&warnings);
    wiring_file_free(file);
    config_free(config);
}

static void values_that_cannot_be_are_refused(void **state)
{
    (void)state;
    const char *config = FILED("source = a\ntarget = a\n");
    check_refused(config, "source,target,delay\n0,0,1\n", STATUS_OUTPUT,
                  "out.h5:2: there is no weight; a file says it in syn_weight (CSV: weight) or in "
                  "its edge_types, the config in the key weight");
    check_refused(config, "source,target,weight,delay\n0,0,1,0.04\n", STATUS_OUTPUT,
                  "out.h5:2: the delay is 0.04 ms; it may be dt / 2 = 0.05 to 65534 dt = 6553.4 "
                  "ms");
    check_refused(config, "source,target,weight,delay\n0,0,1,6554\n", STATUS_OUTPUT,
                  "out.h5:2: the delay is 6554 ms; it may be dt / 2 = 0.05 to 65534 dt = 6553.4 "
                  "ms");
    check_refused(config, "source,target,weight,delay\n0,0,1e10,1\n", STATUS_OUTPUT,
                  "out.h5:2: the weight is 1e+10; it may be -1e9 to 1e9");
    check_refused(config, "source,target,weight,delay,nsyns\n0,0,1,1,-1\n", STATUS_OUTPUT,
                  "out.h5:2:9: '-1' is negative (column nsyns)");
    check_refused(config, "source,target,weight,syn_weight\n0,0,1,1\n", STATUS_OUTPUT,
                  "out.h5 has both the columns weight and syn_weight; leave the right one");
    check_refused(config, "source,weight,delay\n0,1,1\n", STATUS_OUTPUT,
                  "out.h5:1: there is no column target; the header is 'source,weight,delay'");
    check_refused(config, "source,target,weight,delay,delay\n0,1,1,1,1\n", STATUS_OUTPUT,
                  "out.h5:1: there is more than one column delay; the header is "
                  "'source,target,weight,delay,delay'");
}

/* As NEST: 0.15 ms are 2 steps of 0.1 ms, though the division says 1.4999999999999998. */
static void halves_of_steps_go_up(void **state)
{
    (void)state;
    for (uint64_t halves = 1; halves < 20000; halves += 2) {
        char text[32];
        snprintf(text, sizeof text, "%.2f", (double)halves * 0.05);
        assert_int_equal(wiring_file_steps(strtod(text, NULL), 0.1), (halves + 1) / 2);
    }
    assert_int_equal(wiring_file_steps(0.049999, 0.1), 0);
    assert_int_equal(wiring_file_steps(0.149999, 0.1), 1);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(edges_are_synapses_in_their_order),
        cmocka_unit_test(ids_are_those_of_the_population),
        cmocka_unit_test(order_of_lines_does_not_matter),
        cmocka_unit_test(weights_are_times_nsyns),
        cmocka_unit_test(bounds_are_those_of_the_edges),
        cmocka_unit_test(missing_delays_are_1_ms_with_a_warning),
        cmocka_unit_test(values_that_cannot_be_are_refused),
        cmocka_unit_test(halves_of_steps_go_up),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
