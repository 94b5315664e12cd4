"""Bugs in how ranks share a run, for planted_bugs.py."""
EXCHANGE, GATHERED, ENGINE = "src/engine/exchange.c", "src/engine/gathered.c", "src/engine/engine.c"

RANKS = "test_ranks.py::test_"
NETWORK = RANKS + "network[single-2-1]"
NEURONS = RANKS + "without_projections[2-2]"
ONE = "test_table.py::test_a_first_exchange_with_room_for_one_spike"
TABLE = "test_table.py::test_the_files_of_one_process"

# name: (replacements (file, old, new), tests that must fail)
RANK_BUGS = {
    "ranks: the digest of one": (
        [(EXCHANGE, "            digest_merge(&w->digest[i], digest);",
          "            if (r == 0)\n                digest_merge(&w->digest[i], digest);")],
        [NETWORK, NEURONS]),
    "ranks: each takes its own findings for all": (
        [(EXCHANGE, "        findings_merge(findings, &all[r]);",
          "        if (r == comm->rank)\n            findings_merge(findings, &all[r]);")],
        [RANKS + "drawn_values_out_of_range_are_told_once_for_all", NEURONS]),
    "ranks: a network hears of the first half of what others tell": (
        [(EXCHANGE, "        if (to && count > 0)\n            memcpy(to, x->ids[r], count *",
          "        if (to && count > 0)\n            memcpy(to, x->ids[r], (count + 1) / 2 *")],
        [NETWORK, TABLE + "[brunel-openmpi-2-2]", TABLE + "[edges-openmpi-3-1]"]),
    "ranks: what is longer than the first exchange is lost": (
        [(EXCHANGE, "    if (longest <= x->length)\n        return;",
          "    if (longest <= x->length || longest > 0)\n        return;")],
        [RANKS + "more_spikes_than_an_exchange_has_room_for",
         ONE + "[brunel-openmpi-3-1]", ONE + "[edges-openmpi-2-7]"]),
    "ranks: the second exchange's messages lie as those of the first": (
        [(EXCHANGE, "x->message[r - 1] + x->each[r - 1];", "x->message[r - 1] + x->length;")],
        [ONE + "[brunel-openmpi-3-1]"]),
    "ranks: synapses onto the neurons behind a part are made, too": (
        [("src/net/net_build.c", "own.first + least(member->end * tile, own.neurons);",
          "own.first + least(member->end * tile, member->end * tile);")],
        [NETWORK]),
    "ranks: traces one over the other": (
        [(GATHERED, "        place += count;", "        place += 0 * count;")],
        [NEURONS]),
    "ranks: ids from each rank's first": (
        [(GATHERED, "ids[r], count, range.first, err);", "ids[r], count, 0 * range.first, err);")],
        [NEURONS, TABLE + "[demo-openmpi-3-1]", TABLE + "[noise-openmpi-4-2]"]),
    "ranks: counts of rank 0 alone": (
        [(GATHERED, "            p->totals.counts = all;",
          "            p->totals.counts = all->size > 0 ? own : all;")],
        [NEURONS]),
    "ranks: each counts for itself towards a limit": (
        [(ENGINE, "    if (e->exchange)\n        return exchange_count(e->exchange, i, k);", "")],
        [RANKS + "limits[network-simulation.stop_after_spikes=2000-0]"]),
}
