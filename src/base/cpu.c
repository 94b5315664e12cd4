/* Asks the processor for its instruction sets, and the system for cores and threads. */
#define _GNU_SOURCE 1 /* sched_getaffinity */
#include "base/cpu.h"

#include "base/cgroup.h"

#include <limits.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __linux__
#include <sched.h>
#endif

static const char *const isa_names[ISA_COUNT] = {"scalar", "avx2", "avx512"};

bool cpu_has(enum isa isa)
{
    if (isa == ISA_SCALAR) {
        return true;
    }
#if defined(__x86_64__) || defined(__i386__)
    /* These builtins also ask the operating system (XGETBV) whether it saves the wide registers. */
    __builtin_cpu_init();
    if (isa == ISA_AVX2) {
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    }
    if (isa == ISA_AVX512) {
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
    }
#endif
    return false;
}

const char *cpu_isa_name(enum isa isa)
{
    return isa_names[isa];
}

bool cpu_isa_parse(const char *name, enum isa *isa)
{
    for (int i = 0; i < ISA_COUNT; i++) {
        if (strcmp(name, isa_names[i]) == 0) {
            *isa = (enum isa)i;
            return true;
        }
    }
    return false;
}

static int processors_in_mask(void)
{
    /* Bound threads (OMP_PROC_BIND) each have one place as their affinity, this one, too. */
    if (omp_get_proc_bind() != omp_proc_bind_false)
        return omp_get_num_procs();
#ifdef __linux__
    /* The kernel refuses a mask that is smaller than its own: try larger ones. */
    for (size_t most = CPU_SETSIZE; most <= 64 * CPU_SETSIZE; most *= 4) {
        cpu_set_t *set = CPU_ALLOC(most);
        if (set == NULL) {
            break;
        }
        size_t bytes = CPU_ALLOC_SIZE(most);
        int count = sched_getaffinity(0, bytes, set) == 0 ? CPU_COUNT_S(bytes, set) : 0;
        CPU_FREE(set);
        if (count > 0) {
            return count;
        }
    }
#endif
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 && online < INT_MAX ? (int)online : 1;
}

/* Lowers *threads to the quota of one cgroup. */
static void apply_quota(const char *directory, void *threads)
{
    int *least = threads;
    char text[64];
    long long quota = 0;
    long long period = 0;
    if (cgroup_read(directory, "cpu.max", text, sizeof text)) { /* "max 100000": no quota */
        if (sscanf(text, "%lld %lld", &quota, &period) != 2) {
            return;
        }
    } else {
        if (!cgroup_read(directory, "cpu.cfs_quota_us", text, sizeof text) ||
            sscanf(text, "%lld", &quota) != 1 ||
            !cgroup_read(directory, "cpu.cfs_period_us", text, sizeof text) ||
            sscanf(text, "%lld", &period) != 1) {
            return;
        }
    }
    if (quota <= 0 || period <= 0) { /* -1: no quota */
        return;
    }
    long long whole = quota / period + (quota % period > 0);
    if (whole < *least) {
        *least = (int)whole;
    }
}

int cpu_threads_allowed_below(const char *root)
{
    int threads = processors_in_mask();
    cgroup_visit(root, "cpu", apply_quota, &threads);
    return threads;
}

int cpu_threads_allowed(void)
{
    return cpu_threads_allowed_below("");
}
