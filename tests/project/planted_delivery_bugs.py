"""Bugs in how a network keeps its synapses and delivers spikes, for planted_bugs.py."""
DRAW, SYNAPSES = "src/net/synapse_draw.c", "src/net/synapse_lists.c"
BUILD, DELIVER = "src/net/net_build.c", "src/net/deliver.c"
GRID, NETWORK = "src/net/weight_grid.c", "src/engine/network.c"

LISTS = "test_synapses/"
ARRIVES = LISTS + "what_arrives_is_the_sum_of_what_was_sent"
DRAWN = LISTS + "lists_are_what_is_drawn"
RESUME = "test_net_resume/"
CUT = RESUME + "a_run_in_single_is_cut_after_any_step"
LIMIT = RESUME + "a_limit_ends_a_network_at_its_step"
NEST = "test_net_nest.py::test_every_spike_in_double_is_nests"
NEST_TRACES = ["test_net_nest/iaf_psc_exp_is_nests", "test_net_nest/iaf_cond_alpha_is_nests"]
TILES = "test_net_sameness.py::test_tiles_and_blocks[single-128-1]"
NUMPY = "test_net_numpy.py::test_numpy_has_the_same_spikes"

ANEW = "test_net_storage.py::test_whole_tiles_drawn_anew[single]"

DELAY = "const uint32_t delay = drawn->delay[i]"
PICKED = "d->whole || is_of(d, batch, i)"

# name: (replacements (file, old, new), tests that must fail)
DELIVERY_BUGS = {
    "procedural: a cell that has a part of a tile takes targets of its neighbours": (
        [("src/net/procedural.c", "procedural_clip(d->rule, d->number, NULL, count)", "count")],
        [ANEW]),
    "procedural: neurons reach themselves": (
        [("src/net/procedural.c", "    procedural_move_up(d->number, count, self);\n", "")],
        [ANEW]),
    "procedural: the digest has all of a tile for each of its cells": (
        [("src/net/procedural_open.c", "procedural_clip(n->rule, n->number, n->source, count)",
          "count")], [ANEW]),
    "procedural: neurons reach themselves in the digest": (
        [("src/net/procedural_open.c", "procedural_self(n->rule, source));", "WIRING_NONE);")],
        [ANEW]),
    "procedural: numbers of all sources are a byte": (
        [("src/net/procedural_counts.c", "count_most(p) <= UINT8_MAX ?", "count_most(p) > 0 ?"),
         ("src/net/procedural_counts.c", "UINT8_MAX + 1 : UINT32_MAX", "UINT32_MAX : UINT32_MAX")],
        [ANEW]),
    "procedural: a rank's tiles begin with the first": (
        [("src/net/procedural_counts.c", "(counts->tile[tile] != NULL);", "(tile == 0);")],
        ["test_net_storage.py::test_ranks_draw_their_own_tiles_anew"]),
    "counts: a threshold is looked for one place too far": (
        [("src/kernel/count_rows.h", "((size_t)1 << t.halvings) - 1;",
          "((size_t)1 << t.halvings) - (t.halvings < 2);")],
        ["test_kernels/counts_are_their_definition", "test_samplers/counts_are_poisson"]),
    "delivery: what a byte cannot count is lost": (
        [("src/net/tally.h", "narrow[target[i]] += (UINT8_MAX + 1)",
          "narrow[target[i]] += UINT8_MAX")],
        ["test_tally/counted_or_not_sums_are_the_same"]),
    "delivery: counts stay for the next step": (
        [("src/kernel/rows.h", "        count[i] = 0;\n", "")],
        [ARRIVES, "test_tally/counted_or_not_sums_are_the_same"]),
    "procedural: the last half of a row is not drawn": (
        [("src/kernel/simd_scalar.h", "    return *keep;", "    return *keep > 7 ? 7 : *keep;")],
        ["test_philox/halves_are_the_first_ones_of_each_row"]),
    "delivery: spikes arrive one step late": (
        [(SYNAPSES, DELAY, DELAY + " + 1")],
        [DRAWN, NUMPY, NEST + "[micro_delta]", NEST + "[cond_exp]", *NEST_TRACES]),
    "delivery: spikes arrive one step early": (
        [(SYNAPSES, DELAY, DELAY + " - (drawn->delay[i] > 1)")],
        [DRAWN, NUMPY, NEST + "[micro_delta]", NEST + "[cond_exp]", *NEST_TRACES]),
    "delivery: no neuron reaches itself": (
        [(DRAW, PICKED,
          f"({PICKED}) && batch->source[i] != d->tile_first + batch->target[i]")],
        [NEST + "[exp]", NEST + "[micro_alpha]", *NEST_TRACES]),
    "delivery: a pair has one synapse": (
        [(DRAW, PICKED,
          f"({PICKED}) && (i == 0 || batch->source[i - 1] != batch->source[i] ||\n"
          "                batch->target[i - 1] != batch->target[i])")],
        [NEST + "[exp]", NEST + "[micro_delta]", *NEST_TRACES]),
    "delivery: weights of 16 bits lose their sign": (
        [(DELIVER, "(int16_t)(synapse[i] & 0xffff)", "(uint16_t)(synapse[i] & 0xffff)")],
        [ARRIVES, "test_net_nest.py::test_single_with_weights_of_16_bits[exp]"]),
    "delivery: weights in double go through floats": (
        [(DELIVER, "(int64_t)((uint64_t)synapse[2] << 32 | synapse[1])",
          "(int64_t)(float)(int64_t)((uint64_t)synapse[2] << 32 | synapse[1])")],
        [ARRIVES, *NEST_TRACES]),
    "delivery: a tile forgets its last target": (
        [(BUILD, "range->end < behind ? range->end : behind;",
          "range->end < behind ? range->end : behind - 1;")],
        [TILES]),
    "delivery: sources depend on the tile": (
        [(DRAW, PICKED,
          f"({PICKED}) && (d->part->begin == 0 || batch->source[i] % 16 > 0)")],
        [TILES]),
    "delivery: a second part of a list is left out": (
        [(DELIVER, "    while ((count = list_due(f, (uint32_t)step)) > 0) {",
          "    if ((count = list_due(f, (uint32_t)step)) > 0) {")],
        ["test_synapses/long_segments_are_delivered_in_whole"]),
    "delivery: steps taken again go on where the last ended": (
        [(DELIVER, "    if (f->step != step) {", "    if (f->step < step) {")],
        [ARRIVES, LIMIT, "test_net_runs.py::"
         "test_a_limit_leaves_the_raster_of_a_run_of_that_duration[limit0-0]"]),
    "delivery: ranges of sources lack their last one": (
        [(DRAW, "source < part->source_end &&", "source + 1 < part->source_end &&")],
        [ARRIVES, NUMPY]),
    "delivery: a checkpoint has one step too few": (
        [(NETWORK, "? delays.greatest : 0;", "? delays.greatest - 1 : 0;")],
        [CUT]),
    "delivery: ids of a checkpoint are in any order": (
        [(NETWORK, "return last && !are_ascending(e, population)",
          "return last && false && !are_ascending(e, population)")],
        [RESUME + "ids_that_do_not_ascend_are_refused"]),
    "delivery: without memory a checkpoint is damaged": (
        [("src/checkpoint/resume.c", "if (status == STATUS_MEMORY)\n",
          "if (status == STATUS_MEMORY && !field)\n")],
        ["test_allocations_checkpoint/a_resumed_run_survives_every_failing_allocation"]),
    "delivery: heads of segments count to 2^16": (
        [(SYNAPSES, "SEGMENT_MOST = 65535", "SEGMENT_MOST = 65536")],
        [LISTS + "segments_may_be_longer_than_a_head_counts"]),
    "delivery: two lists for weights of 0": (
        [(BUILD, "{most > 0 || least >= 0, least < 0};", "{most >= 0, least < 0};")],
        [LISTS + "weights_of_zero_take_one_list"]),
    "delivery: synapses of weight 0 left out": (
        [(BUILD, "{most > 0 || least >= 0, least < 0};", "{most > 0, least < 0};")],
        [LISTS + "weights_of_zero_take_one_list"]),
    "cells: larger than numbers of 16 bits reach": (
        [("src/net/net_cell.c", "cells < enough && largest > NET_CELL_MOST;",
          "cells < enough && largest > NET_CELL_MOST + 4096;")],
        ["test_net_cell/no_cell_is_too_large"]),
    "cells: canonical tiles that are drawn anew are cut": (
        [("src/net/net_cell.c", "if (2 * units <= cells)", "if (units > 0)")],
        ["test_net_cell/canonical_tiles_stay_together"]),
    "weights: a sum has one bit too many": (
        [(GRID, "    SPARE = 2,", "    SPARE = 1,")],
        ["test_weight_grid/exponents_in_single", "test_weight_grid/exponents_in_double"]),
    "weights: halves go up": (
        [(GRID, "(exact + half_ulp_1) - half_ulp_1", "floor(exact + 0.5)")],
        ["test_weight_grid/roundings_by_hand"]),
    "weights: the largest of 16 bits has no room": (
        [(GRID, "unit_below(most * (1 + 0x1p-15),", "unit_below(most,")],
        ["test_weight_grid/the_largest_weight_has_room"]),
}
