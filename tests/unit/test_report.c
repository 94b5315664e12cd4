/* The report writer by itself: the stop time that readers count rows by, names and failures. What
 * the files hold is read by others: tests/interop/test_sonata_readers.py. */
#include "helpers/raster_helpers.h"
#include "sonata/report_writer.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* libsonata's loop: for (t = start; t < stop - 1e-6; t += interval). */
static uint64_t rows_of_libsonata(double start, double stop, double interval)
{
    uint64_t rows = 0;
    for (double t = start; t < stop - 1e-6; t += interval)
        rows++;
    return rows;
}

static double rows_of_bmtk(double start, double stop, double interval)
{
    return floor((stop - start) / interval);
}

static void stop_counts_the_rows(void **state)
{
    (void)state;
    static const double starts[] = {0, 0.1, 1234.5, 1e6};
    static const double intervals[] = {0.1, 0.3, 0.01, 0.7, 0.025, 1, 2.5, 0.001, 10};
    static const uint64_t rows[] = {0, 1, 2, 3, 7, 10, 99, 1000, 12345, 700000};
    for (size_t s = 0; s < sizeof starts / sizeof *starts; s++)
        for (size_t i = 0; i < sizeof intervals / sizeof *intervals; i++)
            for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
                double stop = report_stop(starts[s], intervals[i], rows[r]);
                assert_int_equal(rows_of_libsonata(starts[s], stop, intervals[i]), rows[r]);
                assert_true(fabs(stop - (starts[s] + (double)rows[r] * intervals[i])) <
                            intervals[i]);
            }
}

/* Where rounding has carried libsonata's sum away: 3,126,996 rows at 0.1 ms are the first that
 * start + rows * interval would miscount; and a dt as small as its 1e-6. */
static void stop_counts_many_rows(void **state)
{
    (void)state;
    static const struct {
        double start, interval;
        uint64_t rows;
    } cases[] = {{0, 0.1, 3126995},  {0, 0.1, 3126996},    {0, 0.1, 10000000}, {0, 0.3, 700000},
                 {0, 0.3, 10000000}, {0.7, 0.7, 10000000}, {0, 0.01, 5000000}, {1e6, 0.1, 10000000},
                 {0, 1e-6, 1000000}, {5, 2e-6, 1000}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double stop = report_stop(cases[i].start, cases[i].interval, cases[i].rows);
        assert_int_equal(rows_of_libsonata(cases[i].start, stop, cases[i].interval), cases[i].rows);
    }
    assert_true(rows_of_libsonata(0, 0.1 * 3126996, 0.1) != 3126996); /* or this tests nothing */
}

static void stop_serves_bmtk_too(void **state)
{
    (void)state;
    static const double intervals[] = {0.1, 0.3, 0.01, 0.7, 1, 2.5};
    for (size_t i = 0; i < sizeof intervals / sizeof *intervals; i++)
        for (uint64_t rows = 0; rows < 3000; rows++) {
            double stop = report_stop(0, intervals[i], rows);
            assert_true(rows_of_bmtk(0, stop, intervals[i]) == (double)rows);
        }
    assert_true(rows_of_bmtk(0, 0.3, 0.1) == 2); /* so 0.3 itself would not do for 3 rows */
}

static struct report_settings settings_for(const struct place *place,
                                           const struct report_population *population)
{
    return (struct report_settings){.path = place->path,
                                    .variable = "V_m",
                                    .units = "mV",
                                    .interval_ms = 0.1,
                                    .rows = 100,
                                    .population = population,
                                    .population_count = 1};
}

static const uint64_t ids[] = {3, 7};

static void a_report_has_its_name_when_it_is_whole(void **state)
{
    (void)state;
    struct place place;
    struct error err;
    struct report_writer *writer;
    const double values[] = {-1, -2, -3, -4, -5, -6};
    const struct report_population population = {"exc", ids, 2};
    assert_true(make_place(&place));
    const struct report_settings settings = settings_for(&place, &population);
    assert_int_equal(report_create(&writer, &settings, &err), STATUS_OK);
    assert_true(exists(place.temporary) && !exists(place.path));
    assert_int_equal(report_append(writer, 0, 3, values, &err), STATUS_OK);
    assert_int_equal(report_append(writer, 0, 0, values, &err), STATUS_OK);
    assert_int_equal(report_rows(writer, 0), 3);
    assert_int_equal(report_complete(writer, &err), STATUS_OK);
    assert_true(exists(place.temporary) && !exists(place.path));
    assert_int_equal(report_publish(writer, &err), STATUS_OK);
    assert_true(!exists(place.temporary) && exists(place.path));
    assert_int_equal(report_create(&writer, &settings, &err), STATUS_OUTPUT);
    assert_non_null(strstr(err.text, "exists"));
    remove_place(&place);
}

static void an_abandoned_report_leaves_nothing(void **state)
{
    (void)state;
    struct place place;
    struct error err;
    struct report_writer *writer;
    const double values[200] = {0};
    const struct report_population population = {"exc", ids, 2};
    assert_true(make_place(&place));
    const struct report_settings settings = settings_for(&place, &population);
    for (int complete = 0; complete < 2; complete++) {
        assert_int_equal(report_create(&writer, &settings, &err), STATUS_OK);
        assert_int_equal(report_append(writer, 0, 100, values, &err), STATUS_OK);
        if (complete)
            assert_int_equal(report_complete(writer, &err), STATUS_OK);
        report_abandon(writer);
        assert_true(!exists(place.temporary) && !exists(place.path));
    }
    report_abandon(NULL);
    remove_place(&place);
}

static void a_missing_folder_is_told(void **state)
{
    (void)state;
    struct error err;
    struct report_writer *writer;
    const struct report_population population = {"exc", ids, 2};
    const struct place place = {.path = "/nowhere/at/all/out.h5"};
    const struct report_settings settings = settings_for(&place, &population);
    assert_int_equal(report_create(&writer, &settings, &err), STATUS_OUTPUT);
    assert_non_null(strstr(err.text, "/nowhere/at/all"));
    assert_null(writer);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(stop_counts_the_rows),
        cmocka_unit_test(stop_counts_many_rows),
        cmocka_unit_test(stop_serves_bmtk_too),
        cmocka_unit_test(a_report_has_its_name_when_it_is_whole),
        cmocka_unit_test(an_abandoned_report_leaves_nothing),
        cmocka_unit_test(a_missing_folder_is_told),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
