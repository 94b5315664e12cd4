#!/usr/bin/env python3
"""Plants a bug in a copy of the sources, and shows that the tests named for it fail.

usage: tests/project/planted_bugs.py [NAME ...]        (all, without a name)

Each bug is a few exact replacements; text that is not found exactly once is an error, so that a bug
cannot quietly vanish when the code changes. Tests are named like tests/run names them:
`test_physics_nest/spikes_in_double_equal_nests` is a case of a unit test,
`test_physics_steps.py::...` one of pytest. All of them must pass without the bug, and each must
fail with it. `make test-long` runs this through long_planted_bugs.py.
"""
import sys
import tempfile

from planted_delivery_bugs import DELIVERY_BUGS
from planted_library_bugs import LIBRARY_BUGS
from planted_network_bugs import NETWORK_BUGS
from planted_rank_bugs import RANK_BUGS
from planted_source_bugs import SOURCE_BUGS
from planted_storage_bugs import STORAGE_BUGS
from planted_synapse_bugs import SYNAPSE_BUGS
from planted_tree import ROOT, SHIMS, Tree

NEST_SPIKES = "test_physics_nest/spikes_in_double_equal_nests"
NEST_SINGLE = "test_physics_nest/spikes_in_single_equal_nests"
NEST_TRACE = "test_physics_nest/trace_in_double_equals_nests"
MOMENTS = "test_physics_moments/moments_at_dt_0_1"
STEPS = "test_physics_steps.py::"
SHORTEST = STEPS + "test_shortest_interval_is_one_more_than_the_refractory_steps"
FROM_START = STEPS + "test_inputs_act_from_start_until_before_stop"

FILES = "test_input_files.py::"
REPLAY = "test_input_spikes.py::"
PILOT = "test_pilot.py::test_the_sample_stands_for_all_neurons"

CONFIG_POPULATION = "src/config/read_population.c"
POPULATION = "src/population/population_build.c"
ENGINE_STATE = "src/engine/engine_state.c"
POPULATION_SET = "src/population/population_set.c"
TILE = "src/population/tile.c"
TILE_ROWS = "src/population/tile_rows.c"
TILE_RUN = "src/population/tile_run.h"
BRIDGE = "src/population/tile_bridge.c"
LEAP = "src/population/tile_leap.c"
SET_SAME = "test_library_set/one_current_is_the_same_for_each"
SET_ABOVE = "test_library_set/little_above_threshold_it_spikes"
LEAPS = "test_leap/runs_are_the_same_with_and_without_leaps"
WHITE = "src/drive/drive_white_noise.c"
READ_T_REF = "config_parse_steps(&parser, value->exact, &population->t_ref_steps);"
FILL_NORMALS = "count, step - step % drive->hold, first_id);"
MADE_IN_STEP = "        .step = step,\n        .first_id = r->first_id,\n"
SIGMA_V = "return value[SIGMA_V] * sqrt(forgotten);"
STD = "return neuron->resistance * neuron->step.decay * value[STD];"
STREAM = 'draw_stream_key(input->seed, "input.", input->name, population->name)'

# Jumps of refractory neurons are kept and added when they are released (single precision).
RELEASE = ("    for (size_t i = 0; i < released; i++)\n"
           "        tile_reset(r, ids[i]);")
STEP = "    size_t listed = p->model->step("
KEEP_JUMPS = [
    (TILE, "/* The listed crossings, ascending.",
     "#include <math.h>\nstatic float kept[1 << 20];\n/* "),
    (TILE, RELEASE,
     RELEASE.replace("released; i++)", "released; i++) {") + "\n"
     "        if (r->p->real_bytes == sizeof(float))\n"
     "            ((float *)r->state[MODEL_U])[ids[i]] += kept[r->first + ids[i]];\n"
     "        kept[r->first + ids[i]] = 0;\n    }"),
    (TILE, STEP,
     "    for (size_t i = 0; jump[0].data && p->real_bytes == 4 && i < r->count; i++)\n"
     "        if (isnan(((const float *)r->state[MODEL_U])[i]))\n"
     "            kept[r->first + i] += ((const float *)jump[0].data)[i];\n"
     + STEP),
]

LIBRARY = "test_library/"
RECORD = "src/output/output_spikes.c"

TRACE = "src/population/trace.c"
REPORT = "src/sonata/report_writer.c"
TILE_LOOK = "src/population/tile_look.c"
LOOK = "    if (step == r->look)\n        tile_look(r, step, d, jump);\n"
FOLLOWED = "test_traces/neurons_are_followed_through_leaps"
TAKE_SPIKES = "    *spikes = take_spikes(r, listed, r->ids + r->total); /* (8) */\n"
TRACES = "test_traces.py::test_"
V_OF_NEST = ["test_traces/trace_equals_nests", TRACES + "a_trace_equals_nests"]

SWEEP = "test_sweep.py::test_"

CHECKPOINT_TRACES = "test_checkpoint_traces.py::test_"

# name: (replacements (file, old, new), tests that must fail)
BUGS = {
    **NETWORK_BUGS, **DELIVERY_BUGS, **STORAGE_BUGS, **SYNAPSE_BUGS, **SOURCE_BUGS,
    **LIBRARY_BUGS, **RANK_BUGS,
    "a longer run has the shorter one's file only under its own name": (
        [("src/checkpoint/spike_segments.c", "    enum status status = adopt_output(s, err);",
          "    enum status status = adopt_output ? STATUS_OK : STATUS_MEMORY;"),
         ("src/checkpoint/trace_segments.c", "        status = adopt_whole(t, r, err);",
          "        status = adopt_whole ? STATUS_OK : STATUS_MEMORY;")],
        [CHECKPOINT_TRACES + "killed_while_the_files_of_a_longer_run_get_their_names"]),
    "an object of a heap may be longer than the heap": (
        [("src/io/hdf5_text.c", "        if (size > left - HEADER)\n",
          "        if (size > left - HEADER && false)\n")],
        ["test_hdf5_text/a_size_beyond_the_heap_is_told"]),
    "chunks may have no size": (
        [("src/io/hdf5_header.c", "        require(c, bytes > 0 && bytes <= UINT32_MAX);\n",
          "        require(c, bytes <= UINT32_MAX);\n")],
        ["test_hdf5_open/chunks_of_no_size_are_told"]),
    "the name of a link may have no end": (
        [("src/io/hdf5_group.c", "g->names > 0 && data[g->names - 1]", "g->names > size")],
        ["test_hdf5_group/a_name_without_end_is_told"]),
    "the datatype of an attribute may be longer than its place": (
        [("src/io/hdf5_header.c", "!type.failed && !space.failed", "!space.failed")],
        ["test_hdf5_open/an_enumeration_of_too_many_members_is_told"]),
    "a chunk that is not packed may be of any size": (
        [("src/io/hdf5_chunks.c", "    return bytes == whole;\n",
          "    return bytes == whole || whole;\n")],
        ["test_hdf5_open/plain_chunks_of_another_size_are_told",
         "test_hdf5_open/a_filter_left_out_is_told"]),
    "a chunk may unpack to any size": (
        [("src/io/hdf5_chunks.c", "unpacks_to(packed, size, c.bytes));\n",
          "(unpacks_to(packed, size, c.bytes) || size));\n")],
        ["test_hdf5_open/chunks_that_unpack_to_another_size_are_told"]),
    "the stored bytes of a dataset are not compared with its extent": (
        [("src/io/hdf5_header.c", "    if (h->stored < bytes)\n",
          "    if (h->stored < bytes && false)\n")],
        ["test_hdf5_open/elements_of_another_size_are_told"]),
    "a text may have another length than its object in the heap": (
        [("src/io/hdf5_text.c",
          "            return size == r->length ? NULL : \"has two lengths\";\n",
          "            return NULL;\n")],
        ["test_hdf5_text/a_damaged_reference_is_an_error"]),
    "the number of a text in its heap is not looked for": (
        [("src/io/hdf5_text.c", "        if (index == r->index)\n",
          "        if (index == r->index || size == r->length)\n")],
        ["test_hdf5_text/a_damaged_reference_is_an_error"]),
    "the checksum of a trace's segment is not compared": (
        [("src/sonata/report_segment.c", "    if (!status && sum != r->segment->checksum)\n",
          "    if (!status && sum != r->segment->checksum && false)\n")],
        [CHECKPOINT_TRACES + "an_altered_segment_is_named[flipped]"]),
    "a trace's segment says that it begins at the run's first row": (
        [("src/output/output_traces.c", "record->start_step + first_row * record->interval_steps)",
          "record->start_step + 0 * first_row)")],
        [CHECKPOINT_TRACES + "killed_and_resumed_equals_undisturbed"]),
    "a resumed run takes any input file": (
        [("src/checkpoint/resume.c", "    if (now && !strstr(before, now))\n",
          "    if (now && !before)\n")],
        [CHECKPOINT_TRACES + "a_changed_input_file_is_refused_by_its_name[tone.h5]"]),
    "the first line of a sweep varies fastest": (
        [("src/config/sweep_points.c",
          "for (size_t line = sweep->line_count - 1; line > key->line; line--)",
          "for (size_t line = 0; line < key->line; line++)")],
        [SWEEP + "points_are_the_product_of_the_lines"]),
    "a grid is cut where it should be rounded": (
        [("src/config/sweep_list.c", "whole += left > 0 && 2 * left >= unit;",
          "whole += 0 * left;")],
        [SWEEP + "grid_is_linspace_in_decimals"]),
    "the unit of the last of several values holds for it alone": (
        [("src/config/sweep_list.c", "bare ? unit : \"\"", "\"\"")],
        [SWEEP + "points_are_the_product_of_the_lines"]),
    "a point's seed hangs on its place": (
        [("src/config/sweep_points.c", "fnv1a64_continue(fnv1a64(seed), sweep->point[point].name)",
          "fnv1a64(seed) + point")],
        [SWEEP + "seed_by_point_depends_on_the_name_alone"]),
    "a sweep takes outputs of another config for its own": (
        [("src/cli/result_file.c", "config_hash(text) == hash;", "(config_hash(text), true);")],
        [SWEEP + "outputs_of_another_config_are_not_taken"]),
    "a stopped point counts as failed": (
        [("src/cli/cli_jobs.c", "killed || code == STATUS_STOPPED,", "false,")],
        [SWEEP + "stops_at_a_signal_and_goes_on"]),
    "every job binds its threads to the same processors": (
        [("src/cli/cli_jobs.c", "    take_share(slot, r->jobs->threads);\n",
          "    (void)take_share;\n    (void)slot;\n")],
        [SWEEP + "bound_threads_get_processors_of_their_own"]),
    "a point above max_rate is tabled as done": (
        [("src/cli/result_file.c", "return range ? STATUS_RANGE : STATUS_OK;",
          "return range ? STATUS_OK : STATUS_OK;")],
        [SWEEP + "a_point_above_max_rate_keeps_its_results"]),
    "a callback gets the first piece of a block again and again": (
        [(RECORD, "engine_read_rows(r->engine, population, first, n,",
          "engine_read_rows(r->engine, population, 0, n,")],
        [LIBRARY + "many_spikes_come_in_pieces"]),
    "a callback that stops loses the rest of its block": (
        [(RECORD, "!status && record->spikes; i++)", "!status && !*stop && record->spikes; i++)")],
        [LIBRARY + "stops_and_goes_on"]),
    "a simulation cut into calls steps a block too far": (
        [("src/sim/sim.c", "checkpoint_most(&s->checkpoint, done, until - done)",
          "checkpoint_most(&s->checkpoint, done, all - done)")],
        [LIBRARY + "finishes_early", LIBRARY + "reads_the_membrane_potential"]),
    "threads do not wait for one another before HDF5": (
        [("src/io/hdf5_help.c", "    pthread_mutex_lock(&lock);\n", ""),
         ("src/io/hdf5_help.c", "    pthread_mutex_unlock(&lock);\n", "")],
        ["test_library_threads/threads_run_side_by_side"]),
    "a file finished early claims the whole duration": (
        [("src/sim/sim_report.c", "report->steps = engine_steps_done(s->engine);",
          "report->steps = s->setup.config->steps;")],
        [LIBRARY + "finishes_early"]),
    "refractory for r + 1 steps": (
        [(CONFIG_POPULATION, READ_T_REF, READ_T_REF + "\n    population->t_ref_steps++;")],
        [NEST_SPIKES, SHORTEST, "test_physics_constant.py::test_f_I_curve"]),
    "refractory for r - 1 steps": (
        [(CONFIG_POPULATION, READ_T_REF,
          READ_T_REF + "\n    population->t_ref_steps -= population->t_ref_steps > 0;")],
        [NEST_SPIKES, SHORTEST, "test_physics_constant.py::test_f_I_curve"]),
    "currents lag by one dt": (
        [(TILE, "tile_update_drift(&r, step);", "tile_update_drift(&r, step > 0 ? step - 1 : 0);")],
        [NEST_TRACE, "test_physics_nest.py::test_spikes_under_a_changing_current_equal_nests",
         "test_physics_steps/currents_are_held_from_the_start_of_a_step", FROM_START]),
    "noise and jumps lag by one dt": (
        [(TILE_ROWS, "row == kind && drive_active(drive, step))",
          "row == kind && drive_active(drive, step > 0 ? step - 1 : 0))")],
        [FROM_START, STEPS + "test_noise_acts_from_start_until_before_stop"]),
    "inputs stop one step late": (
        [("src/drive/drive.h", "step < drive->input->stop_step",
          "step <= drive->input->stop_step")],
        [FROM_START, STEPS + "test_noise_acts_from_start_until_before_stop"]),
    "sigma_V times sqrt 2": (
        [(WHITE, SIGMA_V, SIGMA_V.replace("sqrt(", "sqrt(2 * "))],
        [MOMENTS, "test_physics_rates.py::test_siegert_with_shifted_threshold",
         "test_physics_rates.py::test_siegert_extrapolated_to_dt_0"]),
    "std times sqrt 2": (
        [(WHITE, STD, STD.replace("return ", "return sqrt(2) * "))], [MOMENTS]),
    "hold ignored": (
        [(WHITE, "v[HOLD].given ? v[HOLD].integer : 1", "1")],
        [MOMENTS, STEPS + "test_a_held_number_acts_for_its_whole_hold"]),
    "noise shared between neurons": (
        [(WHITE, FILL_NORMALS, FILL_NORMALS.replace("first_id", "first_id % 512")),
         (TILE_ROWS, MADE_IN_STEP, MADE_IN_STEP.replace("r->first_id", "r->first_id % 512"))],
        ["test_physics_private/variance_of_the_mean_of_1e5",
         "test_physics_private/neighbours_are_unrelated"]),
    "noise repeated between steps": (
        [(WHITE, FILL_NORMALS, FILL_NORMALS.replace("step - step % drive->hold", "step / 2 * 2")),
         (TILE_ROWS, MADE_IN_STEP, MADE_IN_STEP.replace("step,", "step / 2 * 2,"))],
        [MOMENTS, "test_physics_private/steps_are_unrelated"]),
    "noise shared between populations": (
        [("src/drive/drive.c", STREAM, STREAM.replace("population->name", '"x"'))],
        ["test_physics_private/populations_are_unrelated"]),
    "noise shared between inputs": (
        [("src/drive/drive.c", STREAM, STREAM.replace("input->name", '"x"'))],
        ["test_physics_private/inputs_are_unrelated", MOMENTS]),
    "noise shared between neighbouring seeds": (
        [("src/drive/drive.c", STREAM, STREAM.replace("input->seed", "input->seed / 2"))],
        ["test_physics_private/seeds_are_unrelated"]),
    "noise depends on the size": (
        [(WHITE, FILL_NORMALS,
          FILL_NORMALS.replace("first_id", "first_id + drive->end / 128 * 128")),
         (TILE_ROWS, MADE_IN_STEP,
          MADE_IN_STEP.replace("r->first_id", "r->first_id + drive->end / 128 * 128"))],
        [STEPS + "test_the_size_of_a_population_changes_no_other_neuron"]),
    "noise depends on the inputs before it": (
        [("src/drive/drive.c", STREAM,
          STREAM.replace("input->seed", "input->seed + (uint64_t)(input - input->config->input)"))],
        [STEPS + "test_unrelated_changes_change_no_spike"]),
    "Poisson mean off by 1 %": (
        [("src/neuron/poisson_rates.c", "poisson_table_open(&rates->slot[i], rates->mean[i], err)",
          "poisson_table_open(&rates->slot[i], 1.01 * rates->mean[i], err)")],
        [MOMENTS]),
    "jumps kept in refractoriness": (
        KEEP_JUMPS,
        [STEPS + "test_jumps_are_dropped_in_refractoriness",
         "test_physics_steps/V_stays_at_V_reset_while_refractory"]),
    "jumps decay in their own step": (
        [("src/kernel/step.h", "            v = vr_add(v, change);\n            if (jumps)\n"
          "                v = vr_add(v, vr_load(jump + i));\n",
          "            v = vr_add(v, change);\n            if (jumps)\n"
          "                v = vr_add(v, vr_fnma(e_varies ? vr_load(e + i) : e1, vr_load(jump + "
          "i),\n"
          "                                      vr_load(jump + i)));\n")],
        ["test_physics_steps/jumps_are_added_after_propagation", MOMENTS]),
    "V in mV instead of u = V - V_th": (  # V_th is -50 mV in these tests
        [("src/kernel/step.h", "            v = vr_add(v, change);\n",
          "            v = vr_add(v, change);\n"
          "            v = vr_add(vr_add(v, vr_set1((real)-50)), vr_set1((real)50));\n"),
         ("src/kernel/leap.h", "vr_keep(vr_add(v[j], vr_fnma(ve, v[j], vd)))",
          "vr_add(vr_add(vr_add(v[j], vr_fnma(ve, v[j], vd)), vr_set1((real)-50)), "
          "vr_set1((real)50))"),
         ("src/kernel/leap.h", "            v = vr_add(v, vr_fnma(e, v, d));\n",
          "            v = vr_add(v, vr_fnma(e, v, d));\n"
          "            v = vr_add(vr_add(v, vr_set1((real)-50)), vr_set1((real)50));\n")],
        [NEST_SINGLE, "test_physics_constant.py::test_intervals[single-100-0.01]"]),
    "E_L taken twice": (
        [("src/neuron/model_membrane.c", "double free = v[POPULATION_E_L][i] -",
          "double free = 2 * v[POPULATION_E_L][i] -")],
        [NEST_SPIKES, MOMENTS]),
    "drawn t_ref rounded up": (
        [("src/neuron/neuron_draw.c", "source->config->dt_ms + 0.5)",
          "source->config->dt_ms + 0.999)")],
        [STEPS + "test_every_neuron_has_its_own_refractory_period"]),
    "release at V_reset of another neuron": (
        [(TILE_RUN, "(const float *)reset.data)[i]", "(const float *)reset.data)[i / 2u]"),
         (TILE_RUN, "(const double *)reset.data)[i]", "(const double *)reset.data)[i / 2u]")],
        ["test_physics_steps/release_starts_at_V_reset"]),
    "drawn numbers of inputs by place in the slice": (
        [("src/drive/input_draw.c", "neuron_place(source->population, id);",
          "neuron_place(source->population, id - target->begin);")],
        ["test_input_draws/slices_change_no_draw_but_a_linspace"]),
    "thinning keeps all": (
        [("src/neuron/poisson_thin.c", "left = some - lost;", "left = some;")],
        ["test_input_draws/drawn_rates_give_poisson_counts",
         "test_input_draws/thinning_is_binomial"]),
    "rows of drawn numbers begin elsewhere": (
        [("src/kernel/draw_rows.h", "memcpy(value + done, out + skip,",
          "memcpy(value + done, out,")],
        ["test_draw_rows/rows_are_single_draws"]),
    "rows of neurons run on into the next copy": (
        [("src/neuron/draw.c", "(size_t)of_copy : count - done;",
          "count - done : count - done;")],
        ["test_draw_rows/neurons_of_rows_are_single_ones",
         "test_copies/copies_are_the_same_cells"]),
    "copies draw for themselves": (
        [("src/neuron/draw.c", "if (done >= place.positions &&", "if (false &&"),
         ("src/neuron/draw.c", "place.index -= place.position;", "place.index += n;")],
        ["test_copies/copies_are_the_same_cells"]),
    "shared noise of the next cell": (
        [("src/drive/drive.c", "(first_id + done) % cells;", "(first_id + done + 1) % cells;")],
        ["test_copies/copies_share_their_noise", "test_copies/slices_share_it_too"]),
    "noise made in a step forgets nothing": (
        [("src/kernel/step.h", "vr_fnma(forgets, state, xi)", "vr_fnma(vr_set1(0), state, xi)")],
        ["test_kernel_noise/noise_made_in_a_step_is_that_made_before_it",
         "test_physics_ou/potential_at_dt_0_1"]),
    "crossings of other neurons where the step makes the noise": (
        [("src/kernel/step.h", "below[1] |= part[1] << lane;", "below[1] |= part[1];")],
        ["test_kernel_noise/noise_made_in_a_step_is_that_made_before_it"]),
    "tiles are taken from other threads without room for their spikes": (
        [("src/engine/worker.c",
          "while ((uint64_t)(ids - w->ids) + most + BLOCK_SLACK <= w->capacity) {",
          "while (most > 0) {")],
        ["test_sameness.py::test_tiles_are_left_to_their_thread_where_there_is_no_room"]),
    "tiles taken from other threads leave no digest": (
        [("src/engine/worker.c", "if (!e->limited)\n",
          "if (!e->limited && tile >= w->share[i].begin && tile < w->share[i].end)\n")],
        ["test_sameness.py::test_tiles_that_another_thread_steps[single-]"]),
    "a leap over V_m above threshold": (
        [(LEAP, "step == p->set_step ||", "")], [LEAPS, SET_ABOVE]),
    "a leap over V_m that was set above threshold": (
        [(POPULATION_SET, "    p->set_step = step;\n", "")], [SET_ABOVE]),
    "a leap over V_m that was set before a checkpoint": (
        [(ENGINE_STATE, "        p->set_step = step; /* as far as is known */\n", "")],
        [SET_ABOVE]),
    "one current for all is forgotten where some are set": (
        [(POPULATION_SET, "    settle_drive(p, drive);\n    drive->same = false;",
          "    drive->same = false;")], [SET_SAME]),
    "a checkpoint without one current for all": (
        [(ENGINE_STATE, "    population_settle_drives(neurons);\n", "")], [SET_SAME]),
    "a leap longer than the refractory period": (
        [(POPULATION, "shortest >= LEAP_STEPS - 1", "shortest >= LEAP_STEPS - 2")], [LEAPS]),
    "spikes after a release stand behind the others": (
        [(LEAP, "        sort_ids(r, ids, count[k]);", "        (void)sort_ids;")], [LEAPS]),
    "released a step late within a leap": (
        [(LEAP, "memset(since + count, k, LEAP_SLACK)",
          "memset(since + count, k < LEAP_STEPS - 1 ? k + 1 : k, LEAP_SLACK)")], [LEAPS]),
    "half the crossings within a step": (
        [(BRIDGE, "return sum > 0.0 ? k / sum : 1e30;", "return sum > 0.0 ? 2 * k / sum : 1e30;")],
        ["test_physics_bridge.py::test_rates_are_siegerts[0.5]"]),
    "one noise alone makes the bridge": (
        [(BRIDGE, "    r->p->kernels->accumulate(r->scratch->strength, *sum, a, a, r->count);",
          "    r->p->kernels->accumulate(r->scratch->strength, (struct field){NULL, 0}, a, a, "
          "r->count);")],
        ["test_physics_bridge.py::test_rates_are_siegerts[0.5]"]),
    "numbers of a bridge repeated between steps": (
        [("src/kernel/bridge.h", "philox_common_of(a->key, a->step);",
          "philox_common_of(a->key, a->step / 64);")],
        ["test_kernel_bridge/crossings_have_their_probability"]),
    "V_min revives refractory neurons": (
        [("src/kernel/rows.h", "vr_max(f ? vr_load(f + i) : f1, vr_load(v + i))",
          "vr_max(vr_load(v + i), f ? vr_load(f + i) : f1)")],
        ["test_physics_floor/spikes_are_those_without_a_bound",
         "test_kernel_clamp/clamp_is_a_maximum_that_keeps_parked_neurons"]),
    "V_min of another neuron": (
        [(TILE, "p->kernels->clamp(r->state[MODEL_U], r->field[MODEL_FLOOR],",
          "p->kernels->clamp(r->state[MODEL_U], p->field[MODEL_FLOOR],"),
         ("src/kernel/rows.h", "vr_max(f ? vr_load(f + i) : f1,",
          "vr_max(f ? vr_load(f + i / 2) : f1,")],
        ["test_physics_floor/potentials_keep_above_the_bound"]),
    "traces a step late": (
        [(TILE, LOOK, ""), (TILE, TAKE_SPIKES, TAKE_SPIKES + LOOK)],
        [*V_OF_NEST, "test_traces/first_row_and_refractory_rows_are_what_they_say"]),
    "traces a step late within leaps": (
        [(TRACE, "(size_t)(look - step) * path->stride",
          "(size_t)(look - step + 1) % path->steps * path->stride")],
        [FOLLOWED, *V_OF_NEST]),
    "a followed neuron is not released within a leap": (
        [(TILE_LOOK, "while (at < released && leap->released[at] != id)", "while (at < released)")],
        [FOLLOWED]),
    "a followed neuron that has crossed goes on": (
        [(TILE_LOOK, "for (uint8_t k = s->below[i]; ++k < LEAP_STEPS;)",
          "for (uint8_t k = LEAP_STEPS; ++k < LEAP_STEPS;)")],
        [FOLLOWED, V_OF_NEST[0]]),
    "V_m before the reset": (
        [(TILE, LOOK, ""), (TILE, TAKE_SPIKES, LOOK + TAKE_SPIKES)],
        [*V_OF_NEST, "test_traces/without_a_refractory_period_V_is_after_the_reset"]),
    "refractory neurons show NaN": (
        [(TRACE, "isnan(x) ? neuron.parked : x *", "x *")],
        [*V_OF_NEST, "test_traces/first_row_and_refractory_rows_are_what_they_say"]),
    "I without the noise": (
        [(TILE_LOOK, ".drift = d,", ".drift = d.data ? r->drift : r->drift,")],
        ["test_traces/I_and_jumps_give_V_and_spikes"]),
    "rows of the whole duration after an early end": (
        [(REPORT, "report_stop(writer->start_ms, writer->interval_ms, p->rows)",
          "report_stop(writer->start_ms, writer->interval_ms, p->expected)"),
         (REPORT, "    size_t chunk_rows; ", "    uint64_t expected;\n    size_t chunk_rows; "),
         (REPORT, "        p->count = settings->population[i].count;\n",
          "        p->count = settings->population[i].count;\n        p->expected = "
          "settings->rows;\n")],
        [TRACES + "a_run_that_ends_early_has_the_rows_it_had"]),
    "stop is start + rows x interval": (
        [(REPORT, "if (last < stop - margin && !(sum < stop - margin))", "if (rows > 0)")],
        ["test_report/stop_counts_many_rows"]),
    "a recorder starts one step late": (
        [("src/engine/recorded.h", "step >= recorded->start", "step > recorded->start")],
        [TRACES + "rates_and_windows_are_of_the_raster"]),
    "Fano factor over neurons - 1": (
        [("src/engine/neuron_counts.c", "spread / (n * (double)sum)",
          "spread / ((n - 1) * (double)sum)")],
        ["test_statistics.py::test_statistics_equal_numpys"]),
    "synchrony counts the bin cut by the warmup": (
        [("src/engine/rate_bins.c", "(from - bins->start - 1) / bins->width + 1 : 0",
          "(from - bins->start - 1) / bins->width : 0")],
        ["test_statistics.py::test_statistics_equal_numpys"]),
    "warmup counted": (
        [("src/engine/worker.c", "if (p->totals.counts && step >= p->totals.counts_start &&",
          "if (p->totals.counts &&")],
        [STEPS + "test_warmup_is_left_out_of_statistics_only"]),
    "a file's currents lag by one dt": (
        [("src/drive/drive_file.c", "uint64_t k = step - drive->rows->first, next",
          "uint64_t k = step - drive->rows->first, next = k;\n    k -= k > 0;\n    next")],
        [FILES + "test_a_file_equals_the_same_steps"]),
    "rows per neuron lag by one dt": (
        [("src/drive/drive.c", "(step - rows->first) * rows->stride",
          "(step - rows->first - (step > rows->first)) * rows->stride")],
        [FILES + "test_a_column_for_each_neuron", FILES + "test_equal_columns_equal_the_same_steps",
         REPLAY + "test_replayed_spikes_against_a_loop"]),
    "all targets of a file begin at its first column": (
        [("src/drive/drive.c", "    from += drive->first_column * size;\n", "")],
        [FILES + "test_a_column_for_each_neuron",
         REPLAY + "test_slices_count_their_neurons_from_0"]),
    "a slice takes the columns before it": (
        [("src/drive/drive.c", "from + (begin - drive->begin) * size,", "from,")],
        [FILES + "test_rows_of_a_slice_that_spans_tiles"]),
    "pilot: neurons at equal distances, so the same few cells of all copies": (
        [("src/sim/sim_sample.c", "    return low + (uint64_t)((unsigned __int128)wide",
          "    return low + 0 * (uint64_t)((unsigned __int128)wide")],
        [PILOT + "[cells-single]"]),
    "pilot: the first columns of a file in place of those of its neurons": (
        [("src/sim/sim_sample.c", "origin->first_column + id_in_target(sample, input, column)",
          "origin->first_column + origin->target->begin + column")],
        [PILOT + "[columns-single]", PILOT + "[columns-double]"]),
    "pilot: all targets of an input from its first column on": (
        [("src/sim/sim_pilot.c", " + origin->first_column * p->real_bytes;", ";")],
        [PILOT + "[columns-single]"]),
    "spikes of a neuron in one step count once": (
        [("src/setup/feed.c", "((double *)data)[at] += 1.0;", "((double *)data)[at] = 1.0;")],
        [REPLAY + "test_replayed_spikes_against_a_loop"]),
    "convert: spikes of a time stay in their old order": (
        [("src/sonata/spike_source.c", "    return s->id < t->id ? -1 : s->id > t->id;",
          "    return 0;")],
        ["test_convert.py::test_unsorted_files_by_h5py_are_sorted_by_time_then_id"]),
    "convert: times in 15 digits": (
        [("src/sonata/spike_sink.c", "double_format(spikes[i].time, time)",
          '(snprintf(time, sizeof time, "%.15g", spikes[i].time), time)')],
        ["test_convert.py::test_through_csv_and_back_every_bit_stays"]),
    "SONATA: negative ids become 0": (
        [("src/sonata/file_column.c",
          "column->is_signed ? H5T_NATIVE_INT64 : H5T_NATIVE_UINT64", "H5T_NATIVE_UINT64")],
        ["test_convert.py::test_bad_rows_of_hdf5"]),
    "a block that a limit cuts short reads rows of others": (
        [("src/engine/engine.c", "settings->rows || settings->fed ? 1 : COPY_BLOCKS;",
          "COPY_BLOCKS;")],
        [FILES + "test_a_limit_ends_a_run_with_a_file_where_it_would_with_steps"]),
    "spikes that nobody records are gone before the block's end": (
        [("src/engine/worker.c", "return e->population[i].keeps ? ids + spikes",
          "return e->population[i].recorded.step ? ids + spikes")],
        ["test_limits/an_accepted_block_has_all_spikes"]),
    "a selection leaves its own spikes alone in the block": (
        [("src/engine/recorded.c", "count += selection_has(&recorded->selected, base + ids[s]);",
          "if (selection_has(&recorded->selected, base + ids[s]))\n"
          "                ((uint16_t *)ids)[count++] = ids[s];")],
        ["test_limits/an_accepted_block_has_all_spikes"]),
    "limits: the state goes beyond the last step": (
        [("src/engine/engine.c", "        rewind_block(e);\n", "")],
        ["test_limits/a_rate_above_max_rate_ends_the_run",
         "test_limits/enough_spikes_end_the_run"]),
    "limits: a rate bin is not begun anew": (
        [("src/engine/limits.c", "        limits->in_bin[population] = 0;", "        ;")],
        ["test_limits/a_rate_above_max_rate_ends_the_run"]),
    "pictures: the threshold of a stepped neuron raised twice": (
        [("src/plot/plot_theory.c", "0.5826 * t->sigma", "2 * 0.5826 * t->sigma")],
        ["test_plot_charts.py::test_f_I_curves_under_noise"]),
    "pictures: theory knows nothing of the end of a step": (
        [("src/plot/plot_theory.c", "0.5 * t->config->dt_ms", "0.0 * t->config->dt_ms")],
        ["test_plot_charts.py::test_f_I_curve_without_noise",
         "test_plot_charts.py::test_rates_with_crossings_within_a_step_have_siegerts"]),
    "pictures: spikes do not reach the threshold": (
        [("src/plot/plot_traces.c", "chart_add_point(chart, s, time, t->V_th, NAN);",
          "chart_add_point(chart, s, time, t->V_reset, NAN);")],
        ["test_plot_traces.py::test_traces_are_the_report_and_the_spikes"]),
    "pictures: intervals of warmup counted": (
        [("src/plot/plot_intervals.c", "plot.from = fmax(plot.from, fmin(file->warmup, plot.to));",
          ";")],
        ["test_plot_charts.py::test_histogram_of_intervals"]),
    "outputs: a link is taken for its file": (
        [("src/io/output_path.c", "    if (lstat(path, &info) != 0) {",
          "    if (stat(path, &info) != 0) {")],
        ["test_own_files.py::test_a_link_is_never_an_output"]),
    "outputs: a temporary file may be what is read": (
        [("src/io/output_path.c", "(fits && same_file(temporary, other)) || same_file(path, other)",
          "(void)fits, same_file(path, other)")],
        ["test_own_files.py::test_what_a_command_reads_is_not_its_temporary_file"]),
    "outputs: plot writes over what it reads": (
        [("src/commands/cmd_plot.c", "plot_outputs_keep(&options, path, &err)", "STATUS_OK")],
        ["test_own_files.py::test_what_a_command_reads_is_never_written"]),
    "outputs: no lock on what is being written": (
        [("src/io/output_stream.c", "    flock(descriptor, LOCK_EX | LOCK_NB);\n", "")],
        ["test_own_files.py::test_a_plot_at_work_is_not_disturbed"]),
}


def possible():
    """Those that can be planted here: without MPI no test of ranks runs."""
    return [name for name in BUGS if name not in RANK_BUGS or SHIMS]


def all_tests(names):
    return sorted({test for name in names for test in BUGS[name][1]})


def main():
    names = sys.argv[1:] or possible()
    missed = 0
    with tempfile.TemporaryDirectory(prefix="megalif-bugs-") as folder:
        tree = Tree(folder)
        tree.make(all_tests(names))
        for test in all_tests(names):
            assert tree.passes(test), f"{test} fails without a bug"
        for name in names:
            survivors = tree.survivors(*BUGS[name])
            missed += bool(survivors)
            said = f"MISSED by {', '.join(survivors)}" if survivors else "caught by all of"
            print(f"{name}: {said}" + ("" if survivors else f" {', '.join(BUGS[name][1])}"),
                  flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
