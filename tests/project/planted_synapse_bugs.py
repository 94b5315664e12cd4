"""Bugs of models with synapses, for planted_bugs.py."""
TILE = "src/population/tile.c"
KERNEL = "src/kernel/step_psc.h"
COND = "src/kernel/step_cond.h"
NEST = "test_physics_synapses/"
OWN = "test_synapse/"

STEP_EXP = "size_t psc_step_exp(const struct model_step *s)\n{\n    return step(s, false);\n}"

RELEASE = ("    for (size_t i = 0; i < released; i++)\n"
           "        tile_reset(r, ids[i]);")
STEP = "    size_t listed = p->model->step("

SYNAPSE_BUGS = {
    "jumps kept in refractoriness, in double": (
        [(TILE, "/* The listed crossings, ascending.",
          "static double kept[1 << 15], before[1 << 15];\n/* "),
         (TILE, RELEASE,
          RELEASE + "\n    for (size_t i = 0; i < released && r->p->real_bytes == 8; i++) {\n"
          "        ((double *)r->state[MODEL_U])[ids[i]] += kept[ids[i]];\n"
          "        kept[ids[i]] = 0;\n    }"),
         (TILE, STEP,
          "    memcpy(before, r->state[MODEL_U], r->count * p->real_bytes);\n"
          "    for (size_t i = 0; jump[0].data && p->real_bytes == 8 && i < r->count; i++)\n"
          "        if (!(before[i] >= 0 || before[i] < 0))\n"
          "            kept[i] += ((const double *)jump[0].data)[i];\n" + STEP)],
        [NEST + "delta_is_nests"]),
    "currents stand still in refractoriness": (
        [("src/neuron/psc.c", STEP_EXP,
          "size_t psc_step_exp(const struct model_step *s)\n{\n    static double kept[1 << 15];\n"
          "    double *I = s->state[I_EX], *u = s->state[MODEL_U];\n"
          "    for (size_t i = 0; i < s->count && s->kernels->bits == 64; i++)\n"
          "        kept[i] = I[i];\n"
          "    size_t listed = step(s, false);\n"
          "    for (size_t i = 0; i < s->count && s->kernels->bits == 64; i++)\n"
          "        I[i] = u[i] >= 0 || u[i] < 0 ? I[i] : kept[i];\n"
          "    return listed;\n}")],
        [NEST + "psc_exp_is_nests"]),
    "V follows the new current": (
        [(KERNEL, "c = vr_fma(walk_load(&w->by_current, first, j), current, c);",
          "c = vr_fma(walk_load(&w->by_current, first, j), alpha ? current : jumps_to, c);")],
        [NEST + "psc_exp_is_nests", OWN + "a_spike_is_a_current_of_its_form",
         "test_kernel_synapses/currents_go_on_as_written"]),
    "a current rises by the new feed": (
        [(KERNEL, "        vr next = vr_fma(walk_load(&w->feeds, first, j), feed, jumps_to);",
          "        vr next = vr_fma(walk_load(&w->feeds, first, j), vr_fnma(forgets, feed, feed), "
          "jumps_to);")],
        [NEST + "psc_alpha_is_nests", OWN + "a_spike_is_a_current_of_its_form"]),
    "V above threshold drives conductances": (
        [(COND, "vr_min(none, at->u)", "vr_min(vr_set1(1000), at->u)")],
        ["test_kernel_synapses/conductances_go_on_as_written"]),
    "the last stage of a conductance's step is left out": (
        [(COND, "-9.0 / 50, 2.0 / 55}", "-9.0 / 50, 0}")],
        [NEST + "cond_exp_is_nests", NEST + "cond_alpha_is_nests"]),
    "inhibition excites": (
        [(COND, "r == 0 ? 1 : -1", "r == 0 ? 1 : 1")],
        [NEST + "cond_exp_is_nests", "test_kernel_synapses/conductances_go_on_as_written"]),
    "a seam at equal time constants": (
        [("src/neuron/synapse.c", "    return fabs(x) < 0.5;", "    return fabs(x) < 1e-7;")],
        [OWN + "propagators_are_right_for_any_time_constants"]),
    "weights of both signs reach both receptors": (
        [("src/drive/drive.c", "return drive->by_sign && (c < 0.0)",
          "return drive->by_sign && !drive->input && (c < 0.0)")],
        [OWN + "each_weight_reaches_the_receptor_of_its_sign"]),
    "what decays becomes denormal": (
        [("src/kernel/kernel.h", "#define SYNAPSE_LEAST 0x1p-100",
          "#define SYNAPSE_LEAST 0x1p-148")],
        [OWN + "what_decays_ends"]),
    "the unit of a weight is asked of noise": (
        [("src/config/weight.c", "    if (weights == 0)\n        return keys;\n", "")],
        ["test_drive_sameness/the_same_bits_in_single"]),
}
