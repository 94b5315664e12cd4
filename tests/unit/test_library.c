/* The library as a host program uses it: megalif/megalif.h and nothing below it, but for the reader
 * of the files it writes. */
#include "helpers/child.h"
#include "helpers/library_helpers.h"
#include "helpers/raster_helpers.h"
#include "io/provenance_read.h"
#include "sonata/raster_reader.h"

#include <megalif/megalif.h>

#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

/* In a child process, where cmocka's assertions do not work. */
#define CHECK_OR(condition, code)                                                                  \
    do {                                                                                           \
        if (!(condition))                                                                          \
            return code;                                                                           \
    } while (0)

/* What a callback has received, all populations one behind the other as they came. */
struct received {
    uint64_t rows[3];
    uint64_t *node_ids[3];
    double *times[3];
    uint64_t calls;
    uint64_t stop_at_call; /* 0: never */
};

static void received_free(struct received *r)
{
    for (int i = 0; i < 3; i++) {
        free(r->node_ids[i]);
        free(r->times[i]);
    }
    memset(r, 0, sizeof *r);
}

static int receive(const struct mlif_spikes *spikes, void *context)
{
    struct received *r = context;
    size_t p = spikes->population;
    uint64_t rows = r->rows[p] + spikes->count;
    assert_true(spikes->count >= 1 && spikes->count <= MLIF_SPIKES_MOST);
    r->node_ids[p] = realloc(r->node_ids[p], rows * sizeof *r->node_ids[p]);
    r->times[p] = realloc(r->times[p], rows * sizeof *r->times[p]);
    memcpy(r->node_ids[p] + r->rows[p], spikes->node_ids, spikes->count * sizeof(uint64_t));
    memcpy(r->times[p] + r->rows[p], spikes->timestamps_ms, spikes->count * sizeof(double));
    r->rows[p] = rows;
    return ++r->calls == r->stop_at_call;
}

static struct mlif_simulation *open_or_fail(const struct mlif_options *options)
{
    struct mlif_simulation *s;
    struct mlif_messages errors = {NULL, 0};
    if (mlif_open(&s, options, &errors, NULL) != MLIF_OK)
        fail_msg("%s", errors.count > 0 ? errors.line[0] : "no message");
    return s;
}

/* Are these the rows of a population of a file? */
static void assert_rows(struct raster_reader *reader, const char *name, uint64_t rows,
                        const uint64_t *node_ids, const double *times)
{
    size_t count, p = 0;
    struct error err;
    const struct raster_population *in_file = raster_populations(reader, &count);
    while (p < count && strcmp(in_file[p].name, name) != 0)
        p++;
    assert_true(p < count);
    assert_int_equal(in_file[p].rows, rows);
    uint64_t *ids = malloc(rows * sizeof *ids);
    double *at = malloc(rows * sizeof *at);
    assert_int_equal(raster_read(reader, p, 0, rows, ids, at, &err), STATUS_OK);
    assert_memory_equal(ids, node_ids, rows * sizeof *ids);
    assert_memory_equal(at, times, rows * sizeof *at);
    free(ids);
    free(at);
}

static void assert_file_holds(const char *path, const struct received *r)
{
    struct raster_reader *reader;
    struct error err;
    size_t count;
    assert_int_equal(raster_open(&reader, path, &err), STATUS_OK);
    raster_populations(reader, &count);
    assert_int_equal(count, 2); /* `quiet` is not recorded */
    assert_true(r->rows[0] > 10000 && r->rows[1] > 100);
    assert_rows(reader, "exc", r->rows[0], r->node_ids[0], r->times[0]);
    assert_rows(reader, "some", r->rows[1], r->node_ids[1], r->times[1]);
    assert_int_equal(r->rows[2], 0);
    raster_close(reader);
}

/* The callback's rows are the file's, in the same order, with a run in one piece. */
static void callback_receives_the_rows_of_the_file(void **state)
{
    (void)state;
    struct place place;
    struct received r = {0};
    struct mlif_report report;
    assert_true(make_place(&place));
    struct mlif_options options = options_for(model, place.path);
    options.spikes = receive;
    options.context = &r;
    assert_int_equal(mlif_run(&options, &report, NULL, NULL), MLIF_OK);
    assert_file_holds(place.path, &r);
    assert_int_equal(report.recorded, r.rows[0] + r.rows[1]);
    assert_int_equal(report.population_count, 3);
    assert_true(report.population[2].spikes > 0);
    assert_int_equal(report.population[2].recorded, 0);
    assert_string_equal(report.output, place.path);
    mlif_report_free(&report);
    received_free(&r);
    remove_place(&place);
}

/* All neurons of a population in the same step: more spikes than one call brings. */
static void many_spikes_come_in_pieces(void **state)
{
    (void)state;
    enum { SIZE = 150000 };
    static const char same[] = "[simulation]\nduration = 16 ms\n[population.a]\nsize = 150000\n"
                               "I_e = 500 pA\n";
    struct received r = {0};
    struct mlif_report report;
    struct mlif_options options = options_for(same, NULL);
    options.spikes = receive;
    options.context = &r;
    assert_int_equal(mlif_run(&options, &report, NULL, NULL), MLIF_OK);
    assert_int_equal(r.rows[0], SIZE);
    assert_int_equal(r.calls, (SIZE + MLIF_SPIKES_MOST - 1) / MLIF_SPIKES_MOST);
    for (uint64_t i = 0; i < SIZE; i++)
        assert_true(r.node_ids[0][i] == i && r.times[0][i] == r.times[0][0]);
    /* t = tau_m ln((V_inf - E_L) / (V_inf - V_th)), V_inf - E_L = 20 mV, at the step's end. */
    assert_near(r.times[0][0], ceil(10.0 * log(20.0 / 5.0) / 0.1) * 0.1, 1e-9);
    mlif_report_free(&report);
    received_free(&r);
}

/* However a run is cut, and with or without a file: one digest, the same rows. */
static void pieces_change_nothing(void **state)
{
    (void)state;
    static const uint64_t pieces[] = {1, 63, 64, 65, 700, MLIF_TO_THE_END};
    struct place place;
    struct received whole = {0}, cut = {0};
    struct mlif_report report;
    char digest[33];
    assert_true(make_place(&place));
    struct mlif_options options = options_for(model, NULL);
    options.spikes = receive;
    options.context = &whole;
    assert_int_equal(mlif_run(&options, &report, NULL, NULL), MLIF_OK);
    assert_null(report.output);
    options = options_for(model, place.path);
    options.spikes = receive;
    options.context = &cut;
    struct mlif_simulation *s = open_or_fail(&options);
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
        assert_int_equal(mlif_advance(s, pieces[i], NULL), MLIF_OK);
    assert_int_equal(mlif_steps_done(s), 2000);
    assert_false(exists(place.path));
    assert_int_equal(mlif_finish(s, NULL), MLIF_OK);
    mlif_digest(s, digest);
    assert_string_equal(digest, report.digest);
    mlif_close(&s);
    assert_null(s);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(cut.rows[i], whole.rows[i]);
        if (cut.rows[i] > 0) {
            assert_memory_equal(cut.times[i], whole.times[i], cut.rows[i] * sizeof(double));
            assert_memory_equal(cut.node_ids[i], whole.node_ids[i], cut.rows[i] * 8);
        }
    }
    assert_file_holds(place.path, &cut);
    mlif_report_free(&report);
    received_free(&whole);
    received_free(&cut);
    remove_place(&place);
}

/* A callback stops at the end of a block, whose spikes are all handed over; then it goes on. */
static void stops_and_goes_on(void **state)
{
    (void)state;
    struct received r = {.stop_at_call = 3};
    struct mlif_report report;
    struct mlif_options options = options_for(model, NULL);
    options.spikes = receive;
    options.context = &r;
    struct mlif_simulation *s = open_or_fail(&options);
    assert_int_equal(mlif_advance(s, MLIF_TO_THE_END, NULL), MLIF_INTERRUPTED);
    assert_int_equal(mlif_steps_done(s) % 64, 0);
    assert_int_equal(mlif_read_report(s, &report, NULL), MLIF_OK);
    assert_int_equal(report.recorded, r.rows[0] + r.rows[1]);
    mlif_report_free(&report);
    assert_int_equal(mlif_advance(s, MLIF_TO_THE_END, NULL), MLIF_OK);
    assert_int_equal(mlif_steps_done(s), mlif_steps(s));
    mlif_close(&s);
    received_free(&r);
}

static uint64_t spikes_before(const struct received *r, size_t p, double ms)
{
    uint64_t n = 0;
    while (n < r->rows[p] && r->times[p][n] <= ms)
        n++;
    return n;
}

/* Finished early, a file holds the steps done and says so. */
static void finishes_early(void **state)
{
    (void)state;
    struct place place;
    struct received r = {0};
    struct mlif_report report;
    struct raster_reader *reader;
    struct error err;
    uint64_t bins;
    double duration;
    assert_true(make_place(&place));
    struct mlif_options options = options_for(model, place.path);
    options.spikes = receive;
    options.context = &r;
    struct mlif_simulation *s = open_or_fail(&options);
    assert_int_equal(mlif_advance(s, 1005, NULL), MLIF_OK);
    assert_int_equal(mlif_finish(s, NULL), MLIF_OK);
    assert_int_equal(mlif_read_report(s, &report, NULL), MLIF_OK);
    assert_int_equal(report.steps, 1005);
    assert_near(report.duration_ms, 100.5, 1e-12);
    double after = (double)(r.rows[0] - spikes_before(&r, 0, 20.0));
    assert_near(report.population[0].mean_rate_Hz, after / 3000 / 0.0805, 1e-9);
    assert_file_holds(place.path, &r);
    assert_int_equal(raster_open(&reader, place.path, &err), STATUS_OK);
    hid_t file = raster_reader_file(reader);
    assert_true(provenance_get_f64(file, "/megalif", "duration_ms", &duration));
    assert_near(duration, 100.5, 1e-12);
    assert_true(provenance_get_length(file, "/megalif/rates/exc", &bins));
    assert_int_equal(bins, 101);
    raster_close(reader);
    mlif_report_free(&report);
    mlif_close(&s);
    received_free(&r);
    remove_place(&place);
}

/* What is not finished leaves nothing; what is, cannot be stepped, but read. */
static void closes_at_any_time(void **state)
{
    (void)state;
    struct place place;
    struct mlif_messages errors = {NULL, 0};
    double V;
    assert_true(make_place(&place));
    struct mlif_options options = options_for(model, place.path);
    struct mlif_simulation *s = open_or_fail(&options);
    assert_true(exists(place.temporary));
    assert_int_equal(mlif_advance(s, 300, NULL), MLIF_OK);
    mlif_close(&s);
    mlif_close(&s); /* NULL is fine */
    assert_false(exists(place.temporary));
    assert_false(exists(place.path));
    options.no_file = 1;
    s = open_or_fail(&options);
    assert_int_equal(mlif_finish(s, &errors), MLIF_OK);
    assert_int_equal(mlif_advance(s, 1, &errors), MLIF_CONFIG);
    assert_int_equal(mlif_finish(s, &errors), MLIF_CONFIG);
    assert_int_equal(errors.count, 2);
    assert_non_null(strstr(errors.line[0], "finished"));
    assert_int_equal(mlif_read_V_m(s, 0, 0, 1, &V), MLIF_OK);
    mlif_messages_free(&errors);
    mlif_close(&s);
    assert_false(exists(place.path));
    remove_place(&place);
}

/* Strings of the options may go after mlif_open. */
static void keeps_no_string(void **state)
{
    (void)state;
    struct place place;
    assert_true(make_place(&place));
    char *text = strdup(model), *path = strdup(place.path), *line = strdup("host program");
    struct mlif_options options = options_for(text, path);
    options.command_line = line;
    struct mlif_simulation *s = open_or_fail(&options);
    memset(text, 'x', strlen(text));
    memset(path, 'x', strlen(path));
    memset(line, 'x', strlen(line));
    free(text);
    free(path);
    free(line);
    assert_int_equal(mlif_advance(s, 10, NULL), MLIF_OK);
    assert_int_equal(mlif_finish(s, NULL), MLIF_OK);
    mlif_close(&s);
    assert_true(exists(place.path));
    remove_place(&place);
}

/* u(t) = E_L + R I (1 - exp(-t / tau_m)), Rotter & Diesmann 1999, below threshold. */
/* More than there can be is as much as there can be. */
static void takes_any_tile_and_block(void **state)
{
    (void)state;
    static const size_t size[] = {1, 32769, 65537, SIZE_MAX - 100, SIZE_MAX};
    struct mlif_options options = options_for(model, NULL);
    struct mlif_report usual, report;
    assert_int_equal(mlif_run(&options, &usual, NULL, NULL), MLIF_OK);
    for (size_t i = 0; i < sizeof size / sizeof *size; i++) {
        options.tile = options.block = size[i];
        assert_int_equal(mlif_run(&options, &report, NULL, NULL), MLIF_OK);
        assert_string_equal(report.digest, usual.digest);
        assert_in_range(report.tile, 1, 32768);
        assert_in_range(report.block, 1, 65536);
        mlif_report_free(&report);
    }
    mlif_report_free(&usual);
}

static void reads_the_membrane_potential(void **state)
{
    (void)state;
    static const char below[] = "[simulation]\nprecision = double\nduration = 50 ms\n"
                                "[population.a]\nsize = 7\n"
                                "[population.b]\nsize = 3000\ntau_m = 20\nI_e = linspace(0, 180)\n";
    struct mlif_options options = options_for(below, NULL);
    struct mlif_simulation *s = open_or_fail(&options);
    static double V[3000];
    size_t b = mlif_population_find(s, "b");
    assert_int_equal(b, 1);
    assert_int_equal(mlif_population_find(s, "c"), MLIF_NONE);
    assert_int_equal(mlif_population_count(s), 2);
    assert_int_equal(mlif_population_size(s, 0), 7);
    assert_int_equal(mlif_population_size(s, 2), 0);
    assert_string_equal(mlif_population_name(s, 1), "b");
    assert_null(mlif_population_name(s, 2));
    for (uint64_t steps = 0; steps <= 500; steps += 100) {
        assert_int_equal(mlif_steps_done(s), steps);
        assert_int_equal(mlif_read_V_m(s, b, 1000, 3000, V), MLIF_OK);
        for (int i = 0; i < 2000; i++) {
            double I = 180.0 * (1000 + i) / 2999, t = mlif_dt_ms(s) * (double)steps;
            double expected = -70.0 - 20.0 / 250.0 * I * expm1(-t / 20.0);
            assert_near(V[i], expected, 1e-11);
        }
        if (steps < 500)
            assert_int_equal(mlif_advance(s, 100, NULL), MLIF_OK);
    }
    assert_int_equal(mlif_read_V_m(s, b, 0, 3001, V), MLIF_CONFIG);
    assert_int_equal(mlif_read_V_m(s, b, 3000, 3000, NULL), MLIF_OK);
    assert_int_equal(mlif_read_V_m(s, 2, 0, 0, V), MLIF_CONFIG);
    assert_int_equal(mlif_read_V_m(s, MLIF_NONE, 0, 0, V), MLIF_CONFIG);
    assert_int_equal(mlif_read_V_m(s, b, 2, 1, V), MLIF_CONFIG);
    assert_int_equal(mlif_read_V_m(s, 2, 0, 1, V), MLIF_CONFIG);
    mlif_close(&s);
}

/* Every error of a config, with file and line; nothing to close. */
static void tells_all_errors(void **state)
{
    (void)state;
    static const char wrong[] = "[simulation]\nduration = 1 furlong\n[population.a]\nsise = 7\n";
    struct mlif_messages errors = {NULL, 0}, warnings = {NULL, 0};
    struct mlif_options options = options_for(wrong, NULL);
    struct mlif_simulation *s = (struct mlif_simulation *)&errors;
    assert_int_equal(mlif_open(&s, &options, &errors, &warnings), MLIF_CONFIG);
    assert_null(s);
    assert_true(errors.count >= 2);
    assert_non_null(strstr(errors.line[0], "model.ini:2: [simulation] duration"));
    assert_non_null(strstr(errors.line[errors.count - 1], "model.ini:4: [population.a] sise"));
    assert_int_equal(mlif_config_line(&options, errors.line[0]), 2);
    assert_int_equal(mlif_config_line(&options, errors.line[errors.count - 1]), 4);
    assert_int_equal(mlif_config_line(&options, "model.ini: no [simulation]"), 0);
    assert_int_equal(mlif_config_line(&options, "other.ini:2: no"), 0);
    assert_int_equal(mlif_config_line(&options, "--set simulation.dt: no"), 0);
    mlif_messages_free(&errors);
    options.config = NULL;
    assert_int_equal(mlif_open(&s, &options, &errors, NULL), MLIF_CONFIG);
    assert_int_equal(mlif_config_line(&options, errors.line[0]), 2);
    mlif_messages_free(&errors);
    assert_int_equal(mlif_open(&s, &options, NULL, NULL), MLIF_CONFIG); /* no list, no harm */
    options = mlif_default_options();
    assert_int_equal(mlif_open(&s, &options, &errors, NULL), MLIF_CONFIG);
    assert_non_null(strstr(errors.line[0], "no config"));
    mlif_messages_free(&errors);
}

/* Warnings of mlif_open can be read again. */
static void keeps_warnings(void **state)
{
    (void)state;
    struct mlif_messages told = {NULL, 0}, read = {NULL, 0};
    static const char warned[] = "[simulation]\nduration = 1 ms\n[population.a]\nsize = 1\n"
                                 "tau_m = 0.5 ms\n";
    struct mlif_options options = options_for(warned, NULL);
    struct mlif_simulation *s;
    assert_int_equal(mlif_open(&s, &options, NULL, &told), MLIF_OK);
    mlif_read_warnings(s, &read);
    assert_true(told.count >= 1);
    assert_int_equal(mlif_config_line(&options, told.line[0]), 5);
    assert_int_equal(read.count, told.count);
    assert_string_equal(read.line[0], told.line[0]);
    mlif_close(&s);
    mlif_messages_free(&told);
    mlif_messages_free(&read);
}

/* In a child: runs with files of at most `most` bytes. Exit code 0: mlif_run said MLIF_OUTPUT with
 * a message, left no file, and nothing was printed. */
static int run_limited(rlim_t most)
{
    struct place place;
    struct mlif_report report;
    struct mlif_messages errors = {NULL, 0};
    FILE *printed = tmpfile();
    CHECK_OR(printed && make_place(&place), 2);
    struct mlif_options options = options_for(model, place.path);
    signal(SIGXFSZ, SIG_IGN);
    CHECK_OR(setrlimit(RLIMIT_FSIZE, &(struct rlimit){most, most}) == 0, 3);
    CHECK_OR(dup2(fileno(printed), STDERR_FILENO) >= 0, 4);
    CHECK_OR(dup2(fileno(printed), STDOUT_FILENO) >= 0, 4);
    enum mlif_status status = mlif_run(&options, &report, &errors, NULL);
    fflush(NULL);
    CHECK_OR(status == MLIF_OUTPUT && errors.count == 1, 5);
    CHECK_OR(!exists(place.path) && !exists(place.temporary), 6);
    CHECK_OR(lseek(fileno(printed), 0, SEEK_END) == 0, 7);
    mlif_messages_free(&errors);
    fclose(printed);
    remove_place(&place);
    return 0;
}

/* Wherever the file hits its limit, the library says so in its messages alone: HDF5 would print. */
static void prints_nothing_when_writing_fails(void **state)
{
    (void)state;
    static const rlim_t most[] = {100, 3000, 20000, 40000, 60000, 80000, 100000};
    for (size_t i = 0; i < sizeof most / sizeof *most; i++) {
        pid_t child = child_start();
        if (child == 0)
            _exit(run_limited(most[i]));
        int code = child_end(child, (int)i);
        if (code != 0)
            fail_msg("limit %ld: exit code %d", (long)most[i], code);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prints_nothing_when_writing_fails), /* forks: before OpenMP has threads */
        cmocka_unit_test(callback_receives_the_rows_of_the_file),
        cmocka_unit_test(many_spikes_come_in_pieces),
        cmocka_unit_test(pieces_change_nothing),
        cmocka_unit_test(stops_and_goes_on),
        cmocka_unit_test(finishes_early),
        cmocka_unit_test(closes_at_any_time),
        cmocka_unit_test(keeps_no_string),
        cmocka_unit_test(takes_any_tile_and_block),
        cmocka_unit_test(reads_the_membrane_potential),
        cmocka_unit_test(tells_all_errors),
        cmocka_unit_test(keeps_warnings),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
