/* Allocations of ours that fail: the linker puts the functions below in the place of malloc and its
 * kin, for our own code alone (HDF5 does not survive such failures). For one file of a program,
 * which the Makefile must know (`wrapped`). */
#ifndef MEGALIF_TESTS_FAILING_ALLOCATIONS_H
#define MEGALIF_TESTS_FAILING_ALLOCATIONS_H

#include "child.h"
#include "raster_helpers.h"

#include <megalif/megalif.h>

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

static bool is_failing;      /* between begin_failing and end_failing */
static bool stays_failing;   /* what comes after the n-th allocation fails, too */
static int calls_to_failure; /* the n-th allocation from now fails */
static bool has_failed;      /* it has */
static bool thread_failed;   /* a thread could not be started */

static inline bool fails_now(const char *name)
{
    if (!__atomic_load_n(&is_failing, __ATOMIC_SEQ_CST))
        return false;
    int left = __atomic_sub_fetch(&calls_to_failure, 1, __ATOMIC_SEQ_CST);
    if (left > 0 || (left < 0 && !stays_failing))
        return false;
    has_failed = true;
    thread_failed = thread_failed || strcmp(name, "pthread_create") == 0;
    errno = ENOMEM;
    return true;
}

/* name(parameters) called with arguments. The Makefile names the same functions. */
#define WRAP(type, failure, name, parameters, arguments)                                           \
    type __real_##name parameters;                                                                 \
    type __wrap_##name parameters;                                                                 \
    type __wrap_##name parameters                                                                  \
    {                                                                                              \
        return fails_now(#name) ? failure : __real_##name arguments;                               \
    }

WRAP(void *, NULL, malloc, (size_t size), (size))
WRAP(void *, NULL, calloc, (size_t count, size_t size), (count, size))
WRAP(void *, NULL, realloc, (void *old, size_t size), (old, size))
WRAP(void *, NULL, aligned_alloc, (size_t alignment, size_t size), (alignment, size))
WRAP(char *, NULL, strdup, (const char *text), (text))
WRAP(char *, NULL, strndup, (const char *text, size_t most), (text, most))
WRAP(FILE *, NULL, open_memstream, (char **text, size_t *size), (text, size))
WRAP(void *, NULL, libdeflate_alloc_compressor, (int level), (level))
WRAP(void *, NULL, EVP_MD_CTX_new, (void), ())
WRAP(void *, MAP_FAILED, mmap,
     (void *where, size_t size, int protection, int flags, int descriptor, off_t offset),
     (where, size, protection, flags, descriptor, offset))
WRAP(int, EAGAIN, pthread_create,
     (pthread_t * thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument),
     (thread, attributes, start, argument))

/* No power is cut here: nobody waits for the disk. */
int __wrap_fsync(int descriptor);
int __wrap_fsync(int descriptor)
{
    (void)descriptor;
    return 0;
}

static bool without_links; /* as on file systems that have none */

int __real_link(const char *path, const char *to);
int __wrap_link(const char *path, const char *to);
int __wrap_link(const char *path, const char *to)
{
    if (!without_links)
        return __real_link(path, to);
    errno = EPERM;
    return -1;
}

/* The n-th allocation from now fails; `stays`: and all that follow. */
static inline void begin_failing(int n, bool stays)
{
    has_failed = thread_failed = false;
    stays_failing = stays;
    calls_to_failure = n;
    __atomic_store_n(&is_failing, true, __ATOMIC_SEQ_CST);
}

/* Has it failed? From here on all succeed. */
static inline bool end_failing(void)
{
    __atomic_store_n(&is_failing, false, __ATOMIC_SEQ_CST);
    return has_failed;
}

/* What an error must say when an allocation or the start of a thread has failed. */
static inline bool tells_of_memory(enum mlif_status status, const struct mlif_messages *errors)
{
    CHECK(errors->count > 0);
    const char *said = errors->line[errors->count - 1];
    /* The writer thread that cannot be started is an error of the output. */
    CHECK(status == MLIF_MEMORY || (status == MLIF_OUTPUT && thread_failed));
    CHECK(strstr(said, "memory") || strstr(said, "Resource temporarily unavailable"));
    return true;
}

/* How a child ends; any other exit code is that of a sanitizer. */
enum { CHILD_WAS_GOOD = 0, CHILD_WAS_WRONG = 1, CHILD_NEVER_FAILED = 77 };

static inline int child_ends(bool good, bool failed)
{
    return !good ? CHILD_WAS_WRONG : failed ? CHILD_WAS_GOOD : CHILD_NEVER_FAILED;
}

/* Has something done in a process of its own, where its n-th allocation fails. */
typedef int child_body(const struct place *place, int n);

/* The child's exit code; a signal fails the test. */
static inline int in_child(child_body *body, const struct place *place, int n)
{
    pid_t child = child_start();
    if (child == 0)
        exit(body(place, n));
    return child_end(child, n);
}

/* For n = 1, 1 + step, ... until there is no n-th allocation: more than `least`. */
static inline void allocations_fail(child_body *body, const struct place *place, int step,
                                    int least)
{
    int n = 1 - step, code = CHILD_WAS_GOOD;
    while (code == CHILD_WAS_GOOD)
        code = in_child(body, place, n += step);
    if (code != CHILD_NEVER_FAILED)
        fail_msg("allocation %d: not clean (exit code %d)", n, code);
    print_message("%s%d allocations\n", step == 1 ? "" : "up to ", n - 1);
    assert_true(n > least);
}

#endif
