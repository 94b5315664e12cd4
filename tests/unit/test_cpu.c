/* Instruction sets against /proc/cpuinfo; threads against affinity and invented cgroups. */
#define _GNU_SOURCE 1 /* sched_setaffinity */
#include "base/cpu.h"

#include "helpers/child.h"
#include "helpers/fake_root.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void names_go_both_ways(void **state)
{
    (void)state;
    for (int i = 0; i < ISA_COUNT; i++) {
        enum isa isa = ISA_COUNT;
        assert_true(cpu_isa_parse(cpu_isa_name((enum isa)i), &isa));
        assert_int_equal(isa, i);
    }
    enum isa isa = ISA_AVX2;
    assert_false(cpu_isa_parse("avx", &isa));
    assert_false(cpu_isa_parse("", &isa));
    assert_false(cpu_isa_parse("AVX512", &isa));
    assert_int_equal(isa, ISA_AVX2);
    assert_string_equal(cpu_isa_name(ISA_SCALAR), "scalar");
    assert_string_equal(cpu_isa_name(ISA_AVX2), "avx2");
    assert_string_equal(cpu_isa_name(ISA_AVX512), "avx512");
}

/* Whether the first "flags" line of /proc/cpuinfo, which the kernel writes, has this word. */
static bool kernel_lists(const char *word)
{
    char line[16384];
    char spaced[32];
    snprintf(spaced, sizeof spaced, " %s ", word);
    FILE *file = fopen("/proc/cpuinfo", "r");
    bool found = false;
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "flags", 5) == 0) {
            line[strcspn(line, "\n")] = ' ';
            found = strstr(line, spaced) != NULL;
            break;
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return found;
}

static void instruction_sets_agree_with_the_kernel(void **state)
{
    (void)state;
    assert_true(cpu_has(ISA_SCALAR));
    assert_int_equal(cpu_has(ISA_AVX2), kernel_lists("avx2") && kernel_lists("fma"));
    assert_int_equal(cpu_has(ISA_AVX512), kernel_lists("avx512f") && kernel_lists("avx512dq") &&
                                              kernel_lists("avx512bw") && kernel_lists("avx512vl"));
}

static int processors(void)
{
    cpu_set_t set;
    assert_int_equal(sched_getaffinity(0, sizeof set, &set), 0);
    return CPU_COUNT(&set);
}

/* In a child bound to one processor; returns what it found. */
static int allowed_on_one_processor(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) {
        return -1;
    }
    size_t first = 0;
    while (!CPU_ISSET(first, &set)) {
        first++;
    }
    CPU_ZERO(&set);
    CPU_SET(first, &set);
    return sched_setaffinity(0, sizeof set, &set) == 0 ? cpu_threads_allowed() : -1;
}

static void threads_follow_affinity(void **state)
{
    (void)state;
    struct fake_root root;
    fake_root_make(&root);
    assert_int_equal(cpu_threads_allowed_below(root.path), processors()); /* no cgroups there */
    assert_in_range(cpu_threads_allowed(), 1, processors());
    fake_root_remove(&root);
    pid_t child = child_start();
    if (child == 0)
        _exit(allowed_on_one_processor());
    assert_int_equal(child_end(child, 1), 1);
}

static int least_of(int a, int b)
{
    return a < b ? a : b;
}

static void threads_follow_quota_version_2(void **state)
{
    (void)state;
    struct fake_root root;
    fake_root_make(&root);
    fake_root_write(&root, "proc/self/cgroup", "0::/job/step\n");
    fake_root_write(&root, "sys/fs/cgroup/job/step/cpu.max", "max 100000\n");
    fake_root_write(&root, "sys/fs/cgroup/job/cpu.max", "100001 100000\n");
    assert_int_equal(cpu_threads_allowed_below(root.path), least_of(2, processors()));
    fake_root_write(&root, "sys/fs/cgroup/job/cpu.max", "100000 100000\n");
    assert_int_equal(cpu_threads_allowed_below(root.path), 1);
    fake_root_write(&root, "sys/fs/cgroup/job/cpu.max", "max 100000\n");
    assert_int_equal(cpu_threads_allowed_below(root.path), processors());
    fake_root_write(&root, "sys/fs/cgroup/job/step/cpu.max", "1000 100000\n");
    assert_int_equal(cpu_threads_allowed_below(root.path), 1);
    fake_root_write(&root, "sys/fs/cgroup/job/step/cpu.max", "max 100000\n");
    fake_root_write(&root, "sys/fs/cgroup/cpu.max", "5000 100000\n"); /* the root of a container */
    assert_int_equal(cpu_threads_allowed_below(root.path), 1);
    fake_root_write(&root, "proc/self/cgroup", "0::/\n");
    assert_int_equal(cpu_threads_allowed_below(root.path), 1);
    fake_root_remove(&root);
}

static void threads_follow_quota_version_1(void **state)
{
    (void)state;
    struct fake_root root;
    fake_root_make(&root);
    fake_root_write(&root, "proc/self/cgroup", "3:cpuset:/a\n2:cpuacct,cpu:/job\n0::/\n");
    fake_root_write(&root, "sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "-1\n");
    fake_root_write(&root, "sys/fs/cgroup/cpu/job/cpu.cfs_period_us", "100000\n");
    assert_int_equal(cpu_threads_allowed_below(root.path), processors());
    fake_root_write(&root, "sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "90000\n");
    assert_int_equal(cpu_threads_allowed_below(root.path), 1);
    fake_root_write(&root, "proc/self/cgroup", "3:cpuset:/job\n2:cpuacct:/job\n");
    assert_int_equal(cpu_threads_allowed_below(root.path), processors());
    fake_root_remove(&root);
}

static void write_siblings(const struct fake_root *root, int processor, const char *text)
{
    char name[128];
    snprintf(name, sizeof name, "sys/devices/system/cpu/cpu%d/topology/thread_siblings_list",
             processor);
    fake_root_write(root, name, text);
}

/* The processors of the mask, by their numbers: at most so many. */
static int numbers(int number[], int most)
{
    cpu_set_t set;
    int count = 0;
    assert_int_equal(sched_getaffinity(0, sizeof set, &set), 0);
    for (int i = 0; i < CPU_SETSIZE && count < most; i++)
        if (CPU_ISSET((size_t)i, &set))
            number[count++] = i;
    return count;
}

static void a_core_counts_once(void **state)
{
    (void)state;
    struct fake_root root;
    int number[2];
    if (numbers(number, 2) < 2)
        skip();
    fake_root_make(&root);
    assert_int_equal(cpu_cores_allowed_below(root.path), processors()); /* it says nothing */
    const char *const apart[] = {"%d\n", "%d,1000\n", "%d-%d\n"};
    for (int way = 0; way < 3; way++) {
        for (int i = 0; i < 2; i++) {
            char text[64];
            snprintf(text, sizeof text, apart[way], number[i], number[i]);
            write_siblings(&root, number[i], text);
        }
        assert_int_equal(cpu_cores_allowed_below(root.path), processors());
    }
    const char *const shared[] = {"%d-%d\n", "%d,%d\n"};
    for (int way = 0; way < 2; way++) {
        char text[64];
        snprintf(text, sizeof text, shared[way], number[0], number[1]);
        for (int i = 0; i < 2; i++)
            write_siblings(&root, number[i], text);
        assert_int_equal(cpu_cores_allowed_below(root.path), processors() - 1);
        assert_int_equal(cpu_threads_allowed_below(root.path), processors());
    }
    fake_root_remove(&root);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_go_both_ways),
        cmocka_unit_test(instruction_sets_agree_with_the_kernel),
        cmocka_unit_test(threads_follow_affinity),
        cmocka_unit_test(threads_follow_quota_version_2),
        cmocka_unit_test(threads_follow_quota_version_1),
        cmocka_unit_test(a_core_counts_once),
    };
    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
