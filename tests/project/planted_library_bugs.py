"""Bugs of what a program does to a simulation between two steps, and the tests that find them; as
in planted_bugs.py."""
INJECT = "test_library_inject/"
SET = "test_library_set/"
RATES = "test_library_rates/"
READING = "test_library_reading/"
LAYOUT = "test_library_layout/"

NETWORK = "src/engine/network.c"
CHANGE = "src/engine/change.c"
STATE = "src/population/population_state.c"
SETTING = "src/population/population_set.c"
STATISTICS = "src/sim/sim_statistics.c"
OPTIONS = "src/sim/sim_options.c"

LIBRARY_BUGS = {
    "library: spikes are put into the step to come": (
        [(NETWORK, "const uint64_t step = e->steps_done - 1;",
          "const uint64_t step = e->steps_done;")],
        [INJECT + "a_spike_acts_a_delay_after_the_call",
         INJECT + "in_single_as_a_source_that_reads_them"]),
    "library: a neuron gets any number of spikes": (
        [(NETWORK, "if (all[i] == all[i - most])", "if (all[i] > all[i] + most)")],
        [INJECT + "what_cannot_be_is_refused", INJECT + "a_neuron_that_has_spiked_gets_no_other"]),
    "library: spikes put in stand behind the neurons' own": (
        [(NETWORK, "(i < own->count && own->ids[i] <= ids[k])", "i < own->count")],
        [INJECT + "a_run_goes_on_with_them"]),
    "library: a limit goes back to before a change": (
        [(CHANGE, "    e->copy_age = 0;", "    (void)e;")],
        [SET + "a_limit_steps_again_with_them"]),
    "library: currents that were set are no state": (
        [(STATE, "return drive->z || drive_sets_amplitudes(drive) ||", "return drive->z ||")],
        [SET + "a_run_goes_on_with_them"]),
    "library: rates that were set are no state": (
        [(STATE, " || drive_sets_values(drive);", ";")],
        [RATES + "a_run_goes_on_with_them"]),
    "library: a neuron is refractory for a step too long": (
        [(SETTING, "tile * slots + step % slots]", "tile * slots + (step + 1) % slots]")],
        [SET + "above_threshold_it_spikes"]),
    "library: one neuron's rate for all": (
        [(SETTING, "memcpy(drive->value + own.begin, set, (own.end - own.begin) * sizeof *set);",
          "for (uint64_t i = own.begin; i < own.end; i++)\n            drive->value[i] = *value;")],
        [RATES + "V_m_follows_the_rates", RATES + "rates_that_are_set_are_as_drawn_ones"]),
    "library: counts are those of the first neurons": (
        [(STATISTICS, "memcpy(to, from + begin,", "memcpy(to, from,")],
        [READING + "counts_are_those_of_the_callback",
         READING + "rates_are_those_of_the_callback"]),
    "library: any layout will do": (
        [(OPTIONS, "given->layout != MLIF_LAYOUT", "given->layout == 1")],
        [LAYOUT + "other_structs_are_refused"]),
}
