/* Aligned blocks and their release; the memory that a process may have, by invented cgroups, Slurm
 * and rlimits. */
#define _GNU_SOURCE 1 /* nftw, setenv */
#include "base/memory.h"
#include "base/memory_plan.h"

#include "helpers/child.h"
#include "helpers/fake_root.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#define MIB ((uint64_t)1 << 20)

static void blocks_are_aligned_and_writable(void **state)
{
    (void)state;
    static const size_t sizes[] = {0,       1,           63,      64,          65,         4097,
                                   1048576, 2 * MIB - 1, 2 * MIB, 2 * MIB + 1, 5 * MIB + 7};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        unsigned char *block = memory_alloc(sizes[i]);
        assert_non_null(block);
        assert_int_equal((uintptr_t)block % 64, 0);
        if (sizes[i] >= 2 * MIB) {
            assert_int_equal((uintptr_t)block % (2 * MIB), 0);
        }
        memset(block, 0xa5, sizes[i]);
        memory_free(block, sizes[i]);
    }
    memory_free(NULL, 10);
    memory_free(NULL, 10 * MIB);
}

static uint64_t virtual_size(void)
{
    uint64_t pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%" SCNu64, &pages), 1);
    fclose(file);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* To the same pages, fewer huge ones, and from huge ones to none: what is kept stays as it was. */
static void blocks_shrink(void **state)
{
    (void)state;
    static const size_t sizes[][2] = {
        {100, 10},          {2 * MIB, 2 * MIB},     {9 * MIB, 9 * MIB - 1},
        {9 * MIB, 3 * MIB}, {2 * MIB, 2 * MIB - 1}, {64 * MIB, 0}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        unsigned char *block = memory_alloc(sizes[i][0]);
        assert_non_null(block);
        for (size_t b = 0; b < sizes[i][0]; b++)
            block[b] = (unsigned char)(b % 251);
        const uint64_t before = virtual_size();
        block = memory_shrink(block, sizes[i][0], sizes[i][1]);
        assert_non_null(block);
        for (size_t b = 0; b < sizes[i][1]; b++)
            assert_int_equal(block[b], b % 251);
        const uint64_t given_back =
            sizes[i][0] / (2 * MIB) - (sizes[i][1] + 2 * MIB - 1) / (2 * MIB);
        if (sizes[i][0] >= 4 * MIB && sizes[i][1] < sizes[i][0] / 2)
            assert_true(before - virtual_size() >= given_back * MIB);
        memory_free(block, sizes[i][1]);
    }
}

static void impossible_blocks_are_null(void **state)
{
    (void)state;
    assert_null(memory_alloc(SIZE_MAX));
    assert_null(memory_alloc(SIZE_MAX - 2 * MIB));
    assert_null(memory_alloc((size_t)1 << 60));
}

static void freed_blocks_go_back(void **state)
{
    (void)state;
    uint64_t before = virtual_size();
    for (int i = 0; i < 100; i++) {
        memory_free(memory_alloc(64 * MIB + 1), 64 * MIB + 1);
    }
    assert_in_range(virtual_size(), 0, before + 64 * MIB);
}

static uint64_t available(const struct fake_root *root, char *name)
{
    unsetenv("SLURM_MEM_PER_NODE");
    unsetenv("SLURM_MEM_PER_CPU");
    return memory_available_below(root->path, name, 32);
}

static void machine_limits(void **state)
{
    (void)state;
    struct fake_root root;
    char name[32];
    fake_root_make(&root);
    assert_int_equal(available(&root, name),
                     (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE));
    assert_string_equal(name, "physical memory");
    fake_root_write(&root, "proc/meminfo",
                    "MemTotal:       9000 kB\nMemFree:  100 kB\nMemAvailable:   5000 kB\n");
    assert_int_equal(available(&root, name), 5000 * 1024);
    assert_string_equal(name, "MemAvailable");
    char cut[4];
    memory_available_below(root.path, cut, sizeof cut);
    assert_string_equal(cut, "Mem");
    fake_root_remove(&root);
}

static void cgroup_version_2(void **state)
{
    (void)state;
    struct fake_root root;
    char name[32];
    fake_root_make(&root);
    fake_root_write(&root, "proc/meminfo", "MemAvailable:   5000 kB\n");
    fake_root_write(&root, "proc/self/cgroup", "0::/job/step\n");
    fake_root_write(&root, "sys/fs/cgroup/job/step/memory.max", "max\n");
    fake_root_write(&root, "sys/fs/cgroup/job/step/memory.current", "4096\n");
    fake_root_write(&root, "sys/fs/cgroup/job/memory.max", "1000000\n");
    fake_root_write(&root, "sys/fs/cgroup/job/memory.current", "300000\n");
    assert_int_equal(available(&root, name), 700000);
    assert_string_equal(name, "cgroup limit");
    /* Page cache is given back when asked. */
    fake_root_write(&root, "sys/fs/cgroup/job/memory.stat",
                    "anon 1\nfile 9\nactive_file 3\ninactive_file 200000\n");
    assert_int_equal(available(&root, name), 900000);
    fake_root_write(&root, "sys/fs/cgroup/job/step/memory.max", "4000\n"); /* less than in use */
    assert_int_equal(available(&root, name), 0);
    fake_root_write(&root, "sys/fs/cgroup/job/step/memory.max", "5000\n");
    assert_int_equal(available(&root, name), 904);
    fake_root_remove(&root);
}

static void cgroup_version_1(void **state)
{
    (void)state;
    struct fake_root root;
    char name[32];
    fake_root_make(&root);
    fake_root_write(&root, "proc/meminfo", "MemAvailable:   5000 kB\n");
    fake_root_write(&root, "proc/self/cgroup", "5:devices:/other\n4:memory:/slurm/job\n0::/\n");
    /* As in a container: only the upper part of the path exists. */
    fake_root_write(&root, "sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    fake_root_write(&root, "sys/fs/cgroup/memory/memory.usage_in_bytes", "300000\n");
    assert_int_equal(available(&root, name), 5000 * 1024);
    fake_root_write(&root, "sys/fs/cgroup/memory/memory.limit_in_bytes", "1000000\n");
    assert_int_equal(available(&root, name), 700000);
    fake_root_write(&root, "sys/fs/cgroup/memory/memory.stat",
                    "cache 1\ninactive_file 5\ntotal_inactive_file 100000\n");
    assert_int_equal(available(&root, name), 800000);
    assert_string_equal(name, "cgroup limit");
    fake_root_write(&root, "sys/fs/cgroup/memory/slurm/memory.limit_in_bytes", "1000\n");
    fake_root_write(&root, "sys/fs/cgroup/memory/slurm/memory.usage_in_bytes", "400\n");
    assert_int_equal(available(&root, name), 600);
    fake_root_remove(&root);
}

static void slurm_limit(void **state)
{
    (void)state;
    struct fake_root root;
    char name[32];
    fake_root_make(&root);
    fake_root_write(&root, "proc/meminfo", "MemAvailable:   5000 kB\n");
    fake_root_write(&root, "proc/self/statm", "100 64 9 9 9 9 9\n");
    setenv("SLURM_MEM_PER_NODE", "2", 1);
    assert_int_equal(memory_available_below(root.path, name, sizeof name),
                     2 * MIB - 64 * (uint64_t)sysconf(_SC_PAGESIZE));
    assert_string_equal(name, "SLURM_MEM_PER_NODE");
    setenv("SLURM_MEM_PER_NODE", "0", 1); /* the whole node */
    assert_int_equal(memory_available_below(root.path, name, sizeof name), 5000 * 1024);
    assert_string_equal(name, "MemAvailable");
    unsetenv("SLURM_MEM_PER_NODE");
    setenv("SLURM_MEM_PER_CPU", "1", 1); /* of processors whose number is not known */
    assert_int_equal(memory_available_below(root.path, name, sizeof name), 5000 * 1024);
    setenv("SLURM_CPUS_ON_NODE", "3", 1);
    assert_int_equal(memory_available_below(root.path, name, sizeof name),
                     3 * MIB - 64 * (uint64_t)sysconf(_SC_PAGESIZE));
    assert_string_equal(name, "SLURM_MEM_PER_CPU");
    unsetenv("SLURM_MEM_PER_CPU");
    unsetenv("SLURM_CPUS_ON_NODE");
    fake_root_remove(&root);
}

/* In a child: 0 when RLIMIT_AS is the binding one and tells the truth. */
static int available_under_a_limit(uint64_t room)
{
    struct rlimit limit = {virtual_size() + room, virtual_size() + room};
    if (setrlimit(RLIMIT_AS, &limit) != 0) {
        return 1;
    }
    char name[32];
    uint64_t left = memory_available(name, sizeof name);
    if (strcmp(name, "RLIMIT_AS") != 0 || left > room || left < room - MIB) {
        return 2;
    }
    void *fits = memory_alloc(left / 2);
    return fits != NULL && memory_alloc(left) == NULL ? 0 : 3;
}

static void address_space_limit(void **state)
{
    (void)state;
    pid_t child = child_start();
    if (child == 0)
        _exit(available_under_a_limit(64 * MIB));
    assert_int_equal(child_end(child, 1), 0);
}

static void real_machine_has_memory(void **state)
{
    (void)state;
    char name[32];
    uint64_t all = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
    assert_in_range(memory_available(name, sizeof name), MIB, all);
    assert_true(strlen(name) > 0);
}

static void peak_follows_use(void **state)
{
    (void)state;
    uint64_t before = memory_peak_rss();
    assert_in_range(before, 100000, 2000 * MIB);
    size_t size = 64 * MIB;
    char *block = memory_alloc(size);
    assert_non_null(block);
    memset(block, 1, size);
    assert_in_range(memory_peak_rss(), before + 48 * MIB, before + 96 * MIB);
    memory_free(block, size);
    assert_in_range(memory_peak_rss(), before + 48 * MIB, before + 96 * MIB);
}

/* Each kind of thing has a line; nothing is lost, or written behind the plan, when they run out. */
static void plan_has_room_for_any_kinds(void **state)
{
    (void)state;
    enum { KINDS = 3 * MEMORY_PLAN_MOST };
    static char what[KINDS][8];
    struct {
        struct memory_plan plan;
        uint64_t behind;
    } room = {.behind = 7};
    for (int times = 0; times < 2; times++)
        for (int i = 0; i < KINDS; i++) {
            snprintf(what[i], sizeof what[i], "%d", i);
            memory_plan_add(&room.plan, what[i], (uint64_t)i);
        }
    assert_int_equal(room.behind, 7);
    assert_int_equal(room.plan.count, MEMORY_PLAN_MOST);
    assert_int_equal(memory_plan_total(&room.plan), KINDS * (KINDS - 1));
    assert_string_equal(room.plan.line[5].what, "5");
    assert_int_equal(room.plan.line[5].bytes, 10);
    assert_string_equal(room.plan.line[MEMORY_PLAN_MOST - 1].what, "all else");
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_aligned_and_writable),
        cmocka_unit_test(impossible_blocks_are_null),
        cmocka_unit_test(freed_blocks_go_back),
        cmocka_unit_test(machine_limits),
        cmocka_unit_test(cgroup_version_2),
        cmocka_unit_test(cgroup_version_1),
        cmocka_unit_test(slurm_limit),
        cmocka_unit_test(address_space_limit),
        cmocka_unit_test(real_machine_has_memory),
        cmocka_unit_test(peak_follows_use),
        cmocka_unit_test(plan_has_room_for_any_kinds),
        cmocka_unit_test(blocks_shrink), /* behind the one that looks at the peak */
    };
    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
