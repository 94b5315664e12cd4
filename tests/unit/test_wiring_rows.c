/* fixed_outdegree with multapses, as docs/numerics.md has it: every source's targets in a tile from
 * words of its own. */
#include "helpers/kernel_helpers.h"
#include "helpers/wiring_helpers.h"
#include "kernel/philox.h"
#include "neuron/draw.h"

#define NO_AUTAPSES "allow_autapses = no\n"

struct own_words {
    struct philox_key key;
    uint64_t tile, tile_first, tile_end, source_first; /* ids of targets and of the first source */
    bool autapses;
    uint64_t source, number; /* of the last synapse: place, and its number among the source's */
    uint64_t count, again;
};

static uint64_t own_target(struct own_words *w, uint64_t source, uint64_t number)
{
    const uint64_t self = w->source_first + source, targets = w->tile_end - w->tile_first;
    const bool is_own = !w->autapses && self >= w->tile_first && self < w->tile_end;
    const uint64_t m = targets - is_own, each = m == 65536 ? 8 : 4;
    uint64_t target;
    for (uint32_t draw = 0;; draw++, w->again++) {
        uint32_t word[4] = {(uint32_t)source, draw << 16, (uint32_t)(number / each),
                            (uint32_t)w->tile};
        philox_words(word, w->key);
        if (m == 65536) {
            target = word[number % 8 / 2] >> (number % 2 * 16) & 0xffff;
            break;
        }
        const uint64_t product = word[number % 4] * m;
        target = product >> 32;
        if ((product & 0xffffffff) >= (UINT64_C(1) << 32) % m)
            break;
    }
    return target + (is_own && target >= self - w->tile_first);
}

static void check_own(void *context, const struct wiring_batch *batch)
{
    struct own_words *w = context;
    for (size_t i = 0; i < batch->count; i++, w->count++) {
        w->number = batch->source[i] == w->source ? w->number + 1 : 0;
        w->source = batch->source[i];
        assert_int_equal(batch->target[i], own_target(w, w->source, w->number));
    }
}

/* Targets are 65,536 - 100, 65,536, 10,000 of one population and 50 of the next. */
static uint64_t check_own_words(const char *autapses, uint64_t *again)
{
    char text[1000];
    snprintf(text, sizeof text,
             HEAD "[population.a]\nsize = 141072\n[population.b]\nsize = 50\n[projection.p]\n"
                  "source = a[65000:70000]\ntarget = a[100:], b\nrule = fixed_outdegree\n"
                  "outdegree = 2000\ndelay = 1 ms\nweight = 1 mV\n%s",
             autapses);
    static const uint64_t first[] = {100, 65536, 131072, 0}, end[] = {65536, 131072, 141072, 50};
    static const uint64_t place[] = {0, 65436, 130972, 140972, 141022};
    struct config *config = read_text(text);
    struct wiring *wiring = open_wiring(config, 0, kernels_best_isa());
    uint64_t count = 0;
    assert_int_equal(wiring_tiles(wiring), 4);
    for (uint64_t tile = 0; tile < 4; tile++) {
        struct own_words w = {
            .key = draw_stream_key(config->projection[0].seed, "projection.", "p", "target"),
            .tile = tile,
            .tile_first = tile < 3 ? first[tile] : UINT64_C(1) << 40, /* none is a source */
            .tile_end = tile < 3 ? end[tile] : (UINT64_C(1) << 40) + 50,
            .source_first = 65000,
            .autapses = *autapses == 0,
            .source = UINT64_MAX};
        assert_int_equal(wiring_first_target(wiring, tile), place[tile]);
        assert_int_equal(wiring_end_target(wiring, tile), place[tile + 1]);
        assert_int_equal(wiring_tile_of(wiring, place[tile]), tile);
        assert_int_equal(wiring_tile_of(wiring, place[tile + 1] - 1), tile);
        assert_int_equal(wiring_draw(wiring, tile, WIRING_PAIRS, check_own, &w, NULL), STATUS_OK);
        assert_int_equal(w.count, wiring_tile_count(wiring, tile));
        count += w.count;
        *again += w.again;
    }
    wiring_close(wiring);
    config_free(config);
    return count;
}

static void sources_have_words_of_their_own(void **state)
{
    (void)state;
    uint64_t again = 0;
    assert_int_equal(check_own_words("", &again), 5000 * 2000);
    assert_int_equal(check_own_words(NO_AUTAPSES, &again), 5000 * 2000);
    assert_true(again > 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(sources_have_words_of_their_own)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
