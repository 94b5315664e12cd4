/* Asks the processor for its instruction sets, and the system for cores and threads. */
#define _GNU_SOURCE 1 /* sched_getaffinity */
#include "base/cpu.h"

#include "base/cgroup.h"

#include <limits.h>
#include <omp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

bool cpu_evicts_slowly(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_cpu_init();
    return __builtin_cpu_is("intel");
#else
    return false;
#endif
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

/* The processors that this process may use. */
struct mask {
    cpu_set_t *set;
    size_t bytes;
    int most; /* numbers in it are below */
};

static bool mask_open(struct mask *mask, int most)
{
    *mask = (struct mask){CPU_ALLOC((size_t)most), CPU_ALLOC_SIZE((size_t)most), most};
    if (mask->set)
        CPU_ZERO_S(mask->bytes, mask->set);
    return mask->set != NULL;
}

static void mask_close(struct mask *mask)
{
    if (mask->set)
        CPU_FREE(mask->set);
    mask->set = NULL;
}

static bool add_place(struct mask *mask, int place)
{
    int count = omp_get_place_num_procs(place), *cpu = calloc((size_t)count + 1, sizeof *cpu);
    if (cpu)
        omp_get_place_proc_ids(place, cpu);
    for (int i = 0; cpu && i < count; i++)
        if (cpu[i] >= 0 && cpu[i] < mask->most)
            CPU_SET_S((size_t)cpu[i], mask->bytes, mask->set);
    free(cpu);
    return cpu != NULL;
}

/* The kernel refuses a mask that is smaller than its own: try larger ones. Bound threads
 * (OMP_PROC_BIND) each have one place as their affinity, this one, too. */
static bool mask_read(struct mask *mask)
{
    const bool bound = omp_get_proc_bind() != omp_proc_bind_false;
    for (int most = CPU_SETSIZE; most <= 64 * CPU_SETSIZE; most *= 4) {
        bool good = mask_open(mask, most);
        for (int place = 0; good && bound && place < omp_get_num_places(); place++)
            good = add_place(mask, place);
        if (good && (bound || sched_getaffinity(0, mask->bytes, mask->set) == 0) &&
            CPU_COUNT_S(mask->bytes, mask->set) > 0)
            return true;
        mask_close(mask);
    }
    return false;
}

/* Does another processor of the mask with a lower number share its core? `siblings` is as the
 * kernel writes it: 0-1, or 0,32. */
static bool is_second(const struct mask *mask, int processor, const char *siblings)
{
    while (*siblings) {
        char *end;
        long first = strtol(siblings, &end, 10),
             last = *end == '-' ? strtol(end + 1, &end, 10) : first;
        for (long i = first; i <= last && i < processor; i++)
            if (i >= 0 && CPU_ISSET_S((size_t)i, mask->bytes, mask->set))
                return true;
        siblings = end + (*end == ',');
        if (*end != ',')
            return false;
    }
    return false;
}

static int count_cores(const struct mask *mask, const char *root)
{
    int cores = 0;
    for (int i = 0; i < mask->most; i++) {
        char path[4096], siblings[256] = "";
        if (!CPU_ISSET_S((size_t)i, mask->bytes, mask->set))
            continue;
        snprintf(path, sizeof path, "%s/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list",
                 root, i);
        FILE *file = fopen(path, "r");
        if (file && !fgets(siblings, sizeof siblings, file))
            siblings[0] = '\0';
        if (file)
            fclose(file);
        cores += !is_second(mask, i, siblings);
    }
    return cores;
}

static int processors_in_mask(void)
{
    struct mask mask;
    if (!mask_read(&mask)) {
        long online = sysconf(_SC_NPROCESSORS_ONLN);
        return online > 0 && online < INT_MAX ? (int)online : 1;
    }
    int count = CPU_COUNT_S(mask.bytes, mask.set);
    mask_close(&mask);
    return count;
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

int cpu_cores_allowed_below(const char *root)
{
    int threads = cpu_threads_allowed_below(root), cores = threads;
    struct mask mask;
    if (mask_read(&mask))
        cores = count_cores(&mask, root);
    mask_close(&mask);
    return cores < threads ? cores : threads;
}

int cpu_cores_allowed(void)
{
    return cpu_cores_allowed_below("");
}
