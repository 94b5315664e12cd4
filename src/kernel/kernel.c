/* Which kernels there are, and which this CPU can run. */
#include "kernel/kernel.h"

extern const struct kernels kernels_scalar_32, kernels_scalar_64;
extern const struct kernels kernels_avx2_32, kernels_avx2_64;
extern const struct kernels kernels_avx512_32, kernels_avx512_64;

static const struct kernels *const built[ISA_COUNT][2] = {
    [ISA_SCALAR] = {&kernels_scalar_32, &kernels_scalar_64},
#ifdef HAVE_AVX2
    [ISA_AVX2] = {&kernels_avx2_32, &kernels_avx2_64},
#endif
#ifdef HAVE_AVX512
    [ISA_AVX512] = {&kernels_avx512_32, &kernels_avx512_64},
#endif
};

int kernels_built(enum isa isa) { return built[isa][0] != NULL; }

const struct kernels *kernels_for(enum isa isa, int bits)
{
    return cpu_has(isa) ? built[isa][bits == 64] : NULL;
}

enum isa kernels_best_isa(void)
{
    for (int isa = ISA_COUNT - 1; isa > ISA_SCALAR; isa--)
        if (kernels_for((enum isa)isa, 32))
            return (enum isa)isa;
    return ISA_SCALAR;
}
