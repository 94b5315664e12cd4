"""Bugs in projections, for planted_bugs.py."""
WIRING, WIRING_LAWS = "test_wiring/", "test_wiring_laws/"
WIRING_NEST = "test_wiring_nest/connections_are_as_nests"
OFTEN = WIRING_LAWS + "pairs_are_made_as_often_as_they_should"
AS_TOLD = WIRING + "numbers_autapses_and_multapses_are_as_told"
WIRING_STAYS = WIRING + "synapses_stay_what_they_were"
INDEGREE = "src/net/rule_indegree.c"

# name: (replacements (file, old, new), tests that must fail)
NETWORK_BUGS = {
    "projections: an autapse is dropped, not drawn again": (
        [(INDEGREE, "    return wiring->sources - (uint64_t)is_source;",
          "    return wiring->sources - 0 * (uint64_t)is_source;"),
         (INDEGREE,
          "            uint64_t source = wiring_dice_below(&writer->dice, i, row.sources);\n"
          "            batch->source[i] = source + (source >= row.self);",
          "            uint64_t source = wiring_dice_below(&writer->dice, i, row.sources);\n"
          "            batch->source[i] = source == row.self ? source - 1 : source;")],
        [OFTEN, WIRING_NEST, WIRING_STAYS]),
    "projections: multapses are merged": (
        [(INDEGREE, "    return draw_tile(writer, true, err);",
          "    return draw_tile(writer, false, err);"),
         ("src/net/rule_total.c",
          "            count[alike ? drawn : wiring_pair_at(wiring, tile, drawn).source]++;",
          "            count[alike ? drawn : wiring_pair_at(wiring, tile, drawn).source] = 1;")],
        [OFTEN, WIRING_NEST, AS_TOLD]),
    "projections: each tile draws the same": (
        [("src/net/wiring_dice.c", "    dice->tile = tile;", "    dice->tile = 0 * tile;")],
        [WIRING_LAWS + "synapses_do_not_know_of_one_another", WIRING_STAYS]),
    "projections: what a tile draws depends on the one before": (
        [("src/net/wiring_dice.c", "    dice->key = key;",
          "    static uint32_t before;\n    key.word[0] += before++;\n    dice->key = key;")],
        [WIRING + "a_tile_is_the_same_alone_and_by_any_kernels",
         WIRING + "pairs_alone_are_the_same_pairs"]),
    "projections: the shares of a tree's halves are swapped": (
        [("src/net/wiring_tree.c", "wiring_count_binomial(n, (double)left, (double)right)",
          "wiring_count_binomial(n, (double)right, (double)left)")],
        [WIRING_LAWS + "tiles_share_synapses_as_they_should",
         WIRING_LAWS + "degrees_have_their_distributions"]),
    "projections: numbers with bias": (
        [("src/net/wiring_dice.c", "    return low < (wide ? -n % n : (UINT64_C(1) << 32) % n);",
          "    return wide && low > n;")],
        [WIRING + "numbers_are_without_bias"]),
    "projections: distinct sources all from the whole list": (
        [("src/net/wiring_distinct.c", "wiring_dice_below(dice, i, last + 1)",
          "wiring_dice_below(dice, i, distinct->n)")],
        [WIRING_LAWS + "distinct_pairs_are_any_set"]),
    "projections: delays rounded down": (
        [("src/net/wiring_values.c", "delay / dt + 0.5;", "delay / dt;")],
        [WIRING_LAWS + "weights_and_delays_have_their_distributions", WIRING_NEST]),
    "projections: weights and delays from one stream": (
        [("src/net/wiring.c", 'stream(p, "delay")', 'stream(p, "weight")')],
        [WIRING_LAWS + "weights_and_delays_have_their_distributions"]),
    "projections: one number for all names": (
        [("src/net/wiring.c", 'draw_stream_key(projection->seed, "projection.", projection->name,',
          'draw_stream_key(projection->seed, "projection.", "p",')],
        [WIRING + "projections_do_not_know_of_one_another"]),
}
