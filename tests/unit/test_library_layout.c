/* A program that was compiled with other structs is told so, and nothing of it is written to. */
#define _GNU_SOURCE 1 /* nftw */
#include "helpers/stepwise_helpers.h"

static const char small[] = "[simulation]\nduration = 1 ms\n[population.a]\nsize = 3\n";

/* Of a later version. */
struct larger {
    struct mlif_options known;
    const char *more;
};

/* Each call that takes options refuses them; a report keeps its bytes. */
static void refuse_everywhere(const struct mlif_options *options, const char *why)
{
    struct mlif_messages errors = {NULL, 0};
    struct mlif_simulation *s = (struct mlif_simulation *)&errors;
    struct mlif_report report, untouched;
    struct mlif_check_report check, untouched_check;
    memset(&report, 0x5a, sizeof report);
    memset(&untouched, 0x5a, sizeof untouched);
    memset(&check, 0x5a, sizeof check);
    memset(&untouched_check, 0x5a, sizeof check);
    assert_refused(mlif_open(&s, options, &errors, NULL), &errors, why);
    assert_null(s);
    assert_refused(mlif_run(options, &report, &errors, NULL), &errors, why);
    assert_refused(mlif_join("nothing.h5", options, &report, &errors, NULL), &errors, why);
    assert_refused(mlif_check(options, &check, &errors, NULL), &errors, why);
    assert_int_equal(mlif_config_line(options, "model.ini:2: so"), 0);
    assert_memory_equal(&report, &untouched, sizeof report);
    assert_memory_equal(&check, &untouched_check, sizeof check);
}

static void other_structs_are_refused(void **state)
{
    (void)state;
    const struct mlif_options good = options_for(small, NULL);
    struct mlif_options options = good;
    assert_int_equal(good.size, sizeof good);
    assert_int_equal(mlif_config_line(&good, "model.ini:2: so"), 2);
    options.size = 0;
    refuse_everywhere(&options, "options.size is 0");
    options.size = offsetof(struct mlif_options, resume_command);
    refuse_everywhere(&options, "the program's structs are not those of this library");
    options = good;
    options.layout = 0;
    refuse_everywhere(&options, "options.layout is 0");
    options.layout = good.layout + 5 * sizeof(char *); /* a longer mlif_projection_report */
    refuse_everywhere(&options, "compile it again");
}

static void options_of_a_later_version_are_taken_where_they_ask_for_nothing(void **state)
{
    (void)state;
    struct mlif_report report;
    struct larger later = {options_for(small, NULL), NULL};
    later.known.size = sizeof later;
    assert_int_equal(mlif_run(&later.known, &report, NULL, NULL), MLIF_OK);
    assert_int_equal(report.steps, 10);
    mlif_report_free(&report);
    later.more = "x";
    refuse_everywhere(&later.known, "with options that it does not know");
}

static void the_library_tells_its_sizes(void **state)
{
    (void)state;
    assert_int_equal(mlif_struct_size("mlif_options"), sizeof(struct mlif_options));
    assert_int_equal(mlif_struct_size("mlif_progress"), sizeof(struct mlif_progress));
    assert_int_equal(mlif_struct_size("mlif_compared_population"),
                     sizeof(struct mlif_compared_population));
    assert_int_equal(mlif_struct_size("mlif_simulation"), 0);
    assert_int_equal(mlif_struct_size(""), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_structs_are_refused),
        cmocka_unit_test(options_of_a_later_version_are_taken_where_they_ask_for_nothing),
        cmocka_unit_test(the_library_tells_its_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
