/* Big blocks on huge pages, and the least of all limits on memory that the system tells. */
#include "base/memory.h"

#include "base/cgroup.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

static const size_t huge_page = (size_t)2 << 20;

/* bytes rounded up to a multiple of unit; 0 when that overflows. */
static size_t round_up(size_t bytes, size_t unit)
{
    size_t rest = bytes % unit;
    size_t rounded = rest == 0 ? bytes : bytes - rest + unit;
    return rounded >= bytes ? rounded : 0;
}

/* Maps whole huge pages, aligned to them: the kernel backs only such with huge pages. */
static void *map_huge(size_t bytes)
{
    size_t length = round_up(bytes, huge_page);
    if (length == 0) {
        return NULL;
    }
    /* At the very end of the range the sum wraps to 0, which mmap refuses. */
    char *start =
        mmap(NULL, length + huge_page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED) {
        return NULL;
    }
    size_t before = (huge_page - (uintptr_t)start % huge_page) % huge_page;
    if (before > 0) {
        munmap(start, before);
    }
    munmap(start + before + length, huge_page - before);
#ifdef MADV_HUGEPAGE
    madvise(start + before, length, MADV_HUGEPAGE); /* advice only: it may be refused */
#endif
    return start + before;
}

void *memory_alloc(size_t bytes)
{
    if (bytes >= huge_page) {
        return map_huge(bytes);
    }
    return aligned_alloc(64, bytes > 0 ? round_up(bytes, 64) : 64);
}

void memory_free(void *memory, size_t bytes)
{
    if (memory != NULL && bytes >= huge_page) {
        munmap(memory, round_up(bytes, huge_page));
    } else {
        free(memory);
    }
}

void *memory_shrink(void *memory, size_t bytes, size_t smaller)
{
    if (bytes < huge_page) {
        return memory;
    }
    if (smaller < huge_page) {
        void *copy = memory_alloc(smaller);
        if (copy != NULL) {
            memcpy(copy, memory, smaller);
        }
        memory_free(memory, bytes);
        return copy;
    }
    size_t kept = round_up(smaller, huge_page), length = round_up(bytes, huge_page);
    if (kept < length) {
        munmap((char *)memory + kept, length - kept);
    }
    return memory;
}

/* The least limit so far, and its name. */
struct least {
    uint64_t bytes;
    const char *name;
};

static void lower(struct least *least, uint64_t limit, uint64_t used, const char *name)
{
    uint64_t left = limit > used ? limit - used : 0;
    if (left < least->bytes) {
        *least = (struct least){left, name};
    }
}

/* The number after `key` at the start of a line of a file; false when there is none. */
static bool read_number(const char *directory, const char *file, const char *key, uint64_t *number)
{
    char text[8192];
    if (!cgroup_read(directory, file, text, sizeof text)) {
        return false;
    }
    size_t length = strlen(key);
    for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, length) == 0) {
            return sscanf(line + length, "%" SCNu64, number) == 1;
        }
    }
    return false;
}

/* Takes in one cgroup. Its usage counts the page cache, which the kernel gives back when asked: a
 * run that has just written a large file is not out of memory. */
static void apply_cgroup(const char *directory, void *least)
{
    static const struct {
        const char *limit;
        const char *used;
        const char *cache;
    } names[] = {{"memory.max", "memory.current", "inactive_file "},
                 {"memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file "}};
    for (int i = 0; i < 2; i++) {
        uint64_t limit;
        uint64_t used;
        uint64_t cache = 0;
        if (read_number(directory, names[i].limit, "", &limit) &&
            read_number(directory, names[i].used, "", &used)) {
            read_number(directory, "memory.stat", names[i].cache, &cache);
            lower(least, limit, cache < used ? used - cache : 0, "cgroup limit");
        }
    }
}

/* Sizes of this process in bytes; 0 when unknown. */
static void read_own_size(const char *root, uint64_t *virtual_size, uint64_t *resident)
{
    char directory[4096];
    char text[256];
    *virtual_size = *resident = 0;
    snprintf(directory, sizeof directory, "%s/proc/self", root);
    if (cgroup_read(directory, "statm", text, sizeof text) &&
        sscanf(text, "%" SCNu64 " %" SCNu64, virtual_size, resident) == 2) {
        uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
        *virtual_size *= page;
        *resident *= page;
    }
}

static void apply_machine(const char *root, struct least *least)
{
    char directory[4096];
    uint64_t number;
    snprintf(directory, sizeof directory, "%s/proc", root);
    if (read_number(directory, "meminfo", "MemAvailable:", &number)) {
        lower(least, number * 1024, 0, "MemAvailable");
        return;
    }
    long pages = sysconf(_SC_PHYS_PAGES);
    long page = sysconf(_SC_PAGESIZE);
    if (pages > 0 && page > 0) {
        lower(least, (uint64_t)pages * (uint64_t)page, 0, "physical memory");
    }
}

/* A number of the environment below 2^32; 0 when there is none. */
static uint64_t environment_number(const char *name)
{
    const char *text = getenv(name);
    uint64_t number;
    return text != NULL && sscanf(text, "%" SCNu64, &number) == 1 && number <= UINT32_MAX ? number
                                                                                          : 0;
}

/* What a job asked for, in MiB: --mem (0: the whole node) or --mem-per-cpu. */
static void apply_slurm(uint64_t resident, struct least *least)
{
    uint64_t node = environment_number("SLURM_MEM_PER_NODE");
    uint64_t cpu = environment_number("SLURM_MEM_PER_CPU");
    uint64_t cpus = environment_number("SLURM_CPUS_ON_NODE");
    if (node > 0) {
        lower(least, node << 20, resident, "SLURM_MEM_PER_NODE");
    }
    if (cpu > 0 && cpus > 0 && cpus < 1 << 12) {
        lower(least, (cpu * cpus) << 20, resident, "SLURM_MEM_PER_CPU");
    }
}

uint64_t memory_available_below(const char *root, char *limited_by, size_t size)
{
    struct least least = {UINT64_MAX, "unknown"};
    uint64_t virtual_size;
    uint64_t resident;
    read_own_size(root, &virtual_size, &resident);
    apply_machine(root, &least);
    cgroup_visit(root, "memory", apply_cgroup, &least);
    struct rlimit space;
    if (getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY) {
        lower(&least, space.rlim_cur, virtual_size, "RLIMIT_AS");
    }
    apply_slurm(resident, &least);
    snprintf(limited_by, size, "%s", least.name);
    return least.bytes;
}

uint64_t memory_available(char *limited_by, size_t size)
{
    return memory_available_below("", limited_by, size);
}

uint64_t memory_peak_rss(void)
{
    /* Not getrusage first: its figure begins with that of the program that started this one. */
    uint64_t number;
    if (read_number("/proc/self", "status", "VmHWM:", &number)) {
        return number * 1024;
    }
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) != 0 || usage.ru_maxrss < 0) {
        return 0;
    }
#ifdef __APPLE__
    return (uint64_t)usage.ru_maxrss; /* bytes there, KiB elsewhere */
#else
    return (uint64_t)usage.ru_maxrss * 1024;
#endif
}
