/* Memory for big arrays, and how much of it this process may still take. Thread-safe. */
#ifndef MEGALIF_BASE_MEMORY_H
#define MEGALIF_BASE_MEMORY_H

#include <stddef.h>
#include <stdint.h>

/* Uninitialised memory, aligned to 64 bytes (to huge pages from a few MiB on); NULL when there is
 * none. Large blocks have no pages yet: each comes to the memory node of the thread that first
 * writes it, and success proves nothing about its being there (see memory_available). */
void *memory_alloc(size_t bytes);

/* Frees what memory_alloc(bytes) returned; the same bytes. NULL is fine. */
void memory_free(void *memory, size_t bytes);

/* Gives back what lies behind the first `smaller` bytes of what memory_alloc(bytes) returned; what
 * it returns is memory_alloc(smaller)'s. NULL without memory for that: then all has been freed. */
void *memory_shrink(void *memory, size_t bytes, size_t smaller);

/* Bytes that this process may still take: the least of MemAvailable, what is left of its cgroups'
 * limits, of RLIMIT_AS, and of SLURM_MEM_PER_NODE or SLURM_MEM_PER_CPU times SLURM_CPUS_ON_NODE.
 * The name of the binding one ("MemAvailable", "cgroup limit", "RLIMIT_AS", "SLURM_MEM_PER_NODE",
 * "SLURM_MEM_PER_CPU", or "physical memory" where /proc is missing) goes to limited_by, cut to
 * size. */
uint64_t memory_available(char *limited_by, size_t size);

/* The same, with /proc and /sys read below `root` ("" for the real ones): for tests. */
uint64_t memory_available_below(const char *root, char *limited_by, size_t size);

/* The most physical memory this process has held so far, in bytes; 0 when unknown. */
uint64_t memory_peak_rss(void);

#endif
