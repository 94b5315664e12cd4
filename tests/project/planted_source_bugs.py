"""Bugs in populations that are only sources of spikes, for planted_bugs.py."""
SOURCES = "test_sources.py::"
RASTER_IS_FILE = SOURCES + "test_the_raster_is_the_file"

SOURCE_BUGS = {
    "replayed spikes come one dt late": (
        [("src/setup/feed.c", "    feed->step--;\n", "")],
        ["test_input_spikes.py::test_replayed_spikes_against_a_loop", RASTER_IS_FILE,
         "test_input_spikes.py::test_a_jump_comes_delay_after_its_spike"]),
    "a source spikes at most once a step": (
        [("src/population/tile_source.c", "n > 0; n--)", "n > 0; n = 0)")],
        ["test_sources/numbers_in_a_step_are_poissons", RASTER_IS_FILE]),
    "sources draw by places": (
        [("src/population/tile_source.c", "padded, step, first_id);",
          "padded, step, first_id - p->first_id);")],
        ["test_sources/parts_spike_as_the_whole"]),
    "all sources draw the same": (
        [("src/population/population_open.c", 'description->name, "spikes")', '"x", "spikes")')],
        ["test_sources/populations_and_seeds_are_unrelated"]),
    "a source's rate changes one step late": (
        [("src/neuron/poisson.c", "config_times_passed(&v[TIMES], step)",
          "config_times_passed(&v[TIMES], step - (step > 0))")],
        ["test_sources/rates_hold_from_their_times_on"]),
    "a source has one step more": (
        [("src/neuron/generator.h", "step < generator->stop", "step <= generator->stop")],
        ["test_sources/rates_hold_from_their_times_on",
         SOURCES + "test_start_stop_and_first_id"]),
    "the most spikes are those of a lower rate": (
        [("src/neuron/poisson_table.c", "mean *= 1.0 + 1e-9;", "mean *= 0.97;")],
        ["test_sources/no_table_is_longer_than_foretold"]),
    "256 spikes in a step": (
        [("src/setup/feed.c", "<= CONFIG_FILE_MOST)", "<= 1 + CONFIG_FILE_MOST)")],
        [SOURCES + "test_strange_files_are_refused"]),
    "spikes in a step are counted in the order of the file": (
        [("src/setup/feed.c", "    status = sort_spikes(feed, err);\n    if (!status)\n"
          "        status = find_most(feed, err);\n",
          "    status = find_most(feed, err);\n    if (!status)\n"
          "        status = sort_spikes(feed, err);\n")],
        [SOURCES + "test_strange_files_are_refused"]),
    "digest: a source's spikes stand once": (
        [("src/sim/sim_file_digest.c", "s->times > s->most", "s->times > 1")],
        [SOURCES + "test_a_selection_and_a_window_are_recorded"]),
    "inputs act on sources": (
        [("src/config/read_targets.c", "        if (!is_source(p))\n            continue;\n",
          "        if (!is_source(p) || p)\n            continue;\n")],
        ["test_bad_configs/every_broken_config_gives_its_messages"]),
    "a source's potential is recorded": (
        [("src/config/config.c", "bool membrane = !model || !model->source_only;",
          "bool membrane = true;")],
        ["test_bad_configs/every_broken_config_gives_its_messages"]),
    "the pilot takes a part of a file's neurons": (
        [("src/sim/sim_sample.c", "size <= most || p->model->fed", "size <= most")],
        [SOURCES + "test_the_pilot_sees_all_neurons_of_a_file"]),
}
