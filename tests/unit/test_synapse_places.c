/* Where lists begin is the same whether it is packed or not; packed only where lists are short. */
#include "net/synapse_places.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { SOURCES = 1000 };

/* Lists of these lengths: is every place what adding them up gives? */
static void check(const uint32_t *length, uint64_t sources, bool packed)
{
    struct synapse_places places;
    uint32_t sum = 0;
    assert_true(synapse_places_open(&places, sources));
    for (uint64_t s = 0; s < sources; sum += length[s++])
        places.first[s] = sum;
    places.first[sources] = sum;
    assert_true(synapse_places_pack(&places));
    assert_int_equal(places.near != NULL, packed);
    assert_int_equal(places.first != NULL, !packed);
    for (uint64_t s = sum = 0; s < sources; sum += length[s++])
        assert_int_equal(synapse_places_begin(&places, s), sum);
    assert_int_equal(synapse_places_begin(&places, sources), sum);
    if (packed)
        assert_true((double)synapse_places_bytes(&places) <=
                    1.01 * synapse_places_expected((double)sources, (double)sources, sum) + 64);
    synapse_places_close(&places);
}

static void short_lists_are_packed(void **state)
{
    (void)state;
    uint32_t length[SOURCES];
    for (size_t i = 0; i < SOURCES; i++)
        length[i] = (uint32_t)(i * 2654435761u >> 7) % 50;
    for (uint64_t sources = SOURCES - 70; sources <= SOURCES; sources++)
        check(length, sources, true);
    for (size_t i = 0; i < SOURCES; i++)
        length[i] += 20;
    check(length, SOURCES, false);
}

/* A list ends where the next begins, so that of a neighbour's last one counts with its neighbours.
 */
static void a_long_list_is_not_packed(void **state)
{
    (void)state;
    static uint32_t length[1 << 13];
    length[40] = 65535;
    check(length, 1 << 13, true);
    length[40] = 65536;
    check(length, 1 << 13, false);
    length[40] = 0;
    length[63] = 200000; /* nobody is told from it */
    check(length, 1 << 13, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(short_lists_are_packed),
        cmocka_unit_test(a_long_list_is_not_packed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
