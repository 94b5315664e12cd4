/* Which synapses projections make: exact counts, autapses, multapses, order, sameness. Their
 * distributions are test_wiring_laws.c's and long_wiring.c's. */
#include "helpers/wiring_helpers.h"

#include "net/wiring_bounds.h"

#define POPULATIONS HEAD "[population.a]\nsize = 6000\n[population.b]\nsize = 3000\n"
#define VALUES "weight = 0.1 mV\ndelay = 1.5 ms\n"
#define PROJECTION(text) POPULATIONS "[projection.p]\n" text VALUES

static void one_to_one_connects_places(void **state)
{
    (void)state;
    struct synapses s =
        all_synapses(PROJECTION("source = a[0:500], b\ntarget = a[2500:]\nrule = one_to_one\n"));
    assert_int_equal(s.count, 3500);
    for (size_t i = 0; i < s.count; i++) {
        assert_int_equal(s.of[i].source, i);
        assert_int_equal(s.of[i].target, i);
    }
    free_synapses(&s);
}

static void one_to_one_may_leave_out_autapses(void **state)
{
    (void)state;
    struct synapses s = all_synapses(PROJECTION("source = a[0:10], b[20:30]\n"
                                                "target = a[5:15], b[20:30]\nrule = one_to_one\n"
                                                "allow_autapses = no\n"));
    assert_int_equal(s.count, 10); /* a 0 -> a 5 ...; b 20 -> b 20 ... are left out */
    assert_int_equal(s.of[9].target, 9);
    free_synapses(&s);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_to_one_connects_places),
        cmocka_unit_test(one_to_one_may_leave_out_autapses),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
