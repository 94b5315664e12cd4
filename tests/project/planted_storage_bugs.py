"""Bugs in how synapses are kept as bitmaps, for planted_bugs.py."""
KERNEL, BITS = "src/kernel/bit_rows.h", "src/net/synapse_bits.c"
DELIVER, HASH = "src/net/deliver_bits.c", "src/config/config_hash.c"

COUNTED = "test_kernel_bits/bits_are_counted"
ARRIVES = "test_synapses/what_arrives_is_the_sum_of_what_was_sent"
DRAWN = "test_synapses/bitmaps_are_what_is_drawn"
DIGEST = "test_net_storage.py::test_one_digest[single-bitmaps-2-128-avx512]"
RESUMED = "test_net_storage.py::test_resumed_with_another_storage"

# name: (replacements (file, old, new), tests that must fail)
STORAGE_BUGS = {
    "bitmaps: a carry is lost": (
        [(KERNEL, "        carry = next;\n", "        carry = vu_and(next, carry);\n"
          "        carry = p > 3 ? vu_xor(carry, carry) : carry;\n")],
        [COUNTED]),
    "bitmaps: of three rows two are counted": (
        [(KERNEL, "    if (a->most < 2)\n", "    if (a->most < 4)\n")],
        [COUNTED]),
    "bitmaps: the second eight rows are left out": (
        [(KERNEL, "k < a->count;", "k < a->count && k != BIT_ROWS_ABREAST;")],
        [COUNTED]),
    "bitmaps: sums behind the last target are written": (
        [(KERNEL, "left < 8 * BITS_COLUMN ? left : 8 * BITS_COLUMN", "8 * BITS_COLUMN")],
        [COUNTED]),
    "bitmaps: pairs have one synapse": (
        [("src/net/deliver.c", "if (s->list)",
          "if (s->form.storage != STORAGE_BITMAPS)")],
        [ARRIVES, DIGEST]),
    "bitmaps: a row for each of a population, not of a range": (
        [(DELIVER, "spikes->ids[i] - bits->source;", "spikes->ids[i];")],
        [ARRIVES, DIGEST]),
    "bitmaps: rows begin at the cell's first target": (
        [(DELIVER, "(char *)sum + bits->begin *", "(char *)sum + 0 * bits->begin *")],
        [DIGEST]),
    "bitmaps: a step has 56 spikes at most": (
        [(DELIVER, "            add_rows(kernels, synapses, &rows, sum);\n        add_row(",
          "            rows.count = 0;\n        add_row(")],
        [ARRIVES, DIGEST]),
    "bitmaps: a source has one event": (
        [(BITS, "bits->count[id - bits->source]++;", "bits->count[id - bits->source] = 1;")],
        [DRAWN, DIGEST]),
    "bitmaps: two projections share a table": (
        [("src/net/net_build.c", "if (order || f->storage == STORAGE_LISTS)",
          "if (order || true)")],
        [DIGEST]),
    "bitmaps: for any projection of one weight and delay": (
        [("src/net/storage.c", "row_most = 1.25", "row_most = 1e9")],
        ["test_check_network.py::test_dense_constant_projections_are_bitmaps[change2-target]",
         "test_net_storage.py::test_each_projection_is_kept_as_asked"]),
    "bitmaps: a run must go on with its storage": (
        [(HASH, 'is(line->section, "[checkpoint]") || is_storage(line)',
          'is(line->section, "[checkpoint]") || (false && is_storage(line))')],
        [RESUMED]),
    "bitmaps: the hash knows of storage": (
        [(HASH, 'strncmp(line, "storage ", 8) == 0', 'strncmp(line, "storage:", 8) == 0')],
        ["test_config_text/storage_is_not_in_the_hash"]),
}
