/* What this processor can do, and how much of the machine this process may use. Thread-safe. */
#ifndef MEGALIF_BASE_CPU_H
#define MEGALIF_BASE_CPU_H

#include <stdbool.h>

/* Instruction sets that kernels are built for. AVX2 stands for AVX2 with FMA, AVX512 for AVX-512 F,
 * DQ, BW and VL. */
enum isa { ISA_SCALAR, ISA_AVX2, ISA_AVX512, ISA_COUNT };

/* Whether processor and operating system run code of this instruction set. Scalar: always. */
bool cpu_has(enum isa isa);

/* "scalar", "avx2", "avx512". isa < ISA_COUNT. */
const char *cpu_isa_name(enum isa isa);

/* The reverse of cpu_isa_name; false, and *isa untouched, when name is none of them. */
bool cpu_isa_parse(const char *name, enum isa *isa);

/* Whether lines that were written leave the first-level cache several times as slowly as they are
 * read into it: so it is on Intel's processors, not on AMD's (docs/performance.md, networks). */
bool cpu_evicts_slowly(void);

/* Between two looks at what another thread writes. */
static inline void cpu_pause(void)
{
#if defined __x86_64__ || defined __i386__
    __builtin_ia32_pause();
#elif defined __aarch64__
    __asm__ volatile("yield");
#endif
}

/* Number of threads that this process can run at once, at least 1: the processors in its affinity
 * mask, but no more than the CPU quota of its cgroups (rounded up). OMP_NUM_THREADS plays no part.
 */
int cpu_threads_allowed(void);

/* As many as these, but one for each core whose processors (hyperthreads) share its arithmetic. */
int cpu_cores_allowed(void);
int cpu_cores_allowed_below(const char *root);

/* The same as cpu_threads_allowed, with the cgroup files read below `root` ("" for the real ones):
 * for tests. */
int cpu_threads_allowed_below(const char *root);

#endif
