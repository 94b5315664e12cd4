/* Threads that work together: each part once, on threads of their own, in a fork, within a task and
 * under limits, whatever they do while they wait. */
#define _GNU_SOURCE 1 /* sched_setaffinity */
#include "base/team.h"

#include "base/clock.h"
#include "helpers/child.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { MOST = 64 };

struct calls {
    atomic_int of[MOST];
    pthread_t thread[MOST];
    int parts;
};

static void call(void *context, int part, int parts)
{
    struct calls *calls = context;
    calls->of[part]++;
    calls->thread[part] = pthread_self();
    if (part == 0)
        calls->parts = parts;
}

static void expect_calls(int parts)
{
    struct calls calls = {.parts = 0};
    team_run(parts, call, &calls);
    assert_int_equal(calls.parts, parts);
    for (int i = 0; i < MOST; i++)
        assert_int_equal(calls.of[i], i < parts);
}

static void each_part_is_called_once(void **state)
{
    (void)state;
    for (int round = 0; round < 100; round++)
        for (int parts = 1; parts <= 7; parts++)
            expect_calls(parts);
    for (int parts = MOST; parts > 0; parts--)
        expect_calls(parts);
}

/* A part is given time to begin before the first one ends. */
static void call_slowly(void *context, int part, int parts)
{
    struct timespec time = {0, 20000000};
    call(context, part, parts);
    nanosleep(&time, NULL);
}

static int threads_of(int parts)
{
    struct calls calls = {.parts = 0};
    int threads = parts;
    team_run(parts, call_slowly, &calls);
    for (int i = 0; i < parts; i++)
        for (int k = 0; k < i; k++)
            if (pthread_equal(calls.thread[i], calls.thread[k])) {
                threads--;
                break;
            }
    assert_true(pthread_equal(calls.thread[0], pthread_self()));
    return threads;
}

static void parts_have_threads_of_their_own(void **state)
{
    (void)state;
    int most = 0; /* a busy machine may let one begin too late */
    for (int i = 0; i < 100 && most < 4; i++)
        most = threads_of(4) > most ? threads_of(4) : most;
    assert_int_equal(most, 4);
}

/* Nobody may change what the others have not seen: a task's results are there when it returns. */
static void add_one(void *context, int part, int parts)
{
    (void)parts;
    ((long *)context)[8 * part]++;
}

static void what_was_done_is_seen(void **state)
{
    (void)state;
    long sums[8 * 3] = {0};
    for (long i = 1; i <= 20000; i++) {
        team_run(3, add_one, sums);
        assert_true(sums[0] == i && sums[8] == i && sums[16] == i);
    }
}

static void call_within(void *context, int part, int parts)
{
    (void)context, (void)part, (void)parts;
    expect_calls(5);
}

static void a_task_within_a_task_is_done_by_its_thread(void **state)
{
    (void)state;
    team_run(3, call_within, NULL);
}

static void *call_in_thread(void *context)
{
    (void)context;
    for (int i = 0; i < 300; i++)
        expect_calls(1 + i % 3);
    return NULL;
}

static void threads_have_teams_of_their_own(void **state)
{
    (void)state;
    pthread_t thread[4];
    for (int round = 0; round < 5; round++) {
        for (int i = 0; i < 4; i++)
            assert_int_equal(pthread_create(&thread[i], NULL, call_in_thread, NULL), 0);
        for (int i = 0; i < 4; i++)
            pthread_join(thread[i], NULL);
    }
}

static void a_child_has_a_team_of_its_own(void **state)
{
    (void)state;
    expect_calls(3);
    pid_t child = child_start();
    if (child == 0) {
        expect_calls(3);
        _exit(0);
    }
    assert_int_equal(child_end(child, 1), 0);
    expect_calls(3);
}

static double seconds_of(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static const double nap = 0.3; /* s */

/* All but one of the parts wait for that one. */
static void take_a_nap(void *context, int part, int parts)
{
    struct timespec time = {0, (long)(nap * 1e9)};
    (void)parts;
    if (part == *(int *)context)
        nanosleep(&time, NULL);
}

/* In a child: processor time that two threads need to wait for one another. */
static int wait_with(const char *policy, int napping, double least, double most)
{
    if (policy)
        setenv("OMP_WAIT_POLICY", policy, 1);
    else
        unsetenv("OMP_WAIT_POLICY");
    team_run(2, take_a_nap, &(int){-1}); /* the threads are there */
    double start = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    team_run(2, take_a_nap, &napping);
    double spent = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - start;
    return spent >= least && spent <= most ? 0 : 1;
}

static void expect_wait(const char *policy, double least, double most)
{
    for (int napping = 0; napping < 2; napping++) {
        pid_t child = child_start();
        if (child == 0)
            _exit(wait_with(policy, napping, least, most));
        assert_int_equal(child_end(child, napping), 0);
    }
}

/* However busy the machine is, spinning takes some of the time, and sleeping none. */
static void threads_that_wait_sleep(void **state)
{
    (void)state;
    expect_wait(NULL, 0, 0.01 * nap);
    expect_wait("passive", 0, 0.01 * nap);
}

static void threads_spin_where_they_are_told_to(void **state)
{
    (void)state;
    pid_t child = child_start();
    if (child == 0)
        _exit(wait_with("ACTIVE", 1, 0.05 * nap, 10 * nap));
    assert_int_equal(child_end(child, 1), 0);
}

/* One of two parts waits for the whole nap: the mean is half of it. */
static void the_time_of_waiting_is_known(void **state)
{
    (void)state;
    for (int napping = 0; napping < 2; napping++) {
        double before = team_waited(), start = clock_seconds();
        team_run(2, take_a_nap, &napping);
        double waited = team_waited() - before;
        assert_true(waited >= 0.4 * nap && waited <= clock_seconds() - start);
    }
    double before = team_waited();
    team_run(1, take_a_nap, &(int){0});
    assert_true(team_waited() - before <= 0);
}

static void do_nothing(void *context, int part, int parts)
{
    (void)context, (void)part, (void)parts;
}

/* In a child with one processor: times that this thread gave it up for another's sake. */
static int waits_on_one_processor(int tasks)
{
    cpu_set_t set;
    struct rusage before, after;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 255;
    for (size_t i = CPU_SETSIZE; i-- > 0 && CPU_COUNT(&set) > 1;)
        CPU_CLR(i, &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0)
        return 255;
    team_run(2, do_nothing, NULL);
    getrusage(RUSAGE_THREAD, &before);
    for (int i = 0; i < tasks; i++)
        team_run(2, do_nothing, NULL);
    getrusage(RUSAGE_THREAD, &after);
    return (int)(after.ru_nvcsw - before.ru_nvcsw) < tasks / 4 ? 0 : 1;
}

/* The other thread cannot begin before this one sleeps: its part is done without it. */
static void nobody_waits_for_a_thread_that_has_not_begun(void **state)
{
    (void)state;
    pid_t child = child_start();
    if (child == 0)
        _exit(waits_on_one_processor(1000));
    assert_int_equal(child_end(child, 1), 0);
}

/* What cannot have a thread is done all the same, by the one there is. */
static void parts_without_threads_are_done(void **state)
{
    (void)state;
    pid_t child = child_start();
    if (child == 0) {
        const struct rlimit none = {1, 1};
        if (setrlimit(RLIMIT_NPROC, &none) != 0 || (geteuid() == 0 && setuid(65534) != 0))
            _exit(77);
        expect_calls(3);
        _exit(team_start(3) == 0 ? 1 : 0);
    }
    assert_int_equal(child_end(child, 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_part_is_called_once),
        cmocka_unit_test(parts_have_threads_of_their_own),
        cmocka_unit_test(what_was_done_is_seen),
        cmocka_unit_test(a_task_within_a_task_is_done_by_its_thread),
        cmocka_unit_test(threads_have_teams_of_their_own),
        cmocka_unit_test(a_child_has_a_team_of_its_own),
        cmocka_unit_test(threads_that_wait_sleep),
        cmocka_unit_test(threads_spin_where_they_are_told_to),
        cmocka_unit_test(the_time_of_waiting_is_known),
        cmocka_unit_test(nobody_waits_for_a_thread_that_has_not_begun),
        cmocka_unit_test(parts_without_threads_are_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
