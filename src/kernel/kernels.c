/* The table of all kernels of an instruction set and precision. They are written once, over the
 * vocabulary of simd.h; kernel.h says what they promise. */
#include "kernel/bit_rows.h"
#include "kernel/bridge.h"
#include "kernel/count_rows.h"
#include "kernel/digest_rows.h"
#include "kernel/draw_rows.h"
#include "kernel/kernel.h"
#include "kernel/leap.h"
#include "kernel/rows.h"
#include "kernel/simd.h"
#include "kernel/step.h"
#include "kernel/step_cond.h"
#include "kernel/step_psc.h"

extern const struct kernels KERNEL_TABLE;
const struct kernels KERNEL_TABLE = {
    .isa = KERNEL_ISA,
    .bits = KERNEL_BITS,
    .step = step,
    .step_psc = step_psc,
    .step_cond = step_cond,
    .leap = leap,
    .replay = replay,
    .accumulate = accumulate,
    .add_sums = add_sums,
    .add_bits = add_bits,
    .add_counts = add_counts,
    .clamp = clamp,
    .bridge = bridge,
    .normals = normals,
    .counts = counts,
    .jumps = jumps,
    .philox16 = philox16,
    .philox_rows = philox_rows,
    .draw_halves = draw_halves,
    .digest_pairs = digest_pairs,
    .draw_uniform = draw_uniform,
    .draw_normal = draw_normal,
};
