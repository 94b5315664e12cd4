/* The spikes of the last steps (net/history.h). */
#include "net/history.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void a_history_keeps_as_many_steps_as_it_has_slots(void **state)
{
    (void)state;
    struct history h;
    assert_int_equal(history_open(&h, 2, 5, NULL), STATUS_OK);
    for (uint64_t step = 0; step < 23; step++)
        for (size_t p = 0; p < 2; p++) {
            size_t count = (size_t)(step * 7 + p) % 11;
            assert_int_equal(history_resize(&h, p, step, count, NULL), STATUS_OK);
            for (size_t i = 0; i < count; i++)
                history_at(&h, p, step)->ids[i] = (uint32_t)(step * 100 + p * 50 + i);
        }
    for (uint64_t step = 18; step < 23; step++)
        for (size_t p = 0; p < 2; p++) {
            const struct step_spikes *spikes = history_at(&h, p, step);
            assert_int_equal(spikes->count, (step * 7 + p) % 11);
            for (size_t i = 0; i < spikes->count; i++)
                assert_int_equal(spikes->ids[i], step * 100 + p * 50 + i);
        }
    history_close(&h);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_history_keeps_as_many_steps_as_it_has_slots)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
