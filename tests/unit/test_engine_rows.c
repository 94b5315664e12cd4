/* Reading a block's rows in any pieces: the same rows, and nothing written beside them. */
#include "base/digest.h"
#include "helpers/simulate.h"

static const char config_text[] = "[simulation]\ndt = 0.1 ms\nduration = 1 s\n"
                                  "[population.p]\nsize = 5000\nI_e = uniform(380 pA, 900 pA)\n"
                                  "V_m = uniform(-70 mV, -55 mV)\n";

struct rows {
    uint64_t count;
    uint64_t *ids;
    double *times;
};

static struct rows read_whole(const struct engine *engine)
{
    struct rows r = {.count = engine_block_rows(engine, 0)};
    r.ids = malloc(8 * r.count);
    r.times = malloc(8 * r.count);
    assert_true(r.ids && r.times);
    engine_read_rows(engine, 0, 0, (size_t)r.count, r.ids, r.times);
    return r;
}

static void check_order(const struct rows *r)
{
    for (uint64_t i = 1; i < r->count; i++)
        assert_true(r->times[i - 1] < r->times[i] ||
                    (r->times[i - 1] == r->times[i] && r->ids[i - 1] < r->ids[i]));
}

/* `rows` rows from `first` on, between two guards. */
static void check_piece(const struct engine *engine, const struct rows *whole, uint64_t first,
                        size_t rows)
{
    uint64_t *ids = malloc(8 * (rows + 2));
    double *times = malloc(8 * (rows + 2));
    assert_true(ids && times);
    ids[0] = ids[rows + 1] = 77777;
    times[0] = times[rows + 1] = -1.0;
    engine_read_rows(engine, 0, first, rows, ids + 1, times + 1);
    assert_true(ids[0] == 77777 && ids[rows + 1] == 77777);
    assert_true(times[0] == -1.0 && times[rows + 1] == -1.0);
    assert_memory_equal(ids + 1, whole->ids + first, 8 * rows);
    assert_memory_equal(times + 1, whole->times + first, 8 * rows);
    free(ids);
    free(times);
}

static void pieces_are_parts_of_the_whole(void **state)
{
    (void)state;
    struct simulation s;
    simulation_open(&s, config_text, 64);
    for (int block = 0; block < 10; block++) {
        engine_advance(s.engine, 64);
        struct rows whole = read_whole(s.engine);
        assert_true(whole.count > 1000);
        check_order(&whole);
        for (uint64_t piece = 0; piece < 500; piece++) {
            uint64_t first = mix64(piece) % whole.count;
            size_t left = (size_t)(whole.count - first), rows = (size_t)(mix64(~piece) % 40);
            check_piece(s.engine, &whole, first, piece % 10 == 0 || rows > left ? left : rows);
        }
        free(whole.ids);
        free(whole.times);
    }
    simulation_close(&s);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_parts_of_the_whole),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
